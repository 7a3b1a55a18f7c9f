"""Opens what a screen shows, one after the other, once it has painted: target, history, watch."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from presence_tui.cli.collector import LoadedRosters, collect_in_portions
from presence_tui.cli.configuration import Settings, Stop
from presence_tui.cli.logs import log_watch
from presence_tui.cli.targets import Target
from presence_tui.store import PresenceStore
from presence_tui.tui.app import CannotOpen
from presence_tui.tui.kept import Kept
from presence_tui.tui.memory import Memory

if TYPE_CHECKING:
    # Only to say what they are: making one is not the screen's business, and their imports take time.
    from presence_tui.alerts.desk import Desk
    from presence_tui.cli.kept_file import KeptFile
    from presence_tui.history.history import History
    from presence_tui.monitor.watch import Watch
    from presence_tui.tui.alerting import AlertSetup

FindTarget = Callable[[], Awaitable[Target]]


class Opening:
    """One target. What the history remembers of it is shown before the watch is there."""

    def __init__(
        self,
        settings: Settings,
        find_target: FindTarget,
        history_path: Path,
        own_rules_folder: Path | None = None,
        gateway_name: str = "",
        kept_folder: Path | None = None,
    ) -> None:
        """Without a ``kept_folder``, what a person arranges is forgotten."""
        self._own_rules_folder = own_rules_folder
        self._gateway_name = gateway_name
        self._desk: Desk | None = None
        self._settings = settings
        self._find_target = find_target
        self._history_path = history_path
        self._kept_folder = kept_folder
        self._target: Target | None = None
        self._history: History | None = None

    async def open_kept(self) -> Kept | None:
        """What its owner arranged on the screen, the last time."""
        if self._kept_folder is None:
            return None
        target = await self._find()
        kept_file = await asyncio.to_thread(importlib.import_module, "presence_tui.cli.kept_file")
        file: KeptFile = kept_file.KeptFile(
            self._kept_folder, target.address.url, target.credential.owner_hint
        )
        return await file.open()

    async def open_memory(self, store: PresenceStore) -> Memory | None:
        """The history, and the conversation to begin with; ``None`` where nothing is to be kept."""
        target = await self._find()
        if not self._settings.history:
            return None
        keeping = await asyncio.to_thread(importlib.import_module, "presence_tui.cli.keeping")
        history: History = keeping.open_history(self._history_path, target, self._settings, store.clock)
        self._history = history
        remembered = await history.recall(store)
        if remembered is None:
            return Memory(history)
        from presence_tui.monitor.choosing import choose

        chosen = choose(target.conversation, remembered.conversations)
        if chosen is not None and not store.rosters.knows(chosen.id):
            chosen = None
        return Memory(history, remembered, chosen)

    async def open_alerts(self, store: PresenceStore) -> "AlertSetup":
        """Watch rules, and how somebody is told when one rings."""
        target = await self._find()
        notifying = await asyncio.to_thread(importlib.import_module, "presence_tui.cli.notifying")
        try:
            setup: AlertSetup = notifying.screen_setup(
                self._settings, store, target, self._gateway_name, self._own_rules_folder
            )
        except Stop as stop:
            raise CannotOpen(str(stop)) from stop
        self._desk = setup.desk
        return setup

    async def open_watch(self, store: PresenceStore) -> "Watch":
        """The watch, which begins with what is remembered and tells the history everything."""
        target = await self._find()
        # What this imports takes longer than a frame, so the screen goes on meanwhile.
        wiring = await asyncio.to_thread(importlib.import_module, "presence_tui.cli.wiring")
        try:
            watch: Watch = wiring.make_watch(target, self._settings, store)
        except Stop as stop:
            raise CannotOpen(str(stop)) from stop
        log_watch(watch)
        if self._history is not None:
            keeping = importlib.import_module("presence_tui.cli.keeping")
            keeping.keep(self._history, watch)
        if self._desk is not None:
            notifying = importlib.import_module("presence_tui.cli.notifying")
            notifying.follow(self._desk, watch)
        collect_in_portions()
        rosters = LoadedRosters()
        watch.resynced.subscribe(lambda report: rosters.read(len(store.participants)))
        return watch

    async def _find(self) -> Target:
        try:
            self._target = self._target or await self._find_target()
        except Stop as stop:
            raise CannotOpen(str(stop)) from stop
        return self._target
