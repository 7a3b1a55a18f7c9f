"""The HTTP client: status codes, limits and redirects."""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from presence_tui.domain.limits import Bounds
from presence_tui.transport import rest_client
from presence_tui.transport.addresses import Address
from presence_tui.transport.errors import (
    AccessDenied,
    BoundExceeded,
    GatewayBroken,
    GatewayError,
    NotFound,
    PortRefused,
    RateLimited,
    SignInNeeded,
    TimedOut,
    UnexpectedAnswer,
    Unreachable,
)
from presence_tui.transport.rate_limits import BUDGET_RESERVE, LONGEST_PAUSE_S, USUAL_LIMIT, WINDOW_S
from presence_tui.transport.rest_client import LONGEST_WAIT_S, RETRY_AFTER_DEFAULT_S, RestClient
from tests.unit.clock import FakeClock
from tests.unit.monitor.wait_until import breathe, other_tasks
from tests.unit.transport.conftest import MakeClient
from tests.unit.transport.tiny_server import Reply, TinyServer

PATH = "/api/v1/thing"
HTML = "<!doctype html><title>Sorry</title><h1>We are down</h1>"


async def refused(client: RestClient, path: str = PATH) -> GatewayError:
    with pytest.raises(GatewayError) as refusal:
        await client.request("GET", path)
    return refusal.value


# --- requests ---


async def test_a_request_carries_what_it_was_given(client: RestClient, server: TinyServer) -> None:
    server.on(PATH, Reply(body={"data": 1}))
    answer = await client.request(
        "POST", PATH, headers={"Authorization": "Bearer x"}, query={"ids": "a,b"}, payload={"token": "é"}
    )
    assert (answer.status, answer.body) == (200, b'{"data": 1}')
    assert answer.round_trip_s > 0
    asked = server.asked[0]
    assert (asked.method, asked.path, asked.query) == ("POST", PATH, {"ids": "a,b"})
    assert asked.headers["Authorization"] == "Bearer x"
    assert asked.headers["Accept"] == "application/json"
    assert "é".encode() in asked.body or b"\\u00e9" in asked.body


async def test_each_request_has_an_id_of_its_own(client: RestClient, server: TinyServer) -> None:
    server.on(PATH, Reply(body={}))
    for _ in range(2):
        await client.request("GET", PATH)
    ids = {UUID(asked.headers["X-Request-ID"]) for asked in server.asked}
    assert len(ids) == 2
    assert {identity.version for identity in ids} == {4}


async def test_a_gateway_below_a_path_is_asked_below_it(make_client: MakeClient, server: TinyServer) -> None:
    server.on("/chat/health", Reply(body={}))
    address = Address.parse(f"{server.address.url}/chat/")
    await make_client(address=address).request("GET", "/health")
    assert server.paths() == ["/chat/health"]


# --- status codes ---


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, UnexpectedAnswer),
        (401, SignInNeeded),
        (403, AccessDenied),
        (404, NotFound),
        (409, UnexpectedAnswer),
        (418, UnexpectedAnswer),
        (429, RateLimited),
        (500, GatewayBroken),
        (502, GatewayBroken),
        (503, GatewayBroken),
        (304, UnexpectedAnswer),
    ],
)
async def test_a_status_has_its_error(
    client: RestClient, server: TinyServer, status: int, expected: type[GatewayError]
) -> None:
    server.on(PATH, Reply(status))
    error = await refused(client)
    assert type(error) is expected
    assert str(error.sentence)
    assert str(error.advice)


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (400, None, "{address} does not answer like a gateway: 400 Bad Request."),
        (400, {"error": "No such cursor."}, "{address} does not answer like a gateway: 400 No such cursor."),
        (401, {"error": "Token expired"}, "The gateway does not accept this token."),
        (404, None, "The gateway does not know this: Not Found."),
        (404, {"message": "No harbour."}, "The gateway does not know this: No harbour."),
        (407, None, "{address} does not answer like a gateway: 407 Proxy Authentication Required."),
        (410, None, "{address} does not answer like a gateway: 410 Gone."),
        (418, None, "{address} does not answer like a gateway: 418 I'm a Teapot."),
        (429, None, f"The gateway asks for a pause of {RETRY_AFTER_DEFAULT_S:.0f} s."),
        (429, {"retryAfter": 7}, "The gateway asks for a pause of 7 s."),
        (500, {"message": "Out of rope."}, "The gateway failed with 500 Out of rope."),
        (599, None, "The gateway failed with 599 ."),
    ],
)
async def test_a_status_has_its_sentence(
    client: RestClient, server: TinyServer, status: int, body: object, sentence: str
) -> None:
    server.on(PATH, Reply(status, body))
    said = str((await refused(client)).sentence)
    assert said == sentence.format(address=server.address.shown)


