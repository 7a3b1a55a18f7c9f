"""Simulates a proxy that blocks WebSocket."""

from typing import Any

import aiohttp
import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL


def refuse_websockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer every WebSocket handshake with status 400."""

    async def refuse(session: aiohttp.ClientSession, url: str, **options: Any) -> None:
        request = aiohttp.RequestInfo(URL(url), "GET", CIMultiDictProxy(CIMultiDict()), URL(url))
        raise aiohttp.WSServerHandshakeError(request, (), status=400)

    monkeypatch.setattr(aiohttp.ClientSession, "ws_connect", refuse)
