"""``metrics``: figures that add up, as a table, as JSON and for Prometheus."""

import asyncio
import re
from collections.abc import Iterator

import httpx
import msgspec
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.metrics_command import MetricsLine
from presence_tui.cli.metrics_exporter import event_group_of, reason_of
from presence_tui.gateway.server import Gateway
from presence_tui.wire.decode import KNOWN
from tests.integration.cli.command_line import CommandLine
from tests.unit.monitor.wait_until import PATIENCE_S

FEWEST_SERIES = 40
ACCEPTED = {"Accept": "application/openmetrics-text; version=1.0.0"}


async def test_one_line_of_json_adds_up(shell: CommandLine, gateway: Gateway) -> None:
    ended = await shell.run("metrics", "--duration", "8", "--format", "json")
    assert (ended.code, ended.err) == (ExitCode.OK, "")
    (line,) = ended.lines
    assert list(line) == list(MetricsLine.__struct_fields__)
    told = msgspec.convert(line, MetricsLine)
    events = told.events
    assert events.received > 0
    assert sum(events.verdicts.values()) == events.received
    assert sum(name.count for name in events.names.values()) == events.received
    assert told.participants.online > 0
    assert told.participants.offline > 0
    assert told.requests.sent == told.durations.rest_round_trip.count > 0
    assert (told.link.state, told.link.reconnects, told.link.gaps) == ("live", 0, 0)
    assert told.link.availability == 1.0
    assert told.clock.skew_s == 0
    assert told.clock.error_s is not None and told.clock.error_s < 1
    assert told.clock.bounded_by[0] == "health"
    assert told.link.silence_limit_s is not None
    for person in gateway.people().values():
        assert person.key not in ended.out


async def test_a_table_in_the_language_of_its_reader(shell: CommandLine, gateway: Gateway) -> None:
    ended = await shell.run("metrics", "--duration", "8", "--lang", "fr")
    assert ended.code == ExitCode.OK, ended.err
    assert "Aller-retour REST" in ended.out


async def test_ctrl_c_ends_a_recording_with_its_figures(shell: CommandLine, gateway: Gateway) -> None:
    async with shell.running("metrics", "--format", "json") as command:
        async with asyncio.timeout(PATIENCE_S):
            while not gateway.connections.count:  # noqa: ASYNC110  (nothing tells of it)
                await asyncio.sleep(0.02)
        command.interrupt()
        assert (await command.line())["kind"] == "metrics"


async def test_a_link_that_never_lives_is_an_error(shell: CommandLine) -> None:
    shell.use("http://127.0.0.1:9", "token")
    ended = await shell.run("metrics", "--duration", "1")
    assert (ended.code, ended.out) == (ExitCode.FAILED, "")


async def test_an_unknown_format_is_an_error(shell: CommandLine) -> None:
    assert "csv" in (await shell.run("metrics", "--format", "csv")).sentence(ExitCode.USAGE)


@pytest.mark.parametrize("address", ["nowhere", "127.0.0.1:", "127.0.0.1:70000", "a b:1"])
async def test_an_address_that_is_none_is_an_error(shell: CommandLine, address: str) -> None:
    assert "127.0.0.1:9464" in (await shell.run("metrics", "--listen", address)).sentence(ExitCode.USAGE)


def samples(text: str) -> Iterator[Sample]:
    for family in text_string_to_metric_families(text):
        yield from family.samples


async def scraped(client: httpx.AsyncClient, url: str) -> dict[str, list[Sample]]:
    """Series by name, once the exporter is up."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            answer = await client.get(url, headers=ACCEPTED)
            assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
            found: dict[str, list[Sample]] = {}
            for sample in samples(answer.text):
                found.setdefault(sample.name, []).append(sample)
            if found["presence_up"][0].value:
                return found
            await asyncio.sleep(0.05)


async def test_figures_are_served_to_prometheus(shell: CommandLine, gateway: Gateway) -> None:
    async with shell.running("metrics", "--listen", "127.0.0.1:0") as command:
        told = await command.until_told("http://")
        url = next(word for word in told.split() if word.startswith("http://"))
        async with httpx.AsyncClient(trust_env=False) as client:
            found = await scraped(client, url)
            page = await client.get(url.removesuffix("/metrics"))
        assert "text/html" in page.headers["Content-Type"]
        assert 'href="metrics"' in page.text
        port = url.removesuffix("/metrics").rpartition(":")[2]
        taken = await shell.run("metrics", "--listen", f"127.0.0.1:{port}")
        assert port in taken.sentence(ExitCode.FAILED)
        command.interrupt()
    assert len(found) > FEWEST_SERIES
    assert all(name.startswith("presence_") for name in found)
    assert all(len(series) < 10 for series in found.values())
    states = {sample.labels["state"]: sample.value for sample in found["presence_link_state"]}
    assert (states["live"], sum(states.values()), len(states)) == (1, 1, 7)
    received = sum(sample.value for sample in found["presence_events_total"])
    assert received == sum(sample.value for sample in found["presence_verdicts_total"]) > 0
    assert {sample.value for sample in found["presence_link_ends_total"]} == {0}
    answers = {sample.labels["answer"]: sample.value for sample in found["presence_recoveries_total"]}
    assert answers == {"recovered": 0, "refused": 0}
    assert [sample.value for sample in found["presence_replayed_events_total"]] == [0]
    assert [sample.value for sample in found["presence_unanswered_pings_total"]] == [0]
    assert found["presence_ping_round_trip_seconds_count"]
    assert found["presence_ping_lateness_seconds_count"]
    bounds = {sample.labels["source"]: sample.value for sample in found["presence_clock_skew_bound"]}
    assert set(bounds) == {"health", "date", "heartbeat", "emission"}
    assert bounds["health"] == 1
    words = set(re.findall(r"[\w-]+", repr(found)))
    for person in gateway.people().values():
        assert words.isdisjoint((person.key, person.handle))


def test_labels_are_few_and_every_name_has_one() -> None:
    assert event_group_of("user:status") == "status"
    assert event_group_of("presence:snapshot") == "snapshot"
    assert event_group_of("unreadable") == "other"
    assert len({event_group_of(name) for name in KNOWN}) < 10
    assert [reason_of(kind) for kind in ("close 1006", "ping time-out", "surprise")] == [
        "close",
        "silence",
        "other",
    ]
