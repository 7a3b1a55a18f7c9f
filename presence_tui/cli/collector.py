"""The garbage collector, kept away from the screen."""

import gc

_THRESHOLDS = 1_000, 10, 50
"""A screen at work leaves thousands of objects a second in cycles. In small portions they take a millisecond
each; to look through everything, which is done every ten seconds or more, takes as long as five frames."""


def collect_seldom() -> None:
    """Never look again at what is loaded by now, and seldom at everything that came since.

    A full collection stops the loop for tens of milliseconds. What a watch keeps by the hundred thousand,
    the records of participants, is outside of the collector anyway.
    """
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
