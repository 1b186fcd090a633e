"""The plain pages that mails lead to: they need no account and no script, and a GET changes nothing."""
import html
import re
import time
import urllib.parse

import pytest

from story import ADA, BANNER, CULPRIT, GRACE, LINUS, address, get, link, links

WEEK = 7 * 86400


@pytest.fixture
def mailed(world):
    """A world in which Grace has her mail: (world, project, letter)."""
    project = world.project()
    world.report(project)
    return world, project, world.mail(GRACE)


def change_query(url, **changes):
    """The address with parameters replaced, or left out when None."""
    parts = urllib.parse.urlsplit(url)
    query = {**dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True)), **changes}
    query = {name: value for name, value in query.items() if value is not None}
    return urllib.parse.urlunsplit(parts._replace(query=urllib.parse.urlencode(query)))


def fields(page):
    """Names and values of a form's fields, as a browser would send them untouched."""
    found = {}
    for tag in re.findall(r"<input\b[^>]*>", page):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes.get("type") not in ("submit", "radio", "checkbox") and "name" in attributes:
            found[attributes["name"]] = html.unescape(attributes.get("value", ""))
    for name, text in re.findall(r'<textarea\b[^>]*\bname="([^"]+)"[^>]*>(.*?)</textarea>', page, re.S):
        found[name] = html.unescape(text).removeprefix("\n")
    for name, options in re.findall(r'<select\b[^>]*\bname="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option\b[^>]*value="([^"]+)"[^>]*\bselected', options) or \
            re.search(r'<option\b[^>]*value="([^"]+)"', options)
        found[name] = chosen[1]
    return found


def post_form(world, page, **changes):
    action = re.search(r'<form\b[^>]*\baction="([^"]*)"', page)
    data = {**fields(page), **changes}
    return get(urllib.parse.urljoin(world.server.url + "/add_known_error", html.unescape(action[1]) if action else ""),
               urllib.parse.urlencode(data).encode(), **{"Content-Type": "application/x-www-form-urlencoded"})


def rules(world, project):
    return world.server.api("/rules", project["tokens"]["read"], project=project["id"])["rules"]


# --- every link ---------------------------------------------------------------------------------------------------------
def test_every_link_of_a_mail_opens_without_an_account(mailed):
    world, project, letter = mailed
    found = links(letter)
    assert {urllib.parse.urlsplit(url).path for url in found} >= \
        {"/view_traceback", "/get_weekly_error_report", "/add_known_error"}
    for url in found:
        status, headers, page = get(url, Accept="text/html")
        assert status == 200 and page.lstrip().lower().startswith("<!doctype html"), (url, status)
        assert headers["Referrer-Policy"] == ("no-referrer" if "key=" in url else "same-origin")
        assert headers["X-Content-Type-Options"] == "nosniff"
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        if "key=" in url:
            assert "no-store" in headers["Cache-Control"] and "script-src" not in policy and "<script" not in page
    for url in re.findall(r"https?://\S+", letter.text):
        assert get(url.rstrip(".,)>"), Accept="text/html")[0] == 200, url
    assert world.item(project)["count"] == 1 and not rules(world, project)


def test_links_are_no_key_to_anything_else(mailed):
    world, project, letter = mailed
    key = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(link(letter, "/view_traceback")).query))["key"]
    number = world.item(project)["number"]
    for path in ("/api/2/projects", f"/api/2/projects/{project['id']}/items", f"/api/2/projects/{project['id']}/items/{number}",
                 "/api/2/health", "/api/2/rules", "/metrics", "/api/2/events"):
        assert get(world.server.url + f"{path}?key={key}")[0] in (400, 401, 403), path
        assert get(world.server.url + path, Authorization="Bearer " + key)[0] in (401, 403), path


@pytest.mark.parametrize("page", ["/view_traceback", "/get_weekly_error_report", "/add_known_error"])
def test_a_key_that_was_changed_is_refused(mailed, page):
    world, _, letter = mailed
    url = link(letter, page)
    key = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))["key"]
    changed = [key[:i] + ("A" if key[i] != "A" else "B") + key[i + 1:] for i in range(0, len(key) - 1, 7)]
    for wrong in [*changed, key[:-4], key + "AAAA", "", "x" * 5000, None]:
        status, _, text = get(change_query(url, key=wrong))
        assert status in (401, 403), (wrong, status)
        assert "random.choice" not in text and address(GRACE) not in text


def test_a_key_of_another_server_is_refused(make_world, mailed):
    world, _, letter = mailed
    other = make_world().start()
    other.report(other.project())
    other.mail(GRACE)
    url = link(letter, "/view_traceback").replace(world.server.url, other.server.url)
    assert get(url)[0] in (401, 403)
    assert get(link(letter, "/view_traceback"))[0] == 200


