"""Alert rules without a screen, and ``notify-test``."""

import json
import sys
from pathlib import Path

from aiohttp import web

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.gateway.server import Gateway
from tests.integration.alerts.receiver import receiving
from tests.integration.cli.command_line import CommandLine
from tests.integration.cli.test_plain import sentence_with
from tests.integration.cli.test_tail import somebody

RULE = '[[watch]]\nname = "crew"\nwhen = "comes"\ncooldown_s = 0\n'
KEEP = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"


def keeping(path: Path) -> str:
    return f"command = {json.dumps([sys.executable, '-c', KEEP, str(path)])}\n"


async def test_plain_says_it_in_a_sentence(shell: CommandLine, gateway: Gateway) -> None:
    key = somebody(gateway)
    gateway.set_online(key, False)
    shell.write_configuration(RULE)
    async with shell.running("watch", "--plain") as plain:
        await sentence_with(plain, "Watching Harbour crew")
        gateway.set_online(key, True)
        name = gateway.people()[key].display_name
        assert await sentence_with(plain, "Watch rule") == f"Watch rule: {name} came online."


async def test_tail_writes_a_line_and_commands_and_webhooks_are_told(
    shell: CommandLine, gateway: Gateway
) -> None:
    key = somebody(gateway)
    gateway.set_online(key, False)
    told = shell.home / "told.jsonl"
    async with receiving(web.Response(status=503)) as receiver:
        webhook = f'webhook = "{receiver.url}/hook"\n'
        shell.write_configuration(
            f'[notifications]\nby = ["command", "webhook"]\n{keeping(told)}{webhook}{RULE}'
        )
        async with shell.running("tail", "harbour") as tail:
            await tail.until_line(lambda line: line["kind"] == "link" and line["state"] == "live")
            # Before the first roster, events only fill it.
            await tail.until_line(lambda line: line["kind"] == "change")
            gateway.set_online(key, True)
            line = await tail.until_line(lambda line: line["kind"] == "alert")
            tail.interrupt()
            ended = await shell.ended(tail)
            assert ended.code == ExitCode.OK
    alert = line["alert"]
    assert [ring["user_id"] for ring in alert["rings"]] == [key]
    assert (alert["rings"][0]["rule"], alert["rings"][0]["kind"]) == ("crew", "comes")
    sent = json.loads(told.read_text())
    assert sent["rings"] == alert["rings"]
    assert all(json.loads(request.body)["rings"] == alert["rings"] for request in receiver.received)


async def test_notify_test_says_of_each_way_what_it_did(shell: CommandLine) -> None:
    told = shell.home / "told.jsonl"
    secret = shell.home / "secret"
    secret.write_text("whsec_c2VjcmV0\n")
    secret.chmod(0o600)
    async with receiving() as receiver:
        shell.write_configuration(
            f'[notifications]\nterminal = "none"\n{keeping(told)}webhook = "{receiver.url}/s3cr3tpath"\n'
            f'webhook_secret_file = "{secret}"\n'
        )
        shell.secrets += ["s3cr3tpath", "whsec_c2VjcmV0"]
        by_command, by_webhook, whole = [
            await shell.run("notify-test", *by) for by in (("--by", "command"), ("--by", "webhook"), ())
        ]
    assert (by_command.code, by_command.out) == (ExitCode.OK, "ok  command    exit 0\n")
    assert (by_webhook.code, by_webhook.out) == (ExitCode.OK, "ok  webhook    204 No Content\n")
    assert whole.code == ExitCode.FAILED, "the bell needs a terminal"
    assert "NO  bell       there is no terminal" in whole.out
    assert "--  terminal   off" in whole.out
    assert json.loads(told.read_text().splitlines()[0])["test"] is True
    assert "webhook-signature" in receiver.received[0].headers


async def test_notify_test_says_why_a_way_does_not_work(shell: CommandLine) -> None:
    shell.write_configuration('[notifications]\ncommand = ["/nowhere/at-all"]')
    ended = await shell.run("notify-test", "--by", "command")
    assert ended.code == ExitCode.FAILED
    assert "NO  command    The command /nowhere/at-all cannot be started: No such file" in ended.out
    ended = await shell.run("notify-test", "--by", "webhook")
    assert ended.code == ExitCode.USAGE
    assert "not set up" in ended.out


async def test_a_secret_that_others_can_read_is_refused(shell: CommandLine) -> None:
    secret = shell.home / "secret"
    secret.write_text("very-secret-indeed")
    secret.chmod(0o644)
    shell.secrets.append("very-secret-indeed")
    shell.write_configuration(
        f'[notifications]\nwebhook = "https://hooks.example/"\nwebhook_secret_file = "{secret}"'
    )
    ended = await shell.run("notify-test", "--by", "webhook")
    assert f"chmod 600 {secret}" in ended.sentence(ExitCode.USAGE)
    secret.unlink()
    ended = await shell.run("notify-test", "--by", "webhook")
    assert "No such file" in ended.sentence(ExitCode.USAGE)


async def test_what_happened_while_the_line_was_lost_rings_nothing(
    shell: CommandLine, gateway: Gateway
) -> None:
    """All participants leave unseen, and a snapshot corrects them; only later arrivals seen in events
    match.
    """
    late, *keys = [key for key in gateway.people() if key != gateway.observer.key]
    gateway.set_online(late, False)
    for key in keys:
        gateway.set_online(key, True)
    group = '[[watch]]\nwhen = "empty"\nconversation = "harbour"\nafter_s = 0.1\n'
    leaves = '[[watch]]\nwhen = "leaves"\ncooldown_s = 0\n'
    shell.write_configuration(f"{RULE}{group}{leaves}")
    async with shell.running("tail", "harbour") as tail:
        await tail.until_line(lambda line: line["kind"] == "change")
        gateway.faults.refuse_sockets = True
        gateway.connections.cut()
        await tail.until_line(lambda line: line["kind"] == "link" and line["state"] == "reconnecting")
        for key in keys:
            gateway.set_online(key, False)
        gateway.faults.refuse_sockets = False
        corrected = await tail.until_line(lambda line: line["kind"] == "change" and not line["flag"])
        assert corrected["cause"] == "reconciled"
        gateway.set_online(late, True)
        # Any other match would be grouped with this one.
        alert = (await tail.until_line(lambda line: line["kind"] == "alert"))["alert"]
    rang = [(ring["kind"], ring["user_id"]) for ring in alert["rings"]]
    assert rang == [("comes", late)]
