"""API v2 of the real binary: every reply is held against the OpenAPI document that the server itself serves."""
import gzip
import re
import threading
import time
import urllib.parse
import uuid

import jsonschema
import pytest
import requests
import sentry_sdk

TIMEOUT = 10


def rollbar_item(**changes):
    data = {
        "uuid": str(uuid.uuid4()),
        "environment": "production",
        "level": "error",
        "code_version": "r1",
        "language": "python 3.11",
        "framework": "flask",
        "context": "shop.views.home",
        "server": {"host": "web1", "root": "/srv/shop", "branch": "main"},
        "person": {"id": "42", "username": "ada", "email": "ada@example.org"},
        "request": {
            "url": "https://shop.example/cart?access_token=tok-secret",
            "method": "POST",
            "headers": {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/131.0",
                        "Authorization": "Bearer hdr-secret"},
            "POST": {"item": "7", "password": "hunter2"},
            "user_ip": "203.0.113.9",
        },
        "custom": {"basket": [1, 2, {"deep": None}], "password": "hunter2"},
        "body": {"trace": {
            "exception": {"class": "IndexError", "message": "list index out of range"},
            "frames": [
                {"filename": "/usr/lib/python3/dist-packages/flask/app.py", "lineno": 9, "method": "run"},
                {"filename": "shop/banner.py", "lineno": 17, "method": "pick_banner",
                 "code": "return banners[i]", "context": {"pre": ["def pick_banner(banners, i):"], "post": [""]},
                 "argspec": ["banners"], "locals": {"banners": [], "i": 3, "api_key": "key-secret"}}]}},
    }
    data.update(changes)
    return data


class Client:
    """Calls the API and checks what comes back against its description."""

    def __init__(self, url):
        self.url = url
        self.document = requests.get(url + "/api/2/openapi.json", timeout=TIMEOUT).json()
        self.resolver = jsonschema.RefResolver.from_schema(self.document)
        self.seen = set()  # (method, path) answered well

    def _deref(self, node):
        while "$ref" in node:
            node = self.resolver.resolve(node["$ref"])[1]
        return node

    def call(self, method, template, token=None, status=200, query=None, body=None, session=None, **values):
        """`session`: a requests.Session whose cookies are sent, from the server's own origin."""
        path = template
        for name, value in values.items():
            path = path.replace("{%s}" % name, urllib.parse.quote(str(value), safe=""))
        headers = {"Authorization": "Bearer " + token} if token else {}
        if session is not None and method != "GET":
            headers["Origin"] = self.url
        send = (session or requests).request
        reply = send(method, self.url + path, params=query, json=body, headers=headers, timeout=TIMEOUT)
        assert reply.status_code == status, (path, reply.status_code, reply.text)
        assert reply.headers["Cache-Control"] == "no-store", path
        return self._validate(reply, method, template)

    def post_report(self, token, body=b'{"message":"hello"}', encoding="identity", status=200):
        headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
        if token:
            headers["Authorization"] = "Bearer " + token
        reply = requests.post(self.url + "/api/2/report", data=body, headers=headers, timeout=TIMEOUT)
        assert reply.status_code == status, reply.text
        return self._validate(reply, "POST", "/api/2/report")

    def _validate(self, reply, method, template):
        operation = self.document["paths"][template][method.lower()]
        described = self._deref(operation["responses"][str(reply.status_code)])
        if reply.ok:
            self.seen.add((method.lower(), template))
        if "content" not in described:
            assert reply.text == ""
            return None
        (media_type, media), = described["content"].items()
        assert reply.headers["Content-Type"].startswith(media_type), reply.headers
        value = reply.json() if media_type == "application/json" else reply.text
        jsonschema.Draft202012Validator(media["schema"], resolver=self.resolver).validate(value)
        return value


P = "/api/2/projects/{project}"
I = P + "/items/{number}"
O = "/api/2/occurrences/{id}"


