"""``roster``: prints one answer in three formats."""

import csv
import io
import json
from pathlib import Path

import pytest

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.gateway.server import Gateway
from tests.integration.cli.command_line import COMMAND, CommandLine
from tests.integration.watch.conftest import StartGateway
from tests.tui.terminal import on_terminal
from tests.unit.monitor.wait_until import PATIENCE_S
from tests.unit.transport.tiny_server import Reply, TinyServer

FIELDS = ["user_id", "name", "handle", "role", "guest", "flag", "state", "last_active_at", "source"]


async def test_json_holds_the_truth_about_everybody(shell: CommandLine, gateway: Gateway) -> None:
    ended = await shell.run("roster", "--format", "json")
    assert (ended.code, ended.err) == (ExitCode.OK, "")
    rows = json.loads(ended.out)
    assert all(list(row) == FIELDS for row in rows)
    own = gateway.observer.key
    flags = {row["user_id"]: row["flag"] for row in rows if row["user_id"] != own}
    assert flags == {key: flag for key, flag in gateway.truth().items() if key != own}
    people = gateway.people()
    assert {row["user_id"] for row in rows if row["guest"]} == {
        key for key, person in people.items() if person.guest
    }
    online = [row["flag"] is True for row in rows]
    assert online == sorted(online, reverse=True), "online participants come first"


async def test_csv_is_the_same_as_json(shell: CommandLine, gateway: Gateway) -> None:
    as_csv = await shell.run("roster", "-f", "csv")
    as_json = await shell.run("roster", "-f", "json")
    table = list(csv.DictReader(io.StringIO(as_csv.out)))
    assert list(table[0]) == FIELDS
    spelled = [
        {name: "" if value is None else str(value) for name, value in row.items()}
        for row in json.loads(as_json.out)
    ]
    assert [(row["user_id"], row["flag"], row["name"]) for row in table] == [
        (row["user_id"], row["flag"], row["name"]) for row in spelled
    ]


async def test_the_table_names_everybody(shell: CommandLine, gateway: Gateway) -> None:
    ended = await shell.run("roster", COLUMNS="200")
    assert ended.code == ExitCode.OK
    for person in gateway.people().values():
        assert person.display_name in ended.out
    assert "last active" in ended.out


async def test_times_of_the_table_are_local_and_those_of_json_are_not(
    shell: CommandLine, tmp_path: Path
) -> None:
    me = {"data": {"user": {"id": "me", "username": "me"}}}
    listed = {"data": [{"id": "harbour", "type": "group"}]}
    name = "Maria-Magdalena Oliveira de Vasconcelos"
    members = {"data": [{"id": "m", "displayName": name, "username": "maria.magdalena.oliveira"}]}
    told = {"userId": "m", "isOnline": False, "lastActiveAt": "2025-11-29T08:16:44.502Z"}
    async with TinyServer().running() as server:
        server.on("/api/v1/auth/me", Reply(body=me))
        server.on("/api/v1/conversations", Reply(body=listed))
        server.on("/api/v1/conversations/harbour/participants", Reply(body=members))
        server.on("/api/v1/users/presence", Reply(body={"data": {"users": [told]}}))
        shell.use(server.address.url, "a.b.c")
        in_pipe = await shell.run("roster", TZ="Europe/Paris")
        as_json = await shell.run("roster", "-f", "json", TZ="Europe/Paris")
        environment = {
            "TZ": "Europe/Paris",
            "PRESENCE_TUI_GATEWAY": server.address.url,
            "PRESENCE_TUI_TOKEN": "a.b.c",
        }
        async with on_terminal(tmp_path, environment, (*COMMAND, "roster"), (80, 30)) as terminal:
            assert await terminal.ended(PATIENCE_S) == ExitCode.OK
            text = terminal.text
    assert json.loads(as_json.out)[0]["last_active_at"] == "2025-11-29T08:16:44.502Z"
    assert "2025-11-29 09:16 " in in_pipe.out and "44.502" not in in_pipe.out
    assert "2025-11-29 09:16 " in text, text


@pytest.mark.parametrize("profile", ["meeshy-2025"])
async def test_the_older_version_is_read_as_well(
    shell: CommandLine, start_gateway: StartGateway, profile: str
) -> None:
    gateway = await start_gateway(profile=profile)
    shell.use(gateway.url, gateway.token)
    rows = json.loads((await shell.run("roster", "lighthouse", "-f", "json")).out)
    side = next(each for each in gateway.observer.conversations if each.identifier == "lighthouse")
    assert {row["user_id"] for row in rows} == set(side.members)


async def test_rows_that_cannot_be_read_are_told(shell: CommandLine) -> None:
    me = {"data": {"user": {"id": "me", "username": "me"}}}
    listed = {"data": [{"id": "harbour", "type": "group"}, {"id": 7}]}
    members = {"data": [{"id": "ada", "displayName": "Ada"}, None, {"id": 7}]}
    async with TinyServer().running() as server:
        server.on("/api/v1/auth/me", Reply(body=me))
        server.on("/api/v1/conversations", Reply(body=listed))
        server.on("/api/v1/conversations/harbour/participants", Reply(body=members))
        server.on("/api/v1/users/presence", Reply(body={"data": {"users": []}}))
        shell.use(server.address.url, "a.b.c")
        ended = await shell.run("roster", "-f", "json")
    assert [row["name"] for row in json.loads(ended.out)] == ["Ada"]
    assert ended.err.splitlines() == [
        "Rows of the list of conversations that could not be read: 1.",
        "Rows of the roster that could not be read: 2.",
    ]


