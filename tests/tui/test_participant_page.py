"""The page of one participant."""

import json
from collections.abc import Callable

import pytest

from presence_tui.domain.enums import Panel, Source
from presence_tui.domain.evidence import UNREADABLE_S
from presence_tui.domain.participants import Conversation, Participant
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.inbound import Inbound
from presence_tui.tui.widgets.packet_table import PacketTable
from presence_tui.wire.messages import PresenceRow, Status
from presence_tui.wire.timestamps import wire_from_seconds
from tests.tui.app_harness import (
    HARBOUR,
    LIGHTHOUSE,
    NIGHT_SHIFT,
    WIDE,
    AppHarness,
    key_of,
    member,
    running_app,
)
from tests.unit.clock import utc_s

TALL = (120, 60)


async def page_of(harness: AppHarness, name: str, panel: Panel = Panel.ONLINE) -> str:
    """The text of the page, opened from Contacts."""
    await harness.press("3", "slash", *name, "enter")
    await harness.press("home", "enter")
    return harness.said


async def test_who_somebody_is_and_where() -> None:
    async with running_app(TALL) as harness:
        harness.monitor.key = key_of("Ada Okafor")
        harness.store.set_participants(
            [member("Ada Okafor", handle="ada", language="fr", role="creator")], NIGHT_SHIFT.id
        )
        harness.store.set_participants([member("Ada Okafor", role="member")], LIGHTHOUSE.id)
        said = await page_of(harness, "Ada Okafor")
        for row in (
            "Name Ada Okafor · you",
            "Handle @ada",
            "Role mod",
            "Type account",
            "Language fr",
            "Conversations Harbour crew (mod)",
            "Lighthouse",
            "Night shift (creator)",
            "State online (flag)",
        ):
            assert f"│ {row} " in said, f"{row} in\n{said}"


async def test_of_a_guest_nothing_is_made_up() -> None:
    async with running_app(TALL) as harness:
        said = await page_of(harness, "Dmitri")
        for row in ("Name Dmitri", "Handle —", "Role member", "Type guest", "Language —"):
            assert f"│ {row} " in said
        assert "· you" not in said


async def test_more_conversations_than_are_listed_are_counted() -> None:
    rooms = [Conversation(f"c-{place:02}", f"Room {place:02}") for place in range(11)]
    async with running_app(TALL) as harness:
        harness.monitor.set_conversations([HARBOUR, *rooms])
        for room in rooms:
            harness.store.set_participants([member("Bo Chen")], room.id)
        said = await page_of(harness, "Bo Chen")
        assert (said.count("Room 06"), said.count("Room 07")) == (2, 1), (
            "rooms are listed in the sidebar as well"
        )
        assert "+4 more" in said


async def test_offline_may_be_hidden_and_the_page_says_so() -> None:
    async with running_app(TALL) as harness:
        said = await page_of(harness, "Rosa Lind", Panel.OFFLINE)
        assert "State offline (flag) · or hidden: the two cannot be told apart" in said
        await harness.press("escape", "escape")
        said = await page_of(harness, "Ada Unknown", Panel.OFFLINE)
        assert "State unknown (flag) │" in said


async def test_whom_a_rule_shows_online_is_not_said_to_be_hidden() -> None:
    async with running_app(TALL) as harness:
        await harness.event("Ada Okafor", False, last_active_s=harness.clock.wall_s)
        await harness.press("u")
        said = await page_of(harness, "Ada Okafor")
        assert "State online (meeshy-2026) │" in said
        assert "Flag offline" in said


async def test_the_page_names_since_when_somebody_is_here_or_not(use_zone: Callable[[str], None]) -> None:
    use_zone("Europe/Paris")
    async with running_app(TALL) as harness:
        said = await page_of(harness, "Ada Okafor")
        assert "Online since before presence-tui watched │" in said
        await harness.press("escape", "escape")
        harness.clock.wall_s = 1_795_342_542.0
        await harness.event("Ada Okafor", False)
        said = await page_of(harness, "Ada Okafor", Panel.OFFLINE)
        assert "Offline since 2026-11-22 11:15:42 CET │" in said
        await harness.press("escape", "escape")
        said = await page_of(harness, "Ada Unknown", Panel.OFFLINE)
        assert " since " not in said


