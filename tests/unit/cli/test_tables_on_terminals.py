"""Tables and long sentences on a terminal: words and figures stay whole."""

import io
import re
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

import presence_tui.cli
from presence_tui.cli.output import cell_text, print_sentence, print_table


class FakeTerminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> FakeTerminal:
    terminal = FakeTerminal()
    for name, value in (("TERM", "xterm"), ("COLUMNS", "60"), ("NO_COLOR", "1")):
        monkeypatch.setenv(name, value)
    return terminal


def table_of(out: io.StringIO, *rows: tuple[str, ...], headings: tuple[str, ...]) -> None:
    from rich.table import Table

    table = Table()
    for heading in headings:
        table.add_column(heading)
    with redirect_stdout(out):
        for row in rows:
            table.add_row(*map(cell_text, row))
        print_table(table)


def lines_in(text: str) -> list[str]:
    """Without styles."""
    return [re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", line) for line in text.splitlines()]


def cells_in(text: str) -> list[list[str]]:
    return [
        [cell.strip(" ") for cell in line.strip("│").split("│")] for line in lines_in(text) if "│" in line
    ]


@pytest.mark.parametrize("columns", range(60, 90, 3))
def test_no_cell_ends_a_line_between_a_number_and_its_unit(
    terminal: FakeTerminal, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    durations = "p50 1,16 ms · p99 4,43 ms · p99,9 4,43 ms · max 457 µs"
    shares = "≤ 5 ms 75\u00a0% · ≤ 25 ms 12\u00a0% · ≤ 100 ms 12\u00a0%, à ± 1,64 ms près".replace(
        " ms", "\u00a0ms"
    )
    table_of(terminal, ("Réception", durations, shares), headings=("mesure", "valeur", "remarque"))
    written = terminal.getvalue()
    assert not re.search("[\ue000-\uf8ff]", written)
    for row in cells_in(written):
        for cell in row:
            assert not re.search(r"(\d|±|≤)$", re.sub(r"p(50|99,9|99)$", "", cell)), row


def test_words_stay_whole_where_there_is_room(
    terminal: FakeTerminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    cause = "téléphone changeant d’appli ou de réseau (sûr à 53\u00a0%)"
    row = ("Maria Magdalena Oliveira", "4", "3,8", "3,6 s", "5,7 s", "2,7 s", cause)
    headings = (
        "nom", "retours", "score", "présence la plus courte", "présence médiane", "absence médiane",
        "cause probable",
    )  # fmt: skip
    table_of(terminal, row, row, headings=headings)
    written = terminal.getvalue()
    assert "…" not in written and "téléphone " in written and "changeant " in written
    assert max(map(len, lines_in(written))) <= 80


def test_where_there_is_none_a_table_is_not_wider_than_the_terminal(terminal: FakeTerminal) -> None:
    table_of(terminal, ("x" * 50, "y" * 50), headings=("a", "b"))
    assert max(map(len, lines_in(terminal.getvalue()))) <= 60


def test_a_pipe_gets_the_text_as_it_is() -> None:
    out = io.StringIO()
    table_of(out, ("12 s", "99\u00a0%"), headings=("a", "b"))
    with redirect_stderr(out):
        print_sentence("word " * 60 + "12 s")
    assert "12 s │ 99\u00a0%" in out.getvalue()
    assert out.getvalue().endswith("word 12 s\n")


def test_a_sentence_ends_its_lines_between_words(terminal: FakeTerminal) -> None:
    with redirect_stderr(terminal):
        print_sentence("présence médiane la plus courte " * 3 + "sûr à 81\u00a0% · relevé pendant 2 min.")
    lines = terminal.getvalue().splitlines()
    assert len(lines) > 1 and max(map(len, lines)) <= 60
    assert "81\u00a0%" in terminal.getvalue() and "2 min." in terminal.getvalue()
    assert " ".join(lines).startswith("présence médiane la plus courte présence médiane")


def test_every_sentence_of_a_command_ends_its_lines_between_words() -> None:
    folder = Path(presence_tui.cli.__file__).parent
    # Prompts and progress stay on their line.
    others = {"output.py", "prompts.py"}
    found = {
        file.name: line.strip()
        for file in folder.glob("*.py")
        for line in file.read_text("utf-8").splitlines()
        if file.name not in others
        and ("file=sys.stderr" in line or "err=True" in line)
        and "end=" not in line
    }
    assert found == {}, "print_sentence wraps at the width of the terminal"
