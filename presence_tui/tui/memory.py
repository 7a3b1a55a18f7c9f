"""What the screen has of the history: it reads, and is told what goes wrong. It never writes."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple

from presence_tui.domain.participants import Conversation
from presence_tui.store import PresenceStore

if TYPE_CHECKING:
    # Only to say what it is: its imports take time.
    from presence_tui.history.history import History
    from presence_tui.history.remembered import Remembered


class Memory(NamedTuple):
    """A history that is kept, and what of it there is to begin with. The store holds its rosters already."""

    history: "History"
    remembered: "Remembered | None" = None
    conversation: Conversation | None = None
    """The conversation to begin with, if its roster is remembered."""


OpenMemory = Callable[[PresenceStore], Awaitable[Memory | None]]
"""Opens the history and fills the store with the last rosters; called after the first paint."""


async def no_memory(_: PresenceStore) -> None:
    """Nothing is kept."""
