"""Gateways and clients for tests of the embedded gateway. Populations are static: tests move participants."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from presence_tui.gateway.directory import Person
from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings
from tests.integration.gateway.recording_client import Listener
from tests.unit.clock import FakeClock

SCHEMAS = json.loads((Path(__file__).parents[2] / "data" / "schemas.json").read_text())
STILL = GatewaySettings(rate=0, secret="of the tests")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1_800_000_000.0)


StartGateway = Callable[..., Awaitable[Gateway]]


@pytest.fixture
async def start_gateway(clock: FakeClock) -> AsyncIterator[StartGateway]:
    """Starts a static gateway on the test's clock, with optional settings."""
    started: list[Gateway] = []

    async def start(**changes: Any) -> Gateway:
        gateway = Gateway(replace(STILL, **changes), clock)
        started.append(gateway)
        await gateway.start()
        return gateway

    yield start
    for gateway in started:
        await gateway.stop()


@pytest.fixture
async def newest(start_gateway: StartGateway) -> Gateway:
    return await start_gateway(profile="meeshy-2026")


@pytest.fixture
async def legacy(start_gateway: StartGateway) -> Gateway:
    return await start_gateway(profile="meeshy-2025")


@pytest.fixture
async def listen() -> AsyncIterator[Callable[..., Awaitable[Listener]]]:
    """Connects a client, by default as the observer."""
    listeners: list[Listener] = []

    async def connect(gateway: Gateway, auth: dict[str, Any] | None = None, **options: Any) -> Listener:
        listener = Listener()
        listeners.append(listener)
        await listener.connect(gateway, {"token": gateway.token} if auth is None else auth, **options)
        return listener

    yield connect
    for listener in listeners:
        await listener.close()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def somebody() -> Callable[..., Person]:
    """Finds a visible person of the main conversation by attributes."""

    def find(gateway: Gateway, **wanted: Any) -> Person:
        for person in gateway.people().values():
            if person is gateway.observer:
                continue
            if all(getattr(person, name) == value for name, value in {"hidden": False, **wanted}.items()):
                return person
        raise LookupError(wanted)

    return find


@pytest.fixture
def fits() -> Callable[[str, Any], None]:
    """Asserts that a payload matches a schema of the wire contract."""

    def check(name: str, payload: Any) -> None:
        complaints = list(_complaints(SCHEMAS[name], payload, name))
        assert complaints == []

    return check


TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def _complaints(schema: dict[str, Any], payload: Any, path: str) -> list[str]:
    """Checks the parts of JSON Schema used by the contract."""
    found: list[str] = []
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    is_truth = isinstance(payload, bool)
    if types and not any(
        isinstance(payload, TYPES[each]) and (each == "boolean") == is_truth for each in types
    ):
        return [f"{path}: {type(payload).__name__} is not {types}"]
    if "const" in schema and payload != schema["const"]:
        found.append(f"{path}: {payload!r} is not {schema['const']!r}")
    if "enum" in schema and payload not in schema["enum"]:
        found.append(f"{path}: {payload!r} is none of {schema['enum']}")
    if isinstance(payload, str) and len(payload) < schema.get("minLength", 0):
        found.append(f"{path}: too short")
    if isinstance(payload, list):
        if len(payload) > schema.get("maxItems", len(payload)):
            found.append(f"{path}: too many items")
        for place, item in enumerate(payload):
            found += _complaints(schema.get("items", {}), item, f"{path}[{place}]")
    if isinstance(payload, dict):
        found += [f"{path}: no {name}" for name in schema.get("required", []) if name not in payload]
        for name, part in schema.get("properties", {}).items():
            if name in payload:
                found += _complaints(part, payload[name], f"{path}.{name}")
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict):
            for name in payload.keys() - schema.get("properties", {}).keys():
                found += _complaints(extra, payload[name], f"{path}.{name}")
    if "anyOf" in schema and all(_complaints(each, payload, path) for each in schema["anyOf"]):
        found.append(f"{path}: fits no alternative")
    return found
