"""Requests of other sites' pages through a user's browser are refused."""

from typing import Any

import aiohttp
import pytest

FOREIGN: list[dict[str, str]] = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1.evil.example"},
    {"Origin": "http://localhost:1"},
    {"Host": "evil.example"},
    {"Host": "evil.example:80", "Origin": "http://evil.example:80"},
]
HANDSHAKE = "socket.io/?EIO=4&transport"


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_a_foreign_page_gets_no_socket_and_no_answer(
    newest: Any, http: Any, headers: dict[str, str]
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        async with http.ws_connect(f"{newest.url}/{HANDSHAKE}=websocket", headers=headers):
            pass
    async with http.get(f"{newest.url}/{HANDSHAKE}=polling", headers=headers) as response:
        assert response.status == 403
    login = {"username": "observer", "password": "demo"}
    async with http.post(f"{newest.url}/api/v1/auth/login", json=login, headers=headers) as response:
        assert response.status == 403
        assert "token" not in await response.text()
    assert newest.connections.count == 0


async def test_programs_and_pages_of_its_own_are_answered(newest: Any, http: Any) -> None:
    port = newest.url.rpartition(":")[2]
    for headers in (
        {},
        {"Origin": newest.url},
        {"Host": f"localhost:{port}", "Origin": f"http://localhost:{port}"},
        {"Host": "192.0.2.7"},
    ):
        async with http.ws_connect(f"{newest.url}/{HANDSHAKE}=websocket", headers=headers) as socket:
            assert (await socket.receive_str()).startswith("0{")
        async with http.get(f"{newest.url}/{HANDSHAKE}=polling", headers=headers) as response:
            assert response.status == 200
            assert "Access-Control-Allow-Origin" not in response.headers


async def test_it_is_called_by_the_name_it_listens_on(start_gateway: Any, http: Any) -> None:
    gateway = await start_gateway(host="localhost")
    async with http.get(f"{gateway.url}/health") as response:
        assert response.status == 200
