"""A burst of one error: the first occurrences are sent, the rest is counted, exactly."""
from __future__ import annotations

import collections
import threading
import time
from typing import Any, Callable, Hashable, List, Optional, Tuple

SEND, HOLD, COUNT = "send", "hold", "count"
_MOST_KEYS = 500


class Burst:
    """held: what stands for all that is counted; somebody is making it while is_claimed."""
    __slots__ = ("begin", "sent", "held", "count", "is_claimed", "is_over")

    def __init__(self, begin: float) -> None:
        self.begin, self.sent, self.count, self.is_claimed, self.is_over = begin, 0, 0, False, False
        self.held: Optional[Any] = None


class Sampler:
    """Per key and window, `limit` occurrences are sent. The next one is held, and stands for all that follow until the
    window ends: it leaves with their number. Any thread."""

    def __init__(self, limit: int, window_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._window, self._clock = limit, window_seconds, clock
        self.reset()

    def reset(self) -> None:
        """Forgets everything; nothing may be using it (a forked child)."""
        self._bursts: "collections.OrderedDict[Hashable, Burst]" = collections.OrderedDict()
        self._ready: List[Tuple[Any, int]] = []
        self._lost = 0
        self._lock = threading.RLock()

    def admit(self, key: Hashable) -> Tuple[str, Burst]:
        """SEND it; HOLD: build it and give it to hold() with the burst; COUNT: counted, nothing else is to do.

        What cannot be built is taken back with withdraw().
        """
        now = self._clock()
        with self._lock:
            burst = self._bursts.get(key)
            if burst is None or now - burst.begin >= self._window:
                if burst is not None:
                    self._end(burst)
                burst = self._bursts[key] = Burst(now)
                if len(self._bursts) > _MOST_KEYS:
                    self._end(self._bursts.popitem(last=False)[1])
            self._bursts.move_to_end(key)
            if burst.sent < self._limit:
                burst.sent += 1
                return SEND, burst
            burst.count += 1
            if burst.is_claimed:
                return COUNT, burst
            burst.is_claimed = True
            return HOLD, burst

    def withdraw(self, verdict: str, burst: Burst) -> None:
        """As if this occurrence had not been admitted; another one will be held for those that were counted."""
        with self._lock:
            if verdict == SEND:
                burst.sent -= 1
                return
            burst.count -= 1
            burst.is_claimed = False
            if burst.is_over:
                self._release(burst)

    def hold(self, burst: Burst, report: Any) -> None:
        with self._lock:
            burst.held = report
            if burst.is_over:
                self._release(burst)

    def take_due(self, everything: bool = False) -> List[Tuple[Any, int]]:
        """Held reports whose window has ended, each with the number of further occurrences that it stands for."""
        now = self._clock()
        with self._lock:
            for burst in self._bursts.values():
                if everything or now - burst.begin >= self._window:
                    self._release(burst)
            due, self._ready = self._ready, []
            return due

    def take_lost(self) -> int:
        """How many were counted since the last call, with no report to stand for them."""
        with self._lock:
            lost, self._lost = self._lost, 0
            return lost

    def is_holding(self) -> bool:
        with self._lock:
            return bool(self._ready) or any(burst.held is not None for burst in self._bursts.values())

    def _release(self, burst: Burst) -> None:
        if burst.held is not None:
            self._ready.append((burst.held, burst.count - 1))
            burst.held, burst.count, burst.is_claimed = None, 0, False
        elif not burst.is_claimed:
            self._lost += burst.count
            burst.count = 0

    def _end(self, burst: Burst) -> None:
        burst.is_over = True
        self._release(burst)
