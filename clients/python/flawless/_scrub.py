"""Secrets are taken out by the name they go by and, in free text, by their shape.

The rules are the server's own, so that a secret does not even leave the process. What is never taken for a secret:
None, True, False and the empty text (often the bug, never the secret), and source code.
"""
from __future__ import annotations

import functools
import re
from typing import Any, Callable, Dict, Iterable, List, Set, Tuple

from ._scrub_shapes import SHORTEST_KEY, SHORTEST_SHAPE, Span, find_cards, find_keys

SCRUBBED = "[scrubbed]"

_BUILT_INS = {
    "anywhere": """
        password passwd passphrase passwort privatekey apikey accesstoken secretkey accesskey clientsecret creditcard
        cardnumber""",
    "words": """
        pass passw pwd pw passcode secret secrets auth authorization credential credentials mysqlpwd bearer jwt crypt
        salt accesstokens authtokens apitokens refreshtokens appkey accountkey sharedkey masterkey encryptionkey
        signingkey hmackey sshkey deploykey authkey licensekey sessionid sessionkey phpsessid jsessionid csrf xsrf
        csrftoken setcookie cardnum cardno cardcvv cardcvc cardverification cardholder nameoncard
        namedeskarteninhabers securitycode expdate ccnumber ccnum ccname cctype ccexp ccmonth ccyear cccsc ccv cvv
        cvc ssn socialsecurity socialsecuritynumber otp totp mfacode awsaccesskeyid sasltoken recoverycodes
        backupcodes""",
    "last words": """
        authentication certificate cookie amzsignature amzcredential""",
    "suffix": """
        secret token aspnetsessionid""",
    "whole": """
        session usersession aiohttpsession symfony connectsid cookies requestcookies cardtype paymenttype
        expirationdate""",
}
# A name that ends so says something about a secret, it is none: token_count, password_changed_at.
_DESCRIPTIONS = frozenset("""
    age at attempts backend backends bits bucket buckets changed class count date dir enabled endpoint exists
    expiration expires expiry factory field fields file fn form func function generator handler helper in label len
    length lifetime limit manager max message method middleware min mode model page path policy provider rate realm
    regex required rules scheme service size status storage store strategy strength through time timeout ttl type uri
    url user username valid validator validators view""".split())

_LONGEST_NAME = 64
_Rule = Tuple[str, str, bool]  # folded name, which part of a name it has to be, built in
_Rules = Dict[str, List[_Rule]]  # by their first character


def _fold(name: str) -> Tuple[str, Set[int]]:
    """The name in lower case (of ASCII) without punctuation, a character per byte, and where its words start."""
    counted = name.endswith("#")  # "card #"
    text = name.encode("utf-8", "surrogatepass")[-(_LONGEST_NAME - 6 * counted):].decode("latin-1")
    folded, starts, at_start = "", set(), True
    for i, c in enumerate(text):
        if not (c.isalnum() if c < "\x80" else True):
            at_start = True
            continue
        hump = "A" <= c <= "Z" and i > 0 and (
            not "A" <= text[i - 1] <= "Z" or "a" <= text[i + 1:i + 2] <= "z")
        if at_start or hump:
            starts.add(len(folded))
        folded += c.lower() if c < "\x80" else c
        at_start = False
    if counted:
        starts.add(len(folded))
        folded += "number"
    return folded, starts


def _rules(names: Iterable[_Rule]) -> _Rules:
    rules: _Rules = {}
    for rule in names:
        if rule[0]:
            rules.setdefault(rule[0][0], []).append(rule)
    return rules


_DEFAULTS = _rules((name, match, True) for match, names in _BUILT_INS.items() for name in names.split())


def _last_word(folded: str, starts: Set[int]) -> str:
    folded = folded.rstrip("0123456789")
    return folded[max((at for at in starts if at < len(folded)), default=0):]


