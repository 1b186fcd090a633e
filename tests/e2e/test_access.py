"""Ending access by command: accounts, tokens, projects, links in mails; with and without a running server."""
import http.client
import json
import re
import subprocess
import time

import pytest

import harness
from story import ADA, GRACE, HANG, ON_CALL, address, get, link

ANN, BOB, PASSWORD, OTHER = "ann@shop.example", "bob@shop.example", "correct horse", "battery staple"


def with_password(server, *words, password=PASSWORD):
    return subprocess.run([harness.binary(), "user", *words, "--password-stdin", "--conf", server.conf],
                          input=password + "\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)


def make_user(server, email, role="member"):
    done = with_password(server, "create", "--email", email, "--role", role)
    assert done.returncode == 0, done.stderr


def user(server, verb, email=BOB, *more, check=True):
    return server.run("user", verb, "--email", email, *more, check=check)


def users(server):
    return {row["email"]: row for row in json.loads(server.run("user", "list", "--json"))["users"]}


def sign_in(server, email=BOB, password=PASSWORD):
    body = {"email": email, "password": password}
    return server.post("/api/2/session", body, {"Content-Type": "application/json", "Origin": server.url})


def cookie(server, email=BOB, password=PASSWORD):
    reply = sign_in(server, email, password)
    assert reply.status == 200, reply
    return reply.headers["Set-Cookie"].split(";")[0]


def status(server, cookie, path="/projects"):
    return server.request("GET", "/api/2" + path, headers={"Cookie": cookie}).status


@pytest.fixture(params=["offline", "running"])
def site(request, fresh):
    """Two accounts; what is done by command is done with or without a server."""
    made = fresh()
    if request.param == "running":
        made.start()
    make_user(made, ANN, "admin")
    make_user(made, BOB)
    return made


def served(site):
    """The server of the site, which must run now at the latest."""
    return site if site.process else site.start()


# --- accounts -----------------------------------------------------------------------------------------------------

def test_accounts_are_listed_and_changed(site):
    assert {email: (row["role"], row["enabled"]) for email, row in users(site).items()} == {
        ANN: ("admin", True), BOB: ("member", True)}
    user(site, "role", "BOB@shop.example", "--role", "admin")
    assert BOB + " (admin)" in user(site, "disable")
    assert users(site)[BOB]["role"] == "admin" and users(site)[BOB]["enabled"] is False
    table = site.run("user", "list")
    assert re.search(rf"2 +{BOB} +- +admin +no ", table) and PASSWORD not in table and "argon2" not in table
    user(site, "enable")
    assert json.loads(user(site, "sign-out", BOB, "--json"))["enabled"] is True


def test_wrong_names_and_values_say_so(site):
    for verb in ["enable", "disable", "sign-out"]:
        done = user(site, verb, "eve@shop.example", check=False)
        assert done.returncode == 3 and "no account 'eve@shop.example'" in done.stderr and "user list" in done.stderr
    assert user(site, "role", BOB, "--role", "root", check=False).returncode == 2
    assert with_password(site, "password", "--email", BOB, password="short").returncode == 2
    assert with_password(site, "password", "--email", "eve@shop.example").returncode == 3
    empty = with_password(site, "password", "--email", BOB, password="")
    assert empty.returncode == 2 and "no password on standard input" in empty.stderr
    assert site.run("user", "password", "--email", BOB, check=False).returncode == 2
    assert site.run("token", "enable", "999", check=False).returncode == 3
    assert sign_in(served(site)).status == 200, "nothing was changed"


def test_one_administrator_stays(site):
    for done in [user(site, "disable", ANN, check=False), user(site, "role", ANN, "--role", "member", check=False)]:
        assert done.returncode == 4 and ANN + " is the last enabled administrator" in done.stderr
    user(site, "role", BOB, "--role", "admin")
    user(site, "disable", ANN)
    assert user(site, "disable", BOB, check=False).returncode == 4
    assert users(site)[BOB]["enabled"] and not users(site)[ANN]["enabled"]


def test_a_disabled_user_is_told_what_a_stranger_is(site):
    user(site, "disable")
    server = served(site)
    refused = [sign_in(server), sign_in(server, password="wrong horse"), sign_in(server, "eve@shop.example")]
    assert [reply.status for reply in refused] == [401] * 3
    assert len({reply.body for reply in refused}) == 1 and not any("Set-Cookie" in reply.headers for reply in refused)
    assert sign_in(server, ANN).status == 200
    user(site, "enable")
    assert sign_in(server).status == 200


def test_another_password_replaces_the_old_one(site):
    assert with_password(site, "password", "--email", BOB, password=OTHER).returncode == 0
    server = served(site)
    assert sign_in(server, password=PASSWORD).status == 401
    assert sign_in(server, password=OTHER).status == 200
    assert OTHER not in server.log_text()


@pytest.mark.parametrize("how", ["disable", "password", "sign-out"])
def test_sessions_end_in_the_running_server_at_once(fresh, how):
    server = fresh().start()
    make_user(server, ANN, "admin")
    make_user(server, BOB)
    sessions, anns = [cookie(server), cookie(server)], cookie(server, ANN)
    assert [status(server, one) for one in sessions] == [200, 200], "the server remembers them from now on"
    if how == "password":
        assert with_password(server, "password", "--email", BOB, password=OTHER).returncode == 0
    else:
        user(server, how)
    assert [status(server, one) for one in sessions] == [401, 401]
    assert status(server, anns) == 200
    server.kill()
    server.start()
    assert [status(server, one) for one in sessions] == [401, 401] and status(server, anns) == 200
    if how == "sign-out":
        assert status(server, cookie(server)) == 200


@pytest.mark.parametrize("how", ["disable", "password", "sign-out"])
def test_sessions_end_while_no_server_runs(fresh, how):
    server = fresh().start()
    make_user(server, ANN, "admin")
    make_user(server, BOB)
    bobs, anns = cookie(server), cookie(server, ANN)
    server.stop()
    if how == "password":
        assert with_password(server, "password", "--email", BOB, password=OTHER).returncode == 0
    else:
        user(server, how)
    server.start()
    assert status(server, bobs) == 401 and status(server, anns) == 200


def test_a_role_holds_at_once(fresh):
    server = fresh().start()
    make_user(server, ANN, "admin")
    make_user(server, BOB, "admin")
    bobs = cookie(server)
    assert server.request("GET", "/api/2/session", headers={"Cookie": bobs}).json["user"]["role"] == "admin"
    user(server, "role", BOB, "--role", "member")
    assert server.request("GET", "/api/2/session", headers={"Cookie": bobs}).json["user"]["role"] == "member"
    made = server.request("POST", "/api/2/projects", json.dumps({"name": "x"}), {"Cookie": bobs, "Origin": server.url})
    assert made.status == 403


def test_live_changes_end_with_the_access(fresh):
    server = fresh().start()
    make_user(server, ANN, "admin")
    make_user(server, BOB)
    token = server.run("token", "create", "--scope", "read").strip()
    streams = [listen(server, {"Cookie": cookie(server)}), listen(server, {"Authorization": "Bearer " + token})]
    user(server, "disable")
    server.run("token", "disable", token)
    for stream in streams:
        assert b"event: hello" in stream.read()  # returns when the server has ended it


def listen(server, headers):
    """The live changes; a ping would only come after 15 seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", "/api/2/events", headers=headers)
    reply = connection.getresponse()
    assert reply.status == 200
    return reply


# --- tokens and projects ------------------------------------------------------------------------------------------

def uses(server, project):
    """What each token of the project is answered."""
    tokens = project["tokens"]
    posted = [server.rollbar(tokens[scope], harness.rollbar_message(platform="browser")).status
              for scope in ["post_server_item", "post_client_item"]]
    return posted + [server.get("/api/2/projects", tokens[scope]).status for scope in ["read", "write"]]


def test_disabled_tokens_are_refused_until_they_are_enabled(site):
    project = site.project("shop")
    ids = {row["scope"]: str(row["id"]) for row in json.loads(site.run("token", "list", "--json"))["tokens"]}
    assert "refused" in site.run("token", "disable", ids["post_server_item"])
    site.run("token", "disable", ids["read"])
    rows = {row["scope"]: row for row in json.loads(site.run("token", "list", "--project", "shop", "--json"))["tokens"]}
    assert [scope for scope, row in rows.items() if not row["enabled"]] == ["read", "post_server_item"]
    assert all("token" not in rows[scope] for scope in ["read", "write"])
    server = served(site)
    assert uses(server, project) == [403, 200, 403, 200]
    assert "accepted" in site.run("token", "enable", ids["post_server_item"])
    site.run("token", "enable", project["tokens"]["read"])
    assert uses(server, project) == [200] * 4


def test_what_was_disabled_stays_so_after_a_kill(fresh):
    server = fresh().start()
    project = server.project("shop")
    assert uses(server, project) == [200] * 4
    for scope in ["post_client_item", "write"]:
        server.run("token", "disable", project["tokens"][scope])
    assert uses(server, project) == [200, 403, 200, 403]
    server.kill()
    server.start()
    assert uses(server, project) == [200, 403, 200, 403]


def test_a_disabled_project_takes_no_reports_and_shows_what_it_has(site):
    project = site.project("shop")
    site.run("project", "disable", "shop")
    server = served(site)
    assert uses(server, project) == [403, 403, 200, 200]
    assert re.search(r"shop +no ", site.run("project", "list"))
    site.run("project", "enable", "shop")
    assert uses(server, project) == [200] * 4


# --- mail ---------------------------------------------------------------------------------------------------------

def test_revoked_links_are_void_and_new_ones_work(world):
    project = world.project()
    world.report(project)
    old = link(world.mail(GRACE), "/view_traceback")
    assert get(old)[0] == 200
    assert "No link" in world.server.run("link", "revoke-all")
    reply = get(old)
    assert reply[0] == 403 and "/signin" in str(reply[2])
    world.report(project, path="shop/db.py", text="    return rows.fetchall()\n", function="banners")
    new = link(world.mails(2)[1], "/view_traceback")
    assert get(new)[0] == 200, "without a restart"
    world.restart(kill=True)
    assert (get(old)[0], get(new)[0]) == (403, 200)
    world.server.stop()
    world.server.run("link", "revoke-all")
    world.server.start()
    assert get(new)[0] == 403


def test_a_mail_server_that_hangs_does_not_hold_up_a_revocation(world):
    world.sink.on("END", HANG, times=1)
    project = world.project()
    world.report(project)
    assert world.sink.wait_seen("END", 1, 40)
    for _ in range(2):
        started = time.monotonic()
        world.server.run("link", "revoke-all")
        assert time.monotonic() - started < 10
    world.restart(kill=True)
    assert get(link(world.mail(GRACE), "/view_traceback"))[0] == 200, "sent again, with a link that works"


def test_a_disabled_users_mail_goes_to_the_default_contact(world):
    for author in (ADA, GRACE):
        make_user(world.server, address(author), "admin")
    user(world.server, "disable", address(GRACE))
    project = world.project()
    world.report(project)
    letter = world.mail(ON_CALL)
    assert address(GRACE) in letter.text, "it says for whom it is meant"
    user(world.server, "enable", address(GRACE))
    world.report(project, path="shop/db.py", text="    return rows.fetchall()\n", function="banners")
    assert world.mails(2)[1].recipients == [address(ADA)]
