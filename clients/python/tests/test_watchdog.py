"""What does not end is interrupted, and the interruption reaches nothing else."""
import os
import subprocess
import sys
import textwrap
import threading
import time

import pytest

import flawless
from flawless import _budget, _watchdog
from flawless._watchdog import TookTooLong, Watch

from looking import innermost, variables

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOO_LONG = "its repr took too long>"
PATIENCE = 20  # seconds, after which the endless code of a test ends all the same


@pytest.fixture(autouse=True)
def nothing_is_known_to_be_slow(monkeypatch):
    monkeypatch.setattr(_budget, "_slow", {})


def spin(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


class Endless:
    def __repr__(self):
        spin(PATIENCE)
        return "done"


def fail_with(value):
    try:
        raise ValueError("x")
    except ValueError:
        return flawless.record_error()


def shown(client, value, name="value"):
    fail_with(value)
    return variables(innermost(client.received()))[name]


def test_an_endless_repr_is_interrupted_and_the_rest_is_reported(client):
    assert shown(client, Endless()).endswith(TOO_LONG)
    assert client.reports[0]["exceptions"][0]["message"] == "x"


def test_on_another_thread_and_inside_of_other_values(client):
    thread = threading.Thread(target=fail_with, args=({"a": [Endless()]},))
    thread.start()
    thread.join()
    value = variables(innermost(client.received()))["value"]
    assert value["a"][0].endswith(TOO_LONG)


def test_it_is_asked_twice_at_most(client):
    asked = []

    class Counted(Endless):
        def __repr__(self):
            asked.append(1)
            return super().__repr__()
    for _ in range(4):
        fail_with(Counted())
    client.received(4)
    assert len(asked) == 2


def test_a_repr_that_swallows_the_interruption_is_interrupted_again(client):
    class Stubborn:
        def __repr__(self):
            for _ in range(2):
                try:
                    spin(PATIENCE)
                except BaseException:
                    pass
            spin(PATIENCE)
            return "done"
    assert shown(client, Stubborn()).endswith(TOO_LONG)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interruption_that_a_finaliser_swallows(client):
    class Slow:
        def __del__(self):
            spin(PATIENCE)

    class Owner:
        def __repr__(self):
            Slow()
            spin(PATIENCE)
            return "done"
    assert shown(client, Owner()).endswith(TOO_LONG)


def test_in_a_generator(client):
    class Numbers:
        def __repr__(self):
            return str(sum(self.numbers()))

        def numbers(self):
            try:
                while True:
                    yield 1
            finally:
                self.is_closed = True
    numbers = Numbers()
    assert shown(client, numbers).endswith(TOO_LONG) and numbers.is_closed


def test_a_message_that_does_not_end(client):
    class Wordy(Exception):
        def __str__(self):
            spin(PATIENCE)
            return "done"
    flawless.record_error(Wordy())
    assert client.received()["exceptions"][0]["message"] == "<its str took too long>"


def test_an_error_of_the_repr_stays_what_it_is_and_a_quick_one_is_shown(client):
    class Broken:
        def __repr__(self):
            raise KeyError("x")
    assert shown(client, [Broken(), Watch]) == [
        f"<{__name__}.{Broken.__qualname__}: its repr failed with KeyError>", repr(Watch)]


def test_without_a_way_to_interrupt_calls_are_made_as_they_are(client, monkeypatch):
    monkeypatch.setattr(_watchdog, "_raise_in", None)

    class Slow:
        def __repr__(self):
            spin(0.1)
            return "done"
    assert shown(client, Slow()) == "done"


def test_where_greenlets_share_a_thread_nothing_is_interrupted(client, monkeypatch):
    monkeypatch.setitem(sys.modules, "gevent", _watchdog)
    watch = Watch(0.0, lambda name: None)
    watch.arm()
    assert not watch.is_armed


def test_a_report_that_ctrl_c_ended_leaves_nothing_to_look_after(client):
    class Impatient:
        def __repr__(self):
            raise KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt):
        fail_with(Impatient())
    assert len(_watchdog._watchdog._armed) == 0


def test_in_a_debugger_nothing_is_interrupted():
    watch, before = Watch(0.0, lambda name: None), sys.gettrace()
    sys.settrace(lambda *about: None)
    try:
        watch.arm()
    finally:
        sys.settrace(before)
    assert not watch.is_armed


# --- nothing strays ---------------------------------------------------------------------------------------------------
@pytest.fixture
def eager(monkeypatch):
    """A watchdog that interrupts as soon as it may, threads that change places at every opportunity."""
    monkeypatch.setattr(_watchdog, "_LEAST_SECONDS", 0.0)
    monkeypatch.setattr(_watchdog, "_FIRST_PAUSE", 0.0)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def application(rounds=200):
    total = 0
    for n in range(rounds):
        total += len(str(n))
    return total


def interrupt(watch):
    """As the watchdog does; not while the lock is held, for then it could not."""
    lock = _watchdog._watchdog.lock
    if lock.acquire(False):
        try:
            if watch.name is not None:
                watch._interrupt(watch.name, time.perf_counter())
        finally:
            lock.release()


def armed_watch():
    watch = Watch(0.0, lambda name: None)
    watch.is_armed = True
    return watch


