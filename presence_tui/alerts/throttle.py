"""Cooldowns: how long a rule stays silent about a participant after a match."""

import heapq

from presence_tui.alerts.rules import AlertRule

_RuleAndKey = tuple[AlertRule, str]


class CooldownTracker:
    """Active cooldowns by rule and key. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._until: dict[_RuleAndKey, float] = {}
        self._ends: list[tuple[float, int, _RuleAndKey]] = []
        self._begun = 0

    def __len__(self) -> int:
        return len(self._until)

    def begin(self, rule: AlertRule, key: str, now_s: float) -> bool:
        """Start a cooldown and return true; false while one is active. O(log n)."""
        while self._ends and self._ends[0][0] <= now_s:
            del self._until[heapq.heappop(self._ends)[2]]
        rule_and_key = (rule, key)
        if rule_and_key in self._until:
            return False
        if rule.cooldown_s > 0:
            self._begun += 1
            end_s = self._until[rule_and_key] = now_s + rule.cooldown_s
            heapq.heappush(self._ends, (end_s, self._begun, rule_and_key))
        return True
