"""The app in a real browser against the real server. Each script in this folder is one story; it fails by throwing."""
import contextlib
import json
import os
import pathlib
import re
import subprocess
import threading

import pytest

from harness import ROOT
from story import GRACE, World, links

HERE = pathlib.Path(__file__).resolve().parent
CHROMIUM = "/usr/bin/chromium"
ACCOUNT = {"email": "ada@shop.example", "name": "Ada Lovelace", "password": "correct horse battery"}

pytestmark = pytest.mark.skipif(not pathlib.Path(CHROMIUM).exists(), reason="needs Debian's chromium")


def first_link(server):
    found = re.findall(r"/welcome\?link=[\w-]+", server.log_text())
    assert found, "flawless start printed no link to the first account"
    return found[-1]


def play(script, server, answers=(), **more):
    """Runs a story; each line it says calls the next of `answers` and gets what that returns. Shows its output if it fails."""
    screenshots = ROOT / "build/screenshots"
    screenshots.mkdir(parents=True, exist_ok=True)
    stage = {"url": server.url, "account": ACCOUNT, "chromium": CHROMIUM, "screenshots": str(screenshots), **more}
    with subprocess.Popen(["node", str(HERE / script)], text=True, bufsize=1, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, "NO_COLOR": "1", "FLAWLESS_STAGE": json.dumps(stage)}) as process:
        bound = threading.Timer(120, process.kill)
        bound.start()
        try:
            said = ""
            for answer in answers:
                line = process.stdout.readline()
                said += line
                if not line:
                    break
                process.stdin.write(f"{answer() or ''}\n")
            said += process.stdout.read()
        finally:
            bound.cancel()
    if process.returncode != 0:
        pytest.fail(f"{script}: {said[-4000:]}", pytrace=False)


def open_account(server):
    """Makes the first account."""
    link = first_link(server)
    reply = server.post("/api/2/session/first", {"link": link.split("=")[1], **ACCOUNT}, {"Origin": server.url})
    assert reply.status == 200, reply
    return server


@pytest.fixture(scope="module")
def opened(server):
    """A server on which the first account exists."""
    return open_account(server)


def test_from_first_start_to_resolved(fresh):
    server = fresh().start()
    play("story.mjs", server, link=first_link(server))


def test_pops_up_what_arrives(opened):
    play("arrival.mjs", opened, project=opened.project("arrivals"))


def test_hostile_reports_stay_text(opened):
    play("hostile.mjs", opened, project=opened.project("hostile"))


def test_keyboard_alone_does_it(opened):
    play("keyboard.mjs", opened, project=opened.project("keyboard"))


def test_colours_can_be_read(opened):
    play("contrast.mjs", opened, project=opened.project("colours"))


def test_fits_a_phone(opened):
    play("phone.mjs", opened, project=opened.project("phone"))


def test_goes_through_occurrences(opened):
    play("occurrences.mjs", opened, project=opened.project("occurrences"))


def test_pages_follow_one_another(opened):
    play("paging.mjs", opened, project=opened.project("paging"))


def test_signs_in_and_out(opened):
    play("session.mjs", opened, project=opened.project("session"))


def test_settings(opened):
    play("settings.mjs", opened, project=opened.project("settings"))


def test_shows_how_the_server_is(fresh):
    server = open_account(fresh().start())
    conf = pathlib.Path(server.conf)
    before = conf.read_text()

    def write(text):
        new = conf.with_suffix(".new")
        new.write_text(text)
        new.replace(conf)
    play("system.mjs", server, project=server.project("system"), answers=[
        lambda: write(before + '[[known_error]]\nfilname = "shop/other.py"\n'),
        lambda: write(before.replace(f"port = {server.port}", "port = 1"))])


def test_catches_up_after_a_restart(opened):
    project = opened.project("restart")

    def come_back():
        opened.start()
        reply = opened.post("/api/2/report", {"message": "while nobody listened"},
                            {"Authorization": "Bearer " + project["tokens"]["post_server_item"]})
        assert reply.status == 200, reply
    play("restart.mjs", opened, answers=[opened.kill, come_back], project=project)


def test_notices_a_connection_that_died_silently(opened):
    play("silence.mjs", opened, project=opened.project("silence"))


def test_says_who_wrote_the_line(tmp_path):
    with contextlib.closing(World(tmp_path)) as world:
        open_account(world.start().server)
        project = world.project()

        def mailed_links():
            return json.dumps([url for url in links(world.mail(GRACE)) if "key=" in url])
        play("blame.mjs", world.server, answers=[lambda: world.report(project) and "", mailed_links], project=project)