def _is_secret(name: str, own: _Rules) -> bool:
    if name in ("PWD", "OLDPWD"):  # the shell's working directory
        return False
    folded, starts = _fold(name)
    size = len(folded)
    for at, c in enumerate(folded):
        for rule, match, built_in in (*_DEFAULTS.get(c, ()), *own.get(c, ())):
            if not folded.startswith(rule, at) or (at not in starts and match not in ("anywhere", "suffix")):
                continue
            end = at + len(rule)
            after = size - len(folded[end:].lstrip("0123456789"))  # "token2"
            if match == "words" and not (after == size or end in starts or after in starts):
                continue
            if match in ("last words", "suffix", "whole") and after != size or match == "whole" and at > 0:
                continue
            if after == size or not built_in or _last_word(folded, starts) not in _DESCRIPTIONS:
                return True
    return False


def name_checker(extra_names: Iterable[str] = ()) -> Callable[[str], bool]:
    """A function that says whether a value of that name is a secret. Thread-safe; remembers 4096 names."""
    own = _rules((_fold(name)[0], "words", False) for name in extra_names)
    return functools.lru_cache(maxsize=4096)(lambda name: _is_secret(name, own))


# Of these header lines the whole line is the secret.
_HEADERS = frozenset("""
    authorization proxyauthorization cookie setcookie xapikey apikey xauthtoken xcsrftoken xxsrftoken
    xamzsecuritytoken""".split())
_AUTHORITY = re.compile(r"""://([^\s/?#'"`<>]*)@""")
_TOKEN_AS_USER = re.compile(r"[\w.$-]{20,}")
_SCHEME = re.compile(
    r"""([Bb]earer\s{1,9}(?=[^\s'"`&#<>;,)\]}]*[0-9])|[Bb]asic\s{1,9}(?=[^\s'"`&#<>;,)\]}]*[0-9A-Z=]))"""
    r"""[^\s'"`&#<>;,)\]}]{8,}""")
# Or up to a quote, unless it is a value's: Cookie: a="x"; Digest realm="y".
_REST_OF_LINE = re.compile("(?:" + "|".join(rf"={quote}(?:(?!\\[rn])[^\r\n{quote}])*{quote}?" for quote in "'\"`") +
                           r"""|(?!\\[rn])[^\r\n'"`])*""")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_SIGN = re.compile(r"=>|[:=]|%(?:25)*3D", re.IGNORECASE)
_PAIR = re.compile(r"""[(\[{]\s{0,9}\\*[bruf]{0,2}(?P<quote>['"`])(?P<name>[\w .$#\[\]-]{1,64})\\*(?P=quote),""")
_PAIR_END = re.compile(r"\s*(?:[)\]}]|\Z)")
_FORM_LINE_ENDS = ("\r\n", "\n", "\\r\\n", "\\n")
_LONGEST_FORM_HEAD = 300
_OPTION = re.compile(
    r"""(?<![^\s'"`])--(?P<name>[\w.$-]{1,64})['"`]?,?[ \t]+(?![ \t-]|"""
    r"""(?:and|argument|cannot|expects|flag|for|has|is|must|needs|not|option|or|requires|to|was|with)(?![A-Za-z]))""")
_OPENING = re.compile(r"""\s{0,99}(?P<slashes>\\*)(?:[bruf]{0,2}(?P<quote>['"`]))?""", re.IGNORECASE)
_QUOTED = {quote: re.compile(rf"(?:[^{quote}\\]|\\.)*{quote}?", re.DOTALL) for quote in "'\"`"}
_PLAIN = re.compile(
    r"""(?:Bearer|Basic|Digest|Token|Negotiate|ApiKey)\s+[^\s'"`&#<>;,)\]}]+|[^\s'"`&#<>;,)\]}(]+""", re.IGNORECASE)
