"""What was taken of values as JSON: lists and dicts stay structured, everything else becomes what repr() would show.

In the sender's thread; nothing of the application is called.
"""
from __future__ import annotations

from collections import deque
from typing import Any, Callable, Dict, List, Tuple

from ._scrub import SCRUBBED
from ._taken import MOST_BITS, Beginning, Key, Mapping, Members, Sequence, Text, plain_name

_EXACT_IN_JSON = 2 ** 53
_MOST_KEY = 100


class Presenter:
    """Shows what a Taker took. Immutable."""

    def __init__(self, is_secret: Callable[[str], bool], most_text: int, quotes: bool = True,
                 pause: Callable[[], None] = lambda: None) -> None:
        """most_text: characters, of the Taker's limits. quotes=False: texts as they are, for data made to be read.
        pause(): called now and then."""
        self._is_secret = is_secret
        self._most = 2 * most_text
        self._quotes = quotes
        self._pause = pause

    def named(self, name: str, taken: Any) -> Any:
        """The value of a variable or member of that name."""
        if taken is None or taken is True or taken is False:
            return taken
        if self._is_secret(name) and not (type(taken) in (str, bytes) and not taken):
            return SCRUBBED
        return self.value(taken)

    def value(self, taken: Any) -> Any:
        kind = type(taken)
        if kind is int:
            return _number(taken)
        if kind is str:
            return repr(taken) if self._quotes else taken
        if kind is float:
            return taken if taken - taken == 0 else repr(taken)  # not inf, not nan
        self._pause()
        if kind is list:
            return [self.value(item) for item in taken]
        if kind is dict:
            return {key: self.named(key, item) for key, item in taken.items()}
        if kind is tuple:
            return self._cut(_sequence_text(tuple, "", self._entries(taken)))
        if kind is Sequence:
            return self._sequence(taken)
        if kind is Mapping:
            return self._mapping(taken.entries)
        if kind is Members:
            return self._members(taken)
        if kind is Beginning:
            text = taken.text
            return (text if isinstance(text, str) and not self._quotes else repr(text)) + "..."
        if kind is bytes:
            return repr(taken)
        return str.__str__(taken) if kind is Text else taken  # None, True, False

    def _cut(self, text: str) -> str:
        return text if len(text) <= self._most else text[:self._most] + "..."

    def _sequence(self, taken: Sequence) -> Any:
        if taken.names:
            items: List[Any] = [f"{name}={_python_text(self.named(name, item))}"
                                for name, item in zip(taken.names, taken.entries)]
        elif taken.base is tuple:
            items = self._entries(taken.entries)
        else:
            items = [self.value(item) for item in taken.entries]
        return items if taken.base is list else self._cut(_sequence_text(taken.base, taken.name, items))

    def _entries(self, entries: Any) -> List[Any]:
        """Of a tuple. A header is one, as WSGI and ASGI write it: ("Authorization", "…")."""
        if len(entries) == 2 and type(entries[0]) in (str, bytes) and type(entries[1]) in (str, bytes, Beginning) and \
                entries[1] and self._is_secret(plain_name(entries[0])):
            return [self.value(entries[0]), SCRUBBED]
        return [self.value(item) for item in entries]

    def _mapping(self, entries: List[Tuple[Any, Any]]) -> Dict[str, Any]:
        shown: Dict[str, Any] = {}
        for key, item in entries:
            taken = key.taken if type(key) is Key else key
            whole = plain_name(taken) if type(taken) in (str, bytes) else _python_text(self.value(taken))
            name = whole[:_MOST_KEY]
            while name in shown:  # 1 and "1"
                name += f" ({key.name if type(key) is Key else type(key).__name__})"
            shown[name] = self.named(whole[-_MOST_KEY:], item)
        return shown

    def _members(self, taken: Members) -> str:
        shown = [f"{name}={_python_text(self.named(name, member))}" for name, member in taken.entries]
        if taken.left_out > 0:
            shown.append("...")
        return self._cut(f"{taken.name}({', '.join(shown)})")


def _number(value: int) -> Any:
    if -_EXACT_IN_JSON < value < _EXACT_IN_JSON:
        return value
    return repr(value) if value.bit_length() <= MOST_BITS else f"<int of {value.bit_length()} bits>"


def _python_text(shown: Any) -> str:
    """What is shown as JSON, written the Python way."""
    if isinstance(shown, str):
        return shown
    if isinstance(shown, list):
        return "[" + ", ".join(_python_text(item) for item in shown) + "]"
    if isinstance(shown, dict):
        return "{" + ", ".join(f"{key!r}: {_python_text(item)}" for key, item in shown.items()) + "}"
    return repr(shown)


def _sequence_text(base: Any, name: str, items: List[Any]) -> str:
    inner = ", ".join(_python_text(item) for item in items)
    if base is tuple:
        return f"{name}({inner},)" if len(items) == 1 and not name else f"{name}({inner})"
    if base is set and not name:
        return f"{{{inner}}}" if items else "set()"
    name = name or base.__name__
    return f"{name}([{inner}])" if base is deque else f"{name}({{{inner}}})"
