"""No modules import each other in a circle, also not for types only or within functions."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import presence_tui

PACKAGE = Path(presence_tui.__file__).parent


def imports() -> dict[str, set[str]]:
    """Modules of ours, with the modules of ours that they name."""
    trees = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): ast.parse(path.read_text("utf-8"))
        for path in PACKAGE.rglob("*.py")
        if path.name != "__init__.py"
    }
    graph: dict[str, set[str]] = {}
    for module, tree in trees.items():
        named = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module)
        graph[module] = {
            name
            for node in named
            for name in (f"{node.module}", *(f"{node.module}.{each.name}" for each in node.names))
            if name in trees
        }
    return graph


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = imports()
    assert sum(map(len, graph.values())) > 1_000, "imports were not found"
    TopologicalSorter(graph).prepare()
