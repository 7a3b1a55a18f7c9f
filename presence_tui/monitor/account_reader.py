"""Reads the account and its list of conversations."""

from presence_tui.domain.participants import Conversation
from presence_tui.monitor.connection import Connection
from presence_tui.monitor.conversation_choice import ConversationChoice
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.signals import Signal
from presence_tui.transport.credentials import CredentialHolder, CredentialKind
from presence_tui.transport.errors import GatewayError
from presence_tui.transport.presence_source import PresenceSource
from presence_tui.wire.responses import Account


class AccountReader:
    """Prepares reads of rosters, and reads the list again when it may be outdated."""

    def __init__(
        self,
        source: PresenceSource,
        credentials: CredentialHolder,
        connection: Connection,
        choice: ConversationChoice,
        counters: EventCounters,
    ) -> None:
        self._source = source
        self._credentials = credentials
        self._connection = connection
        self._choice = choice
        self._counters = counters
        self._cached_key = ""
        self._list_is_old = False
        self.account: Account | None = None
        self.is_prepared = False
        """True while account, contract version and watched conversation are known."""
        self.is_reading_list = False
        """True while an answer may be on its way that is older than events of now."""
        self.list_read: Signal[list[Conversation]] = Signal()
        """Emits the account's conversations each time they were read."""
        connection.sign_in.replaced.subscribe(lambda _: self.forget())

    @property
    def key(self) -> str:
        """Our own presence key; empty until known."""
        attempt = self._connection.attempt
        if attempt is not None and attempt.key:
            return attempt.key
        return self.account.key if self.account else self._cached_key

    def restore(self, key: str) -> None:
        """Use a cached presence key until the account is read."""
        self._cached_key = key

    def forget(self) -> None:
        """Prepare again: another credential may belong to another account, or the gateway was replaced."""
        self.is_prepared = False

    def mark_list_old(self) -> None:
        """The list of conversations must be read again, after a gap or a refresh."""
        self._list_is_old = True

    async def prepare(self) -> None:
        """Read version, account and conversations, until it succeeded once. Raises ``GatewayError``."""
        if self.is_prepared:
            return
        await self._source.discover()
        if self._credentials.current.kind is CredentialKind.ACCOUNT:
            self.account = await self._source.account()
            self._connection.sign_in.accept(self._credentials.current)
            await self._read_list(self.account)
        self._choice.choose()
        self.is_prepared = self._choice.watched is not None

    async def read_list_if_old(self) -> GatewayError | None:
        """Read the account's conversations again. On failure, keep the old list, emit a notice and return
        the error.
        """
        if not self._list_is_old or self.account is None:
            return None
        try:
            await self._read_list(self.account)
        except GatewayError as error:
            self._connection.noticed.emit(error.sentence)
            return error
        return None

    async def _read_list(self, account: Account) -> None:
        self.is_reading_list = True
        try:
            own = await self._source.conversations(account.key)
        finally:
            self.is_reading_list = False
        self._list_is_old = False
        self._counters.malformed_rows += own.malformed_rows
        if own.cut_short is not None:
            self._connection.noticed.emit(own.cut_short)
        self._choice.set_list(own.rows)
        self.list_read.emit(own.rows)
