"""Unmodified browser SDKs in a real Chromium, on a page of another origin: what fails there is read back whole."""
import functools
import http.server
import json
import pathlib
import subprocess
import threading

import pytest

HERE = pathlib.Path(__file__).resolve().parent
CHROMIUM = "/usr/bin/chromium"
SHOP = (HERE / "browser" / "shop.js").read_text().splitlines()
MESSAGE = "Cannot read properties of undefined (reading 'title')"

pytestmark = pytest.mark.skipif(not pathlib.Path(CHROMIUM).exists(), reason="needs Debian's chromium")


class Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def site():
    """Serves the pages and the SDKs; its port makes it another origin than the server under test."""
    handler = functools.partial(Files, directory=HERE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as web:
        thread = threading.Thread(target=web.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{web.server_port}"
        web.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser():
    """One Chromium for all visits: is told a visit, says what came of it."""
    command = ["node", str(HERE / "browser" / "drive.mjs")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        bound = threading.Timer(300, process.kill)
        bound.start()

        def tell(stage):
            process.stdin.write(json.dumps(stage) + "\n")
            said = json.loads(process.stdout.readline() or '{"trouble": "the browser is gone"}')
            assert "trouble" not in said, said["trouble"]
            return said["sentTo"]
        yield tell
        process.stdin.close()
        process.wait()
        bound.cancel()


@pytest.fixture
def visit(server, project, site, browser):
    """Opens the client's page, presses a button; the one occurrence that comes of it, the page, where it was sent."""
    def go(client, action, **more):
        page = f"{site}/browser/{client}.html?city=Paris"
        token = project["tokens"]["post_client_item"]
        sent_to = browser({"page": page, "action": action, "dsn": project["dsn"], "token": token,
                           "endpoint": server.url + "/api/1/item/", **more})
        read = project["tokens"]["read"]
        rows = server.wait_until(lambda: server.api(f"/projects/{project['id']}/occurrences", read)["occurrences"])
        assert len(rows) == 1
        occurrence = server.api(f"/occurrences/{rows[0]['id']}", read)
        return occurrence, page, sent_to
    return go


def place_of(code):
    """Line and column, from 1, of what is marked by ^ in a piece of the shop's code that is there once."""
    before = code.replace("^", "")
    [(number, line)] = [(number, line) for number, line in enumerate(SHOP, 1) if before in line]
    return number, line.index(before) + code.index("^") + 1


FAILS = ("pickBanner",) + place_of("banners[0].^title")


def places(exception):
    assert all(frame["path"].endswith("/browser/shop.js") and frame["in_app"] for frame in exception["frames"])
    return [(frame["function"], frame["line"], frame["column"]) for frame in exception["frames"]]


def check_origin(event, page, release):
    assert event["request"]["url"].startswith(page.partition("?")[0]) and "city=Paris" in event["request"]["url"]
    assert "Chrome" in event["browser"]["name"] and event["browser"]["version"] and event["os"]["name"] == "Linux"
    assert event["release"] == release and event["environment"] == "production" and event["level"] == "error"
    person = event["person"]
    assert (person["id"], person["username"], person["email"]) == ("17", "ada", "ada@shop.example")
    crumbs = {crumb["message"]: crumb for crumb in event["breadcrumbs"]}
    assert crumbs["the shop is open"]["level"] == "warning" and crumbs["the shop is open"]["at"]
    assert any("button#" in message for message in crumbs), "what was clicked"
    assert "warnings" not in event


def check_item(server, project, occurrence, title, function, line):
    item = server.api(f"/projects/{project['id']}/items/{occurrence['item']}", project["tokens"]["read"])
    assert item["title"] == title and item["count"] == 1
    assert function in item["culprit"] and "shop.js" in item["culprit"]
    assert occurrence["culprit"]["line"] == line


RELEASES = {"sentry": "shop@1.4.2", "rollbar": "1.4.2"}
ADDRESSES = {"sentry": "127.0.0.1", "rollbar": "127.0.0.0"}


@pytest.mark.parametrize("client", ["sentry", "rollbar"])
@pytest.mark.parametrize("action", ["uncaught", "rejection"])
def test_nobody_catches_it(server, project, visit, client, action):
    occurrence, page, _ = visit(client, action)
    event = occurrence["event"]
    check_origin(event, page, RELEASES[client])
    [exception] = event["exceptions"]
    assert (exception["type"], exception["message"]) == ("TypeError", MESSAGE)
    assert exception["handled"] is False
    assert places(exception)[-1] == FAILS and len(places(exception)) == 2
    assert event["person"]["ip"] == ADDRESSES[client], "the address that the client asks for, as it asks for it"
    check_item(server, project, occurrence, f"TypeError: {MESSAGE}", "pickBanner", FAILS[1])


@pytest.mark.parametrize("client", ["sentry", "rollbar"])
def test_handled_with_a_cause(server, project, visit, client):
    occurrence, page, _ = visit(client, "handled")
    event = occurrence["event"]
    check_origin(event, page, RELEASES[client])
    thrown, cause = event["exceptions"]
    assert (thrown["type"], thrown["message"]) == ("RangeError", "no banner for Paris")
    assert (cause["type"], cause["message"]) == ("TypeError", MESSAGE)
    throws = ("renderPage",) + place_of("throw ^new RangeError")
    assert places(thrown)[-1] == throws
    if client == "sentry":
        assert thrown["handled"] is True and places(cause)[-1] == FAILS and event["tags"] == {"city": "Paris"}
    else:
        assert event["custom"]["order"] == 17 and event["custom"]["description"] == "the front page"
    check_item(server, project, occurrence, "RangeError: no banner for Paris", "renderPage", throws[1])


@pytest.mark.parametrize("client", ["sentry", "rollbar"])
def test_the_page_goes(server, project, visit, client):
    """Sentry's client fetches with keepalive; of Rollbar's the page sends the payload by sendBeacon."""
    occurrence, _, _ = visit(client, "unload")
    [exception] = occurrence["event"]["exceptions"]
    assert (exception["type"], exception["message"]) == ("TypeError", MESSAGE)
    assert occurrence["event"]["release"] == RELEASES[client]
    if client == "sentry":
        assert places(exception)[-1] == FAILS


def test_sentry_through_a_tunnel(server, project, visit):
    """A tunnel's requests name the key nowhere but in the envelope, as no ad blocker looks for it there."""
    occurrence, page, sent_to = visit("sentry", "uncaught", tunnel=f"{server.url}/api/{project['id']}/envelope/")
    assert sent_to == f"{server.url}/api/{project['id']}/envelope/"
    check_origin(occurrence["event"], page, RELEASES["sentry"])
    assert places(occurrence["event"]["exceptions"][0])[-1] == FAILS
