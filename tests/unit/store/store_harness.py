"""A store with its clock and recorded change sets, and shortcuts for events and answers."""

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
    """A participant as listed by a roster, with the key as name by default."""
    return Participant(key=key, name=name or key.title(), **fields)


class StoreHarness:
    """A store and its surroundings."""

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
        """All changes received so far."""
        return [change for heard in self.heard for change in heard.changes]

    def record(self, key: str) -> Record:
        record = self.store.get_user_by_id(key)
        assert record is not None, f"{key} is not known"
        return record

    def event(self, key: str, flag: bool = True, **fields: Any) -> Outcome:
        """Receive a status event now."""
        return self.store.apply_status(Status(key, flag, **fields))

    def runtime(
        self, key: str, flag: bool, last_active_s: float | None = None, *, asked: Stamp | None = None
    ) -> list[Change]:
        """Receive runtime presence of one participant, requested now or at ``asked``."""
        told = [PresenceRow(key, flag, last_active_s)]
        return self.store.apply_answers(told, Source.RUNTIME, asked or self.clock.stamp())

    def snapshot(self, *rows: PresenceRow) -> list[Change]:
        """Receive a snapshot now."""
        return self.store.apply_answers(rows, Source.SNAPSHOT, self.clock.stamp())

    def roster(
        self, *rows: Participant | RosterRow | str, conversation: str = HARBOUR, asked: Stamp | None = None
    ) -> list[Change]:
        """Receive a roster or a page of one; plain keys are members without details."""
        whole = [member(row) if isinstance(row, str) else row for row in rows]
        return self.store.set_participants(whole, conversation, asked=asked)

    def wait(self, seconds: float) -> list[Change]:
        """Advance time and the store."""
        self.clock.advance(seconds)
        return self.store.states.advance()


def recount(records: Iterable[Record]) -> Counts:
    """Counts by scanning everyone."""
    flags = [record.flag for record in records]
    return Counts(flags.count(True), flags.count(False), flags.count(None))


def shown(view: RosterIndex, panel: Panel) -> list[str]:
    """All keys of a panel."""
    return [record.key for record in view.rows(panel, 0, 10_000)]


def panels(view: RosterIndex) -> tuple[list[str], list[str]]:
    """All keys of both panels."""
    return shown(view, Panel.ONLINE), shown(view, Panel.OFFLINE)


def sorted_anew(
    records: Iterable[Record], roles: dict[str, str], sort: Sort, query: str = ""
) -> tuple[list[str], list[str]]:
    """Both panels by sorting everyone from scratch."""
    wanted = folded(query)
    found = [one for one in records if wanted in folded(one.shown_name) or wanted in folded(one.handle)]
    found.sort(key=order_key_function(sort, lambda key: roles.get(key, "")))
    found.sort(key=lambda one: one.flag is None)
    return (
        [one.key for one in found if one.flag is True],
        [one.key for one in found if one.flag is not True],
    )
