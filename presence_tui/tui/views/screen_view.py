"""The interface between the watch screen and its views."""

from collections.abc import Sequence
from typing import ClassVar

from textual.containers import Container
from textual.message import Message

from presence_tui.domain.translatable import Phrase
from presence_tui.service.service import PresenceService
from presence_tui.storage.view_state import Arrangement
from presence_tui.store import Record, RosterIndex
from presence_tui.text.wording import Wording
from presence_tui.tui.status_texts import StatusTexts
from presence_tui.tui.views.names import ViewName, widget_id
from presence_tui.tui.widgets.containers import Backdrop


class ScreenView(Container, Backdrop):
    """A view of the store on the screen. It holds no presence state.

    It keeps its cursor, scroll position and arrangement, visible or not. Its focusable
    widgets report the cursor to the screen by messages.
    """

    WITHOUT: ClassVar[frozenset[str]] = frozenset({"packet_person", "mark"})
    """Commands that have nothing to act on here: footer and palette leave them out."""

    FILTER_HINT: ClassVar[Phrase | None] = None
    """What can be typed as a filter, in English; empty for names and handles."""

    class Found(Message):
        """A filter that took several steps has finished."""

    def __init__(
        self, name: ViewName, service: PresenceService, texts: StatusTexts, wording: Wording
    ) -> None:
        super().__init__(id=widget_id(name), classes="view")
        self.service = service
        self.words = texts
        self.wording = wording

    @property
    def selected_key(self) -> str | None:
        """Presence key under the cursor."""
        raise NotImplementedError

    def select_participant(self, key: str) -> bool:
        """Put the cursor on somebody; false where they are not shown."""
        return False

    @property
    def selected_conversation_id(self) -> str | None:
        """Conversation under the cursor, or the watched one."""
        return self.service.state.conversation_id

    @property
    def arrangement(self) -> Arrangement:
        raise NotImplementedError

    def rearrange(self, arrangement: Arrangement) -> None:
        """Apply an arrangement; an unknown sort order is ignored."""
        raise NotImplementedError

    @property
    def is_searching(self) -> bool:
        """True until ``Found`` is posted for the current filter."""
        return False

    @property
    def order(self) -> RosterIndex | None:
        """The index of shown participants, for facets and export; ``None`` for a view without
        participants.
        """
        return None

    def roles(self) -> Sequence[str]:
        """Roles offered as facets. O(n)."""
        return ()

    def shown(self) -> str:
        """Number of shown and of all rows, in words."""
        return ""

    def freeze(self) -> None:
        """Freeze the rows until ``resume``; only the cursor may move."""

    def resume(self) -> None:
        """Show the current rows again."""

    def selected_text(self) -> str:
        """The row under the cursor as text; empty if there is none."""
        return ""

    def panel_texts(self) -> tuple[str, list[str], int]:
        """Title of the panel with the cursor, its rows to copy, and its number of rows."""
        return "", [], 0

    def sort_by_next(self) -> None:
        """Apply the next sort order."""
        raise NotImplementedError

    def shows(self, record: Record) -> bool:
        """True if changes of this participant are visible, at least in the activity feed."""
        return self.service.store.rosters.is_member(self.service.state.conversation_id, record)

    def titles(self) -> tuple[str, str]:
        """Title and count for the title bar."""
        raise NotImplementedError

    def take_focus(self) -> None:
        """Focus the widget with the rows."""
        raise NotImplementedError

    def remark(self) -> str:
        """The why line while no participant is selected."""
        return self.words.hint()

    def appear(self) -> None:
        """Called when the view becomes visible: subscribe to the store again."""
        raise NotImplementedError

    def disappear(self) -> None:
        """Called when the view is hidden: stop following the store, keep the position."""
        raise NotImplementedError

    def reset(self) -> None:
        """Called after another conversation was selected."""

    def repaint(self) -> None:
        """Repaint everything, for example after a change of staleness."""
        raise NotImplementedError

    def follow(self) -> None:
        """Paint what the store changed. Called each frame, so it must only check visible rows."""
        raise NotImplementedError

    def draw(self) -> None:
        """Update titles, texts and rows."""
        raise NotImplementedError
