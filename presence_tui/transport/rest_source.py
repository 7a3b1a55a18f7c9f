"""The REST side of a gateway, in either contract version (wire contract, section 3)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final, TypeVar
from urllib.parse import quote

from presence_tui.domain.participants import Conversation
from presence_tui.domain.phrases import Phrase, phrase
from presence_tui.store.clock import Clock, Stamp
from presence_tui.transport.credentials import Credential, CredentialHolder, CredentialKind
from presence_tui.transport.errors import (
    AccessDenied,
    GatewayError,
    NotFound,
    SignInNeeded,
    TokenExpired,
    UnexpectedAnswer,
)
from presence_tui.transport.presence_source import AskedPage, AskedPresence, OwnConversations, Timing
from presence_tui.transport.rest_client import Answer, RestClient
from presence_tui.wire import answers
from presence_tui.wire.answers import Account, Health, UnexpectedShape
from presence_tui.wire.encode import guest_join
from presence_tui.wire.profiles import MEESHY_2025, MEESHY_2026, Profile

PAGE_ROWS: Final = 100
"""The most one page of participants may hold (section 3.4)."""

PRESENCE_SLICE: Final = 50
"""Ids asked for at once; 200 took the gateway five seconds (section 3.5)."""

SKEW_NOISE_S: Final = 0.25
"""A skew below this, or below the round trip, cannot be told from none."""

_LARGE_BODY_BYTES: Final = 256 * 1024
_MAX_PAGES: Final = 100_000

Read = TypeVar("Read")


class RestSource:
    """A ``PresenceSource`` over HTTP. ``profile`` is ``None`` where it is to be found out."""

    def __init__(
        self,
        client: RestClient,
        credentials: CredentialHolder,
        clock: Clock,
        profile: Profile | None = None,
    ) -> None:
        self._client = client
        self._credentials = credentials
        self._clock = clock
        self._profile = profile
        self._skew_s: float | None = None
        """The gateway's clock minus ours, as last measured; ``None`` before that."""

    @property
    def profile(self) -> Profile:
        return self._profile or MEESHY_2026

    async def discover(self) -> Profile:
        """The newer version answers 401 or 200 to "who am I"; where that path is unknown, it is the older."""
        if self._profile is None:
            path = f"{MEESHY_2026.rest_prefix}/auth/me"
            headers = self._credentials.current.headers
            answered = frozenset({401, 403, 404})
            answer = await self._client.ask("GET", path, headers=headers, refusals_are_answers=answered)
            if answer.status == 404:
                await self._check_older(headers)
                self._profile = MEESHY_2025
            else:
                if answer.status == 200:
                    # A web page would answer 200 as well, and decide the version for good.
                    await self._read(answer, answers.read_account)
                self._profile = MEESHY_2026
        return self._profile

    async def health(self) -> tuple[Health, Timing]:
        started = self._clock.stamp()
        answer = await self._client.ask("GET", "/health", refusals_are_answers=frozenset({503}))
        health = await self._read(answer, answers.read_health)
        timing = self._timing(health, started, answer.round_trip_s)
        self._skew_s = self._skew_s if timing.skew_s is None else timing.skew_s
        return health, timing

    async def account(self) -> Account:
        return await self._read(await self._get("/auth/me"), answers.read_account)

    async def conversations(self, own_key: str = "") -> OwnConversations:
        found: dict[str, Conversation] = {}
        offset = malformed = 0
        for _ in range(_MAX_PAGES):
            query = {"limit": str(self.profile.conversations_page), "offset": str(offset)}
            answer = await self._get("/conversations", query)
            page = await self._read(answer, lambda body: answers.read_conversations(body, own_key))
            before = len(found)
            found.update((row.id, row) for row in page.rows)
            malformed += page.malformed_rows
            # Rows that could not be read were sent all the same, and must not be sent again.
            offset += len(page.rows) + page.malformed_rows
            if not page.has_more or len(found) == before:
                return OwnConversations(list(found.values()), malformed)
        raise self._endless(phrase("the list of conversations"))

    async def participants(self, conversation_id: str) -> AsyncIterator[AskedPage]:
        path = f"/conversations/{quote(conversation_id, safe='')}/participants"
        query = {"limit": str(PAGE_ROWS)} if self.profile.pages_participants else {}
        cursors: set[str] = set()
        for _ in range(_MAX_PAGES):
            await self._client.await_budget()
            asked = self._clock.stamp()
            answer = await self._get(path, query)
            with self._shape_errors():
                parts = answers.read_participants(answer.body, self.profile)
            cursor = None
            for page in parts:
                cursor = page.next_cursor
                yield AskedPage(asked, page)
            if cursor is None or cursor in cursors:
                return
            cursors.add(cursor)
            query = {**query, "cursor": cursor}
        raise self._endless(phrase("the roster"))

    async def runtime_presence(self, keys: Sequence[str]) -> AsyncIterator[AskedPresence]:
        if not self.profile.has_runtime_presence or self._is_guest:
            return
        for start in range(0, len(keys), PRESENCE_SLICE):
            await self._client.await_budget()
            asked = self._clock.stamp()
            ids = ",".join(keys[start : start + PRESENCE_SLICE])
            answer = await self._get("/users/presence", {"ids": ids})
            rows, malformed = await self._read(answer, answers.read_runtime_presence)
            yield AskedPresence(asked, rows, malformed)

    async def renew_token(self) -> bool:
        """Raises ``TokenExpired`` where the gateway refuses to refresh this very token."""
        if self._is_guest:
            return False
        token = self._credentials.current.secret
        path = f"{self.profile.rest_prefix}/auth/refresh"
        try:
            answer = await self._client.ask("POST", path, payload={"token": token})
        except (SignInNeeded, AccessDenied, NotFound) as refusal:
            raise TokenExpired from refusal
        self._credentials.renew(await self._read(answer, answers.read_refreshed_token))
        return True

    async def join_as_guest(self, link: str, name: str, language: str) -> tuple[Credential, str, str]:
        """Enter a conversation by its link: (credential, participant id, conversation id)."""
        path = f"{self.profile.rest_prefix}/anonymous/join/{quote(link, safe='')}"
        answer = await self._client.ask("POST", path, payload=guest_join(name, language))
        secret, participant_id, conversation_id = await self._read(answer, answers.read_guest_session)
        return Credential(CredentialKind.GUEST, secret), participant_id, conversation_id

    async def close(self) -> None:
        await self._client.close()

    @property
    def _is_guest(self) -> bool:
        return self._credentials.current.kind is CredentialKind.GUEST

    def _endless(self, what: Phrase) -> UnexpectedAnswer:
        why = phrase("{what} has more than {pages:,} pages", what=what, pages=_MAX_PAGES)
        return UnexpectedAnswer(self._client.address.shown, why)

    async def _check_older(self, headers: dict[str, str]) -> None:
        path = f"{MEESHY_2025.rest_prefix}/auth/me"
        answered = frozenset({401, 403, 404})
        answer = await self._client.ask("GET", path, headers=headers, refusals_are_answers=answered)
        if answer.status == 404:
            why = phrase("it knows neither /api/v1 nor /api")
            raise UnexpectedAnswer(self._client.address.shown, why)

    async def _get(self, path: str, query: dict[str, str] | None = None) -> Answer:
        """A GET below the profile's prefix; with a token past its end, refreshed once and asked again.

        The newer gateway answers 403 to a bad token on conversation routes (section 0.10).
        """
        full_path = f"{self.profile.rest_prefix}{path}"
        credential = self._credentials.current
        try:
            return await self._client.ask("GET", full_path, headers=credential.headers, query=query)
        except (SignInNeeded, AccessDenied):
            if not await self._is_past_its_end(credential):
                raise
        await self.renew_token()
        headers = self._credentials.current.headers
        return await self._client.ask("GET", full_path, headers=headers, query=query)

    async def _is_past_its_end(self, credential: Credential) -> bool:
        """Judged by the gateway's clock, where it tells the time: ours may be wrong."""
        expires_s = credential.expires_s
        if expires_s is None:
            return False
        if self._skew_s is None:
            # The first question of all can be refused before anybody asked what time it is there.
            with suppress(GatewayError):
                await self.health()
        return expires_s <= self._clock.stamp().wall_s + (self._skew_s or 0.0)

    async def _read(self, answer: Answer, read: Callable[[bytes], Read]) -> Read:
        with self._shape_errors():
            if len(answer.body) > _LARGE_BODY_BYTES:
                # A large body would stop the screen for as long as it takes to parse.
                return await asyncio.to_thread(read, answer.body)
            return read(answer.body)

    @contextmanager
    def _shape_errors(self) -> Iterator[None]:
        try:
            yield
        except UnexpectedShape as problem:
            why = phrase("the answer is not of the contract's shape")
            raise UnexpectedAnswer(self._client.address.shown, why) from problem

    def _timing(self, health: Health, started: Stamp, round_trip_s: float) -> Timing:
        if health.server_time_s is None:
            return Timing(round_trip_s, None)
        skew_s = health.server_time_s - (started.wall_s + round_trip_s / 2)
        return Timing(round_trip_s, skew_s if abs(skew_s) > max(SKEW_NOISE_S, round_trip_s) else 0.0)
