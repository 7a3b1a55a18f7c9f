"""Changes, and the panel of a flag."""

import pytest

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause, Panel, Source, State, panel_of


def change(flag_before: bool | None, flag: bool | None) -> Change:
    return Change(
        at_s=1.0,
        cause=Cause.MOVED,
        key="ada",
        name="Ada",
        before=State.UNKNOWN,
        after=State.ONLINE,
        flag_before=flag_before,
        flag=flag,
        last_active_s=None,
        source=Source.EVENT,
        epoch=1,
    )


@pytest.mark.parametrize(
    ("flag_before", "flag", "arrived", "left"),
    [
        (None, True, True, False),
        (False, True, True, False),
        (True, True, False, False),
        (True, False, False, True),
        (False, False, False, False),
        (None, False, False, False),
        (None, None, False, False),
        (True, None, False, True),
    ],
)
def test_arriving_and_leaving_follow_the_online_panel(
    flag_before: bool | None, flag: bool | None, arrived: bool, left: bool
) -> None:
    told = change(flag_before, flag)

    assert (told.arrived, told.left) == (arrived, left)


@pytest.mark.parametrize(
    ("flag", "panel"), [(True, Panel.ONLINE), (False, Panel.OFFLINE), (None, Panel.OFFLINE)]
)
def test_flag_alone_decides_the_panel(flag: bool | None, panel: Panel) -> None:
    assert panel_of(flag) is panel
