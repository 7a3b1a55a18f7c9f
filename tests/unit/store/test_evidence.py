"""What each piece of evidence changes of a record, and nothing else of it."""

from typing import Any

import pytest

from presence_tui.domain.enums import Outcome, Source
from presence_tui.domain.evidence import OverruledReason
from presence_tui.store import Stamp
from presence_tui.store.evidence import (
    DUPLICATE_WINDOW_S,
    apply_answer,
    apply_event,
    apply_typing,
    correct_times,
    event_batch,
    why_overruled,
)
from presence_tui.store.records import Record
from presence_tui.wire.messages import Status

TOLD_S = 1_800_000_000.0
FIELDS = [name for name in Record.__struct_fields__ if name not in ("key", "state", "listed", "counted")]


class Course:
    """Applies evidence to one record. All times differ, so that none passes for another."""

    def __init__(self) -> None:
        self.record = Record("ada")
        self.seq = 0
        self._before = self._fields()

    def event(
        self,
        flag: bool,
        at_s: float,
        *,
        skew_s: float | None = None,
        invalid_s: float | None = None,
        since_s: float | None = None,
        epoch: int = 1,
        **told: float,
    ) -> dict[str, Any]:
        self.seq += 1
        status, now = Status("ada", flag, **told), Stamp(at_s, at_s - 900)  # type: ignore[arg-type]
        batch = event_batch(now, skew_s or 0.0, epoch, since_s)
        outcome = apply_event(self.record, status, batch, self.seq, invalid_s)
        return self._changed(outcome)

    def answer(
        self,
        flag: bool,
        last_active_s: float | None,
        source: Source,
        at_s: float,
        *,
        epoch: int = 1,
        skew_s: float | None = None,
        invalid_s: float | None = None,
    ) -> dict[str, Any]:
        asked = Stamp(at_s, at_s - 900)
        why = apply_answer(self.record, flag, last_active_s, source, asked, epoch, skew_s, invalid_s)
        return self._changed(why)

    def typing(self, at_s: float, skew_s: float = 0.0, since_s: float | None = None) -> dict[str, Any]:
        apply_typing(self.record, Stamp(at_s, at_s - 900), skew_s, since_s)
        return self._changed(None)

    def correct(self, by_s: float, gateway_now_s: float) -> dict[str, Any]:
        correct_times(self.record, by_s, gateway_now_s)
        return self._changed(None)

    def _fields(self) -> dict[str, Any]:
        return {name: getattr(self.record, name) for name in FIELDS}

    def _changed(self, result: object) -> dict[str, Any]:
        before, self._before = self._before, self._fields()
        changed = {name: value for name, value in self._before.items() if value != before[name]}
        return changed if result in (None, Outcome.APPLIED) else {"result": result, **changed}


def received(at_s: float, **fields: Any) -> dict[str, Any]:
    return {"received_s": at_s, "received_monotonic_s": at_s - 900, **fields}


def test_each_event_changes_these_fields() -> None:
    ada = Course()
    assert ada.event(True, 1000) == received(
        1000,
        flag=True,
        flag_since_s=1000,
        activity_s=1000,
        source=Source.EVENT,
        epoch=1,
        seq=1,
        not_before_s=998,
    )
    assert ada.event(True, 1000.5) == {"result": Outcome.DUPLICATE, "copies": 2}
    assert ada.event(False, 1010, skew_s=5) == received(
        1010, flag=False, flag_since_s=1010, left_s=1015, seq=3, copies=1, not_before_s=1013
    )
    assert ada.event(True, 1020, skew_s=5, since_s=1016) == received(
        1020,
        flag=True,
        flag_since_s=None,
        flag_noticed_s=1020,
        activity_s=1021,
        left_s=None,
        seq=4,
        not_before_s=1023,
    )
    assert ada.event(False, 1030, skew_s=5, since_s=1025, emitted_s=1033, last_active_s=1029) == received(
        1030,
        flag=False,
        flag_noticed_s=1030,
        last_active_s=1029,
        activity_s=1029,
        seq=5,
        emitted_s=1033,
        not_before_s=1033,
    )
    assert ada.event(True, 1040, since_s=1035, emitted_s=1044) == received(
        1040, flag=True, flag_noticed_s=1040, activity_s=1044, seq=6, emitted_s=1044, not_before_s=1044
    )
    assert ada.event(True, 1050, invalid_s=9999) == received(
        1050, invalid_active_s=9999, activity_s=1050, seq=7, emitted_s=None, not_before_s=1048
    )
    assert ada.event(False, 1060) == received(
        1060, flag=False, flag_since_s=1060, flag_noticed_s=None, left_s=1060, seq=8, not_before_s=1058
    ), "an offline event without times leaves the invalid time as it is"
    assert ada.event(False, 1070, last_active_s=1065) == received(
        1070, last_active_s=1065, invalid_active_s=None, activity_s=1065, seq=9, not_before_s=1068
    )
    assert ada.event(True, 1080, emitted_s=1000) == {"result": Outcome.LATE}
    assert ada.event(True, 1090, since_s=1084) == received(
        1090,
        flag=True,
        flag_since_s=None,
        flag_noticed_s=1090,
        activity_s=1084,
        left_s=None,
        seq=11,
        not_before_s=1088,
    ), "without a measured skew the clocks are the same"


