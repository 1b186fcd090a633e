"""PyPI's pyrollbar and the newest sentry-sdk, unmodified, each in an environment of its own (scripts/conformance)."""
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from story import BANNER, GRACE, World, address  # noqa: E402


def python_with(sdk):
    python = ROOT / "build" / "conformance" / sdk / "bin" / "python"
    if not python.exists():
        pytest.skip(f"{sdk} could not be installed here; run scripts/conformance")
    return str(python)


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout.strip(), done.stderr
    return done.stdout.strip().splitlines()[-1]


def variables(frame):
    return {v["name"]: (v["role"], v["value"]) for v in frame["variables"]}


def frame_of(event, function):
    return next(f for f in event["exceptions"][0]["frames"] if f.get("function") == function)


def test_pyrollbar(server, project):
    report = str(ROOT / "tests" / "conformance" / "report_rollbar.py")
    report_id = run(python_with("rollbar"), report, project["tokens"]["post_server_item"], server.url)
    occurrence = server.occurrence(project, report_id)
    event = occurrence["event"]
    assert event["exceptions"][0]["type"] == "IndexError"
    assert event["exceptions"][0]["message"] == "Cannot choose from an empty sequence"
    seen = variables(frame_of(event, "get_random_reviews"))
    assert seen["count"] == ("argument", 3)
    assert seen["self"][0] == "argument" and "Site" in seen["self"][1]
    assert seen["args"][0] == "varargs" and seen["kw"] == ("kwargs", {"k": 5})
    assert seen["reviews"] == ("local", []) and seen["chosen"] == ("local", [])
    assert "hunter2" not in str(event["exceptions"][0]["frames"][-2]["variables"])
    assert event["custom"]["order"] == 17 and event["release"] == "a1b2c3d"
    item = server.api(f"/projects/{project['id']}/items/{occurrence['item']}", project["tokens"]["read"])
    assert "get_random_reviews" in item["culprit"], "the application's line, not the standard library's"


def test_newest_sentry_sdk(server, project):
    script = str(ROOT / "examples" / "banner_shop.py")
    report_id = run(python_with("sentry-sdk"), script, project["dsn"], "1.4.2")
    occurrence = server.occurrence(project, report_id)
    event = occurrence["event"]
    assert event["exceptions"][0]["type"] == "IndexError"
    frame = frame_of(event, "pick_banner")
    assert {"banners", "chosen", "limit", "shop"} <= set(variables(frame))
    assert "4111 4111" not in str(event["exceptions"][0])
    item = server.api(f"/projects/{project['id']}/items/{occurrence['item']}", project["tokens"]["read"])
    assert "pick_banner" in item["culprit"]


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path).start()
    yield made
    made.close()


@pytest.mark.parametrize("client, package", [("rollbar", "rollbar"), ("sentry", "sentry-sdk")])
def test_the_story(world, client, package):
    """The shop fails and reports through the newest client: its author has one mail, whatever follows."""
    python, project = python_with(package), world.project()
    with world.serving(client, project, python) as request:
        assert request() == 500
        item = world.decided_item(project)
        letter = world.mail(GRACE)
        for _ in range(4):
            assert request() == 500
        world.decided_item(project, count=5)
        world.restart(kill=True)
        # An SDK may lose what it sends on a connection that the kill cut.
        world.server.wait_until(lambda: request() == 500 and world.item(project)["count"] > 5)
    assert world.mail(GRACE).number == letter.number
    assert item["title"] == "IndexError: Cannot choose from an empty sequence"
    verdict = world.item(project)["line"]["verdict"]
    assert (verdict["path"], verdict["author_email"], verdict["revision"]) == (BANNER, address(GRACE), world.shop.head)
    rows = world.server.api(f"/projects/{project['id']}/occurrences", project["tokens"]["read"])["occurrences"]
    event = world.server.api(f"/occurrences/{rows[0]['id']}", project["tokens"]["read"])["event"]
    seen = variables(frame_of(event, "pick_banners"))
    assert seen["banners"] == ("local", []) and {"connection", "shop", "count", "chosen"} <= set(seen)
    assert event["request"]["method"] == "GET" and event["host"] and event["environment"] == "production"


def test_three_clients_one_mail(world):
    project = world.project()
    for count, (client, python) in enumerate([("rollbar", python_with("rollbar")), ("sentry", python_with("sentry-sdk")),
                                              ("flawless", "/usr/bin/python3")], 1):
        with world.serving(client, project, python) as request:
            assert request() == 500
            world.server.wait_until(lambda: sum(item["count"] for item in world.items(project)) == count)
    world.mail(GRACE)
