"""A store, a runtime that may lie, and events under way between them; time passes only while asked."""

import heapq
from collections.abc import AsyncIterator, Callable, Sequence
from types import SimpleNamespace

from presence_tui.audit.audit_pass import AuditPass
from presence_tui.audit.comparison import Answer
from presence_tui.audit.deaf_feed import FeedRecord
from presence_tui.audit.findings import AuditReport, Finding
from presence_tui.domain.participants import Participant
from presence_tui.domain.rules import FLAG, Rule
from presence_tui.transport.errors import GatewayError
from presence_tui.transport.presence_source import AskedPage, AskedPresence, Timing
from presence_tui.transport.rate_limits import RequestCounters
from presence_tui.wire.messages import PresenceRow, RosterRow
from presence_tui.wire.profiles import MEESHY_2026
from presence_tui.wire.responses import Health, RosterPage
from tests.unit.store.store_harness import HARBOUR, StoreHarness

ROUND_TRIP_S = 0.2
WEEK_S = 7 * 86_400.0

Happening = Callable[[], object]


class AuditedStore(StoreHarness):
    """Answers come from ``says``; ``at`` lets something happen later, for example an event arrive."""

    def __init__(self, *, rule: Rule = FLAG) -> None:
        super().__init__(rule=rule)
        self.says: Callable[[str], Answer] = lambda key: Answer(False)
        self.profile = MEESHY_2026
        self.is_guest = False
        """Guests, and everybody on the older gateway, can only read the list."""
        self.lists: Callable[[str], RosterRow | None] = self.true_row
        """The row about each member in the list."""
        self.total: int | None = None
        self.uptime_s: float | None = WEEK_S
        self.errors: list[GatewayError] = []
        """Raised by the next requests, one each."""
        self.asked_of: list[list[str]] = []
        self.pauses_s: list[float] = []
        self.feed_record = FeedRecord(self.store)
        self.rosters_are_known = False
        self.counters = RequestCounters()
        self.on_pause: Callable[[float], None] = self.pauses_s.append
        self._due: list[tuple[float, int, Happening]] = []
        self._number = 0
        self.store.epochs.begin()
        self.feed_record.begin_epoch()

    def at(self, delay_s: float, happening: Happening) -> None:
        """Let something happen after a delay, before what is due later."""
        self._number += 1
        heapq.heappush(self._due, (self.clock.monotonic_s + delay_s, self._number, happening))

    def pass_time(self, seconds: float) -> None:
        until_s = self.clock.monotonic_s + seconds
        while self._due and self._due[0][0] <= until_s:
            due_s, _, happening = heapq.heappop(self._due)
            self.clock.advance(max(0.0, due_s - self.clock.monotonic_s))
            happening()
        self.clock.advance(until_s - self.clock.monotonic_s)
        self.store.states.advance()

    async def audit(self, on_progress: Callable[[int, int], None] = lambda done, total: None) -> AuditReport:
        audit = AuditPass(
            self,  # type: ignore[arg-type]
            self.store,
            self.feed_record,
            own_key="me",
            rosters_are_known=self.rosters_are_known,
            on_progress=on_progress,
            sleep=self._sleep,
        )
        return await audit.run(HARBOUR)

    async def findings(self) -> list[tuple[str, str]]:
        """Kind and presence key of everything that one pass finds."""
        return [(finding.kind.value, finding.key) for finding in (await self.audit()).findings]

    def time_of_answers(self) -> Timing | None:
        return None

    async def health(self) -> tuple[Health, Timing]:
        if self.errors:
            raise self.errors.pop(0)
        health = SimpleNamespace(uptime_s=self.uptime_s)
        return health, Timing(ROUND_TRIP_S, 0.0)  # type: ignore[return-value]

    async def runtime_presence(self, keys: Sequence[str]) -> AsyncIterator[AskedPresence]:
        if self.errors:
            raise self.errors.pop(0)
        if self.is_guest or not self.profile.has_runtime_presence:
            return
        self.asked_of.append(list(keys))
        asked = self.clock.stamp()
        self.pass_time(ROUND_TRIP_S / 2)
        said = [(key, self.says(key)) for key in keys]
        self.pass_time(ROUND_TRIP_S / 2)
        rows = [
            PresenceRow(key, answer.flag, answer.last_active_s)
            for key, answer in said
            if answer.flag is not None
        ]
        yield AskedPresence(asked, rows, 0)

    def true_row(self, key: str) -> RosterRow:
        record, answer = self.record(key), self.says(key)
        participant = Participant(key, record.name, guest=record.guest)
        is_told = record.guest or self.profile.roster_tells_presence
        return RosterRow(participant, answer.flag if is_told else None, answer.last_active_s)

    async def participants(self, conversation_id: str) -> AsyncIterator[AskedPage]:
        if self.errors:
            raise self.errors.pop(0)
        asked = self.clock.stamp()
        self.pass_time(ROUND_TRIP_S)
        rows = [row for key in self.store.rosters.members(conversation_id) if (row := self.lists(key))]
        self.asked_of.append([row.participant.key for row in rows])
        yield AskedPage(asked, RosterPage(rows, 0, None, self.total, False, complete=True))

    async def _sleep(self, seconds: float) -> None:
        self.pass_time(seconds)


def only(report: AuditReport) -> Finding:
    (finding,) = report.findings
    return finding
