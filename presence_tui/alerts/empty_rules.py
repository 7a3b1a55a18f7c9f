"""Groups that somebody wants to be told of when nobody of them has been online for a while.

A group is emptied by its last member's leaving, and only where an event said so (cause ``moved``) does the
time begin to run. It stops where anybody is online again, by whatever word. While the link does not vouch
for what is shown, nobody can say that the group is still empty: then no time runs, and it begins anew once
the link vouches again.
"""

import heapq
from collections.abc import Iterable, Sequence

from presence_tui.alerts.alert import RuleMatch
from presence_tui.alerts.rule_selector import RuleSelector
from presence_tui.alerts.rules import AlertRule
from presence_tui.domain.enums import Cause
from presence_tui.domain.participants import Conversation
from presence_tui.store import ChangeSet, PresenceStore, Record

# Python 3.11 takes longer to find a member of an enumeration than to compare with it.
_MOVED = Cause.MOVED


class Group:
    """Who of the people meant is online, and since when nobody is."""

    __slots__ = ("due_s", "empty_since_s", "has_matched", "online", "selector", "was_interrupted", "was_left")

    def __init__(self, selector: RuleSelector) -> None:
        self.selector = selector
        self.online: set[str] = set()
        self.was_left = False
        """True if the last one left by an event, and nobody has come since."""
        self.has_matched = False
        self.was_interrupted = False
        self.empty_since_s: float | None = None
        """Monotonic; since when it is seen to be empty."""
        self.due_s: float | None = None

    def recompute(self) -> None:
        """Look who is online. Not to be done for every change: it may look at everybody."""
        candidates = self.selector.candidates()
        self.online = {each.key for each in candidates if each.flag is True and self.selector.matches(each)}
        if self.online:
            self._reset()

    def add(self, key: str) -> None:
        self.online.add(key)
        self._reset()

    def discard(self, key: str, *, moved: bool) -> None:
        """Somebody is not online any more, or not of the group."""
        if key in self.online:
            self.online.discard(key)
            self.was_left = moved and not self.online

    def forget(self) -> None:
        """Nobody is known any more, which is not the same as that nobody is online."""
        self.online.clear()
        self._reset()

    def _reset(self) -> None:
        self.was_left = self.has_matched = self.was_interrupted = False
        self.empty_since_s = self.due_s = None


class EmptyRules:
    """All groups. O(1) a change and a touched participant; one heap of moments to ring at."""

    def __init__(self, store: PresenceStore) -> None:
        self._store = store
        self._groups: list[Group] = []
        self._heap: list[tuple[float, int, Group]] = []
        self._scheduled = 0
        self._is_synced = False
        self._known: Sequence[Conversation] = ()

    @property
    def next_s(self) -> float | None:
        """When ``due`` has something to say next, by the monotonic clock; ``None`` if never."""
        while self._heap and self._heap[0][0] != self._heap[0][2].due_s:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def set_rules(self, rules: Iterable[AlertRule]) -> None:
        """Watch these groups; those that were watched before go on as they are."""
        before = {group.selector.rule: group for group in self._groups}
        self._groups = []
        for rule in rules:
            group = before.pop(rule, None)
            if group is None:
                group = Group(RuleSelector(rule, self._store))
                group.selector.resolve_conversation(self._known)
                group.recompute()
            self._groups.append(group)
        for gone in before.values():
            gone.due_s = None

    def set_conversations(self, known: Sequence[Conversation]) -> None:
        """Whom a group means may be told only now."""
        self._known = known
        for group in self._groups:
            held = group.selector.conversation_id
            group.selector.resolve_conversation(known)
            if group.selector.conversation_id != held:
                group.recompute()

    def apply_changes(self, changed: ChangeSet, now_s: float) -> None:
        """Follow what happened; ``now_s`` is monotonic."""
        if not self._groups:
            return
        if changed.cleared:
            for group in self._groups:
                group.forget()
        records = self._store.participants
        for change in changed.changes:
            if change.left:
                moved = change.cause is _MOVED
                for group in self._groups:
                    group.discard(change.key, moved=moved)
            elif change.arrived and (record := records.get(change.key)) is not None:
                for group in self._groups:
                    if group.selector.matches(record):
                        group.add(change.key)
        for key in changed.touched:
            if (record := records.get(key)) is not None:
                self._update_members(record)
        self._set_times(now_s)

    def set_synced(self, is_synced: bool, now_s: float) -> None:
        """Whether the link vouches for what is shown, at ``now_s`` (monotonic)."""
        self._is_synced = is_synced
        if not is_synced:
            for group in self._groups:
                group.was_interrupted = group.was_interrupted or group.empty_since_s is not None
                group.empty_since_s = group.due_s = None
        self._set_times(now_s)

    def due(self, now_s: float, at_s: float) -> list[RuleMatch]:
        """The groups that have been empty for long enough at ``now_s`` (monotonic), ``at_s`` (Unix)."""
        matches: list[RuleMatch] = []
        while (next_s := self.next_s) is not None and next_s <= now_s:
            group = heapq.heappop(self._heap)[2]
            group.due_s = None
            group.has_matched = True
            held_s = now_s - (group.empty_since_s if group.empty_since_s is not None else now_s)
            matches.append(
                RuleMatch(group.selector.rule, at_s, held_s=held_s, at_least=group.was_interrupted)
            )
        return matches

    def _update_members(self, record: Record) -> None:
        """Whom nothing moved may have joined or left a conversation, or got another role."""
        for group in self._groups:
            is_in = record.flag is True and group.selector.matches(record)
            if is_in is (record.key in group.online):
                continue
            if is_in:
                group.add(record.key)
            else:
                group.discard(record.key, moved=False)

    def _set_times(self, now_s: float) -> None:
        if not self._is_synced:
            return
        for group in self._groups:
            if group.was_left and not group.has_matched and group.empty_since_s is None:
                group.empty_since_s = now_s
                group.due_s = now_s + group.selector.rule.after_s
                self._scheduled += 1
                heapq.heappush(self._heap, (group.due_s, self._scheduled, group))
