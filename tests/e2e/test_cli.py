"""The command line of the real binary, with and without a running server."""
import fcntl
import json
import os
import re
import signal
import socket
import stat
import subprocess
import threading
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
    for command in ["configure", "check", "start", "project", "token", "user", "link", "quarantine", "send", "options",
                    "version"]:
        assert f"\n  {command} " in done.stderr


def test_help_is_the_same_either_way():
    by_command = flawless("help", "project", "create")
    assert by_command.returncode == 0 and "flawless project create" in by_command.stdout
    assert flawless("project", "create", "--help").stdout == by_command.stdout
    overview = flawless("help").stdout
    assert "Exit codes: 0 ok" in overview
    assert re.search(r"^  project +create, list, enable, disable$", overview, re.M)
    assert re.search(r"^  quarantine +list, retry$", overview, re.M)


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


def test_version_and_stray_options():
    assert flawless("--version").stdout == flawless("version").stdout != ""
    assert flawless("--version").returncode == 0
    bogus = flawless("--bogus=1", "start")
    assert bogus.returncode == 2 and "no option '--bogus'" in bogus.stderr and "Try `flawless help`" in bogus.stderr
    for words in (["--conf", "x.cfg", "start"], ["-conf=x.cfg", "start"]):
        early = flawless(*words)
        assert early.returncode == 2 and "--conf stands behind the command" in early.stderr


def run_without_reader(*words, cwd=None):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return subprocess.run([harness.binary(), *words], cwd=cwd, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=60)
    finally:
        os.close(writer)


@pytest.mark.parametrize("words", [["options"], ["options", "--json"], ["version"], ["help"]])
def test_a_reader_that_goes_away_ends_a_command_quietly(words):
    done = run_without_reader(*words)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, "")


def test_a_command_whose_reader_went_away_has_done_its_work(fresh):
    site = fresh()
    done = run_without_reader("project", "create", "shop", "--conf", site.conf)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, "")
    assert [p["name"] for p in json.loads(site.run("project", "list", "--json"))["projects"]] == ["shop"]


