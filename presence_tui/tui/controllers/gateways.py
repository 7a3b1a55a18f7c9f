"""Connect to another gateway, and sign out of this one."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from presence_tui.service.service import PresenceService
from presence_tui.tui.controllers.context import Handlers, WatchContext
from presence_tui.tui.gateways import Gateways, KnownGateway
from presence_tui.tui.toasts import PASSING_S

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.service.sign_ins import SignedIn
    from presence_tui.tui.screens.sign_out_dialog import SignedOut


class ShowService(Protocol):
    """Shows another service instead of the one that is shown."""

    async def __call__(self, service: PresenceService, *, welcomes: bool) -> None: ...


class GatewayController:
    """Opens the dialogs of gateways. Without ``gateways`` there is nothing to connect to."""

    def __init__(self, context: WatchContext, gateways: Gateways | None, show_service: ShowService) -> None:
        self._context = context
        self._gateways = gateways
        self._show_service = show_service

    def handlers(self) -> Handlers:
        return {"connect": self.connect, "sign_out": self.sign_out}

    @property
    def unavailable(self) -> frozenset[str]:
        """Commands that have nothing to act on."""
        if self._gateways is None:
            return frozenset({"connect", "sign_out"})
        return frozenset() if self._is_signed_in else frozenset({"sign_out"})

    async def connect(self) -> None:
        """Open the dialog to choose a gateway or to sign in."""
        if (gateways := self._gateways) is None:
            self._context.toast(self._context.say("No gateway can be chosen here."))
            return
        # The import may take longer than a frame.
        await asyncio.to_thread(_import_dialogs)
        from presence_tui.tui.screens.connect_dialog import ConnectDialog

        dialog = ConnectDialog(
            gateways,
            await gateways.known(),
            self._context.wording.language,
            self._context.glyphs,
            self._context.store.clock,
            self._ask_to_sign_out,
        )
        self._context.screen.app.push_screen(dialog, self._watch)

    async def sign_out(self) -> None:
        """Ask whether to sign out of the gateway that is shown."""
        current = None if self._gateways is None else self._gateways.current
        if current is None or not self._is_signed_in:
            self._context.toast(
                self._context.say("No saved sign-in is in use here."), holds=lambda: not self._is_signed_in
            )
            return
        await asyncio.to_thread(_import_dialogs)
        self._ask_to_sign_out(current, lambda: None)

    @property
    def _is_signed_in(self) -> bool:
        current = None if self._gateways is None else self._gateways.current
        return current is not None and current.saved_login is not None

    def _watch(self, signed_in: "SignedIn | None") -> None:
        if signed_in is not None and self._gateways is not None:
            trouble = signed_in.trouble
            sentence = "" if trouble is None else self._context.wording.language.phrase(trouble)
            self._show(self._gateways.watch(signed_in), sentence)

    def _ask_to_sign_out(self, gateway: KnownGateway, then: Callable[[], object]) -> None:
        """Ask, sign out, and call ``then``; without the gateway that is shown, go on with the demo."""
        gateways, login = self._gateways, gateway.saved_login
        assert gateways is not None and login is not None, "only a saved sign-in is offered"
        from presence_tui.tui.screens.sign_out_dialog import SignOutDialog

        current = gateways.current
        is_shown = current is not None and current.saved_login is not None and current.name == gateway.name

        def after(signed_out: "SignedOut | None") -> None:
            if signed_out is None:
                return
            if is_shown:
                self._show(gateways.demo(), signed_out.sentence, welcomes=True)
            else:
                self._context.toast(signed_out.sentence)
                then()

        close = self._context.service.close if is_shown else None
        dialog = SignOutDialog(gateways, gateway, login, self._context.wording.language, close)
        self._context.screen.app.push_screen(dialog, after)

    def _show(self, service: PresenceService, sentence: str, *, welcomes: bool = False) -> None:
        app = self._context.screen.app

        async def show() -> None:
            await self._show_service(service, welcomes=welcomes)
            if sentence:
                app.notify(sentence, markup=False, timeout=PASSING_S)

        # A worker of the app, because this screen is closed.
        app.run_worker(show())


def _import_dialogs() -> None:
    import presence_tui.tui.screens.connect_dialog
    import presence_tui.tui.screens.sign_out_dialog  # noqa: F401
