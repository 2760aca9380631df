"""What chance alone gives: the same figures for groups dealt out at random, and for counties drawn from this one.

Ten townships of ten firms never have quite the same tiers, and an association of 0.11 may be as good as none. So every
figure stands beside what it comes to without any reason: associations beside those of shuffled groups (a permutation
test), effective weights beside the range they have in counties of as many firms drawn with replacement (a bootstrap).
Counts and sums are whole numbers; draws are seeded and follow the order of subjects, so that a figure never changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.dataclass import dataclass
from mujun.numbers import round_decimal

SEED = 20221231
SHUFFLES = 999
"""How often groups are dealt out anew; with the county as it is that makes a thousand."""
RESAMPLES = 499
"""How many counties are drawn for the range of effective weights."""
CHANCE = Fraction(95, 100)
"""Of the shuffles so many stay at or below what is called chance."""
RANGE = (Fraction(25, 1000), Fraction(975, 1000))
"""The range of drawn counties leaves a fortieth out at either end."""

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Chance:
    """An association beside those of shuffled groups.

    Attributes:
        up_to: what 95 of 100 shuffles do not exceed.
        as_large: in what share of all (the county itself among them) the association is as large as it is here.
    """

    up_to: Decimal
    as_large: Decimal


def of_association(groups: pl.Series, tiers: pl.Series, places: int, *, stream: int) -> Chance | None:
    """What Cramér's V of groups and tiers comes to when groups are dealt out at random.

    Args:
        groups, tiers: of each subject, in subject order; without missing values.
        places: decimals.
        stream: whose draws they are: each table has its own.

    Returns:
        `None` where there is only one group or one tier.
    """
    rows, columns = _codes(groups), _codes(tiers)
    height, width = int(rows.max(initial=-1)) + 1, int(columns.max(initial=-1)) + 1
    if min(height, width) < 2:
        return None
    source = _source(1, stream)
    expected = np.outer(np.bincount(rows, minlength=height), np.bincount(columns, minlength=width)).astype(np.float64)

    def strength(cells: Whole) -> float:
        counts = np.bincount(cells, minlength=height * width).reshape(height, width).astype(np.float64)
        # χ² ÷ n = Σ o² ÷ (row × column) − 1; the table is a handful of numbers, added in one order always.
        return max(0.0, float((counts * counts / expected).sum()) - 1) / (min(height, width) - 1)

    here = strength(rows * width + columns)
    drawn = sorted(strength(source.permutation(rows) * width + columns) for _ in range(SHUFFLES))
    as_large = 1 + sum(value >= here for value in drawn)
    up_to = Decimal(repr(float(np.sqrt(drawn[_place(CHANCE, SHUFFLES)]))))
    return Chance(round_decimal(up_to, places), round_decimal(Fraction(as_large, SHUFFLES + 1), places))


def of_weights(parts: pl.DataFrame, places: int, *, stream: int) -> list[tuple[Decimal, Decimal]] | None:
    """The range of each part's effective weight in counties drawn from this one, with replacement.

    Args:
        parts: a column of whole numbers per part, the score last, in subject order.
        places: decimals.
        stream: whose draws they are.

    Returns:
        By part the lower and upper end; `None` where the score varies in too few of the drawn counties.
    """
    numbers = parts.cast(pl.Int64).to_numpy()
    count = numbers.shape[0]
    # Taken from the middle, products of a million firms stay within 64 bits, and no covariance changes.
    near = numbers - np.array([int(s) // max(1, count) for s in numbers.sum(axis=0, dtype=object)], dtype=np.int64)
    score = near[:, -1]
    products = near * score[:, None]
    source = _source(2, stream)
    resampled: list[list[Fraction]] = []
    for _ in range(RESAMPLES):
        times = np.bincount(source.integers(count, size=count), minlength=count)
        sums, crossed = times @ near, times @ products
        spread = [count * int(x) - int(s) * int(sums[-1]) for x, s in zip(crossed, sums, strict=True)]
        if spread[-1]:
            resampled.append([Fraction(s, spread[-1]) for s in spread[:-1]])
    if len(resampled) < RESAMPLES // 2:
        return None
    low, high = (_place(end, len(resampled)) for end in RANGE)
    columns = [sorted(column) for column in zip(*resampled, strict=True)]
    return [(round_decimal(c[low], places), round_decimal(c[high], places)) for c in columns]


def _codes(texts: pl.Series) -> Whole:
    known = {value: i for i, value in enumerate(sorted(texts.unique().to_list()))}
    return np.array([known[value] for value in texts.to_list()], dtype=np.int64)


def _source(kind: int, stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(SEED, spawn_key=(kind, stream))))


def _place(share: Fraction, count: int) -> int:
    """The position of a quantile among sorted values: the first that so many do not exceed."""
    return min(count - 1, max(0, -(-share.numerator * count // share.denominator) - 1))


def shuffled(tables: Sequence[tuple[pl.Series, pl.Series]], places: int) -> list[Chance | None]:
    """`of_association` of several tables of groups and tiers; subjects without a group do not count."""
    chances: list[Chance | None] = []
    for stream, (groups, tiers) in enumerate(tables):
        both = pl.DataFrame({"group": groups, "tier": tiers}).drop_nulls()
        chances.append(of_association(both["group"], both["tier"], places, stream=stream))
    return chances
