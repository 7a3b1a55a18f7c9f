"""The audit where no runtime presence can be asked for: the older gateway, and a guest of the newer one.

Each is a scenario with the findings that are expected, and no others.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import pytest

from presence_tui.domain.rules import meeshy_2025
from presence_tui.gateway.directory import Person
from presence_tui.gateway.server import Gateway
from presence_tui.transport.credentials import CredentialKind
from presence_tui.wire import names
from tests.integration.watch.conftest import StartGateway
from tests.integration.watch.running_monitor import RunningMonitor
from tests.integration.watch.test_audit import DAY_S, STRANGER, AuditHarness, Found, first_guest, no_pause
from tests.integration.watch.test_membership import enter_by_link

Act = Callable[[AuditHarness], Awaitable[Found]]
SCENARIOS: Final[dict[str, Act]] = {}
NOT_ACTIVE_S: Final = 400.0


def scenario(name: str) -> Callable[[Act], Act]:
    """Register what happens, and what is to be found."""

    def register(act: Act) -> Act:
        SCENARIOS[name] = act
        return act

    return register


def be_active(harness: AuditHarness, person: Person, ago_s: float = 1.0) -> Person:
    person.last_active_s = harness.watch.store.clock.stamp().wall_s - ago_s
    return person


@scenario("nothing is wrong")
async def _(harness: AuditHarness) -> Found:
    return {}


@scenario("a departure is not announced")
async def _(harness: AuditHarness) -> Found:
    person = be_active(harness, harness.online[0])
    person.devices = 0
    return {"ghost-online": [person.key]}


@scenario("somebody passive left or was marked as offline")
async def _(harness: AuditHarness) -> Found:
    person = be_active(harness, harness.online[0], NOT_ACTIVE_S)
    person.devices = 0
    return {"hidden-or-offline": [person.key]}


@scenario("an event tells of somebody who has no socket")
async def _(harness: AuditHarness) -> Found:
    harness.gateway.create_ghost(harness.offline[0].key)
    await harness.watch.until_flag(harness.offline[0].key, True)
    return {"ghost-online": [harness.offline[0].key]}


@scenario("an arrival is not announced")
async def _(harness: AuditHarness) -> Found:
    harness.move_silently(harness.offline[0], True)
    return {"ghost-offline": [harness.offline[0].key]}


@scenario("case 2: the first of two tabs was evicted, and the second is there")
async def _(harness: AuditHarness) -> Found:
    person = harness.offline[0]
    await harness.move(person, True)
    await harness.move(person, False)
    harness.move_silently(person, True)
    return {"ghost-offline": [person.key]}


@scenario("a guest was marked as offline")
async def _(harness: AuditHarness) -> Found:
    guest = first_guest(harness.gateway)
    assert harness.watch.flag(guest.key) is True
    guest.devices = 0
    return {"hidden-or-offline": [guest.key]}


@scenario("case 9: all leave silently")
async def _(harness: AuditHarness) -> Found:
    accounts = [person for person in harness.gateway.people().values() if not person.guest]
    # Without a time nobody can tell whether the gateway has cleared the flag by itself.
    untimed = [each.key for each in accounts if each.hides_last_seen and each.devices and not each.hidden]
    for person in accounts:
        be_active(harness, person).devices = 0
    return {"departures-unannounced": [""], "hidden-or-offline": untimed}


@scenario("many missed transitions")
async def _(harness: AuditHarness) -> Found:
    for person in harness.offline[:5]:
        harness.move_silently(person, True)
    for person in harness.online[:2]:
        be_active(harness, person).devices = 0
    return {"deaf-feed": [""]}


@scenario("case 15: the list leaves some out")
async def _(harness: AuditHarness) -> Found:
    left_out = [harness.online[0].key, harness.offline[0].key]
    harness.gateway.faults.unanswered = set(left_out)
    return {"not-confirmed": left_out}


@scenario("case 22: answers in turn")
async def _(harness: AuditHarness) -> Found:
    harness.gateway.faults.split = {harness.online[0].key}
    return {"contradicting-answers": [harness.online[0].key]}


@scenario("an answer contradicts itself")
async def _(harness: AuditHarness) -> Found:
    be_active(harness, harness.offline[0], -DAY_S)
    return {"incoherent": [harness.offline[0].key]}


@scenario("case 17: the rule does not trust what both say")
async def _(harness: AuditHarness) -> Found:
    harness.watch.store.states.set_rule(meeshy_2025(online_s=1, away_s=2))
    live = [person.key for person in harness.online if harness.watch.record(person.key).state == "offline"]
    assert live
    return {"stale-activity": live}


@scenario("14: a stranger may be of a conversation that was not read")
async def _(harness: AuditHarness) -> Found:
    harness.gateway.connections.broadcast(
        names.STATUS, {"userId": STRANGER, "username": "Zoe", "isOnline": True}
    )
    await harness.watch.until_flag(STRANGER, True)
    return {}


@pytest.mark.parametrize("name", SCENARIOS)
async def test_the_older_gateway(name: str, start_gateway: StartGateway) -> None:
    gateway = await start_gateway(profile="meeshy-2025")
    gateway.faults.uptime_s = 7 * DAY_S
    guests = [person for person in gateway.people().values() if person.guest]
    for guest in guests:
        guest.devices = 1
    async with RunningMonitor(gateway.url, gateway.token) as watch:
        watch.monitor.auditor.sleep = no_pause
        # Another roster that is read later would correct what is to be found.
        await watch.until_all_are_read()
        harness = AuditHarness(gateway, watch)
        assert await harness.found() == {}
        expected = await SCENARIOS[name](harness)
        report = await harness.audit()
        found: Found = {}
        for finding in report.findings:
            found.setdefault(finding.kind.value, []).append(finding.key)
        assert {kind: sorted(keys) for kind, keys in found.items()} == {
            kind: sorted(keys) for kind, keys in expected.items()
        }
        there = sum(guest.devices for guest in guests)
        assert report.is_by_list and report.untold_guests == there
        assert report.checked == report.participants - there
        assert report.requests <= 4


async def test_a_guest_of_the_newer_gateway_checks_guests(newest: Gateway) -> None:
    newest.faults.uptime_s = 7 * DAY_S
    guests = [person for person in newest.people().values() if person.guest]
    for guest in guests:
        guest.devices = 1
    _, token = await enter_by_link(newest)
    async with RunningMonitor(
        newest.url, token, kind=CredentialKind.GUEST, wanted=newest.conversation
    ) as watch:
        watch.monitor.auditor.sleep = no_pause
        await watch.until_settled()
        harness = AuditHarness(newest, watch)
        assert await harness.found() == {}
        guests[0].devices = 0
        report = await harness.audit()
        found = [(finding.kind, finding.key) for finding in report.findings]
        assert found == [("ghost-online", guests[0].key)]
        assert report.checked == len(guests)
        assert report.untold_accounts == report.participants - report.checked > 0


@pytest.fixture
async def newest(start_gateway: StartGateway) -> Gateway:
    return await start_gateway(profile="meeshy-2026")
