"""Groups of subjects as dense whole numbers, so that what is known of a group reaches its rows by a gather.

A gather keeps the row order and costs a sixth of a join.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from mujun.dataclass import dataclass
from mujun.rating.columns import COHORT, COHORT_CODE


@dataclass(frozen=True)
class Groups:
    """Which group each row is in.

    Attributes:
        names: the key columns.
        codes: UInt32 per row, missing where a key is missing (unless missing keys count as a value of their own).
        count: how many codes there are.
        keys: the key values by code.
    """

    names: tuple[str, ...]
    codes: pl.Series
    count: int
    keys: pl.DataFrame

    def spread(self, by_group: pl.Series) -> pl.Series:
        """A value per group as a value per row; missing for rows in no group."""
        return by_group.gather(self.codes)


def group_rows(frame: pl.DataFrame, names: tuple[str, ...], *, missing_is_a_value: bool = False) -> Groups:
    """The rows of `frame` grouped by the columns `names`.

    Args:
        frame: any frame.
        names: text, boolean or exact columns; none of them: all rows are one group.
        missing_is_a_value: whether rows with a missing key form groups as well.
    """
    if not names:
        codes = pl.repeat(0, frame.height, dtype=pl.UInt32, eager=True).alias("_group")
        return Groups((), codes, 1, pl.DataFrame({"_group": [0]}).select([]))
    combined: pl.Expr = pl.lit(0, dtype=pl.UInt64)
    possible = 1
    for name in names:
        code, size = _codes(frame, name, missing_is_a_value)
        combined = combined * size + pl.lit(code)
        possible *= size
    wide = frame.select(combined.alias("_wide"))["_wide"]
    codes = _dense(wide, possible)
    keys = frame.select(names).select(pl.all().gather(_first_rows(codes)))
    return Groups(names, codes, keys.height, keys)


MOST_POSSIBLE = 4_000_000
"""Up to so many combinations of keys a table of all of them is faster than ranking the rows."""


def _dense(wide: pl.Series, possible: int) -> pl.Series:
    """Codes without gaps, in the same order."""
    if possible > MOST_POSSIBLE:
        return (wide.rank("dense") - 1).cast(pl.UInt32).alias("_group")
    there = wide.is_not_null().to_numpy() if wide.null_count() else None
    numbers = wide.fill_null(0).to_numpy() if there is not None else wide.to_numpy()
    occurs = np.zeros(possible, dtype=bool)
    occurs[numbers if there is None else numbers[there]] = True
    codes = pl.Series("_group", (np.cumsum(occurs, dtype=np.uint32) - np.uint32(1))[numbers])
    return (
        codes if there is None else pl.select(pl.when(pl.lit(pl.Series(there))).then(codes).alias("_group"))["_group"]
    )


def _first_rows(codes: pl.Series) -> pl.Series:
    """The first row of each code, by code; no code is without a row."""
    missing = codes.is_null().to_numpy() if codes.null_count() else None
    numbers = codes.fill_null(0).to_numpy()
    rows = np.arange(len(numbers), dtype=np.uint32)
    if missing is not None:
        numbers, rows = numbers[~missing], rows[~missing]
    first = np.zeros(int(numbers.max(initial=0)) + 1 if len(numbers) else 0, dtype=np.uint32)
    # Of several assignments to one place the last one stands: from behind it is the first row.
    first[numbers[::-1]] = rows[::-1]
    return pl.Series(first)


def rows_of(marks: pl.Series) -> npt.NDArray[np.uint32]:
    """The rows where a boolean column is true."""
    if not marks.any():
        return np.zeros(0, dtype=np.uint32)
    return marks.arg_true().to_numpy()


def _codes(frame: pl.DataFrame, name: str, missing_is_a_value: bool) -> tuple[pl.Series, int]:
    """A key column as whole numbers in the order of its values, and how many there may be."""
    values = frame[name]
    if name == COHORT.name and COHORT_CODE.name in frame.columns:
        code, size = _of_cohorts(frame)
    elif values.dtype == pl.String:
        distinct = values.drop_nulls().unique().sort()
        code = values.cast(pl.Enum(distinct)).to_physical().cast(pl.UInt64)
        size = distinct.len()
    elif values.dtype == pl.UInt32 and (most := values.max()) in range(frame.height):
        # What is numbered already is in order.
        code, size = values.cast(pl.UInt64), int(most) + 1  # type: ignore[arg-type]
    else:
        code = (values.rank("dense") - 1).cast(pl.UInt64)
        size = values.n_unique()
    return (code.fill_null(size) if missing_is_a_value else code), size + 1


def _of_cohorts(frame: pl.DataFrame) -> tuple[pl.Series, int]:
    """Cohorts are numbered already; their numbers are put into the order of their texts."""
    numbers, texts = frame[COHORT_CODE.name], frame[COHORT.name]
    text_of = {number: texts[numbers.index_of(number) or 0] for number in numbers.drop_nulls().unique().to_list()}
    place = {number: at for at, number in enumerate(sorted(text_of, key=text_of.__getitem__))}
    table = pl.Series([place.get(number) for number in range(max(place, default=-1) + 1)], dtype=pl.UInt64)
    return table.gather(numbers.cast(pl.UInt32)), len(place)


def numbered(groups: Groups, numbers: Mapping[int, int]) -> pl.Series:
    """Whole numbers by code as a series indexed by code; missing where there is none."""
    return pl.Series([numbers.get(code) for code in range(groups.count)], dtype=pl.Int64)


def by_code(groups: Groups, by_group: pl.DataFrame, column: str, default: object = None) -> pl.Series:
    """A column of a grouped frame (with `_group`) as a series indexed by code."""
    rows = np.full(groups.count, by_group.height, dtype=np.uint32)
    rows[by_group["_group"].to_numpy()] = np.arange(by_group.height, dtype=np.uint32)
    # A place beyond the last row is a missing one.
    values = by_group[column].gather(pl.Series(rows), null_on_oob=True)
    return values if default is None else values.fill_null(default)
