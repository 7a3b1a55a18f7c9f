"""The REST source in both contract versions, against a scripted server."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from email.utils import formatdate
from typing import Any

import pytest

from presence_tui.domain.limits import Bounds
from presence_tui.domain.translatable import phrase
from presence_tui.transport import rate_limits, rest_source
from presence_tui.transport.credentials import (
    Credential,
    CredentialError,
    CredentialHolder,
    CredentialKind,
    CredentialStore,
)
from presence_tui.transport.errors import (
    AccessDenied,
    GatewayBroken,
    GatewayError,
    NotFound,
    RateLimited,
    SignInNeeded,
    TokenExpired,
    UnexpectedAnswer,
)
from presence_tui.transport.presence_source import PRESENCE_SLICE
from presence_tui.transport.rest_client import RestClient
from presence_tui.transport.rest_source import MOST_POOR_PAGES, RestSource
from presence_tui.wire.decode import ROWS_A_PART
from presence_tui.wire.profiles import MEESHY_2025, MEESHY_2026, Profile
from presence_tui.wire.timestamps import wire_from_seconds
from tests.unit.clock import START_S, FakeClock
from tests.unit.monitor.wait_until import breathe
from tests.unit.transport.conftest import MakeClient
from tests.unit.transport.jwt import token
from tests.unit.transport.tiny_server import Reply, TinyServer

HTML = "<!doctype html><title>Welcome to nginx</title>"
NEW, OLD = MEESHY_2026.rest_prefix, MEESHY_2025.rest_prefix
ME = {"success": True, "data": {"user": {"id": "66aa01", "username": "ada", "displayName": "Ada Okafor"}}}
NO_ROUTE = Reply(404, {"message": "Route GET:/x not found", "error": "Not Found", "statusCode": 404})
UNAUTHORISED = Reply(401, {"error": "Invalid JWT token", "code": "AUTH_FAILED"})
DENIED = Reply(403, {"success": False, "error": "Access denied", "code": "CONVERSATION_ACCESS_DENIED"})
HARBOUR = f"{NEW}/conversations/harbour/participants"

MakeSource = Callable[..., RestSource]


@pytest.fixture
def holder() -> CredentialHolder:
    return CredentialHolder(Credential(CredentialKind.ACCOUNT, token(START_S + 3_600)))


@pytest.fixture
def make_source(client: RestClient, holder: CredentialHolder) -> MakeSource:
    def make(profile: Profile | None = None, *, secret: str = "", guest: bool = False) -> RestSource:
        if secret or guest:
            kind = CredentialKind.GUEST if guest else CredentialKind.ACCOUNT
            holder.current = Credential(kind, secret or "session")
        return RestSource(client, holder, FakeClock(), profile)

    return make


@pytest.fixture
def source(make_source: MakeSource) -> RestSource:
    return make_source(MEESHY_2026)


async def all_of(pages: AsyncIterator[Any]) -> list[Any]:
    return [page async for page in pages]


def rows(*ids: str, **fields: Any) -> list[dict[str, Any]]:
    return [{"id": f"p-{one}", "userId": one, "displayName": one, "isOnline": False, **fields} for one in ids]


def health(at_s: float | None, code: int = 200, **fields: Any) -> Reply:
    timestamp = "never" if at_s is None else wire_from_seconds(at_s)
    body = {"status": "healthy", "timestamp": timestamp, "uptime": 12.5, "version": "1.0.0", **fields}
    # Otherwise the server adds the date of the real clock.
    return Reply(code, body, {"Date": ""})


def page(*ids: str, **pagination: Any) -> Reply:
    return Reply(body={"success": True, "data": rows(*ids), "pagination": pagination})


# --- version discovery ---


@pytest.mark.parametrize("reply", [Reply(body=ME), UNAUTHORISED, Reply(403, {"error": "guest"})])
async def test_a_server_with_the_newer_path_is_the_newer_version(
    make_source: MakeSource, server: TinyServer, reply: Reply
) -> None:
    server.on(f"{NEW}/auth/me", reply)
    source = make_source()
    assert await source.discover() is MEESHY_2026
    assert source.profile is MEESHY_2026
    assert server.paths() == [f"{NEW}/auth/me"]


@pytest.mark.parametrize("reply", [Reply(body=ME), UNAUTHORISED, Reply(403, {"error": "guest"})])
async def test_a_server_with_only_the_older_path_is_the_older_version(
    make_source: MakeSource, server: TinyServer, reply: Reply
) -> None:
    server.on(f"{OLD}/auth/me", reply)
    source = make_source()
    assert await source.discover() is MEESHY_2025
    assert source.profile is MEESHY_2025


async def test_a_server_with_neither_path_is_no_gateway(make_source: MakeSource, server: TinyServer) -> None:
    with pytest.raises(UnexpectedAnswer, match="neither /api/v1 nor /api"):
        await make_source().discover()


async def test_a_version_found_out_or_given_is_not_asked_for_again(
    make_source: MakeSource, server: TinyServer
) -> None:
    server.on(f"{NEW}/auth/me", Reply(body=ME))
    source = make_source()
    await source.discover()
    await source.discover()
    assert len(server.asked) == 1
    assert await make_source(MEESHY_2025).discover() is MEESHY_2025
    assert len(server.asked) == 1


async def test_another_version_behind_the_same_address_is_found_out(
    make_source: MakeSource, server: TinyServer
) -> None:
    server.on(f"{NEW}/auth/me", Reply(body=ME), Reply(body=ME), NO_ROUTE, Reply(503), Reply(body=ME))
    server.on(f"{OLD}/auth/me", UNAUTHORISED)
    source = make_source()
    assert await source.rediscover() is False, "nothing is known yet"
    await source.discover()
    assert await source.rediscover() is False
    assert source.profile is MEESHY_2026
    assert await source.rediscover() is True
    assert source.profile is MEESHY_2025
    assert await source.rediscover() is False, "nobody tells"
    assert source.profile is MEESHY_2025
    assert await source.rediscover() is True
    assert source.profile is MEESHY_2026
    assert await make_source(MEESHY_2025).rediscover() is False, "the version was given"


@pytest.mark.parametrize("reply", [Reply(500, HTML), Reply(503), Reply(302, headers={"Location": "/login"})])
async def test_a_failure_tells_no_version_and_is_asked_again(
    make_source: MakeSource, server: TinyServer, reply: Reply
) -> None:
    server.on(f"{NEW}/auth/me", reply, NO_ROUTE)
    server.on(f"{OLD}/auth/me", UNAUTHORISED)
    source = make_source()
    with pytest.raises(GatewayError):
        await source.discover()
    assert await source.discover() is MEESHY_2025


@pytest.mark.parametrize("reply", [Reply(200, HTML), Reply(200, b"")])
async def test_a_web_page_is_no_newer_gateway(
    make_source: MakeSource, server: TinyServer, reply: Reply
) -> None:
    """Otherwise a temporary page of a proxy would fix the version for the whole run."""
    server.on(f"{NEW}/auth/me", reply)
    with pytest.raises(UnexpectedAnswer):
        await make_source().discover()


# --- account and conversations ---


async def test_the_account_is_who_the_token_says(source: RestSource, server: TinyServer) -> None:
    server.on(f"{NEW}/auth/me", Reply(body=ME))
    account = await source.account()
    assert (account.key, account.handle, account.name) == ("66aa01", "ada", "Ada Okafor")
    assert server.asked[0].headers["Authorization"].startswith("Bearer ")


@pytest.mark.parametrize(
    "body", [HTML, b"", b"null", b"[]", b'{"data": {}}', b"{", {"data": {"user": {"id": "\x1b"}}}]
)
async def test_an_answer_of_another_shape_is_no_gateways(
    source: RestSource, server: TinyServer, body: object
) -> None:
    server.on(f"{NEW}/auth/me", Reply(body=body))
    with pytest.raises(UnexpectedAnswer, match="not of the contract's shape"):
        await source.account()


def conversations(*ids: str, more: bool = False) -> Reply:
    data = [{"id": one, "title": one.title(), "type": "group"} for one in ids]
    return Reply(body={"success": True, "data": data, "pagination": {"hasMore": more}})


async def ids_of(source: RestSource) -> tuple[list[str], int]:
    """Ids of the conversations, and the number of malformed rows."""
    own = await source.conversations()
    return [each.id for each in own.rows], own.malformed_rows


async def test_conversations_are_read_page_by_page(source: RestSource, server: TinyServer) -> None:
    server.on(f"{NEW}/conversations", conversations("a", "b", more=True), conversations("c"))
    assert await ids_of(source) == (["a", "b", "c"], 0)
    assert [asked.query["offset"] for asked in server.asked] == ["0", "2"]


@pytest.mark.parametrize("further", [conversations("a", "b", more=True), conversations(more=True)])
async def test_a_page_that_brings_nothing_new_ends_the_reading_and_is_told(
    source: RestSource, server: TinyServer, further: Reply
) -> None:
    server.on(f"{NEW}/conversations", conversations("a", "b", more=True), further)
    own = await source.conversations()
    assert [each.id for each in own.rows] == ["a", "b"]
    assert str(own.cut_short) == "The gateway promises more conversations than 2 and sends none."
    assert len(server.asked) == 2


async def test_a_list_of_conversations_without_end_is_bounded(
    source: RestSource, server: TinyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest_source, "MOST_CONVERSATIONS", 4)
    server.on(f"{NEW}/conversations", *(conversations(f"a{at}", f"b{at}", more=True) for at in range(9)))
    own = await source.conversations()
    assert [each.id for each in own.rows] == ["a0", "b0", "a1", "b1"]
    assert str(own.cut_short) == "The list of conversations is read up to 4 and no further."


async def test_a_list_of_which_each_page_brings_one_is_bounded(
    source: RestSource, server: TinyServer
) -> None:
    pages = [conversations(f"a{at}", more=True) for at in range(MOST_POOR_PAGES + 5)]
    server.on(f"{NEW}/conversations", *pages)
    own = await source.conversations()
    assert len(own.rows) == len(server.asked) == MOST_POOR_PAGES
    assert str(own.cut_short) == f"The list of conversations is read up to {MOST_POOR_PAGES} and no further."


async def test_a_list_that_ends_is_not_cut_short(source: RestSource, server: TinyServer) -> None:
    server.on(f"{NEW}/conversations", conversations("a", more=True), conversations("b"))
    assert (await source.conversations()).cut_short is None


async def test_pages_of_rows_that_cannot_be_read_do_not_hide_the_next(
    source: RestSource, server: TinyServer
) -> None:
    broken = Reply(body={"data": [{"id": 7}], "pagination": {"hasMore": True}})
    server.on(f"{NEW}/conversations", conversations("a", more=True), broken, conversations("b"))
    assert await ids_of(source) == (["a", "b"], 1)


async def test_a_conversation_that_cannot_be_read_is_counted_once_and_skipped(
    source: RestSource, server: TinyServer
) -> None:
    """It still counts for the gateway's pages: the next one starts after it."""
    first = {"data": [{"id": "a", "type": "group"}, {"id": 7}], "pagination": {"hasMore": True}}
    last = {"data": [{"id": "b\x1b", "type": "group"}, {"id": "c", "type": "group"}]}
    server.on(f"{NEW}/conversations", Reply(body=first), Reply(body=last))
    assert await ids_of(source) == (["a", "c"], 2)
    assert [asked.query["offset"] for asked in server.asked] == ["0", "2"]


