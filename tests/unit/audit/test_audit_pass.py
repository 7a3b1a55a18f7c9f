"""One pass: who is asked when, what is confirmed, and what it costs."""

import pytest

from presence_tui.audit.audit_pass import LONGEST_PAUSE_S, PAUSE_S, kinds_of
from presence_tui.audit.comparison import Answer
from presence_tui.audit.deaf_feed import MANY
from presence_tui.audit.findings import FindingKind
from presence_tui.domain.rules import meeshy_2026
from presence_tui.domain.translatable import phrase
from presence_tui.transport.errors import RateLimited, Unreachable
from presence_tui.transport.presence_source import PRESENCE_SLICE
from presence_tui.wire.messages import PresenceRow
from tests.unit.audit.lying_runtime import AuditedStore, only
from tests.unit.store.store_harness import HARBOUR, member


def crew(*keys: str, online: tuple[str, ...] = (), **options: object) -> AuditedStore:
    """A store whose snapshot is true, and a runtime that says the same."""
    harness = AuditedStore(**options)  # type: ignore[arg-type]
    harness.roster("me", *keys)
    now_s = harness.now_s
    harness.snapshot(*(PresenceRow(key, key in online, now_s - 5) for key in keys))
    harness.says = lambda key: Answer(key in online, now_s - 5)
    harness.pass_time(10)
    return harness


async def test_agreement_is_no_finding() -> None:
    harness = crew("ada", "bo", online=("ada",))
    report = await harness.audit()
    assert (report.findings, report.participants, report.checked) == ([], 2, 2)
    assert report.requests == 3, "health, everybody, and everybody again in the same number of requests"


async def test_a_ghost_is_confirmed_by_two_answers_with_its_evidence() -> None:
    harness = crew("ada", "bo", online=("ada", "bo"))
    seen_s = harness.record("ada").received_s
    harness.says = lambda key: Answer(key == "bo", harness.now_s)
    finding = only(await harness.audit())
    assert (finding.kind, finding.key, finding.name) == (FindingKind.GHOST_ONLINE, "ada", "Ada")
    assert (finding.flag, finding.source, finding.runtime, finding.state) == (
        True,
        "snapshot",
        "offline",
        "online",
    )
    assert finding.evidence_s == seen_s
    assert harness.record("ada").flag is True, "an audit corrects nothing"


async def test_ourselves_are_not_asked_about() -> None:
    harness = crew("ada")
    await harness.audit()
    assert harness.asked_of == [["ada"], ["ada"]]


async def test_an_event_under_way_is_waited_for() -> None:
    harness = crew("ada", online=("ada",))
    harness.says = lambda key: Answer(False, harness.now_s)
    harness.at(2 * PAUSE_S, lambda: harness.event("ada", False, last_active_s=harness.now_s))
    assert await harness.findings() == []


async def test_a_return_during_the_pass_is_no_contradiction() -> None:
    harness = crew("ada", online=("ada",))
    left_s = harness.clock.monotonic_s + 0.5
    back_s = left_s + 1
    harness.says = lambda key: Answer(not left_s <= harness.clock.monotonic_s < back_s, harness.now_s)
    harness.at(0.6, lambda: harness.event("ada", False, last_active_s=harness.now_s))
    harness.at(1.6, lambda: harness.event("ada", True, last_active_s=harness.now_s))
    assert await harness.findings() == []


async def test_answers_in_turn_are_contradicting_although_the_first_agrees() -> None:
    harness = crew("ada", online=("ada",))
    harness.says = lambda key: Answer(len(harness.asked_of) % 2 == 1, harness.now_s)
    assert await harness.findings() == [("contradicting-answers", "ada")]


async def test_suspects_share_their_requests_with_others() -> None:
    keys = [f"p{number:03}" for number in range(2 * PRESENCE_SLICE + 10)]
    harness = crew(*keys, online=tuple(keys))
    harness.says = lambda key: Answer(key != keys[-1], harness.now_s)
    report = await harness.audit()
    assert [len(ids) for ids in harness.asked_of] == [50, 50, 10, 50]
    assert harness.asked_of[-1][0] == keys[-1]
    assert only(report).key == keys[-1]
    assert report.requests == 5


async def test_progress_counts_everybody_then_the_suspects() -> None:
    keys = [f"p{number:03}" for number in range(PRESENCE_SLICE + 1)]
    harness = crew(*keys)
    told: list[tuple[int, int]] = []
    await harness.audit(lambda done, total: told.append((done, total)))
    assert told == [(50, 51), (51, 51), (50, 50)]


async def test_a_pause_asked_for_is_made_and_the_pass_goes_on() -> None:
    harness = crew("ada", online=("ada",))
    harness.uptime_s = None
    harness.errors = [Unreachable(phrase("gone")), RateLimited(36)]
    began_s = harness.clock.monotonic_s
    report = await harness.audit()
    assert (report.error, report.checked) == (None, 1)
    assert harness.pauses_s == [36]
    assert harness.clock.monotonic_s - began_s > 36


async def test_a_pause_that_is_too_long_ends_the_pass_without_findings() -> None:
    harness = crew("ada", online=("ada",))
    harness.says = lambda key: Answer(False)
    harness.at(0.5, lambda: harness.errors.append(RateLimited(LONGEST_PAUSE_S + 1)))
    report = await harness.audit()
    assert isinstance(report.error, RateLimited)
    assert report.findings == []


