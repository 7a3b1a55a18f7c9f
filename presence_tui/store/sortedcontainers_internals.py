"""The one module that uses private names of sortedcontainers, with its reason and the way without them.

``SortedList`` sorts what it is given, also where it is in order already: for 100,000 names that takes several
times as long as putting them into its pieces. A panel that is built anew, as by a filter, waits for it.
"""

from typing import Final

from sortedcontainers import SortedList

from presence_tui.inner_names import InnerNames

PIECES: Final = InnerNames({"sortedcontainers.sortedlist.SortedList": "_load _lists _maxes _len"})


def in_order(order_keys: list[str]) -> SortedList:
    """A sorted list of keys that are in order already."""
    if not PIECES.are_there:
        return SortedList(order_keys)
    order = SortedList()
    size = order._load
    order._lists.extend(order_keys[at : at + size] for at in range(0, len(order_keys), size))
    order._maxes.extend(piece[-1] for piece in order._lists)
    order._len = len(order_keys)
    return order
