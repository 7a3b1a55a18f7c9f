"""Private names of libraries stand in one module for each library, and nowhere else."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "presence_tui"
FENCED = {
    "gateway/socketio_server.py",
    "store/sortedcontainers_internals.py",
    "transport/engineio_internals.py",
    "tui/textual_internals.py",
    "web/textual_serve_internals.py",
}
MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if str(path.relative_to(PACKAGE)) not in FENCED | {"__main__.py"}
)


def is_private(name: str) -> bool:
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


def private_imports(tree: ast.AST) -> Iterator[str]:
    """Imports of private modules and names, except of our own package."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found = [f"{node.module}.{each.name}" for each in node.names]
        else:
            continue
        yield from (name for name in found if any(map(is_private, name.split("."))) and not is_ours(name))


def is_ours(module: str) -> bool:
    return module.partition(".")[0] in ("presence_tui", "__future__")


def asked_by_text(tree: ast.AST) -> Iterator[str]:
    """Private attributes whose name is a text."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Name("getattr" | "setattr" | "hasattr"), args=[_, ast.Constant(str(name)), *_]
            ):
                if is_private(name):
                    yield name


def inherited_private_names(path: Path) -> Iterator[str]:
    """Private names of a library's class that a class of ours overrides or uses."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    module = importlib.import_module(".".join(parts).removesuffix(".__init__"))
    for node in ast.walk(ast.parse(path.read_text())):
        cls = getattr(module, node.name, None) if isinstance(node, ast.ClassDef) else None
        if isinstance(cls, type):
            of_library = {
                name
                for base in cls.__mro__
                if not is_ours(base.__module__)
                for name in (*vars(base), *_set_when_made(base))
                if is_private(name)
            }
            yield from sorted(of_library & _used_in(node))


def _set_when_made(cls: type) -> tuple[str, ...]:
    code = getattr(vars(cls).get("__init__"), "__code__", None)
    return code.co_names if code is not None else ()


def _used_in(tree: ast.AST) -> set[str]:
    used: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.Name(name, ast.Store()):
                used.add(name)
            case ast.Attribute(ast.Name("self" | "cls") | ast.Call(ast.Name("super")), name):
                used.add(name)
    return used


def test_no_other_module_has_any() -> None:
    assert len(MODULES) > 200, "modules were not found"
    for path in MODULES:
        tree = ast.parse(path.read_text())
        found = [*private_imports(tree), *asked_by_text(tree), *inherited_private_names(path)]
        assert found == [], path.relative_to(PACKAGE)


def test_a_use_would_be_found() -> None:
    tree = ast.parse(
        "from textual._compositor import Compositor\nfrom textual import _x\ngetattr(app, '_driver')"
    )
    assert list(private_imports(tree)) == ["textual._compositor.Compositor", "textual._x"]
    assert list(asked_by_text(tree)) == ["_driver"]
    assert {"_display", "_return_code"} <= set(inherited_private_names(PACKAGE / "tui/textual_internals.py"))
