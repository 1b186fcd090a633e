"""Reports that were accepted and cannot be digested: shown, tried again, stored once.

They come about as for an operator: a database of an older backup does not have the project that they name.
"""
import json
import shutil
import uuid

import pytest

from harness import rollbar_message
from story import GRACE, address
from test_api import Client

LIST = "/api/2/system/quarantine"


class Restored:
    """A server whose database is older than the project `lost`, of which the journal has reports."""

    def __init__(self, server, reports=2, send=None):
        self.server = server.start()
        self.shop = server.project("shop")
        self.read = server.run("token", "create", "--scope", "read").strip()
        self.write = server.run("token", "create", "--scope", "write").strip()
        server.stop()
        shutil.copy(server.data / "flawless.db", server.directory / "backup.db")
        server.start()
        self.lost = server.project("lost")
        self.uuids = [str(uuid.uuid4()) for _ in range(reports)]
        for one in self.uuids:
            (send or self.send)(self.lost, one)
        server.wait_until_digested(self.read)
        server.stop()
        shutil.copy(server.directory / "backup.db", server.data / "flawless.db")
        server.start()
        server.wait_until_digested(self.read)

    def send(self, project, report_id):
        message = rollbar_message("it broke", uuid=report_id)
        assert self.server.rollbar(project["tokens"]["post_server_item"], message).status == 200

    def listed(self, *words):
        return json.loads(self.server.run("quarantine", "list", "--json", *words))["quarantine"]

    def find(self, report_id):
        return self.server.get(f"/api/2/projects/{self.lost['id']}/reports/{report_id}", self.read)

    def give_back_the_project(self):
        again = self.server.project("lost")
        assert again["id"] == self.lost["id"], "the same number, as the backup never gave it out"
        return again


@pytest.fixture
def restored(fresh):
    return Restored(fresh())


def test_what_is_set_aside_is_shown(restored):
    server, rows = restored.server, restored.listed()
    assert [row["uuid"] for row in rows] == restored.uuids
    assert all(row["project"] == restored.lost["id"] and row["body_available"] is True for row in rows)
    assert all(f"no project {restored.lost['id']}" in row["reason"] for row in rows)
    assert restored.listed("--project", "shop") == []
    assert len(restored.listed("--project", str(restored.lost["id"]), "--limit", "1")) == 1
    table = server.run("quarantine", "list").splitlines()
    assert table[0].split() == ["SEQUENCE", "SET", "ASIDE", "PROJECT", "BODY", "REASON"] and len(table) == 3
    assert server.run("quarantine", "list", "--limit", "0", check=False).returncode == 2

    page = Client(server.url).call("GET", LIST, restored.read, query={"limit": 1})
    assert page["quarantine"] == rows[:1] and page["next"]
    health = server.api("/health", restored.read)
    assert health["ok"] and health["faults"] == []
    [notice] = health["notices"]
    assert notice == ("2 reports are set aside; `flawless quarantine list` shows why, "
                      "`flawless help quarantine retry` how to try them again")
    assert server.get("/check_health").body == b"OK"
    assert b"flawless_store_quarantined 2\n" in server.get("/metrics", restored.read).body


