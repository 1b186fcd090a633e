"""Figures as a table: floor, measured, budget."""
import dataclasses
import statistics

ACCEPT = ("acknowledge",)  # the parts at work together; echo, gunzip, parse and append are what it is made of
STORE = ("group", "row")


@dataclasses.dataclass
class Row:
    metric: str
    values: list          # of the runs; the median counts
    unit: str = ""
    floor: object = None  # a number, or one for each value
    budget: float = None
    at_least: bool = False  # the budget is a lower bound

    @property
    def median(self):
        return statistics.median(self.values)

    @property
    def floors(self):
        return self.floor if isinstance(self.floor, list) else [self.floor] * len(self.values)

    @property
    def ratio(self):
        """To the floor of the same moment; the median again."""
        return statistics.median(value / floor for value, floor in zip(self.values, self.floors))

    @property
    def ok(self):
        if self.budget is None:
            return None
        return self.median >= self.budget if self.at_least else self.median <= self.budget

    def cells(self):
        measured = number(self.median)
        if len(self.values) > 1:
            measured += f" ({number(min(self.values))}–{number(max(self.values))})"
        budget = "" if self.budget is None else f"{'≥' if self.at_least else '≤'} {number(self.budget)}"
        ratio = f"{self.ratio:.2f}" if self.floor else ""
        verdict = {None: "", True: "yes", False: "NO"}[self.ok]
        return [f"{self.metric}{', ' + self.unit if self.unit else ''}",
                number(statistics.median(self.floors)) if self.floor else "", measured, budget, ratio, verdict]


HEAD = ["metric", "floor", "measured: median (range)", "budget", "× floor", "ok?"]


def number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def floor_of(floors, names):
    return sum(floors[name]["median"] for name in names) if floors else None


def each(runs, *keys):
    values = []
    for run in runs:
        for key in keys:
            run = run[key]
        values.append(run)
    return values


def rows(results):
    """What could be measured, in reading order."""
    made = []
    big, small = results.get("floors_big"), results.get("floors_small")
    if "idle_mb" in results:
        made.append(Row("memory idle", [results["idle_mb"]], "MB", budget=40))
    if "ack" in results:
        made += _acknowledged(results["ack"], "25 KB", floor_of(big, ACCEPT), floor_of(big, ACCEPT + STORE), True)
    if "open" in results:
        made += [Row("25 KB acknowledgement at 1,000/s, p50", _ms(results["open"], "p50"), "ms"),
                 Row("25 KB acknowledgement at 1,000/s, p99", _ms(results["open"], "p99"), "ms", budget=15)]
    if "sustained" in results:
        made += _sustained(results["sustained"], floor_of(big, ACCEPT + STORE))
    if "peak_mb" in results:
        made.append(Row("memory, highest under load", [results["peak_mb"]], "MB", budget=150))
    if "rollbar" in results:
        made += _acknowledged(results["rollbar"], "25 KB Rollbar", floor_of(big, ACCEPT), floor_of(big, ACCEPT + STORE), False)
    if "small" in results:
        made += _acknowledged(results["small"], "2 KB", floor_of(small, ACCEPT), floor_of(small, ACCEPT + STORE), False)
    made += _fills(results.get("fills", []), floor_of(small, ACCEPT + STORE))
    if "small_disk" in results:
        made += _disk(results["small_disk"], "2 KB")
    return made


def _ms(runs, key):
    return [value / 1000 for value in each(runs, "load", "latency_us", key)]


def _acknowledged(runs, what, accept_floor, stored_floor, budgeted):
    split = all(run["split"] for run in runs)
    if all("floor_us" in run for run in runs) and stored_floor:
        storing = stored_floor - accept_floor
        accept_floor = each(runs, "floor_us")
        stored_floor = [floor + storing for floor in accept_floor]
    accept = "server CPU to acknowledge" if split else "server CPU but digestion (threads are not named)"
    made = [Row(f"{what} acknowledged, closed loop", each(runs, "load", "ok_per_second"), "1/s"),
            Row(f"{what} acknowledgement at full load, p50", _ms(runs, "p50"), "ms"),
            Row(f"{what} acknowledgement at full load, p99", _ms(runs, "p99"), "ms"),
            Row(f"{what} {accept}", each(runs, "accept_us"), "µs", accept_floor, 65 if budgeted else None),
            Row(f"{what} server CPU to digest", each(runs, "digest_us"), "µs"),
            Row(f"{what} server CPU in all", each(runs, "total_us"), "µs", stored_floor, 110 if budgeted else None)]
    if split:
        made.append(Row(f"{what} server CPU of other threads, while sending", each(runs, "rest_cpu_us"), "µs"))
    made.append(Row(f"{what} load generator's CPU", each(runs, "load", "client_cpu_us"), "µs"))
    return made


def _sustained(runs, floor):
    seconds = runs[0]["load"]["seconds"]
    made = [Row(f"25 KB stored, {seconds:.0f} s sent, queue drained", each(runs, "stored_per_s"), "1/s",
                budget=10_000, at_least=True),
            Row("25 KB server CPU in all, sustained", each(runs, "total_us"), "µs", floor, 110),
            Row("25 KB read and inflated again by digestion", each(runs, "reread_percent"), "%")]
    return made + _disk(runs[0]["disk"], "25 KB")


def _disk(disk, what):
    return [Row(f"{what} on disk, journal (unsealed)", [disk["journal"]], "bytes"),
            Row(f"{what} on disk, database", [disk["database"]], "bytes")]


def _fills(fills, floor):
    made = []
    for fill in fills:
        stored = f"{fill['stored']:,}"
        made += [Row(f"2 KB server CPU to digest, up to {stored} stored", [fill["run"]["digest_us"]], "µs"),
                 Row(f"2 KB server CPU in all, up to {stored} stored", [fill["run"]["total_us"]], "µs", floor)]
        for page, name in (("list", "item list"), ("item", "item page"), ("occurrence", "occurrence page")):
            times = fill["pages"][page]
            budget = 20 if page != "occurrence" else None
            made += [Row(f"{name} at {stored} stored, p50", [times["p50"]], "ms"),
                     Row(f"{name} at {stored} stored, p95", [times["p95"]], "ms", budget=budget)]
    if len(fills) > 1:
        first, last = fills[0], fills[-1]
        made.append(Row(f"cost per event, {last['stored']:,} against {first['stored']:,} stored",
                        [last["run"]["total_us"] / first["run"]["total_us"]], "×", budget=1.2))
    return made


def as_text(made):
    cells = [HEAD] + [row.cells() for row in made]
    widths = [max(len(line[i]) for line in cells) for i in range(len(HEAD))]
    return "\n".join("  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(line, widths))) for line in cells)


def as_markdown(made):
    lines = ["| " + " | ".join(HEAD) + " |", "|---|---:|---:|---:|---:|---|"]
    return "\n".join(lines + ["| " + " | ".join(row.cells()) + " |" for row in made])


def floors_markdown(results):
    lines = ["| floor, CPU µs per event | 25 KB | 2 KB |", "|---|---:|---:|"]
    big, small = results.get("floors_big"), results.get("floors_small")
    if not big or not small:
        return "not measured"
    for name, floor in big.items():
        ranges = [f"{f['median']:.1f} ({f['min']:.1f}–{f['max']:.1f})" for f in (floor, small[name])]
        lines.append(f"| {name}: {floor['what']} | {ranges[0]} | {ranges[1]} |")
    return "\n".join(lines)
