"""Common parts of REST answers: health, budget, headers and errors (sections 3.1, 3.6 and 3.7)."""

from email.utils import parsedate_to_datetime
from typing import Any

from presence_tui.wire.timestamps import wire_from_seconds


async def test_health_counts_from_the_start(newest: Any, http: Any, clock: Any, fits: Any) -> None:
    clock.wall_s += 90.5
    async with http.get(f"{newest.url}/health") as response:
        health = await response.json()
        said = parsedate_to_datetime(response.headers["Date"]).timestamp()
    fits("healthResponse", health)
    assert health["uptime"] == 90.5
    assert health["timestamp"] == wire_from_seconds(clock.wall_s)
    assert said == int(clock.wall_s)


async def test_the_budget_is_shared_and_health_is_free(
    start_gateway: Any, http: Any, clock: Any, fits: Any
) -> None:
    gateway = await start_gateway(requests_per_minute=3)
    url = f"{gateway.url}/api/v1/auth/me"
    left = []
    for _ in range(3):
        async with http.get(url) as response:
            assert response.headers["x-ratelimit-limit"] == "3"
            left.append(response.headers["x-ratelimit-remaining"])
    assert left == ["2", "1", "0"]
    clock.wall_s += 20
    async with http.get(url) as response:
        assert response.status == 429
        assert response.headers["retry-after"] == "40"
        body = await response.json()
    fits("errorResponse", body)
    assert body == {
        "error": "Internal Server Error",
        "message": "An unexpected error occurred",
        "statusCode": 429,
        "timestamp": wire_from_seconds(clock.wall_s),
    }
    async with http.get(f"{gateway.url}/health") as response:
        assert response.status == 200
        assert "x-ratelimit-limit" not in response.headers
    clock.wall_s += 40
    async with http.get(url) as response:
        assert response.status == 401


async def test_unknown_routes_are_not_found_in_json(newest: Any, legacy: Any, http: Any) -> None:
    for gateway, path in (
        (newest, "/api/auth/me"),
        (legacy, "/api/v1/auth/me"),
        (newest, "/api/v1/auth/login"),
    ):
        async with http.get(gateway.url + path) as response:
            assert response.status == 404
            assert (await response.json())["message"] == f"Route GET:{path} not found"


async def test_a_request_id_is_echoed_if_it_is_one(newest: Any, http: Any) -> None:
    mine = "1b4e28ba-2fa1-4d3c-883f-0016d3cca427"
    for sent, echoed in ((mine, True), ("not-a-uuid", False)):
        async with http.get(f"{newest.url}/health", headers={"X-Request-ID": sent}) as response:
            assert (response.headers["X-Request-ID"] == sent) is echoed


async def test_an_unchanged_answer_is_not_sent_again(newest: Any, http: Any) -> None:
    url = f"{newest.url}/api/v1/conversations/harbour/participants"
    headers = {"Authorization": f"Bearer {newest.token}"}
    async with http.get(url, headers=headers) as response:
        etag = response.headers["ETag"]
    async with http.get(url, headers={**headers, "If-None-Match": etag}) as response:
        assert response.status == 304
        assert await response.read() == b""


async def test_rest_can_be_refused(newest: Any, http: Any, listen: Any) -> None:
    newest.faults.refuse_rest = True
    for path in ("/health", "/api/v1/auth/me"):
        async with http.get(newest.url + path) as response:
            assert response.status == 503
            assert response.content_type == "application/json"
    await (await listen(newest)).fence()


async def test_too_large_a_body_is_refused(newest: Any, http: Any) -> None:
    async with http.post(f"{newest.url}/api/v1/auth/login", data=b"x" * 1_000_001) as response:
        assert response.status == 413
