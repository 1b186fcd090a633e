"""Secrets that show by themselves what they are, whatever stands beside them: keys by how their makers have them begin,
JSON Web Tokens, numbers of payment cards.

The rules are the server's own (src/triage/scrub_shapes.cc). Linear time: no form is tried within what it has read,
or it reads a few characters only.
"""
from __future__ import annotations

import re
from typing import Callable, List, Tuple

Span = Tuple[int, int]

# What a key is made of behind its first letters, and these with how many follow at least.
_BODIES = {"upper": "A-Z0-9", "alnum": "A-Za-z0-9", "word": "A-Za-z0-9_", "dashed": "A-Za-z0-9_-",
           "path": "A-Za-z0-9/"}  # path: behind an address that stays
_SHAPES = {
    "AIza": ("dashed", 35), "AKIA": ("upper", 16), "ASIA": ("upper", 16),
    "gho_": ("alnum", 36), "ghp_": ("alnum", 36), "ghr_": ("alnum", 36), "ghs_": ("alnum", 36), "ghu_": ("alnum", 36),
    "github_pat_": ("word", 40), "glpat-": ("dashed", 20), "hooks.slack.com/services/": ("path", 30),
    "npm_": ("alnum", 36), "pypi-AgE": ("dashed", 40),
    "rk_live_": ("alnum", 24), "rk_test_": ("alnum", 24), "sk_live_": ("alnum", 24), "sk_test_": ("alnum", 24),
    "sk-": ("alnum", 32), "sk-admin-": ("dashed", 20), "sk-ant-": ("dashed", 20), "sk-or-": ("dashed", 20),
    "sk-proj-": ("dashed", 20), "sk-svcacct-": ("dashed", 20),
    "xoxa-": ("dashed", 20), "xoxb-": ("dashed", 20), "xoxp-": ("dashed", 20), "xoxr-": ("dashed", 20),
    "xoxs-": ("dashed", 20),
}
_ENOUGH = 12  # of one that was cut off
SHORTEST_SHAPE = 14  # cut off or not
SHORTEST_KEY = 20


def _begins_with(first: str, then: str = "") -> str:
    """That at the beginning of a word. What is left of "\\n", "%20" and "%2520" is no part of it.

    The letters, and what must follow, come before what is asked of the place: re jumps to them.
    """
    return (rf"{first}{then}(?:(?<![A-Za-z0-9_]{first})|(?<=\\[nrt]{first})|(?<=%[0-9A-Fa-f][0-9A-Fa-f]{first})|"
            rf"(?<=%25[0-9A-Fa-f][0-9A-Fa-f]{first}))")


_Form = Tuple[str, "re.Pattern[str]", List[Tuple[str, int]]]


def _key_form(letters: str) -> _Form:
    """Of all shapes that begin with these letters. The groups are their bodies, in the order of the shapes."""
    firsts = sorted((first for first in _SHAPES if first.startswith(letters)), key=len, reverse=True)
    shapes = [_SHAPES[first] for first in firsts]
    no_dash = f"(?<!-{letters})"  # each stretch is looked at once
    rests = [rf"{no_dash if body == 'dashed' else ''}{first[len(letters):]}([{_BODIES[body]}]{{{_ENOUGH},}})"
             for first, (body, _) in zip(firsts, shapes)]
    return letters, re.compile(f"{_begins_with(re.escape(letters))}(?:{'|'.join(rests)})"), shapes


_KEY_FORMS = [_key_form(letters) for letters in (
    "AIza", "AKIA", "ASIA", "gh", "github_pat_", "glpat-", "hooks.slack.com/services/", "npm_", "pypi-AgE", "rk_",
    "sk_", "sk-", "xox")]
# Two JSON objects ("eyJ" is {" in base64url) and, if it was not cut off, a signature.
_WEB_TOKEN = re.compile(_begins_with("eyJ") + r"(?<!-eyJ)[\w-]{9,}\.eyJ[\w-]{9,}(?:\.[\w-]+)?", re.ASCII)
_SENDGRID_KEY = re.compile(_begins_with(r"SG\.") + r"[\w-]{22}\.([\w-]{12,})", re.ASCII)
_LEAST_OF_SENDGRID_KEY = 43
_CUT = re.compile("['\"`]?(?:\\Z|\\.\\.\\.|…)")

