"""`allocate`: a frame, its rating, usage records and allocation files in, amounts out. No files, no store."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from mujun.allocation.charging import charge
from mujun.allocation.exactly import AMOUNT, decimals, numerators, rounded
from mujun.allocation.periods import span_of
from mujun.allocation.result import INTERMEDIATE, SEGMENTS, Allocation
from mujun.allocation.usage import checked_usage
from mujun.errors import RatingError, problem
from mujun.rating.evaluation import evaluate
from mujun.rating.policy_frame import CountedAmong, counted_among, data_year, in_order, last_year, standing
from mujun.rating.result import Rating
from mujun.rules.allocation_plan import MeasurePlan, PartPlan, compile_allocation
from mujun.rules.ruleset import RuleSet


def allocate(
    ruleset: RuleSet,
    frame: pl.DataFrame,
    rating: Rating | None = None,
    usage: pl.DataFrame | None = None,
    previous: pl.DataFrame | None = None,
) -> Allocation:
    """What the measures of a rule set cost and bring every enterprise.

    The order is: exempt, rate × quantity over the period, rounded to 分, at most `max_amount`, and of measures that
    exclude one another the highest; then what is given back of amounts that were collected. Each step leaves its
    column.

    Args:
        ruleset: what `load_rules` gives, with allocation.yaml and the files it includes.
        frame: one row per enterprise, columns as in `mujun.fields.FRAME_FIELDS`.
        rating: the frame's rating; without one the frame itself gives `tier` and the like.
        usage: records `credit_code, utility, from, until, quantity`; an enterprise that has one in the days that are
            charged is charged by its records, any other by the year's figure and the days; where the measure says
            `rest: year`, days without a record by what the records of the data year leave of its figure.
        previous: last year's frame, for statistics with `year: previous`; it may give last year's `tier`.

    Returns:
        The allocation: a row per enterprise and measure that touches it, with everything it rests on.

    Raises:
        RuleError: the set has no allocation.yaml, or it does not fit together.
        RatingError: the frame or the usage records are not what they must be, or a period needs a data year.
    """
    plan = compile_allocation(ruleset)
    records = checked_usage(usage)
    trial = rating is not None and not rating.binding
    described: list[pl.DataFrame] = []
    segments: list[pl.DataFrame] = []
    frames: list[pl.DataFrame] = []
    counted: list[CountedAmong | None] = []
    year: int | None = None
    order = 0
    for part in plan.parts:
        stood = _stood(part, frame, rating, previous, rated_here=ruleset.rating is not None)
        year = data_year(stood, rating)
        frames.append(stood)
        counted.append(counted_among(part.policy, stood))
        for measure in part.measures if stood.height else ():
            span = span_of(measure.source.period, year)
            if span is None and year is None:
                raise RatingError(problem("period_no_year", measure.source.stands, id=measure.name))
            if measure.source.rest is not None and year is None:
                raise RatingError(problem("rest_no_year", measure.source.stands, id=measure.name))
            if span is not None:
                charged = charge(measure, span, stood, records, year)
                described.append(_described(measure, charged.rows, order, trial))
                segments.append(charged.segments.with_columns(pl.lit(measure.name).alias("measure")))
            order += 1
    rows = pl.concat(described) if described else pl.DataFrame(schema=INTERMEDIATE)
    del described
    back = {m.name: m.refunds for m in plan.measures if m.refunds is not None}
    given_back = pl.col("measure").is_in(list(back))
    refunds = rows.filter(given_back) if back else rows.clear()
    rows = _excluded(_capped(rows.filter(~given_back) if back else rows))
    if refunds.height:
        rows = pl.concat([rows, _excluded(_capped(_refunded(refunds, rows, back)))])
    identity = frames[0].select(
        "credit_code", "subject", "name", "township", "park", "industry", "scale", "cohort", "rank", "treatment",
        "tier", "tier_shown", "streak",
    )  # fmt: skip
    # Enterprises are put in order, which are fewer than their rows, and rows by numbers.
    placed = in_order(identity, rating).with_row_index("_place")
    rows = rows.join(placed, on="credit_code", how="left", maintain_order="left")
    rows = rows.sort("_place", "order").drop("_place").with_columns(pl.lit(year, dtype=pl.Int32).alias("year"))
    return Allocation(
        plan,
        rating,
        year,
        rows,
        (pl.concat(segments) if segments else pl.DataFrame(schema=SEGMENTS)).select(list(SEGMENTS)),
        tuple(frames),
        tuple(counted),
    )


def _stood(
    part: PartPlan, frame: pl.DataFrame, rating: Rating | None, previous: pl.DataFrame | None, *, rated_here: bool
) -> pl.DataFrame:
    reads = part.reads()
    stood = standing(frame, rating, reads, part.policy.inputs, part.gaps)
    then = last_year(part.policy, previous, rating if rated_here else None, reads)
    return evaluate(part.policy.names, stood, previous=then).frame


def _described(measure: MeasurePlan, rows: pl.DataFrame, order: int, trial: bool) -> pl.DataFrame:
    source = measure.source
    return rows.with_columns(
        pl.lit(order, dtype=pl.Int32).alias("order"),
        pl.lit(measure.name).alias("measure"),
        pl.lit(source.label).alias("label"),
        pl.lit(source.kind).alias("kind"),
        pl.lit(source.per, dtype=pl.String).alias("per"),
        pl.lit(measure.unit if source.kind != "note" else None, dtype=pl.String).alias("unit"),
        pl.lit(source.max_amount, dtype=AMOUNT).alias("max_amount"),
        pl.lit(source.exclusive, dtype=pl.String).alias("exclusive"),
        pl.lit(measure.document).alias("document"),
        pl.lit(measure.binding and not trial).alias("binding"),
    )


def _refunded(refunds: pl.DataFrame, rows: pl.DataFrame, of: Mapping[str, str]) -> pl.DataFrame:
    """What is given back: a share of the amount that another measure comes to; nothing where that touches nobody.

    A trial's amount was never collected, so that giving it back is a trial too.
    """
    collected = rows.select(
        "credit_code", pl.col("measure").alias("_of"), pl.col("amount").alias("_amount"),
        pl.col("binding").alias("_binding"),
    )  # fmt: skip
    refunds = refunds.with_columns(
        pl.col("measure").replace_strict(dict(of), default=None, return_dtype=pl.String).alias("_of")
    )
    joined = refunds.join(collected, on=["credit_code", "_of"], how="inner", maintain_order="left")
    (amounts, over), (rates, rates_over) = numerators(joined["_amount"]), numerators(joined["rate"])
    products = [None if a is None or r is None else a * r for a, r in zip(amounts, rates, strict=True)]
    computed = decimals(rounded(products, over * rates_over), "computed")
    noted = pl.col("computed").is_null()
    return joined.with_columns(
        pl.when(noted).then(pl.lit(None, dtype=AMOUNT)).otherwise(computed).alias("computed"),
        pl.when(~noted).then(pl.col("_amount")).alias("quantity"),
        pl.when(~noted).then(pl.lit("measure")).alias("basis"),
        (pl.col("binding") & pl.col("_binding")).alias("binding"),
    ).select(refunds.drop("_of").columns)


def _capped(rows: pl.DataFrame) -> pl.DataFrame:
    """`capped`, and `amount` after exemption and cap."""
    above = (pl.col("computed") > pl.col("max_amount")).fill_null(value=False) & pl.col("exempt").is_null()
    amount = (
        pl.when(pl.col("exempt").is_not_null())
        .then(pl.lit(0, dtype=AMOUNT))
        .when(above)
        .then(pl.col("max_amount"))
        .otherwise(pl.col("computed"))
    )
    return rows.with_columns(above.alias("capped"), amount.cast(AMOUNT).alias("amount"))


def _excluded(rows: pl.DataFrame) -> pl.DataFrame:
    """Of measures that exclude one another only the highest amount stays; the earlier file and measure where equal.

    A trial measure binds nobody and so excludes none that is really charged.
    """
    competes = pl.col("exclusive").is_not_null() & pl.col("exempt").is_null() & pl.col("amount").is_not_null()
    group = ["credit_code", "exclusive", "binding"]
    competing = rows.filter(competes).sort("amount", "order", descending=[True, False])
    winners = competing.group_by(group, maintain_order=True).agg(
        pl.col("measure").first().alias("winner"), pl.col("order").first().alias("winner_order")
    )
    joined = rows.join(winners, on=group, how="left", maintain_order="left")
    loses = competes & (pl.col("order") != pl.col("winner_order"))
    return joined.with_columns(
        pl.when(loses).then(pl.col("winner")).alias("excluded_by"),
        pl.col("amount").alias("amount_alone"),
        pl.when(loses).then(pl.lit(0, dtype=AMOUNT)).otherwise(pl.col("amount")).cast(AMOUNT).alias("amount"),
    ).drop("winner", "winner_order")
