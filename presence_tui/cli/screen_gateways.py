"""The gateways that a screen shows, one at a time: a service for each, and the sign-ins to choose from."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from presence_tui.cli.configuration import Settings, history_path, user_rules_folder, view_state_folder
from presence_tui.cli.embedded_gateway import DemoOptions, EmbeddedGateway, start_embedded_gateway
from presence_tui.cli.gc_tuning import follow_service
from presence_tui.cli.logs import log_events
from presence_tui.cli.targets import (
    Target,
    address_from,
    embedded_target,
    saved_login_in_use,
    saved_logins,
    target_from,
    tls_context_for,
)
from presence_tui.cli.wiring import LiveTarget, alert_settings, history_settings, rest_client
from presence_tui.domain.translatable import Phrase
from presence_tui.service.events import PhaseChanged, ServiceEvent
from presence_tui.service.frames import FrameScheduler
from presence_tui.service.service import FindTarget, PresenceService
from presence_tui.service.state import DEMO, Phase
from presence_tui.service.target import CannotOpen, ServiceSettings
from presence_tui.storage.saved_logins import SavedLogin
from presence_tui.store import PresenceStore
from presence_tui.store.clock import SystemClock
from presence_tui.text.language import Language
from presence_tui.text.sign_in_texts import PASSWORD_IN_THE_CLEAR
from presence_tui.transport.addresses import Address, BadAddress
from presence_tui.transport.credentials import CredentialKind
from presence_tui.tui.gateways import KnownGateway
from presence_tui.wire.profiles import Profile

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.alerts.rules import Alert
    from presence_tui.service.sign_ins import CodeAsked, SignedIn, SignInForm, SignIns
    from presence_tui.transport.rest_client import RestClient


class Files(NamedTuple):
    """Paths of the files stored for the next run."""

    history: Path
    user_rules: Path
    view_state: Path


class ScreenGateways:
    """Implements ``Gateways`` of the screen. Close it when the screen has ended."""

    def __init__(
        self, settings: Settings, language: Language, demo_options: DemoOptions | None = None
    ) -> None:
        self.current: KnownGateway | None = None
        self._settings = settings
        self._language = language
        self._demo_options = demo_options or DemoOptions()
        self._configured: KnownGateway | None = None
        """The configured gateway, if its token is not that of a saved sign-in."""
        self._checked: SignedIn | None = None
        """The credential of the configured gateway, once it was accepted."""
        self._resources = ExitStack()
        self._has_opened = False

    def close(self) -> None:
        """End embedded gateways, and delete their files."""
        self._resources.close()

    def open_configured(self) -> PresenceService:
        """The service of the configured gateway. Raises ``CliError`` if something is invalid."""
        settings = self._settings
        address = address_from(settings.gateway or "")
        saved_login = saved_login_in_use(settings)
        # A keyring is slow and may prompt its owner, so it is read after the screen opened.
        target = None if saved_login is not None and saved_login.in_keyring else target_from(settings)
        if settings.ca_file is not None:
            tls_context_for(settings)
        if saved_login is None:
            self._configured = KnownGateway("", address.shown, "", False, None)
        self.current = self._configured if saved_login is None else _known(saved_login)

        async def find_target() -> LiveTarget:
            found = await asyncio.to_thread(target_from, settings) if target is None else target
            return LiveTarget(found, settings)

        return self._service(find_target, _own_files(), address.shown)

    def open_demo(self, gateway: EmbeddedGateway) -> PresenceService:
        """The service of an embedded gateway that is starting; both are closed together."""
        settings, resources = self._settings, ExitStack()
        resources.callback(gateway.close)
        # A demo has its own temporary history, rules and pins, so that it never mixes with real ones.
        folder = resources.enter_context(
            TemporaryDirectory(prefix="presence-tui-", ignore_cleanup_errors=True)
        )
        self._resources.push(resources)
        self.current = None

        async def find_target() -> LiveTarget:
            return LiveTarget(embedded_target(await gateway.ready(), settings), settings)

        files = Files(Path(folder) / "history.sqlite", Path(folder) / "watch-rules", Path(folder))
        service = self._service(find_target, files, DEMO)
        service.events.subscribe(partial(_close_at_end, resources.close))
        return service

    def demo(self) -> PresenceService:
        return self.open_demo(start_embedded_gateway(self._demo_options))

    def watch(self, signed_in: "SignedIn") -> PresenceService:
        settings, address, login = self._settings, signed_in.address, signed_in.saved_login
        if not self._is_configured(address.url):
            # Those of the configured gateway.
            settings = replace(settings, conversation=None, conversation_asked=None, profile=None)
        if login is not None:
            settings = replace(settings, ca_file=settings.ca_file or login.trusted_file)
        target = Target(
            address,
            signed_in.credential,
            settings.conversation_asked or signed_in.conversation or settings.conversation,
            settings.profile,
            signed_in.store,
            login,
        )
        if login is not None:
            self.current = _known(login)
        else:
            self.current = self._configured if signed_in is self._checked else None

        async def find_target() -> LiveTarget:
            return LiveTarget(target, settings)

        return self._service(find_target, _own_files(), address.shown)

    async def known(self) -> Sequence[KnownGateway]:
        saved = await asyncio.to_thread(saved_logins().readable)
        configured = [] if self._configured is None else [self._configured]
        return [*configured, *map(_known, saved)]

    def warning_of(self, address: str) -> Phrase | None:
        try:
            parsed = Address.parse(address)
        except BadAddress:
            return None
        return None if parsed.is_secure or parsed.is_loopback else PASSWORD_IN_THE_CLEAR

    async def use(self, gateway: KnownGateway) -> "SignedIn":
        if (login := gateway.saved_login) is not None:
            return await self._sign_ins.use_saved(login, self._profile_of(login.url))
        from presence_tui.service.sign_ins import SignedIn, SignInFailed

        try:
            target = await asyncio.to_thread(target_from, self._settings)
        except CannotOpen as stop:
            raise SignInFailed(Phrase("{problem}", {"problem": str(stop)})) from stop
        unchecked = SignedIn(target.address, target.credential, target.conversation, target.credential_store)
        self._checked = await self._sign_ins.check(unchecked, self._settings.profile)
        return self._checked

    async def sign_in(self, form: "SignInForm") -> "SignedIn | CodeAsked":
        return await self._sign_ins.sign_in(form, self._profile_of(form.address))

    async def confirm(self, asked: "CodeAsked", code: str) -> "SignedIn":
        return await self._sign_ins.confirm(asked, code)

    async def end_session(self, login: SavedLogin) -> Phrase | None:
        return await self._sign_ins.end_session(login, self._profile_of(login.url))

    async def forget(self, login: SavedLogin) -> None:
        await self._sign_ins.forget(login)

    @property
    def _sign_ins(self) -> "SignIns":
        from presence_tui.service.sign_ins import SignIns

        return SignIns(saved_logins(), self._open_client, SystemClock(), self._settings.ca_file)

    def _open_client(self, address: Address, ca_file: Path | None) -> "RestClient":
        """Raises ``CliError`` for an unusable CA file or proxy."""
        settings = replace(self._settings, ca_file=self._settings.ca_file or ca_file)
        return rest_client(address, settings, SystemClock())

    def _profile_of(self, address: str) -> Profile | None:
        """The configured profile, which other gateways may not have."""
        try:
            url = Address.parse(address).url
        except BadAddress:
            return None
        return self._settings.profile if self._is_configured(url) else None

    def _is_configured(self, url: str) -> bool:
        gateway = self._settings.gateway
        return gateway is not None and address_from(gateway).url == url

    def _service(self, find_target: FindTarget, files: Files, name: str) -> PresenceService:
        settings = self._settings
        schedule = FrameScheduler(1 / settings.frames_per_second)
        store = PresenceStore(rule=settings.rule, schedule=schedule, bounds=settings.bounds)
        sentence_of = partial(_alert_sentence, self._language, store)
        service = PresenceService(
            store,
            find_target,
            ServiceSettings(
                name,
                history_settings(settings, files.history, shows_cache=True) if settings.history else None,
                partial(alert_settings, settings, files.user_rules, sentence_of),
                files.view_state,
            ),
        )
        schedule.on_painted = partial(_record_painting, service)
        log_events(service)
        follow_service(service, replaces_another=self._has_opened)
        self._has_opened = True
        return service


def _own_files() -> Files:
    return Files(history_path(), user_rules_folder(), view_state_folder())


def _known(login: SavedLogin) -> KnownGateway:
    is_guest = login.kind is CredentialKind.GUEST
    return KnownGateway(login.name, address_from(login.url).shown, login.handle, is_guest, login)


def _close_at_end(close: Callable[[], object], event: ServiceEvent) -> None:
    match event:
        case PhaseChanged(Phase.ENDED):
            close()


def _record_painting(service: PresenceService, seconds: float) -> None:
    if service.metrics is not None:
        service.metrics.paint_time.add(seconds)


def _alert_sentence(language: Language, store: PresenceStore, alert: "Alert") -> str:
    from presence_tui.text.alert_texts import AlertTexts

    return AlertTexts(language, store).sentence(alert)
