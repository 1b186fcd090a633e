"""Values of variables as they are in the moment of the failure, taken cheaply.

What cannot change is only referred to, lists and dicts are copied within limits, and of objects the repr() is asked.
`_shown` makes JSON of it, later and elsewhere.

Taking runs in the application's thread while it is failing, so it is bounded in every direction: depth, entries, length
of text, bytes and time in all. It calls no code of the application but __repr__, which is interrupted when it takes too
long, believes nothing that this returns, and is not disturbed by containers that other threads change.
"""
from __future__ import annotations

import collections
import dataclasses
import types
from itertools import islice
from typing import Any, Callable, Dict, Iterable, List, Optional, Set, Tuple

from ._budget import Budget, Limits, is_slow
from ._scrub import SCRUBBED
from ._static import class_attribute, class_name, module_name, mro_of, type_name

_MOST_KEY = 100
# Of memory, about: an entry of a container, that is a number and the reference to it; a container or text beside what
# is in it.
_ENTRY_BYTES = 32
_OBJECT_BYTES = 64
_size_of_text = str.__sizeof__
_LEAST_SMALL, _MOST_SMALL = -2 ** 53, 2 ** 53  # whole numbers that may be had without asking for their size
MOST_BITS = 4096  # of whole numbers that are kept
_IS_FIELD: Any = getattr(dataclasses, "_FIELD")  # not of the class, nor an argument of __init__ only
_NO_REPR: Any = object.__repr__
_TEXT_REPRS: Tuple[Any, ...] = (str.__repr__, bytes.__repr__, bytearray.__repr__)
_CONTAINERS = (dict, list, tuple, set, frozenset, collections.deque, types.MappingProxyType)
# Immutable, and nothing else hangs on them. Known by their ids: comparing a class may run code of its metaclass.
_ATOMS = frozenset(map(id, (type(None), bool, float)))
_ONLY_TEXT = {id(str)}

# Asking these for their repr would run a database query or take long.
_LAZY = frozenset((("django.db.models.query", "QuerySet"), ("django.db.models.query", "RawQuerySet"),
                   ("django.db.models.manager", "BaseManager"), ("pandas.core.generic", "NDFrame"),
                   ("pyspark.sql.dataframe", "DataFrame"), ("dask.base", "DaskMethodsMixin")))


# --- what is taken ----------------------------------------------------------------------------------------------------
# None, booleans, numbers, str and bytes as they are; copies of lists and tuples, and of dicts with text as keys, made
# of what is taken of their entries; else one of these.
class Text(str):
    """The text that is to be shown, as it is."""
    __slots__ = ()


class Beginning:
    """Of a text that is too long: its beginning, str or bytes."""
    __slots__ = ("text",)

    def __init__(self, text: Any) -> None:
        self.text = text


class Sequence:
    """A set or deque, or of a class made from a builtin one. base: the builtin; name: of the class, else ""; names: the
    fields of a named tuple."""
    __slots__ = ("base", "name", "entries", "names")

    def __init__(self, base: Any, name: str, entries: List[Any], names: Tuple[str, ...] = ()) -> None:
        self.base, self.name, self.entries, self.names = base, name, entries, names


class Key:
    """What is taken of a key of a mapping, and the name of its class where that no longer shows it."""
    __slots__ = ("taken", "name")

    def __init__(self, taken: Any, name: str) -> None:
        self.taken, self.name = taken, name


class Mapping:
    """Of any keys. entries: (key, value); a key is a str, bytes, a Key, or taken as any value."""
    __slots__ = ("entries",)

    def __init__(self, entries: List[Tuple[Any, Any]]) -> None:
        self.entries = entries


class Members:
    """A dataclass whose repr is the generated one; left_out: further fields."""
    __slots__ = ("name", "entries", "left_out")

    def __init__(self, name: str, entries: List[Tuple[str, Any]], left_out: int) -> None:
        self.name, self.entries, self.left_out = name, entries, left_out


_HIDDEN = Text(SCRUBBED)
_NO_BUDGET = Text("<not shown: too much>")


