"""``tail``: JSON lines, and exit codes for scripts."""

import asyncio
import json
import os
from datetime import datetime
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.participant_names import Who
from presence_tui.cli.tail_command import _Tail
from presence_tui.domain.limits import Bounds
from presence_tui.domain.participants import Participant
from presence_tui.gateway.server import Gateway
from presence_tui.store import PresenceStore
from presence_tui.store.strangers import StrangerChanges
from tests.integration.cli.command_line import COMMAND, CommandLine, family
from tests.integration.watch.conftest import StartGateway
from tests.tui.app_harness import HARBOUR, staged_service
from tests.tui.fake_monitor import FakeMonitor
from tests.unit.clock import FakeClock

CHANGE_KEYS = {
    "at",
    "kind",
    "cause",
    "user_id",
    "name",
    "handle",
    "before",
    "after",
    "flag",
    "last_active_at",
    "source",
    "epoch",
}
LINK_KEYS = {"at", "kind", "state", "reason"}
GAP_KEYS = {"at", "kind", "since", "until", "recovered", "replayed"} | {
    f"missed_{name}" for name in ("at_least", "expected", "low", "high")
}
STATES = {"online", "away", "idle", "offline", "unknown"}


def somebody(gateway: Gateway) -> str:
    people = gateway.people().items()
    return next(key for key, it in people if not (it.guest or it.hidden or it is gateway.observer))


async def lines_of_everybody(shell: CommandLine, gateway: Gateway, *arguments: str) -> list[dict[str, Any]]:
    """The lines of a tail that is interrupted when it is live and has written a change of everybody."""
    missing = set(gateway.people()) - {gateway.observer.key}
    is_live, lines = False, []
    async with shell.running("tail", *arguments) as tail:
        while missing or not is_live:
            lines.append(line := await tail.line())
            missing.discard(line.get("user_id"))
            is_live = is_live or line.get("state") == "live"
        tail.interrupt()
        ended = await shell.ended(tail)
    assert (ended.code, ended.err) == (ExitCode.OK, "")
    return lines + ended.lines


async def test_every_line_is_a_change_or_a_link_with_all_fields(shell: CommandLine, gateway: Gateway) -> None:
    lines = await lines_of_everybody(shell, gateway)
    changes = [line for line in lines if line["kind"] == "change"]
    links = [line for line in lines if line["kind"] == "link"]
    assert len(changes) + len(links) == len(lines)
    assert [line["state"] for line in links][-2:] == ["connected", "live"]
    assert {frozenset(line) for line in links} == {frozenset(LINK_KEYS)}
    assert {frozenset(line) for line in changes} == {frozenset(CHANGE_KEYS)}
    for line in changes:
        assert line["cause"] in {"moved", "reconciled", "decayed", "expired"}
        assert {line["before"], line["after"]} <= STATES
        assert line["flag"] in {True, False, None}
        assert line["source"] in {"event", "snapshot", "runtime", "roster", "typing", "cache", None}
        assert line["epoch"] == 1
        person = gateway.people()[line["user_id"]]
        # The snapshot has a handle, the roster a name; neither replaces the other.
        assert (line["name"], line["handle"]) == (person.display_name, person.handle)
    for line in lines:
        for moment in (line["at"], line.get("last_active_at")):
            assert moment is None or (moment.endswith("Z") and datetime.fromisoformat(moment))


async def test_a_gap_is_told_with_what_it_has_hidden(shell: CommandLine, gateway: Gateway) -> None:
    key = somebody(gateway)
    async with shell.running("tail") as tail:
        await tail.until_line(lambda line: line["kind"] == "change" and line["user_id"] == key)
        await gateway.stop()
        await tail.until_line(lambda line: line.get("state") in ("stale", "reconnecting"))
        gateway.set_online(key, not gateway.truth()[key])
        await gateway.start()
        gap = await tail.until_line(lambda line: line["kind"] == "gap")
    assert set(gap) == GAP_KEYS
    assert datetime.fromisoformat(gap["since"]) < datetime.fromisoformat(gap["until"])
    assert datetime.fromisoformat(gap["until"]) <= datetime.fromisoformat(gap["at"])
    assert gap["missed_at_least"] == 1
    assert (gap["recovered"], gap["replayed"]) == (False, 0)
    estimate = [gap[f"missed_{name}"] for name in ("expected", "low", "high")]
    assert estimate == [None] * 3 or estimate[1] <= estimate[0] <= estimate[2]


async def test_it_ends_after_the_duration(shell: CommandLine, gateway: Gateway) -> None:
    ended = await shell.run("tail", "--duration", "0.2")
    assert (ended.code, ended.err) == (ExitCode.OK, "")


async def test_only_who_is_asked_about_is_written(shell: CommandLine, gateway: Gateway) -> None:
    key = somebody(gateway)
    other = next(each for each, person in gateway.people().items() if person.display_name == "Bo Li")
    assert other != key
    gateway.set_online(key, False)
    async with shell.running("tail", "--who", f"@{gateway.people()[key].handle}") as tail:
        first = await tail.until_line(lambda line: line["kind"] == "change")
        gateway.set_online(other, not gateway.truth()[other])
        gateway.set_online(key, True)
        moved = await tail.until_line(lambda line: line["kind"] == "change" and line["after"] == "online")
        assert (first["user_id"], moved["user_id"]) == (key, key)


