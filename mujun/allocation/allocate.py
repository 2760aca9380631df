"""`allocate`: a frame, its rating, usage records and allocation files in, amounts out. No files, no store."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from mujun.allocation.charging import OF_FIRM, charge, shared_by
from mujun.allocation.exactly import AMOUNT, decimals, numerators, rounded, times
from mujun.allocation.periods import span_of
from mujun.allocation.result import IDENTITY, OF_MEASURE, Allocation
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
    charged: list[pl.DataFrame] = [pl.DataFrame(schema=OF_FIRM)]
    shared: list[pl.DataFrame] = [pl.DataFrame(schema=OF_MEASURE)]
    frames: list[pl.DataFrame] = []
    counted: list[CountedAmong | None] = []
    year: int | None = None
    order = there = 0
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
                made = charge(measure, span, stood, records, year)
                charged.append(made.rows.with_columns(pl.col("_shared") + pl.lit(there, dtype=pl.UInt32)))
                shared.append(_described(measure, made.shared, order, trial))
                there += made.shared.height
            order += 1
    together = pl.concat(shared)
    back = {m.name: m.refunds for m in plan.measures if m.refunds is not None}
    rows, together = _given_back(pl.concat(charged), together, back)
    # Enterprises are put in order, which are fewer than their rows, and rows by numbers: those of the frame's rows.
    firms = in_order(frames[0].select("credit_code", *IDENTITY).with_row_index("_firm"), rating)
    place = firms["_firm"].arg_sort()
    rows = rows.select(pl.lit(place).gather("_firm").alias("_place"), pl.all().exclude("_firm"))
    in_turn = rows.select(pl.arg_sort_by("_place", shared_by("order", together))).to_series()
    return Allocation(
        plan, rating, year, rows[in_turn], together, firms.drop("_firm"), records, tuple(frames), tuple(counted)
    )


def _stood(
    part: PartPlan, frame: pl.DataFrame, rating: Rating | None, previous: pl.DataFrame | None, *, rated_here: bool
) -> pl.DataFrame:
    reads = part.reads()
    stood = standing(frame, rating, reads, part.policy.inputs, part.gaps)
    then = last_year(part.policy, previous, rating if rated_here else None, reads)
    return evaluate(part.policy.names, stood, previous=then).frame


def _described(measure: MeasurePlan, shared: pl.DataFrame, order: int, trial: bool) -> pl.DataFrame:
    """What enterprises have in common by a measure, with what its rules say of it: `OF_MEASURE`."""
    source = measure.source
    return shared.with_columns(
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


def _given_back(rows: pl.DataFrame, shared: pl.DataFrame, back: Mapping[str, str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The amounts after cap and exclusion, those that give others back computed from what these come to."""
    if not back:
        return _excluded(_capped(rows, shared), shared), shared
    gives = shared_by("measure", shared).is_in(list(back))
    refunds, rows = rows.filter(gives), rows.filter(~gives)
    rows = _excluded(_capped(rows, shared), shared)
    if refunds.is_empty():
        return rows, shared
    refunds, shared = _refunded(refunds, rows, shared, back)
    return pl.concat([rows, _excluded(_capped(refunds, shared), shared)]), shared


def _refunded(
    refunds: pl.DataFrame, rows: pl.DataFrame, shared: pl.DataFrame, of: Mapping[str, str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is given back: a share of the amount that another measure comes to; nothing where that touches nobody.

    A trial's amount was never collected, so that giving it back is a trial too.
    """
    collected = rows.select(
        "credit_code", shared_by("measure", shared).alias("_of"), pl.col("amount").alias("_amount"),
        shared_by("binding", shared).alias("_binding"),
    )  # fmt: skip
    measure = shared_by("measure", shared).replace_strict(dict(of), default=None, return_dtype=pl.String)
    joined = refunds.with_columns(measure.alias("_of")).join(
        collected, on=["credit_code", "_of"], how="inner", maintain_order="left"
    )
    (amounts, over), (rates, rates_over) = numerators(joined["_amount"]), numerators(joined["rate"])
    computed = decimals(rounded(times(amounts, rates), over * rates_over), "computed")
    noted = pl.col("computed").is_null()
    told = joined.with_columns(
        pl.when(noted).then(pl.lit(None, dtype=AMOUNT)).otherwise(computed).alias("computed"),
        pl.when(~noted).then(pl.col("_amount")).alias("quantity"),
        (shared_by("binding", shared) & pl.col("_binding")).alias("_binding"),
        noted.alias("_noted"),
    )
    # What is shared says more now than it did: of each kind of row that there is, a row of its own.
    apart = ["_shared", "_noted", "_binding"]
    kinds = told.select(apart).unique(maintain_order=True)
    more = shared[kinds["_shared"]].with_columns(
        pl.when(kinds["_noted"]).then("basis").otherwise(pl.lit("measure")).alias("basis"),
        kinds["_binding"].alias("binding"),
    )
    numbered = kinds.with_row_index("_kind", offset=shared.height)
    told = told.join(numbered, on=apart, how="left", maintain_order="left").with_columns(
        pl.col("_kind").cast(pl.UInt32).alias("_shared")
    )
    return told.select(refunds.columns), pl.concat([shared, more])


def _capped(rows: pl.DataFrame, shared: pl.DataFrame) -> pl.DataFrame:
    """`capped`, and `amount` after exemption and cap."""
    most, charged = shared_by("max_amount", shared), pl.col("exempt").is_null()
    above = (pl.col("computed") > most).fill_null(value=False) & charged
    amount = pl.when(~charged).then(pl.lit(0, dtype=AMOUNT)).when(above).then(most).otherwise(pl.col("computed"))
    return rows.with_columns(above.alias("capped"), amount.cast(AMOUNT).alias("amount"))


def _excluded(rows: pl.DataFrame, shared: pl.DataFrame) -> pl.DataFrame:
    """Of measures that exclude one another only the highest amount stays; the earlier file and measure where equal.

    A trial measure binds nobody and so excludes none that is really charged.
    """
    alone = rows.with_columns(
        pl.lit(None, dtype=pl.String).alias("excluded_by"), pl.col("amount").alias("amount_alone")
    )
    if shared["exclusive"].null_count() == shared.height:
        return alone
    told = [shared_by(n, shared).alias(f"_{n}") for n in ("measure", "order", "exclusive", "binding")]
    competing = (
        alone.with_row_index("_row")
        .select("_row", "credit_code", "exempt", "amount", *told)
        .filter(pl.col("_exclusive").is_not_null(), pl.col("exempt").is_null(), pl.col("amount").is_not_null())
        .sort("amount", "_order", descending=[True, False])
    )
    group = ["credit_code", "_exclusive", "_binding"]
    winner = [pl.col(n).first().over(group) for n in ("_measure", "_order")]
    lost = competing.with_columns(winner[0].alias("_by"), winner[1].alias("_first")).filter(
        pl.col("_order") != pl.col("_first")
    )
    joined = alone.with_row_index("_row").join(lost.select("_row", "_by"), on="_row", how="left", maintain_order="left")
    loses = pl.col("_by").is_not_null()
    return joined.with_columns(
        pl.col("_by").alias("excluded_by"),
        pl.when(loses).then(pl.lit(0, dtype=AMOUNT)).otherwise(pl.col("amount")).cast(AMOUNT).alias("amount"),
    ).select(alone.columns)
