"""Deterministic hypothesis profile: every run draws the same examples."""

from hypothesis import Phase, settings

repeatable = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=100,
    # Without the explain phase, which takes minutes and adds little to the smallest example.
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    report_multiple_bugs=False,
)
