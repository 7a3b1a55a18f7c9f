"""What must be read again is collected, and read once."""

import asyncio
from collections.abc import Callable

import pytest

from presence_tui.monitor.rereads import (
    DUTY,
    IN_PART_PAUSE_S,
    MOST_DOUBLINGS,
    PAUSE_S,
    SETTLE_S,
    Rereads,
    Round,
)
from tests.unit.virtual_time import run_virtually

NOTHING = Round((), (), (), conversations=False, resync=False)


def now_s() -> float:
    return asyncio.get_running_loop().time()


def test_requests_close_together_are_one_round_and_forgotten_after_it() -> None:
    async def follow() -> None:
        rereads = Rereads()
        rereads.want_roster("harbour")
        asyncio.get_running_loop().call_later(SETTLE_S / 2, rereads.want_roster, "pier")
        rereads.want_roster("harbour")
        rereads.want_presence("ada")
        rereads.want_presence("ben")
        rereads.want_check_of_copies("cy")
        rereads.want_conversations()
        rereads.want_resync()
        assert await rereads.next_round() == Round(
            ("harbour", "pier"), ("ada", "ben"), ("cy",), conversations=True, resync=True
        )
        rereads.want_roster("harbour")
        assert await rereads.next_round() == Round(("harbour",), (), (), conversations=False, resync=False)

    run_virtually(follow())


@pytest.mark.parametrize(
    ("want", "expected"),
    [
        (lambda it: it.want_roster("a"), Round(("a",), (), (), conversations=False, resync=False)),
        (lambda it: it.want_presence("a"), Round((), ("a",), (), conversations=False, resync=False)),
        (lambda it: it.want_check_of_copies("a"), Round((), (), ("a",), conversations=False, resync=False)),
        (lambda it: it.want_conversations(), Round((), (), (), conversations=True, resync=False)),
        (lambda it: it.want_resync(), Round((), (), (), conversations=False, resync=True)),
    ],
)
def test_each_request_begins_a_round_of_its_own(want: Callable[[Rereads], None], expected: Round) -> None:
    async def follow() -> None:
        rereads = Rereads()
        waiting = asyncio.create_task(rereads.next_round())
        await asyncio.sleep(100)
        assert not waiting.done(), "nothing was asked for"
        began_s = now_s()
        want(rereads)
        assert await waiting == expected
        assert now_s() - began_s == pytest.approx(SETTLE_S, abs=0.01)

    run_virtually(follow())


def test_a_roster_that_lists_only_some_is_read_for_strangers_once_in_a_while() -> None:
    async def follow() -> None:
        rereads = Rereads()
        for _ in range(2):
            began_s = now_s()
            rereads.want_roster_of_stranger("harbour", is_whole=False)
            rereads.want_roster_of_stranger("harbour", is_whole=False)
            assert (await rereads.next_round()).rosters == ("harbour",)
            assert now_s() - began_s == pytest.approx(IN_PART_PAUSE_S + SETTLE_S, abs=0.01)
        rereads.want_roster_of_stranger("pier", is_whole=False)
        rereads.want_roster_of_stranger("harbour", is_whole=True)
        began_s = now_s()
        assert (await rereads.next_round()).rosters == ("harbour",), "a whole one is read at once"
        assert now_s() - began_s == pytest.approx(SETTLE_S, abs=0.01)
        rereads.close()
        waiting = asyncio.create_task(rereads.next_round())
        await asyncio.sleep(1_000)
        assert not waiting.done()
        waiting.cancel()

    run_virtually(follow())


def test_nothing_is_to_be_closed_before_a_stranger_was_met() -> None:
    Rereads().close()


@pytest.mark.parametrize(
    ("took_s", "failures", "pause_s"),
    [
        (0.0, 0, PAUSE_S),
        (0.1, 0, PAUSE_S),
        (2.0, 0, 2.0 * DUTY),
        (0.0, 1, PAUSE_S * 2),
        (0.0, 3, PAUSE_S * 8),
        (0.0, 99, PAUSE_S * 2**MOST_DOUBLINGS),
    ],
)
def test_the_pause_grows_with_the_time_taken_and_with_failures(
    took_s: float, failures: int, pause_s: float
) -> None:
    async def follow() -> None:
        began_s = now_s()
        await Rereads().pause(took_s, failures)
        assert now_s() - began_s == pytest.approx(pause_s, abs=0.01)

    run_virtually(follow())
