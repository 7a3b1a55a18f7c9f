"""The form of a sign-in: address, user, password, and whether to save it, or a code; with a remark below."""

from collections.abc import Iterable, Mapping
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from presence_tui.service.sign_ins import Field, SignInForm
from presence_tui.text.language import Language
from presence_tui.tui.widgets.secret_input import SecretInput

_GAP: Final = 2
_LONGEST: Final = 1_024
"""Maximum characters of an answer."""
_EXAMPLE: Final = "https://gate.example"


class FormRow(Horizontal):
    """A label and an input. The labels of a form are equally wide."""

    def __init__(self, label: str, label_cells: int, content: Input | Static) -> None:
        super().__init__(classes="form-row")
        self._label = Static(Text(label, no_wrap=True), classes="form-label")
        self._label.styles.width = label_cells
        self._content = content

    def compose(self) -> ComposeResult:
        yield self._label
        yield self._content


class Tick(Static, can_focus=True):
    """A line with a tick, which space or a click changes. The mark is ASCII for screen readers."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "turn", show=False)]

    def __init__(self, label: str, is_on: bool) -> None:
        super().__init__()
        self._label = label
        self.is_on = is_on

    def on_mount(self) -> None:
        self._draw()

    def on_click(self) -> None:
        self.action_turn()

    def action_turn(self) -> None:
        self.is_on = not self.is_on
        self._draw()

    def _draw(self) -> None:
        self.update(Text(f"[{'x' if self.is_on else ' '}] {self._label}"))


def label_cells_of(labels: Iterable[str]) -> int:
    """The width that all these labels need, with the gap before the inputs."""
    return max(map(cell_len, labels)) + _GAP


class SignInFields(Vertical):
    """Shows either the fields of a sign-in or, after the password, that of a code."""

    class Submitted(Message):
        """Everything is filled in, and enter was pressed."""

    class Changed(Message):
        """A field was changed."""

        def __init__(self, field: Field) -> None:
            self.field = field
            super().__init__()

    def __init__(self, language: Language) -> None:
        super().__init__(id="sign-in-fields")
        say = language.say
        self._labels = {
            Field.ADDRESS: say("Gateway"),
            Field.USER: say("User"),
            Field.PASSWORD: say("Password"),
            Field.CODE: say("Code"),
        }
        self._inputs: Mapping[Field, Input] = {
            Field.ADDRESS: _input(Field.ADDRESS, _EXAMPLE),
            Field.USER: _input(Field.USER, say("name or e-mail")),
            Field.PASSWORD: _secret(Field.PASSWORD, is_masked=True),
            Field.CODE: _secret(Field.CODE, is_masked=False),
        }
        self._tick = Tick(say("the token, never the password"), is_on=True)
        save = say("Save")
        cells = label_cells_of([*self._labels.values(), save])
        self._rows = {
            field: FormRow(self._labels[field], cells, content) for field, content in self._inputs.items()
        }
        self._tick_row = FormRow(save, cells, self._tick)
        self._asks_code = False

    def compose(self) -> ComposeResult:
        yield from self._rows.values()
        yield self._tick_row

    def on_mount(self) -> None:
        self.ask_code(False)

    @property
    def asks_code(self) -> bool:
        return self._asks_code

    @property
    def form(self) -> SignInForm:
        """What is typed."""
        values = {field: content.value for field, content in self._inputs.items()}
        return SignInForm(
            values[Field.ADDRESS].strip(),
            values[Field.USER].strip(),
            values[Field.PASSWORD],
            self._tick.is_on,
        )

    @property
    def code(self) -> str:
        return self._inputs[Field.CODE].value

    def fill_in(self, address: str, user: str) -> None:
        """Set address and user without a message, which would replace the remark about them."""
        with self.prevent(Input.Changed):
            self._inputs[Field.ADDRESS].value = address
            self._inputs[Field.USER].value = user

    def ask_code(self, asks_code: bool) -> None:
        """Show the field of a code, or the other ones again."""
        self._asks_code = asks_code
        self._rows[Field.PASSWORD].display = not asks_code
        self._rows[Field.CODE].display = asks_code
        for field in (Field.ADDRESS, Field.USER):
            # They are only shown while the gateway waits for the code.
            self._inputs[field].can_focus = not asks_code
            self._rows[field].set_class(asks_code, "-fixed")
        if not asks_code:
            self._secrets[Field.CODE].clear_text()

    def take_focus(self, wanted: Field | None = None) -> None:
        """Focus a field, otherwise the first empty one."""
        field = Field.CODE if self._asks_code else wanted or self._first_empty() or Field.PASSWORD
        content = self._inputs[field]
        self.screen.set_focus(content)
        if isinstance(content, SecretInput):
            # What is typed next replaces it: it can hardly be corrected unseen.
            content.select_all()

    def forget_secrets(self) -> None:
        """Forget password and code, when the form is shown no more."""
        for content in self._secrets.values():
            content.forget_text()

    def go_on(self) -> bool:
        """Focus the first empty field after the one with the focus; false if there is none."""
        shown = [field for field, row in self._rows.items() if row.display]
        focused = next((field for field in shown if self._inputs[field] is self.screen.focused), None)
        later = shown[shown.index(focused) + 1 :] if focused is not None else []
        empty = next((field for field in later if not self._inputs[field].value.strip()), None)
        if empty is not None:
            self.take_focus(empty)
        return empty is not None

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        self.submit()

    def submit(self) -> None:
        """Post ``Submitted``, or focus the first empty field."""
        if self._first_empty() is None:
            self.post_message(self.Submitted())
        else:
            self.take_focus()

    @on(Input.Changed)
    def _change(self, event: Input.Changed) -> None:
        event.stop()
        field = next((each for each, content in self._inputs.items() if content is event.input), None)
        if field is not None:
            self.post_message(self.Changed(field))

    @property
    def _secrets(self) -> dict[Field, SecretInput]:
        return {field: each for field, each in self._inputs.items() if isinstance(each, SecretInput)}

    def _first_empty(self) -> Field | None:
        shown = [field for field, row in self._rows.items() if row.display]
        return next((field for field in shown if not self._inputs[field].value.strip()), None)


def _input(field: Field, placeholder: str) -> Input:
    return Input(placeholder=placeholder, max_length=_LONGEST, select_on_focus=False, id=f"sign-in-{field}")


def _secret(field: Field, *, is_masked: bool) -> SecretInput:
    return SecretInput(password=is_masked, max_length=_LONGEST, id=f"sign-in-{field}")


class Remark(Static):
    """A note, a warning or an error. A mark and a colour distinguish warnings and errors from notes."""

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
