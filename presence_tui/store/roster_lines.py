"""A participant as one line of an exported roster, for tables, JSON and CSV."""

import msgspec

from presence_tui.store.records import Record
from presence_tui.wire.timestamps import wire_from_seconds


class RosterLine(msgspec.Struct):
    """One participant. ``flag`` and ``source`` are null without evidence."""

    user_id: str
    name: str
    handle: str
    role: str
    guest: bool
    flag: bool | None
    state: str
    last_active_at: str | None
    source: str | None


def roster_line(record: Record, role: str) -> RosterLine:
    """Convert a record with its role."""
    last_active = None if record.last_active_s is None else wire_from_seconds(record.last_active_s)
    return RosterLine(
        user_id=record.key,
        name=record.name,
        handle=record.handle,
        role=role,
        guest=record.guest,
        flag=record.flag,
        state=record.state,
        last_active_at=last_active,
        source=record.source,
    )
