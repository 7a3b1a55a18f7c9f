"""Settings of ``watch`` from a given command line, environment and configuration file."""

import os
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import patch

from presence_tui.cli.configuration import Settings, settings_of
from presence_tui.cli.main import app

NO_FILE = Path("/nowhere/config.toml")


def watch_settings(
    *words: str, environment: Mapping[str, str] | None = None, path: Path = NO_FILE
) -> Settings:
    """Raises ``CliError`` like the command."""
    with (
        patch.dict(os.environ, environment or {}, clear=True),
        patch("presence_tui.cli.options.configuration_path", return_value=path),
        app.commands["watch"].make_context("watch", list(words)) as context,
    ):
        return settings_of(context)
