"""Sections of an index: one for each way to be listed, and one per panel for pinned participants."""

from collections.abc import Mapping

from presence_tui.domain.enums import Panel, panel_of

Section = bool | Panel | None
"""Where somebody is listed (``Record.listed``); or a panel, for who is pinned there."""

SECTIONS_OF: Mapping[Panel, tuple[Section, ...]] = {
    Panel.ONLINE: (Panel.ONLINE, True),
    Panel.OFFLINE: (Panel.OFFLINE, False, None),
}
"""The shelves of a panel from top to bottom."""
LISTED: tuple[bool | None, ...] = (True, False, None)


def section_of(listed: bool | None, pinned: bool) -> Section:
    """The shelf of somebody who is listed there."""
    return panel_of(listed) if pinned else listed
