"""Uncaught exceptions of the process, its threads and its event loops."""
from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional

from ._client import capture
from ._middleware import is_error
from ._static import is_a

if TYPE_CHECKING:
    import asyncio

_previous_main: Optional[Callable[..., Any]] = None
_previous_thread: Optional[Callable[..., Any]] = None
_NO_ERRORS = (KeyboardInterrupt, SystemExit, GeneratorExit)


def install() -> None:
    """Idempotent. What was installed before is called as ever."""
    global _previous_main, _previous_thread
    if sys.excepthook is not _main_hook:
        _previous_main, sys.excepthook = sys.excepthook, _main_hook
    if threading.excepthook is not _thread_hook:
        _previous_thread, threading.excepthook = threading.excepthook, _thread_hook


def uninstall() -> None:
    """Only where nobody else has hooked in since."""
    if sys.excepthook is _main_hook:
        sys.excepthook = _previous_main or sys.__excepthook__
    if threading.excepthook is _thread_hook and _previous_thread is not None:
        threading.excepthook = _previous_thread


def _main_hook(kind: Any, error: Any, traceback: Any) -> None:
    if not issubclass(kind, _NO_ERRORS):
        capture(error, "excepthook", traceback=traceback)
    (_previous_main or sys.__excepthook__)(kind, error, traceback)


def _thread_hook(args: Any) -> None:
    if not issubclass(args.exc_type, _NO_ERRORS):
        name = args.thread.name if args.thread is not None else ""
        capture(args.exc_value, "threading", traceback=args.exc_traceback, tags={"thread": name} if name else None)
    if _previous_thread is not None:
        _previous_thread(args)


def install_asyncio_handler(loop: Optional[asyncio.AbstractEventLoop] = None) -> None:
    """Reports exceptions that an event loop finds nobody waiting for; by default of the running loop."""
    if loop is None:
        import asyncio
        loop = asyncio.get_running_loop()
    previous = loop.get_exception_handler()
    if getattr(previous, "_is_flawless", False):
        return

    def handler(loop: asyncio.AbstractEventLoop, context: Dict[str, Any]) -> None:
        error = context.get("exception")
        if is_a(error, BaseException) and is_error(error):
            capture(error, "asyncio", custom={"asyncio": context.get("message", "")})
        if previous is not None:
            previous(loop, context)
        else:
            loop.default_exception_handler(context)
    handler._is_flawless = True  # type: ignore[attr-defined]
    loop.set_exception_handler(handler)
