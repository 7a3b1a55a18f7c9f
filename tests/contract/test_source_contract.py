"""What a source requires of every gateway, and how it handles the answers."""

import pytest

from presence_tui.storage.user_files import tls_context
from presence_tui.store import SystemClock
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialHolder, CredentialKind
from presence_tui.transport.errors import AccessDenied, SignInNeeded
from presence_tui.transport.rest_client import RestClient
from presence_tui.transport.rest_source import RestSource
from presence_tui.wire.messages import RosterRow
from tests.contract.backends import Backend


async def test_the_version_is_found_out(backend: Backend, source: RestSource) -> None:
    assert await source.discover() is backend.profile


async def test_the_account_is_the_observer(backend: Backend, source: RestSource) -> None:
    await source.discover()
    assert (await source.account()).key == await backend.me()


async def test_the_main_conversation_is_among_the_own_ones(backend: Backend, source: RestSource) -> None:
    await source.discover()
    own = await source.conversations()
    assert own.malformed_rows == 0
    found = {each.id: each for each in own.rows}
    assert found[backend.conversation].title
    assert found[backend.conversation].identifier


async def test_the_roster_lists_everybody_by_presence_key(backend: Backend, source: RestSource) -> None:
    await source.discover()
    rows: dict[str, RosterRow] = {}
    async for asked in source.participants(backend.conversation):
        assert asked.page.malformed_rows == 0
        rows |= {row.participant.key: row for row in asked.page.rows}
    assert {await backend.me(), *await backend.accounts()} <= set(rows)
    for row in rows.values():
        assert row.participant.name
        assert row.participant.role in {"creator", "admin", "moderator", "member"}
    guests = [row for row in rows.values() if row.participant.guest]
    assert guests
    assert all(row.flag is not None for row in guests)


async def test_the_flag_of_an_account_is_believed_where_the_list_is_live(
    backend: Backend, source: RestSource
) -> None:
    await source.discover()
    for key, flag in zip(await backend.accounts(), (True, False), strict=False):
        await backend.status(key, True)
        await backend.status(key, flag)
        flags = {
            row.participant.key: row.flag
            async for asked in source.participants(backend.conversation)
            for row in asked.page.rows
        }
        assert flags[key] is (flag if backend.profile.roster_tells_presence else None)


async def test_the_runtime_tells_who_is_there_where_there_is_one(
    backend: Backend, source: RestSource
) -> None:
    await source.discover()
    here, gone = (await backend.accounts())[:2]
    await backend.status(here, True)
    await backend.status(gone, True)
    await backend.status(gone, False)
    answers = [answer async for answer in source.runtime_presence([here, gone])]
    if backend.profile.has_runtime_presence:
        (answer,) = answers
        assert {row.key: row.flag for row in answer.rows} == {here: True, gone: False}
    else:
        assert answers == []


async def test_health_tells_time_and_uptime(backend: Backend, source: RestSource) -> None:
    health, timing = await source.health()
    assert health.healthy
    assert health.uptime_s is not None
    assert health.uptime_s >= 0
    assert timing.skew_s == 0, "both run on the same machine"


async def test_a_token_is_renewed(backend: Backend, source: RestSource) -> None:
    await source.discover()
    assert await source.renew_token()
    assert (await source.account()).key == await backend.me()


async def test_a_forged_token_is_refused(backend: Backend) -> None:
    holder = CredentialHolder(Credential(CredentialKind.ACCOUNT, await backend.forged_token()))
    client = RestClient(Address.parse(backend.url), tls_context())
    source = RestSource(client, holder, SystemClock())
    try:
        assert await source.discover() is backend.profile
        with pytest.raises(SignInNeeded):
            await source.account()
        with pytest.raises(SignInNeeded):
            await source.conversations()
        with pytest.raises(SignInNeeded):
            await source.renew_token()
    finally:
        await source.close()


async def test_a_conversation_that_is_none_is_denied(backend: Backend, source: RestSource) -> None:
    await source.discover()
    with pytest.raises(AccessDenied):
        _ = [page async for page in source.participants("66dd000000000000000000ff")]
