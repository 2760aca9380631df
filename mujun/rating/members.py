"""Who is in a subject, and what part of each of its quantities is whose."""

from __future__ import annotations

import polars as pl

from mujun.fields import FRAME_FIELDS
from mujun.numbers import QUANTITY, at12, divided
from mujun.rules.names import FieldPlan
from mujun.rules.rating_plan import RatingPlan

SUBJECTS = "_subject"
"""The ending of a column that holds, beside a member's own value, that of its subject."""


def quantities_of(plan: RatingPlan) -> tuple[str, ...]:
    """The quantities that the indicators of a rating are made of and that add up over members, in order.

    Fields of the rules count where they add up; of those that are computed anew after merging, what they read does.
    """
    fields = {p.name: p for p in plan.names.all_of(FieldPlan) if isinstance(p, FieldPlan)}
    names: dict[str, None] = {"land_mu": None}

    def visit(name: str) -> None:
        field = fields.get(name)
        if field is None:
            if name in FRAME_FIELDS and FRAME_FIELDS[name].kind == "quantity" and FRAME_FIELDS[name].pools == "sum":
                names[name] = None
        elif not field.again and field.meaning.kind in ("exact", "number") and field.pool in (None, "sum"):
            names[name] = None
        elif field.again and field.compiled is not None:
            for read in sorted(field.compiled.names):
                visit(read)

    for indicator in plan.indicators:
        for compiled in (indicator.of, indicator.per, indicator.value):
            for name in sorted(compiled.names) if compiled is not None else ():
                visit(name)
    return tuple(names)


def scored_indicators(plan: RatingPlan) -> tuple[str, ...]:
    """The indicators that some cohort is scored by, in order."""
    used = {name for scoring in plan.rating.scoring.values() for name in scoring.items}
    return tuple(name for name in plan.rating.indicators if name in used)


def member_columns(plan: RatingPlan) -> tuple[str, ...]:
    """The columns that a member's row has beside its subject's result.

    Each quantity as `<quantity>` (the member's part) and `<quantity>_subject` (all members together), then
    `<indicator>_subject`, the value that the points come from; `<indicator>` is the member's own.
    """
    parts = [name for quantity in quantities_of(plan) for name in (quantity, f"{quantity}{SUBJECTS}")]
    return (*parts, *(f"{name}{SUBJECTS}" for name in scored_indicators(plan)))


def with_parts(plan: RatingPlan, enterprises: pl.DataFrame, subjects: pl.DataFrame) -> pl.DataFrame:
    """Enterprises with `members` and the values of their subject beside their own (`member_columns`)."""
    wanted = [*quantities_of(plan), *scored_indicators(plan)]
    shared = subjects.select("subject", "members", *(pl.col(name).alias(f"{name}{SUBJECTS}") for name in wanted))
    return enterprises.drop("members", strict=False).join(shared, on="subject", how="left", maintain_order="left")


def members_of(
    plan: RatingPlan, enterprises: pl.DataFrame, subjects: pl.DataFrame, *, several: bool = True
) -> pl.DataFrame:
    """Each member of each subject with its part of every quantity.

    Args:
        plan: the rules.
        enterprises, subjects: of a rating.
        several: only subjects of two members or more.

    Returns:
        A row per member: `subject, credit_code, name, township, members` (how many the subject has), `cohort, score,
        rank, tier` (the shared result), then per quantity of `quantities_of`: `<quantity>` (the member's part, missing
        where it reports none), `<quantity>_subject` (the sum) and `<quantity>_share` (part ÷ sum, taken at 12 decimals,
        missing where the sum is missing or zero). Sorted by subject and credit code.
    """
    if "members" in subjects.columns:
        rows = with_parts(plan, enterprises, subjects)
    else:
        rows = _alone(plan, enterprises)
    if several:
        rows = rows.filter(pl.col("members").list.len() > 1)
    columns: list[pl.Expr] = []
    for name in quantities_of(plan):
        part, whole = pl.col(name), pl.col(f"{name}{SUBJECTS}")
        below = pl.when(whole != 0).then(whole.cast(pl.Float64))
        share = at12(divided(part.cast(pl.Float64), below))
        columns += [part, whole, share.alias(f"{name}_share")]
    return rows.select(
        "subject",
        "credit_code",
        "name",
        "township",
        pl.col("members").list.len().cast(pl.Int64).alias("members"),
        "cohort",
        "score",
        "rank",
        "tier",
        *columns,
    ).sort("subject", "credit_code")


def _alone(plan: RatingPlan, enterprises: pl.DataFrame) -> pl.DataFrame:
    """Each enterprise as the only member of itself."""
    wanted = [*quantities_of(plan), *scored_indicators(plan)]
    if "land_mu" not in enterprises.columns:
        # Rules that never look at land do not bring it.
        enterprises = enterprises.with_columns(pl.lit(None, dtype=QUANTITY).alias("land_mu"))
    return enterprises.with_columns(
        pl.concat_list("credit_code").alias("members"), *(pl.col(n).alias(f"{n}{SUBJECTS}") for n in wanted)
    )
