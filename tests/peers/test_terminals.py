"""Output of the real program, in terminals that count the cells of names differently."""

import asyncio
import re
import unicodedata
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest
from rich.cells import cell_len

from presence_tui.gateway.directory import Person
from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.tui.disputed_width import is_disputed
from presence_tui.wire.sanitize import safe_name
from tests.peers.terminals import OURS, Terminals
from tests.tui.disputed_names import DISPUTED_NAMES, Cells
from tests.tui.terminal import Terminal, on_terminal

PLAIN = ["Plain Ada", "Plain Bo", "Plain Chloé", "Plain 佐藤", "Plain 한국어", "Plain Юлия"]
NAMES = [*DISPUTED_NAMES, *PLAIN]
EDGES = "│╭╮╰╯"
AGE = re.compile(r"(\d+ (?:s|min|h|d)|—) ?[│▁-█]")
PATIENCE_S = 30
VIEWS = {"2": "Conversations ·", "3": " Contacts ·", "4": " Side by side ·", "1": "Online ("}
"""Keys, and text shown only by the view of each."""

pytestmark = pytest.mark.usefixtures("node")


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    """Names of members of the main conversation, and titles of the others, have disputed widths."""
    gateway = Gateway(GatewaySettings(rate=0, participants=len(NAMES)))
    for person, name in zip(others(gateway), NAMES, strict=False):
        person.display_name, person.hidden = name, False
    for conversation, title in zip(gateway.observer.conversations, DISPUTED_NAMES, strict=False):
        conversation.title = title
    await gateway.start()
    yield gateway
    await gateway.stop()


def others(gateway: Gateway) -> list[Person]:
    return [person for person in gateway.people().values() if person is not gateway.observer]


def as_text(row: list[str]) -> str:
    """One character per cell."""
    return "".join(cell[:1] or "\0" for cell in row)


def skeleton(cells: Cells) -> set[tuple[int, int, str]]:
    """Edges and ages with column and row, and the link state in the title."""
    rows = [as_text(list(row)) for row in cells]
    edges = {(x, y, c) for y, row in enumerate(rows) for x, c in enumerate(row) if c in EDGES}
    ages = {(found.start(), y, "age") for y, row in enumerate(rows) for found in AGE.finditer(row)}
    return {*edges, *ages, (rows[0].find("● LIVE"), 0, "link")}


CUT = re.compile(
    rb"(?:\x1b(?:\[[0-9;?<>=]*)?|[\xc2-\xf4]|[\xe0-\xf4][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{2})\Z"
)
"""Output that ends within a control sequence or a character of UTF-8: the rest has not been read yet."""


class Session:
    """The program on a terminal, and terminals that show its output."""

    def __init__(self, terminal: Terminal, terminals: Terminals) -> None:
        self._terminal = terminal
        self._terminals = terminals
        self._shown = 0

    @property
    def screens(self) -> dict[str, Cells]:
        return self._terminals.screens

    def shows(self, part: str) -> bool:
        return part in self.text

    @property
    def text(self) -> str:
        """The text in the terminal that counts like us."""
        return "\n".join("".join(row) for row in self.screens[OURS])

    def type(self, keys: str) -> None:
        self._terminal.type(keys)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until a condition holds for the screen, with a time limit."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not (await self._show() and holds()):
                    await self._terminal.news()
        except TimeoutError:
            pytest.fail("\n".join(map(self._said_of, self.screens)))

    async def agrees(self, *parts: str) -> None:
        """Wait until these parts are shown, with edges and ages in the same places in all terminals."""
        await self.until(lambda: all(part in self.text for part in parts) and self._agree())

    async def write(self, text: str) -> None:
        """Output of another program on the same terminal, between two characters of ours."""
        await self.until(
            lambda: not CUT.search(self._terminal.written[max(0, self._shown - 64) : self._shown])
        )
        await self._terminals.write(text.encode())

    def _agree(self) -> bool:
        ours, *rest = map(skeleton, self.screens.values())
        return len(ours) > len(NAMES) and all(other == ours for other in rest)

    def _said_of(self, name: str) -> str:
        """The terminal's text, and where it differs from ours."""
        cells = self.screens[name]
        wrong = skeleton(cells) ^ skeleton(self.screens[OURS])
        return "\n".join([name, *map("".join, cells), *map(str, sorted(wrong))])

    async def _show(self) -> bool:
        news, self._shown = self._terminal.written[self._shown :], len(self._terminal.written)
        if news or not self.screens:
            await self._terminals.write(bytes(news))
        return True


