#!/usr/bin/env python3
"""What reporting adds to a failing call: python3 bench/latency.py [--exceptions N]

A call 20 levels deep (one in four an object's method) with 8 locals in each raises; it is timed with and without a
report of the exception, alternating. The receiving server is a process of its own; in the second row it never answers.
"""
import argparse
import http.server
import multiprocessing
import os
import socket
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import flawless  # noqa: E402


class Sink(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *words):
        pass


def serve(ports):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    ports.put(server.server_port)
    server.serve_forever()


class Basket:
    def __init__(self, depth):
        self.depth, self.items, self.owner = depth, ["apple", "pear"] * 5, {"id": 17, "name": "ann", "password": "x"}

    def price(self, depth, currency, *extra, **options):
        total, rates, note, when = 12.5, {"eur": 1.0, "usd": 1.1}, "x" * 500, time.time()
        return descend(depth - 1, currency)


def descend(depth, currency):
    items, text, flag, names, limit, pair = list(range(100)), "some text", True, {"a": [1, 2, {"b": 3}]}, None, (1, 2)
    if depth <= 0:
        raise LookupError(f"no price in {currency}")
    if depth % 4 == 0:
        return Basket(depth).price(depth, currency, 1, 2, key="value")
    return descend(depth - 1, currency)


def failing_call(report):
    begin = time.perf_counter()
    try:
        descend(20, "eur")
    except LookupError:
        if report:
            flawless.record_error()
    return (time.perf_counter() - begin) * 1000


def measure(name, url, exceptions):
    flawless.init("0123456789abcdef", url=url, repeat_limit=10 ** 9, install_hooks=False, shutdown_timeout=0.2)
    for _ in range(20):
        failing_call(True)
    without, with_report = [], []
    for _ in range(exceptions):
        without.append(failing_call(False))
        with_report.append(failing_call(True))
        time.sleep(0.01)
    base = statistics.median(without)
    added = sorted(value - base for value in with_report)
    print(f"{name:28} added ms: p50 {statistics.median(added):.3f}  p99 {added[int(len(added) * 0.99)]:.3f}  "
          f"max {added[-1]:.3f}   "
          f"(the call without: p50 {base:.3f}  p99 {sorted(without)[int(exceptions * 0.99)]:.3f})")
    flawless.shutdown()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--exceptions", type=int, default=300)
    exceptions = parser.parse_args().exceptions
    ports = multiprocessing.Queue()
    server = multiprocessing.Process(target=serve, args=(ports,), daemon=True)
    server.start()
    silent = socket.create_server(("127.0.0.1", 0))
    try:
        measure("server answers", f"http://127.0.0.1:{ports.get(timeout=10)}", exceptions)
        measure("server accepts, is silent", f"http://127.0.0.1:{silent.getsockname()[1]}", exceptions)
    finally:
        server.terminate()
        server.join()
        silent.close()


if __name__ == "__main__":
    main()
