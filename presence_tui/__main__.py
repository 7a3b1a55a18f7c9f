"""``python -m presence_tui`` is the ``presence-tui`` command."""

from presence_tui.cli.main import run

if __name__ == "__main__":
    run()
