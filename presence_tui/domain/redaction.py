"""Mask credentials in logs and messages. Process-wide, like logging.

Credentials register themselves when created, and ``redact`` replaces each wherever it occurs, also as
escaped by ``repr``, JSON or a URL. Patterns that are always credentials, such as JSON Web
Tokens and ``Authorization`` headers, are replaced without registration.
"""

import json
import re
import threading
from collections.abc import Iterable, Iterator
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
_NAMES: Final = r"""(?:(?:proxy-)?authorization|(?:set-)?cookie|[\w-]*tokens?|session|jwt|password|secret
        |challenge|pid|api_?key)"""
"""Names of fields with credentials."""
_PARTS_OF_NAMES: Final = (
    "authorization",
    "cookie",
    "token",
    "session",
    "jwt",
    "password",
    "secret",
    "challenge",
    "pid",
    "apikey",
    "api_key",
)
"""One of these occurs in each of them, in any case."""
_FIELD: Final = re.compile(
    rf"""(?P<name>(?P<q>\\?["']){_NAMES}(?P=q)\s*:\s*)
        (?:b?(?P<v>\\?["']).*?(?<!\\)(?P=v) | \[[^\]]{{0,1000}}\] | \{{[^}}]{{0,1000}}\}})""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_QUERY: Final = re.compile(rf"(?P<name>[?&]{_NAMES}=)[^&\s'\"\\]+", re.VERBOSE | re.IGNORECASE)
_ESCAPED: Final = re.compile(r"\\(?:u00(?P<code>[2-7][0-9a-fA-F])|/)")
"""JSON may spell any character so."""
_BEGINNINGS: Final = (("J", "eyJ"), ("_", "whsec_"), ("earer", "earer"), ("/", "://"))
"""One of these occurs in each text that ``_TOKEN_LIKE`` matches. First a part of it that is found faster: a
single rare character, a hundred times.
"""


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
        self._spellings: list[str] = []
        self._without_beginning: tuple[str, ...] = ()
        """Spellings that contain neither a backslash nor one of ``_BEGINNINGS``."""
        self._lock = threading.Lock()

    def add(self, secret: str) -> None:
        if not secret or secret in self._known:
            return
        with self._lock:
            self._known[secret] = None
            while len(self._known) > _MOST_SECRETS:
                del self._known[next(iter(self._known))]
            self._pattern = None
            self._spellings = _spellings_of(self._known)
            self._without_beginning = tuple(
                each for each in self._spellings if not ("\\" in each or _may_hold_token(each))
            )

    def masked(self, text: str) -> str:
        with self._lock:
            if self._pattern is None and self._known:
                self._pattern = re.compile("|".join(map(_as_pattern, self._spellings)))
            pattern, spellings = self._pattern, self._spellings
        if pattern is None or not any(spelling in text for spelling in spellings):
            return text
        return pattern.sub(MASK, text)

    def may_occur_in(self, text: str) -> bool:
        # A plain loop: this runs for each batch of events.
        for spelling in self._without_beginning:  # noqa: SIM110
            if spelling in text:
                return True
        return False


_secrets: Final = _Secrets()


def register_secret(secret: str) -> None:
    """Let ``redact`` replace a secret from now on. Empty ones are ignored."""
    _secrets.add(secret)


def redact(text: str) -> str:
    """Replace every credential by ``MASK``."""
    masked = _redact_plain(text)
    if "\\" in masked:
        plain = _ESCAPED.sub(_unescaped, masked)
        if plain != masked and (masked_plain := _redact_plain(plain)) != plain:
            return masked_plain
    return masked


def may_hold_credentials(text: str) -> bool:
    """False if ``redact`` would change nothing of a text whose field names are known to be harmless.

    Fast: it runs for each batch of events.
    """
    # An escape may hide one.
    return "\\" in text or _may_hold_token(text) or _secrets.may_occur_in(text)


def _redact_plain(text: str) -> str:
    text = _secrets.masked(text)
    if _may_name_credentials(text):
        text = _FIELD.sub(_masked_field, text)
        text = _QUERY.sub(rf"\g<name>{MASK}", text)
    return _TOKEN_LIKE.sub(MASK, text) if _may_hold_token(text) else text


def _may_name_credentials(text: str) -> bool:
    """False if neither ``_FIELD`` nor ``_QUERY`` matches; the patterns take twenty times as long, which stops
    the screen for a long snapshot.
    """
    folded = text.casefold()
    return any(part in folded for part in _PARTS_OF_NAMES)


def _may_hold_token(text: str) -> bool:
    """False if ``_TOKEN_LIKE`` does not match."""
    # A plain loop: this runs for each batch of events.
    for rare, beginning in _BEGINNINGS:  # noqa: SIM110
        if rare in text and beginning in text:
            return True
    return False


def _masked_field(found: re.Match[str]) -> str:
    quote_mark = found["v"] or found["q"]
    return f"{found['name']}{quote_mark}{MASK}{quote_mark}"


def _unescaped(found: re.Match[str]) -> str:
    code = found["code"]
    character = chr(int(code, 16)) if code else "/"
    return f"\\{character}" if character in '\\"' else character


def _spellings_of(secrets: Iterable[str]) -> list[str]:
    """The longest first, because one secret may be a prefix of another."""
    return sorted({spelling for secret in secrets for spelling in _spellings(secret)}, key=len, reverse=True)


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
