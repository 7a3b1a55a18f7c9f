"""Times in the log file are local."""

import logging
from collections.abc import Callable
from pathlib import Path

from presence_tui.cli.logs import LogFile, _file_handler
from tests.unit.clock import utc_s


def test_a_line_of_the_repeated_hour_has_its_offset(tmp_path: Path, use_zone: Callable[[str], None]) -> None:
    use_zone("Europe/Paris")
    path = tmp_path / "log.txt"
    handler = _file_handler(path)
    assert isinstance(handler, LogFile)
    for at in ("2026-10-25T00:59:30", "2026-10-25T01:00:10", "2026-10-25T02:00:10"):
        record = logging.makeLogRecord(
            {"levelname": "INFO", "msg": "synced", "created": utc_s(at), "msecs": 0.0}
        )
        handler.handle(record)
    handler.stream.close()
    assert [line.partition(" INFO")[0] for line in path.read_text().splitlines()] == [
        "2026-10-25 02:59:30,000 +02:00",
        "2026-10-25 02:00:10,000 +01:00",
        "2026-10-25 03:00:10,000",
    ]
