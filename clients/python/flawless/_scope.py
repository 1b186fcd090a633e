"""What is known about the work at hand: its request, its person, tags. Each thread and task sees its own."""
from __future__ import annotations

import contextlib
import contextvars
from typing import Any, Callable, Dict, Iterator, Optional

# Called when something is reported, in the failing thread.
RequestSource = Callable[[], Dict[str, Any]]


class Scope:
    __slots__ = ("request", "person", "tags", "context", "framework")

    def __init__(self, request: Optional[RequestSource] = None, framework: str = "") -> None:
        self.request = request
        self.framework = framework
        self.context = ""
        self.person: Optional[Dict[str, Any]] = None
        self.tags: Dict[str, str] = {}


_current: "contextvars.ContextVar[Optional[Scope]]" = contextvars.ContextVar("flawless_scope", default=None)


def current() -> Optional[Scope]:
    return _current.get()


def enter(scope: Optional[Scope]) -> Optional[Scope]:
    """Makes `scope` the current one; returns the one before, to be entered again."""
    before = _current.get()
    _current.set(scope)
    return before


def ensure() -> Scope:
    scope = _current.get()
    if scope is None:
        scope = Scope()
        _current.set(scope)
    return scope


@contextlib.contextmanager
def entered(scope: Scope) -> Iterator[Scope]:
    before = enter(scope)
    try:
        yield scope
    finally:
        enter(before)
