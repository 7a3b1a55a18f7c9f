"""Texts about the state of the service: counts, progress, and why no participant is shown."""

from presence_tui.domain.enums import Source
from presence_tui.domain.participants import Conversation
from presence_tui.domain.rules import FLAG
from presence_tui.service.service import PresenceService
from presence_tui.service.state import Phase, ServiceState
from presence_tui.text.wording import Wording
from presence_tui.tui.commands import Command
from presence_tui.tui.keys import key_of


class StatusTexts:
    """Texts in the language of the screen."""

    def __init__(self, service: PresenceService, wording: Wording, known_commands: list[Command]) -> None:
        self._service = service
        self._wording = wording
        self._say = wording.language.say
        self._commands = known_commands

    def people(self) -> str:
        """Number of participants of the watched conversation, shown and in total; empty before the first
        read.
        """
        state = self._service.state
        if self._is_unread(state):
            return ""
        if state.membership_end is not None:
            return self._wording.membership(state.membership_end)
        shown, report = state.counts.total, state.last_report
        if report is not None and report.total is not None and report.total > report.participants > 0:
            room = state.conversation_id or ""
            return self._wording.listed_in_part(room, report.total, capped=report.total_capped)
        return self._wording.language.count("{n} participant", "{n} participants", shown)

    def rule(self) -> str:
        """Which rule derives the states, where it is not the usual one."""
        name = self._service.store.states.rule.name
        return "" if name == FLAG.name else self._say("rule {rule}", rule=name)

    def contacts(self) -> str:
        """Number of known participants and of their conversations; empty if there are none."""
        service, count = self._service, self._wording.language.count
        conversations = service.state.conversations
        total = service.store.counts().total
        if not total:
            return ""
        people = count("{n} participant", "{n} participants", total)
        known = [each for each in conversations if service.store.rosters.knows(each.id)]
        in_part = sum(map(service.store.rosters.is_in_part, known))
        read = self._of_all(len(known), len(conversations))
        cut = " · " + self._say("{n} listed in part", n=in_part) if in_part else ""
        return f"{people} · {read}{cut}"

    def conversations(self) -> str:
        """Number of conversations, and of those whose roster is known; empty if there are none."""
        conversations = self._service.state.conversations
        if not conversations:
            return ""
        known = sum(self._service.store.rosters.knows(each.id) for each in conversations)
        total = len(conversations)
        text = self._wording.language.count("{n} conversation", "{n} conversations", total)
        return text if known == total else f"{text} · " + self._say("{n} read", n=known)

    def no_conversations(self) -> str:
        """Placeholder of the empty list of conversations."""
        if self._service.state.failed_report is not None:
            return self.nobody()
        if self._service.state.last_report is not None:
            return self._say("This account has no list of conversations.")
        return self._say("Asking for the conversations…")

    def conversation(self, conversation_id: str) -> str:
        """One conversation in a sentence."""
        service, language = self._service, self._wording.language
        store = service.store
        known = service.state.find_conversation(conversation_id)
        if known is None:
            return ""
        if not store.rosters.knows(conversation_id):
            return self._say("{title}: not read yet; open it to read it", title=known.title)
        counts = store.counts(conversation_id)
        parts = [
            language.count("{n} online", "{n} online", counts.online),
            language.count("{n} offline", "{n} offline", counts.offline),
        ]
        if counts.unknown:
            parts.append(language.count("{n} unknown", "{n} unknown", counts.unknown))
        if store.rosters.is_in_part(known):
            total, capped = known.member_count, known.member_count_capped
            parts = [self._wording.listed_in_part(conversation_id, total, capped=capped)]
        else:
            parts[-1] += " " + self._say("of {members}", members=counts.total)
        keys = self._say("enter opens it · {key} puts it side by side", key=key_of(self._commands, "beside"))
        return self._wording.language.labelled(known.title, f"{', '.join(parts)} · {keys}")

    def beside(self, shown: int, marked: int) -> str:
        """Number of shown and of all columns."""
        return self._of_all(shown, marked)

    def nothing_beside(self) -> str:
        """Placeholder of the side-by-side view without columns."""
        return self._say(
            "Nothing is side by side yet. {key} chooses a conversation; view {view} has them all.",
            key=key_of(self._commands, "beside"),
            view=key_of(self._commands, "view_conversations"),
        )

    def too_narrow(self, least: int, width: int) -> str:
        """Placeholder of the side-by-side view in a narrow terminal."""
        return self._say(
            "Side by side needs a terminal {least} columns wide; this one has {width}.",
            least=least,
            width=width,
        )

    def members(self, conversation: Conversation) -> str:
        """Number of online and of all members; empty before the first read."""
        store = self._service.store
        if not store.rosters.knows(conversation.id):
            return ""
        if store.rosters.is_in_part(conversation):
            total, capped = conversation.member_count, conversation.member_count_capped
            return self._wording.listed_in_part(conversation.id, total, capped=capped)
        counts = store.counts(conversation.id)
        return self._say("{online} online / {total}", online=counts.online, total=counts.total)

    def nobody_in(self, conversation: Conversation) -> str:
        """Placeholder of a column without members."""
        if conversation.id == self._service.state.conversation_id:
            return self.nobody()
        report = self._service.state.secondary_reports.get(conversation.id)
        if report is None:
            return self._say("Asking who is here…")
        if report.error is not None:
            return self._wording.refresh_result(report)
        return self._say("Nobody is a member of this conversation.")

    def _of_all(self, some: int, total: int) -> str:
        count = self._wording.language.count
        if some == total:
            return count("{n} conversation", "{n} conversations", total)
        return self._say("{some} of {total} conversations", some=some, total=total)

    def shown(self, shown: int, total: int) -> str:
        """Number of rows that pass a filter."""
        return self._say("{n:,} of {total:,} shown", n=shown, total=total)

    def under_way(self, state: ServiceState) -> str:
        """Progress of a refresh or an audit; empty while none runs."""
        progress = state.progress
        if progress is None:
            if state.is_auditing:
                return self._say("audit…")
            return self._say("reading…") if state.is_refreshing else ""
        if state.is_auditing:
            return self._say("audit {done}/{total}", done=progress.done, total=progress.total)
        step = self._say("states") if progress.step is Source.RUNTIME else self._say("roster")
        done, total = progress.done, progress.total
        return f"{step} {done}/{total}" if total else f"{step} {done}"

    def membership_word(self) -> str:
        """Replaces the link state if the account is not a member; otherwise empty."""
        end = self._service.state.membership_end
        return "" if end is None else self._wording.membership_word(end)

    def has_nothing_but_trouble(self) -> bool:
        """True if the last read failed and the watched roster was never read."""
        state = self._service.state
        return state.failed_report is not None and self._is_unread(state)

    def nobody(self) -> str:
        """Placeholder of the panels while no participant is known."""
        failed = self._service.state.failed_report
        if failed is not None:
            text = self._wording.refresh_result(failed)
            # The advice of a token error names the key itself.
            return text if failed.needs_sign_in else f"{text} {self._ask_again()}"
        if self._service.state.last_report is not None:
            return self._say("Nobody is a member of this conversation.")
        return self._say("Asking who is here…")

    def hint(self) -> str:
        """The why line while no participant is selected."""
        state = self._service.state
        if state.failed_report is not None:
            return self._wording.refresh_result(state.failed_report)
        status = state.link if state.phase >= Phase.MONITOR else None
        reason = self._wording.language.phrase(status.why) if status else ""
        return reason or self._say("Choose somebody to see why they are what they are.")

    def _is_unread(self, state: ServiceState) -> bool:
        """True before the first read of the watched roster."""
        return not self._service.store.rosters.knows(state.conversation_id or "")

    def _ask_again(self) -> str:
        return self._say("{key} asks again.", key=key_of(self._commands, "refresh"))
