"""The interop peers as Python objects: a Node gateway to be a client of, and a Node client to serve.

    async with NodeGateway(profile="meeshy-2025", participants=40) as gateway:
        await gateway.status(user_id, True)

    async with NodeClient(url, token=token) as client:
        await client.wait_for("authenticated")

Commands are described by the functions of control.mjs.
"""

import asyncio
import itertools
import json
import signal
from collections.abc import Callable
from types import TracebackType
from typing import Any, Literal, Self

from tests.peers.mailbox import PATIENCE_S, Mailbox
from tests.peers.process import NodeProcess, PeerError, node_ready
from tests.ports import restartable_port

__all__ = ["PREFIXES", "PROFILES", "NodeClient", "NodeGateway", "PeerError", "node_ready"]

PREFIXES = {"meeshy-2026": "/api/v1", "meeshy-2025": "/api"}
PROFILES = tuple(PREFIXES)
ABSENT: Any = object()

Json = dict[str, Any]
Reason = Literal["password_changed", "logout_all_devices", "admin_revoke"]


def _given(**fields: Any) -> Json:
    """The given fields, so that JavaScript gets `undefined` for others; None is sent as null."""
    return {name: value for name, value in fields.items() if value is not ABSENT}


def _arguments(**options: Any) -> list[str]:
    """`ping_interval=300` becomes `--ping-interval 300`, True a bare flag; None and False are left out."""
    words: list[str] = []
    for name, value in options.items():
        if value is None or value is False:
            continue
        words.append(f"--{name.replace('_', '-')}")
        if value is not True:
            words.append(str(value))
    return words


class _Peer:
    """A process that lives as long as the `async with`, shared by both peers."""

    _node: NodeProcess

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        raise NotImplementedError

    async def stop(self) -> None:
        await self._node.stop()


