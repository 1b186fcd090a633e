"""Queue, back-off, bursts, forks, exits."""
import os
import shutil
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
import time

import pytest

import flawless
from flawless._sampler import COUNT, HOLD, SEND, Sampler

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def record(text):
    return flawless.record_error(ValueError(text))


def test_how_it_is_sent(client):
    record("x" * 1000)
    client.received()
    _, path, headers, _ = client.requests[0]
    assert path == "/api/2/report" and headers["Authorization"] == "Bearer 0123456789abcdef"
    assert headers["Content-Encoding"] == "gzip" and headers["Content-Type"] == "application/json"


def test_too_many_requests_is_obeyed_and_the_report_is_sent_again(client):
    client.answers = [(429, {"Retry-After": "1"})]
    report_id = record("x")
    record("y")
    assert len(client.requests) < 2, "the application waited for the server"
    client.received(2)
    assert client.requests[1][0] - client.requests[0][0] >= 0.99
    assert client.reports[0]["id"] == report_id


def test_server_errors_back_off_further_each_time(client):
    client.answers = [(503, {}), (500, {})]
    record("x")
    client.received(1, seconds=8)
    times = [request[0] for request in client.requests]
    assert times[1] - times[0] > 0.69 and times[2] - times[1] > 1.39


@pytest.mark.parametrize("status", [400, 413])
def test_what_is_refused_for_good_is_not_sent_again(client, status, caplog):
    client.answers = [(status, {})] * 2
    record("x")
    record("y")
    client.received(0)
    assert len(client.requests) == 2 and len([r for r in caplog.records if str(status) in r.getMessage()]) == 1


@pytest.mark.parametrize("status, body", [(401, b"{}"), (403, b'{"error":{"code":"denied","message":"no"}}')])
def test_after_a_refused_token_nothing_is_sent_until_init_is_called_anew(start, status, body, caplog):
    sink = start()
    sink.answers, sink.body = [(status, {})], body
    for n in range(5):
        record(str(n))
    sink.received(0)
    assert record("late") is None and flawless.flush(5)
    assert len(sink.requests) == 1 and len([r for r in caplog.records if "refuses the token" in r.getMessage()]) == 1
    start()
    record("anew")
    sink.received(1)


def test_a_403_of_something_in_between_concerns_one_report(client):
    client.answers = [(403, {})]
    record("x")
    record("y")
    client.received(1)


def test_counts_stay_exact_when_there_is_no_stack_left_to_take_what_is_held(start):
    sink = start(repeat_limit=2)

    @flawless.wrap_function
    def walk(node):
        return walk(node)
    for _ in range(30):
        with pytest.raises(RecursionError):
            walk({})
    assert flawless.flush(10)
    assert sum(report.get("count", 1) for report in sink.reports) == 30


def test_a_server_that_hangs_costs_the_application_nothing(start):
    silent = socket.create_server(("127.0.0.1", 0))
    try:
        flawless.init("abc", url=f"http://127.0.0.1:{silent.getsockname()[1]}", install_hooks=False, queue_reports=5,
                      shutdown_timeout=0.1, timeout=60)
        begin = time.monotonic()
        for n in range(20):
            record(str(n))
        assert time.monotonic() - begin < 60, "the application waited for the server"
        assert flawless.flush(0.2) is False
        flawless.shutdown()
    finally:
        silent.close()


def test_a_full_queue_drops_and_tells(start):
    sink = start(queue_reports=3)
    sink.answers = [(503, {"Retry-After": "0.3"})]
    for n in range(10):
        record(str(n))
    sink.received(3)
    record("after")
    sink.received(4)
    assert sum(r["custom"].get("flawless.dropped", 0) for r in sink.reports) == 7


def test_the_queue_is_bounded_in_bytes(start):
    sink = start(queue_bytes=100_000, send_variables=False)
    sink.answers = [(503, {"Retry-After": "0.3"})]
    for n in range(10):
        record("x" * 8000)
    assert flawless.flush(5)
    lost = sum(r["custom"].get("flawless.dropped", 0) for r in sink.reports)
    assert lost > 0 and lost + sum("exceptions" in r for r in sink.reports) == 10
    record("after")
    assert flawless.flush(5) and sink.reports[-1]["exceptions"][0]["message"] == "after"


def test_what_was_lost_is_told_even_if_nothing_else_is_left_to_send(start):
    sink = start(queue_reports=1)
    sink.answers = [(503, {"Retry-After": "0.2"})]
    record("first")
    while not sink.requests:
        time.sleep(0.01)
    for n in range(3):
        record(str(n))
    report = sink.received(2)
    assert report["message"].startswith("Reports were lost") and report["custom"]["flawless.dropped"] == 3


