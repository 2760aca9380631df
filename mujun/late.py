"""Rooms whose public names are opened when they are first asked for, so that a command loads only what it uses.

A room's `__init__` says for the type checker where each name stands, and says it again here. What is imported from a
room is what it would be otherwise; only its module is read later.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

from mujun.dataclass import dataclass


class _Room(ModuleType):
    """A package of which some names are read from its modules when they are first asked for."""

    _stands_in: Mapping[str, str]

    def __getattr__(self, name: str) -> Any:
        modules = self.__dict__.get("_stands_in", {})
        if name not in modules:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{self.__name__}.{modules[name]}"), name)
        setattr(self, name, value)
        return value

    def __setattr__(self, name: str, value: object) -> None:
        # Reading `allocation.allocate` would put the module where the function of that name belongs.
        if not (isinstance(value, ModuleType) and name in self.__dict__.get("_stands_in", {})):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._stands_in})


def open_late(room: str, names: Mapping[str, str]) -> None:
    """Let a room's names be read when they are first asked for.

    Args:
        room: the package, `__name__` in its `__init__`.
        names: by module of the room the names that stand in it, with spaces between them.
    """
    package = sys.modules[room]
    package.__dict__["_stands_in"] = {name: module for module, several in names.items() for name in several.split()}
    package.__class__ = _Room


@dataclass(frozen=True)
class LateFunction:
    """A function of a module that is not read yet."""

    module: str
    name: str

    def opened(self) -> Any:
        """The function."""
        return getattr(import_module(self.module), self.name)


class LateModule:
    """A module that is read when something of it is first asked for, in the place of the module itself."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        # Not kept: what a test puts into the module in a name's stead is what is given.
        return getattr(sys.modules.get(self._name) or import_module(self._name), name)


class Late:
    """A module that is not read yet: what is asked of it is a `LateFunction`."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> LateFunction:
        return LateFunction(self._module, name)
