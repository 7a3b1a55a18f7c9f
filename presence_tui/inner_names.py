"""Private names of a library, checked against the installed version.

A private name may go with any release. So the names that only work together are declared together, and
whoever uses them asks first; where one is missing, the library's public way is used.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module


class InnerNames:
    """Names that are used together."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """``names`` by the class that has them: ``{"textual.screen.Screen": "_compositor _screen_resized"}``.

        A class without names has to be there itself.
        """
        self._names = names

    @cached_property
    def are_there(self) -> bool:
        """True if the installed library has all of them. Imports what has them; checked once."""
        return not list(self.missing())

    def missing(self) -> Iterator[str]:
        """Those that the installed library does not have, such as ``Screen._compositor``."""
        for owner, names in self._names.items():
            module, _, class_name = owner.rpartition(".")
            try:
                cls: type = getattr(import_module(module), class_name)
            except (ImportError, AttributeError):
                yield owner
            else:
                yield from (f"{class_name}.{name}" for name in names.split() if not _has(cls, name))


def _has(cls: type, name: str) -> bool:
    """True if a class has the attribute, or names it where it makes an object."""
    return hasattr(cls, name) or any(name in _named_in_making(base) for base in cls.__mro__)


def _named_in_making(cls: type) -> tuple[str, ...]:
    code = getattr(vars(cls).get("__init__"), "__code__", None)
    return code.co_names if code is not None else ()
