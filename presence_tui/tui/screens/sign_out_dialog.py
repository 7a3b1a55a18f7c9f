"""A dialog that asks whether to sign out of a gateway, and does it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from presence_tui.domain.translatable import Phrase
from presence_tui.service.sign_ins import SignInFailed
from presence_tui.storage.saved_logins import SavedLogin
from presence_tui.text.language import Language
from presence_tui.tui.gateways import Gateways, KnownGateway
from presence_tui.tui.screens.dialog import Modal
from presence_tui.tui.widgets.conversation_list import ConversationOptions


@dataclass(frozen=True, slots=True)
class SignedOut:
    """The saved sign-in is removed; ``sentence`` says so, or what went wrong."""

    sentence: str


class SignOutDialog(Modal[SignedOut | None]):
    """Returns ``None`` if the user stays signed in."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "step_back", show=False),
    ]

    def __init__(
        self,
        gateways: Gateways,
        gateway: KnownGateway,
        login: SavedLogin,
        language: Language,
        close_service: Callable[[], Awaitable[None]] | None,
    ) -> None:
        """``close_service`` closes the service of this gateway, if that is shown."""
        super().__init__()
        self._gateways = gateways
        self._gateway = gateway
        self._login = login
        self._language = language
        self._close_service = close_service
        self._options = ConversationOptions(
            Option(Text(language.say("Stay signed in"))),
            Option(Text(language.say("Sign out"))),
            id="sign-out-choices",
        )
        self._box = VerticalScroll(id="sign-out", classes="dialog", can_focus=False)
        self._said = Static(Text(self._question()), classes="remark")
        self._is_working = False
        self._telling: asyncio.Task[Phrase | None] | None = None

    def compose(self) -> ComposeResult:
        say = self._language.say
        self._box.border_title = Text(say("Sign out of {gateway}?", gateway=self._gateway.address))
        self._box.border_subtitle = Text(say("enter chooses · esc closes"))
        with self._box:
            yield self._said
            yield self._options

    def on_mount(self) -> None:
        self._options.highlighted = 0
        self._options.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self._is_working:
            return
        if event.option_index == 0:
            self.dismiss(None)
        else:
            self._is_working = True
            self.run_worker(self._sign_out())

    def on_click(self, event: events.Click) -> None:
        if event.widget is self and not self._is_working:
            self.dismiss(None)

    def action_step_back(self) -> None:
        """Close the dialog; while the gateway is being told, go on without it."""
        if self._telling is not None:
            self._telling.cancel()
        elif not self._is_working:
            self.dismiss(None)

    async def _sign_out(self) -> None:
        say = self._language.say
        self._options.display = False
        self._said.update(Text(say("Waiting for {address}…", address=self._gateway.address)))
        self._box.border_subtitle = Text(say("esc goes on without the gateway"))
        if self._close_service is not None:
            await self._close_service()
        trouble = await self._tell()
        sentences = [say("Signed out of {name}; nothing of it is kept here.", name=self._gateway.name)]
        if trouble is not None:
            sentences.append(self._language.phrase(trouble))
        try:
            await self._gateways.forget(self._login)
        except SignInFailed as failed:
            sentences = [self._language.phrase(failed.sentence)]
        self.dismiss(SignedOut(" ".join(sentences)))

    async def _tell(self) -> Phrase | None:
        """End the session at the gateway. Returns what went wrong, if anything."""
        self._telling = asyncio.create_task(self._gateways.end_session(self._login))
        try:
            await asyncio.wait([self._telling])
        finally:
            self._telling.cancel()
        return None if self._telling.cancelled() else self._telling.result()

    def _question(self) -> str:
        say = self._language.say
        if self._gateway.is_guest:
            return say("The guest {name} leaves the conversation.", name=self._gateway.user)
        return say(
            "The session of @{user} ends, and its token is removed from this machine.",
            user=self._gateway.user,
        )
