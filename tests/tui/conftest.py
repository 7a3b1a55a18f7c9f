"""The same environment for every screen test, independent of the terminal it is started from."""

import asyncio
import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "TEXTUAL", "TEXTUAL_DEBUG", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")


@pytest.fixture(autouse=True)
def undisturbed() -> Iterator[None]:
    """Collect garbage between tests only: during a test it takes a fifth of each app's time."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def unhurried_by_idleness(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual's pilot sleeps until the processor is idle; the harness waits for messages instead."""

    async def a_few_turns(*_: float) -> None:
        for _turn in range(5):
            await asyncio.sleep(0)

    monkeypatch.setattr("textual.app.wait_for_idle", a_few_turns)
    monkeypatch.setattr("textual.pilot.wait_for_idle", a_few_turns)
