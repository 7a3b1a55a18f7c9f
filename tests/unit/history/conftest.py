"""Fixtures of history tests."""

from pathlib import Path

import pytest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A path without a file, in a folder that does not exist yet."""
    return tmp_path / "presence-tui" / "history.sqlite"
