"""Exit codes, the same for every command (``presence-tui help exit-codes``), and ``CliError``."""

from enum import IntEnum

from presence_tui.service.target import CannotOpen


class ExitCode(IntEnum):
    OK = 0
    FAILED = 1
    """Gateway unreachable or broken; a failed check of ``doctor``; ``serve`` cannot listen or lacks its
    extra.
    """
    USAGE = 2
    """A wrong option, configuration or file."""
    SIGN_IN = 3
    """No token, or one that is no longer valid."""
    DENIED = 4
    """The conversation is unknown or not accessible to this account."""
    NO_TERMINAL = 5
    """The screen needs a terminal and there is none."""
    NOT_HELD = 6
    """What was asked for did not hold: a finding of ``audit --fail-on``, or the time of ``wait`` is over."""


class CliError(CannotOpen):
    """The command cannot continue: a sentence for stderr and an exit code."""

    def __init__(self, sentence: str, code: ExitCode) -> None:
        super().__init__(sentence)
        self.code = code
