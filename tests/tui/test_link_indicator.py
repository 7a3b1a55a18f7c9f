"""One word for the link, and nothing shown as now that may not be so any more."""

from datetime import datetime

import pytest

from presence_tui.domain.translatable import NOTHING, Phrase, phrase
from presence_tui.monitor.link import LinkState
from presence_tui.monitor.memberships import EndCause
from tests.tui.app_harness import HARBOUR, SMALLEST, WIDE, AppHarness, on_stage

LOST = phrase("The connection was lost: {why}.", why=phrase("the gateway said no goodbye"))
AGAIN = phrase("It will be tried again.")


def title(stage: AppHarness) -> str:
    return stage.lines()[0].text


async def test_the_word_of_every_state_of_the_link() -> None:
    async with on_stage(WIDE, live=False) as stage:
        link, clock = stage.watch.link, stage.clock
        seen = {link.status.state}
        assert "◌ CONNECTING" in title(stage)
        link.connected("websocket")
        await stage.settle()
        assert "◌ CONNECTING" in title(stage) and "LIVE" not in title(stage), "nobody has signed in yet"
        seen.add(link.status.state)
        link.live(1)
        await stage.settle()
        assert "● LIVE" in title(stage) and "websocket" in title(stage)
        seen.add(link.status.state)
        clock.advance(45)
        link.stale(LOST, NOTHING, clock.wall_s - 38)
        await stage.settle()
        assert "◌ STALE 38 s" in title(stage)
        seen.add(link.status.state)
        await stage.wait(30)
        assert "◌ STALE 1 min" in title(stage)
        link.reconnecting(LOST, AGAIN, 3, 4.0, clock.wall_s - 68)
        await stage.settle()
        assert "◌ RECONNECTING 3 · next in 4 s" in title(stage)
        assert "as of 1 min ago" in title(stage)
        seen.add(link.status.state)
        await stage.wait(2.5)
        assert "RECONNECTING 3 · next in 2 s" in title(stage)
        link.attempting()
        await stage.settle()
        assert "◌ RECONNECTING 3  " in title(stage) and "next" not in title(stage)
        link.signed_out(phrase("The token has expired and could not be refreshed."), AGAIN, None)
        await stage.settle()
        assert "◌ SIGNED OUT" in title(stage)
        seen.add(link.status.state)
        link.connecting()
        link.offline(LOST, AGAIN, None)
        await stage.settle()
        assert "◌ OFFLINE" in title(stage)
        seen.add(link.status.state)
        assert seen == set(LinkState)


async def test_what_is_stale_is_dim_has_its_age_and_comes_back() -> None:
    async with on_stage(WIDE) as stage:

        def colours() -> list[object]:
            rows = [stage.row_of(name) for name in ("Ada Okafor", "Fatima Zahra", "Hana Sato")]
            return [style.color for row in rows for text, style in row.styles if text.strip()]

        live = colours()
        link = stage.watch.link
        stage.clock.advance(20)
        link.reconnecting(LOST, AGAIN, 1, 2.0, stage.clock.wall_s - 20)
        await stage.settle()
        assert stage.screen.has_class("-stale")
        assert len(set(live)) > 4 and len(set(colours())) <= 2, "one dim colour and one quiet one"
        assert "as of 20 s ago" in title(stage)
        assert stage.title_of(stage.online) == "Online (8)", "nobody went offline because we lost the line"
        assert "The connection was lost: the gateway said no goodbye." in stage.text
        link.connected("websocket")
        await stage.settle()
        assert stage.screen.has_class("-stale"), "connected is not signed in"
        link.live(5)
        await stage.settle()
        assert "● LIVE" in title(stage) and "as of 20 s ago" in title(stage)
        assert stage.screen.has_class("-stale"), "what the gap hid was not read yet"
        link.vouched(stage.clock.wall_s)
        await stage.settle()
        assert not stage.screen.has_class("-stale")
        assert colours()[0] == live[0]
        assert "as of" not in title(stage)


async def test_before_the_first_live_time_nothing_is_stale() -> None:
    async with on_stage(live=False) as stage:
        stage.watch.link.reconnecting(LOST, AGAIN, 1, 2.0, None)
        await stage.settle()
        assert not stage.screen.has_class("-stale")
        stage.watch.link.vouched(stage.clock.wall_s - 10)
        await stage.settle()
        assert stage.screen.has_class("-stale"), "what was read by REST is as old as its reading"
        assert "as of 10 s ago" in title(stage)


async def test_latency_is_shown_while_live_only() -> None:
    async with on_stage(WIDE) as stage:
        stage.watch.tally.note_latency(0.0124)
        await stage.wait(0)
        assert title(stage).rstrip().endswith("12 ms")
        stage.watch.link.reconnecting(LOST, AGAIN, 1, 2.0, None)
        await stage.settle()
        assert "12 ms" not in title(stage)


async def test_the_reason_is_said_below_and_one_key_away() -> None:
    reason = Phrase("The gateway does not accept this token: {said}.", {"said": "[/bold] {0}"})
    async with on_stage(WIDE, crew=False, live=False) as stage:
        stage.watch.link.signed_out(reason, AGAIN, None)
        await stage.wait(0)
        assert stage.activity[0] == "The gateway does not accept this token: [/bold] {0}."
        await stage.press("l")
        assert "Why The gateway does not accept this token: [/bold] {0}." in stage.said.replace("│ ", "")
        assert "What to do It will be tried again." in stage.said.replace("│ ", "")


async def test_the_smallest_screen_still_has_the_word_and_the_age() -> None:
    async with on_stage(SMALLEST) as stage:
        stage.watch.link.reconnecting(LOST, AGAIN, 3, 4.0, stage.clock.wall_s - 20)
        await stage.settle()
        assert "RECONNECTING 3 · next in 4 s" in title(stage)
        assert "as of 20 s ago" in title(stage)
        assert title(stage).startswith(" Harbour")


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
    async with on_stage(WIDE) as stage:
        said = said.format(f"{datetime.fromtimestamp(stage.clock.wall_s):%H:%M}")
        stage.watch.memberships.end(HARBOUR.id, cause, stage.clock.wall_s)
        await stage.settle()
        assert f"◌ {word}" in title(stage) and "LIVE" not in title(stage)
        assert stage.text.count(said) >= 2, "in the title and in the activity"
        assert stage.screen.has_class("-stale")
        assert stage.title_of(stage.online) == "Online (8)"
        if cause is not EndCause.CLOSED:
            stage.watch.memberships.restore(HARBOUR.id)
            await stage.settle()
            assert "● LIVE" in title(stage) and not stage.screen.has_class("-stale")
            assert "Harbour crew: a member again" in stage.text


async def test_the_end_of_another_membership_leaves_what_is_shown_as_it_is() -> None:
    async with on_stage(WIDE) as stage:
        stage.watch.memberships.end("c-lighthouse", EndCause.REMOVED, stage.clock.wall_s)
        await stage.settle()
        assert "● LIVE" in title(stage) and not stage.screen.has_class("-stale")
        assert "Lighthouse: no longer a member" in stage.text


async def test_the_end_is_seen_on_the_smallest_terminal() -> None:
    async with on_stage(SMALLEST) as stage:
        stage.watch.memberships.end(HARBOUR.id, EndCause.REMOVED, stage.clock.wall_s)
        await stage.settle()
        assert "NOT A MEMBER" in title(stage)