def test_a_report_is_tried_again_until_it_is_stored(restored):
    server, rows = restored.server, restored.listed()
    first, second = (str(row["sequence"]) for row in rows)
    failed = server.run("quarantine", "retry", first, check=False)
    assert failed.returncode == 1 and f"{first}  failed" in failed.stdout and "there is no project" in failed.stdout
    assert failed.stderr == "flawless: 1 of 1 reports is not stored\n"
    assert restored.listed() == rows, "it stays, as it was put aside"
    log = server.log_text()
    assert log.index(f"report {first} is tried again") < log.index(f"report {first} stays in quarantine"), \
        "should it end the server, the log tells which one it was"

    api = Client(server.url)
    retried = api.call("POST", LIST + "/retry", restored.write, body={"sequences": [int(first), 99]})["retried"]
    assert [one["result"] for one in retried] == ["failed", "unknown"]

    again = restored.give_back_the_project()
    api.call("GET", "/api/2/projects/{project}/reports/{uuid}", again["tokens"]["read"], 404,
             project=again["id"], uuid=restored.uuids[0])
    reply = restored.find(restored.uuids[0])
    assert reply.status == 404 and reply.json["error"]["code"] == "set_aside"
    assert f"flawless quarantine retry {first}" in reply.json["error"]["message"]

    done = server.run("quarantine", "retry", first)
    assert done == f"{first}  stored   {server.url}/p/{restored.lost['id']}/items/1\n"
    assert restored.find(restored.uuids[0]).status == 200
    assert [row["sequence"] for row in restored.listed()] == [int(second)]
    again = server.run("quarantine", "retry", first, second, check=False)
    assert again.returncode == 3 and f"{first}  unknown" in again.stdout and f"{second}  stored" in again.stdout
    assert restored.listed() == []
    assert server.run("quarantine", "retry", "--all") == "No report is set aside\n"
    assert server.api("/health", restored.read)["notices"] == []
    items = server.api(f"/projects/{restored.lost['id']}/items", restored.read)["items"]
    assert [item["count"] for item in items] == [2]

    server.kill()  # what is stored is stored once, whatever the journal still has
    server.start()
    server.wait_until_digested(restored.read)
    items = server.api(f"/projects/{restored.lost['id']}/items", restored.read)["items"]
    assert [item["count"] for item in items] == [2] and restored.listed() == []


def test_what_its_client_has_sent_again_counts_once(restored):
    again = restored.give_back_the_project()
    restored.send(again, restored.uuids[0])
    restored.server.wait_until_digested(restored.read)
    done = restored.server.run("quarantine", "retry", "--all").splitlines()
    assert "stored   it was there already: http" in done[0] and "already" not in done[1]
    items = restored.server.api(f"/projects/{again['id']}/items", restored.read)["items"]
    assert [item["count"] for item in items] == [2] and restored.listed() == []


def test_a_retried_line_is_mailed_once_to_its_author(make_world):
    world = make_world()
    restored = Restored(world.server, send=lambda project, report_id: world.report(project, id=report_id))
    before = len(world.letters)
    again = restored.give_back_the_project()
    restored.server.run("quarantine", "retry", "--all")
    item = world.decided_item(again, count=2)
    assert item["line"]["developer"] == address(GRACE)
    letters = world.mails(before + 1)
    assert letters[-1].recipients == [address(GRACE)] and "[lost]" in letters[-1].header("Subject")


def test_many_are_tried_again_by_command_and_by_api(fresh):
    restored = Restored(fresh(), reports=230)
    server = restored.server
    restored.give_back_the_project()
    api = Client(server.url)
    reply = api.call("POST", LIST + "/retry", restored.write, body={"all": True})
    assert reply["next"] and {one["result"] for one in reply["retried"]} == {"stored"}
    api.call("POST", LIST + "/retry", restored.read, 403, body={"all": True})
    done = json.loads(server.run("quarantine", "retry", "--all", "--json"))["retried"]
    assert len(done) + len(reply["retried"]) == 230 and {one["result"] for one in done} == {"stored"}
    items = server.api(f"/projects/{restored.lost['id']}/items", restored.read)["items"]
    assert [item["count"] for item in items] == [230]


def test_without_a_server_the_list_is_there_and_retry_says_what_to_do(restored):
    sequence = str(restored.listed()[0]["sequence"])
    restored.server.stop()
    rows = restored.listed()
    assert len(rows) == 2 and all(row["body_available"] is None for row in rows)
    for words in (["--all"], [sequence]):
        refused = restored.server.run("quarantine", "retry", *words, check=False)
        assert refused.returncode == 5 and "start it with `flawless start`" in refused.stderr
    restored.server.start()
    assert restored.listed()[0]["body_available"] is True


@pytest.mark.parametrize("words", [[], ["7", "--all"], ["seven"], ["0"]])
def test_wrong_arguments_say_what_is_right(fresh, words):
    refused = fresh().run("quarantine", "retry", *words, check=False)
    assert refused.returncode == 2 and "SEQUENCE" in refused.stderr
