"""Watch rules on the screen: created by `w`, reported by toast, bell and terminal, silent about visible
changes.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual import events

from presence_tui.alerts import scheduler
from presence_tui.alerts.rules import AlertRule, Channel, Trigger
from presence_tui.alerts.service import AlertService
from presence_tui.alerts.terminal_notices import OscProtocol, notification
from presence_tui.alerts.user_rules import UserRulesContent
from presence_tui.storage.state_files import StateFile
from presence_tui.store import PresenceStore
from presence_tui.tui.controllers import alerts as alert_controller
from presence_tui.tui.controllers.alerts import TerminalNotification
from presence_tui.tui.glyphs import ASCII, UNICODE, Glyphs
from presence_tui.tui.terminal_reports import PRESENT_FOR_S
from presence_tui.wire.sanitize import safe_text
from tests.tui.app_harness import (
    CONVERSATIONS,
    LIGHTHOUSE,
    OFFLINE_NAMES,
    ROOMY,
    SMALLEST,
    WIDE,
    AppHarness,
    alert_settings,
    key_of,
    member,
    running_app,
    until,
)
from tests.unit.clock import FakeClock

EVERY_WAY = frozenset({Channel.TOAST, Channel.BELL, Channel.TERMINAL})
HOSTILE = "Ada\x1b]52;c;aGk=\x07[red]\x9b31m\u202e"


class AlertHarness:
    """A harness whose rules alert at once, and the terminal output besides frames."""

    def __init__(self, harness: AppHarness, alert_service: AlertService, written: list[str]) -> None:
        self.harness = harness
        self.alert_service = alert_service
        self.written = written

    async def comes(self, name: str) -> None:
        await self.harness.event(name, True)
        await self.harness.settle()

    @property
    def own(self) -> list[tuple[str, str, float]]:
        return [(str(rule.kind), rule.key, rule.after_s) for rule in self.alert_service.user_rules.all]

    async def until_kept(self, holds: Callable[[UserRulesContent], bool], folder: Path) -> None:
        """Wait until the saved rules satisfy the predicate."""
        await until(self.harness, lambda: any(folder.glob("*.json")))
        (path,) = folder.glob("*.json")
        file = StateFile(path, UserRulesContent)
        await until(self.harness, lambda: holds(file.load()[0]))


@asynccontextmanager
async def running_alerts(
    monkeypatch: pytest.MonkeyPatch,
    *rules: AlertRule,
    folder: Path | None = None,
    sequence: OscProtocol | None = OscProtocol.OSC_9,
    size: tuple[int, int] = ROOMY,
    language: str = "en",
    glyphs: Glyphs = UNICODE,
    senders: Any = None,
) -> AsyncIterator[AlertHarness]:
    # The harness's clock stands still, but the loop's timers run.
    monkeypatch.setattr(scheduler, "GATHER_S", 0.0)
    monkeypatch.setattr(scheduler, "PAUSE_S", 0.0)
    monkeypatch.setattr(scheduler, "LONGEST_PAUSE_S", 0.0)
    store = PresenceStore(clock=FakeClock())
    settings = alert_settings(store, language, *rules, channels=EVERY_WAY, folder=folder, senders=senders)

    def find_notification() -> TerminalNotification | None:
        return None if sequence is None else lambda text: notification(sequence, text)

    async with running_app(
        size,
        store=store,
        language=language,
        glyphs=glyphs,
        alerts=settings,
        find_notification=find_notification,
    ) as harness:
        alert_service = harness.service.alerts
        assert alert_service is not None
        alert_service.set_conversations(CONVERSATIONS)
        alert_service.set_synced(True)
        written: list[str] = []
        driver = harness.app._driver
        assert driver is not None
        monkeypatch.setattr(driver, "write", written.append)
        monkeypatch.setattr(type(harness.app), "is_headless", property(lambda self: False))
        # Frames are not needed here and would be recorded as well.
        monkeypatch.setattr(harness.app, "_display", lambda *frame: None)
        yield AlertHarness(harness, alert_service, written)


def any_comes(**fields: Any) -> AlertRule:
    return AlertRule(Trigger.COMES, cooldown_s=0.0, channels=EVERY_WAY, **fields)


async def test_w_makes_and_removes_rules_about_the_selected_person(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = key_of("Bo Chen")
    async with running_alerts(monkeypatch, folder=tmp_path) as alerts:
        harness = alerts.harness
        await harness.press("home", "j", "w")
        assert "Tell me when Bo Chen …" in harness.text
        await harness.press("space", "down", "down", "enter", "right")
        assert "[x] comes online" in harness.text
        assert "[x] is back after more than < 30 min >" in harness.said
        assert alerts.own == [("comes", key, 0), ("returns", key, 1_800)]
        await harness.press("up", "up", "space", "escape")
        assert alerts.own == [("returns", key, 1_800)]
        await alerts.until_kept(
            lambda kept: [each.kind for each in kept.rules] == [Trigger.RETURNS], tmp_path
        )
    async with running_alerts(monkeypatch, folder=tmp_path) as again:
        await again.harness.press("home", "j", "w")
        assert "[x] is back after more than < 30 min >" in again.harness.said
        assert again.own == [("returns", key, 1_800)]


async def test_the_mouse_does_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_alerts(monkeypatch) as alerts:
        harness = alerts.harness
        await harness.press("home", "w")
        await harness.click("has been gone for")
        assert alerts.own == [("empty", key_of("Ada Okafor"), 120)]
        line = harness.line_with("has been gone for").text
        y = harness.y_of("has been gone for")
        await harness.pilot.click(offset=(line.index(" >") + 1, y))
        await harness.settle()
        assert alerts.own == [("empty", key_of("Ada Okafor"), 300)]
        await harness.pilot.click(offset=(line.index("< "), y))
        await harness.pilot.click(offset=(line.index("< "), y))
        await harness.settle()
        assert alerts.own == [("empty", key_of("Ada Okafor"), 60)]
        await harness.click("All watch rules")
        assert "Ada Okafor has been gone for 1 min" in harness.text
        line, y = harness.line_with("has been gone").text, harness.y_of("has been gone")
        await harness.pilot.click(offset=(line.index("[remove]") + 1, y))
        await harness.settle()
        assert alerts.own == []
        assert "None yet" in harness.text


async def test_all_rules_are_listed_and_those_made_here_can_be_removed_by_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alert_service = AlertRule(Trigger.EMPTY, role="moderator", after_s=120.0, name="Support desk")
    async with running_alerts(monkeypatch, alert_service, any_comes(who=("Bo Chen",))) as alerts:
        harness = alerts.harness
        await harness.press("home", "w", "space", "down", "space", "W")
        said = harness.said
        assert "Support desk: nobody of role moderator online for 2 min" in said
        assert "Bo Chen comes online · configuration" in said
        assert "Unless said otherwise: on the screen, bell, terminal notification" in said
        await harness.press("x")
        assert [kind for kind, *_ in alerts.own] == ["leaves"]
        await harness.press("enter")
        assert "Tell me when Ada Okafor …" in harness.text
        assert "[x] leaves" in harness.text


@pytest.mark.parametrize(("glyphs", "mark"), [(UNICODE, " ♪"), (ASCII, " !")])
@pytest.mark.parametrize("size", [SMALLEST, ROOMY, WIDE, (200, 60)])
async def test_people_to_whom_a_rule_applies_have_a_mark(
    monkeypatch: pytest.MonkeyPatch, glyphs: Glyphs, mark: str, size: tuple[int, int]
) -> None:
    rules = (any_comes(who=("Bo Chen",)), any_comes(role="creator"), any_comes())
    async with running_alerts(monkeypatch, *rules, size=size, glyphs=glyphs) as alerts:
        harness = alerts.harness
        assert f"Bo Chen{mark} " in harness.row_of("Bo Chen").text
        assert f"Chloé Bérenger{mark} " in harness.row_of("Chloé Bérenger").text
        assert mark not in harness.row_of("Ada Okafor").text, "a rule about everyone marks no one"
        await harness.press("home", "w", "space", "escape")
        assert f"Ada Okafor{mark} " in harness.row_of("Ada Okafor").text
        await harness.press("w", "space", "escape")
        assert mark not in harness.row_of("Ada Okafor").text


async def test_u_restores_removed_rules_and_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async with running_alerts(monkeypatch, folder=tmp_path) as alerts:
        harness = alerts.harness
        await harness.press("home", "w", "space", "down", "space", "down", "space", "right", "W")
        before = alerts.own
        assert [kind for kind, *_ in before] == ["comes", "leaves", "returns"]
        await alerts.until_kept(lambda kept: [each.after_s for each in kept.rules] == [0, 0, 1_800], tmp_path)
        (path,) = tmp_path.glob("*.json")
        whole = path.read_bytes()
        assert "undoes" not in harness.text
        await harness.press("down", "x", "x")
        assert [kind for kind, *_ in alerts.own] == ["comes"]
        assert "rule removed: u undoes" in harness.text
        await alerts.until_kept(lambda kept: len(kept.rules) == 1, tmp_path)
        await harness.press("escape", "W", "u")
        assert [kind for kind, *_ in alerts.own] == ["comes", "returns"]
        assert "is back after more than 30 min" in harness.text
        await harness.press("u")
        assert "undoes" not in harness.text
        assert alerts.own == before
        await until(harness, lambda: path.read_bytes() == whole)
        await harness.press("u")
        assert alerts.own == before


async def test_a_rule_switched_off_in_the_other_dialog_can_be_restored_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running_alerts(monkeypatch) as alerts:
        await alerts.harness.press("home", "w", "down", "down", "space", "right")
        assert alerts.own == [("returns", key_of("Ada Okafor"), 1_800)]
        await alerts.harness.press("right", "space", "W", "u")
        assert alerts.own == [("returns", key_of("Ada Okafor"), 3_600)]


async def test_a_ring_is_a_toast_a_bell_and_a_notification(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_alerts(monkeypatch, any_comes()) as alerts:
        await alerts.comes("Ingrid Solberg")
        assert alerts.harness.toasts == ["Ingrid Solberg came online"]
        assert alerts.written == ["\a", "\x1b]9;Ingrid Solberg came online\x1b\\"]
        assert alerts.harness.activity[0] == "Ingrid Solberg came online"
        assert alerts.harness.activity.count("Ingrid Solberg came online") == 1, (
            "the activity feed has one line of it"
        )


async def test_what_the_feed_has_not_is_a_line_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_alerts(monkeypatch, any_comes()) as alerts:
        alerts.harness.store.set_participants([member("Lena Lamp")], LIGHTHOUSE.id)
        await alerts.comes("Lena Lamp")
        assert "Lena Lamp came online" in alerts.harness.activity


async def test_no_noise_about_what_is_seen_in_a_focused_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_alerts(monkeypatch, any_comes()) as alerts:
        harness = alerts.harness
        harness.app.post_message(events.AppFocus())
        await harness.settle()
        await alerts.comes("Ingrid Solberg")
        assert (harness.toasts, alerts.written) == (["Ingrid Solberg came online"], [])
        harness.store.set_participants([member("Lena Lamp")], LIGHTHOUSE.id)
        await alerts.comes("Lena Lamp")
        assert alerts.written != [], "participants outside the view are not visible"
        alerts.written.clear()
        await harness.press("question_mark")
        await alerts.comes("Kwame Mensah")
        assert alerts.written != [], "rows covered by a dialog are not visible"
        await harness.press("escape", "space")
        alerts.written.clear()
        await alerts.comes("Uma Rao")
        assert alerts.written != [], "changes during a pause are not visible"
        await harness.press("space")
        alerts.written.clear()
        harness.app.post_message(events.AppBlur())
        await harness.settle()
        await alerts.comes("Olga Ivanova")
        assert alerts.written[0] == "\a"


async def test_contacts_and_columns_show_people_of_other_conversations_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running_alerts(monkeypatch, any_comes(), size=(200, 40)) as alerts:
        harness = alerts.harness
        harness.store.set_participants([member("Lena Lamp"), member("Lars Lamp")], LIGHTHOUSE.id)
        harness.app.post_message(events.AppFocus())
        await harness.press("3")
        await alerts.comes("Lena Lamp")
        assert alerts.written == []
        await harness.press("2", "home", "down", "b", "4")
        assert "Lighthouse · " in harness.text
        await alerts.comes("Lars Lamp")
        assert alerts.written == []
        await harness.press("1")
        await harness.event("Lars Lamp", False)
        await alerts.comes("Lars Lamp")
        assert alerts.written[0] == "\a"


async def test_a_terminal_that_never_tells_of_focus_has_it_for_a_while_after_a_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running_alerts(monkeypatch, any_comes()) as alerts:
        await alerts.harness.press("home")
        await alerts.comes("Ingrid Solberg")
        assert alerts.written == []
        clock = alerts.harness.clock
        assert isinstance(clock, FakeClock)
        clock.advance(PRESENT_FOR_S)
        await alerts.comes("Kwame Mensah")
        assert alerts.written[0] == "\a"


async def test_only_what_is_meant_leaves_for_a_hostile_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running_alerts(monkeypatch, any_comes()) as alerts:
        await alerts.comes(HOSTILE)
        bell, sent = alerts.written
        assert (bell, sent[:4], sent[-2:]) == ("\a", "\x1b]9;", "\x1b\\")
        assert sent[4:-2] == f"{safe_text(HOSTILE)} came online"
        assert sent[4:-2].isprintable()


async def test_a_terminal_that_is_not_known_is_sent_nothing_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running_alerts(monkeypatch, any_comes(), sequence=None) as alerts:
        assert "not known to show notifications" in alerts.harness.toasts[0]
        await alerts.comes("Ingrid Solberg")
        assert alerts.written == ["\a"]


async def test_a_crowd_is_one_toast(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_alerts(monkeypatch, any_comes()) as alerts:
        with alerts.harness.store.batch():
            for name in OFFLINE_NAMES[:5]:
                alerts.harness.store.update_user_status(key_of(name), True)
        await alerts.harness.settle()
        names = ", ".join(OFFLINE_NAMES[:3])
        assert alerts.harness.toasts == [f"5 came online ({names} and 2 more)"]


async def test_a_conversation_that_is_none_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_alerts(monkeypatch, any_comes(conversation="Boiler room")) as alerts:
        alerts.alert_service.set_conversations(CONVERSATIONS)
        await alerts.harness.settle()
        told = [toast for toast in alerts.harness.toasts if "Boiler room" in toast]
        assert len(told) == 1
        assert alerts.harness.activity.count(told[0]) == 1


async def test_damaged_rules_are_set_aside_and_the_watch_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with running_alerts(monkeypatch, folder=tmp_path) as alerts:
        await alerts.harness.press("home", "j", "w", "space", "escape")
        await alerts.until_kept(lambda kept: bool(kept.rules), tmp_path)
    (path,) = tmp_path.glob("*.json")
    path.write_text("{")
    async with running_alerts(monkeypatch, any_comes(), folder=tmp_path) as alerts:
        assert f"set aside as {path.stem}.damaged" in alerts.harness.toasts[0]
        await alerts.comes("Ingrid Solberg")
        assert alerts.harness.toasts[-1] == "Ingrid Solberg came online"


@pytest.mark.parametrize(("size", "language"), [(SMALLEST, "en"), (SMALLEST, "fr"), (WIDE, "fr")])
async def test_both_dialogs_fit(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], language: str
) -> None:
    async with running_alerts(monkeypatch, any_comes(name="crew"), size=size, language=language) as alerts:
        harness = alerts.harness
        await harness.press("home", "w", "down", "down")
        assert "10 min" in harness.text.replace("\u00a0", " ")
        assert "esc" in harness.text
        await harness.press("W")
        assert "crew" in harness.text
        assert "esc" in harness.text


@pytest.mark.parametrize("size", [SMALLEST, WIDE])
async def test_rules_of_the_demo_say_that_they_end_with_it(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    async with running_alerts(monkeypatch, size=size) as alerts:
        harness = alerts.harness
        await harness.press("home", "w")
        assert "comes online" in harness.text and "demo" not in harness.text
        await harness.press("escape")
        monkeypatch.setattr(alert_controller, "DEMO", harness.service.state.gateway)
        for key in ("w", "W"):
            await harness.press(key)
            assert "Rules of the demo end with it." in harness.text
