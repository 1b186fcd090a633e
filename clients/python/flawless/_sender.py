"""The queue of reports and the thread that sends them.

Life: the thread starts with the first report of a process and is a daemon; flush() waits for it within a time. A
forked child starts with an empty queue and a thread of its own; what the parent had queued, the parent sends.
The queue is bounded in number and bytes: what does not fit is dropped and counted, the application never waits.
Once the server has refused the token nothing is sent any more: every report would be refused.
"""
from __future__ import annotations

import codecs
import gzip
import http.client
import logging
import os
import queue
import random
import socket
import ssl
import sys
import threading
import time
import urllib.parse
import weakref
from typing import Any, Callable, Optional, Tuple

from ._config import Options, Target
from ._report import PendingReport
from ._sampler import Sampler
from ._static import is_a
from ._version import VERSION

_log = logging.getLogger("flawless")
_FIRST_BACK_OFF, _LONGEST_BACK_OFF, _LONGEST_RETRY_AFTER = 1.0, 60.0, 3600.0
_COMPRESS_FROM = 500
_LOOK_AFTER_HELD = 0.5  # seconds
_DENIED = '"denied"'  # the server's own 403, not one of something in between that dislikes a single report

# Imported by now, not in the sender's thread: a process that forks meanwhile would leave its child a locked import.
for _codec in ("idna", "ascii", "iso-8859-1", "utf-8"):
    codecs.lookup(_codec)

Finish = Callable[[PendingReport, int], Optional[bytes]]


class Connection:
    """One keep-alive HTTP connection. The sender's thread only."""

    def __init__(self, target: Target, timeout: float, ca_file: str) -> None:
        parts = urllib.parse.urlsplit(target.url)
        self._is_https = parts.scheme == "https"
        self._host, self._port = parts.hostname or "", parts.port
        self._path = parts.path.rstrip("/") + "/api/2/report"
        self._token, self._timeout, self._ca_file = target.token, timeout, ca_file
        self._connection: Optional[http.client.HTTPConnection] = None

    def post(self, body: bytes) -> Tuple[int, float, str]:
        """Status, seconds of Retry-After (0 if not sent), the reply's beginning. OSError or HTTPException."""
        headers = {"Authorization": "Bearer " + self._token, "Content-Type": "application/json",
                   "User-Agent": "flawless-python/" + VERSION}
        if len(body) >= _COMPRESS_FROM:
            body, headers["Content-Encoding"] = gzip.compress(body, 3), "gzip"
        is_reused = self._connection is not None
        try:
            return self._post(body, headers)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if not is_reused or isinstance(error, socket.timeout):
                raise
        try:
            return self._post(body, headers)  # the server had closed an idle connection
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def _post(self, body: bytes, headers: Any) -> Tuple[int, float, str]:
        if self._connection is None:
            self._connection = self._open()
        self._connection.request("POST", self._path, body, headers)
        reply = self._connection.getresponse()
        text = reply.read(65536)[:300].decode("utf-8", "replace")
        if reply.will_close or not reply.isclosed():
            self.close()
        return reply.status, _seconds(reply.getheader("Retry-After")), text

    def _open(self) -> http.client.HTTPConnection:
        if self._is_https:
            context = ssl.create_default_context(cafile=self._ca_file or None)
            return http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout, context=context)
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _seconds(retry_after: Optional[str]) -> float:
    try:
        return min(max(0.0, float(retry_after or 0)), _LONGEST_RETRY_AFTER)
    except ValueError:  # a date
        return _LONGEST_BACK_OFF


