"""Small requests that become large documents: nobody else waits for them, and memory stays bounded."""
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


@pytest.mark.parametrize("path, answers", [
    ("/api/2/report", {403}), ("/api/1/store/", {403}), ("/api/1/item/", {413, 503}), ("/api/1/envelope/", {413, 503})])
def test_bombs_of_strangers(fresh, path, answers):
    server = fresh().start()
    project = server.project()
    stop, told, body = threading.Event(), [], bomb(9)

    def flood():
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        for _ in range(100):
            if stop.is_set():
                break
            connection.request("POST", path, body, {"Content-Encoding": "gzip"})
            reply = connection.getresponse()
            reply.read()
            told.append(reply.status)
    floods = [threading.Thread(target=flood) for _ in range(8)]
    for thread in floods:
        thread.start()
    try:
        assert server.wait_until(lambda: told), "bombs are under way"
        assert served(server, project) < 2
    finally:
        stop.set()
        for thread in floods:
            thread.join()
    assert told and set(told) <= answers
    assert highest_memory(server) < 200 << 20


def test_bombs_with_a_public_key(fresh):
    """Whoever has a browser's key can send what is allowed, one document after another; others do not wait."""
    server = fresh().start()
    project = server.project()
    headers = {"Content-Encoding": "gzip", "X-Rollbar-Access-Token": project["tokens"]["post_client_item"]}
    stop, told, bodies = threading.Event(), [], (bomb(9), bomb(9, b"1"))

    def flood(at):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        for _ in range(50):
            if stop.is_set():
                break
            connection.request("POST", "/api/2/report", bodies[at % 2], headers)
            reply = connection.getresponse()
            reply.read()
            told.append(reply.status)
    floods = [threading.Thread(target=flood, args=(at,)) for at in range(4)]
    for thread in floods:
        thread.start()
    try:
        assert server.wait_until(lambda: told), "bombs are under way"
        assert served(server, project) < 2
    finally:
        stop.set()
        for thread in floods:
            thread.join()
    assert told and set(told) <= {200, 400, 503}
    assert server.rollbar(project["tokens"]["post_server_item"], rollbar_message()).status == 200
