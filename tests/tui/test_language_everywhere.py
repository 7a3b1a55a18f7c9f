"""No text bypasses the language: in a language with only Greek letters, no Latin word of ours remains."""

import re
from collections.abc import Awaitable, Callable
from typing import Final

import pytest

from presence_tui.domain.enums import Verdict
from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.text.language import Language
from presence_tui.transport.errors import AccessDenied
from tests.tui.app_harness import (
    CONVERSATIONS,
    OFFLINE_NAMES,
    ONLINE_NAMES,
    UNKNOWN_NAME,
    WIDE,
    AppHarness,
    key_of,
    running_app,
    until,
)
from tests.tui.audit_reports import show_findings
from tests.tui.flap_scenes import show_flaps

pytestmark = pytest.mark.slow

LATIN = "abcdefghijklmnopqrstuvwxyz"
GREEK = str.maketrans(LATIN + LATIN.upper(), "αβγδεζηθικλμνξοπρστυφχψωϊϋ" + "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫ")
PARTS = re.compile(r"(\{[^}]*\})")
WORDS = re.compile(r"[A-Za-z]{2,}")
FROM_ELSEWHERE = [
    *ONLINE_NAMES,
    *OFFLINE_NAMES,
    UNKNOWN_NAME,
    key_of("Ada Okafor"),
    *(conversation.title for conversation in CONVERSATIONS),
    *(
        "harbour",
        "observer",
        "https",
        "gate.example",
        "websocket",
        "meeshy",
        "flag",
        "presence-tui",
        "UTC",
        "Greta",
    ),
    *("ctrl", "tab", "esc", "shift", "drag"),
    "OSC",
    *("user:status", "userId", "isOnline", "true", "~e", "in", *Verdict),
]
"""Names, protocol and configuration words, and keys: the same in every language."""
KNOWN = {word for each in FROM_ELSEWHERE for word in WORDS.findall(each)}


class Greek(Language):
    """Every letter of a template is Greek; the values filled in are unchanged."""

    def say(self, template: str, **gaps: object) -> str:
        return _greek(template).format(**gaps)

    def count(self, singular: str, plural: str, number: int, **gaps: object) -> str:
        return _greek(singular if number == 1 else plural).format(n=number, **gaps)

    def say_raw(self, template: str) -> str:
        return _greek(template)


def _greek(template: str) -> str:
    return "".join(part if part.startswith("{") else part.translate(GREEK) for part in PARTS.split(template))


async def the_watch(harness: AppHarness) -> None:
    await harness.press("home")
    await harness.event("Ingrid Solberg", True)
    await harness.event("Ada Okafor", False)


async def a_failed_refresh(harness: AppHarness) -> None:
    await harness.press("r")
    harness.monitor.answer_refresh(RefreshReport(roster_error=AccessDenied("Greta")))
    await harness.settle()


def by_keys(*keys: str) -> Callable[[AppHarness], Awaitable[None]]:
    async def press(harness: AppHarness) -> None:
        await the_watch(harness)
        await harness.press(*keys)

    return press


async def some_packets(harness: AppHarness) -> None:
    packet = f'42["user:status",{{"userId":"{key_of("Ada Okafor")}","isOnline":true}}]'
    for _ in range(2):
        harness.monitor.packets.add(harness.clock.wall_s, 4, packet, Verdict.APPLIED)
    await harness.press("5", "slash", *"~v x", "enter", "asterisk", "1", "asterisk", "5", "enter")


SCENES: Final[dict[str, Callable[[AppHarness], Awaitable[None]]]] = {
    "watch": the_watch,
    "refresh": a_failed_refresh,
    "filter": by_keys("slash", "z"),
    "page": by_keys("enter"),
    "help": by_keys("question_mark"),
    "link": by_keys("l"),
    "metrics": by_keys("m"),
    "rule": by_keys("u"),
    "facets": by_keys("f", "down", "space"),
    "facets line": by_keys("f", "down", "space", "escape"),
    "pause": by_keys("p", "space", "j"),
    "copy": by_keys("y"),
    "palette": by_keys("ctrl+p"),
    "gateways": by_keys("C"),
    "sign-in": by_keys("C", "end", "enter"),
    "findings": show_findings,
    "flaps": show_flaps,
    "sign-out": by_keys("C", "x"),
    **{f"view {key}": by_keys(key) for key in "12345"},
    "packets": some_packets,
}


@pytest.mark.parametrize("scene", SCENES)
async def test_no_word_of_ours_is_said_past_the_language(monkeypatch: pytest.MonkeyPatch, scene: str) -> None:
    monkeypatch.setattr("tests.tui.app_harness.Language", Greek)
    async with running_app(WIDE) as harness:
        await SCENES[scene](harness)
        said = "\n".join([harness.text, *harness.toasts])
        assert "α" in said
        # Text without space is cut, possibly within a word.
        latin = [word for word in WORDS.findall(said) if not any(known.startswith(word) for known in KNOWN)]
        assert latin == [], said


async def test_a_palette_that_finds_nothing_says_so_in_the_language() -> None:
    async with running_app(WIDE, language="fr") as harness:
        await harness.press("ctrl+p", *"zzzz")
        await until(harness, lambda: "Rien ne correspond." in harness.text)
