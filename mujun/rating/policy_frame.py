"""Where every enterprise stands: its own quantities, and the tier, treatment and streak that policies go by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import RatingError, problem
from mujun.fields import FRAME_FIELDS
from mujun.rating.columns import IS_SCORED
from mujun.rating.evaluation import PreviousYear, evaluate
from mujun.rating.frames import prepared
from mujun.rating.ordering import as_results_are
from mujun.rating.rate import enterprises_last_year
from mujun.rating.result import Rating
from mujun.rating.statistics import StatisticTable
from mujun.rules.expressions import Expression, Meaning
from mujun.rules.last_year import LAST_YEAR
from mujun.rules.policy_names import AMOUNT_LAST, PolicyNames

GIVEN: dict[str, pl.DataType] = {
    "tier": pl.String(),
    "managed_as": pl.String(),
    "treatment": pl.String(),
    "cohort": pl.String(),
    "score": pl.Decimal(38, 6),
    "rank": pl.Int64(),
    "size": pl.Int64(),
}
"""What a frame may give of a rating that was made elsewhere."""


def standing(
    frame: pl.DataFrame,
    rating: Rating | None = None,
    reads: Mapping[str, Meaning] | None = None,
    inputs: Iterable[Meaning] = (),
    gaps: frozenset[str] = frozenset(),
) -> pl.DataFrame:
    """One row per enterprise of the frame, in its order, with what policies go by.

    Args:
        frame: one row per enterprise, columns as in `mujun.fields.FRAME_FIELDS`.
        rating: its rating. Without one the frame itself may give `tier`, `managed_as`, `treatment`, `cohort`,
            `score`, `rank`.
        reads: the names to bring: frame fields from the frame, anything else from the rating.
        inputs: input fields of the policy's own, brought from columns of the same name.
        gaps: what a streak passes over instead of ending: years `untiered`, years in an `other_tier`.

    Returns:
        `year, credit_code, name, township, park, industry, scale`, the names read, and `subject`, `cohort`, `score`,
        `rank`, `treatment`, `tier_shown` (the tier as published), `tier` (`managed_as` where there is one),
        `tier_last`, `tier_history` and `streak`: years running in this tier, this year counted, missing without a
        tier; a `streak` column of the frame wins.

    Raises:
        RatingError: a column of a type that cannot be what it should be, or more than one data year.
    """
    wanted = reads or {}
    rated = _from_frame(frame) if rating is None else _from_enterprises(rating.enterprises, wanted)
    return _beside(frame, rated, wanted, inputs, gaps)


def standing_last_year(
    previous: pl.DataFrame, rating: Rating | None, reads: Mapping[str, Meaning], inputs: Iterable[Meaning] = ()
) -> pl.DataFrame:
    """Last year's enterprises as `standing` gives this year's.

    Treatment, cohort, fields and indicators are those of the rating's rules on last year's figures; the tier is the one
    that last year's frame gives. Without a rating the frame gives all of it.
    """
    given = _from_frame(previous)
    if rating is None:
        return _beside(previous, given, reads, inputs, frozenset())
    rated = enterprises_last_year(rating, previous)
    if "subject" not in rated.columns:
        rated = rated.with_columns(pl.col("credit_code").alias("subject"))
    names = [n for n in GIVEN if n not in ("treatment", "cohort")]
    of_rating = _from_enterprises(rated.drop([n for n in names if n in rated.columns]), reads)
    known = of_rating.join(given.select("credit_code", *names), on="credit_code", how="left", maintain_order="left")
    return _beside(previous, known, reads, inputs, frozenset())


def last_year(
    policy: PolicyNames, previous: pl.DataFrame | None, rating: Rating | None, reads: Mapping[str, Meaning]
) -> PreviousYear | None:
    """What gives a policy file's statistics of last year; `None` where there is no last year's frame.

    Args:
        policy: the file's names.
        previous: last year's frame; it may give `tier` and the like of each enterprise.
        rating: this year's rating by the set's own rules, where it has one.
        reads: the names that the file reads.
    """
    if previous is None or policy.last is None:
        return None
    return last_year_as_stood(policy, standing_last_year(previous, rating, reads, policy.inputs))


def last_year_as_stood(policy: PolicyNames, stood: pl.DataFrame | None) -> PreviousYear | None:
    """The same from last year's enterprises, or parcels, as they stood."""
    names = policy.last
    if stood is None or names is None:
        return None

    def computed() -> Mapping[str, StatisticTable]:
        tables = evaluate(names, stood).statistics
        return {n.removesuffix(LAST_YEAR): t for n, t in tables.items() if n.endswith(LAST_YEAR)}

    return computed


def _beside(
    frame: pl.DataFrame,
    rated: pl.DataFrame,
    wanted: Mapping[str, Meaning],
    inputs: Iterable[Meaning],
    gaps: frozenset[str],
) -> pl.DataFrame:
    """A frame's own quantities beside what is known of each enterprise's rating."""
    fields = [n for n in wanted if n in FRAME_FIELDS]
    # What a measure came to last year is brought by the frame, like an input.
    amounts = [m for n, m in wanted.items() if n.endswith(AMOUNT_LAST) and n not in FRAME_FIELDS]
    brought = {m.name: m for m in (*amounts, *inputs)}
    ready = prepared(frame, [*fields, "tier_last", "tier_history"], brought.values())
    # A policy's input field and a rating's may have one name: the frame brings both.
    rated = rated.drop([c for c in rated.columns if c != "credit_code" and c in ready.columns])
    joined = _joined(ready, rated).with_columns(
        pl.col("treatment").fill_null("out"),
        pl.col("tier").alias("tier_shown"),
        pl.coalesce("managed_as", "tier").alias("tier"),
    )
    return _with_streak(joined, frame, gaps)


