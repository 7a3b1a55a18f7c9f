"""The last lines of a dialog: a note, a warning or an error."""

from rich.text import Text
from textual.widgets import Static


class Remark(Static):
    """One remark at a time. A mark and a colour distinguish warnings and errors from notes."""

    def __init__(self, mark: str) -> None:
        super().__init__(classes="remark")
        self._mark = f"{mark} "
        self._indent = ""
        self._text = ""
        self._longest = ""

    def keep_room_for(self, longest: str) -> None:
        """Be at least as high as this text, so that nothing moves when another takes its place."""
        self._longest = longest
        self._draw()

    def note(self, text: str) -> None:
        self._show(text, "", "")

    def warn(self, text: str) -> None:
        self._show(text, "-warning", self._mark)

    def complain(self, text: str) -> None:
        self._show(text, "-error", self._mark)

    def on_resize(self) -> None:
        self._draw()

    def _show(self, text: str, kind: str, indent: str) -> None:
        self.set_class(kind == "-warning", "-warning")
        self.set_class(kind == "-error", "-error")
        self._text, self._indent = text, indent
        self._draw()

    def _draw(self) -> None:
        """Wrap the text behind its mark."""
        if not self.size.width:
            return
        self.styles.min_height = len(self._wrapped(self._longest, ""))
        first, *others = self._wrapped(self._text, self._indent)
        behind = " " * len(self._indent)
        self.update(Text("\n".join([self._indent + first, *(behind + line for line in others)])))

    def _wrapped(self, text: str, indent: str) -> list[str]:
        room = max(1, self.size.width - len(indent))
        return [line.plain.rstrip() for line in Text(text).wrap(self.app.console, room)] or [""]
