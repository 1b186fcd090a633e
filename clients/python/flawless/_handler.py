"""A handler for the logging module."""
from __future__ import annotations

import logging
import sys
import threading
import weakref
from types import FrameType
from typing import Any, Dict, Optional

from ._client import active, guarded
from ._signals import is_raised_by_signal
from ._static import class_name, is_a

_last_record = threading.local()
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class FlawlessHandler(logging.Handler):
    """Reports log records: one with exc_info as that exception, another as a message.

    What `extra=` added becomes custom data. attach_stack: a message without exception brings the calls that led to it.
    """

    def __init__(self, level: int = logging.ERROR, attach_stack: bool = False) -> None:
        super().__init__(level)
        self._attach_stack = attach_stack

    @guarded
    def emit(self, record: logging.LogRecord) -> None:
        client = active()
        if client is None or str(record.name).split(".")[0] == "flawless" or _is_known(record):
            return
        try:
            _emit(client, record, self._attach_stack)
        finally:  # a __repr__ may have logged meanwhile
            _last_record.reference = weakref.ref(record)


def _emit(client: Any, record: logging.LogRecord, attach_stack: bool) -> None:
    about = _about(record)
    message = about.pop("message")
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    if is_a(error, BaseException) and not is_a(error, (KeyboardInterrupt, GeneratorExit)):
        traceback = record.exc_info[2] if record.exc_info else None
        client.capture(error, "logging", True, sys._getframe(1), traceback=traceback, message=message, **about)
    else:
        client.capture_message(message, _call_of(record), attach_stack, **about)


def _is_known(record: logging.LogRecord) -> bool:
    """Loggers hand a record on to those above them, which may have such a handler too."""
    last = getattr(_last_record, "reference", None)
    if last is not None and last() is record:
        return True
    _last_record.reference = weakref.ref(record)
    return False


def _about(record: logging.LogRecord) -> Dict[str, Any]:
    custom = {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
    custom["logged_at"] = f"{record.pathname}:{record.lineno} in {record.funcName}"
    template = record.msg if isinstance(record.msg, str) and record.args else None
    return {"message": _message(record), "message_template": template, "level_asked": _level(record.levelno),
            "logger": record.name, "custom": custom}


def _message(record: logging.LogRecord) -> str:
    failure = ""
    for text in (record.getMessage, lambda: f"{record.msg!s} {record.args!r}"):
        try:
            return text()
        except (Exception, SystemExit) as error:  # the arguments do not fit: still an error to be told
            if is_raised_by_signal(error):
                raise
            failure = f"<its str failed with {class_name(type(error))}>"
    return f"{record.msg} {failure}" if type(record.msg) is str else failure


def _call_of(record: logging.LogRecord) -> FrameType:
    """The frame that logged; the innermost one outside of the client and logging if it is not found."""
    frame: Optional[FrameType] = sys._getframe(1)
    here = frame
    while frame is not None:
        if frame.f_code.co_filename == record.pathname and frame.f_code.co_name == record.funcName:
            return frame
        frame = frame.f_back
    assert here is not None
    return here


def _level(number: int) -> str:
    for least, name in ((logging.CRITICAL, "critical"), (logging.ERROR, "error"), (logging.WARNING, "warning"),
                        (logging.INFO, "info")):
        if number >= least:
            return name
    return "debug"
