"""Every command, declared once: it feeds the keys, the footer, the palette and the help."""

from typing import NamedTuple

from presence_tui.tui.language import Language
from presence_tui.tui.views.names import ViewName, explanation, heading

_KEYS = {name: str(place) for place, name in enumerate(ViewName, 1)}


class Command(NamedTuple):
    """One thing a person can do. Texts are in the language of the screen."""

    action: str
    """An action of the screen, in Textual's spelling."""
    keys: str
    """Keys separated by commas, in Textual's names."""
    label: str
    """One word for the footer."""
    explanation: str
    """A sentence for palette and help."""
    key_shown: str
    in_footer: bool = True

    @property
    def name(self) -> str:
        """What a configuration calls it: its action, without the screen's part of it."""
        return self.action.partition(".")[2].removesuffix("_now")

    @property
    def is_movable(self) -> bool:
        """True if its keys may be others. Those for going back and repainting work in dialogs too."""
        return self.name not in ("back", "repaint")


def commands(language: Language) -> list[Command]:
    """All commands in the order in which footer and help show them.

    The footer shows as many as fit, so the most needed come first.
    """
    say = language.say
    return [
        Command(
            "screen.refresh_now",
            "r",
            say("Refresh"),
            say("Ask the gateway by REST who is here, and correct what is shown"),
            "r",
        ),
        Command(
            "screen.filter",
            "slash",
            say("Filter"),
            say("Show only names and handles that contain what you type"),
            "/",
        ),
        Command(
            "screen.explain",
            "enter,i",
            say("Why"),
            say("Explain why the selected participant is what they are"),
            "enter",
        ),
        Command("screen.help", "question_mark", say("Help"), say("Show keys and marks"), "?"),
        Command("app.quit", "q", say("Quit"), say("Leave; the terminal is as it was"), "q"),
        Command(
            "screen.conversations",
            "c",
            say("Switch"),
            say("Watch another conversation"),
            "c",
        ),
        *[
            Command(
                f"screen.view_{name.name.lower()}",
                _KEYS[name],
                heading(name, language),
                explanation(name, language),
                _KEYS[name],
                in_footer=False,
            )
            for name in ViewName
        ],
        Command(
            "screen.sort",
            "s",
            say("Sort"),
            say("Sort by name, state, last active, role or most flapping"),
            "s",
        ),
        Command(
            "screen.facets",
            "f",
            say("Facets"),
            say("Show only some states or roles, only guests or only accounts"),
            "f",
        ),
        Command(
            "screen.pin",
            "p",
            say("Pin"),
            say("Keep the selected participant on top of their panel, or no longer"),
            "p",
        ),
        Command(
            "screen.pause",
            "space",
            say("Pause"),
            say("Let the screen stand still, while everything is recorded, or go on"),
            "space",
        ),
        Command(
            "screen.link",
            "l",
            say("Link"),
            say("Show how the link to the gateway is, why, and what arrived"),
            "l",
            in_footer=False,
        ),
        Command(
            "screen.watch_person",
            "w",
            say("Tell"),
            say("Be told when the selected participant comes, leaves or is back"),
            "w",
        ),
        Command(
            "screen.watch_rules",
            "W",
            say("Watch rules"),
            say("Show all watch rules, and what became of what was sent"),
            "W",
            in_footer=False,
        ),
        Command(
            "screen.beside",
            "b",
            say("Beside"),
            say("Put a conversation side by side with others, or take it away again"),
            "b",
        ),
        Command(
            "screen.copy",
            "y",
            say("Copy row"),
            say("Copy the selected row to the terminal's clipboard"),
            "y",
            in_footer=False,
        ),
        Command(
            "screen.copy_panel",
            "Y",
            say("Copy panel"),
            say("Copy the panel with the cursor to the terminal's clipboard"),
            "Y",
            in_footer=False,
        ),
        Command(
            "screen.export",
            "x",
            say("Export"),
            say("Write who is shown into a file, as CSV, JSON or Markdown"),
            "x",
            in_footer=False,
        ),
        Command(
            "screen.picture",
            "P",
            say("Picture"),
            say("Save a picture of the screen as SVG"),
            "P",
            in_footer=False,
        ),
        Command(
            "screen.rule",
            "u",
            say("Rule"),
            say("Derive states by another rule: flag, meeshy-2026 or meeshy-2025"),
            "u",
            in_footer=False,
        ),
        Command(
            "screen.brightness",
            "d",
            say("Dark/light"),
            say("Switch between the dark and the light theme"),
            "d",
            in_footer=False,
        ),
        Command(
            "app.repaint",
            "ctrl+l",
            say("Repaint"),
            say("Draw the whole screen anew, over what other programs have left on it"),
            "ctrl+l",
            in_footer=False,
        ),
        Command(
            "screen.back",
            "escape",
            say("Back"),
            say("Cancel a refresh, or clear the filter"),
            "esc",
            in_footer=False,
        ),
    ]
