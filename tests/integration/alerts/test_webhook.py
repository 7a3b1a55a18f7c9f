"""Webhooks against a real server: requests, retries and failures."""

import base64
import hashlib
import hmac
import json
import logging
import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from aiohttp import web

from presence_tui.alerts import webhook
from presence_tui.alerts.delivery import DeliveryError, DeliveryQueue, build_notice
from presence_tui.alerts.rules import Alert, RuleMatch
from presence_tui.alerts.webhook import ATTEMPTS, BadWebhook, Webhook, WebhookAddress
from presence_tui.cli import logs
from tests.integration.alerts.receiver import receiving
from tests.unit.alerts.alert_harness import rule
from tests.unit.clock import START_S, FakeClock

PATH = "/hooks/s3cr3t-path?token=s3cr3t-query"
SECRET = "whsec_" + base64.b64encode(b"a key of somebody's own").decode()
NOTICE = build_notice(
    Alert(START_S, (RuleMatch(rule("comes", name="Ada"), START_S, "ada", "Ada"),)),
    lambda alert: "Ada came online",
    "gate.example",
)


class Sleeper:
    """Records the requested delays."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


async def post(
    url: str, *, secret: str = "", tls: ssl.SSLContext | None = None, **settings: Any
) -> tuple[str, list[float]]:
    """The result, and the delays between attempts."""
    sleeper = Sleeper()
    hook = Webhook(
        WebhookAddress.parse(url),
        tls or ssl.create_default_context(),
        secret=secret,
        clock=FakeClock(),
        sleep=sleeper.sleep,
        **settings,
    )
    try:
        return await hook.send(NOTICE), sleeper.waits
    except DeliveryError as problem:
        return str(problem), sleeper.waits
    finally:
        await hook.close()


async def test_it_is_posted_as_json_and_signed() -> None:
    async with receiving() as receiver:
        said, waits = await post(receiver.url + PATH, secret=SECRET)
        assert (said, waits) == ("204 No Content", [])
    (request,) = receiver.received
    assert (request.method, request.path) == ("POST", PATH)
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("presence-tui/")
    assert json.loads(request.body)["rings"][0]["user_id"] == "ada"
    at, notice_id = request.headers["webhook-timestamp"], request.headers["webhook-id"]
    assert (at, notice_id) == (str(int(START_S)), NOTICE.id)
    signed = f"{notice_id}.{at}.".encode() + request.body
    expected = hmac.new(b"a key of somebody's own", signed, hashlib.sha256).digest()
    assert request.headers["webhook-signature"] == f"v1,{base64.b64encode(expected).decode()}"
    assert "s3cr3t" not in request.body.decode()


async def test_without_a_secret_nothing_is_signed() -> None:
    async with receiving() as receiver:
        await post(receiver.url)
    assert "webhook-signature" not in receiver.received[0].headers


async def test_no_credentials_of_the_environment_are_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1\nlogin ada\npassword s3cr3t\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    async with receiving() as receiver:
        await post(receiver.url)
    assert "authorization" not in receiver.received[0].headers


async def test_what_may_pass_is_tried_again_with_growing_pauses_and_the_same_id() -> None:
    troubles = [web.Response(status=status) for status in (500, 503, 429)]
    async with receiving(*troubles) as receiver:
        said, waits = await post(receiver.url)
    assert said == "204 No Content"
    assert len(receiver.received) == 4
    assert {request.headers["webhook-id"] for request in receiver.received} == {NOTICE.id}
    assert len(waits) == 3
    assert all(later >= 2**number for number, later in enumerate(waits))


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_what_may_pass_is_tried_again(status: int) -> None:
    async with receiving(web.Response(status=status)) as receiver:
        said, waits = await post(receiver.url)
    assert (said, len(waits), len(receiver.received)) == ("204 No Content", 1, 2)


async def test_its_client_is_closed_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    clients: list[httpx.AsyncClient] = []

    class Client(httpx.AsyncClient):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            clients.append(self)

    monkeypatch.setattr(httpx, "AsyncClient", Client)
    async with receiving(web.Response(status=503)) as receiver:
        await post(receiver.url)
    assert [client.is_closed for client in clients] == [True], "all attempts share one client"


async def test_a_pause_that_is_asked_for_is_made_within_bounds() -> None:
    asked = [
        web.Response(status=429, headers={"Retry-After": "20"}),
        web.Response(status=503, headers={"Retry-After": "86400"}),
        web.Response(
            status=503,
            headers={
                "Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT",
                "Date": "Wed, 21 Oct 2026 07:27:40 GMT",
            },
        ),
    ]
    async with receiving(*asked) as receiver:
        _, waits = await post(receiver.url)
    assert waits == [20, webhook.LONGEST_WAIT_S, 20]


async def test_it_gives_up_after_so_many_attempts_and_says_what_the_last_one_said() -> None:
    async with receiving(*(web.Response(status=500) for _ in range(20))) as receiver:
        said, _ = await post(receiver.url + PATH)
        host = receiver.url.removeprefix("http://")
    assert len(receiver.received) == ATTEMPTS
    assert said == f"The webhook at {host} failed {ATTEMPTS} times: {host} answers 500 Internal Server Error."


@pytest.mark.parametrize("status", [304, 400, 401, 404, 410, 422])
async def test_what_is_refused_is_not_tried_again(status: int) -> None:
    async with receiving(web.Response(status=status)) as receiver:
        said, waits = await post(receiver.url + PATH)
    assert (len(receiver.received), waits) == (1, [])
    assert f"refuses it: {status}" in said
    assert "s3cr3t" not in said


@pytest.mark.parametrize("is_trusted", [True, False])
async def test_a_receiver_is_trusted_by_the_given_authorities_only(is_trusted: bool) -> None:
    authority = trustme.CA()
    server_tls, client_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server_tls)
    if is_trusted:
        authority.configure_trust(client_tls)
    async with receiving(tls=server_tls) as receiver:
        said, _ = await post(receiver.url + PATH, tls=client_tls)
    if is_trusted:
        assert (said, len(receiver.received)) == ("204 No Content", 1)
    else:
        assert "certificate" in said and "s3cr3t" not in said
        assert receiver.received == []


async def test_redirects_are_not_followed() -> None:
    async with receiving() as elsewhere:
        away = web.Response(status=307, headers={"Location": elsewhere.url})
        async with receiving(away) as receiver:
            said, _ = await post(receiver.url, secret=SECRET)
    assert (len(receiver.received), len(elsewhere.received)) == (1, 0)
    assert "redirects elsewhere" in said


async def test_a_closed_port_is_reported() -> None:
    async with receiving() as receiver:
        pass
    said, waits = await post(receiver.url + PATH)
    assert len(waits) == ATTEMPTS - 1
    assert "Nothing listens" in said or "refuse" in said
    assert "s3cr3t" not in said


async def test_a_slow_answer_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    monkeypatch.setattr(webhook, "LIMIT_S", 0.05)
    async with receiving() as receiver:
        receiver.hangs = asyncio.Event()
        said, waits = await post(receiver.url)
    assert (len(waits), "did not answer within" in said) == (ATTEMPTS - 1, True)


@pytest.mark.parametrize("answers", [[500] * ATTEMPTS, [404], [307], []])
async def test_nothing_secret_is_logged(answers: list[int], caplog: pytest.LogCaptureFixture) -> None:
    """Not even at level debug, before the log file masks anything."""
    caplog.set_level(logging.DEBUG, logger="presence_tui")
    await deliver(*answers)
    ours = [record for record in caplog.records if record.name.startswith("presence_tui")]
    text = "\n".join(logging.Formatter().format(record) for record in ours)
    assert ("not delivered: The webhook at " if answers else f"alert {NOTICE.id} delivered") in text
    assert "s3cr3t" not in text and SECRET not in text


async def test_the_log_file_holds_no_address_that_a_library_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for logger in (logging.getLogger(), logging.getLogger("presence_tui")):
        monkeypatch.setattr(logger, "level", logger.level)
        monkeypatch.setattr(logger, "handlers", list(logger.handlers))
        monkeypatch.setattr(logger, "_cache", {})
    logs.log_to(tmp_path / "log.txt", "debug")
    file = logging.getLogger().handlers[-1]
    assert isinstance(file, logs.LogFile)
    try:
        await deliver()
    finally:
        file.stream.close()
    text = (tmp_path / "log.txt").read_text()
    assert f"alert {NOTICE.id} delivered: 204 No Content" in text
    assert "hooks" not in text and "HTTP Request" not in text


async def deliver(*statuses: int) -> None:
    """Send the notice through the queue, which logs the result."""
    away = {"Location": "/s3cr3t-location"}
    async with receiving(*(web.Response(status=status, headers=away) for status in statuses)) as receiver:
        hook = Webhook(
            WebhookAddress.parse(receiver.url + PATH),
            ssl.create_default_context(),
            secret=SECRET,
            clock=FakeClock(),
            sleep=Sleeper().sleep,
        )
        queue = DeliveryQueue(hook, lambda sentence: None)
        queue.enqueue(NOTICE)
        await queue.wait_until_idle()
        await queue.close()
        assert receiver.received


NO_SCHEME = "[notifications]: the webhook must be an address that begins with https:// or http://."
NO_ADDRESS = "[notifications]: the webhook is no address."
HOLDS_ODD = "[notifications]: the webhook holds what no address may hold."


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("", NO_SCHEME),
        ("hooks.example", NO_SCHEME),
        ("ftp://hooks.example", NO_SCHEME),
        ("https://", NO_SCHEME),
        ("https://a b/", HOLDS_ODD),
        ("https://h.example/\x1b", HOLDS_ODD),
        ("https://[/", NO_ADDRESS),
    ],
)
def test_what_is_no_address_is_refused(address: str, sentence: str) -> None:
    with pytest.raises(BadWebhook) as refused:
        WebhookAddress.parse(address)
    assert str(refused.value) == sentence


def test_only_the_host_of_an_address_is_shown() -> None:
    assert WebhookAddress.parse(f"https://hooks.example{PATH}").shown == "hooks.example"
    assert WebhookAddress.parse(f"http://user:pass@hooks.example:8080{PATH}").shown == "hooks.example:8080"


@pytest.mark.parametrize(
    ("address", "port"),
    [("http://hooks.example/", 80), ("https://hooks.example/", 443), ("https://hooks.example:8443/", 8443)],
)
def test_the_port_is_that_of_the_address_or_of_its_scheme(address: str, port: int) -> None:
    assert WebhookAddress.parse(address).address.port == port


async def test_the_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        said, _ = await post("http://hooks.example/desk")
        (received,) = proxy.received
    assert (said, received.headers["host"], received.path) == ("204 No Content", "hooks.example", "/desk")


def test_a_secret_that_is_not_base64_is_taken_as_it_is() -> None:
    assert webhook.signing_key("whsec_!") == b"whsec_!"
    assert webhook.signing_key("plain") == b"plain"
    assert webhook.signing_key("") == b""
