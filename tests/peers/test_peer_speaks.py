"""The peers conform: tested with the stock python-socketio client and aiohttp, without our own code."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import socketio

from tests.peers.conftest import StartClient, StartGateway
from tests.peers.mailbox import Mailbox
from tests.peers.node import PROFILES, NodeClient, NodeGateway, PeerError
from tests.peers.shapes import assert_shape
from tests.ports import ephemeral_ports

UNKNOWN_ID = "66aa0000000000000000dead"


class Listener:
    """A stock client that records events, including `disconnect` and its reason."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.client = socketio.AsyncClient(handle_sigint=False, reconnection=False, http_session=session)
        self.heard: Mailbox[tuple[str, list[Any]]] = Mailbox()
        self.client.on("*", self._hear)
        self.client.on("connect", lambda: self._hear("connect"))
        self.client.on("disconnect", lambda reason: self._hear("disconnect", reason))

    def _hear(self, event: str, *args: Any) -> None:
        self.heard.put((event, list(args)))

    async def close(self) -> None:
        await self.client.disconnect()
        # On its own ping timeout python-engineio abandons the WebSocket: it would be a ResourceWarning in
        # whatever test the garbage collector runs in.
        if self.client.eio.ws:
            await self.client.eio.ws.close()

    async def wait_for(self, event: str, wanted: Callable[[Any], bool] = lambda payload: True) -> Any:
        """The first argument of the oldest such event not yet returned."""
        _, args = await self.heard.take(lambda it: it[0] == event and wanted(it[1][0] if it[1] else None))
        return args[0] if args else None

    def unclaimed(self, event: str) -> list[Any]:
        return [args[0] for name, args in self.heard.unclaimed if name == event]


@asynccontextmanager
async def listening(
    gateway: NodeGateway, auth: dict[str, Any] | None = None, headers: dict[str, str] | None = None
) -> AsyncIterator[Listener]:
    """Connect, by default with the observer's token; authentication is up to the test."""
    async with aiohttp.ClientSession(trust_env=False) as session:
        listener = Listener(session)
        credential = {"token": gateway.token} if auth is None else auth
        # A client that waits for the namespace ignores a disconnect that arrives with it.
        await listener.client.connect(
            gateway.url, auth=credential, headers=headers or {}, transports=["websocket"], wait=False
        )
        await listener.wait_for("connect")
        try:
            yield listener
        finally:
            await listener.close()


@asynccontextmanager
async def authenticated(gateway: NodeGateway, **options: Any) -> AsyncIterator[Listener]:
    async with listening(gateway, **options) as listener:
        await listener.wait_for("authenticated", lambda payload: payload["success"])
        yield listener


async def call(
    gateway: NodeGateway, path: str, *, token: str | None = "", body: Any = None, headers: Any = None
) -> tuple[int, Any, Mapping[str, str]]:
    """One REST call: status, body, headers. By default with the observer's token; None sends none."""
    credential = gateway.token if token == "" else token
    sent = {**(headers or {}), **({"Authorization": f"Bearer {credential}"} if credential else {})}
    method = "GET" if body is None else "POST"
    async with (
        aiohttp.ClientSession(trust_env=False) as session,
        session.request(method, gateway.url + path, headers=sent, json=body) as response,
    ):
        is_json = response.content_type == "application/json"
        return (
            response.status,
            await (response.json() if is_json else response.text()),
            response.headers,
        )


async def others_of(gateway: NodeGateway) -> list[str]:
    me = await gateway.me()
    return [key for key in await gateway.truth() if key != me]


async def guest_of(gateway: NodeGateway) -> tuple[str, str]:
    return next((key, it["sessionToken"]) for key, it in (await gateway.truth()).items() if it["isGuest"])


# --- authentication ---