@pytest.mark.parametrize("status", [200, 201, 204])
async def test_a_success_is_an_answer(client: RestClient, server: TinyServer, status: int) -> None:
    server.on(PATH, Reply(status))
    assert (await client.request("GET", PATH)).status == status


async def test_a_refusal_that_was_asked_for_is_an_answer(client: RestClient, server: TinyServer) -> None:
    server.on(PATH, Reply(404, {"error": "no"}))
    answer = await client.request("GET", PATH, accept_refusals=frozenset({404}))
    assert (answer.status, answer.body) == (404, b'{"error": "no"}')


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"success": False, "error": "Not a member", "message": "Not a member", "code": "X"}, "Not a member"),
        ({"success": False, "error": "Accès refusé"}, "Accès refusé"),
        ({"success": False, "error": {"message": "Not a member.", "code": "X"}}, "Not a member"),
        (
            {"error": "Validation Error", "message": "ids must be <= 200", "statusCode": 403},
            "ids must be <= 200",
        ),
        ({"error": "\x1b]52;c;aGk=\x07evil"}, "␛]52;c;aGk=␇evil"),
        ({"error": ["what"]}, "Forbidden"),
        ([1, 2], "Forbidden"),
        (HTML, "Forbidden"),
        (b"\xff\x00", "Forbidden"),
        (None, "Forbidden"),
    ],
)
async def test_what_a_refusal_says_of_itself_is_told(
    client: RestClient, server: TinyServer, body: object, said: str
) -> None:
    server.on(PATH, Reply(403, body))
    assert str((await refused(client)).sentence) == f"The gateway refuses this: {said}."


async def test_a_web_page_with_an_error_is_not_repeated(client: RestClient, server: TinyServer) -> None:
    server.on(PATH, Reply(502, HTML))
    assert str((await refused(client)).sentence) == "The gateway failed with 502 Bad Gateway."


async def test_an_endless_complaint_is_cut(client: RestClient, server: TinyServer) -> None:
    server.on(PATH, Reply(500, {"message": "x" * 100_000}))
    assert len(str(await refused(client))) < 700


# --- redirects ---


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_reported_and_not_followed(
    client: RestClient, server: TinyServer, status: int
) -> None:
    async with TinyServer().running() as elsewhere:
        target = f"{elsewhere.address.url}/trap"
        elsewhere.on("/trap", Reply(body={}))
        server.on(PATH, Reply(status, headers={"Location": target}))
        with pytest.raises(UnexpectedAnswer, match="redirects to") as refusal:
            await client.request(
                "GET", PATH, headers={"X-Session-Token": "secret", "Authorization": "secret"}
            )
        assert target in str(refusal.value)
        assert elsewhere.asked == []
    assert len(server.asked) == 1


async def test_not_modified_is_no_redirect(client: RestClient, server: TinyServer) -> None:
    server.on(PATH, Reply(304))
    error = await refused(client)
    assert isinstance(error, UnexpectedAnswer)
    assert "304 Not Modified" in str(error)
    assert "redirect" not in str(error)


