"""Expressions mean what they say, and an error names its place."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.domain.enums import Direction, Verdict
from presence_tui.domain.packet_filter import DEEPEST, LONGEST, FilterError, parse_filter, quoted
from tests.unit.domain.hypothesis_profile import repeatable


@dataclass(frozen=True)
class Fields:
    event: str = "user:status"
    direction: Direction = Direction.IN
    verdict: Verdict = Verdict.APPLIED
    epoch: int = 1
    is_marked: bool = False
    names: tuple[str, ...] = ()
    text: str = ""

    def is_about(self, word: str) -> bool:
        return word in self.names

    def contains(self, word: str) -> bool:
        return word in self.text.casefold()


def matches(expression: str, **fields: object) -> bool:
    return parse_filter(expression)(Fields(**fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "expression", ["", "   ", "~e STATUS", "~v applied", "~d in", "~c 1", "~d IN ~v Applied"]
)
def test_an_expression_that_the_packet_meets(expression: str) -> None:
    assert matches(expression)


@pytest.mark.parametrize(
    "expression", ["~e typing", "~v late", "~d out", "~c 2", "~m", "~t x", "x", "!~d in"]
)
def test_an_expression_that_the_packet_does_not_meet(expression: str) -> None:
    assert not matches(expression)


def test_participants_text_and_marks() -> None:
    assert matches("~p ada", names=("ada",)) and not matches("~p ben", names=("ada",))
    assert matches('~t "Is Online"', text='{"is online":1}') and matches("ONLINE", text="is online")
    assert matches("~m", is_marked=True)


def test_and_binds_closer_than_or_and_not_closest() -> None:
    assert matches("~d out ~v late | ~v applied")
    assert not matches("~d out (~v late | ~v applied)")
    assert matches("!~d out & ~v applied") and not matches("!(~d in & ~v applied)")
    assert matches("!!~d in") and matches("(((~d in)))")


def test_quotes_and_backslashes() -> None:
    assert matches(r"a\ b", text="a b") and matches("'a|b'", text="a|b") and matches(r'"a\"b"', text='a"b')
    assert matches("a~b", text="a~b"), "a tilde within a word is part of it"


def test_the_number_of_a_connection_has_at_most_nine_digits() -> None:
    assert matches("~c 123456789", epoch=123_456_789)
    with pytest.raises(FilterError, match="at 4: no number of a connection"):
        parse_filter("~c 1234567890")


@pytest.mark.parametrize(
    ("expression", "position"),
    [
        ("~x ada", 1),
        ("~d in ~", 7),
        ("~e", 3),
        ("~e (", 4),
        ("~e ~v late", 4),
        ("~v lat", 4),
        ("~d up", 4),
        ("~c two", 4),
        ("(~d in", 1),
        ("~d in)", 6),
        ("~d in &", 8),
        ("| ~d in", 1),
        ("()", 2),
        ("!", 2),
        ('~t "ada', 4),
        ("(" * (DEEPEST + 1) + "x", DEEPEST + 1),
        ("x" * (LONGEST + 1), LONGEST + 1),
    ],
)
def test_an_error_names_its_place(expression: str, position: int) -> None:
    with pytest.raises(FilterError) as raised:
        parse_filter(expression)
    assert raised.value.position == position
    assert str(raised.value).startswith(f"at {position}: ")


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("~x", "at 1: not one of ~e ~p ~v ~d ~t ~c ~m"),
        ("~v lat", "at 4: not one of " + " ".join(Verdict)),
        ("~d up", "at 4: not one of in out"),
        ("~c two", "at 4: no number of a connection"),
        ("(~d in", "at 1: a parenthesis is not closed"),
        ("~d in)", "at 6: a parenthesis that was not opened"),
        ("~e", "at 3: a word is missing after ~e"),
        ("!", "at 2: a condition is missing"),
        ("()", "at 2: a condition is missing"),
        ('"ada', "at 1: a quote is not closed"),
        ("(" * (DEEPEST + 1) + "x", f"at {DEEPEST + 1}: nested too deeply"),
        ("x" * (LONGEST + 1), f"at {LONGEST + 1}: longer than {LONGEST} characters"),
    ],
)
def test_an_error_says_what_is_wrong(expression: str, sentence: str) -> None:
    with pytest.raises(FilterError) as raised:
        parse_filter(expression)
    assert str(raised.value) == sentence


def test_only_parentheses_within_each_other_are_too_deep() -> None:
    deepest = "(" * DEEPEST + "~d in" + ")" * DEEPEST
    assert matches(f"{deepest} & {deepest}")
    with pytest.raises(FilterError):
        parse_filter(f"(({deepest[1:-1]} & ({deepest})))")
    with pytest.raises(FilterError, match="nested too deeply"):
        parse_filter(f"(~d in) !~d in ({deepest})")


@repeatable
@given(st.text(alphabet="~epvdtcm ()&|!\"'\\ada1inlate", max_size=40) | st.text(max_size=40))
def test_any_text_is_an_expression_or_an_error_within_it(text: str) -> None:
    try:
        parse_filter(text)(Fields())
    except FilterError as error:
        assert 1 <= error.position <= len(text) + 1


Expression = tuple[str, bool, int]
"""Its text, what it is about these fields, and how closely it binds."""
FIELDS = Fields(names=("ada", "a b", "o'k"), text="is online", epoch=3, verdict=Verdict.LATE)
_LOOSE, _MIDDLE, _CLOSE = range(3)

conditions = st.one_of(
    st.sampled_from(["status", "typing", ""]).map(lambda word: (f"~e {quoted(word)}", word in FIELDS.event)),
    st.sampled_from(["ada", "a b", "o'k", "(ben)"]).map(
        lambda word: (f"~p {quoted(word)}", word in FIELDS.names)
    ),
    st.sampled_from(list(Verdict)).map(lambda verdict: (f"~v {verdict}", verdict is FIELDS.verdict)),
    st.sampled_from(list(Direction)).map(lambda way: (f"~d {way}", way is FIELDS.direction)),
    st.integers(0, 5).map(lambda epoch: (f"~c {epoch}", epoch == FIELDS.epoch)),
    st.sampled_from(["online", "off&on", "s o"]).map(lambda word: (quoted(word), word in FIELDS.text)),
).map(lambda pair: (*pair, _CLOSE))


def _within(inner: Expression, at_least: int) -> str:
    return inner[0] if inner[2] >= at_least else f"({inner[0]})"


def _joined(parts: list[Expression], sign: str) -> Expression:
    binds = _LOOSE if sign == " | " else _MIDDLE
    text = sign.join(_within(part, binds) for part in parts)
    truth = any(part[1] for part in parts) if sign == " | " else all(part[1] for part in parts)
    return text, truth, binds


expressions: st.SearchStrategy[Expression] = st.recursive(
    conditions,
    lambda inner: st.one_of(
        inner.map(lambda each: (f"!{_within(each, _CLOSE)}", not each[1], _CLOSE)),
        st.tuples(st.lists(inner, min_size=2, max_size=3), st.sampled_from([" | ", " & ", " "])).map(
            lambda pair: _joined(*pair)
        ),
    ),
    max_leaves=8,
)


@repeatable
@given(expressions)
def test_an_expression_is_what_its_parts_are(expression: Expression) -> None:
    text, truth, _ = expression
    if len(text) <= LONGEST:
        assert parse_filter(text)(FIELDS) is truth


@repeatable
@given(st.text(max_size=20))
def test_a_quoted_word_is_read_as_it_was(word: str) -> None:
    asked: list[str] = []

    class Asked(Fields):
        def is_about(self, word: str) -> bool:
            asked.append(word)
            return True

    assert parse_filter(f"~p {quoted(word)}")(Asked())
    assert asked == [word]