class World:
    def __init__(self, server):
        self.client = Client(server.url)
        self.shop = server.project("shop")
        self.other = server.project("other")
        self.server = server
        self.system = server.run("token", "create", "--scope", "write").strip()  # of all projects
        self.reader = self.shop["tokens"]["read"]
        self.writer = self.shop["tokens"]["write"]
        self.uuids = [self.report(), self.report(environment="staging", code_version="r2",
                                                 server={"host": "web2"}),
                      self.report(level="critical", body={"message": {"body": "no stock left"}})]

    @property
    def id(self):
        return self.shop["id"]

    def send(self, item):
        reply = requests.post(self.client.url + "/api/1/item/", json={"data": item}, timeout=TIMEOUT,
                              headers={"X-Rollbar-Access-Token": self.shop["tokens"]["post_server_item"]})
        assert reply.status_code == 200, reply.text
        return item["uuid"]

    def report(self, **changes):
        """Sends a report and waits until it can be read."""
        sent = self.send(rollbar_item(**changes))
        self.find(sent)
        return sent

    def find(self, report_id, within=10):
        deadline = time.monotonic() + within
        while True:
            reply = requests.get("%s/api/2/projects/%s/reports/%s" % (self.client.url, self.id, report_id),
                                 headers={"Authorization": "Bearer " + self.reader}, timeout=TIMEOUT)
            if reply.status_code == 200:
                return reply.json()
            assert reply.status_code == 404, reply.text
            assert time.monotonic() < deadline, "report %s was not stored in %s s" % (report_id, within)
            time.sleep(0.02)

    def get(self, template, **more):
        return self.client.call("GET", template, more.pop("token", self.reader), **more)


@pytest.fixture(scope="module")
def world(server):
    return World(server)


def sign_in_and_out(world):
    """From the link that the first start printed."""
    call, link = world.client.call, re.search(r"/welcome\?link=(\S+)", world.server.log_text()).group(1)
    call("GET", "/api/2/session", status=401)
    call("GET", "/api/2/session/first", query={"link": link})
    ada = {"email": "ada@shop.example", "password": "correct horse battery"}
    with requests.Session() as browser:
        call("POST", "/api/2/session/first", session=browser, body={"link": link, "name": "Ada", **ada})
        assert call("GET", "/api/2/session", session=browser)["user"]["email"] == ada["email"]
        call("DELETE", "/api/2/session", status=204, session=browser)
        call("POST", "/api/2/session", session=browser, body=ada)
        call("DELETE", "/api/2/sessions", status=204, session=browser)
        call("DELETE", "/api/2/sessions", status=401, session=browser)
        call("POST", "/api/2/session", session=browser, body=ada)


def test_every_operation_answers_as_described(world):
    first = world.find(world.uuids[0])
    own = dict(project=world.id)
    world.get("/api/2/projects")
    world.get(P, **own)
    world.get(P + "/items", **own)
    world.get(I, number=first["item"], **own)
    world.get(I + "/trend", number=first["item"], **own)
    world.get(I + "/occurrences", number=first["item"], **own)
    world.get(P + "/occurrences", **own)
    world.get(P + "/reports/{uuid}", uuid=world.uuids[0], **own)
    world.get(O, id=first["id"])
    world.get(O + "/raw", id=first["id"])
    world.get("/api/2/health")
    world.get("/metrics", token=world.system)
    world.client.call("GET", "/api/2/openapi.json")
    world.client.call("GET", "/check_health")
    world.client.call("PATCH", I, world.writer, body={"status": "active"}, number=first["item"], **own)
    world.client.call("POST", "/api/2/projects", world.system, 201, body={"name": "by the API"})
    world.client.call("GET", P + "/keys", world.writer, **own)
    world.client.call("GET", "/api/2/repositories", world.system)
    world.client.call("GET", "/api/2/system/quarantine", world.system)
    world.client.call("POST", "/api/2/system/quarantine/retry", world.system, body={"all": True})
    rule = world.client.call("POST", "/api/2/rules", world.writer, 201,
                             body={"kind": "known_error", "project": world.id, "path": "shop/old.py"})
    assert rule["id"] in [r["id"] for r in world.get("/api/2/rules")["rules"]]
    world.client.call("DELETE", "/api/2/rules/{id}", world.writer, 204, id=rule["id"])
    sign_in_and_out(world)
    world.client.post_report(world.other["tokens"]["post_server_item"])
    described = {(method, path) for path, methods in world.client.document["paths"].items() for method in methods}
    assert described - world.client.seen == {("get", "/api/2/events")}, "which has tests of its own"


