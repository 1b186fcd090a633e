"""kill -9 under load, again and again: what was acknowledged is stored, once."""
import http.client
import json
import os
import threading
import time
import uuid

from harness import rollbar_message

ROUNDS = int(os.environ.get("FLAWLESS_KILL_ROUNDS", "5"))
SENDERS = 8


class Sender(threading.Thread):
    """Posts unique reports on one connection; remembers which ones were acknowledged. Resends what was not."""

    def __init__(self, server, token):
        super().__init__()
        self.server, self.token = server, token
        self.acknowledged, self.in_doubt = set(), []
        self.stopping = False

    def run(self):
        connection = None
        while not self.stopping:
            report_id = self.in_doubt.pop() if self.in_doubt else str(uuid.uuid4())
            data = rollbar_message("killed", uuid=report_id)
            try:
                if connection is None:
                    connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=5)
                connection.request("POST", "/api/1/item/", json.dumps({"data": data}),
                                   {"X-Rollbar-Access-Token": self.token})
                reply = connection.getresponse()
                reply.read()
                if reply.status == 200:
                    self.acknowledged.add(report_id)
                    continue
            except (OSError, http.client.HTTPException):
                connection = None
            self.in_doubt.append(report_id)
            time.sleep(0.01)


def test_acknowledged_is_stored_once(fresh):
    server = fresh().start()
    project = server.project()
    senders = [Sender(server, project["tokens"]["post_server_item"]) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    try:
        for round_number in range(ROUNDS):
            time.sleep(0.5 + 0.37 * round_number % 0.8)
            server.kill()
            server.start()
    finally:
        for sender in senders:
            sender.stopping = True
        for sender in senders:
            sender.join()
    read = project["tokens"]["read"]
    health = server.wait_until_digested(server.run("token", "create", "--scope", "read").strip())
    acknowledged = set().union(*(s.acknowledged for s in senders))
    possible = acknowledged.union(*(set(s.in_doubt) for s in senders))
    assert len(acknowledged) > 100, "the load was no load"
    stored = set()
    cursor = ""
    while True:
        page = server.api(f"/projects/{project['id']}/occurrences", read, limit=200, **({"cursor": cursor} if cursor else {}))
        for row in page["occurrences"]:
            report_id = str(uuid.UUID(row["uuid"]))
            assert report_id not in stored, "stored twice"
            stored.add(report_id)
        cursor = page["next"]
        if not cursor:
            break
    lost = acknowledged - stored
    assert not lost, f"{len(lost)} of {len(acknowledged)} acknowledged reports are not stored"
    assert stored <= possible
    items = server.api(f"/projects/{project['id']}/items", read)["items"]
    assert sum(item["count"] for item in items) == len(stored), "counters agree with rows"
    assert health["digest"]["quarantined"] == 0
    print(f"\n{ROUNDS} kills: {len(acknowledged)} acknowledged, {len(stored)} stored, {len(lost)} lost")


def test_a_clean_stop_under_load_loses_nothing(fresh):
    server = fresh().start()
    project = server.project()
    senders = [Sender(server, project["tokens"]["post_server_item"]) for _ in range(4)]
    for sender in senders:
        sender.start()
    time.sleep(1)
    assert server.stop() == 0
    for sender in senders:
        sender.stopping = True
    for sender in senders:
        sender.join()
    server.start()
    server.wait_until_digested(project["tokens"]["read"])
    acknowledged = set().union(*(s.acknowledged for s in senders))
    items = server.api(f"/projects/{project['id']}/items", project["tokens"]["read"])["items"]
    assert sum(item["count"] for item in items) >= len(acknowledged) > 100