_QUERY = re.compile(r"""[^\s'"`&#<>]+""")
_WORD_END = re.compile(r"""[^\s'"<>]+""")
_ENCODED = re.compile(r"""(?:(?!%(?:25)*2[63])[^\s'"`&#<>])+""")
_BRACKET = re.compile(r"""[{\[()\]}]|"(?:[^"\\\n]|\\.)*"?|(?<!\w)[bru]{0,2}'(?:[^'\\\n]|\\.)*'?""", re.DOTALL)
_ELEMENT = re.compile(r"<(?P<name>[A-Za-z_][\w.:-]{0,63})(?:\s[^<>]{0,300})?(?<!/)>")
_CLOSING = re.compile(r"</([A-Za-z_][\w.:-]{0,63})")
_QUERY_BEFORE = re.compile(r"[?&#](?:amp;)?[\w.$\[\]%-]{0,64}\Z")
_LINE_WITH_DIGIT = re.compile(r"[ \t]*(?=[^\s'\"]*[0-9])[^\s'\"]+[ \t]*(?=\r|\n|\\[rn]|\Z)")
_LINE_START = re.compile(r"(?:\A|\n)[ -]{0,64}\Z")
_INDEX = re.compile(r"(?:\[\d*\]|%5B\d*%5D)\Z", re.IGNORECASE)
_IN_QUOTES = re.compile(r"[\w .$#\[\]-]+")
_ESCAPE = re.compile(r"%(?:25)*[0-9A-F]{2}\Z", re.IGNORECASE)
_SIGN_OF_OTHER = re.compile(
    r"""\s{0,99},?\s{0,99}\\*[bruf]{0,2}['"`]?(?P<name>name|key|value)\\*['"`]?[ \t]{0,9}(?:=>|[:=])""",
    re.IGNORECASE)
_BARE_WORD = re.compile(r"[\w.$-]*")
_HARMLESS = frozenset(("", "none", "null", "nil", "undefined", "true", "false", "%s", "?", "{}", "[]", "()", SCRUBBED,
                       "[scrubbed", "[filtered]", "[redacted]", "<redacted>"))
_LONGEST_PRINTED = 256
_MOST_PASSES = 6


class _Name:
    """A name in a text, the sign (= or :) after it, and how the name is written."""
    __slots__ = ("text", "begin", "quoted")

    def __init__(self, text: str, begin: int, quoted: bool) -> None:
        self.text, self.begin, self.quoted = text, begin, quoted


def _name_before(text: str, at: int) -> _Name:
    begin = max(0, at - 80)
    near = text[begin:at]
    near = near[:-2].rstrip(" ") + near[-2:].rstrip(" ") if near.endswith(" ") else near
    if near[-1:] in "]dD":
        index = _INDEX.search(near)
        near = near[:index.start()] if index else near
        near = near[:-3] if near[-3:].upper() == "%5D" else near
    quote = near[-1:] if near[-1:] in ("'", '"', "`") else ""
    near = near.rstrip("'\"`]\\")
    if quote:
        inner = near[near.rfind(quote) + 1:]
        if len(inner) < len(near) and _IN_QUOTES.fullmatch(inner):
            return _Name(inner, begin + len(near) - len(inner), True)
    first = len(near)
    while first > 0 and (near[first - 1].isalnum() or near[first - 1] in "_.$-"):
        first -= 1
    if near[first - 1:first] == "%":
        escape = _ESCAPE.match(near, first - 1, first + 2) or _ESCAPE.match(near, first - 1, first + 4)
        first = escape.end() if escape else first
    elif near[first - 1:first] == "\\" and near[first:first + 1] in ("n", "r"):
        first += 1
    return _Name(near[first:], begin + first, bool(quote))


def _past_bracket(text: str, at: int) -> int:
    """Past what the bracket at `at` holds, brackets in quotes aside, or the end: it may have been cut off."""
    depth = 0
    for match in _BRACKET.finditer(text, at):
        bracket = match.group()
        depth += 1 if bracket in "{[(" else -1 if bracket in ")]}" else 0
        if depth == 0:
            return match.end()
    return len(text)


def _within_braces(text: str, at: int) -> bool:
    closed = 0
    for c in reversed(text[max(0, at - 256):at]):
        if c in "}]":
            closed += 1
        elif c in "{[":
            if closed == 0:
                return True
            closed -= 1
    return False