@pytest.mark.parametrize(("profile", "most"), [(MEESHY_2026, 100), (MEESHY_2025, 50)])
async def test_a_page_of_conversations_is_no_larger_than_the_version_allows(
    make_source: MakeSource, server: TinyServer, profile: Profile, most: int
) -> None:
    """Wire contract, section 3.3: at most 100 in 2026, at most 50 in 2025."""
    server.on(f"{profile.rest_prefix}/conversations", conversations("a"))
    await make_source(profile).conversations()
    assert int(server.asked[0].query["limit"]) <= most


# --- participants ---


async def test_participants_are_paged_by_cursor(source: RestSource, server: TinyServer) -> None:
    server.on(
        HARBOUR,
        page("a", "b", nextCursor="p-b", hasMore=True, totalCount=3),
        page("c", nextCursor=None, hasMore=False),
    )
    pages = await all_of(source.participants("harbour"))
    assert [[row.participant.key for row in each.page.rows] for each in pages] == [["a", "b"], ["c"]]
    assert [each.page.total for each in pages] == [3, None]
    assert [asked.query for asked in server.asked] == [{"limit": "100"}, {"limit": "100", "cursor": "p-b"}]
    assert all(each.asked == FakeClock().stamp() for each in pages)


@pytest.mark.parametrize("further", [("a", "b"), ("b",), ()], ids=["the same", "one of them", "nobody"])
async def test_a_fresh_cursor_that_brings_nobody_new_ends_the_paging_with_a_sentence(
    source: RestSource, server: TinyServer, further: tuple[str, ...]
) -> None:
    server.on(
        HARBOUR,
        page("a", "b", nextCursor="1", hasMore=True),
        *(page(*further, nextCursor=str(at), hasMore=True) for at in range(2, 9)),
    )
    pages = source.participants("harbour")
    assert len((await anext(pages)).page.rows) == 2, "the received rows are kept"
    with pytest.raises(UnexpectedAnswer, match="page 2 of the roster brings nobody new"):
        await all_of(pages)
    assert len(server.asked) == 2


