"""One measure on every enterprise: who is exempt, which rate holds on which days, quantity × rate.

Enterprises to whom the same rows of the rate apply on the same days are charged together: few such patterns occur,
however many enterprises there are.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction

import polars as pl

from mujun.allocation.exactly import (
    AMOUNT,
    RATE,
    Numbers,
    decimals,
    exact,
    largest,
    numerators,
    repeated,
    rounded,
    summed,
    times,
)
from mujun.allocation.periods import Span, pieces, runs
from mujun.allocation.rest import with_rest
from mujun.allocation.usage import metered
from mujun.dataclass import dataclass
from mujun.errors import RatingError, problem
from mujun.messages import Firm
from mujun.numbers import half_up
from mujun.rules.allocation_plan import MeasurePlan, RatePlan

OF_FIRM: dict[str, pl.DataType] = {
    "_firm": pl.UInt32(),
    "credit_code": pl.String(),
    "quantity": AMOUNT,
    "yearly": AMOUNT,
    "rate": RATE,
    "computed": AMOUNT,
    "covered_days": pl.Int64(),
    "billed": AMOUNT,
    "carried": AMOUNT,
    "exempt": pl.String(),
    "exempt_reason": pl.String(),
    "_shared": pl.UInt32(),
}
"""What is known of an enterprise after one measure, before caps and exclusion; `_shared` is its row in `SHARED`.

`_firm` is its row among those that the measure was put to.
"""

SHARED: dict[str, pl.DataType] = {
    "rate_ids": pl.List(pl.String()),
    "notes": pl.List(pl.String()),
    "basis": pl.String(),
    "days": pl.Int64(),
    "from": pl.Date(),
    "until": pl.Date(),
}
"""What enterprises that are charged together have in common."""

BY_BILLS = ("usage", "usage_rest")
"""Bases of quantities that bills gave: alone, or with the year's figure for the days without one."""

SEGMENT: dict[str, pl.DataType] = {
    "credit_code": pl.String(),
    "from": pl.Date(),
    "until": pl.Date(),
    "days": pl.Int64(),
    "rate_id": pl.String(),
    "rate": RATE,
    "note": pl.String(),
    "quantity": AMOUNT,
    "finely": RATE,
}
"""The days on which one row of the rate applied."""


@dataclass(frozen=True)
class Charged:
    """What one measure made of every enterprise it touches.

    Attributes:
        rows: a row per enterprise, columns as in `OF_FIRM`.
        shared: what several of them have in common, columns as in `SHARED`.
    """

    rows: pl.DataFrame
    shared: pl.DataFrame


@dataclass(frozen=True)
class _Batch:
    """Enterprises with the same runs of rates, and their quantities from the same source."""

    part: pl.DataFrame
    runs: Sequence[tuple[Span, int]]
    quantities: Sequence[tuple[Numbers, int]]
    basis: str | None
    covered: Sequence[int] | None = None
    billed: tuple[Numbers, int] | None = None
    carried: tuple[Numbers, int] | None = None

    def valued(self, measure: MeasurePlan) -> list[tuple[Span, int]]:
        """The runs whose row of the rate has a value."""
        return [(s, i) for s, i in self.runs if measure.rates[i].value is not None]


def shared_by(name: str, shared: pl.DataFrame) -> pl.Expr:
    """What each row has in common with others, from the row of `shared` that its `_shared` names."""
    return pl.lit(shared[name]).gather(pl.col("_shared")).alias(name)


def charge(
    measure: MeasurePlan, span: Span, stood: pl.DataFrame, usage: pl.DataFrame | None, year: int | None = None
) -> Charged:
    """A measure on every enterprise.

    Args:
        measure: the measure, compiled.
        span: its period.
        stood: enterprises with every name that the measure reads.
        usage: checked usage records of all utilities, if there are any.
        year: the data year, of which the figures are; `rest: year` needs it.

    Returns:
        Only enterprises to which a row of the rate applies.

    Raises:
        RatingError: an amount is too large to be shown.
    """
    rows, shared = [pl.DataFrame(schema=OF_FIRM)], list[dict[str, object]]()
    for batch in _all_batches(measure, span, stood, usage, year):
        with _told(measure, batch):
            rows.append(_charged(measure, batch, len(shared)))
        shared.append(_in_common(measure, batch))
    return Charged(pl.concat(rows), pl.DataFrame(shared, schema=SHARED))


