"""Every user-visible text can be extracted for translation."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

PACKAGE = Path(__file__).parents[2] / "presence_tui"
SAYING = {"say", "_say"}
TEMPLATES_OF = {"say": 1, "_say": 1, "phrase": 1, "count": 2}
"""Number of leading template arguments of each function."""


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """All calls that take templates: place, name, call."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.name == "language.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and (name := saying(node)):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", name, node


def saying(call: ast.Call) -> str:
    """The name of the function, if it takes templates; views and tallies have another ``count``."""
    function = call.func
    if isinstance(function, ast.Name):
        return function.id if function.id in ("say", "phrase") else ""
    if not isinstance(function, ast.Attribute):
        return ""
    if function.attr == "count" and len(call.args) < 3:
        return ""
    # ``say`` and ``phrase`` of activity and language take a finished phrase.
    is_finished = function.attr == "phrase" or ast.unparse(function.value).endswith("_activity")
    return "" if is_finished or function.attr not in TEMPLATES_OF else function.attr


CALLS = list(calls())


def test_there_are_many() -> None:
    assert len(CALLS) > 150
    assert {name for _, name, _ in CALLS} == {"say", "_say", "phrase", "count"}


@pytest.mark.parametrize("name", TEMPLATES_OF)
def test_every_template_is_a_literal_and_its_gaps_are_filled(name: str) -> None:
    for place, called, call in CALLS:
        if called != name or place.startswith("cli/language_option.py"):
            # That module only passes templates on; its callers are checked like all others.
            continue
        filled = {keyword.arg for keyword in call.keywords} | ({"n"} if name == "count" else set())
        for template in call.args[: TEMPLATES_OF[name]]:
            assert isinstance(template, ast.Constant) and isinstance(template.value, str), place
            gaps = {gap for _, gap, _, _ in Formatter().parse(template.value) if gap is not None}
            assert gaps <= filled, place
            assert None not in filled, f"{place}: fillings must be named"
            if name != "count":
                assert filled == gaps, f"{place}: a filling without a gap"