# As it is, or in groups as it is embossed. Not what is part of something longer, a decimal, negative, a piece of a
# path, or numbered ("#4"). Only its first digit is passed: of "%224111…" the number begins at the second.
_CARD = re.compile(
    _begins_with("[2-6]", "(?=[0-9]{3})") + r"(?<![-./#][2-6])(?=(?P<rest>[0-9]{13,18}(?![0-9])|"
    r"[0-9]{3}(?P<by>[ +-])(?:[0-9]{6}(?P=by)[0-9]{4,5}|[0-9]{4}(?P=by)[0-9]{4}(?P=by)[0-9]{4})(?![0-9])))")
_LAST_OF_CARD = re.compile(r"([ +-])[0-9]{3}(?![0-9])")
_GOES_ON = re.compile(r"[A-Za-z0-9_]|\.[0-9]|-[A-Za-z0-9_]")
# A dump in columns, an IBAN: groups of four that go on.
_COLUMN_AFTER = re.compile(r"[0-9A-Fa-f]{4}(?![A-Za-z0-9_])")
_COLUMN_BEFORE = re.compile(r"(?:\A|[^A-Za-z0-9_])[0-9A-Fa-f]{4}.\Z", re.DOTALL)
_ISSUERS = {  # by the number of digits the first four of the number
    14: ((3000, 3059), (3600, 3699), (3800, 3999)), 15: ((3400, 3499), (3700, 3799)),
    16: ((2200, 2204), (2221, 2720), (3528, 3589), (4000, 4999), (5100, 5599), (6011, 6011), (6200, 6299),
         (6440, 6599)),
    17: ((6200, 6299),), 18: ((6200, 6299),), 19: ((6200, 6299),)}


def find_keys(text: str, pause: Callable[[], None]) -> List[Span]:
    """pause(): called now and then."""
    spans: List[Span] = []
    for letters, pattern, shapes in _KEY_FORMS:
        if letters not in text:
            continue
        for key in pattern.finditer(text):
            pause()
            group = key.lastindex or 0
            body, least = shapes[group - 1]
            begin, end = key.span(group)
            if _is_enough(text, end - begin, least, end) and (body == "upper" or _looks_random(key.group(group))):
                spans.append((begin if body == "path" else key.start(), end))
    if ".eyJ" in text:
        spans += [token.span() for token in _WEB_TOKEN.finditer(text)]
    if "SG." in text:
        spans += [key.span() for key in _SENDGRID_KEY.finditer(text)
                  if _is_enough(text, len(key.group(1)), _LEAST_OF_SENDGRID_KEY, key.end())]
    return spans


def find_cards(text: str, pause: Callable[[], None]) -> List[Span]:
    """Whatever name they go by. pause(): called now and then."""
    spans: List[Span] = []
    done = 0
    for first in _CARD.finditer(text):
        pause()
        begin = first.start()
        end = _end_of_card(text, begin, first.end("rest"), first.group("by")) if begin >= done else begin
        if end > begin:
            spans.append((begin, end))
            done = end
    return spans


def _end_of_card(text: str, begin: int, end: int, by: "str | None") -> int:
    """`begin` if it is none. by: what stands between its groups."""
    last = _LAST_OF_CARD.match(text, end) if by and end - begin == 19 else None
    if last and last.group(1) == by and _is_card(text[begin:last.end()]):
        end = last.end()
    elif not _is_card(text[begin:end]):
        return begin
    if by and (text[begin - 1:begin] == by and _COLUMN_BEFORE.search(text[max(0, begin - 6):begin]) or
               text[end:end + 1] == by and _COLUMN_AFTER.match(text, end + 1)):
        return begin
    return begin if _GOES_ON.match(text, end) else end


def _is_card(number: str) -> bool:
    digits = [int(c) for c in number if c in "0123456789"]
    prefix = int("".join(map(str, digits[:4])))
    if not any(first <= prefix <= last for first, last in _ISSUERS[len(digits)]):
        return False
    doubled = [2 * digit - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def _looks_random(key: str) -> bool:
    """A name is of one kind of letters."""
    return 1 < sum(bool(re.search(kind, key)) for kind in ("[a-z]", "[A-Z]", "[0-9]"))


def _is_enough(text: str, size: int, least: int, end: int) -> bool:
    return size >= least or size >= _ENOUGH and _CUT.match(text, end) is not None
