"""Which revision is running: from the environment, a build file or .git, without running git."""
from __future__ import annotations

import os
import re
import sys
from typing import List, Mapping, Optional, Tuple

_VARIABLES = ("FLAWLESS_RELEASE", "GIT_COMMIT", "GIT_SHA", "GIT_REVISION", "HEROKU_SLUG_COMMIT",
              "HEROKU_BUILD_COMMIT", "SOURCE_VERSION", "SOURCE_COMMIT", "COMMIT_SHA", "CI_COMMIT_SHA", "GITHUB_SHA",
              "CIRCLE_SHA1", "BITBUCKET_COMMIT", "RENDER_GIT_COMMIT", "RAILWAY_GIT_COMMIT_SHA", "VERCEL_GIT_COMMIT_SHA",
              "CODEBUILD_RESOLVED_SOURCE_VERSION")
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_BUILD_FILE = "REVISION"


def find_release(starts: Optional[List[str]] = None,
                 environ: Optional[Mapping[str, str]] = None) -> Tuple[str, str]:
    """The release, and the directory it is the release of; empty where unknown. The environment wins for the release.

    Looks for .git and REVISION in `starts` (by default the main script's directory and the current one) and above.
    """
    environ = os.environ if environ is None else environ
    named = next((environ[name].strip() for name in _VARIABLES if environ.get(name, "").strip()), "")
    for start in starts if starts is not None else default_starts():
        release, root = _search_upwards(start)
        if root:
            return named or release, root
    return named, ""


def default_starts() -> List[str]:
    starts = []
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    if main:
        starts.append(os.path.dirname(os.path.abspath(main)))
    try:
        starts.append(os.getcwd())
    except OSError:  # it was deleted
        pass
    return starts


def _search_upwards(directory: str) -> Tuple[str, str]:
    directory = os.path.abspath(directory)
    while True:
        revision = _read(os.path.join(directory, _BUILD_FILE)).strip()
        if revision and len(revision) <= 200 and "\n" not in revision:
            return revision, directory
        if os.path.exists(os.path.join(directory, ".git")):
            return _git_head(os.path.join(directory, ".git")), directory
        above = os.path.dirname(directory)
        if above == directory:
            return "", ""
        directory = above


def _read(path: str, most: int = 4096) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(most)
    except OSError:
        return ""


def _git_head(git: str) -> str:
    if os.path.isfile(git):  # of a worktree or submodule
        pointer = _read(git).strip()
        if not pointer.startswith("gitdir:"):
            return ""
        git = os.path.join(os.path.dirname(git), pointer[len("gitdir:"):].strip())
    common = _read(os.path.join(git, "commondir")).strip()
    common = os.path.join(git, common) if common else git
    name = "HEAD"
    for _ in range(5):  # a reference may name another
        content = _read(os.path.join(git, name)) or _read(os.path.join(common, name))
        content = content.strip()
        if not content:
            return _packed(common, name)
        if not content.startswith("ref:"):
            return content if _SHA.match(content) else ""
        name = content[len("ref:"):].strip()
    return ""


def _packed(common: str, name: str) -> str:
    for line in _read(os.path.join(common, "packed-refs"), 16 << 20).splitlines():
        sha, _, ref = line.partition(" ")
        if ref == name and _SHA.match(sha):
            return sha
    return ""
