"""Where a running demo tells others on this machine where it listens, so that ``join`` finds it."""

import os
from contextlib import suppress
from pathlib import Path

import msgspec
from platformdirs import user_cache_path


class RunningDemo(msgspec.Struct):
    """Address and conversation of a demo, and the process it ends with. No token."""

    url: str
    conversation: str
    pid: int


def demo_path() -> Path:
    """The file of the newest demo."""
    return user_cache_path("presence-tui") / "demo.json"


def announce_demo(url: str | None, conversation: str | None) -> None:
    """Write the file, or take back what we wrote. A disk that refuses costs ``join`` its convenience only."""
    path = demo_path()
    with suppress(OSError):
        if url is None or conversation is None:
            running = _read(path)
            if running is not None and running.pid == os.getpid():
                path.unlink(missing_ok=True)
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.encode(RunningDemo(url, conversation, os.getpid())))


def running_demo() -> RunningDemo | None:
    """The demo that is running on this machine, if one is."""
    demo = _read(demo_path())
    return demo if demo is not None and _is_alive(demo.pid) else None


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
