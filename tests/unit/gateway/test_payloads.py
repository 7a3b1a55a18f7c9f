"""Payloads of clients never raise."""

import pytest

from presence_tui.gateway.payloads import encodable, millis_field, text_field
from presence_tui.gateway.settings import GatewaySettings


@pytest.mark.parametrize("payload", [None, 7, "x", [], {}, {"a": 1}, {"a": ""}, {"a": "x" * 9}, {"a": ["x"]}])
def test_what_is_no_text_reads_as_none(payload: object) -> None:
    assert text_field(payload, "a", longest=8) is None


def test_a_lone_surrogate_becomes_a_question_mark() -> None:
    assert text_field({"a": "x\ud800"}, "a") == "x?"
    assert encodable("é🐳") == "é🐳"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (5, 5),
        (5.5, 5.5),
        (True, None),
        ("5", None),
        (float("inf"), None),
        (float("nan"), None),
        (10**30, None),
    ],
)
def test_times_are_numbers_that_could_be_times(sent: object, read: float | None) -> None:
    assert millis_field({"t": sent}, "t") == read


@pytest.mark.parametrize(
    "wrong", [{"profile": "meeshy-1999"}, {"participants": 0}, {"rate": -1}, {"port": 70_000}]
)
def test_settings_that_cannot_be_served_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        GatewaySettings(**wrong)  # type: ignore[arg-type]
