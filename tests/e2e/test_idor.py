"""Every id of project A with the credentials of B: never A's data, and nothing of A changes."""
import http.client
import json
import re
import threading
import urllib.parse

import pytest

from story import ADA, GRACE, address, bearer, get, link

MARK = "only-of-A-7391"


@pytest.fixture(scope="module")
def two(shared_world):
    """Two projects with an item each, in lines of two people; A's is full of MARK."""
    world = shared_world
    a, b = world.project("A " + MARK), world.project("B")
    a_report = world.report(a, host=MARK, message=MARK, custom={MARK: MARK}, person={"id": MARK, "email": MARK + "@x.example"},
                            tags={"mark": MARK}, environment="env-" + MARK)
    a_letter = world.mail(GRACE)
    world.report(b, path="shop/db.py", text="    return rows.fetchall()\n", function="banners")
    b_letter = world.mails(2)[1]
    assert b_letter.recipients == [address(ADA)]
    write = world.server.run("token", "create", "--scope", "write", "--project", "B").strip()
    return {"world": world, "a": a, "b": b, "uuid": a_report, "a_letter": a_letter, "b_letter": b_letter, "write": write,
            "item": world.item(a), "rows": world.server.api(f"/projects/{a['id']}/occurrences", a["tokens"]["read"])["occurrences"]}


def key_of(letter, page):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(link(letter, page)).query))["key"]


def credentials(two):
    """Everything that B has: name and headers."""
    tokens = {**two["b"]["tokens"], "write": two["write"]}
    return [(name, bearer(token)) for name, token in tokens.items()]


def routes(two):
    """(method, path) of every operation of the API, with A's ids in it."""
    api = json.loads(get(two["world"].server.url + "/api/2/openapi.json")[2])
    ids = {"project": two["a"]["id"], "number": two["item"]["number"], "uuid": two["uuid"]}
    found = []
    for template, operations in api["paths"].items():
        for method in operations:
            if method not in ("get", "post", "put", "patch", "delete"):
                continue
            values = {**ids, "id": two["rows"][0]["id"] if "occurrences" in template else 1}
            path = re.sub(r"{(\w+)}", lambda name: urllib.parse.quote(str(values[name[1]]), safe=""), template)
            found.append((method.upper(), path))
    return found


def test_the_sweep_covers_what_matters(two):
    paths = [path for _, path in routes(two)]
    assert len(paths) > 15 and any("/occurrences/" in path for path in paths) and any(path.endswith("/keys") for path in paths)


def test_no_route_shows_or_changes_anything_of_a_to_b(two):
    world = two["world"]
    before = json.dumps(world.item(two["a"]), sort_keys=True)
    bodies = {"PATCH": '{"status":"resolved"}', "POST": json.dumps({"name": "x", "status": "resolved", "project": two["a"]["id"],
              "kind": "known_error", "path": "shop/banner.py"}), "PUT": "{}"}
    for method, path in routes(two):
        if path.endswith(("/events", "/report", "/session")) or "/session/" in path:
            continue
        for name, headers in credentials(two):
            status, _, text = request(world, method, path, bodies.get(method), headers)
            assert MARK not in text, (method, path, name)
            if f"/{two['a']['id']}/" in path or path.endswith(f"/{two['a']['id']}") or "/occurrences/" in path:
                assert status in (400, 401, 403, 404, 405), (method, path, name, status)
    assert json.dumps(world.item(two["a"]), sort_keys=True) == before
    rules = world.server.api("/rules", two["a"]["tokens"]["read"], project=two["a"]["id"])["rules"]
    assert not rules, "B made a rule for A"


def request(world, method, path, body=None, headers=None):
    status, got, text = 0, {}, ""
    reply = world.server.request(method, path, body, headers or {})
    status, got, text = reply.status, reply.headers, reply.body.decode(errors="replace")
    return status, got, text


