"""Signing in: the first link, cookies, foreign origins, guessing, signing out."""
import json
import re

import pytest

from story import ADA, GRACE, address

EMAIL, PASSWORD = "ada@shop.example", "correct horse battery"


@pytest.fixture
def server(fresh):
    return fresh().start()


def call(server, method, path, body=None, cookie=None, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        headers.setdefault("Content-Type", "application/json")
    if cookie:
        headers["Cookie"] = cookie
    return server.request(method, "/api/2" + path, None if body is None else json.dumps(body), headers)


def first_link(server):
    return re.findall(r"/welcome\?link=([\w-]+)", server.log_text())[-1]


def cookie_of(reply):
    return reply.headers["Set-Cookie"].split(";")[0]


def sign_up(server):
    """The first user's cookie."""
    reply = call(server, "POST", "/session/first", {"link": first_link(server), "email": EMAIL, "name": "Ada", "password": PASSWORD},
                 Origin=server.url)
    assert reply.status == 200, reply
    return cookie_of(reply)


def test_the_first_user(server):
    reply = call(server, "GET", "/session")
    assert reply.status == 401 and reply.json["error"]["first_use"] is True
    link = first_link(server)
    assert call(server, "GET", f"/session/first?link={link}").json == {"valid": True}
    for wrong in ("x" * 43, ""):
        assert call(server, "GET", f"/session/first?link={wrong}").status in (400, 404)
    body = {"link": link, "email": EMAIL, "name": "Ada", "password": PASSWORD}
    for change in ({"password": "short"}, {"email": "no address"}):
        assert call(server, "POST", "/session/first", {**body, **change}).status == 400
    assert call(server, "POST", "/session/first", {**body, "link": "x" * 43}).status in (403, 404)

    reply = call(server, "POST", "/session/first", body)
    assert reply.status == 200 and reply.json["user"]["role"] == "admin" and reply.json["user"]["email"] == EMAIL
    flags = reply.headers["Set-Cookie"]
    assert "HttpOnly" in flags and "SameSite=Lax" in flags and "Path=/" in flags and "Secure" not in flags
    assert PASSWORD not in server.log_text() and cookie_of(reply).split("=")[1] not in server.log_text()
    assert call(server, "POST", "/session/first", {**body, "email": "eve@evil.example"}).status in (404, 409), "works once"
    assert call(server, "GET", "/session", cookie=cookie_of(reply)).json["user"]["name"] == "Ada"
    assert "first_use" not in call(server, "GET", "/session").json["error"]

    starts = server.log_text().count("/welcome?link=")
    server.stop()
    server.start()
    assert server.log_text().count("/welcome?link=") == starts, "no link once there is a user"
    assert call(server, "GET", "/session", cookie=cookie_of(reply)).status == 200, "sessions outlive a restart"


def test_a_session_reads_and_acts_from_its_own_pages_only(server):
    cookie = sign_up(server)
    project = server.project()
    server.post("/api/2/report", {"message": "hello"}, {"Authorization": "Bearer " + project["tokens"]["post_server_item"]})
    items = f"/projects/{project['id']}/items"
    number = server.wait_until(lambda: call(server, "GET", items, cookie=cookie).json["items"])[0]["number"]
    path, body = f"{items}/{number}", {"status": "resolved"}
    for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Referer": "https://evil.example/x"},
                    {"Origin": server.url + ".evil.example"}):
        assert call(server, "PATCH", path, body, cookie, **headers).status == 403, headers
        assert call(server, "DELETE", "/session", None, cookie, **headers).status == 403, headers
    assert call(server, "GET", path, cookie=cookie).json["status"] == "active"
    assert call(server, "PATCH", path, body, cookie, Origin=server.url).json["status"] == "resolved"
    assert call(server, "PATCH", path, {"status": "active"}, cookie, Referer=server.url + "/p/1/items/1").status == 200
    made = call(server, "POST", "/projects", {"name": "second"}, cookie, Origin=server.url)
    assert made.status == 201 and made.json["tokens"]["post_server_item"]
    keys = call(server, "GET", f"/projects/{made.json['id']}/keys", cookie=cookie)
    assert keys.status == 200 and made.json["tokens"]["post_server_item"] in keys.body.decode()
    assert call(server, "GET", "/repositories", cookie=cookie).status == 200
    assert call(server, "GET", "/health", cookie=cookie).status == 200


def test_signing_out_and_in(server):
    cookie = sign_up(server)
    assert call(server, "DELETE", "/session", None, cookie, Origin=server.url).status == 204
    assert call(server, "GET", "/session", cookie=cookie).status == 401
    reply = call(server, "POST", "/session", {"email": EMAIL.upper(), "password": PASSWORD}, Origin=server.url)
    assert reply.status == 200 and cookie_of(reply) != cookie
    assert call(server, "GET", "/projects", cookie=cookie_of(reply)).status == 200
    for forged in (cookie_of(reply)[:-2] + "xx", "flawless_session=", "flawless_session=" + "A" * 43, cookie):
        assert call(server, "GET", "/projects", cookie=forged).status == 401, forged


def test_guessing_is_slowed_down(server):
    sign_up(server)
    seen = [call(server, "POST", "/session", {"email": EMAIL, "password": f"wrong {n}"}, Origin=server.url) for n in range(12)]
    assert [reply.status for reply in seen[:9]] == [401] * 9 and seen[-1].status == 429
    assert int(seen[-1].headers["Retry-After"]) > 0
    blocked = call(server, "POST", "/session", {"email": EMAIL, "password": PASSWORD}, Origin=server.url)
    assert blocked.status == 429 and "Set-Cookie" not in blocked.headers, "the right one is not told from wrong ones either"
    unknown = call(server, "POST", "/session", {"email": "nobody@shop.example", "password": "wrong one"}, Origin=server.url)
    assert unknown.status in (401, 429) and "nobody" not in unknown.body.decode()


def test_mail_is_allowed_to_users(make_world):
    """By default mail goes to users and the default contact's domain."""
    world = make_world(**{"mail.default_contact": "oncall@elsewhere.example"}).start()
    project = world.project()
    world.report(project)
    assert world.mails(1)[0].recipients == ["oncall@elsewhere.example"], "Grace is no user"
    sign_up(world.server)
    world.report(project, path="shop/db.py", text="    return rows.fetchall()\n", function="banners")
    assert world.mails(2)[1].recipients == [address(ADA)] and address(GRACE) not in world.letters.get(2).recipients