def segments(
    measure: MeasurePlan, span: Span, stood: pl.DataFrame, usage: pl.DataFrame | None, year: int | None = None
) -> pl.DataFrame:
    """The days on which each row of a measure's rate applied to every enterprise, columns as in `SEGMENT`.

    Args:
        measure, span, stood, usage, year: as `charge` takes them.
    """
    batches = _all_batches(measure, span, stood, usage, year)
    return pl.concat([pl.DataFrame(schema=SEGMENT), *(_segments(measure, b) for b in batches)])


@contextlib.contextmanager
def _told(measure: MeasurePlan, batch: _Batch) -> Iterator[None]:
    """An amount that is too large for its column, told with the firm that has the largest quantity."""
    try:
        yield
    except OverflowError:
        first = batch.part.sort(pl.col("quantity").abs(), descending=True, nulls_last=True)["credit_code"][0]
        raise RatingError(problem("amount_too_large", measure=measure.name, code=Firm(first))) from None


def _all_batches(
    measure: MeasurePlan, span: Span, stood: pl.DataFrame, usage: pl.DataFrame | None, year: int | None
) -> Iterator[_Batch]:
    """All enterprises that a measure touches; each over what its own days leave of the period."""
    own = measure.begins is not None or measure.ends is not None
    numbered = stood.with_row_index("_firm")
    for days, rows in _own_spans(measure, span, numbered) if own else ((span, numbered),):
        yield from _batches_in(measure, days, rows, usage, year)


def _own_spans(measure: MeasurePlan, span: Span, stood: pl.DataFrame) -> Iterator[tuple[Span, pl.DataFrame]]:
    """The enterprises by what is left of the period by their own days; who has no day, or none in it, is not there."""
    first = measure.begins.value.expr if measure.begins is not None else pl.lit(span.first)
    last = measure.ends.value.expr if measure.ends is not None else pl.lit(span.last)
    with_days = stood.with_columns(first.alias("_first"), last.alias("_last")).drop_nulls(["_first", "_last"])
    for (begins, ends), rows in with_days.sort("_first", "_last", maintain_order=True).group_by(
        "_first", "_last", maintain_order=True
    ):
        left = span.within(begins, ends) if isinstance(begins, date) and isinstance(ends, date) else None
        if left is not None:
            yield left, rows.drop("_first", "_last")


def _batches_in(
    measure: MeasurePlan, span: Span, stood: pl.DataFrame, usage: pl.DataFrame | None, year: int | None
) -> Iterator[_Batch]:
    """Enterprises that are all charged over the same days."""
    cut = pieces(span, [(r.source.from_, r.source.until) for r in measure.rates])
    prepared = stood.lazy().select(_columns(measure)).collect(engine="in-memory")
    chosen = prepared.with_columns([_chosen(rows).alias(f"p{k}") for k, (_, rows) in enumerate(cut)])
    names = [f"p{k}" for k in range(len(cut))]
    patterns = chosen.with_row_index("_i").group_by(names).agg("_i").sort(names)
    records = None
    if usage is not None and measure.utility is not None:
        records = usage.filter(pl.col("utility") == measure.utility)
    for pattern in patterns.iter_rows(named=True):
        joined = runs((piece, pattern[n]) for (piece, _), n in zip(cut, names, strict=True))
        if joined:
            yield from _batches(measure, joined, chosen[pattern["_i"]], records, year)


# --------------------------------------------------------------------------------------------- which rate on which days


def _columns(measure: MeasurePlan) -> list[pl.Expr]:
    columns: list[pl.Expr] = [
        pl.col("_firm", "credit_code"),
        (exact(measure.of.value) if measure.of is not None else pl.lit(None, dtype=AMOUNT)).alias("quantity"),
    ]
    for i, rate in enumerate(measure.rates):
        met = rate.when.value.expr if rate.when is not None else pl.lit(value=False)
        columns.append(met.fill_null(value=False).alias(f"w{i}"))
        if rate.value is not None and rate.constant is None:
            columns.append(exact(rate.value.value).alias(f"v{i}"))
    exempted = [
        pl.when(when.value.expr).then(pl.lit(i, dtype=pl.Int32))
        for i, (_, when) in enumerate(measure.exempt)
        if when is not None
    ]
    first = pl.coalesce(exempted) if exempted else pl.lit(None, dtype=pl.Int32)
    return [*columns, first.alias("_exempt")]


