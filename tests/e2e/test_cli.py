"""The grammar of the command line of the real binary: help, versions, wrong usage, and output that nobody takes."""
import json
import os
import re
import signal
import subprocess

import pytest

import harness
from cli import flawless


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
        return subprocess.run([harness.binary(), *words], cwd=cwd, stdout=writer, stderr=subprocess.PIPE, text=True,
                              timeout=60)
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