async def test_a_cursor_that_leads_back_ends_the_paging(source: RestSource, server: TinyServer) -> None:
    first, second = page("a", nextCursor="1", hasMore=True), page("b", nextCursor="2", hasMore=True)
    server.on(HARBOUR, first, second, first, second)
    with pytest.raises(UnexpectedAnswer, match="page 3 of the roster brings nobody new"):
        await all_of(source.participants("harbour"))
    assert len(server.asked) == 3


async def test_pages_of_former_members_and_of_unreadable_rows_are_progress(
    source: RestSource, server: TinyServer
) -> None:
    more = {"nextCursor": "1", "hasMore": True}
    former = Reply(body={"data": rows("x", "y", isActive=False), "pagination": more})
    broken = Reply(body={"data": [7, None], "pagination": {**more, "nextCursor": "2"}})
    server.on(HARBOUR, former, broken, page("a"))
    pages = await all_of(source.participants("harbour"))
    assert [len(each.page.rows) for each in pages] == [0, 0, 1]


HARDLY = {
    "one new row each": lambda at: rows(f"u{at}"),
    "the same former members": lambda at: rows("x", "y", isActive=False),
    "the same broken rows": lambda at: [7, None],
}


@pytest.mark.parametrize("hardly", HARDLY.values(), ids=HARDLY)
async def test_pages_that_bring_hardly_anybody_end_the_paging(
    source: RestSource, server: TinyServer, hardly: Callable[[int], list[Any]]
) -> None:
    """Each with a fresh cursor: a reading would go on for hours, although within the budget."""
    full = page(*(f"m{at}" for at in range(100)), nextCursor="0", hasMore=True)
    poor = [
        Reply(body={"data": hardly(at), "pagination": {"nextCursor": f"p{at}", "hasMore": True}})
        for at in range(2 * MOST_POOR_PAGES)
    ]
    server.on(HARBOUR, *poor[: MOST_POOR_PAGES - 1], full, *poor[MOST_POOR_PAGES:])
    with pytest.raises(UnexpectedAnswer, match="the roster goes on behind"):
        await all_of(source.participants("harbour"))
    assert len(server.asked) == 2 * MOST_POOR_PAGES


