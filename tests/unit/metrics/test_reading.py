"""Memory of this process is told in bytes."""

from pathlib import Path

import pytest

from presence_tui.metrics import reading
from presence_tui.metrics.reading import peak_bytes, resident_bytes


def test_memory_is_that_of_a_running_interpreter() -> None:
    assert 2**22 < resident_bytes() <= peak_bytes() * 1.1 < 2**40


@pytest.mark.parametrize("text", [None, "", "12", "a b c"])
def test_where_the_system_tells_nothing_it_is_the_peak(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "statm"
    if text is not None:
        file.write_text(text)
    monkeypatch.setattr(reading, "_STATM", file)
    assert abs(resident_bytes() - peak_bytes()) < 2**24