@pytest.mark.parametrize("options", [(), ("--raw",)])
async def test_a_name_that_nobody_has_is_said_once(
    shell: CommandLine, gateway: Gateway, options: tuple[str, ...]
) -> None:
    key = somebody(gateway)
    gateway.set_online(key, True)
    ended = await shell.run("tail", *options, "--who", key, "--who", "zzz", "--duration", "3")
    assert ended.code == ExitCode.OK
    said = "Nobody in Harbour crew is called zzz. Give whole names, handles or ids."
    assert ended.err.splitlines().count(said) == 1 and ended.err.count("is called") == 1


async def test_who_moves_is_a_line_at_once(shell: CommandLine, gateway: Gateway) -> None:
    key = somebody(gateway)
    gateway.set_online(key, False)
    async with shell.running("tail") as tail:
        await tail.until_line(lambda line: line.get("user_id") == key)
        gateway.set_online(key, True)
        moved = await tail.until_line(lambda line: line.get("user_id") == key)
        assert (moved["cause"], moved["flag"], moved["after"]) == ("moved", True, "online")
        assert moved["source"] == "event"


async def test_ctrl_c_is_an_end_like_any_other(shell: CommandLine, gateway: Gateway) -> None:
    """Exit codes are those of ``exit_codes``, the same for every command."""
    async with shell.running("tail") as tail:
        await tail.until_line(lambda line: line.get("state") == "live")
        tail.interrupt()
        ended = await shell.ended(tail)
        assert (ended.code, ended.err) == (ExitCode.OK, "")


async def test_a_restart_of_the_gateway_is_told_and_survived(shell: CommandLine, gateway: Gateway) -> None:
    async with shell.running("tail") as tail:
        await tail.until_line(lambda line: line.get("state") == "live")
        await gateway.stop()
        lost = await tail.until_line(lambda line: line["kind"] == "link")
        assert lost["state"] in ("stale", "reconnecting")
        assert lost["reason"]
        await gateway.start()
        await tail.until_line(lambda line: line.get("state") == "live")


async def test_a_reader_that_has_seen_enough_is_no_error(shell: CommandLine, gateway: Gateway) -> None:
    """``presence-tui tail | head -1``, while participants keep moving."""
    readable, writable = os.pipe()
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        "tail",
        "--duration",
        "30",
        cwd=shell.home,
        env=shell.environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=writable,
        stderr=asyncio.subprocess.PIPE,
    )
    os.close(writable)
    first = await asyncio.to_thread(os.read, readable, 16)
    os.close(readable)
    assert first.startswith(b'{"at":')
    ending = asyncio.create_task(process.communicate())
    key = somebody(gateway)
    for flag in cycle((True, False)):
        gateway.set_online(key, flag)
        done, _ = await asyncio.wait([ending], timeout=0.05)
        if done:
            break
    _, err = await ending
    assert (process.returncode, err) == (ExitCode.OK, b"")


async def test_a_bad_token_ends_it(shell: CommandLine, gateway: Gateway) -> None:
    shell.use(gateway.url, gateway.mint_token(forged=True))
    ended = await shell.run("tail", timeout_s=8)
    assert ended.code == ExitCode.SIGN_IN
    assert "does not accept this token" in ended.err
    assert len(set(ended.err.splitlines())) == len(ended.err.splitlines()), "each sentence appears once"


async def test_a_revoked_session_ends_it(shell: CommandLine, gateway: Gateway) -> None:
    async with shell.running("tail") as tail:
        await tail.until_line(lambda line: line.get("state") == "live")
        key = somebody(gateway)
        gateway.set_online(key, not gateway.truth()[key])
        await tail.until_line(lambda line: line.get("cause") == "moved" and line["user_id"] == key)
        await gateway.connections.revoke()
        link = await tail.until_line(lambda line: line["kind"] == "link")
        assert link["state"] == "signed-out", link
        ended = await shell.ended(tail, timeout_s=5)
        assert ended.code == ExitCode.SIGN_IN
        assert "revoked" in ended.err


async def test_the_last_words_of_the_gateway_arrive_though_we_are_speaking(
    shell: CommandLine, gateway: Gateway
) -> None:
    """Our join is sent right after authentication. Node's gateway reads until both ends have closed."""
    for _ in range(2):
        async with shell.running("tail") as tail:
            await tail.until_line(lambda line: line.get("state") == "live")
            await gateway.connections.revoke()
            link = await tail.until_line(lambda line: line["kind"] == "link")
            assert link["state"] == "signed-out", link


async def test_a_conversation_that_is_none_ends_it(shell: CommandLine, gateway: Gateway) -> None:
    ended = await shell.run("tail", "nowhere", "--duration", "4")
    assert ended.code == ExitCode.DENIED
    assert "refuses this" in ended.err