def test_output_that_does_not_fit_is_an_error():
    with open("/dev/full", "w") as full:
        done = subprocess.run([harness.binary(), "options"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr == "flawless: cannot write to standard output: No space left on device\n"


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
    top = flawless("configure", "--yes", "--set", "data_dri=x", cwd=tmp_path)
    assert "unknown key 'data_dri'; did you mean 'flawless.data_dir'?" in top.stderr
    nowhere = flawless("configure", "--yes", "--set", "data_dir=x", "--output", "no/dir/x.cfg", cwd=tmp_path)
    assert nowhere.returncode == 2 and f"there is no directory {tmp_path}/no/dir" in nowhere.stderr
    unnamed = flawless("configure", "--yes", "--set", "data_dir=x", "--output", "", cwd=tmp_path)
    assert unnamed.returncode == 2 and unnamed.stderr == "flawless: --output is empty; name the file to write\n"
    directory = flawless("configure", "--yes", "--set", "data_dir=x", "--output", ".", "--force", cwd=tmp_path)
    assert directory.returncode == 2 and "is a directory" in directory.stderr
    assert os.listdir(tmp_path) == []


def test_old_configuration_is_named_and_converted(tmp_path):
    (tmp_path / "old.cfg").write_text("[flawless]\ndata_dir_path = /srv/old\nhttp_port = 9001\nsmtp_host = mx:25\n"
                                      "report_error_threshold = 5\nredis_version = 2.0\n")
    refused = flawless("check", "--conf", "old.cfg", cwd=tmp_path)
    assert refused.returncode == 2 and "`flawless configure --yes --from old.cfg --output NEW.cfg`" in refused.stdout
    without = flawless("configure", "--from", "old.cfg", cwd=tmp_path)
    assert without.returncode == 2 and "add --yes" in without.stderr and "add --from" not in without.stderr
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


# --- send, check, start -------------------------------------------------------------------------------------------

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


def config(tmp_path, more="", data_dir="data"):
    """A configuration file in tmp_path, of which only the owner knows."""
    path = tmp_path / "flawless.cfg"
    path.write_text(f'[flawless]\ndata_dir = "{data_dir}"\n[http]\nport = 0\n' + more)
    path.chmod(0o600)
    return path


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


def check(cwd, env=None):
    """What is found, as (mark, subject, text), all that was printed, and the exit code."""
    done = flawless("check", cwd=cwd, env=env)
    rows = [re.fullmatch(r"(ok|warn|FAIL)  +([^:]+): (.*)", line) for line in done.stdout.splitlines()]
    return [row.groups() for row in rows if row], done.stdout + done.stderr, done.returncode


@pytest.mark.parametrize("url, said", [("ext::sh -c 'touch proof'", "begins with https://"),
                                       ("--upload-pack=touch proof", "begins with https://"),
                                       ("http://git:hunter22@h/x", "use https:// or ssh://")])
def test_check_and_start_refuse_the_same_addresses(tmp_path, url, said):
    config(tmp_path, f'[[repository]]\nname = "a"\nurl = "{url}"\n[[repository]]\nname = "b"\nurl = "{url}"\n')
    found, printed, code = check(tmp_path)
    started = flawless("start", cwd=tmp_path)
    assert code == 2 and started.returncode == 2
    for text in [printed, started.stderr]:
        assert "flawless.cfg:7: 'repository.url' of repository 'a'" in text and said in text
        assert "flawless.cfg:10: 'repository.url' of repository 'b'" in text and "hunter22" not in text
    assert sorted(os.listdir(tmp_path)) == ["flawless.cfg"]


def test_check_looks_for_a_repository_on_this_machine(tmp_path):
    (tmp_path / "with space.git").mkdir()
    (tmp_path / "with space.git" / "HEAD").write_text("ref: refs/heads/main\n")
    config(tmp_path, f'[[repository]]\nname = "gone"\nurl = "file://{tmp_path}/gone.git"\n'
                     f'[[repository]]\nname = "there"\nurl = "file://{tmp_path}/with%20space.git"\n')
    found, _, code = check(tmp_path)
    assert code == 1 and ("FAIL", "repository gone", f"{tmp_path}/gone.git does not exist") in found
    assert ("ok", "repository there", f"{tmp_path}/with space.git is there") in found


def test_check_shows_no_password_and_says_where_it_belongs(tmp_path):
    path = config(tmp_path, '[[repository]]\nname = "shop"\nurl = "https://u:hunter22@h.example/x?a=qtok77"\n')
    path.chmod(0o644)
    found, printed, code = check(tmp_path)
    assert code == 0 and "hunter22" not in printed and "qtok77" not in printed
    assert ("ok", "repository shop", "to be cloned from https://h.example/x?a=…") in found
    warnings = [text for mark, subject, text in found if mark == "warn" and subject == "configuration"]
    assert any("repository.credentials_file" in w for w in warnings) and any("chmod 600" in w for w in warnings)
    path.chmod(0o600)
    assert "chmod 600" not in check(tmp_path)[1]


def test_check_tells_about_mail(tmp_path):
    config(tmp_path)
    assert ("warn", "mail", "none is sent: name a mail server in 'mail.smtp_host'") in check(tmp_path)[0]
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        config(tmp_path, f'[mail]\nsmtp_host = "127.0.0.1"\nsmtp_port = {port}\nsmtp_tls = "tls"\n'
                         'smtp_user = "me"\nsmtp_password = "hunter22"\nfrom = "f@x.example"\n'
                         'default_contact = "ops@x.example"\n')
        found, printed, _ = check(tmp_path)
    assert ("ok", "mail", f"goes to 127.0.0.1 port {port} over TLS, signed in as me, from f@x.example") in found
    assert ("ok", "mail", "where no developer can be found, ops@x.example is told") in found
    assert "hunter22" not in printed and "warn" not in printed
    config(tmp_path, f'[mail]\nsmtp_host = "127.0.0.1"\nsmtp_port = {port}\n')
    found, _, code = check(tmp_path)
    warnings = [text for mark, subject, text in found if mark == "warn" and subject == "mail"]
    assert code == 0 and len(warnings) == 2
    assert "mail.default_contact" in warnings[0] and f"127.0.0.1 port {port} cannot be reached" in warnings[1]


def test_a_variable_that_would_be_ignored_is_named(fresh, tmp_path):
    wrong = {"FLAWLESS_HTTP_PROT": "1", "FLAWLESS_BINARY": "x", "FLAWLESS_URL": "y"}
    config(tmp_path)
    found, _, code = check(tmp_path, env=wrong)
    said = [text for mark, subject, text in found if subject == "environment"]
    assert code == 0 and len(said) == 1 and "did you mean FLAWLESS_HTTP_PORT?" in said[0]
    site = fresh()
    site.start(env=wrong)
    assert said[0] in site.log_text()


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
    edit(before.replace(f"port = {site.port}", "port = 1").replace("[mail]\n", '[mail]\ndefault_contact = "ops@x.example"\n'))
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
