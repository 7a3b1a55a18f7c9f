"""A place for a history."""

from pathlib import Path

import pytest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where no file is yet, in a folder that is not there yet."""
    return tmp_path / "presence-tui" / "history.sqlite"
