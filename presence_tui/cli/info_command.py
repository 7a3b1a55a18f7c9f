"""``info``: versions and file locations."""

import platform
from importlib.metadata import version

from presence_tui import __version__
from presence_tui.cli.configuration import configuration_path
from presence_tui.cli.running_demo import demos_folder
from presence_tui.transport.engine import FITS

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
        ("running demos", str(demos_folder())),
        ("read loop", "our own" if FITS else "the library's: the installed python-engineio is not known"),
    ]
    for name, fact in facts:
        print(f"{name:<16} {fact}")