def test_the_project_in_a_query_is_checked_too(two):
    world = two["world"]
    for path in ("/api/2/rules", "/api/2/events", "/get_weekly_error_report"):
        for name, headers in credentials(two):
            try:
                reply = world.server.request("GET", f"{path}?project={two['a']['id']}", None, headers, timeout=3)
            except TimeoutError:
                pytest.fail(f"{path} streams A's events to {name} of B")
            assert reply.status in (400, 401, 403, 404) or MARK.encode() not in reply.body, (path, name)


def test_neighbours_and_lists_stay_inside(two):
    world, read = two["world"], two["b"]["tokens"]["read"]
    for path in ("/projects", "/health", f"/projects/{two['b']['id']}/items", f"/projects/{two['b']['id']}/occurrences"):
        assert MARK not in json.dumps(world.server.api(path, read)), path
    assert MARK not in get(world.server.url + "/metrics", **bearer(read))[2]
    query = f"/projects/{two['b']['id']}/items?q={MARK}"
    assert not world.server.api(query, read)["items"]


def with_key(url, own, foreign):
    return url.replace(urllib.parse.quote(own, safe=""), urllib.parse.quote(foreign, safe=""))


def test_a_grant_of_one_mail_does_not_open_another(two):
    """Grace's link with Ada's key, and Ada's link with Grace's."""
    for letter, other in ((two["a_letter"], two["b_letter"]), (two["b_letter"], two["a_letter"])):
        url, foreign = link(letter, "/view_traceback"), key_of(other, "/view_traceback")
        assert get(url)[0] == 200
        status, _, text = get(with_key(url, key_of(letter, "/view_traceback"), foreign))
        assert status in (401, 403, 404) and MARK not in text

        url, foreign = link(letter, "/add_known_error"), key_of(other, "/add_known_error")
        form = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query), key=foreign, type="known_errors")
        for project in ("", two["a"]["id"], two["b"]["id"]):
            status, _, text = get(url.split("?")[0], urllib.parse.urlencode({**form, "project": project}).encode())
            assert status in (400, 401, 403, 404) and MARK not in text
    for project in (two["a"], two["b"]):
        assert not two["world"].server.api("/rules", project["tokens"]["read"], project=project["id"])["rules"]


def test_the_pages_show_b_nothing_of_a(two):
    world = two["world"]
    url = re.sub(r"[?&]key=[^&#]*", "", link(two["a_letter"], "/view_traceback"))
    for name, headers in credentials(two):
        status, _, text = get(url, **headers)
        assert status in (401, 403, 404) and MARK not in text, name
    text = get(world.server.url + "/get_weekly_error_report", **bearer(two["b"]["tokens"]["read"]))[2]
    assert MARK not in text and "shop/db.py" in text and "shop/banner.py" not in text
    own = get(link(two["b_letter"], "/get_weekly_error_report"))[2]
    assert "shop/db.py" in own and MARK not in own and "shop/banner.py" not in own


def test_events_of_a_do_not_stream_to_b(two):
    world = two["world"]
    heard = {}

    def listen(name, token):
        connection = http.client.HTTPConnection("127.0.0.1", world.server.port, timeout=4)
        connection.request("GET", "/api/2/events", headers={"Authorization": "Bearer " + token})
        reply, text = connection.getresponse(), b""
        try:
            while b"end-of-test" not in text:
                text += reply.read1(4096)
        except TimeoutError:
            pass
        heard[name] = text.decode()
        connection.close()
    listeners = [threading.Thread(target=listen, args=(name, two[name]["tokens"]["read"])) for name in ("a", "b")]
    for thread in listeners:
        thread.start()
    two["world"].server.wait_until(lambda: True)
    threading.Event().wait(0.5)
    world.send(two["a"], {"message": "news of " + MARK})
    world.send(two["b"], {"message": "news of B"})
    for thread in listeners:
        thread.join()
    assert "news of " + MARK in heard["a"] and "news of B" not in heard["a"]
    assert "news of B" in heard["b"] and MARK not in heard["b"]
