"""Conversations, participants and the runtime over REST (wire contract, sections 3.3 to 3.5)."""

from typing import Any

import aiohttp
import pytest

from presence_tui.wire.timestamps import wire_from_seconds


class Asking:
    """Sends requests to one gateway as one account."""

    def __init__(self, http: aiohttp.ClientSession, gateway: Any, token: str | None = None) -> None:
        self._http = http
        self._base = gateway.url + gateway.settings.contract.rest_prefix
        self._headers = {"Authorization": f"Bearer {token or gateway.token}"}

    async def get(self, path: str) -> tuple[int, Any]:
        async with self._http.get(self._base + path, headers=self._headers) as response:
            return response.status, await response.json()

    async def pages(self, path: str) -> list[list[dict[str, Any]]]:
        """All pages by cursor; the path already has a query."""
        pages, cursor = [], ""
        while True:
            status, body = await self.get(path + cursor)
            assert status == 200
            pages.append(body["data"])
            if not body["pagination"]["hasMore"]:
                assert body["pagination"]["nextCursor"] is None
                return pages
            cursor = f"&cursor={body['pagination']['nextCursor']}"


@pytest.mark.parametrize("spelling", ["harbour", None])
async def test_participants_of_2026_come_in_pages(newest: Any, http: Any, fits: Any, spelling: Any) -> None:
    asking = Asking(http, newest)
    pages = await asking.pages(f"/conversations/{spelling or newest.conversation}/participants?limit=10")
    assert [len(page) for page in pages] == [10, 10, 5]
    rows = [row for page in pages for row in page]
    assert {row["userId"] or row["id"] for row in rows} == newest.truth().keys()
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    for row in rows:
        fits("participant", row)


async def test_a_page_holds_20_and_never_more_than_100(start_gateway: Any, http: Any, fits: Any) -> None:
    gateway = await start_gateway(participants=250)
    asking = Asking(http, gateway)
    _, body = await asking.get("/conversations/harbour/participants")
    fits("participantsResponse", body)
    assert len(body["data"]) == 20
    assert body["pagination"]["totalCount"] == 199
    assert body["pagination"]["totalCountCapped"] is True
    pages = await asking.pages("/conversations/harbour/participants?limit=1000")
    assert [len(page) for page in pages] == [100, 100, 51]


async def test_a_plain_member_sees_the_99_most_active(start_gateway: Any, http: Any) -> None:
    gateway = await start_gateway(participants=250)
    _, body = await Asking(http, gateway).get("/conversations/harbour/participants?role=member")
    member = next(row["userId"] for row in body["data"] if row["userId"])
    asking = Asking(http, gateway, gateway.mint_token(member))
    pages = await asking.pages("/conversations/harbour/participants?limit=50")
    assert [len(page) for page in pages] == [50, 49]
    _, body = await asking.get("/conversations/harbour/participants?cursor=stale")
    assert (body["data"], body["pagination"]["hasMore"]) == ([], False)


async def test_the_list_of_2026_is_stale_for_accounts_and_true_of_guests(
    newest: Any, http: Any, somebody: Any, clock: Any
) -> None:
    account, guest = somebody(newest, guest=False), somebody(newest, guest=True)
    newest.set_online(account.key, True)
    newest.set_online(guest.key, True)
    pages = await Asking(http, newest).pages("/conversations/harbour/participants?limit=100")
    rows = {row["userId"] or row["id"]: row for row in pages[0]}
    assert rows[account.key]["isOnline"] is False
    assert rows[account.key]["lastActiveAt"] == rows[account.key]["joinedAt"]
    assert rows[guest.key]["isOnline"] is True
    assert rows[guest.key]["lastActiveAt"] == wire_from_seconds(clock.wall_s)
    online = await Asking(http, newest).pages("/conversations/harbour/participants?limit=100&onlineOnly=true")
    keys = {row["userId"] or row["id"] for row in online[0]}
    assert guest.key in keys, "the filter uses the stored flag, which is true for guests"
    assert account.key not in keys
    assert all(row["isAnonymous"] for row in online[0])


async def test_filters_of_2026(newest: Any, http: Any, fits: Any) -> None:
    asking = Asking(http, newest)
    path = "/conversations/harbour/participants?"
    _, body = await asking.get(path + "role=creator")
    assert [row["conversationRole"] for row in body["data"]] == ["creator"]
    _, body = await asking.get(path + "search=OKAFOR")
    assert [row["username"] for row in body["data"]] == ["ada"]
    for wrong in ("onlineOnly=maybe", "role=king", "limit=many", "limit=-1"):
        status, body = await asking.get(path + wrong)
        fits("errorResponse", body)
        assert (status, body["code"]) == (400, "VALIDATION_ERROR")
        assert body["message"].startswith(f"querystring/{wrong.partition('=')[0]} ")


