"""Simulates a release of a library that renamed private names: the library works, but our lookups fail.

Deleting a name would break the library itself. Instead the name is replaced everywhere in the library's code,
and in the attributes of its classes and objects.
"""

import gc
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType, ModuleType

from presence_tui.private_names import PrivateNames


@contextmanager
def renamed(package: str, names: Iterable[str], *checked: PrivateNames) -> Iterator[None]:
    """Rename in all loaded modules of the package. ``checked`` repeat their lookup, now and at the end."""
    new = {name: f"{name}_of_another_release" for name in names}
    _rename(package, new)
    _look_again(checked)
    try:
        yield
    finally:
        _rename(package, {there: name for name, there in new.items()})
        _look_again(checked)


def _look_again(checked: Iterable[PrivateNames]) -> None:
    for names in checked:
        vars(names).pop("available", None)


def _rename(package: str, new: dict[str, str]) -> None:
    for module in [each for name, each in sys.modules.items() if _is_in(package, name)]:
        _rename_keys(module, new)
    for found in gc.get_objects():
        if isinstance(found, FunctionType) and _is_in(package, found.__module__):
            found.__code__ = _rewritten(found.__code__, new)
        elif isinstance(found, type):
            if _is_in(package, found.__module__):
                _rename_keys(found, new)
        elif _is_in(package, type(found).__module__):
            _rename_attributes(found, new)


def _is_in(package: str, module: object) -> bool:
    return isinstance(module, str) and (module == package or module.startswith(f"{package}."))


def _rename_keys(owner: type | ModuleType, new: dict[str, str]) -> None:
    for name in new.keys() & vars(owner).keys():
        setattr(owner, new[name], vars(owner)[name])
        delattr(owner, name)


def _rename_attributes(found: object, new: dict[str, str]) -> None:
    """Rename attributes of an object created at import, such as a descriptor."""
    attributes = getattr(found, "__dict__", {})
    for name in new.keys() & attributes.keys():
        attributes[new[name]] = attributes.pop(name)


def _rewritten(code: CodeType, new: dict[str, str]) -> CodeType:
    constants = tuple(
        _rewritten(each, new) if isinstance(each, CodeType) else each for each in code.co_consts
    )
    return code.replace(co_names=tuple(new.get(name, name) for name in code.co_names), co_consts=constants)
