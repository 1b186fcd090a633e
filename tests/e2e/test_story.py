"""Item to developer: a shop fails, the author of the line gets one mail, and nobody gets another."""
import os
import subprocess
import sys
import time

import pytest

from harness import ROOT
from story import ADA, BANNER, CULPRIT, GRACE, HANG, LINUS, ON_CALL, address, links


def variables(frame):
    return {v["name"]: (v["role"], v["value"]) for v in frame.get("variables", [])}


def frame_of(event, function):
    return next(f for f in event["exceptions"][0]["frames"] if f.get("function") == function)


def newest(world, project, number):
    path = f"/projects/{project['id']}/items/{number}/occurrences"
    rows = world.server.api(path, project["tokens"]["read"])["occurrences"]
    return world.server.api(f"/occurrences/{rows[0]['id']}", project["tokens"]["read"])


def check_item(world, project, item):
    """What every client's report of the failure has to show."""
    assert item["title"] == "IndexError: Cannot choose from an empty sequence" and item["status"] == "active"
    occurrence = newest(world, project, item["number"])
    event, culprit = occurrence["event"], occurrence["culprit"]
    assert (event["exceptions"][0]["type"], event["exceptions"][0]["message"]) == \
        ("IndexError", "Cannot choose from an empty sequence")
    assert culprit["path"].endswith(BANNER) and culprit["function"] == "pick_banners"
    assert culprit["text"].strip() == CULPRIT.strip(), "the application's line, not the standard library's"
    functions = [f.get("function") for f in event["exceptions"][0]["frames"]]
    assert functions[-4:] == ["__call__", "banners", "pick_banners", "choice"]
    assert not frame_of(event, "choice")["in_app"]
    assert event["request"]["method"] == "GET" and "/banners" in event["request"]["url"]
    assert event["host"] and event["environment"] == "production" and event["release"] == world.shop.head
    assert "4111 4111" not in str(event), "a secret by its name"
    return event


def check_line(world, item):
    line = item["line"]
    verdict = line["verdict"]
    assert (verdict["path"], verdict["line"]) == (BANNER, world.shop.line_of(BANNER, CULPRIT))
    assert verdict["revision"] == world.shop.head and verdict["at_release"] is True
    assert (verdict["author_name"], verdict["author_email"]) == ("Grace Okafor", address(GRACE))
    assert line["developer"] == line["mailed_to"] == address(GRACE) and line["mailed_at"]
    assert any(source["text"] == CULPRIT.rstrip("\n") for source in verdict["source"])
    assert verdict["reasons"] and verdict["confidence"] > 0.8


def check_mail(world, letter):
    assert letter.recipients == [address(GRACE)]
    assert letter.header("To") == address(GRACE) or f"<{address(GRACE)}>" in letter.header("To")
    assert not letter.header("Cc") and not letter.header("Bcc")
    assert "IndexError" in letter.header("Subject") and BANNER in letter.header("Subject")
    for text in (letter.html, letter.text):
        assert "Cannot choose from an empty sequence" in text
        assert "pick_banners" in text and CULPRIT.strip() in text
        assert "Grace Okafor" in text and world.shop.head[:7] in text
        assert "Traceback (most recent call last)" in text and "Exception Type" in text
        assert "4111 4111" not in text
    variables_of_mail = letter.text.replace(" ", "")
    assert "banners=[]" in variables_of_mail and "shop='paris'" in variables_of_mail or \
        "shop=paris" in variables_of_mail


def roles(client, event):
    """Arguments and locals of the culprit's frame, as the client names them."""
    seen = variables(frame_of(event, "pick_banners"))
    assert {"connection", "shop", "count", "banners", "chosen", "_"} <= set(seen)
    argument = "local" if client == "sentry" else "argument"
    assert seen["shop"][0] == seen["count"][0] == argument and seen["banners"] == ("local", [])
    if client == "flawless":
        assert variables(frame_of(event, "banners"))["self.name"] == ("local", "'The tea shop'")


@pytest.mark.parametrize("client", ["flawless", "sentry"])
def test_the_story(world, client):
    project = world.project()
    with world.serving(client, project) as request:
        assert request("/articles") == 200 and request() == 500
        item = world.decided_item(project)
        roles(client, check_item(world, project, item))
        letter = world.mail(GRACE)
        check_line(world, world.item(project))
        check_mail(world, letter)
        for _ in range(5):
            assert request() == 500
        world.decided_item(project, count=6)
        world.restart()
        world.restart(kill=True)
        assert request() == 500
        item = world.decided_item(project, count=7)
    assert world.item(project)["count"] == 7, "one item for all of them"
    world.mail(GRACE)


