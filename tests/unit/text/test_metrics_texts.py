"""Histograms of durations as text."""

import pytest

from presence_tui.metrics.durations import DurationRecorder
from presence_tui.text.metrics_texts import histogram_text


@pytest.mark.parametrize(
    ("durations_s", "text"),
    [
        ([], ""),
        ([0.001], "▇▁▁▁  ≤ 5 ms 100%"),
        ([0.005] * 2 + [0.02] * 4 + [9.0] * 2, "▄▇▁▄  ≤ 5 ms 25% · ≤ 25 ms 50% · > 100 ms 25%"),
        ([0.05] * 999 + [0.2], "▁▁▇▂  ≤ 100 ms 100% · > 100 ms < 1%"),
    ],
)
def test_a_histogram_is_a_bar_for_each_bucket_and_the_share_of_those_with_durations(
    durations_s: list[float], text: str
) -> None:
    recorder = DurationRecorder((0.005, 0.025, 0.1))
    for each in durations_s:
        recorder.add(each)
    assert histogram_text(recorder.summary()).replace("\N{NO-BREAK SPACE}", " ") == text
