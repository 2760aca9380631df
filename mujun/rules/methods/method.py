"""What a scoring method is: one frozen object that owns everything that is particular to it.

A method lives in a module of its own and is entered in `METHODS`; nothing else in the program knows its name. It says
which keys of an item it needs, what is wrong with them, how a value becomes raw points (as a Polars expression), what
it asks of a subject's peers, and how a document words all that.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import Problem
from mujun.rules.expressions import Compiled
from mujun.rules.methods.working import Figures, Working, times, told

if TYPE_CHECKING:
    from mujun.rules.in_words import Words
    from mujun.rules.model.scoring import Item
    from mujun.rules.shape import Reading
    from mujun.rules.tree import Node


class Peers(Protocol):
    """What a method may ask of those with whom a subject is held together, a number per subject."""

    def extremes(self, indicator: str, over: tuple[str, ...] | None) -> tuple[pl.Series, pl.Series]:
        """The least and largest value among scored subjects of the group: all by nothing, the cohort by `None`."""

    def places(self, indicator: str) -> tuple[pl.Series, pl.Series]:
        """How many of the cohort's scored values are at or below the subject's, and how many there are."""


@dataclass(frozen=True)
class Scored:
    """What raw points are made from, as Float64 columns.

    Attributes:
        value, benchmark, weight: of each subject.
        peers: by the name in `asks`, what its peers come to.
        formula: the compiled expression of an item's own formula, whose words are these columns.
    """

    value: pl.Expr
    benchmark: pl.Expr
    weight: pl.Expr
    peers: Mapping[str, pl.Expr]
    formula: Compiled | None = None


@dataclass(frozen=True)
class ScoringMethod(ABC):
    """A way in which an indicator's value earns points.

    Attributes:
        name: its word in a rule file.
        in_short: what it does, for a table's cell.
        needs: keys of an item without which it does nothing.
        only: keys of an item that no other method reads.
        asks: what it asks of a subject's peers; without any it looks at the subject alone.
        divides: whether it divides by a benchmark, which must be above zero.
        bounded: whether the weight is the most that it gives.
    """

    name: str
    in_short: str
    needs: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    divides: bool = False
    bounded: bool = False

    drawable: ClassVar[bool] = True
    """Whether draws are computed for it: what a formula reads is not drawn."""

    def __str__(self) -> str:
        return self.name

    # --------------------------------------------------------------------------------------------------- rule files

    @classmethod
    def read(cls, node: Node, path: str, reading: Reading) -> ScoringMethod:
        """A method by its word."""
        # The list of methods is made of modules that import this one.
        from mujun.rules.methods import METHODS
        from mujun.rules.shape import read_choice

        return METHODS[read_choice(tuple(METHODS), node, path, reading)]

    @classmethod
    def schema(cls, _definitions: dict[str, Any]) -> dict[str, Any]:
        """Its JSON Schema: the words."""
        return {"enum": list(cls.choices())}

    @classmethod
    def choices(cls) -> tuple[str, ...]:
        """The words of all methods."""
        from mujun.rules.methods import METHODS

        return tuple(METHODS)

    def check(self, indicator: str, item: Item) -> Iterator[Problem]:
        """What is wrong with an item's keys beyond their types."""
        return iter(())

    def highest(self, item: Item) -> Decimal | None:
        """The largest share of the weight that can be had; `None` where nothing bounds it."""
        if item.cap is not None:
            return item.cap
        return Decimal(1) if self.bounded else None

    def earns_more_below(self, _item: Item, _value: float | None) -> bool | None:
        """Whether values lower than this one earn more points; `None` where only rating tells.

        Args:
            _item: the item.
            _value: where a subject stands; `None` where it has no value.
        """
        return False

    # -------------------------------------------------------------------------------------------------------- points

    @abstractmethod
    def raw(self, item: Item, scored: Scored) -> pl.Expr:
        """Points before cap, floor and rounding, in the order in which a document writes the formula.

        The order matters: floats are rounded at every step, and the result must be the same bits everywhere.
        """

    def of_peers(self, _item: Item, _indicator: str, _peers: Peers) -> tuple[pl.Series, ...]:
        """What it asks of the peers, in the order of `asks`."""
        return ()

    def edges(self, item: Item) -> tuple[tuple[Decimal, ...], tuple[Decimal, ...]]:
        """Where points begin or cease to follow a value: as multiples of the benchmark, and as values."""
        return (item.floor, *([item.cap] if item.cap is not None else [])), ()

    # --------------------------------------------------------------------------------------------------------- words

    @abstractmethod
    def words(self, item: Item, words: Words) -> str:
        """How an item earns points, in words."""

    def parameters(self, item: Item, value: float | None, peers: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
        """The numbers beside value, benchmark and weight from which a subject's points come.

        Args:
            item: the item.
            value: the subject's value, where it has one.
            peers: by the name in `asks`, what its peers come to.
        """
        return iter(())

    def working(self, figures: Figures) -> Working:
        """The sum that gives the points, or the method in words where it is no plain sum."""
        if "share" not in figures.parameters:
            return told(figures)
        share = figures.number(figures.parameters["share"])
        return Working(f"{figures.weight} × {share}", times(figures.scale, share))
