"""Source text of frames, read outside the application's thread."""
from __future__ import annotations

import dis
import linecache
import re
from types import CodeType
from typing import Any, Dict, List

_MOST_CHARACTERS = 500


def last_line(code: CodeType) -> int:
    """The last line of a function, its inner functions included."""
    if hasattr(code, "co_lines"):
        lines = [line for _, _, line in code.co_lines() if line]
    else:
        lines = [line for _, line in dis.findlinestarts(code) if line]
    lines += [last_line(inner) for inner in code.co_consts if isinstance(inner, CodeType)]
    return max(lines, default=code.co_firstlineno)


def code_around(filename: str, line: int, code: CodeType, context: int) -> Dict[str, Any]:
    """"code", "code_before" and "code_after"; empty if the source is unknown or is no longer what was loaded."""
    lines = linecache.getlines(filename)
    if not 0 < line <= len(lines) or _is_other_source(lines, line, code):
        return {}

    def cut(some: List[str]) -> List[str]:
        return [text.rstrip("\r\n")[:_MOST_CHARACTERS] for text in some]
    found: Dict[str, Any] = {"code": cut([lines[line - 1]])[0]}
    if context > 0:
        found["code_before"] = cut(lines[max(0, line - 1 - context):line - 1])
        found["code_after"] = cut(lines[line:line + context])
    return found


def _is_other_source(lines: List[str], line: int, code: CodeType) -> bool:
    """The file was changed since it was loaded, as far as can be seen: the function's def is not where it was."""
    name = code.co_name
    if not name.isidentifier():
        return False
    head = "".join(lines[code.co_firstlineno - 1:line])
    return re.search(r"\b(?:def|class)\s+" + re.escape(name) + r"\b", head) is None
