"""The measurements, in order. Each part fills `results`; what does not fit the time is left out and said so."""
import json
import os
import sys
import time

from . import process
from .load import Generator, time_project
from .plan import OutOfTime
from .process import Failed
from .server import Server

BIG, SMALL = 25_000, 2_000


class Measurements:
    def __init__(self, plan, deadline, programs, folder):
        self.plan = plan
        self.deadline = deadline
        self.programs = programs
        self.folder = folder
        self.generator = Generator(programs["flawless_loadgen"], deadline)
        self.results = {"voids": self.generator.voids, "missing": []}

    def all(self):
        self._part("floors", self._floors)
        self._part("25 KB events", self._big)
        self._part("2 KB events", self._small)
        return self.results

    def _part(self, name, part):
        say(name)
        try:
            part()
        except (Failed, OutOfTime, OSError) as error:
            self.results["missing"].append(f"{name}: {error}")
            say(f"  stopped: {error}")

    def _runs(self, name, count, seconds, run):
        """Runs one measurement `count` times; if it cannot, the others of the part still go on."""
        for i in range(count):
            try:
                self.deadline.need(seconds)
                self.results.setdefault(name, []).append(run(i + 1))
            except (Failed, OutOfTime, OSError) as error:
                self.results["missing"].append(f"{name}, run {i + 1} of {count}: {error}")
                say(f"  {name}: {error}")
                return
            say(f"  {name}: {brief(self.results[name][-1])}")

    def _floors(self):
        for name, size in (("floors_big", BIG), ("floors_small", SMALL)):
            self.results[name] = self._floor(size)

    def _floor(self, size, *options):
        command = [self.programs["flawless_floors"], "--folder", self.folder, "--size", str(size),
                   "--events", str(self.plan.floor_events), *options]
        return json.loads(process.run(command, 120))

    def _server(self, name):
        return Server(self.programs["flawless"], os.path.join(self.folder, name))

    def _big(self):
        plan, run = self.plan, self.generator.run
        with self._server("big") as server:
            time.sleep(2)
            self.results["idle_mb"] = server.memory_mb()
            self._runs("ack", plan.ack_runs, plan.ack_s * 3, lambda i: self._closed_loop(server, i))
            self._runs("open", plan.open_runs, plan.open_s + 5, lambda i: run(
                server, f"25 KB at 1,000/s {i}", size=BIG, rate=1000, seconds=plan.open_s))
            self._runs("rollbar", 1, plan.ack_s * 2, lambda i: run(
                server, "25 KB Rollbar closed loop", protocol="rollbar", size=BIG, seconds=plan.ack_s))
            self._runs("sustained", 1, plan.sustained_s + 10, lambda i: self._sustained(server))
            self.results["peak_mb"] = server.peak_mb()

    def _closed_loop(self, server, i):
        """With the floor as it is at that moment: a machine shared with others changes its speed within a minute."""
        made = self.generator.run(server, f"25 KB closed loop {i}", size=BIG, seconds=self.plan.ack_s)
        made["floor_us"] = self._floor(BIG, "--only", "acknowledge", "--rounds", "1")["acknowledge"]["median"]
        return made

    def _sustained(self, server):
        options = {"rate": self.plan.sustained_rate} if self.plan.sustained_rate else {}
        made = self.generator.run(server, "25 KB sustained", self.plan.drain_s, size=BIG,
                                  seconds=self.plan.sustained_s, **options)
        made["disk"] = disk_per_event(server)
        return made

    def _small(self):
        plan = self.plan
        with self._server("small") as server:
            stored = 0
            self.results["fills"] = []
            for wanted in plan.fills:
                self._fill(server, wanted, wanted - stored)
                stored = wanted
            self.results["small_disk"] = disk_per_event(server)
            self._runs("small", plan.small_runs, plan.small_s * 2, lambda i: self.generator.run(
                server, f"2 KB closed loop {i}", size=SMALL, seconds=plan.small_s))

    def _fill(self, server, wanted, count):
        self.deadline.need(15 if wanted <= 100_000 else 60)
        run = self.generator.run(server, f"2 KB up to {wanted:,}", 240, size=SMALL, count=count)
        fill = {"stored": wanted, "run": run, "pages": time_project(server)}
        self.results["fills"].append(fill)
        say(f"  {wanted:,} stored: {brief(run)}; list p95 {fill['pages']['list']['p95']:.1f} ms")


def disk_per_event(server):
    """Bytes on disk per event: the journal per record it still holds, the database per occurrence."""
    time.sleep(1.5)  # digestion checkpoints once a second
    health = server.health()
    journal, store = health["journal"], health["store"]
    records = journal["last_sequence"] - journal["first_sequence"] + 1
    on_disk = server.bytes_on_disk()
    return {"journal": on_disk["journal"] / max(records, 1), "database": on_disk["database"] / max(store["occurrences"], 1),
            "records": records, "occurrences": store["occurrences"]}


def brief(run):
    floor = f", floor {run['floor_us']:.0f} us" if "floor_us" in run else ""
    return (f"{run['load']['ok_per_second']:,.0f} acknowledged/s, {run['stored_per_s']:,.0f} stored/s, "
            f"{run['accept_us']:.0f} + {run['digest_us']:.0f} us{floor}{' VOID' if run['void'] else ''}")


def say(text):
    print(text, file=sys.stderr, flush=True)
