"""Exit codes, the same for every command; ``presence-tui help exit-codes`` lists them."""

from enum import IntEnum


class ExitCode(IntEnum):
    OK = 0
    FAILED = 1
    """The gateway cannot be reached or does not work; for ``doctor``, something is not ok; ``serve`` cannot
    listen or lacks its extra."""
    USAGE = 2
    """A wrong option, configuration or file."""
    SIGN_IN = 3
    """No token, or one that is no good any more."""
    DENIED = 4
    """The conversation is unknown or not for this account."""
    NO_TERMINAL = 5
    """The screen needs a terminal and there is none."""
