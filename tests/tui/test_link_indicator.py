"""The link indicator, and how stale data is marked."""

from collections.abc import Callable
from datetime import datetime

import pytest

from presence_tui.domain.translatable import NOTHING, Phrase, phrase
from presence_tui.monitor.link import LinkState
from presence_tui.monitor.memberships import EndCause
from tests.tui.app_harness import HARBOUR, SMALLEST, WIDE, AppHarness, running_app

LOST = phrase("The connection was lost: {why}.", why=phrase("the gateway dropped the connection"))
AGAIN = phrase("It will be tried again.")


def title(harness: AppHarness) -> str:
    return harness.lines()[0].text


async def test_the_word_of_every_state_of_the_link() -> None:
    async with running_app(WIDE, live=False) as harness:
        link, clock = harness.monitor.link, harness.clock
        seen = {link.status.state}
        assert "◌ CONNECTING" in title(harness)
        link.connected("websocket")
        await harness.settle()
        assert "◌ CONNECTING" in title(harness) and "LIVE" not in title(harness), "not authenticated yet"
        seen.add(link.status.state)
        link.live(1)
        await harness.settle()
        assert "● LIVE" in title(harness) and "websocket" in title(harness)
        seen.add(link.status.state)
        clock.advance(45)
        link.stale(LOST, NOTHING, clock.wall_s - 38)
        await harness.settle()
        assert "◌ STALE 38 s" in title(harness)
        seen.add(link.status.state)
        await harness.wait(30)
        assert "◌ STALE 1 min" in title(harness)
        link.reconnecting(LOST, AGAIN, 3, 4.0, clock.wall_s - 68)
        await harness.settle()
        assert "◌ RECONNECTING 3 · next in 4 s" in title(harness)
        assert "as of 1 min ago" in title(harness)
        seen.add(link.status.state)
        await harness.wait(2.5)
        assert "RECONNECTING 3 · next in 2 s" in title(harness)
        link.attempting()
        await harness.settle()
        assert "◌ RECONNECTING 3  " in title(harness) and "next" not in title(harness)
        link.signed_out(phrase("The token has expired and could not be refreshed."), AGAIN, None)
        await harness.settle()
        assert "◌ SIGNED OUT" in title(harness)
        seen.add(link.status.state)
        link.connecting()
        link.offline(LOST, AGAIN, None)
        await harness.settle()
        assert "◌ OFFLINE" in title(harness)
        seen.add(link.status.state)
        assert seen == set(LinkState)


async def test_what_is_stale_is_dim_has_its_age_and_comes_back() -> None:
    async with running_app(WIDE) as harness:

        def colours() -> list[object]:
            rows = [harness.row_of(name) for name in ("Ada Okafor", "Fatima Zahra", "Hana Sato")]
            return [style.color for row in rows for text, style in row.styles if text.strip()]

        live = colours()
        link = harness.monitor.link
        harness.clock.advance(20)
        link.reconnecting(LOST, AGAIN, 1, 2.0, harness.clock.wall_s - 20)
        await harness.settle()
        assert harness.screen.has_class("-stale")
        assert len(set(live)) > 4 and len(set(colours())) <= 2, "one dim colour and one quiet one"
        assert "as of 20 s ago" in title(harness)
        assert harness.title_of(harness.online) == "Online (8)", "a lost connection changes no flag"
        assert "The connection was lost: the gateway dropped the connection." in harness.text
        link.connected("websocket")
        await harness.settle()
        assert harness.screen.has_class("-stale"), "connected, but not authenticated"
        link.live(5)
        await harness.settle()
        assert "● LIVE" in title(harness) and "as of 20 s ago" in title(harness)
        assert harness.screen.has_class("-stale"), "the gap is not reconciled yet"
        link.synced(harness.clock.wall_s)
        await harness.settle()
        assert not harness.screen.has_class("-stale")
        assert colours()[0] == live[0]
        assert "as of" not in title(harness)


async def test_before_the_first_live_time_nothing_is_stale() -> None:
    async with running_app(live=False) as harness:
        harness.monitor.link.reconnecting(LOST, AGAIN, 1, 2.0, None)
        await harness.settle()
        assert not harness.screen.has_class("-stale")
        harness.monitor.link.synced(harness.clock.wall_s - 10)
        await harness.settle()
        assert harness.screen.has_class("-stale"), "REST data is as old as its reading"
        assert "as of 10 s ago" in title(harness)


async def test_latency_is_shown_while_live_only() -> None:
    async with running_app(WIDE) as harness:
        harness.monitor.counters.record_latency(0.0124)
        await harness.wait(0)
        assert title(harness).rstrip().endswith("12 ms")
        harness.monitor.link.reconnecting(LOST, AGAIN, 1, 2.0, None)
        await harness.settle()
        assert "12 ms" not in title(harness)


