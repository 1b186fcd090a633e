#!/usr/bin/python3
"""How long after a report is sent a page can show it, and its mail is with the mail server: bench/latency.py [LINES [PAUSE]]

The real binary, a repository whose mirror is warm, and a real SMTP server on this machine. Each report is about a line of
code that never failed before, one after the other, 4 lines for each of the authors, PAUSE (0.3) seconds after the last mail;
with less than 0.2 the server is busy and gathers reports for up to 50 ms. The first two warm up and do not count.
Times run from before the request is sent until the event has been read from the stream, and until the SMTP server has
stored the mail. FLAWLESS_BINARY names the program (a release build, please).
"""
import http.client
import json
import pathlib
import statistics
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "e2e")]

from harness import binary  # noqa: E402
from story import World  # noqa: E402

LINES_PER_AUTHOR = 4  # the fifth within ten minutes is the last that goes at once
WARM_UP = 2


class Stream(threading.Thread):
    """Notes when each new item was heard of, by title."""

    def __init__(self, world, project):
        super().__init__(daemon=True)
        self.heard, self.change = {}, threading.Condition()
        self._connection = http.client.HTTPConnection("127.0.0.1", world.server.port)
        self._connection.request("GET", "/api/2/events", headers={"Authorization": "Bearer " + project["tokens"]["read"]})
        self._reply = self._connection.getresponse()
        assert self._reply.status == 200, self._reply.read()

    def run(self):
        for line in self._reply:
            if line.startswith(b"data:"):
                event = json.loads(line[5:])
                if event.get("kind") == "new":
                    with self.change:
                        self.heard.setdefault(event["title"], time.time())
                        self.change.notify_all()

    def wait(self, title, seconds=20):
        with self.change:
            if not self.change.wait_for(lambda: title in self.heard, seconds):
                sys.exit(f"no event about {title!r} within {seconds} s")
            return self.heard[title]


def write_code(world, lines):
    """One file for each author, with so many lines that can fail."""
    for start in range(0, lines, LINES_PER_AUTHOR):
        numbers = range(start, min(start + LINES_PER_AUTHOR, lines))
        author = f"Author {start} <author{start}@shop.example>"
        world.shop.commit(author, {f"shop/module{start}.py": "".join(f"def f{n}():\n    return missing_{n}\n" for n in numbers)})


def measure(world, project, lines, pause):
    stream = Stream(world, project)
    stream.start()
    shown, mailed = [], []
    for n in range(lines):
        title, start = f"NameError: name 'missing_{n}' is not defined", n - n % LINES_PER_AUTHOR
        time.sleep(pause)
        began = time.time()
        frame = {"path": f"shop/module{start}.py", "function": f"f{n}", "line": 2 * (n - start) + 2, "in_app": True,
                 "code": f"    return missing_{n}", "locals": {"n": n}}
        world.send(project, {"release": world.shop.head, "host": "web-1", "exceptions": [
            {"type": "NameError", "message": f"name 'missing_{n}' is not defined", "frames": [frame]}]})
        shown.append(stream.wait(title) - began)
        if not world.letters.wait(n + 1, 20):
            sys.exit(f"no mail about line {n} within 20 s")
        letter = world.letters.get(n + 1)
        assert letter.recipients == [f"author{start}@shop.example"], letter.summary()
        mailed.append(letter.received_at - began)
    return shown[WARM_UP:], mailed[WARM_UP:]


def row(name, seconds):
    seconds = sorted(1000 * s for s in seconds)
    p95 = seconds[min(len(seconds) - 1, int(0.95 * len(seconds)))]
    print(f"| {name} | {statistics.median(seconds):.0f} | {p95:.0f} | {seconds[-1]:.0f} |")


def main():
    lines = WARM_UP + (int(sys.argv[1]) if len(sys.argv) > 1 else 48)
    pause = float(sys.argv[2]) if len(sys.argv) > 2 else 0.3
    with tempfile.TemporaryDirectory() as directory:
        world = World(directory)
        try:
            write_code(world, lines)
            world.start()
            shown, mailed = measure(world, world.project(), lines, pause)
        finally:
            world.close()
    print(f"{len(shown)} new lines, {pause} s after each other, with {binary()}:\n\n| from the report to | p50 ms | p95 ms | most ms |\n"
          "|---|---|---|---|")
    row("the event on the stream", shown)
    row("the mail with the mail server", mailed)


if __name__ == "__main__":
    main()
