"""A dialog for filtering by state, role and kind. Each choice applies at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from presence_tui.domain.enums import State
from presence_tui.store import Facets
from presence_tui.text.wording import Wording, state_facet
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.screens.dialog import Modal
from presence_tui.tui.widgets.conversation_list import ConversationOptions


@dataclass(frozen=True, slots=True)
class Offer:
    """One choice: its text, whether it is chosen, and the facets after toggling it."""

    text: str
    is_chosen: Callable[[Facets], bool]
    turned: Callable[[Facets], Facets]


class Choices(ConversationOptions):
    """Space or a click chooses like enter. Marks are ASCII, so that screen readers read them."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "select", show=False)]


class FacetsDialog(Modal[None]):
    """``on_change`` receives the facets after each choice; ``shown`` returns the number of rows in words."""

    SHOWS_WHAT_IS_BEHIND = True

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", show=False)]

    def __init__(
        self,
        facets: Facets,
        roles: Iterable[str],
        wording: Wording,
        glyphs: Glyphs,
        on_change: Callable[[Facets], object],
        shown: Callable[[], str],
    ) -> None:
        """``roles`` are those to choose from; empty where roles do not apply."""
        super().__init__()
        self._facets = facets
        self._say = wording.language.say
        self._on_change = on_change
        self._shown = shown
        self._groups = {
            "": [Offer(self._say("everybody"), lambda facets: not facets, lambda facets: Facets())],
            self._say("State"): [_state(state, wording, glyphs) for state in State],
            self._say("Role"): [_role(role, wording) for role in roles],
            self._say("Kind"): [
                _kind(self._say("accounts"), False),
                _kind(self._say("guests"), True),
            ],
        }
        self._offers: list[Offer | None] = []
        """The choice of each line; ``None`` for headings."""

    def compose(self) -> ComposeResult:
        options: list[Option] = []
        for name, offers in self._groups.items():
            if offers and name:
                options.append(Option(Text(name, style="bold"), disabled=True))
                self._offers.append(None)
            options += [Option(_prompt(offer.text, offer.is_chosen(self._facets))) for offer in offers]
            self._offers += offers
        choices = Choices(*options, id="facets", classes="dialog")
        choices.border_title = Text(self._say("Facets"))
        yield choices

    def on_mount(self) -> None:
        choices = self.query_one(Choices)
        choices.focus()
        choices.highlighted = 0
        self.draw_figures()

    def draw_figures(self) -> None:
        way_out = self._say("space chooses · esc closes")
        self.query_one(Choices).border_subtitle = Text(f"{self._shown()} · {way_out}")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        offer = self._offers[event.option_index]
        if offer is not None:
            self._facets = offer.turned(self._facets)
            self._on_change(self._facets)
            self._draw()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss()

    def _draw(self) -> None:
        choices = self.query_one(Choices)
        for index, offer in enumerate(self._offers):
            if offer is not None:
                prompt = _prompt(offer.text, offer.is_chosen(self._facets))
                choices.replace_option_prompt_at_index(index, prompt)


def _prompt(text: str, is_chosen: bool) -> Text:
    return Text(f" [{'x' if is_chosen else ' '}] {text}", no_wrap=True)


def _state(state: State, wording: Wording, glyphs: Glyphs) -> Offer:
    return Offer(
        f"{glyphs.states[state]} {state_facet(state, wording)}",
        lambda facets: state in facets.states,
        lambda facets: replace(facets, states=facets.states ^ {state}),
    )


def _role(role: str, wording: Wording) -> Offer:
    return Offer(
        wording.role_named(role),
        lambda facets: role in facets.roles,
        lambda facets: replace(facets, roles=facets.roles ^ {role}),
    )


def _kind(text: str, guests: bool) -> Offer:
    return Offer(
        text,
        lambda facets: facets.guests is guests,
        lambda facets: replace(facets, guests=None if facets.guests is guests else guests),
    )