class NodeGateway(_Peer):
    """The official Socket.IO server as a gateway of either version. `participants` counts the observer.

    The observer is the account of `.token`; it is offline until somebody connects with it.
    """

    url: str
    token: str
    conversation: str

    def __init__(
        self,
        profile: str = "meeshy-2026",
        *,
        participants: int = 6,
        conversations: int = 1,
        port: int = 0,
        ping_interval_ms: int | None = None,
        ping_timeout_ms: int | None = None,
        auth_wait_ms: int | None = None,
        recovery: bool | Literal["trusted"] = False,
        budget: int | None = None,
        deserted: bool = False,
    ) -> None:
        self.profile = profile
        self.prefix = PREFIXES[profile]
        self.port = port or restartable_port()
        self._options = {
            "profile": profile,
            "participants": participants,
            "conversations": conversations,
            "ping_interval": ping_interval_ms,
            "ping_timeout": ping_timeout_ms,
            "auth_wait": auth_wait_ms,
            "recovery": "on" if recovery is True else recovery,
            "budget": budget,
            "deserted": deserted,
        }
        self._numbers = itertools.count(1)

    async def start(self) -> None:
        """Start, and wait until it listens. After `stop` it uses the same port again."""
        self._said: Mailbox[Json] = Mailbox()
        arguments = _arguments(port=self.port, **self._options)
        self._node = NodeProcess("gateway.mjs", arguments, self._said.put, self._said.fail)
        await self._node.start()
        ready = await self._said.take(lambda line: "url" in line)
        self.url, self.token, self.conversation = ready["url"], ready["token"], ready["conversation"]
        self.port = int(self.url.rpartition(":")[2])

    async def restart(self) -> None:
        """A new process on the same port: earlier tokens stay valid, the truth is reset."""
        await self.stop()
        await self.start()

    async def reboot(self) -> None:
        """A new process on the same port with the database of the one before."""
        database = (await self._command("database"))["database"]
        await self.stop()
        self._options["database"] = json.dumps(database)
        await self.start()

    def pause(self) -> None:
        """SIGSTOP: connections stay open and nothing answers."""
        self._node.signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._node.signal(signal.SIGCONT)

    async def command(self, command: Json, timeout_s: float = PATIENCE_S) -> Json:
        """Send one command and return its answer. Raises PeerError if it failed."""
        number = next(self._numbers)
        await self._node.write({**command, "id": number})
        answer = await self._said.take(lambda line: line.get("id") == number, timeout_s)
        if not answer["ok"]:
            raise PeerError(f"{command['cmd']}: {answer['error']}")
        return answer

    async def _command(self, cmd: str, **fields: Any) -> Json:
        return await self.command({"cmd": cmd, **_given(**fields)})

    async def status(
        self,
        user_id: str,
        is_online: bool,
        *,
        last_active_at: str | None = ABSENT,
        timestamp: str | float = ABSENT,
        event: str = ABSENT,
        username: str = ABSENT,
    ) -> float:
        """Changes the truth and announces it; returns the epoch milliseconds at which it was sent.

        Without `last_active_at` it becomes now for online and stays for offline. An id that nobody knows is
        announced too, under `username`, and does not enter the truth.
        """
        answer = await self._command(
            "status",
            userId=user_id,
            isOnline=is_online,
            lastActiveAt=last_active_at,
            timestamp=timestamp,
            event=event,
            username=username,
        )
        return answer["sent_ms"]

    async def emit(self, event: str, *args: Any) -> float:
        """Send any event with any arguments (including bytes) to all sockets; returns epoch milliseconds."""
        return (await self._command("emit", event=event, args=args))["sent_ms"]

    async def raw(self, text: str) -> None:
        """Send an Engine.IO message with this text to all sockets, such as a broken Socket.IO packet."""
        await self._command("raw", text=text)

    async def stop_pings(self) -> None:
        """Stop pings of all current connections; events continue."""
        await self._command("stop-pings")

    async def burst(self, count: int, seed: int = 1) -> Json:
        """`count` flips as fast as Node can: {sent, began_ms, ended_ms, truth}."""
        return await self.command({"cmd": "burst", "count": count, "seed": seed})

    async def truth(self) -> dict[str, Json]:
        """Per presence key: isOnline, lastActiveAt, handle, displayName, participantId, isGuest,
        sessionToken (guests).
        """
        return (await self._command("truth"))["truth"]

    async def me(self) -> str:
        """The observer's presence key."""
        return (await self._command("truth"))["me"]

    async def member(
        self,
        verb: Literal["add", "enterByLink", "remove", "removeSilently", "ban", "unban"],
        *,
        user_id: str = ABSENT,
        conversation: str = ABSENT,
    ) -> None:
        """Add or remove a member (by default the observer) of a conversation (by default the first)."""
        await self._command("member", verb=verb, userId=user_id, conversation=conversation)

    async def enter_as_guest(self, name: str) -> str:
        """Enter the first conversation by a link, without an account; returns the presence key."""
        return (await self._command("guest", name=name))["userId"]

    async def open_conversation(self, title: str, *user_ids: str) -> str:
        """Create a conversation; its members are notified. Returns its id."""
        return (await self._command("open", title=title, userIds=user_ids))["conversation"]

    async def retitle(self, title: str, *, conversation: str = ABSENT) -> None:
        """conversation:updated."""
        await self._command("retitle", conversation=conversation, title=title)

    async def end_conversation(self, *, deleted: bool, conversation: str = ABSENT) -> None:
        """conversation:deleted or conversation:closed, which end all memberships."""
        await self._command("end", conversation=conversation, isDeleted=deleted)

    async def rename(self, user_id: str, name: str) -> None:
        """user:updated; names in conversations stay."""
        await self._command("rename", userId=user_id, name=name)

    async def nickname(self, user_id: str, name: str, *, conversation: str = ABSENT) -> None:
        """Set a name in one conversation (2026), without an event."""
        await self._command("nickname", conversation=conversation, userId=user_id, name=name)

    async def hide(self, user_id: str = ABSENT, *, hidden: bool = True) -> None:
        """Set the preference showOnlineStatus of a person, by default the observer."""
        await self._command("hide", userId=user_id, isHidden=hidden)

    async def rank(self, rank: str, user_id: str = ABSENT) -> None:
        """Set a person's role in all conversations; plain members get lists of 99 others."""
        await self._command("rank", userId=user_id, rank=rank)

    async def leave_out(self, *user_ids: str) -> None:
        """Omit these keys from snapshots and runtime answers; without arguments, omit none."""
        await self._command("leave-out", userIds=user_ids)

    async def booting(self, booting: bool) -> None:
        """While true the runtime answers false for everyone, and the uptime is that of a boot."""
        await self._command("booting", isBooting=booting)

    async def connect_device(self, user_id: str) -> None:
        """Connect a real client of a person; returns when all are notified."""
        await self._command("device", verb="connect", userId=user_id)

    async def disconnect_device(self, user_id: str) -> None:
        """Disconnect the oldest client of a person; returns when all are notified."""
        await self._command("device", verb="leave", userId=user_id)

    async def state(self, mark: int) -> Json:
        """Its own maps: me; people with key, devices, isHidden and what `truth` says; rooms with members,
        banned, names; openRequests. Sends `test:mark` behind all that led to it.
        """
        return await self._command("state", mark=mark)

    async def hold_statuses(self) -> None:
        """Hold statuses from now on."""
        await self._command("hold-statuses")

    async def release_statuses(self, *, reversed_order: bool = False) -> None:
        """Send the held statuses."""
        await self._command("release-statuses", isReversed=reversed_order)

    async def kick(self, user_id: str = ABSENT) -> int:
        """Disconnect every socket, or those of one account, from the server side; returns how many."""
        return (await self._command("kick", userId=user_id))["kicked"]

    async def cut(self, *, reset: bool = False, spares_devices: bool = False) -> int:
        """Close the TCP connections of Socket.IO without a close frame, or by RST; returns how many."""
        return (await self._command("cut", reset=reset, sparesDevices=spares_devices))["cut"]

    async def refuse(
        self, *, sockets: bool = ABSENT, rest: bool = ABSENT, spares_devices: bool = False
    ) -> int:
        """503 for Socket.IO (cutting what is open) or REST, until told False; returns how many it cut."""
        return (await self._command("refuse", sockets=sockets, rest=rest, sparesDevices=spares_devices))[
            "cut"
        ]

    async def away(self, is_away: bool = True) -> None:
        """While its database is down, every sign-in is refused with the message for a bad token."""
        await self._command("away", isAway=is_away)

    async def requests(self) -> dict[str, int]:
        """REST requests so far by path, without Socket.IO's own."""
        return (await self._command("requests"))["requests"]

    async def until_requested(self, path: str, count: int = 1) -> None:
        """Wait for the `count`-th request of a path (with its prefix), including held answers."""
        async with asyncio.timeout(PATIENCE_S):
            while (await self.requests()).get(path, 0) < count:
                # The round trip to the process is the pause.
                pass

    async def revoke(self, reason: Reason = "logout_all_devices") -> None:
        """2026 only: auth:session-revoked and a server disconnect."""
        await self._command("revoke", reason=reason)

    async def expire(self) -> None:
        """Every token so far counts as expired, in handshakes and in REST."""
        await self._command("expire")

    async def mint(self, *, lifetime_s: int = ABSENT, user_id: str = ABSENT, forged: bool = False) -> str:
        """A JWT of the observer or of `user_id` (known or not); expired with a negative lifetime."""
        answer = await self._command("mint", lifetime_s=lifetime_s, userId=user_id, forged=forged)
        return answer["token"]

    async def answer(
        self,
        path: str,
        status: int = ABSENT,
        *,
        headers: dict[str, str] = ABSENT,
        body: Any = ABSENT,
        times: int = ABSENT,
        hold: bool = False,
    ) -> None:
        """Replaces the answers of a REST path (with or without prefix), all or the next `times`.

        A text body is sent as HTML, anything else as JSON. Without `status` the answer is the true one.
        `hold` keeps it back, computed, until `release`.
        """
        await self._command(
            "answer", path=path, status=status, headers=headers, body=body, times=times, hold=hold
        )

    async def release(self) -> int:
        """Send held answers; returns how many."""
        return (await self._command("release"))["released"]

    async def clear(self) -> None:
        """Remove replaced answers and send held ones."""
        await self._command("clear")

    async def big_snapshot(self, size_bytes: int, *, sticky: bool = False) -> None:
        """2026 only: send a snapshot of at least this size to all; `sticky`: also at every authentication."""
        await self._command("big-snapshot", bytes=size_bytes, sticky=sticky)

    async def quiet(self) -> None:
        """Stop spontaneous emissions and reset the count of requests."""
        await self._command("quiet")


