"""Transitions and status of the link."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product

import pytest

from presence_tui.domain.translatable import NOTHING, phrase
from presence_tui.monitor.link import LOSSES_KEPT, MAY_FOLLOW, Link, LinkState, LinkStatus, Loss
from tests.unit.clock import START_S, FakeClock

WHY, DO = phrase("The line broke."), phrase("Wait.")
C, D, L, S, R, O, X = (  # noqa: E741
    LinkState.CONNECTING,
    LinkState.CONNECTED,
    LinkState.LIVE,
    LinkState.STALE,
    LinkState.RECONNECTING,
    LinkState.SIGNED_OUT,
    LinkState.OFFLINE,
)

MOVES: Mapping[LinkState, Callable[[Link], None]] = {
    C: lambda link: link.connecting(),
    D: lambda link: link.connected("websocket"),
    L: lambda link: link.live(1),
    S: lambda link: link.stale(WHY, DO, START_S),
    R: lambda link: link.reconnecting(WHY, DO, 1, 4.0, START_S),
    O: lambda link: link.signed_out(WHY, DO, START_S),
    X: lambda link: link.offline(WHY, DO, START_S),
}
WAYS: Mapping[LinkState, tuple[LinkState, ...]] = {
    C: (),
    D: (D,),
    L: (D, L),
    S: (D, L, S),
    R: (R,),
    O: (O,),
    X: (X,),
}
ALLOWED = {
    C: {D, R, O, X},
    D: {L, R, O, X},
    L: {S, R, O, X},
    S: {D, R, O, X},
    R: {D, O, X},
    O: {C},
    X: {C},
}


def link_in(state: LinkState) -> Link:
    link = Link(FakeClock())
    for step in WAYS[state]:
        MOVES[step](link)
    assert link.status.state is state
    return link


@pytest.mark.parametrize(("before", "after"), list(product(LinkState, LinkState)))
def test_transition(before: LinkState, after: LinkState) -> None:
    link = link_in(before)
    told: list[LinkStatus] = []
    link.changed.subscribe(told.append)
    if after is before or after in ALLOWED[before]:
        MOVES[after](link)
        assert link.status.state is after
        assert [status.state for status in told] == [after]
    else:
        with pytest.raises(ValueError, match=f"{before} cannot become {after}"):
            MOVES[after](link)
        assert link.status.state is before
        assert told == []


def test_table_contains_every_state() -> None:
    assert set(MAY_FOLLOW) == set(LinkState)
    assert {before: set(after) - {before} for before, after in MAY_FOLLOW.items()} == ALLOWED


def test_transitions_are_logged_with_their_reason(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="presence_tui.monitor.link")
    link_in(D)
    link_in(R)
    assert caplog.messages == ["link connected ", f"link reconnecting {WHY}"]


def test_since_is_time_of_transition() -> None:
    clock = FakeClock()
    link = Link(clock)
    assert (link.status.state, link.status.since_s) == (C, START_S)
    clock.advance(3)
    link.connected("polling")
    assert (link.status.since_s, link.status.transport) == (START_S + 3, "polling")
    clock.advance(4)
    link.reconnecting(WHY, DO, 1, 2.0, None)
    clock.advance(5)
    link.reconnecting(WHY, DO, 2, 2.0, None)
    assert link.status.since_s == START_S + 7, "another attempt does not change the state"


def test_live_clears_reason_and_attempt() -> None:
    link = link_in(R)
    assert (link.status.reason, link.status.advice, link.status.attempt) == (WHY, DO, 1)
    link.connected("websocket")
    assert link.status.reason == WHY, "the reason is kept until the link is live again"
    link.live(7)
    assert link.status == LinkStatus(L, START_S, transport="websocket", epoch=7, was_live=True)


FIN = phrase("It ended.")


@pytest.mark.parametrize(
    ("move", "status"),
    [
        (lambda link: link.stale(FIN, DO, 5.0), LinkStatus(S, START_S + 9, FIN, DO)),
        (
            lambda link: link.reconnecting(FIN, DO, 2, 4.0, 5.0),
            LinkStatus(R, START_S + 9, FIN, DO, 2, START_S + 13),
        ),
        (lambda link: link.signed_out(FIN, DO, 5.0), LinkStatus(O, START_S + 9, FIN, DO)),
        (lambda link: link.offline(FIN, DO, 5.0), LinkStatus(X, START_S + 9, FIN, DO)),
    ],
)
def test_all_that_is_known_of_a_link_that_was_live(move: Callable[[Link], None], status: LinkStatus) -> None:
    clock = FakeClock()
    link = Link(clock)
    link.connected("polling")
    link.upgraded("websocket")
    link.live(7)
    assert link.status == LinkStatus(L, START_S, transport="websocket", epoch=7, was_live=True)
    clock.advance(9)
    move(link)
    lost = (Loss(FIN, START_S + 9),)
    assert link.status == replace(status, epoch=7, fresh_until_s=5.0, was_live=True, losses=lost)


def test_a_cached_state_is_as_old_as_it_is() -> None:
    link = Link(FakeClock())
    told: list[LinkStatus] = []
    link.changed.subscribe(told.append)
    link.cached(START_S - 60)
    assert told == [link.status] == [LinkStatus(C, START_S, fresh_until_s=START_S - 60)]
    link.reconnecting(WHY, DO, 1, 4.0, START_S - 5)
    assert link.status == LinkStatus(R, START_S, WHY, DO, 1, START_S + 4, fresh_until_s=START_S - 60)


def test_stale_is_what_was_live_and_is_not_now() -> None:
    link = Link(FakeClock())
    assert not link.status.is_stale
    link.connected("websocket")
    assert not link.status.is_stale
    link.live(1)
    assert not link.status.is_stale
    for move in (S, R, D):
        MOVES[move](link)
        assert link.status.is_stale
    link.live(2)
    assert link.status.is_stale, "the gap is not reconciled yet"
    link.synced(START_S - 1)
    assert link.status.is_stale, "an answer requested before the link was live does not count"
    link.synced(START_S)
    assert not link.status.is_stale
    assert link.status.fresh_until_s is None


def test_what_is_shown_was_vouched_for_up_to_the_last_word_of_the_live_time() -> None:
    link = link_in(L)
    assert link.status.fresh_until_s is None
    link.stale(WHY, DO, START_S + 5)
    assert link.status.fresh_until_s == START_S + 5
    link.reconnecting(WHY, DO, 1, 1.0, START_S + 60)
    assert link.status.fresh_until_s == START_S + 5, "a failed attempt does not extend freshness"
    link.signed_out(WHY, DO, START_S + 90)
    assert link.status.fresh_until_s == START_S + 5


def test_the_next_attempt_is_told_until_it_is_under_way() -> None:
    clock = FakeClock()
    link = Link(clock)
    told: list[LinkStatus] = []
    link.changed.subscribe(told.append)
    link.reconnecting(WHY, DO, 3, 4.0, None)
    assert (link.status.attempt, link.status.retry_s) == (3, START_S + 4)
    link.attempting()
    assert (link.status.state, link.status.attempt, link.status.retry_s) == (R, 3, None)
    assert told[-1] == link.status
    link.connected("websocket")
    assert link.status.retry_s is None


@pytest.mark.parametrize("state", [O, X])
def test_who_gives_up_waits_for_nothing_and_says_why(state: LinkState) -> None:
    link = link_in(R)
    MOVES[state](link)
    status = link.status
    assert (status.reason, status.advice, status.retry_s, status.transport) == (WHY, DO, None, "")


def test_listeners_may_leave_while_they_are_told() -> None:
    link = Link(FakeClock())
    told: list[str] = []

    def once(status: LinkStatus) -> None:
        told.append("once")
        leave()

    leave = link.changed.subscribe(once)
    link.changed.subscribe(lambda status: told.append("always"))
    link.connected("websocket")
    link.live(1)
    leave()
    assert told == ["once", "always", "always"]
    assert link.status.reason == NOTHING


def test_a_reading_without_a_link_makes_what_is_shown_as_old_as_itself() -> None:
    link = link_in(L)
    link.offline(WHY, DO, START_S + 5)
    told: list[LinkStatus] = []
    link.changed.subscribe(told.append)
    link.synced(START_S + 60)
    assert link.status.fresh_until_s == START_S + 60 and link.status.is_stale
    link.synced(START_S + 30)
    assert link.status.fresh_until_s == START_S + 60, "a late, older answer does not reduce freshness"
    assert len(told) == 1


def test_reason_of_the_loss_stays_while_attempts_fail_and_is_kept_after_it() -> None:
    clock = FakeClock()
    link = Link(clock)
    fin, nobody = phrase("it ended"), phrase("nothing listens")
    link.reconnecting(nobody, NOTHING, 1, 2.0, None)
    assert (link.status.why, link.status.loss) == (nobody, None)
    link.connected("websocket")
    assert link.status.why == link.status.transition_reason == NOTHING, "what failed before is over"
    link.live(1)
    clock.advance(10)
    link.reconnecting(fin, NOTHING, 1, 2.0, clock.wall_s)
    clock.advance(5)
    link.reconnecting(nobody, NOTHING, 2, 2.0, clock.wall_s)
    assert (link.status.why, link.status.transition_reason) == (fin, nobody)
    link.connected("websocket")
    assert (link.status.why, link.status.transition_reason) == (fin, NOTHING)
    link.live(2)
    assert (link.status.why, link.status.loss) == (NOTHING, None)
    assert link.status.losses == (Loss(fin, START_S + 10, START_S + 15),)
    link.signed_out(nobody, NOTHING, clock.wall_s)
    assert link.status.why == nobody
    assert [loss.reason for loss in link.status.losses] == [nobody, fin]


def test_only_the_last_losses_are_kept() -> None:
    clock = FakeClock()
    link = Link(clock)
    for epoch in range(LOSSES_KEPT + 2):
        link.connected("websocket")
        link.live(epoch)
        clock.advance(1)
        link.stale(phrase("it was silent"), NOTHING, clock.wall_s)
    assert [loss.lost_s for loss in link.status.losses] == [START_S + 5, START_S + 4, START_S + 3]