class TextScrubber:
    """Takes secrets out of free text by the server's rules (src/triage/scrub.h): sentences stay readable."""

    def __init__(self, is_secret: Callable[[str], bool], pause: Callable[[], None] = lambda: None) -> None:
        """pause(): called now and then."""
        self._is_secret = is_secret
        self._pause = pause

    def text(self, text: str) -> str:
        if "PRIVATE KEY" in text:
            text = _PRIVATE_KEY.sub(SCRUBBED, text)
        if "://" in text:
            text = _AUTHORITY.sub(_hidden_user_info, text)
        for _ in range(_MOST_PASSES):  # a secret taken out may change how what is around it reads
            spans = self._spans(text)
            if not spans:
                break
            text = _without(text, spans)
        if "earer" in text or "asic" in text:
            text = _SCHEME.sub(r"\1" + SCRUBBED, text)
        return text

    def _spans(self, text: str) -> List[Span]:
        spans: List[Span] = []
        if "=" in text or ":" in text or "%" in text:
            done = 0
            for sign in _SIGN.finditer(text):
                self._pause()
                if sign.start() >= done:
                    span = self._at_sign(text, sign.start(), sign.end())
                    if span is not None:
                        spans.append(span)
                        done = span[1]
        if "--" in text:
            spans += self._found(text, _OPTION, _WORD_END)
        if "'," in text or '",' in text or "`," in text:
            spans += [span for span in self._found(text, _PAIR) if _PAIR_END.match(text, span[1])]
        if len(text) >= SHORTEST_SHAPE:
            spans += find_keys(text, self._pause)
            spans += [card for card in find_cards(text, self._pause) if not _is_id(text, card[0])]
        spans = [span for span in spans if not _is_harmless(text[span[0]:span[1]])]
        return spans + self._in_elements(text) if "<" in text else spans

    def _in_elements(self, text: str) -> List[Span]:
        """Of XML: up to the closing tag; where that was cut off, what follows at once."""
        spans: List[Span] = []
        last_closing: "Dict[str, int] | None" = None
        done = 0
        for element in _ELEMENT.finditer(text):
            self._pause()
            begin = element.end()
            name = element.group("name")
            if begin < done or text.startswith(SCRUBBED, begin) or not self._is_secret(name):
                continue
            if last_closing is None:
                last_closing = {closing.group(1): closing.start() for closing in _CLOSING.finditer(text)}
            is_closed = last_closing.get(name, -1) >= begin  # looked for only then, which keeps the search linear
            if not is_closed and not text[begin:begin + 1].isalnum():
                continue
            done = text.find(f"</{name}", begin) if is_closed else len(text)
            if text[begin:done].strip():
                spans.append((begin, done))
        return spans

    def _found(self, text: str, form: "re.Pattern[str]", plain: "re.Pattern[str]" = _PLAIN) -> List[Span]:
        spans: List[Span] = []
        done = 0  # keeps the scan linear
        for match in form.finditer(text):
            self._pause()
            if match.start() >= done and self._is_secret(match.group("name")):
                spans.append(_value(text, match.end(), plain))
                done = spans[-1][1]
        return spans

    def _at_sign(self, text: str, at: int, after: int) -> "Span | None":
        if text[at:at + 2] in ("::", "==") or text[max(0, at - 1):at] in (":", "=") or text.startswith("//", after):
            return None
        name = _name_before(text, at)
        if not name.text:
            return None
        if not self._is_secret(name.text):
            return self._named_apart_at(text, name.text.lower(), after) if text[at] != "%" else None
        if text[at] == "%":
            return _value(text, after, _ENCODED)
        if text[at] == "=":
            query = _QUERY_BEFORE.search(text[max(0, name.begin - 70):name.begin])
            value = _QUERY.match(text, after, after + 256)
            if query or value and text[value.end():value.end() + 1] == "&":
                return _query_value(text, after)
            return _value(text, after, _PLAIN)
        return _value(text, after, _PLAIN) if name.quoted else self._after_bare_name(text, name, after)

    def _after_bare_name(self, text: str, name: _Name, after: int) -> "Span | None":
        opening = _OPENING.match(text, after)
        if opening and opening.group("quote"):
            begin, end = _value(text, after, _PLAIN)
            return (begin, end) if any(c.isalnum() for c in text[opening.end():end]) else None
        if _fold(name.text)[0] in _HEADERS:
            return _rest_of_line(text, after)
        dash = name.text.rfind("-")
        if dash > 0 and name.text[0].isalpha() and (
                name.text[:2].lower() == "x-" or self._is_secret(name.text[dash + 1:])):
            return _value(text, after, _WORD_END)  # a header
        before = text[max(0, name.begin - 64):name.begin]
        first = before.rstrip()[-1:] in ("{", "[", ",")
        if (first or not text[after:after + 1].isspace()) and _within_braces(text, name.begin):
            return _value(text, after, _PLAIN)
        line = _LINE_WITH_DIGIT.match(text, after) if _LINE_START.search(before) else None
        return _value(text, after, _WORD_END) if line else None

    def _named_apart_at(self, text: str, key: str, at: int) -> "Span | None":
        """{"name": "password", "value": …} in either order, <input name="password" value=…>, and parts of a form."""
        if key not in ("name", "key", "value"):
            return None
        begin, end, past = _printed(text, at)
        if begin == end or key != "value" and not self._is_secret(text[begin:end]):
            return None
        if key != "value":
            part = _part_of_form(text, past)
            if part is not None:
                return part
        sign = _SIGN_OF_OTHER.match(text, past)
        other = sign.group("name").lower() if sign else ""
        if sign is None or (other != "value" if key != "value" else other == "value"):
            return None
        if key != "value":
            return _value(text, sign.end(), _PLAIN)
        name_begin, name_end, _ = _printed(text, sign.end())
        return (begin, end) if self._is_secret(text[name_begin:name_end]) else None

    def tree(self, value: Any) -> Any:
        """The same for every text of a JSON value, and by name for the members of its objects."""
        self._pause()
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            if len(value) == 2 and isinstance(value[0], str):
                name, item = value
                return [self.text(name), SCRUBBED if self._hides(name, item) else self.member(name, item)]
            return self.words(value)
        if isinstance(value, dict):
            apart = self._named_apart(value)
            shown: Dict[str, Any] = {}
            for key, item in value.items():
                name = self._key(key)
                while name in shown:
                    name += "'"
                shown[name] = SCRUBBED if key == apart or self._hides(key, item) else self.member(key, item)
            return shown
        return value

    def _key(self, key: str) -> str:
        return key if len(key) < SHORTEST_KEY else _without(key, find_keys(key, self._pause))

    def member(self, name: str, value: Any) -> Any:
        """Of a value whose name is not secret. A number that goes by the name of an id is no card's."""
        if isinstance(value, str) and name[-1:] in ("d", "D") and value.strip("'\"`").isdecimal() and _is_id_name(name):
            return value
        return self.tree(value)

    def _named_apart(self, members: Dict[str, Any]) -> "str | None":
        """Of {"name": "password", "value": …} the key of the value."""
        by_name = {key.lower(): key for key in members}
        name = members.get(by_name.get("name", by_name.get("key", "")))
        value = by_name.get("value")
        return value if value is not None and isinstance(name, str) and self._hides(name, members[value]) else None

    def _hides(self, name: str, value: Any) -> bool:
        return value is not None and not isinstance(value, bool) and value not in ("", "''") and self._is_secret(name)

    def words(self, words: List[Any]) -> List[Any]:
        """A command line: --password=… and --password …; of any other list its entries."""
        shown = [self.tree(word) for word in words]
        for at, word in enumerate(words[:-1], 1):
            if isinstance(word, str) and "-" in word[:4] and self._is_option(word) and self._hides(word, words[at]):
                shown[at] = SCRUBBED
        return shown

    def _is_option(self, word: str) -> bool:
        """Also as repr() shows it."""
        opening = _OPENING.match(word)
        return "=" not in word and word.startswith("-", opening.end() if opening else 0)

    def cookies(self, header: str) -> Dict[str, str]:
        """The names of a Cookie header; every value is taken for a secret, also one without a name."""
        parts = [part.strip().partition("=") for part in header.split(";") if part.strip()]
        return {name if sign else "": SCRUBBED for name, sign, _ in parts}


