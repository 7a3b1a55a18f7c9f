"""Flaps of a running service: what its store changes, and when its own connection began again."""

from collections.abc import Callable

from presence_tui.flaps.recorder import FlapRecorder
from presence_tui.flaps.report import FlapReport, Pings
from presence_tui.service.state import ServiceState
from presence_tui.store import ChangeSet, PresenceStore
from presence_tui.wire.profiles import PROFILES, Profile


class ServiceFlaps:
    """Made when the monitor starts. A report is derived when it is read."""

    def __init__(self, store: PresenceStore, silence_limit_s: Callable[[], float | None]) -> None:
        """``silence_limit_s`` is ping interval and time-out of the connection, or of the last one."""
        self._store = store
        self._silence_limit_s = silence_limit_s
        self._told_limit_s: float | None = None
        self._reconnected_s: float | None = None
        self._recorder = FlapRecorder(store.clock.stamp().wall_s)
        store.subscribe(self._on_changes)

    def read(self, state: ServiceState) -> FlapReport:
        """Members of the watched conversation who returned. ``state`` is the current state of the service."""
        records, rosters = self._store.participants, self._store.rosters
        conversation_id = state.conversation_id

        def is_member(key: str) -> bool:
            return key in records and rosters.is_member(conversation_id, records[key])

        pings = self._pings(PROFILES.get(state.profile))
        return self._recorder.report(self._store.clock.stamp().wall_s, pings, is_member)

    def _on_changes(self, changed: ChangeSet) -> None:
        reconnected_s = self._store.epochs.reconnected_s
        if reconnected_s != self._reconnected_s:
            self._reconnected_s = reconnected_s
            self._recorder.reconnected(reconnected_s)
        self._recorder.add(changed.changes)

    def _pings(self, profile: Profile | None) -> Pings:
        """Interval of the profile, and what the handshake leaves for the time-out."""
        self._told_limit_s = self._silence_limit_s() or self._told_limit_s
        if profile is None:
            return Pings()
        limit_s = self._told_limit_s
        if limit_s is None or limit_s <= profile.ping_interval_s:
            return Pings(profile.ping_interval_s, profile.ping_timeout_s)
        return Pings(profile.ping_interval_s, limit_s - profile.ping_interval_s)
