"""Names and headings of the views."""

from enum import StrEnum
from typing import Final

from presence_tui.text.language import Language


class ViewName(StrEnum):
    """In order of their keys."""

    PARTICIPANTS = "participants"
    CONVERSATIONS = "conversations"
    CONTACTS = "contacts"
    SIDE_BY_SIDE = "side-by-side"
    PACKETS = "packets"


WITHOUT_SIDEBAR: Final = (ViewName.CONVERSATIONS, ViewName.SIDE_BY_SIDE, ViewName.PACKETS)
"""One is a list of conversations itself, the others need the space."""


SIDE_BY_SIDE_FROM: Final = 100
"""Columns of the terminal from which conversations fit side by side."""


def widget_id(name: ViewName) -> str:
    """Widget id of a view, for styles and queries."""
    return f"{name}-view"


def heading(name: ViewName, language: Language) -> str:
    """Name of a view in tabs, titles and palette."""
    match name:
        case ViewName.PARTICIPANTS:
            return language.say("Participants")
        case ViewName.CONVERSATIONS:
            return language.say("Conversations")
        case ViewName.CONTACTS:
            return language.say("Contacts")
        case ViewName.SIDE_BY_SIDE:
            return language.say("Side by side")
        case ViewName.PACKETS:
            return language.say("Packets")


def explanation(name: ViewName, language: Language) -> str:
    """Purpose of a view, in a sentence."""
    match name:
        case ViewName.PARTICIPANTS:
            return language.say("See who is in the watched conversation")
        case ViewName.CONVERSATIONS:
            return language.say("See all conversations, and how many are online in each")
        case ViewName.CONTACTS:
            return language.say("See everyone of all conversations, once, and where they were seen")
        case ViewName.SIDE_BY_SIDE:
            return language.say("See several conversations beside each other")
        case ViewName.PACKETS:
            return language.say("See every packet, in both directions, and what became of it")
