"""Small requests that become large documents: nobody else waits for them, and memory stays bounded."""
import contextlib
import gzip
import http.client
import threading

import pytest

from harness import rollbar_message
from test_floods import served


def bomb(millions, end=b"1]}"):
    """`millions` of numbers in a list, 2 bytes each; a few KB on the wire."""
    return gzip.compress(b'{"message":"x","custom":[' + b"1," * (millions * 10 ** 6) + end)


def highest_memory(server):
    with open(f"/proc/{server.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) << 10


@contextlib.contextmanager
def flooded(server, path, bodies, headers=None):
    """Eight clients send `bodies` in turn, for as long as it lasts. Gives the statuses that they are told."""
    stop, told = threading.Event(), []

    def flood(at):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        for _ in range(100):
            if stop.is_set():
                break
            connection.request("POST", path, bodies[at % len(bodies)], {"Content-Encoding": "gzip", **(headers or {})})
            reply = connection.getresponse()
            reply.read()
            told.append(reply.status)
    floods = [threading.Thread(target=flood, args=(at,)) for at in range(8)]
    for thread in floods:
        thread.start()
    try:
        assert server.wait_until(lambda: told), "bombs are under way"
        yield told
    finally:
        stop.set()
        for thread in floods:
            thread.join()


@pytest.mark.parametrize("path, answers", [
    ("/api/2/report", {403}), ("/api/1/store/", {403}), ("/api/1/item/", {413, 503}), ("/api/1/envelope/", {413, 503})])
def test_bombs_of_strangers(fresh, path, answers):
    server = fresh().start()
    project = server.project()
    with flooded(server, path, [bomb(9)]) as told:
        assert served(server, project) < 2
    assert set(told) <= answers
    assert highest_memory(server) < 200 << 20


def test_bombs_with_a_public_key(fresh):
    """Whoever has a browser's key can send what is allowed, one document after another; others do not wait."""
    server = fresh().start()
    project = server.project()
    key = {"X-Rollbar-Access-Token": project["tokens"]["post_client_item"]}
    with flooded(server, "/api/2/report", [bomb(9), bomb(9, b"1")], key) as told:
        assert served(server, project) < 2
    assert set(told) <= {200, 400, 503}
    assert server.rollbar(project["tokens"]["post_server_item"], rollbar_message()).status == 200
