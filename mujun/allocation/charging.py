"""One measure on every enterprise: who is exempt, which rate holds on which days, quantity × rate.

Enterprises to whom the same rows of the rate apply on the same days are charged together: few such patterns occur,
however many enterprises there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction

import polars as pl

from mujun.allocation.exactly import AMOUNT, RATE, Numbers, decimals, exact, numerators, rounded
from mujun.allocation.periods import Span, pieces, runs
from mujun.allocation.rest import with_rest
from mujun.allocation.usage import metered
from mujun.dataclass import dataclass
from mujun.errors import RatingError, problem
from mujun.messages import Firm
from mujun.numbers import half_up
from mujun.rules.allocation_plan import MeasurePlan, RatePlan

CHARGED: dict[str, pl.DataType] = {
    "credit_code": pl.String(),
    "quantity": AMOUNT,
    "yearly": AMOUNT,
    "rate": RATE,
    "rate_ids": pl.List(pl.String()),
    "notes": pl.List(pl.String()),
    "computed": AMOUNT,
    "basis": pl.String(),
    "days": pl.Int64(),
    "covered_days": pl.Int64(),
    "billed": AMOUNT,
    "carried": AMOUNT,
    "from": pl.Date(),
    "until": pl.Date(),
    "exempt": pl.String(),
    "exempt_reason": pl.String(),
}
"""What is known of an enterprise after one measure, before caps and exclusion."""

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
    """What one measure made of every enterprise it touches."""

    rows: pl.DataFrame
    segments: pl.DataFrame


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
        Rows as in `CHARGED`, segments as in `SEGMENT`, only of enterprises to which a row of the rate applies.

    Raises:
        RatingError: an amount is too large to be shown.
    """
    if measure.begins is None and measure.ends is None:
        return _charged_in(measure, span, stood, usage, year)
    parts = [_charged_in(measure, days, rows, usage, year) for days, rows in _own_spans(measure, span, stood)]
    if not parts:
        return Charged(pl.DataFrame(schema=CHARGED), pl.DataFrame(schema=SEGMENT))
    return Charged(pl.concat([p.rows for p in parts]), pl.concat([p.segments for p in parts]))


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


def _charged_in(
    measure: MeasurePlan, span: Span, stood: pl.DataFrame, usage: pl.DataFrame | None, year: int | None
) -> Charged:
    """A measure on enterprises that are all charged over the same days."""
    cut = pieces(span, [(r.source.from_, r.source.until) for r in measure.rates])
    prepared = stood.lazy().select(_columns(measure)).collect(engine="in-memory")
    chosen = prepared.with_columns([_chosen(rows).alias(f"p{k}") for k, (_, rows) in enumerate(cut)])
    names = [f"p{k}" for k in range(len(cut))]
    patterns = chosen.with_row_index("_i").group_by(names).agg("_i").sort(names)
    records = None
    if usage is not None and measure.utility is not None:
        records = usage.filter(pl.col("utility") == measure.utility)
    batches: list[_Batch] = []
    for pattern in patterns.iter_rows(named=True):
        joined = runs((piece, pattern[n]) for (piece, _), n in zip(cut, names, strict=True))
        if joined:
            batches += _batches(measure, joined, chosen[pattern["_i"]], records, year)
    try:
        charged = [_charged(measure, b) for b in batches]
    except OverflowError:
        largest = prepared.sort(pl.col("quantity").abs(), descending=True, nulls_last=True)["credit_code"][0]
        raise RatingError(problem("amount_too_large", measure=measure.name, code=Firm(largest))) from None
    if not charged:
        return Charged(pl.DataFrame(schema=CHARGED), pl.DataFrame(schema=SEGMENT))
    return Charged(pl.concat([c.rows for c in charged]), pl.concat([c.segments for c in charged]))


# --------------------------------------------------------------------------------------------- which rate on which days