def _chosen(rows: Sequence[int]) -> pl.Expr:
    """The first row in force whose condition holds; −1 where none does."""
    if not rows:
        return pl.lit(-1, dtype=pl.Int32)
    held = [pl.when(pl.col(f"w{i}")).then(pl.lit(i, dtype=pl.Int32)) for i in rows]
    return pl.coalesce(*held, pl.lit(-1, dtype=pl.Int32))


def _batches(
    measure: MeasurePlan,
    joined: list[tuple[Span, int]],
    part: pl.DataFrame,
    records: pl.DataFrame | None,
    year: int | None,
) -> list[_Batch]:
    """The enterprises of a pattern, by where their quantity comes from."""
    valued = [(s, i) for s, i in joined if measure.rates[i].value is not None]
    if not valued:
        return [_Batch(part, joined, [], None)]
    if measure.of is None:
        # A lump sum: it is given once, whatever the days.
        once, never = (repeated(1, part.height), 1), (repeated(0, part.height), 1)
        return [_Batch(part, joined, [once, *[never] * (len(valued) - 1)], None)]
    batches: list[_Batch] = []
    if records is not None and records.height and measure.source.rest == "year" and year is not None:
        groups = with_rest(records, part["credit_code"], numerators(part["quantity"]), [s for s, _ in valued], year)
        for g in groups:
            basis = "usage" if g.whole else "usage_rest"
            told = (None, None) if g.whole else (g.billed, g.carried)
            batches.append(_Batch(part[g.rows], joined, g.spans, basis, g.covered, *told))
        part = _without(part, [row for g in groups for row in g.rows])
    if records is not None and records.height and part.height:
        meter = metered(records, part["credit_code"], [s for s, _ in valued])
        if meter.rows:
            batches.append(_Batch(part[meter.rows], joined, meter.spans, "usage", meter.covered))
            part = _without(part, meter.rows)
    if part.height:
        numbers, over = numerators(part["quantity"])
        parts = [span.years for span, _ in valued]
        by_year = [(times(numbers, years.numerator), over * years.denominator) for years in parts]
        batches.append(_Batch(part, joined, by_year, "year"))
    return batches


def _without(part: pl.DataFrame, rows: Sequence[int]) -> pl.DataFrame:
    gone = pl.Series(rows, dtype=pl.UInt32)
    return part.with_row_index("_row").filter(~pl.col("_row").is_in(gone.implode())).drop("_row")


# -------------------------------------------------------------------------------------------------------- the amounts


def _charged(measure: MeasurePlan, batch: _Batch, number: int) -> pl.DataFrame:
    """Enterprises charged together, columns as in `OF_FIRM`.

    Raises:
        OverflowError: an amount is too large to be shown.
    """
    part, rates = batch.part, measure.rates
    valued = batch.valued(measure)
    of_runs = [_rates_of(rates[i], i, part) for _, i in valued]
    total, over = summed(
        [
            (times(quantity, rate), q_over * r_over)
            for (quantity, q_over), (rate, r_over) in zip(batch.quantities, of_runs, strict=True)
        ],
        measure.factor,
        part.height,
    )
    quantity, quantity_over = summed(batch.quantities, Fraction(1), part.height)
    shown = measure.of is not None and bool(valued)
    for numbers, q_over in batch.quantities if shown else ():
        # Its explanation shows each of them at twelve decimals: see `segments`.
        decimals(rounded([largest(numbers)], q_over, RATE.scale), "finely", RATE)
    return part.select(
        pl.col("_firm", "credit_code"),
        (_or_none(decimals(rounded(quantity, quantity_over), "quantity"), shown)).alias("quantity"),
        half_up(pl.col("quantity").cast(pl.Decimal(38, 12)), 6).cast(AMOUNT).alias("yearly"),
        _one_rate(measure, valued, part).alias("rate"),
        _or_none(decimals(rounded(total, over), "computed"), bool(valued)).alias("computed"),
        pl.Series("covered_days", batch.covered, dtype=pl.Int64)
        if batch.covered is not None
        else pl.lit(None, dtype=pl.Int64).alias("covered_days"),
        _of_bills(batch.billed, "billed", part.height),
        _of_bills(batch.carried, "carried", part.height),
        _exempt(measure, "id").alias("exempt"),
        _exempt(measure, "reason").alias("exempt_reason"),
        pl.lit(number, dtype=pl.UInt32).alias("_shared"),
    )


