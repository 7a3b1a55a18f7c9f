"""Rules and dashboard for Prometheus, checked by its own tool, and a scrape by a real one."""

import asyncio
import json
import re
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.metrics_exporter import families_of
from presence_tui.gateway.server import Gateway
from tests.integration.cli.command_line import CommandLine
from tests.unit.monitor.wait_until import PATIENCE_S
from tests.unit.service.test_metrics import MetricsHarness

pytestmark = pytest.mark.slow

NEEDS_PROMETHEUS = pytest.mark.skipif(
    not (shutil.which("promtool") and shutil.which("prometheus")),
    reason="Prometheus and promtool are not installed (apt-get install prometheus)",
)
NAME = re.compile(r"presence_[a-z_]+")
PLACEHOLDERS = {"$__rate_interval": "1m", "$instance": ".*"}

RULE_TEST = """
rule_files: [alerts.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - series: 'presence_participants{instance="current",state="online"}'
        values: '0x20'
      - series: 'presence_up{instance="current"}'
        values: '1x20'
      - series: 'presence_participants{instance="old",state="online"}'
        values: '0x20'
      - series: 'presence_up{instance="old"}'
        values: '0x20'
      - series: 'presence_link_gaps_total{instance="old"}'
        values: '0+1x20'
      - series: 'presence_link_gap_seconds_total{instance="old"}'
        values: '0+30x70'
    alert_rule_test:
      - eval_time: 10m
        alertname: PresenceNobodyOnline
        exp_alerts:
          - exp_labels: {severity: warning, instance: current, state: online}
            exp_annotations:
              summary: Nobody is online in the conversation watched by current.
      - eval_time: 10m
        alertname: PresenceNotCurrent
        exp_alerts:
          - exp_labels: {severity: critical, instance: old}
            exp_annotations:
              summary: old has no live link to its gateway, so what it knows is old.
      - eval_time: 10m
        alertname: PresenceMetricsMissing
        exp_alerts: []
      - eval_time: 16m
        alertname: PresenceLinkFlapping
        exp_alerts:
          - exp_labels: {severity: warning, instance: old}
            exp_annotations:
              summary: The link of old broke 15 times in 15 minutes.
      - eval_time: 65m
        alertname: PresenceAvailabilityBurnsFast
        exp_alerts:
          - exp_labels: {severity: critical, instance: old}
            exp_annotations:
              summary: old was not live for 50% of the last hour.
  - interval: 1m
    input_series: []
    alert_rule_test:
      - eval_time: 10m
        alertname: PresenceMetricsMissing
        exp_alerts:
          - exp_labels: {severity: critical}
            exp_annotations:
              summary: No exporter of presence-tui is scraped.
"""


async def printed(shell: CommandLine, name: str) -> str:
    ended = await shell.run("metrics", "--print", name)
    assert (ended.code, ended.err) == (ExitCode.OK, "")
    return ended.out


def expressions(dashboard: dict[str, Any]) -> list[str]:
    found = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert len(found) > 10
    for placeholder, value in PLACEHOLDERS.items():
        found = [each.replace(placeholder, value) for each in found]
    return found


async def test_rules_and_dashboard_name_only_series_that_exist(shell: CommandLine) -> None:
    exported = {"presence_up"}
    for family in families_of(MetricsHarness().read()):
        exported |= {family.name, *(sample.name for sample in family.samples)}
    for name in ("alerts", "dashboard"):
        used = set(NAME.findall(await printed(shell, name)))
        assert len(used) > 3
        assert used <= exported


async def test_the_dashboard_has_panels_that_do_not_overlap(shell: CommandLine) -> None:
    dashboard = json.loads(await printed(shell, "dashboard"))
    places = [panel["gridPos"] for panel in dashboard["panels"]]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(places)


async def test_anything_else_is_not_printed(shell: CommandLine) -> None:
    assert "alerts" in (await shell.run("metrics", "--print", "everything")).sentence(ExitCode.USAGE)


@NEEDS_PROMETHEUS
async def test_promtool_accepts_the_rules_and_they_fire_when_they_should(
    shell: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "alerts.yml").write_text(await printed(shell, "alerts"))
    (tmp_path / "test.yml").write_text(RULE_TEST)
    for words in (("check", "rules", "alerts.yml"), ("test", "rules", "test.yml")):
        done = await asyncio.to_thread(
            subprocess.run, ["promtool", *words], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@asynccontextmanager
async def running_prometheus(folder: Path, target: str) -> AsyncIterator[httpx.AsyncClient]:
    """A Prometheus that scrapes ``target`` every second."""
    (folder / "alerts.yml").touch()
    (folder / "prometheus.yml").write_text(
        "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
        "rule_files: [alerts.yml]\n"
        f"scrape_configs: [{{job_name: presence, static_configs: [{{targets: ['{target}']}}]}}]\n"
    )
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'series'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            yield client
    finally:
        process.terminate()
        await process.wait()


async def answer(client: httpx.AsyncClient, expression: str) -> list[dict[str, Any]]:
    """The result of an instant query, empty while Prometheus starts. Fails for a wrong expression."""
    try:
        said = (await client.get("/api/v1/query", params={"query": expression})).json()
    except (httpx.TransportError, json.JSONDecodeError):
        return []
    assert said["status"] == "success", said
    result: list[dict[str, Any]] = said["data"]["result"]
    return result


@NEEDS_PROMETHEUS
async def test_a_real_prometheus_scrapes_it(shell: CommandLine, gateway: Gateway, tmp_path: Path) -> None:
    async with shell.running("metrics", "--listen", "127.0.0.1:0") as command:
        told = await command.until_told("http://")
        target = told.partition("http://")[2].partition("/")[0]
        (tmp_path / "alerts.yml").write_text(await printed(shell, "alerts"))
        async with running_prometheus(tmp_path, target) as client, asyncio.timeout(2 * PATIENCE_S):
            while not await answer(client, "presence_up == 1"):  # noqa: ASYNC110  (nothing tells of it)
                await asyncio.sleep(0.2)
            states = await answer(client, "presence_link_state == 1")
            assert [series["metric"]["state"] for series in states] == ["live"]
            (events,) = await answer(client, "sum(presence_events_total)")
            (verdicts,) = await answer(client, "sum(presence_verdicts_total)")
            assert events["value"][1] == verdicts["value"][1] != "0"
            (people,) = await answer(client, 'presence_participants{state="online"}')
            assert int(people["value"][1]) > 0
            for expression in expressions(json.loads(await printed(shell, "dashboard"))):
                await answer(client, expression)
            (scrape,) = await answer(client, "up")
            assert scrape["value"][1] == "1"
        command.interrupt()
