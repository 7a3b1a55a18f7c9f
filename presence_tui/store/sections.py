"""Sections of an index: one per flag, and one per panel for pinned participants."""

from collections.abc import Mapping

from presence_tui.domain.enums import Panel, panel_of

Section = bool | Panel | None
"""A flag; or a panel, for its pinned participants."""

SECTIONS_OF: Mapping[Panel, tuple[Section, ...]] = {
    Panel.ONLINE: (Panel.ONLINE, True),
    Panel.OFFLINE: (Panel.OFFLINE, False, None),
}
"""The sections of a panel from top to bottom."""
FLAGS: tuple[bool | None, ...] = (True, False, None)


def section_of(flag: bool | None, pinned: bool) -> Section:
    """The section of a participant."""
    return panel_of(flag) if pinned else flag
