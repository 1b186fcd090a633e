import collections
import dataclasses
import enum
import json
import sys
import threading
import time
import weakref

import pytest

from flawless._budget import Budget, Limits
from flawless._scrub import name_checker
from flawless._shown import Presenter
from flawless._taken import Taker


def render(value, name="value", limits=Limits(), size=10 ** 6, seconds=10, **more):
    taken = Taker(limits, name_checker(), Budget(size, seconds)).replace({name: value})
    rendered = Presenter(name_checker(), limits.text, **more).named(name, taken[name])
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


class Login(collections.namedtuple("Login", "user password")):
    pass


@pytest.mark.parametrize("value, expected", [
    (None, None), (True, True), (3, 3), (-1.5, -1.5), ("paris", "'paris'"), ("", "''"), (b"ab", "b'ab'"),
    (2 ** 53, str(2 ** 53)), (float("inf"), "inf"), (float("nan"), "nan"), (1 << 100000, "<int of 100001 bits>"),
    ([1, "a", None], [1, "'a'", None]), ([1, "a"], [1, "'a'"]), (["a", "b"], ["'a'", "'b'"]),
    ((1, "a"), "(1, 'a')"), ((1,), "(1,)"), ((), "()"), ({4}, "{4}"),
    (set(), "set()"), (frozenset((4,)), "frozenset({4})"), (collections.deque([1]), "deque([1])"),
    ({"a": {1: [2]}}, {"a": {"1": [2]}}), ({1: "x", "1": "y"}, {"1": "'x'", "1 (str)": "'y'"}),
    (collections.OrderedDict(a=1), {"a": 1}), (Colour.RED, "<Colour.RED: 1>"), (Point(1, "b"), "Point(x=1, y='b')"),
    (Login("ann", "hunter2"), "Login(user='ann', password=[scrubbed])"),
    (Account("ann", "hunter2"), "Account(user='ann', password=[scrubbed], tags=[])"),
    ("\ud800 \u00e9", "'\\ud800 \u00e9'"), (TypeError("no"), "TypeError('no')"),
], ids=lambda value: type(value).__name__)
def test_values(value, expected):
    assert render(value) == expected


def test_long_text_is_cut_before_it_is_shown():
    assert render("x" * 10 ** 7, limits=Limits(text=10)) == "'xxxxxxxxxx'..."
    assert render(["a", 1, "b" * 9], limits=Limits(text=2)) == ["'a'", 1, "'bb'..."]
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
    class Text(str):
        __len__ = __getitem__ = __str__ = __format__ = Trap.items

    class Meta(type):
        def __eq__(cls, other):
            raise AssertionError
        __hash__ = __instancecheck__ = __subclasscheck__ = __eq__

    class Compared(metaclass=Meta):
        pass
    assert render(Trap(a=1)) == {"a": 1} and render(Text("ab"), limits=Limits(text=1)) == "'a'..."
    for shown in (render(Compared()), render([Compared()])[0], render({"a": Compared()})["a"]):
        assert "Compared object at 0x" in shown
    assert "Lazy object at 0x" in render(Lazy())


def test_names_of_classes_are_plain_text():
    class Name(str):
        def __format__(self, how):
            raise AssertionError
        __str__ = __repr__ = __add__ = __format__

    class Pair(tuple):
        _fields = (Name("a"), Name("b"))
    Pair.__qualname__ = Name("Other")
    assert render(Pair((1, 2))) == "Other(1, 2)"
    assert render(Pair((1, 2)), limits=Limits(depth=0)) == f"<{__name__}.Other, 2 entries>"


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


def test_values_are_shown_as_they_were_when_they_were_taken():
    inner = [1]
    values = {"list": [inner, 2], "dict": {"a": inner, "b": 2}, "tuple": (inner,), "deque": collections.deque([inner]),
              "ordered": collections.OrderedDict(a=inner), "account": Account("ann", "x", inner),
              "point": Point(inner, 1)}
    taken = Taker(Limits(), name_checker(), Budget(10 ** 6, 10)).replace(dict(values))
    inner.append("later")
    for value in values.values():
        if hasattr(value, "clear"):
            value.clear()
    values["account"].user = "bob"
    presenter = Presenter(name_checker(), Limits().text)
    assert {name: presenter.named(name, value) for name, value in taken.items()} == {
        "list": [[1], 2], "dict": {"a": [1], "b": 2}, "tuple": "([1],)", "deque": "deque([[1]])",
        "ordered": {"a": [1]}, "account": "Account(user='ann', password=[scrubbed], tags=[1])",
        "point": "Point(x=[1], y=1)"}