async def test_another_connection_ends_the_pass() -> None:
    harness = crew("ada", online=("ada",))
    harness.says = lambda key: Answer(False)
    harness.at(0.1, lambda: harness.store.epochs.begin())
    report = await harness.audit()
    assert (report.was_interrupted, report.findings) == (True, [])
    assert len(harness.asked_of) == 1


async def test_who_is_told_about_nobody_has_nothing_to_compare() -> None:
    harness = crew("ada")
    harness.is_guest = True
    report = await harness.audit()
    assert (report.has_no_runtime, report.checked, report.findings) == (True, 0, [])


async def test_many_silent_departures_are_one_finding() -> None:
    keys = tuple(f"p{number}" for number in range(MANY))
    harness = crew(*keys, online=keys)
    harness.says = lambda key: Answer(False, harness.now_s - 20)
    finding = only(await harness.audit())
    assert finding.kind is FindingKind.DEPARTURES_UNANNOUNCED
    assert finding.keys == keys
    assert finding.matches(kinds_of(["ghost-online"]))
    assert str(finding.cause) == (
        "5 left and no event said so, though the gateway did not restart: P0, P1, P2, P3, P4."
    )


async def test_departures_of_a_gateway_that_has_just_restarted_do_not_count() -> None:
    keys = tuple(f"p{number}" for number in range(MANY))
    harness = crew(*keys, online=keys)
    harness.says = lambda key: Answer(False, harness.now_s - 20)
    harness.uptime_s = 3
    report = await harness.audit()
    assert (report.is_distrusted, report.findings, report.checked) == (True, [], 0)


async def test_fewer_departures_are_ghosts_each() -> None:
    keys = tuple(f"p{number}" for number in range(MANY - 1))
    harness = crew(*keys, online=keys)
    harness.says = lambda key: Answer(False, harness.now_s - 20)
    assert await harness.findings() == [("ghost-online", key) for key in keys]


async def test_many_corrections_after_few_events_are_a_deaf_feed() -> None:
    keys = tuple(f"p{number}" for number in range(24))
    harness = crew(*keys)
    for key in keys[:4]:
        harness.event(key, True, last_active_s=harness.now_s)
    harness.pass_time(5)
    corrections = [change for key in keys[4:] for change in harness.runtime(key, True, harness.now_s)]
    harness.feed_record.record_refresh(HARBOUR, corrections)
    harness.says = lambda key: Answer(True, harness.now_s)
    finding = only(await harness.audit())
    assert finding.kind is FindingKind.DEAF_FEED
    assert str(finding.cause).startswith("20 corrections, though events told of 4 only")


async def test_corrections_of_another_connection_are_no_deaf_feed() -> None:
    keys = tuple(f"p{number}" for number in range(20))
    harness = crew("ada", *keys, online=("ada",))
    corrections = [change for key in keys for change in harness.runtime(key, True, harness.now_s)]
    harness.feed_record.record_refresh(HARBOUR, corrections)
    harness.says = lambda key: Answer(True, harness.now_s)
    assert await harness.findings() == [("deaf-feed", "")]
    harness.store.epochs.begin()
    harness.snapshot(*(PresenceRow(key, True) for key in ("ada", *keys)))
    assert await harness.findings() == []


async def test_many_differences_both_ways_after_few_events_are_a_deaf_feed() -> None:
    keys = tuple(f"p{number}" for number in range(12))
    harness = crew(*keys, online=keys[:4])
    harness.says = lambda key: Answer(key not in keys[:4], harness.now_s)
    finding = only(await harness.audit())
    assert finding.kind is FindingKind.DEAF_FEED
    assert finding.matches(kinds_of(["ghost-offline"]))
    assert set(finding.keys) == set(keys)


async def test_who_decays_although_the_socket_lives_is_stale() -> None:
    harness = crew("ada", online=("ada",), rule=meeshy_2026())
    harness.pass_time(400)
    harness.says = lambda key: Answer(True, harness.now_s)
    assert await harness.findings() == [("stale-activity", "ada")]


async def test_a_stranger_of_whom_nobody_knows_is_unknown() -> None:
    harness = crew("ada")
    harness.event("zoe", True, last_active_s=harness.now_s)
    harness.says = lambda key: Answer(False, None if key == "zoe" else harness.now_s)
    assert await harness.findings() == [("unknown-member", "zoe")]


async def test_a_guest_who_left_is_explained_as_a_guest() -> None:
    harness = AuditedStore()
    harness.roster(member("gus", guest=True))
    harness.snapshot(PresenceRow("gus", True, harness.now_s))
    harness.says = lambda key: Answer(False, None)
    finding = only(await harness.audit())
    assert finding.kind is FindingKind.GHOST_ONLINE
    assert "guest" in str(finding.cause)


def test_names_of_findings_are_read() -> None:
    assert kinds_of(["any"]) == frozenset(FindingKind)
    assert kinds_of(["deaf-feed", "ghost-online"]) == {FindingKind.DEAF_FEED, FindingKind.GHOST_ONLINE}
    with pytest.raises(ValueError, match="ghosts"):
        kinds_of(["ghosts"])
