"""The name under which a guest enters a conversation."""

from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import say
from presence_tui.wire.sanitize import safe_text


def checked_guest_name(name: str) -> str:
    """Return the name with U+FFFD for bytes of the command line that are no text.

    Raises ``CliError`` if nothing of it can be seen.
    """
    if not safe_text(name):
        raise CliError(say("A guest needs a name that others can see."), ExitCode.USAGE)
    return name.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
