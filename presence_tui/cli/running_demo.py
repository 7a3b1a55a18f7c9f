"""Where embedded gateways tell others on this machine where they listen, so that ``join`` finds one."""

import os
from contextlib import suppress
from pathlib import Path

import msgspec
from platformdirs import user_cache_path


class RunningDemo(msgspec.Struct):
    """Address and conversation of an embedded gateway, and the process it ends with. No token."""

    url: str
    conversation: str
    pid: int


def demos_folder() -> Path:
    """The folder with one file for each running process."""
    return user_cache_path("presence-tui") / "demos"


def announce_demo(url: str, conversation: str) -> None:
    """Write our file. A disk that refuses costs ``join`` its convenience only."""
    with suppress(OSError):
        demos_folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        _own_path().write_bytes(msgspec.json.encode(RunningDemo(url, conversation, os.getpid())))


def withdraw_demo() -> None:
    """Take our file back, if we wrote one."""
    with suppress(OSError):
        _own_path().unlink(missing_ok=True)


def running_demo() -> RunningDemo | None:
    """The newest embedded gateway that is running on this machine, if one is."""
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
        return msgspec.json.decode(path.read_bytes(), type=RunningDemo)
    except (OSError, msgspec.DecodeError):
        return None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
