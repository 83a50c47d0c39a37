"""Modules that are imported at the first use of one of their attributes, so that an idle process doesn't pay for them.

The standard library's ``importlib.util.LazyLoader`` is not used: on Python 3.11 two threads that use a lazy module first at the same time
can see it half initialised (https://github.com/python/cpython/issues/114763). Here the import system's own lock per module decides.

A module that others import lazily names it like this, so that type checkers see the real module::

    if TYPE_CHECKING:
        import pyarrow as pa
    else:
        pa = lazy_module("pyarrow")
"""

from importlib import import_module
from types import ModuleType
from typing import Any


class LazyModule(ModuleType):
    """A stand-in for a module. Safe for threads; an attribute is looked up in the real module once."""

    def __init__(self, name: str) -> None:
        super().__init__(name)

    def __getattr__(self, attribute: str) -> Any:
        # The import system itself asks every module for these; answering must not import anything.
        if attribute.startswith("__") and attribute.endswith("__"):
            raise AttributeError(attribute)
        value = getattr(import_module(self.__name__), attribute)
        setattr(self, attribute, value)
        return value


def lazy_module(name: str) -> ModuleType:
    """Return a stand-in for a module that is imported at the first use of an attribute."""
    return LazyModule(name)
