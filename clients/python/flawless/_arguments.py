"""What the application says about a report, made what the report format has: a report comes of it whatever it is.

In the failing thread; texts are cut to what is worth sending.
"""
from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Tuple

from ._body import Body
from ._budget import Budget
from ._scrub import SCRUBBED
from ._static import is_a, type_name
from ._taken import Mapping, Taker, Text, plain_str, snapshot

MOST_MESSAGE = 8000  # characters, as all of these
MOST_TAG = 200
MOST_OF_PERSON = 1000
_MOST_NAME = 200
_MOST_ENTRIES = 100
_MOST_PARTS = 32  # of a fingerprint


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + "..."


def text_of(value: Any, budget: Budget, is_plain: bool = False) -> str:
    """Its str, which may fail. is_plain: asking for it runs no code of the application."""
    if type(value) is str:
        return value
    try:
        return plain_str(value) if is_plain else budget.call("", plain_str, value)
    except BaseException as error:
        return f"<its str {budget.reason(error)}>"


class Arguments:
    def __init__(self, budget: Budget, is_secret: Callable[[str], bool]) -> None:
        self._budget, self._is_secret = budget, is_secret

    def text(self, value: Any, most: int = MOST_TAG) -> str:
        return cut(text_of(value, self._budget, type(value) in (int, float, bool)), most)

    def texts(self, values: Any, name: str, most: int) -> Dict[str, str]:
        """`values` should be a dict; anything else is the value of `name`."""
        return {key: SCRUBBED if is_hidden else self.text(value, most)
                for key, value, is_hidden in self._entries(values, name)}

    def values(self, values: Any, name: str) -> Dict[str, Any]:
        """The same, for values that are still to be taken."""
        return {key: Text(SCRUBBED) if is_hidden else value for key, value, is_hidden in self._entries(values, name)}

    def _entries(self, values: Any, name: str) -> List[Tuple[str, Any, bool]]:
        """Key, value and whether it is a secret that the cut key no longer shows to be one."""
        if values is None:
            return []
        if not is_a(values, dict):
            return [(name, values, False)]
        entries = []
        for key, value in snapshot(lambda: iter(dict.items(values)), _MOST_ENTRIES):
            whole = self.text(key, MOST_MESSAGE)
            is_hidden = len(whole) > _MOST_NAME and self._is_secret(whole[-_MOST_NAME:])
            entries.append((cut(whole, _MOST_NAME), value, is_hidden))
        return entries

    def fingerprint(self, parts: Any) -> List[str]:
        if not is_a(parts, (list, tuple)):
            parts = [] if parts is None else [parts]
        return [self.text(part) for part in parts[:_MOST_PARTS]]


# --- requests ---------------------------------------------------------------------------------------------------------
def described_request(request: Dict[Any, Any], taker: Taker, arguments: Arguments) -> Any:
    """As values are taken; where no time is left for that, what is text anyway."""
    known = dict(snapshot(lambda: iter(dict.items(request)), _MOST_ENTRIES))
    headers = _headers(known.pop("headers", None), arguments)
    if headers is not None:
        known["headers"] = headers
    described = taker.value(known)
    if type(described) in (dict, Mapping):
        return described
    return {name: known[name][:1000] for name in ("method", "url") if type(known.get(name)) is str}


def _headers(headers: Any, arguments: Arguments) -> Optional[Dict[Any, Any]]:
    """A dict, pairs, or the text of the lines; of anything else it is not known what is a secret in it."""
    if is_a(headers, dict):
        return dict(snapshot(lambda: iter(dict.items(headers)), _MOST_ENTRIES))
    if type(headers) is str:
        headers = [line.partition(":")[::2] for line in headers.splitlines()[:_MOST_ENTRIES]]
    if type(headers) not in (list, tuple):
        return None if headers is None else {"...": f"not shown: {type_name(type(headers))}"}
    pairs = [pair for pair in headers[:_MOST_ENTRIES] if type(pair) in (list, tuple) and len(pair) == 2]
    return {_header_name(name, arguments): value.strip() if type(value) is str else value for name, value in pairs}


def _header_name(name: Any, arguments: Arguments) -> str:
    return arguments.text(bytes.decode(name, "latin-1") if type(name) is bytes else name).strip()


def request_bytes(request: Dict[str, Any]) -> int:
    """About what a request from a RequestSource takes in memory."""
    parts = list(request.values())
    for part in request.values():
        if isinstance(part, dict):
            parts += part.values()
    return sum(200 + (len(part) if isinstance(part, str) else len(part.data) if isinstance(part, Body) else 0)
               for part in parts)
