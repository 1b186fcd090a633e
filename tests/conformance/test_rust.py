"""Sentry's client for Rust, unmodified, in a release build with line tables (scripts/conformance)."""
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT = ROOT / "build" / "conformance" / "rust"
SOURCES = ROOT / "tests" / "conformance" / "rust" / "src"
RELEASE = "a1b2c3d"

pytestmark = pytest.mark.skipif(not (BUILT / "built").exists(),
                                reason="sentry for Rust could not be installed here; run scripts/conformance")


def report(server, project, kind):
    done = subprocess.run([BUILT / "release" / "conformance", project["dsn"], RELEASE, kind], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=60, env={**os.environ, "RUST_BACKTRACE": "1"})
    assert done.returncode == 0 and done.stdout.strip(), done.stderr
    return server.occurrence(project, done.stdout.strip().splitlines()[-1])


def item_of(server, project, occurrence):
    return server.api(f"/projects/{project['id']}/items/{occurrence['item']}", project["tokens"]["read"])


def line_of(file, code):
    found = [number for number, line in enumerate((SOURCES / file).read_text().splitlines(), 1) if code in line]
    assert len(found) == 1, (code, found)
    return found[0]


def assert_blamed(server, project, occurrence, file, function, code):
    culprit = item_of(server, project, occurrence)["culprit"]
    assert culprit.startswith(file) and function in culprit and culprit.endswith(f":{line_of(file, code)}"), culprit


def test_panic(server, project):
    occurrence = report(server, project, "panic")
    event = occurrence["event"]
    exception = event["exceptions"][0]
    assert exception["type"] == "panic"
    assert exception["message"] == "index out of bounds: the len is 0 but the index is 2"
    assert exception["mechanism"] == "panic" and exception["handled"] is False and event["level"] == "critical"
    frames = [frame for frame in exception["frames"] if frame["in_app"]]
    assert all(frame["function"].removeprefix("<").startswith("conformance::") for frame in frames), frames
    assert all(frame["abs_path"] == str(SOURCES / frame["path"]) and frame["line"] for frame in frames), frames
    assert event["release"] == RELEASE and event["environment"] == "production" and event["host"] == "web-1"
    person = event["person"]
    assert (person["id"], person["username"], person["email"]) == ("17", "ada", "ada@shop.example")
    assert person["extra"] == {"plan": "gold"} and event["tags"] == {"shop": "paris"}
    assert event["custom"] == {"order": 17} and event["breadcrumbs"][0]["message"] == "two added"
    assert event["language"].startswith("rustc 1.") and event["os"]["name"] == "Linux"
    item = item_of(server, project, occurrence)
    assert item["title"] == "panic: index out of bounds: the len is 0 but the index is 2"
    assert_blamed(server, project, occurrence, "shop.rs", "first", "banners[at]")
    assert report(server, project, "panic")["item"] == occurrence["item"]
    other = report(server, project, "elsewhere")
    assert other["item"] != occurrence["item"]
    assert_blamed(server, project, other, "shop.rs", "only", "panic!(")


def test_unwrap_and_a_panic_in_a_crate_are_the_callers(server, project):
    assert_blamed(server, project, report(server, project, "unwrap"), "shop.rs", "last", ".unwrap()")
    assert_blamed(server, project, report(server, project, "foreign panic"), "shop.rs", "store", "list[at] =")


def test_panic_in_a_thread(server, project):
    occurrence = report(server, project, "thread")
    assert_blamed(server, project, occurrence, "shop.rs", "first", "banners[at]")
    outermost = next(frame for frame in occurrence["event"]["exceptions"][0]["frames"] if frame["in_app"])
    assert outermost["function"] == "conformance::report::{{closure}}"


CHAIN = [("Banner", "picking 3"), ("Looking", "looking in paris"),
         ("ParseIntError", "invalid digit found in string")]


def test_error_with_sources(server, project):
    occurrence = report(server, project, "error")
    assert [(e["type"], e["message"]) for e in occurrence["event"]["exceptions"]] == CHAIN
    item = item_of(server, project, occurrence)
    assert item["title"] == "Banner: picking 3" and item["level"] == "error"
    assert report(server, project, "error")["item"] == occurrence["item"]


def test_anyhow_brings_its_backtrace(server, project):
    occurrence = report(server, project, "anyhow")
    assert [(e["type"], e["message"]) for e in occurrence["event"]["exceptions"]] == [
        ("Error", "counting banners"), *CHAIN]
    assert_blamed(server, project, occurrence, "main.rs", "counted", "counting banners")


def test_message(server, project):
    occurrence = report(server, project, "message")
    item = item_of(server, project, occurrence)
    assert item["title"] == "stock of paris is low" and item["level"] == "warning"
    assert report(server, project, "message")["item"] == occurrence["item"]
