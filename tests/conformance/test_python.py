"""PyPI's pyrollbar and the newest sentry-sdk, unmodified, each in an environment of its own (scripts/conformance)."""
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


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
