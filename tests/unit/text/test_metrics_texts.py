"""Figures as text."""

import pytest

from presence_tui.metrics.durations import DurationRecorder
from presence_tui.text.language import Language
from presence_tui.text.link_texts import clock_text
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
    assert histogram_text(recorder.summary(), Language("en")).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize(
    ("skew_s", "error_s", "sources", "text"),
    [
        (None, None, [], "not measured"),
        (-3.0, None, [], "-3.0 s"),
        (0.0, 0.0123, ["health"], "+0.0 s ± 12.3 ms, by the health answer"),
        (600.0, 45.0, ["heartbeat"], "+600.0 s ± 45 s, by heartbeat acknowledgements"),
        (600.0, None, ["emission"], "+600.0 s or more, by emission times"),
        (1.0, 0.5, ["date", "emission"], "+1.0 s ± 500 ms, by the header Date, emission times"),
    ],
)
def test_a_clock_skew_names_its_error_and_what_bounds_it(
    skew_s: float | None, error_s: float | None, sources: list[str], text: str
) -> None:
    assert clock_text(skew_s, error_s, sources, Language("en")) == text
