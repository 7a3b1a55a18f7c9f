"""What people call themselves is drawn, never obeyed."""

import json

from presence_tui.domain.translatable import phrase
from presence_tui.monitor.inbound import Inbound
from presence_tui.monitor.refresh import RefreshReport
from presence_tui.transport.errors import AccessDenied, ConnectionLost, GatewayBroken, SessionRevoked
from presence_tui.wire.decode import decode_event
from presence_tui.wire.messages import GatewayErrorEvent
from presence_tui.wire.profiles import MEESHY_2026
from presence_tui.wire.responses import read_conversations, read_error, read_participants
from presence_tui.wire.sanitize import safe_text
from tests.tui.app_harness import HARBOUR, WIDE, AppHarness, on_stage
from tests.tui.hostile import HOSTILE, forbidden_in

KEYS = {f"h{place:02}": text for place, text in enumerate(HOSTILE.values())}


def in_json(value: object) -> bytes:
    """As JSON that keeps half characters as escapes, as a gateway written in JavaScript does."""
    return json.dumps(value).encode()


def invade(stage: AppHarness) -> None:
    """Everybody hostile joins, comes online and types; everything goes through the wire's decoding."""
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
    stage.store.set_participants(page.rows, HARBOUR.id)
    inbound = Inbound(stage.store, stage.watch.tally)
    for key, text in KEYS.items():
        inbound.take("user:status", ({"userId": key, "isOnline": True, "username": text},))
        typing = {"userId": key, "conversationId": HARBOUR.id, "displayName": text, "username": text}
        inbound.take("typing:start", (typing,))


def assert_harmless(stage: AppHarness) -> None:
    """The picture is whole, holds no character that a terminal obeys, and nothing in it does anything."""
    assert stage.app.is_running
    lines = stage.lines()
    assert set().union(*(forbidden_in(line.text) for line in lines)) == set()
    assert [style.meta for line in lines for _, style in line.styles if "@click" in style.meta] == []


async def test_names_in_rows_why_line_activity_and_dialogs() -> None:
    async with on_stage((112, 60), crew=False) as stage:
        stage.watch.watch(HARBOUR)
        invade(stage)
        await stage.settle()
        assert_harmless(stage)
        assert stage.title_of(stage.online) == f"Online ({len(KEYS)})"
        rows = [row.text[3:11].rstrip("… ") for row in stage.rows(stage.online)]
        names = {key: stage.store.participants[key].shown_name for key in KEYS}
        assert len(rows) == len(KEYS)
        for row in rows:
            assert any(name.startswith(row) for name in names.values()), row
        assert len(stage.activity) > 5
        for key in KEYS:
            stage.online.select(key)
            await stage.wait(0)
            assert_harmless(stage)
            assert f" {names[key][:20]}" in stage.line_with(" is online: ").text
            if names[key].startswith(("[@", "[/", "{", "Close")):
                await stage.press("enter")
                assert_harmless(stage)
                assert f"╭─ {names[key][:20]}" in stage.text, "the heading of the dialog is the name as it is"
                await stage.press("escape")


async def test_a_click_on_a_link_in_a_name_selects_and_does_nothing_else() -> None:
    async with on_stage(WIDE, crew=False) as stage:
        stage.watch.watch(HARBOUR)
        invade(stage)
        await stage.settle()
        await stage.click("[@click=app")
        assert stage.app.is_running and not stage.app._exit
        assert stage.selected == "[@click=app.quit]Click Carl[/]"


async def test_titles_of_conversations() -> None:
    rows = [
        {"id": key, "title": text.encode("utf-8", "replace").decode(), "type": "group", "memberCount": 3}
        for key, text in KEYS.items()
    ]
    conversations = read_conversations(in_json({"data": rows})).rows
    assert len(conversations) == len(KEYS)
    async with on_stage((110, 34), crew=False) as stage:
        stage.watch.know(conversations)
        for conversation in conversations:
            stage.watch.watch(conversation)
            await stage.settle()
            title = stage.lines()[0].text
            assert f" {conversation.title[:20]}" in title
            assert forbidden_in(title) == set()
        assert_harmless(stage)
        assert "␛[2J␛[31mRed Rita" in stage.text
        await stage.resize(90, 34)
        await stage.press("c")
        assert_harmless(stage)
        assert "[@click=app.quit]Click Carl[/]" in stage.text


async def test_what_gateways_say_goes_wrong() -> None:
    async with on_stage(WIDE, crew=False, live=False) as stage:
        stage.watch.watch(HARBOUR)
        for place, text in enumerate(HOSTILE.values()):
            said = read_error(in_json({"message": text})).text
            event = decode_event("error", [{"message": text}])
            assert isinstance(event, GatewayErrorEvent)
            errors = AccessDenied(said), GatewayBroken(500, said), SessionRevoked(safe_text(text))
            error = errors[place % len(errors)]
            stage.watch.noticed.tell(phrase("The gateway says: {said}.", said=event.message))
            stage.screen._refresh.refresh()
            await stage.settle()
            stage.watch.answer_refresh(RefreshReport(roster_error=error))
            await stage.settle()
            stage.watch.resync(RefreshReport(roster_error=error))
            lost = ConnectionLost(error.sentence)
            stage.watch.link.reconnecting(lost.sentence, lost.advice, 1, 2.0, None)
            await stage.settle()
            assert_harmless(stage)
            if "[@click" in said or said.endswith("[/"):
                await stage.press("l")
                assert_harmless(stage)
                await stage.press("escape")
            stage.app.clear_notifications()
        assert any("[@click=app.quit]Click Carl[/]" in line for line in stage.activity)
