"""The command line of the real binary, with and without a running server."""
import json
import os
import re
import signal
import socket
import stat
import subprocess
import time

import pytest

import harness


def flawless(*words, cwd=None, env=None, text=None):
    # The caller's own FLAWLESS_… variables would change what is tested.
    clean = {k: v for k, v in os.environ.items() if not k.startswith("FLAWLESS_")}
    return subprocess.run([harness.binary(), *words], cwd=cwd, env={**clean, **(env or {})}, input=text,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


# --- grammar and help ---------------------------------------------------------------------------------------------

def test_no_arguments_is_usage():
    done = flawless()
    assert done.returncode == 2 and done.stdout == ""
    for command in ["configure", "check", "start", "project", "token", "user", "link", "send", "options", "version"]:
        assert f"\n  {command} " in done.stderr


def test_help_is_the_same_either_way():
    by_command = flawless("help", "project", "create")
    assert by_command.returncode == 0 and "flawless project create" in by_command.stdout
    assert flawless("project", "create", "--help").stdout == by_command.stdout
    assert "Exit codes: 0 ok" in flawless("help").stdout


@pytest.mark.parametrize("words, said", [
    (["nope"], "no command 'nope'"),
    (["help", "nope"], "no command 'nope'"),
    (["project"], "followed by one of: create, list"),
    (["project", "destroy"], "followed by one of: create, list"),
    (["project", "create"], "NAME is required"),
    (["token", "create"], "--scope is required"),
    (["start", "--bad"], "--bad"),
    (["start", "--conf"], "--conf"),
])
def test_wrong_usage_says_what_and_where_to_look(words, said):
    done = flawless(*words)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("flawless: ") and said in done.stderr and "Try `flawless help" in done.stderr


def test_version_and_options_for_programs():
    version = json.loads(flawless("version", "--json").stdout)
    assert re.fullmatch(r"\d+\.\d+\.\d+", version["version"]) and version["sqlite"].startswith("3.")
    options = {o["key"]: o for o in json.loads(flawless("options", "--json").stdout)["options"]}
    assert options["http.port"]["default"] == "8080"
    assert options["mail.smtp_password"]["secret"] is True
    assert "http.port" in flawless("options").stdout


# --- configure ----------------------------------------------------------------------------------------------------

def test_configure_writes_one_private_file_and_nothing_else(tmp_path):
    done = flawless("configure", "--yes", "--set", "data_dir=data", "--set", "http.port=9000",
                    "--set", "mail.allow=a.example, b.example", "--set", "repository.name=shop",
                    "--set", "repository.path=shop.git", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert os.listdir(tmp_path) == ["flawless.cfg"] and mode(tmp_path / "flawless.cfg") == 0o600
    assert f"flawless start --conf {tmp_path}/flawless.cfg" in done.stdout
    assert "http://127.0.0.1:9000/check_health" in done.stdout
    text = (tmp_path / "flawless.cfg").read_text()
    assert '\ndata_dir = "data"\n' in text and '\nallow = ["a.example", "b.example"]\n' in text
    assert "\n[[repository]]\n" in text and '\n# log_level = "info"\n' in text

    again = flawless("configure", "--yes", "--set", "data_dir=other", cwd=tmp_path)
    assert again.returncode == 4 and "--force" in again.stderr
    assert 'data_dir = "data"' in (tmp_path / "flawless.cfg").read_text()
    forced = flawless("configure", "--yes", "--set", "data_dir=other", "--force", "--json", cwd=tmp_path)
    assert json.loads(forced.stdout)["check_health"] == "http://127.0.0.1:8080/check_health"


def test_configure_without_yes_says_what_it_needs(tmp_path):
    done = flawless("configure", cwd=tmp_path)
    assert done.returncode == 2 and "--yes --set data_dir=" in done.stderr and os.listdir(tmp_path) == []


def test_configure_reports_every_wrong_value_and_writes_nothing(tmp_path):
    done = flawless("configure", "--yes", "--set", "http.prot=1", "--set", "http.port=x", "--set", "noequals",
                    cwd=tmp_path)
    assert done.returncode == 2 and os.listdir(tmp_path) == []
    assert "unknown key 'http.prot'; did you mean 'http.port'?" in done.stderr
    assert "'http.port' must be a whole number" in done.stderr and "write KEY=VALUE" in done.stderr
    missing = flawless("configure", "--yes", cwd=tmp_path)
    assert missing.returncode == 2 and missing.stderr.startswith("flawless: 'flawless.data_dir' is missing")


def test_old_configuration_is_named_and_converted(tmp_path):
    (tmp_path / "old.cfg").write_text("[flawless]\ndata_dir_path = /srv/old\nhttp_port = 9001\nsmtp_host = mx:25\n"
                                      "report_error_threshold = 5\nredis_version = 2.0\n")
    refused = flawless("check", "--conf", "old.cfg", cwd=tmp_path)
    assert refused.returncode == 1 and "flawless configure --from old.cfg" in refused.stdout
    done = flawless("configure", "--yes", "--from", "old.cfg", "--output", "new.cfg", cwd=tmp_path)
    assert done.returncode == 0 and "redis_version" in done.stderr
    assert "report_error_threshold = 5" in (tmp_path / "new.cfg").read_text()
    text = (tmp_path / "new.cfg").read_text()
    assert 'data_dir = "/srv/old"' in text and "\nport = 9001\n" in text and 'smtp_host = "mx"' in text


# --- finding and reading the configuration ------------------------------------------------------------------------

def test_errors_of_the_file_are_all_shown_with_their_lines(tmp_path):
    (tmp_path / "flawless.cfg").write_text('[flawless]\ndata_dir = "d"\n[http]\nprot = 1\nport = -1\n')
    done = flawless("project", "list", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "flawless: flawless.cfg:4: unknown key 'http.prot'; did you mean 'http.port'?",
        "flawless: flawless.cfg:5: 'http.port' cannot be -1; it is between 0 and 65535"]
    assert os.listdir(tmp_path) == ["flawless.cfg"]


def test_where_the_configuration_is_looked_for(tmp_path):
    for name in ["here", "there"]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "flawless.cfg").write_text('[flawless]\ndata_dir = "data"\n')
    here, there = tmp_path / "here", tmp_path / "there"
    by_variable = {"FLAWLESS_CONF": str(there / "flawless.cfg")}
    assert flawless("project", "create", "a", cwd=here).returncode == 0
    assert (here / "data").is_dir() and mode(here / "data") == 0o700
    assert flawless("project", "create", "b", cwd=here, env=by_variable).returncode == 0
    assert flawless("project", "create", "c", "-conf", str(here / "flawless.cfg"), cwd=there).returncode == 0
    names = lambda where: [p["name"] for p in json.loads(
        flawless("project", "list", "--json", cwd=where).stdout)["projects"]]
    assert names(here) == ["a", "c"] and names(there) == ["b"]
    missing = flawless("project", "list", "-conf=nowhere.cfg", cwd=here)
    assert missing.returncode == 2 and "nowhere.cfg: No such file" in missing.stderr
    assert names(here) == ["a", "c"]
    elsewhere = flawless("project", "list", "--json", cwd=here, env={"FLAWLESS_DATA_DIR": str(there / "data")})
    assert "\"b\"" in elsewhere.stdout, "a variable wins over the file"


# --- administration, offline and through the server ----------------------------------------------------------------

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
    short = subprocess.run(command, input="short\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert short.returncode == 2 and "8 to 1024" in short.stderr


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


# --- send, check, start -------------------------------------------------------------------------------------------

def test_send_reports_what_can_be_read_back(server):
    project = server.project("send")
    for words in [["--project", "send"], ["--token", project["tokens"]["post_server_item"]],
                  ["--token", project["tokens"]["post_server_item"], "--url", server.url + "/"]]:
        sent = json.loads(server.run("send", *words, "--message", "hello \"there\"", "--json"))
        assert f"/reports/{sent['id']}" in sent["see"]
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


def test_check_knows_the_running_server(fresh):
    site = fresh()
    before = site.run("check")
    assert "will be made" in before and "is free" in before and not site.data.exists()
    site.start()
    assert "held by the running server" in site.run("check")
    assert "served by the running server" in site.run("check")


def test_check_finds_what_would_fail(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
        for out in [key, tmp_path / "other.pem"]:
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
                            "-keyout", out, "-out", certificate], check=True, stderr=subprocess.DEVNULL)
        (tmp_path / "flawless.cfg").write_text(
            f'[flawless]\ndata_dir = "certificate.pem"\n[http]\nport = {other.getsockname()[1]}\n'
            'tls_certificate = "certificate.pem"\ntls_key = "key.pem"\n'
            '[[repository]]\nname = "shop"\npath = "nowhere"\n[retention]\nmin_free_bytes = "1000TiB"\n')
        done = flawless("check", "--json", cwd=tmp_path)
    assert done.returncode == 1
    failed = {c["subject"]: c["text"] for c in json.loads(done.stdout)["checks"] if not c["ok"]}
    assert set(failed) == {"data_dir", "free space", "port", "tls", "repository shop"}
    assert "in use" in failed["port"] and "not the private key" in failed["tls"]


def test_start_prints_its_address_and_stops_in_time(fresh):
    site = fresh()
    site.start()
    assert f"serves {site.url}\n" in site.log_text()
    started = time.monotonic()
    assert site.stop() == 0
    assert time.monotonic() - started < 10
    with pytest.raises(OSError):
        site.get("/check_health")


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
