"""Kinds of values, what a name means, and the conversions between exact numbers and floats."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Literal

import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import Field
from mujun.numbers import NO_UNIT, Unit, at12

ValueKind = Literal["exact", "number", "text", "date", "boolean", "texts", "interval", "null"]
"""exact: a decimal with a scale; number: a float; texts: a list of texts."""

LARGEST_SCALE = 24
"""Decimals of an exact product; more would leave too few digits before the point, so it becomes a float."""


@dataclass(frozen=True)
class Value:
    """A sub-expression: its kind, its unit, and the Polars expression that computes it.

    `unit` is `None` for what fits any unit, such as a literal. `factor` collects the literals multiplied in: whether
    they scale the quantity or convert its unit is decided by the unit that the rule declares. `constant` is the value
    of a literal.
    """

    kind: ValueKind
    expr: pl.Expr
    scale: int = 0
    unit: Unit | None = None
    factor: Fraction = Fraction(1)
    constant: Decimal | str | bool | None = None
    choices: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        """Whether it is a number of either kind."""
        return self.kind in ("exact", "number")


@dataclass(frozen=True)
class Meaning:
    """What a name stands for: a column of a kind, with a unit and a label."""

    name: str
    kind: ValueKind
    scale: int = 0
    unit: Unit | None = None
    label: str = ""
    choices: tuple[str, ...] = ()

    def value(self) -> Value:
        """The name as a sub-expression."""
        return Value(self.kind, pl.col(self.name), self.scale, self.unit, choices=self.choices)

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type of the column."""
        if self.kind == "exact":
            return pl.Decimal(38, self.scale)
        return _DTYPES[self.kind]


_DTYPES: dict[str, pl.DataType] = {
    "number": pl.Float64(),
    "text": pl.String(),
    "date": pl.Date(),
    "boolean": pl.Boolean(),
    "texts": pl.List(pl.String()),
    "null": pl.Null(),
}


def meaning_of_field(f: Field) -> Meaning:
    """What a field of the dictionary means in an expression."""
    if f.kind == "quantity":
        return Meaning(f.name, "exact", 6, f.measured_in, f.label)
    if f.kind == "whole":
        return Meaning(f.name, "exact", 0, None, f.label)
    kinds: dict[str, ValueKind] = {"text": "text", "date": "date", "boolean": "boolean", "texts": "texts"}
    return Meaning(f.name, kinds[f.kind], 0, None, f.label, f.choices)


@dataclass(frozen=True)
class Scope:
    """The names an expression may use, by name or Chinese label.

    `later` holds names that exist but not yet at this step, with the word for the step that makes them; `broken` those
    whose own definition does not hold, so that nobody knows of what kind they are.
    """

    meanings: dict[str, Meaning]
    later: dict[str, str] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()

    @cached_property
    def labels(self) -> dict[str, str]:
        """Names by normalised label; where two share a label, the one declared last."""
        return {squeezed(m.label): name for name, m in self.meanings.items() if m.label}

    def find(self, word: str) -> Meaning | None:
        """What `word` means: a name, else a label."""
        meaning = self.meanings.get(word)
        if meaning is None:
            name = self.labels.get(squeezed(word))
            meaning = self.meanings.get(name) if name else None
        return meaning

    def with_meanings(self, more: Iterable[Meaning]) -> Scope:
        """The scope and some more names."""
        added = {m.name: m for m in more}
        return Scope({**self.meanings, **added}, {k: v for k, v in self.later.items() if k not in added}, self.broken)

    def words(self) -> Iterator[str]:
        """Every word that is understood."""
        for m in self.meanings.values():
            yield m.name
            if m.label:
                yield m.label


def squeezed(text: str) -> str:
    """A label without differences of width, brackets and spaces."""
    return re.sub(r"[\s()]", "", unicodedata.normalize("NFKC", text)).lower()


# ------------------------------------------------------------------------------------------------------ conversions


def literal(number: Decimal) -> Value:
    """A number written in an expression."""
    exponent = number.as_tuple().exponent
    scale = max(0, -exponent) if isinstance(exponent, int) else 0
    return Value("exact", pl.lit(number, dtype=pl.Decimal(38, scale)), scale, None, Fraction(number), number)


def as_scale(value: Value, scale: int) -> pl.Expr:
    """An exact value's expression at a larger scale."""
    if isinstance(value.constant, Decimal):
        return pl.lit(value.constant, dtype=pl.Decimal(38, scale))
    return value.expr.cast(pl.Decimal(38, scale))


def as_number(value: Value) -> pl.Expr:
    """A number's expression as Float64, within a row."""
    if isinstance(value.constant, Decimal):
        return pl.lit(float(value.constant))
    return value.expr.cast(pl.Float64) if value.kind == "exact" else value.expr


def as_float12(value: Value) -> pl.Expr:
    """A number's expression as Float64 taken at 12 decimals, ready to be compared, ranked or divided."""
    if isinstance(value.constant, Decimal):
        return pl.lit(round(float(value.constant) * 1e12) / 1e12)
    return at12(as_number(value))


def aligned(values: Iterable[Value]) -> tuple[list[pl.Expr], Value]:
    """Numbers brought to one kind: all exact at the largest scale, or all floats; and a model of the result."""
    several = list(values)
    if all(v.kind in ("exact", "null") for v in several):
        scale = max((v.scale for v in several if v.kind == "exact"), default=0)
        exprs = [v.expr if v.kind == "null" else as_scale(v, scale) for v in several]
        return exprs, Value("exact", pl.lit(None), scale)
    return [v.expr if v.kind == "null" else as_number(v) for v in several], Value("number", pl.lit(None))


def ratio_unit(value: Value) -> Unit | None:
    """The unit a value has in a product or quotient; a literal counts as a plain number."""
    if value.unit is None and value.constant is not None:
        return NO_UNIT
    return value.unit


def without_constant(value: Value, expr: pl.Expr) -> Value:
    """A value with another expression that is no longer a literal."""
    return replace(value, expr=expr, constant=None)