@pytest.mark.parametrize("location", ["", "//", "http://[::1", "\x01", "ftp://x", "https://"])
async def test_a_redirect_to_nonsense_is_an_error_of_ours(
    client: RestClient, server: TinyServer, location: str
) -> None:
    server.on(PATH, Reply(302, headers={"Location": location}))
    await refused(client)


# --- Retry-After ---


@pytest.mark.parametrize(
    ("headers", "pause_s"),
    [
        ({"retry-after": "90"}, 90),
        ({"retry-after": "1e30"}, LONGEST_PAUSE_S),
        ({"retry-after": "-1"}, None),
        ({}, None),
    ],
)
async def test_a_gateway_that_is_down_may_ask_for_a_pause(
    make_client: MakeClient, server: TinyServer, headers: dict[str, str], pause_s: float | None
) -> None:
    server.on(PATH, Reply(503, None, headers))
    with pytest.raises(GatewayBroken) as broken:
        await make_client().request("GET", PATH)
    assert broken.value.retry_after_s == pause_s


async def test_after_a_429_no_request_is_sent_until_the_pause_is_over(
    make_client: MakeClient, server: TinyServer
) -> None:
    clock = FakeClock()
    client = make_client(clock=clock)
    server.on(PATH, Reply(429, {"error": "Internal Server Error"}, {"retry-after": "7"}), Reply(body={}))
    error = await refused(client)
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == 7
    for path in (PATH, "/another"):
        clock.advance(3)
        again = await refused(client, path)
        assert isinstance(again, RateLimited)
    assert isinstance(again, RateLimited)
    assert again.retry_after_s == 1
    assert len(server.asked) == 1
    clock.advance(1)
    assert (await client.request("GET", PATH)).status == 200


@pytest.mark.parametrize(
    ("headers", "body", "pause_s"),
    [
        ({"retry-after": "1.5"}, {}, 1.5),
        ({}, {"error": "RATE_LIMIT_EXCEEDED", "retryAfter": 12}, 12),
        ({"retry-after": "3"}, {"retryAfter": 12}, 3),
        ({"retry-after": "999999999"}, {}, 3_600),
        ({"retry-after": "soon"}, {}, RETRY_AFTER_DEFAULT_S),
        ({"retry-after": "-5"}, {}, RETRY_AFTER_DEFAULT_S),
        ({"retry-after": "inf"}, {}, RETRY_AFTER_DEFAULT_S),
        ({"retry-after": "nan"}, {}, RETRY_AFTER_DEFAULT_S),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT", "date": "Wed, 21 Oct 2026 07:27:48 GMT"}, {}, 12),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 -0000", "date": "Wed, 21 Oct 2026 07:27:48 GMT"}, {}, 12),
        ({"retry-after": "Wednesday, 21-Oct-26 07:28:00 GMT", "date": "Wed Oct 21 07:27:48 2026"}, {}, 12),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT", "date": "Wed, 21 Oct 2026 09:00:00 GMT"}, {}, 0),
        (
            {"retry-after": "Fri, 21 Oct 2039 07:28:00 GMT", "date": "Wed, 21 Oct 2026 09:00:00 GMT"},
            {},
            3_600,
        ),
        ({"retry-after": "Wed, 99 Oct 2026 07:28:00 GMT"}, {}, RETRY_AFTER_DEFAULT_S),
        ({"retry-after": "Wed, 21 Oct 99999 07:28:00 GMT"}, {}, RETRY_AFTER_DEFAULT_S),
        ({}, HTML, RETRY_AFTER_DEFAULT_S),
        ({}, None, RETRY_AFTER_DEFAULT_S),
    ],
)
async def test_the_pause_is_the_one_asked_for_or_a_sane_one(
    client: RestClient, server: TinyServer, headers: dict[str, str], body: object, pause_s: float
) -> None:
    server.on(PATH, Reply(429, body, headers))
    error = await refused(client)
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == pause_s


