"""Targets of a plan held against what the loop counts and what is reported by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl

from mujun.monitoring.month import Month
from mujun.monitoring.progress import EXACT, FREES_LAND, WAY, per_month
from mujun.numbers import months_left, round_decimal
from mujun.rules.model import Target, TheTargets
from mujun.rules.targets_plan import factor

TARGET_SCHEMA: dict[str, pl.DataType] = {
    "id": pl.String(),
    "group": pl.String(),
    "label": pl.String(),
    "unit": pl.String(),
    "basis": pl.String(),
    "year": pl.Int32(),
    "target": EXACT,
    "done": EXACT,
    "share": pl.Float64(),
    "remaining": EXACT,
    "months_left": pl.Int64(),
    "per_month": EXACT,
    "source": pl.String(),
    "doubtful": pl.Boolean(),
    "of_file": EXACT,
}
"""A target of a year.

`basis`: `total` (since the beginning, with the base), `yearly` (the year's own additions), `value` (the value itself,
or a rate). `done` is what was reached until the day or the end of the year, whichever is earlier; `source`: `loop`
(counted on the lists), `reported` (`actual` of the file), `none` (nothing is known, `done` is missing). `of_file`: how
much of `done` the file gives (its `base` and `actual`), which no list here has; missing where it gives none.
"""


def against_targets(file: TheTargets, tracked: pl.DataFrame, day: date) -> pl.DataFrame:
    """Every target of every year, and how far it is.

    What the loop counts, it counts where the acceptance stands on the day, by the year of acceptance. A year for which
    the file gives a `base` is taken from the file: the loop's own of that year are not added to it.

    Args:
        file: the targets.
        tracked: columns as in `mujun.rectification.tracking.TRACK_SCHEMA`, as of the day.
        day: the day.

    Returns:
        Columns as in `TARGET_SCHEMA`, in the order of the file, then by year.
    """
    rows: list[dict[str, object]] = []
    for target in file.targets:
        wanted = [(y, "yearly", v) for y, v in target.yearly.items()]
        wanted += [(y, _basis(target), v) for y, v in target.targets.items()]
        for year, basis, aim in sorted(wanted):
            rows.append(_row(target, int(year), basis, aim, tracked, day))
    return pl.DataFrame(rows, schema=TARGET_SCHEMA)


def counted_by_year(target: Target, tracked: pl.DataFrame, day: date) -> dict[int, Fraction]:
    """What the loop counts for a target by the year of acceptance and the path of then, in the target's unit."""
    by_year: dict[int, Fraction] = {}
    for month, amount in counted_by_month(target, tracked.filter(pl.col("accepted_on") <= day)).items():
        by_year[month.year] = by_year.get(month.year, Fraction(0)) + amount
    return by_year


def counted_by_month(target: Target, tracked: pl.DataFrame) -> dict[Month, Fraction]:
    """What the loop counts for a target by the month of acceptance and the path of then, in the target's unit."""
    accepted = pl.col("accepted_on").is_not_null()
    by_path = target.path == WAY if target.path else pl.lit(value=True)
    mine = tracked.filter(accepted & by_path)
    firm = pl.col("kind") == "enterprise"
    if target.counts == "firms":
        # A literal would be added once per group, not once per row.
        amount, mine = pl.col("kind").is_not_null().cast(pl.Int64), mine.filter(firm)
    elif target.counts == "energy":
        amount, mine = pl.col("verified_energy_tce"), mine.filter(firm)
    else:
        amount, mine = (
            pl.col("verified_land_mu"),
            mine.filter(FREES_LAND & (~firm | (pl.col("others").list.len().fill_null(0) == 0))),
        )
    of_day = pl.col("accepted_on")
    by_month = (
        mine.group_by(of_day.dt.year().alias("year"), of_day.dt.month().alias("month"))
        .agg(amount.sum().cast(EXACT).alias("amount"))
        .sort("year", "month")
    )
    return {Month(y, m): Fraction(amount) * factor(target) for y, m, amount in by_month.iter_rows()}


def _basis(target: Target) -> str:
    return "total" if target.kind in ("campaign", "cumulative") else "value"


def _row(target: Target, year: int, basis: str, aim: Decimal, tracked: pl.DataFrame, day: date) -> dict[str, object]:
    done, source = _done(target, year, basis, tracked, day)
    until = date(year, 12, 31)
    left = months_left(day, until)
    remaining = None if done is None else max(Fraction(aim) - done, Fraction(0))
    monthly = per_month(remaining, left) if remaining is not None and basis != "value" else None
    return {
        "id": target.id,
        "group": target.group,
        "label": target.label,
        "unit": target.unit,
        "basis": basis,
        "year": year,
        "target": aim,
        "done": _exact(done),
        "share": None if done is None or aim <= 0 else float(done / Fraction(aim)),
        "remaining": _exact(remaining),
        "months_left": left,
        "per_month": _exact(monthly),
        "source": source,
        "doubtful": str(year) in target.doubtful,
        "of_file": _exact(_of_file(target, year, basis)) if done is not None else None,
    }


def _done(target: Target, year: int, basis: str, tracked: pl.DataFrame, day: date) -> tuple[Fraction | None, str]:
    given = {int(y): Fraction(v) for y, v in (target.base | target.actual).items()}
    if basis == "value":
        return (given[year], "reported") if year in given else (None, "none")
    counted = counted_by_year(target, tracked, day) if target.counts is not None else {}
    known = counted | given
    source = "loop" if target.counts is not None else ("reported" if set(given) - _base_years(target) else "none")
    if basis == "yearly":
        if year in known:
            return known[year], "reported" if year in given else "loop"
        return (Fraction(0), "loop") if target.counts is not None else (None, "none")
    # With the base alone nothing is known of what has been reached since.
    if source == "none":
        return None, "none"
    return sum((v for y, v in known.items() if y <= year), Fraction(0)), source


def _of_file(target: Target, year: int, basis: str) -> Fraction | None:
    """What of a sum since the beginning the file gives."""
    if basis != "total":
        return None
    given = [Fraction(v) for y, v in (target.base | target.actual).items() if int(y) <= year]
    return sum(given, Fraction(0)) if given else None


def _base_years(target: Target) -> set[int]:
    return {int(y) for y in target.base}


def _exact(value: Fraction | None) -> Decimal | None:
    return None if value is None else round_decimal(value, 6)
