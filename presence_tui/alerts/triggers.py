"""Matches of alert rules, by trigger. O(1) per change or touched participant, and rule."""

import heapq
from collections.abc import Iterable, Sequence
from typing import Final

from presence_tui.alerts.rule_selector import RuleSelector
from presence_tui.alerts.rules import AlertRule, RuleMatch, Trigger
from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause
from presence_tui.domain.participants import Conversation
from presence_tui.store import ChangeSet, PresenceStore, Record
from presence_tui.store.strangers import StrangerChanges

PRESENCE_TRIGGERS: Final = frozenset({Trigger.COMES, Trigger.LEAVES, Trigger.RETURNS})

# Reading a member of an enum takes longer than comparing with it on Python 3.11.
_MOVED = Cause.MOVED


class PresenceRules:
    """Rules about participants who come, leave or return. Only changes with cause ``moved`` match."""

    def __init__(self, store: PresenceStore) -> None:
        self._store = store
        self.own_key = ""
        """Our own presence key, whose changes match no rule."""
        self._strangers = StrangerChanges(store)
        self._arrival_selectors: list[RuleSelector] = []
        self._departure_selectors: list[RuleSelector] = []
        self._known: Sequence[Conversation] = ()
        self._watching_since_s: float | None = None
        """Unix seconds of the first sync; before it there is no baseline."""
        self._is_synced = False

    def set_rules(self, rules: Iterable[AlertRule]) -> None:
        """Replace the rules."""
        self._arrival_selectors, self._departure_selectors = [], []
        for rule in rules:
            of_kind = self._departure_selectors if rule.kind is Trigger.LEAVES else self._arrival_selectors
            of_kind.append(RuleSelector(rule, self._store))
        self.set_conversations(self._known)

    def set_conversations(self, known: Sequence[Conversation]) -> None:
        """Resolve conversation titles once the list of conversations is known."""
        self._known = known
        for selector in (*self._arrival_selectors, *self._departure_selectors):
            selector.resolve_conversation(known)

    def set_synced(self, is_synced: bool, at_s: float) -> None:
        """Set whether the link is synced, at ``at_s`` (Unix)."""
        self._is_synced = is_synced
        if is_synced and self._watching_since_s is None:
            self._watching_since_s = at_s

    def match_changes(self, changes: Sequence[Change]) -> list[RuleMatch]:
        """Return the matches of these changes.

        Before the first sync there is no baseline, so arrivals are ignored. For participants without any
        earlier evidence, this holds whenever the link is not synced.
        """
        if self._watching_since_s is None or not (self._arrival_selectors or self._departure_selectors):
            return []
        self._strangers.hold(changes)
        # A stranger can match a rule with a conversation only once a roster lists them.
        placed = [match for match in self._rings(self._strangers.placed()) if match.rule.conversation]
        return [*placed, *self._rings(changes)]

    def _rings(self, changes: Iterable[Change]) -> list[RuleMatch]:
        matches: list[RuleMatch] = []
        for change in changes:
            flag, before = change.flag, change.flag_before
            if flag is before or change.cause is not _MOVED or change.key == self.own_key:
                continue
            if flag:
                asked = self._arrival_selectors
            elif before:
                asked = self._departure_selectors
            else:
                continue
            if asked and (self._is_synced or not change.first_told):
                record = self._store.get_user_by_id(change.key)
                matches += [
                    match for selector in asked if record and (match := self._match(selector, record, change))
                ]
        return matches

    def _match(self, selector: RuleSelector, record: Record, change: Change) -> RuleMatch | None:
        if not selector.matches(record):
            return None
        rule, held_s, at_least = selector.rule, change.held_s, False
        if rule.kind is Trigger.RETURNS:
            if change.first_told:
                return None
            if held_s is None and change.noticed_s is not None:
                held_s, at_least = change.noticed_s, True
            elif held_s is None and self._watching_since_s is not None:
                held_s, at_least = change.at_s - self._watching_since_s, True
            if held_s is None or held_s <= rule.after_s:
                return None
        return RuleMatch(rule, change.at_s, change.key, change.name, held_s, at_least)


