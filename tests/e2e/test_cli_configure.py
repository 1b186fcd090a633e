"""`flawless configure`, and where every command looks for the configuration."""
import json
import os

from cli import flawless, mode


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
