"""``[[watch]]`` and ``[notifications]``: their effect, and messages about errors in them."""

from pathlib import Path

import pytest

from presence_tui.alerts.rules import AlertRule, Channel, Trigger
from presence_tui.alerts.terminal_notices import OscProtocol
from presence_tui.cli.alert_settings import NotificationSettings
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.help_command import page
from tests.integration.cli.command_line import CommandLine
from tests.integration.cli.watch_settings import watch_settings

WHOLE = """
[notifications]
by = ["toast", "webhook"]
quiet = "22:00-07:00"
cooldown_s = 30
terminal = "osc777"
command = ["logger", "{text}"]
command_limit_s = 2.5
webhook = "https://hooks.example/s3cr3t"
webhook_secret_file = "~/secret"

[[watch]]
name = "Ada"
when = "returns"
who = ["Ada Okafor", "@bo"]
after_s = 900
by = "bell"

[[watch]]
when = "empty"
role = "Moderator"
conversation = "harbour"
cooldown_s = 0

[[watch]]
when = "comes"
who = "Zoe\u0301"
"""


def settings_of(shell: CommandLine, text: str, **environment: str) -> NotificationSettings:
    return watch_settings(environment=environment, path=shell.write_configuration(text)).notifications


def test_everything_can_be_said(shell: CommandLine) -> None:
    found = settings_of(shell, WHOLE)
    usual = frozenset({Channel.TOAST, Channel.WEBHOOK})
    assert found.rules == (
        AlertRule(Trigger.RETURNS, ("Ada Okafor", "@bo"), "", "", 900, 30, frozenset({Channel.BELL}), "Ada"),
        AlertRule(Trigger.EMPTY, (), "moderator", "harbour", 120, 0, usual),
        AlertRule(Trigger.COMES, ("Zoé",), cooldown_s=30, channels=usual),
    )
    assert (found.channels, found.cooldown_s, found.terminal) == (usual, 30, OscProtocol.OSC_777)
    assert (found.command, found.command_limit_s) == (("logger", "{text}"), 2.5)
    assert found.quiet_hours is not None
    assert found.webhook is not None
    assert found.webhook.url == "https://hooks.example/s3cr3t"
    assert found.webhook_secret_file == Path.home() / "secret"
    assert "s3cr3t" not in repr(found)


def test_nothing_has_to_be_said(shell: CommandLine) -> None:
    found = settings_of(shell, "")
    assert found == NotificationSettings()
    assert found.channels == {Channel.TOAST, Channel.BELL}


def test_a_webhook_and_its_secret_may_come_from_the_environment(shell: CommandLine) -> None:
    environment = {"PRESENCE_TUI_WEBHOOK": "https://h.example/x", "PRESENCE_TUI_WEBHOOK_SECRET": " whsec_ "}
    found = settings_of(shell, '[notifications]\nby = ["webhook"]', **environment)
    assert found.webhook is not None
    assert (found.webhook.url, found.webhook_secret) == ("https://h.example/x", "whsec_")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[watch]]\nwhen = "arrives"', r"\[\[watch\]\] 1: there is no when 'arrives'; choose one of comes,"),
        (
            '[[watch]]\nwhen = "comes"\n[[watch]]\nwhen = "leaves"\nname = "x"\nafter_s = 3',
            r"2 \(x\): what leaves",
        ),
        ('[[watch]]\nwhen = "empty"', "needs a group"),
        ('[[watch]]\nwhen = "typing"\nafter_s = 0', "after_s must be more than 0"),
        ('[[watch]]\nwhen = "comes"\nby = "sms"', "1: unknown channel 'sms'; choose one of toast, bell,"),
        (
            '[[watch]]\nwhen = "comes"\nwhom = "Ada"',
            r"no setting '\[\[watch\]\] 1 whom'; perhaps who is meant",
        ),
        ("[[watch]]\nname = 'x'", r"\[\[watch\]\] 1 lacks when"),
        ('[[watch]]\nwhen = "comes"\nwho = 3', r"\[\[watch\]\] 1 who must be a text or a list"),
        ('[notifications]\nquiet = "22-7"', "quiet must be two times of day"),
        ("[notifications]\ncooldown_s = -1", r"\[notifications\]: cooldown_s"),
        ('[notifications]\nterminal = "xterm"', "choose one of auto, osc9, osc99, osc777, none"),
        ('[notifications]\nby = ["command"]', "by command needs a command"),
        ('[[watch]]\nwhen = "comes"\nby = "webhook"', "by webhook needs a webhook"),
        ('[notifications]\ncommand = [""]', "must begin with a program"),
        *(
            (
                f"[notifications]\ncommand_limit_s = {limit}",
                "command_limit_s must be more than 0, at most 600",
            )
            for limit in ("0", "-1", "600.5", "inf", "nan")
        ),
        ("[notifications]\nvolume = 11", r"no setting '\[notifications\] volume'"),
    ],
)
def test_a_mistake_is_a_sentence_that_names_the_place(shell: CommandLine, text: str, said: str) -> None:
    with pytest.raises(CliError, match=said) as stop:
        settings_of(shell, text)
    assert stop.value.code == ExitCode.USAGE
    assert "\n" not in str(stop.value)


@pytest.mark.parametrize("address", ["ftp://u:s3cr3t@h.example/s3cr3t", "s3cr3t", "https://s3cr3t s/"])
def test_a_wrong_webhook_is_not_repeated(shell: CommandLine, address: str) -> None:
    with pytest.raises(CliError, match="the webhook") as stop:
        settings_of(shell, f'[notifications]\nwebhook = "{address}"')
    assert "s3cr3t" not in str(stop.value)


def test_the_example_of_the_help_page_holds(shell: CommandLine) -> None:
    example = page("alerts").partition("```toml")[2].partition("```")[0]
    found = settings_of(shell, example)
    assert [rule.kind for rule in found.rules] == [Trigger.COMES, Trigger.EMPTY]
    assert found.webhook is not None
