"""Rules that a user made on the screen, about one participant each; an account's are stored between runs."""

import asyncio
from collections.abc import Iterable
from typing import Final

import msgspec

from presence_tui.alerts.rules import DEFAULT_AFTER_S, AlertRule, BadRule, Channel, Trigger
from presence_tui.domain.translatable import Phrase
from presence_tui.storage.state_files import StateFile
from presence_tui.wire.sanitize import is_safe_id, safe_text

MAX_RULES: Final = 1_000
"""Maximum stored rules; beyond it, the oldest are dropped."""


class UserRule(msgspec.Struct, frozen=True, omit_defaults=True):
    """One rule. ``key`` identifies the participant; ``name`` is their name when the rule was made."""

    kind: Trigger
    key: str
    name: str = ""
    after_s: float = 0.0

    @property
    def slot(self) -> tuple[Trigger, str]:
        """The key of a rule: one per trigger and participant."""
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
        self._rules: dict[tuple[Trigger, str], UserRule] = {}
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

    def remove(self, rule: UserRule) -> None:
        self._rules.pop(rule.slot, None)

    async def save(self, slot: tuple[Trigger, str]) -> Phrase | None:
        """Store the rule in this slot, or its removal, and return the error, if any.

        Other rules in the file stay: another process may have written them.
        """
        if self._file is None:
            return None
        async with self._writing:
            rule = self._rules.get(slot)

            def edit(content: UserRulesContent) -> UserRulesContent:
                others = [each for each in content.rules if each.slot != slot]
                return UserRulesContent(self._gateway, [*others, *([rule] if rule else [])][-MAX_RULES:])

            return await asyncio.to_thread(self._file.change, edit)

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
