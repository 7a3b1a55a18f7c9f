"""The smallest Textual application: the baseline of the start bench."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class Hello(App[None]):
    """Show a greeting."""

    def compose(self) -> ComposeResult:
        yield Static("Hello, world")


if __name__ == "__main__":
    Hello().run()