def test_the_story_as_pyrollbar_sends_it(world):
    project = world.project()
    world.rollbar_recording(project)
    item = world.decided_item(project)
    roles("rollbar", check_item(world, project, item))
    check_mail(world, world.mail(GRACE))
    check_line(world, world.item(project))
    assert newest(world, project, item["number"])["event"]["host"] == "web-3"
    for _ in range(5):
        world.rollbar_recording(project)
    world.decided_item(project, count=6)
    world.restart(kill=True)
    world.rollbar_recording(project)
    world.decided_item(project, count=7)
    world.mail(GRACE)


def test_three_clients_in_one_project_make_one_mail(world):
    project = world.project()
    world.rollbar_recording(project)
    world.mail(GRACE)
    for client in ("sentry", "flawless"):
        with world.serving(client, project) as request:
            assert request() == 500
            seen = 2 if client == "sentry" else 3
            world.server.wait_until(lambda: sum(item["count"] for item in world.items(project)) == seen)
    world.mail(GRACE)
    lines = {world.decided_item(project, item["number"])["line"]["id"] for item in world.items(project)}
    assert len(lines) == 1, "however the paths are written, it is one line of code"


def test_one_line_in_two_projects_makes_one_mail(world):
    for name in ("shop", "shop for robots"):
        project = world.project(name)
        world.report(project)
        assert world.decided_item(project)["line"]["developer"] == address(GRACE)
    world.mail(GRACE)


STORM = """
import sys
import time
sys.path[:0] = [{client!r}, {shop!r}]
import flawless
from shop import db
from shop.banner import pick_banners
flawless.init({dsn!r}, release={release!r}, shutdown_timeout=60)
connection = db.connect()
for _ in range({times}):
    try:
        pick_banners(connection, "paris")
    except IndexError:
        flawless.record_error()
assert flawless.flush(90)
"""


def test_one_mail_for_a_storm_with_a_crash_just_before_data(make_world):
    """20 processes × 500 exceptions; the server is killed when the mail is about to go out, and restarted once more."""
    world = make_world().start()
    project = world.project()
    world.sink.on("DATA", HANG, times=1)
    program = STORM.format(client=str(ROOT / "clients" / "python"), shop=str(world.shop.directory), dsn=project["dsn"],
                           release=world.shop.head, times=500)
    env = {"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"}
    processes = [subprocess.Popen([sys.executable, "-c", program], cwd=world.shop.directory, env=env, text=True,
                                  stderr=subprocess.PIPE)
                 for _ in range(20)]
    try:
        assert world.sink.wait_seen("DATA", 1, 40), "no mail was begun"
        world.restart(kill=True)
        world.restart()
        for process in processes:
            assert process.wait(100) == 0, process.stderr.read()[-2000:]
    finally:
        for process in processes:
            process.kill()
            process.stderr.close()
    world.decided_item(project, count=10_000)
    letter = world.mail(GRACE, seconds=60)
    assert world.item(project)["count"] == 10_000 and letter.header("Message-ID")


def test_a_crash_after_the_body_sends_it_again_under_the_same_id(make_world):
    """Whether it arrived nobody can know then: the second one is the same mail, as its id says."""
    world = make_world().start()
    project = world.project()
    world.sink.on("END", HANG, times=1)
    world.report(project)
    assert world.sink.wait_seen("END", 1, 40)
    world.restart(kill=True)
    first = world.mails(1)[0]
    world.report(project)
    world.quiet()
    assert {letter.header("Message-ID") for letter in world.letters.all()} == {first.header("Message-ID")}


def test_the_same_message_id_when_the_connection_breaks_after_the_body(world):
    from story import DROP
    project = world.project()
    world.sink.on("END", DROP, times=1)
    world.report(project)
    letters = world.mails(2)
    assert len({letter.header("Message-ID") for letter in letters}) == 1
    assert [letter.recipients for letter in letters] == [[address(GRACE)]] * 2


# --- the line changes --------------------------------------------------------------------------------------------------
def test_a_shifted_line_is_the_same_line(world):
    project = world.project()
    world.report(project)
    world.mail(GRACE)
    head = world.shop.edit(ADA, BANNER, "import random\n", "import itertools\nimport random\n")
    world.report(project)
    item = world.decided_item(project, count=2)
    world.mail(GRACE)
    assert item["count"] == 2 and world.item(project)["line"]["verdict"]["revision"] == head


def test_a_renamed_file_is_the_same_line(world):
    project = world.project()
    world.report(project)
    line = world.decided_item(project)["line"]["id"]
    world.mail(GRACE)
    world.shop.commit(LINUS, {"shop/adverts.py": world.shop.read(BANNER), BANNER: None}, "Call them adverts")
    world.report(project, path="shop/adverts.py")
    world.server.wait_until(lambda: sum(item["count"] for item in world.items(project)) == 2)
    world.mail(GRACE)
    assert {world.item(project, item["number"])["line"]["id"] for item in world.items(project)} == {line}


