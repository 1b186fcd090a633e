"""One Flawless server with a data directory of its own."""
import http.client
import json
import os
import shutil
import socket
import time

from . import process
from .process import Failed


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Configured, started and given a project; `with` stops it and removes its data."""

    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = folder
        self.data = os.path.join(folder, "data")
        self.config = os.path.join(folder, "flawless.cfg")
        self.log = os.path.join(folder, "server.log")
        self.port = free_port()
        self.child = None
        self.connection = None
        self.read_token = self.post_token = self.project = None

    def __enter__(self):
        os.makedirs(self.folder)
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.child is not None:
            process.stop(self.child)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self):
        process.run([self.binary, "configure", "--yes", "--set", f"data_dir={self.data}",
                     "--set", f"http.port={self.port}", "--output", self.config], 20)
        with open(self.log, "w", encoding="utf-8") as log:
            self.child = process.start([self.binary, "start", "--conf", self.config], stdout=log, stderr=log)
        self._wait_for_health()
        made = self._command("project", "create", "bench")
        self.project = made["id"]
        self.post_token = made["tokens"]["post_server_item"]
        self.read_token = self._command("token", "create", "--scope", "read")["token"]

    def _command(self, *words):
        return json.loads(process.run([self.binary, *words, "--json", "--conf", self.config], 20))

    def _wait_for_health(self):
        until = time.monotonic() + 20
        while time.monotonic() < until:
            if self.child.poll() is not None:
                raise Failed(f"the server ended with {self.child.returncode}: {self._last_words()}")
            try:
                if self._get("/check_health")[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise Failed(f"the server is not healthy after 20 s: {self._last_words()}")

    def _last_words(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()[-600:].strip()

    @property
    def pid(self):
        return self.child.pid

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def _get(self, path):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.read_token}"} if self.read_token else {}
        try:
            self.connection.request("GET", path, headers=headers)
            reply = self.connection.getresponse()
            return reply.status, reply.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            self.connection = None
            raise OSError(str(error)) from error

    def get(self, path):
        """JSON of a page; anything but 200 is a failure."""
        try:
            status, body = self._get(path)
        except OSError:  # an idle connection that the server has closed meanwhile
            status, body = self._get(path)
        if status != 200:
            raise Failed(f"GET {path}: {status} {body[:200]!r}")
        return json.loads(body)

    def health(self):
        return self.get("/api/2/health")

    def memory_mb(self):
        return process.memory_mb(self.pid, "VmRSS")

    def peak_mb(self):
        return process.memory_mb(self.pid, "VmHWM")

    def cpu_seconds(self):
        """By part: accept (http and journal threads), digest, rest."""
        parts = {"accept": 0.0, "digest": 0.0, "rest": 0.0}
        named = process.thread_seconds(self.pid)
        for name, seconds in named.items():
            part = "accept" if name.startswith(("http", "journal")) else "digest" if name.startswith("digest") else "rest"
            parts[part] += seconds
        parts["named"] = any(name.startswith("http") for name in named)
        return parts

    def bytes_on_disk(self):
        """Journal and database, in bytes that are really allocated."""
        sizes = {"journal": 0, "database": 0, "other": 0}
        for folder, _, files in os.walk(self.data):
            for file in files:
                try:
                    size = os.stat(os.path.join(folder, file)).st_blocks * 512
                except FileNotFoundError:
                    continue
                sizes["database" if ".db" in file else "journal" if os.sep + "journal" in folder else "other"] += size
        return sizes
