"""``info``: versions and file locations."""

import platform
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from presence_tui import __version__
from presence_tui.cli.configuration import (
    check_configuration,
    history_path,
    user_rules_folder,
    view_state_folder,
)
from presence_tui.cli.configuration_file import configuration_path
from presence_tui.cli.embedded_gateway import demos_folder
from presence_tui.cli.language_option import say, say_phrase, span
from presence_tui.cli.targets import saved_logins
from presence_tui.gateway import socketio_server
from presence_tui.storage.saved_logins import SavedLogin
from presence_tui.store import sortedcontainers_internals
from presence_tui.transport import engineio_internals
from presence_tui.transport.credentials import CredentialError
from presence_tui.tui import textual_internals

LIBRARIES = ("textual", "rich", "python-socketio", "python-engineio", "aiohttp", "httpx", "msgspec")


def show() -> None:
    """Print one fact per line. Raises ``CliError`` after them for a mistake in the configuration."""
    configuration = configuration_path()
    found = "" if configuration.exists() else say("  (not there; every setting has a default)")
    facts = [
        ("presence-tui", __version__),
        ("Python", platform.python_version()),
        *((library, version(library)) for library in LIBRARIES),
        (say("configuration"), f"{configuration}{found}"),
        (say("history"), f"{history_path()}{_size_of(history_path())}"),
        (say("pins and filters"), str(view_state_folder())),
        (say("watch rules"), str(user_rules_folder())),
        (say("running demos"), str(demos_folder())),
        *_saved_logins(),
        (say("read loop"), _read_loop()),
        (say("private names"), _private_names()),
    ]
    width = max(len(name) for name, _ in facts)
    for name, fact in facts:
        print(f"{name:<{width}} {fact}")
    check_configuration()


def _read_loop() -> str:
    if engineio_internals.LOOPS.available:
        return say("our own")
    return say("the library's: the installed python-engineio is not known")


def _private_names() -> str:
    missing = [
        *textual_internals.missing(),
        *engineio_internals.missing(),
        *socketio_server.INNER.missing(),
        *_missing_of_textual_serve(),
        *sortedcontainers_internals.PIECES.missing(),
    ]
    if not missing:
        return say("all there")
    return say(
        "{names} missing in the installed libraries: slower public ways serve", names=", ".join(missing)
    )


def _missing_of_textual_serve() -> list[str]:
    try:
        from presence_tui.web.textual_serve_internals import PROCESS
    except ImportError:
        # An extra that is not installed.
        return []
    return list(PROCESS.missing())


def _saved_logins() -> Iterator[tuple[str, str]]:
    logins = saved_logins()
    names = logins.names()
    if not names:
        yield say("sign-ins"), say("none; presence-tui login makes one")
    for name in names:
        try:
            saved_login = logins.find(name)
        except CredentialError as problem:
            yield say("sign-in"), say("{label}: {text}", label=name, text=say_phrase(problem.sentence))
            continue
        if saved_login is not None:
            fact = say(
                "{name}: {who} at {address}; token in {place}, {end}",
                name=name,
                who=_who(saved_login),
                address=saved_login.url,
                place=say("the keyring") if saved_login.in_keyring else logins.path(name),
                end=_end(saved_login),
            )
            yield say("sign-in"), fact


def _who(saved_login: SavedLogin) -> str:
    return (
        say("the guest {name}", name=saved_login.handle)
        if saved_login.conversation
        else f"@{saved_login.handle}"
    )


def _end(saved_login: SavedLogin) -> str:
    if saved_login.expires_s is None:
        return say("which does not say when it ends")
    left_s = saved_login.expires_s - time.time()
    left = span(abs(left_s))
    return say("which ends in {span}", span=left) if left_s > 0 else say("which ended {span} ago", span=left)


def _size_of(path: Path) -> str:
    try:
        return say("  ({size:,.1f} MiB)", size=path.stat().st_size / 2**20)
    except OSError:
        return say("  (not there yet)")
