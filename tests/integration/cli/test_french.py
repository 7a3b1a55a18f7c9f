"""The command line in French: help, errors, prompts and output, including click's texts."""

import asyncio
import gettext
import re
import socket
from pathlib import Path

import click
import pytest
from babel.messages.extract import extract_from_dir

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.language_option import CLICK_TEXTS, language_asked
from presence_tui.gateway.server import Gateway
from tests.integration.cli.command_line import COMMAND, CommandLine
from tests.integration.cli.test_help import SHOWN
from tests.tui.terminal import on_terminal

ENGLISH = re.compile(
    r"\b(the|there|without|which|with|is|are|it|and|this|of|cannot|must|show|error|missing)\b",
    re.IGNORECASE,
)
"""Words that occur in none of our French sentences."""
NOT_SHOWN = {
    "Aborted!",
    "deprecated",
    "Positional arguments",
    "Missing command.",
    "Missing parameter",
    "unknown error",
    # Of click 8.1; translated by its singular, which newer versions have as well.
    ("Did you mean {possibility}?", "(Possible options: {possibilities})"),
}
"""Texts of click that our commands cannot show."""


def english_in(text: str) -> list[str]:
    """English words in the text, outside of option names, paths and quotes."""
    plain = re.sub(r"--[\w-]+|\S*/\S*|'[^']*'|\"[^\"]*\"|\[[^\]]*\]|presence-tui [\w-]+|[A-Z_]{3,}", "", text)
    return [found[0] for found in ENGLISH.finditer(plain)]


@pytest.mark.parametrize("name", ["", *SHOWN])
async def test_help_is_french_wherever_the_language_stands(shell: CommandLine, name: str) -> None:
    command = [name] if name else []
    ends = await asyncio.gather(
        shell.run(*command, "--help", "--lang", "fr"),
        shell.run("--lang=fr", *command, "-h"),
        shell.run(*command, "--help", PRESENCE_TUI_LANG="fr"),
        shell.run(*command, "--help", LANG="fr_FR.UTF-8"),
    )
    for ended in ends:
        assert (ended.code, ended.err) == (ExitCode.OK, "")
        assert "Afficher cette aide" in ended.out
        assert english_in(ended.out) == []
        assert "Options\u00a0:\n" in ended.out and "Options:" not in ended.out
        assert "\nUsage:" not in ended.out


async def test_the_language_of_the_file_is_that_of_help_too(shell: CommandLine) -> None:
    shell.write_configuration('language = "fr"')
    assert "Afficher cette aide" in (await shell.run("watch", "--help")).out


@pytest.mark.parametrize("name", ["", "demo", "serve", "tail", "gateway"])
async def test_words_for_values_are_french(shell: CommandLine, name: str) -> None:
    said = (await shell.run(*filter(None, [name]), "--help", "--lang", "fr")).out
    assert not re.findall(r"COMMAND\b|RANGE|INTEGER|FLOAT|PATH|NAME|ADDRESS|SECONDS", said)
    english = (await shell.run(*filter(None, [name]), "--help", "--lang", "en")).out
    assert re.findall(r"COMMAND\b|RANGE|INTEGER|FLOAT|PATH|NAME|ADDRESS|SECONDS", english)


async def test_types_roles_and_reasons_of_the_system_are_french(shell: CommandLine, gateway: Gateway) -> None:
    for command in (["tail"], ["why", "Ada"]):
        mistaken = await shell.run(*command, "--duration", "x", "--lang", "fr")
        assert "'x' n’est pas une valeur valide (nombre)" in mistaken.err
    shell.use(gateway.url, gateway.token)
    table = (await shell.run("roster", "--lang", "fr")).out
    assert "membre (invité)" in table and "modérateur" in table
    assert not re.search(r"\bmember\b|\bmoderator\b", table)
    shell.environment["PRESENCE_TUI_CA_FILE"] = "/nowhere"
    assert "Aucun fichier ni dossier de ce nom" in (await shell.run("doctor", "--lang", "fr")).err


MISTAKES = {
    "no option": ["roster", "--nope"],
    "no command": ["rostr"],
    "no value": ["roster", "--format"],
    "a value for a flag": ["watch", "--plain=7"],
    "an argument missing": ["join", "--as", "Sam"],
    "an option missing": ["join", "harbour"],
    "one argument too many": ["info", "a", "b"],
    "no number": ["demo", "--rate", "x"],
    "out of range": ["gateway", "--port", "70000"],
    "none of the choices": ["notify-test", "--by", "smoke"],
    "no format": ["roster", "-f", "xml"],
    "no rule": ["tail", "--rule", "guess"],
    "no profile": ["gateway", "--profile", "guess"],
    "no time": ["history", "--since", "yesterday"],
    "no history": ["history"],
    "no sign-in": ["watch", "--plain", "-g", "harbour"],
    "no address": ["roster", "-g", "ftp://gate.example"],
    "no terminal": ["watch"],
    "no log": ["tail", "--log-file", "/nowhere/log"],
    "no demo": ["join", "harbour", "--as", "Sam"],
    "nobody to ask": ["login", "http://127.0.0.1:9", "--user", "ada"],
    "which one": ["logout"],
}


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_an_error_is_reported_in_french(shell: CommandLine, mistake: str) -> None:
    ended = await shell.run(*MISTAKES[mistake], PRESENCE_TUI_LANG="fr")
    assert (ended.code in (1, 2, 3, 5), ended.out) == (True, ""), ended
    assert english_in(re.sub(r"\[?Errno.*", "", ended.err)) == []


