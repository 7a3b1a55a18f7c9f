"""A busy day in a minute: many participants, many events, and nothing lost.

``python -m tests.bench.soak [--participants 10000] [--rate 1000] [--seconds 60]`` drives the embedded
gateway in a process of its own, watches it with the screen on a pty and with a store beside it in a third
process, and compares both with the gateway's truth in the end. The process that times the keys does nothing
else: what is late is the screen.
"""

import argparse
import asyncio
import multiprocessing
import os
import re
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random

from textual.color import Color

from presence_tui.domain.enums import Outcome
from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.monitor.monitor import PresenceMonitor
from presence_tui.storage.user_files import tls_context
from presence_tui.store import PresenceStore
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialHolder, CredentialKind
from presence_tui.transport.rest_client import RestClient
from presence_tui.transport.rest_source import RestSource
from presence_tui.transport.socket_feed import SocketFeed
from presence_tui.tui.themes import STATE_VARIABLES
from tests.bench.terminal import Terminal, watch_terminal

TICK_S = 0.01
KEY_EVERY_S = 0.5
CURSOR = "48;2;{};{};{}".format(*Color.parse(STATE_VARIABLES["cursor"]).rgb).encode()
"""Background of the dark theme's cursor row. Two people may have the same name and the same why line."""


@dataclass
class Keys:
    """Latencies from key to screen, in milliseconds."""

    cursor_ms: list[float] = field(default_factory=list)
    dialog_ms: list[float] = field(default_factory=list)
    closing_ms: list[float] = field(default_factory=list)


def serve(pipe: Connection, participants: int, rate: float, seconds: float) -> None:
    """The gateway's process: send its address, drive people for a while, then send the truth."""
    asyncio.run(_serve(pipe, participants, rate, seconds))


async def _serve(pipe: Connection, participants: int, rate: float, seconds: float) -> None:
    settings = GatewaySettings(participants=participants, rate=0, requests_per_minute=100_000)
    gateway = Gateway(settings)
    await gateway.start()
    pipe.send((gateway.url, gateway.token, gateway.conversation))
    await asyncio.to_thread(pipe.recv)
    people = gateway.people(gateway.conversation)
    keys = [key for key, person in people.items() if not person.hidden and key != gateway.observer.key]
    random, sent = Random(7), 0
    truth = gateway.truth(gateway.conversation)
    began_s = time.monotonic()
    while (elapsed_s := time.monotonic() - began_s) < seconds:
        while sent < elapsed_s * rate:
            key = random.choice(keys)
            truth[key] = not truth[key]
            gateway.set_online(key, truth[key])
            sent += 1
        await asyncio.sleep(TICK_S)
    pipe.send((sent, gateway.truth(gateway.conversation)))
    await asyncio.to_thread(pipe.recv)
    await gateway.stop()


@dataclass(frozen=True)
class FinalState:
    """Final state of a store beside the screen."""

    told: dict[str, int]
    """Number of events by outcome since the start."""
    flags: dict[str, bool | None]


def watch_beside(pipe: Connection, url: str, token: str, conversation: str) -> None:
    """The process of a second watch: reports when it has read the roster, counts from "go" on, sends
    ``FinalState``.
    """
    asyncio.run(_watch_beside(pipe, url, token, conversation))


async def _watch_beside(pipe: Connection, url: str, token: str, conversation: str) -> None:
    store = PresenceStore(schedule=lambda flush: asyncio.get_running_loop().call_later(0.05, flush))
    address, tls = Address.parse(url), tls_context()
    holder = CredentialHolder(Credential(CredentialKind.ACCOUNT, token))
    source = RestSource(RestClient(address, tls), holder, store.clock)
    monitor = PresenceMonitor(store, SocketFeed(address, tls), source, holder, wanted=conversation)
    read = asyncio.Event()
    monitor.resynced.subscribe(lambda report: read.set())
    watching = asyncio.create_task(monitor.run())
    await read.wait()
    pipe.send("read")
    await asyncio.to_thread(pipe.recv)
    before = {outcome: monitor.counters.of(outcome) for outcome in Outcome}
    pipe.send("counting")
    sent = await asyncio.to_thread(pipe.recv)
    told = await _settle(monitor, before, sent)
    pipe.send(FinalState(told, {key: record.flag for key, record in store.participants.items()}))
    watching.cancel()
    await asyncio.wait([watching])


