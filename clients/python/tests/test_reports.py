"""What a report holds."""
import gc
import logging
import pickle
import sys
import threading
import time
import types
import weakref

import pytest

import flawless
from looking import innermost, variables
from theirs import filled


class Shop:
    __slots__ = ("name", "_stock", "__dict__")

    def __init__(self):
        self.name, self._stock, self.secret_key = "paris", {"A-17": 3}, "k"

    def sell(self, article, amount=1, *rest, price, **options):
        left = self._stock[article] - amount
        if left < 0:
            raise ValueError(f"only {left} left")
        return left


def fail(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except BaseException as error:
        return flawless.record_error(error)
    raise AssertionError("nothing was raised")


def test_arguments_locals_and_attributes(client):
    report_id = fail(Shop().sell, "A-17", 5, 9, price=2.5, customer="ann", token="t")
    report = client.received()
    assert report["id"] == report_id and report["level"] == "error" and report["release"] == "r1"
    assert report["platform"] == "python" and report["exceptions"][0]["type"] == "ValueError"
    frame = innermost(report)
    shown = [(v["name"], v["role"], v["value"]) for v in frame["variables"]]
    assert shown[1:6] == [("article", "argument", "'A-17'"), ("amount", "argument", 5), ("rest", "varargs", "(9,)"),
                          ("price", "argument", 2.5),
                          ("options", "kwargs", {"customer": "'ann'", "token": "[scrubbed]"})]
    assert shown[0][0] == "self" and shown[6] == ("left", "local", -2)
    assert sorted(shown[7:]) == [("self._stock", "local", {"A-17": 3}), ("self.name", "local", "'paris'"),
                                 ("self.secret_key", "local", "[scrubbed]")]
    assert frame["function"] == "sell" and frame["class_name"] == "Shop" and frame["in_app"] is True
    assert frame["code"] == '            raise ValueError(f"only {left} left")'
    assert frame["code_before"][-1] == "        if left < 0:" and frame["code_after"][0] == "        return left"
    first = Shop.sell.__code__.co_firstlineno
    assert (frame["function_first_line"], frame["function_last_line"], frame["line"]) == (first, first + 4, first + 3)
    assert [f["function"] for f in report["exceptions"][0]["frames"]] == ["fail", "sell"]


def test_attributes_of_a_class_with_slots_only(client):
    class Shelf:
        __slots__ = ("unset", "label")

        def __init__(self):
            self.label = "A"

        def fall(self):
            raise ValueError
    fail(Shelf().fall)
    assert variables(innermost(client.received()))["self.label"] == "'A'"


def test_path_is_relative_to_the_root(start):
    import os
    sink = start(server_root=os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    fail(Shop().sell, "A-17", 5, price=1)
    frame = innermost(sink.received())
    assert frame["path"] == "tests/test_reports.py" and frame["abs_path"] == os.path.abspath(__file__)


def test_decorators_count_to_the_function(client):
    @flawless.wrap_function
    def inner():
        def innermost_of_all():
            return 1
        raise KeyError("x")
    with pytest.raises(KeyError):
        inner()
    frame = innermost(client.received())
    code = inner.__wrapped__.__code__
    assert frame["function_first_line"] == code.co_firstlineno and \
        frame["function_last_line"] == code.co_firstlineno + 4


def test_library_frames_are_marked_and_come_with_less(client):
    import json
    fail(json.loads, "[1, ")
    frames = client.received()["exceptions"][0]["frames"]
    assert [f["in_app"] for f in frames] == [True] + [False] * (len(frames) - 1)
    assert variables(frames[-1])["s"] == "'[1, '"


def test_without_any_frame_of_the_application_the_server_decides(start):
    sink = start(in_app_exclude=["test_reports", "conftest"])
    fail(Shop().sell, "none", price=1)
    assert all("in_app" not in frame for frame in sink.received()["exceptions"][0]["frames"])


def test_included_packages_are_in_app(start):
    import json
    sink = start(in_app_include=["json"])
    fail(json.loads, "[1, ")
    assert innermost(sink.received())["in_app"] is True


# --- causes -----------------------------------------------------------------------------------------------------------
def chained(how):
    try:
        {}["missing"]
    except KeyError as error:
        if how == "cause":
            raise ValueError("outer") from error
        if how == "suppressed":
            raise ValueError("outer") from None
        raise ValueError("outer")


@pytest.mark.parametrize("how, types_", [("cause", ["ValueError", "KeyError"]), ("context", ["ValueError", "KeyError"]),
                                        ("suppressed", ["ValueError"])])
def test_causes(client, how, types_):
    fail(chained, how)
    exceptions = client.received()["exceptions"]
    assert [e["type"] for e in exceptions] == types_
    if how != "suppressed":
        assert exceptions[1]["mechanism"] == how and exceptions[1]["frames"][-1]["code"].strip() == '{}["missing"]'


def test_a_circle_of_causes_ends(client):
    def circle():
        one, two = ValueError("one"), ValueError("two")
        one.__cause__, two.__cause__ = two, one
        raise one
    fail(circle)
    assert [e["message"] for e in client.received()["exceptions"]] == ["one", "two"]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exception groups came with Python 3.11")
def test_exception_groups(client):
    def group():
        raise ExceptionGroup("both", [ValueError("a"), ExceptionGroup("more", [KeyError("b")])])  # noqa: F821
    fail(group)
    assert [e["type"] for e in client.received()["exceptions"]] == ["ExceptionGroup", "ValueError", "ExceptionGroup",
                                                                    "KeyError"]


def test_a_class_that_is_only_called_like_a_group(client):
    class Group(Exception):
        exceptions = property(lambda self: sys.exit(1))
    for base in (Group, Exception):
        fail(lambda base=base: (_ for _ in ()).throw(type("BaseExceptionGroup", (base,), {})("x")))
    client.received(2)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="notes came with Python 3.11")
def test_notes(client):
    error = ValueError("x")
    error.add_note("while pricing")
    flawless.record_error(error)
    assert client.received()["exceptions"][0]["message"] == "x\nwhile pricing"


class NoAnswers(type):
    def __getattribute__(cls, name):
        raise SystemExit
    __hash__ = None
    __eq__ = __instancecheck__ = lambda cls, other: sys.exit(1)


def test_no_code_of_an_exception_or_its_class_runs(client):
    class Guarded(Exception, metaclass=NoAnswers):
        def __getattribute__(self, name):
            raise SystemExit
        __cause__ = __context__ = __traceback__ = __notes__ = __class__ = property(lambda self: sys.exit(1))
    try:
        raise Guarded("x")
    except BaseException as error:
        assert flawless.record_error(error)
    exception = client.received()["exceptions"][0]
    assert (exception["module"], exception["message"]) == (__name__, "x") and exception["type"].endswith("Guarded")
    assert innermost(client.reports[0])["function"] == "test_no_code_of_an_exception_or_its_class_runs"


def test_what_an_object_has_stored_is_read_past_its_properties(client):
    class Bare(metaclass=NoAnswers):
        __dict__ = property(lambda self: sys.exit(1))

        def work(self, other):
            raise ValueError
    assert fail(Bare().work, 3)
    shown = variables(innermost(client.received()))
    assert shown["other"] == 3 and "Bare object at 0x" in shown["self"]


def test_a_namespace_of_the_applications_own_making(client):
    class Names(dict):
        def keys(self):
            raise SystemExit
        __iter__ = __getitem__ = items = keys

    class Listed:
        def __getitem__(self, name):
            raise KeyError(name)

        def keys(self):
            raise SystemExit
    for names in (Names(a=1), Listed()):
        fail(exec, compile("1 / 0", "odd", "exec"), {"__name__": "odd"}, names)
    client.received(2)
    assert variables(innermost(client.reports[0])) == {"a": 1}
    assert variables(innermost(client.reports[1])) == {"<variables>": "not readable: failed with SystemExit"}


# --- limits -----------------------------------------------------------------------------------------------------------
def test_deep_recursion_keeps_both_ends(client):
    def down(n):
        return down(n + 1)
    fail(down, 0)
    frames = client.received()["exceptions"][0]["frames"]
    assert len(frames) == 100 and frames[0]["function"] == "fail" and variables(frames[1]) .get("n", 0) == 0
    assert frames[-1]["function"] == "down"


def test_huge_locals_make_a_bounded_report(client):
    def huge():
        data = [{f"key{i}": "v" * 1000 for i in range(100)} for _ in range(100)]  # noqa: F841
        text = "x" * 10 ** 7  # noqa: F841
        return huge2(data)

    def huge2(data):
        many = {f"local{i}": data for i in range(1000)}  # noqa: F841
        raise ValueError("y" * 10 ** 6)
    begin = time.perf_counter()
    fail(huge)
    assert time.perf_counter() - begin < 1
    client.received()
    assert client.requests[0][3] < 300_000


def test_budget_goes_to_the_innermost_own_frames_first(start):
    sink = start(report_bytes=600)

    def outer():
        a = "x" * 300  # noqa: F841
        inner()

    def inner():
        b = "y" * 300  # noqa: F841
        c = ["z" * 200] * 3  # noqa: F841
        raise ValueError
    fail(outer)
    frames = sink.received()["exceptions"][0]["frames"]
    assert "variables" in frames[-1] and "variables" not in frames[0]


def test_what_is_said_about_a_report_is_cut(start, logger):
    client = start(report_seconds=10)
    long = "x" * 10 ** 6
    try:
        raise ValueError(long)
    except ValueError:
        logger.exception("cannot read %s", long)
    report = client.received()
    assert report["message"] == "cannot read " + "x" * (8000 - 12) + "..."
    assert report["exceptions"][0]["message"] == "x" * 8000 + "..."
    flawless.record_error(ValueError(), message=long, additional_info=long, tags={"a": long, long: "b"},
                          person={"id": long})
    report = client.received(2)
    assert report["message"] == "x" * 8000 + "..." and report["person"] == {"id": "x" * 1000 + "..."}
    assert report["tags"] == {"a": "x" * 200 + "...", "x" * 200 + "...": "b"}
    assert report["custom"] == {"additional_info": "x" * 4000 + "..."}
    flawless.record_message(long)
    logger.error(long + "%s", 1)
    report = client.received(4)
    assert len(client.reports[2]["message"]) == len(report["message"]) == len(report["message_template"]) == 8003


def test_a_secret_under_a_long_name_is_one_all_the_same(client):
    name = "x" * 500 + "_password"
    flawless.record_error(ValueError(), tags={name: "hunter2"}, person={name: "hunter2"}, custom={name: "hunter2"})
    assert "hunter2" not in str({**client.received(), "exceptions": []})


def test_secrets_by_their_shape_wherever_text_is(client):
    token, card = filled("ghp_<36>"), "4111 1111 1111 1111"

    def pay(order_id, paid_with, note):
        raise ValueError(f"refused: {card}")
    try:
        pay("4111111111111111", card, {token: [b"by " + token.encode()], "customer_id": "4111111111111111"})
    except ValueError:
        flawless.record_error(tags={"order_id": "4111111111111111", "by": token})
    report = client.received()
    assert report["exceptions"][0]["message"] == "refused: [scrubbed]"
    assert variables(innermost(report)) == {
        "order_id": "'4111111111111111'", "paid_with": "'[scrubbed]'", "card": "'[scrubbed]'",
        "note": {"[scrubbed]": ["b'by [scrubbed]'"], "customer_id": "'4111111111111111'"}}
    assert report["tags"] == {"order_id": "4111111111111111", "by": "[scrubbed]"}


def test_a_person_is_scrubbed_by_name(client):
    flawless.record_error(ValueError(), person={"id": 7, "api_token": "hunter2", "note": "password=hunter2"})
    assert client.received()["person"] == {"id": "7", "api_token": "[scrubbed]", "note": "password=[scrubbed]"}


def test_other_threads_get_their_turn_while_a_report_is_made(client, monkeypatch):
    from flawless import _manners
    turns = []
    monkeypatch.setattr(_manners, "_TURN_SECONDS", -1)
    monkeypatch.setattr(_manners, "time", types.SimpleNamespace(perf_counter=time.perf_counter, sleep=turns.append))
    calls = []
    monkeypatch.setattr(flawless._client.active()._builder._text, "_pause", lambda: calls.append(1))
    rows = [[{str(n): "v=1"} for n in range(20)] for _ in range(20)]
    fail(lambda rows: 1 / 0, rows)
    client.received()
    assert len(turns) > 400 and set(turns) == {_manners._PAUSE_SECONDS} and len(calls) > 800


def test_source_that_was_changed_on_disk_is_not_shown(client, tmp_path):
    path = tmp_path / "changing.py"
    path.write_text("def f(x):\n    return 1 / x\n")
    module = types.ModuleType("changing")
    exec(compile(path.read_text(), str(path), "exec"), module.__dict__)
    path.write_text("# a new line\n\ndef f(x):\n    return 2 / x\n")
    fail(module.f, 0)
    frame = innermost(client.received())
    assert frame["line"] == 2 and "code" not in frame


# --- once, scope, others ----------------------------------------------------------------------------------------------
def test_one_exception_is_reported_once_and_a_new_one_again(client):
    error = ValueError("one")
    for _ in range(3):
        fail(lambda: (_ for _ in ()).throw(error.with_traceback(error.__traceback__)))
    assert flawless.record_error(error) is None
    fail(Shop().sell, "A-17", 5, price=1)
    client.received(2)


def test_a_shared_exception_raised_with_a_fresh_traceback_is_a_new_one_each_time(client):
    wrapped_one, caught_one = ValueError("wrapped"), ValueError("caught")

    def work(shared):
        raise shared.with_traceback(None)
    wrapped = flawless.wrap_function(flawless.wrap_function(work))
    for _ in range(20):
        with pytest.raises(ValueError):
            wrapped(wrapped_one)
    for _ in range(20):
        try:
            work(caught_one)
        except ValueError as error:
            flawless.record_error(error)
            assert flawless.record_error() is None
    client.received(40)


def test_what_was_reported_is_not_kept_alive(client):
    class Thing:
        pass

    def work(thing):
        raise shared.with_traceback(None)
    shared, thing = ValueError("shared"), Thing()
    gone = weakref.ref(thing)
    fail(work, thing)
    shared.__traceback__ = None
    del thing
    gc.collect()
    assert gone() is None
    client.received(1)


def test_a_reported_exception_can_be_pickled(client):
    error = ValueError("x")
    fail(lambda: (_ for _ in ()).throw(error))
    assert str(pickle.loads(pickle.dumps(error))) == "x"


def test_an_exception_with_guarded_attributes_is_reported_once(client):
    class Guarded(Exception):
        __slots__ = ()

        def __setattr__(self, name, value):
            raise TypeError("read only")
    try:
        raise Guarded("x")
    except Guarded as error:
        assert flawless.record_error(error) and flawless.record_error(error) is None
    client.received(1)


def test_an_exception_never_raised_shows_where_it_was_recorded(client):
    def here():
        flawless.record_error(RuntimeError("made"))
    here()
    assert innermost(client.received())["function"] == "here"


def test_a_failing_str(client):
    class Bad(Exception):
        def __str__(self):
            raise ValueError
    flawless.record_error(Bad())
    assert client.received()["exceptions"][0]["message"] == "<its str failed with ValueError>"


def test_details(client):
    flawless.set_person(17, "ann", "ann@example.com")
    flawless.set_tag("region", "eu")
    flawless.set_context("shop.sell")
    try:
        flawless.record_error(ValueError("password=hunter2"), level="warning", custom={"try": 2, "api_key": "k"},
                              additional_info="by hand", tags={"a": 1}, fingerprint=["f"], error_threshold=1,
                              request={"method": "GET", ("bad", "key"): object()})
    finally:
        from flawless import _scope
        _scope.enter(None)
    report = client.received()
    assert report["level"] == "warning" and report["person"] == {"id": "17", "username": "ann",
                                                                "email": "ann@example.com"}
    assert report["tags"] == {"region": "eu", "a": "1"} and report["context"] == "shop.sell"
    assert report["custom"] == {"try": 2, "api_key": "[scrubbed]", "additional_info": "by hand"}
    assert report["error_threshold"] == 1
    assert report["exceptions"][0]["message"] == "password=[scrubbed]" and report["fingerprint"] == ["f"]
    assert report["request"]["method"] == "GET"


def test_a_request_for_which_no_time_is_left_costs_no_report(client, monkeypatch):
    from flawless import _budget
    monkeypatch.setattr(_budget.Budget, "is_spent", lambda budget: True)
    flawless.record_error(ValueError("late"), request={"method": "GET", "url": "http://a/b", "headers": {"A": "b"}})
    report = client.received()
    assert report["exceptions"][0]["message"] == "late"
    assert report["request"] == {"method": "GET", "url": "http://a/b", "headers": {}}


def test_before_send_changes_and_drops(start):
    sink = start(before_send=lambda report: None if report["message"] == "no" else {**report, "title": "t"})
    flawless.record_message("no")
    flawless.record_message("yes")
    assert sink.received()["title"] == "t"


def test_messages_bring_their_stack_if_asked(client):
    flawless.record_message("low", level="warning", attach_stack=True)
    report = client.received()
    assert report["message"] == "low" and report["level"] == "warning" and "exceptions" not in report
    assert report["threads"][0]["frames"][-1]["function"] == "test_messages_bring_their_stack_if_asked"


def test_ignored_classes(start):
    sink = start(ignore=[LookupError])
    fail(lambda: {}["x"])
    sink.received(0)


# --- logging ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def logger():
    made, handler = logging.getLogger("shop.stock"), flawless.FlawlessHandler()
    made.addHandler(handler)
    made.propagate = False
    yield made
    made.removeHandler(handler)


def test_logged_exception_and_message(client, logger):
    try:
        Shop().sell("A-17", 5, price=1)
    except ValueError:
        logger.exception("sale of %s failed", "A-17", extra={"basket": 7})
    logger.error("stock of %s is low", "A-17")
    logger.warning("below the level")
    report = client.received(2)
    assert report["message"] == "stock of A-17 is low" and report["message_template"] == "stock of %s is low"
    logged = client.reports[0]
    assert logged["exceptions"][0]["type"] == "ValueError" and logged["message"] == "sale of A-17 failed"
    assert logged["logger"] == "shop.stock" and logged["custom"]["basket"] == 7 and logged["level"] == "error"


def test_a_record_that_several_handlers_see_is_reported_once(client, logger):
    logging.getLogger("shop").addHandler(flawless.FlawlessHandler())
    logger.propagate = True
    try:
        logger.error("one")
        try:
            raise ValueError
        except ValueError:
            logger.exception("two")
            logger.exception("two")
        logger.error("one")
    finally:
        logging.getLogger("shop").handlers.clear()
    client.received(3)


def test_logging_from_a_repr_does_not_go_in_circles(client, logger):
    class Chatty:
        def __repr__(self):
            logger.error("asked for my repr")
            return "chatty"

    def use(it):
        raise ValueError(it.__class__)
    fail(use, Chatty())
    assert variables(innermost(client.received(1)))["it"] == "chatty"


def test_a_record_is_reported_once_also_if_a_repr_logs_meanwhile(client, logger):
    class Chatty:
        def __repr__(self):
            logger.error("asked for my repr")
            return "chatty"
    second = flawless.FlawlessHandler()
    logger.addHandler(second)
    try:
        logger.error("low", extra={"item": Chatty()})
    finally:
        logger.removeHandler(second)
    assert client.received(1)["custom"]["item"] == "chatty"


def test_a_broken_log_call_is_reported_as_it_is(client):
    flawless.FlawlessHandler().handle(logging.makeLogRecord({"msg": "%d sold", "args": ("x",), "levelno": 40}))
    assert client.received()["message"] == "%d sold ('x',)"


@pytest.mark.parametrize("kind", [ValueError, SystemExit])
def test_a_log_call_that_cannot_be_shown_is_reported_all_the_same(client, kind):
    class Broken:
        def __repr__(self):
            raise kind
    for message, arguments in (("%s sold", (Broken(),)), (Broken(), ())):
        flawless.FlawlessHandler().handle(logging.makeLogRecord({"msg": message, "args": arguments, "levelno": 40}))
    client.received(2)
    assert [report["message"] for report in client.reports] == \
        [f"%s sold <its str failed with {kind.__name__}>", f"<its str failed with {kind.__name__}>"]


# --- nothing leaves the client ----------------------------------------------------------------------------------------
def test_a_fault_of_the_client_is_logged_once(client, monkeypatch, caplog):
    from flawless import _client
    monkeypatch.setattr(_client.ReportBuilder, "take_exception", lambda *a, **k: 1 / 0)
    monkeypatch.setattr(_client, "_complained", {})
    with caplog.at_level(logging.WARNING, "flawless"):
        for _ in range(3):
            assert fail(Shop().sell, "A-17", 5, price=1) is None
    assert len(caplog.records) == 1 and "application is not affected" in caplog.text


class Unanswering:
    def __str__(self):
        return "unanswering"

    def __bool__(self):
        raise SystemExit


class Silent:
    def __str__(self):
        raise SystemExit


@pytest.mark.parametrize("given, field, expected", [
    ({"custom": 17}, "custom", {"custom": 17}), ({"custom": ["a"]}, "custom", {"custom": ["a"]}),
    ({"tags": ["a"]}, "tags", {"tags": "['a']"}), ({"tags": Unanswering()}, "tags", {"tags": "unanswering"}),
    ({"tags": {1: Silent()}}, "tags", {"1": "<its str failed with SystemExit>"}),
    ({"message": 5}, "message", "5"), ({"message": Silent()}, "message", "<its str failed with SystemExit>"),
    ({"person": 7}, "person", {"id": "7"}), ({"fingerprint": "abc"}, "fingerprint", ["abc"]),
    ({"fingerprint": [1, None]}, "fingerprint", ["1", "None"]), ({"level": 40}, "level", "40"),
    ({"request": {"headers": [("A", "b"), (b"Cookie", "c=d")]}}, "request",
     {"headers": {"A": "b", "Cookie": "[scrubbed]"}}),
    ({"request": {"headers": "A: b\r\nToken: c"}}, "request", {"headers": {"A": "b", "Token": "[scrubbed]"}}),
    ({"request": {"headers": Silent()}}, "request", {"headers": {"...": f"not shown: {__name__}.Silent"}}),
])
def test_odd_arguments_make_a_report(start, given, field, expected):
    client = start(report_seconds=10)
    assert flawless.record_error(ValueError("x"), **given)
    assert client.received()[field] == expected


@pytest.mark.parametrize("text, expected", [
    (5, "5"), (None, "None"), (Silent(), "<its str failed with SystemExit>"), (ValueError("x"), "x"),
    (Unanswering(), "unanswering")])
def test_odd_messages_make_a_report(start, text, expected):
    client = start(report_seconds=10)
    assert flawless.record_message(text)
    assert client.received()["message"] == expected


def test_an_odd_threshold_is_left_out(client):
    assert flawless.record_error(ValueError("x"), error_threshold="many")
    assert "error_threshold" not in client.received()


def test_without_an_exception_there_is_no_report(client):
    assert flawless.record_error() is None
    client.received(0)


def test_what_cannot_be_shown_costs_the_values_and_not_the_report(client, monkeypatch):
    from flawless import _report
    monkeypatch.setattr(_report.FrameFormat, "_variables", lambda *a: 1 / 0)
    report_id = fail(Shop().sell, "A-17", 5, price=1)
    report = client.received()
    assert report["id"] == report_id and innermost(report)["function"] == "sell"
    assert report["custom"] == {"flawless.incomplete": "ZeroDivisionError"}


def test_a_report_that_before_send_fails_on_is_counted_as_lost(start):
    def before_send(report):
        if report["message"] == "no":
            raise KeyError("request")
        return report
    sink = start(before_send=before_send)
    flawless.record_message("no")
    flawless.record_message("yes")
    assert sink.received()["custom"] == {"flawless.dropped": 1}


def test_a_before_send_that_wants_to_exit_does_not_end_the_sender(start):
    def before_send(report):
        if report["message"] == "no":
            raise SystemExit
        return report
    sink = start(before_send=before_send)
    flawless.record_message("no")
    flawless.record_message("yes")
    assert sink.received()["custom"] == {"flawless.dropped": 1}


def test_a_wrapped_recursion_without_end_is_reported_once_by_a_wrapper_that_can(client, caplog):
    @flawless.wrap_function
    def down(n):
        return down(n + 1)
    with pytest.raises(RecursionError):
        down(0)
    assert client.received()["exceptions"][0]["type"] == "RecursionError"


@pytest.mark.parametrize("name", ["gone/here.py", "bad.py", "<string>"])
def test_source_that_cannot_be_read(client, tmp_path, monkeypatch, name):
    (tmp_path / "bad.py").write_bytes(b"# coding: nonsense\nx = '\xff'\n1 / 0\n")
    monkeypatch.chdir(tmp_path)
    fail(exec, compile("\n\n1 / 0", name, "exec"), {"__name__": "odd", "__loader__": object()})
    assert client.received()["exceptions"][0]["type"] == "ZeroDivisionError"


def test_without_a_token_there_is_one_warning(monkeypatch):
    from flawless import _client
    monkeypatch.setattr(_client, "_has_warned", False)
    for name in ("FLAWLESS_DSN", "FLAWLESS_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    @flawless.wrap_function
    def work():
        raise ValueError
    with pytest.warns(RuntimeWarning, match="nothing is reported") as caught:
        assert flawless.init() is False
        for _ in range(3):
            with pytest.raises(ValueError):
                work()
    assert len(caught) == 1


@pytest.mark.parametrize("dsn, url, token", [
    ("https://abc@errors.example.com:8443/sub/7", "https://errors.example.com:8443/sub", "abc"),
    ("http://abc@localhost/1", "http://localhost", "abc"), ("abc", "http://127.0.0.1:8080", "abc")])
def test_dsn(dsn, url, token, monkeypatch):
    from flawless._config import Target, find_target
    monkeypatch.delenv("FLAWLESS_URL", raising=False)
    assert find_target(dsn, None) == Target(url, token)


@pytest.mark.parametrize("dsn, url", [("http://localhost/1", None), ("a b", None), ("abc", "ftp://x"), ("a\n", "x")])
def test_nonsense_is_refused_at_once(dsn, url):
    with pytest.raises(ValueError):
        flawless.init(dsn, url=url)


def test_unknown_options_are_refused():
    with pytest.raises(TypeError):
        flawless.init("abc", enviroment="x")


def test_reports_from_many_threads(client):
    def work(n):
        for i in range(10):
            flawless.record_error(ValueError(f"{n}.{i}"))
    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client.received(40)
    assert len({r["id"] for r in client.reports}) == 40
