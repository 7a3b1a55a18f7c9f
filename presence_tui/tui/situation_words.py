"""What the screen says of the situation: how many there are, what is under way, why nobody is shown."""

from typing import TYPE_CHECKING

from presence_tui.domain.words import Source
from presence_tui.tui.commands import Command
from presence_tui.tui.keys import key_of
from presence_tui.tui.situation import Situation
from presence_tui.tui.wording import Wording

if TYPE_CHECKING:
    # Only to say what it is: the first paint does not need it, and its import takes time.
    from presence_tui.monitor.reading import Progress


class SituationWords:
    """Says it in the language of the screen."""

    def __init__(self, situation: Situation, wording: Wording, known_commands: list[Command]) -> None:
        self._situation = situation
        self._wording = wording
        self._say = wording.language.say
        self._commands = known_commands

    def people(self) -> str:
        """How many participants the watched conversation has, and of how many; empty before it was read."""
        situation = self._situation
        if situation.is_unread:
            return ""
        shown, report = situation.store.counts(situation.conversation_id).total, situation.last_report
        if report is not None and report.total is not None and report.total > report.participants > 0:
            total = f"{report.total}{'+' if report.total_capped else ''}"
            return self._say("{shown} of {total} participants", shown=shown, total=total)
        return self._wording.language.count("{n} participant", "{n} participants", shown)

    def contacts(self) -> str:
        """How many participants are known, and in how many conversations; empty while nobody is."""
        situation, count = self._situation, self._wording.language.count
        total = situation.store.counts().total
        known = sum(situation.store.rosters.knows(each.id) for each in situation.conversations)
        if not total:
            return ""
        people = count("{n} participant", "{n} participants", total)
        conversations = count("{n} conversation", "{n} conversations", known)
        return f"{people} · {conversations}"

    def under_way(self, progress: "Progress | None") -> str:
        """What is being read, and how far that is; empty while nothing is."""
        if progress is None:
            return self._say("reading…") if self._situation.is_reading else ""
        step = self._say("states") if progress.step is Source.RUNTIME else self._say("roster")
        done, total = progress.done, progress.total
        return f"{step} {done}/{total}" if total else f"{step} {done}"

    def nobody(self) -> str:
        """What panels say while nobody is known."""
        trouble = self._situation.trouble
        if trouble is not None:
            said = self._wording.reading(trouble)
            # Where a token is needed, the advice names r itself.
            return said if trouble.needs_sign_in else f"{said} {self._ask_again()}"
        if self._situation.last_report is not None:
            return self._say("Nobody is a member of this conversation.")
        return self._say("Asking who is here…")

    def hint(self) -> str:
        """What the why line says while nobody is selected."""
        situation = self._situation
        if situation.trouble is not None:
            return self._wording.reading(situation.trouble)
        status = situation.link if situation.watch else None
        reason = self._wording.language.phrase(status.reason) if status else ""
        return reason or self._say("Choose somebody to see why they are what they are.")

    def _ask_again(self) -> str:
        return self._say("{key} asks again.", key=key_of(self._commands, "refresh"))