async def test_why_nothing_can_listen_is_said_in_french(shell: CommandLine, gateway: Gateway) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ends = await asyncio.gather(
            shell.run("serve", "--port", port, "--lang", "fr"),
            shell.run("gateway", "--port", port, "--lang", "fr"),
            shell.run("metrics", "--listen", f"127.0.0.1:{port}", "--lang", "fr"),
            shell.run("metrics", "--listen", "192.0.2.1:0", "--lang", "fr"),
        )
    for ended in ends:
        assert (ended.code, ended.out) == (ExitCode.FAILED, "")
        assert english_in(ended.err) == [] and not re.search("address|already|errno", ended.err), ended.err
    assert "adresse déjà utilisée" in ends[0].err and "adresse déjà utilisée" in ends[1].err
    assert "cette adresse n’est pas de cette machine" in ends[3].err


async def test_prompts_are_french(shell: CommandLine, gateway: Gateway) -> None:
    arguments = (*COMMAND, "--lang", "fr", "login", gateway.url, "--name", "me", "--no-keyring")
    async with on_terminal(shell.home, {"XDG_DATA_HOME": str(shell.home / "data")}, arguments) as terminal:
        await terminal.shows("Nom d’utilisateur ou adresse e-mail")
        terminal.type("ada\r")
        await terminal.shows("Mot de passe")
        terminal.type("demo\r")
        await terminal.shows("[o/N]")
        terminal.type("n\r")
        assert await terminal.ended() == ExitCode.OK
        assert english_in(terminal.said) == []


async def test_doctor_info_and_notify_test_are_french(shell: CommandLine, gateway: Gateway) -> None:
    ends = await asyncio.gather(
        shell.run("doctor", "--lang", "fr"),
        shell.run("info", "--lang", "fr"),
        shell.run("notify-test", "--lang", "fr"),
    )
    assert "certificat" not in ends[0].out and "authentification" in ends[0].out
    for ended in ends:
        assert english_in(ended.out + ended.err) == []


def test_each_text_of_click_that_may_be_shown_is_collected() -> None:
    """Except texts of unused decorators and files, and those about errors of the program."""
    shown = {"core.py", "exceptions.py", "formatting.py", "parser.py"}
    found = {
        text
        for module, _, text, _, _ in extract_from_dir(
            Path(click.__file__).parent, [("**.py", "python")], keywords={"_": None, "ngettext": (1, 2)}
        )
        if module in shown
    }
    ours_to_avoid = re.compile(
        r"DeprecationWarning|defined twice|Boolean option|Could not determine|No options defined|"
        r"Arguments take exactly|Invalid start|Could not open|\(dynamic\)|env var|must be an iterable|"
        r"takes? \{nargs\}|param_type|param_name",
        re.IGNORECASE,
    )
    wanted = {text for text in found if not ours_to_avoid.search(str(text)) and text not in NOT_SHOWN}
    assert wanted - CLICK_TEXTS == set()


@pytest.mark.parametrize(
    ("words", "environment", "in_file", "code"),
    [
        ([], {}, None, "en"),
        ([], {"LANG": "fr_CH.UTF-8"}, None, "fr"),
        ([], {"LANG": "fr_CH.UTF-8"}, "en", "en"),
        ([], {"PRESENCE_TUI_LANG": "fr"}, "en", "fr"),
        (["--lang", "en", "watch"], {"PRESENCE_TUI_LANG": "fr"}, None, "en"),
        (["watch", "--lang=fr"], {"PRESENCE_TUI_LANG": "en"}, None, "fr"),
        (["--lang", "en", "watch", "--lang", "fr"], {}, None, "fr"),
        (["watch", "--lang"], {}, None, "en"),
    ],
)
def test_the_language_is_known_before_the_command_line_is_parsed(
    words: list[str], environment: dict[str, str], in_file: str | None, code: str
) -> None:
    assert language_asked(words, environment, in_file) == code


def test_importing_the_commands_leaves_gettext_alone() -> None:
    assert gettext.textdomain() == "messages"