class Sender:
    def __init__(self, target: Target, options: Options, sampler: Sampler, finish: Finish) -> None:
        self._target, self._options, self._sampler, self._finish = target, options, sampler, finish
        self._start_afresh()
        _senders.add(self)

    def _start_afresh(self) -> None:
        self._inbox: "queue.SimpleQueue[Optional[PendingReport]]" = queue.SimpleQueue()
        self._lock = threading.RLock()
        self._sending = threading.RLock()  # held by whoever takes from the inbox
        self._wake = threading.Event()
        self._thread: Optional[threading.Thread] = None
        self._unfinished = self._bytes = self.dropped = 0
        self._failures = 0
        self._wait_until = 0.0  # monotonic
        self._is_closed = self._is_refused = False
        self._complained: set = set()  # type: ignore[type-arg]
        self._has_exit_hook = False
        self._connection = Connection(self._target, self._options.timeout, self._options.ca_file)

    def after_fork(self) -> None:
        """In the child: the parent's reports are the parent's."""
        was_closed = self._is_closed
        self._sampler.reset()
        self._start_afresh()
        self._is_closed = was_closed

    # --- the application's threads ------------------------------------------------------------------------------------
    def put(self, report: PendingReport) -> bool:
        """False if there was no room: dropped and counted."""
        with self._lock:
            report.is_handed_over = True
            is_full = self._unfinished >= self._options.queue_reports or \
                self._bytes + report.size > self._options.queue_bytes
            if is_full or self._is_closed or self._is_refused:
                self.dropped += 1 + report.left_out
                return False
            self._unfinished += 1
            self._bytes += report.size
            self._inbox.put(report)
        self._ensure_thread()
        return True

    def held(self) -> None:
        """Something waits in the sampler: look after it."""
        self._inbox.put(None)
        self._ensure_thread()

    def _ensure_thread(self) -> bool:
        with self._lock:
            try:
                if self._thread is not None and self._thread.is_alive():
                    return True
                if self._is_closed:
                    return False
                thread = threading.Thread(target=self._run, name="flawless-sender", daemon=True)
                thread.start()
            except RuntimeError:  # the interpreter is on its way out, or no stack is left: flush() sends
                return False
            self._thread = thread
            self._flush_at_exit_of_worker()
            return True

    def _flush_at_exit_of_worker(self) -> None:
        """A child of multiprocessing ends without running atexit's functions."""
        util = sys.modules.get("multiprocessing.util")
        if util is not None and not self._has_exit_hook:
            self._has_exit_hook = True
            util.Finalize(None, self.flush, args=(self._options.shutdown_timeout,), exitpriority=0)

    def flush(self, timeout: float) -> bool:
        """True when everything was sent, or refused for good, within `timeout` seconds."""
        end = time.monotonic() + timeout
        self._take_held(everything=True)
        while self._unfinished > 0 and time.monotonic() < end:
            if self._wait_until > end:  # no further attempt falls into the time
                break
            if self._ensure_thread():
                time.sleep(0.005)
            else:
                self._send_here(end)
        return self._unfinished == 0

    def _send_here(self, end: float) -> None:
        with self._sending:
            while time.monotonic() < end:
                try:
                    report = self._inbox.get_nowait()
                except queue.Empty:
                    return
                if report is not None:
                    self._deliver(report, end)

    def close(self, timeout: float) -> None:
        self.flush(timeout)
        with self._lock:
            self._is_closed = True
        self._wake.set()
        self._inbox.put(None)

    # --- the sender's thread ------------------------------------------------------------------------------------------
    def _run(self) -> None:
        while not self._is_closed:
            try:
                self._run_once()
            except Exception as error:
                self._complain("a failure of the sender", error)
                self._wake.wait(1)
        self._connection.close()

    def _run_once(self) -> None:
        try:
            report = self._inbox.get(timeout=_LOOK_AFTER_HELD if self._sampler.is_holding() else None)
        except queue.Empty:
            report = None
        if report is not None:
            with self._sending:
                self._deliver(report, None)
        self._take_held(everything=False)

    def _take_held(self, everything: bool) -> None:
        for report, left_out in self._sampler.take_due(everything):
            report.left_out = left_out
            self.put(report)
        with self._lock:
            self.dropped += self._sampler.take_lost()

    def _deliver(self, report: PendingReport, end: Optional[float]) -> None:
        """Until it is sent or refused for good, or `end`, or close()."""
        dropped = self.dropped
        try:
            body = self._finish(report, dropped)
            while body is not None and not self._is_over(end):
                if self._attempt(body):
                    with self._lock:
                        self.dropped -= dropped  # they have been told
                    break
                self._back_off(end)
        except BaseException as error:
            with self._lock:
                self.dropped += 1 + report.left_out
            if not is_a(error, Exception):  # of a signal's handler, while flush() sends here
                raise
            self._complain("a report could not be made", error)
        finally:
            with self._lock:
                self._unfinished -= 1
                self._bytes -= report.size

    def _is_over(self, end: Optional[float]) -> bool:
        return self._is_closed or self._is_refused or bool(end and time.monotonic() >= end)

    def _back_off(self, end: Optional[float]) -> None:
        seconds = self._wait_until - time.monotonic()
        if end is not None:
            seconds = min(seconds, end - time.monotonic())
        if seconds > 0:
            self._wake.wait(seconds)

    def _attempt(self, body: bytes) -> bool:
        """True when there is nothing more to do for this report."""
        try:
            status, retry_after, text = self._connection.post(body)
        except (OSError, http.client.HTTPException) as error:
            self._complain("the server is not reachable; reports wait", error)
            self._set_back_off(0)
            return False
        if status in (408, 429) or status >= 500:
            self._set_back_off(retry_after)
            return False
        self._failures, self._wait_until = 0, 0.0
        if status == 401 or status == 403 and _DENIED in text:
            self._is_refused = True
            self._complain(f"the server refuses the token ({status}); nothing more is sent until flawless.init() is "
                           "called anew", text)
        elif status >= 300:
            self._complain(f"the server answered {status}", text)
        return True

    def _set_back_off(self, retry_after: float) -> None:
        self._failures += 1
        seconds = min(_FIRST_BACK_OFF * 2 ** min(self._failures - 1, 10), _LONGEST_BACK_OFF)
        self._wait_until = time.monotonic() + (retry_after or seconds * random.uniform(0.7, 1.0))

    def _complain(self, what: str, why: object) -> None:
        """Each kind of trouble is logged once."""
        if what not in self._complained:
            self._complained.add(what)
            _log.warning("%s: %s", what, why)


_senders: "weakref.WeakSet[Sender]" = weakref.WeakSet()


def _after_fork_in_child() -> None:
    for sender in list(_senders):
        sender.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
