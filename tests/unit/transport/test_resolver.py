"""Looking up names without having to wait for the end of it."""

import asyncio
import socket
import threading

import pytest

from presence_tui.transport.resolver import use_daemon_threads_for_lookups


async def test_it_finds_what_the_loop_finds() -> None:
    loop = asyncio.get_running_loop()
    before = await loop.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)
    use_daemon_threads_for_lookups()
    use_daemon_threads_for_lookups()
    assert await loop.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM) == before


async def test_an_error_is_raised_where_it_is_waited_for() -> None:
    use_daemon_threads_for_lookups()
    with pytest.raises(socket.gaierror):
        await asyncio.get_running_loop().getaddrinfo("name.invalid", 80, flags=socket.AI_NUMERICHOST)


def test_a_loop_ends_while_a_name_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    found = threading.Event()
    done = threading.Event()

    def look_up(*_: object, **__: object) -> list[object]:
        found.wait()
        done.set()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    async def give_up() -> None:
        use_daemon_threads_for_lookups()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await asyncio.get_running_loop().getaddrinfo("slow.example", 80)

    asyncio.run(give_up())
    assert not done.is_set(), "the loop did not wait for the thread"
    found.set()
    assert done.wait(10)