async def soak(participants: int, rate: float, seconds: float) -> bool:
    gateway, serving = _started(serve, participants, rate, seconds)
    url, token, conversation = await asyncio.to_thread(gateway.recv)
    beside, watching = _started(watch_beside, url, token, conversation)
    async with watch_terminal(url, token, conversation=conversation) as terminal:
        await terminal.until(b"participants read", 60)
        await asyncio.to_thread(beside.recv)
        beside.send("go")
        await asyncio.to_thread(beside.recv)
        gateway.send("go")
        keys, memory_mib, cpu_s = await _press_keys(terminal, seconds)
        sent, truth = await asyncio.to_thread(gateway.recv)
        beside.send(sent)
        known = await asyncio.to_thread(beside.recv)
        await asyncio.sleep(2)
        screen = terminal.text
    gateway.send("done")
    for process in (serving, watching):
        process.join(10)
    return _report(known, truth, sent, screen, keys, memory_mib, cpu_s / seconds)


def _started(work: Callable[..., None], *args: object) -> tuple[Connection, BaseProcess]:
    """Start a process; return our end of its pipe and the process."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=work, args=(theirs, *args), daemon=True)
    process.start()
    return ours, process


async def _press_keys(terminal: Terminal, seconds: float) -> tuple[Keys, list[float], float]:
    """Move the cursor, open and close the help; returns latencies, memory, and processor seconds."""
    keys = Keys()
    memory_mib: list[float] = []
    began_s, cpu_s = time.monotonic(), terminal.cpu_s
    terminal.press("j")
    while time.monotonic() - began_s < seconds:
        for _ in range(4):
            keys.cursor_ms.append(await _answered(terminal, "j", CURSOR))
            await asyncio.sleep(KEY_EVERY_S)
        keys.dialog_ms.append(await _answered(terminal, "?", b"esc closes"))
        await asyncio.sleep(KEY_EVERY_S)
        keys.closing_ms.append(await _answered(terminal, "\x1b", b"Online ("))
        memory_mib.append(terminal.resident_mib)
    return keys, memory_mib, terminal.cpu_s - cpu_s


async def _answered(terminal: Terminal, key: str, mark: bytes) -> float:
    terminal.forget()
    pressed_s = time.monotonic()
    terminal.press(key)
    return (await terminal.until(mark) - pressed_s) * 1000


async def _settle(monitor: PresenceMonitor, before: dict[Outcome, int], sent: int) -> dict[str, int]:
    """Wait until all sent events have arrived, or no more arrive."""
    deadline_s = time.monotonic() + 10
    while time.monotonic() < deadline_s:
        told = {outcome.value: monitor.counters.of(outcome) - before[outcome] for outcome in Outcome}
        if sum(told.values()) >= sent:
            break
        await asyncio.sleep(0.1)
    return told


def _report(
    known: FinalState,
    truth: dict[str, bool],
    sent: int,
    screen: str,
    keys: Keys,
    memory_mib: list[float],
    cpu: float,
) -> bool:
    wrong = [key for key, flag in truth.items() if bool(known.flags.get(key)) != flag]
    counted = re.search(r"Online \((\d+)\)", screen)
    shown, online = int(counted.group(1)) if counted else -1, sum(truth.values())
    tenth = max(1, len(memory_mib) // 10)
    print(f"participants in the store and in the gateway that differ: {len(wrong)} of {len(truth)}")
    print(f"Online on the screen: {shown}; in the gateway: {online}")
    print(f"events sent: {sent}; arrived and counted once each: {known.told}")
    for what, taken_ms in (("cursor", keys.cursor_ms), ("help", keys.dialog_ms), ("esc", keys.closing_ms)):
        median, worst = statistics.median(taken_ms), max(taken_ms)
        print(f"key to screen, {what}: median {median:.0f} ms, worst {worst:.0f} ms   goal 100 ms")
    print(f"memory: {memory_mib[tenth]:.0f} MiB near the start, {memory_mib[-1]:.0f} MiB at the end")
    print(f"processor: {cpu:.0%} of one core")
    return not wrong and shown == online and sum(known.told.values()) == sent


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--participants", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=1_000)
    parser.add_argument("--seconds", type=float, default=60)
    wanted = parser.parse_args()
    os.environ.setdefault("PYTHONPATH", str(Path.cwd()))
    sys.exit(0 if asyncio.run(soak(wanted.participants, wanted.rate, wanted.seconds)) else 1)


if __name__ == "__main__":
    main()
