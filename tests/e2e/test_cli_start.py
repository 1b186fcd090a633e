"""`flawless start`: its address, what it makes, the rules of its file while it runs, signals, and when it refuses."""
import json
import os
import re
import signal
import socket
import subprocess
import time

import pytest

import harness
from cli import config, flawless, mode


@pytest.mark.parametrize("given", [None, "https://errors.example.com/flawless"])
def test_any_free_port_has_the_public_url_that_was_given(tmp_path, given):
    path = config(tmp_path, f'public_url = "{given}"\n' if given else "")
    with open(tmp_path / "log", "wb") as log:
        server = subprocess.Popen([harness.binary(), "start", "--conf", str(path)], stdout=log, stderr=log)
        try:
            while not (serves := re.search(r" serves (\S+)", (tmp_path / "log").read_text())):
                assert server.poll() is None, (tmp_path / "log").read_text()
                time.sleep(0.02)
            made = json.loads(flawless("project", "create", "shop", "--json", "--conf", str(path)).stdout)
            assert made["endpoints"]["rollbar"].startswith((given or serves[1]) + "/")
        finally:
            server.kill()
            server.wait()


def test_what_only_its_owner_may_read(fresh):
    site = fresh()
    made = site.project("shop")
    site.start()
    assert site.rollbar(made["tokens"]["post_server_item"], harness.rollbar_message()).status == 200
    assert mode(site.data) == 0o700
    files = {str(path.relative_to(site.data)): mode(path) for path in site.data.rglob("*") if not path.is_dir()}
    assert {"flawless.db", "admission", "flawless.sock"} <= set(files)
    assert any(name.startswith("journal/") for name in files)
    assert {name: oct(bits) for name, bits in files.items() if bits != 0o600} == {}


def test_start_prints_its_address_and_stops_in_time(fresh):
    site = fresh()
    site.start()
    assert f"serves {site.url}\n" in site.log_text()
    started = time.monotonic()
    assert site.stop() == 0
    assert time.monotonic() - started < 10
    with pytest.raises(OSError):
        site.get("/check_health")


def test_rules_of_the_file_hold_while_the_server_runs(fresh):
    site = fresh()
    project = site.project("shop")
    write = project["tokens"]["write"]
    whole = json.loads(site.run("token", "create", "--scope", "read", "--json"))["token"]
    before = open(site.conf).read()
    site.start()

    def edit(text):
        with open(site.conf + ".new", "w") as new:
            new.write(text)
        os.replace(site.conf + ".new", site.conf)

    def rules():
        return [(r["kind"], r["path"]) for r in site.api("/rules", write)["rules"]]

    def faults():
        return " ".join(site.api("/health", whole)["faults"])

    def notices():
        return " ".join(site.api("/health", whole)["notices"])

    assert rules() == [] and faults() == ""
    rule = '[[known_error]]\nfilename = "shop/cart.py"\n[[library_code]]\nfilename = "shop/db.py"\n'
    edit(before + rule)
    site.wait_until(lambda: rules() == [("known_error", "shop/cart.py"), ("library_code", "shop/db.py")], 10)
    assert faults() == ""

    edit(before + rule + '[[known_error]]\nfilname = "shop/other.py"\n')
    line = before.count("\n") + 6
    site.wait_until(lambda: f"{site.conf}:{line}: unknown key 'known_error.filname'" in faults(), 10)
    assert len(rules()) == 2 and site.get("/check_health").body.startswith(b"FAIL")

    edit(before + rule)
    site.wait_until(lambda: faults() == "", 10)
    edit(before.replace(f"port = {site.port}", "port = 1")
         .replace("[mail]\n", '[mail]\ndefault_contact = "ops@x.example"\n'))
    site.wait_until(lambda: "started again" in notices() and rules() == [], 10)
    assert "'http.port'" in notices() and "'mail.default_contact'" in notices() and faults() == ""


def test_start_refuses_a_place_where_no_directory_can_be(tmp_path):
    for place in ["/proc/sys/flawless", str(tmp_path / "flawless.cfg" / "data")]:
        path = config(tmp_path, data_dir=place)
        for words in [["start"], ["project", "create", "shop"]]:
            done = flawless(*words, "--conf", str(path))
            assert done.returncode == 2 and place in done.stderr and "flawless.data_dir" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGQUIT])
def test_signals_that_stop_it_stop_it_cleanly(fresh, number):
    site = fresh().start()
    assert (site.data / "digest.running").exists()
    assert site._end(number) == 0
    assert not (site.data / "digest.running").exists(), "the next start takes it for a crash"


def test_the_server_outlives_its_terminal(fresh):
    site = fresh().start()
    site.process.send_signal(signal.SIGHUP)
    site.wait_until(lambda: "SIGHUP" in site.log_text(), 10)
    assert site.get("/check_health").status == 200
    assert site.stop() == 0


def test_start_refuses_a_second_server_and_a_taken_port(fresh):
    site = fresh()
    site.start()
    second = site.run("start", check=False)
    assert second.returncode == 4 and f"process {site.process.pid}" in second.stderr
    other = fresh(**{"http.port": site.port})
    taken = other.run("start", check=False)
    assert taken.returncode == 4 and str(site.port) in taken.stderr


def test_a_second_signal_ends_it_at_once(fresh):
    site = fresh()
    site.start()
    with socket.create_connection(("127.0.0.1", site.port)) as slow:
        slow.sendall(b"POST /api/1/item/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        time.sleep(0.2)
        site.process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        if site.process.poll() is None:  # it may be done by itself already
            site.process.send_signal(signal.SIGINT)
        assert site.process.wait(timeout=3) in (0, 1)
        site.process = None