def test_nothing_of_the_application_is_kept_alive_and_no_long_text():
    class Thing:
        pass
    thing, text = Thing(), "x" * 10 ** 6
    things = {"a": thing, "b": [thing], "c": {"k": (thing, {thing})}, "d": {thing: 1}, "e": text, "f": [text]}
    gone, before = weakref.ref(thing), sys.getrefcount(text)
    taken = Taker(Limits(), name_checker(), Budget(10 ** 6, 10)).replace(dict(things))
    assert sys.getrefcount(text) == before
    del thing, things
    assert gone() is None and len(taken) == 6


def test_long_and_equal_keys():
    assert render({"k" * 1000: 1}) == {"k" * 100: 1}
    assert render({None: 1, "None": 2, b"None": 3}) == {"None": 1, "None (str)": 2, "None (bytes)": 3}


def test_equal_keys_are_told_apart_by_their_classes():
    class Number(int):
        pass

    class Name(str):
        pass
    assert render({"1": 1, Number(1): 2}) == {"1": 1, f"1 ({Number.__qualname__})": 2}
    assert render({b"a": 1, Name("a"): 2}) == {"a": 1, f"a ({Name.__qualname__})": 2}
    assert render({"b": 1, b"b": 2, Colour.RED: 3}) == {"b": 1, "b (bytes)": 2, "<Colour.RED: 1>": 3}
    assert render({(1,): 1, "(1,)": 2}) == {"(1,)": 1, "(1,) (str)": 2}


def test_a_key_that_looks_like_what_is_left_out():
    limits = Limits(entries=2)
    assert render({"...": [1], "b": 2, "c": 3}, limits=limits) == {"...": [1], "b": 2, "... (str)": "1 more"}
    assert render({"...": 1, "b": 2, "c": 3}, limits=limits) == {"...": 1, "b": 2, "... (str)": "1 more"}


def test_a_secret_key_is_one_however_long_it_is():
    values = {"x" * 120 + "_password": "hunter2", "y" * 120 + "_password": [1], b"z" * 120 + b"_token": b"hunter2",
              ("w" * 120, "password"): "hunter2", "v" * 120 + "_password": None, "u" * 120 + "_password": ""}
    assert list(render(values).values()) == ["[scrubbed]"] * 4 + [None, "''"]


def test_a_long_number_is_not_kept():
    number = 1 << 100000
    before = sys.getrefcount(number)
    taken = Taker(Limits(), name_checker(), Budget(10 ** 6, 10)).replace(
        {"a": number, "b": [number], "c": [number, "x"], "d": {"k": number}, "e": (number, 1.5), "f": {number: number}})
    assert sys.getrefcount(number) == before and len(taken) == 6
    opposites = [number, -number]
    assert render(opposites) == ["<int of 100001 bits>"] * 2
    taken = Taker(Limits(), name_checker(), Budget(10 ** 6, 10)).replace({"a": opposites})
    assert sys.getrefcount(number) == before + 1 and len(taken) == 1, "only their own list refers to them"


def test_a_text_is_charged_once_also_beside_numbers():
    def cost(value):
        budget = Budget(10 ** 6, 10)
        Taker(Limits(), name_checker(), budget).value(value)
        return 10 ** 6 - budget.bytes_left
    assert cost(["x" * 200, 1]) == cost(["x" * 200, None])


@pytest.mark.parametrize("value", [
    [[] for _ in range(25)], [{} for _ in range(25)], {"k" * 90 + str(n): 1 for n in range(25)},
    {n: n for n in range(25)}, ["\U0001f600" * 40] * 25, [2 ** 4000 + n for n in range(25)], [{n} for n in range(25)]])
def test_what_is_taken_is_charged_at_what_it_takes(value):
    def size_of(taken):
        inner = list(taken) + list(taken.values()) if type(taken) is dict else taken if type(taken) is list else \
            [part for entry in taken.entries for part in (entry if type(entry) is tuple else (entry,))] \
            if hasattr(taken, "entries") else []
        return sys.getsizeof(taken) + sum(map(size_of, inner))
    budget = Budget(10 ** 6, 10)
    taken = Taker(Limits(), name_checker(), budget).value(value)
    assert 10 ** 6 - budget.bytes_left > 0.6 * size_of(taken)


def test_plain_text_for_data_made_to_be_read():
    assert render({"a": ["b"]}, quotes=False) == {"a": ["b"]}
