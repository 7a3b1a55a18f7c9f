"""Start, stop and restart; nothing is left behind or printed."""

import asyncio
import random
from typing import Any

import aiohttp
import pytest
import socketio

from presence_tui.gateway.server import Gateway, GatewayStartError, run_gateway
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.wire import names
from tests.integration.gateway.recording_client import of


def tasks() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks() - {asyncio.current_task()}


async def test_stop_leaves_no_task_behind(listen: Any) -> None:
    before = tasks()
    gateway = Gateway(GatewaySettings(rate=200))
    await gateway.start()
    clients = [
        await listen(gateway),
        await listen(gateway, transports=("polling",)),
        await listen(gateway, auth={}),
    ]
    await clients[0].until(names.STATUS)
    await gateway.stop()
    for client in clients:
        await client.until_lost()
        await client.close()
    assert tasks() - before == set()
    with pytest.raises(OSError, match="Connect"):
        await asyncio.open_connection("127.0.0.1", int(gateway.url.rpartition(":")[2]))
    await gateway.stop()


async def test_stop_does_not_wait_for_slow_readers() -> None:
    gateway = Gateway(GatewaySettings(rate=0))
    await gateway.start()
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{gateway.url}/socket.io/?EIO=4&transport=websocket") as socket,
    ):
        await socket.receive()
        await socket.send_str('40{"token":"' + gateway.token + '"}')
        while not (await socket.receive_str()).startswith(f'42["{names.SNAPSHOT}"'):
            pass
        for _ in range(100):
            gateway.connections.broadcast("noise", "x" * 1_000_000)
        await asyncio.wait_for(gateway.stop(), 2)


async def test_a_restart_on_the_same_port(start_gateway: Any, listen: Any, http: Any, clock: Any) -> None:
    gateway = await start_gateway(rate=10.0)
    url, truth = gateway.url, gateway.truth()
    observer = await listen(gateway)
    await observer.until(names.SNAPSHOT)
    await gateway.stop()
    await observer.until_lost()
    with pytest.raises(socketio.exceptions.ConnectionError):
        await listen(gateway)
    clock.wall_s += 100
    await gateway.start()
    assert gateway.url == url
    async with http.get(f"{url}/health") as response:
        assert (await response.json())["uptime"] == 0
    again = await listen(gateway)
    snapshot = await again.until(names.SNAPSHOT)
    assert not any(row["isOnline"] for row in snapshot["users"])
    online = {key for key, flag in truth.items() if flag}
    clock.wall_s += 31
    for key in online:
        await again.until(names.STATUS, of(key, True))


async def test_a_still_town_is_back_at_once(newest: Any) -> None:
    truth = newest.truth()
    await newest.stop()
    await newest.start()
    assert newest.truth() == truth


async def test_sockets_can_be_refused_while_rest_goes_on(newest: Any, http: Any, listen: Any) -> None:
    newest.faults.refuse_sockets = True
    with pytest.raises(socketio.exceptions.ConnectionError):
        await listen(newest)
    async with http.get(f"{newest.url}/health") as response:
        assert response.status == 200
    newest.faults.refuse_sockets = False
    await (await listen(newest)).until(names.AUTHENTICATED)


async def test_equal_seeds_look_equal_from_outside(start_gateway: Any, http: Any) -> None:
    rosters = []
    for _ in range(2):
        gateway = await start_gateway(seed=11)
        headers = {"Authorization": f"Bearer {gateway.token}"}
        path = f"{gateway.url}/api/v1/conversations/harbour/participants?limit=100"
        async with http.get(path, headers=headers) as response:
            rosters.append(await response.json())
    assert rosters[0] == rosters[1]


async def test_the_source_of_chance_can_be_given(clock: Any) -> None:
    names_of = [
        [p.display_name for p in Gateway(GatewaySettings(), clock, random.Random(seed)).people().values()]
        for seed in (1, 1, 2)
    ]
    assert names_of[0] == names_of[1] != names_of[2]


async def test_run_announces_serves_and_ends(http: Any) -> None:
    announced: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    until = asyncio.Event()
    running = asyncio.create_task(run_gateway(GatewaySettings(), announced.put_nowait, until))
    facts = await asyncio.wait_for(announced.get(), 5)
    assert facts.keys() == {"url", "token", "conversation", "profile"}
    headers = {"Authorization": f"Bearer {facts['token']}"}
    path = f"{facts['url']}/api/v1/conversations/{facts['conversation']}/participants"
    async with http.get(path, headers=headers) as response:
        assert response.status == 200
    until.set()
    await running
    assert tasks() == set()


async def test_a_port_in_use_is_one_sentence(newest: Any) -> None:
    port = int(newest.url.rpartition(":")[2])
    with pytest.raises(GatewayStartError) as refusal:
        await run_gateway(GatewaySettings(port=port), lambda facts: None, asyncio.Event())
    assert str(refusal.value) == (
        f"Cannot listen on 127.0.0.1:{port} (address already in use): "
        "stop the program there or choose another --port."
    )


async def test_a_foreign_host_is_one_sentence() -> None:
    with pytest.raises(GatewayStartError, match="choose a --host of this machine"):
        await Gateway(GatewaySettings(host="192.0.2.1")).start()


async def test_nothing_is_printed_or_logged(
    newest: Any, listen: Any, http: Any, capfd: Any, caplog: Any
) -> None:
    client = await listen(newest, {"token": "nonsense"})
    await client.until_lost()
    async with http.get(f"{newest.url}/socket.io/?EIO=3&transport=polling") as response:
        assert response.status == 400
    async with http.get(f"{newest.url}/nowhere") as response:
        assert response.status == 404
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "")
    assert [record for record in caplog.records if record.name.startswith(("aiohttp", "asyncio"))] == []
