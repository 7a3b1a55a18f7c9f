"""What commands with JSON lines share: the types of fields, and the choice between lines and a table."""

from enum import StrEnum
from typing import Annotated

import msgspec

from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import say
from presence_tui.wire.sanitize import safe_text

Time = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
"""ISO 8601 in UTC."""
Number = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]


class Layout(StrEnum):
    TABLE = "table"
    JSON = "json"


def parse_layout(name: str) -> Layout:
    """The layout of this name. Raises ``CliError``."""
    if name not in set(Layout):
        raise CliError(
            say("There is no format {name!r}; choose table or json.", name=safe_text(name)), ExitCode.USAGE
        )
    return Layout(name)
