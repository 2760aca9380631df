"""Raw points brought within floor and cap, or what a policy gives: whole numbers of 10⁻¹², and which of it was.

Every formula asks some fifteen small steps of every row. They are taken for some rows at a time in memory that serves
again and stays near the processor; a column for each step would be fresh memory, which costs more than the arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.dataclass import dataclass
from mujun.rating.columns import NOTES
from mujun.rating.formulas import METHOD

Floats = npt.NDArray[np.float64]
Number = float | Floats
"""A number for all rows, or one per row; NaN where there is none."""

FLOORED, CAPPED = 1, 2
ACTED = 2
"""Notes by number; one that tells what acts stands at `ACTED` and its code, a fallback beyond `NOTES`."""
SMALL_ENOUGH = 9e15
"""Points below 9,000, in 10⁻¹²: what a float holds as a whole number with room for rounding."""

ROWS = 16_384
"""Rows that are worked on at once: a handful of columns of them stay in the processor's cache."""


@dataclass(frozen=True)
class Limits:
    """What a formula is cut by, in 10⁻¹².

    Attributes:
        lowest: the points at the floor.
        highest: the points at the cap; none without one.
        given: what a policy gives, by the code that acts; none for the mean of the cohort, which is not known yet.
    """

    lowest: Number
    highest: Number | None
    given: Mapping[int, Number | None]


class Cut:
    """The points of a formula, cut and rounded.

    Args:
        raw: what the method gives, NaN where it gives nothing.
        acts: what acts on each row, below zero where the formula serves it not.
        limits: by what it is cut.
        fallback: which fallback gave the value, from 1; none where no formula has any.
        places: the decimals of points.

    Attributes:
        whole: points rounded 四舍五入 to whole numbers of 10⁻ᵖˡᵃᶜᵉˢ, as long as `largest` is below 9 × 10¹⁵.
        missing: where there are none.
        noted: what is noted, by number; 0 for nothing.
        largest: the largest of the points in 10⁻¹², of either sign.
    """

    def __init__(
        self,
        raw: Floats,
        acts: npt.NDArray[np.int8],
        limits: Limits,
        fallback: npt.NDArray[np.uint8] | None,
        places: int,
    ) -> None:
        self.whole = np.empty(raw.size, dtype=np.int64)
        self.missing = np.empty(raw.size, dtype=bool)
        self.noted = np.empty(raw.size, dtype=np.uint8)
        self.largest = 0.0
        room = np.empty(min(ROWS, raw.size))
        for start in range(0, raw.size, ROWS):
            rows = slice(start, start + ROWS)
            twelfths = room[: min(ROWS, raw.size - start)]
            # What only differs by the noise of a double has not been cut: whole numbers are compared.
            np.rint(np.multiply(raw[rows], 1e12, out=twelfths), out=twelfths)
            self._cut(twelfths, rows, limits, None if fallback is None else fallback[rows])
            self._act(twelfths, rows, acts[rows], limits)
            self._round(twelfths, rows, float(10 ** (12 - places)))

    def _cut(self, twelfths: Floats, rows: slice, limits: Limits, used: npt.NDArray[np.uint8] | None) -> None:
        """Points brought within floor and cap, and what is noted of them."""
        lowest, noted = _of(limits.lowest, rows), self.noted[rows]
        np.less(twelfths, lowest, out=noted.view(bool))
        if limits.highest is not None:
            highest = _of(limits.highest, rows)
            noted |= np.multiply((twelfths > highest).view(np.uint8), CAPPED)
            np.minimum(twelfths, highest, out=twelfths)
        np.maximum(twelfths, lowest, out=twelfths)
        if used is not None:
            np.copyto(noted, used + np.uint8(len(NOTES)), where=used > 0)

    def _act(self, twelfths: Floats, rows: slice, acts: npt.NDArray[np.int8], limits: Limits) -> None:
        """What policies give, and nothing for whom the formula does not serve."""
        unserved = np.less(acts, METHOD, out=self.missing[rows])
        if unserved.any():
            np.copyto(twelfths, 0.0, where=unserved)
            np.copyto(self.noted[rows], 0, where=unserved)
        others = np.flatnonzero(acts > METHOD)
        if not others.size:
            return
        acting = acts[others]
        given = np.full(others.size, np.nan)
        for code, constant in limits.given.items():
            if constant is not None:
                number = _of(constant, rows)
                np.copyto(given, number if isinstance(number, float) else number[others], where=acting == code)
        twelfths[others] = given
        self.noted[rows][others] = acting + ACTED

    def _round(self, twelfths: Floats, rows: slice, step: float) -> None:
        """Half up by magnitude. Of whole numbers below 2⁵³ the quotient of floats never reaches the next one."""
        nothing = np.flatnonzero(np.isnan(twelfths))
        if nothing.size:
            twelfths[nothing] = 0.0
            self.missing[rows][nothing] = True
        below = twelfths < 0
        signed = below.any()
        if signed:
            np.abs(twelfths, out=twelfths)
        self.largest = max(self.largest, float(twelfths.max()))
        twelfths += step // 2
        twelfths /= step
        np.floor(twelfths, out=twelfths)
        if signed:
            np.negative(twelfths, out=twelfths, where=below)
        if self.largest < SMALL_ENOUGH:
            self.whole[rows] = twelfths

    def points(self) -> pl.Series:
        """The points as a column."""
        points = pl.Series(self.whole)
        if not self.missing.any():
            return points
        return pl.select(pl.when(~pl.Series(self.missing)).then(points).alias("points"))["points"]

    def notes(self, words: pl.Series) -> pl.Series:
        """What is noted, by the words of each number; the first is a missing one."""
        return words.gather(pl.Series(self.noted).cast(pl.UInt32))


def _of(number: Number, rows: slice) -> Number:
    return number[rows] if isinstance(number, np.ndarray) else number
