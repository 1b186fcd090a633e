"""Secrets are taken out by the name they go by and, in free text, by their shape.

The rules are the server's own, so that a secret does not even leave the process. What is never taken for a secret:
None, True, False and the empty text (often the bug, never the secret), and source code.
"""
from __future__ import annotations

import functools
import re
from typing import Any, Callable, Dict, FrozenSet, Iterable, List, Tuple

SCRUBBED = "[scrubbed]"

_ANYWHERE = ("password", "passwd", "passphrase", "passwort", "privatekey", "apikey", "accesstoken", "secretkey",
             "accesskey", "clientsecret", "creditcard", "cardnumber")
_SUFFIXES = ("secret", "token", "aspnetsessionid")
_WHOLE = frozenset(("session", "connectsid", "cookies"))
_LAST_WORDS = frozenset(("authentication", "cookie", "amzsignature", "amzcredential"))
_WORDS = frozenset("""
    pwd pw passcode secret secrets auth authorization credential credentials mysqlpwd bearer jwt accesstokens authtokens
    apitokens refreshtokens appkey masterkey encryptionkey signingkey sshkey authkey licensekey sessionid sessionkey
    phpsessid jsessionid csrf xsrf csrftoken setcookie ccnumber ccnum cardno cardcvv cardcvc cvv cvc ssn socialsecurity
    socialsecuritynumber otp totp mfacode awsaccesskeyid sasltoken recoverycodes backupcodes""".split())
# A name that ends so says something about a secret, it is none: token_count, password_changed_at.
_DESCRIPTIONS = frozenset("""
    age at attempts backend backends bits bucket buckets changed class count date dir enabled endpoint exists expires
    expiry expiration factory field fields file fn form func function generator handler helper in label len length
    lifetime limit manager max message method middleware min mode model page path policy provider realm regex required
    rules scheme service size status storage store strategy strength time timeout ttl type uri url user username valid
    validator validators view""".split())

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[0-9]+")
_LONGEST_NAME = 64
_LONGEST_RULE_WORDS = 4


def _words(name: str) -> List[str]:
    words = [word.lower().rstrip("0123456789") for word in _WORD.findall(name[-_LONGEST_NAME:])]
    return [word for word in words if word]


def _runs(words: List[str]) -> Iterable[Tuple[str, bool]]:
    """Every run of a few whole words as one, and whether it is at the end."""
    for begin in range(len(words)):
        for end in range(begin + 1, min(len(words), begin + _LONGEST_RULE_WORDS) + 1):
            yield "".join(words[begin:end]), end == len(words)


def _is_secret(name: str, extra: FrozenSet[str]) -> bool:
    if name in ("PWD", "OLDPWD"):  # the shell's working directory
        return False
    words = _words(name)
    if not words:
        return False
    runs = list(_runs(words))
    if any(run in extra for run, _ in runs):
        return True
    whole = "".join(words)
    if whole in _WHOLE or whole.endswith(_SUFFIXES):
        return True
    if any((run in _WORDS or run in _LAST_WORDS) and at_end for run, at_end in runs):
        return True
    if any(whole.endswith(rule) for rule in _ANYWHERE):
        return True
    if words[-1] in _DESCRIPTIONS:
        return False
    return any(run in _WORDS for run, _ in runs) or any(rule in whole for rule in _ANYWHERE)


def name_checker(extra_names: Iterable[str] = ()) -> Callable[[str], bool]:
    """A function that says whether a value of that name is a secret. Thread-safe; remembers 4096 names."""
    extra = frozenset("".join(_words(name)) for name in extra_names) - {""}
    return functools.lru_cache(maxsize=4096)(lambda name: _is_secret(name, extra))


_USER_INFO = re.compile(r"(://[^\s/?#@:'\"]*:)[^\s/?#@'\"]+(?=@)")
_SCHEME = re.compile(r"\b(Bearer|Basic)(\s+)[A-Za-z0-9._~+/=-]{8,}")
_HEADER_LINE = re.compile(r"\b((?:Set-)?Cookie2?|(?:Proxy-)?Authorization)(\s{0,3}:\s{0,3})"
                          r"(?:(?!\\[rn])[^\r\n'\"])+", re.IGNORECASE)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_PAIR = re.compile(
    r"""(?P<name>[A-Za-z_][\w.-]{0,80})(?P<between>['"]?\s{0,3}[:=]\s{0,3})"""
    r"""(?P<value>[bru]{0,2}'(?:[^'\\]|\\.)*'?|[bru]{0,2}"(?:[^"\\]|\\.)*"?|(?:Bearer|Basic)\s+[^\s,;&)}\]]+|"""
    r"""[^\s,;&)}\]'"]+)""", re.DOTALL)
_HARMLESS = frozenset(("none", "null", "true", "false", "''", '""', "b''", "u''", SCRUBBED, "[scrubbed"))


class TextScrubber:
    """Takes secrets out of free text: user:password@ in URLs, name=value, "name": value, Bearer …, private keys."""

    def __init__(self, is_secret: Callable[[str], bool]) -> None:
        self._is_secret = is_secret

    def _pair(self, match: "re.Match[str]") -> str:
        value = match.group("value")
        if value.lower() in _HARMLESS or value.startswith(("<", "[", "//", "*")):
            return match.group(0)
        if not self._is_secret(match.group("name")):
            return match.group(0)
        return match.group("name") + match.group("between") + SCRUBBED

    def text(self, text: str) -> str:
        if "PRIVATE KEY" in text:
            text = _PRIVATE_KEY.sub(SCRUBBED, text)
        if "=" in text or ":" in text:
            if "://" in text:
                text = _USER_INFO.sub(r"\g<1>" + SCRUBBED, text)
            text = _HEADER_LINE.sub(r"\1\2" + SCRUBBED, text)
            text = _PAIR.sub(self._pair, text)
        if "Bearer" in text or "Basic" in text:
            text = _SCHEME.sub(r"\1\2" + SCRUBBED, text)
        return text

    def tree(self, value: Any) -> Any:
        """The same for every text of a JSON value, and by name for the members of its objects."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.tree(item) for item in value]
        if isinstance(value, dict):
            return {key: SCRUBBED if self._hides(key, item) else self.tree(item) for key, item in value.items()}
        return value

    def _hides(self, name: str, value: Any) -> bool:
        return value is not None and not isinstance(value, bool) and value not in ("", "''") and self._is_secret(name)

    def words(self, words: List[str]) -> List[str]:
        """A command line: --password=… and --password …"""
        hidden = [SCRUBBED if before.startswith("-") and "=" not in before and self._is_secret(before) else word
                  for before, word in zip(["", *words], words)]
        return [self.text(word) for word in hidden]

    def cookies(self, header: str) -> Dict[str, str]:
        """The names of a Cookie header; every value is taken for a secret."""
        names = [part.split("=", 1)[0].strip() for part in header.split(";")]
        return {name: SCRUBBED for name in names if name}
