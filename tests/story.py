"""The world of the story: the shop's repository and its three authors, the server, and a real mailbox."""
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid

from harness import ROOT, Server

sys.path[:0] = [str(ROOT / "examples"), str(ROOT / "examples" / "mailbox")]

import make_shop_repository  # noqa: E402
from letters import Letters  # noqa: E402
from make_shop_repository import ADA, GRACE, LINUS  # noqa: E402,F401
from sink import DROP, HANG, Sink  # noqa: E402,F401

ON_CALL = "oncall@shop.example"
BANNER = "shop/banner.py"
CULPRIT = "        chosen.append(random.choice(banners))\n"


def address(author):
    return author.split("<")[1].rstrip(">")


class Repository:
    """The shop's, in a working tree that stands for the deployed one."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        make_shop_repository.make(self.directory)
        self._minutes = 0

    @property
    def head(self):
        return self.git("rev-parse", "HEAD")

    def git(self, *words):
        return make_shop_repository.git(self.directory, *words)

    def read(self, path):
        return (self.directory / path).read_text()

    def commit(self, author, files, subject="Change it"):
        """The new commit. Each one is a minute younger than the one before."""
        self._minutes += 1
        date = f"2025-04-01T{8 + self._minutes // 60:02d}:{self._minutes % 60:02d}:00+00:00"
        return make_shop_repository.commit(self.directory, author, date, subject, files)

    def edit(self, author, path, old, new, subject="Change it"):
        text = self.read(path)
        assert text.count(old) == 1, f"{path} does not hold once: {old!r}"
        return self.commit(author, {path: text.replace(old, new)}, subject)

    def line_of(self, path, text):
        """The number of the only line with that text."""
        found = [n for n, line in enumerate(self.read(path).splitlines(), 1) if line.strip() == text.strip()]
        assert len(found) == 1, (path, text, found)
        return found[0]


class World:
    """Starts nothing but the mail server; the test says when the server starts. A setting that is None is left out."""

    def __init__(self, directory, **settings):
        directory = pathlib.Path(directory)
        self.shop = Repository(directory / "shop")
        self.letters = Letters(directory / "mails")
        self.sink = Sink(self.letters).start()
        (directory / "server").mkdir()
        settings = {
            "repository.name": "shop", "repository.path": self.shop.directory, "repository.fetch_every": "1s",
            "mail.smtp_host": "127.0.0.1", "mail.smtp_port": self.sink.port, "mail.smtp_tls": "none",
            "mail.default_contact": ON_CALL, **settings}
        self.server = Server(directory / "server", **{key: value for key, value in settings.items() if value is not None})

    def start(self):
        self.server.start()
        return self

    def restart(self, kill=False):
        self.server.kill() if kill else self.server.stop()
        self.server.start()

    def close(self):
        self.server.close()
        self.sink.stop()

    def project(self, name="shop"):
        return self.server.project(name)

    def append_config(self, text):
        with open(self.server.conf, "a") as file:
            file.write("\n" + text + "\n")

    # --- failing ----------------------------------------------------------------------------------------------------
    @contextlib.contextmanager
    def serving(self, client, project, python="/usr/bin/python3", environment="production"):
        """The shop runs and reports to that project; yields a function that requests a page and returns the status."""
        command = [python, "-m", "shop", "--client", client, "--dsn", project["dsn"], "--url", self.server.url,
                   "--token", project["tokens"]["post_server_item"], "--environment", environment]
        env = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
               "PYTHONPATH": str(ROOT / "clients" / "python")}
        process = subprocess.Popen(command, cwd=self.shop.directory, env=env, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True)
        try:
            url = process.stdout.readline().strip()
            assert url, "the shop does not start"
            yield lambda path="/banners?shop=paris", **headers: get(url.rstrip("/") + path, **headers)[0]
        finally:
            process.terminate()
            process.wait(10)
            process.stdout.close()

    def report(self, project, path=BANNER, text=CULPRIT, function="pick_banners", line=None, release=None, **more):
        """Sends one report about a line of the shop as it is now; its id."""
        frame = {"path": path, "function": function, "code": text.rstrip("\n"), "in_app": True,
                 "line": line or self.shop.line_of(path, text), "locals": {"banners": []}}
        return self.send(project, {"release": self.shop.head if release is None else release, "host": "web-3",
                                   "exceptions": [{"type": "IndexError", "message": "Cannot choose from an empty sequence",
                                                   "frames": [frame]}], **more})

    def send(self, project, report):
        report = {"id": uuid.uuid4().hex, "environment": "production", **report}
        reply = self.server.post("/api/2/report", report, bearer(project["tokens"]["post_server_item"]))
        assert reply.status == 200, reply
        return report["id"]

    def rollbar_recording(self, project, changes=None):
        """Sends what pyrollbar sent for the same failure, from another directory of another machine."""
        recorded = json.loads((ROOT / "tests/e2e/recorded/pyrollbar-shop.json").read_text())["data"]
        recorded.update({"uuid": str(uuid.uuid4()), "code_version": self.shop.head, "timestamp": int(time.time()),
                         **(changes or {})})
        for frame in recorded["body"]["trace"]["frames"]:
            if frame["filename"].startswith("/srv/tea/"):
                frame["lineno"] = self.shop.line_of(frame["filename"].removeprefix("/srv/tea/"), frame["code"])
        reply = self.server.rollbar(project["tokens"]["post_server_item"], recorded)
        assert reply.status == 200, reply
        return recorded["uuid"]

    # --- looking ----------------------------------------------------------------------------------------------------
    def items(self, project):
        return self.server.api(f"/projects/{project['id']}/items", project["tokens"]["read"])["items"]

    def item(self, project, number=None):
        """One whole item; without a number the only one."""
        if number is None:
            number = self.only(self.server.wait_until(lambda: self.items(project)))["number"]
        return self.server.api(f"/projects/{project['id']}/items/{number}", project["tokens"]["read"])

    @staticmethod
    def only(rows):
        assert len(rows) == 1, rows
        return rows[0]

    def decided_item(self, project, number=None, count=1):
        """The item once it has so many occurrences and its line is decided."""
        def found():
            item = self.item(project, number)
            return item if item["count"] >= count and (item["line"] or {}).get("decided_at") else None
        return self.server.wait_until(found, 40)

    def health(self):
        """The whole system's, as an operator sees it."""
        if not hasattr(self, "_reader"):
            self._reader = self.server.run("token", "create", "--scope", "read").strip()
        return self.server.api("/health", self._reader)

    def quiet(self, seconds=40, queued=0):
        """Waits until everything that was reported is decided and at most so many mails wait; the health."""
        def found():
            health = self.health()
            busy = health["digest"]["lag"] or health["blame"]["waiting"] or health["mail"]["sending"] or \
                health["mail"]["queued"] > queued
            return None if busy else health
        return self.server.wait_until(found, seconds)

    def mails(self, count, seconds=40):
        """Exactly so many mails once all is quiet."""
        assert self.letters.wait(count, seconds), f"{len(self.letters)} mails; {self.server.log_text()[-1500:]}"
        self.quiet(seconds)
        letters = self.letters.all()
        assert len(letters) == count, [letter.summary() for letter in letters]
        return letters

    def mail(self, author, seconds=40):
        """The only mail, which went to that author and to nobody else."""
        letter = self.mails(1, seconds)[0]
        assert letter.recipients == [author if "<" not in author else address(author)]
        return letter


def bearer(token):
    return {"Authorization": "Bearer " + token, "Content-Type": "application/json"}


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


_opener = urllib.request.build_opener(_NoRedirects)


def get(url, data=None, **headers):
    """(status, headers, text) of a plain client without account, cookies or redirects."""
    request = urllib.request.Request(url, data=data, headers=headers)
    try:
        with _opener.open(request, timeout=20) as reply:
            return reply.status, reply.headers, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode(errors="replace")


def links(letter):
    """The addresses that the HTML part links to, in order, without fragments repeated."""
    import html
    found = [html.unescape(url) for url in re.findall(r'href="([^"]+)"', letter.html)]
    return list(dict.fromkeys(found))


def link(letter, part):
    """The only linked address with that in it."""
    found = [url for url in links(letter) if part in url]
    assert len(found) == 1, (part, links(letter))
    return found[0]
