"""The watch: one view of the store, why line, activity, and what a person can do with them."""

from presence_tui.tui.screens.watch.asking import Asking
from presence_tui.tui.screens.watch.hearing import Hearing
from presence_tui.tui.screens.watch.looking import Looking
from presence_tui.tui.screens.watch.taking import Taking


class WatchScreen(Hearing, Looking, Asking, Taking):
    """Draws a store; asks a watch, once there is one, to do things. Each base has a file of its own.

    What is bound to keys is declared in ``commands``; an action's name says which method it is.
    """