def test_each_answer_changes_these_fields() -> None:
    ada = Course()
    ada.event(False, 1070, last_active_s=1065)
    runtime, snapshot, cache = Source.RUNTIME, Source.SNAPSHOT, Source.CACHE
    assert ada.answer(True, None, runtime, 1090) == received(
        1090,
        flag=True,
        flag_since_s=None,
        flag_noticed_s=1090,
        left_s=None,
        source=runtime,
        seq=0,
        checked_s=1090,
        checked_flag=True,
    )
    assert ada.answer(True, None, runtime, 1080) == {"result": OverruledReason.REQUESTED_EARLIER}
    assert ada.answer(False, 1085, snapshot, 1100, epoch=2, skew_s=3) == received(
        1100,
        flag=False,
        flag_noticed_s=1100,
        last_active_s=1085,
        activity_s=1085,
        source=snapshot,
        epoch=2,
        not_before_s=1101,
        checked_s=1100,
        checked_flag=False,
    )
    assert ada.event(True, 1100.5, epoch=2, skew_s=3) == received(
        1100.5,
        flag=True,
        flag_since_s=1100.5,
        flag_noticed_s=None,
        activity_s=1103.5,
        source=Source.EVENT,
        seq=2,
        not_before_s=1101.5,
    )
    assert ada.answer(False, None, snapshot, 1101, epoch=2, skew_s=3) == {
        "result": OverruledReason.SNAPSHOT,
        "checked_s": 1101,
    }
    assert ada.answer(False, None, cache, 1102, epoch=2, skew_s=3) == {"result": OverruledReason.CACHE}
    assert ada.answer(True, None, runtime, 1103, epoch=2, skew_s=3, invalid_s=7777) == {
        "invalid_active_s": 7777,
        "received_monotonic_s": 203,
        "not_before_s": 1104,
        "checked_s": 1103,
        "checked_flag": True,
    }
    assert ada.answer(True, None, runtime, 1103.5, epoch=2) == {
        "received_monotonic_s": 203.5,
        "checked_s": 1103.5,
    }, "an answer without a time leaves the invalid time as it is"
    assert ada.answer(True, 1102, runtime, 1104, epoch=3) == {
        "last_active_s": 1102,
        "invalid_active_s": None,
        "received_monotonic_s": 204,
        "checked_s": 1104,
    }


def test_the_cache_changes_these_fields_until_something_is_heard() -> None:
    ada = Course()
    assert ada.answer(True, None, Source.CACHE, 1000, epoch=0) == received(
        1000, flag=True, activity_s=1000, source=Source.CACHE
    )
    assert ada.answer(True, None, Source.RUNTIME, 1010, epoch=1, skew_s=2) == received(
        1010,
        activity_s=None,
        source=Source.RUNTIME,
        epoch=1,
        not_before_s=1010,
        checked_s=1010,
        checked_flag=True,
    )