def _value(text: str, at: int, plain: "re.Pattern[str]") -> Span:
    """Where the value from `at` on begins and ends: quoted, bracketed or plain."""
    opening = _OPENING.match(text, at)
    assert opening is not None  # it may be empty
    quote, slashes = opening.group("quote"), opening.group("slashes")
    begin = opening.start("slashes")
    if quote and slashes:
        end = text.find(slashes + quote, opening.end())
        return begin, len(text) if end < 0 else end + len(slashes) + 1
    if quote:
        quoted = _QUOTED[quote].match(text, opening.end())
        return begin, quoted.end() if quoted else len(text)
    if text[begin:begin + 1] == "<":
        return begin, begin
    if text[begin:begin + 1] in ("{", "[", "("):
        return (begin, begin) if text.startswith(SCRUBBED, begin) else (begin, _past_bracket(text, begin))
    value = plain.match(text, begin)
    end = value.end() if value else begin
    if end > begin and plain is _PLAIN and text[end:end + 1] == "(":  # SecretStr('x')
        end = _past_bracket(text, end)
    return begin, end


def _is_id_name(name: str) -> bool:
    folded, starts = _fold(name)
    return _last_word(folded, starts) == "id"


def _is_id(text: str, at: int) -> bool:
    """Whether the value at `at` goes by the name of an id: order_id=…, "id": "…"."""
    near = text[max(0, at - 5):at]
    before = near.rstrip(" '\"`\\")
    return before[-1:] in ("=", ":") and _is_id_name(_name_before(text, at - len(near) + len(before) - 1).text)