def test_keys_survive_a_restart(mailed):
    world, _, letter = mailed
    world.restart()
    assert get(link(letter, "/view_traceback"))[0] == 200


def test_pages_without_a_key_are_closed(mailed):
    world, _, letter = mailed
    for url in links(letter):
        path = urllib.parse.urlsplit(url).path
        if path in ("/view_traceback", "/get_weekly_error_report", "/add_known_error"):
            status, _, page = get(change_query(url, key=None), Accept="text/html")
            assert status == 401 and "/signin" in page and "banner" not in page


# --- the traceback --------------------------------------------------------------------------------------------------------
def test_the_traceback_is_the_most_recent_one(mailed):
    world, project, letter = mailed
    url = link(letter, "/view_traceback")
    before = get(url)[2]
    assert "Traceback (most recent call last)" in before and CULPRIT.strip() in html.unescape(before)
    world.report(project, host="web-9", exceptions=[{
        "type": "IndexError", "message": "Cannot choose from an empty sequence",
        "frames": [{"path": BANNER, "function": "pick_banners", "line": world.shop.line_of(BANNER, CULPRIT), "in_app": True,
                    "code": CULPRIT.rstrip("\n"), "locals": {"newer": "value of today"}}]}])
    world.decided_item(project, count=2)
    after = get(url)[2]
    assert "value of today" in after and "web-9" in after and "value of today" not in before


def test_missing_and_wrong_parameters(mailed):
    world, project, letter = mailed
    url = link(letter, "/view_traceback")
    for name in ("filename", "function_name", "line_number", "text"):
        status, _, page = get(change_query(url, **{name: None}))
        assert status == 400 and name in page, name
    assert get(change_query(url, line_number="seventeen"))[0] == 400
    token = {"Authorization": "Bearer " + project["tokens"]["read"]}
    status, _, page = get(change_query(url, key=None, filename="shop/other.py"), **token)
    assert status == 404 and "Not Found" in page
    assert get(change_query(url, key=None), **token)[0] == 200
    assert get(change_query(url, key=None, timestamp=int(time.time()) - 5 * WEEK), **token)[0] == 404
    assert get(change_query(url, key=None, timestamp=time.time()), **token)[0] == 200
    assert get(change_query(url, key=None, timestamp="yesterday"), **token)[0] == 400


def test_texts_come_back_exactly(world):
    """Leading spaces, quotes, +, &, %, unicode and markup in names and code make the way through the link."""
    project = world.project()
    odd = "    total = price + tax & mask % 7 if name == \"J'ö <b>\" else '%41'  # ☃\n"
    world.shop.commit(ADA, {"shop/odd + name & é.py": "def total():\n" + odd}, "Odd names")
    world.report(project, path="shop/odd + name & é.py", text=odd, function="<lambda>.total")
    letter = world.mail(ADA)
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(link(letter, "/view_traceback")).query, strict_parsing=True))
    assert query["filename"] == "shop/odd + name & é.py" and query["function_name"] == "<lambda>.total"
    assert query["text"].rstrip("\n") == odd.rstrip("\n") and query["line_number"] == "2"
    status, _, page = get(link(letter, "/view_traceback"))
    assert status == 200 and odd.strip() in html.unescape(page) and "ö <b>" not in page
    form = fields(get(link(letter, "/add_known_error"))[2])
    assert form["code_fragment"].strip() == odd.strip() and form["filename"] == "shop/odd + name & é.py"


# --- the report by developer ------------------------------------------------------------------------------------------------
def test_the_report_by_developer(mailed):
    world, project, letter = mailed
    for _ in range(2):
        world.report(project, path="shop/db.py", text="    return rows.fetchall()\n", function="banners")
    world.mails(2)
    token = {"Authorization": "Bearer " + project["tokens"]["read"]}
    report = world.server.url + "/get_weekly_error_report"
    page = get(report, **token)[2]
    assert page.index(address(ADA)) < page.index(address(GRACE)), "most occurrences first"
    for part in (BANNER, "pick_banners", "shop/db.py", "2025-03-06", f'id="{address(GRACE)}"', "view_traceback"):
        assert part in page, part
    traceback = html.unescape(re.search(r'href="([^"]*view_traceback[^"]*banner\.py[^"]*)"', page)[1])
    assert get(urllib.parse.urljoin(report, traceback), **token)[0] == 200

    own = get(link(letter, "/get_weekly_error_report"))[2]
    assert BANNER in own and "shop/db.py" not in own and address(ADA) not in own, "a mail's link shows its reader's own lines"
    assert link(letter, "/get_weekly_error_report").endswith("#" + address(GRACE))

    last_week = get(f"{report}?timestamp={int(time.time()) - WEEK}", **token)
    assert last_week[0] == 200 and BANNER not in last_week[2] and "no errors" in last_week[2].lower()
    for stamp in (f"{time.time():.3f}", str(int(time.time() * 1000))):
        assert BANNER in get(f"{report}?timestamp={stamp}", **token)[2]
    assert get(f"{report}?timestamp=yesterday", **token)[0] == 400