async def test_participants_of_2025_come_at_once_with_their_presence(
    legacy: Any, http: Any, fits: Any
) -> None:
    _, body = await Asking(http, legacy).get("/conversations/harbour/participants")
    fits("participantsResponse", body)
    rows = body["data"]
    truth = legacy.truth()
    truth[legacy.observer.key] = next(row for row in rows if row["username"] == "observer")["isOnline"]
    assert {row["id"]: row["isOnline"] for row in rows} == truth
    accounts = [row for row in rows if not row.get("isAnonymous")]
    assert [row["isOnline"] for row in accounts] == sorted((r["isOnline"] for r in accounts), reverse=True)
    guests = rows[len(accounts) :]
    assert len(guests) == 3
    for guest in guests:
        assert guest["role"] == "MEMBER"
        assert guest["lastActiveAt"] == guest["lastSeen"] == guest["joinedAt"]
        assert "userId" not in guest
        assert "conversationRole" not in guest


async def test_bad_tokens_are_forbidden_not_unauthorised(
    newest: Any, legacy: Any, http: Any, fits: Any
) -> None:
    for gateway in (newest, legacy):
        expired = gateway.mint_token(lifetime_s=-1)
        for token in (expired, gateway.mint_token(forged=True), "nonsense"):
            for path in ("/conversations", "/conversations/harbour/participants"):
                status, body = await Asking(http, gateway, token).get(path)
                fits("errorResponse", body)
                assert status == 403
                assert body.get("code") == ("CONVERSATION_ACCESS_DENIED" if gateway is newest else None)


async def test_a_foreign_or_unknown_conversation_is_forbidden(newest: Any, http: Any) -> None:
    outsider = next(p for p in newest.people().values() if len(p.conversations) == 1 and not p.guest)
    asking = Asking(http, newest, newest.mint_token(outsider.key))
    assert (await asking.get("/conversations/lighthouse/participants"))[0] == 403
    assert (await asking.get("/conversations/nowhere/participants"))[0] == 403


async def test_conversations_of_2026(newest: Any, http: Any, fits: Any) -> None:
    asking = Asking(http, newest)
    _, body = await asking.get("/conversations")
    fits("conversationsResponse", body)
    assert [row["title"] for row in body["data"]] == ["Harbour crew", "Lighthouse", "Night shift", None]
    assert [row["memberCount"] for row in body["data"]] == [25, 6, 9, 2]
    assert body["pagination"] == {"limit": 30, "offset": 0, "total": 4, "hasMore": False}
    truth = newest.truth()
    for row in body["data"]:
        assert len(row["participants"]) <= 5
        for participant in row["participants"]:
            if participant["user"] and participant["userId"] != newest.observer.key:
                assert participant["isOnline"] is truth[participant["userId"]]
                assert participant["user"]["isOnline"] is participant["isOnline"]


async def test_conversations_are_paged_by_offset_and_by_cursor(newest: Any, http: Any) -> None:
    asking = Asking(http, newest)
    _, first = await asking.get("/conversations?limit=3")
    assert first["cursorPagination"]["hasMore"] is True
    _, by_offset = await asking.get("/conversations?limit=3&offset=3")
    _, by_cursor = await asking.get(
        f"/conversations?limit=3&before={first['cursorPagination']['nextCursor']}"
    )
    assert by_offset["data"] == by_cursor["data"]
    assert len(by_offset["data"]) == 1
    assert by_offset["pagination"]["total"] == 0
    _, direct = await asking.get("/conversations?type=direct")
    assert [row["type"] for row in direct["data"]] == ["direct"]
    friend = next(
        p["userId"] for p in direct["data"][0]["participants"] if p["userId"] != newest.observer.key
    )
    _, shared = await asking.get(f"/conversations?withUserId={friend}&includeCount=true")
    assert all(friend in newest.people(row["id"]) for row in shared["data"])


async def test_conversations_of_2025(legacy: Any, http: Any, fits: Any) -> None:
    _, body = await Asking(http, legacy).get("/conversations?limit=2")
    fits("conversationsResponse", body)
    assert body["pagination"] == {"limit": 2, "offset": 0, "total": 4, "hasMore": True}
    harbour = body["data"][0]
    assert len(harbour["members"]) == 5
    assert len(harbour["anonymousParticipants"]) == 3


async def test_the_runtime_tells_the_truth(newest: Any, http: Any, fits: Any) -> None:
    truth = newest.truth()
    del truth[newest.observer.key]
    status, body = await Asking(http, newest).get(f"/users/presence?ids={','.join(truth)},unknown")
    assert status == 200
    fits("presenceResponse", body)
    told = {row["userId"]: row["isOnline"] for row in body["data"]["users"]}
    assert told == {**truth, "unknown": False}


async def test_the_runtime_takes_1_to_200_ids(newest: Any, http: Any) -> None:
    asking = Asking(http, newest)
    assert (await asking.get("/users/presence"))[0] == 400
    assert (await asking.get("/users/presence?ids=,,"))[0] == 400
    ids = [f"{number:024x}" for number in range(201)]
    status, body = await asking.get(f"/users/presence?ids={','.join(ids)}")
    assert (status, body["error"]) == (400, "Max 200 ids per request")
    twice = ",".join(ids[:200] + ids[:200])
    status, body = await asking.get(f"/users/presence?ids={twice}")
    assert (status, len(body["data"]["users"])) == (200, 200)


async def test_2025_has_no_runtime(legacy: Any, http: Any) -> None:
    assert (await Asking(http, legacy).get("/users/presence?ids=x"))[0] == 404
