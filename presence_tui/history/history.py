"""The history of one gateway while it is monitored. The event loop never waits for the disk."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Final, TypeVar

from presence_tui.domain.enums import State
from presence_tui.domain.missed_events import MissedEvents
from presence_tui.domain.participants import Conversation
from presence_tui.domain.translatable import Phrase
from presence_tui.history.database import open_for_reading
from presence_tui.history.participant_history import ParticipantHistory, read_participant_history
from presence_tui.history.recorder import LinkRecord, Recorder
from presence_tui.history.retention import RetentionLimits
from presence_tui.history.roster_cache import CachedRosters, read_cached_rosters, restore
from presence_tui.history.writer import Writer
from presence_tui.store import ChangeSet, PresenceStore
from presence_tui.store.clock import Clock

OPEN_LIMIT_S: Final = 3.0
"""Time limit at start for a file locked by another process."""
CLOSE_LIMIT_S: Final = 1.5
"""Time limit at the end for a disk that hangs."""
SAVE_PEOPLE_S: Final = 0.5
"""Delay that collects participants before they are written: under a second with the writer's own delay."""
PEOPLE_A_TURN: Final = 250
MOST_PEOPLE_A_SECOND: Final = 2_000
"""With more updates, intervals grow: a participant who changes every second is written every few seconds."""
HEARD_EVERY_S: Final = 20.0
"""Interval at which coverage is extended, in case the process is killed."""

Read = TypeVar("Read")


class History:
    """Start with ``load_cached``, then ``record`` a store; ``close`` writes pending entries.

    No method waits for the disk or fails because of it: errors are passed to
    ``on_error``, on the event loop.
    """

    def __init__(self, path: Path, gateway: str, hint: str, clock: Clock, limits: RetentionLimits) -> None:
        """``hint`` identifies the credential's owner. Needs a running event loop."""
        self._path = path
        self._gateway = gateway
        self._hint = hint
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._writer = Writer(
            path,
            gateway,
            clock,
            limits,
            on_error=lambda sentence: self._call_in_loop(self._report, sentence),
            on_restarted=lambda: self._call_in_loop(self._save_all_people),
        )
        self._recorder: Recorder | None = None
        self._account_key = ""
        self.cached: CachedRosters | None = None
        """The result of ``load_cached``."""
        self._last_heard: Callable[[], float | None] = lambda: None
        self._unsubscribe: Callable[[], None] = lambda: None
        self._saving: asyncio.Task[None] | None = None
        self._heartbeat_task: asyncio.Task[None] | None = None
        self._unreported: list[Phrase] = []
        self.on_error: Callable[[Phrase], None] = self._unreported.append
        self._writer.start()

    async def load_cached(self, store: PresenceStore) -> CachedRosters | None:
        """Fill an empty store with the cached rosters; ``None`` if there are none, or they cannot be read."""
        await asyncio.to_thread(self._writer.wait_until_opened, OPEN_LIMIT_S)
        now_s = self._clock.stamp().wall_s
        cached = await self._read(
            lambda connection: read_cached_rosters(connection, self._gateway, self._hint, now_s)
        )
        if cached is not None:
            self._account_key = cached.account_key
            await restore(cached, store)
            store.flush()
            self.cached = cached
        return cached

    def record(self, store: PresenceStore, last_heard: Callable[[], float | None]) -> None:
        """Record all changes of the store from now on. ``last_heard`` returns when the link last received
        data.
        """
        self._recorder = Recorder(store, self._hint, self._writer.post)
        self._recorder.record_account(self._account_key)
        self._unsubscribe = store.subscribe(self._on_changes)
        self._last_heard = last_heard
        self._heartbeat_task = asyncio.create_task(self._record_heartbeats(self._recorder))

    def set_error_handler(self, on_error: Callable[[Phrase], None]) -> None:
        """Pass errors to ``on_error`` from now on, including earlier ones."""
        self.on_error = on_error
        unreported, self._unreported = self._unreported, []
        for error in unreported:
            on_error(error)

    def record_account(self, key: str) -> None:
        """Record our own presence key."""
        self._account_key = key or self._account_key
        if self._recorder is not None:
            self._recorder.record_account(key)

    def record_conversations(self, conversations: Iterable[Conversation]) -> None:
        """Record the conversations of the account, which must be known by now."""
        if self._recorder is not None:
            self._recorder.record_conversations(conversations)

    def record_link(self, note: LinkRecord) -> None:
        """Record a change of the link."""
        if self._recorder is not None:
            self._recorder.record_link(note)

    def record_missed(self, missed: MissedEvents) -> None:
        """Record what a gap has hidden."""
        if self._recorder is not None:
            self._recorder.record_missed(missed)

    async def participant_history(
        self, key: str, hours_s: Sequence[float], state_now: State, confirmed_until_s: float | None
    ) -> ParticipantHistory | None:
        """A participant's last sessions and today's states; ``None`` if the file cannot be read.

        ``confirmed_until_s`` is when the link was lost; ``None`` while it is live.
        """
        now_s, account_key = self._clock.stamp().wall_s, self._account_key
        return await self._read(
            lambda connection: read_participant_history(
                connection, self._gateway, account_key, key, hours_s, now_s, state_now, confirmed_until_s
            )
        )

    async def save(self) -> bool:
        """Write all entries so far, including participants; false if that takes too long."""
        self._post_people()
        return await asyncio.to_thread(self._writer.wait_until_written, CLOSE_LIMIT_S)

    async def close(self) -> None:
        """Write pending entries and close the file."""
        self._unsubscribe()
        for task in (self._heartbeat_task, self._saving):
            if task is not None:
                task.cancel()
        self._post_people()
        if self._recorder is not None:
            self._recorder.record_heard(self._last_heard())
            self._recorder.close()
        await asyncio.to_thread(self._writer.close, CLOSE_LIMIT_S)

    def _post_people(self) -> None:
        while self._recorder is not None and self._recorder.unsaved_people:
            self._recorder.save_people(PEOPLE_A_TURN)

    def _on_changes(self, changed: ChangeSet) -> None:
        if self._saving is None and self._recorder is not None and self._recorder.unsaved_people:
            self._saving = asyncio.create_task(self._save_people(self._recorder))

    async def _save_people(self, recorder: Recorder) -> None:
        saved = 0
        while recorder.unsaved_people:
            await asyncio.sleep(max(SAVE_PEOPLE_S, saved / MOST_PEOPLE_A_SECOND))
            saved = recorder.unsaved_people
            for _ in range(0, saved, PEOPLE_A_TURN):
                recorder.save_people(PEOPLE_A_TURN)
                await asyncio.sleep(0)
        self._saving = None

    async def _record_heartbeats(self, recorder: Recorder) -> None:
        while True:
            await asyncio.sleep(HEARD_EVERY_S)
            recorder.record_heard(self._last_heard())

    async def _read(self, read: Callable[[sqlite3.Connection], Read]) -> Read | None:
        def read_in_thread() -> Read | None:
            # The writer reports problems of the file.
            with suppress(sqlite3.Error, ValueError), closing(open_for_reading(self._path)) as connection:
                return read(connection)
            return None

        return await asyncio.to_thread(read_in_thread)

    def _save_all_people(self) -> None:
        if self._recorder is not None:
            self._recorder.save_all_people()
            self._on_changes(ChangeSet())

    def _report(self, sentence: Phrase) -> None:
        self.on_error(sentence)

    def _call_in_loop(self, call: Callable[..., None], *arguments: object) -> None:
        # The loop may have ended before its threads.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *arguments)