def test_the_report_leaves_out_known_errors_and_old_code(make_world):
    world = make_world(**{"blame.report_only_after_minimum_date": "2025-03-01"})
    world.append_config('[[known_error]]\nfilename = "shop/banner.py"\nfunction_name = "pick_banners"\n')
    world.start()
    project = world.project()
    world.report(project)
    world.report(project, path="shop/db.py", text="    return rows.fetchall()\n", function="banners")  # of February
    for item in world.server.wait_until(lambda: len(world.items(project)) == 2 and world.items(project)):
        world.decided_item(project, item["number"])
    world.mails(0)
    report, token = world.server.url + "/get_weekly_error_report", {"Authorization": "Bearer " + project["tokens"]["read"]}

    def shown(query):
        page = get(f"{report}?{query}", **token)[2]
        return BANNER in page, "shop/db.py" in page
    assert shown("") == shown("include_known_errors=False") == shown("include_known_errors=0") == (False, False)
    assert shown("include_known_errors=True") == (True, False)
    assert shown("include_modified_before_min_date=True") == (False, True)
    assert shown("include_known_errors=True&include_modified_before_min_date=1") == (True, True)


# --- whitelisting -----------------------------------------------------------------------------------------------------------
def test_the_whitelist_link_shows_a_form_and_changes_nothing(mailed):
    world, project, letter = mailed
    url = link(letter, "/add_known_error")
    for _ in range(3):
        page = get(url)[2]
    for path in ("/add_known_error", "/save_known_error"):
        get(change_query(url.replace("/add_known_error", path), type="known_errors", submit="Add"))
    form = fields(page)
    assert form["filename"] == BANNER and form["function_name"] == "pick_banners"
    assert form["code_fragment"].strip() == CULPRIT.strip() and form["type"] == "known_errors"
    assert not rules(world, project)


def test_whitelisting_the_line_silences_it(make_world):
    """The form is filled in by the mail; a changed line of the same text stays silent, another line does not."""
    world = make_world().start()
    project = world.project()
    world.report(project)
    letter = world.mail(GRACE)
    status, _, page = post_form(world, get(link(letter, "/add_known_error"))[2])
    assert status == 200 and "SUCCESS" in page
    rule = world.only(rules(world, project))
    assert (rule["kind"], rule["path"], rule["function"]) == ("known_error", BANNER, "pick_banners")
    assert address(GRACE) in rule["created_by"]

    # Linus writes an equal line anew in a second place of the function: new, and known.
    world.shop.edit(LINUS, BANNER, "    return chosen\n", "    for _ in shop:\n" + CULPRIT + "    return chosen\n")
    line = [n for n, text in enumerate(world.shop.read(BANNER).splitlines(), 1) if text == CULPRIT.rstrip("\n")][1]
    world.report(project, line=line)
    world.server.wait_until(lambda: sum(item["count"] for item in world.items(project)) == 2)
    world.mails(1)
    world.report(project, path="shop/db.py", text="    return rows.fetchall()\n", function="banners")
    assert world.mails(2)[1].recipients == [address(ADA)]


@pytest.mark.parametrize("left_out, silent", [
    ({"code_fragment": ""}, {"same function": True, "other function": False}),
    ({"code_fragment": "", "function_name": ""}, {"same function": True, "other function": True})])
def test_a_blank_field_widens_the_rule(make_world, left_out, silent):
    world = make_world()
    lines = {"same function": ("pick_banners", "    chosen = []\n"), "other function": ("other", "    return missing\n")}
    world.shop.commit(ADA, {BANNER: world.shop.read(BANNER) + "\n\ndef other():\n    return missing\n"}, "Other")
    world.start()
    project = world.project()
    world.report(project)
    letter = world.mail(GRACE)
    assert post_form(world, get(link(letter, "/add_known_error"))[2], **left_out)[0] == 200
    mails = 1
    for name, (function, text) in lines.items():
        world.report(project, text=text, function=function)
        mails += not silent[name]
        world.mails(mails)


def test_a_known_error_with_a_schedule_from_the_form(make_world):
    world = make_world().start()
    project = world.project()
    world.report(project)
    letter = world.mail(GRACE)
    page = get(link(letter, "/add_known_error"))[2]
    status, _, answer = post_form(world, page, min_alert_threshold="", alert_every_n_occurrences="3",
                                  email_recipients="ops@shop.example", email_header="Known.")
    assert status == 200, answer
    rule = world.only(rules(world, project))
    assert rule["alert_every_n_occurrences"] == 3 and rule["email_recipients"] == ["ops@shop.example"]
    for count in (2, 3):
        world.report(project)
        world.decided_item(project, count=count)
    letters = world.mails(3)
    assert sorted(letter.recipients[0] for letter in letters[1:]) == [address(GRACE), "ops@shop.example"]


