"""The only module that uses private names of sortedcontainers, with their reason and a fallback.

``SortedList`` sorts its input even if it is already sorted: for 100,000 names that takes several
times as long as filling its private lists. It delays every rebuild of a panel, for example by a filter.
"""

from typing import Final

from sortedcontainers import SortedList

from presence_tui.private_names import PrivateNames

PIECES: Final = PrivateNames({"sortedcontainers.sortedlist.SortedList": "_load _lists _maxes _len"})


def in_order(order_keys: list[str]) -> SortedList:
    """Build a sorted list from sorted keys."""
    if not PIECES.available:
        return SortedList(order_keys)
    order = SortedList()
    size = order._load
    order._lists.extend(order_keys[at : at + size] for at in range(0, len(order_keys), size))
    order._maxes.extend(piece[-1] for piece in order._lists)
    order._len = len(order_keys)
    return order
