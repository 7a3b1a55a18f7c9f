"""Chance under the tests' control: every run of a property draws the same examples."""

from hypothesis import Phase, settings

repeatable = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=100,
    # No explaining: it takes minutes for a machine, and the smallest example explains itself.
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    report_multiple_bugs=False,
)