async def test_the_reason_is_said_below_and_one_key_away() -> None:
    reason = Phrase("The gateway does not accept this token: {said}.", {"said": "[/bold] {0}"})
    async with running_app(WIDE, crew=False, live=False) as harness:
        harness.monitor.link.signed_out(reason, AGAIN, None)
        await harness.wait(0)
        assert harness.activity[0] == "The gateway does not accept this token: [/bold] {0}."
        await harness.press("l")
        assert "Why The gateway does not accept this token: [/bold] {0}." in harness.said.replace("│ ", "")
        assert "What to do It will be tried again." in harness.said.replace("│ ", "")


async def test_the_dialog_names_the_end_of_each_live_time_and_apart_from_it_the_last_attempt(
    use_zone: Callable[[str], None],
) -> None:
    use_zone("UTC")
    nobody = phrase("Nothing listens at gate.example.")
    async with running_app(WIDE) as harness:
        link, clock = harness.monitor.link, harness.clock
        clock.wall_s = 1_795_342_542.0
        link.reconnecting(LOST, AGAIN, 1, 2.0, clock.wall_s)
        clock.advance(3)
        link.reconnecting(nobody, AGAIN, 2, 2.0, clock.wall_s)
        await harness.press("l")
        said = harness.said.replace("│ ", "")
        assert "Why The connection was lost: the gateway dropped the connection." in said
        assert "Last attempt Nothing listens at gate.example." in said
        assert "Since 3 s ago" in said
        assert "Last gaps since 10:15:42: The connection was lost" in said
        assert harness.activity.count("Nothing listens at gate.example.") == 0
        link.connected("websocket")
        await harness.wait(1)
        said = harness.said.replace("│ ", "")
        assert "Why The connection was lost: the gateway dropped the connection." in said
        assert "Nothing listens" not in said, "this attempt has succeeded"
        link.live(5)
        await harness.wait(1)
        said = harness.said.replace("│ ", "")
        assert "Why —" in said
        assert "Last gaps 10:15:42–10:15:46: The connection was lost" in said


async def test_a_link_that_fell_silent_is_told_in_the_feed() -> None:
    async with running_app(WIDE) as harness:
        harness.monitor.link.stale(LOST, AGAIN, harness.clock.wall_s)
        await harness.settle()
        assert harness.activity[0] == "The connection was lost: the gateway dropped the connection."


async def test_the_smallest_screen_still_has_the_word_and_the_age() -> None:
    async with running_app(SMALLEST) as harness:
        harness.monitor.link.reconnecting(LOST, AGAIN, 3, 4.0, harness.clock.wall_s - 20)
        await harness.settle()
        assert "RECONNECTING 3 · next in 4 s" in title(harness)
        assert "as of 20 s ago" in title(harness)
        assert title(harness).startswith(" Harbour")


@pytest.mark.parametrize(
    ("cause", "word", "said"),
    [
        (EndCause.REMOVED, "NOT A MEMBER", "no longer a member since {}; shown as of then"),
        (EndCause.REFUSED, "NOT A MEMBER", "no longer a member since {}; shown as of then"),
        (EndCause.BANNED, "NOT A MEMBER", "banned, no longer a member since {}; shown as of then"),
        (EndCause.CLOSED, "CLOSED", "closed since {}; shown as of then"),
        (EndCause.DELETED, "DELETED", "deleted since {}; shown as of then"),
    ],
)
async def test_after_the_end_of_a_membership_nothing_is_shown_as_now(
    cause: EndCause, word: str, said: str
) -> None:
    async with running_app(WIDE) as harness:
        said = said.format(f"{datetime.fromtimestamp(harness.clock.wall_s):%H:%M}")
        harness.monitor.memberships.end(HARBOUR.id, cause, harness.clock.wall_s)
        await harness.settle()
        assert f"◌ {word}" in title(harness) and "LIVE" not in title(harness)
        assert harness.text.count(said) >= 2, "in the title and in the activity"
        assert harness.screen.has_class("-stale")
        assert harness.title_of(harness.online) == "Online (8)"
        if cause is not EndCause.CLOSED:
            harness.monitor.memberships.restore(HARBOUR.id)
            await harness.settle()
            assert "● LIVE" in title(harness) and not harness.screen.has_class("-stale")
            assert "Harbour crew: a member again" in harness.text


async def test_the_end_of_another_membership_leaves_what_is_shown_as_it_is() -> None:
    async with running_app(WIDE) as harness:
        harness.monitor.memberships.end("c-lighthouse", EndCause.REMOVED, harness.clock.wall_s)
        await harness.settle()
        assert "● LIVE" in title(harness) and not harness.screen.has_class("-stale")
        assert "Lighthouse: no longer a member" in harness.text


async def test_the_end_is_seen_on_the_smallest_terminal() -> None:
    async with running_app(SMALLEST) as harness:
        harness.monitor.memberships.end(HARBOUR.id, EndCause.REMOVED, harness.clock.wall_s)
        await harness.settle()
        assert "NOT A MEMBER" in title(harness)
