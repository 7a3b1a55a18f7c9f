"""The names of the views, and what they are called on the screen."""

from enum import StrEnum

from presence_tui.tui.language import Language


class ViewName(StrEnum):
    """In the order of their keys."""

    PARTICIPANTS = "participants"
    CONTACTS = "contacts"


def heading(name: ViewName, language: Language) -> str:
    """What tabs, titles and the palette call it."""
    match name:
        case ViewName.PARTICIPANTS:
            return language.say("Participants")
        case ViewName.CONTACTS:
            return language.say("Contacts")


def explanation(name: ViewName, language: Language) -> str:
    """What it is for, in a sentence."""
    match name:
        case ViewName.PARTICIPANTS:
            return language.say("See who is in the watched conversation")
        case ViewName.CONTACTS:
            return language.say("See everyone of all conversations, once, and where they were seen")