async def test_good_credentials_are_accepted_in_each_place(node_gateway: NodeGateway) -> None:
    token = node_gateway.token
    header = {"Authorization": f"Bearer {token}"}
    for auth, headers in (({"token": token}, {}), ({"authToken": token}, {}), ({}, header)):
        async with listening(node_gateway, auth, headers) as listener:
            payload = await listener.wait_for("authenticated")
            assert_shape(payload, "authenticated")
            assert payload["success"] is True
            assert payload["user"] == {"id": await node_gateway.me(), "language": "en", "isAnonymous": False}
            assert ("version" in payload) == (node_gateway.profile == "meeshy-2026")
    key, session = await guest_of(node_gateway)
    in_auth = {"sessionToken": session, "sessionType": "anonymous"}
    for auth, headers in ((in_auth, {}), ({}, {"X-Session-Token": session})):
        async with listening(node_gateway, auth, headers) as listener:
            user = (await listener.wait_for("authenticated"))["user"]
            assert (user["id"], user["isAnonymous"]) == (key, True)


async def test_the_versions_look_at_the_places_in_opposite_order(node_gateway: NodeGateway) -> None:
    forged = await node_gateway.mint(forged=True)
    headers = {"Authorization": f"Bearer {forged}"}
    async with listening(node_gateway, {"token": node_gateway.token}, headers) as listener:
        if node_gateway.profile == "meeshy-2026":
            assert (await listener.wait_for("authenticated"))["success"] is True
        else:
            assert (await listener.wait_for("authenticated"))["success"] is False


async def _bad_tokens(gateway: NodeGateway) -> dict[str, dict[str, str]]:
    return {
        "Authentication failed": {"token": await gateway.mint(forged=True)},
        "User not found": {"token": await gateway.mint(user_id=UNKNOWN_ID)},
        "Anonymous session not found": {"sessionToken": "nobody"},
        "expired": {"token": await gateway.mint(lifetime_s=-10)},
    }


