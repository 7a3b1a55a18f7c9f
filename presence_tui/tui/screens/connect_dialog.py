"""A dialog to connect to a gateway: by a saved sign-in, or by address, user, password and code.

What is typed stays after an error. What is shown behind goes on until the other gateway lets the user in.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.worker import Worker

from presence_tui.service.sign_ins import CodeAsked, Field, SignedIn, SignInFailed
from presence_tui.store.clock import Clock
from presence_tui.text.language import Language
from presence_tui.text.sign_in_texts import SIDE_EFFECTS_IN_SHORT, SignInTexts
from presence_tui.tui.gateways import Gateways, KnownGateway
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.screens.dialog import Modal
from presence_tui.tui.widgets.saved_sign_ins import SavedSignIns
from presence_tui.tui.widgets.sign_in_form import Remark, SignInFields


class AttemptTimes:
    """All times are in seconds on the monotonic clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._start_s = 0.0
        self._pause_end_s: float | None = None

    def start(self) -> None:
        """Start an attempt, which ends a pause."""
        self._start_s = self._now_s()
        self._pause_end_s = None

    def start_pause(self, pause_s: float) -> None:
        self._pause_end_s = self._now_s() + pause_s

    def end_pause(self) -> None:
        self._pause_end_s = None

    @property
    def waited_s(self) -> float:
        """Time since the start of the attempt."""
        return self._now_s() - self._start_s

    @property
    def pause_left_s(self) -> float | None:
        """Time until the end of the pause, negative after it; ``None`` without one."""
        return None if self._pause_end_s is None else self._pause_end_s - self._now_s()

    def _now_s(self) -> float:
        return self._clock.stamp().monotonic_s


AskToSignOut = Callable[[KnownGateway, Callable[[], object]], object]
"""Asks whether to sign out of a gateway, and calls the function afterwards."""


