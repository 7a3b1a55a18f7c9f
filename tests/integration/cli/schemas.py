"""Validates lines of commands against their schemas."""

from typing import Any, Final

from jsonschema import Draft202012Validator

from presence_tui.cli.help_command import line_types
from presence_tui.cli.json_lines import kind_of, schema_of

VALIDATORS: Final = {kind_of(line): Draft202012Validator(schema_of(line)) for line in line_types()}


def validate(line: dict[str, Any]) -> None:
    """Check one line of a kind that has a schema. Raises ``ValidationError``."""
    VALIDATORS[line["kind"]].validate(line)


def validate_known(line: Any) -> None:
    """Check one line, if its kind has a schema."""
    if isinstance(line, dict) and line.get("kind") in VALIDATORS:
        validate(line)
