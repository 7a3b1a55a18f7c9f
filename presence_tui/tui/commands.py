"""All commands, declared once for keys, footer, palette and help."""

from typing import NamedTuple

from presence_tui.text.language import Language
from presence_tui.tui.views.names import ViewName, explanation, heading

_KEYS = {name: str(place) for place, name in enumerate(ViewName, 1)}
_MORE_KEYS = {ViewName.PACKETS: ",e"}


_OF_APP = frozenset({"quit", "repaint"})

_GROUPS = {
    "look": (
        "filter",
        "facets",
        "sort",
        "pin",
        "pause",
        "explain",
        "refresh",
        "audit",
        "link",
        "metrics",
        "flaps",
        "rule",
    ),
    "views": ("conversations", *(f"view_{name.name.lower()}" for name in ViewName), "beside"),
    "packets": ("packets_of_person", "packet_person", "mark"),
    "alerts": ("watch_person", "watch_rules"),
    "export": ("copy", "copy_panel", "export", "picture"),
    "gateways": ("connect", "sign_out"),
    "screen": ("help", "back", "brightness", "repaint", "quit"),
}
"""Commands by what they are for, as help lists them."""


def action_of(name: str) -> str:
    """The action of a command, in Textual's spelling."""
    return f"app.{name}" if name in _OF_APP else f"screen.run_command('{name}')"


class Command(NamedTuple):
    """A command. Its texts are in the language of the screen."""

    name: str
    """Name in configuration, keys and palette."""
    keys: str
    """Keys separated by commas, in Textual's names."""
    label: str
    """One word for the footer."""
    explanation: str
    """A sentence for palette and help."""
    key_shown: str
    in_footer: bool = True

    @property
    def action(self) -> str:
        """The action that carries it out, in Textual's spelling."""
        return action_of(self.name)

    @property
    def is_movable(self) -> bool:
        """True if its keys can be configured. Those for going back and repainting also work in dialogs."""
        return self.name not in ("back", "repaint")


def grouped(known: list[Command], language: Language) -> list[tuple[str, list[Command]]]:
    """The commands by what they are for, each group under its heading."""
    by_name = {command.name: command for command in known}
    headings = {
        "look": language.say("Looking"),
        "views": language.say("Views"),
        "packets": language.say("Packets"),
        "alerts": language.say("Alerts"),
        "export": language.say("Copy and export"),
        "gateways": language.say("Gateways"),
        "screen": language.say("Screen"),
    }
    return [
        (headings[group], [by_name[name] for name in names if name in by_name])
        for group, names in _GROUPS.items()
    ]


