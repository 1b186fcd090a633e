"""One exception that crosses several wrappers is reported once."""
from __future__ import annotations

from types import FrameType, TracebackType
from typing import Any, List, Optional, Tuple

from ._static import stored_attributes, traceback_of

_MARK = "__flawless_reported__"
_MOST_CALLS = 50

# The innermost entry of the traceback, how many there are, and which calls led from where it was caught to the report.
Place = Tuple[int, int, int]
_NOT_RAISED: Place = (0, 0, 0)


def _place_of(error: BaseException, caller: Optional[FrameType]) -> Place:
    traceback: Optional[TracebackType] = traceback_of(error)
    if traceback is None:
        return _NOT_RAISED
    calls, length = _calls_from(traceback.tb_frame, caller), 1
    while traceback.tb_next is not None:
        traceback, length = traceback.tb_next, length + 1
    return id(traceback), length, calls


def _calls_from(catching: FrameType, caller: Optional[FrameType]) -> int:
    """0 if the exception is not being handled by a caller."""
    calls: List[Tuple[int, int]] = []
    frame = caller
    while frame is not None and len(calls) < _MOST_CALLS:
        calls.append((id(frame.f_code), frame.f_lasti))
        if frame is catching:
            return hash(tuple(calls)) or 1
        frame = frame.f_back
    return 0


def _is_same(known: Any, place: Place) -> bool:
    """Whether it was raised once. A traceback that is gone may leave its address to the next one: an exception that is
    caught and reported at the very same place again was raised anew."""
    return type(known) is tuple and known[0] == place[0] and (known != place or place[2] == 0)


def is_first_report_of(error: BaseException, caller: Optional[FrameType]) -> bool:
    """True once for each raised exception; remembered on the exception itself. caller: that reports it.

    An exception object that is raised anew with a fresh traceback counts as a new one.
    """
    stored, place = stored_attributes(error), _place_of(error, caller)
    if _is_same(dict.get(stored, _MARK), place):
        return False
    dict.__setitem__(stored, _MARK, place)
    return True


def forget(error: BaseException) -> None:
    """It was not reported after all."""
    dict.pop(stored_attributes(error), _MARK, None)
