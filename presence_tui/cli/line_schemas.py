"""JSON Schemas (draft 2020-12) of the lines that commands write, made from the structs that write them."""

from typing import Any, Final

import msgspec

from presence_tui.cli.audit_command import AuditLine, FindingLine
from presence_tui.cli.flaps_command import FlapLine, FlapsLine, WaveLine
from presence_tui.cli.metrics_command import MetricsLine
from presence_tui.cli.raw_tail_command import PacketLine
from presence_tui.cli.wait_command import WaitLine
from presence_tui.cli.why_command import CountsLine, ExplanationLine

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

LINES: Final[tuple[type[msgspec.Struct], ...]] = (
    FindingLine,
    AuditLine,
    WaitLine,
    MetricsLine,
    PacketLine,
    FlapLine,
    WaveLine,
    FlapsLine,
    ExplanationLine,
    CountsLine,
)


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


def schemas_text() -> str:
    """All schemas, as the end of a help page."""
    blocks = [
        f"### schema {kind_of(line)}\n\n```schema\n{_indented(schema_of(line))}\n```\n" for line in LINES
    ]
    return "\n".join(["", "## Schemas", "", "JSON Schemas, draft 2020-12, one for each `kind`.", "", *blocks])


def _indented(schema: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode()
