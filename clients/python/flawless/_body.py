"""The beginning of a request's body: kept as it is in the failing thread, parsed in the sender's."""
from __future__ import annotations

import json
import urllib.parse
from typing import Any

MOST_BODY = 8192  # bytes
_TEXT_BODIES = ("application/json", "application/x-www-form-urlencoded", "text/", "application/xml")
_MOST_DEPTH = 32  # the server keeps no deeper values


def is_text_body(content_type: str) -> bool:
    kind = content_type.split(";")[0].strip().lower()
    return kind.startswith(_TEXT_BODIES) or kind.endswith("+json")


class Body:
    __slots__ = ("data", "content_type")

    def __init__(self, data: bytes, content_type: str) -> None:
        self.data, self.content_type = data[:MOST_BODY], content_type

    def parsed(self) -> Any:
        """JSON and forms as an object, so that secrets are found by name; else the text."""
        text = self.data.decode("utf-8", "replace")
        if "json" in self.content_type:
            try:
                return shallow(json.loads(text))
            except (ValueError, RecursionError):
                return text
        if "urlencoded" in self.content_type:
            fields = urllib.parse.parse_qs(text, keep_blank_values=True)
            return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}
        return text


def shallow(value: Any, depth: int = _MOST_DEPTH) -> Any:
    """JSON without what lies too deep."""
    if isinstance(value, list):
        return [shallow(item, depth - 1) for item in value] if depth > 0 else "..."
    if isinstance(value, dict):
        return {name: shallow(item, depth - 1) for name, item in value.items()} if depth > 0 else "..."
    return value