async def test_a_list_that_is_cut_is_told_in_the_words_of_the_screen(shell: CommandLine) -> None:
    me = {"data": {"user": {"id": "me", "username": "me"}}}
    listed = {"data": [{"id": "harbour", "type": "group"}]}
    members = {
        "data": [{"id": f"m{number}", "displayName": f"Member {number}"} for number in range(99)],
        "pagination": {"hasMore": False, "totalCount": 199, "totalCountCapped": True},
    }
    online = {"data": {"users": [{"userId": f"m{number}", "isOnline": number < 3} for number in range(99)]}}
    async with TinyServer().running() as server:
        server.on("/api/v1/auth/me", Reply(body=me))
        server.on("/api/v1/conversations", Reply(body=listed))
        server.on("/api/v1/conversations/harbour/participants", Reply(body=members))
        server.on("/api/v1/users/presence", Reply(body=online))
        shell.use(server.address.url, "a.b.c")
        ended = await shell.run("roster", "-f", "json")
    assert len(json.loads(ended.out)) == 99
    assert ended.err == "3 of 99 listed, 199+ members.\n"


async def test_a_table_in_a_pipe_is_never_cut(shell: CommandLine, gateway: Gateway) -> None:
    for columns in ("40", "80"):
        ended = await shell.run("roster", COLUMNS=columns)
        lines = ended.out.splitlines()
        for person in gateway.people().values():
            assert any(person.display_name in line and person.handle in line for line in lines)
        assert "…" not in ended.out
        assert len({line for line in lines if "last active" in line}) == 1


async def test_who_is_asked_about_by_name_handle_or_id(shell: CommandLine, gateway: Gateway) -> None:
    ada = next(person for person in gateway.people().values() if person.display_name == "Ada Okafor")
    for who in ("ada OKAFOR", f"@{ada.handle}", ada.handle, ada.key):
        ended = await shell.run("roster", "-f", "json", "--who", who)
        assert (ended.code, ended.err) == (ExitCode.OK, ""), ended
        assert [row["user_id"] for row in json.loads(ended.out)] == [ada.key]
    two = await shell.run("roster", "-f", "json", "--who", "Ada Okafor", "--who", "bo li")
    assert [row["name"] for row in json.loads(two.out)] == ["Ada Okafor", "Bo Li"]
    nobody = await shell.run("roster", "-f", "json", "--who", "Ad")
    assert (nobody.code, json.loads(nobody.out)) == (ExitCode.OK, [])
    assert nobody.err == (
        "Nobody in Harbour crew is called Ad; similar: Ada Okafor, Folákẹ́ Adéyẹmí, Nadia Ferreira. "
        "Give whole names, handles or ids.\n"
    )
    one = await shell.run("roster", "-f", "json", "--who", "Ada Okafor", "--who", "zzz")
    assert [row["name"] for row in json.loads(one.out)] == ["Ada Okafor"]
    assert one.err == "Nobody in Harbour crew is called zzz. Give whole names, handles or ids.\n"


async def test_csv_holds_no_formula_and_is_utf8_in_any_locale(shell: CommandLine) -> None:
    formula = "=cmd|'/C calc'!A0"
    me = {"data": {"user": {"id": "me", "username": "me"}}}
    listed = {"data": [{"id": "harbour", "type": "group"}]}
    members = {
        "data": [
            {"id": "ada", "displayName": formula, "username": formula},
            {"id": "x", "displayName": "佐藤 花"},
        ]
    }
    async with TinyServer().running() as server:
        server.on("/api/v1/auth/me", Reply(body=me))
        server.on("/api/v1/conversations", Reply(body=listed))
        server.on("/api/v1/conversations/harbour/participants", Reply(body=members))
        server.on("/api/v1/users/presence", Reply(body={"data": {"users": []}}))
        shell.use(server.address.url, "a.b.c")
        ended = await shell.run("roster", "-f", "csv", PYTHONIOENCODING="ascii")
    assert ended.code == ExitCode.OK, ended
    told = {row["user_id"]: row for row in csv.DictReader(io.StringIO(ended.out))}
    assert (told["ada"]["name"], told["ada"]["handle"]) == (f"'{formula}", f"'{formula}")
    assert told["x"]["name"] == "佐藤 花"


async def test_a_token_that_is_no_good_is_a_matter_of_signing_in(
    shell: CommandLine, start_gateway: StartGateway
) -> None:
    """The newer gateway answers 403 on conversation routes, as if the conversation were not accessible."""
    for profile in ("meeshy-2026", "meeshy-2025"):
        gateway = await start_gateway(profile=profile)
        shell.use(gateway.url, gateway.mint_token(forged=True))
        said = (await shell.run("roster")).sentence(ExitCode.SIGN_IN)
        assert said.endswith("a new token by PRESENCE_TUI_TOKEN or the token file, and start again.")


async def test_an_expired_token_that_cannot_be_renewed_is_one_too(
    shell: CommandLine, start_gateway: StartGateway
) -> None:
    older = await start_gateway(profile="meeshy-2025")
    shell.use(older.url, older.mint_token(lifetime_s=-60))
    assert "expired" in (await shell.run("roster")).sentence(ExitCode.SIGN_IN)


async def test_a_conversation_that_is_none_is_denied(shell: CommandLine, gateway: Gateway) -> None:
    assert "refuses this" in (await shell.run("roster", "nowhere")).sentence(ExitCode.DENIED)


async def test_a_gateway_that_is_not_there_is_a_failure(shell: CommandLine, gateway: Gateway) -> None:
    await gateway.stop()
    assert "Nothing listens at" in (await shell.run("roster")).sentence(ExitCode.FAILED)


async def test_a_format_there_is_not_is_a_mistake(shell: CommandLine, gateway: Gateway) -> None:
    assert "table, json or csv" in (await shell.run("roster", "-f", "xml")).sentence(ExitCode.USAGE)
