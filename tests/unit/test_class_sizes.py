"""No class has many methods; a topic of its own becomes a collaborator."""

import ast
from collections.abc import Iterator
from pathlib import Path

import presence_tui

MAX_METHODS = 26


def method_counts() -> Iterator[tuple[str, int]]:
    """Class name to number of methods; a property with its setter is one."""
    for file in sorted(Path(presence_tui.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                methods = {
                    each.name
                    for each in node.body
                    if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
                }
                yield node.name, len(methods)


def test_no_class_exceeds_the_limit() -> None:
    counts = list(method_counts())
    assert len(counts) > 300, "classes were not found"
    too_large = {name: count for name, count in counts if count > MAX_METHODS}
    assert too_large == {}
