"""The real binary as a test sees it: configure, start, report, read back, kill. Standard library only.

The binary is FLAWLESS_BINARY, else build/dev/flawless or build/release/flawless.
"""
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.parse
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[1]


def binary():
    named = os.environ.get("FLAWLESS_BINARY")
    for path in [named] if named else [ROOT / "build/dev/flawless", ROOT / "build/release/flawless"]:
        if pathlib.Path(path).is_file():
            return str(path)
    raise RuntimeError("no flawless binary: run scripts/build, or set FLAWLESS_BINARY")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class Server:
    """One data directory and the server process on it. start(), stop(), kill() as often as wanted."""

    def __init__(self, directory, **settings):
        self.directory = pathlib.Path(directory)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.conf = str(self.directory / "flawless.cfg")
        self.data = self.directory / "data"
        self.process = None
        self.log = open(self.directory / "server.log", "ab")
        sets = {"data_dir": str(self.data), "http.port": self.port, **settings}
        self.run("configure", "--yes", *[w for k, v in sets.items() for w in ("--set", f"{k}={v}")],
                 "--output", self.conf, conf=False)

    def run(self, *words, conf=True, check=True):
        """A flawless command; its standard output."""
        command = [binary(), *words] + (["--conf", self.conf] if conf else [])
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        if check and done.returncode != 0:
            raise AssertionError(f"{command} exited {done.returncode}: {done.stderr}")
        return done.stdout if check else done

    def start(self, preexec=None, env=None, wait=True):
        assert self.process is None
        self.log_start = len(self.log_text())
        self.process = subprocess.Popen([binary(), "start", "--conf", self.conf], stdout=self.log, stderr=self.log,
                                        preexec_fn=preexec, env={**os.environ, **(env or {})})
        if wait:
            self.wait_until_ready()
        return self

    def wait_until_ready(self, seconds=30):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AssertionError(f"the server exited with {self.process.returncode}: {self.log_text()[-2000:]}")
            if f" serves {self.url}" in self.log_text()[self.log_start:]:
                return
            time.sleep(0.02)
        raise AssertionError("the server did not get ready: " + self.log_text()[-2000:])

    def _end(self, number):
        self.process.send_signal(number)
        code = self.process.wait(timeout=30)
        self.process = None
        return code

    def stop(self):
        return self._end(signal.SIGTERM)

    def kill(self):
        return self._end(signal.SIGKILL)

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def log_text(self):
        return (self.directory / "server.log").read_text(errors="replace")

    def project(self, name="shop"):
        return json.loads(self.run("project", "create", name, "--json"))

    # --- HTTP -----------------------------------------------------------------------------------------------------
    def request(self, method, path, body=None, headers=None, timeout=20):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            reply = connection.getresponse()
            return Reply(reply.status, dict(reply.getheaders()), reply.read())
        finally:
            connection.close()

    def get(self, path, token=None, **query):
        if query:
            path += "?" + urllib.parse.urlencode(query, doseq=True)
        return self.request("GET", path, headers={"Authorization": "Bearer " + token} if token else {})

    def api(self, path, token, **query):
        reply = self.get("/api/2" + path, token, **query)
        assert reply.status == 200, reply
        return reply.json

    def post(self, path, body, headers=None, **more):
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        return self.request("POST", path, body, headers, **more)

    def rollbar(self, token, data, **headers):
        return self.post("/api/1/item/", {"data": data},
                         {"X-Rollbar-Access-Token": token, "Content-Type": "application/json", **headers})

    # --- waiting for digestion ------------------------------------------------------------------------------------
    def wait_until(self, what, seconds=20):
        """Calls what() until it returns something true; returns that."""
        end = time.monotonic() + seconds
        while True:
            found = what()
            if found:
                return found
            assert time.monotonic() < end, f"waited {seconds} s in vain; log: {self.log_text()[-1500:]}"
            time.sleep(0.02)

    def wait_until_digested(self, token, seconds=60):
        def done():
            health = self.api("/health", token)
            return health if health["digest"]["lag"] == 0 else None
        return self.wait_until(done, seconds)

    def occurrence(self, project, report_id, seconds=20):
        """The whole occurrence of the report with that uuid or event_id, once it is there."""
        token = project["tokens"]["read"]

        def found():
            reply = self.get(f"/api/2/projects/{project['id']}/reports/{report_id}", token)
            assert reply.status in (200, 404), reply
            return reply.json if reply.status == 200 else None
        row = self.wait_until(found, seconds)
        return self.api(f"/occurrences/{row['id']}", token)


def rollbar_message(text="it broke", **more):
    """The smallest Rollbar item."""
    return {"environment": "production", "level": "error", "uuid": str(uuid.uuid4()),
            "body": {"message": {"body": text}}, **more}
