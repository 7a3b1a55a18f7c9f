"""A store under test, with its clock, what its listeners heard, and short ways to tell it things."""

from collections.abc import Iterable
from typing import Any

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Outcome, Panel, Source
from presence_tui.domain.limits import Bounds
from presence_tui.domain.participants import Participant
from presence_tui.domain.rules import FLAG, Rule
from presence_tui.store import ChangeSet, Counts, PresenceStore, Record, RosterIndex, Stamp
from presence_tui.store.records import folded
from presence_tui.store.sort_keys import Sort, order_key_function
from presence_tui.wire.messages import PresenceRow, RosterRow, Status
from tests.unit.clock import FakeClock

HARBOUR = "harbour"
LIGHTHOUSE = "lighthouse"


def member(key: str, name: str = "", **fields: Any) -> Participant:
    """A participant as a roster lists them, named like their key unless told otherwise."""
    return Participant(key=key, name=name or key.title(), **fields)


class StoreHarness:
    """One store and everybody around it."""

    def __init__(self, *, rule: Rule = FLAG, schedule: Any = None, bounds: Bounds | None = None) -> None:
        self.clock = FakeClock()
        self.store = PresenceStore(rule=rule, clock=self.clock, schedule=schedule, bounds=bounds)
        self.heard: list[ChangeSet] = []
        self.store.subscribe(self.heard.append)

    @property
    def now_s(self) -> float:
        return self.clock.wall_s

    @property
    def changes(self) -> list[Change]:
        """Every change ever heard."""
        return [change for heard in self.heard for change in heard.changes]

    def record(self, key: str) -> Record:
        record = self.store.get_user_by_id(key)
        assert record is not None, f"{key} is not known"
        return record

    def event(self, key: str, flag: bool = True, **fields: Any) -> Outcome:
        """A status event arrives now."""
        return self.store.apply_status(Status(key, flag, **fields))

    def runtime(
        self, key: str, flag: bool, last_active_s: float | None = None, *, asked: Stamp | None = None
    ) -> list[Change]:
        """Runtime presence of one participant, asked for now or then."""
        told = [PresenceRow(key, flag, last_active_s)]
        return self.store.apply_answers(told, Source.RUNTIME, asked or self.clock.stamp())

    def snapshot(self, *rows: PresenceRow) -> list[Change]:
        """A snapshot arrives now."""
        return self.store.apply_answers(rows, Source.SNAPSHOT, self.clock.stamp())

    def roster(
        self, *rows: Participant | RosterRow | str, conversation: str = HARBOUR, asked: Stamp | None = None
    ) -> list[Change]:
        """A roster, or a page of one; plain keys are members of whom nothing else is told."""
        whole = [member(row) if isinstance(row, str) else row for row in rows]
        return self.store.set_participants(whole, conversation, asked=asked)

    def wait(self, seconds: float) -> list[Change]:
        """Time passes and the store is told so."""
        self.clock.advance(seconds)
        return self.store.advance()


def recount(records: Iterable[Record]) -> Counts:
    """Counts by looking at everybody."""
    flags = [record.flag for record in records]
    return Counts(flags.count(True), flags.count(False), flags.count(None))


def shown(view: RosterIndex, panel: Panel) -> list[str]:
    """The keys of a panel, all of them."""
    return [record.key for record in view.rows(panel, 0, 10_000)]


def panels(view: RosterIndex) -> tuple[list[str], list[str]]:
    """The keys of both panels."""
    return shown(view, Panel.ONLINE), shown(view, Panel.OFFLINE)


def sorted_anew(
    records: Iterable[Record], roles: dict[str, str], sort: Sort, query: str = ""
) -> tuple[list[str], list[str]]:
    """Both panels as sorting everybody from nothing would give them."""
    wanted = folded(query)
    found = [one for one in records if wanted in folded(one.shown_name) or wanted in folded(one.handle)]
    found.sort(key=order_key_function(sort, lambda key: roles.get(key, "")))
    found.sort(key=lambda one: one.flag is None)
    return (
        [one.key for one in found if one.flag is True],
        [one.key for one in found if one.flag is not True],
    )