def _joined(ready: pl.DataFrame, rated: pl.DataFrame) -> pl.DataFrame:
    """Both side by side. A frame's own rating has its enterprises in its order: then no column is copied."""
    if ready["credit_code"].equals(rated["credit_code"]):
        return ready.hstack(rated.drop("credit_code"))
    return ready.join(rated, on="credit_code", how="left", maintain_order="left")


@dataclass(frozen=True)
class CountedAmong:
    """Among whom statistics were computed: `all` enterprises or those `rated`, by which condition, and how many."""

    of: str
    scope: Expression | None
    count: int


def counted_among(policy: PolicyNames, stood: pl.DataFrame) -> CountedAmong | None:
    """Among whom the statistics of a policy file were computed; `None` where it has none.

    Args:
        policy: the file's names.
        stood: every enterprise with its standing and these names computed.
    """
    counted = policy.counted
    if counted is None:
        return None
    met = pl.repeat(value=True, n=pl.len()) if counted.of == "all" else IS_SCORED
    if counted.scope is not None:
        met = met & counted.scope.value.expr.fill_null(value=False)
    source = counted.scope.source if counted.scope is not None else None
    return CountedAmong(counted.of, source, int(stood.select(met.alias("met"))["met"].sum()))


def data_year(stood: pl.DataFrame, rating: Rating | None = None) -> int | None:
    """The one data year of a frame; the rating's where the frame does not say.

    Raises:
        RatingError: the frame has several.
    """
    years = stood["year"].drop_nulls().unique().sort().to_list()
    if len(years) > 1:
        raise RatingError(problem("frame_years", years=years))
    return years[0] if years else (rating.year if rating is not None else None)


def in_order(stood: pl.DataFrame, rating: Rating | None, *then: str) -> pl.DataFrame:
    """Rows sorted as every result is: by cohort as declared, rank, subject, credit code, and then by `then`."""
    cohorts = [c.id for c in rating.plan.rating.cohorts] if rating is not None else []
    return as_results_are(stood, cohorts, *then)


def _from_frame(frame: pl.DataFrame) -> pl.DataFrame:
    have = frame.schema
    code = pl.col("credit_code").cast(pl.String)
    columns: list[pl.Expr] = [code, code.alias("subject")]
    for name, dtype in GIVEN.items():
        if name not in have or have[name] == pl.Null:
            columns.append(pl.lit(None, dtype=dtype).alias(name))
            continue
        text = have[name] == pl.String or isinstance(have[name], (pl.Enum, pl.Categorical))
        if text != (dtype == pl.String()):
            raise RatingError(problem("frame_column_type", column=name, seen=str(have[name]), wanted=str(dtype)))
        columns.append(pl.col(name).cast(dtype))
    given = frame.select(columns)
    if given["treatment"].null_count() == given.height:
        # A frame that says nothing of treatments: those with a tier were rated; where nobody has one, all count.
        tiered = given["tier"].null_count() < given.height
        known = pl.col("tier").is_not_null() if tiered else pl.lit(value=True)
        given = given.with_columns(pl.when(known).then(pl.lit("rated")).otherwise(pl.lit("out")).alias("treatment"))
    return given


def _from_enterprises(have: pl.DataFrame, wanted: Mapping[str, Meaning]) -> pl.DataFrame:
    names = [n for n in wanted if n in have.columns and n not in FRAME_FIELDS and n not in GIVEN]
    return have.select(
        "credit_code",
        "subject",
        *(pl.col(n).cast(wanted[n].dtype) for n in names),
        *(n for n in GIVEN if n in have.columns),
    )


def _with_streak(stood: pl.DataFrame, frame: pl.DataFrame, gaps: frozenset[str]) -> pl.DataFrame:
    history = (
        pl.when(pl.col("tier_history").list.len() > 0)
        .then(pl.col("tier_history"))
        .when(pl.col("tier_last").is_not_null())
        .then(pl.concat_list("tier_last"))
        .otherwise(pl.lit([], dtype=pl.List(pl.String)))
    )
    stood = stood.with_columns(history.alias("tier_history"))
    stood = stood.with_columns(
        pl.coalesce("tier_last", pl.col("tier_history").list.get(0, null_on_oob=True)).alias("tier_last")
    )
    longest = stood["tier_history"].list.len().max()
    running: pl.Expr = pl.col("tier").is_not_null()
    years: pl.Expr = running.cast(pl.Int32)
    for back in range(longest if isinstance(longest, int) else 0):
        then = pl.col("tier_history").list.get(back, null_on_oob=True)
        same = (then == pl.col("tier")).fill_null(value=False)
        passed = pl.lit("untiered" in gaps) & then.is_null()
        passed = passed | (pl.lit("other_tier" in gaps) & then.is_not_null())
        running = running & (same | passed)
        years = years + (running & same).cast(pl.Int32)
    counted: pl.Expr = pl.when(pl.col("tier").is_not_null()).then(years)
    if "streak" in frame.columns and frame.schema["streak"] != pl.Null:
        if not (frame.schema["streak"].is_integer() or isinstance(frame.schema["streak"], pl.Decimal)):
            seen = str(frame.schema["streak"])
            raise RatingError(problem("frame_column_type", column="streak", seen=seen, wanted="Int32"))
        given = frame.select(pl.col("streak").cast(pl.Int32).alias("_streak"))["_streak"]
        counted = pl.coalesce(pl.lit(given), counted)
    return stood.with_columns(counted.cast(pl.Decimal(38, 0)).alias("streak"))
