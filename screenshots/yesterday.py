"""The scenario's history file, as an earlier run of the same morning would have written it."""

from pathlib import Path
from random import Random

import msgspec

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause, Source, State
from presence_tui.history.retention import RetentionLimits
from presence_tui.history.write_queue import (
    AccountEntry,
    ConversationsEntry,
    CoverageEntry,
    Entry,
    PersonEntry,
)
from presence_tui.history.writer import Writer
from screenshots.scenario import CAST, CONVERSATIONS, ME, MEMBERS, NOW_S, Character, FixedClock

GATEWAY = "https://gate.example"
HINT = ME
LEFT_S = NOW_S - 2_520
"""When the earlier run ended: 42 minutes ago."""
MIDNIGHT_S = NOW_S - NOW_S % 86_400
WATCHED = (
    CoverageEntry(MIDNIGHT_S - 20_000, MIDNIGHT_S + 22_300),
    CoverageEntry(MIDNIGHT_S + 28_900, LEFT_S),
)
"""Until about 06:00, and from about 08:00 on."""
CAME_SINCE = frozenset({"Ada Okafor", "Elena Popescu", "Mina Okonkwo"})
LEFT_SINCE = frozenset({"Kim Min-jun", "Yael Barak"})
SESSIONS = {
    "Ada Okafor": ((-16_000, -12_400), (1_500, 5_300), (29_100, 31_900), (33_000, 33_900)),
    "Mina Okonkwo": ((-9_000, 9_000), (29_500, 34_000)),
}
"""From and to, in seconds after midnight."""


def write_history(path: Path) -> None:
    """Write the history file of the earlier run."""
    writer = Writer(path, GATEWAY, FixedClock(), RetentionLimits(), on_error=print, batch_s=0.0)
    writer.start()
    known: list[Entry] = [AccountEntry(ME, HINT), ConversationsEntry(tuple(CONVERSATIONS)), *WATCHED]
    writer.post([*known, *map(_person, CAST), *_changes()])
    writer.close(10.0)


def _person(who: Character) -> PersonEntry:
    was_online = (who.flag and who.name not in CAME_SINCE) or who.name in LEFT_SINCE
    rosters = {room: who.role for room, members in MEMBERS.items() if who in members}
    active_s = None if who.age_s is None else LEFT_S - who.age_s
    text = msgspec.json.encode(rosters).decode()
    return PersonEntry(who.key, who.name, who.handle, who.guest, was_online, active_s, LEFT_S, text)


def _changes() -> list[Entry]:
    keys = {who.name: who.key for who in CAST}
    found: list[Entry] = []
    for name, sessions in SESSIONS.items():
        for began_s, ended_s in sessions:
            away_s = began_s + (ended_s - began_s) * Random(began_s).uniform(0.5, 0.9)
            for after_s, flag, before, after in (
                (began_s, True, State.OFFLINE, State.ONLINE),
                (away_s, True, State.ONLINE, State.AWAY),
                (ended_s, False, State.AWAY, State.OFFLINE),
            ):
                cause = Cause.DECAYED if after is State.AWAY else Cause.MOVED
                at_s, flag_before = MIDNIGHT_S + after_s, flag if cause is Cause.DECAYED else not flag
                found.append(
                    Change(at_s, cause, keys[name], name, before, after, flag_before, flag, at_s,
                           Source.EVENT, 1)
                )  # fmt: skip
    return found
