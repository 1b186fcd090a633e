"""The client: what was raised becomes a report in the queue. Nothing here ever raises into the application."""
from __future__ import annotations

import functools
import logging
import sys
import threading
import time
import warnings
from types import FrameType, TracebackType
from typing import Any, Callable, Dict, Hashable, Optional, Tuple, TypeVar, cast

from ._arguments import MOST_MESSAGE, cut
from ._config import Options, Target, completed
from ._report import PendingReport, ReportBuilder, burst_key
from ._sampler import COUNT, HOLD, Burst, Sampler
from ._scrub import name_checker
from ._seen import forget, is_first_report_of
from ._sender import Sender
from ._signals import is_raised_by_signal
from ._static import class_name, is_a, traceback_of

_log = logging.getLogger("flawless")
_Function = TypeVar("_Function", bound=Callable[..., Any])
_working = threading.local()  # .on while this thread is inside the client
_complained: Dict[str, bool] = {}


def _complain(name: str) -> None:
    if name in _complained:
        return
    try:
        _log.warning("a failure of the Flawless client in %s; the application is not affected", name, exc_info=True)
        _complained[name] = True
    except Exception:  # no stack or memory left to log
        pass


def guarded(function: _Function) -> _Function:
    """A fault of the client is logged, once for each function, and the function returns None."""
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except (Exception, SystemExit) as error:
            if not _is_passing_through(error):
                _complain(function.__qualname__)
                return None
            raise
    return cast(_Function, wrapper)


def _is_passing_through(error: BaseException) -> bool:
    try:
        return is_raised_by_signal(error)
    except Exception:
        return False


def not_from_within(function: _Function) -> _Function:
    """The client is not entered from within itself: by a __repr__ that logs an error, say."""
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if getattr(_working, "on", False):
            return None
        _working.on = True
        try:
            return function(*args, **kwargs)
        finally:
            _working.on = False
    return cast(_Function, wrapper)


class Client:
    """One target, one queue. Any thread."""

    def __init__(self, target: Target, options: Options) -> None:
        self.options = completed(options)
        self._builder = ReportBuilder(self.options, name_checker(options.scrub_names))
        self._sampler = Sampler(options.repeat_limit, options.repeat_window)
        self._sender = Sender(target, self.options, self._sampler, self._builder.finish)

    @guarded
    @not_from_within
    def capture(self, error: BaseException, mechanism: str, handled: bool, caller: FrameType,
                traceback: Optional[TracebackType] = None, once: bool = True, **more: Any) -> Optional[str]:
        """The id of the report; None if it was reported before, is ignored or only counted."""
        if self.options.ignore and is_a(error, tuple(self.options.ignore)):
            return None
        traceback = traceback or traceback_of(error)
        return self._report(lambda: burst_key(error, traceback, caller), lambda: self._builder.take_exception(
            error, traceback, caller, mechanism, handled, **more), caller, error if once else None)

    @guarded
    @not_from_within
    def capture_message(self, message: Any, caller: FrameType, attach_stack: bool, **more: Any) -> Optional[str]:
        """message: what is no text is asked for its str."""
        message = "None" if message is None else message
        about = more.get("message_template") or (message if type(message) is str else class_name(type(message)))
        key = (cut(about, MOST_MESSAGE), caller.f_code.co_filename, caller.f_lineno)
        return self._report(lambda: key, lambda: self._builder.take_message(
            message, caller if attach_stack else None, **{"level": "info", **more}), caller)

    def _report(self, key: Callable[[], Hashable], take: Callable[[], PendingReport], caller: FrameType,
                once: Optional[BaseException] = None) -> Optional[str]:
        """None if it is only counted, or there is no room. once: what is not to be reported again.

        A signal's handler may raise anywhere in here, and the stack may end: a wrapper further out may have more luck
        then, as if nothing had been admitted."""
        if once is not None and not is_first_report_of(once, caller):
            return None
        admitted: Optional[Tuple[str, Burst]] = None
        report: Optional[PendingReport] = None
        interruption: Optional[BaseException] = None
        try:
            admitted = verdict, burst = self._sampler.admit(key())
            if verdict == COUNT:
                return None
            report = take()
            interruption, report.interruption = report.interruption, None
            is_queued = self._hand_over(verdict, burst, report)
        except BaseException:
            if report is None or not report.is_handed_over:
                if admitted is not None and admitted[0] != COUNT:
                    self._sampler.withdraw(*admitted)
                if once is not None:
                    forget(once)
            if interruption is not None:
                raise interruption
            raise
        if interruption is not None:
            raise interruption
        return report.id if is_queued else None

    def _hand_over(self, verdict: str, burst: Burst, report: PendingReport) -> bool:
        if verdict != HOLD:
            return self._sender.put(report)
        try:
            self._sampler.hold(burst, report)
        finally:
            report.is_handed_over = burst.held is report or not burst.is_claimed
        self._sender.held()
        return True

    def flush(self, timeout: float) -> bool:
        end = time.monotonic() + timeout
        is_sent = self._sender.flush(timeout)
        if is_sent and self._sender.dropped > 0:  # no other report is there to tell
            self._sender.put(self._builder.take_message("Reports were lost: the queue was full", None,
                                                        level="warning"))
            is_sent = self._sender.flush(end - time.monotonic())
        return is_sent

    def close(self, timeout: float) -> None:
        self._sender.close(timeout)


# --- the one client of the process ------------------------------------------------------------------------------------
_client: Optional[Client] = None
_has_warned = False


def set_client(client: Optional[Client]) -> None:
    global _client
    before, _client = _client, client
    if before is not None:
        before.close(before.options.shutdown_timeout)


def active() -> Optional[Client]:
    return _client


def capture(error: Optional[BaseException], mechanism: str, handled: bool = False, **more: Any) -> Optional[str]:
    """Reports an exception with the client of init(); warns if there is none."""
    client = _client
    if error is None or client is None:
        if client is None:
            warn_not_started()
        return None
    return client.capture(error, mechanism, handled, sys._getframe(1), **more)


@guarded
def warn_not_started() -> None:
    """Once in a process."""
    global _has_warned
    if _has_warned:
        return
    _has_warned = True
    try:
        warnings.warn("flawless.init() was not called or knows no token: nothing is reported", RuntimeWarning,
                      stacklevel=4)
    except Warning:  # made an error by the application's filters
        _log.warning("flawless.init() was not called or knows no token: nothing is reported")


@guarded
def flush_at_exit() -> None:
    client = _client
    if client is not None:
        client.flush(client.options.shutdown_timeout)
