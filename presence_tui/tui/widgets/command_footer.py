"""The footer: keys of commands, as many as fit."""

from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from presence_tui.text.language import Language
from presence_tui.tui.commands import action_of
from presence_tui.tui.keys import key_in


class Entry(NamedTuple):
    """A key and its label, starting at column ``start``."""

    key: str
    shown: str
    label: str
    start: int

    @property
    def end(self) -> int:
        return self.start + cell_len(f" {self.shown} {self.label} ")


class CommandFooter(Widget):
    """Shows only complete entries.

    Earlier entries take precedence; a later one is shown if it still fits. One line, drawn
    directly: Textual's own footer creates a widget per key (and never frees it) at each change of focus.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"footer--key", "footer--label", "footer--hover"}

    def __init__(self, language: Language) -> None:
        """``language`` is for keys and labels of widgets; those of commands are already translated."""
        super().__init__()
        self._language = language
        self._entries: list[Entry] = []
        self._hovered: Entry | None = None
        self._left_out: frozenset[str] = frozenset()

    def leave_out(self, commands: frozenset[str]) -> None:
        """Show no keys of these commands: there is nothing for them to act on."""
        actions = frozenset(map(action_of, commands))
        if actions != self._left_out:
            self._left_out = actions
            self._follow(self.screen)

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._follow)

    def on_unmount(self) -> None:
        self.screen.bindings_updated_signal.unsubscribe(self)

    def on_resize(self) -> None:
        self._follow(self.screen)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._hover(self._entry_at(event.x))

    def on_leave(self) -> None:
        self._hover(None)

    def on_click(self, event: events.Click) -> None:
        entry = self._entry_at(event.x)
        if entry is not None:
            self.app.simulate_key(entry.key)

    def render_line(self, y: int) -> Strip:
        line = self.rich_style
        styles = {
            part: line + self.get_component_rich_style(f"footer--{part}", partial=True)
            for part in ("key", "label", "hover")
        }
        segments: list[Segment] = []
        for entry in self._entries:
            hovered = entry == self._hovered
            segments += [
                Segment(f" {entry.shown} ", styles["hover"] if hovered else styles["key"]),
                Segment(f"{entry.label} ", styles["hover"] if hovered else styles["label"]),
            ]
        return Strip(segments).adjust_cell_length(self.size.width, line)

    def _follow(self, screen: Screen[object]) -> None:
        if self.is_attached and screen is self.screen:
            entries = list(self._fitting())
            if entries != self._entries:
                self._entries = entries
                self.refresh()

    def _fitting(self) -> Iterator[Entry]:
        start, actions, keys = 0, set[str](), set[str]()
        for active in self.screen.active_bindings.values():
            binding = active.binding
            shown = key_in(self._language, self.app.get_key_display(binding))
            # Bindings of the focused widget take precedence over the screen's.
            if not binding.show or binding.action in actions or shown in keys:
                continue
            if binding.action in self._left_out:
                continue
            actions.add(binding.action)
            keys.add(shown)
            is_command = active.node is self.app
            label = binding.description if is_command else self._language.say_raw(binding.description)
            entry = Entry(binding.key, shown, label, start)
            # The space after the last label may be cut off.
            if entry.end <= self.size.width + 1 and not self._is_typed(entry):
                start = entry.end
                yield entry

    def _is_typed(self, entry: Entry) -> bool:
        """True for a key that the focused widget reads as text. Textual misses this for the slash."""
        focused = self.screen.focused
        if focused is None or len(entry.shown) > 1:
            return False
        return focused.check_consume_key(entry.key, entry.shown)

    def _entry_at(self, x: int) -> Entry | None:
        return next((entry for entry in self._entries if entry.start <= x < entry.end), None)

    def _hover(self, entry: Entry | None) -> None:
        if entry != self._hovered:
            self._hovered = entry
            self.refresh()
