"""How much was used in some days: from usage records, a bill that straddles an end counting by its days."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

import polars as pl

from mujun.allocation.exactly import Numbers, decimals, rounded
from mujun.allocation.periods import Span
from mujun.dataclass import dataclass
from mujun.errors import RatingError, problem
from mujun.messages import Firm
from mujun.numbers import QUANTITY
from mujun.rules.allocation_plan import UTILITY_OF

USAGE: dict[str, pl.DataType] = {
    "credit_code": pl.String(),
    "utility": pl.String(),
    "from": pl.Date(),
    "until": pl.Date(),
    "quantity": QUANTITY,
}


@dataclass(frozen=True)
class Metered:
    """What usage records say of some enterprises and spans.

    Attributes:
        rows: the enterprises (by row number) that have a record in any of the spans.
        spans: per span the numerators of their quantities, and the denominator.
        covered: of how many days of the spans there is a record.
    """

    rows: list[int]
    spans: list[tuple[Numbers, int]]
    covered: list[int]


def checked_usage(usage: pl.DataFrame | None) -> pl.DataFrame | None:
    """Usage records typed, those without a quantity left out.

    Raises:
        RatingError: a column is missing, or a record ends before it begins.
    """
    if usage is None:
        return None
    missing = [c for c in USAGE if c not in usage.columns]
    if missing:
        raise RatingError(problem("usage_columns", missing=missing))
    typed = usage.select([pl.col(n).cast(t) for n, t in USAGE.items()])
    wrong = typed.filter((pl.col("until") < pl.col("from")) | pl.col("from").is_null() | pl.col("until").is_null())
    if wrong.height:
        first = wrong.sort("credit_code", "from", "until").row(0, named=True)
        raise RatingError(
            problem(
                "usage_dates", count=wrong.height, code=Firm(first["credit_code"]), first=first["from"] or "—",
                last=first["until"] or "—",
            )
        )  # fmt: skip
    return typed.filter(pl.col("quantity").is_not_null()).sort("credit_code", "utility", "from", "until", "quantity")


def metered(usage: pl.DataFrame, codes: pl.Series, spans: Sequence[Span]) -> Metered:
    """The quantities of enterprises in each span, exactly.

    Args:
        usage: records of one utility.
        codes: the enterprises' credit codes; results name them by their row number here.
        spans: spans that do not overlap.
    """
    numbered = pl.DataFrame({"credit_code": codes}).with_row_index("_row")
    ours = numbered.join(usage, on="credit_code", how="inner").select(
        pl.col("_row").cast(pl.Int64),
        pl.col("from").to_physical().cast(pl.Int64).alias("first"),
        pl.col("until").to_physical().cast(pl.Int64).alias("last"),
        pl.col("quantity"),
    )
    parts = [_overlap(ours, span) for span in spans]
    together = pl.concat(parts)
    rows: list[int] = together["_row"].unique().sort().to_list()
    place = {row: i for i, row in enumerate(rows)}
    return Metered(rows, [_quantities(p, place) for p in parts], _covered(together, place))


def _overlap(ours: pl.DataFrame, span: Span) -> pl.DataFrame:
    begins, ends = (int(pl.Series([d]).to_physical()[0]) for d in (span.first, span.last))
    return (
        ours.lazy()
        .filter((pl.col("last") >= begins) & (pl.col("first") <= ends))
        .with_columns(
            (pl.col("last") - pl.col("first") + 1).alias("bill"),
            pl.max_horizontal("first", pl.lit(begins, dtype=pl.Int64)).alias("first"),
            pl.min_horizontal("last", pl.lit(ends, dtype=pl.Int64)).alias("last"),
        )
        .with_columns((pl.col("last") - pl.col("first") + 1).alias("days"))
        .collect(engine="in-memory")
    )


def _quantities(part: pl.DataFrame, place: dict[int, int]) -> tuple[Numbers, int]:
    """Whole bills added up as they are; of the others the part of their days, over a common denominator."""
    split = part.filter(pl.col("days") != pl.col("bill"))
    common = math.lcm(*split["bill"].unique().to_list()) if split.height else 1
    totals: list[int | None] = [0] * len(place)
    whole = (
        part.lazy()
        .filter(pl.col("days") == pl.col("bill"))
        .group_by("_row")
        .agg(pl.col("quantity").cast(pl.Decimal(38, 6)).sum())
        .collect()
    )
    for row, number in zip(whole["_row"].to_list(), whole["quantity"].to_physical().to_list(), strict=True):
        totals[place[row]] = number * common
    columns = (split[n].to_list() for n in ("_row", "days", "bill"))
    for row, days, bill, number in zip(*columns, split["quantity"].to_physical().to_list(), strict=True):
        totals[place[row]] = (totals[place[row]] or 0) + number * days * (common // bill)
    return totals, 10**6 * common


def _covered(together: pl.DataFrame, place: dict[int, int]) -> list[int]:
    """Days with a record; days that two records share count once."""
    before = pl.col("last").cum_max().shift(1).over("_row")
    fresh = pl.col("last") - pl.max_horizontal("first", before + 1) + 1
    days = (
        together.sort("_row", "first", "last")
        .with_columns(fresh.clip(lower_bound=0).alias("fresh"))
        .group_by("_row")
        .agg(pl.col("fresh").sum())
    )
    covered = [0] * len(place)
    for row, n in days.iter_rows():
        covered[place[row]] = n
    return covered


def usage_against_year(frame: pl.DataFrame, usage: pl.DataFrame, year: int) -> pl.DataFrame:
    """The records of a year added up, beside the year's own figure.

    Args:
        frame: enterprises with `electricity_kwh`, `water_m3`, `gas_m3`, `heat_gj` as far as they are known.
        usage: usage records.
        year: the data year of the frame.

    Returns:
        A row per enterprise and utility with records in the year: `credit_code, name, utility, used` (six decimals),
        `covered_days, days, yearly, difference` (used − yearly). A difference where every day is covered is a question
        to the utility's office; where days are missing it is no wonder.
    """
    records = checked_usage(usage)
    assert records is not None
    span = Span(date(year, 1, 1), date(year, 12, 31))
    frames: list[pl.DataFrame] = []
    codes = frame["credit_code"]
    for name, utility in UTILITY_OF.items():
        meter = metered(records.filter(pl.col("utility") == utility), codes, [span])
        numbers, over = meter.spans[0]
        rows = pl.Series(meter.rows, dtype=pl.UInt32)
        yearly = frame[name] if name in frame.columns else pl.repeat(None, frame.height, dtype=QUANTITY, eager=True)
        names = frame["name"] if "name" in frame.columns else pl.repeat(None, frame.height, dtype=pl.String, eager=True)
        frames.append(
            pl.DataFrame(
                {
                    "credit_code": codes.gather(rows),
                    "name": names.gather(rows),
                    "utility": pl.repeat(utility, rows.len(), dtype=pl.String, eager=True),
                    "used": decimals(rounded(numbers, over), "used"),
                    "covered_days": pl.Series(meter.covered, dtype=pl.Int64),
                    "days": pl.repeat(span.days, rows.len(), dtype=pl.Int64, eager=True),
                    "yearly": yearly.gather(rows).cast(pl.Decimal(38, 6)),
                }
            )
        )
    return (
        pl.concat(frames)
        .with_columns((pl.col("used") - pl.col("yearly")).alias("difference"))
        .sort("credit_code", "utility")
    )
