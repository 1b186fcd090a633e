"""Commands that administer and send, with and without a running server."""
import fcntl
import json
import os
import socket
import subprocess
import threading

import pytest

import harness
from cli import config, flawless


@pytest.fixture(params=["offline", "running"])
def site(request, fresh):
    made = fresh()
    return made.start() if request.param == "running" else made


def test_projects(site):
    made = site.project("shop")
    token = made["tokens"]["post_client_item"]
    assert made["dsn"] == f"http://{token}@127.0.0.1:{site.port}/{made['id']}"
    assert set(made["tokens"]) == {"read", "write", "post_server_item", "post_client_item"}
    assert made["endpoints"]["rollbar"] == site.url + "/api/1/item/"
    taken = site.run("project", "create", "shop", check=False)
    assert taken.returncode == 4 and "shop" in taken.stderr
    for bad, said in [("a/b", "all characters are allowed but /"), ("42", "digits alone")]:
        refused = site.run("project", "create", bad, check=False)
        assert refused.returncode == 2 and bad in refused.stderr and said in refused.stderr
    missing = site.run("project", "disable", "shpo", check=False)
    assert missing.returncode == 3 and "there are: shop" in missing.stderr
    site.run("project", "disable", "shop")
    assert "no " in site.run("project", "list") and made["dsn"] in site.run("project", "list")
    site.run("project", "enable", str(made["id"]))
    assert json.loads(site.run("project", "list", "--json"))["projects"][0]["enabled"] is True


def test_tokens(site):
    made = site.project("shop")
    token = json.loads(site.run("token", "create", "--scope", "read", "--name", "board", "--json"))
    assert token["scope"] == "read" and token["project"] is None
    plain = site.run("token", "create", "--scope", "post_server_item", "--project", "shop").strip()
    listed = site.run("token", "list", "--project", "shop")
    assert plain in listed and token["token"] not in site.run("token", "list")
    assert site.run("token", "create", "--scope", "post", check=False).returncode == 2
    site.run("token", "disable", token["token"])
    rows = json.loads(site.run("token", "list", "--json"))["tokens"]
    assert [r["enabled"] for r in rows if r["id"] == token["id"]] == [False]
    assert site.run("token", "disable", "f" * 32, check=False).returncode == 3
    assert made["tokens"]["read"] not in site.run("token", "list")