def test_library_code_from_the_form_blames_the_caller(make_world):
    world = make_world().start()
    project = world.project()
    world.report(project)
    letter = world.mail(GRACE)
    page = get(link(letter, "/add_known_error"))[2]
    assert post_form(world, page, type="building_blocks", code_fragment="")[0] == 200
    assert world.only(rules(world, project))["kind"] == "library_code"
    time.sleep(1.5)
    with world.serving("flawless", project) as request:
        assert request() == 500
        assert world.mails(2)[1].recipients == [address(LINUS)], "who calls it with count=3"


def test_library_code_of_one_project_is_none_of_another(make_world):
    world = make_world().start()
    ours, theirs = world.project("ours"), world.project("theirs")
    world.report(ours)
    letter = world.mail(GRACE)
    assert post_form(world, get(link(letter, "/add_known_error"))[2], type="building_blocks", code_fragment="")[0] == 200
    time.sleep(1)
    with world.serving("flawless", theirs) as request:
        assert request() == 500
        assert "pick_banners" in world.decided_item(theirs)["culprit"]


def test_a_form_that_another_site_posts_for_a_signed_in_user(mailed):
    world, project, letter = mailed
    session = world.server.post("/api/2/session/first", {
        "link": re.findall(r"/welcome\?link=([\w-]+)", world.server.log_text())[-1], "email": address(ADA), "name": "Ada",
        "password": "correct horse battery"}, {"Content-Type": "application/json"})
    cookie = session.headers["Set-Cookie"].split(";")[0]
    form = {"filename": BANNER, "function_name": "", "code_fragment": "", "type": "known_errors", "project": project["id"]}
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Referer": "https://evil.example/"}, {}):
        assert get(world.server.url + "/add_known_error", urllib.parse.urlencode(form).encode(), Cookie=cookie, **headers)[0] == 403
    assert not rules(world, project)
    own = {"Cookie": cookie, "Origin": world.server.url}
    page = get(f"{world.server.url}/add_known_error?filename={BANNER}", Cookie=cookie)[2]
    assert fields(page)["filename"] == BANNER
    assert get(world.server.url + "/add_known_error", urllib.parse.urlencode(form).encode(), **own)[0] == 200
    assert world.only(rules(world, project))["created_by"] == address(ADA)


def test_refused_forms(mailed):
    world, project, letter = mailed
    page = get(link(letter, "/add_known_error"))[2]
    for wrong in ({"filename": ""}, {"min_alert_threshold": "many"}, {"type": "everything"},
                  {"email_recipients": "no address"}, {"alert_every_n_occurrences": "-1"}):
        status, _, answer = post_form(world, page, **wrong)
        assert status == 400 and "<form" in answer, (wrong, status)
    for scope in ({"filename": "shop/db.py"}, {"filename": "shop"}, {"filename": "**"}):
        assert post_form(world, page, **scope)[0] in (400, 403), "the mail's grant is for its own file"
    status = post_form(world, page, key="")[0]
    assert status in (401, 403)
    assert not rules(world, project)


def check_health(world, scope, *more):
    token = world.server.run("token", "create", "--scope", scope, *more).strip()
    return get(world.server.url + "/check_health", Authorization="Bearer " + token)[2].strip()


def test_check_health_tells_options_to_those_who_administer(mailed):
    world, project, _ = mailed
    status, _, text = get(world.server.url + "/check_health")
    assert (status, text.strip()) == (200, "OK")
    assert check_health(world, "read") == check_health(world, "write", "--project", str(project["id"])) == "OK"
    page = check_health(world, "write")
    assert page.startswith("OK") and "smtp_host" in page and "127.0.0.1" in page


def test_check_health_masks_secrets(make_world):
    world = make_world(**{"mail.smtp_user": "flawless", "mail.smtp_password": "pass-w0rd-of-smtp"})
    world.append_config('[[repository]]\nname = "elsewhere"\n'
                        'url = "https://bob:repopass1@127.0.0.1:1/x.git?private_token=qtok77"\n')
    world.start()
    reads = world.server.run("token", "create", "--scope", "read").strip()
    faults = world.server.wait_until(lambda: world.server.api("/health", reads)["faults"])
    page = check_health(world, "write")
    assert "smtp_password" in page and "https://127.0.0.1:1/x.git?private_token=…" in page
    shown = world.server.api("/repositories", reads)["repositories"]
    for text in [page, str(faults), str(shown), world.server.log_text()]:
        assert not any(secret in text for secret in ["pass-w0rd-of-smtp", "repopass1", "qtok77"])
