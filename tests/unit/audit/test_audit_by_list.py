"""Where there is no runtime presence to ask for, the list of participants is compared, as far as it tells."""

import pytest

from presence_tui.audit.audit_pass import PAUSE_S, SWEPT_AFTER_S
from presence_tui.audit.comparison import Answer
from presence_tui.transport.errors import RateLimited
from presence_tui.wire.messages import PresenceRow
from presence_tui.wire.profiles import MEESHY_2025
from tests.unit.audit.lying_runtime import ROUND_TRIP_S, AuditedStore, only
from tests.unit.store.store_harness import member

GUEST = "gus"


def older(*online: str) -> AuditedStore:
    """The older gateway: the list has told who is here, accounts and a guest."""
    harness = AuditedStore()
    harness.profile = MEESHY_2025
    harness.roster("me", "ada", "bo", member(GUEST, guest=True))
    harness.snapshot(*(PresenceRow(key, key in online, harness.now_s) for key in ("ada", "bo", GUEST)))
    harness.says = lambda key: Answer(key in online, harness.now_s)
    harness.pass_time(10)
    return harness


async def test_who_the_list_tells_about_is_checked() -> None:
    harness = older("ada", GUEST)
    report = await harness.audit()
    assert (report.findings, report.participants, report.checked) == ([], 3, 2)
    assert (report.is_by_list, report.untold_guests, report.untold_accounts) == (True, 1, 0)
    assert report.requests == 3, "health, and the list twice"


@pytest.mark.parametrize(
    ("ago_s", "expected"),
    [(30.0, "ghost-online"), (SWEPT_AFTER_S + 60, "hidden-or-offline"), (None, "hidden-or-offline")],
)
async def test_who_may_have_been_marked_as_offline_is_no_ghost(ago_s: float | None, expected: str) -> None:
    harness = older("ada")
    left_s = None if ago_s is None else harness.now_s - ago_s
    harness.says = lambda key: Answer(False, left_s)
    finding = only(await harness.audit())
    assert (finding.kind, finding.key) == (expected, "ada")
    assert ("marked as offline" in str(finding.cause)) is (expected == "hidden-or-offline")


async def test_a_guest_who_is_not_here_by_the_list_may_be_either() -> None:
    harness = older(GUEST)
    harness.says = lambda key: Answer(False, None)
    report = await harness.audit()
    assert (only(report).kind, only(report).key) == ("hidden-or-offline", GUEST)
    assert (report.checked, report.untold_guests) == (3, 0)


async def test_who_is_here_by_the_list_may_only_have_signed_in() -> None:
    harness = older()
    harness.says = lambda key: Answer(key == "bo", harness.now_s)
    finding = only(await harness.audit())
    assert (finding.kind, finding.key) == ("ghost-offline", "bo")
    assert "without opening a socket" in str(finding.cause)


async def test_who_is_missing_in_the_list_is_not_confirmed_if_the_list_is_whole() -> None:
    harness = older("ada")
    harness.lists = lambda key: None if key == "ada" else harness.true_row(key)
    assert await harness.findings() == [("not-confirmed", "ada")]
    harness.total = 4
    report = await harness.audit()
    assert (report.findings, report.checked, report.untold_accounts) == ([], 2, 1)


async def test_a_stranger_may_be_of_another_conversation() -> None:
    harness = older("ada")
    harness.event("zoe", True)
    assert await harness.findings() == []
    harness.rosters_are_known = True
    assert await harness.findings() == [("unknown-member", "zoe")]


async def test_lists_in_turn_are_contradicting() -> None:
    harness = older("ada")
    harness.says = lambda key: Answer(key == "ada" and len(harness.asked_of) % 2 == 0, harness.now_s)
    assert await harness.findings() == [("contradicting-answers", "ada")]


async def test_a_pause_asked_for_is_made_and_the_list_is_read_again() -> None:
    harness = older("ada")
    harness.at(ROUND_TRIP_S + PAUSE_S / 2, lambda: harness.errors.append(RateLimited(20)))
    report = await harness.audit()
    assert (report.error, report.checked, harness.pauses_s) == (None, 3, [20])


async def test_a_guest_reads_about_guests() -> None:
    harness = AuditedStore()
    harness.is_guest = True
    harness.roster("me", "ada", member(GUEST, guest=True), member("gil", guest=True))
    harness.snapshot(*(PresenceRow(key, True, harness.now_s) for key in ("ada", GUEST, "gil")))
    harness.says = lambda key: Answer(key != GUEST, harness.now_s)
    report = await harness.audit()
    assert (only(report).kind, only(report).key) == ("ghost-online", GUEST)
    assert (report.checked, report.untold_accounts, report.untold_guests) == (2, 1, 0)
