"""Filter expressions for packets, in the style of mitmproxy.

    ~e user:status !~v applied          both conditions
    ~p ada & (~d out | ~v late)         "&" binds closer than "|"; "!" closest

A word without an operator is searched for in the text, like ``~t``. Words that contain spaces, parentheses,
``&``, ``|`` or ``!`` are quoted by ``"`` or ``'``; ``\\`` takes the next character as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from presence_tui.domain.enums import Direction, Verdict
from presence_tui.domain.translatable import Phrase, PhraseError, phrase

LONGEST: Final = 500
DEEPEST: Final = 30
"""Nesting of parentheses and "!"."""

_SPECIAL: Final = "()&|!"
_QUOTES: Final = "\"'"


class PacketFields(Protocol):
    """What an expression can ask about a packet."""

    @property
    def event(self) -> str: ...

    @property
    def direction(self) -> Direction: ...

    @property
    def verdict(self) -> Verdict: ...

    @property
    def epoch(self) -> int: ...

    @property
    def is_marked(self) -> bool: ...

    def is_about(self, word: str) -> bool:
        """True if the participant has this key, or the word in their name or handle."""
        ...

    def contains(self, word: str) -> bool:
        """True if the text contains the casefolded word, whatever its case."""
        ...


Matches = Callable[[PacketFields], bool]
"""A parsed expression."""


class FilterError(PhraseError):
    """An expression that cannot be understood."""

    def __init__(self, reason: Phrase, position: int) -> None:
        self.position = position
        """Number of the character where the error is, from 1."""
        super().__init__(phrase("at {position}: {reason}", position=position, reason=reason))


def parse_filter(text: str) -> Matches:
    """Parse an expression; an empty one matches every packet. Raises ``FilterError``."""
    if len(text) > LONGEST:
        raise FilterError(phrase("longer than {most} characters", most=LONGEST), LONGEST + 1)
    tokens = _tokens(text)
    if not tokens:
        return lambda packet: True
    return _Parser(tokens, len(text) + 1).parse()


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    position: int
    is_word: bool
    """False for parentheses, "&", "|", "!" and operators such as "~e"."""


class _Parser:
    """By recursive descent: alternatives of conjunctions of conditions."""

    def __init__(self, tokens: list[_Token], end: int) -> None:
        self._tokens = tokens
        self._end = end
        self._at = 0
        self._depth = 0

    def parse(self) -> Matches:
        matches = self._alternatives()
        if (token := self._seen()) is not None:
            # Only a closing parenthesis ends alternatives.
            raise FilterError(phrase("a parenthesis that was not opened"), token.position)
        return matches

    def _alternatives(self) -> Matches:
        parts = [self._conjunction()]
        while self._takes("|"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else lambda packet: any(part(packet) for part in parts)

    def _conjunction(self) -> Matches:
        parts = [self._condition()]
        while (token := self._seen()) is not None and (token.is_word or token.text not in ("|", ")")):
            self._takes("&")
            parts.append(self._condition())
        return parts[0] if len(parts) == 1 else lambda packet: all(part(packet) for part in parts)

    def _condition(self) -> Matches:
        token = self._seen()
        if token is None:
            raise FilterError(phrase("a condition is missing"), self._end)
        self._at += 1
        if token.is_word:
            return _contains(token.text)
        if token.text == "!":
            inner = self._nested(token, self._condition)
            return lambda packet: not inner(packet)
        if token.text == "(":
            inner = self._nested(token, self._alternatives)
            if not self._takes(")"):
                raise FilterError(phrase("a parenthesis is not closed"), token.position)
            return inner
        if token.text in ("&", "|", ")"):
            raise FilterError(phrase("a condition is missing"), token.position)
        if token.text == "~m":
            return lambda packet: packet.is_marked
        make = _OPERATORS.get(token.text)
        if make is None:
            known = " ".join(OPERATORS)
            raise FilterError(phrase("not one of {known}", known=known), token.position)
        word = self._seen()
        if word is None or not word.is_word:
            raise FilterError(
                phrase("a word is missing after {operator}", operator=token.text),
                self._end if word is None else word.position,
            )
        self._at += 1
        return make(word.text, word.position)

    def _nested(self, token: _Token, parse: Callable[[], Matches]) -> Matches:
        self._depth += 1
        if self._depth > DEEPEST:
            raise FilterError(phrase("nested too deeply"), token.position)
        inner = parse()
        self._depth -= 1
        return inner

    def _seen(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _takes(self, text: str) -> bool:
        token = self._seen()
        if token is None or token.is_word or token.text != text:
            return False
        self._at += 1
        return True


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        character = text[at]
        if character.isspace():
            at += 1
        elif character in _SPECIAL:
            tokens.append(_Token(character, at + 1, is_word=False))
            at += 1
        elif character == "~":
            end = at + 1
            while end < len(text) and text[end].isalpha():
                end += 1
            tokens.append(_Token(text[at:end], at + 1, is_word=False))
            at = end
        else:
            word, end = _word(text, at)
            tokens.append(_Token(word, at + 1, is_word=True))
            at = end
    return tokens


def _word(text: str, start: int) -> tuple[str, int]:
    """A word, with its quotes and backslashes resolved, and where it ends."""
    quote = text[start] if text[start] in _QUOTES else ""
    word: list[str] = []
    at = start + len(quote)
    while at < len(text):
        character = text[at]
        if character == "\\" and at + 1 < len(text):
            at += 1
            word.append(text[at])
        elif character == quote:
            return "".join(word), at + 1
        elif not quote and (character.isspace() or character in _SPECIAL):
            break
        else:
            word.append(character)
        at += 1
    if quote:
        raise FilterError(phrase("a quote is not closed"), start + 1)
    return "".join(word), at


def _contains(word: str, position: int = 0) -> Matches:
    folded = word.casefold()
    return lambda packet: packet.contains(folded)


def _event(word: str, position: int) -> Matches:
    folded = word.casefold()
    return lambda packet: folded in packet.event.casefold()


def _participant(word: str, position: int) -> Matches:
    return lambda packet: packet.is_about(word)


def _verdict(word: str, position: int) -> Matches:
    if word.lower() not in set(Verdict):
        raise FilterError(phrase("not one of {known}", known=" ".join(Verdict)), position)
    verdict = Verdict(word.lower())
    return lambda packet: packet.verdict is verdict


def _direction(word: str, position: int) -> Matches:
    if word.lower() not in set(Direction):
        raise FilterError(phrase("not one of {known}", known=" ".join(Direction)), position)
    direction = Direction(word.lower())
    return lambda packet: packet.direction is direction


def _connection(word: str, position: int) -> Matches:
    if not (word.isascii() and word.isdecimal() and len(word) < 10):
        raise FilterError(phrase("no number of a connection"), position)
    epoch = int(word)
    return lambda packet: packet.epoch == epoch


_OPERATORS: Final[dict[str, Callable[[str, int], Matches]]] = {
    "~e": _event,
    "~p": _participant,
    "~v": _verdict,
    "~d": _direction,
    "~t": _contains,
    "~c": _connection,
}
OPERATORS: Final = (*_OPERATORS, "~m")


def quoted(word: str) -> str:
    """A word as an expression may contain it."""
    if word and not any(each.isspace() or each in _SPECIAL or each in "\\\"'~" for each in word):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
