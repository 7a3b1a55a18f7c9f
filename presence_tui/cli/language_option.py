"""The language of a command whose words are for people: a setting made sure of."""

from presence_tui.cli.configuration import CliError, Settings
from presence_tui.cli.exit_codes import ExitCode
from presence_tui.text.language import LANGUAGES, Language, language_code


def language_from(settings: Settings) -> Language:
    """The language asked for, else that of the locale. Raises ``CliError`` for one that is not spoken."""
    if settings.language and settings.language not in LANGUAGES:
        raise CliError(f"There is no language {settings.language!r}; choose en or fr.", ExitCode.USAGE)
    return Language(language_code(settings.language))
