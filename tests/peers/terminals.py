"""Terminals that count cells differently: three of xterm.js, and one of pyte that counts like us."""

import base64
import codecs
from typing import Any, Self

import pyte
import pytest
from rich.cells import get_character_cell_size

from tests.peers.mailbox import Mailbox
from tests.peers.process import NodeProcess
from tests.tui.disputed_names import Cells

OURS = "as ours"


class Terminals:
    """Terminals that live as long as the ``async with``, and get the same bytes."""

    def __init__(self, columns: int, rows: int) -> None:
        self.screens: dict[str, Cells] = {}
        """The screen of each, by name."""
        self._said: Mailbox[dict[str, Any]] = Mailbox()
        self._node = NodeProcess("terminals.mjs", [str(columns), str(rows)], self._said.put, self._said.fail)
        self._ours = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._ours)
        self._decode = codecs.getincrementaldecoder("utf-8")().decode

    async def __aenter__(self) -> Self:
        await self._node.start()
        await self._said.take(lambda line: "terminals" in line)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._node.stop()

    async def write(self, written: bytes) -> None:
        """Returns when all of them show it."""
        await self._node.write({"write": base64.b64encode(written).decode()})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pyte.screens.wcwidth", get_character_cell_size)
            self._stream.feed(self._decode(written))
        said = await self._said.take(lambda line: "screens" in line)
        rows, columns = range(self._ours.lines), range(self._ours.columns)
        ours = [[self._ours.buffer[y][x].data for x in columns] for y in rows]
        self.screens = {OURS: ours, **said["screens"]}
