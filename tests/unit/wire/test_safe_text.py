"""Sanitizing of text: the result of ``safe_text`` can be shown anywhere and does no harm."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from presence_tui.wire.sanitize import (
    _RAW_CHARS_PER_CELL,
    ELLIPSIS,
    ID_CHARS,
    LONGEST_NAME_CELLS,
    NAME_CELLS,
    are_safe_ids,
    cell_width,
    is_cut_of,
    is_safe_id,
    name_within,
    safe_name,
    safe_names,
    safe_text,
)
from tests.unit.domain.hypothesis_profile import repeatable

ESC, BEL, CSI, OSC, DEL = "\x1b", "\x07", "\x9b", "\x9d", "\x7f"
ZWSP, ZWNJ, ZWJ, WORD_JOINER, BOM, SOFT_HYPHEN = "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\xad"
LRM, RLM, LRE, RLO, PDF, LRI, PDI, ALM = (
    "\u200e",
    "\u200f",
    "\u202a",
    "\u202e",
    "\u202c",
    "\u2066",
    "\u2069",
    "\u061c",
)
ACUTE, GRAVE, ENCLOSING_KEYCAP = "\u0301", "\u0300", "\u20e3"
VS15, VS16, VS17 = "\ufe0e", "\ufe0f", "\U000e0100"
REPLACED = "\ufffd"
HAMMER = "\U0001f528"

UNDRAWABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

# Unicode's Default_Ignorable_Code_Point: characters that draw nothing, so that different texts look equal.
IGNORABLE = [
    *[0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0],
    *range(0x180B, 0x1810),
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),
    *range(0x1BCA0, 0x1BCA4),
    *range(0x1D173, 0x1D17B),
    *range(0xE0000, 0xE0080),
    *range(0xE0100, 0xE01F0),
]


def width(text: str) -> int:
    return sum(map(cell_width, text))


@pytest.mark.parametrize(
    "text",
    [
        "Ada Okafor",
        "Chloé B.",
        "Ωmega",
        "Łukasz",
        "あかり",
        "김민준",
        "Ahmed أحمد",
        "नमस्ते",
        "👍",
        "don't [click] \\[/]",
        "",
    ],
)
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert safe_text(text) == text


def test_c0_control_becomes_its_picture_or_a_space() -> None:
    shown = {code: safe_text(f"a{chr(code)}b") for code in range(0x20)}

    assert shown == {
        code: "a b" if chr(code) in "\t\n\v\f\r" else f"a{chr(0x2400 + code)}b" for code in range(0x20)
    }


def test_c1_control_is_replaced_and_next_line_is_a_space() -> None:
    shown = {code: safe_text(f"a{chr(code)}b") for code in range(0x80, 0xA0)}

    assert shown == {code: "a b" if code == 0x85 else f"a{REPLACED}b" for code in range(0x80, 0xA0)}


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        (DEL, "␡"),
        (f"{ESC}]52;c;cm0gLXJm{BEL}", "␛]52;c;cm0gLXJm␇"),
        (f"{ESC}]0;root{ESC}\\", "␛]0;root␛\\"),
        (f"{ESC}[2J{ESC}[31mred", "␛[2J␛[31mred"),
        (f"{OSC}0;title{BEL}", f"{REPLACED}0;title␇"),
        (f"{CSI}2J", f"{REPLACED}2J"),
        ("a\r\nb", "a b"),
        ("a\x00b", "a␀b"),
    ],
)
def test_escape_sequences_lose_their_power_and_show_that_they_were_there(hostile: str, shown: str) -> None:
    assert safe_text(hostile) == shown


@pytest.mark.parametrize("control", [LRM, RLM, LRE, "\u202b", PDF, "\u202d", RLO, LRI, "\u2067", PDI, ALM])
def test_bidi_controls_vanish(control: str) -> None:
    assert safe_text(f"ada{control}nimda") == "adanimda"


@pytest.mark.parametrize("invisible", [ZWSP, ZWNJ, ZWJ, WORD_JOINER, BOM, SOFT_HYPHEN, "\u2063", "\u2800"])
def test_invisible_characters_vanish_so_that_names_cannot_look_alike(invisible: str) -> None:
    assert safe_text(f"{invisible}A{invisible}da{invisible}") == "Ada"


def test_what_unicode_calls_ignorable_is_gone_or_made_visible() -> None:
    shown = {hex(code): safe_text(f"a{chr(code)}b") for code in IGNORABLE}

    assert {code: text for code, text in shown.items() if text not in ("ab", f"a{REPLACED}b")} == {}


@pytest.mark.parametrize(
    "space", ["\u2028", "\u2029", "\xa0", "\u2003", "\u3000", "\u1680", "\u202f", "\n", "  ", " \t\n "]
)
def test_white_space_and_line_separators_become_one_space(space: str) -> None:
    assert safe_text(f"{space}Ada{space}Okafor{space}") == "Ada Okafor"


@pytest.mark.parametrize("nothing", ["", " ", "\u2028", ZWSP * 3, f"{RLO}{PDF}", "\t\n"])
def test_text_of_nothing_is_empty(nothing: str) -> None:
    assert safe_text(nothing) == ""


@pytest.mark.parametrize("character", ["\ud800", "\udfff", "\ue000", "\U0010ffff", "\ufdd0", "\u0378"])
def test_what_cannot_be_drawn_is_replaced(character: str) -> None:
    assert safe_text(f"a{character}b") == f"a{REPLACED}b"


def test_two_halves_of_a_surrogate_pair_do_not_become_one_character() -> None:
    assert safe_text("\ud83d\udc4d") == REPLACED * 2


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (f"Zoe{ACUTE}", "Zo\xe9"),
        ("\u212b", "\xc5"),
        ("\u1112\u1161\u11ab", "\ud55c"),
        (f"a{GRAVE}\u0327", "\xe0\u0327"),
    ],
)
def test_text_is_composed(sent: str, shown: str) -> None:
    assert safe_text(sent) == unicodedata.normalize("NFC", shown)


@pytest.mark.parametrize("gap", [ZWJ, ZWSP, VS16, RLO, "\u034f"])
def test_text_is_composed_also_where_a_vanished_character_stood_between(gap: str) -> None:
    assert safe_text(f"Zoe{gap}{ACUTE}") == "Zoé"


def test_pile_of_marks_keeps_two() -> None:
    zalgo = "z" + "\u0335\u0316\u0317\u0318\u0319" * 20 + "a"

    shown = safe_text(zalgo)

    assert (shown[0], shown[-1]) == ("z", "a")
    assert len(shown) == 4
    assert width(shown) == 2


def test_enclosing_marks_count_into_the_pile() -> None:
    assert safe_text("1" + ENCLOSING_KEYCAP * 5) == "1" + ENCLOSING_KEYCAP * 2


@pytest.mark.parametrize(
    ("emoji", "shown"),
    [
        (f"\u2764{VS16}", "\u2764"),
        (f"\u2764{VS15}", "\u2764"),
        (f"\u845b{VS17}", "\u845b"),
        (f"\U0001f469{ZWJ}\U0001f4bb", "\U0001f469\U0001f4bb"),
        (f"1{VS16}{ENCLOSING_KEYCAP}", f"1{ENCLOSING_KEYCAP}"),
        ("\U0001f44d\U0001f3fd", "\U0001f44d\U0001f3fd"),
    ],
)
def test_emoji_lose_what_terminals_disagree_about(emoji: str, shown: str) -> None:
    assert safe_text(emoji) == shown


@pytest.mark.parametrize(
    ("text", "cells", "shown"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("abcdef", 1, "…"),
        ("abc def", 5, "abc…"),
        ("ああ", 4, "ああ"),
        ("ああ", 3, "あ…"),
        ("aああ", 4, "aあ…"),
        ("ああああ", 6, "ああ…"),
        (f"ab{ACUTE}cd\u0335\u0316", 4, f"ab{ACUTE}cd\u0335\u0316"),
        (f"abc{GRAVE}\u0327de", 3, "ab…"),
        ("a   b", 3, "a b"),
        ("  a  ", 1, "a"),
        ("abcdef ", 6, "abcdef"),
        (f"{HAMMER}{HAMMER}", 2, "…"),
    ],
)
def test_what_is_too_wide_ends_in_an_ellipsis(text: str, cells: int, shown: str) -> None:
    result = safe_text(text, cells)

    assert result == unicodedata.normalize("NFC", shown)
    assert width(result) <= cells


@pytest.mark.parametrize(
    "character", ["a", "é", "あ", ZWSP, RLO, ACUTE, ESC, "\ud800", "\u2028", "\ufdfa", HAMMER]
)
def test_hundred_kilobytes_cost_a_line(character: str) -> None:
    shown = safe_text(character * 100_000)

    assert width(shown) <= NAME_CELLS
    assert len(shown) <= NAME_CELLS
    assert shown.endswith(ELLIPSIS)


def test_only_what_was_left_out_is_marked_by_an_ellipsis() -> None:
    longest = NAME_CELLS * _RAW_CHARS_PER_CELL
    assert safe_text("a".ljust(longest, ZWSP)) == "a"
    assert safe_text("a".ljust(longest + 1, ZWSP)) == "a…", "what came after is not known"


def test_default_width_is_that_of_a_name() -> None:
    assert safe_text("x" * NAME_CELLS) == "x" * NAME_CELLS
    assert safe_text("x" * (NAME_CELLS + 1)) == "x" * (NAME_CELLS - 1) + ELLIPSIS


def test_a_name_is_read_further_than_it_is_kept() -> None:
    assert safe_name("x" * LONGEST_NAME_CELLS) == "x" * LONGEST_NAME_CELLS
    assert safe_name("x" * (LONGEST_NAME_CELLS + 1)) == "x" * (LONGEST_NAME_CELLS - 1) + ELLIPSIS


@repeatable
@given(st.text(max_size=60).map(safe_name), st.integers(1, 60))
def test_what_is_kept_of_a_name_fits_and_is_known_to_be_cut(name: str, cells: int) -> None:
    kept, found = name_within(name, cells)
    assert found == width(name)
    assert width(kept) <= cells
    assert (kept == name) == (found <= cells)
    assert kept == name or is_cut_of(kept, name)
    assert not is_cut_of(kept + "x", name)


@pytest.mark.parametrize(
    ("character", "cells"),
    [("a", 1), ("é", 1), (ACUTE, 0), (ENCLOSING_KEYCAP, 0), ("あ", 2), ("Ａ", 2), (HAMMER, 2), ("█", 1)],
)
def test_cell_width(character: str, cells: int) -> None:
    assert cell_width(character) == cells


tricky = st.sampled_from(
    # Characters that are kept, hidden, replaced, composed, wide or combining, for mixing.
    "e= あ\u3164\u2028\xa0\x85\ud800\ue000\u180b\u1100\u1161\u11a8\u09c7\u09be\u0327\u0335\u0338"
    + "".join([ESC, CSI, DEL, ZWJ, ZWSP, RLO, ACUTE, GRAVE, ENCLOSING_KEYCAP, VS16, HAMMER])
)
any_text = st.one_of(
    st.text(st.characters(codec=None)),
    st.text(st.characters(codec=None, categories=("Mn", "Me", "Mc", "Cf", "Zs", "Lo"))),
    st.lists(tricky, max_size=40).map("".join),
)


@repeatable
@given(text=any_text, cells=st.integers(1, 12))
def test_any_text_is_safe_after_it(text: str, cells: int) -> None:
    shown = safe_text(text, cells)

    categories = {unicodedata.category(character) for character in shown}
    assert not categories & UNDRAWABLE
    assert all(character == " " for character in shown if unicodedata.category(character) == "Zs")
    assert shown == " ".join(shown.split())
    assert unicodedata.is_normalized("NFC", shown)
    assert width(shown) <= cells
    shown.encode("utf-8")


@repeatable
@given(text=any_text, cells=st.integers(1, 12))
def test_doing_it_twice_changes_nothing(text: str, cells: int) -> None:
    once = safe_text(text, cells)

    assert safe_text(once, cells) == once


@repeatable
@given(text=any_text)
def test_no_more_than_two_marks_pile_up(text: str) -> None:
    marks = cellless = 0
    for character in safe_text(text):
        cellless = cellless + 1 if cell_width(character) == 0 else 0
        piles_up = unicodedata.category(character) in ("Mn", "Me")
        marks = 0 if not cellless else marks + (piles_up and unicodedata.combining(character) not in (7, 9))
        assert marks <= 2 and cellless <= 6


@pytest.mark.parametrize("name", ["မြို့", "अनन्या शर्मा", "தமிழ்", "ខ្មែរ", "தேர்வு", "ကြွေး"])
def test_names_keep_the_marks_that_belong_to_them(name: str) -> None:
    assert safe_text(name) == unicodedata.normalize("NFC", name)


@repeatable
@given(text=any_text, cells=st.integers(1, 12))
def test_cells_are_counted_as_the_screen_counts_them(text: str, cells: int) -> None:
    shown = safe_text(text, cells)

    assert width(shown) == cell_len(shown) <= cells
    assert name_within(shown, cells)[1] == cell_len(shown)


@pytest.mark.parametrize(
    "text",
    ["a", "66aa00000000000000000011", "mshy_harbour", "é" * ID_CHARS, "あ" * ID_CHARS, "x" * ID_CHARS, "a b"],
)
def test_id_that_can_be_shown_is_kept(text: str) -> None:
    assert is_safe_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x" * (ID_CHARS + 1),
        " a",
        "a ",
        "a  b",
        f"a{ESC}b",
        f"a{ZWSP}",
        f"{RLO}a",
        f"e{ACUTE}",
        "a\n",
        "\ud800",
    ],
)
def test_id_that_would_be_shown_differently_is_no_id(text: str) -> None:
    assert not is_safe_id(text)


@repeatable
@given(text=any_text)
def test_safe_id_is_its_own_safe_text(text: str) -> None:
    if is_safe_id(text):
        assert safe_text(text, ID_CHARS * 2) == text


few_texts = st.lists(st.text(st.sampled_from("ab1 |é\n\x1b\u0301"), max_size=6), max_size=4)


@repeatable
@given(texts=few_texts)
def test_many_names_are_made_safe_as_one_by_one(texts: list[str]) -> None:
    assert list(safe_names(texts)) == [safe_name(text) for text in texts]


@repeatable
@given(texts=few_texts)
def test_many_ids_are_safe_if_each_is(texts: list[str]) -> None:
    assert are_safe_ids(texts) is all(map(is_safe_id, texts))


def test_one_long_text_among_many_is_found() -> None:
    assert safe_names(["Ada", "b" * (LONGEST_NAME_CELLS + 1)])[1].endswith(ELLIPSIS)
    assert not are_safe_ids(["ada", "b" * (ID_CHARS + 1)])
