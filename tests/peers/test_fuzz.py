"""Seeded actions at the Node gateway: ``tail``, ``roster`` and the screen agree with its own maps after each.

``FUZZ_ACTIONS`` and ``FUZZ_SEED`` set how many actions and from which seed.
"""

import os

import pytest

from presence_tui.cli import wiring
from presence_tui.monitor import rereads
from presence_tui.storage.user_files import tls_context
from presence_tui.store import evidence
from tests.peers.conftest import StartGateway
from tests.peers.fuzz_actions import Actions
from tests.peers.fuzz_gateway_state import Expected
from tests.peers.fuzz_watcher import watched
from tests.peers.node import PROFILES

ACTIONS = int(os.environ.get("FUZZ_ACTIONS", "60"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
SECONDS_AN_ACTION = 3
PEOPLE = 14
NO_LIMIT = 10_000_000


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rereads happen at once."""
    monkeypatch.setattr(rereads, "SETTLE_S", 0.005)
    monkeypatch.setattr(rereads, "PAUSE_S", 0.005)
    monkeypatch.setattr(rereads, "DUTY", 0)


@pytest.fixture(autouse=True)
def long_window_of_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts as a copy of an earlier event does not depend on the speed of the machine."""
    monkeypatch.setattr(evidence, "DUPLICATE_WINDOW_S", 3_600.0)


@pytest.fixture(autouse=True)
def one_tls_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """To make one takes longer than a reading, and nothing here is encrypted."""
    context = tls_context()
    monkeypatch.setattr(wiring, "tls_context_for", lambda settings: context)


@pytest.mark.timeout(120 + SECONDS_AN_ACTION * ACTIONS)
@pytest.mark.parametrize("profile", PROFILES)
async def test_everything_that_is_read_agrees_with_the_gateways_maps(
    start_node_gateway: StartGateway, profile: str
) -> None:
    gateway = await start_node_gateway(
        profile, participants=PEOPLE, conversations=3, budget=NO_LIMIT, deserted=True
    )
    async with watched(gateway) as watcher:
        actions = Actions(gateway, watcher, SEED)
        expected = Expected(gateway.conversation)
        gateway_state = await watcher.settled()
        expected.learn(gateway_state)
        assert await watcher.differences(gateway_state, expected) == []
        for _ in range(ACTIONS):
            try:
                await actions.do(gateway_state)
                gateway_state = await watcher.settled()
                expected.learn(gateway_state)
                found = await watcher.differences(gateway_state, expected)
            except Exception as error:
                error.add_note(_told(profile, actions))
                raise
            assert not found, "\n".join([*found, _told(profile, actions)])


def _told(profile: str, actions: Actions) -> str:
    return "\n".join([f"{profile}, FUZZ_SEED={SEED}, after:", *actions.log])
