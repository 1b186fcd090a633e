"""scripts/run, as a newcomer runs it; only the build is left out."""
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time

import pytest

from harness import ROOT, binary, free_port
from story import GRACE, address, get


class Run:
    """The script in a process group of its own, as under a terminal; but the signal of Ctrl-C is ignored at first, as a shell
    does to what it starts in the background: it must end the story all the same."""

    def __init__(self, data, *words, port=None):
        env = {**os.environ, "FLAWLESS_BINARY": binary(), "FLAWLESS_DATA": str(data)}
        if port:
            env["FLAWLESS_PORT"] = str(port)
        self.process = subprocess.Popen([str(ROOT / "scripts" / "run"), *words], env=env, start_new_session=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/",
                                        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
        self.output = ""
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.output += line
            if "until Ctrl-C" in line:
                self._ready.set()
        self._ready.set()

    def wait(self, seconds=90, ready=True):
        assert self._ready.wait(seconds) and (not ready or "until Ctrl-C" in self.output), self.output
        return self.output

    def end(self, number=signal.SIGINT):
        """As the terminal does it: the whole group gets the signal."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)
        code = self.process.wait(30)
        self._reader.join(10)
        self.process.stdout.close()
        return code


def children(data):
    """Command lines of processes that work on that directory."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                cwd = os.readlink(entry / "cwd")
            except OSError:
                continue
            if str(data) in command + cwd:
                found.append(command)
    return found


def urls(output):
    return {name: url for name, url in re.findall(r"^ {2}(Flawless|The shop|Mailbox) +(http\S+)", output, re.M)}


def mails(output):
    return json.loads(get(urls(output)["Mailbox"] + "mails.json")[2])


def until(what, seconds=20):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.1)


def count(data, output):
    """Occurrences of the shop's item."""
    project = json.loads((data / "project.json").read_text())
    url = re.match(r"http://[^/]+", urls(output)["Flawless"])[0]
    items = json.loads(get(f"{url}/api/2/projects/{project['id']}/items", Authorization="Bearer " + project["tokens"]["read"])[2])
    return sum(item["count"] for item in items["items"])


@pytest.fixture
def run():
    started = []

    def start(*arguments, **more):
        started.append(Run(*arguments, **more))
        return started[-1]
    yield start
    for one in started:
        one.end(signal.SIGKILL)


def test_the_whole_story_twice(run, tmp_path):
    data = tmp_path / "var"
    first = run(data, port=free_port())
    output = first.wait()
    assert f"Mailed to {address(GRACE)}, and to nobody else" in output, output
    found = urls(output)
    assert "/welcome?link=" in found["Flawless"] and len(found) == 3
    for url in found.values():
        assert get(url, Accept="text/html")[0] == 200, url
    assert [mail["to"] for mail in mails(output)] == [[address(GRACE)]]
    assert get(found["The shop"] + "banners")[0] == 500
    until(lambda: count(data, output) == 2)
    assert len(children(data)) >= 3
    assert first.end() == 0 and not children(data)

    second = run(data)
    output = second.wait()
    assert "No mail: " + address(GRACE) in output and "Mailed to" not in output, output
    assert "seen 3 times" in output and len(mails(output)) == 1
    assert second.end(signal.SIGTERM) == 0
    assert not children(data)


@pytest.mark.parametrize("client", ["flawless", "sentry"])
def test_either_client(run, tmp_path, client):
    output = run(tmp_path / "var", "--client", client, port=free_port()).wait()
    assert f"Mailed to {address(GRACE)}, and to nobody else" in output, output


def test_a_port_that_is_taken(run, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = run(tmp_path / "var", port=port)
        assert f"port {port} (FLAWLESS_PORT) is in use" in refused.wait(ready=False) and refused.process.wait(10) == 1
        data = tmp_path / "other"
        data.mkdir()
        (data / "ports.json").write_text(json.dumps({"app": port, "shop": port, "mailbox": port, "smtp": port}))
        output = run(data).wait()
        assert "is in use; the app takes" in output and "Mailed to" in output


def test_nothing_outlives_a_killed_demo(run, tmp_path):
    data = tmp_path / "var"
    demo = run(data, port=free_port())
    demo.wait()
    demo.process.kill()
    demo.process.wait()
    until(lambda: not children(data))
