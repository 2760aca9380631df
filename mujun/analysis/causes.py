"""Why a result changed between two ratings: own data, peers' data, rules; exactly, part by part.

The way from the earlier rating to the later one is walked in three steps, always in this order:

    0  the earlier rating: earlier rules, earlier data
    1  own data    the enterprise's later figures, measured against the earlier benchmarks, ranks and cuts
                   (`mujun.rating.visiting`)
    2  peers' data the earlier rules on everybody's later data
    3  rules       the later rating: later rules, later data

Each part is the difference between two neighbouring stages, a decimal or whole number, so the parts add up to the whole
change of score and of rank with nothing left over. Another order would share the effects of things that changed
together otherwise; this one is stated so that each stage can be looked up: what would the firm have got had only its
own figures changed, and what had the rules stayed. Where a stage has no score (the firm would not have been rated)
its neighbours cannot be told apart, and their common part stands as `joint`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import polars as pl

from mujun.fields import FRAME_FIELDS
from mujun.rating import Rating
from mujun.rating.values import values_of
from mujun.rating.visiting import visiting
from mujun.rules.names import FieldPlan
from mujun.rules.rating_plan import columns_read

STEPS = ("own", "peers", "rules")
"""The causes in the order in which they are taken."""

JOINT = "joint"
"""What cannot be told apart."""

_STAGE = ("treatment", "cohort", "score", "rank", "size", "tier")


def causes(before: Rating, moved: Rating, after: Rating) -> pl.DataFrame:
    """The change of every enterprise that is in both ratings, split by cause.

    Args:
        before: the earlier rating.
        moved: the earlier rules on the later data; `before` itself where the data are the same, `after` itself where
            the rules are.
        after: the later rating.

    Returns:
        A row per enterprise in both, by credit code: `credit_code`; of each stage 0 to 3 `treatment_0, cohort_0,
        score_0, rank_0, size_0, tier_0` and so on; `score_own, score_peers, score_rules, score_joint` and the same of
        `rank` (missing where either end has none); `tier_by`, the steps at which the tier became another.
    """
    stages = (
        _stage(before.enterprises, 0),
        _visited(before, moved),
        _stage(moved.enterprises, 2),
        _stage(after.enterprises, 3),
    )
    joined = stages[0]
    for stage in stages[1:]:
        joined = joined.join(stage, on="credit_code", how="inner")
    parts = [e for name in ("score", "rank") for e in _parts(name)]
    changed = [
        pl.when(~pl.col(f"tier_{i}").eq_missing(pl.col(f"tier_{i + 1}"))).then(pl.lit(step))
        for i, step in enumerate(STEPS)
    ]
    return joined.with_columns(*parts, pl.concat_list(changed).list.drop_nulls().alias("tier_by")).sort("credit_code")


def _stage(frame: pl.DataFrame, number: int) -> pl.DataFrame:
    types: dict[str, pl.DataType] = {"score": pl.Decimal(38, 6), "rank": pl.Int64(), "size": pl.Int64()}
    return frame.select(
        "credit_code", *(pl.col(n).cast(types.get(n, pl.String())).alias(f"{n}_{number}") for n in _STAGE)
    )


def _visited(before: Rating, moved: Rating) -> pl.DataFrame:
    """Stage 1 of every enterprise: that of its subject."""
    if moved is before:
        return _stage(before.enterprises, 1)
    moved_stage = visiting(moved, before).select("subject", *_STAGE)
    members = moved.enterprises.select("credit_code", "subject")
    return _stage(members.join(moved_stage, on="subject", how="left", maintain_order="left"), 1)


def _parts(name: str) -> list[pl.Expr]:
    """`<name>_own`, `_peers`, `_rules` and `_joint`, which add up to the whole change."""
    stages = [pl.col(f"{name}_{i}") for i in range(4)]
    ends = stages[0].is_not_null() & stages[3].is_not_null()
    steps = [pl.when(ends).then(later - earlier) for earlier, later in pairwise(stages)]
    told = pl.sum_horizontal([s.fill_null(0) for s in steps])
    lost = stages[1].is_null() | stages[2].is_null()
    joint = pl.when(ends & lost).then(stages[3] - stages[0] - told)
    return [*(s.alias(f"{name}_{step}") for s, step in zip(steps, STEPS, strict=True)), joint.alias(f"{name}_{JOINT}")]


# --------------------------------------------------------------------------------------------------- what it is made of

PARTS_SCHEMA: dict[str, pl.DataType] = {
    "credit_code": pl.String(),
    "step": pl.String(),
    "part": pl.String(),
    "name": pl.String(),
    "before": pl.Decimal(38, 6),
    "after": pl.Decimal(38, 6),
    "change": pl.Decimal(38, 6),
}

INDICATOR, ADJUSTMENT, ROUNDING = "indicator", "adjustment", "rounding"
"""Parts of a score: an indicator's points, an adjustment or a family of them, and what rounding and limits make."""