@pytest.mark.parametrize(
    ("language", "row"),
    [
        ("en", "Offline since 2026-11-22 11:15:42 CET at the latest, when it was noticed │"),
        ("fr", "Hors ligne depuis 2026-11-22 11:15:42 CET au plus tard, heure du constat │"),
    ],
)
async def test_the_page_claims_no_time_for_a_change_that_nobody_saw(
    use_zone: Callable[[str], None], language: str, row: str
) -> None:
    use_zone("Europe/Paris")
    async with running_app(TALL, language=language) as harness:
        await harness.event("Ada Okafor", True)
        harness.clock.wall_s = 1_795_342_542.0
        harness.store.epochs.begin()
        found = [PresenceRow(key_of("Ada Okafor"), False)]
        harness.store.apply_answers(found, Source.RUNTIME, harness.clock.stamp())
        said = await page_of(harness, "Ada Okafor", Panel.OFFLINE)
        assert row in said


@pytest.mark.parametrize(
    ("language", "label"), [("en", "Flag offline since"), ("fr", "Indicateur faux depuis")]
)
async def test_since_when_is_of_the_flag_where_the_rule_contradicts_it(
    use_zone: Callable[[str], None], language: str, label: str
) -> None:
    use_zone("Europe/Paris")
    async with running_app(TALL, language=language) as harness:
        harness.clock.wall_s = 1_795_342_542.0
        await harness.event("Ada Okafor", False, last_active_s=harness.clock.wall_s)
        await harness.press("u")
        said = await page_of(harness, "Ada Okafor")
        assert f"{label} 2026-11-22 11:15:42 CET │" in said


async def test_a_flag_that_the_rule_no_longer_trusts_is_not_said_to_be_somebody_online() -> None:
    async with running_app(TALL) as harness:
        await harness.event("Ada Okafor", True, last_active_s=harness.clock.wall_s)
        await harness.press("u")
        await harness.wait(3600)
        said = await page_of(harness, "Ada Okafor", Panel.OFFLINE)
        assert "State offline (meeshy-2026)" in said
        assert "Flag online since" in said


async def test_who_checked_and_what_activity_is_are_the_same_in_line_and_page() -> None:
    async with running_app(TALL) as harness:
        key = key_of("Ada Unknown")
        harness.store.apply_status(Status(key, True))
        await harness.settle()
        await harness.press("3", "slash", *"ada u", "enter", "home")
        await harness.wait(5)
        assert "sign of life 5 s ago" in harness.said and "active 5 s ago" not in harness.said
        await harness.press("enter")
        assert "Last active never told, or hidden" in harness.said
        assert "Sign of life 5 s ago" in harness.said
        assert "Last checked never" in harness.said
        await harness.press("escape", "escape")
        said = await page_of(harness, "Ada Okafor")
        assert "Last checked snapshot or REST said online, 5 s ago" in said


async def test_every_time_is_local_and_names_its_zone(use_zone: Callable[[str], None]) -> None:
    use_zone("Europe/Paris")
    async with running_app(TALL) as harness:
        harness.clock.wall_s = 1_795_342_542.0
        await harness.event(
            "Ada Okafor", True, emitted_s=harness.clock.wall_s, last_active_s=harness.clock.wall_s
        )
        said = await page_of(harness, "Ada Okafor")
        assert "Last active 2026-11-22 11:15:42 CET" in said
        assert "Sent by gateway 2026-11-22 11:15:42 CET" in said
        assert "Times local: CET (UTC+0100)" in said


async def test_a_time_that_occurs_twice_has_its_offset(use_zone: Callable[[str], None]) -> None:
    use_zone("Europe/Paris")
    async with running_app(TALL) as harness:
        harness.clock.wall_s = utc_s("2026-10-25T01:05:42")
        await harness.event(
            "Ada Okafor", True, emitted_s=utc_s("2026-10-25T00:59:50"), last_active_s=harness.clock.wall_s
        )
        said = await page_of(harness, "Ada Okafor")
        assert "Last active 2026-10-25 02:05:42 +01:00 │" in said
        assert "Sent by gateway 2026-10-25 02:59:50 +02:00 │" in said


