"""Files that announce running embedded gateways on this machine, so that ``join`` finds one."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
from platformdirs import user_cache_path

from presence_tui.storage.private_files import read_regular, write_private

_MOST_BYTES: Final = 2**16
"""A larger file is not ours."""


class RunningDemo(msgspec.Struct):
    """Address and conversation of an embedded gateway, and the process that owns it. No token."""

    url: str
    conversation: str
    pid: int


def demos_folder() -> Path:
    """The folder with one file per running process."""
    return user_cache_path("presence-tui") / "demos"


def announce_demo(url: str, conversation: str) -> None:
    """Write our file. A failure only means that ``join`` cannot find the gateway."""
    with suppress(OSError):
        write_private(_own_path(), msgspec.json.encode(RunningDemo(url, conversation, os.getpid())))


def withdraw_demo() -> None:
    """Delete our file, if any."""
    with suppress(OSError):
        _own_path().unlink(missing_ok=True)


def running_demo() -> RunningDemo | None:
    """The newest embedded gateway that is running on this machine, or ``None``."""
    try:
        paths = sorted(demos_folder().glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return None
    demos = (_read(path) for path in paths)
    return next((demo for demo in demos if demo is not None and _is_alive(demo.pid)), None)


def _own_path() -> Path:
    return demos_folder() / f"{os.getpid()}.json"


def _read(path: Path) -> RunningDemo | None:
    try:
        return msgspec.json.decode(read_regular(path, _MOST_BYTES), type=RunningDemo)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _is_alive(pid: int) -> bool:
    if not 0 < pid < 2**31:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
