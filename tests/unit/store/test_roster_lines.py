"""A participant as a line for tables, JSON and CSV."""

from presence_tui.store.roster_lines import RosterLine, roster_line
from tests.unit.store.store_harness import StoreHarness, member


def test_a_line_says_what_is_known_and_nothing_where_nobody_has_told(harness: StoreHarness) -> None:
    harness.roster(member("ada", "Ada", handle="ada.o", guest=True), "bo")
    harness.event("ada", True, last_active_s=1_787_389_942.0)

    assert roster_line(harness.record("ada"), "admin") == RosterLine(
        user_id="ada",
        name="Ada",
        handle="ada.o",
        role="admin",
        guest=True,
        flag=True,
        state=harness.record("ada").state,
        last_active_at="2026-08-22T09:12:22.000Z",
        source="event",
    )
    told = roster_line(harness.record("bo"), "")
    assert (told.flag, told.state, told.last_active_at, told.source) == (None, "unknown", None, None)