class TypingRules:
    """Rules about participants who type after a silence."""

    def __init__(self, store: PresenceStore) -> None:
        self._store = store
        self._selectors: list[RuleSelector] = []
        self._known: Sequence[Conversation] = ()
        self._typed_s: dict[str, float] = {}
        """Presence key to the last typing seen, in Unix seconds."""
        self._seeing_since_s: float | None = None

    def set_rules(self, rules: Iterable[AlertRule]) -> None:
        """Replace the rules."""
        self._selectors = [RuleSelector(rule, self._store) for rule in rules]
        self.set_conversations(self._known)

    def set_conversations(self, known: Sequence[Conversation]) -> None:
        """Resolve conversation titles once the list of conversations is known."""
        self._known = known
        for selector in self._selectors:
            selector.resolve_conversation(known)

    def set_synced(self, is_synced: bool, at_s: float) -> None:
        """Set whether the link is synced, at ``at_s`` (Unix)."""
        if not is_synced:
            self._seeing_since_s = None
        elif self._seeing_since_s is None:
            self._seeing_since_s = at_s

    def match_changes(self, touched: Iterable[str]) -> list[RuleMatch]:
        """Return the matches for the touched keys. O(1) each."""
        if not self._selectors:
            return []
        return [match for key in touched for match in self._matches(key)]

    def _matches(self, key: str) -> Iterable[RuleMatch]:
        record = self._store.get_user_by_id(key)
        if record is None or record.typing_s is None:
            return
        before_s, now_s = self._typed_s.get(key), record.typing_s
        self._typed_s[key] = now_s
        if before_s == now_s or self._seeing_since_s is None:
            return
        was_seen = before_s is not None and before_s >= self._seeing_since_s
        silent_s = now_s - (before_s if was_seen and before_s is not None else self._seeing_since_s)
        for selector in self._selectors:
            if silent_s > selector.rule.after_s and selector.matches(record):
                yield RuleMatch(selector.rule, now_s, key, record.shown_name, silent_s, not was_seen)


class Group:
    """The online members of a group, and since when there are none."""

    __slots__ = ("due_s", "empty_since_s", "has_matched", "online", "selector", "was_interrupted", "was_left")

    def __init__(self, selector: RuleSelector) -> None:
        self.selector = selector
        self.online: set[str] = set()
        self.was_left = False
        """True if the last online member left by an event, and none has come since."""
        self.has_matched = False
        self.was_interrupted = False
        self.empty_since_s: float | None = None
        """Monotonic start of the observed empty time."""
        self.due_s: float | None = None

    def recompute(self) -> None:
        """Find the online members. May scan the whole store, so do not call it per change."""
        candidates = self.selector.candidates()
        self.online = {each.key for each in candidates if each.flag is True and self.selector.matches(each)}
        if self.online:
            self._reset()

    def add(self, key: str) -> None:
        self.online.add(key)
        self._reset()

    def discard(self, key: str, *, moved: bool) -> None:
        """Remove a participant who is no longer online or no longer in the group."""
        if key in self.online:
            self.online.discard(key)
            self.was_left = moved and not self.online

    def forget(self) -> None:
        """Clear after a reset of the store, which does not mean that all members are offline."""
        self.online.clear()
        self._reset()

    def _reset(self) -> None:
        self.was_left = self.has_matched = self.was_interrupted = False
        self.empty_since_s = self.due_s = None


class EmptyRules:
    """Rules that match when no participant of a group has been online for a while.

    The time starts when the last online member leaves by an event (cause ``moved``). It stops when any member
    is online again, by any evidence. While the link is not synced the group may not be empty, so no time
    runs; it starts anew once the link is synced again. There is one heap of due times.
    """

    def __init__(self, store: PresenceStore) -> None:
        self._store = store
        self._groups: list[Group] = []
        self._heap: list[tuple[float, int, Group]] = []
        self._scheduled = 0
        self._is_synced = False
        self._known: Sequence[Conversation] = ()

    @property
    def next_s(self) -> float | None:
        """Monotonic time of the next match by ``due``; ``None`` if there is none."""
        while self._heap and self._heap[0][0] != self._heap[0][2].due_s:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def set_rules(self, rules: Iterable[AlertRule]) -> None:
        """Replace the rules; groups of unchanged rules keep their state."""
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
        """Resolve conversation titles once the list of conversations is known."""
        self._known = known
        for group in self._groups:
            held = group.selector.conversation_id
            group.selector.resolve_conversation(known)
            if group.selector.conversation_id != held:
                group.recompute()

    def apply_changes(self, changed: ChangeSet, now_s: float) -> None:
        """Apply a change set; ``now_s`` is monotonic."""
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
        """Set whether the link is synced, at ``now_s`` (monotonic)."""
        self._is_synced = is_synced
        if not is_synced:
            for group in self._groups:
                group.was_interrupted = group.was_interrupted or group.empty_since_s is not None
                group.empty_since_s = group.due_s = None
        self._set_times(now_s)

    def due(self, now_s: float, at_s: float) -> list[RuleMatch]:
        """Return the groups that have been empty long enough at ``now_s`` (monotonic), ``at_s`` (Unix)."""
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
        """Membership or role may change without a change of presence."""
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