def test_reports_are_refused_as_described(world):
    post, token = world.client.post_report, world.shop["tokens"]["post_server_item"]
    for status, refused in ((400, post(token, b"{", status=400)), (403, post(None, status=403)),
                            (403, post("wrong", status=403)), (403, post(world.reader, status=403)),
                            (413, post(token, gzip.compress(b" " * (21 << 20)), "gzip", 413)),
                            (415, post(token, encoding="rot13", status=415))):
        assert refused["error"]["code"] and refused["error"]["message"], status


def test_every_error_has_the_described_form(world):
    call, own = world.client.call, dict(project=world.id)
    error = call("GET", P + "/items", token=None, status=401, **own)["error"]
    assert error["code"] == "token_missing"
    post = world.shop["tokens"]["post_server_item"]
    assert call("GET", P + "/items", post, status=403, **own)["error"]["code"] == "scope_missing"
    assert call("GET", P + "/items", "wrong", status=403, **own)["error"]["code"] == "token_unknown"
    assert call("GET", P, world.reader, status=404, project="nobody")["error"]["code"] == "not_found"
    assert "'lvl'" in world.get(P + "/items", status=400, query={"lvl": "error"}, **own)["error"]["message"]
    assert "critical" in world.get(P + "/items", status=400, query={"level": "bad"}, **own)["error"]["message"]
    call("PATCH", I, world.reader, status=403, body={"status": "resolved"}, number=1, **own)
    call("PATCH", I, world.writer, status=400, body={"status": "gone"}, number=1, **own)
    call("PATCH", I, world.writer, status=413, body={"status": "x" * (64 << 10)}, number=1, **own)


def test_methods_and_paths_that_are_not_there(world):
    reply = requests.delete(world.client.url + "/api/2/projects", timeout=TIMEOUT)
    assert reply.status_code == 405 and "GET" in reply.headers["Allow"]
    assert reply.json()["error"]["code"]
    for method, path, status in (("TRACE", "/", 405), ("PURGE", "/p/1", 405), ("PURGE", "/api/2/nothing", 501)):
        assert requests.request(method, world.client.url + path, timeout=TIMEOUT).status_code == status, (method, path)
    reply = requests.get(world.client.url + "/api/2/nothing", timeout=TIMEOUT)
    assert reply.status_code == 404 and reply.json()["error"]["code"] == "not_found"


def test_a_foreign_token_sees_nothing(world):
    first = world.find(world.uuids[0])
    own = dict(project=world.id, number=first["item"], id=first["id"], uuid=world.uuids[0])
    foreign = world.other["tokens"]["write"]
    for path, methods in world.client.document["paths"].items():
        names = re.findall("{(.*?)}", path)
        for method in methods if names else ():
            body = {"status": "resolved"} if method == "patch" else None
            world.client.call(method.upper(), path, foreign, status=404, body=body, **{n: own[n] for n in names})


def test_items_filter_sort_and_page(world):
    def numbers(**query):
        return [item["number"] for item in world.get(P + "/items", project=world.shop["name"], query=query)["items"]]

    assert sorted(numbers()) == sorted(numbers(sort="first_seen"))
    assert numbers(level="critical") == numbers(q="stock")
    assert len(numbers(environment="staging,nowhere")) == 1
    assert numbers(level=["critical", "error"], sort="level") == numbers(sort="-level")[::-1]
    page = world.get(P + "/items", project=world.shop["name"], query={"limit": 1, "sort": "first_seen"})
    rest = world.get(P + "/items", project=world.shop["name"],
                     query={"limit": 200, "sort": "first_seen", "cursor": page["next"]})
    assert [item["number"] for item in page["items"] + rest["items"]] == numbers(sort="first_seen")