async def test_2026_sends_a_reason_and_disconnects(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    for reason, auth in (await _bad_tokens(gateway)).items():
        async with listening(gateway, auth) as listener:
            if reason == "expired":
                assert_shape(await listener.wait_for("auth:token-expired"), "authTokenExpired")
            else:
                assert await listener.wait_for("error") == {"message": reason}
            assert await listener.wait_for("disconnect") == listener.client.reason.SERVER_DISCONNECT
            assert not listener.unclaimed("authenticated")


async def test_2025_says_so_and_keeps_the_socket(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2025")
    for auth in [*(await _bad_tokens(gateway)).values(), {}, {"token": gateway.token, "tokenType": "opaque"}]:
        async with listening(gateway, auth) as listener:
            payload = await listener.wait_for("authenticated")
            assert payload["success"] is False
            assert "Bearer" in payload["error"]
            assert "x-session-token" in payload["error"]
            assert_shape(await listener.wait_for("error"), "errorEvent")
            # Late, over the same socket that failed.
            await listener.client.emit("authenticate", {"sessionToken": gateway.token})
            late = await listener.wait_for("authenticated")
            assert late == {"success": True, "user": {"id": await gateway.me(), "language": "en"}}


async def test_2026_waits_a_while_for_a_late_authentication(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026", auth_wait_ms=200)
    async with listening(gateway, {}) as listener:
        await listener.client.emit("authenticate", {})
        assert await listener.wait_for("error") == {"message": "token or sessionToken required"}
        await listener.client.emit("authenticate", {"token": gateway.token})
        assert (await listener.wait_for("authenticated"))["success"] is True
    async with listening(gateway, {}) as listener:
        await listener.wait_for("disconnect")


async def test_2026_limits_late_authentications(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    async with listening(gateway, {}) as listener:
        for _ in range(11):
            await listener.client.emit("authenticate", {})
        limited = await listener.wait_for("error", lambda payload: "code" in payload)
        assert limited["code"] == "RATE_LIMIT_EXCEEDED"
        await listener.wait_for("disconnect")


async def test_an_expired_session_can_be_refreshed_in_2026_only(node_gateway: NodeGateway) -> None:
    old = node_gateway.token
    path = f"{node_gateway.prefix}/auth/refresh"
    _, fresh, _ = await call(node_gateway, path, body={"token": old})
    assert_shape(fresh, "refreshResponse")
    await node_gateway.expire()
    async with listening(node_gateway, {"token": old}) as listener:
        if node_gateway.profile == "meeshy-2026":
            await listener.wait_for("auth:token-expired")
        else:
            assert (await listener.wait_for("authenticated"))["success"] is False
    status, answer, _ = await call(node_gateway, path, body={"token": old})
    if node_gateway.profile == "meeshy-2025":
        assert status == 401
        return
    assert status == 200
    async with authenticated(node_gateway, auth={"token": answer["data"]["token"]}):
        pass


async def test_revocation_is_known_to_2026_only(node_gateway: NodeGateway) -> None:
    async with authenticated(node_gateway) as listener:
        if node_gateway.profile == "meeshy-2025":
            with pytest.raises(PeerError, match="does not know"):
                await node_gateway.revoke()
            return
        await node_gateway.revoke("password_changed")
        payload = await listener.wait_for("auth:session-revoked")
        assert_shape(payload, "authSessionRevoked")
        assert payload["reason"] == "password_changed"
        assert await listener.wait_for("disconnect") == listener.client.reason.SERVER_DISCONNECT


# --- presence ---


async def test_the_snapshot_holds_everybody_else_by_handle(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    async with authenticated(gateway) as listener:
        snapshot = await listener.wait_for("presence:snapshot")
        assert_shape(snapshot, "presenceSnapshot")
        truth = await gateway.truth()
        assert {row["userId"] for row in snapshot["users"]} == set(await others_of(gateway))
        for row in snapshot["users"]:
            known = truth[row["userId"]]
            assert row["username"] == known["handle"]
            assert (row["isOnline"], row["lastActiveAt"]) == (known["isOnline"], known["lastActiveAt"])


async def test_2025_sends_no_snapshot(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2025")
    async with authenticated(gateway) as listener:
        # The own arrival is announced last, so a snapshot would have arrived before it.
        await listener.wait_for("user:status")
        assert not listener.unclaimed("presence:snapshot")


async def test_a_status_reaches_the_observer_under_both_names(node_gateway: NodeGateway) -> None:
    async with authenticated(node_gateway) as listener:
        key = (await others_of(node_gateway))[1]
        for event in ("user:status", "USER_STATUS"):
            sent_ms = await node_gateway.status(key, True, event=event, timestamp="2026-08-22T09:15:42.118Z")
            payload = await listener.wait_for(event, lambda it: it["userId"] == key)
            assert_shape(payload, "userStatus")
            person = (await node_gateway.truth())[key]
            assert payload["username"] == person["displayName"] != person["handle"]
            assert payload["timestamp"] == "2026-08-22T09:15:42.118Z"
            assert ("lastActiveAt" in payload) == (node_gateway.profile == "meeshy-2026")
            assert payload["isOnline"] is person["isOnline"] is True
            assert abs(sent_ms - time.time() * 1000) < 5_000


async def test_last_active_stays_when_someone_leaves_and_can_be_hidden(
    start_node_gateway: StartGateway,
) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    async with authenticated(gateway) as listener:
        key = (await others_of(gateway))[0]
        before = (await gateway.truth())[key]["lastActiveAt"]
        await gateway.status(key, False)
        left = await listener.wait_for("user:status", lambda it: it["userId"] == key)
        assert (left["isOnline"], left["lastActiveAt"]) == (False, before)
        await gateway.status(key, False, last_active_at=None)
        assert (await listener.wait_for("user:status", lambda it: it["userId"] == key))[
            "lastActiveAt"
        ] is None


async def test_sharing_two_conversations_means_two_copies_in_2025_only(
    start_node_gateway: StartGateway,
) -> None:
    for profile, copies in zip(PROFILES, (1, 2), strict=True):
        gateway = await start_node_gateway(profile, conversations=2)
        async with authenticated(gateway) as listener:
            key = (await others_of(gateway))[0]
            await gateway.status(key, True)
            await gateway.emit("end")
            await listener.wait_for("end")
            assert sum(it["userId"] == key for it in listener.unclaimed("user:status")) == copies


async def test_the_last_socket_leaving_is_announced_and_a_second_device_evicts_in_2025(
    node_gateway: NodeGateway,
) -> None:
    key = (await others_of(node_gateway))[0]
    token = await node_gateway.mint(user_id=key)
    async with authenticated(node_gateway) as listener:
        async with authenticated(node_gateway, auth={"token": token}):
            await listener.wait_for("user:status", lambda it: it["userId"] == key and it["isOnline"])
        await listener.wait_for("user:status", lambda it: it["userId"] == key and not it["isOnline"])
    me = await node_gateway.me()
    async with authenticated(node_gateway) as first, authenticated(node_gateway):
        if node_gateway.profile == "meeshy-2025":
            await first.wait_for("disconnect")
            while (await node_gateway.truth())[me]["isOnline"]:
                # The record of both is gone, and with it the events of the live one.
                pass
        else:
            assert (await node_gateway.truth())[me]["isOnline"] is True


async def test_2025_never_tells_that_a_guest_left(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2025")
    key, session = await guest_of(gateway)
    async with authenticated(gateway) as listener:
        async with authenticated(gateway, auth={"sessionToken": session}) as guest:
            await listener.wait_for("user:status", lambda it: it["userId"] == key)
            assert not guest.unclaimed("user:status")
            await guest.client.emit("conversation:join", {"conversationId": gateway.conversation})
            await guest.wait_for("conversation:joined")
            await gateway.status((await others_of(gateway))[0], False)
            await guest.wait_for("user:status")
        while (await gateway.truth())[key]["isOnline"]:
            pass
        await gateway.emit("end")
        await listener.wait_for("end")
        assert not [it for it in listener.unclaimed("user:status") if it["userId"] == key]


async def test_a_burst_arrives_whole_in_order_and_the_same_for_a_seed(
    start_node_gateway: StartGateway,
) -> None:
    gateway = await start_node_gateway("meeshy-2026", participants=30)
    async with authenticated(gateway) as listener:
        sent = await gateway.burst(500, seed=7)
        await gateway.emit("end")
        await listener.wait_for("end")
        me = await gateway.me()
        heard = [it for it in listener.unclaimed("user:status") if it["userId"] != me]
        assert len(heard) == sent["sent"] == 500
        last = {it["userId"]: it["isOnline"] for it in heard}
        assert last == {key: sent["truth"][key]["isOnline"] for key in last}
    again = await start_node_gateway("meeshy-2026", participants=30)
    repeated = await again.burst(500, seed=7)
    flags = [
        {key: it["isOnline"] for key, it in truth.items() if key != me}
        for truth in (sent["truth"], repeated["truth"])
    ]
    assert flags[0] == flags[1]


async def test_anything_can_be_emitted_and_a_stranger_stays_out_of_the_truth(
    node_gateway: NodeGateway,
) -> None:
    async with authenticated(node_gateway) as listener:
        await node_gateway.emit("user:status", 17)
        await listener.wait_for("user:status", lambda it: it == 17)
        await node_gateway.emit("never:heard", {"bytes": b"\x00\xff"}, None)
        _, args = await listener.heard.take(lambda it: it[0] == "never:heard")
        assert args == [{"bytes": b"\x00\xff"}, None]
    async with authenticated(node_gateway) as listener:
        await node_gateway.status(UNKNOWN_ID, True, username="A stranger")
        payload = await listener.wait_for("user:status", lambda it: it["userId"] == UNKNOWN_ID)
        assert payload["username"] == "A stranger"
        assert UNKNOWN_ID not in await node_gateway.truth()


async def test_a_big_snapshot_is_as_big_as_asked(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    async with authenticated(gateway) as listener:
        await gateway.big_snapshot(1_000_000)
        snapshot = await listener.wait_for("presence:snapshot", lambda it: len(str(it)) > 1_000_000)
        assert_shape(snapshot, "presenceSnapshot")
        await gateway.big_snapshot(5_000_000)
        # The stock client closes at 4 MiB, which this test checks.
        await listener.wait_for("disconnect")


async def test_recovery_appends_an_offset(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026", recovery=True)
    async with authenticated(gateway) as listener:
        key = (await others_of(gateway))[0]
        await gateway.status(key, True)
        _, args = await listener.heard.take(lambda it: it[0] == "user:status" and it[1][0]["userId"] == key)
        assert len(args) == 2


# --- rooms and heartbeat ---


async def test_joining_is_confirmed_and_a_heartbeat_answered_by_2026_only(node_gateway: NodeGateway) -> None:
    async with authenticated(node_gateway) as listener:
        await listener.client.emit("conversation:join", {"conversationId": "mshy_harbourcrew"})
        joined = await listener.wait_for("conversation:joined")
        assert joined == {"conversationId": node_gateway.conversation, "userId": await node_gateway.me()}
        assert_shape(await listener.wait_for("conversation:stats"), "conversationStats")
        await listener.client.emit("conversation:leave", {"conversationId": node_gateway.conversation})
        assert await listener.wait_for("conversation:left") == joined
    async with authenticated(node_gateway) as listener:
        await listener.client.emit("heartbeat", {"clientTime": int(time.time() * 1000)})
        await listener.client.emit("conversation:join", {"conversationId": node_gateway.conversation})
        await listener.wait_for("conversation:joined")
        answers = listener.unclaimed("heartbeat:ack")
        assert len(answers) == (1 if node_gateway.profile == "meeshy-2026" else 0)
        for answer in answers:
            assert_shape(answer, "heartbeatAck")


async def test_2026_sends_the_reason_of_a_failed_join(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026")

    async def reason(listener: Listener, payload: Any) -> str:
        await listener.client.emit("conversation:join", payload)
        refused = await listener.wait_for("conversation:join-error")
        assert_shape(refused, "conversationJoinError")
        return refused["reason"]

    async with listening(gateway, {}) as listener:
        assert await reason(listener, {"conversationId": gateway.conversation}) == "not_authenticated"
    async with authenticated(gateway) as listener:
        assert await reason(listener, {"conversationId": "66dd0000000000000000dead"}) == "not_a_member"
        assert await reason(listener, {"conversationId": 5}) == "invalid_payload"
        for _ in range(29):
            await listener.client.emit("conversation:join", {"conversationId": gateway.conversation})
        assert await reason(listener, {"conversationId": gateway.conversation}) == "rate_limited"


# --- trouble ---


async def test_kick_is_a_server_disconnect_and_cut_is_a_lost_transport(node_gateway: NodeGateway) -> None:
    async with authenticated(node_gateway) as listener:
        assert await node_gateway.kick() == 1
        assert await listener.wait_for("disconnect") == listener.client.reason.SERVER_DISCONNECT
    for reset in (False, True):
        async with authenticated(node_gateway) as listener:
            assert await node_gateway.cut(reset=reset) == 1
            assert await listener.wait_for("disconnect") != listener.client.reason.SERVER_DISCONNECT


async def test_refused_sockets_and_refused_rest_are_separate(node_gateway: NodeGateway) -> None:
    async with authenticated(node_gateway) as listener:
        assert await node_gateway.refuse(sockets=True) == 1
        await listener.wait_for("disconnect")
    with pytest.raises(socketio.exceptions.ConnectionError):
        async with listening(node_gateway):
            pass
    assert (await call(node_gateway, "/socket.io/?EIO=4&transport=polling"))[0] == 503
    assert (await call(node_gateway, "/health"))[0] == 200
    await node_gateway.refuse(sockets=False, rest=True)
    assert (await call(node_gateway, "/health"))[:2] == (503, "Service Unavailable")
    async with authenticated(node_gateway):
        pass
    await node_gateway.refuse(rest=False)
    assert (await call(node_gateway, "/health"))[0] == 200


async def test_a_paused_gateway_is_silent_until_resumed(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026", ping_interval_ms=100, ping_timeout_ms=100)
    async with authenticated(gateway) as listener:
        gateway.pause()
        # The stock client detects the missing ping itself.
        await listener.wait_for("disconnect")
        gateway.resume()
        assert (await call(gateway, "/health"))[0] == 200


async def test_a_paused_gateway_still_ends(node: None) -> None:
    async with NodeGateway() as gateway:
        gateway.pause()
        began = time.monotonic()
    assert time.monotonic() - began < 1.5


async def test_a_restart_keeps_port_and_tokens(node_gateway: NodeGateway) -> None:
    url, token = node_gateway.url, node_gateway.token
    async with authenticated(node_gateway) as listener:
        await node_gateway.restart()
        await listener.wait_for("disconnect")
    assert node_gateway.url == url
    async with authenticated(node_gateway, auth={"token": token}):
        pass


async def test_a_restart_keeps_any_number_of_expired_tokens(node: None) -> None:
    """A thousand whole tokens are more than Linux allows in one argument of a command."""
    async with NodeGateway() as gateway:
        for _ in range(1_000):
            token = await gateway.mint()
        await gateway.expire()
        await gateway.reboot()
        assert (await call(gateway, "/api/v1/auth/me", token=token))[0] == 401


async def test_no_client_gets_the_port_during_a_restart(node_gateway: NodeGateway) -> None:
    first, last = ephemeral_ports()
    assert not first <= int(node_gateway.url.rpartition(":")[2]) <= last


async def test_a_dead_gateway_is_reported_not_waited_for(node_gateway: NodeGateway) -> None:
    await node_gateway.command({"cmd": "exit"})
    # Which of the three depends on how far the process has ended.
    with pytest.raises(PeerError, match=r"ended|not running|has gone"):
        await node_gateway.truth()


async def test_an_impossible_start_has_a_reason(node: None) -> None:
    async with NodeGateway() as gateway:
        with pytest.raises(PeerError, match="EADDRINUSE"):
            async with NodeGateway(port=gateway.port):
                pass
    with pytest.raises(PeerError, match="no such command"):
        async with NodeGateway() as gateway:
            await gateway.command({"cmd": "constructor"})


# --- REST ---


async def test_the_probe_tells_the_version_and_a_login_works(node_gateway: NodeGateway) -> None:
    status, health, _ = await call(node_gateway, "/health", token=None)
    assert status == 200
    assert_shape(health, "healthResponse")
    assert (await call(node_gateway, f"{node_gateway.prefix}/auth/me"))[0] == 200
    assert (await call(node_gateway, f"{node_gateway.prefix}/auth/me", token=None))[0] == 401
    other = "/api/auth/me" if node_gateway.profile == "meeshy-2026" else "/api/v1/auth/me"
    status, body, _ = await call(node_gateway, other)
    assert status == 404
    assert_shape(body, "errorResponse")
    path = f"{node_gateway.prefix}/auth/login"
    credential = {"username": "observer01", "password": "not-a-real-secret"}
    _, body, _ = await call(node_gateway, path, token=None, body=credential)
    assert_shape(body, "loginResponse")
    async with authenticated(node_gateway, auth={"token": body["data"]["token"]}):
        pass
    status, refused, _ = await call(node_gateway, path, token=None, body={**credential, "password": "x"})
    assert (status, refused["error"]) == (401, "Identifiants invalides")


async def test_conversations_are_listed_and_a_bad_token_is_403_there_but_401_for_accounts(
    node_gateway: NodeGateway,
) -> None:
    paths = ("/conversations", f"/conversations/{node_gateway.conversation}/participants")
    for token in (None, "rubbish", await node_gateway.mint(lifetime_s=-10)):
        status, body, _ = await call(node_gateway, f"{node_gateway.prefix}/auth/me", token=token)
        assert status == 401
        assert "success" not in body
        for path in paths:
            status, body, _ = await call(node_gateway, node_gateway.prefix + path, token=token)
            assert status == 403
            assert_shape(body, "errorResponse")
    _, body, _ = await call(node_gateway, f"{node_gateway.prefix}/conversations")
    assert_shape(body, "conversationsResponse")
    assert [row["id"] for row in body["data"]] == [node_gateway.conversation]


async def test_2026_pages_conversations_by_cursor(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026", conversations=5)
    seen: list[str] = []
    cursor = ""
    while True:
        _, body, _ = await call(gateway, f"/api/v1/conversations?limit=2{cursor}")
        seen += [row["id"] for row in body["data"]]
        if not body["cursorPagination"]["hasMore"]:
            break
        cursor = f"&before={body['cursorPagination']['nextCursor']}"
    assert len(seen) == len(set(seen)) == 5


async def test_2026_pages_participants_and_their_presence_is_stale(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026", participants=250)
    path = f"/api/v1/conversations/{gateway.conversation}/participants"
    rows: list[dict[str, Any]] = []
    cursor = ""
    sizes: list[int] = []
    while True:
        _, body, _ = await call(gateway, f"{path}?limit=100{cursor}")
        assert_shape(body, "participantsResponse")
        rows += body["data"]
        sizes.append(len(body["data"]))
        assert (body["pagination"]["totalCount"], body["pagination"]["totalCountCapped"]) == (199, True)
        if not body["pagination"]["hasMore"]:
            break
        cursor = f"&cursor={body['pagination']['nextCursor']}"
    assert sizes == [100, 100, 50]
    truth = await gateway.truth()
    assert {row["userId"] or row["id"] for row in rows} == set(truth)
    guests = {row["id"] for row in rows if row["isAnonymous"]}
    assert guests
    assert any(each["isOnline"] for key, each in truth.items() if key not in guests), "the list says no"
    for row in rows:
        assert_shape(row, "participant")
        if row["isAnonymous"]:
            assert row["isOnline"] == truth[row["id"]]["isOnline"]
        else:
            assert (row["isOnline"], row["lastActiveAt"]) == (False, row["joinedAt"])
    assert len((await call(gateway, path))[1]["data"]) == 20
    assert (await call(gateway, f"{path}?cursor=gone"))[1]["data"] == []
    for query in ("limit=101", "onlineOnly=yes", "role=boss"):
        status, body, _ = await call(gateway, f"{path}?{query}")
        assert (status, body["code"]) == (400, "VALIDATION_ERROR")
    member = await gateway.mint(user_id=next(key for key, it in truth.items() if it["handle"].endswith(".8")))
    assert (await call(gateway, f"{path}?limit=100", token=member))[1]["pagination"]["totalCount"] == 99


async def test_2025_lists_participants_at_once_and_has_no_runtime_presence(
    start_node_gateway: StartGateway,
) -> None:
    gateway = await start_node_gateway("meeshy-2025", participants=60)
    _, body, _ = await call(gateway, f"/api/conversations/{gateway.conversation}/participants")
    assert_shape(body, "participantsResponse")
    assert "pagination" not in body
    truth = await gateway.truth()
    assert {row["id"] for row in body["data"]} == set(truth)
    for row in body["data"]:
        assert row["isOnline"] == truth[row["id"]]["isOnline"]
        if row.get("isAnonymous"):
            assert "userId" not in row
            # The time it joined, whatever it did since.
            assert row["lastActiveAt"].startswith("2025-09-01")
    assert (await call(gateway, "/api/users/presence?ids=x"))[0] == 404


async def test_runtime_presence_is_the_truth_for_at_most_200(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    truth = await gateway.truth()
    path = "/api/v1/users/presence"
    _, body, _ = await call(gateway, f"{path}?ids={','.join([*truth, *truth, UNKNOWN_ID])}")
    assert_shape(body, "presenceResponse")
    rows = {row["userId"]: (row["isOnline"], row["lastActiveAt"]) for row in body["data"]["users"]}
    assert len(body["data"]["users"]) == len(truth) + 1
    assert rows.pop(UNKNOWN_ID) == (False, None)
    assert rows == {key: (it["isOnline"], it["lastActiveAt"]) for key, it in truth.items()}
    status, body, _ = await call(gateway, f"{path}?ids={','.join(str(n) for n in range(201))}")
    assert (status, body["error"]) == (400, "Max 200 ids per request")
    assert (await call(gateway, path))[0] == 400
    _, session = await guest_of(gateway)
    status, body, _ = await call(gateway, f"{path}?ids=x", token=None, headers={"X-Session-Token": session})
    assert (status, body["code"]) == (403, "REGISTERED_USER_REQUIRED")


async def test_answers_can_be_replaced_for_a_while(node_gateway: NodeGateway) -> None:
    path = f"{node_gateway.prefix}/conversations"
    await node_gateway.answer(path, 429, headers={"retry-after": "7"}, body={"statusCode": 429}, times=1)
    await node_gateway.answer("/conversations", 500, body="<h1>Oops</h1>", times=1)
    status, body, headers = await call(node_gateway, path)
    assert (status, body, headers["retry-after"]) == (429, {"statusCode": 429}, "7")
    assert (await call(node_gateway, path))[:2] == (500, "<h1>Oops</h1>")
    assert (await call(node_gateway, path))[0] == 200
    await node_gateway.answer("/conversations", 404, body={"error": "gone"})
    assert [(await call(node_gateway, path))[0] for _ in range(2)] == [404, 404]
    await node_gateway.clear()
    assert (await call(node_gateway, path))[0] == 200


async def test_a_held_answer_is_older_than_what_overtook_it(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    key = (await others_of(gateway))[1]
    await gateway.answer("/users/presence", hold=True, times=1)
    asked = asyncio.create_task(call(gateway, f"/api/v1/users/presence?ids={key}"))
    await gateway.until_requested("/api/v1/users/presence")
    await gateway.status(key, True)
    assert await gateway.release() == 1
    _, body, _ = await asked
    assert body["data"]["users"][0]["isOnline"] is False


async def test_requests_are_counted_without_those_of_sockets(node_gateway: NodeGateway) -> None:
    await call(node_gateway, "/health")
    await call(node_gateway, "/health")
    async with authenticated(node_gateway) as listener:
        assert await node_gateway.requests() == {"/health": 2}
        await node_gateway.quiet()
        await node_gateway.emit("end")
        await listener.wait_for("end")
        assert await node_gateway.requests() == {}


# --- the foreign client ---


async def test_the_node_client_hears_and_speaks_and_leaves_by_itself(
    node_gateway: NodeGateway, start_node_client: StartClient
) -> None:
    client = await start_node_client(node_gateway.url, token=node_gateway.token, profile=node_gateway.profile)
    await client.wait_for("connect")
    assert (await client.wait_for("authenticated"))["args"][0]["success"] is True
    await client.emit("conversation:join", {"conversationId": node_gateway.conversation})
    await client.wait_for("conversation:joined", lambda it: it["conversationId"] == node_gateway.conversation)
    await node_gateway.emit("odd", b"\x01")
    assert (await client.wait_for("odd"))["args"] == [{"$binary": "AQ=="}]
    await node_gateway.kick()
    assert (await client.wait_for("disconnect"))["args"] == ["io server disconnect"]
    key, session = await guest_of(node_gateway)
    async with NodeClient(node_gateway.url, session_token=session, profile=node_gateway.profile) as client:
        user = (await client.wait_for("authenticated"))["args"][0]["user"]
        assert (user["id"], user["isAnonymous"]) == (key, True)
        await client.disconnect()
        await client.wait_for("disconnect", lambda reason: reason == "io client disconnect")
    with pytest.raises(PeerError):
        await client.wait_for("never")