def commands(language: Language) -> list[Command]:
    """All commands, in the order of footer and help.

    The most needed come first, because the footer shows as many as fit.
    """
    say = language.say
    return [
        Command(
            "refresh",
            "r",
            say("Refresh"),
            say("Ask the gateway by REST who is here, and correct what is shown"),
            "r",
        ),
        Command(
            "filter",
            "slash",
            say("Filter"),
            say("Show only names and handles that contain what you type"),
            "/",
        ),
        Command(
            "explain",
            "enter,i",
            say("Why"),
            say("Explain why the selected participant is what they are"),
            say("enter"),
        ),
        Command("help", "question_mark", say("Help"), say("Show keys and marks"), "?"),
        Command("quit", "q", say("Quit"), say("Leave; the terminal is as it was"), "q"),
        Command(
            "conversations",
            "c",
            say("Switch"),
            say("Watch another conversation"),
            "c",
        ),
        *[
            Command(
                f"view_{name.name.lower()}",
                _KEYS[name] + _MORE_KEYS.get(name, ""),
                heading(name, language),
                explanation(name, language),
                _KEYS[name],
                in_footer=False,
            )
            for name in ViewName
        ],
        Command(
            "sort",
            "s",
            say("Sort"),
            say("Sort by name, state, last active, role or most flapping"),
            "s",
        ),
        Command(
            "facets",
            "f",
            say("Facets"),
            say("Show only some states or roles, only guests or only accounts"),
            "f",
        ),
        Command(
            "pin",
            "p",
            say("Pin"),
            say("Keep the selected participant on top of their panel, or no longer"),
            "p",
        ),
        Command(
            "pause",
            "space",
            say("Pause"),
            say("Let the screen stand still, while everything is recorded, or go on"),
            say("space"),
        ),
        Command(
            "link",
            "l",
            say("Link"),
            say("Show how the link to the gateway is, why, and what arrived"),
            "l",
            in_footer=False,
        ),
        Command(
            "metrics",
            "m",
            say("Metrics"),
            say("Show where time goes, what arrives and how long the link is live"),
            "m",
            in_footer=False,
        ),
        Command(
            "flaps",
            "F",
            say("Flaps"),
            say("List who returns again and again, how often, and the likely cause"),
            "F",
            in_footer=False,
        ),
        Command(
            "packets_of_person",
            "E",
            say("Follow"),
            say("Show only the packets about the selected participant"),
            "E",
            in_footer=False,
        ),
        Command(
            "packet_person",
            "o",
            say("Go to"),
            say("Go from a packet to its participant, and back to the packet"),
            "o",
        ),
        Command(
            "mark",
            "asterisk",
            say("Mark"),
            say("Mark the selected packet, or no longer; ~m filters the marked"),
            "*",
        ),
        Command(
            "watch_person",
            "w",
            say("Tell"),
            say("Be told when the selected participant comes, leaves or is back"),
            "w",
        ),
        Command(
            "watch_rules",
            "W",
            say("Watch rules"),
            say("Show all watch rules, and what became of what was sent"),
            "W",
            in_footer=False,
        ),
        Command(
            "beside",
            "b",
            say("Beside"),
            say("Put a conversation side by side with others, or take it away again"),
            "b",
        ),
        Command(
            "audit",
            "a",
            say("Audit"),
            say("List where what is shown differs from the gateway's runtime"),
            "a",
        ),
        Command(
            "copy",
            "y",
            say("Copy row"),
            say("Send the selected row to the terminal's clipboard"),
            "y",
            in_footer=False,
        ),
        Command(
            "copy_panel",
            "Y",
            say("Copy panel"),
            say("Send the panel with the cursor to the terminal's clipboard"),
            "Y",
            in_footer=False,
        ),
        Command(
            "export",
            "x",
            say("Export"),
            say("Write who is shown into a file, as CSV, JSON or Markdown"),
            "x",
            in_footer=False,
        ),
        Command(
            "picture",
            "P",
            say("Picture"),
            say("Save a picture of the screen as SVG"),
            "P",
            in_footer=False,
        ),
        Command(
            "connect",
            "C",
            say("Connect to a gateway…"),
            say("Sign in to a gateway, or use a saved sign-in, and watch there"),
            "C",
            in_footer=False,
        ),
        Command(
            "sign_out",
            "",
            say("Sign out…"),
            say("End the session at this gateway, and remove its saved sign-in"),
            "",
            in_footer=False,
        ),
        Command(
            "rule",
            "u",
            say("Rule"),
            say("Derive states by another rule: flag, meeshy-2026 or meeshy-2025"),
            "u",
            in_footer=False,
        ),
        Command(
            "brightness",
            "d",
            say("Dark/light"),
            say("Switch between the dark and the light theme"),
            "d",
            in_footer=False,
        ),
        Command(
            "repaint",
            "ctrl+l",
            say("Repaint"),
            say("Draw the whole screen anew, over what other programs wrote"),
            "ctrl+l",
            in_footer=False,
        ),
        Command(
            "back",
            "escape",
            say("Back"),
            say("Cancel a refresh or an audit, or clear the filter"),
            "esc",
            in_footer=False,
        ),
    ]
