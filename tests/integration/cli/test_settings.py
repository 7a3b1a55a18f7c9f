"""Precedence of settings, and one sentence for each error in them."""

import asyncio
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from presence_tui import __version__
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.main import app
from presence_tui.cli.targets import target_from
from presence_tui.domain.limits import Bounds
from presence_tui.gateway.server import Gateway
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.wire.profiles import MEESHY_2025, MEESHY_2026, Profile
from tests.integration.cli.command_line import CommandLine
from tests.integration.cli.watch_settings import watch_settings

TOKEN = "not-a-real-token-but-a-secret"


def token_file(shell: CommandLine, content: str = TOKEN, mode: int = 0o600, name: str = "token") -> Path:
    path = shell.home / name
    path.write_text(content)
    path.chmod(mode)
    return path


MISTAKES: dict[str, tuple[str | bytes, str]] = {
    "no TOML": ("gateway = ", "config.toml"),
    "nested too deeply": (f"gateway = {'[' * 100_000}", "nested too deeply"),
    "no text": (b"\xff\xfe", "config.toml"),
    "an end that is missing": ("gateway = [", "no TOML: something is missing at its end"),
    "unknown key": ('gatway = "x"', "no setting 'gatway'; perhaps gateway is meant"),
    "unknown key like no other": ("zzz = 1", "there is no setting 'zzz'[.]"),
    "unknown limit": ("[rule_limits]\nonlin_s = 9", r"'\[rule_limits\] onlin_s'; perhaps online_s"),
    "unknown command": ('[keys]\nrefesh = "x"', r"\[keys\] 'refesh': .*; perhaps refresh is meant"),
    "unknown key of the keyboard": ('[keys]\nrefresh = "f55"', "'f55' is no key"),
    "a key of two commands": ('[keys]\nsort = "r"', "would share the key 'r'"),
    "unknown theme": ('theme = "presence-drk"', "no theme 'presence-drk'; perhaps presence-dark is meant"),
    "theme like no other": ('theme = "zzz"', "choose one of .*presence-dark"),
    "unknown language": ('language = "de"', "There is no language 'de'"),
    "a limit below nothing": (
        "[rule_limits]\nonline_s = -5",
        r"\[rule_limits\] online_s must be more than 0",
    ),
    "a limit of nothing": ("[rule_limits]\nonline_s = 0", r"\[rule_limits\] online_s must be more than 0"),
    "a limit without an end": ("[rule_limits]\naway_s = inf", r"away_s must be .* at most 31622400"),
    "a limit of no number": ("[rule_limits]\naway_s = nan", r"\[rule_limits\] away_s"),
    "a history of millennia": ("history_days = 1e300", "history_days must be .* at most 36600"),
    "wrong type": ("gateway = 7", "gateway must be a text"),
    "unknown profile": ('profile = "meeshy-1999"', "meeshy-1999"),
    "unknown rule": ('rule = "guess"', "guess"),
    "a limit the rule has not": (
        'rule = "flag"\n[rule_limits]\nidle_s = 9\naway_s = 90',
        "flag has no idle_s[.]",
    ),
    "limits that fall": ("[rule_limits]\nonline_s = 200\naway_s = 100", "flag needs online_s < away_s"),
    "a bound of nothing": ("max_frame_mib = 0", "max_frame_mib must be a whole number from 1 to"),
    "a bound beyond the reader's": ("max_frame_mib = 4096", "from 1 to 4095"),
    "a bound below nothing": ("max_roster = -1", "max_roster"),
    "a name wider than is read": ("max_name_cells = 241", "max_name_cells must be .* to 240"),
    "a queue of half a thing": ("max_queue = 0.5", "max_queue"),
    "no packet": ("max_packets = 0", "max_packets must be a whole number from 1 to"),
    "too few frames": ("frames_per_second = 4", "frames_per_second"),
    "too many frames": ("frames_per_second = 61", "frames_per_second"),
    "no time for the rest of a key": ("escape_delay_ms = 0", "escape_delay_ms must be from 1 to"),
    "a mouse that is neither on nor off": ('mouse = "perhaps"', "mouse"),
    "keys that are none": ("[keys]\nsort = 7", "keys"),
    "a history of no time": ("history_days = 0", "history_days"),
    "a history of no size": ("history_mib = 0", "history_mib"),
    "a history without an end": ("history_days = inf", "history_days must be more than 0"),
    "a history of no number of days": ("history_days = nan", "history_days must be more than 0"),
    "a history that is neither on nor off": ('history = "perhaps"', "history"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_file_is_a_sentence(shell: CommandLine, mistake: str) -> None:
    text, named = MISTAKES[mistake]
    with pytest.raises(CliError, match=named) as stop:
        watch_settings(path=shell.write_configuration(text))
    assert stop.value.code == ExitCode.USAGE
    assert str(stop.value).endswith(".")
    assert "config.toml" in str(stop.value)


@pytest.mark.parametrize("command", ["info", "doctor", "history"])
async def test_a_mistake_of_the_screen_is_reported_by_other_commands_too(
    shell: CommandLine, command: str
) -> None:
    shell.write_configuration('[keys]\nrefesh = "x"')
    ended = await shell.run(command)
    assert ended.code == ExitCode.USAGE
    assert "config.toml: [keys] 'refesh': there is no such command" in ended.err.splitlines()[-1]
    assert len(ended.err.splitlines()) == 1
    assert ("presence-tui" in ended.out) is (command == "info")


async def test_info_reports_limits_that_the_rule_has_not(shell: CommandLine) -> None:
    shell.write_configuration("[rule_limits]\nidle_s = 9")
    assert "rule flag has no idle_s" in (await shell.run("info")).err
    shell.write_configuration('rule = "meeshy-2026"\n[rule_limits]\nidle_s = 290')
    assert (await shell.run("info")).code == ExitCode.OK


async def test_a_file_of_ours_that_is_a_pipe_holds_nobody_up(shell: CommandLine) -> None:
    pipes = [
        shell.home / "config" / "presence-tui" / "config.toml",
        shell.home / "data" / "presence-tui" / "gateways" / "gate.json",
        shell.home / "cache" / "presence-tui" / "demos" / "1.json",
        shell.home / "authority.pem",
    ]
    for pipe in pipes:
        pipe.parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(pipe, 0o600)
    said = (await shell.run("roster")).sentence(ExitCode.USAGE)
    assert "config.toml cannot be used: it is not a regular file" in said
    pipes[0].unlink()
    assert "gate: The sign-in" in (await shell.run("info")).out
    joined = await shell.run("join", "harbour", "--as", "Sam")
    assert "No demo is running" in joined.sentence(ExitCode.FAILED)
    shell.use("https://127.0.0.1:9", TOKEN)
    ended = await shell.run("roster", "--ca-file", str(pipes[3]))
    assert "cannot be used: it is not a regular file" in ended.sentence(ExitCode.USAGE)


@pytest.mark.parametrize("pid", [0, -1, 2**70, 10**9])
async def test_a_demo_of_an_absurd_process_is_not_running(shell: CommandLine, pid: int) -> None:
    folder = shell.home / "cache" / "presence-tui" / "demos"
    folder.mkdir(parents=True)
    (folder / "1.json").write_text(f'{{"url":"http://127.0.0.1:9","conversation":"c","pid":{pid}}}')
    joined = await shell.run("join", "harbour", "--as", "Sam")
    assert "No demo is running" in joined.sentence(ExitCode.FAILED)


@pytest.mark.parametrize(
    ("text", "environment", "frames"),
    [
        ("", {}, 60),
        ("", {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}, 20),
        ("", {"SSH_TTY": "/dev/pts/1"}, 20),
        ("frames_per_second = 30", {"SSH_TTY": "/dev/pts/1"}, 30),
        ("frames_per_second = 5", {}, 5),
    ],
)
def test_over_ssh_there_are_fewer_frames_unless_told_otherwise(
    shell: CommandLine, text: str, environment: dict[str, str], frames: int
) -> None:
    assert (
        watch_settings(environment=environment, path=shell.write_configuration(text)).frames_per_second
        == frames
    )


@pytest.mark.parametrize(
    ("words", "environment", "text", "delay_ms"),
    [
        ([], {}, "", 50),
        ([], {"SSH_TTY": "/dev/pts/1"}, "", 100),
        ([], {"SSH_TTY": "/dev/pts/1"}, "escape_delay_ms = 25", 25),
        ([], {"PRESENCE_TUI_ESCAPE_DELAY_MS": "30"}, "escape_delay_ms = 25", 30),
        (["--escape-delay", "40"], {"PRESENCE_TUI_ESCAPE_DELAY_MS": "30"}, "escape_delay_ms = 25", 40),
    ],
)
def test_how_long_esc_waits_for_the_rest_of_a_key(
    shell: CommandLine, words: list[str], environment: dict[str, str], text: str, delay_ms: int
) -> None:
    path = shell.write_configuration(text)
    assert watch_settings(*words, environment=environment, path=path).escape_delay_ms == delay_ms


@pytest.mark.parametrize(
    ("words", "environment", "text", "mouse"),
    [
        ([], {}, "", True),
        ([], {}, "mouse = false", False),
        ([], {"STY": "4711.pts-0.harbour"}, "", False),
        ([], {"STY": "4711.pts-0.harbour"}, "mouse = true", True),
        (["--mouse"], {"STY": "4711.pts-0.harbour"}, "", True),
        ([], {"PRESENCE_TUI_MOUSE": "true"}, "mouse = false", True),
        ([], {"PRESENCE_TUI_MOUSE": "0"}, "", False),
        (["--no-mouse"], {"PRESENCE_TUI_MOUSE": "1"}, "", False),
        (["--mouse"], {}, "mouse = false", True),
    ],
)
def test_the_mouse_is_a_setting(
    shell: CommandLine, words: list[str], environment: dict[str, str], text: str, mouse: bool
) -> None:
    path = shell.write_configuration(text)
    assert watch_settings(*words, environment=environment, path=path).mouse is mouse


def test_the_version_is_printed() -> None:
    for words in (["--version"], ["--plain", "--version"]):
        ended = CliRunner().invoke(app, words)
        assert (ended.exit_code, ended.output) == (ExitCode.OK, f"presence-tui {__version__}\n")


def test_how_it_is_shown_is_a_setting(shell: CommandLine) -> None:
    path = shell.write_configuration(
        'plain = true\nreduced_motion = true\n[keys]\nsort = "z"\nrefresh = ["f5", "r"]'
    )
    settings = watch_settings(path=path)
    assert (settings.plain, settings.reduced_motion) == (True, True)
    assert settings.keys == {"sort": ["z"], "refresh": ["f5", "r"]}
    environment = {"PRESENCE_TUI_PLAIN": "1", "PRESENCE_TUI_REDUCED_MOTION": "1"}
    settings = watch_settings(environment=environment, path=shell.home / "none.toml")
    assert (settings.plain, settings.reduced_motion, settings.keys) == (True, True, {})


OPTIONS = {
    # Option: its value on the command line, in the environment and in the file.
    "gateway": ("https://a.example", "https://b.example", "https://c.example"),
    "conversation": ("one", "two", "three"),
    "token-file": ("/a", "/b", "/c"),
    "ca-file": ("/a", "/b", "/c"),
    "lang": ("fr", "en", "fr"),
    "theme": ("a", "b", "nord"),
}
KEYS = {"lang": "language"}


@pytest.mark.parametrize("option", OPTIONS)
def test_the_command_line_goes_before_the_environment_before_the_file(
    shell: CommandLine, option: str
) -> None:
    said, around, in_file = OPTIONS[option]
    key = KEYS.get(option, option).replace("-", "_")
    words = [said] if option == "conversation" else [f"--{option}", said]
    path = shell.write_configuration(f'{key} = "{in_file}"')
    environment = {f"PRESENCE_TUI_{option.upper().replace('-', '_')}": around}
    found = [
        watch_settings(*words, environment=environment, path=path),
        watch_settings(environment=environment, path=path),
        watch_settings(environment=dict.fromkeys(environment, ""), path=path),
        watch_settings(),
    ]
    shown = [str(getattr(settings, key) or "") for settings in found]
    assert shown == [said, around, in_file, ""]
    if option in ("conversation", "token-file"):
        asked = [bool(getattr(settings, f"{key}_asked")) for settings in found]
        assert asked == [True, False, False, False], "only for options on the command line itself"


def test_a_home_folder_is_spelled_by_a_tilde_everywhere(shell: CommandLine) -> None:
    path = shell.write_configuration('ca_file = "~/c"')
    home = {"HOME": "/home/ada"}
    assert watch_settings("--ca-file", "~/a", environment=home).ca_file == Path("/home/ada/a")
    around = {**home, "PRESENCE_TUI_CA_FILE": "~/b"}
    assert watch_settings(environment=around).ca_file == Path("/home/ada/b")
    assert watch_settings(environment=home, path=path).ca_file == Path("/home/ada/c")


async def test_a_mistake_in_the_file_does_not_hide_help_and_info(shell: CommandLine) -> None:
    shell.write_configuration("nonsense = 1")
    commands = (["--help"], ["watch", "--help"], ["info"], ["completion", "bash"])
    ends = list(await asyncio.gather(*(shell.run(*words) for words in commands)))
    told = ends.pop(2)
    assert [(ended.code, ended.err) for ended in ends] == [(ExitCode.OK, "")] * 3
    assert told.code == ExitCode.USAGE
    assert "config.toml" in told.out and "no setting 'nonsense'" in told.err


@pytest.mark.parametrize("setting", ["PROFILE", "RULE"])
def test_a_mistake_in_the_environment_is_a_sentence(shell: CommandLine, setting: str) -> None:
    with pytest.raises(CliError, match="'guess'; choose one of") as stop:
        watch_settings(environment={f"PRESENCE_TUI_{setting}": "guess"}, path=shell.home / "none.toml")
    assert stop.value.code == ExitCode.USAGE


@pytest.mark.parametrize("number", ["0", "-3", "many", "1.5", "1e3"])
def test_a_bound_in_the_environment_that_is_no_number_is_a_sentence(shell: CommandLine, number: str) -> None:
    with pytest.raises(CliError, match="max_roster must be a whole number") as stop:
        watch_settings(environment={"PRESENCE_TUI_MAX_ROSTER": number}, path=shell.home / "none.toml")
    assert stop.value.code == ExitCode.USAGE


def test_bounds_have_defaults_and_come_from_the_file_and_the_environment(shell: CommandLine) -> None:
    assert watch_settings(path=shell.home / "none.toml").bounds == Bounds()
    file = shell.write_configuration(
        "max_frame_mib = 2\nmax_roster = 300\nmax_name_cells = 40\nmax_queue = 500\n"
        "max_packets = 60\nmax_packets_mib = 4"
    )
    assert watch_settings(path=file).bounds == Bounds(2 * 2**20, 300, 40, 500, 60, 4 * 2**20)
    environment = {
        "PRESENCE_TUI_MAX_FRAME_MIB": "3",
        "PRESENCE_TUI_MAX_QUEUE": "7",
        "PRESENCE_TUI_MAX_PACKETS": "8",
        "PRESENCE_TUI_MAX_PACKETS_MIB": "1",
    }
    assert watch_settings(environment=environment, path=file).bounds == Bounds(
        3 * 2**20, 300, 40, 7, 8, 2**20
    )


async def test_a_roster_over_its_bound_is_printed_up_to_it_with_a_sentence(
    shell: CommandLine, gateway: Gateway
) -> None:
    ended = await shell.run("roster", "harbour", "-f", "json", PRESENCE_TUI_MAX_ROSTER="3")
    assert ended.code == ExitCode.OK, ended
    assert len(json.loads(ended.out)) == 3
    assert "More than 3 participants (max_roster)" in ended.err


async def test_each_command_says_the_same_of_a_mistake(shell: CommandLine) -> None:
    shell.use("http://127.0.0.1:9", TOKEN)
    shell.write_configuration("nonsense = 1")
    commands = (["tail"], ["watch"], ["join", "x", "--as", "y"])
    ends = await asyncio.gather(*(shell.run(*command) for command in commands))
    assert len({ended.sentence(ExitCode.USAGE) for ended in ends}) == 1


async def test_without_a_token_nobody_is_asked(shell: CommandLine) -> None:
    shell.use("http://127.0.0.1:9")
    ends = await asyncio.gather(shell.run("roster"), shell.run("tail"))
    for ended in ends:
        assert "PRESENCE_TUI_TOKEN" in ended.sentence(ExitCode.SIGN_IN)


async def test_a_token_file_that_others_may_read_is_refused(shell: CommandLine) -> None:
    shell.use("http://127.0.0.1:9")
    path = token_file(shell, mode=0o644)
    shell.secrets.append(TOKEN)
    ended = await shell.run("roster", "--token-file", str(path))
    assert f"chmod 600 {path}" in ended.sentence(ExitCode.USAGE)


async def test_a_missing_or_empty_token_file_is_reported(shell: CommandLine) -> None:
    shell.use("http://127.0.0.1:9")
    gone, empty = await asyncio.gather(
        shell.run("roster", "--token-file", str(shell.home / "nothing")),
        shell.run("roster", "--token-file", str(token_file(shell, "", name="empty"))),
    )
    assert "No such file" in gone.sentence(ExitCode.USAGE)
    assert "is empty" in empty.sentence(ExitCode.USAGE)


async def test_a_certificate_file_or_an_address_that_is_none_is_said_to_be_none(shell: CommandLine) -> None:
    shell.use("https://127.0.0.1:9", TOKEN)
    no_certificate = token_file(shell, "nothing of the kind", 0o644)
    ends = await asyncio.gather(
        shell.run("roster", "--ca-file", str(no_certificate)),
        shell.run("roster", "--gateway", "ftp://gate.example"),
    )
    said = [ended.sentence(ExitCode.USAGE) for ended in ends]
    assert "CA file" in said[0]
    assert "must begin with http" in said[1]


async def test_a_flag_beats_the_environment_which_beats_the_file(
    shell: CommandLine, gateway: Gateway
) -> None:
    shell.write_configuration('gateway = "http://127.0.0.1:9"\nconversation = "lighthouse"')

    async def listed(*arguments: str, **environment: str) -> int:
        ended = await shell.run("roster", "-f", "json", *arguments, typed="", timeout_s=20, **environment)
        assert ended.code == ExitCode.OK, ended
        return len(json.loads(ended.out))

    sizes = await asyncio.gather(listed(), listed(PRESENCE_TUI_CONVERSATION="night-shift"), listed("harbour"))
    by_name = {each.identifier: len(each.members) for each in gateway.observer.conversations}
    assert list(sizes) == [by_name["lighthouse"], by_name["night-shift"], by_name["harbour"]]


async def test_a_token_file_given_as_a_flag_beats_the_token_of_the_environment(
    shell: CommandLine, gateway: Gateway
) -> None:
    """Precedence: flag, environment, file."""
    path = token_file(shell, gateway.token)
    shell.secrets.append(gateway.token)
    shell.use(gateway.url, gateway.mint_token(forged=True))
    ended = await shell.run("roster", "-f", "csv", "--token-file", str(path))
    assert ended.code == ExitCode.OK


async def test_a_token_file_of_the_configuration_is_used(shell: CommandLine, gateway: Gateway) -> None:
    shell.use(gateway.url)
    path = token_file(shell, f"{gateway.token}\n")
    shell.write_configuration(f'token_file = "{path}"')
    assert (await shell.run("roster", "-f", "csv")).code == ExitCode.OK


@pytest.mark.parametrize("secret", ["two\nlines-of-a-token", "a-sécret-token"])
async def test_a_token_no_header_can_carry_is_a_matter_of_signing_in(
    shell: CommandLine, gateway: Gateway, secret: str
) -> None:
    path = token_file(shell, secret)
    shell.secrets.append(secret)
    shell.use(gateway.url)
    ended = await shell.run("roster", "--token-file", str(path))
    assert ended.code in (ExitCode.SIGN_IN, ExitCode.USAGE)
    assert ended.sentence(ended.code)


async def test_the_screen_needs_a_terminal(shell: CommandLine, gateway: Gateway) -> None:
    commands: tuple[list[str], ...] = ([], ["watch", "harbour"], ["demo"])
    ends = await asyncio.gather(*(shell.run(*command) for command in commands))
    for ended in ends:
        assert "needs a terminal" in ended.sentence(ExitCode.NO_TERMINAL)


async def test_without_a_gateway_the_screen_needs_a_terminal_too(shell: CommandLine) -> None:
    assert "needs a terminal" in (await shell.run()).sentence(ExitCode.NO_TERMINAL)
    assert not (shell.home / "cache" / "presence-tui").exists(), "no demo was started"


async def test_info_tells_versions_and_places(shell: CommandLine) -> None:
    shell.use("https://gate.example", TOKEN)
    ended = await shell.run("info")
    assert (ended.code, ended.err) == (ExitCode.OK, "")
    for name in ("presence-tui", "Python", "textual", "python-socketio", "read loop", "private names"):
        assert name in ended.out
    assert str(shell.home / "config" / "presence-tui" / "config.toml") in ended.out
    assert str(shell.home / "data" / "presence-tui" / "history.sqlite") in ended.out
    assert str(shell.home / "state" / "presence-tui" / "watch-rules") in ended.out


def test_every_command_has_help() -> None:
    runner = CliRunner(env={"COLUMNS": "120", "TERM": "dumb"})
    whole = runner.invoke(app, ["--help"])
    for command in (
        "watch",
        "demo",
        "gateway",
        "join",
        "tail",
        "roster",
        "history",
        "doctor",
        "login",
        "logout",
        "notify-test",
        "info",
        "completion",
    ):
        assert command in whole.output
        own = runner.invoke(app, [command, "--help"])
        assert (own.exit_code, command in own.output) == (0, True)


# --- the version and the credential ---


@pytest.mark.parametrize(
    ("named", "profile"),
    [("", None), ("auto", None), ("meeshy-2025", MEESHY_2025), ("meeshy-2026", MEESHY_2026)],
)
def test_the_version_is_found_out_unless_it_is_named(
    shell: CommandLine, named: str, profile: Profile | None
) -> None:
    assert watch_settings(path=shell.write_configuration(f'profile = "{named}"')).profile is profile


@pytest.mark.parametrize(
    ("environment", "credential"),
    [
        ({"PRESENCE_TUI_TOKEN": " one\n"}, Credential(CredentialKind.ACCOUNT, "one")),
        ({"PRESENCE_TUI_SESSION_TOKEN": " two\n"}, Credential(CredentialKind.GUEST, "two")),
        (
            {"PRESENCE_TUI_TOKEN": " ", "PRESENCE_TUI_SESSION_TOKEN": "two"},
            Credential(CredentialKind.GUEST, "two"),
        ),
        (
            {"PRESENCE_TUI_TOKEN": "one", "PRESENCE_TUI_SESSION_TOKEN": "two"},
            Credential(CredentialKind.ACCOUNT, "one"),
        ),
    ],
)
def test_a_credential_of_the_environment_is_an_accounts_or_a_guests(
    shell: CommandLine, environment: dict[str, str], credential: Credential
) -> None:
    settings = watch_settings(path=shell.write_configuration('gateway = "https://gate.example"'))
    assert target_from(settings, environment).credential == credential


@pytest.mark.parametrize("name", ["PRESENCE_TUI_TOKEN", "PRESENCE_TUI_SESSION_TOKEN"])
@pytest.mark.parametrize("token", ["a\nb", "a b", "a\x00b", "a\x7f", "é", "\ud800"])
def test_a_token_with_impossible_characters_is_told_before_it_is_sent(
    shell: CommandLine, name: str, token: str
) -> None:
    settings = watch_settings(path=shell.write_configuration('gateway = "https://gate.example"'))
    with pytest.raises(CliError) as stop:
        target_from(settings, {name: token})
    assert str(stop.value) == "The token holds characters that no token may hold."
    assert stop.value.code == ExitCode.SIGN_IN