def test_occurrence_shows_arguments_locals_and_no_secret(world):
    one = world.find(world.uuids[0])
    frame = one["event"]["exceptions"][0]["frames"][-1]
    assert (frame["function"], frame["line"], frame["in_app"]) == ("pick_banner", 17, True)
    variables = {variable["name"]: variable for variable in frame["variables"]}
    assert variables["banners"]["role"] == "argument" and variables["i"]["value"] == 3
    assert variables["api_key"]["value"] == "[scrubbed]"
    assert one["culprit"]["path"] == "shop/banner.py"
    for path in ("/api/2/occurrences/%d" % one["id"], "/api/2/occurrences/%d/raw" % one["id"]):
        text = requests.get(world.client.url + path, timeout=TIMEOUT,
                            headers={"Authorization": "Bearer " + world.reader}).text
        for secret in ("hunter2", "tok-secret", "hdr-secret", "key-secret"):
            assert secret not in text, path


def test_resolve_and_reopen(world):
    item = world.find(world.report(body={"message": {"body": "resolve me"}}))["item"]
    own = dict(project=world.id, number=item)
    changed = world.client.call("PATCH", I, world.writer, body={"status": "resolved"}, **own)
    assert changed["status"] == "resolved" and changed["status_changed_at"]
    world.report(body={"message": {"body": "resolve me"}})
    again = world.get(I, **own)
    assert (again["status"], again["count"], again["count_active"]) == ("active", 2, 1)


def test_what_the_sentry_sdk_sends_reads_as_described(world):
    client = sentry_sdk.Client(dsn=world.shop["dsn"], environment="production", release="shop@1.4.2",
                               server_name="web3", send_default_pii=True, default_integrations=False)
    with sentry_sdk.Hub(client) as hub:
        hub.scope.set_user({"id": "7", "email": "grace@example.org"})
        hub.scope.set_tag("region", "eu")
        hub.add_breadcrumb(category="auth", message="signed in", level="info", data={"ms": 3})
        try:
            basket = {"items": [], "password": "hunter2"}
            basket["items"][0]
        except IndexError:
            event_id = hub.capture_exception()
    client.close(timeout=5)
    world.find(event_id)
    one = world.get(P + "/reports/{uuid}", project=world.id, uuid=event_id)
    assert one["uuid"].replace("-", "") == event_id
    assert (one["release"], one["host"], one["person"]["id"]) == ("shop@1.4.2", "web3", "7")
    exception = one["event"]["exceptions"][0]
    assert exception["type"] == "IndexError"
    names = [variable["name"] for variable in exception["frames"][-1]["variables"]]
    assert "basket" in names
    assert one["event"]["breadcrumbs"][-1]["message"] == "signed in"
    assert one["event"]["tags"]["region"] == "eu"
    world.get(O + "/raw", id=one["id"])


FRAME = {"path": "shop/a.py", "abs_path": "/srv/shop/a.py", "module": "shop.a", "function": "f", "class_name": "A",
         "package": "shop 1.0", "address": "0x10", "line": 3, "column": 2, "function_first_line": 1,
         "function_last_line": 9, "code": "f(x)", "code_before": ["a"], "code_after": ["b"], "in_app": True,
         "variables": [{"name": n, "role": r, "value": {"deep": [1, None, "x"]}}
                       for n, r in zip("abcd", ("argument", "varargs", "kwargs", "local"))]}
