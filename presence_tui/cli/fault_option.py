"""``--fault``: what the embedded gateway does wrong on purpose."""

from collections.abc import Sequence

from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import say_phrase
from presence_tui.gateway.faults import BadFault, FaultName, read_faults


def checked_faults(words: Sequence[str], participants: int) -> dict[FaultName, float]:
    """Read the values of the option. Raises ``CliError`` with the list of faults."""
    try:
        return read_faults(words, participants)
    except BadFault as problem:
        sentence = say_phrase(problem.sentence)
        raise CliError(f"{sentence[0].upper()}{sentence[1:]}.", ExitCode.USAGE) from problem