def _columns(measure: MeasurePlan) -> list[pl.Expr]:
    columns: list[pl.Expr] = [
        pl.col("credit_code"),
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
        once: tuple[Numbers, int] = ([1] * part.height, 1)
        never: tuple[Numbers, int] = ([0] * part.height, 1)
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
        by_year = [(_scaled(numbers, years.numerator), over * years.denominator) for years in parts]
        batches.append(_Batch(part, joined, by_year, "year"))
    return batches


def _without(part: pl.DataFrame, rows: Sequence[int]) -> pl.DataFrame:
    gone = pl.Series(rows, dtype=pl.UInt32)
    return part.with_row_index("_row").filter(~pl.col("_row").is_in(gone.implode())).drop("_row")


# -------------------------------------------------------------------------------------------------------- the amounts


def _charged(measure: MeasurePlan, batch: _Batch) -> Charged:
    part, rates = batch.part, measure.rates
    valued = [(s, i) for s, i in batch.runs if rates[i].value is not None]
    of_runs = [_rates_of(rates[i], i, part) for _, i in valued]
    total, over = _summed(
        [
            ([_times(q, r) for q, r in zip(quantity, rate, strict=True)], q_over * r_over)
            for (quantity, q_over), (rate, r_over) in zip(batch.quantities, of_runs, strict=True)
        ],
        measure.factor,
        part.height,
    )
    quantity, quantity_over = _summed(batch.quantities, Fraction(1), part.height)
    spans = [s for s, _ in valued] or [s for s, _ in batch.runs]
    ids = list(dict.fromkeys(rates[i].source.id for _, i in batch.runs))
    notes = list(dict.fromkeys(rates[i].source.note for _, i in batch.runs if rates[i].source.note is not None))
    shown = measure.of is not None and bool(valued)
    rows = part.select(
        pl.col("credit_code"),
        (_or_none(decimals(rounded(quantity, quantity_over), "quantity"), shown)).alias("quantity"),
        half_up(pl.col("quantity").cast(pl.Decimal(38, 12)), 6).cast(AMOUNT).alias("yearly"),
        _one_rate(measure, valued, part).alias("rate"),
        pl.lit(pl.Series([ids], dtype=pl.List(pl.String))).first().alias("rate_ids"),
        pl.lit(pl.Series([notes], dtype=pl.List(pl.String))).first().alias("notes"),
        _or_none(decimals(rounded(total, over), "computed"), bool(valued)).alias("computed"),
        pl.lit(batch.basis, dtype=pl.String).alias("basis"),
        pl.lit(sum(s.days for s in spans), dtype=pl.Int64).alias("days"),
        pl.Series("covered_days", batch.covered, dtype=pl.Int64)
        if batch.covered is not None
        else pl.lit(None, dtype=pl.Int64).alias("covered_days"),
        _of_bills(batch.billed, "billed", part.height),
        _of_bills(batch.carried, "carried", part.height),
        pl.lit(min(s.first for s in spans)).alias("from"),
        pl.lit(max(s.last for s in spans)).alias("until"),
        _exempt(measure, "id").alias("exempt"),
        _exempt(measure, "reason").alias("exempt_reason"),
    )
    return Charged(rows.select(list(CHARGED)), _segments(measure, batch))


def _scaled(numbers: Numbers, times: int) -> Numbers:
    return [None if n is None else n * times for n in numbers]


def _times(quantity: int | None, rate: int | None) -> int | None:
    return None if quantity is None or rate is None else quantity * rate


def _summed(terms: Sequence[tuple[Numbers, int]], factor: Fraction, height: int) -> tuple[Numbers, int]:
    """Terms over their own denominators added up over a common one, times a factor; missing if any is."""
    if not terms:
        return [None] * height, 1
    common = math.lcm(*(over for _, over in terms)) * factor.denominator
    scale = [common // over // factor.denominator * factor.numerator for _, over in terms]
    if len(terms) == 1:
        (numbers, _), (times,) = terms[0], scale
        return _scaled(numbers, times), common
    columns = zip(*(numbers for numbers, _ in terms), strict=True)
    added: Numbers = [
        None if None in row else sum(n * s for n, s in zip(row, scale, strict=True) if n is not None) for row in columns
    ]
    return added, common


def _rates_of(rate: RatePlan, number: int, part: pl.DataFrame) -> tuple[Numbers, int]:
    constant = rate.constant
    if constant is not None:
        exact_rate = Fraction(constant)
        return [exact_rate.numerator] * part.height, exact_rate.denominator
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
