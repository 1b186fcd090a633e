"""Values of variables as JSON: lists and dicts stay structured, everything else becomes what repr() would show.

Rendering runs in the application's thread while it is failing, so it is bounded in every direction: depth, entries,
length of text, bytes and time in all. It calls no code of the application but __repr__, which is interrupted when it
takes too long, believes nothing that this returns, and is not disturbed by containers that other threads change.
"""
from __future__ import annotations

import collections
import dataclasses
import time
import types
from itertools import islice
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Set, Tuple

from ._scrub import SCRUBBED
from ._watchdog import TookTooLong, Watch

FAILED_REPR = "<%s: its repr failed with %s>"
ENDLESS_REPR = "<%s: its repr took too long>"
OUT_OF_BUDGET = "<not shown: too much>"
_EXACT_IN_JSON = 2 ** 53
_MOST_BITS = 4096
_SLOW_SECONDS = 0.01
_SLOW_TWICE = 2
_NO_REPR: Any = object.__repr__
_TEXT_REPRS: Tuple[Any, ...] = (str.__repr__, bytes.__repr__, bytearray.__repr__)
_CONTAINERS = (dict, list, tuple, set, frozenset, collections.deque, types.MappingProxyType)

# Asking these for their repr would run a database query or take long.
_LAZY = frozenset((("django.db.models.query", "QuerySet"), ("django.db.models.query", "RawQuerySet"),
                   ("django.db.models.manager", "BaseManager"), ("pandas.core.generic", "NDFrame"),
                   ("pyspark.sql.dataframe", "DataFrame"), ("dask.base", "DaskMethodsMixin")))


class Limits(NamedTuple):
    depth: int = 4
    entries: int = 25
    text: int = 300  # characters


_slow: Dict[str, int] = {}  # what of the application took long, and how often; of all reports


def is_slow(name: str) -> bool:
    return _slow.get(name, 0) >= _SLOW_TWICE


def count_slow(name: str) -> None:
    if name and len(_slow) < 256:
        _slow[name] = _slow.get(name, 0) + 1


class Budget:
    """What a whole report may cost. Within a `with` statement the application's code is interrupted when it is spent."""

    def __init__(self, total_bytes: int, seconds: float) -> None:
        self.bytes_left = total_bytes
        self.deadline = time.perf_counter() + seconds
        self._watch = Watch(self.deadline, count_slow)

    def __enter__(self) -> "Budget":
        self._watch.arm()
        return self

    def __exit__(self, *_: Any) -> None:
        self._watch.disarm()

    def call(self, name: str, function: Callable[[Any], Any], argument: Any) -> Any:
        """function(argument), which runs code of the application; TookTooLong if it was interrupted.

        name: what is_slow() then knows it by; none where it is to be called nevertheless.
        """
        begin = time.perf_counter()
        result = self._watch.call(name, function, argument)
        if time.perf_counter() - begin > _SLOW_SECONDS:
            count_slow(name)
        return result

    def is_spent(self) -> bool:
        return self.bytes_left <= 0 or time.perf_counter() > self.deadline


def type_name(kind: type) -> str:
    module = kind.__dict__.get("__module__") if isinstance(kind.__dict__.get("__module__"), str) else kind.__module__
    name = getattr(kind, "__qualname__", kind.__name__)
    return name if module in ("builtins", None) else f"{module}.{name}"