def test_an_interruption_at_any_moment_of_a_call_ends_with_it(eager):
    watch, stop, outcomes = armed_watch(), threading.Event(), set()

    def look():
        while not stop.is_set():
            with _watchdog._watchdog.lock:
                watch.look(time.perf_counter())
    hasty = threading.Thread(target=look)
    hasty.start()
    try:
        for n in range(3000):
            try:
                outcomes.add(watch.call("x", application, 7))
            except TookTooLong:
                pass
            application(20)  # outside of the try: what strays would end the test
    finally:
        stop.set()
        hasty.join()
    assert outcomes <= {7} and watch.name is None


def interrupted_at(instruction):
    """One call that is interrupted at this instruction of it: its outcome, and whether there was one."""
    watch, left = armed_watch(), [instruction]

    def trace(frame, event, argument):
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode" and frame.f_code.co_filename in (_watchdog.__file__, __file__):
            left[0] -= 1
            if left[0] == 0:
                interrupt(watch)
        return trace
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        outcome = watch.call("x", application, 2)
    except TookTooLong:
        outcome = "interrupted"
    finally:
        sys.settrace(before)
    application()  # what strays would end the test here
    assert watch.name is None and watch.interruptions == 0 and not _watchdog._watchdog.lock.locked()
    return outcome, left[0] <= 0


def test_an_interruption_at_any_instruction_of_a_call_ends_with_it():
    outcomes = [interrupted_at(1)]
    while outcomes[-1][1]:
        outcomes.append(interrupted_at(len(outcomes) + 1))
    assert {outcome for outcome, _ in outcomes} == {"interrupted", 2} and len(outcomes) > 50


@pytest.mark.parametrize("times", range(1, _watchdog._MOST_INTERRUPTIONS + 2))
def test_interruptions_while_one_is_being_handled(times, monkeypatch):
    watch, lock, left = armed_watch(), _watchdog._watchdog.lock, [times]

    class Gate:
        """The lock; before it is taken the call is interrupted once more."""

        def __enter__(self):
            left[0] -= 1
            if left[0] >= 0:
                interrupt(watch)
                application(2)
            return lock.__enter__()

        def __exit__(self, *about):
            return lock.__exit__(*about)
    monkeypatch.setattr(_watchdog._watchdog, "lock", Gate())
    monkeypatch.setitem(globals(), "interrupt", lambda watch: watch._interrupt("x", time.perf_counter()))
    with pytest.raises(TookTooLong):
        watch.call("x", application, 2)
    application()
    assert watch.name is None and watch.interruptions == 0 and not lock.locked()


def test_no_report_of_many_threads_lets_an_interruption_out(start, eager, monkeypatch):
    start(report_seconds=0.0005, repeat_limit=10 ** 9, before_send=lambda report: None)
    monkeypatch.setattr(_budget, "count_slow", lambda name: None)
    strayed, interrupted = [], []

    class Borderline:
        def __repr__(self):
            try:
                spin(0.0004)
                application(40)
            except TookTooLong:
                interrupted.append(1)
                raise
            return "done"

    def work():
        try:
            for _ in range(400):
                fail_with([Borderline(), Borderline()])
                application()
        except BaseException as error:
            strayed.append(error)
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    work()
    for thread in threads:
        thread.join()
    assert strayed == [] and interrupted


def run(sink, code):
    script = f"import sys; sys.path.insert(0, {ROOT!r})\nimport flawless\n" \
             f"flawless.init('abc', url={sink.url!r})\n" + textwrap.dedent(code)
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          universal_newlines=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done


def test_a_forked_child_has_a_watchdog_of_its_own(sink):
    run(sink, """
        import os
        class Endless:
            def __repr__(self):
                while True: pass
        class Another(Endless): pass
        def report(value):
            try: raise ValueError("x")
            except ValueError: flawless.record_error()
        report(Endless())
        child = os.fork()
        report(Another())
        if child == 0:
            os._exit(0 if flawless.flush(10) else 1)
        assert os.waitpid(child, 0)[1] == 0
        """)
    values = [variables(innermost(report))["value"] for report in sink.reports]
    assert len(values) == 3 and all(value.endswith(TOO_LONG) for value in values)


def test_a_repr_that_forks_leaves_a_child_that_works(sink):
    run(sink, """
        import os
        children = []
        class Forking:
            def __repr__(self):
                children.append(os.fork())
                return "forked"
        try:
            value = Forking()
            raise ValueError("x")
        except ValueError:
            flawless.record_error()
        if children[0] == 0:
            os._exit(0 if flawless.flush(10) else 1)
        assert os.waitpid(children[0], 0)[1] == 0
        """)
    assert len(sink.reports) == 2


def test_after_an_interruption_the_interpreter_looks_for_no_further_one(sink):
    # Where it does, a thread that is traced never ends a call.
    run(sink, """
        class Endless:
            def __repr__(self):
                while True: pass
        try:
            value = Endless()
            raise ValueError("x")
        except ValueError:
            flawless.record_error()
        def traced(): return sum(range(10))
        sys.settrace(lambda *about: None)
        traced()
        sys.settrace(None)
        """)
    assert len(sink.reports) == 1


def test_a_process_that_reported_an_endless_repr_ends(sink):
    run(sink, """
        class Endless:
            def __repr__(self):
                while True: pass
        value = Endless()
        flawless.record_error(ValueError("x"))
        """)
