"""Fixtures for all tests: a clean start in any environment."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from presence_tui.domain import redaction

# A shell starts background jobs with these signals ignored, and every tested command would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGQUIT) is signal.SIG_IGN:
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)

SLOW_FOLDERS = ("browser", "contract", "peers", "integration/cli", "integration/history", "integration/watch")
"""Here nearly every test starts a process or waits for a real connection."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whole folders as slow; single modules elsewhere have a ``pytestmark``."""
    folders = [Path(__file__).parent / name for name in SLOW_FOLDERS]
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in folders):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def own_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the credentials of other tests: one called ``token`` would mask that word everywhere."""
    monkeypatch.setattr(redaction, "_secrets", redaction._Secrets())


@pytest.fixture
def use_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets the local time zone, such as ``Europe/Paris``, until the test ends."""

    def use(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield use
    monkeypatch.undo()
    time.tzset()
