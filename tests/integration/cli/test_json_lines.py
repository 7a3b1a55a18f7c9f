"""The schemas are valid, say what the lines are, and are printed by ``help json``."""

import json
import re
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from presence_tui.audit.findings import FindingKind, Runtime
from presence_tui.cli.help_command import line_types, page
from presence_tui.cli.json_lines import DIALECT, kind_of, schema_of
from presence_tui.domain.enums import State
from tests.integration.cli.command_line import CommandLine
from tests.integration.cli.schemas import validate

FINDING = {
    "at": "2026-11-22T10:15:44.012Z",
    "kind": "finding",
    "finding": "ghost-online",
    "user_id": "ada",
    "name": "Ada",
    "socket": "online",
    "runtime": "offline",
    "rule": "idle",
    "evidence_at": None,
    "confirmed": True,
    "cause": "Because.",
}


@pytest.mark.parametrize("line", line_types())
def test_a_schema_is_one(line: type[msgspec.Struct]) -> None:
    schema = schema_of(line)
    assert schema["$schema"] == DIALECT
    Draft202012Validator.check_schema(schema)
    assert schema["required"] == list(schema["properties"]) == list(line.__struct_fields__)


def test_a_finding_is_described_to_its_values() -> None:
    validate(FINDING)
    validate({**FINDING, "added_later": 1})
    for name in FINDING.keys() - {"kind"}:
        with pytest.raises(ValidationError):
            validate({**FINDING, name: 7})


@pytest.mark.parametrize(
    ("field", "values"), [("finding", FindingKind), ("runtime", Runtime), ("rule", State)]
)
def test_values_are_those_of_the_code(field: str, values: Any) -> None:
    for value in values:
        validate({**FINDING, field: value.value})
    with pytest.raises(ValidationError):
        validate({**FINDING, field: "ghosts"})


def test_a_field_left_out_is_noticed() -> None:
    for name in FINDING.keys() - {"kind"}:
        with pytest.raises(ValidationError):
            validate({key: value for key, value in FINDING.items() if key != name})


async def test_help_json_prints_them(shell: CommandLine) -> None:
    ended = await shell.run("help", "json")
    printed = [json.loads(text) for text in re.findall(r"^```schema\n(.*?)^```", ended.out, re.M | re.S)]
    assert printed == [schema_of(line) for line in line_types()]
    assert ended.out == page("json")


def test_the_examples_of_the_page_are_valid_and_show_every_kind() -> None:
    kinds = {kind_of(line) for line in line_types()}
    blocks = re.findall(r"^```json\n(.*?)^```", page("json"), re.M | re.S)
    examples = [json.loads(line) for block in blocks for line in block.splitlines()]
    described = [example for example in examples if example.get("kind") in kinds]
    assert {example["kind"] for example in described} == kinds
    for example in described:
        validate(example)
