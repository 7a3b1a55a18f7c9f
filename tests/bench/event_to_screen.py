"""From the official Node server to the terminal: how long an event takes until the bytes that show it.

``python -m tests.bench.event_to_screen [--events 200] [--idle 60] [--profile meeshy-2026]`` prints the
median and the worst, the time a key takes, and how many HTTP requests an idle time makes.
"""

import argparse
import asyncio
import statistics
import time
from random import Random

from tests.bench.terminal import watch_terminal
from tests.peers.node import NodeGateway

SIZE = (130, 40)


async def measure(profile: str, events: int, idle_s: float) -> None:
    random = Random(7)
    async with (
        NodeGateway(profile, participants=24) as gateway,
        watch_terminal(gateway.url, gateway.token, size=SIZE) as terminal,
    ):
        await terminal.until(b"LIVE")
        await terminal.until(b"participants read")
        keys = [key for key in await gateway.truth() if key != await gateway.me()]
        latencies = []
        for number in range(events):
            await asyncio.sleep(random.uniform(0.02, 0.08))
            name = f"Mark {number:04}"
            terminal.forget()
            began_s = time.monotonic()
            await gateway.status(random.choice(keys), number % 2 == 0, username=name)
            latencies.append((await terminal.until(name.encode()) - began_s) * 1000)
        await gateway.quiet()
        await asyncio.sleep(idle_s)
        requests = sum((await gateway.requests()).values())
    print(f"profile {profile}: {events} events from the Node server to the bytes on a 130x40 pty")
    print(f"  median {statistics.median(latencies):6.1f} ms   goal < 100 ms")
    print(f"  worst  {max(latencies):6.1f} ms   goal < 1,000 ms")
    print(f"  HTTP requests in {idle_s:g} idle seconds: {requests}   goal 0")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--idle", type=float, default=60.0)
    parser.add_argument("--profile", default="meeshy-2026")
    wanted = parser.parse_args()
    asyncio.run(measure(wanted.profile, wanted.events, wanted.idle))


if __name__ == "__main__":
    main()
