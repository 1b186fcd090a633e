"""A local server that keeps what it is sent, and a client that reports to it."""
import gzip
import http.server
import json
import pathlib
import sys
import threading
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import flawless  # noqa: E402


class Sink:
    """`answers`: (status, headers) for the next requests, then 200. `body`: of all replies."""

    def __init__(self):
        self.reports, self.requests, self.answers, self.body = [], [], [], b"{}"
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sink.requests.append((time.monotonic(), self.path, dict(self.headers), len(body)))
                status, headers = sink.answers.pop(0) if sink.answers else (200, {})
                if status == 200:
                    if self.headers.get("Content-Encoding") == "gzip":
                        body = gzip.decompress(body)
                    sink.reports.append(json.loads(body))
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(sink.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(sink.body)

            def log_message(self, *words):
                pass
        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 100

            def handle_error(self, request, address):
                """A client that goes away is part of the tests."""
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def received(self, count=1, seconds=5):
        """Exactly `count` reports, after everything was flushed."""
        assert flawless.flush(seconds)
        assert len(self.reports) == count, [r.get("message") or r["exceptions"][0]["message"] for r in self.reports]
        return self.reports[-1] if count else None

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def sink():
    made = Sink()
    yield made
    made.close()


@pytest.fixture
def start(sink):
    """Starts the client with options; it is stopped after the test."""
    def begin(**options):
        options = {"install_hooks": False, "release": "r1", "shutdown_timeout": 0.2, **options}
        assert flawless.init("0123456789abcdef", url=sink.url, **options)
        return sink
    yield begin
    flawless.shutdown()


@pytest.fixture
def client(start):
    return start()
