"""Export from the screen: to the clipboard, to a file, or as a picture."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from textual.screen import Screen

from presence_tui.domain.enums import Panel
from presence_tui.service.service import PresenceService
from presence_tui.store import RosterIndex
from presence_tui.store.export import RosterLine, roster_line
from presence_tui.text.wording import Wording
from presence_tui.tui.textual_internals import write_to_terminal
from presence_tui.wire.timestamps import wire_from_seconds

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.tui.exports.listing import Format
    from presence_tui.tui.screens.export_dialog import ExportDialog

ROWS_A_TURN: Final = 500
_NAMES_TRIED: Final = 100


class ExportActions:
    """Exports of one screen. ``notify`` is called with a sentence about the result.

    ``export_key`` writes a file; it is suggested after a copy, whose success is unknown.
    """

    def __init__(
        self,
        screen: Screen[None],
        service: PresenceService,
        wording: Wording,
        notify: Callable[[str], object],
        export_key: str,
    ) -> None:
        self._export_key = export_key
        self._screen = screen
        self._service = service
        self._wording = wording
        self._language = wording.language
        self._say = wording.language.say
        self._notify = notify

    def copy(self, what: str, lines: list[str], total: int) -> None:
        """Send lines to the terminal's clipboard. ``what`` names them; ``total`` is the full number.

        Terminals do not answer, so the message only says that they were sent.
        """
        from presence_tui.tui.exports.clipboard import MOST_BYTES, way_to_clipboard, within_bounds

        way, file = way_to_clipboard(), self._say("{key} writes a file.", key=self._export_key)
        if way is None:
            missing = self._say("This terminal has no clipboard that could be written.")
            self._notify(f"{missing} {file}")
            return
        text, copied = within_bounds(lines)
        if not write_to_terminal(self._screen.app, way.sequence(text)):
            self._screen.app.copy_to_clipboard(text)
        through = "OSC 52"
        if way.through:
            through = self._say("OSC 52 through {program}", program=way.through)
        if way.needs:
            through += self._say(", which needs {setting}", setting=way.needs)
        if copied < total:
            sent = self._say(
                "Sent {n} of {total} rows, {what}, to the terminal's clipboard ({through}): "
                "terminals take {most} bytes.",
                n=copied,
                total=total,
                what=what,
                through=through,
                most=MOST_BYTES,
            )
        else:
            sent = self._say(
                "Sent {what} to the terminal's clipboard ({through}).", what=what, through=through
            )
        self._notify(f"{sent} {file}")

    def export_dialog(self, order: RosterIndex, heading: str) -> "ExportDialog":
        """A dialog that writes a view's participants under this heading, and returns the result as a
        sentence.
        """
        from presence_tui.tui.exports.new_file import file_name
        from presence_tui.tui.screens.export_dialog import ExportDialog

        shown = sum(order.count(panel) for panel in Panel)
        whom = self._language.count("{n} participant", "{n} participants", shown)
        return ExportDialog(
            _working_folder(),
            file_name(heading, self._now_s),
            " · ".join(filter(None, (whom, self._filters(order)))),
            partial(self._export, order, heading),
            self._language,
        )

    async def _export(
        self, order: RosterIndex, heading: str, path: Path, as_format: "Format", replace: bool
    ) -> str:
        """Write the shown participants to a file, collected in steps, written in a thread.

        Raises ``OSError``, and ``FileExistsError`` unless ``replace`` is set.
        """
        from presence_tui.tui.exports.listing import Listing, written
        from presence_tui.tui.exports.new_file import shown_path, write_new

        as_of = wire_from_seconds(self._as_of_s())
        total = order.counts.total
        lines = await _lines(order)
        remark = self._say("As of {at}: {shown} of {total} shown", at=as_of, shown=len(lines), total=total)
        asked = self._filters(order)
        listing = Listing(heading, as_of, f"{remark} ({asked})" if asked else remark, lines)

        def write() -> None:
            write_new(path, written(listing, as_format), replace=replace)

        await asyncio.to_thread(write)
        return self._language.count(
            "Wrote {n} participant to {path}, which you alone can read.",
            "Wrote {n} participants to {path}, which you alone can read.",
            len(lines),
            path=shown_path(path),
        )

    def _filters(self, order: RosterIndex) -> str:
        """The filters of a view in words; empty without filters."""
        query = f"“{order.query}”" if order.query else ""
        return " · ".join(filter(None, (query, self._wording.facets(order.facets))))

    async def picture(self) -> None:
        """Save the screen as SVG, under a new name."""
        from presence_tui.tui.exports.new_file import shown_path, why_not
        from presence_tui.tui.exports.svg_picture import self_contained

        conversation = self._service.state.conversation
        subject = conversation.title if conversation else ""
        svg = self_contained(self._screen.app.export_screenshot(title="presence-tui"))
        path = _working_folder()
        try:
            path = await asyncio.to_thread(self._write_beside, path, subject, svg.encode())
        except OSError as problem:
            self._notify(self._language.phrase(why_not(path / "x", problem)))
            return
        text = self._say("Saved a picture as {path}, which you alone can read.", path=shown_path(path))
        self._notify(text)

    def _write_beside(self, folder: Path, subject: str, content: bytes) -> Path:
        from presence_tui.tui.exports.new_file import file_name, write_new

        name = file_name(subject, self._now_s)
        for number in range(1, _NAMES_TRIED + 1):
            path = folder / (f"{name}.svg" if number == 1 else f"{name}-{number}.svg")
            try:
                write_new(path, content)
            except FileExistsError:
                if number == _NAMES_TRIED:
                    raise
            else:
                break
        return path

    def _as_of_s(self) -> float:
        """Unix time of the last confirmed state."""
        confirmed_until_s = self._service.state.confirmed_until_s
        return self._now_s if confirmed_until_s is None else confirmed_until_s

    @property
    def _now_s(self) -> float:
        return self._service.store.clock.stamp().wall_s


async def _lines(order: RosterIndex) -> list[RosterLine]:
    """Lines of all shown participants, in order, each as of its step."""
    lines: list[RosterLine] = []
    for panel in Panel:
        for record in order.iterate(panel):
            lines.append(roster_line(record, order.role_of(record.key)))
            if len(lines) % ROWS_A_TURN == 0:
                await asyncio.sleep(0)
    return lines


def _working_folder() -> Path:
    """The current folder; the home folder if it no longer exists."""
    try:
        return Path.cwd()
    except OSError:
        return Path.home()
