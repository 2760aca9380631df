"""Means, variances and correlations without a rounding error: whole numbers in, fractions out, rounded once.

No float is added across rows, so any order of rows and any number of threads give the same digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import isqrt

import polars as pl

from mujun.dataclass import dataclass
from mujun.numbers import round_decimal


@dataclass(frozen=True)
class Moments:
    """What variances and correlations of some columns are made of.

    Attributes:
        count: the rows.
        sums: the sum of each column.
        spread: `count` × Σxy − Σx × Σy for each pair of columns: the covariance times `count` squared.
    """

    count: int
    sums: tuple[int, ...]
    spread: tuple[tuple[int, ...], ...]


def moments(rows: pl.DataFrame) -> Moments:
    """The moments of whole-number columns without missing values; exact for 10⁹ rows of numbers up to 10¹²."""
    names = rows.columns
    wide = [pl.col(n).cast(pl.Int128) for n in names]
    sums = tuple(int(v) for v in rows.select(w.sum() for w in wide).row(0)) if names else ()
    products = [
        rows.select((a * b).sum().alias(f"{j}") for j, b in enumerate(wide)).row(0) for a in wide
    ]  # fmt: skip
    count = rows.height
    spread = tuple(
        tuple(count * int(products[i][j]) - sums[i] * sums[j] for j in range(len(names))) for i in range(len(names))
    )
    return Moments(count, sums, spread)


def ranked(rows: pl.DataFrame) -> pl.DataFrame:
    """Each column's mean ranks, doubled so that they are whole; equals share their mean rank."""
    return rows.select((pl.all().rank("average") * 2).round().cast(pl.Int64))


def correlation(moments: Moments, one: int, other: int, places: int) -> Decimal | None:
    """Pearson's correlation of two columns, 四舍五入; missing where one of them does not vary."""
    above, left, right = moments.spread[one][other], moments.spread[one][one], moments.spread[other][other]
    if left == 0 or right == 0:
        return None
    return _over_root(above, left * right, places)


def _over_root(above: int, square: int, places: int) -> Decimal:
    """`above` ÷ √`square`, rounded half away from zero, from whole numbers alone."""
    # Twice the value at one unit of the last place, cut down to a whole number; then halved upwards.
    doubled = isqrt(above * above * 4 * 10 ** (2 * places) // square)
    size = (doubled + 1) // 2
    return Decimal(size if above >= 0 else -size).scaleb(-places)


def association(counts: Sequence[Sequence[int]], places: int) -> Decimal | None:
    """Cramér's V of a table of counts: 0 where rows and columns have nothing to do with each other, 1 at most.

    √(χ² ÷ (n × (the lesser of rows and columns − 1))), of rows and columns with anything in them; missing where there
    is only one of either.
    """
    table = [row for row in counts if sum(row)]
    columns = [column for column in zip(*table, strict=True) if sum(column)] if table else []
    least = min(len(table), len(columns))
    if least < 2:
        return None
    table = [list(row) for row in zip(*columns, strict=True)]
    across, down = [sum(row) for row in table], [sum(column) for column in columns]
    # χ² ÷ n = Σ o² ÷ (row × column) − 1.
    ratio = sum(
        (Fraction(o * o, across[i] * down[j]) for i, row in enumerate(table) for j, o in enumerate(row)), Fraction(-1)
    ) / (least - 1)
    return _over_root(1, 1, places) if ratio >= 1 else _root(ratio, places)


def _root(value: Fraction, places: int) -> Decimal:
    doubled = isqrt(value.numerator * 4 * 10 ** (2 * places) // value.denominator)
    return Decimal((doubled + 1) // 2).scaleb(-places)


def apportioned(parts: Sequence[Fraction], places: int) -> list[Decimal]:
    """Parts rounded so that they add up to their rounded sum: by largest remainder, ties to the earlier."""
    scaled = [part * 10**places for part in parts]
    floors = [part.numerator // part.denominator for part in scaled]
    total = int(round_decimal(sum(parts, Fraction(0)), places).scaleb(places))
    order = sorted(range(len(parts)), key=lambda i: (-(scaled[i] - floors[i]), i))
    for i in order[: total - sum(floors)]:
        floors[i] += 1
    return [Decimal(whole).scaleb(-places) for whole in floors]


def explained(moments: Moments, target: int, by: Sequence[int]) -> Fraction | None:
    """The share of a column's variance that other columns together explain: R² of the linear regression, exactly.

    Columns that add nothing to those before them are passed over; missing where the target does not vary.
    """
    total = moments.spread[target][target]
    if total == 0:
        return None
    # The residual variance of the target after the others, by elimination in fractions.
    order = [*by, target]
    matrix = [[Fraction(moments.spread[i][j]) for j in order] for i in order]
    size = len(order)
    for pivot in range(size - 1):
        if matrix[pivot][pivot] == 0:
            continue
        for row in range(pivot + 1, size):
            factor = matrix[row][pivot] / matrix[pivot][pivot]
            if factor:
                matrix[row] = [a - factor * b for a, b in zip(matrix[row], matrix[pivot], strict=True)]
    return 1 - matrix[-1][-1] / total