async def test_a_negative_pause_in_the_body_is_no_pause_in_the_past(
    client: RestClient, server: TinyServer
) -> None:
    server.on(PATH, Reply(429, {"retryAfter": -30}))
    error = await refused(client)
    assert isinstance(error, RateLimited)
    assert error.retry_after_s > 0


async def test_a_pause_of_no_time_is_not_a_minute(client: RestClient, server: TinyServer) -> None:
    server.on(PATH, Reply(429, None, {"retry-after": "0"}), Reply(body={}))
    error = await refused(client)
    assert isinstance(error, RateLimited)
    assert error.retry_after_s < 1


# --- the shared budget ---


class SkippedPauses:
    """The pauses of a client, skipped by advancing its clock. ``meanwhile`` runs in each."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.taken: list[float] = []
        self.meanwhile: Callable[[], Awaitable[object]] = breathe

    async def nap(self, seconds: float) -> None:
        self.taken.append(seconds)
        self.clock.advance(seconds)
        await self.meanwhile()


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> SkippedPauses:
    naps, sleep = SkippedPauses(), asyncio.sleep

    async def nap(seconds: float) -> None:
        await (naps.nap(seconds) if seconds else sleep(0))

    monkeypatch.setattr(asyncio, "sleep", nap)
    return naps


async def budget_told(client: RestClient, server: TinyServer, left: str, returns: str) -> None:
    server.on(PATH, Reply(body={}, headers={"x-ratelimit-remaining": left, "x-ratelimit-reset": returns}))
    await client.request("GET", PATH)


async def test_a_series_waits_when_little_is_left_of_the_shared_budget(
    make_client: MakeClient, server: TinyServer, naps: SkippedPauses
) -> None:
    client = make_client(clock=naps.clock)
    await client.await_budget()
    await budget_told(client, server, str(BUDGET_RESERVE + 1), "40")
    await client.await_budget()
    assert naps.taken == []
    await budget_told(client, server, str(BUDGET_RESERVE), "40")
    naps.clock.advance(10)
    await client.await_budget()
    assert naps.taken == [30]
    await client.await_budget()
    assert len(naps.taken) == 1, "one wait, then the next answer decides"


async def test_a_pause_for_the_budget_is_reported_before_it_begins(
    make_client: MakeClient, server: TinyServer, naps: SkippedPauses
) -> None:
    """A refresh said "reading" for 36 s, and why only afterwards."""
    client = make_client(clock=naps.clock)
    told: list[tuple[float, int]] = []
    client.on_pause = lambda pause_s: told.append((pause_s, len(naps.taken)))
    await budget_told(client, server, "0", "1")
    await client.await_budget()
    await budget_told(client, server, "0", "36")
    await client.await_budget()
    assert naps.taken == [1, 36]
    assert told == [(36, 1)], "a wait of one second is not reported"


@pytest.mark.parametrize(
    ("left", "returns"), [("few", "40"), ("0", "soon"), ("", ""), ("nan", "1"), ("-3", "9")]
)
async def test_an_unreadable_budget_stops_no_request(
    make_client: MakeClient, server: TinyServer, naps: SkippedPauses, left: str, returns: str
) -> None:
    client = make_client(clock=naps.clock)
    await budget_told(client, server, left, returns)
    await client.await_budget()
    assert naps.taken == []


@pytest.mark.parametrize(
    ("returns", "told_s"), [("60.5", 60.5), ("900", 900), ("1e12", 3_600)], ids=["just", "long", "absurd"]
)
async def test_a_long_wait_for_the_budget_raises_instead(
    make_client: MakeClient, server: TinyServer, naps: SkippedPauses, returns: str, told_s: float
) -> None:
    client = make_client(clock=naps.clock)
    await budget_told(client, server, "0", returns)
    with pytest.raises(RateLimited) as limited:
        await client.await_budget()
    assert limited.value.retry_after_s == told_s
    assert naps.taken == []
    naps.clock.advance(told_s - LONGEST_WAIT_S)
    await client.await_budget()
    assert naps.taken == [LONGEST_WAIT_S], "the remaining wait is short enough"


async def test_a_budget_that_others_spend_again_is_not_waited_for_for_ever(
    make_client: MakeClient, server: TinyServer, naps: SkippedPauses
) -> None:
    client = make_client(clock=naps.clock)
    naps.meanwhile = lambda: budget_told(client, server, "0", "25")
    await budget_told(client, server, "0", "25")
    with pytest.raises(RateLimited) as limited:
        await client.await_budget()
    assert limited.value.retry_after_s == 25
    assert naps.taken == [25, 25]


async def test_who_waits_for_the_budget_can_be_cancelled_and_keeps_nobody_else_waiting(
    client: RestClient, server: TinyServer
) -> None:
    await budget_told(client, server, "0", "40")
    waiting = [asyncio.create_task(client.await_budget()) for _ in range(2)]
    await breathe()
    assert (await client.request("GET", PATH)).status == 200, "a single request does not wait"
    waiting[0].cancel()
    await breathe()
    assert waiting[0].cancelled()
    assert not waiting[1].done()
    again = asyncio.create_task(client.await_budget())
    await breathe()
    assert not again.done(), "a cancelled wait does not count"
    for task in (again, waiting[1]):
        task.cancel()
    await asyncio.wait([again, waiting[1]])
    assert not any("await_budget" in repr(task) for task in other_tasks())


async def test_a_gateway_that_tells_no_budget_is_asked_no_more_often(
    make_client: MakeClient, server: TinyServer, naps: SkippedPauses
) -> None:
    client = make_client(clock=naps.clock)
    server.on(PATH, Reply(body={}))
    for _ in range(USUAL_LIMIT - BUDGET_RESERVE):
        await client.await_budget()
        await client.request("GET", PATH)
        naps.clock.advance(0.01)
    assert naps.taken == []
    await client.await_budget()
    assert sum(naps.taken) == pytest.approx(WINDOW_S, abs=3), "the first of them is a minute ago"
    await client.request("GET", PATH)


async def test_a_gateway_may_announce_a_larger_budget(
    make_client: MakeClient, server: TinyServer, naps: SkippedPauses
) -> None:
    client = make_client(clock=naps.clock)
    server.on(PATH, Reply(body={}, headers={"x-ratelimit-limit": "600"}))
    for _ in range(USUAL_LIMIT + 1):
        await client.await_budget()
        await client.request("GET", PATH)
    assert naps.taken == []


# --- limits ---


async def test_a_body_over_the_bound_is_given_up(make_client: MakeClient, server: TinyServer) -> None:
    client = make_client(bounds=Bounds(frame_bytes=2**20))
    server.on("/fits", Reply(body=b"x" * 2**20))
    server.on("/over", Reply(body=b"x" * (2**20 + 1)))
    server.on("/drips", Reply(drips=[b"x" * 2**16] * 64))
    assert len((await client.request("GET", "/fits")).body) == 2**20
    for path in ("/over", "/drips"):
        error = await refused(client, path)
        assert isinstance(error, BoundExceeded)
        assert str(error.sentence).startswith("An answer of the gateway is larger than 1 MiB")


async def test_what_a_small_body_unpacks_to_is_bounded_too(
    make_client: MakeClient, server: TinyServer
) -> None:
    packed = gzip.compress(b"\0" * 2**22)
    server.on(PATH, Reply(body=packed, headers={"Content-Encoding": "gzip"}))
    assert isinstance(await refused(make_client(bounds=Bounds(frame_bytes=2**20))), BoundExceeded)


async def test_a_body_that_is_not_what_it_says_is_an_error_of_ours(
    client: RestClient, server: TinyServer
) -> None:
    server.on(PATH, Reply(body=b"this is no gzip", headers={"Content-Encoding": "gzip"}))
    assert isinstance(await refused(client), Unreachable)


async def test_silence_is_timed(
    make_client: MakeClient, server: TinyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest_client, "ANSWER_LIMIT_S", 0.1)
    server.on(PATH, Reply(never=True))
    error = await refused(make_client())
    assert isinstance(error, TimedOut)
    assert "within 0.1 s" in str(error)


async def test_an_answer_that_only_drips_is_timed_as_well(
    make_client: MakeClient, server: TinyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``ANSWER_LIMIT_S`` limits the whole request, not each piece of the answer."""
    monkeypatch.setattr(rest_client, "ANSWER_LIMIT_S", 0.3)
    server.on(PATH, Reply(drips=[b"x"] * 60, drip_every_s=0.05))
    async with asyncio.timeout(2):
        assert isinstance(await refused(make_client()), TimedOut)