def test_users(site):
    command = [harness.binary(), "user", "create", "--email", "Ann@example.com", "--role", "admin",
               "--password-stdin", "--json", "--conf", site.conf]
    done = subprocess.run(command, input="correct horse\n", stdout=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 0 and json.loads(done.stdout)["email"] == "ann@example.com"
    assert site.run("user", "create", "--email", "ann@example.com", check=False).returncode == 4
    short = subprocess.run(command, input="9 letters\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert short.returncode == 2 and "10 characters" in short.stderr
    assert "10 characters" in flawless("help", "user", "create").stdout


def test_commands_at_the_same_time_all_succeed(site):
    command = [harness.binary(), "project", "create", "--conf", site.conf, "--json"]
    running = [subprocess.Popen(command + [f"p{i}"], stdout=subprocess.PIPE, text=True) for i in range(6)]
    ids = [json.loads(p.communicate(timeout=60)[0])["id"] for p in running]
    assert sorted(ids) == list(range(1, 7))


def test_what_was_made_offline_holds_when_the_server_starts(fresh):
    site = fresh()
    made = site.project("shop")
    site.run("project", "disable", "shop")
    site.start()
    assert site.rollbar(made["tokens"]["post_server_item"], harness.rollbar_message()).status == 403
    site.run("project", "enable", "shop")
    assert site.rollbar(made["tokens"]["post_server_item"], harness.rollbar_message()).status == 200


def test_a_locked_directory_without_a_server_is_unavailable(fresh):
    site = fresh()
    site.start()
    os.unlink(site.data / "flawless.sock")
    done = site.run("project", "list", check=False)
    assert done.returncode == 5 and f"process {site.process.pid}" in done.stderr


@pytest.mark.parametrize("words", [["project", "list"], ["token", "list", "--json"], ["user", "list"],
                                   ["token", "disable", "1"], ["link", "revoke-all"], ["send", "--project", "shop"]])
@pytest.mark.parametrize("there", ["nothing", "an empty directory"])
def test_commands_that_make_nothing_do_not_make_data(tmp_path, there, words):
    path = config(tmp_path)
    if there != "nothing":
        (tmp_path / "data").mkdir()
    before = sorted(tmp_path.rglob("*"))
    done = flawless(*words, "--conf", str(path))
    assert done.returncode == 3 and done.stdout == ""
    assert f"there is no data in {tmp_path}/data yet" in done.stderr and "flawless.cfg" in done.stderr
    assert "has the server been started with this configuration?" in done.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_accounts_and_tokens_can_be_made_before_the_first_start(tmp_path):
    for words in [["user", "create", "--email", "a@b.example"], ["token", "create", "--scope", "read"]]:
        (tmp_path / words[0]).mkdir()
        assert flawless(*words, "--conf", str(config(tmp_path / words[0]))).returncode == 0


def test_tokens_are_shown_though_the_disk_takes_no_more(site):
    """They are stored, and shown only now; reports are accepted with them once the disk can be written again."""
    site.project("shop")
    (site.data / "admission.tmp").mkdir()  # the file cannot be replaced
    reads = json.loads(site.run("token", "create", "--scope", "read", "--json"))["token"]  # none of intake's
    late = "the change is stored but does not hold for reports yet"
    for words in [["project", "create", "web"],
                  ["token", "create", "--scope", "post_server_item", "--project", "shop"]]:
        done = site.run(*words, "--json", check=False)
        assert done.returncode == 5 and late in done.stderr
        made = json.loads(done.stdout)
        assert made.get("token") or set(made["tokens"]) == {"read", "write", "post_server_item", "post_client_item"}
    shown = site.run("project", "create", "mobile", check=False)
    assert shown.returncode == 5 and late in shown.stderr and "read and write are shown only now" in shown.stdout
    off = site.run("token", "disable", made["token"], check=False)
    assert off.returncode == 5 and late in off.stderr and off.stdout == ""
    (site.data / "admission.tmp").rmdir()
    token = json.loads(site.run("token", "list", "--project", "web", "--json"))["tokens"]
    token = next(row["token"] for row in token if row["scope"] == "post_server_item")
    if not site.process:
        site.start()
    site.wait_until(lambda: site.rollbar(token, harness.rollbar_message()).status == 200, 15)
    assert site.get("/api/2/projects", reads).status == 200


def test_addresses_without_a_port_are_told(tmp_path):
    path = config(tmp_path)
    made = flawless("project", "create", "shop", "--json", "--conf", str(path))
    assert made.returncode == 0 and json.loads(made.stdout)["dsn"].endswith(":0/1")
    assert made.stderr.startswith("flawless: note: 'http.port' is 0") and "flawless project list" in made.stderr


# --- a server that does not answer --------------------------------------------------------------------------------

@pytest.fixture
def mute(tmp_path):
    """Takes connections at a port, and at the socket of a data directory that it holds, and ends them unanswered."""
    path = config(tmp_path)
    assert flawless("project", "create", "shop", "--conf", str(path)).returncode == 0
    stopping = threading.Event()

    def serve(listener):
        listener.settimeout(0.1)
        while not stopping.is_set():
            try:
                connection = listener.accept()[0]
            except TimeoutError:
                continue
            with connection:
                connection.recv(10)
    with socket.socket() as tcp, socket.socket(socket.AF_UNIX) as local, open(tmp_path / "data" / "lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        tcp.bind(("127.0.0.1", 0))
        local.bind(str(tmp_path / "data" / "flawless.sock"))
        threads = []
        for listener in (tcp, local):
            listener.listen()
            threads.append(threading.Thread(target=serve, args=(listener,)))
            threads[-1].start()
        yield str(path), f"http://127.0.0.1:{tcp.getsockname()[1]}"
        stopping.set()
        for thread in threads:
            thread.join()


def test_a_server_that_does_not_answer_commands_is_unavailable(mute):
    path, _ = mute
    done = flawless("project", "list", "--conf", path)
    assert done.returncode == 5 and done.stdout == ""
    assert f"does not answer at {os.path.dirname(path)}/data/flawless.sock" in done.stderr
    assert "stop that one first, if its log shows that it hangs" in done.stderr


def test_a_server_that_does_not_answer_reports_is_unavailable(mute):
    path, url = mute
    done = flawless("send", "--token", "f" * 32, "--url", url, "--conf", path)
    assert done.returncode == 5 and done.stdout == ""
    assert f"cannot report to {url}" in done.stderr and "If the server's log shows that it hangs" in done.stderr


# --- send ---------------------------------------------------------------------------------------------------------

def test_send_reports_what_can_be_read_back(server):
    project = server.project("send")
    for words in [["--project", "send"], ["--token", project["tokens"]["post_server_item"]],
                  ["--token", project["tokens"]["post_server_item"], "--url", server.url + "/"]]:
        sent = json.loads(server.run("send", *words, "--message", "hello \"there\"", "--json"))
        assert f"/reports/{sent['id']}" in sent["see"]
        assert words[0] != "--project" or f"/projects/{project['id']}/reports/" in sent["see"]
        event = server.occurrence(project, sent["id"])["event"]
        assert event["exceptions"][0]["message"] == 'hello "there"'
    assert server.run("send", check=False).returncode == 2
    assert server.run("send", "--token", "f" * 32, check=False).returncode == 1
    assert server.run("send", "--project", "nope", check=False).returncode == 3


def test_send_without_a_server_is_unavailable(fresh):
    site = fresh()
    site.project("shop")
    done = site.run("send", "--project", "shop", check=False)
    assert done.returncode == 5 and "is the server running?" in done.stderr
