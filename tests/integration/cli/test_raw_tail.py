"""``tail --raw``: a JSON line for every packet."""

import json
from typing import Any

import msgspec
import pytest

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.participant_names import Who
from presence_tui.cli.raw_tail_command import PacketLine, RawTail, encoded, packet_line
from presence_tui.domain.enums import Outcome
from presence_tui.domain.limits import Bounds
from presence_tui.gateway.server import Gateway
from presence_tui.monitor.packet_log import PacketRecord
from presence_tui.service.packets import Packet
from presence_tui.store import PresenceStore
from tests.integration.cli.command_line import CommandLine
from tests.integration.cli.test_tail import somebody
from tests.tui.app_harness import staged_service
from tests.tui.fake_monitor import FakeMonitor
from tests.unit.clock import FakeClock


async def test_every_packet_is_a_line_in_both_directions_without_credentials(
    shell: CommandLine, gateway: Gateway
) -> None:
    by = somebody(gateway)
    flag = gateway.truth()[by]
    lines: list[dict[str, Any]] = []
    async with shell.running("tail", "--raw") as tail:
        while not lines or lines[-1]["event"] != "conversation:joined":
            lines.append(await tail.line())
        gateway.set_online(by, not flag)
        while lines[-1]["event"] != "user:status":
            lines.append(await tail.line())
        tail.interrupt()
        ended = await shell.ended(tail)
    assert ended.code == ExitCode.OK
    for line in lines:
        msgspec.convert(line, PacketLine, strict=True)
    assert [line["seq"] for line in lines] == list(range(len(lines)))
    asked, answered, welcome = lines[:3]
    assert (asked["direction"], asked["event"], asked["verdict"]) == ("out", "connect", "sent")
    assert asked["bytes"] > len(gateway.token) and '"[masked]"' in asked["raw"]
    assert (answered["direction"], answered["verdict"]) == ("in", "control")
    assert (welcome["event"], welcome["user_id"]) == ("authenticated", gateway.observer.key)
    assert {line["epoch"] for line in lines} == {1}
    assert gateway.token not in json.dumps(lines) and "eyJ" not in json.dumps(lines)
    status = lines[-1]
    assert status["raw"].startswith('42["user:status",') and status["user_id"] in status["raw"]
    assert (status["bytes"], status["verdict"]) == (len(status["raw"].encode()), "applied")


async def test_only_and_who_leave_out_the_rest(shell: CommandLine, gateway: Gateway) -> None:
    by, me = somebody(gateway), gateway.observer.key
    async with shell.running("tail", "--raw", "--only", "~e user:status | ~d out ~e join") as some:
        joining = await some.line()
        gateway.set_online(by, not gateway.truth()[by])
        status = await some.line()
    assert (joining["direction"], joining["event"]) == ("out", "conversation:join")
    assert (status["event"], status["user_id"]) == ("user:status", by)
    async with shell.running("tail", "--raw", "--who", me) as mine:
        lines = [await mine.line(), await mine.line()]
    assert [(line["event"], line["user_id"]) for line in lines] == [
        ("authenticated", me), ("conversation:joined", me)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--raw", "--only", "~v lat"), "not one of applied"),
        (("--raw", "--only", "(~d in"), "at 1: "),
        (("--only", "~v late"), "--raw"),
    ],
)
async def test_a_wrong_expression_is_one_sentence(
    shell: CommandLine, arguments: tuple[str, ...], said: str
) -> None:
    assert said in (await shell.run("tail", *arguments)).sentence(ExitCode.USAGE)


def test_a_line_is_exact_and_nothing_in_it_moves_a_terminal() -> None:
    text = "".join(map(chr, range(0x20, 0x3000))) + "\U000e0041\ufeff😀"
    packet = PacketRecord(0, 0.0, 1, Outcome.LATE, text, 1)
    line = packet_line(Packet(packet, PresenceStore()))
    written = encoded(line)
    assert json.loads(written)["raw"] == text
    shown = written.decode().rstrip("\n")
    assert not any(character in shown for character in "\x7f\x9b\u200b\u202e\u2028\ufeff\U000e0041")


async def test_packets_that_could_not_be_kept_are_counted(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    store = PresenceStore(clock=FakeClock(), bounds=Bounds(packets=10))
    monitor = FakeMonitor(store)
    service = staged_service(store, monitor)
    tail = RawTail(service, Who())
    service.events.subscribe(tail.on_event)
    service.start()
    await monitor.running.wait()
    packets = [f'42["user:status",{{"userId":"{n}","isOnline":true}}]' for n in range(25)]
    monitor.packets.add_statuses(0.0, 1, packets, [Outcome.APPLIED] * 25)
    await service.close()
    written = capfdbinary.readouterr()
    assert [json.loads(line)["user_id"] for line in written.out.splitlines()] == [
        str(n) for n in range(15, 25)
    ]
    assert "max_packets: 15" in written.err.decode()
