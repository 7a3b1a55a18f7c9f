"""At least nine of ten likely causes are right, on a small part of what tests/bench/flaps.py measures."""

from collections import Counter

from presence_tui.flaps.report import FlapCause
from tests.unit.flaps.labelled import LabelledHour, hours

SEEDS = range(500, 504)
"""Not those that the models were made with, nor those of the bench."""


def test_nine_of_ten_causes_are_right() -> None:
    found: Counter[tuple[FlapCause, FlapCause]] = Counter()
    for hour, report in hours(SEEDS):
        labels = hour.labels
        found.update((labels[each.key], each.cause) for each in report.people if each.key in labels)
    assert {label for label, _ in found} == set(FlapCause)
    right = sum(count for (label, cause), count in found.items() if label is cause)
    assert right >= 0.9 * found.total()
    for cause in FlapCause:
        of_cause = sum(count for (label, _), count in found.items() if label is cause)
        assert found[cause, cause] >= 0.8 * of_cause, cause


def test_an_hour_is_the_same_for_the_same_seed() -> None:
    first, again, other = (LabelledHour(seed, "meeshy-2026").run() for seed in (500, 500, 501))
    assert first == again != other


def test_what_is_counted_is_what_the_store_counts() -> None:
    hour = LabelledHour(500, "meeshy-2025")
    report = hour.run()
    records = hour.store.participants
    assert {each.key: each.returns for each in report.people} == {
        key: record.flaps for key, record in records.items() if record.flaps
    }
