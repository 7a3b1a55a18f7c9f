"""``login`` and ``logout``, interactive and in scripts, on gateways of both versions."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.gateway.access import CODE
from presence_tui.gateway.server import Gateway
from tests.integration.cli.command_line import CommandLine, Ended
from tests.integration.watch.conftest import StartGateway
from tests.unit.transport.tiny_server import Reply, TinyServer

PASSWORD = "demo"
PROFILES = ["meeshy-2026", "meeshy-2025"]
HTML = "<!doctype html><title>Welcome to nginx</title>"
LOGIN = "/api/v1/auth/login"
TYPED = "a-long-password-of-ours"


@pytest.fixture
async def gateway(start_gateway: StartGateway) -> Gateway:
    """A gateway that is not configured."""
    return await start_gateway()


def folder(shell: CommandLine) -> Path:
    return shell.home / "data" / "presence-tui" / "gateways"


def kept(shell: CommandLine, name: str) -> dict[str, Any]:
    """The stored login, whose secrets must not be printed from now on."""
    saved_login: dict[str, Any] = json.loads((folder(shell) / f"{name}.json").read_text())
    shell.secrets += [secret for secret in saved_login["secrets"].values() if secret]
    return saved_login


async def signed_in(shell: CommandLine, gateway: Gateway, *options: str, user: str = "observer") -> Ended:
    ended = await shell.run(
        "login", gateway.url, "--user", user, "--password-stdin", *options, typed=f"{PASSWORD}\n"
    )
    assert (ended.code, ended.out) == (ExitCode.OK, ""), ended
    return ended


def last_line(ended: Ended, code: int) -> str:
    assert (ended.code, ended.out) == (code, ""), ended
    return ended.err.splitlines()[-1]


@pytest.mark.parametrize("profile", PROFILES)
async def test_after_login_watch_needs_no_token(
    shell: CommandLine, start_gateway: StartGateway, profile: str
) -> None:
    gateway = await start_gateway(profile=profile)
    ended = await signed_in(shell, gateway, "--name", "harbour-master")
    assert "shown online" in ended.err, "the side effects of observing are mentioned"
    assert "Signed in as @observer." in ended.err
    assert "--gateway harbour-master" in ended.err
    saved_login = kept(shell, "harbour-master")
    assert saved_login["url"] == gateway.url
    path = folder(shell) / "harbour-master.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert PASSWORD not in path.read_text()
    roster = await shell.run("roster", "-g", "harbour-master", "-f", "json")
    assert roster.code == ExitCode.OK, roster
    assert len(json.loads(roster.out)) == len(gateway.people())
    doctor = await shell.run("doctor")
    assert doctor.code == ExitCode.OK, doctor
    assert "of the sign-in harbour-master, expires in 23 h" in doctor.out
    info = await shell.run("info")
    assert f"harbour-master: @observer at {gateway.url}; token in {path}, which ends in 23 h" in info.out


@pytest.mark.parametrize("command", [["roster"], ["tail"], ["doctor"], ["watch", "--plain"]], ids=str)
async def test_a_name_that_no_sign_in_has_is_told_with_those_there_are(
    shell: CommandLine, gateway: Gateway, command: list[str]
) -> None:
    nobody = (await shell.run(*command, "-g", "harbour")).sentence(ExitCode.SIGN_IN)
    assert nobody.startswith(
        "There is no sign-in called 'harbour'. There is no sign-in at all. There is no token"
    )
    for name in ("gate", "west"):
        await signed_in(shell, gateway, "--name", name)
    # A host with a dot may be meant as one; doctor looks it up.
    is_doctor = command == ["doctor"]
    for wrong in ("harbour",) if is_doctor else ("harbour", "harbour.example"):
        told = (await shell.run(*command, "-g", wrong)).sentence(ExitCode.SIGN_IN)
        assert told.startswith(f"There is no sign-in called '{wrong}'. There are: gate, west.")
    if not is_doctor:
        address = (await shell.run(*command, "-g", "https://harbour.example")).sentence(ExitCode.SIGN_IN)
        assert address.startswith("There is no token")


async def test_a_name_is_also_known_where_no_token_is_needed(shell: CommandLine, gateway: Gateway) -> None:
    await signed_in(shell, gateway, "--name", "gate")
    async with shell.running("tail", "-g", "gate") as tail:
        await tail.until_line(lambda line: line.get("state") == "live")
        tail.interrupt()
        assert (await shell.ended(tail)).code == ExitCode.OK
    recorded = await shell.run("history", "-g", "gate", "-f", "json")
    assert json.loads(recorded.out), "the history belongs to the named gateway"
    nothing = await shell.run("history", "-g", "harbour")
    assert nothing.err == "There is no sign-in called 'harbour'. There are: gate.\n"
    joined = await shell.run("join", "harbour", "--as", "Sam", "-g", "harbour.invalid")
    assert joined.sentence(ExitCode.FAILED).startswith("There is no sign-in called 'harbour.invalid'.")


async def test_a_sign_in_serves_its_address_too_unless_there_is_another_token(
    shell: CommandLine, gateway: Gateway
) -> None:
    await signed_in(shell, gateway, "--name", "harbour")
    kept(shell, "harbour")
    shell.use(gateway.url)
    assert (await shell.run("roster", "-f", "csv")).code == ExitCode.OK
    shell.use(gateway.url, gateway.mint_token(forged=True))
    assert (await shell.run("roster", "-f", "csv")).code == ExitCode.SIGN_IN
    # Given by name, the gateway does not receive a token that may belong to another one.
    assert (await shell.run("roster", "-f", "csv", "-g", "harbour")).code == ExitCode.OK


async def test_several_gateways_are_told_apart_and_the_newest_is_the_usual_one(
    shell: CommandLine, start_gateway: StartGateway
) -> None:
    first, second = await start_gateway(participants=5), await start_gateway(participants=9)
    await signed_in(shell, first, "--name", "first")
    await signed_in(shell, second, "--name", "second")

    async def listed(*options: str) -> int:
        ended = await shell.run("roster", "-f", "json", *options)
        assert ended.code == ExitCode.OK, ended
        return len(json.loads(ended.out))

    sizes = [await listed("-g", "first"), await listed("-g", "second"), await listed()]
    assert sizes == [len(first.people()), len(second.people()), len(second.people())]
    refused = await shell.run(
        "login", first.url, "--name", "second", "--user", "observer", "--password-stdin", typed=PASSWORD
    )
    assert "stands for" in refused.sentence(ExitCode.USAGE)


async def test_a_sign_in_is_renewed_by_its_name(shell: CommandLine, gateway: Gateway) -> None:
    await signed_in(shell, gateway, "--name", "harbour")
    before = kept(shell, "harbour")
    ended = await shell.run("login", "harbour", "--password-stdin", typed=f"{PASSWORD}\n")
    assert ended.code == ExitCode.OK, ended
    after = kept(shell, "harbour")
    assert after["handle"] == before["handle"] == "observer"
    assert after["secrets"] != before["secrets"]


async def test_a_token_that_ended_is_refreshed_and_kept(shell: CommandLine, gateway: Gateway) -> None:
    await signed_in(shell, gateway, "--name", "harbour")
    before = kept(shell, "harbour")["secrets"]
    path = folder(shell) / "harbour.json"
    expired = gateway.mint_token(lifetime_s=-60)
    path.write_text(path.read_text().replace(before["token"], expired))
    for _ in range(2):
        assert (await shell.run("roster", "-f", "csv")).code == ExitCode.OK
    after = kept(shell, "harbour")["secrets"]
    assert after["token"] != expired
    assert after["session"] != before["session"], "the gateway issues a new session each time"
    assert (await shell.run("roster", "-f", "csv")).code == ExitCode.OK


async def test_a_second_factor_comes_from_the_second_line(
    shell: CommandLine, start_gateway: StartGateway
) -> None:
    gateway = await start_gateway(second_factor=True)
    login = ("login", gateway.url, "--user", "observer", "--password-stdin", "--name", "harbour")
    without = await shell.run(*login, typed=f"{PASSWORD}\n")
    assert "second factor" in last_line(without, ExitCode.SIGN_IN)
    wrong = await shell.run(*login, typed=f"{PASSWORD}\n111111\n")
    assert "does not accept this code" in last_line(wrong, ExitCode.SIGN_IN)
    assert not folder(shell).exists()
    ended = await shell.run(*login, typed=f"{PASSWORD}\n{CODE[:3]} {CODE[3:]}\n")
    assert ended.code == ExitCode.OK, ended
    assert (await shell.run("roster", "-f", "csv")).code == ExitCode.OK


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_guest_comes_by_a_link_and_leaves_by_logout(
    shell: CommandLine, start_gateway: StartGateway, profile: str
) -> None:
    gateway = await start_gateway(profile=profile)
    link = "https://chat.example/join/harbour"
    ended = await shell.run("login", gateway.url, "--link", link, "--as", "River", "--name", "river")
    assert ended.code == ExitCode.OK, ended
    handle = "ano_River" if profile == "meeshy-2026" else "River"
    assert f"Signed in as the guest {handle}." in ended.err
    saved_login = kept(shell, "river")
    assert saved_login["conversation"] == gateway.conversation
    assert saved_login["key"] in gateway.people()
    roster = await shell.run("roster", "-f", "json", "-g", "river")
    assert handle in {row["name"] for row in json.loads(roster.out)}
    ended = await shell.run("logout")
    assert ended.code == ExitCode.OK, ended
    assert saved_login["key"] not in gateway.people()
    assert list(folder(shell).iterdir()) == []


async def test_an_expired_link_is_reported(shell: CommandLine, gateway: Gateway) -> None:
    gateway.faults.refuse_links = True
    ended = await shell.run("login", gateway.url, "--link", "harbour", "--as", "River")
    assert "Link expired" in last_line(ended, ExitCode.DENIED)
    joined = await shell.run("join", "harbour", "--as", "River", "-g", gateway.url)
    assert "Link expired" in joined.sentence(ExitCode.DENIED)


async def test_an_account_is_hidden_when_it_is_asked_for(
    shell: CommandLine, start_gateway: StartGateway
) -> None:
    gateway = await start_gateway()
    person = next(each for each in gateway.people().values() if not each.guest and not each.hidden)
    ended = await signed_in(shell, gateway, user=person.handle)
    assert "showOnlineStatus is on" in ended.err
    assert not person.hidden
    ended = await signed_in(shell, gateway, "--hide", user=person.handle)
    assert "off now" in ended.err
    assert person.hidden
    ended = await signed_in(shell, gateway, "--hide", user=person.handle)
    assert "showOnlineStatus is off:" in ended.err


async def test_an_account_without_consent_is_hidden_and_told_what_was_set(
    shell: CommandLine, start_gateway: StartGateway
) -> None:
    gateway = await start_gateway()
    person = next(each for each in gateway.people().values() if not each.guest and not each.hidden)
    person.has_consented = False
    ended = await signed_in(shell, gateway, "--hide", user=person.handle)
    assert "showOnlineStatus is off now" in ended.err
    assert "allowAnalytics is off now as well" in ended.err
    assert person.hidden
    assert person.refuses_analytics


async def test_the_older_version_cannot_hide_an_account(
    shell: CommandLine, start_gateway: StartGateway
) -> None:
    gateway = await start_gateway(profile="meeshy-2025")
    assert "cannot hide an account" in (await signed_in(shell, gateway, "--hide")).err


@pytest.mark.parametrize("profile", PROFILES)
async def test_logout_ends_the_session_and_forgets_it(
    shell: CommandLine, start_gateway: StartGateway, profile: str
) -> None:
    gateway = await start_gateway(profile=profile)
    await signed_in(shell, gateway, "--name", "harbour")
    kept(shell, "harbour")
    ended = await shell.run("logout", "harbour")
    assert last_line(ended, ExitCode.OK) == "Signed out of harbour; nothing of it is kept here."
    assert "could not be told" not in ended.err
    assert list(folder(shell).iterdir()) == []
    assert "no sign-in" in (await shell.run("logout")).sentence(ExitCode.USAGE)
    assert "'harbour'" in (await shell.run("logout", "harbour")).sentence(ExitCode.USAGE)


async def test_logout_forgets_what_a_gateway_cannot_be_told(
    shell: CommandLine, start_gateway: StartGateway
) -> None:
    gateway = await start_gateway()
    for name in ("harbour", "damaged"):
        await signed_in(shell, gateway, "--name", name)
        kept(shell, name)
    assert "harbour" in (await shell.run("logout")).sentence(ExitCode.USAGE), "the account is ambiguous"
    await gateway.stop()
    ended = await shell.run("logout", "harbour")
    assert ended.code == ExitCode.OK
    assert "could not be told: Nothing listens" in ended.err
    (folder(shell) / "damaged.json").write_text("{")
    assert "logout damaged" in (await shell.run("tail", "-g", "damaged")).sentence(ExitCode.SIGN_IN)
    assert "damaged: The sign-in" in (await shell.run("info")).out
    assert (await shell.run("logout", "damaged")).code == ExitCode.OK
    assert list(folder(shell).iterdir()) == []


ANSWERS: dict[str, tuple[Reply, int, str]] = {
    "wrong password": (
        Reply(401, {"error": "Identifiants invalides"}),
        ExitCode.SIGN_IN,
        "name and password",
    ),
    "locked": (Reply(423, {"message": "Locked for an hour"}), ExitCode.SIGN_IN, "Locked for an hour"),
    "too often": (Reply(429, {}, {"retry-after": "840"}), ExitCode.FAILED, "pause of 840 s"),
    "broken": (Reply(500, {"message": "Oh"}), ExitCode.FAILED, "500 Oh"),
    "a web page": (Reply(200, HTML), ExitCode.FAILED, "does not answer like a gateway"),
    "hostile": (Reply(400, {"message": "\x1b]0;owned\x07no"}), ExitCode.SIGN_IN, "␛]0;owned␇no"),
}


@pytest.mark.parametrize("case", ANSWERS)
async def test_a_login_that_fails_is_a_sentence_and_keeps_nothing(shell: CommandLine, case: str) -> None:
    reply, code, said = ANSWERS[case]
    shell.secrets.append(TYPED)
    async with TinyServer().running() as server:
        server.on("/api/v1/auth/me", Reply(401, {"error": "Authentication required"}))
        server.on(LOGIN, reply)
        ended = await shell.run(
            "login", server.address.url, "--user", "ada", "--password-stdin", typed=f"{TYPED}\n"
        )
        assert said in last_line(ended, code)
        assert json.loads(server.of(LOGIN)[0].body)["password"] == TYPED
    assert not folder(shell).exists()


async def test_no_password_is_sent_to_what_is_no_gateway(shell: CommandLine) -> None:
    async with TinyServer().running() as gone:
        url = gone.address.url
    ended = await shell.run("login", url, "--user", "ada", "--password-stdin", typed=TYPED)
    assert "Nothing listens" in ended.sentence(ExitCode.FAILED)
    async with TinyServer().running() as server:
        for path in ("/api/v1/auth/me", "/api/auth/me"):
            server.on(path, Reply(200, HTML))
        ended = await shell.run("login", server.address.url, "--user", "a", "--password-stdin", typed=TYPED)
        assert "does not answer like a gateway" in ended.sentence(ExitCode.FAILED)
        assert all(asked.method == "GET" for asked in server.asked)


async def test_without_a_terminal_there_is_no_prompt(shell: CommandLine, gateway: Gateway) -> None:
    assert "an argument" in (await shell.run("login")).sentence(ExitCode.SIGN_IN)
    no_user = await shell.run("login", gateway.url, "--password-stdin", typed=PASSWORD)
    assert "--user" in last_line(no_user, ExitCode.SIGN_IN)
    no_password = await shell.run("login", gateway.url, "--user", "observer")
    assert "--password-stdin" in last_line(no_password, ExitCode.SIGN_IN)
    empty = await shell.run("login", gateway.url, "--user", "observer", "--password-stdin")
    assert "Without a password" in last_line(empty, ExitCode.SIGN_IN)
    no_name = await shell.run("login", gateway.url, "--link", "harbour")
    assert "--as" in last_line(no_name, ExitCode.SIGN_IN)


@pytest.mark.parametrize("name", ["../harbour", "a b", "-x"])
async def test_a_name_is_a_name(shell: CommandLine, gateway: Gateway, name: str) -> None:
    ended = await shell.run("login", gateway.url, f"--name={name}", "--password-stdin", typed=PASSWORD)
    assert "is no name" in ended.sentence(ExitCode.USAGE)


async def test_what_cannot_be_kept_is_told(shell: CommandLine, gateway: Gateway) -> None:
    (shell.home / "data").write_text("a file where a folder should be")
    ended = await shell.run(
        "login", gateway.url, "--user", "observer", "--password-stdin", typed=f"{PASSWORD}\n"
    )
    assert "could not be kept" in last_line(ended, ExitCode.FAILED)
