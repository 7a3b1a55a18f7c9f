"""Prompts on the terminal. Questions go to stderr; a secret is never echoed."""

import getpass
import sys
import termios
from typing import Final, TextIO

from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import say
from presence_tui.domain.redaction import register_secret
from presence_tui.service.ending_signals import interrupted_by_ending_signals

LONGEST_LINE = 1_024
"""Maximum characters of an answer, and bytes of a line from a pipe."""


_NO_ANSWER: Final = (KeyboardInterrupt, EOFError, OSError, termios.error)
"""Ctrl-c or another signal, end of input, or a closed terminal."""


class NotInteractive(CliError):
    """There is no terminal to prompt on, or it was closed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, ExitCode.SIGN_IN)


def is_interactive() -> bool:
    return sys.stdin.isatty()


def ask(question: str) -> str:
    """Prompt and return the answer, stripped; may be empty. Raises ``NotInteractive``."""
    print(_asking(question), end="", file=sys.stderr, flush=True)
    try:
        with interrupted_by_ending_signals():
            line = _read_line(sys.stdin)
    except _NO_ANSWER:
        line = ""
    if not line:
        print(file=sys.stderr)
        raise NotInteractive(say("Nothing was answered; nothing was changed."))
    return line.strip()


def ask_secret(question: str) -> str:
    """Prompt without echo and return the answer unchanged. Raises ``NotInteractive``."""
    try:
        with interrupted_by_ending_signals():
            return _sendable(getpass.getpass(_asking(question), stream=sys.stderr))
    except _NO_ANSWER:
        print(file=sys.stderr)
        raise NotInteractive(say("Nothing was answered; nothing was changed.")) from None


def ask_yes_no(question: str) -> bool:
    """Prompt and return true for a yes, false for anything else. Raises ``NotInteractive``."""
    return ask(say("{question} [y/N]", question=question)).casefold() in ("y", "yes", "o", "oui")


def read_secret_from_pipe() -> str:
    """Read the next line of standard input; empty at its end."""
    return _sendable(_read_line(sys.stdin).rstrip("\r\n"))


def _read_line(stream: TextIO) -> str:
    try:
        return stream.readline(LONGEST_LINE)
    except UnicodeDecodeError as problem:
        raise CliError(say("What was typed is no text."), ExitCode.USAGE) from problem


def _asking(question: str) -> str:
    return say("{question}: ", question=question)


def _sendable(secret: str) -> str:
    """Return the secret. Raises ``CliError`` for bytes that are not text and cannot be sent."""
    try:
        secret.encode()
    except UnicodeEncodeError as problem:
        # Without the cause, which contains the secret.
        del problem
        raise CliError(say("The password holds bytes that are no text."), ExitCode.USAGE) from None
    register_secret(secret)
    return secret
