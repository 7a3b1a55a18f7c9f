"""Routing of alerts to channels, and quiet hours."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.alerts.delivery import MAX_MATCHES, Notice, build_notice
from presence_tui.alerts.router import AlertRouter, BadHours, QuietHours, rings_for
from presence_tui.alerts.rules import Alert, Channel, RuleMatch
from tests.unit.alerts.alert_harness import rule
from tests.unit.domain.hypothesis_profile import repeatable

NOON_S = datetime(2026, 11, 23, 12).timestamp()
MIDNIGHT_S = datetime(2026, 11, 23).timestamp()


def say(alert: Alert) -> str:
    return ", ".join(f"{ring.name or ring.rule.name} {ring.kind}" for ring in alert.matches)


def ring(key: str, *channels: Channel, kind: str = "comes", **fields: Any) -> RuleMatch:
    return RuleMatch(
        rule(kind, channels=frozenset(channels), name=fields.pop("name", "")), NOON_S, key, key.title()
    )


class RecordingChannels:
    """All channels, recording their notices."""

    def __init__(self) -> None:
        self.told: dict[Channel, list[Notice]] = {way: [] for way in Channel}
        channels = {way: notices.append for way, notices in self.told.items()}
        self.deliveries = AlertRouter(channels, say, "gate.example")

    def tell(self, *matches: RuleMatch, is_quiet: bool = False) -> dict[str, list[str]]:
        self.deliveries.route(Alert(NOON_S, matches), is_quiet)
        return {str(way): [each.text for each in told] for way, told in self.told.items() if told}


def test_each_way_is_told_of_what_is_meant_for_it() -> None:
    told = RecordingChannels().tell(
        ring("ada", Channel.TOAST, Channel.BELL),
        ring("bo", Channel.WEBHOOK),
        ring("cy", Channel.TOAST, Channel.COMMAND),
    )
    assert told == {
        "toast": ["Ada comes, Cy comes"],
        "bell": ["Ada comes"],
        "webhook": ["Bo comes"],
        "command": ["Cy comes"],
    }


def test_quiet_hours_leave_toasts_only() -> None:
    assert RecordingChannels().tell(ring("ada", *Channel), is_quiet=True) == {"toast": ["Ada comes"]}
    assert len(RecordingChannels().tell(ring("ada", *Channel))) == len(Channel)


def test_no_noise_about_what_somebody_sees_happen() -> None:
    def is_ada(each: RuleMatch) -> bool:
        return each.key == "ada"

    alert = Alert(NOON_S, (ring("ada", *Channel), ring("bo", *Channel)))
    keys = {
        way: [each.key for each in rings_for(alert, way, is_quiet=False, is_seen=is_ada)] for way in Channel
    }
    assert keys.pop(Channel.BELL) == keys.pop(Channel.TERMINAL) == ["bo"]
    assert all(rest == ["ada", "bo"] for rest in keys.values()) and len(keys) == 3


def test_a_way_that_is_not_there_is_left_out() -> None:
    told: list[Notice] = []
    AlertRouter({Channel.TOAST: told.append}, say, "").route(Alert(NOON_S, (ring("ada", *Channel),)), False)
    assert [notice.text for notice in told] == ["Ada comes"]


def test_the_object_tells_everything_of_each_ring() -> None:
    desk = rule("empty", role="moderator", conversation="harbour", after_s=120.0, name="desk")
    matches = (RuleMatch(desk, 1_787_390_000.5, held_s=120.0004, at_least=True), ring("ada", Channel.TOAST))
    notice = build_notice(Alert(1_787_390_001.0, matches), say, "gate.example")
    body = json.loads(notice.body)
    assert body["id"] == notice.id
    assert (body["version"], body["gateway"], body["count"], body["test"]) == (1, "gate.example", 2, False)
    assert (body["at"], body["text"]) == ("2026-08-22T09:13:21.000Z", "desk empty, Ada comes")
    assert body["rings"][0] == {
        "at": "2026-08-22T09:13:20.500Z",
        "kind": "empty",
        "rule": "desk",
        "user_id": None,
        "name": None,
        "conversation": "harbour",
        "role": "moderator",
        "held_s": 120.0,
        "at_least": True,
    }
    assert (body["rings"][1]["user_id"], body["rings"][1]["held_s"]) == ("ada", None)
    assert (notice.kinds, notice.rules) == (("empty", "comes"), ("desk",))


def test_a_crowd_is_counted_and_not_all_listed() -> None:
    crowd = tuple(ring(f"u{number}", Channel.TOAST) for number in range(MAX_MATCHES + 50))
    body = json.loads(build_notice(Alert(NOON_S, crowd), lambda alert: "many", "").body)
    assert (body["count"], len(body["rings"])) == (MAX_MATCHES + 50, MAX_MATCHES)


@pytest.mark.parametrize("said", ["a\x1b]0;b\x07", "a\nb", "\x9d9;x\x9c", "e\u202evil"])
def test_no_control_character_is_in_a_text(said: str) -> None:
    notice = build_notice(Alert(NOON_S, (ring("ada"),)), lambda alert: said, "")
    assert notice.text.isprintable()


def test_each_notice_has_an_id_of_its_own() -> None:
    alert = Alert(NOON_S, (ring("ada"),))
    notices = [build_notice(alert, lambda alert: "Ada", "") for _ in range(2)]
    assert len({UUID(notice.id) for notice in notices}) == 2
    assert [json.loads(notice.body)["id"] for notice in notices] == [notice.id for notice in notices]


NO_HOURS = "[notifications]: quiet must be two times of day such as 22:00-07:00."
NO_LENGTH = "[notifications]: quiet begins when it ends; leave it out for no quiet hours."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        *((text, NO_HOURS) for text in ("", "22:00", "22-7", "24:00-07:00", "22:60-07:00", "a-b")),
        ("07:00-07:00", NO_LENGTH),
    ],
)
def test_hours_that_are_none_are_refused(text: str, sentence: str) -> None:
    with pytest.raises(BadHours) as refused:
        QuietHours.parse(text)
    assert str(refused.value) == sentence


def at_s(clock: str) -> float:
    return datetime.fromisoformat(f"2026-11-23T{clock}").timestamp()


def test_hours_may_go_over_midnight() -> None:
    night, noon = QuietHours.parse("22:00-07:00"), QuietHours.parse(" 12:00 - 13:30 ")
    quiet = ["22:00:00", "23:59:59", "00:00:00", "06:59:59"]
    loud = ["07:00:00", "12:00:00", "21:59:59"]
    assert [night.cover(at_s(clock)) for clock in (*quiet, *loud)] == [True] * 4 + [False] * 3
    assert [noon.cover(at_s(c)) for c in ("11:59:59", "12:00:00", "13:29:59", "13:30:00")] == [
        False,
        True,
        True,
        False,
    ]


@repeatable
@given(st.times(), st.times(), st.datetimes(datetime(2026, 1, 10), datetime(2026, 1, 20)))
def test_a_moment_is_in_the_hours_or_in_those_that_are_left(begin: Any, end: Any, moment: datetime) -> None:
    begin, end = begin.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)
    if begin == end:
        return
    hours, rest = QuietHours(begin, end), QuietHours(end, begin)
    assert hours.cover(moment.timestamp()) is not rest.cover(moment.timestamp())
    assert hours.cover(moment.timestamp()) is hours.cover((moment + timedelta(days=1)).timestamp())
