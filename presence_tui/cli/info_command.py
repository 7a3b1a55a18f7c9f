"""``info``: versions and file locations."""

import platform
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from presence_tui import __version__
from presence_tui.cli.configuration import (
    configuration_path,
    history_path,
    user_rules_folder,
    view_state_folder,
)
from presence_tui.cli.login_selection import saved_logins
from presence_tui.cli.running_demo import demos_folder
from presence_tui.storage.saved_logins import SavedLogin
from presence_tui.text.language import Language
from presence_tui.transport.credentials import CredentialError
from presence_tui.transport.inline_engineio import SUPPORTED

LIBRARIES = ("textual", "rich", "python-socketio", "python-engineio", "aiohttp", "httpx", "msgspec")


def show() -> None:
    """Print one fact a line."""
    configuration = configuration_path()
    found = "" if configuration.exists() else "  (not there; every setting has a default)"
    facts = [
        ("presence-tui", __version__),
        ("Python", platform.python_version()),
        *((library, version(library)) for library in LIBRARIES),
        ("configuration", f"{configuration}{found}"),
        ("history", f"{history_path()}{_size_of(history_path())}"),
        ("pins and filters", str(view_state_folder())),
        ("watch rules", str(user_rules_folder())),
        ("running demos", str(demos_folder())),
        *_saved_logins(),
        (
            "read loop",
            "our own" if SUPPORTED else "the library's: the installed python-engineio is not known",
        ),
    ]
    for name, fact in facts:
        print(f"{name:<16} {fact}")


def _saved_logins() -> Iterator[tuple[str, str]]:
    kept = saved_logins()
    names = kept.names()
    if not names:
        yield "sign-ins", "none; presence-tui login makes one"
    for name in names:
        try:
            saved_login = kept.find(name)
        except CredentialError as problem:
            yield "sign-in", f"{name}: {problem}"
            continue
        if saved_login is not None:
            place = "the keyring" if saved_login.in_keyring else str(kept.path(name))
            yield (
                "sign-in",
                f"{name}: {_who(saved_login)} at {saved_login.url}; token in {place}, {_end(saved_login)}",
            )


def _who(saved_login: SavedLogin) -> str:
    return f"the guest {saved_login.handle}" if saved_login.conversation else f"@{saved_login.handle}"


def _end(saved_login: SavedLogin) -> str:
    if saved_login.expires_s is None:
        return "which does not say when it ends"
    left_s = saved_login.expires_s - time.time()
    span = Language("en").span(abs(left_s))
    return f"which ends in {span}" if left_s > 0 else f"which ended {span} ago"


def _size_of(path: Path) -> str:
    try:
        return f"  ({path.stat().st_size / 2**20:,.1f} MiB)"
    except OSError:
        return "  (not there yet)"