def test_an_idle_connection_that_was_closed(client, caplog):
    record("one")
    client.received(1)
    client.server.shutdown()
    connection = flawless._client.active()._sender._connection._connection
    connection.sock.shutdown(socket.SHUT_RDWR)  # as seen when the other side has closed it
    threading.Thread(target=client.server.serve_forever, args=(0.02,), daemon=True).start()
    record("two")
    client.received(2)
    assert caplog.text == "", "sent at once, not after a back-off"


def test_an_https_server_must_be_trusted(sink, tmp_path, caplog):
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    pem = str(tmp_path / "server.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", pem,
                    "-out", pem + ".crt", "-subj", "/CN=127.0.0.1", "-addext",
                    "subjectAltName=IP:127.0.0.1"], check=True,
                   stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem + ".crt", pem)
    sink.server.socket = context.wrap_socket(sink.server.socket, server_side=True)
    options = {"url": sink.url.replace("http:", "https:"), "install_hooks": False, "shutdown_timeout": 0.1}
    try:
        flawless.init("abc", **options)
        record("x")
        assert flawless.flush(0.6) is False and "certificate" in caplog.text.lower()
        flawless.init("abc", ca_file=pem + ".crt", **options)
        record("y")
        sink.received(1)
    finally:
        flawless.shutdown()


# --- bursts -----------------------------------------------------------------------------------------------------------
def burst(n):
    for i in range(n):
        try:
            raise ValueError(i)
        except ValueError as error:
            flawless.record_error(error)


def test_a_burst_is_counted_exactly(start):
    sink = start(repeat_limit=5, repeat_window=0.4)
    burst(1000)
    deadline = time.monotonic() + 3
    while len(sink.reports) < 6 and time.monotonic() < deadline:
        time.sleep(0.02)  # no flush: the tail leaves by itself when its window ends
    assert [r.get("count", 1) for r in sink.reports] == [1] * 5 + [995]
    record("another error of the same time")
    burst(3)
    sink.received(10)


def test_the_tail_of_a_burst_leaves_with_flush(start):
    sink = start(repeat_limit=2, repeat_window=60)
    burst(10)
    sink.received(3)
    burst(10)
    sink.received(4)
    assert sum(r.get("count", 1) for r in sink.reports) == 20


def test_errors_of_different_places_are_different_bursts(start):
    sink = start(repeat_limit=1, repeat_window=60)
    burst(1)
    record("here")
    record("there")
    sink.received(3)
    assert all("count" not in r for r in sink.reports)


def test_counted_occurrences_are_cheap(start):
    start(repeat_limit=1, repeat_window=60)
    burst(10)
    begin = time.thread_time()
    burst(1000)
    counted = time.thread_time() - begin
    flawless.shutdown()
    start(repeat_limit=10 ** 6, queue_reports=10 ** 6)
    begin = time.thread_time()
    burst(1000)
    assert counted < (time.thread_time() - begin) / 2, "against reports that are made"


def test_sampler_with_threads_loses_nothing():
    sampler, sent, lock = Sampler(3, 0.01), [], threading.Lock()

    def work():
        mine = []
        for _ in range(3000):
            verdict, ticket = sampler.admit("key")
            if verdict == SEND:
                mine.append(1)
            elif verdict == HOLD:
                sampler.hold(ticket, "report")
            else:
                assert verdict == COUNT
            mine += [1 + left_out for _, left_out in sampler.take_due()]
        with lock:
            sent.extend(mine)
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) + sum(1 + left_out for _, left_out in sampler.take_due(everything=True)) == 12000


def test_sampler_holds_the_next_one_for_what_could_not_be_taken():
    sampler = Sampler(0, 60)
    verdict, ticket = sampler.admit("key")
    assert (verdict, sampler.admit("key")[0]) == (HOLD, COUNT)
    sampler.withdraw(verdict, ticket)
    assert sampler.admit("key") == (HOLD, ticket)
    sampler.hold(ticket, "held")
    assert sampler.take_due(everything=True) == [("held", 1)] and sampler.take_lost() == 0


def test_sampler_tells_what_nothing_stands_for():
    sampler = Sampler(0, 60)
    verdict, ticket = sampler.admit("key")
    sampler.admit("key")
    sampler.withdraw(verdict, ticket)
    assert sampler.take_due(everything=True) == [] and (sampler.take_lost(), sampler.take_lost()) == (1, 0)


