"""One run: send, wait until all is stored, say what it cost."""
import json
import statistics
import time

from . import process
from .process import Failed


class Generator:
    def __init__(self, binary, deadline):
        self.binary = binary
        self.deadline = deadline
        self.voids = []  # runs that must not be believed, and why

    def run(self, server, label, drain_s=60, protocol="sentry", **options):
        """Sends with the load generator's `options`; returns a dict of figures."""
        before, counts = server.cpu_seconds(), server.health()["digest"]
        sent = self._send(server, protocol, options)
        ended = time.monotonic()
        accepted_cpu = server.cpu_seconds()
        acknowledged = sent["statuses"].get("200", 0)
        health = self._drain(server, counts, acknowledged, drain_s)
        drained_s = sent["seconds"] + time.monotonic() - ended
        stored = health["digest"]["digested"] - counts["digested"]
        run = {"label": label, "load": sent, "health": health, "stored": stored, "drained_s": drained_s,
               "stored_per_s": stored / drained_s if drained_s else 0,
               "reread_percent": 100 * (health["digest"]["reread"] - counts["reread"]) / max(stored, 1)}
        run.update(self._cost(before, server.cpu_seconds(), sent["answered"], stored))
        run["rest_cpu_us"] = 1e6 * (accepted_cpu["rest"] - before["rest"]) / max(sent["answered"], 1)
        self._check(run, counts)
        return run

    def _send(self, server, protocol, options):
        seconds = options.get("seconds", self.deadline.left())
        self.deadline.need(min(seconds, 10))
        command = [self.binary, "--url", server.url, "--protocol", protocol,
                   "--token", server.post_token, "--project", str(server.project)]
        options = dict(options, seconds=min(seconds, 900))
        for name, value in options.items():
            command += [f"--{name}", str(value)]
        return json.loads(process.run(command, min(seconds, 900) + 60))

    def _drain(self, server, counts, acknowledged, patience_s):
        start = time.monotonic()
        patience_s = min(patience_s, self.deadline.left())
        while True:
            health = server.health()
            digest = health["digest"]
            done = sum(digest[k] - counts[k] for k in ("digested", "duplicates", "quarantined"))
            if digest["lag"] == 0 and done >= acknowledged:
                return health
            if time.monotonic() > start + patience_s:
                raise Failed(f"the queue is not empty after {patience_s:.0f} s: lag {digest['lag']}, "
                             f"{done} of {acknowledged} stored; {digest['fault'] or 'no fault reported'}")
            # Asking costs the server time: seldom in long runs.
            time.sleep(min(0.25, 0.02 + (time.monotonic() - start) / 20))

    @staticmethod
    def _cost(before, after, answered, stored):
        accept = after["accept"] - before["accept"]
        digest = after["digest"] - before["digest"]
        if not after["named"]:  # an older binary: only digestion has a name
            accept = after["rest"] - before["rest"]
        return {"accept_us": 1e6 * accept / max(answered, 1), "digest_us": 1e6 * digest / max(stored, 1),
                "total_us": 1e6 * (accept / max(answered, 1) + digest / max(stored, 1)),
                "split": after["named"]}

    def _check(self, run, counts):
        load, digest = run["load"], run["health"]["digest"]
        reasons = [f"{count} replies were {status}" for status, count in load["statuses"].items() if status != "200"]
        for name in ("broken", "unanswered"):
            if load[name]:
                reasons.append(f"{load[name]} requests {name}")
        for name in ("duplicates", "quarantined"):
            if digest[name] > counts[name]:
                reasons.append(f"{digest[name] - counts[name]} {name}")
        if not reasons and run["stored"] != load["answered"]:
            reasons.append(f"{load['answered']} acknowledged, {run['stored']} stored")
        run["void"] = "; ".join(reasons)
        if reasons:
            self.voids.append(f"{run['label']}: {run['void']}")


def time_pages(server, paths, count=200):
    """p50 and p95 in milliseconds of GETs that go through `paths` in turn, one connection."""
    for path in paths[:5]:
        server.get(path)
    taken = []
    for i in range(count):
        start = time.perf_counter()
        server.get(paths[i % len(paths)])
        taken.append((time.perf_counter() - start) * 1000)
    taken.sort()
    return {"p50": statistics.median(taken), "p95": taken[int(len(taken) * 0.95)]}


def time_project(server):
    """The pages people look at most."""
    base = f"/api/2/projects/{server.project}/items"
    items = server.get(f"{base}?limit=50")["items"]
    if not items:
        raise Failed("no items are stored")
    occurrences = [item["last_occurrence"] for item in items if item["last_occurrence"]]
    return {"list": time_pages(server, [base, f"{base}?sort=-count", f"{base}?environment=production"]),
            "item": time_pages(server, [f"{base}/{item['number']}" for item in items]),
            "occurrence": time_pages(server, [f"/api/2/occurrences/{id}" for id in occurrences])}
