"""Flaps of a running service: of the watched conversation, with its reconnects and its pings."""

from dataclasses import dataclass
from typing import cast

import pytest

from presence_tui.flaps.report import FlapCause, FlapReport
from presence_tui.service.flaps import ServiceFlaps
from presence_tui.service.state import ServiceState
from tests.unit.store.store_harness import HARBOUR, LIGHTHOUSE, StoreHarness

CREW = [f"p{number}" for number in range(8)]


@dataclass
class _State:
    """What a report needs of a state."""

    conversation_id: str | None = HARBOUR
    profile: str = "meeshy-2026"


class FlapsHarness(StoreHarness):
    def __init__(self) -> None:
        super().__init__()
        self.limit_s: float | None = None
        self.store.epochs.begin()
        self.flaps = ServiceFlaps(self.store, lambda: self.limit_s)

    def read(self, **state: str) -> FlapReport:
        return self.flaps.read(cast("ServiceState", _State(**state)))

    def flap(self, key: str, stay_s: float, away_s: float, times: int = 6) -> None:
        self.event(key, True)
        for _ in range(times):
            self.clock.advance(stay_s)
            self.event(key, False)
            self.clock.advance(away_s)
            self.event(key, True)


def test_only_members_of_the_watched_conversation_are_listed() -> None:
    harness = FlapsHarness()
    harness.roster("ada")
    harness.roster("zoe", conversation=LIGHTHOUSE)
    for key in ("ada", "zoe"):
        harness.flap(key, 57, 3)
    assert [each.key for each in harness.read().people] == ["ada"]
    assert [each.key for each in harness.read(conversation_id=LIGHTHOUSE).people] == ["zoe"]
    harness.store.clear()
    assert list(harness.read().people) == []


def test_many_with_our_own_reconnect_are_one_wave() -> None:
    harness = FlapsHarness()
    harness.roster(*CREW)
    for flag in (False, True):
        harness.clock.advance(60)
        harness.store.epochs.begin(harness.now_s)
        for key in CREW:
            harness.event(key, flag)
    (wave,) = harness.read().waves
    assert (wave.cause, wave.people) == (FlapCause.OWN_RECONNECT, 8)
    assert {each.cause for each in harness.read().people} == {FlapCause.OWN_RECONNECT}


@pytest.mark.parametrize(
    ("profile", "limit_s", "stay_s"),
    [
        ("meeshy-2026", None, 45),
        ("meeshy-2025", None, 35),
        ("meeshy-2026", 33, 33),
        ("meeshy-2026", 20, 45),
        ("", None, 45),
        ("", 33, 45),
    ],
)
def test_the_beat_of_pings_is_as_the_gateway_says(profile: str, limit_s: float | None, stay_s: float) -> None:
    harness = FlapsHarness()
    harness.roster("ada", "bo")
    harness.limit_s = limit_s
    harness.flap("ada", stay_s + 0.1, 1.5)
    harness.flap("bo", stay_s - 5, 1.5)
    causes = {each.key: each.cause for each in harness.read(profile=profile).people}
    assert causes["ada"] is FlapCause.PING_TIMEOUT
    assert causes["bo"] is not FlapCause.PING_TIMEOUT


def test_the_limit_of_the_last_connection_holds_while_there_is_none() -> None:
    harness = FlapsHarness()
    harness.roster("ada")
    harness.limit_s = 33
    harness.read()
    harness.limit_s = None
    harness.flap("ada", 33.1, 1.5)
    assert [each.cause for each in harness.read().people] == [FlapCause.PING_TIMEOUT]
