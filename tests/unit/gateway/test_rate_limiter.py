"""Rate limits: one window per user, opened by the first request."""

from presence_tui.gateway.rate_limiter import RateLimiter, RateLimitResult
from tests.unit.clock import FakeClock


def test_a_budget_is_spent_and_is_new_after_its_window() -> None:
    clock = FakeClock()
    budget = RateLimiter(2, clock, window_s=60)
    assert budget.hit("a") == RateLimitResult(True, 1, 60)
    clock.wall_s += 10.5
    assert budget.hit("a") == RateLimitResult(True, 0, 50)
    assert budget.hit("a") == RateLimitResult(False, 0, 50)
    clock.wall_s += 49.5
    assert budget.hit("a") == RateLimitResult(True, 1, 60)


def test_users_do_not_share_a_budget() -> None:
    budget = RateLimiter(1, FakeClock())
    assert budget.hit("a").allowed
    assert budget.hit("b").allowed
    assert not budget.hit("a").allowed