@pytest.mark.parametrize(
    ("told_s", "says"),
    [
        (0.001, "told 1970-01-01 00:00 UTC, which is before 2010"),
        (4_070_908_800.0, "told 2099-01-01 00:00 UTC, which was in the future"),
        (1e12, "told beyond the calendar, which was in the future"),
        (UNREADABLE_S, "told a time that cannot be read"),
    ],
)
async def test_an_impossible_time_is_marked_on_the_row_and_explained(told_s: float, says: str) -> None:
    async with running_app(TALL) as harness:
        harness.store.apply_status(Status(key_of("Ada Okafor"), True, last_active_s=told_s))
        await harness.settle()
        assert "invalid time" in harness.row_of("Ada Okafor").text
        said = await page_of(harness, "Ada Okafor")
        assert f"│ Invalid time {says} " in said
        await harness.press("escape", "l")
        assert "Impossible times" in harness.said


async def test_both_names_are_on_the_page() -> None:
    async with running_app(TALL) as harness:
        harness.store.set_participants([member("Ada Okafor")], HARBOUR.id)
        harness.store.apply_status(Status(key_of("Ada Okafor"), True, "Ada O. of the account"))
        said = await page_of(harness, "Ada Okafor")
        assert "│ Name Ada Okafor " in said
        assert "│ Name of the account Ada O. of the account " in said


async def test_who_is_not_confirmed_is_marked_on_row_why_line_and_page() -> None:
    async with running_app(TALL) as harness:
        assert "not confirmed" not in harness.said
        harness.clock.advance(1)
        harness.store.epochs.begin(harness.clock.wall_s - 60)
        await harness.wait(1)
        assert "not confirmed" in harness.rows(harness.online)[0].text
        assert "Ada Okafor is online" in harness.said and "not confirmed since" in harness.said
        harness.store.apply_status(Status(key_of("Ada Okafor"), True))
        await harness.wait(1)
        assert "not confirmed" not in harness.rows(harness.online)[0].text
        said = await page_of(harness, "Hana Sato")
        assert "State idle (flag) · not confirmed since" in said


def receive(harness: AppHarness, event: str, payload: dict[str, object]) -> None:
    """An event as the monitor receives it, with its packet."""
    inbound = Inbound(harness.store, EventCounters(), packets=harness.monitor.packets)
    inbound.handle(event, (payload,), f"42{json.dumps([event, payload])}")


def status(name: str, flag: bool, **more: object) -> dict[str, object]:
    return {"userId": key_of(name), "isOnline": flag, **more}


async def test_the_page_names_the_packet_that_decides_and_what_comes_next() -> None:
    async with running_app(TALL) as harness:
        for _ in range(2):
            receive(harness, "user:status", status("Bo Chen", True))
        await harness.wait(18)
        said = await page_of(harness, "Bo Chen")
        assert "Told by event #1, 18 s ago, epoch 4 · packet 0 · 1 copy │" in said
        assert "Sign of life 18 s ago · arrival: event · packet 0 │" in said
        assert "Next away in 42 s unless a sign of life arrives │" in said
        await harness.wait(2)
        assert "Next away in 40 s" in harness.said
        receive(harness, "typing:start", {"userId": key_of("Bo Chen"), "conversationId": HARBOUR.id})
        await harness.wait(1)
        assert "Sign of life 1 s ago · arrival: typing · packet 2 │" in harness.said
        receive(harness, "user:status", status("Bo Chen", False))
        await harness.wait(1)
        assert "Next no change by time; only new evidence changes it │" in harness.said


async def test_the_page_lists_what_did_not_decide_and_why() -> None:
    async with running_app(TALL) as harness:
        said = await page_of(harness, "Bo Chen")
        assert "Did not decide" not in said
        await harness.press("escape", "escape")
        asked = harness.clock.stamp()
        now_s = harness.clock.wall_s
        harness.clock.advance(1)
        receive(harness, "user:status", status("Bo Chen", True, timestamp=wire_from_seconds(now_s)))
        receive(harness, "user:status", status("Bo Chen", False, timestamp=wire_from_seconds(now_s - 5)))
        harness.store.apply_answers([PresenceRow(key_of("Bo Chen"), False)], Source.RUNTIME, asked)
        said = await page_of(harness, "Bo Chen")
        assert "Did not decide" in said
        assert "event offline: sent before the newest event · packet 1 │" in said
        assert "runtime (REST) offline: requested before the newest evidence " in said


