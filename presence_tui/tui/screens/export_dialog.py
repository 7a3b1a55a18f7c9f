"""A dialog that writes the shown participants to a file: format and file name."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from presence_tui.text.language import Language
from presence_tui.tui.exports.listing import Format
from presence_tui.tui.exports.new_file import shown_path, why_not
from presence_tui.tui.screens.dialog import Modal
from presence_tui.tui.widgets.conversation_list import ConversationOptions

Export = Callable[[Path, Format, bool], Awaitable[str]]
"""Writes the file, replacing an existing one if true, and returns a sentence. Raises ``OSError``."""

_WORDS = {Format.CSV: "CSV", Format.JSON: "JSON", Format.MARKDOWN: "Markdown"}


class Formats(ConversationOptions):
    """Space or a click chooses a format; enter also writes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "select", show=False),
        Binding("enter", "screen.write_highlighted", show=False),
    ]


class ExportDialog(Modal[str | None]):
    """Returns a sentence about the written file, or ``None``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("up", "format(-1)", show=False),
        Binding("down", "format(1)", show=False),
    ]

    def __init__(self, folder: Path, suggested: str, whom: str, export: Export, language: Language) -> None:
        """``folder`` is for names without a folder; ``suggested`` is a name without its suffix.

        ``whom`` describes the participants.
        """
        super().__init__()
        self._folder = folder
        self._suggested = suggested
        self._whom = whom
        self._export = export
        self._language = language
        self._say = language.say
        self._format = Format.CSV
        self._replaces: Path | None = None
        """The existing file that enter would replace."""
        self._is_writing = False

    def compose(self) -> ComposeResult:
        with Vertical(id="export", classes="dialog") as dialog:
            dialog.border_title = Text(self._say("Export"))
            dialog.border_subtitle = self._say("enter writes · ↑↓ format · esc closes")
            yield Static(Text(self._whom), id="export-whom")
            yield Formats(*(Option(Text(self._choice(each))) for each in Format), id="export-formats")
            yield Input(f"{self._suggested}.{self._format}", id="export-file")
            folder = self._say("in {folder}", folder=shown_path(self._folder))
            yield Static(Text(folder, no_wrap=True, overflow="ellipsis"), id="export-folder")
            yield Static(id="export-said")

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def action_format(self, step: int) -> None:
        formats = list(Format)
        self._take(formats[(formats.index(self._format) + step) % len(formats)])

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._take(list(Format)[event.option_index])
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._replaces = None
        self._tell("")
        # The folder is only for relative paths.
        self.query_one("#export-folder").visible = not event.value.strip().startswith(("/", "~"))

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        self._write()

    def action_write_highlighted(self) -> None:
        """Choose the format under the cursor, and write."""
        highlighted = self.query_one(Formats).highlighted
        if highlighted is not None:
            self._take(list(Format)[highlighted])
        self._write()

    def _write(self) -> None:
        name = self.query_one(Input).value.strip()
        if name and not self._is_writing:
            self._is_writing = True
            self.run_worker(self._written(name))

    async def _written(self, name: str) -> None:
        self._tell(self._say("Writing…"))
        path = Path(name)
        try:
            path = _whole(self._folder, path)
            result = await self._export(path, self._format, path == self._replaces)
        except FileExistsError:
            self._replaces = path
            self._tell(self._say("{path} is there already. enter again replaces it.", path=shown_path(path)))
        except OSError as problem:
            self._tell(self._language.phrase(why_not(path, problem)))
        except (ValueError, RuntimeError):
            # A NUL in the name, or the home folder of an unknown user.
            self._tell(self._say("This is no name of a file."))
        else:
            self.dismiss(result)
        finally:
            self._is_writing = False

    def _take(self, chosen: Format) -> None:
        """Choose a format, and adapt the file's suffix if it is that of the last format."""
        before, self._format = self._format, chosen
        file = self.query_one(Input)
        if file.value.endswith(f".{before}"):
            file.value = file.value.removesuffix(before) + chosen
        choices = self.query_one(Formats)
        if choices.highlighted is not None:
            choices.highlighted = list(Format).index(chosen)
        for index, each in enumerate(Format):
            choices.replace_option_prompt_at_index(index, Text(self._choice(each)))

    def _choice(self, one: Format) -> str:
        return f" ({'*' if one is self._format else ' '}) {_WORDS[one]}"

    def _tell(self, text: str) -> None:
        self.query_one("#export-said", Static).update(Text(text))


def _whole(folder: Path, path: Path) -> Path:
    """The absolute path. Raises ``RuntimeError`` for the home folder of an unknown user."""
    return folder / path.expanduser()