async def test_a_closed_port_is_a_refused_port(make_client: MakeClient, server: TinyServer) -> None:
    async with TinyServer().running() as gone:
        address = gone.address
    assert isinstance(await refused(make_client(address=address)), PortRefused)


async def test_a_server_that_hangs_up_is_an_error_of_ours(make_client: MakeClient) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.close()

    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.6\r\n")
        await reader.readline()
        writer.close()

    for rude in (hang_up, babble):
        listener = await asyncio.start_server(rude, "127.0.0.1", 0)
        async with listener:
            port = listener.sockets[0].getsockname()[1]
            error = await refused(make_client(address=Address.parse(f"127.0.0.1:{port}")))
            assert isinstance(error, Unreachable)


async def test_half_a_character_in_a_payload_is_sent(make_client: MakeClient, server: TinyServer) -> None:
    """A name from a command line in another encoding: the token was blamed for it."""
    server.on(PATH, Reply(body={}))
    await make_client().request("POST", PATH, payload={"username": "Zo\udce9"})
    assert json.loads(server.asked[0].body) == {"username": "Zo\udce9"}
    assert server.asked[0].headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("secret", ["two\nlines", "with\x00zero", "sécret", "\ud800"])
async def test_a_token_no_header_can_carry_is_refused_and_not_repeated(
    client: RestClient, server: TinyServer, secret: str
) -> None:
    with pytest.raises(GatewayError) as refusal:
        await client.request("GET", PATH, headers={"Authorization": f"Bearer {secret}"})
    assert server.asked == []
    for part in secret.split():
        assert part not in str(refusal.value)
        assert part.encode("unicode_escape").decode() not in str(refusal.value)


async def test_a_cancelled_request_leaves_the_client_usable(client: RestClient, server: TinyServer) -> None:
    server.on("/slow", Reply(never=True))
    server.on(PATH, Reply(body={}))
    asking = asyncio.create_task(client.request("GET", "/slow"))
    await server.until_asked()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (await client.request("GET", PATH)).status == 200


# --- figures ---


async def test_round_trips_and_failures_are_counted_apart(client: RestClient, server: TinyServer) -> None:
    server.on(PATH, Reply(body={}))
    await client.request("GET", PATH)
    server.on(PATH, Reply(503))
    await refused(client)
    await client.request("GET", PATH, accept_refusals=frozenset({503}))
    counters = client.counters
    assert counters.sent == 3
    assert counters.round_trips.summary().count == 2
    assert counters.round_trips.failures == {GatewayBroken.kind: 1}
    assert (counters.limit, counters.left) == (None, None)


async def test_the_announced_budget_is_kept(client: RestClient, server: TinyServer) -> None:
    headers = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "211", "X-RateLimit-Reset": "30"}
    server.on(PATH, Reply(body={}, headers=headers))
    await client.request("GET", PATH)
    assert (client.counters.limit, client.counters.left) == (300, 211)