def test_typing_and_a_corrected_clock_change_these_fields() -> None:
    ada = Course()
    ada.event(True, 1000, invalid_s=9999)
    assert ada.typing(1110, skew_s=2) == {"invalid_active_s": None, "activity_s": 1112, "typing_s": 1110}
    assert ada.event(False, 1120, skew_s=2) == received(
        1120, flag=False, flag_since_s=1120, left_s=1122, seq=2, not_before_s=1120, typing_s=None
    )
    assert ada.typing(1130, since_s=1125) == {"activity_s": 1125}
    assert ada.correct(4, 1100) == {"activity_s": 1129, "left_s": 1126, "not_before_s": 1100}
    assert ada.event(True, 1140, invalid_s=1200) == received(
        1140,
        flag=True,
        flag_since_s=1140,
        left_s=None,
        invalid_active_s=1200,
        activity_s=1140,
        seq=3,
        not_before_s=1138,
    )


@pytest.mark.parametrize(
    ("after_s", "copies_before"), [(0.0, 3), (0.5, 3), (DUPLICATE_WINDOW_S, 3), (1.25, 0), (-0.25, 0)]
)
def test_copies_are_expected_of_an_event_soon_after_another(after_s: float, copies_before: int) -> None:
    ada = Course()
    for _ in range(3):
        ada.event(True, 1000)
    assert (ada.record.copies, ada.record.copies_before) == (3, 0)
    ada.event(False, 1000 + after_s)
    assert (ada.record.copies, ada.record.copies_before) == (1, copies_before)


@pytest.mark.parametrize(
    ("source", "flag", "last_active_s", "changed"),
    [
        (Source.EVENT, True, None, {"last_active_s": TOLD_S, "activity_s": TOLD_S}),
        (Source.EVENT, True, TOLD_S - 50, {"last_active_s": TOLD_S, "activity_s": TOLD_S}),
        (Source.EVENT, True, TOLD_S + 50, {"activity_s": TOLD_S + 50}),
        (Source.EVENT, False, TOLD_S - 50, {"last_active_s": TOLD_S}),
        (Source.RUNTIME, True, TOLD_S - 50, {"last_active_s": TOLD_S}),
    ],
)
def test_a_time_that_the_corrected_clock_makes_possible_is_accepted(
    source: Source, flag: bool, last_active_s: float | None, changed: dict[str, float]
) -> None:
    ada = Course()
    ada.record = Record(
        "ada",
        flag=flag,
        source=source,
        invalid_active_s=TOLD_S,
        last_active_s=last_active_s,
        activity_s=TOLD_S + 100,
    )
    ada._before = ada._fields()
    activity_s = TOLD_S + 105
    assert ada.correct(5, TOLD_S - 600) == {"activity_s": activity_s}, "still of the future"
    assert ada.correct(0, TOLD_S) == {"invalid_active_s": None, **changed}


@pytest.mark.parametrize(
    ("outcome", "source", "newest_s", "emitted_s", "skew_s", "why"),
    [
        (Outcome.DUPLICATE, Source.EVENT, None, None, None, OverruledReason.OVERTAKEN_COPY),
        (Outcome.LATE, Source.RUNTIME, None, 990, None, OverruledReason.OLDER_THAN_ANSWER),
        (Outcome.LATE, Source.EVENT, 995, 994, None, OverruledReason.LATE),
        (Outcome.LATE, Source.EVENT, 995, 995, None, OverruledReason.OLDER_THAN_ANSWER),
        (Outcome.LATE, Source.EVENT, None, 997, None, OverruledReason.LATE),
        (Outcome.LATE, Source.EVENT, None, 998, None, OverruledReason.OLDER_THAN_ANSWER),
        (Outcome.LATE, Source.EVENT, None, 1002, 5, OverruledReason.LATE),
        (Outcome.LATE, Source.EVENT, None, 1003, 5, OverruledReason.OLDER_THAN_ANSWER),
        (Outcome.LATE, Source.EVENT, None, 992, -5, OverruledReason.LATE),
        (Outcome.LATE, Source.EVENT, None, 993, -5, OverruledReason.OLDER_THAN_ANSWER),
    ],
)
def test_why_an_event_was_overruled(
    outcome: Outcome,
    source: Source,
    newest_s: float | None,
    emitted_s: float | None,
    skew_s: float | None,
    why: OverruledReason,
) -> None:
    record = Record("ada", source=source, received_s=1000.0, emitted_s=newest_s)
    status = Status("ada", True, emitted_s=emitted_s)
    assert why_overruled(record, status, outcome, skew_s) is why