async def test_the_end_of_the_membership_is_a_line_and_not_the_end(
    shell: CommandLine, gateway: Gateway
) -> None:
    room = gateway.find_conversation()
    by = gateway.person(somebody(gateway))
    async with shell.running("tail", "harbour") as tail:
        await tail.until_line(lambda line: line["kind"] == "change")
        gateway.memberships.ban(gateway.observer, room, by)
        ended = await tail.until_line(lambda line: line["kind"] == "membership")
        assert set(ended) == {"at", "kind", "conversation", "state", "since"}
        assert (ended["conversation"], ended["state"]) == (room.id, "banned")
        gateway.memberships.unban(gateway.observer, room, by)
        again = await tail.until_line(lambda line: line["kind"] == "membership")
        assert again["state"] == "member"
        tail.interrupt()
        assert (await shell.ended(tail)).code == ExitCode.OK


async def test_an_expired_token_is_renewed(shell: CommandLine, gateway: Gateway) -> None:
    shell.use(gateway.url, gateway.mint_token(lifetime_s=-60))
    async with shell.running("tail") as tail:
        await tail.until_line(lambda line: line.get("state") == "live")


async def test_the_older_version_is_followed_as_well(shell: CommandLine, start_gateway: StartGateway) -> None:
    gateway = await start_gateway(profile="meeshy-2025")
    shell.use(gateway.url, gateway.token)
    lines = await lines_of_everybody(shell, gateway, "--rule", "meeshy-2025")
    told = {line["user_id"]: line["flag"] for line in lines if line["kind"] == "change"}
    truth = {key: flag for key, flag in gateway.truth().items() if key != gateway.observer.key}
    assert {key: told[key] for key in truth} == truth


async def test_without_a_gateway_it_brings_its_own_and_leaves_none_behind(shell: CommandLine) -> None:
    async with shell.running("tail") as tail:
        await tail.until_line(lambda line: line.get("state") == "live")
        relatives = family(tail.pid)
        assert len(relatives) == 2, relatives
        assert all("eyJ" not in words for _, words in relatives), "no process has a token in its arguments"
        (announced,) = announcements(shell)
        assert set(json.loads(announced.read_text())) == {"url", "conversation", "pid"}
        tail.interrupt()
        await shell.ended(tail)
    assert [family(pid) for pid, _ in relatives] == [[], []]
    assert announcements(shell) == []


def announcements(shell: CommandLine) -> list[Path]:
    """Files by which demos announce themselves to ``join``."""
    return list((shell.home / "cache").rglob("*.json"))


async def test_of_what_waits_for_the_roster_the_newest_of_each_is_kept_and_the_rest_counted(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    store = PresenceStore(clock=FakeClock(), bounds=Bounds(queue=10))
    monitor = FakeMonitor(store)
    service = staged_service(store, monitor)
    tail = _Tail(service, lambda alert: "", Who(), StrangerChanges(store))
    service.events.subscribe(tail.on_event)
    service.start()
    await monitor.running.wait()
    for turn in range(50):
        store.update_user_status("ada", turn % 2 == 0)
        store.update_user_status("ben", turn % 2 == 1)
        assert len(tail.waiting) <= 11
    monitor.watch(HARBOUR)
    store.set_participants([Participant("ada"), Participant("ben")], HARBOUR.id)
    tail.write_changes()
    await service.close()
    written = capfdbinary.readouterr()
    lines = [json.loads(line) for line in written.out.splitlines()]
    assert {line["user_id"]: line["flag"] for line in lines} == {"ada": False, "ben": True}
    (said,) = written.err.decode().splitlines()
    assert f"before the roster was known: {100 - len(lines)}; 10 may wait (max_queue)." in said


async def test_who_becomes_a_member_is_written_as_they_are(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Their earlier changes, in another conversation, were not written."""
    store = PresenceStore(clock=FakeClock())
    monitor = FakeMonitor(store)
    service = staged_service(store, monitor)
    tail = _Tail(service, lambda alert: "", Who(), StrangerChanges(store))
    service.events.subscribe(tail.on_event)
    service.start()
    await monitor.running.wait()
    monitor.watch(HARBOUR)
    store.set_participants([Participant("ada")], HARBOUR.id)
    store.set_participants([Participant("ada"), Participant("ben")], "lighthouse")
    store.update_user_status("ada", True)
    store.update_user_status("ben", True)
    store.members.remove("ada", HARBOUR.id)
    store.update_user_status("ada", False)
    store.set_participants([Participant("ada"), Participant("ben")], HARBOUR.id)
    await service.close()
    lines = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    told = [(line["user_id"], line["cause"], line["before"], line["after"], line["flag"]) for line in lines]
    assert told[0] == ("ada", "moved", "unknown", "online", True)
    assert sorted(told[1:]) == [
        ("ada", "reconciled", "online", "offline", False),
        ("ben", "reconciled", "unknown", "online", True),
    ]