def _in_common(measure: MeasurePlan, batch: _Batch) -> dict[str, object]:
    """What enterprises charged together have in common: `SHARED`."""
    rates = [(s, measure.rates[i].source) for s, i in batch.runs]
    spans = [s for s, _ in batch.valued(measure)] or [s for s, _ in rates]
    return {
        "rate_ids": list(dict.fromkeys(r.id for _, r in rates)),
        "notes": list(dict.fromkeys(r.note for _, r in rates if r.note is not None)),
        "basis": batch.basis,
        "days": sum(s.days for s in spans),
        "from": min(s.first for s in spans),
        "until": max(s.last for s in spans),
    }


def _rates_of(rate: RatePlan, number: int, part: pl.DataFrame) -> tuple[Numbers | int, int]:
    constant = rate.constant
    if constant is not None:
        exact_rate = Fraction(constant)
        return exact_rate.numerator, exact_rate.denominator
    return numerators(part[f"v{number}"])


def _rate_column(rate: RatePlan, number: int) -> pl.Expr:
    constant = rate.constant
    if constant is not None:
        return pl.lit(constant, dtype=RATE)
    if rate.value is None:
        return pl.lit(None, dtype=RATE)
    wide = pl.col(f"v{number}").cast(pl.Decimal(38, max(12, rate.value.value.scale)))
    return half_up(wide, 12).cast(RATE)


def _one_rate(measure: MeasurePlan, valued: Sequence[tuple[Span, int]], part: pl.DataFrame) -> pl.Expr:
    """The rate where all days have the same one, else nothing: the segments have them all."""
    columns = [_rate_column(measure.rates[i], i) for i in dict.fromkeys(i for _, i in valued)]
    if not columns:
        return pl.lit(None, dtype=RATE)
    if len(columns) == 1:
        return columns[0]
    same = pl.all_horizontal([columns[0] == c for c in columns[1:]])
    return pl.when(same).then(columns[0])


def _exempt(measure: MeasurePlan, what: str) -> pl.Expr:
    words = pl.Series([getattr(e, what) for e, _ in measure.exempt], dtype=pl.String)
    if not words.len():
        return pl.lit(None, dtype=pl.String)
    return pl.lit(words).gather(pl.col("_exempt").cast(pl.UInt32))


def _or_none(series: pl.Series, there: bool) -> pl.Series:
    return series if there else pl.repeat(None, series.len(), dtype=series.dtype, eager=True)


def _of_bills(numbers: tuple[Numbers, int] | None, name: str, height: int) -> pl.Series:
    if numbers is None:
        return pl.repeat(None, height, dtype=AMOUNT, eager=True).alias(name)
    return decimals(rounded(*numbers), name)


def _segments(measure: MeasurePlan, batch: _Batch) -> pl.DataFrame:
    segments: list[pl.DataFrame] = []
    position = 0
    for span, number in batch.runs:
        rate = measure.rates[number]
        quantity: pl.Series | pl.Expr = pl.lit(None, dtype=AMOUNT).alias("quantity")
        finely: pl.Series | pl.Expr = pl.lit(None, dtype=RATE).alias("finely")
        if rate.value is not None:
            numbers, over = batch.quantities[position]
            position += 1
            if measure.of is not None:
                quantity = decimals(rounded(numbers, over), "quantity")
                # Twelve decimals, so that whoever multiplies what is printed comes to the same 分.
                finely = decimals(rounded(numbers, over, RATE.scale), "finely", RATE)
        segments.append(
            batch.part.select(
                pl.col("credit_code"),
                pl.lit(span.first).alias("from"),
                pl.lit(span.last).alias("until"),
                pl.lit(span.days, dtype=pl.Int64).alias("days"),
                pl.lit(rate.source.id).alias("rate_id"),
                _rate_column(rate, number).alias("rate"),
                pl.lit(rate.source.note, dtype=pl.String).alias("note"),
                quantity,
                finely,
            )
        )
    return pl.concat(segments).select(list(SEGMENT))