def score_parts(before: Rating, moved: Rating, after: Rating, codes: Sequence[str]) -> pl.DataFrame:
    """Of what each step's change of score is made, for some enterprises.

    Returns:
        `credit_code, step, part` (`indicator`, `adjustment`, `rounding`), `name` (an indicator's id; an adjustment's or
        a family's), `before`, `after`, `change` in points; only what changed. Of each enterprise and step with a score
        on both sides the changes add up to the step's change of score.
    """
    if moved is before:
        visited = before.subjects
    else:
        visited = visiting(moved, before)
    wanted = pl.Series(list(codes), dtype=pl.String)
    stages = [
        (before, before.subjects, before.enterprises),
        (before, visited, moved.enterprises),
        (moved, moved.subjects, moved.enterprises),
        (after, after.subjects, after.enterprises),
    ]
    tables = [_composed(r, subjects, members, wanted) for r, subjects, members in stages]
    frames = []
    for step, (one, two) in zip(STEPS, pairwise(tables), strict=True):
        joined = one.join(two, on=["credit_code", "part", "name"], how="full", coalesce=True, suffix="_after")
        both = pl.col("credit_code").is_in(one["credit_code"].implode()) & pl.col("credit_code").is_in(
            two["credit_code"].implode()
        )
        was, now = pl.col("points").fill_null(0), pl.col("points_after").fill_null(0)
        frames.append(
            joined.filter(both & (was != now)).select(
                "credit_code",
                pl.lit(step).alias("step"),
                "part",
                "name",
                was.alias("before"),
                now.alias("after"),
                (now - was).alias("change"),
            )
        )
    order = {s: i for i, s in enumerate(STEPS)}
    parts = pl.concat([f.select(pl.col(c).cast(t) for c, t in PARTS_SCHEMA.items()) for f in frames])
    return parts.sort(
        "credit_code",
        pl.col("step").replace_strict(order),
        pl.col("change").abs() * -1,
        "name",
        nulls_last=True,
    )


def _composed(rating: Rating, subjects: pl.DataFrame, members: pl.DataFrame, wanted: pl.Series) -> pl.DataFrame:
    """Of what the scores of some enterprises are made: `credit_code, part, name, points`; without a score, nothing."""
    plan = rating.plan.rating
    chosen = members.filter(pl.col("credit_code").is_in(wanted.implode())).select("credit_code", "subject")
    rows = chosen.join(subjects.drop("credit_code"), on="subject", how="left").filter(pl.col("score").is_not_null())
    loose = [a.id for a in plan.adjustments.items if a.family is None]
    columns = {(INDICATOR, n): f"{n}_points" for n in plan.indicators if f"{n}_points" in rows.columns}
    columns |= {(ADJUSTMENT, i): f"adj_{i}" for i in loose}
    columns |= {(ADJUSTMENT, name): f"family:{name}" for name in plan.adjustments.families}
    points = pl.Decimal(38, 6)
    parts = [
        rows.select(
            "credit_code",
            pl.lit(part).alias("part"),
            pl.lit(name).alias("name"),
            pl.col(column).cast(points).fill_null(0).alias("points"),
        )
        for (part, name), column in columns.items()
    ]
    told = [pl.col(c).cast(points).fill_null(0) for c in columns.values()]
    rest = pl.col("score").cast(points) - (pl.sum_horizontal(told) if told else 0)
    parts.append(
        rows.select(
            "credit_code",
            pl.lit(ROUNDING).alias("part"),
            pl.lit(None, dtype=pl.String).alias("name"),
            rest.cast(points).alias("points"),
        )
    )
    return pl.concat(parts).with_columns(pl.col("name").fill_null(""))


def changed_inputs(before: Rating, moved: Rating, codes: Sequence[str]) -> pl.DataFrame:
    """The enterprise's own figures that are not what they were, as far as the earlier rules read them.

    Args:
        before, moved: as in `causes`.
        codes: the enterprises.

    Returns:
        `credit_code, field, label, before, after, unit` as texts, in the order of the dictionary.
    """
    plan = before.plan
    schema: dict[str, pl.DataType] = {
        n: pl.String() for n in ("credit_code", "field", "label", "before", "after", "unit")
    }
    if moved is before:
        return pl.DataFrame(schema=schema)
    read = columns_read(plan)
    inputs = {p.name: p.meaning for p in plan.names.all_of(FieldPlan) if isinstance(p, FieldPlan) and not p.compiled}
    names = [n for n in FRAME_FIELDS if n in read or n in ("scale", "township", "industry")]
    meanings = [plan.scope.meanings[n] for n in names if n in plan.scope.meanings] + list(inputs.values())
    wanted = pl.Series(list(codes), dtype=pl.String).implode()
    sides = [
        values_of(r.enterprises.filter(pl.col("credit_code").is_in(wanted)), meanings).with_row_index("order")
        for r in (before, moved)
    ]
    order = {m.name: i for i, m in enumerate(meanings)}
    joined = sides[0].join(sides[1], on=["credit_code", "field"], how="inner", suffix="_after")
    return (
        joined.filter(~pl.col("value").eq_missing(pl.col("value_after")))
        .select(
            "credit_code",
            "field",
            "label",
            pl.col("value").alias("before"),
            pl.col("value_after").alias("after"),
            "unit",
        )
        .sort("credit_code", pl.col("field").replace_strict(order, return_dtype=pl.Int64))
    )
