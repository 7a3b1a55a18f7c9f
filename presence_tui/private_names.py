"""Private names of a library, checked against the installed version.

A private name may disappear with any release. Names that only work together are declared together, and
their users check first; if one is missing, the library's public interface is used.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module


class PrivateNames:
    """Private names that are used together."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """``names`` by the class that has them: ``{"textual.screen.Screen": "_compositor _screen_resized"}``.

        A class without names must exist itself.
        """
        self._names = names

    @cached_property
    def available(self) -> bool:
        """True if the installed library has all of them. Imports their modules; checked once."""
        return not list(self.missing())

    def missing(self) -> Iterator[str]:
        """Names that the installed library lacks, such as ``Screen._compositor``."""
        for owner, names in self._names.items():
            module, _, class_name = owner.rpartition(".")
            try:
                cls: type = getattr(import_module(module), class_name)
            except (ImportError, AttributeError):
                yield owner
            else:
                yield from (f"{class_name}.{name}" for name in names.split() if not _has(cls, name))


def _has(cls: type, name: str) -> bool:
    """True if a class has the attribute, or sets it in ``__init__``."""
    return hasattr(cls, name) or any(name in _names_in_init(base) for base in cls.__mro__)


def _names_in_init(cls: type) -> tuple[str, ...]:
    code = getattr(vars(cls).get("__init__"), "__code__", None)
    return code.co_names if code is not None else ()
