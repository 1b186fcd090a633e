"""How the sender's thread gets out of the way of the application's."""
from __future__ import annotations

import time

_TURN_SECONDS = 0.0005
_PAUSE_SECONDS = 0.00005


class Manners:
    """Lets other threads run now and then; they would else wait 5 ms for their turn. Used by one thread at a time."""

    def __init__(self) -> None:
        self._last = time.perf_counter()

    def pause(self) -> None:
        if time.perf_counter() - self._last > _TURN_SECONDS:
            time.sleep(_PAUSE_SECONDS)
            self._last = time.perf_counter()
