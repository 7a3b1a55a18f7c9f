"""``flaps``: recorded live or read from the history, as JSON lines and a table."""

import asyncio
import time

import msgspec
import pytest

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.flaps_command import FlapLine, FlapsLine
from presence_tui.domain.participants import Conversation
from presence_tui.flaps.report import FlapCause
from presence_tui.gateway.server import Gateway
from presence_tui.history.write_queue import AccountEntry, ConversationsEntry, LinkEntry, PersonEntry
from tests.integration.cli.command_line import CommandLine
from tests.integration.cli.test_history import HOSTILE, path_of
from tests.unit.history.history_fixtures import GATEWAY, ME, change, writing
from tests.unit.monitor.wait_until import PATIENCE_S

MINUTES = 10
CREW = [f"u-{number}" for number in range(6)]


def record(shell: CommandLine) -> None:
    """Case 3 of the public trackers, ten times away for 3 s and there for 57 s; six with our reconnect."""
    now_s = time.time()
    person = PersonEntry("u-ada", "Ada", "", False, False, None, now_s, '{"c-1":"admin"}')
    with writing(path_of(shell)) as writer:
        writer.post(
            [
                AccountEntry(ME, ME),
                ConversationsEntry((Conversation("c-1", "Harbour crew", "harbour"),)),
                person,
                *[person._replace(key=key, name=key, rosters='{"c-2":""}') for key in CREW],
            ]
        )
        for minute in range(MINUTES):
            left_s = now_s - 60 * (MINUTES + 2 - minute)
            writer.post(
                [
                    change(2 * minute, False, at_s=left_s, held_s=57.0, name=HOSTILE),
                    change(2 * minute + 1, at_s=left_s + 3, held_s=3.0, name=HOSTILE),
                ]
            )
        writer.post([LinkEntry(now_s - 60, "live", "", 2)])
        writer.post(
            [
                change(100 + number, at_s=now_s - 59.5, key=key, name=key, held_s=80.0)
                for number, key in enumerate(CREW)
            ]
        )


async def test_the_history_is_read_without_a_gateway(shell: CommandLine) -> None:
    record(shell)
    ended = await shell.run("flaps", "--since", "1h", "--format", "json", "harbour")
    assert (ended.code, ended.err) == (ExitCode.OK, "")
    flap, total = ended.lines
    told = msgspec.convert(flap, FlapLine)
    assert list(flap) == list(FlapLine.__struct_fields__)
    assert (told.user_id, told.returns) == ("u-ada", MINUTES)
    assert (told.shortest_stay_s, told.median_stay_s, told.median_away_s) == (57, 57, 3)
    assert (told.cause, told.confidence) == (FlapCause.BACKGROUND_TAB, 0.99)
    assert list(total) == list(FlapsLine.__struct_fields__)
    assert (total["gateway"], total["participants"], total["returns"]) == (GATEWAY, 1, MINUTES)
    assert total["causes"] == {"background-tab": 1}
    assert "\x1b" not in ended.out and "Ada" in told.name


async def test_many_with_our_own_reconnect_are_one_line(shell: CommandLine) -> None:
    record(shell)
    ended = await shell.run("flaps", "--since", "1h", "-f", "json")
    assert [line["kind"] for line in ended.lines] == [*["flap"] * 7, "wave", "flaps"]
    wave, total = ended.lines[-2:]
    assert (wave["cause"], wave["participants"]) == ("own-reconnect", 6)
    assert total["causes"] == {"background-tab": 1, "own-reconnect": 6}
    assert total["waves"] == 1
    table = await shell.run("flaps", "--since", "1h", "--lang", "fr")
    assert (table.code, "Ada" in table.out) == (ExitCode.OK, True)
    assert "6 " in table.out.splitlines()[-1] and "reconnexion" in table.out.splitlines()[-1]
    assert "7 participants" in table.err


async def test_several_gateways_are_named_before_their_flaps(shell: CommandLine) -> None:
    record(shell)
    alone = await shell.run("flaps", "--since", "1h")
    assert GATEWAY not in alone.err
    with writing(path_of(shell), gateway="https://other.example") as writer:
        writer.post([AccountEntry("u-other", "u-other"), LinkEntry(time.time() - 60, "live", "", 1)])
    ended = await shell.run("flaps", "--since", "1h")
    names = [line for line in ended.err.splitlines() if "://" in line]
    assert names == [f"{GATEWAY} · {ME}", "https://other.example · u-other"]
    lines = await shell.run("flaps", "--since", "1h", "--format", "json")
    assert lines.err == "" and [each["gateway"] for each in lines.lines if each["kind"] == "flaps"] == [
        GATEWAY,
        "https://other.example",
    ]


async def test_nothing_recorded_is_said(shell: CommandLine) -> None:
    ended = await shell.run("flaps", "--since", "1h")
    assert ended.code == ExitCode.FAILED
    record(shell)
    ended = await shell.run("flaps", "--since", "30s")
    assert (ended.code, ended.out) == (ExitCode.OK, "")
    assert "Nothing was recorded since 30s" in ended.err
    ended = await shell.run("flaps", "--since", "1h", "elsewhere")
    assert ended.code == ExitCode.DENIED


async def test_a_recording_ends_with_what_was_seen(shell: CommandLine, gateway: Gateway) -> None:
    person = next(each for each in gateway.people().values() if not (each.hidden or each.guest))
    async with shell.running("flaps", "--format", "json") as command:
        async with asyncio.timeout(PATIENCE_S):
            while not gateway.connections.count:  # noqa: ASYNC110  (nothing tells of it)
                await asyncio.sleep(0.02)
        gateway.set_online(person.key, True)
        command.interrupt()
        total = await command.until_line(lambda line: line["kind"] == "flaps")
    assert total["since"] <= total["at"]


async def test_a_recording_with_a_duration_writes_a_sentence(shell: CommandLine, gateway: Gateway) -> None:
    ended = await shell.run("flaps", "--duration", "2", "--lang", "fr")
    assert ended.code == ExitCode.OK
    assert len(ended.err.splitlines()) == 1 and ended.err.endswith(".\n")


async def test_a_link_that_never_lives_is_an_error(shell: CommandLine) -> None:
    shell.use("http://127.0.0.1:9", "token")
    ended = await shell.run("flaps", "--duration", "1")
    assert (ended.code, ended.out) == (ExitCode.FAILED, "")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--format", "csv"], "csv"),
        (["--since", "6h", "--format", "csv"], "csv"),
        (["--since", "6h", "--duration", "3"], "--since"),
        (["--since", "yesterday"], "yesterday"),
    ],
)
async def test_a_wrong_option_is_an_error(shell: CommandLine, arguments: list[str], word: str) -> None:
    assert word in (await shell.run("flaps", *arguments)).sentence(ExitCode.USAGE)
