"""What would be different: a subject with other values of its indicators, or other figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

import polars as pl

from mujun.numbers import QUANTITY


class Change(NamedTuple):
    """A subject with something changed, all else being equal.

    Attributes:
        subject: who is changed.
        indicators: values of its indicators, put in the place of what its quantities give; these stay.
        figures: quantities of the frame; everything that follows from them follows. Of a pooled subject they are
            those of `firm`.
        firm: the enterprise whose figures they are; the subject itself unless told.
    """

    subject: str
    indicators: Mapping[str, float] = MappingProxyType({})
    figures: Mapping[str, Decimal] = MappingProxyType({})
    firm: str | None = None


class Places:
    """At which row each subject stands, looked for when it is asked about: of a hundred thousand one may be enough.

    Args:
        names: the subjects, row by row.
    """

    def __init__(self, names: pl.Series) -> None:
        self._names = names
        self._known: dict[str, int] = {}

    def __getitem__(self, name: str) -> int:
        return self.of([name])[0]

    def of(self, names: Sequence[str]) -> list[int]:
        """The rows of some subjects, in their order; looked for all at once."""
        new = set(names) - self._known.keys()
        if new:
            places = self._names.is_in(pl.Series(list(new), dtype=pl.String).implode()).arg_true()
            self._known |= zip(self._names.gather(places), places, strict=True)
        return [self._known[name] for name in names]


def indicators_of(changes: Sequence[Change]) -> dict[str, pl.Series]:
    """By indicator its value in each change, missing where it has no other."""
    return _columns([change.indicators for change in changes], pl.Float64())


def figures_of(changes: Sequence[Change]) -> dict[str, pl.Series]:
    """By field its value in each change, missing where it has no other."""
    return _columns([change.figures for change in changes], QUANTITY)


def _columns(several: Sequence[Mapping[str, object]], dtype: pl.DataType) -> dict[str, pl.Series]:
    values: dict[str, list[object]] = {}
    for i, one in enumerate(several):
        for name, value in one.items():
            if name not in values:
                values[name] = [None] * len(several)
            values[name][i] = value
    return {name: pl.Series(name, column, dtype=dtype) for name, column in values.items()}
