"""Names and other foreign text are drawn and never interpreted."""

import json

from presence_tui.domain.translatable import phrase
from presence_tui.monitor.inbound import Inbound
from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.transport.errors import AccessDenied, ConnectionLost, GatewayBroken, SessionRevoked
from presence_tui.wire.decode import decode_event
from presence_tui.wire.messages import GatewayErrorEvent
from presence_tui.wire.profiles import MEESHY_2026
from presence_tui.wire.responses import read_conversations, read_error, read_participants
from presence_tui.wire.sanitize import safe_text
from tests.tui.app_harness import HARBOUR, WIDE, AppHarness, running_app
from tests.tui.hostile import HOSTILE, forbidden_in

KEYS = {f"h{place:02}": text for place, text in enumerate(HOSTILE.values())}


def in_json(value: object) -> bytes:
    """Encode as JSON with lone surrogates as escapes, as a gateway written in JavaScript does."""
    return json.dumps(value).encode()


def invade(harness: AppHarness) -> None:
    """All hostile participants join, come online and type; the data passes through the wire decoding."""
    rows = [
        {
            "id": f"p-{key}",
            "userId": key,
            "isOnline": False,
            "displayName": text.encode("utf-8", "replace").decode(),
            "username": text.encode("utf-8", "replace").decode(),
            "conversationRole": text.encode("utf-8", "replace").decode(),
        }
        for key, text in KEYS.items()
    ]
    (page,) = read_participants(in_json({"data": rows}), MEESHY_2026)
    assert page.malformed_rows == 0
    harness.store.set_participants(page.rows, HARBOUR.id)
    inbound = Inbound(harness.store, harness.monitor.counters)
    for key, text in KEYS.items():
        inbound.handle("user:status", ({"userId": key, "isOnline": True, "username": text},))
        typing = {"userId": key, "conversationId": HARBOUR.id, "displayName": text, "username": text}
        inbound.handle("typing:start", (typing,))


def assert_harmless(harness: AppHarness) -> None:
    """The screen is intact, contains no control character, and no part of it has an action."""
    assert harness.app.is_running
    lines = harness.lines()
    assert set().union(*(forbidden_in(line.text) for line in lines)) == set()
    assert [style.meta for line in lines for _, style in line.styles if "@click" in style.meta] == []


async def test_names_in_rows_why_line_activity_and_dialogs() -> None:
    async with running_app((112, 60), crew=False) as harness:
        harness.monitor.watch(HARBOUR)
        invade(harness)
        await harness.settle()
        assert_harmless(harness)
        assert harness.title_of(harness.online) == f"Online ({len(KEYS)})"
        names = {key: harness.store.participants[key].shown_name for key in KEYS}
        assert {"␛[2J␛[31mRed Rita", "[@click=app.quit]Click Carl[/]", "Bold Bea"} - set(names.values()) == {
            "Bold Bea"
        }, "controls are shown as pictures, markup as text"
        assert len(set(names.values())) == len(KEYS) and all(names.values())
        rows = [row.text[3:11].rstrip("… ") for row in harness.rows(harness.online)]
        assert sorted(rows) == sorted(name[:8].rstrip("… ") for name in names.values())
        assert f"{len(KEYS)} came" in harness.activity
        for key in KEYS:
            harness.online.select(key)
            await harness.wait(0)
            assert_harmless(harness)
            assert f" {names[key][:20]}" in harness.line_with(" is online: ").text
            if names[key].startswith(("[@", "[/", "{", "Close")):
                await harness.press("enter")
                assert_harmless(harness)
                assert f"╭─ {names[key][:20]}" in harness.text, "the dialog's title is the unchanged name"
                await harness.press("escape")


async def test_a_click_on_a_link_in_a_name_selects_and_does_nothing_else() -> None:
    async with running_app(WIDE, crew=False) as harness:
        harness.monitor.watch(HARBOUR)
        invade(harness)
        await harness.settle()
        await harness.click("[@click=app")
        assert harness.app.is_running and not harness.app._exit
        assert harness.selected == "[@click=app.quit]Click Carl[/]"


async def test_titles_of_conversations() -> None:
    rows = [
        {"id": key, "title": text.encode("utf-8", "replace").decode(), "type": "group", "memberCount": 3}
        for key, text in KEYS.items()
    ]
    conversations = read_conversations(in_json({"data": rows})).rows
    assert len(conversations) == len(KEYS)
    async with running_app((110, 34), crew=False) as harness:
        harness.monitor.set_conversations(conversations)
        for conversation in conversations:
            harness.monitor.watch(conversation)
            await harness.settle()
            title = harness.lines()[0].text
            assert f" {conversation.title[:20]}" in title
            assert forbidden_in(title) == set()
        assert_harmless(harness)
        assert "␛[2J␛[31mRed Rita" in harness.text
        await harness.resize(90, 34)
        await harness.press("c")
        assert_harmless(harness)
        assert "[@click=app.quit]Click Carl[/]" in harness.text


async def test_what_gateways_say_goes_wrong() -> None:
    async with running_app(WIDE, crew=False, live=False) as harness:
        harness.monitor.watch(HARBOUR)
        for place, text in enumerate(HOSTILE.values()):
            said = read_error(in_json({"message": text})).text
            event = decode_event("error", [{"message": text}])
            assert isinstance(event, GatewayErrorEvent)
            errors = AccessDenied(said), GatewayBroken(500, said), SessionRevoked(safe_text(text))
            error = errors[place % len(errors)]
            harness.monitor.noticed.emit(phrase("The gateway says: {said}.", said=event.message))
            # Not within the cooldown of the refresh before.
            harness.clock.advance(10)
            harness.screen._refresh.refresh()
            await harness.settle()
            harness.monitor.answer_refresh(RefreshReport(roster_error=error))
            await harness.settle()
            harness.monitor.resync(RefreshReport(roster_error=error))
            lost = ConnectionLost(error.sentence)
            harness.monitor.link.reconnecting(lost.sentence, lost.advice, 1, 2.0, None)
            await harness.settle()
            assert_harmless(harness)
            if "[@click" in said or said.endswith("[/"):
                await harness.press("l")
                assert_harmless(harness)
                await harness.press("escape")
            harness.app.clear_notifications()
        assert any("[@click=app.quit]Click Carl[/]" in line for line in harness.activity)
