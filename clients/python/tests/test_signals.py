"""What a signal handler raises while a report is made goes where it was meant to go."""
import functools
import signal
import sys

import pytest

import flawless
from looking import innermost, variables


class OutOfTime(Exception):
    pass


def with_two_arguments(number, frame):
    raise OutOfTime


def with_any(*of_the_signal):
    sys.exit(7)


def that_resets(number, frame):
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    with_any()


class Owner:
    def method(self, number, frame):
        raise OutOfTime

    @flawless.wrap_function
    def wrapped(self, number, frame):
        raise OutOfTime


class Signalled:
    """Its repr is interrupted by a signal."""

    def __repr__(self):
        signal.raise_signal(signal.SIGUSR1)
        return "signalled"


class SignalledText(ValueError):
    def __str__(self):
        return repr(Signalled())


@pytest.fixture
def handler(request):
    before = signal.signal(signal.SIGUSR1, request.param)
    yield request.param
    signal.signal(signal.SIGUSR1, before)


HANDLERS = [(with_two_arguments, OutOfTime), (with_any, SystemExit), (that_resets, SystemExit),
            (Owner().method, OutOfTime), (functools.partial(Owner.wrapped, Owner()), OutOfTime)]


@pytest.mark.parametrize("handler, kind", HANDLERS, indirect=["handler"])
def test_it_is_raised_when_the_report_is_queued(client, handler, kind):
    def work(value, other):
        raise ValueError
    with pytest.raises(kind):
        try:
            work({"a": [Signalled()]}, 3)
        except ValueError:
            flawless.record_error()
    report = client.received()
    shown = variables(innermost(report))
    assert report["exceptions"][0]["type"] == "ValueError" and shown["other"] == 3
    assert shown["value"]["a"][0].endswith(f"its repr failed with {kind.__name__}>")


@pytest.mark.parametrize("handler", [with_any], indirect=True)
@pytest.mark.parametrize("report", [
    lambda: flawless.record_error(SignalledText()),
    lambda: flawless.record_error(ValueError(), tags={"a": Signalled()}),
    lambda: flawless.record_message("x", custom={"a": Signalled()}),
    lambda: flawless.record_message(SignalledText())])
def test_from_whatever_is_asked(client, handler, report):
    with pytest.raises(SystemExit):
        report()
    client.received()


@pytest.mark.parametrize("handler", [with_any], indirect=True)
def test_outside_of_a_repr(client, handler, monkeypatch):
    from flawless import _report
    monkeypatch.setattr(_report, "take_frames", lambda *a: signal.raise_signal(signal.SIGUSR1))
    error = ValueError()
    with pytest.raises(SystemExit):
        flawless.record_error(error)
    monkeypatch.undo()
    assert flawless.record_error(error)
    client.received()


def raise_signal(*_):
    signal.raise_signal(signal.SIGUSR1)


@pytest.mark.parametrize("handler", [with_two_arguments], indirect=True)
@pytest.mark.parametrize("limit, name", [(1, "put"), (0, "hold")])
def test_before_a_report_is_queued_it_leaves_nothing_behind(start, handler, monkeypatch, limit, name):
    client, error = start(repeat_limit=limit), ValueError("x")
    owner = flawless._client.active()._sender if name == "put" else flawless._client.active()._sampler
    monkeypatch.setattr(owner, name, raise_signal)
    for _ in range(3):
        with pytest.raises(OutOfTime):
            flawless.record_error(error)
    monkeypatch.undo()
    assert flawless.record_error(error)
    assert "count" not in client.received(1)


@pytest.mark.parametrize("handler", [with_two_arguments], indirect=True)
@pytest.mark.parametrize("limit, name", [(1, "_ensure_thread"), (0, "held")])
def test_after_a_report_is_queued_it_stays_the_only_one(start, handler, monkeypatch, limit, name):
    client, error = start(repeat_limit=limit), ValueError("x")
    monkeypatch.setattr(flawless._client.active()._sender, name, raise_signal)
    with pytest.raises(OutOfTime):
        flawless.record_error(error)
    monkeypatch.undo()
    assert flawless.record_error(error) is None
    assert "count" not in client.received(1)


@pytest.mark.parametrize("handler", [with_any], indirect=True)
def test_in_before_send_while_flush_sends(start, handler, monkeypatch):
    client = start(before_send=lambda report: Signalled.__repr__(None) and report)
    sender = flawless._client.active()._sender
    monkeypatch.setattr(sender, "_ensure_thread", lambda: False)
    flawless.record_message("x")
    with pytest.raises(SystemExit):
        flawless.flush(5)
    assert sender.dropped == 1 and sender._unfinished == 0 and client.reports == []


class Unanswering:
    def __bool__(self):
        raise ZeroDivisionError("asked for its truth")


def test_a_functions_own_arguments_are_not_asked_for_their_truth(client, monkeypatch):
    def fails(*rest):
        rest = Unanswering()
        raise ValueError(rest is None)

    class Failing:
        def __repr__(self):
            return fails(1)

    def work(value):
        raise LookupError
    try:
        work(Failing())
    except LookupError:
        assert flawless.record_error()
    assert variables(innermost(client.received()))["value"].endswith("its repr failed with ValueError>")
    monkeypatch.setattr(flawless._client.ReportBuilder, "take_exception", lambda *a, **k: fails())
    assert flawless.record_error(LookupError()) is None


@pytest.mark.parametrize("kind", [SystemExit, TimeoutError])
def test_what_a_repr_raises_by_itself_stays_inside(client, kind):
    class Exits:
        def __repr__(self):
            return self.exit(15, sys._getframe(1))

        def exit(self, number, frame):
            raise kind

    def work(value):
        raise ValueError
    try:
        work(Exits())
    except ValueError:
        assert flawless.record_error()
    assert variables(innermost(client.received()))["value"].endswith(f"its repr failed with {kind.__name__}>")
