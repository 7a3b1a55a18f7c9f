"""Rules that a user made on the screen, about one participant each; an account's are stored between runs."""

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Final

import msgspec

from presence_tui.alerts.rules import DEFAULT_AFTER_S, AlertRule, BadRule, Channel, Trigger
from presence_tui.domain.translatable import Phrase
from presence_tui.storage.state_files import StateFile
from presence_tui.wire.sanitize import is_safe_id, safe_text

MAX_RULES: Final = 1_000
"""Maximum stored rules; beyond it, the oldest are dropped."""

Slot = tuple[Trigger, str]
"""The key of a rule: one per trigger and participant."""


class UserRule(msgspec.Struct, frozen=True, omit_defaults=True):
    """One rule. ``key`` identifies the participant; ``name`` is their name when the rule was made."""

    kind: Trigger
    key: str
    name: str = ""
    after_s: float = 0.0

    @property
    def slot(self) -> Slot:
        return self.kind, self.key


class UserRulesContent(msgspec.Struct):
    """Content of the file. ``gateway`` is there for people who read it."""

    gateway: str = ""
    rules: list[UserRule] = []


class UserRules:
    """All user rules of one account. With ``file=None`` nothing is stored."""

    def __init__(
        self,
        file: StateFile[UserRulesContent] | None,
        gateway: str,
        channels: frozenset[Channel],
        cooldown_s: float,
    ) -> None:
        self._file = file
        self._gateway = gateway
        self.channels = channels
        self._cooldown_s = cooldown_s
        self._rules: dict[Slot, UserRule] = {}
        self._removed: list[tuple[int, UserRule]] = []
        """Removed rules and their former indexes, the last one last."""
        self._file_indexes: dict[Slot, int] = {}
        """Where removed rules stood in the file."""
        self._writing = asyncio.Lock()

    @property
    def all(self) -> list[UserRule]:
        """All rules in the order in which they were made."""
        return list(self._rules.values())

    def about(self, key: str) -> list[UserRule]:
        """The rules about one participant."""
        return [rule for rule in self._rules.values() if rule.key == key]

    def as_alert_rules(self, rules: Iterable[UserRule]) -> list[AlertRule]:
        """Convert to alert rules."""
        return [self._alert_rule(rule) for rule in rules]

    async def load(self) -> Phrase | None:
        """Read the stored rules and return the error, if any."""
        if self._file is None:
            return None
        content, problem = await asyncio.to_thread(self._file.load)
        self._rules = {rule.slot: rule for rule in content.rules[-MAX_RULES:] if self._is_valid(rule)}
        return problem

    def add(self, rule: UserRule) -> None:
        """Add a rule; it replaces the one in the same slot."""
        self._rules[rule.slot] = rule
        self._removed = [each for each in self._removed if each[1].slot != rule.slot]
        self._file_indexes.pop(rule.slot, None)

    def remove(self, rule: UserRule) -> None:
        """Remove a rule, if it is there. ``restore_removed`` undoes it."""
        if rule.slot in self._rules:
            index = list(self._rules).index(rule.slot)
            self._removed.append((index, self._rules.pop(rule.slot)))

    @property
    def last_removed(self) -> UserRule | None:
        """The rule that ``restore_removed`` would restore."""
        return self._removed[-1][1] if self._removed else None

    def restore_removed(self) -> UserRule | None:
        """Put the last removed rule back to where it stood, and return it; ``None`` if there is none."""
        if not self._removed:
            return None
        index, rule = self._removed.pop()
        rules = list(self._rules.values())
        rules.insert(index, rule)
        self._rules = {each.slot: each for each in rules}
        return rule

    async def save(self, slot: Slot) -> Phrase | None:
        """Store the rule in this slot, or its removal, and return the error, if any.

        Other rules in the file stay: another process may have written them.
        """
        if self._file is None:
            return None
        async with self._writing:
            return await asyncio.to_thread(
                self._file.change, partial(self._edited, slot, self._rules.get(slot))
            )

    def _edited(self, slot: Slot, rule: UserRule | None, content: UserRulesContent) -> UserRulesContent:
        """The content with this rule in the slot, or without one."""
        slots = [each.slot for each in content.rules]
        rules = [each for each in content.rules if each.slot != slot]
        if rule is None and slot in slots:
            self._file_indexes[slot] = slots.index(slot)
        elif rule is not None:
            index = slots.index(slot) if slot in slots else self._file_indexes.pop(slot, len(rules))
            rules.insert(index, rule)
        return UserRulesContent(self._gateway, rules[-MAX_RULES:])

    def _alert_rule(self, rule: UserRule) -> AlertRule:
        return AlertRule(
            rule.kind,
            (rule.key,),
            after_s=rule.after_s,
            cooldown_s=self._cooldown_s,
            channels=self.channels,
            name=rule.name,
        )

    def _is_valid(self, rule: UserRule) -> bool:
        """The file may have been edited."""
        if not is_safe_id(rule.key) or rule.name != safe_text(rule.name):
            return False
        try:
            self._alert_rule(rule)
        except BadRule:
            return False
        return True


def user_rule(kind: Trigger, key: str, name: str, after_s: float | None = None) -> UserRule:
    """Make a rule; ``after_s`` defaults to that of the trigger."""
    usual_s = DEFAULT_AFTER_S.get(kind, 0.0)
    return UserRule(kind, key, name, usual_s if after_s is None or not usual_s else after_s)