@pytest.mark.parametrize("size", [(130, 40), (80, 24)], ids="{0[0]}x{0[1]}".format)
async def test_rows_hold_in_every_view_dialog_and_toast(
    gateway: Gateway, tmp_path: Path, size: tuple[int, int]
) -> None:
    environment = {
        "PRESENCE_TUI_GATEWAY": gateway.url,
        "PRESENCE_TUI_TOKEN": gateway.token,
        "PRESENCE_TUI_CONVERSATION": gateway.conversation,
    }
    async with on_terminal(tmp_path, environment, size=size) as terminal, Terminals(*size) as terminals:
        session = Session(terminal, terminals)
        await session.agrees("LIVE", "participants read")
        for person in others(gateway):
            gateway.set_online(person.key, True)
        await session.agrees(f"Online ({len(NAMES) + 1})", " came")
        for person in others(gateway)[::2]:
            gateway.set_online(person.key, False)
        await session.agrees(f"Online ({len(NAMES) // 2 + 1})", "left")
        session.type("jjj")
        await session.agrees("event #")
        session.type("y")
        await session.agrees("Sent the row")
        session.type("\r")
        await session.agrees("Told by")
        session.type("\x1b")
        # Together with esc, the next key would be read as alt and that key.
        await session.until(lambda: "Told by" not in session.text)
        for key, heading in (
            ("2", "Conversations ·"),
            ("3", "Contacts"),
            ("4", "Side by side"),
            ("1", "Online ("),
        ):
            session.type(key)
            await session.until(partial(session.shows, heading))
            await session.agrees()
        for person in others(gateway):
            gateway.set_online(person.key, False)
        await session.agrees("Online (1)")
        for person in others(gateway):
            gateway.set_online(person.key, True)
        await session.agrees(f"Online ({len(NAMES) + 1})")
        # Rows of plain names now replace the others.
        session.type("/Plain\r")
        await session.agrees(f"{len(PLAIN)} of ")
        await session.until(lambda: are_equal_inside(session.screens))
        # Output left by another program.
        await session.write("\x1b[12;4Hjunk अनन्या junk\x1b[5;20rjunk\x0e\x1b[31;7mjunk\x1b[?7h")
        assert "junk" in session.text
        session.type("\x0c")
        await session.until(lambda: "junk" not in session.text)
        await session.agrees(f"{len(PLAIN)} of ")
        await session.until(lambda: are_equal_inside(session.screens))


def are_equal_inside(screens: dict[str, Cells]) -> bool:
    """True if rows of panels without disputed text are equal, cell by cell."""
    ours = screens[OURS]
    plain = [y for y, row in enumerate(ours) if "│" in row and not is_disputed("".join(row))]
    assert len(plain) > len(PLAIN)
    return all(cells[y] == ours[y] for cells in screens.values() for y in plain)


def test_names_of_the_test_are_shown_as_they_are() -> None:
    assert [safe_name(name) for name in PLAIN] == PLAIN


async def test_all_terminals_agree_on_what_is_taken_for_agreed() -> None:
    """Every character written without positioning; of the two largest blocks, a sample."""
    assigned = (chr(code) for code in range(0x20, 0x30000) if unicodedata.category(chr(code))[0] not in "C")
    agreed = [character for character in assigned if not is_disputed(character)]
    sample = [
        character for place, character in enumerate(agreed) if ord(character) < 0x3400 or place % 40 == 0
    ]
    assert len(sample) > 2_500
    async with Terminals(4, len(sample)) as terminals:
        rows = (f"\x1b[{row};1H{character}|" for row, character in enumerate(sample, 1))
        await terminals.write("".join(rows).encode())
        for name, cells in terminals.screens.items():
            wrong = [
                f"U+{ord(character):04X}"
                for character, row in zip(sample, cells, strict=True)
                if "".join(each or " " for each in row).rindex("|") != cell_len(character)
            ]
            assert wrong == [], name
