"""The settings of a client."""
from __future__ import annotations

import dataclasses
import os
import socket
import urllib.parse
from typing import Any, Callable, Dict, Optional, Sequence, Tuple

from ._budget import Limits
from ._frames import FrameLimits
from ._release import default_starts, find_release

Report = Dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Options:
    """What init() takes by keyword; see docs/python-client.md for each."""
    environment: str = ""
    release: str = ""
    server_root: str = ""
    host: str = ""
    in_app_include: Sequence[str] = ()
    in_app_exclude: Sequence[str] = ()
    scrub_names: Sequence[str] = ()
    send_variables: bool = True
    send_request_body: bool = True
    send_person: bool = True
    install_hooks: bool = True
    ignore: Sequence[type] = ()
    tags: Optional[Dict[str, str]] = None
    before_send: Optional[Callable[[Report], Optional[Report]]] = None
    ca_file: str = ""
    timeout: float = 5.0  # seconds, of one request
    shutdown_timeout: float = 2.0  # seconds
    queue_reports: int = 200
    queue_bytes: int = 16 << 20
    repeat_limit: int = 50
    repeat_window: float = 10.0  # seconds
    report_bytes: int = 200_000  # of values, before compression
    report_seconds: float = 0.02
    value_limits: Limits = Limits()
    frame_limits: FrameLimits = FrameLimits()


@dataclasses.dataclass(frozen=True)
class Target:
    url: str  # https://host:port/prefix, without a slash at the end
    token: str


def find_target(dsn_or_token: Optional[str], url: Optional[str]) -> Optional[Target]:
    """Where reports go, from the arguments, else the environment. None if no token is known. ValueError on nonsense."""
    named = dsn_or_token or os.environ.get("FLAWLESS_DSN") or os.environ.get("FLAWLESS_TOKEN")
    if not named:
        return None
    token = named.strip()
    if "://" in token:
        token, from_dsn = _split_dsn(token)
        url = url or from_dsn
    url = (url or os.environ.get("FLAWLESS_URL") or "http://127.0.0.1:8080").rstrip("/")
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise ValueError(f"the server's url must start with http:// or https://, not {url!r}")
    if not token or any(not 33 <= ord(c) < 127 for c in token):
        raise ValueError("the token is empty or holds characters that no token has")
    return Target(url, token)


def _split_dsn(dsn: str) -> Tuple[str, str]:
    """http://TOKEN@host:port/prefix/PROJECT → the token and http://host:port/prefix."""
    parts = urllib.parse.urlsplit(dsn)
    if not parts.username or not parts.hostname:
        raise ValueError("a DSN looks like https://TOKEN@host/PROJECT")
    host = parts.netloc.rpartition("@")[2]
    prefix = parts.path.rstrip("/").rpartition("/")[0]
    return parts.username, f"{parts.scheme}://{host}{prefix}"


def completed(options: Options) -> Options:
    """With everything that finds itself."""
    release, root = find_release([options.server_root] if options.server_root else None)
    return dataclasses.replace(
        options, release=options.release or release,
        server_root=os.path.abspath(options.server_root or root or next(iter(default_starts()), os.sep)),
        environment=options.environment or os.environ.get("FLAWLESS_ENVIRONMENT") or "production",
        host=options.host or socket.gethostname())
