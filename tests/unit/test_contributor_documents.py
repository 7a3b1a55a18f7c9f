"""All files named in ARCHITECTURE and CONTRIBUTING exist."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`((?:[a-z_]+/)*(?:[\w-]+|\{[\w,]+\})\.(?:py|tcss|md|mjs))(?=[`:])")


def paths_in(text: str) -> Iterator[str]:
    """Paths in code spans; ``{a,b}.py`` is two."""
    for path in NAMED.findall(text):
        if "NAME" not in path:
            alternatives = re.search(r"\{(.*)\}", path)
            for name in alternatives[1].split(",") if alternatives else [""]:
                yield re.sub(r"\{.*\}", name, path)


def exists(path: str) -> bool:
    if "/" in path:
        return any((top / path).exists() for top in (ROOT, ROOT / "presence_tui"))
    # A help page, or a file of the same kind as those named before it.
    return any((ROOT / "presence_tui").rglob(path)) or (ROOT / ".github" / path).exists()


@pytest.mark.parametrize(("name", "least"), [("ARCHITECTURE.md", 90), ("CONTRIBUTING.md", 4)])
def test_files_named_there_exist(name: str, least: int) -> None:
    named = list(paths_in((ROOT / ".github" / name).read_text(encoding="utf-8")))
    assert len(named) >= least
    assert [path for path in named if not exists(path)] == []


def test_alternatives_are_told_apart() -> None:
    assert list(paths_in("`gateway/{rooms,sockets}.py`, `json.md` and `cli/NAME_command.py`")) == [
        "gateway/rooms.py",
        "gateway/sockets.py",
        "json.md",
    ]
