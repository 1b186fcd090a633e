"""While somebody misbehaves, the right key is served."""
import http.client
import json
import resource
import socket
import threading
import time

import pytest

from harness import rollbar_message

IDLE_CONNECTIONS = 10_000


def served(server, project, count=20):
    """Seconds that the slowest of some honest reports took."""
    slowest = 0.0
    for _ in range(count):
        start = time.monotonic()
        assert server.rollbar(project["tokens"]["post_server_item"], rollbar_message()).status == 200
        slowest = max(slowest, time.monotonic() - start)
    return slowest


def test_a_flood_of_wrong_keys(fresh):
    server = fresh().start()
    project = server.project()
    stop = threading.Event()
    refused = []

    def flood():
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        body = json.dumps({"data": rollbar_message()})
        for _ in range(5000):
            if stop.is_set():
                break
            connection.request("POST", "/api/1/item/", body, {"X-Rollbar-Access-Token": "f" * 32})
            reply = connection.getresponse()
            reply.read()
            refused.append(reply.status)
    floods = [threading.Thread(target=flood) for _ in range(8)]
    for thread in floods:
        thread.start()
    try:
        time.sleep(0.2)
        assert served(server, project) < 2
    finally:
        stop.set()
        for thread in floods:
            thread.join()
    assert set(refused) == {403}

    global_read = json.loads(server.run("token", "create", "--scope", "read", "--json"))["token"]

    def shown_to_all():
        rows = server.api("/health", global_read)["refusals"]
        return sum(r["count"] for r in rows if r["reason"] == "unknown token") == len(refused)
    assert server.wait_until(shown_to_all), "every refusal is counted"


def test_ten_thousand_idle_connections(fresh):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # This process and the server, which inherits the limit, each need one for every connection and some besides.
    needed = IDLE_CONNECTIONS + 500
    if hard != resource.RLIM_INFINITY and hard < needed:
        pytest.skip(f"the hard limit of open files is {hard}; {IDLE_CONNECTIONS} connections need {needed}")
    if soft != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
    idle = []
    try:
        server = fresh().start()
        project = server.project()
        for _ in range(IDLE_CONNECTIONS):
            idle.append(socket.create_connection(("127.0.0.1", server.port), timeout=10))
        assert served(server, project) < 2
        with open(f"/proc/{server.process.pid}/status") as status:
            resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) << 10
        assert resident < 400 << 20
    finally:
        for connection in idle:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_slowloris(fresh):
    """Two hundred clients that send a byte a second are cut off; nobody notices."""
    server = fresh().start()
    project = server.project()
    slow = [socket.create_connection(("127.0.0.1", server.port), timeout=10) for _ in range(200)]
    start = time.monotonic()
    for connection in slow:
        connection.sendall(b"POST /api/1/item/ HTTP/1.1\r\nHost: x\r\nX-A: ")
    open_still = list(slow)
    while open_still and time.monotonic() - start < 30:
        assert served(server, project, count=3) < 2
        for connection in list(open_still):
            try:
                connection.sendall(b"a")
                connection.settimeout(0.001)
                if connection.recv(4096):
                    open_still.remove(connection)  # 408, then closed
            except TimeoutError:
                pass
            except OSError:
                open_still.remove(connection)
        time.sleep(0.5)
    for connection in slow:
        connection.close()
    assert not open_still, f"{len(open_still)} slow clients were let live for half a minute"