EVERY_FIELD = {
    "id": "6f1c2d3e4b5a69788796a5b4c3d2e1f0", "occurred_at": "2026-11-22T14:05:11.250Z", "level": "warning", "count": 12,
    "error_threshold": 3, "message": "user 5 not found", "message_template": "user %s not found", "title": "No user",
    "exceptions": [{"type": "KeyError", "module": "builtins", "message": "5", "mechanism": "wsgi", "handled": True,
                    "synthetic": True, "frames": [FRAME]},
                   {"type": "OSError", "frames": [{"path": "b.py", "line": 1, "locals": {"x": 1}}]}],
    "release": "r1", "environment": "production", "host": "web-3", "server_root": "/srv/shop", "platform": "python",
    "language": "python 3.12", "framework": "flask 3", "context": "shop.home", "logger": "shop", "trace_id": "ab12",
    "sdk": {"name": "own", "version": "1"}, "browser": {"name": "Firefox", "version": "131"},
    "os": {"name": "Linux", "version": "6"}, "device": "Fairphone 5",
    "request": {"method": "GET", "url": "https://shop.example/", "query": "a=b", "headers": {"Accept": "*/*"},
                "cookies": {"a": "b"}, "body": {"item": 7}, "params": {"id": 5}, "env": {"X": "y"}, "session": {"s": 1},
                "user_ip": "{{auto}}"},
    "person": {"id": 17, "username": "ann", "email": "ann@example.com", "ip": "203.0.113.9", "plan": "gold"},
    "tags": {"region": "eu"}, "modules": {"flask": "3.0"},
    "threads": [{"id": "1", "name": "main", "state": "running", "crashed": True, "current": True, "frames": [FRAME]}],
    "breadcrumbs": [{"at": "2026-11-22T14:05:10Z", "type": "default", "level": "info", "category": "query",
                     "message": "SELECT 1", "data": {"ms": 3}}],
    "fingerprint": ["{{ default }}", "x"], "custom": {"attempt": 2}, "contexts": {"trace": {"a": 1}}, "server": {"pid": 1},
    "crash_report": "crashed"}


def test_a_report_with_every_field_reads_as_described(world):
    """Each member of the format comes back, and the description knows all of them."""
    reply = requests.post(world.client.url + "/api/2/report", json=EVERY_FIELD, timeout=TIMEOUT, headers={
        "Authorization": "Bearer " + world.shop["tokens"]["post_server_item"]})
    assert reply.status_code == 200, reply.text
    world.find(EVERY_FIELD["id"])
    event = world.get(P + "/reports/{uuid}", project=world.id, uuid=EVERY_FIELD["id"])["event"]
    assert set(EVERY_FIELD) - set(event) == set()
    assert "warnings" not in event, event["warnings"]
    assert event["count"] == 12 and event["error_threshold"] == 3 and event["device"] == "Fairphone 5"
    assert event["person"] == {"id": "17", "username": "ann", "email": "ann@example.com", "ip": "203.0.113.9",
                               "extra": {"plan": "gold"}}


def test_refused_reports_are_counted_for_their_project(world):
    before = {(r["project"], r["reason"]): r["count"] for r in world.get("/api/2/health")["refusals"]}
    reply = requests.post(world.client.url + "/api/1/item/", data="{not json", timeout=TIMEOUT,
                          headers={"X-Rollbar-Access-Token": world.shop["tokens"]["post_server_item"]})
    assert reply.status_code == 400
    deadline = time.monotonic() + 15
    while True:
        refusals = world.get("/api/2/health")["refusals"]
        if sum(r["count"] for r in refusals) > sum(before.values()):
            break
        assert time.monotonic() < deadline, refusals
        time.sleep(0.1)
    assert {r["project"] for r in refusals} == {world.id}
    assert world.get("/api/2/health", token=world.other["tokens"]["read"])["refusals"] == []


def test_metrics_are_prometheus_text(world):
    world.client.call("GET", "/metrics", world.reader, 403)  # they are of all projects
    text = world.get("/metrics", token=world.system)
    sample = re.compile(r'^[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.e+-]+$')
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert all(sample.match(line) for line in lines), [line for line in lines if not sample.match(line)]
    values = dict(line.rsplit(" ", 1) for line in lines)
    assert float(values["flawless_reports_accepted_total"]) >= len(world.uuids)
    assert float(values["flawless_up"]) == 1
    assert float(values["process_resident_memory_bytes"]) > 1 << 20


def test_many_readers_at_once_get_answers_or_503(world):
    statuses = []

    def read():
        session = requests.Session()
        for _ in range(20):
            reply = session.get(world.client.url + "/api/2/projects/%s/items" % world.id, timeout=TIMEOUT,
                                headers={"X-Rollbar-Access-Token": world.reader})
            statuses.append(reply.status_code)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(statuses) == 160 and set(statuses) <= {200, 503} and 200 in statuses
