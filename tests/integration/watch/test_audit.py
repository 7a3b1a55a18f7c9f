"""The twenty failures of the wire contract (section 6), and cases of public trackers, by a lying gateway.

Each is a scenario with the findings that are expected, and no others.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from presence_tui.audit.deaf_feed import MANY
from presence_tui.audit.findings import AuditReport
from presence_tui.domain.rules import meeshy_2026
from presence_tui.gateway.directory import Person
from presence_tui.gateway.server import Gateway
from presence_tui.monitor.link import LinkState
from presence_tui.transport.errors import GatewayError, SignInNeeded
from presence_tui.wire import names
from tests.integration.watch.conftest import StartGateway
from tests.integration.watch.running_monitor import RunningMonitor

DAY_S: Final = 86_400.0

Found = dict[str, list[str]]
"""Kind to presence keys, in order; empty text for the whole conversation."""


async def no_pause(seconds: float) -> None:
    await asyncio.sleep(0)


class AuditHarness:
    """A gateway that has run for a week, and a monitor that is current."""

    def __init__(self, gateway: Gateway, watch: RunningMonitor) -> None:
        self.gateway = gateway
        self.watch = watch
        self.people = plain(gateway)
        self.expected_error: type[GatewayError] | None = None
        self.online = [person for person in self.people if person.devices]
        self.offline = [person for person in self.people if not person.devices and person.last_active_s]

    @property
    def guest(self) -> Person:
        return next(person for person in self.gateway.people().values() if person.guest)

    async def audit(self) -> AuditReport:
        report = await self.watch.monitor.auditor.run(lambda progress: None)
        assert report is not None
        assert type(report.error) is (self.expected_error or type(None))
        return report

    async def found(self) -> Found:
        found: Found = {}
        for finding in (await self.audit()).findings:
            found.setdefault(finding.kind.value, []).append(finding.key)
        return found

    async def move(self, person: Person, flag: bool) -> None:
        """Somebody comes or leaves, and the event arrives."""
        self.gateway.set_online(person.key, flag)
        await self.watch.until_flag(person.key, flag)

    def move_silently(self, person: Person, flag: bool) -> None:
        """The truth changes, and nobody is told."""
        person.devices = 1 if flag else 0
        if flag:
            person.last_active_s = self.watch.store.clock.stamp().wall_s

    async def reconnect(self) -> None:
        epoch = self.watch.status.epoch
        self.gateway.connections.cut()
        await self.watch.until_settled(epoch + 1)


Act = Callable[[AuditHarness], Awaitable[Found]]
"""Makes the failure happen, and returns what is to be found."""
Prepare = Callable[[Gateway], object]
"""Makes the gateway lie before anybody connects."""

CASES_WITH_FINDINGS: Final = {2, 5, 9, 10, 12, 15, 17, 22, 24}

FAILURES: Final[dict[str, tuple[Act, Prepare, dict[str, Any]]]] = {}


def failure(name: str, prepare: Prepare = lambda gateway: None, **settings: Any) -> Callable[[Act], Act]:
    """Register a failure under its number in the wire contract, or in the list of cases."""

    def register(act: Act) -> Act:
        FAILURES[name] = (act, prepare, settings)
        return act

    return register


@failure("1 ghost online after a crash")
async def _(scene: AuditHarness) -> Found:
    # Within the ping window the gateway believes in the dead peer as well, so nothing differs.
    assert await scene.found() == {}
    scene.move_silently(scene.online[0], False)
    return {"ghost-online": [scene.online[0].key]}


def remember_an_old_flag(gateway: Gateway) -> None:
    gateway.faults.told[first_offline(gateway).key] = True


@failure("2 ghost online after a restart", remember_an_old_flag)
async def _(scene: AuditHarness) -> Found:
    return {"ghost-online": [first_offline(scene.gateway).key]}


@failure("3 ghost online from clients of REST alone")
async def _(scene: AuditHarness) -> Found:
    ghost = scene.offline[0]
    scene.gateway.create_ghost(ghost.key)
    await scene.watch.until_flag(ghost.key, True)
    return {"ghost-online": [ghost.key]}


@failure("4 ghost guests", lambda gateway: gateway.set_online(first_guest(gateway).key, True))
async def _(scene: AuditHarness) -> Found:
    assert scene.watch.flag(scene.guest.key) is True
    scene.move_silently(scene.guest, False)
    return {"ghost-online": [scene.guest.key]}


def deny_somebody(gateway: Gateway) -> None:
    gateway.faults.told[first_online(gateway).key] = False


@failure("5 online people seen offline at login", deny_somebody)
async def _(scene: AuditHarness) -> Found:
    return {"ghost-offline": [first_online(scene.gateway).key]}


def go_passive(gateway: Gateway) -> None:
    for person in gateway.people().values():
        person.last_active_s = None if person.last_active_s is None else person.last_active_s - 400


@failure("6 connected people drift to offline", go_passive)
async def _(scene: AuditHarness) -> Found:
    assert await scene.found() == {}, "the default rule trusts the flag"
    scene.watch.store.states.set_rule(meeshy_2026())
    live = [key for key, flag in scene.gateway.truth().items() if flag and key != scene.gateway.observer.key]
    shown = [key for key in live if scene.watch.record(key).last_active_s is not None]
    return {"stale-activity": [key for key in scene.gateway.people() if key in shown]}


@failure("6 signs of life that only a refresh tells", go_passive, participants=30)
async def _(scene: AuditHarness) -> Found:
    for person in scene.online:
        person.last_active_s = scene.watch.store.clock.stamp().wall_s
    report = await scene.watch.monitor.refresh()
    assert report is not None and len(report.changes) >= MANY, "their states are other ones now"
    return {}


@failure("7 one missed transition")
async def _(scene: AuditHarness) -> Found:
    scene.gateway.faults.forgets = 1.0
    scene.gateway.set_online(scene.offline[0].key, True)
    return {"ghost-offline": [scene.offline[0].key]}


@failure("7 many missed transitions")
async def _(scene: AuditHarness) -> Found:
    scene.gateway.faults.forgets = 1.0
    for person in (*scene.offline[:4], *scene.online[:2]):
        scene.gateway.set_online(person.key, not person.devices)
    return {"deaf-feed": [""]}


@failure("8 missed while reconnecting")
async def _(scene: AuditHarness) -> Found:
    scene.gateway.faults.refuse_sockets = True
    scene.gateway.connections.cut()
    await scene.watch.until_state(LinkState.RECONNECTING)
    scene.gateway.set_online(scene.offline[0].key, True)
    scene.gateway.faults.refuse_sockets = False
    await scene.watch.until_settled(2)
    return {}


@failure("9 a stale offline clobbers a reconnect")
async def _(scene: AuditHarness) -> Found:
    person = scene.online[0]
    await scene.move(person, False)
    scene.move_silently(person, True)
    return {"ghost-offline": [person.key]}


@failure("10 flapping")
async def _(scene: AuditHarness) -> Found:
    for flag in (True, False) * 5:
        await scene.move(scene.offline[0], flag)
    return {}


def be_active(gateway: Gateway) -> None:
    now_s = max(person.last_active_s or 0 for person in gateway.people().values())
    for person in gateway.people().values():
        if person.devices:
            person.last_active_s = now_s


@failure("11 several rules at once", be_active)
async def _(scene: AuditHarness) -> Found:
    person = scene.offline[0]
    await scene.move(person, True)
    await scene.move(person, False)
    scene.watch.store.states.set_rule(meeshy_2026())
    assert scene.watch.record(person.key).state == "online", "the rule goes by the age alone"
    return {}


def write_tomorrow(gateway: Gateway) -> None:
    first_offline(gateway).last_active_s = (first_online(gateway).last_active_s or 0) + DAY_S


@failure("12 invented times", write_tomorrow)
async def _(scene: AuditHarness) -> Found:
    return {"incoherent": [first_offline(scene.gateway).key]}


@failure("13 duplicates")
async def _(scene: AuditHarness) -> Found:
    for _ in range(3):
        scene.gateway.set_online(scene.offline[0].key, True)
    await scene.watch.until_flag(scene.offline[0].key, True)
    return {}


STRANGER = "5757575757575757575757ff"


@failure("14 unknown ids")
async def _(scene: AuditHarness) -> Found:
    event = {"userId": STRANGER, "username": "Zoe", "isOnline": True, "lastActiveAt": None}
    scene.gateway.connections.broadcast(names.STATUS, event)
    await scene.watch.until_flag(STRANGER, True)
    return {"unknown-member": [STRANGER]}


@failure("15 privacy mistaken for absence")
async def _(scene: AuditHarness) -> Found:
    scene.online[0].hidden = True
    return {"hidden-or-offline": [scene.online[0].key]}


@failure("16 the list disagrees with the live state")
async def _(scene: AuditHarness) -> Found:
    # The list says false about every account, and is no source of presence.
    assert all(person.devices for person in scene.online)
    return {}


@failure("17 the cost of presence", participants=120)
async def _(scene: AuditHarness) -> Found:
    report = await scene.audit()
    assert report.requests == 1 + 3 + 1, "health, three slices, and one to confirm"
    return {}


@failure("18 a handshake under the wrong key")
async def _(scene: AuditHarness) -> Found:
    scene.gateway.faults.refuse_sign_ins = True
    await scene.gateway.connections.kick()
    await scene.watch.until(lambda: scene.watch.status.state is not LinkState.LIVE)
    report = await scene.audit()
    assert report.was_interrupted, "without a link there is nothing to compare with"
    return {}


@failure("19 an expired token")
async def _(scene: AuditHarness) -> Found:
    scene.gateway.expire_tokens()
    scene.expected_error = SignInNeeded
    return {}


def list_the_most_active_alone(gateway: Gateway) -> None:
    gateway.members()[gateway.observer.key].role = "member"


@failure("20 a truncated roster", list_the_most_active_alone, participants=130)
async def _(scene: AuditHarness) -> Found:
    listed = set(scene.watch.store.rosters.members(scene.gateway.conversation))
    unlisted = next(person for person in scene.offline if person.key not in listed)
    await scene.move(unlisted, True)
    return {}


@failure("case 2: one of two devices is left")
async def _(scene: AuditHarness) -> Found:
    person = scene.offline[0]
    await scene.move(person, True)
    await scene.move(person, False)
    scene.move_silently(person, True)
    return {"ghost-offline": [person.key]}


@failure("case 5: one leaves silently")
async def _(scene: AuditHarness) -> Found:
    person = scene.offline[0]
    await scene.move(person, True)
    scene.move_silently(person, False)
    return {"ghost-online": [person.key]}


@failure("case 9: all leave silently")
async def _(scene: AuditHarness) -> Found:
    for person in scene.gateway.people().values():
        person.devices = 0
    return {"departures-unannounced": [""]}


@failure("case 9: all leave silently by a gateway that has just started")
async def _(scene: AuditHarness) -> Found:
    for person in scene.gateway.people().values():
        person.devices = 0
    scene.gateway.faults.uptime_s = 3
    assert (await scene.audit()).is_distrusted
    return {}


@failure("case 10: a refresh corrects 20 although 4 events came", participants=80)
async def _(scene: AuditHarness) -> Found:
    for person in scene.offline[4:24]:
        scene.move_silently(person, True)
    for person in scene.offline[:4]:
        await scene.move(person, True)
    report = await scene.watch.monitor.refresh()
    assert report is not None and report.corrected == 20
    return {"deaf-feed": [""]}


@failure("case 12: a snapshot of everyone but one")
async def _(scene: AuditHarness) -> Found:
    person = scene.online[0]
    scene.gateway.faults.left_out = {person.key}
    scene.move_silently(person, False)
    await scene.reconnect()
    assert scene.watch.store.epochs.unconfirmed_since_s(scene.watch.record(person.key)) is not None
    return {"not-confirmed": [person.key]}


@failure("case 15: an answer about 5 of 24")
async def _(scene: AuditHarness) -> Found:
    everybody = [key for key in scene.gateway.people() if key != scene.gateway.observer.key]
    scene.gateway.faults.unanswered = set(everybody[5:])
    return {"not-confirmed": everybody[5:]}


def be_active_two_days_ago(gateway: Gateway) -> None:
    person = first_online(gateway)
    person.last_active_s = (person.last_active_s or 0) - 2 * DAY_S


@failure("case 17: active two days ago, and one who hides", be_active_two_days_ago)
async def _(scene: AuditHarness) -> Found:
    stale, hidden = first_online(scene.gateway), scene.online[-1]
    hidden.hidden = True
    return {"stale-activity": [stale.key], "hidden-or-offline": [hidden.key]}


@failure("case 22: answers in turn")
async def _(scene: AuditHarness) -> Found:
    scene.gateway.faults.split = {scene.online[0].key}
    return {"contradicting-answers": [scene.online[0].key]}


@failure("case 24: a restart with old flags", lambda gateway: setattr(gateway.faults, "uptime_s", 2.0))
async def _(scene: AuditHarness) -> Found:
    scene.gateway.faults.runtime_is_empty = True
    assert (await scene.audit()).is_distrusted
    return {}


def first_online(gateway: Gateway) -> Person:
    return next(person for person in plain(gateway) if person.devices)


def first_offline(gateway: Gateway) -> Person:
    return next(person for person in plain(gateway) if not person.devices and person.last_active_s)


def first_guest(gateway: Gateway) -> Person:
    return next(person for person in gateway.people().values() if person.guest)


def plain(gateway: Gateway) -> list[Person]:
    """Accounts that hide nothing, in the order of the roster."""
    return [
        person
        for person in gateway.people().values()
        if person is not gateway.observer and not (person.guest or person.hidden or person.hides_last_seen)
    ]


@pytest.mark.parametrize("name", FAILURES)
async def test_a_failure_has_its_finding_and_no_other(name: str, start_gateway: StartGateway) -> None:
    act, prepare, settings = FAILURES[name]
    gateway = await start_gateway(**settings)
    gateway.faults.uptime_s = 7 * DAY_S
    prepare(gateway)
    async with RunningMonitor(gateway.url, gateway.token) as watch:
        watch.monitor.auditor.sleep = no_pause
        await watch.until_settled()
        scene = AuditHarness(gateway, watch)
        expected = await act(scene)
        found = await scene.found() if watch.status.state is LinkState.LIVE else {}
        assert {kind: sorted(keys) for kind, keys in found.items()} == {
            kind: sorted(keys) for kind, keys in expected.items()
        }


def test_all_twenty_failures_and_cases_with_findings_are_there() -> None:
    numbers = {int(name.split()[0]) for name in FAILURES if not name.startswith("case")}
    assert numbers == set(range(1, 21))
    cases = {int(name.split()[1].rstrip(":")) for name in FAILURES if name.startswith("case")}
    assert cases >= CASES_WITH_FINDINGS