def test_an_edited_line_is_mailed_to_its_new_author(world):
    project = world.project()
    world.report(project)
    world.mail(GRACE)
    world.shop.edit(LINUS, BANNER, "random.choice(banners)", "random.choice(banners or db.banners(connection, 'rome'))")
    edited = "        chosen.append(random.choice(banners or db.banners(connection, 'rome')))\n"
    world.report(project, text=edited)
    letters = world.mails(2)
    assert [letter.recipients for letter in letters] == [[address(GRACE)], [address(LINUS)]]
    assert letters[0].header("Message-ID") != letters[1].header("Message-ID")
    world.report(project, text=edited)
    world.mails(2)


def test_a_line_that_was_reformatted_is_the_same_line(world):
    project = world.project()
    world.report(project)
    world.mail(GRACE)
    text = world.shop.read(BANNER)
    world.shop.commit(LINUS, {BANNER: text.replace("    ", "  ")}, "Two spaces are enough")
    world.report(project, text="    chosen.append(random.choice(banners))\n")
    world.server.wait_until(lambda: sum(item["count"] for item in world.items(project)) == 2)
    world.mail(GRACE)


def test_blame_is_at_the_release_though_the_branch_went_on(world):
    project = world.project()
    deployed, line = world.shop.head, world.shop.line_of(BANNER, CULPRIT)
    world.shop.edit(LINUS, BANNER, "random.choice(banners)", "random.choice(list(banners))")
    world.report(project, release=deployed, line=line)
    item = world.decided_item(project)
    assert item["line"]["verdict"]["revision"] == deployed and item["line"]["developer"] == address(GRACE)
    world.mail(GRACE)


def test_a_release_that_is_pushed_after_the_report(make_world):
    """The mirror learns of the commit when the first report names it, not when it is time to fetch."""
    world = make_world(**{"repository.fetch_every": "1h"}).start()
    project = world.project()
    world.report(project)
    world.mail(GRACE)
    head = world.shop.edit(ADA, "shop/db.py", "return rows.fetchall()", "return list(rows.fetchall())")
    world.report(project, path="shop/db.py", text="    return list(rows.fetchall())\n", function="banners", release=head)
    letters = world.mails(2)
    assert letters[1].recipients == [address(ADA)]
    verdicts = [world.item(project, item["number"])["line"]["verdict"] for item in world.items(project)]
    assert {verdict["revision"] for verdict in verdicts if verdict["path"] == "shop/db.py"} == {head}


def test_a_release_that_nobody_knows(make_world):
    """Decided at the tip, with lower confidence, and that is said."""
    world = make_world(**{"blame.wait_for_release": "2s"}).start()
    project = world.project()
    world.report(project, release="0123456789abcdef0123456789abcdef01234567")
    world.mail(GRACE)
    verdict = world.item(project)["line"]["verdict"]
    assert not verdict.get("at_release") and verdict["revision"] == world.shop.head and verdict["confidence"] < 0.85


@pytest.mark.parametrize("release", ["--output=/tmp/flawless-was-here", "-n", "HEAD@{1}", "main:shop/db.py", "..", "^main", "a b\nc",
                                     "$(touch /tmp/flawless-was-here)", "0" * 5000, "\u202emain\x00"])
def test_releases_that_are_no_revisions(make_world, release):
    """Nothing of it reaches git as an option or a shell; the line is found at the tip."""
    world = make_world(**{"blame.wait_for_release": "1s"}).start()
    project = world.project()
    world.report(project, release=release)
    world.mail(GRACE)
    assert world.item(project)["line"]["verdict"]["revision"] == world.shop.head
    assert not os.path.exists("/tmp/flawless-was-here")


@pytest.mark.parametrize("path", ["--help", "-L1,2", ":(glob)**/banner.py", ":/shop/banner.py", "../../../../etc/passwd", "/etc/passwd",
                                  "shop/banner.py\nshop/db.py", "shop/../shop/banner.py/.", "*", "shop", ".git/config",
                                  "$(touch /tmp/flawless-was-here).py"])
def test_paths_that_are_no_files_of_the_repository(world, path):
    """They lead nowhere, and nothing outside the repository is read."""
    project = world.project()
    world.report(project, path=path, line=12)
    item = world.decided_item(project)
    letter = world.mails(1)[0]
    assert "root:x:0" not in letter.raw.decode() + str(item) and not os.path.exists("/tmp/flawless-was-here")
    if letter.recipients != [ON_CALL]:
        assert (letter.recipients, item["line"]["verdict"]["path"]) == ([address(GRACE)], BANNER)