def _query_value(text: str, at: int) -> Span:
    """Up to '&', whatever else is in it; at the very end punctuation belongs to the text around."""
    value = _QUERY.match(text, at)
    if value is None:
        return _value(text, at, _PLAIN)
    end = value.end()
    if text[end:end + 1] != "&":
        end = at + len(value.group().rstrip(")]},;.\\"))
    return (at, at) if text.startswith(SCRUBBED, at) else (at, end)


def _is_harmless(value: str) -> bool:
    value = value.strip()
    opening = _OPENING.match(value)
    if opening and opening.group("quote"):
        closing = opening.group("slashes") + opening.group("quote")
        value = value[opening.end():]
        value = value[:-len(closing)] if value.endswith(closing) else value
    if value.startswith("<") and value.endswith(">") and \
            (" at 0x" in value or value.startswith(("<class ", "<function "))):
        return True
    return len(value) < 12 and value.lower() in _HARMLESS or not value.strip("*") or not value.strip("-")


def _hidden_user_info(authority: "re.Match[str]") -> str:
    """user:password@host: the password; a long name without one is a token."""
    name, colon, password = authority.group(1).partition(":")
    if colon and password:
        return f"://{name}:{SCRUBBED}@"
    return f"://{SCRUBBED}@" if not colon and _TOKEN_AS_USER.fullmatch(name) else authority.group()


def _rest_of_line(text: str, at: int) -> Span:
    begin = at + len(text[at:at + 99]) - len(text[at:at + 99].lstrip(" \t"))
    rest = _REST_OF_LINE.match(text, begin)
    return begin, begin if rest is None or text.startswith(SCRUBBED, begin) else rest.end()


def _printed(text: str, at: int) -> Tuple[int, int, int]:
    """Of a text in quotes or a word of moderate length: where it begins, ends, and is past its quote."""
    opening = _OPENING.match(text, at)
    assert opening is not None  # it may be empty
    quote, slashes, begin = opening.group("quote"), opening.group("slashes"), opening.end()
    most = begin + _LONGEST_PRINTED
    if not quote:
        word = _BARE_WORD.match(text, begin, most)
        return begin, word.end() if word else begin, word.end() if word else begin
    if slashes:
        end = text.find(slashes + quote, begin, most)
        return (begin, end, end + len(slashes) + 1) if end >= 0 else (begin, begin, begin)
    quoted = _QUOTED[quote].match(text, begin, most)
    past = quoted.end() if quoted else begin
    return (begin, past - 1, past) if past > begin and text[past - 1] == quote else (begin, begin, begin)


def _part_of_form(text: str, at: int) -> "Span | None":
    """After name="password" an empty line, then the value up to the boundary."""
    if text.find("form-data", max(0, at - _LONGEST_FORM_HEAD), at + _LONGEST_FORM_HEAD) < 0:
        return None
    for line in _FORM_LINE_ENDS:
        empty = text.find(line + line, at, at + _LONGEST_FORM_HEAD)
        if empty >= 0:
            begin = empty + 2 * len(line)
            end = text.find(line + "--", begin)
            return begin, end if end >= 0 else len(text)
    return None


def _without(text: str, spans: List[Span]) -> str:
    parts: List[str] = []
    done = 0
    for begin, end in sorted(spans):
        if begin >= done:
            parts += (text[done:begin], SCRUBBED)
        done = max(done, end)
    return "".join(parts) + text[done:]
