"""JSON lines of commands: the types of fields, the choice of a layout, and the schemas.

The schemas (JSON Schema, draft 2020-12) are made from the structs that write the lines.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec

from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import say
from presence_tui.wire.sanitize import safe_text

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

Time = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
"""ISO 8601 in UTC."""
Number = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]


class Layout(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def parse_layout(name: str, *, with_csv: bool = False) -> Layout:
    """The layout of this name. Raises ``CliError``."""
    if name in set(Layout) and (with_csv or name != Layout.CSV):
        return Layout(name)
    shown = safe_text(name)
    if with_csv:
        problem = say("There is no format {name!r}; choose table, json or csv.", name=shown)
    else:
        problem = say("There is no format {name!r}; choose table or json.", name=shown)
    raise CliError(problem, ExitCode.USAGE)


def kind_of(line: type[msgspec.Struct]) -> str:
    """The ``kind`` of a line, by which a reader chooses the schema."""
    (kind,) = (field.default for field in msgspec.structs.fields(line) if field.name == "kind")
    return str(kind)


def schema_of(line: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema of one line. Every field is always written; others may be added."""
    (_,), definitions = msgspec.json.schema_components([line], ref_template="#/$defs/{name}")
    own = definitions.pop(line.__name__)
    properties = {name: dict(field) for name, field in own["properties"].items()}
    for field in properties.values():
        field.pop("default", None)
    properties["kind"] = {"const": kind_of(line)}
    schema: dict[str, Any] = {
        "$schema": DIALECT,
        "title": kind_of(line),
        "type": "object",
        "properties": properties,
        "required": list(line.__struct_fields__),
    }
    return {**schema, "$defs": definitions} if definitions else schema


def schemas_text(lines: Sequence[type[msgspec.Struct]]) -> str:
    """The schemas of these lines, as the end of a help page."""
    blocks = [
        f"### schema {kind_of(line)}\n\n```schema\n{_indented(schema_of(line))}\n```\n" for line in lines
    ]
    return "\n".join(["", "## Schemas", "", "JSON Schemas, draft 2020-12, one for each `kind`.", "", *blocks])


def _indented(schema: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode()