async def test_a_roster_without_end_is_bounded(make_client: MakeClient, server: TinyServer) -> None:
    client = make_client(bounds=Bounds(roster=3))
    source = RestSource(
        client, CredentialHolder(Credential(CredentialKind.ACCOUNT, "T")), FakeClock(), MEESHY_2026
    )
    server.on(HARBOUR, *(page(f"a{at}", f"b{at}", nextCursor=str(at), hasMore=True) for at in range(9)))
    with pytest.raises(UnexpectedAnswer, match="the roster goes on behind 4 rows"):
        await all_of(source.participants("harbour"))
    assert len(server.asked) == 2


async def test_a_series_of_pages_keeps_to_our_own_budget(
    make_client: MakeClient, server: TinyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Endless new rows with new cursors caused 20,000 requests in 45 s."""
    monkeypatch.setattr(rate_limits, "USUAL_LIMIT", 30)
    clock = FakeClock()
    client = make_client(clock=clock)
    holder = CredentialHolder(Credential(CredentialKind.ACCOUNT, "T"))
    source = RestSource(client, holder, clock, MEESHY_2026)
    server.on(HARBOUR, *(page(f"u{at}", nextCursor=str(at), hasMore=True) for at in range(99)))
    paging = asyncio.create_task(all_of(source.participants("harbour")))
    await server.until_asked(10)
    await breathe(50)
    assert len(server.asked) == 10, "30 a minute, 20 of them reserved for others"
    assert not paging.done()
    paging.cancel()
    await asyncio.wait([paging])


async def test_a_cursor_after_the_last_page_is_not_used(source: RestSource, server: TinyServer) -> None:
    server.on(HARBOUR, page("a", nextCursor="1", hasMore=False))
    assert len(await all_of(source.participants("harbour"))) == 1


async def test_the_older_version_tells_everybody_at_once(make_source: MakeSource, server: TinyServer) -> None:
    server.on(
        f"{OLD}/conversations/harbour/participants", Reply(body={"success": True, "data": rows("a", "b")})
    )
    pages = await all_of(make_source(MEESHY_2025).participants("harbour"))
    assert len(pages) == 1
    assert server.asked[0].query == {}


@pytest.mark.parametrize("wanted", ["a/../b", "a b?c=d#e", "é", "%2e"])
async def test_a_conversation_cannot_lead_to_another_path(
    source: RestSource, server: TinyServer, wanted: str
) -> None:
    path = f"{NEW}/conversations/{wanted}/participants"
    server.on(path, page("a"))
    assert len(await all_of(source.participants(wanted))) == 1
    assert server.asked[0].query == {"limit": "100"}


async def test_a_large_body_is_read_in_parts(source: RestSource, server: TinyServer) -> None:
    server.on(HARBOUR, page(*(f"user{number}" for number in range(5_000))))
    parts = await all_of(source.participants("harbour"))
    assert {len(part.page.rows) for part in parts} == {ROWS_A_PART}
    assert [row.participant.key for part in parts for row in part.page.rows] == [
        f"user{number}" for number in range(5_000)
    ]
    assert len({part.asked for part in parts}) == 1


async def test_a_page_that_fails_ends_the_reading_with_its_error(
    source: RestSource, server: TinyServer
) -> None:
    server.on(HARBOUR, page("a", nextCursor="1", hasMore=True), Reply(500))
    pages = source.participants("harbour")
    assert len((await anext(pages)).page.rows) == 1
    with pytest.raises(GatewayBroken):
        await anext(pages)


# --- runtime presence ---


def runtime(*ids: str) -> Reply:
    users = [{"userId": one, "isOnline": True, "lastActiveAt": None} for one in ids]
    return Reply(body={"success": True, "data": {"users": users}})


async def test_runtime_presence_is_requested_in_slices(source: RestSource, server: TinyServer) -> None:
    server.on(f"{NEW}/users/presence", runtime("k0"))
    keys = [f"k{number}" for number in range(PRESENCE_SLICE * 2 + 1)]
    answers = await all_of(source.runtime_presence(keys))
    asked = [asked.query["ids"].split(",") for asked in server.asked]
    assert PRESENCE_SLICE <= 50
    assert [len(ids) for ids in asked] == [PRESENCE_SLICE, PRESENCE_SLICE, 1]
    assert [key for ids in asked for key in ids] == keys
    assert [[row.key for row in each.rows] for each in answers] == [["k0"]] * 3


async def test_an_empty_list_causes_no_request(source: RestSource, server: TinyServer) -> None:
    assert await all_of(source.runtime_presence([])) == []
    assert server.asked == []


@pytest.mark.parametrize("guest", [True, False])
async def test_runtime_presence_is_not_asked_of_who_cannot_tell(
    make_source: MakeSource, server: TinyServer, guest: bool
) -> None:
    """Guests are refused, and the older version has no runtime presence (wire contract, section 3.5)."""
    source = make_source(MEESHY_2026 if guest else MEESHY_2025, guest=guest)
    assert await all_of(source.runtime_presence(["a"])) == []
    assert server.asked == []


async def test_bad_rows_are_counted_and_cost_the_good_ones_nothing(
    source: RestSource, server: TinyServer
) -> None:
    users = [{"userId": "a", "isOnline": True}, {"userId": 7, "isOnline": True}, None, {"userId": "b\x1b"}]
    server.on(f"{NEW}/users/presence", Reply(body={"data": {"users": users}}))
    (answer,) = await all_of(source.runtime_presence(["a"]))
    assert ([row.key for row in answer.rows], answer.malformed_rows) == (["a"], 3)


# --- tokens ---


def refreshed(secret: str) -> Reply:
    return Reply(body={"success": True, "data": {"token": secret, "expiresIn": 86_400}})


@pytest.mark.parametrize("refusal", [UNAUTHORISED, DENIED], ids=["401", "403"])
async def test_a_token_past_its_end_is_refreshed_once_and_the_question_asked_again(
    make_source: MakeSource, server: TinyServer, holder: CredentialHolder, refusal: Reply
) -> None:
    """The newer version answers 403 to a bad token on conversation routes (section 0.10)."""
    old, new = token(START_S - 1), token(START_S + 86_400)
    source = make_source(MEESHY_2026, secret=old)
    server.on(HARBOUR, refusal, page("a"))
    server.on(f"{NEW}/auth/refresh", refreshed(new))
    assert len(await all_of(source.participants("harbour"))) == 1
    assert holder.current.secret == new
    assert json.loads(server.of(f"{NEW}/auth/refresh")[0].body) == {"token": old}
    assert [asked.headers["Authorization"] for asked in server.of(HARBOUR)] == [
        f"Bearer {old}",
        f"Bearer {new}",
    ]


async def test_a_refreshed_token_that_is_refused_as_well_is_not_refreshed_again(
    make_source: MakeSource, server: TinyServer
) -> None:
    source = make_source(MEESHY_2026, secret=token(START_S - 1))
    server.on(f"{NEW}/auth/me", UNAUTHORISED)
    server.on(f"{NEW}/auth/refresh", refreshed(token(START_S - 1)))
    with pytest.raises(SignInNeeded):
        await source.account()
    assert len(server.of(f"{NEW}/auth/refresh")) == 1
    assert len(server.of(f"{NEW}/auth/me")) == 2


@pytest.mark.parametrize("left_s", [60, None])
async def test_a_refusal_of_a_token_that_still_lives_is_final(
    make_source: MakeSource, server: TinyServer, left_s: float | None
) -> None:
    secret = token(None if left_s is None else START_S + left_s)
    source = make_source(MEESHY_2026, secret=secret)
    server.on(f"{NEW}/auth/me", UNAUTHORISED, Reply(200, ME))
    server.on(HARBOUR, DENIED)
    with pytest.raises(SignInNeeded):
        await source.account()
    with pytest.raises(AccessDenied):
        await all_of(source.participants("harbour"))
    assert server.of(f"{NEW}/auth/refresh") == []


@pytest.mark.parametrize(
    ("who", "raised"),
    [
        (UNAUTHORISED, SignInNeeded),
        (Reply(503), AccessDenied),
        (Reply(404), AccessDenied),
        (DENIED, AccessDenied),
    ],
    ids=["the token is refused", "nobody knows", "nobody tells", "a visitor"],
)
async def test_a_conversation_that_is_refused_may_mean_the_token(
    make_source: MakeSource, server: TinyServer, who: Reply, raised: type[GatewayError]
) -> None:
    """While its database is down, the gateway treats every account as a visitor of a conversation."""
    source = make_source(MEESHY_2026, secret=token(START_S + 3_600))
    server.on(HARBOUR, DENIED)
    server.on(f"{NEW}/auth/me", who)
    with pytest.raises(raised):
        await all_of(source.participants("harbour"))


async def test_a_token_past_its_end_is_asked_with_once(make_source: MakeSource, server: TinyServer) -> None:
    """It was sent again each time its refresh had failed."""
    source = make_source(MEESHY_2026, secret=token(START_S - 60))
    server.on(f"{NEW}/auth/me", UNAUTHORISED, Reply(200, ME))
    server.on(f"{NEW}/auth/refresh", Reply(500), Reply(500), refreshed(token(START_S + 3_600)))
    for _ in range(2):
        with pytest.raises(GatewayBroken):
            await source.account()
    await source.account()
    assert len(server.of(f"{NEW}/auth/me")) == 2


@pytest.mark.parametrize("refusal", [UNAUTHORISED, DENIED], ids=["401", "403"])
@pytest.mark.parametrize("known_before", [True, False])
@pytest.mark.parametrize(("ahead_s", "left_s"), [(7_200, 3_600), (60, 59), (-7_200, -7_201)])
async def test_whether_a_token_is_past_its_end_the_gateways_clock_decides(
    make_source: MakeSource,
    server: TinyServer,
    holder: CredentialHolder,
    refusal: Reply,
    known_before: bool,
    ahead_s: float,
    left_s: float,
) -> None:
    """``left_s`` is the remaining life by our clock, which may be wrong."""
    old, new = token(START_S + left_s), token(START_S + 86_400)
    source = make_source(MEESHY_2026, secret=old)
    server.on("/health", health(START_S + ahead_s))
    server.on(HARBOUR, refusal, page("a"))
    server.on(f"{NEW}/auth/refresh", refreshed(new))
    if known_before:
        await source.health()
    assert len(await all_of(source.participants("harbour"))) == 1
    assert holder.current.secret == new
    assert len(server.of("/health")) == 1, "the clock is measured once"


@pytest.mark.parametrize("known_before", [True, False])
@pytest.mark.parametrize(("ahead_s", "left_s"), [(-7_200, -3_600), (7_200, 7_260)])
async def test_a_token_that_lives_by_the_gateways_clock_is_not_refreshed(
    make_source: MakeSource, server: TinyServer, known_before: bool, ahead_s: float, left_s: float
) -> None:
    source = make_source(MEESHY_2026, secret=token(START_S + left_s))
    server.on("/health", health(START_S + ahead_s))
    server.on(HARBOUR, DENIED)
    if known_before:
        await source.health()
    with pytest.raises(AccessDenied):
        await all_of(source.participants("harbour"))
    assert server.of(f"{NEW}/auth/refresh") == []


async def test_without_a_health_route_the_date_of_an_answer_decides_whether_a_token_lives(
    make_source: MakeSource, server: TinyServer
) -> None:
    """Our clock is two hours ahead, so that the token seemed to have ended an hour ago."""
    source = make_source(MEESHY_2026, secret=token(START_S - 3_600))
    dated = {"Date": formatdate(START_S - 7_200, usegmt=True)}
    server.on("/health", Reply(404, {}, dated))
    server.on(HARBOUR, Reply(403, DENIED.body, dated))
    with pytest.raises(AccessDenied):
        await all_of(source.participants("harbour"))
    assert server.of(f"{NEW}/auth/refresh") == []


async def test_a_clock_once_measured_is_remembered_when_the_gateway_no_longer_tells_it(
    make_source: MakeSource, server: TinyServer
) -> None:
    source = make_source(MEESHY_2026, secret=token(START_S - 3_600))
    server.on("/health", health(START_S - 7_200), health(None))
    server.on(HARBOUR, DENIED)
    await source.health()
    assert (await source.health())[1].skew_s is None
    with pytest.raises(AccessDenied):
        await all_of(source.participants("harbour"))
    assert server.of(f"{NEW}/auth/refresh") == []


@pytest.mark.parametrize(
    "refusal",
    [
        UNAUTHORISED,
        DENIED,
        Reply(404, {"error": "User not found"}),
        Reply(400, {"error": "Validation Error", "code": "VALIDATION_ERROR"}),
        *(Reply(status, HTML) for status in (409, 410, 419, 422, 451)),
    ],
)
async def test_a_token_the_gateway_will_not_refresh_has_expired(
    make_source: MakeSource, server: TinyServer, holder: CredentialHolder, refusal: Reply
) -> None:
    old = token(START_S - 1)
    source = make_source(MEESHY_2026, secret=old)
    server.on(f"{NEW}/auth/me", UNAUTHORISED)
    server.on(f"{NEW}/auth/refresh", refusal)
    with pytest.raises(TokenExpired):
        await source.account()
    assert holder.current.secret == old


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(500), GatewayBroken),
        (Reply(429), RateLimited),
        (Reply(408), UnexpectedAnswer),
        (Reply(425), UnexpectedAnswer),
        (Reply(302, headers={"Location": "/login"}), UnexpectedAnswer),
        (Reply(200, HTML), UnexpectedAnswer),
    ],
)
async def test_a_refresh_that_fails_in_passing_does_not_condemn_the_token(
    make_source: MakeSource, server: TinyServer, reply: Reply, expected: type[GatewayError]
) -> None:
    source = make_source(MEESHY_2026, secret=token(START_S - 1))
    server.on(f"{NEW}/auth/refresh", reply)
    with pytest.raises(expected):
        await source.renew_token()


async def test_a_token_is_refreshed_where_its_version_does_that(
    make_source: MakeSource, server: TinyServer, holder: CredentialHolder
) -> None:
    """The socket may be refused before REST has found out the version. The 404 of the newer path ended it."""
    source = make_source(None, secret=token(START_S + 3_600))
    server.on(f"{OLD}/auth/me", UNAUTHORISED)
    server.on(f"{OLD}/auth/refresh", Reply(body={"success": True, "data": {"token": "another"}}))
    assert await source.renew_token()
    assert holder.current.secret == "another"
    assert server.of(f"{NEW}/auth/refresh") == []


# --- one credential, several processes ---


class SharedCredentials(CredentialStore):
    """A store in which two processes find and leave one credential."""

    def __init__(self, credential: Credential) -> None:
        self.credential = credential
        self._lock = asyncio.Lock()

    def read(self) -> Credential | None:
        return self.credential

    def write(self, credential: Credential) -> None:
        self.credential = credential

    def lock(self) -> asyncio.Lock:
        return self._lock


async def test_two_watches_of_one_sign_in_refresh_it_once(client: RestClient, server: TinyServer) -> None:
    old = Credential(CredentialKind.ACCOUNT, token(START_S + 60), "session-1")
    new = {"token": token(START_S + 86_400), "sessionToken": "session-2"}
    server.on(f"{NEW}/auth/refresh", Reply(body={"data": new}), UNAUTHORISED)
    place = SharedCredentials(old)
    holders = [CredentialHolder(old, place), CredentialHolder(old, place)]
    sources = [RestSource(client, holder, FakeClock(), MEESHY_2026) for holder in holders]
    assert await asyncio.gather(*(source.renew_token() for source in sources)) == [True, True]
    (asked,) = server.of(f"{NEW}/auth/refresh")
    assert json.loads(asked.body) == {"token": old.secret, "sessionToken": "session-1"}
    renewed = Credential(CredentialKind.ACCOUNT, new["token"], "session-2")
    assert [place.credential, *(holder.current for holder in holders)] == [renewed] * 3


async def test_what_another_left_near_its_end_is_refreshed_in_turn(
    client: RestClient, server: TinyServer
) -> None:
    place = SharedCredentials(Credential(CredentialKind.ACCOUNT, token(START_S + 120)))
    holder = CredentialHolder(Credential(CredentialKind.ACCOUNT, token(START_S + 60)), place)
    server.on(f"{NEW}/auth/refresh", Reply(body={"data": {"token": token(START_S + 86_400)}}))
    await RestSource(client, holder, FakeClock(), MEESHY_2026).renew_token()
    (asked,) = server.of(f"{NEW}/auth/refresh")
    assert json.loads(asked.body) == {"token": token(START_S + 120)}


async def test_a_place_that_cannot_be_read_does_not_keep_a_token_from_its_refresh(
    client: RestClient, server: TinyServer
) -> None:
    class Unreadable(CredentialStore):
        def read(self) -> Credential | None:
            raise CredentialError(phrase("The disk does not answer."))

    holder = CredentialHolder(Credential(CredentialKind.ACCOUNT, token(START_S + 60)), Unreadable())
    server.on(f"{NEW}/auth/refresh", Reply(body={"data": {"token": "renewed"}}))
    assert await RestSource(client, holder, FakeClock(), MEESHY_2026).renew_token()
    assert holder.current.secret == "renewed"


async def test_a_guest_has_nothing_to_refresh(make_source: MakeSource, server: TinyServer) -> None:
    source = make_source(MEESHY_2026, guest=True)
    assert await source.renew_token() is False
    assert server.asked == []


async def test_a_guest_shows_its_session_and_no_token(make_source: MakeSource, server: TinyServer) -> None:
    server.on(HARBOUR, page("a"))
    await all_of(make_source(MEESHY_2026, guest=True).participants("harbour"))
    assert server.asked[0].headers["X-Session-Token"] == "session"
    assert "Authorization" not in server.asked[0].headers


# --- health and skew ---


async def test_a_healthy_gateway_tells_its_time_and_uptime(source: RestSource, server: TinyServer) -> None:
    server.on("/health", health(START_S + 90))
    found, timing = await source.health()
    assert (found.healthy, found.uptime_s, found.version) == (True, 12.5, "1.0.0")
    assert timing.skew_s == pytest.approx(90, abs=0.5)
    assert 0 < timing.round_trip_s < 5
    assert "Authorization" not in server.asked[0].headers


@pytest.mark.parametrize("ahead_s", [-3_600, -5, 5, 86_400])
async def test_skew_has_a_sign(source: RestSource, server: TinyServer, ahead_s: float) -> None:
    server.on("/health", health(START_S + ahead_s))
    assert (await source.health())[1].skew_s == pytest.approx(ahead_s, abs=0.5)


async def test_a_skew_that_is_only_noise_is_none(source: RestSource, server: TinyServer) -> None:
    server.on("/health", health(START_S + 0.1))
    assert (await source.health())[1].skew_s == 0


async def test_a_gateway_that_does_not_tell_the_time_has_an_unknown_skew(
    source: RestSource, server: TinyServer
) -> None:
    server.on("/health", health(None))
    assert (await source.health())[1].skew_s is None


@pytest.mark.parametrize("code", [200, 404])
async def test_without_a_time_of_its_own_the_date_of_an_answer_tells_it(
    source: RestSource, server: TinyServer, code: int
) -> None:
    """A gateway without a health route, whose clock is ten minutes ahead, had everybody's age wrong."""
    assert source.time_of_answers() is None
    reply = health(None)
    dated = {"Date": formatdate(time.time() + 600, usegmt=True)}
    server.on("/health", Reply(code, reply.body, dated))
    if code == 200:
        assert (await source.health())[1] == source.time_of_answers()
    else:
        with pytest.raises(NotFound):
            await source.health()
    timing = source.time_of_answers()
    assert timing is not None
    assert timing.skew_s is not None
    assert timing.error_s is not None
    assert abs(timing.skew_s - 600) <= timing.error_s
    assert 0.5 <= timing.error_s < 1


@pytest.mark.parametrize(
    ("code", "headers"),
    [
        (404, {"Date": "yesterday"}),
        (404, {"Date": "Thu, 01 Jan 1970 00:00:00 GMT"}),
        (404, {"Date": "Fri, 31 Dec 9999 23:59:59 GMT"}),
        (404, {"Date": formatdate(), "Age": "30"}),
        (502, {"Date": formatdate()}),
    ],
)
async def test_dates_that_tell_no_time_of_the_gateway_are_ignored(
    source: RestSource, server: TinyServer, code: int, headers: dict[str, str]
) -> None:
    server.on("/health", Reply(code, {}, headers))
    with pytest.raises(GatewayError):
        await source.health()
    assert source.time_of_answers() is None


async def test_a_date_within_its_own_step_is_no_skew(source: RestSource, server: TinyServer) -> None:
    server.on("/health", Reply(404, {}, {"Date": formatdate(usegmt=True)}))
    with pytest.raises(NotFound):
        await source.health()
    timing = source.time_of_answers()
    assert timing is not None
    assert timing.skew_s == 0


async def test_a_sick_gateway_answers_in_the_same_shape(source: RestSource, server: TinyServer) -> None:
    server.on("/health", health(START_S, 503, status="unhealthy"))
    assert (await source.health())[0].healthy is False


async def test_a_sick_proxy_does_not(source: RestSource, server: TinyServer) -> None:
    server.on("/health", Reply(503, HTML))
    with pytest.raises(GatewayError):
        await source.health()
