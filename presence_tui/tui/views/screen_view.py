"""What the watch screen asks of each of its views."""

from collections.abc import Sequence

from textual.containers import Container
from textual.message import Message

from presence_tui.service.service import PresenceService
from presence_tui.storage.view_state import Arrangement
from presence_tui.store import Facets, Record, RosterIndex
from presence_tui.text.wording import Wording
from presence_tui.tui.status_texts import StatusTexts
from presence_tui.tui.views.names import ViewName, widget_id
from presence_tui.tui.widgets.backdrop import Backdrop


class ScreenView(Container, Backdrop):
    """A place of the screen that draws the store in its own way. Holds no truth of its own.

    It keeps its cursor, its scrolling and its arrangement for as long as it lives, seen or not. Those of its
    widgets that take the focus tell the screen of the cursor by messages of their own.
    """

    class Found(Message):
        """A filter that took more than a moment has found whom it lets through."""

    def __init__(
        self, name: ViewName, service: PresenceService, texts: StatusTexts, wording: Wording
    ) -> None:
        super().__init__(id=widget_id(name), classes="view")
        self.service = service
        self.words = texts
        self.wording = wording

    @property
    def selected_key(self) -> str | None:
        """The participant under the cursor."""
        raise NotImplementedError

    @property
    def selected_conversation_id(self) -> str | None:
        """The conversation under the cursor, where it is on one, else the one watched."""
        return self.service.state.conversation_id

    @property
    def arrangement(self) -> Arrangement:
        raise NotImplementedError

    def rearrange(self, arrangement: Arrangement) -> None:
        """Look at it this way; an order that is not known changes nothing."""
        raise NotImplementedError

    def filter_by(self, query: str) -> None:
        """Show only what contains the query."""
        self.rearrange(self.arrangement._replace(query=query))

    def facet_by(self, facets: Facets) -> None:
        """Show only who has all of these."""
        self.rearrange(self.arrangement._replace(facets=facets))

    @property
    def is_searching(self) -> bool:
        """True until ``Found`` is posted: a filter has not found yet whom it lets through."""
        return False

    @property
    def order(self) -> RosterIndex | None:
        """The people shown, if it shows people: they have facets, and can be exported."""
        return None

    def roles(self) -> Sequence[str]:
        """The roles that are facets here. O(n)."""
        return ()

    def shown(self) -> str:
        """How many the filter lets through, of how many."""
        return ""

    def freeze(self) -> None:
        """Stand still; it is not asked to draw until it is to go on, but its cursor may move."""

    def resume(self) -> None:
        """Show what is so now."""

    def selected_text(self) -> str:
        """What the line under the cursor says, for the clipboard; empty if there is none."""
        return ""

    def panel_texts(self) -> tuple[str, list[str], int]:
        """The title of the panel with the cursor, of its lines those to copy, and how many it has."""
        return "", [], 0

    def sort_by_next(self) -> None:
        """Take the next of its orders."""
        raise NotImplementedError

    def shows(self, record: Record) -> bool:
        """True if what happens to somebody is seen: in the activity, if nowhere else."""
        return self.service.store.rosters.is_member(self.service.state.conversation_id, record)

    def titles(self) -> tuple[str, str]:
        """For the title bar: what is seen, and how many."""
        raise NotImplementedError

    def take_focus(self) -> None:
        """Give the keys to the widget that has the rows."""
        raise NotImplementedError

    def remark(self) -> str:
        """What the why line says while nobody is selected."""
        return self.words.hint()

    def appear(self) -> None:
        """It comes back: be as the store is now."""
        raise NotImplementedError

    def disappear(self) -> None:
        """Another view is seen: follow the store no more, at no cost, and keep the place."""
        raise NotImplementedError

    def reset(self) -> None:
        """Another conversation is watched."""

    def repaint(self) -> None:
        """Paint everything anew, as after a change of staleness."""
        raise NotImplementedError

    def follow(self) -> None:
        """The store has changed: paint what is different. Each frame, so it looks at rows in sight only."""
        raise NotImplementedError

    def draw(self) -> None:
        """Bring titles, words and rows up to date."""
        raise NotImplementedError
