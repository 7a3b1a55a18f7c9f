"""All files named in ARCHITECTURE and CONTRIBUTING exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_files_named_there_exist(name: str) -> None:
    text = (ROOT / ".github" / name).read_text(encoding="utf-8")
    named = re.findall(r"(?<![\w/.-])((?:[a-z_]+/)+[A-Za-z_]+\.(?:py|tcss|md|mjs))", text)
    assert len(named) >= 2
    named = [path for path in named if "NAME" not in path]
    gone = [path for path in named if not any((top / path).exists() for top in (ROOT, ROOT / "presence_tui"))]
    assert gone == []
