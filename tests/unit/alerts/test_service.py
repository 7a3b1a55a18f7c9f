"""The alert service: rules of the configuration and of the user, quiet hours, and delivery."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from presence_tui.alerts.delivery import Notice
from presence_tui.alerts.router import QuietHours
from presence_tui.alerts.rules import COOLDOWN_S, Alert, AlertRule, Channel, Trigger
from presence_tui.alerts.service import AlertService
from presence_tui.alerts.user_rules import UserRules, UserRulesContent, user_rule
from presence_tui.domain.participants import Conversation
from presence_tui.storage.state_files import StateFile
from tests.unit.alerts.alert_harness import CONVERSATIONS, AlertHarness, rule
from tests.unit.clock import START_S
from tests.unit.virtual_time import run_virtually

GATEWAY = "https://gate.example"
WAYS = frozenset({Channel.COMMAND})


class Sent:
    """A sender that takes everything."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.closed = 0

    async def send(self, notice: Notice) -> str:
        self.notices.append(notice)
        return "ok"

    async def close(self) -> None:
        self.closed += 1


class ServiceHarness(AlertHarness):
    """A service over a store of people; the alerts, troubles and notices it made."""

    def __init__(self, *rules: AlertRule, path: Path | None = None, quiet: QuietHours | None = None) -> None:
        super().__init__()
        self.delivered: list[tuple[list[str], bool]] = []
        self.troubles: list[str] = []
        self.sender = Sent()
        file = None if path is None else StateFile(path, UserRulesContent)
        self.service = AlertService(
            self.store,
            rules,
            UserRules(file, GATEWAY, WAYS, COOLDOWN_S),
            GATEWAY,
            sentence_of=lambda alert: ", ".join(match.key for match in alert.matches),
            on_alert=self._on_alert,
            on_trouble=lambda trouble: self.troubles.append(str(trouble)),
            quiet_hours=quiet,
            senders={Channel.COMMAND: self.sender},
        )

    def _on_alert(self, alert: Alert, is_quiet: bool) -> None:
        self.delivered.append(([match.key for match in alert.matches], is_quiet))

    async def follow(self) -> None:
        await self.service.open()
        self.service.set_conversations(CONVERSATIONS)
        self.service.set_synced(True)

    async def tell_of(self, *keys: str) -> list[tuple[list[str], bool]]:
        """These come online; return the alerts after a while."""
        self.online(*keys)
        self.clock.advance(600)
        await asyncio.sleep(600)
        delivered, self.delivered = self.delivered, []
        return delivered


def hours_around_start(before_s: float, after_s: float) -> QuietHours:
    start = datetime.fromtimestamp(START_S)
    begin, end = (start + timedelta(seconds=seconds) for seconds in (-before_s, after_s))
    return QuietHours(begin.time(), end.time())


def test_an_alert_goes_to_the_screen_and_to_the_channels_of_its_rule() -> None:
    async def follow() -> None:
        it = ServiceHarness(rule("comes", "ada", channels=WAYS), rule("comes", "bo"))
        await it.follow()
        assert it.service.configured_rules == (rule("comes", "ada", channels=WAYS), rule("comes", "bo"))
        assert await it.tell_of("ada", "bo") == [(["ada", "bo"], False)]
        assert [(notice.text, b"https://gate.example" in notice.body) for notice in it.sender.notices] == [
            ("ada", True)
        ]
        assert {way: counters.sent for way, counters in it.service.counters.items()} == {Channel.COMMAND: 1}
        await it.service.close()
        assert it.sender.closed == 1
        assert await it.tell_of("mia") == []

    run_virtually(follow())


@pytest.mark.parametrize(
    ("hours", "is_quiet"),
    [
        (None, False),
        (hours_around_start(3_600, 3_600), True),
        (hours_around_start(7_200, -3_600), False),
    ],
)
def test_in_quiet_hours_the_screen_is_told_so_and_no_channel_anything(
    hours: QuietHours | None, is_quiet: bool
) -> None:
    async def follow() -> None:
        it = ServiceHarness(rule("comes", channels=WAYS), quiet=hours)
        await it.follow()
        assert await it.tell_of("ada") == [(["ada"], is_quiet)]
        assert len(it.sender.notices) == (0 if is_quiet else 1)
        await it.service.close()

    run_virtually(follow())


