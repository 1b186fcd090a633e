"""How long each measurement takes, and how much time is left for all."""
import dataclasses
import time


@dataclasses.dataclass(frozen=True)
class Plan:
    name: str
    total_s: int           # no measurement begins, or waits, after this
    floor_events: int
    ack_runs: int
    ack_s: float
    open_runs: int
    open_s: float
    sustained_s: float
    sustained_rate: int    # 0: closed loop
    drain_s: float         # how long the queue may take to empty
    fills: tuple           # stored events at which pages are timed
    small_runs: int
    small_s: float
    free_gb: int           # disk space that must be there


QUICK = Plan("quick", 120, 2000, 3, 3, 1, 8, 15, 0, 30, (10_000, 100_000), 1, 3, 4)
DEFAULT = Plan("default", 900, 4000, 5, 5, 3, 10, 120, 0, 200, (10_000, 100_000, 1_000_000, 10_000_000), 3, 5, 60)
# Offered at a fixed rate, so that the journal is recycled while it runs and the disk does not fill.
LONG = Plan("long", 1800, 4000, 5, 6, 5, 15, 600, 11_000, 300, (10_000, 100_000, 1_000_000, 10_000_000), 3, 5, 60)


class OutOfTime(Exception):
    """The time of the whole report is used up."""


class Deadline:
    def __init__(self, seconds):
        self.at = time.monotonic() + seconds

    def left(self):
        return self.at - time.monotonic()

    def need(self, seconds):
        """Raises OutOfTime if there is not that much left."""
        if self.left() < seconds:
            raise OutOfTime(f"{seconds:.0f} s needed, {max(self.left(), 0):.0f} s left")
