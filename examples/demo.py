#!/usr/bin/python3
"""The story of scripts/run: a shop fails in production, and the developer who wrote the line has a mail about it.

Starts a mailbox, the server and the shop, makes the shop fail through HTTP, waits for the item and the mail, says where
to look, and leaves all running until Ctrl-C. Everything is kept under --data; a second run goes on from there.
"""
import argparse
import ctypes
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import make_shop_repository

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"
DEFAULT_CONTACT = "oncall@shop.example"
PORTS = {"app": 8080, "shop": 8000, "mailbox": 8025, "smtp": 2525}
_SET_DEATH_SIGNAL = 1  # of prctl(2)


class Failed(Exception):
    """What the user is told, without a traceback."""


def say(text=""):
    print(text, flush=True)


# --- ports ---------------------------------------------------------------------------------------------------------
def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def choose_ports(file, wanted_app_port):
    """Those of the last run, so that links in old mails go on working; a busy one is replaced by the next free."""
    ports = {**PORTS, **(json.loads(file.read_text()) if file.exists() else {})}
    if wanted_app_port:
        ports["app"] = wanted_app_port
        if not is_free(wanted_app_port):
            raise Failed(f"port {wanted_app_port} (FLAWLESS_PORT) is in use; choose another one")
    taken = set()
    for name, port in ports.items():
        free = next((p for p in range(port, port + 200) if p not in taken and is_free(p)), None)
        if free is None:
            raise Failed(f"no free port from {port} to {port + 199} for the {name}")
        if free != port:
            say(f"Port {port} is in use; the {name} takes {free}.")
        ports[name] = free
        taken.add(free)
    file.write_text(json.dumps(ports))
    return ports


# --- the programs ----------------------------------------------------------------------------------------------------
def die_with_parent():
    ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGTERM)


class Programs:
    """The processes that were started here; stop() ends them, the last first."""

    def __init__(self, logs):
        self._logs, self._started = logs, []

    def start(self, name, command, **more):
        log = self._logs / f"{name}.log"
        before = log.stat().st_size if log.exists() else 0
        with open(log, "ab") as out:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                                       preexec_fn=die_with_parent, **more)
        self._started.append((name, process))
        return lambda: log.read_bytes()[before:].decode(errors="replace")

    def check(self):
        for name, process in self._started:
            if process.poll() is not None:
                tail = (self._logs / f"{name}.log").read_text(errors="replace").splitlines()[-8:]
                raise Failed(f"the {name} ended (exit code {process.returncode}). Its last words:\n  " + "\n  ".join(tail))

    def stop(self):
        for _, process in reversed(self._started):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


