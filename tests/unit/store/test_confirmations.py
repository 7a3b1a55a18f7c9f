"""Unconfirmed participants: known from an earlier connection, but not from the current one."""

import pytest

from presence_tui.wire.messages import PresenceRow, RosterRow
from tests.unit.store.store_harness import StoreHarness, member


@pytest.fixture
def harness() -> StoreHarness:
    """Ada and Ben are online in the first connection, which is lost."""
    harness = StoreHarness()
    harness.store.epochs.begin()
    harness.roster("ada", "ben", "cleo")
    harness.snapshot(PresenceRow("ada", True), PresenceRow("ben", True))
    harness.clock.advance(60)
    return harness


def since(harness: StoreHarness, key: str) -> float | None:
    """Since when somebody is unconfirmed; asked of one is the same as asked of all."""
    epochs, everybody = harness.store.epochs, harness.store.participants.values()
    for_all = [record for record in everybody if epochs.unconfirmed_since_s(record) is not None]
    assert epochs.unconfirmed(everybody) == for_all
    return epochs.unconfirmed_since_s(harness.record(key))


def test_new_connection_unconfirms_all_and_snapshot_confirms_its_rows(harness: StoreHarness) -> None:
    lost_s = harness.now_s
    assert since(harness, "ada") is since(harness, "ben") is None
    harness.clock.advance(30)
    harness.store.epochs.begin(lost_s)
    assert since(harness, "ada") == since(harness, "ben") == lost_s
    assert since(harness, "cleo") is None, "unknown stays unknown"
    harness.snapshot(PresenceRow("ben", True))
    assert (since(harness, "ada"), since(harness, "ben")) == (lost_s, None)
    assert harness.record("ada").flag is True
    harness.clock.advance(30)
    harness.store.epochs.begin(harness.now_s - 10)
    assert since(harness, "ada") == lost_s, "the first gap still counts after the second"
    assert since(harness, "ben") == harness.now_s - 10


@pytest.mark.parametrize("how", ["event", "runtime", "roster"])
def test_any_evidence_confirms(harness: StoreHarness, how: str) -> None:
    harness.store.epochs.begin(harness.now_s)
    match how:
        case "event":
            harness.event("ada", True)
        case "runtime":
            harness.runtime("ada", True)
        case _:
            harness.roster(RosterRow(member("ada"), True))
    assert since(harness, "ada") is None


def test_names_and_typing_do_not_confirm(harness: StoreHarness) -> None:
    harness.store.epochs.begin(harness.now_s)
    harness.roster("ada")
    harness.store.apply_typing("ada")
    assert since(harness, "ada") is not None


def test_answer_does_not_confirm_omitted_participant(harness: StoreHarness) -> None:
    version = harness.store.version
    asked = harness.clock.stamp()
    harness.store.epochs.record_left_out(["ada", "nobody"], asked)
    assert (since(harness, "ada"), since(harness, "ben")) == (asked.wall_s, None)
    assert harness.store.version > version, "the row is drawn again"
    harness.clock.advance(1)
    harness.event("ada", True)
    assert since(harness, "ada") is None


def test_unconfirmed_since_last_evidence_without_time_of_loss(harness: StoreHarness) -> None:
    told_s = harness.record("ada").received_s
    harness.store.epochs.begin()
    assert since(harness, "ada") == told_s
    harness.store.clear()
    harness.event("ada", True)
    assert since(harness, "ada") is None