class ConnectDialog(Modal[SignedIn | None]):
    """Returns an accepted credential, or ``None``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "step_back", show=False),
        Binding("enter", "submit", show=False),
        # With priority, so that what is typed right after them goes to the next field.
        Binding("enter", "next_field", show=False, priority=True),
        Binding("tab,down", "move(1)", show=False, priority=True),
        Binding("shift+tab,up", "move(-1)", show=False, priority=True),
    ]

    def __init__(
        self,
        gateways: Gateways,
        known: Sequence[KnownGateway],
        language: Language,
        glyphs: Glyphs,
        clock: Clock,
        ask_to_sign_out: AskToSignOut,
    ) -> None:
        """``known`` are the gateways with a credential."""
        super().__init__()
        self._gateways = gateways
        self._known = known
        self._language = language
        self._texts = SignInTexts(language)
        self._ask_to_sign_out = ask_to_sign_out
        self._list = SavedSignIns(language, glyphs)
        self._fields = SignInFields(language)
        self._remark = Remark(glyphs.notice)
        self._box = VerticalScroll(id="connect", classes="dialog", can_focus=False)
        self._asked: CodeAsked | None = None
        self._attempt: Worker[None] | None = None
        self._address = ""
        """Of the gateway that is waited for."""
        self._times = AttemptTimes(clock)

    def compose(self) -> ComposeResult:
        with self._box:
            yield self._list
            yield self._fields
            yield self._remark

    def on_mount(self) -> None:
        self._box.border_title = Text(self._language.say("Connect to a gateway"))
        self.set_interval(1.0, self._follow)
        if self._known:
            self._show_list()
        else:
            self._show_form()

    def on_unmount(self) -> None:
        self._fields.forget_secrets()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)

    async def action_step_back(self) -> None:
        """Cancel an attempt, go back to the step before, or close the dialog."""
        say = self._language.say
        if self._is_waiting and self._attempt is not None:
            self._attempt.cancel()
            self._attempt = None
            self._show_step()
            self._remark.note(say("Cancelled. What is shown behind goes on."))
        elif self._fields.asks_code:
            self._asked = None
            self._fields.ask_code(False)
            self._show_form(Field.PASSWORD)
        elif self._fields.display and self._known:
            self._show_list()
        else:
            self.dismiss(None)

    def action_next_field(self) -> None:
        """Enter in a field that is followed by an empty one."""
        if not (self._fields.display and self._fields.go_on()):
            raise SkipAction

    def action_move(self, step: int) -> None:
        if not self._fields.display:
            raise SkipAction
        if step > 0:
            self.focus_next()
        else:
            self.focus_previous()

    def action_submit(self) -> None:
        """Enter outside of an input."""
        if self._fields.display:
            self._fields.submit()

    @property
    def _is_waiting(self) -> bool:
        return self._attempt is not None and self._attempt.is_running

    @on(SavedSignIns.Chosen)
    def _choose(self, event: SavedSignIns.Chosen) -> None:
        event.stop()
        if (gateway := event.gateway) is None:
            self._show_form()
        else:
            self._try(gateway.address, lambda: self._use(gateway))

    @on(SavedSignIns.SignOutAsked)
    def _sign_out(self, event: SavedSignIns.SignOutAsked) -> None:
        event.stop()
        if not self._is_waiting:
            self._ask_to_sign_out(event.gateway, lambda: self.run_worker(self._read_list()))

    @on(SignInFields.Submitted)
    def _submit(self, event: SignInFields.Submitted) -> None:
        event.stop()
        self._try(self._fields.form.address, self._sign_in)

    @on(SignInFields.Changed)
    def _change(self, event: SignInFields.Changed) -> None:
        event.stop()
        if not self._is_waiting:
            self._times.end_pause()
            self._show_note()

    def _try(self, address: str, attempt: Callable[[], Awaitable[SignedIn | None]]) -> None:
        """Make one attempt at a time."""
        if self._is_waiting:
            return
        self._address = address
        self._times.start()
        self._attempt = self.run_worker(self._made(attempt))
        self._show_ways_on(self._language.say("esc cancels"))

    async def _made(self, attempt: Callable[[], Awaitable[SignedIn | None]]) -> None:
        """Close the dialog with the result of an attempt, or show why it failed."""
        try:
            signed_in = await attempt()
        except SignInFailed as failed:
            self._attempt = None
            self._show_failure(failed)
        else:
            self._attempt = None
            if signed_in is not None:
                self.dismiss(signed_in)

    async def _use(self, gateway: KnownGateway) -> SignedIn | None:
        try:
            return await self._gateways.use(gateway)
        except SignInFailed as failed:
            if not failed.is_refused or gateway.saved_login is None or gateway.is_guest:
                raise
            # The account may sign in again, which replaces the saved sign-in.
            self._fields.fill_in(gateway.saved_login.url, gateway.user)
            self._show_form(Field.PASSWORD)
            raise

    async def _sign_in(self) -> SignedIn | None:
        if self._asked is not None:
            return await self._gateways.confirm(self._asked, self._fields.code)
        answer = await self._gateways.sign_in(self._fields.form)
        if isinstance(answer, SignedIn):
            return answer
        self._asked = answer
        self._fields.ask_code(True)
        self._show_form(Field.CODE)
        return None

    async def _read_list(self) -> None:
        self._known = await self._gateways.known()
        if self._known:
            self._show_list()
        else:
            self._show_form()

    def _show_failure(self, failed: SignInFailed) -> None:
        if self._asked is not None and failed.field not in (Field.CODE, None):
            # The gateway waits for this code no longer.
            self._asked = None
            self._fields.ask_code(False)
        if self._fields.display:
            self._fields.take_focus(failed.field)
        if failed.retry_after_s is not None:
            self._times.start_pause(failed.retry_after_s)
        self._show_ways_on()
        self._remark.complain(self._texts.failure(failed, failed.retry_after_s or 0.0))

    def _show_list(self) -> None:
        self._fields.display = False
        self._list.display = True
        self._remark.keep_room_for("")
        self._list.show(self._known, self._gateways.current)
        self.set_focus(self._list)
        self._show_step()

    def _show_form(self, wanted: Field | None = None) -> None:
        self._list.display = False
        self._fields.display = True
        self._remark.keep_room_for(self._language.phrase(SIDE_EFFECTS_IN_SHORT))
        self._fields.take_focus(wanted)
        self._show_step()

    def _show_step(self) -> None:
        self._show_ways_on()
        self._show_note()

    def _show_note(self) -> None:
        """A remark for the step, as long as there is nothing else to say."""
        say = self._language.say
        warning = self._gateways.warning_of(self._fields.form.address)
        if self._list.display:
            self._remark.note(say("What is shown now goes on until the other gateway lets you in."))
        elif self._fields.asks_code:
            self._remark.note(say("The gateway asks for the code of your second factor."))
        elif warning is not None:
            self._remark.warn(self._language.phrase(warning))
        else:
            self._remark.note(self._language.phrase(SIDE_EFFECTS_IN_SHORT))

    def _show_ways_on(self, ways_on: str | None = None) -> None:
        """Show which keys do what, in the lower border; by default those of the step."""
        say = self._language.say
        if ways_on is None and self._list.display:
            ways_on = say("enter connects · x signs out · esc closes")
        elif ways_on is None and (self._known or self._fields.asks_code):
            ways_on = say("enter signs in · tab next · esc back")
        elif ways_on is None:
            ways_on = say("enter signs in · tab next · esc closes")
        self._box.border_subtitle = Text(ways_on)

    def _follow(self) -> None:
        """Count the seconds of waiting, of which the first needs no word, or those of a pause."""
        pause_left_s = self._times.pause_left_s
        if self._is_waiting:
            waited_s = self._times.waited_s
            if round(waited_s) >= 1:
                self._remark.note(self._texts.waiting(self._address, waited_s))
        elif pause_left_s is not None:
            self._remark.complain(self._texts.pause(pause_left_s))
            if pause_left_s <= 0:
                self._times.end_pause()
