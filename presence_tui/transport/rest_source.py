"""The REST API of a gateway, for both contract versions (wire contract, section 3)."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import Final
from urllib.parse import quote

from presence_tui.domain.clock_offset import ClockSource
from presence_tui.domain.participants import Conversation
from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.store.clock import Clock
from presence_tui.transport.credentials import (
    Credential,
    CredentialError,
    CredentialHolder,
    CredentialKind,
)
from presence_tui.transport.errors import (
    AccessDenied,
    GatewayBroken,
    GatewayError,
    RateLimited,
    SignInNeeded,
    TokenExpired,
    UnexpectedAnswer,
    Unreachable,
)
from presence_tui.transport.presence_source import (
    PRESENCE_SLICE,
    AskedPage,
    AskedPresence,
    OwnConversations,
    Timing,
)
from presence_tui.transport.rest_client import Response, RestClient
from presence_tui.wire import responses
from presence_tui.wire.encode import refresh
from presence_tui.wire.profiles import MEESHY_2025, MEESHY_2026, Profile
from presence_tui.wire.responses import Account, Health, Tokens

PAGE_ROWS: Final = 100
"""Maximum rows of a page of participants (section 3.4)."""

SKEW_NOISE_S: Final = 0.25
"""A clock skew below this, or below the round trip, counts as none."""
DATE_STEP_S: Final = 1.0
"""The header ``Date`` tells whole seconds."""

REFUSALS: Final = frozenset(range(400, 500)) - {407, 408, 425, 429}
"""Statuses that refuse a refresh for good: not those of a proxy, of a time-out or of too many requests."""

MOST_CONVERSATIONS: Final = 5_000
"""Maximum rows read from the list of conversations: 50 pages."""

POOR_PAGE_ROWS: Final = 10
MOST_POOR_PAGES: Final = 20
"""Reading a list ends after this many pages in a row with fewer new rows than ``POOR_PAGE_ROWS``."""


class RestSource:
    """A ``PresenceSource`` over HTTP. With ``profile=None``, ``discover`` detects it."""

    def __init__(
        self,
        client: RestClient,
        credentials: CredentialHolder,
        clock: Clock,
        profile: Profile | None = None,
    ) -> None:
        self._client = client
        client.on_pause = lambda pause_s: self.on_pause(pause_s)
        self.on_pause: Callable[[float], None] = lambda pause_s: None
        self.counters = client.counters
        self._credentials = credentials
        self._clock = clock
        self._profile = profile
        self._is_given = profile is not None
        self._skew_s: float | None = None
        """The gateway's clock minus ours, as last measured; ``None`` before the first measurement."""
        self._spent: Credential | None = None
        """A credential that was refused and has expired."""

    @property
    def profile(self) -> Profile:
        return self._profile or MEESHY_2026

    async def discover(self) -> Profile:
        """Detect the contract version by "who am I": 401 or 200 is the newer one, 404 the older."""
        if self._profile is None:
            credential = self._credentials.current
            answer = await self._who_am_i(MEESHY_2026, credential, 401, 403, 404)
            if answer.status == 404:
                older = await self._who_am_i(MEESHY_2025, credential, 401, 403, 404)
                if older.status == 404:
                    why = phrase("it knows neither /api/v1 nor /api")
                    raise UnexpectedAnswer(self._client.address.shown, why)
                self._profile = MEESHY_2025
            else:
                if answer.status == 200:
                    # A web page would also answer 200 and fix the wrong version.
                    await self._client.read(answer, responses.read_account)
                self._profile = MEESHY_2026
        return self._profile

    async def rediscover(self) -> bool:
        if self._is_given or self._profile is None:
            return False
        before, self._profile = self._profile, None
        try:
            return await self.discover() is not before
        except GatewayError:
            return False
        finally:
            self._profile = self._profile or before

    async def health(self) -> tuple[Health, Timing]:
        started = self._clock.stamp()
        answer = await self._client.request("GET", "/health", accept_refusals=frozenset({503}))
        health = await self._client.read(answer, responses.read_health)
        if health.server_time_s is None:
            return health, self.time_of_answers() or Timing(answer.round_trip_s, None)
        middle_s = started.wall_s + answer.round_trip_s / 2
        return health, self._timing(health.server_time_s, middle_s, answer.round_trip_s)

    def time_of_answers(self) -> Timing | None:
        dated = self._client.last_date
        if dated is None:
            return None
        # A date has whole seconds, cut off.
        timing = self._timing(
            dated.told_s + DATE_STEP_S / 2, dated.middle_s, dated.round_trip_s, DATE_STEP_S / 2
        )
        return replace(timing, source=ClockSource.DATE)

    async def account(self) -> Account:
        return await self._client.read(await self._get("/auth/me"), responses.read_account)

    async def conversations(self, own_key: str = "") -> OwnConversations:
        found: dict[str, Conversation] = {}
        offset = malformed = poor_pages = 0
        while True:
            query = {"limit": str(self.profile.conversations_page), "offset": str(offset)}
            answer = await self._get("/conversations", query)
            page = await self._client.read(answer, lambda body: responses.read_conversations(body, own_key))
            before, found_before = len(found) + malformed, len(found)
            found.update((row.id, row) for row in page.rows)
            poor_pages = _poor_pages(poor_pages, len(found) - found_before)
            malformed += page.malformed_rows
            # Malformed rows count for the offset, so that they are not sent again.
            offset += len(page.rows) + page.malformed_rows
            cut_short: Phrase | None = None
            if page.has_more and len(found) + malformed == before:
                cut_short = phrase(
                    "The gateway promises more conversations than {n} and sends none.", n=len(found)
                )
            elif page.has_more and (offset >= MOST_CONVERSATIONS or poor_pages == MOST_POOR_PAGES):
                cut_short = phrase("The list of conversations is read up to {n:,} and no further.", n=offset)
            if cut_short is not None or not page.has_more:
                return OwnConversations(list(found.values()), malformed, cut_short)
            await self._client.await_budget()

    async def participants(self, conversation_id: str) -> AsyncIterator[AskedPage]:
        path = f"/conversations/{quote(conversation_id, safe='')}/participants"
        query = {"limit": str(PAGE_ROWS)} if self.profile.pages_participants else {}
        seen: set[str] = set()
        unseen = poor_pages = 0
        for number in count(1):
            await self._client.await_budget()
            asked = self._clock.stamp()
            answer = await self._get(path, query)
            parts = await self._client.read(
                answer, lambda body: responses.read_participants(body, self.profile)
            )
            before, seen_before = len(seen) + unseen, len(seen)
            cursor = None
            for page in parts:
                cursor = page.next_cursor
                seen.update(row.participant.key for row in page.rows)
                unseen += page.malformed_rows + page.former_members
                yield AskedPage(asked, page)
            if cursor is None:
                return
            if len(seen) + unseen == before:
                raise self._roster_fault(
                    phrase("page {n} of the roster brings nobody new and promises more", n=number)
                )
            poor_pages = _poor_pages(poor_pages, len(seen) - seen_before)
            if len(seen) + unseen > self._client.bounds.roster or poor_pages == MOST_POOR_PAGES:
                raise self._roster_fault(phrase("the roster goes on behind {n:,} rows", n=len(seen) + unseen))
            query = {**query, "cursor": cursor}

    async def runtime_presence(self, keys: Sequence[str]) -> AsyncIterator[AskedPresence]:
        if not self.profile.has_runtime_presence or self._is_guest:
            return
        for start in range(0, len(keys), PRESENCE_SLICE):
            await self._client.await_budget()
            asked = self._clock.stamp()
            ids = ",".join(keys[start : start + PRESENCE_SLICE])
            answer = await self._get("/users/presence", {"ids": ids})
            rows, malformed = await self._client.read(answer, responses.read_runtime_presence)
            yield AskedPresence(asked, rows, malformed)

    async def renew_token(self) -> bool:
        """Raises ``TokenExpired`` where the gateway refuses to refresh this very token."""
        if self._is_guest:
            return False
        refused = self._credentials.current
        # The socket, REST and all processes of one login refresh one at a time; the second finds the first's
        # token.
        async with self._credentials.lock():
            if self._credentials.current != refused or await self._another_was_put_there():
                return True
            tokens = await self._refreshed()
            self._credentials.renew(tokens.token, tokens.session)
            await self._credentials.save()
        return True

    async def close(self) -> None:
        await self._client.close()

    @property
    def _is_guest(self) -> bool:
        return self._credentials.current.kind is CredentialKind.GUEST

    def _roster_fault(self, why: Phrase) -> UnexpectedAnswer:
        return UnexpectedAnswer(self._client.address.shown, why)

    async def _who_am_i(self, profile: Profile, credential: Credential, *accepted: int) -> Response:
        path = f"{profile.rest_prefix}/auth/me"
        return await self._client.request(
            "GET", path, headers=credential.headers, accept_refusals=frozenset(accepted)
        )

    async def _get(self, path: str, query: dict[str, str] | None = None) -> Response:
        """GET below the profile's prefix. An expired token is refreshed once and the request repeated.

        The newer gateway answers 403 to a bad token on conversation routes (section 0.10).
        """
        try:
            return await self._get_or_renew(f"{self.profile.rest_prefix}{path}", query)
        except SignInNeeded as refusal:
            self._credentials.advise(refusal)
            raise

    async def _get_or_renew(self, full_path: str, query: dict[str, str] | None) -> Response:
        credential = self._credentials.current
        if credential != self._spent:
            try:
                return await self._client.request("GET", full_path, headers=credential.headers, query=query)
            except (SignInNeeded, AccessDenied) as refusal:
                if not await self._is_past_its_end(credential):
                    if isinstance(refusal, AccessDenied):
                        await self._check_account(credential)
                    raise
            # Do not send an expired token again before it is refreshed.
            self._spent = credential
        # The socket may have refreshed it in the meantime.
        if self._credentials.current == credential:
            await self.renew_token()
        headers = self._credentials.current.headers
        return await self._client.request("GET", full_path, headers=headers, query=query)

    async def _check_account(self, credential: Credential) -> None:
        """Raise ``SignInNeeded`` if the token is refused rather than the resource.

        Conversation routes treat a client with a bad token as a visitor and answer 403 (section 0.10).
        """
        if self._is_guest:
            return
        with suppress(Unreachable, GatewayBroken, RateLimited):
            await self._who_am_i(self.profile, credential, 403, 404)

    async def _another_was_put_there(self) -> bool:
        try:
            if not await self._credentials.reload():
                return False
        except CredentialError:
            # An unreadable store does not invalidate the token in use.
            return False
        now_s = self._clock.stamp().wall_s + (self._skew_s or 0.0)
        return not self._credentials.current.nearly_expired(now_s)

    async def _refreshed(self) -> Tokens:
        # The socket may be refused before anything was read, and a path of the other version answers 404, as
        # for a user who is gone.
        profile = await self.discover()
        credential = self._credentials.current
        answer = await self._client.request(
            "POST",
            f"{profile.rest_prefix}/auth/refresh",
            payload=refresh(credential.secret, credential.session),
            accept_refusals=REFUSALS,
        )
        if answer.status in REFUSALS:
            raise TokenExpired
        return await self._client.read(answer, responses.read_refreshed_tokens)

    async def _is_past_its_end(self, credential: Credential) -> bool:
        """Compare with the gateway's clock if known: ours may be wrong."""
        expires_s = credential.expires_s
        if expires_s is None:
            return False
        if self._skew_s is None:
            # The first request can be refused before the skew was measured.
            with suppress(GatewayError):
                await self.health()
        if self._skew_s is None:
            # There may be no health route.
            self.time_of_answers()
        return expires_s <= self._clock.stamp().wall_s + (self._skew_s or 0.0)

    def _timing(self, told_s: float, middle_s: float, round_trip_s: float, step_s: float = 0.0) -> Timing:
        """The skew of a clock that told a time, ``step_s`` before or after it, during a round trip."""
        # The gateway read its clock at any time of the round trip.
        skew_s, error_s = told_s - middle_s, round_trip_s / 2 + step_s
        if abs(skew_s) <= max(SKEW_NOISE_S, round_trip_s) + step_s:
            skew_s, error_s = 0.0, abs(skew_s) + error_s
        self._skew_s = skew_s
        return Timing(round_trip_s, skew_s, error_s)


def _poor_pages(before: int, new_rows: int) -> int:
    """Pages in a row that brought hardly anything, after one more."""
    return before + 1 if new_rows < POOR_PAGE_ROWS else 0


async def discover_profile(client: RestClient, clock: Clock, known: Profile | None) -> Profile:
    """Detect the contract version of a gateway without a credential."""
    nobody = CredentialHolder(Credential(CredentialKind.GUEST, ""))
    return await RestSource(client, nobody, clock, known).discover()
