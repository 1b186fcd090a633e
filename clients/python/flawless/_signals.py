"""What the application's signal handlers raise: the end of the process, or of the time for a task."""
from __future__ import annotations

import inspect
import signal
from types import FrameType, TracebackType
from typing import Optional

from ._static import traceback_of


def is_raised_by_signal(error: BaseException) -> bool:
    """Whether it came out of a signal handler: a function that was called with the frame that it interrupted."""
    entry: Optional[TracebackType] = traceback_of(error)
    while entry is not None and entry.tb_next is not None:
        interrupted, entry = entry.tb_frame, entry.tb_next
        if _is_handler(entry.tb_frame, interrupted):
            return True
    return False


def _is_handler(frame: FrameType, interrupted: FrameType) -> bool:
    code = frame.f_code
    values = [frame.f_locals.get(name) for name in code.co_varnames[:code.co_argcount]]
    if code.co_flags & inspect.CO_VARARGS:
        rest = frame.f_locals.get(code.co_varnames[code.co_argcount + code.co_kwonlyargcount])
        if type(rest) is tuple:  # the application may have put anything in its place
            values += rest
    return any(value is interrupted and type(number) is int and 0 < number < signal.NSIG
               for number, value in zip(values, values[1:]))
