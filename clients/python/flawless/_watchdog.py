"""Interrupts a __repr__ of the application that does not end.

One daemon thread looks after the reports that are being described at the moment; it sleeps while there are none. A call
of the application's code that lasts when its report's time is used up gets TookTooLong raised inside, the way Ctrl-C
raises KeyboardInterrupt. The exception never gets out of Watch.call() unnoticed and never arrives later: the watchdog
looks and raises under one lock, and the describing thread takes the same lock to say that the call is over, when it
also absorbs an exception that has not arrived yet.

Python sees such an exception between two of its instructions only: a call of C code that blocks is not interrupted.
Where the interpreter cannot do it at all (PyPy), one thread runs many greenlets, or a debugger is at work, calls are
simply made.
"""
from __future__ import annotations

import os
import sys
import threading
import time
import weakref
from typing import Any, Callable, Optional

_LEAST_SECONDS = 0.01  # that a call may last, however late it begins
_MOST_INTERRUPTIONS = 5  # of one call that swallows them
_FIRST_PAUSE, _PAUSE_GROWTH, _LONGEST_PAUSE = 0.02, 4.0, 1.0  # between them
_NEVER = float("inf")


class TookTooLong(BaseException):
    """The application's code was interrupted: describing its values took too long."""


def _find_raise_in() -> Optional[Callable[[int, Any], int]]:
    """PyThreadState_SetAsyncExc(thread, class), or None where there is none."""
    try:
        import ctypes
        prototype = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_ulong, ctypes.py_object)
        function = prototype(("PyThreadState_SetAsyncExc", ctypes.pythonapi))
    except Exception:  # no ctypes, or no CPython
        return None
    return function


_raise_in = _find_raise_in()


def _may_interrupt() -> bool:
    """Greenlets share a thread: what is raised in one could arrive in another. In a debugger a person takes time."""
    return _raise_in is not None and sys.gettrace() is None and \
        "gevent" not in sys.modules and "eventlet" not in sys.modules


class Watch:
    """One report that is being described. call() belongs to the thread that made it."""
    __slots__ = ("deadline", "thread", "is_armed", "name", "interruptions", "next_look", "_on_interruption",
                 "__weakref__")

    def __init__(self, deadline: float, on_interruption: Callable[[str], None]) -> None:
        """on_interruption(name of the call): in the watchdog's thread, must be quick."""
        self.deadline = deadline  # time.perf_counter()
        self.thread = threading.get_ident()
        self.is_armed = False
        self.name: Optional[str] = None  # of the call that is going on
        self.interruptions = 0
        self.next_look = 0.0
        self._on_interruption = on_interruption

    # --- the describing thread ----------------------------------------------------------------------------------------
    def arm(self) -> None:
        self.is_armed = _may_interrupt() and _watchdog.add(self)

    def disarm(self) -> None:
        if self.is_armed:
            self.is_armed = False
            _watchdog.remove(self)
            if self.name is not None or self.interruptions > 0:  # Ctrl-C, or no stack left, where the call ended
                self._leave()

    def call(self, name: str, function: Callable[[Any], Any], argument: Any) -> Any:
        """function(argument); TookTooLong if it had to be interrupted."""
        if not self.is_armed:
            return function(argument)
        return self._call(_MOST_INTERRUPTIONS, name, function, argument)

    def _call(self, layers: int, name: str, function: Callable[[Any], Any], argument: Any) -> Any:
        # An interruption may arrive at any instruction until _leave() is through, also where another one is being
        # handled. As many layers as there are interruptions: of the outermost handler none is left to disturb it.
        try:
            if layers > 1:
                return self._call(layers - 1, name, function, argument)
            self._enter(name)
            result = function(argument)
            self._leave()
            return result
        except BaseException:
            self._leave()
            raise

    def _enter(self, name: str) -> None:
        self.next_look = max(self.deadline, time.perf_counter() + _LEAST_SECONDS)
        self.name = name  # last: from here on the watchdog may interrupt

    def _leave(self) -> None:
        with _watchdog.lock:
            self.name = None
            if self.interruptions > 0:
                self._absorb()
                self.interruptions = 0

    def _absorb(self) -> None:
        """One that has not arrived yet is replaced by one that arrives here. Taking it back would do as well, but
        leaves CPython before 3.13 looking for it at every step, for ever."""
        assert _raise_in is not None
        try:
            _raise_in(self.thread, TookTooLong)
            while True:
                pass
        except TookTooLong:
            pass

    # --- the watchdog's thread, under its lock ------------------------------------------------------------------------
    def look(self, now: float) -> float:
        """Interrupts what is due. When to look again."""
        name = self.name
        if name is None:
            return max(self.deadline, now) + _LEAST_SECONDS
        if now >= self.next_look:
            self._interrupt(name, now)
        return self.next_look

    def _interrupt(self, name: str, now: float) -> None:
        self.next_look = now + min(_FIRST_PAUSE * _PAUSE_GROWTH ** self.interruptions, _LONGEST_PAUSE)
        if self.interruptions >= _MOST_INTERRUPTIONS:
            return
        self.interruptions += 1
        self._on_interruption(name)
        assert _raise_in is not None
        _raise_in(self.thread, TookTooLong)


class Watchdog:
    """The thread. Starts with the first report; a forked child starts one of its own."""

    def __init__(self) -> None:
        self.start_afresh()

    def start_afresh(self) -> None:
        self.lock = threading.Lock()
        self._changed = threading.Condition(self.lock)
        self._armed: "weakref.WeakSet[Watch]" = weakref.WeakSet()  # Ctrl-C may keep one from being disarmed
        self._next_look = _NEVER
        self._thread: Optional[threading.Thread] = None

    def add(self, watch: Watch) -> bool:
        """False if there can be no thread."""
        with self.lock:
            if not self._ensure_thread():
                return False
            self._armed.add(watch)
            if watch.deadline < self._next_look:  # while reports follow each other it is awake anyway
                self._next_look = watch.deadline
                self._changed.notify()
            return True

    def remove(self, watch: Watch) -> None:
        with self.lock:
            self._armed.discard(watch)

    def _ensure_thread(self) -> bool:
        if self._thread is not None and self._thread.is_alive():
            return True
        thread = threading.Thread(target=self._run, name="flawless-watchdog", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the interpreter is on its way out, or there are too many
            return False
        self._thread = thread
        return True

    def _run(self) -> None:
        with self.lock:
            while True:
                now = time.perf_counter()
                self._next_look = min((watch.look(now) for watch in self._armed), default=_NEVER)
                self._changed.wait(None if self._next_look == _NEVER else max(0.0, self._next_look - now))


_watchdog = Watchdog()


def _after_fork_in_child() -> None:
    """What the forking thread was describing goes on unwatched, but for what has been raised already."""
    _watchdog.start_afresh()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
