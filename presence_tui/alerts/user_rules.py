"""Rules that somebody made on the screen, about one person each; an account's are kept between runs."""

import asyncio
from collections.abc import Iterable
from typing import Final

import msgspec

from presence_tui.alerts.rules import DEFAULT_AFTER_S, AlertRule, BadRule, Channel, Trigger
from presence_tui.domain.translatable import Phrase
from presence_tui.storage.state_files import StateFile
from presence_tui.wire.sanitize import is_safe_id, safe_text

MAX_RULES: Final = 1_000
"""More than so many are forgotten, the oldest first."""


class UserRule(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of them. ``name`` is what the person was called then; the key says who it is."""

    kind: Trigger
    key: str
    name: str = ""
    after_s: float = 0.0

    @property
    def slot(self) -> tuple[Trigger, str]:
        """There is one of each kind for each person."""
        return self.kind, self.key


class UserRulesContent(msgspec.Struct):
    """What is in the file. The gateway stands there for people who look into it."""

    gateway: str = ""
    rules: list[UserRule] = []


class UserRules:
    """All of one account. ``file`` is ``None`` where nothing is to be kept."""

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
        """In the order in which they were made."""
        return list(self._rules.values())

    def about(self, key: str) -> list[UserRule]:
        """Those about one person."""
        return [rule for rule in self._rules.values() if rule.key == key]

    def as_alert_rules(self, rules: Iterable[UserRule]) -> list[AlertRule]:
        """As they are watched for."""
        return [self._alert_rule(rule) for rule in rules]

    async def load(self) -> Phrase | None:
        """Read what was kept; answers what was wrong with it, if anything was."""
        if self._file is None:
            return None
        content, trouble = await asyncio.to_thread(self._file.load)
        self._rules = {rule.slot: rule for rule in content.rules[-MAX_RULES:] if self._is_valid(rule)}
        return trouble

    def add(self, rule: UserRule) -> None:
        """Have this one from now on; one of the same kind about the same person makes room."""
        self._rules[rule.slot] = rule

    def remove(self, rule: UserRule) -> None:
        """Have it no longer."""
        self._rules.pop(rule.slot, None)

    async def save(self, slot: tuple[Trigger, str]) -> Phrase | None:
        """Keep what there is in this slot for the next time; answers what went wrong, if anything did.

        The others in the file stay as they are: another program may have made them.
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
        """A file may have been in other hands."""
        if not is_safe_id(rule.key) or rule.name != safe_text(rule.name):
            return False
        try:
            self._alert_rule(rule)
        except BadRule:
            return False
        return True


def user_rule(kind: Trigger, key: str, name: str, after_s: float | None = None) -> UserRule:
    """A rule with the usual time of its kind, unless told otherwise."""
    usual_s = DEFAULT_AFTER_S.get(kind, 0.0)
    return UserRule(kind, key, name, usual_s if after_s is None or not usual_s else after_s)
