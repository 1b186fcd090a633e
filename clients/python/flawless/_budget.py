"""What describing values may cost: limits of each value, bytes and time of a whole report."""
from __future__ import annotations

import time
from typing import Any, Callable, Dict, NamedTuple, Optional

from ._signals import is_raised_by_signal
from ._static import class_name, is_a
from ._watchdog import TookTooLong, Watch

_SLOW_SECONDS = 0.01
_SLOW_TWICE = 2


class Limits(NamedTuple):
    depth: int = 4
    entries: int = 25
    text: int = 300  # characters


_slow: Dict[str, int] = {}  # what of the application took long, and how often; of all reports


def is_slow(name: str) -> bool:
    return _slow.get(name, 0) >= _SLOW_TWICE


def count_slow(name: str) -> None:
    if name and len(_slow) < 256:
        _slow[name] = _slow.get(name, 0) + 1


class Budget:
    """What a whole report may cost. Within a `with` statement the application's code is interrupted when that is spent.
    """

    def __init__(self, total_bytes: int, seconds: float) -> None:
        self.bytes_left = total_bytes
        self.deadline = time.perf_counter() + seconds
        self._watch = Watch(self.deadline, count_slow)
        self._is_unwatched = False
        self.interruption: Optional[BaseException] = None  # of a signal handler, to be raised when all is done

    def __enter__(self) -> "Budget":
        self._is_unwatched = True  # until there is something to watch: waking the watchdog costs as much as 50 values
        return self

    def __exit__(self, *_: Any) -> None:
        self._watch.disarm()

    def call(self, name: str, function: Callable[[Any], Any], argument: Any) -> Any:
        """function(argument), which runs code of the application; TookTooLong if it was interrupted.

        name: what is_slow() then knows it by; none where it is to be called nevertheless.
        """
        if self._is_unwatched:
            self._is_unwatched = False
            self._watch.arm()
        begin = time.perf_counter()
        result = self._watch.call(name, function, argument)
        if time.perf_counter() - begin > _SLOW_SECONDS:
            count_slow(name)
        return result

    def reason(self, error: BaseException) -> str:
        """What to say of code of the application that did not return. It may raise whatever it likes.

        What a signal handler raised meanwhile is no concern of ours: it is kept, and nothing more is called.
        """
        if is_a(error, KeyboardInterrupt):
            raise error
        if is_a(error, TookTooLong):
            return "took too long"
        if self.interruption is None and is_raised_by_signal(error):
            self.interruption, self.bytes_left = error, 0
        return f"failed with {class_name(type(error))}"

    def is_spent(self) -> bool:
        return self.bytes_left <= 0 or time.perf_counter() > self.deadline