class Demo:
    def __init__(self, options):
        self.flawless = options.flawless
        self.client = options.client
        self.data = pathlib.Path(options.data).absolute()
        self.data.mkdir(parents=True, exist_ok=True)
        self.conf = self.data / "flawless.cfg"
        self.repository = self.data / "shop"
        self.programs = Programs(self.data)
        self.ports = choose_ports(self.data / "ports.json", options.port)
        self.url = f"http://127.0.0.1:{self.ports['app']}"
        self.shop_url = f"http://127.0.0.1:{self.ports['shop']}"
        self.mailbox_url = f"http://127.0.0.1:{self.ports['mailbox']}"
        self.project = None
        self.server_log = None

    # --- getting there ---------------------------------------------------------------------------------------------
    def run(self):
        commit = make_shop_repository.make(self.repository)
        self.configure()
        self.start_mailbox()
        self.start_server()
        self.find_project()
        self.start_shop()
        say(f"The shop is deployed at commit {commit[:10]}.")
        before = self.item()
        known = {mail["message_id"] for mail in self.mails()}
        say("It fails …")
        self.fail()
        item = self.until(lambda: self.newer_item(before), "no item appeared")
        if (item.get("line") or {}).get("mailed_at"):
            time.sleep(2)
            mails = [mail for mail in self.mails() if mail["message_id"] not in known]
        else:
            mails = self.until(lambda: [m for m in self.mails() if m["message_id"] not in known], "no mail came")
        self.tell(self.item(), mails)

    def configure(self):
        if self.conf.exists() and "\n[[repository]]" in self.conf.read_text():
            return
        values = {"data_dir": self.data / "data", "repository.name": "shop", "repository.path": self.repository,
                  "mail.smtp_host": "127.0.0.1", "mail.smtp_tls": "none", "mail.default_contact": DEFAULT_CONTACT}
        sets = [word for key, value in values.items() for word in ("--set", f"{key}={value}")]
        subprocess.run([self.flawless, "configure", "--yes", "--force", *sets, "--output", str(self.conf)], check=True,
                       stdout=subprocess.DEVNULL)

    def start_mailbox(self):
        log = self.programs.start("mailbox", [PYTHON, str(HERE / "mailbox"), "--directory", str(self.data / "mails"),
                                              "--smtp-port", str(self.ports["smtp"]),
                                              "--http-port", str(self.ports["mailbox"])])
        self.until(lambda: "page http" in log(), "the mailbox does not start")

    def start_server(self):
        env = {**os.environ, "FLAWLESS_HTTP_PORT": str(self.ports["app"]), "FLAWLESS_MAIL_SMTP_PORT": str(self.ports["smtp"])}
        self.server_log = self.programs.start("server", [self.flawless, "start", "--conf", str(self.conf)], env=env)
        self.until(lambda: self.fetch(self.url + "/check_health", text=True) == "OK", "the server does not get healthy", 60)

    def find_project(self):
        file = self.data / "project.json"
        if not file.exists():
            made = subprocess.run([self.flawless, "project", "create", "shop", "--json", "--conf", str(self.conf)],
                                  check=True, stdout=subprocess.PIPE, text=True,
                                  env={**os.environ, "FLAWLESS_HTTP_PORT": str(self.ports["app"])}).stdout
            file.touch(mode=0o600)
            file.write_text(made)
        self.project = json.loads(file.read_text())

    def start_shop(self):
        client = ["--client", self.client] if self.client else []
        # wsgiref hands the whole environment to the application, which reports it: nothing private belongs in here.
        env = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
               "PYTHONPATH": str(HERE.parent / "clients" / "python")}
        log = self.programs.start("shop", [PYTHON, "-m", "shop", "--port", str(self.ports["shop"]), "--dsn", self.dsn(),
                                           "--url", self.url, "--token", self.project["tokens"]["post_server_item"], *client],
                                  cwd=self.repository, env=env)
        self.until(lambda: log().startswith("http"), "the shop does not start")

    def dsn(self):
        """The project's, at today's port."""
        return f"http://{self.project['tokens']['post_server_item']}@127.0.0.1:{self.ports['app']}/{self.project['id']}"

    # --- looking -----------------------------------------------------------------------------------------------------
    def until(self, what, otherwise, seconds=45):
        end = time.monotonic() + seconds
        while True:
            found = what()
            if found:
                return found
            self.programs.check()
            if time.monotonic() > end:
                raise Failed(f"{otherwise} within {seconds} seconds; see {self.data}/*.log")
            time.sleep(0.1)

    def fetch(self, url, token=None, text=False):
        """None when it does not answer (yet)."""
        request = urllib.request.Request(url, headers={"Authorization": "Bearer " + token} if token else {})
        try:
            with urllib.request.urlopen(request, timeout=5) as reply:
                body = reply.read().decode()
                return body if text else json.loads(body)
        except OSError:
            return None

    def fail(self):
        try:
            urllib.request.urlopen(self.shop_url + "/banners?shop=paris", timeout=10)
        except urllib.error.HTTPError as error:
            if error.code == 500:
                return
        raise Failed("the shop's page /banners did not fail; did somebody fill the table?")

    def item(self):
        """The shop's newest item with its line; None while there is none."""
        token, path = self.project["tokens"]["read"], f"{self.url}/api/2/projects/{self.project['id']}/items"
        rows = (self.fetch(path + "?limit=1", token) or {}).get("items")
        return self.fetch(f"{path}/{rows[0]['number']}", token) if rows else None

    def newer_item(self, before):
        """The item once it has counted one more, and it is decided whose line it is."""
        now = self.item()
        if now is None or (before and now["count"] <= before["count"]):
            return None
        return now if (now.get("line") or {}).get("decided_at") else None

    def mails(self):
        return self.fetch(self.mailbox_url + "/mails.json") or []

    # --- telling -----------------------------------------------------------------------------------------------------
    def sign_in_url(self, item):
        for word in self.server_log().split():
            if "/welcome?link=" in word:
                return word.strip("\"'.,()"), "choose a name and password; the link works once, for an hour"
        return f"{self.url}/p/{self.project['id']}/items/{item['number']}", "sign in with your password"

    def tell(self, item, mails):
        verdict = item["line"].get("verdict") or {}
        author = verdict.get("author_name") or "nobody known"
        app, hint = self.sign_in_url(item)
        times = "once" if item["count"] == 1 else f"{item['count']} times"
        say(f"\n  {item['title']}\n  {verdict.get('path') or item['culprit']}:{verdict.get('line', '?')}, seen {times}. "
            f"{author} wrote this line.")
        for reason in verdict.get("reasons", [])[:2]:
            say(f"  {reason}")
        if mails:
            for mail in mails:
                say(f"\n  Mailed to {', '.join(mail['to'])}, and to nobody else: {mail['subject']}")
        else:
            say(f"\n  No mail: {item['line'].get('mailed_to') or author} was mailed about this line before, and once is enough.")
        say(f"""
  Flawless   {app}
             {hint}
  The shop   {self.shop_url}/           reload its banners page as often as you like
  Mailbox    {self.mailbox_url}/

Your own program: Sentry DSN {self.dsn()}
or Rollbar access token {self.project['tokens']['post_server_item']}, endpoint {self.url}/api/1/
All of it runs until Ctrl-C; data and logs are in {self.data}.""")

    def stay(self):
        while True:
            time.sleep(1)
            self.programs.check()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flawless", required=True, help="the program")
    parser.add_argument("--data", required=True, help="directory of everything")
    parser.add_argument("--port", type=int, default=0, help="of the server; must be free")
    parser.add_argument("--client", choices=["flawless", "sentry", "rollbar"], help="default: sentry if installed")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a script that starts us with "&" has it ignored
    demo = None
    try:
        demo = Demo(options)
        demo.run()
        demo.stay()
    except KeyboardInterrupt:
        say("\nStopping.")
    except Failed as failure:
        sys.exit(f"scripts/run: {failure}")
    finally:
        if demo is not None:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            demo.programs.stop()


if __name__ == "__main__":
    main()
