"""What is there to read at the start: the welcome to the demo, and help on keys, marks and link states."""

from collections.abc import Callable, Collection, Iterable
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Input

from presence_tui.domain.enums import State
from presence_tui.store.records import folded
from presence_tui.text.language import Language
from presence_tui.text.wording import Wording
from presence_tui.tui.commands import Command, grouped
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.keys import PALETTE_KEY, key_of, keys_shown
from presence_tui.tui.screens.dialog import Dialog
from presence_tui.tui.widgets.labelled_lines import Labelled


class HelpDialog(Dialog):
    """Keys in groups, marks and the words of the link.

    A slash looks for something: what is typed leaves the rows that contain it, each group under its heading.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "look_for", show=False),
        Binding("escape", "step_back", show=False),
    ]

    def __init__(
        self, heading: str, make_text: Callable[[], Labelled], way_out: str, placeholder: str
    ) -> None:
        super().__init__(heading, lambda: matching(make_text(), self._query), way_out)
        self._query = ""
        self._input = Input(placeholder=placeholder, id="help-filter")
        self._input.display = False

    def above_text(self) -> Iterable[Widget]:
        return (self._input,)

    def action_look_for(self) -> None:
        self._input.display = True
        self.set_focus(self._input)

    def action_step_back(self) -> None:
        """Show all of it again, or close it."""
        if not self._input.display:
            self.dismiss()
            return
        self._input.value = ""
        self._input.display = False
        self.query_one(VerticalScroll).focus()

    @on(Input.Changed)
    def _look_for(self, event: Input.Changed) -> None:
        self._query = event.value
        self._follow()

    @on(Input.Submitted)
    def _keep(self) -> None:
        self.query_one(VerticalScroll).focus()


def help_text(commands: list[Command], wording: Wording, glyphs: Glyphs) -> Labelled:
    """Help on keys, glyphs and link states."""
    say = wording.language.say
    keys: list[tuple[str, str]] = []
    for heading, group in grouped(commands, wording.language):
        keys += [
            (heading, ""),
            *((keys_shown(each, wording.language) or PALETTE_KEY, each.explanation) for each in group),
            ("", ""),
        ]
    keys += [
        (say("Everywhere"), ""),
        ("↑ ↓ j k", say("Move the cursor; it stays on its participant")),
        ("tab", say("Go to the next panel")),
        (PALETTE_KEY, say("Command palette, with themes")),
        ("ctrl+z", say("Suspend; the shell's fg comes back")),
        ("shift+drag", say("Select text as the terminal does; --no-mouse does without shift")),
    ]
    marks = [
        *((f"{glyphs.states[state]} {wording.state(state)}", _meaning(state, wording)) for state in State),
        (glyphs.rule, say("a watch rule names this participant, or selects them by role")),
        (glyphs.pinned, say("pinned to the top of their panel")),
        ("@… #…", say("handle, or end of the id: others have the same name")),
    ]
    link = [
        (say("LIVE"), say("signed in; every event arrives as it happens")),
        (say("CONNECTING"), say("not signed in yet")),
        (say("RECONNECTING"), say("the link was lost; it is tried again by itself")),
        (say("STALE"), say("nothing was heard for too long; what is shown is dim and has an age")),
        (say("SIGNED OUT"), say("the token is no good any more")),
        (say("OFFLINE"), say("given up; {key} tries again", key=key_of(commands, "refresh"))),
    ]
    # First, because the rest is longer than most terminals.
    reference = (say("Reference"), say("presence-tui help TOPIC, in a shell: keys, alerts, json, …"))
    return Labelled(
        [
            reference,
            ("", ""),
            *keys,
            ("", ""),
            (say("Marks"), ""),
            *marks,
            ("", ""),
            (say("Link"), ""),
            *link,
        ],
        label_cells=16,
    )


def _meaning(state: State, wording: Wording) -> str:
    say = wording.language.say
    match state:
        case State.ONLINE:
            return say("a fresh sign of life")
        case State.AWAY:
            return say("said to be online; the last sign of life is some minutes old")
        case State.IDLE:
            return say("said to be online, but the evidence is old")
        case State.OFFLINE:
            return say("said to be offline, or hidden: the two cannot be told apart")
        case State.UNKNOWN:
            return say("the gateway has told nothing yet")


def matching(labelled: Labelled, query: str) -> Labelled:
    """The rows that contain the query, under the headings of their groups; all rows for an empty query.

    Case and accents are ignored.
    """
    wanted = folded(query.strip())
    if not wanted:
        return labelled
    rows: list[tuple[str, str]] = []
    heading: tuple[str, str] | None = None
    for label, text in labelled.rows:
        if label and not text:
            heading = label, text
        elif wanted in folded(f"{label} {text}"):
            if heading is not None:
                rows += [("", ""), heading] if rows else [heading]
                heading = None
            rows.append((label, text))
    return Labelled(rows, labelled.label_cells)


class Welcome(Dialog):
    """A dialog over the running demo. Any other key closes it and does nothing else.

    ``connect`` is called if the user chooses that instead. ``passed_on`` are keys that the demo gets as well.
    """

    SHOWS_WHAT_IS_BEHIND = True
    BINDINGS: ClassVar[list[BindingType]] = [Binding("c", "connect", show=False)]
    _ANSWERED: ClassVar[set[str]] = {"escape", "enter", "c", "ctrl+c", "ctrl+p"}

    def __init__(self, language: Language, connect: Callable[[], object], passed_on: Collection[str]) -> None:
        say = language.say
        text = Labelled(
            [
                (say("Demo"), say("invented people: who is online, since when, and why")),
                ("", ""),
                ("enter", say("look around")),
                ("c", say("connect to your own gateway: asks for its address, a user name and a password")),
            ],
            label_cells=6,
        )
        super().__init__(say("Welcome"), lambda: text, say("enter looks around"))
        self._connect = connect
        self._passed_on = passed_on

    def on_key(self, event: events.Key) -> None:
        if event.key not in self._ANSWERED:
            event.stop()
            event.prevent_default()
            self.dismiss()
            if event.key in self._passed_on:
                self.app.call_later(self.app.simulate_key, event.key)

    def action_connect(self) -> None:
        self.dismiss()
        self._connect()