def _python_text(value: Any) -> str:
    """What was rendered as JSON, written the Python way."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "[" + ", ".join(_python_text(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_python_text(item)}" for key, item in value.items()) + "}"
    return repr(value)


class Renderer:
    """Renders the values of one report. Used by one thread."""

    def __init__(self, limits: Limits, is_secret: Callable[[str], bool], budget: Budget, quotes: bool = True) -> None:
        """quotes=False: texts as they are, for data that was made to be read."""
        self.limits = limits
        self.budget = budget
        self._quotes = quotes
        self._is_secret = is_secret
        self._open: Set[int] = set()  # containers being rendered, against circles

    def named(self, name: str, value: Any) -> Any:
        """The value of a variable or member of that name; never raises but for KeyboardInterrupt."""
        return self._named(name, value, self.limits.depth)

    def value(self, value: Any) -> Any:
        return self._render(value, self.limits.depth)

    def _named(self, name: str, value: Any, depth: int) -> Any:
        if value is None or value is True or value is False:
            return value
        if self._is_secret(name) and not (type(value) in (str, bytes) and not value):
            return SCRUBBED
        return self._render(value, depth)

    def _render(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind is int and -_EXACT_IN_JSON < value < _EXACT_IN_JSON or value is None or kind is bool:
            self.budget.bytes_left -= 8
            return value
        try:
            rendered = self._render_any(value, depth)
        except KeyboardInterrupt:
            raise
        except TookTooLong:
            rendered = ENDLESS_REPR % type_name(type(value))
        except BaseException as error:  # a __repr__ may raise whatever it likes
            rendered = FAILED_REPR % (type_name(type(value)), type(error).__name__)
        self.budget.bytes_left -= len(rendered) + 8 if type(rendered) is str else 8
        return rendered

    def _render_any(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind is str or kind is bytes:
            return self._text(value)
        if kind is float:
            return value if value - value == 0 else repr(value)  # not inf, not nan
        if kind is int:
            return repr(value) if value.bit_length() <= _MOST_BITS else f"<int of {value.bit_length()} bits>"
        if self.budget.is_spent():
            return OUT_OF_BUDGET
        if kind in _CONTAINERS:
            return self._container(kind, value, depth)
        if issubclass(kind, (str, bytes, bytearray)) and kind.__repr__ in _TEXT_REPRS:
            return self._text(value)
        if issubclass(kind, _CONTAINERS):
            return self._container(kind, value, depth)
        return self._object(kind, value, depth)

    def _text(self, value: Any) -> str:
        if not self._quotes and isinstance(value, str):
            return value if len(value) <= self.limits.text else value[:self.limits.text] + "..."
        if len(value) <= self.limits.text:
            return repr(value)
        return repr(value[:self.limits.text]) + "..."

    def _cut(self, text: str) -> str:
        most = 2 * self.limits.text
        return text if len(text) <= most else text[:most] + "..."

    # --- containers ---------------------------------------------------------------------------------------------------
    def _container(self, kind: type, value: Any, depth: int) -> Any:
        if depth <= 0:
            return f"<{type_name(kind)}, {_base_of(kind).__len__(value)} entries>"
        if id(value) in self._open:
            return f"<{type_name(kind)}: circular reference>"
        self._open.add(id(value))
        try:
            if kind is dict or issubclass(kind, (dict, types.MappingProxyType)):
                return self._mapping(value, depth)
            items = self._items(kind, value, depth)
            return items if issubclass(kind, list) else self._cut(_sequence_text(kind, items))
        finally:
            self._open.discard(id(value))

    def _items(self, kind: type, value: Any, depth: int) -> List[Any]:
        base = _base_of(kind)
        entries, total = _snapshot(lambda: base.__iter__(value), self.limits.entries), base.__len__(value)
        names: Any = kind.__dict__.get("_fields") if base is tuple else None
        if isinstance(names, tuple) and len(names) == len(entries):
            return [f"{name}={_python_text(self._named(name, item, depth - 1))}"
                    for name, item in zip(names, entries)]
        if base is tuple and total == 2 and self._is_secret_pair(entries):
            return [self._render(entries[0], depth - 1), SCRUBBED]
        rendered = [item if type(item) is int and -_EXACT_IN_JSON < item < _EXACT_IN_JSON else
                    self._render(item, depth - 1) for item in entries]
        self.budget.bytes_left -= 8 * len(rendered)
        if total > len(entries):
            rendered.append(f"... {total - len(entries)} more")
        return rendered

    def _is_secret_pair(self, entries: Tuple[Any, ...]) -> bool:
        """A header as WSGI and ASGI write it: ("Authorization", "…")."""
        name, value = entries
        return type(name) in (str, bytes) and type(value) in (str, bytes) and bool(value) and \
            self._is_secret(_plain(name))

    def _mapping(self, value: Any, depth: int) -> Dict[str, Any]:
        if issubclass(type(value), dict):
            entries, total = _snapshot(lambda: iter(dict.items(value)), self.limits.entries), dict.__len__(value)
        else:  # a view of any mapping
            entries, total = self.budget.call(type_name(type(value)), self._entries_of_view, value)
        rendered: Dict[str, Any] = {}
        for key, item in entries:
            name = _plain(key)[:100] if type(key) in (str, bytes) else _python_text(self._render(key, 1))[:100]
            while name in rendered:  # 1 and "1"
                name += f" ({type(key).__name__})"
            rendered[name] = self._named(name, item, depth - 1)
        if total > len(entries):
            rendered["..."] = f"{total - len(entries)} more"
        return rendered

    def _entries_of_view(self, value: Any) -> Tuple[Tuple[Any, ...], int]:
        return _snapshot(lambda: iter(value.items()), self.limits.entries), len(value)

    # --- objects ------------------------------------------------------------------------------------------------------
    def _object(self, kind: type, value: Any, depth: int) -> str:
        if kind.__repr__ is _NO_REPR:
            return f"<{type_name(kind)} object at {id(value):#x}>"
        if any((base.__module__, base.__name__) in _LAZY for base in kind.__mro__[:-1]):
            return f"<{type_name(kind)} object at {id(value):#x}, not evaluated>"
        fields = _generated_repr_fields(kind)
        if fields is not None and not is_slow(type_name(kind)):
            return self._dataclass(kind, value, fields, depth)
        return self._repr(kind, value)

    def _dataclass(self, kind: type, value: Any, fields: List[str], depth: int) -> str:
        if depth <= 0 or id(value) in self._open:
            return f"{kind.__qualname__}(...)"
        self._open.add(id(value))
        try:
            members = self.budget.call(type_name(kind), _members_of(fields[:self.limits.entries]), value)
            shown = [f"{name}={_python_text(self._named(name, member, depth - 1))}" for name, member in members]
        finally:
            self._open.discard(id(value))
        if len(fields) > len(shown):
            shown.append("...")
        return self._cut(f"{kind.__qualname__}({', '.join(shown)})")

    def _repr(self, kind: type, value: Any) -> str:
        name = type_name(kind)
        if is_slow(name):
            return f"<{name} object at {id(value):#x}, its repr is slow>"
        return str(self._cut(self.budget.call(name, plain_repr, value)))


def plain_repr(value: Any) -> str:
    return str.__str__(repr(value))  # of a text of the application's own class, a plain one


def plain_str(value: Any) -> str:
    return str.__str__(str(value))


def _members_of(names: List[str]) -> Callable[[Any], List[Tuple[str, Any]]]:
    return lambda value: [(name, getattr(value, name)) for name in names]


def _plain(name: Any) -> str:
    return name if isinstance(name, str) else bytes.decode(name, "latin-1")


def _base_of(kind: type) -> Any:
    """The builtin container that `kind` is or is made from: its methods run no code of the application."""
    return kind if kind in _CONTAINERS else next(base for base in _CONTAINERS if issubclass(kind, base))


def _snapshot(items: Callable[[], Iterable[Any]], most: int) -> Tuple[Any, ...]:
    """The first entries, taken in one go, so that nothing else of the application runs in between."""
    for _ in range(3):
        try:
            return tuple(islice(items(), most))
        except RuntimeError:  # changed by another thread
            continue
    return ("<changed while it was read>",)


def _sequence_text(kind: type, items: List[Any]) -> str:
    inner = ", ".join(_python_text(item) for item in items)
    if kind is tuple:
        return f"({inner},)" if len(items) == 1 else f"({inner})"
    if kind is set:
        return f"{{{inner}}}" if items else "set()"
    if issubclass(kind, tuple):
        return f"{kind.__qualname__}({inner})"
    if kind is frozenset or issubclass(kind, set):
        return f"{kind.__qualname__}({{{inner}}})"
    return f"{kind.__qualname__}([{inner}])"


def _generated_repr_fields(kind: type) -> Optional[List[str]]:
    """The fields of a dataclass whose repr is the generated one: it can be rendered within limits."""
    fields = getattr(kind, "__dataclass_fields__", None)
    if not isinstance(fields, dict):
        return None
    generated = getattr(kind.__repr__, "__wrapped__", None)
    if generated is None or generated.__code__.co_filename != "<string>":
        return None
    return [f.name for f in dataclasses.fields(kind) if f.repr]
