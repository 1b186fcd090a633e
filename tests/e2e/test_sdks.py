"""Unmodified SDKs report one exception each; it is read back whole through the API."""
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def frame_of(occurrence, function):
    frames = [f for e in occurrence["event"]["exceptions"] for f in e["frames"] if f.get("function") == function]
    assert frames, occurrence["event"]["exceptions"]
    return frames[-1]


def variables(frame):
    return {v["name"]: v["value"] for v in frame.get("variables", [])}


def test_debian_sentry_sdk(server, project):
    script = str(HERE.parents[1] / "examples" / "banner_shop.py")
    event_id = run(["/usr/bin/python3", script, project["dsn"], "1.4.2"])
    occurrence = server.occurrence(project, event_id)
    event = occurrence["event"]
    assert event["exceptions"][0]["type"] == "IndexError"
    assert event["exceptions"][0]["message"] == "Cannot choose from an empty sequence"
    frame = frame_of(occurrence, "pick_banner")
    assert frame["path"].endswith("banner_shop.py") and frame["code"].strip() == "chosen.append(random.choice(banners))"
    assert variables(frame) == {"shop": "'paris'", "limit": 3, "banners": [], "chosen": [], "_": 0} or \
        variables(frame) == {"shop": "'paris'", "limit": "3", "banners": [], "chosen": [], "_": "0"}
    assert not frame_of(occurrence, "choice")["in_app"], "the standard library is nobody's application"
    assert "4111 4111" not in server.get(f"/api/2/occurrences/{occurrence['id']}/raw", project["tokens"]["read"]).body.decode()
    assert event["release"] == "1.4.2" and event["environment"] == "production"
    assert event["person"]["email"] == "ada@shop.example"
    item = server.api(f"/projects/{project['id']}/items/{occurrence['item']}", project["tokens"]["read"])
    assert "pick_banner" in item["culprit"], "the app's line is to blame, not the standard library's"


@pytest.mark.parametrize("kind", ["rollbar", "sentry"])
def test_npm_sdk(server, project, kind):
    arguments = [project["tokens"]["post_server_item"], server.url] if kind == "rollbar" else [project["dsn"]]
    report_id = run(["node", str(HERE / "node" / "report.js"), kind, *arguments])
    occurrence = server.occurrence(project, report_id)
    event = occurrence["event"]
    assert event["exceptions"][0]["type"] == "TypeError"
    frame = frame_of(occurrence, "pickBanner")
    assert frame["path"].endswith("report.js") and frame["line"] == 4
    assert frame["code"].strip() == "return banners[0].title + shop;"
    assert event["release"] == "a1b2c3d" and event["environment"] == "production"
    item = server.api(f"/projects/{project['id']}/items/{occurrence['item']}", project["tokens"]["read"])
    assert "pickBanner" in item["culprit"]
    if kind == "rollbar":
        assert event["custom"]["orderId"] == 17
        assert "Bearer s3cret" not in str(event), "an authorization header is a secret"
    else:
        assert event["person"]["id"] == "17"


def test_the_same_report_twice_is_one_occurrence(server, project):
    token, read = project["tokens"]["post_server_item"], project["tokens"]["read"]
    from harness import rollbar_message
    data = rollbar_message()
    assert [server.rollbar(token, data).status for _ in range(3)] == [200, 200, 200]
    occurrence = server.occurrence(project, data["uuid"])
    server.wait_until_digested(read)
    item = server.api(f"/projects/{project['id']}/items/{occurrence['item']}", read)
    assert item["count"] == 1


if __name__ == "__main__":
    sys.exit(pytest.main([__file__]))
