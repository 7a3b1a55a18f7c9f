"""Modules loaded before the first paint: only those it needs, because they delay it."""

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.tui.terminal import ROOT, on_terminal

pytestmark = pytest.mark.slow

TOKEN = "eyJhbGciOiJub25lIn0.eyJ1c2VySWQiOiJhIn0.eA"
FIRST_SCREEN = "presence_tui.tui.screens.watch_screen"

LATER = (
    # Network, history and alert senders: the watch starts after the first paint.
    *("aiohttp", "socketio", "engineio", "httpx", "anyio", "certifi", "idna", "yarl", "sqlite3", "keyring"),
    *("hdrh", "prometheus_client", "presence_tui.metrics"),
    "presence_tui.gateway",
    "presence_tui.history",
    "presence_tui.cli.alert_settings",
    *(f"presence_tui.service.{name}" for name in ("alert_setup", "history_recording", "metrics", "sign_ins")),
    "presence_tui.storage.view_state_file",
    *(f"presence_tui.monitor.{name}" for name in ("gap_summary", "connection", "roster_refresh", "monitor")),
    "presence_tui.alerts",
    *(f"presence_tui.transport.{name}" for name in ("rest_client", "rest_source", "socket_feed")),
    *(f"presence_tui.wire.{name}" for name in ("responses", "decode", "fast_decode")),
    # Opened by a key.
    *("humanize", "rapidfuzz", "presence_tui.tui.exports"),
    *(f"presence_tui.tui.views.{name}" for name in ("contacts", "conversations", "side_by_side")),
    *(
        f"presence_tui.tui.widgets.{name}"
        for name in (
            *("conversation_table", "labelled_lines"),
            *("saved_sign_ins", "sign_in_form"),
        )
    ),
    *(
        f"presence_tui.tui.screens.{name}"
        for name in (
            "connect_dialog",
            "conversation_picker",
            "dialog",
            "dialog_texts",
            "export_dialog",
            "facets_dialog",
            "help_dialog",
            "participant_lists",
            "participant_page",
            "export_actions",
            "participant_history",
            "rules_dialog",
            "sign_out_dialog",
            "wallboard",
        )
    ),
)


def test_what_comes_later_has_these_names() -> None:
    own = [name for name in LATER if name.startswith("presence_tui.")]
    assert [name for name in own if find_spec(name) is None] == []


async def test_the_first_paint_waits_for_nothing_that_comes_later(tmp_path: Path) -> None:
    found = tmp_path / "modules"
    command = (sys.executable, "-m", "tests.tui.first_paint", str(found), "watch")
    environment = {
        "PRESENCE_TUI_GATEWAY": "http://127.0.0.1:9",
        "PRESENCE_TUI_TOKEN": TOKEN,
        "PYTHONPATH": str(ROOT),
    }
    async with on_terminal(tmp_path, environment, command) as terminal:
        assert await terminal.ended() == 0, terminal.said
        loaded = found.read_text().splitlines()
    assert FIRST_SCREEN in loaded
    assert [module for module in loaded if module.startswith(tuple(f"{name}." for name in LATER))] == []
    assert [module for module in loaded if module in LATER] == []
