"""Sentences of signing in, for the command line and the screen."""

import math
from typing import TYPE_CHECKING

from presence_tui.domain.translatable import phrase
from presence_tui.text.language import Language

if TYPE_CHECKING:
    # typing only; imports the network libraries
    from presence_tui.service.sign_ins import SignInFailed

SIDE_EFFECTS = phrase(
    "Watching has side effects: the account is shown online to everyone it shares a conversation with, and "
    "its waiting messages are marked as delivered. Use an account made for watching."
)
SIDE_EFFECTS_IN_SHORT = phrase(
    "While you watch, the account is shown online and its messages are marked as delivered."
)
PASSWORD_IN_THE_CLEAR = phrase("This address is not encrypted: everybody on the way can read the password.")


class SignInTexts:
    """Sentences about the progress and the failure of a sign-in."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def waiting(self, address: str, since_s: float) -> str:
        """What is waited for, and for how long."""
        span = self._language.span(since_s)
        return self._language.say("Waiting for {address}, for {span} now…", address=address, span=span)

    def failure(self, failed: "SignInFailed", pause_left_s: float = 0.0) -> str:
        """Why nobody is signed in, and what to do; with a pause that the gateway asks for, how long."""
        if failed.retry_after_s is not None:
            return self.pause(pause_left_s)
        parts = (self._language.phrase(failed.sentence), self._language.phrase(failed.advice))
        return " ".join(filter(None, parts))

    def pause(self, left_s: float) -> str:
        """How long the gateway still asks to wait."""
        if left_s <= 0:
            return self._language.say("The pause that the gateway asked for is over: try again.")
        span = self._language.span(math.ceil(left_s))
        return self._language.say("Too many attempts: the gateway asks to wait {span}.", span=span)
