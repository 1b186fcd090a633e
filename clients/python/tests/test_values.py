import collections
import dataclasses
import enum
import json
import sys
import threading
import time

import pytest

from flawless._scrub import name_checker
from flawless._values import Budget, Limits, Renderer


def render(value, name="value", limits=Limits(), size=10 ** 6, seconds=10, **more):
    rendered = Renderer(limits, name_checker(), Budget(size, seconds), **more).named(name, value)
    json.dumps(rendered, allow_nan=False)
    return rendered


class Colour(enum.Enum):
    RED = 1


@dataclasses.dataclass
class Account:
    user: str
    password: str
    tags: list = dataclasses.field(default_factory=list)
    hidden: int = dataclasses.field(default=7, repr=False)


Point = collections.namedtuple("Point", "x y")


@pytest.mark.parametrize("value, expected", [
    (None, None), (True, True), (3, 3), (-1.5, -1.5), ("paris", "'paris'"), ("", "''"), (b"ab", "b'ab'"),
    (2 ** 53, str(2 ** 53)), (float("inf"), "inf"), (float("nan"), "nan"), (1 << 100000, "<int of 100001 bits>"),
    ([1, "a", None], [1, "'a'", None]), ((1, "a"), "(1, 'a')"), ((1,), "(1,)"), ((), "()"), ({4}, "{4}"),
    (set(), "set()"), (frozenset((4,)), "frozenset({4})"), (collections.deque([1]), "deque([1])"),
    ({"a": {1: [2]}}, {"a": {"1": [2]}}), ({1: "x", "1": "y"}, {"1": "'x'", "1 (str)": "'y'"}),
    (collections.OrderedDict(a=1), {"a": 1}), (Colour.RED, "<Colour.RED: 1>"), (Point(1, "b"), "Point(x=1, y='b')"),
    (Account("ann", "hunter2"), "Account(user='ann', password=[scrubbed], tags=[])"),
    ("\ud800 \u00e9", "'\\ud800 \u00e9'"), (TypeError("no"), "TypeError('no')"),
], ids=lambda value: type(value).__name__)
def test_values(value, expected):
    assert render(value) == expected


def test_long_text_is_cut_before_it_is_shown():
    assert render("x" * 10 ** 7, limits=Limits(text=10)) == "'xxxxxxxxxx'..."
    assert render(list(range(30)), limits=Limits(entries=3)) == [0, 1, 2, "... 27 more"]
    assert render({n: n for n in range(30)}, limits=Limits(entries=2)) == {"0": 0, "1": 1, "...": "28 more"}


def test_depth_and_circles():
    assert render([[[[[]]]]], limits=Limits(depth=2)) == [["<list, 1 entries>"]]
    circle = []
    circle.append(circle)
    assert render(circle) == ["<list: circular reference>"]
    twice = [1]
    assert render([twice, twice]) == [[1], [1]], "the same object twice is no circle"


def test_a_wide_and_deep_value_stays_within_the_budget():
    value = "x"
    for _ in range(20):
        value = [value] * 20
    begin = time.perf_counter()
    rendered = render(value, limits=Limits(depth=20, entries=20), size=20000)
    assert len(json.dumps(rendered)) < 100000 and time.perf_counter() - begin < 1


@pytest.mark.parametrize("error", [ValueError, RecursionError, SystemExit, GeneratorExit])
def test_a_failing_repr_is_named(error):
    class Broken:
        def __repr__(self):
            raise error()
    assert render([Broken(), 1]) == [f"<{__name__}.{Broken.__qualname__}: its repr failed with {error.__name__}>", 1]


def test_an_endless_repr_and_a_repr_that_is_no_text():
    class Endless:
        def __repr__(self):
            return f"<{self!r}>"

    class Number:
        def __repr__(self):
            return 3
    assert "its repr failed with RecursionError" in render(Endless())
    assert "its repr failed with TypeError" in render(Number())


def test_ctrl_c_is_not_swallowed():
    class Interrupted:
        def __repr__(self):
            raise KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt):
        render(Interrupted())


def test_no_code_of_a_container_subclass_runs():
    class Trap(dict):
        def items(self):
            raise AssertionError
        __iter__ = __len__ = keys = values = __getitem__ = items

    class Lazy:
        @property
        def __class__(self):
            raise AssertionError("evaluated")
    assert render(Trap(a=1)) == {"a": 1}
    assert "Lazy object at 0x" in render(Lazy())


def test_a_slow_repr_is_asked_twice_at_most():
    asked = []

    class Slow:
        def __repr__(self):
            asked.append(1)
            time.sleep(0.011)
            return "slow"
    assert [render(Slow())[:4] for _ in range(4)][:2] == ["slow", "slow"]
    assert len(asked) == 2


def test_containers_that_other_threads_change():
    shared, stop = {n: n for n in range(2000)}, threading.Event()

    def change():
        n = 0
        while not stop.is_set():
            shared[n % 5000] = n
            shared.pop((n * 7) % 5000, None)
            n += 1
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(200):
            assert isinstance(render(shared, limits=Limits(entries=2000), size=10 ** 9), dict)
    finally:
        stop.set()
        thread.join()
        sys.setswitchinterval(interval)


def test_secrets_by_name_at_any_depth():
    assert render("hunter2", name="db_password") == "[scrubbed]"
    assert render(None, name="password") is None and render("", name="password") == "''"
    assert render({"a": [{"apiKey": "k", b"token": b"t", "n": 1}]}) == \
        {"a": [{"apiKey": "[scrubbed]", "token": "[scrubbed]", "n": 1}]}
    assert render([(b"authorization", b"Bearer x"), ("host", "h")]) == \
        ["(b'authorization', [scrubbed])", "('host', 'h')"]
    assert render({"password": {"a": 1}}) == {"password": "[scrubbed]"}


def test_a_lazy_object_under_a_secret_name_is_not_evaluated_either():
    class Lazy:
        @property
        def __class__(self):
            raise AssertionError("evaluated")
    assert render(Lazy(), name="password") == "[scrubbed]"


def test_plain_text_for_data_made_to_be_read():
    assert render({"a": ["b"]}, quotes=False) == {"a": ["b"]}
