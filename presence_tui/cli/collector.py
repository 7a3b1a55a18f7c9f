"""The garbage collector, kept away from the screen."""

import gc

_YOUNG = 10_000


def collect_seldom() -> None:
    """Never look again at what is loaded by now, and seldom at what comes.

    A full collection stops the loop for tens of milliseconds. What a watch keeps by the hundred thousand,
    the records of participants, is outside of the collector anyway.
    """
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)
