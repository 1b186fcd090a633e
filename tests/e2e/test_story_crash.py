"""kill -9 again and again while lines fail, are decided and mailed: nothing is lost, and no line has two mails."""
import collections
import http.client
import json
import random
import threading
import time
import uuid

from story import bearer

AUTHORS, LINES, KILLS = 8, 3, 10


def make_code(world):
    """[(path, function, line number, text, address)]"""
    places = []
    for author in range(AUTHORS):
        path, mail = f"shop/part{author}.py", f"author{author}@shop.example"
        world.shop.commit(f"Author {author} <{mail}>", {path: "".join(f"def f{n}():\n    return missing_{author}_{n}\n"
                                                                     for n in range(LINES))})
        places += [(path, f"f{n}", 2 * n + 2, f"    return missing_{author}_{n}", mail) for n in range(LINES)]
    return places


class Reporter(threading.Thread):
    """Reports each line a few times, each report until it is acknowledged."""

    def __init__(self, world, project, places, times):
        super().__init__(daemon=True)
        self.world, self.token = world, project["tokens"]["post_server_item"]
        self.reports = [self.report(place) for _ in range(times) for place in places]
        self.failed = None

    def report(self, place):
        path, function, line, text, _ = place
        frame = {"path": path, "function": function, "line": line, "code": text, "in_app": True}
        return {"id": uuid.uuid4().hex, "release": self.world.shop.head,
                "exceptions": [{"type": "NameError", "message": text, "frames": [frame]}]}

    def run(self):
        for report in self.reports:
            end = time.monotonic() + 60
            while not self.send(report):
                if time.monotonic() > end:
                    self.failed = report
                    return
                time.sleep(0.02)
            time.sleep(0.02)

    def send(self, report):
        try:
            return self.world.server.post("/api/2/report", json.dumps(report), bearer(self.token)).status == 200
        except (OSError, http.client.HTTPException):
            return False


def test_ten_kills_while_mails_go_out(make_world):
    chance = random.Random(7391)
    world = make_world()
    places = make_code(world)
    world.start()
    project = world.project()
    reporter = Reporter(world, project, places, times=3)
    reporter.start()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.02, 0.5))
        world.restart(kill=True)
    reporter.join(90)
    assert not reporter.is_alive() and reporter.failed is None
    world.server.wait_until(lambda: sum(item["count"] for item in world.items(project)) == len(reporter.reports))
    assert world.letters.wait(len(places), 60), len(world.letters)
    world.quiet()

    ids, recipients = collections.defaultdict(set), collections.Counter()
    for letter in world.letters.all():
        ids[letter.header("X-Flawless-Line")].add(letter.header("Message-ID"))
    assert len(ids) == len(places) and "" not in ids
    assert all(len(of_line) == 1 for of_line in ids.values()), ids
    for one in {letter.header("Message-ID"): letter for letter in world.letters.all()}.values():
        recipients[tuple(one.recipients)] += 1
    assert recipients == {(f"author{n}@shop.example",): LINES for n in range(AUTHORS)}
    assert sum(item["count"] for item in world.items(project)) == len(reporter.reports), "each report counts once"
