"""One pass of the audit: queries the runtime about all members, and again about those who differ.

Where a gateway has no runtime presence for this credential, the list of participants answers. The older
gateway stores a flag of each account in it; the newer one lets guests read the flags of guests. The flags of
the older one are weaker than a runtime: it marks inactive accounts as offline, and never notes when guests
leave (wire contract, sections 1.5 and 2.1).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from presence_tui.audit.comparison import Answer, Case, Surroundings, Told, conclude, is_distrusted, judge
from presence_tui.audit.deaf_feed import FeedRecord
from presence_tui.audit.findings import AuditReport, FindingKind
from presence_tui.store import PresenceStore, Record, Stamp
from presence_tui.store.rosters import NEWCOMERS
from presence_tui.transport.errors import GatewayError, RateLimited
from presence_tui.transport.presence_source import PRESENCE_SLICE, AskedPresence, PresenceSource
from presence_tui.wire.messages import RosterRow

PAUSE_S: Final = 1.0
"""Minimum time between two answers, in which an event under way can arrive."""

LONGEST_PAUSE_S: Final = 120.0
"""A longer pause asked for by the gateway ends the pass."""

SWEPT_AFTER_S: Final = 300.0
"""The older gateway marks participants as offline after this inactivity, without an event (section 8.1)."""

OnProgress = Callable[[int, int], None]
"""Gets the number of participants asked about so far, and of all."""


@dataclass(slots=True)
class _Inquiry:
    """What is known about one participant during a pass."""

    before: Told
    answers: list[Answer] = field(default_factory=list)


class AuditPass:
    """Compares only. What is shown does not change until a refresh."""

    def __init__(
        self,
        source: PresenceSource,
        store: PresenceStore,
        feed_record: FeedRecord,
        *,
        own_key: str,
        rosters_are_known: bool = False,
        on_progress: OnProgress = lambda done, total: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """``own_key`` is not queried, because our own socket shows that we are online."""
        self._source = source
        self._store = store
        self._feed_record = feed_record
        self._own_key = own_key
        self._rosters_are_known = rosters_are_known
        self._on_progress = on_progress
        self._sleep = sleep
        self._epoch = store.epochs.current
        self._inquiries: dict[str, _Inquiry] = {}
        self._longest_round_trip_s = 0.0
        self._conversation_id = ""
        self._report = AuditReport(store.clock.stamp().wall_s)

    async def run(self, conversation_id: str) -> AuditReport:
        """Compare all members of the conversation. Errors are in the report. May be cancelled."""
        began = self._store.clock.stamp()
        report = self._report
        try:
            await self._compare(conversation_id)
        except GatewayError as error:
            report.error = error
        now = self._store.clock.stamp()
        report.at_s, report.seconds = now.wall_s, now.monotonic_s - began.monotonic_s
        if report.error is not None or report.was_interrupted:
            report.findings.clear()
        return report

    async def _compare(self, conversation_id: str) -> None:
        report, store = self._report, self._store
        self._conversation_id = conversation_id
        report.uptime_s = await self._uptime_s()
        members = [key for key in store.rosters.members(conversation_id) if key != self._own_key]
        keys = [*members, *self._strangers()]
        report.participants = len(members)
        await self._ask(keys)
        if not self._inquiries and keys:
            report.is_by_list = True
            await self._ask(keys)
        if not self._inquiries and keys:
            report.has_no_runtime = True
            return
        around = self._surroundings(conversation_id)
        suspects = [key for key in keys if self._is_suspect(key, around)]
        await self._pause()
        await self._ask(_filled(suspects, keys))
        disputed = [key for key in keys if self._is_disputed(key)]
        if disputed:
            await self._pause()
            await self._ask(disputed)
        if suspects or disputed:
            # An event may take longer than an answer.
            await self._pause()
        if store.epochs.current != self._epoch:
            report.was_interrupted = True
        self._conclude(keys, conversation_id)

    def _strangers(self) -> list[str]:
        """Participants of events who are in no roster."""
        found = dict.fromkeys([*self._store.rosters.held(NEWCOMERS), *self._store.members.unlisted])
        return [key for key in found if key != self._own_key and self._is_stranger(key)]

    def _is_stranger(self, key: str) -> bool:
        record = self._store.get_user_by_id(key)
        if record is None or record.checked_s is not None:
            # A snapshot lists members of every conversation of ours.
            return False
        return not record.conversations or NEWCOMERS in record.conversations

    def _conclude(self, keys: Sequence[str], conversation_id: str) -> None:
        report = self._report
        cases = [case for key in keys if (case := self._case(key)) is not None]
        if is_distrusted(cases, report.uptime_s):
            report.is_distrusted = True
            return
        report.checked = sum(not case.is_stranger for case in cases)
        if report.is_by_list:
            self._count_untold(conversation_id)
        report.findings = conclude(cases, self._surroundings(conversation_id))

    def _count_untold(self, conversation_id: str) -> None:
        for key in self._store.rosters.members(conversation_id):
            record = self._store.get_user_by_id(key)
            if record is not None and key not in self._inquiries and key != self._own_key:
                self._report.untold_guests += record.guest
                self._report.untold_accounts += not record.guest

    async def _uptime_s(self) -> float | None:
        self._report.requests += 1
        try:
            health, _ = await self._source.health()
        except RateLimited:
            raise
        except GatewayError:
            # Not every gateway has a health route.
            return None
        return health.uptime_s

    async def _ask(self, keys: Sequence[str]) -> None:
        """Query these participants. Continues after a pause that the gateway requests."""
        # The list takes the same requests for any participants.
        at_once = max(1, len(keys)) if self._report.is_by_list else PRESENCE_SLICE
        for start in range(0, len(keys), at_once):
            if self._report.was_interrupted:
                return
            some = keys[start : start + at_once]
            while not await self._ask_some(some):
                pass
            self._on_progress(min(start + at_once, len(keys)), len(keys))
            if self._store.epochs.current != self._epoch:
                self._report.was_interrupted = True

    async def _ask_some(self, keys: Sequence[str]) -> bool:
        """Send one request; false if the gateway requested a pause first, which is over by now."""
        try:
            if self._report.is_by_list:
                await self._read_list(keys)
            else:
                async for answer in self._source.runtime_presence(keys):
                    self._take(answer, keys)
        except RateLimited as limited:
            if limited.retry_after_s > LONGEST_PAUSE_S:
                raise
            self._source.on_pause(limited.retry_after_s)
            await self._sleep(limited.retry_after_s)
            return False
        return True

    def _take(self, answer: AskedPresence, asked_of: Sequence[str]) -> None:
        self._report.requests += 1
        said = {row.key: Answer(row.flag, row.last_active_s) for row in answer.rows}
        if not answer.malformed_rows:
            # With unreadable rows, nobody counts as omitted: a missing key may be in one of them.
            said = {key: said.get(key, Answer(None)) for key in asked_of}
        self._record({key: said[key] for key in asked_of if key in said}, answer.asked)

    async def _read_list(self, asked_of: Sequence[str]) -> None:
        listed = await _read_listing(self._source, self._conversation_id, self._store.clock.stamp())
        self._report.requests += listed.requests
        self._record(_answers_in(listed, asked_of, is_swept=self._is_swept), listed.asked)

    def _record(self, said: Mapping[str, Answer], asked: Stamp) -> None:
        round_trip_s = self._store.clock.stamp().monotonic_s - asked.monotonic_s
        self._longest_round_trip_s = max(self._longest_round_trip_s, round_trip_s)
        for key, answer in said.items():
            record = self._store.get_user_by_id(key)
            if record is not None:
                self._inquiries.setdefault(key, _Inquiry(self._told(record))).answers.append(answer)

    @property
    def _is_swept(self) -> bool:
        return self._report.is_by_list and self._source.profile.roster_tells_presence

    async def _pause(self) -> None:
        if not self._report.was_interrupted:
            await self._sleep(max(PAUSE_S, self._longest_round_trip_s))

    def _is_suspect(self, key: str, around: Surroundings) -> bool:
        """True if a second answer like the first would confirm a finding."""
        case = self._case(key)
        return case is not None and judge(case._replace(answers=case.answers * 2), around) is not None

    def _is_disputed(self, key: str) -> bool:
        inquiry = self._inquiries.get(key)
        if inquiry is None or len(inquiry.answers) < 2:
            return False
        return inquiry.answers[-1].flag is not inquiry.answers[-2].flag

    def _case(self, key: str) -> Case | None:
        inquiry, record = self._inquiries.get(key), self._store.get_user_by_id(key)
        if inquiry is None or record is None:
            return None
        return Case(
            key,
            record.shown_name,
            inquiry.before,
            self._told(record),
            tuple(inquiry.answers),
            guest=record.guest,
            is_stranger=self._is_stranger(key),
        )

    def _told(self, record: Record) -> Told:
        return Told(
            record.flag,
            record.source,
            record.received_s,
            record.activity_s,
            record.last_active_s,
            record.state,
            is_confirmed=self._store.epochs.unconfirmed_since_s(record) is None,
            mark=(record.received_monotonic_s, record.copies, record.typing_s, record.flag),
        )

    def _surroundings(self, conversation_id: str) -> Surroundings:
        skew_s = self._store.states.skew_s
        return Surroundings(
            gateway_now_s=self._store.clock.stamp().wall_s + skew_s,
            skew_s=skew_s,
            uptime_s=self._report.uptime_s,
            corrected=self._feed_record.corrected,
            heard_s=self._feed_record.heard_s(conversation_id),
            swept_after_s=SWEPT_AFTER_S if self._is_swept else None,
            rosters_are_known=self._rosters_are_known,
        )


def kinds_of(names: Iterable[str]) -> frozenset[FindingKind]:
    """The kinds of these names; ``any`` is all. Raises ``ValueError`` for an unknown name."""
    found: set[FindingKind] = set()
    for name in names:
        found.update(FindingKind if name == "any" else [FindingKind(name)])
    return frozenset(found)


def _filled(suspects: Sequence[str], everybody: Sequence[str]) -> list[str]:
    """Suspects, and others to fill the last request at no extra cost: their answers may contradict too."""
    room = -(-max(1, len(suspects)) // PRESENCE_SLICE) * PRESENCE_SLICE
    others = set(suspects)
    return [*suspects, *(key for key in everybody if key not in others)][:room]


@dataclass(slots=True)
class _Listing:
    """One reading of the list of participants."""

    asked: Stamp
    rows: dict[str, RosterRow] = field(default_factory=dict)
    requests: int = 0
    is_whole: bool = False
    """True if the rows contain all members."""


async def _read_listing(source: PresenceSource, conversation_id: str, asked: Stamp) -> _Listing:
    """Read all pages. Raises ``GatewayError``."""
    found = _Listing(asked)
    total, is_capped, malformed = None, False, 0
    async for answer in source.participants(conversation_id):
        page = answer.page
        found.rows.update((row.participant.key, row) for row in page.rows)
        found.requests += page.complete
        total = page.total if page.total is not None else total
        is_capped, malformed = is_capped or page.total_capped, malformed + page.malformed_rows
    found.is_whole = not malformed and not is_capped and (total is None or len(found.rows) >= total)
    return found


def _answers_in(listed: _Listing, keys: Sequence[str], *, is_swept: bool) -> dict[str, Answer]:
    """Answers about these participants, as far as the list has them; ``is_swept`` for the older gateway."""
    found: dict[str, Answer] = {}
    for key in keys:
        row = listed.rows.get(key)
        if row is None:
            if listed.is_whole:
                found[key] = Answer(None)
        elif row.flag is not None and not (is_swept and row.participant.guest and row.flag):
            found[key] = Answer(row.flag, row.last_active_s)
    return found