class Taker:
    """Takes the values of one report. Used by one thread.

    What is common is dealt with in place, more than once: a call of a function costs as much as what is done for a
    text.
    """

    def __init__(self, limits: Limits, is_secret: Callable[[str], bool], budget: Budget) -> None:
        """is_secret(name): values of that name are not looked at, unless they are plain anyway."""
        self.limits = limits
        self.budget = budget
        self._is_secret = is_secret
        self._open: Set[int] = set()  # containers being taken, against circles

    def replace(self, values: Dict[str, Any]) -> Dict[str, Any]:
        """Variables by name, each replaced by what is taken of it; never raises but for KeyboardInterrupt."""
        most, depth = self.limits.text, self.limits.depth
        size = _ENTRY_BYTES * len(values)
        for name, value in values.items():
            kind = type(value)
            if kind is int and _LEAST_SMALL < value < _MOST_SMALL or value is None or kind is bool or kind is float:
                continue
            if kind is str and len(value) <= most:
                size += _size_of_text(value)
                continue
            try:
                values[name] = self._named(name, value, depth) if not self.budget.is_spent() else _NO_BUDGET
            except BaseException as error:
                values[name] = self._note_of(error, kind)
        self.budget.bytes_left -= size
        return values

    def value(self, value: Any) -> Any:
        return self.replace({"": value})[""]

    def _note_of(self, error: BaseException, kind: type) -> Text:
        """Of an object that could not be asked. A __repr__ may raise whatever it likes."""
        return self._finished(f"<{type_name(kind)}: its repr {self.budget.reason(error)}>")

    def _named(self, name: str, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind is str or kind is bytes:
            return self._text(value, len(value))
        if self._is_secret(name) and id(kind) not in _ATOMS and kind is not int:
            return _HIDDEN
        return self._take(kind, value, depth)

    def _take(self, kind: type, value: Any, depth: int) -> Any:
        if id(kind) in _ATOMS:
            return value
        if kind is str or kind is bytes:
            return self._text(value, len(value))
        if kind is int:
            return self._number(value)
        if depth > 0 and self.budget.bytes_left > 0:
            if kind is list or kind is tuple:
                return self._list(kind, value, depth)
            if kind is dict:
                return self._dict(value, depth)
        if self.budget.is_spent():
            return _NO_BUDGET
        try:
            return self._take_any(kind, value, depth)
        except BaseException as error:
            return self._note_of(error, kind)

    def _take_any(self, kind: type, value: Any, depth: int) -> Any:
        if issubclass(kind, (str, bytes, bytearray)):
            own = class_attribute(kind, "__repr__")
            if any(own is plain for plain in _TEXT_REPRS):
                return self._text_of_class(value)
        base: Any = next((base for base in _CONTAINERS if issubclass(kind, base)), None)
        if base is not None:
            return self._container(kind, base, value, depth)
        return self._object(kind, value, depth)

    # --- texts --------------------------------------------------------------------------------------------------------
    def _number(self, value: int) -> Any:
        bits = value.bit_length()
        if bits > MOST_BITS:
            return self._finished(f"<int of {bits} bits>")
        self.budget.bytes_left -= bits // 8
        return value

    def _text(self, text: Any, length: int) -> Any:
        if length > self.limits.text:
            text = text[:self.limits.text]
            self.budget.bytes_left -= _OBJECT_BYTES + text.__sizeof__()
            return Beginning(text)
        self.budget.bytes_left -= text.__sizeof__()
        return text

    def _text_of_class(self, value: Any) -> Any:
        """Of a class made from str or bytes: a plain one, no method of the class runs."""
        base: Any = next(base for base in (str, bytes, bytearray) if issubclass(type(value), base))
        plain, length = base.__getitem__(value, slice(0, self.limits.text)), base.__len__(value)
        if base is bytearray:
            return self._finished(repr(plain) + ("..." if length > len(plain) else ""))
        return self._text(plain, length)

    def _finished(self, text: str) -> Text:
        most = 2 * self.limits.text
        text = text if len(text) <= most else text[:most] + "..."
        self.budget.bytes_left -= _size_of_text(text)
        return Text(text)

    # --- lists, tuples and dicts --------------------------------------------------------------------------------------
    def _list(self, kind: Any, value: Any, depth: int) -> Any:
        entries = value[:self.limits.entries]
        self.budget.bytes_left -= _OBJECT_BYTES + _ENTRY_BYTES * len(entries)
        left_out = len(value) - len(entries)
        others = [item for item in entries if type(item) is not int]
        kinds = set(map(id, map(type, others)))
        if (kinds <= _ATOMS or kinds == _ONLY_TEXT and len(others) == len(entries) and self._are_short(others)) and \
                (len(others) == len(entries) or not others and _LEAST_SMALL < min(entries) and
                 max(entries) < _MOST_SMALL):
            return entries if left_out <= 0 else entries + kind(_more(left_out))
        if id(value) in self._open:
            return self._circle(kind)
        self._open.add(id(value))
        try:
            taken = [item if type(item) is int and _LEAST_SMALL < item < _MOST_SMALL or id(type(item)) in _ATOMS else
                     self._take(type(item), item, depth - 1) for item in entries]
        finally:
            self._open.discard(id(value))
        return kind(taken + _more(left_out))

    def _are_short(self, texts: List[str]) -> bool:
        lengths = list(map(len, texts))
        if max(lengths) > self.limits.text:
            return False
        self.budget.bytes_left -= sum(map(_size_of_text, texts))
        return True

    def _dict(self, value: Dict[Any, Any], depth: int) -> Any:
        entries = snapshot(value.items, self.limits.entries)
        most, size, is_nested = self.limits.text, 0, False
        taken: Dict[str, Any] = {}
        for key, item in entries:
            kind = type(item)
            if kind is str and len(item) <= most:
                size += _size_of_text(item)
            elif not (kind is int and _LEAST_SMALL < item < _MOST_SMALL or item is None or kind is bool or
                      kind is float):
                is_nested = True
            if type(key) is not str or (length := len(key)) > _MOST_KEY:
                return self._container(dict, dict, value, depth)
            size += length
            taken[key] = item
        self.budget.bytes_left -= _OBJECT_BYTES + (_OBJECT_BYTES + 2 * _ENTRY_BYTES) * len(entries) + size
        if is_nested:
            if id(value) in self._open:
                return self._circle(dict)
            self._open.add(id(value))
            try:
                for key, item in entries:
                    kind = type(item)
                    if kind is not str or len(item) > most:
                        taken[key] = self._named(key, item, depth - 1)
            finally:
                self._open.discard(id(value))
        if len(value) > len(entries):
            if "..." in taken:
                return self._container(dict, dict, value, depth)
            taken["..."] = _left_out(len(value) - len(entries))
        return taken

    def _circle(self, kind: type) -> Text:
        return self._finished(f"<{type_name(kind)}: circular reference>")

    # --- other containers ---------------------------------------------------------------------------------------------
    def _container(self, kind: type, base: Any, value: Any, depth: int) -> Any:
        """base: the builtin container that it is or is made from; its methods run no code of the application."""
        if depth <= 0:
            return self._finished(f"<{type_name(kind)}, {base.__len__(value)} entries>")
        if id(value) in self._open:
            return self._circle(kind)
        self._open.add(id(value))
        try:
            if base is dict:
                return self._mapping(snapshot(lambda: iter(dict.items(value)), self.limits.entries),
                                     dict.__len__(value), depth)
            if base is types.MappingProxyType:  # a view of any mapping
                return self._mapping(*self.budget.call(type_name(kind), self._entries_of_view, value), depth)
            return self._sequence(kind, base, value, depth)
        finally:
            self._open.discard(id(value))

    def _sequence(self, kind: type, base: Any, value: Any, depth: int) -> Sequence:
        entries, length = snapshot(lambda: base.__iter__(value), self.limits.entries), base.__len__(value)
        self.budget.bytes_left -= 2 * _OBJECT_BYTES + _ENTRY_BYTES * len(entries)
        name = "" if kind is base else class_name(kind)
        names: Any = class_attribute(kind, "_fields") if base is tuple else None
        if type(names) is tuple and len(names) == len(entries) and all(type(field) is str for field in names):
            return Sequence(base, name, [self._named(field, item, depth - 1) for field, item in zip(names, entries)],
                            names)
        taken = [self._take(type(item), item, depth - 1) for item in entries]
        return Sequence(base, name, taken + _more(length - len(entries)))

    def _entries_of_view(self, value: Any) -> Tuple[Tuple[Any, ...], int]:
        return snapshot(lambda: iter(value.items()), self.limits.entries), len(value)

    def _mapping(self, entries: Tuple[Any, ...], length: int, depth: int) -> Mapping:
        self.budget.bytes_left -= 2 * _OBJECT_BYTES + (_OBJECT_BYTES + 2 * _ENTRY_BYTES) * len(entries)
        taken = [self._entry(key, item, depth) for key, item in entries]
        if length > len(entries):
            taken.append(("...", _left_out(length - len(entries))))
        return Mapping(taken)

    def _entry(self, key: Any, item: Any, depth: int) -> Tuple[Any, Any]:
        kind = type(key)
        if kind is not str and kind is not bytes:
            shown = self._take(kind, key, 1)
            return shown if type(shown) is kind else Key(shown, class_name(kind)), \
                self._take(type(item), item, depth - 1)
        name = plain_name(key[-_MOST_KEY:])
        if len(key) > _MOST_KEY and self._is_secret(name) and id(type(item)) not in _ATOMS and not _is_empty_text(item):
            return key[:_MOST_KEY], _HIDDEN  # the beginning of the name does not tell
        return key[:_MOST_KEY], self._named(name, item, depth - 1)

    # --- objects ------------------------------------------------------------------------------------------------------
    def _object(self, kind: type, value: Any, depth: int) -> Any:
        if class_attribute(kind, "__repr__") is _NO_REPR:
            return self._finished(f"<{type_name(kind)} object at {id(value):#x}>")
        if any((module_name(base), class_name(base)) in _LAZY for base in mro_of(kind)[:-1]):
            return self._finished(f"<{type_name(kind)} object at {id(value):#x}, not evaluated>")
        fields = _generated_repr_fields(kind)
        if fields is not None and not is_slow(type_name(kind)):
            return self._dataclass(kind, value, fields, depth)
        return self._repr(kind, value)

    def _dataclass(self, kind: type, value: Any, fields: List[str], depth: int) -> Any:
        if depth <= 0 or id(value) in self._open:
            return self._finished(f"{class_name(kind)}(...)")
        self._open.add(id(value))
        try:
            members = self.budget.call(type_name(kind), _members_of(fields[:self.limits.entries]), value)
            taken = [(name, self._named(name, member, depth - 1)) for name, member in members]
        finally:
            self._open.discard(id(value))
        self.budget.bytes_left -= 2 * _OBJECT_BYTES + (_OBJECT_BYTES + 2 * _ENTRY_BYTES) * len(taken)
        return Members(class_name(kind), taken, len(fields) - len(taken))

    def _repr(self, kind: type, value: Any) -> Text:
        name = type_name(kind)
        if is_slow(name):
            return self._finished(f"<{name} object at {id(value):#x}, its repr is slow>")
        return self._finished(self.budget.call(name, plain_repr, value))


def plain_repr(value: Any) -> str:
    return str.__str__(repr(value))  # of a text of the application's own class, a plain one


def plain_str(value: Any) -> str:
    return str.__str__(str(value))


def plain_name(name: Any) -> str:
    return name if isinstance(name, str) else bytes.decode(name, "latin-1")


def _more(left_out: int) -> List[Text]:
    return [Text(f"... {left_out} more")] if left_out > 0 else []


def _left_out(entries: int) -> Text:
    return Text(f"{entries} more")


def _is_empty_text(value: Any) -> bool:
    return type(value) in (str, bytes) and not value


def _members_of(names: List[str]) -> Callable[[Any], List[Tuple[str, Any]]]:
    return lambda value: [(name, getattr(value, name)) for name in names]


def snapshot(items: Callable[[], Iterable[Any]], most: int) -> Tuple[Any, ...]:
    """The first entries, taken in one go, so that nothing else of the application runs in between."""
    for _ in range(3):
        try:
            return tuple(islice(items(), most))
        except RuntimeError:  # changed by another thread
            continue
    return ()


def _generated_repr_fields(kind: type) -> Optional[List[str]]:
    """The fields of a dataclass whose repr is the generated one: it can be taken within limits."""
    fields = class_attribute(kind, "__dataclass_fields__")
    if type(fields) is not dict:
        return None
    generated = class_attribute(kind, "__repr__")
    generated = generated.__dict__.get("__wrapped__") if type(generated) is types.FunctionType else None
    if type(generated) is not types.FunctionType or generated.__code__.co_filename != "<string>":
        return None
    return [name for name, field in fields.items() if type(name) is str and type(field) is dataclasses.Field and
            field.repr is True and field._field_type is _IS_FIELD]  # type: ignore[attr-defined]
