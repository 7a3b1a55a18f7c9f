"""``doctor``: each step ok, or the reason and advice."""

import pytest

from presence_tui.cli.exit_codes import ExitCode
from tests.integration.cli.command_line import CommandLine, Ended
from tests.integration.watch.conftest import StartGateway
from tests.unit.transport.tiny_proxy import TinyProxy
from tests.unit.transport.tiny_server import Reply, TinyServer

HTML = "<!doctype html><title>Welcome to nginx</title>"


def findings(ended: Ended) -> dict[str, str]:
    """Step to mark."""
    lines = [line for line in ended.out.splitlines() if line[:2] in ("ok", "NO", "--")]
    return {line[4:20].strip(): line[:2] for line in lines}


def failed(ended: Ended, step: str) -> str:
    """Text of the failed step with its advice; all earlier steps are ok."""
    assert ended.code == ExitCode.FAILED
    assert ended.err.strip() == "Something is not ok; the line says what to do."
    lines = ended.out.splitlines()
    at = next(place for place, line in enumerate(lines) if line.startswith("NO"))
    assert lines[at][4:20].strip() == step
    assert all(line[:2] in ("ok", "--", "  ") for line in lines[:at])
    assert lines[at + 1].startswith("    "), "advice follows"
    return " ".join(line.strip() for line in lines[at : at + 2])


@pytest.mark.parametrize("profile", ["meeshy-2026", "meeshy-2025"])
async def test_a_healthy_way_is_ok_step_by_step(
    shell: CommandLine, start_gateway: StartGateway, profile: str
) -> None:
    gateway = await start_gateway(profile=profile)
    shell.use(gateway.url, gateway.token)
    ended = await shell.run("doctor")
    assert (ended.code, ended.err) == (ExitCode.OK, "")
    assert findings(ended) == {
        "DNS": "ok",
        "TCP": "ok",
        "TLS": "--",
        "REST": "ok",
        "health": "ok",
        "clock skew": "ok",
        "token": "ok",
        "account": "ok",
        "socket": "ok",
        "authentication": "ok",
        "snapshot": "ok" if profile == "meeshy-2026" else "--",
    }
    assert f"speaks {profile}" in ended.out
    assert ", by the health answer" in ended.out
    assert gateway.connections.count == 0, "the connection is closed"


@pytest.mark.parametrize("variable", ["http_proxy", "ALL_PROXY"])
async def test_every_step_goes_through_the_proxy_of_the_environment(
    shell: CommandLine, start_gateway: StartGateway, variable: str
) -> None:
    """Only the proxy can resolve the host; the socket once ignored the proxy and never connected."""
    gateway = await start_gateway()
    port = int(gateway.url.rpartition(":")[2])
    async with TinyProxy(port).running() as through:
        shell.use(f"http://gate.test:{port}", gateway.token)
        shell.environment[variable] = f"http://{through.proxy.shown}"
        ended = await shell.run("doctor")
        assert ended.code == ExitCode.OK, ended
        assert findings(ended)["proxy"] == "--"
        assert findings(ended)["socket"] == "ok"
        assert "websocket, ping window 45 s" in ended.out
        assert all(f"http://gate.test:{port}/" in line for line in through.asked if line)
        assert "no host called gate.test" in failed(await shell.run("doctor", no_proxy="gate.test"), "DNS")


async def test_a_proxy_that_asks_for_a_password_is_told(shell: CommandLine) -> None:
    async with TinyProxy(9, credentials="Basic x").running() as through:
        shell.use("https://gate.test", "a-token-of-ours")
        ended = await shell.run("doctor", https_proxy=f"http://{through.proxy.shown}")
        assert "asks for a name and password (407)" in failed(ended, "TLS")


@pytest.mark.parametrize("command", ["doctor", "tail", "roster"])
async def test_a_proxy_that_cannot_be_used_is_a_wrong_option(shell: CommandLine, command: str) -> None:
    shell.use("https://gate.test", "a-token-of-ours")
    sentence = (await shell.run(command, all_proxy="socks5://127.0.0.1:1080")).sentence(ExitCode.USAGE)
    assert "all_proxy names a proxy of a kind that is not supported (socks5)" in sentence


async def test_an_unknown_host(shell: CommandLine) -> None:
    shell.use("https://nothing.invalid", "a-token-of-ours")
    assert "no host called nothing.invalid" in failed(await shell.run("doctor"), "DNS")


async def test_a_closed_port(shell: CommandLine) -> None:
    async with TinyServer().running() as gone:
        port = gone.port
    shell.use(f"http://localhost:{port}", "a-token-of-ours")
    assert f"Nothing listens at localhost:{port}" in failed(await shell.run("doctor"), "TCP")