async def test_the_page_says_where_name_handle_language_and_role_are_from() -> None:
    async with running_app(TALL) as harness:
        asked = harness.clock.stamp()
        ada = Participant(key_of("Ada Okafor"), "Ada Okafor", "ada", "moderator", language="en")
        harness.store.set_participants([ada], HARBOUR.id, asked=asked)
        said = await page_of(harness, "Ada Okafor")
        for label in ("Name", "Handle", "Language"):
            assert f"{label} from roster (REST): Harbour crew · 0 s ago │" in said
        assert "Role from event · " in said
        harness.clock.advance(1)
        harness.store.members.set_roster_read(HARBOUR.id, harness.clock.stamp(), is_whole=True)
        await harness.wait(40)
        assert "Role from roster (REST): Harbour crew · 40 s ago │" in harness.said
        assert "Name from roster (REST): Harbour crew · 41 s ago │" in harness.said
        harness.store.members.set_role(key_of("Ada Okafor"), HARBOUR.id, "admin")
        harness.store.members.set_roster_read(LIGHTHOUSE.id, harness.clock.stamp(), is_whole=True)
        await harness.wait(1)
        assert "Role from event · 1 s ago │" in harness.said


async def test_a_key_goes_from_the_page_to_the_packet_and_back() -> None:
    async with running_app(WIDE) as harness:
        for name in ("Bo Chen", "Hana Sato", "Ada Okafor"):
            receive(harness, "user:status", status(name, True))
        await harness.press("5", "slash", *"~p ada", "enter")
        await harness.press("1")
        await page_of(harness, "Hana Sato")
        assert "o Packet · y Copy page" in harness.text
        await harness.press("o")
        packet = harness.screen.query_one(PacketTable).selected_packet
        assert packet is not None and packet.seq == 1, "the filter that left it out is cleared"
        assert "esc closes" not in harness.text
        await harness.press("o")
        assert harness.screen.selected_key == key_of("Hana Sato")


async def test_a_key_goes_from_a_packet_about_many_back_to_the_page_it_came_from() -> None:
    async with running_app(WIDE) as harness:
        users = {"users": [status(name, False, lastActiveAt=None) for name in ("Bo Chen", "Hana Sato")]}
        inbound = Inbound(harness.store, EventCounters(), packets=harness.monitor.packets)
        inbound.begin_connection()
        harness.store.epochs.begin()
        inbound.handle("presence:snapshot", (users,), f"42{json.dumps(['presence:snapshot', users])}")
        await page_of(harness, "Hana Sato")
        await harness.press("o")
        packet = harness.screen.query_one(PacketTable).selected_packet
        assert packet is not None and packet.seq == 0, "the snapshot decides"
        await harness.press("o")
        assert harness.screen.selected_key == key_of("Hana Sato")


async def test_without_a_packet_the_key_says_so() -> None:
    async with running_app(WIDE) as harness:
        await page_of(harness, "Ada Okafor")
        await harness.press("o")
        assert "No packet of this evidence is kept; REST answers have none." in harness.said
        assert "esc closes" in harness.text


async def test_whose_state_stands_still_is_as_of_then_on_line_and_page(
    use_zone: Callable[[str], None],
) -> None:
    use_zone("Europe/Paris")
    async with running_app(TALL) as harness:
        await harness.event("Ada Okafor", True, last_active_s=harness.clock.wall_s)
        await harness.press("enter")
        assert "away in" in harness.said and "as of" not in harness.said
        await harness.press("escape")
        harness.clock.advance(1)
        harness.store.states.hold(true_until_s=1_795_342_542.0)
        harness.clock.advance(600)
        await harness.wait(1)
        assert "Ada Okafor is online: event #1, 10 min ago, epoch 4 · as of 2026-11-22 11:15" in harness.said
        await harness.press("enter")
        assert "State online (flag) · as of 2026-11-22 11:15" in harness.said
        assert "Next stands still until evidence " in harness.said
        assert "away in" not in harness.said