def test_a_repository_that_is_missing_holds_up_nobody_elses_mail(make_world):
    world = make_world()
    world.append_config('[[repository]]\nname = "gone"\npath = "/nowhere/gone.git"')
    world.append_config(f'[[repository]]\nname = "branchless"\npath = "{world.shop.directory}"\n'
                        'branch = "nosuchbranch"\nprojects = ["another"]')
    world.start()
    project = world.project()
    began = time.monotonic()
    world.report(project)
    world.mail(GRACE)
    assert time.monotonic() - began < 20, "not as long as a clone is waited for"
    faults = " ".join(world.server.wait_until(lambda: len(world.health()["faults"]) == 2 and world.health()["faults"], 20))
    assert "repository gone cannot be cloned" in faults
    assert "repository branchless: it has no branch nosuchbranch" in faults and "main" in faults


def test_rules_may_name_files_as_the_repository_does(make_world):
    world = make_world(**{"repository.path_mappings": "deploy="})
    world.append_config(f'[[known_error]]\nfilename = "{BANNER}"')
    world.start()
    project = world.project()
    world.report(project, path="deploy/" + BANNER, line=world.shop.line_of(BANNER, CULPRIT))
    item = world.decided_item(project)
    assert (item["line"]["verdict"]["path"], item["line"]["known"]) == (BANNER, True)
    assert item["line"]["verdict"]["not_mailed"] == "it is a known error"
    world.mails(0)


def test_code_outside_the_repository_goes_to_the_default_contact_once(world):
    project = world.project()
    for _ in range(3):
        world.report(project, path="/opt/vendor/engine.py", text="    run()\n", function="start", line=7)
    letter = world.mail(ON_CALL)
    item = world.decided_item(project, count=3)
    assert item["line"]["verdict"]["problem"] and not item["line"]["developer"]
    world.restart(kill=True)
    world.report(project, path="/opt/vendor/engine.py", text="    run()\n", function="start", line=7)
    world.decided_item(project, count=4)
    assert world.mail(ON_CALL).number == letter.number


def test_history_and_links_name_what_was_done(world):
    project = world.project()
    world.report(project)
    letter = world.mail(GRACE)
    item = world.item(project)
    kinds = [entry["kind"] for entry in item["history"]]
    assert {"created", "blamed", "mailed"} <= set(kinds) and kinds[-1] == "created"
    assert any(url.endswith(f"/p/{project['id']}/items/{item['number']}") for url in links(letter))
    rows = world.server.api(f"/projects/{project['id']}/items", project["tokens"]["read"], developer=address(GRACE))
    assert [row["number"] for row in rows["items"]] == [item["number"]]
    assert not world.server.api(f"/projects/{project['id']}/items", project["tokens"]["read"],
                                developer=address(ADA))["items"]


# --- one mail per episode ---------------------------------------------------------------------------------------------
def test_a_regression_is_mailed_once_more(world):
    project = world.project()
    write = world.server.run("token", "create", "--scope", "write", "--project", project["name"]).strip()
    world.report(project)
    first = world.mail(GRACE)
    number = world.item(project)["number"]
    reply = world.server.request("PATCH", f"/api/2/projects/{project['id']}/items/{number}", '{"status":"resolved"}',
                                 {"Authorization": "Bearer " + write})
    assert reply.status == 200
    world.shop.edit(ADA, "shop/db.py", "return rows.fetchall()", "return list(rows)")  # the fix that did not help
    world.report(project)
    world.report(project)
    letters = world.mails(2)
    assert letters[1].recipients == [address(GRACE)]
    thread = (letters[1].header("References") + " " + letters[1].header("In-Reply-To")).split()
    shared = set(thread) & {first.header("Message-ID"), *first.header("References").split()}
    assert shared, "a mail program shows both in one thread"


@pytest.mark.parametrize("status", ["muted", "archived"])
def test_nothing_is_mailed_about_items_that_are_silenced(make_world, status):
    world = make_world(**{"blame.report_error_threshold": 2}).start()
    project = world.project()
    world.report(project)
    number = world.decided_item(project)["number"]
    write = world.server.run("token", "create", "--scope", "write", "--project", project["name"]).strip()
    reply = world.server.request("PATCH", f"/api/2/projects/{project['id']}/items/{number}", f'{{"status":"{status}"}}',
                                 {"Authorization": "Bearer " + write})
    assert reply.status == 200
    for _ in range(3):
        world.report(project)
    world.server.wait_until(lambda: world.item(project, number)["count"] == 4)
    world.mails(0)
