"""What the groups of a county have in common: their verbs are free functions of the rooms, whose county is given."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from types import MethodType
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, cast, overload

from mujun.late import LateFunction
from mujun.workspace.county_file import CountyFile

P = ParamSpec("P")
R = TypeVar("R")


class Group:
    """Verbs of a county that belong together."""

    def __init__(self, county: CountyFile) -> None:
        self._county = county

    def __repr__(self) -> str:
        return f"{self._county!r}.{type(self).__name__.lower()}"


class Verb(Generic[P, R]):
    """A free function of a room as a method of a group: its first parameter is the group's county.

    What it does, takes and gives is said once, where the function stands; `help` and notebooks show it here. Its module
    is read when the verb is first asked for.
    """

    def __init__(self, function: Callable[Concatenate[CountyFile, P], R] | LateFunction) -> None:
        self._given = function

    @cached_property
    def function(self) -> Callable[Concatenate[CountyFile, P], R]:
        """The function."""
        return cast("Callable[Concatenate[CountyFile, P], R]", _opened(self._given))

    @overload
    def __get__(self, group: None, owner: type[Any]) -> Self: ...

    @overload
    def __get__(self, group: Group, owner: type[Any]) -> Callable[P, R]: ...

    def __get__(self, group: Group | None, owner: type[Any]) -> Self | Callable[P, R]:
        """The function with the group's county as its first argument."""
        if group is None:
            return self
        return cast("Callable[P, R]", MethodType(self.function, group._county))


class Free(Generic[P, R]):
    """A function in a group that asks for no county, read when it is first asked for."""

    def __init__(self, function: Callable[P, R] | LateFunction) -> None:
        self._given = function

    @cached_property
    def function(self) -> Callable[P, R]:
        """The function."""
        return cast("Callable[P, R]", _opened(self._given))

    def __get__(self, group: Group | None, owner: type[Any]) -> Callable[P, R]:
        """The function as it is."""
        return self.function


def _opened(function: object) -> object:
    return function.opened() if isinstance(function, LateFunction) else function
