"""Reports exceptions to a Flawless server: each frame with its arguments, locals and the attributes of self.

    import flawless
    flawless.init("https://TOKEN@errors.example.com/1", environment="production")

Uncaught exceptions of the process, of its threads and of WSGI applications are then reported by themselves, and
flawless.record_error() reports a caught one. The application is not broken and does not wait for the server.
"""
from __future__ import annotations

import atexit
import sys
from types import TracebackType
from typing import Any, Dict, Optional, Sequence, Tuple, Type, Union

from . import _client, _hooks, _scope
from ._budget import Limits
from ._client import Client
from ._config import Options, find_target
from ._decorators import wrap_class, wrap_function
from ._frames import FrameLimits
from ._handler import FlawlessHandler
from ._hooks import install_asyncio_handler
from ._middleware import FlawlessMiddleware
from ._static import is_a
from ._version import VERSION as __version__

__all__ = ["FlawlessHandler", "FlawlessMiddleware", "FrameLimits", "Limits", "flush", "init",
           "install_asyncio_handler", "record_error", "record_message", "set_context", "set_person", "set_tag",
           "shutdown", "wrap_class", "wrap_function", "__version__"]

ExcInfo = Union[BaseException, bool,
                Tuple[Optional[Type[BaseException]], Optional[BaseException], Optional[TracebackType]], None]
_is_registered = False


def init(dsn_or_token: Optional[str] = None, url: Optional[str] = None, **options: Any) -> bool:
    """Starts reporting; a second call replaces the settings of the first.

    dsn_or_token: the project's DSN, or one of its post_… tokens; else $FLAWLESS_DSN or $FLAWLESS_TOKEN. Without any,
    warns once and does nothing. url: of the server, for a token; else $FLAWLESS_URL. options: see
    docs/python-client.md; TypeError for an unknown one, ValueError for a malformed DSN or url.
    True if reports will be sent.
    """
    global _is_registered
    target, settings = find_target(dsn_or_token, url), Options(**options)
    if target is None:
        _client.set_client(None)
        _client.warn_not_started()
        return False
    _client.set_client(Client(target, settings))
    if not _is_registered:
        _is_registered = True
        atexit.register(_client.flush_at_exit)
    if settings.install_hooks:
        _hooks.install()
    return True


@_client.guarded
def record_error(exc_info: ExcInfo = None, *, level: Optional[str] = None, message: Optional[str] = None,
                 custom: Optional[Dict[str, Any]] = None, additional_info: Optional[str] = None,
                 tags: Optional[Dict[str, str]] = None, person: Optional[Dict[str, Any]] = None,
                 request: Optional[Dict[str, Any]] = None, fingerprint: Optional[Sequence[str]] = None,
                 error_threshold: Optional[int] = None) -> Optional[str]:
    """Reports an exception: the given one, or the one being handled.

    The id of the report; None if the exception was reported before or nothing is sent. Never raises.
    """
    error, traceback = _unpacked(exc_info)
    return _client.capture(
        error, "record_error", True, traceback=traceback, level_asked=level, message=message,
        custom=custom, additional_info=additional_info, tags=tags, person=person, request=request,
        fingerprint=fingerprint, error_threshold=error_threshold)


def _unpacked(exc_info: ExcInfo) -> Tuple[Optional[BaseException], Optional[TracebackType]]:
    if is_a(exc_info, BaseException):
        return exc_info, None  # type: ignore[return-value]
    if type(exc_info) is not tuple or len(exc_info) != 3:
        exc_info = sys.exc_info()
    return exc_info[1], exc_info[2]


@_client.guarded
def record_message(message: object, level: str = "info", *, custom: Optional[Dict[str, Any]] = None,
                   tags: Optional[Dict[str, str]] = None, attach_stack: bool = False) -> Optional[str]:
    """Reports a text. The id of the report; None if nothing is sent. Never raises."""
    client = _client.active()
    if client is None:
        return None
    return client.capture_message(message, sys._getframe(1), attach_stack, level_asked=level, custom=custom,
                                  tags=tags)


@_client.guarded
def set_person(id: Union[str, int, None] = None, username: Optional[str] = None, email: Optional[str] = None,
               **more: Any) -> None:
    """Who is affected by what fails from here on in this request, thread or task."""
    _scope.ensure().person = {"id": id, "username": username, "email": email, **more}


@_client.guarded
def set_tag(name: str, value: str) -> None:
    """A tag on what is reported from here on in this request, thread or task."""
    _scope.ensure().tags[name] = str(value)


@_client.guarded
def set_context(context: str) -> None:
    """What this request, thread or task is doing: "shop.views.home"."""
    _scope.ensure().context = str(context)


def flush(timeout: float = 2.0) -> bool:
    """Waits until everything queued is sent, at most `timeout` seconds. True if it is."""
    client = _client.active()
    return client.flush(timeout) if client is not None else True


def shutdown() -> None:
    """Sends what is queued, within the shutdown_timeout, and stops reporting; puts the hooks back."""
    _hooks.uninstall()
    _client.set_client(None)