class NodeClient(_Peer):
    """The official client. It records events as {event, args, at}; `at` in epoch milliseconds."""

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        session_token: str | None = None,
        profile: str = "meeshy-2026",
        transport: Literal["websocket", "polling"] = "websocket",
        reconnection: bool = False,
    ) -> None:
        self.events: list[Json] = []
        self._heard: Mailbox[Json] = Mailbox()
        arguments = _arguments(
            url=url,
            token=token,
            session_token=session_token,
            profile=profile,
            transport=transport,
            reconnection=reconnection,
        )
        self._node = NodeProcess("client.mjs", arguments, self._hear, self._heard.fail)

    def _hear(self, line: Json) -> None:
        self.events.append(line)
        self._heard.put(line)

    async def start(self) -> None:
        await self._node.start()

    async def emit(self, event: str, *args: Any) -> None:
        await self._node.write({"cmd": "emit", "event": event, "args": args})

    async def disconnect(self) -> None:
        await self._node.write({"cmd": "disconnect"})

    async def wait_for(
        self, event: str, predicate: Callable[..., bool] | None = None, timeout_s: float = PATIENCE_S
    ) -> Json:
        """The oldest such event not returned before; `predicate` is called with the event's arguments.

        `connect` [socket id], `disconnect` [reason] and `connect_error` [message] are events too.
        """
        return await self._heard.take(
            lambda line: line["event"] == event and (predicate is None or predicate(*line["args"])),
            timeout_s,
        )
