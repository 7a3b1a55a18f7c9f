"""Mask credentials in logs and messages. Process-wide, like logging.

Credentials register themselves when created, and ``redact`` replaces each wherever it occurs, also as
escaped by ``repr``, JSON or a URL. Patterns that are always credentials, such as JSON Web
Tokens and ``Authorization`` headers, are replaced without registration.
"""

import json
import re
import threading
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, quote_plus

MASK: Final = "[masked]"
_MOST_SECRETS: Final = 1_000
"""Tokens are refreshed as long as the monitor runs; the oldest are dropped."""
_SHORT: Final = 8
"""A shorter secret is only replaced as a whole word, or ordinary text would be lost."""

_TOKEN_LIKE: Final = re.compile(
    r"""
    eyJ[\w-]{4,}(?:\.[\w-]*){1,4}                      # a JSON Web Token
    | (?<=whsec_)[\w+/=-]+                              # a webhook's signing secret
    | (?<=[Bb]earer\s)[^\s'",}\])]+                     # the value of an Authorization header
    | (?<=://)[^\s/@'"]+(?=@)                           # user and password in a URL
    """,
    re.VERBOSE,
)
_FIELD: Final = re.compile(
    r"""(?P<name>(?P<q>\\?["'])
        (?:authorization|proxy-authorization|cookie|set-cookie|x-session-token|(?:auth|session|two_?factor)_?token
        |token|session|jwt|password|secret|challenge|pid)
        (?P=q)\s*:\s*)b?(?P<v>\\?["']).*?(?<!\\)(?P=v)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


class MaskedRepr:
    """The first base of a struct with credentials: its ``repr`` shows no fields."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({MASK})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("", MASK)]


class _Secrets:
    """The registered credentials, and a pattern that finds them."""

    def __init__(self) -> None:
        self._known: dict[str, None] = {}
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()

    def add(self, secret: str) -> None:
        if not secret or secret in self._known:
            return
        with self._lock:
            self._known[secret] = None
            while len(self._known) > _MOST_SECRETS:
                del self._known[next(iter(self._known))]
            self._pattern = None

    def masked(self, text: str) -> str:
        with self._lock:
            if self._pattern is None and self._known:
                self._pattern = _any_of(self._known)
            pattern = self._pattern
        return text if pattern is None else pattern.sub(MASK, text)


_secrets: Final = _Secrets()


def register_secret(secret: str) -> None:
    """Let ``redact`` replace a secret from now on. Empty ones are ignored."""
    _secrets.add(secret)


def redact(text: str) -> str:
    """Replace every credential by ``MASK``."""
    text = _secrets.masked(text)
    text = _FIELD.sub(rf"\g<name>\g<v>{MASK}\g<v>", text)
    return _TOKEN_LIKE.sub(MASK, text)


def _any_of(secrets: dict[str, None]) -> re.Pattern[str]:
    spellings = {spelling for secret in secrets for spelling in _spellings(secret)}
    # The longest first, because one secret may be a prefix of another.
    return re.compile("|".join(map(_as_pattern, sorted(spellings, key=len, reverse=True))))


def _spellings(secret: str) -> set[str]:
    in_urls = (quote(secret, errors="replace"), quote_plus(secret, errors="replace"))
    once = {secret, *_quoted(secret)}
    # The message of an exception often contains a ``repr``, and is itself shown by ``repr``.
    return {*in_urls, *once, *(spelling for quoted in once for spelling in _quoted(quoted))}


def _quoted(text: str) -> Iterator[str]:
    for spelling in (repr(text), ascii(text), json.dumps(text), json.dumps(text, ensure_ascii=False)):
        yield spelling[1:-1]


def _as_pattern(spelling: str) -> str:
    found = re.escape(spelling)
    return found if len(spelling) >= _SHORT else rf"(?<!\w){found}(?!\w)"