@pytest.mark.parametrize("profile", ["meeshy-2026", "meeshy-2025"])
async def test_without_a_token_all_that_needs_none_is_checked(
    shell: CommandLine, start_gateway: StartGateway, profile: str
) -> None:
    gateway = await start_gateway(profile=profile)
    ended = await shell.run("doctor", "-g", gateway.url)
    assert ended.code == ExitCode.SIGN_IN
    assert ended.err.startswith("There is no token for the gateway. Sign in with presence-tui login")
    assert findings(ended) == {
        "DNS": "ok",
        "TCP": "ok",
        "TLS": "--",
        "REST": "ok",
        "health": "ok",
        "clock skew": "ok",
        "token": "--",
    }
    assert f"speaks {profile}" in ended.out
    assert "none; account, socket and authentication need one" in ended.out


async def test_without_a_token_the_first_step_that_fails_is_found(shell: CommandLine) -> None:
    assert "no host called nosuch.invalid" in failed(await shell.run("doctor", "-g", "nosuch.invalid"), "DNS")
    assert "Nothing listens at" in failed(await shell.run("doctor", "-g", "http://127.0.0.1:9"), "TCP")
    async with TinyServer().running() as server:
        for path in ("/api/v1/auth/me", "/api/auth/me", "/health"):
            server.on(path, Reply(200, HTML))
        assert failed(await shell.run("doctor", "-g", server.address.url), "REST")


async def test_a_web_page_instead_of_a_gateway(shell: CommandLine) -> None:
    async with TinyServer().running() as server:
        for path in ("/api/v1/auth/me", "/api/auth/me", "/health", "/socket.io/"):
            server.on(path, Reply(200, HTML))
        shell.use(server.address.url, "a-token-of-ours")
        ended = await shell.run("doctor")
        assert "does not answer like a gateway" in failed(ended, "REST")
        assert "speaks" not in ended.out


async def test_a_server_without_tls(shell: CommandLine) -> None:
    async with TinyServer().running() as server:
        shell.use(f"https://localhost:{server.port}", "a-token-of-ours")
        assert "--ca-file" not in failed(await shell.run("doctor"), "TLS")


@pytest.mark.parametrize("profile", ["meeshy-2026", "meeshy-2025"])
async def test_a_bad_token(shell: CommandLine, start_gateway: StartGateway, profile: str) -> None:
    gateway = await start_gateway(profile=profile)
    shell.use(gateway.url, gateway.mint_token(forged=True))
    ended = await shell.run("doctor")
    assert "does not accept this token" in failed(ended, "account")
    assert findings(ended)["authentication"] == "NO"


async def test_an_expired_token_is_told_and_renewed_where_it_can_be(
    shell: CommandLine, start_gateway: StartGateway
) -> None:
    newer = await start_gateway(profile="meeshy-2026")
    shell.use(newer.url, newer.mint_token(lifetime_s=-7_200))
    ended = await shell.run("doctor")
    assert ended.code == ExitCode.OK
    assert "expired 2 h ago" in ended.out
    assert findings(ended)["authentication"] == "ok"
    older = await start_gateway(profile="meeshy-2025")
    shell.use(older.url, older.mint_token(lifetime_s=-7_200))
    assert "token has expired" in failed(await shell.run("doctor"), "account")


async def test_a_socket_that_is_refused(shell: CommandLine, start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    gateway.faults.refuse_sockets = True
    shell.use(gateway.url, gateway.token)
    assert "refuses the socket: the answer was 503" in failed(await shell.run("doctor"), "socket")


async def test_the_snapshot_is_counted_without_oneself(
    shell: CommandLine, start_gateway: StartGateway
) -> None:
    gateway = await start_gateway()
    me = next(it for it in gateway.people().values() if not (it.guest or it.hidden))
    shell.use(gateway.url, gateway.mint_token(me.key))
    others = {key: flag for room in me.conversations for key, flag in gateway.truth(room.id).items()}
    others.pop(me.key)
    ended = await shell.run("doctor")
    assert f"{len(others)} participants, {sum(others.values())} online" in ended.out


async def test_an_account_without_conversations_is_promised_no_snapshot(
    shell: CommandLine, start_gateway: StartGateway
) -> None:
    gateway = await start_gateway()
    lonely = next(it for it in gateway.people().values() if not it.guest and len(it.conversations) == 1)
    gateway.memberships.leave_silently(lonely, gateway.find_conversation())
    shell.use(gateway.url, gateway.mint_token(lonely.key))
    ended = await shell.run("doctor")
    assert (ended.code, findings(ended)["snapshot"]) == (ExitCode.OK, "--")
    assert "none for an account without conversations" in ended.out
