"""``wait``: waits until a condition holds, and says by its exit code whether it did."""

import asyncio
import sys

import msgspec

from presence_tui.cli.configuration import Settings
from presence_tui.cli.current_service import CurrentService, run_with_service
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.json_lines import Seconds, Time
from presence_tui.cli.language_option import language_in_use, say, say_phrase
from presence_tui.cli.output import print_sentence
from presence_tui.cli.participant_names import nobody_called, people_of
from presence_tui.service.conditions import BadCondition, Condition, holds, names_nobody, read_condition
from presence_tui.service.service import PresenceService
from presence_tui.text.language import Language
from presence_tui.text.wording import Wording
from presence_tui.wire.sanitize import safe_text
from presence_tui.wire.timestamps import wire_from_seconds


class WaitLine(msgspec.Struct, kw_only=True):
    """The end of waiting."""

    at: Time
    kind: str = "wait"
    condition: str
    """As it was given."""
    held: bool
    """True if it holds; false if the time was over before."""
    seconds: Seconds


def wait(settings: Settings, text: str, limit_s: float | None, *, may_join: bool) -> None:
    """Wait and print one line. Raises ``CliError``, also if it did not hold in time.

    Unless they ``may_join``, a name that nobody has when the roster is known is a mistake.
    """
    try:
        waiting = _Waiting(safe_text(text), read_condition(text), limit_s, may_join=may_join)
        was_done = run_with_service(settings, waiting.run)
    except BadCondition as problem:
        sentence = say_phrase(problem.sentence)
        raise CliError(f"{sentence[0].upper()}{sentence[1:]}.", ExitCode.USAGE) from problem
    if not was_done:
        raise CliError(say("Interrupted before it held."), ExitCode.NOT_HELD)


class _Waiting:
    def __init__(self, text: str, condition: Condition, limit_s: float | None, *, may_join: bool) -> None:
        self._text = text
        self._condition = condition
        self._limit_s = limit_s
        self._may_join = may_join
        self._has_checked_name = False

    async def run(self, current: CurrentService) -> None:
        """Wait until the condition holds. Raises ``CliError`` when time is over."""
        clock = current.service.store.clock
        began = clock.stamp()
        held = True
        try:
            async with asyncio.timeout(self._limit_s):
                await current.until(lambda: self._holds(current), fails_early=False)
        except TimeoutError:
            held = False
        now = clock.stamp()
        line = WaitLine(
            at=wire_from_seconds(now.wall_s),
            condition=self._text,
            held=held,
            seconds=round(now.monotonic_s - began.monotonic_s, 3),
        )
        sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
        sys.stdout.buffer.flush()
        if not held:
            raise CliError(self._sentence(current), ExitCode.NOT_HELD)

    def _holds(self, current: CurrentService) -> bool:
        service, store = current.service, current.service.store
        conversation_id = service.state.conversation_id
        if not current.is_current or conversation_id is None:
            return False
        if not self._has_checked_name:
            self._has_checked_name = True
            if names_nobody(self._condition, store, conversation_id):
                self._on_unknown_name(service)
        return holds(self._condition, store, conversation_id, service.state.you)

    def _on_unknown_name(self, service: PresenceService) -> None:
        """Raises ``CliError``, unless they may join, or the gateway lists only some members."""
        store, conversation, name = service.store, service.state.conversation, self._condition.name
        if self._may_join or conversation is None or store.rosters.is_in_part(conversation):
            name = safe_text(name)
            print_sentence(say("Nobody here is called {name}, at least not yet.", name=name))
            return
        sentence = nobody_called([name], conversation.title, people_of(store, conversation.id))
        advice = say("To wait until somebody of this name joins, add --may-join.")
        raise CliError(f"{sentence} {advice}", ExitCode.USAGE)

    def _sentence(self, current: CurrentService) -> str:
        link = current.service.state.link
        if current.is_current or link is None:
            return say("It did not hold in time.")
        reason = say_phrase(link.reason) if link.reason.template else ""
        wording = Wording(Language(language_in_use()), current.service.store)
        sentence = say("It did not hold in time; the link is {state}.", state=wording.link_word(link))
        return " ".join(filter(None, (sentence, reason)))