def test_sampler_forgets_the_oldest_key_without_losing_it():
    sampler = Sampler(1, 60)
    sampler.admit("old")
    verdict, ticket = sampler.admit("old")
    sampler.hold(ticket, "held")
    for n in range(600):
        sampler.admit(n)
    assert verdict == HOLD and sampler.take_due() == [("held", 0)]


# --- processes --------------------------------------------------------------------------------------------------------
def run(sink, code, expect=0):
    script = f"import sys; sys.path.insert(0, {ROOT!r})\nimport flawless\n" \
             f"flawless.init('abc', url={sink.url!r})\n" + textwrap.dedent(code)
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          universal_newlines=True, timeout=30)
    assert done.returncode == expect, done.stderr
    return done


def messages(sink):
    return sorted(r["exceptions"][0]["message"] for r in sink.reports)


def test_uncaught_exceptions_of_the_process_and_its_threads(sink):
    done = run(sink, """
        import threading
        def work(): raise ValueError("thread")
        thread = threading.Thread(target=work, name="worker"); thread.start(); thread.join()
        raise ValueError("main")
        """, expect=1)
    assert messages(sink) == ["main", "thread"]
    assert [r["exceptions"][0]["mechanism"] for r in sink.reports] == ["threading", "excepthook"]
    assert all(r["level"] == "critical" for r in sink.reports) and sink.reports[0]["tags"]["thread"] == "worker"
    assert 'ValueError: main' in done.stderr and 'ValueError: thread' in done.stderr, "as without the client"


@pytest.mark.parametrize("code, status", [("raise SystemExit(3)", 3), ("raise KeyboardInterrupt", -2)])
def test_exits_are_not_reported(sink, code, status):
    run(sink, code, expect=status)
    assert sink.reports == []


def test_an_unreachable_server_delays_the_exit_for_a_bounded_time(sink):
    sink.close()
    begin = time.monotonic()
    run(sink, "raise ValueError", expect=1)
    assert time.monotonic() - begin < 4


def test_the_first_error_inside_an_exit_function_is_sent(sink):
    run(sink, """
        import atexit
        def late():
            flawless.record_error(ValueError("late"))
            flawless.flush(2)
        atexit.register(late)
        """)
    assert messages(sink) == ["late"]


def test_fork(sink):
    run(sink, """
        import os
        flawless.record_error(ValueError("before"))
        child = os.fork()
        flawless.record_error(ValueError("child" if child == 0 else "parent"))
        if child == 0:
            flawless.flush(5)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        """)
    assert messages(sink) == ["before", "child", "parent"]


def test_fork_while_the_queue_is_busy(sink):
    run(sink, """
        import os, threading
        stop = []
        def busy():
            while not stop: flawless.record_error(ValueError("busy"))
        threads = [threading.Thread(target=busy) for _ in range(3)]
        for t in threads: t.start()
        children = []
        for n in range(10):
            child = os.fork()
            if child == 0:
                flawless.record_error(KeyError("child")); os._exit(0 if flawless.flush(5) else 1)
            children.append(child)
        stop.append(1)
        for t in threads: t.join()
        assert [os.waitpid(c, 0)[1] for c in children] == [0] * 10
        """)
    assert messages(sink).count("'child'") == 10


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_children_of_multiprocessing_send_what_they_have(sink, tmp_path, method):
    (tmp_path / "script.py").write_text(textwrap.dedent(f"""
        import multiprocessing, sys
        sys.path.insert(0, {ROOT!r})
        import flawless
        flawless.init("abc", url={sink.url!r})
        def work():
            flawless.record_error(ValueError("work"))
        if __name__ == "__main__":
            process = multiprocessing.get_context({method!r}).Process(target=work)
            process.start(); process.join()
        """))
    subprocess.run([sys.executable, str(tmp_path / "script.py")], check=True, timeout=30)
    assert messages(sink) == ["work"]


def test_asyncio(sink):
    run(sink, """
        import asyncio
        async def fails(): raise ValueError("nobody waits")
        async def main():
            flawless.install_asyncio_handler()
            flawless.install_asyncio_handler()
            task = asyncio.ensure_future(fails())
            await asyncio.sleep(0.01)
            del task
            import gc; gc.collect()
            await asyncio.sleep(0.01)
        asyncio.run(main())
        """)
    assert messages(sink) == ["nobody waits"] and sink.reports[0]["exceptions"][0]["mechanism"] == "asyncio"


def test_shutdown_puts_the_hooks_back():
    before = sys.excepthook, threading.excepthook
    flawless.init("abc", url="http://127.0.0.1:9")
    assert sys.excepthook is not before[0]
    flawless.shutdown()
    assert (sys.excepthook, threading.excepthook) == before