def test_rules_of_a_user_apply_at_once_and_are_stored(tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    about_ada = user_rule(Trigger.COMES, "ada", "Ada")

    async def follow() -> None:
        it = ServiceHarness(path=path)
        await it.follow()
        ada = it.record("ada")
        saving = it.service.add_rule(about_ada)
        assert it.service.has_rule_about("ada") and it.service.marks(ada), "before it is written"
        assert it.service.names_anybody
        assert not it.service.has_rule_about("bo") and not it.service.has_rule_about("nobody")
        await saving
        assert await it.tell_of("ada") == [(["ada"], False)]
        it.offline("ada")
        await it.service.remove_rule(about_ada)
        assert not it.service.has_rule_about("ada") and not it.service.marks(ada)
        assert not it.service.names_anybody
        assert await it.tell_of("ada") == []
        restoring = it.service.restore_removed_rule()
        assert restoring is not None
        await restoring
        assert it.service.restore_removed_rule() is None
        assert it.service.has_rule_about("ada")
        await it.service.close()
        again = ServiceHarness(path=path)
        assert not again.service.has_rule_about("ada"), "not read yet"
        await again.follow()
        assert again.service.has_rule_about("ada")
        assert it.troubles == again.troubles == []
        await again.service.close()

    run_virtually(follow())


def test_rules_that_cannot_be_read_or_stored_are_told(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("no folder")

    async def follow() -> None:
        it = ServiceHarness(path=tmp_path / "folder" / "rules.json")
        await it.follow()
        read = len(it.troubles)
        await it.service.add_rule(user_rule(Trigger.COMES, "ada", "Ada"))
        assert len(it.troubles) == read + 1
        assert await it.tell_of("ada") == [(["ada"], False)], "it applies all the same"
        await it.service.close()

    run_virtually(follow())


def test_a_rule_about_no_conversation_is_told_once_and_when_all_are_known() -> None:
    async def follow() -> None:
        boiler_room = rule("comes", conversation="Boiler room")
        it = ServiceHarness(boiler_room, rule("comes", conversation="lighthouse"))
        await it.follow()
        sentence = "A watch rule names Boiler room, which is no conversation of yours."
        assert it.troubles == [sentence]
        it.service.set_conversations(CONVERSATIONS)
        assert it.troubles == [sentence]
        it.service.set_conversations([*CONVERSATIONS, Conversation("b", "Boiler room")])
        assert it.troubles == [sentence]
        it.service.set_conversations(CONVERSATIONS)
        assert it.troubles == [sentence] * 2, "it was one in between"
        await it.service.close()
        for known, are_all in (([], True), (CONVERSATIONS, False)):
            other = ServiceHarness(boiler_room)
            await other.service.open()
            other.service.set_conversations(known, are_all=are_all)
            assert other.troubles == []
            await other.service.close()

    run_virtually(follow())


def test_nobody_is_alerted_of_themselves_nor_marked() -> None:
    async def follow() -> None:
        it = ServiceHarness(rule("comes", role="moderator"))
        it.service.set_own_key("mia")
        await it.follow()
        assert not it.service.marks(it.record("mia")) and it.service.marks(it.record("noa"))
        assert not it.service.marks(it.record("ada"))
        assert await it.tell_of("mia") == []
        assert await it.tell_of("noa") == [(["noa"], False)]
        await it.service.close()

    run_virtually(follow())


def test_after_another_rule_was_made_the_others_know_their_conversations_by_title() -> None:
    async def follow() -> None:
        it = ServiceHarness(rule("comes", role="moderator", conversation="Harbour crew"))
        await it.follow()
        assert it.service.marks(it.record("mia"))
        await it.service.add_rule(user_rule(Trigger.COMES, "ada", "Ada"))
        assert it.service.marks(it.record("mia"))
        await it.service.close()

    run_virtually(follow())


def test_before_the_link_is_synced_nothing_is_alerted() -> None:
    async def follow() -> None:
        it = ServiceHarness(rule("comes"))
        await it.service.open()
        assert await it.tell_of("ada") == []
        it.service.set_synced(True)
        assert await it.tell_of("bo") == [(["bo"], False)]
        await it.service.close()

    run_virtually(follow())
