"""Two results of the same county side by side: who moved, from where to where, in which groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from mujun.rules.allocation_plan import compile_allocation
from mujun.rules.rating_plan import RatingPlan
from mujun.rules.ruleset import RuleSet

UP, DOWN, GAINED, LOST, OTHER, SAME = "up", "down", "gained", "lost", "other", "same"
DIRECTIONS = (UP, DOWN, GAINED, LOST, OTHER, SAME)
"""How a tier changed: better, worse, none before, none now, to or from a tier outside the ladder, or not at all."""

BOTH, ENTERED, LEFT = "both", "entered", "left"
"""Whether an enterprise is on record in both results, only in the later, or only in the earlier."""

GROUPS = ("cohort", "township", "industry_division", "scale")
"""What movements are counted by."""

_ABOUT = ("name", "township", "industry", "scale")
_RESULT: dict[str, pl.DataType] = {
    "cohort": pl.String(),
    "treatment": pl.String(),
    "score": pl.Decimal(38, 6),
    "rank": pl.Int64(),
    "size": pl.Int64(),
    "tier": pl.String(),
    "reason": pl.String(),
}


def ladder_of(plan: RatingPlan) -> tuple[str, ...]:
    """The tiers that a rating's cuts give, best first."""
    tiers = plan.rating.tiers
    if tiers is None:
        return ()
    given: set[str] = set()
    for cut in tiers.cut.values():
        given |= {*(cut.shares or {}), *(cut.thresholds or {}), *(p.tier for p in cut.picks or ())}
        given |= {cut.rest} if cut.rest else set()
    return tuple(t for t in plan.tier_ids if t in given)


def common_ladder(before: Sequence[str], after: Sequence[str]) -> tuple[str, ...]:
    """The tiers that two ladders share, best first; none where they put them in another order."""
    shared = [t for t in before if t in after]
    return tuple(shared) if shared == [t for t in after if t in before] else ()


def compare_ratings(before: pl.DataFrame, after: pl.DataFrame, ladder: Sequence[str]) -> pl.DataFrame:
    """Every enterprise of two results, with both.

    Args:
        before, after: what `Rating.ratings` exports.
        ladder: the tiers that can be told better from worse, best first.

    Returns:
        A row per enterprise of either, by credit code: `credit_code, name, township, industry, industry_division,
        scale` (of the later result where it has them), `presence`, of `cohort, treatment, score, rank, size, tier,
        reason` both `_before` and `_after`, `score_change`, `rank_change` (less is better), `direction` and `steps`
        (rungs up the ladder, negative down; missing where the ladder cannot tell).
    """
    sides = []
    for rows, suffix in ((before, "_before"), (after, "_after")):
        results = [pl.col(n).cast(t).alias(n + suffix) for n, t in _RESULT.items()]
        sides.append(
            rows.select("credit_code", *(pl.col(n).cast(pl.String).alias(n + suffix) for n in _ABOUT), *results)
        )
    joined = sides[0].join(sides[1], on="credit_code", how="full", coalesce=True)
    known = [rows["credit_code"].implode() for rows in (before, after)]
    was, now = (pl.col("credit_code").is_in(k) for k in known)
    places = {t: i for i, t in enumerate(ladder)}
    rung = [
        pl.col(f"tier_{side}").replace_strict(places, default=None, return_dtype=pl.Int64)
        for side in ("before", "after")
    ]
    joined = joined.with_columns(
        *(pl.coalesce(f"{n}_after", f"{n}_before").alias(n) for n in _ABOUT),
        pl.when(was & now).then(pl.lit(BOTH)).when(now).then(pl.lit(ENTERED)).otherwise(pl.lit(LEFT)).alias("presence"),
        (pl.col("score_after") - pl.col("score_before")).alias("score_change"),
        (pl.col("rank_after") - pl.col("rank_before")).alias("rank_change"),
        (rung[0] - rung[1]).alias("steps"),
    )
    tier_before, tier_after = pl.col("tier_before"), pl.col("tier_after")
    direction = (
        pl.when(tier_before.eq_missing(tier_after))
        .then(pl.lit(SAME))
        .when(tier_before.is_null())
        .then(pl.lit(GAINED))
        .when(tier_after.is_null())
        .then(pl.lit(LOST))
        .when(pl.col("steps") > 0)
        .then(pl.lit(UP))
        .when(pl.col("steps") < 0)
        .then(pl.lit(DOWN))
        .otherwise(pl.lit(OTHER))
    )
    shown = [f"{n}_{side}" for n in _RESULT for side in ("before", "after")]
    return joined.select(
        "credit_code",
        *_ABOUT[:3],
        pl.col("industry").str.extract(r"^(\d{2})").alias("industry_division"),
        "scale",
        "presence",
        *shown,
        "score_change",
        "rank_change",
        direction.alias("direction"),
        "steps",
    ).sort("credit_code")


def movers(firms: pl.DataFrame) -> pl.DataFrame:
    """Who changed tier: those who fell furthest first, then by the loss of score, then by code."""
    moved = firms.filter(pl.col("direction") != SAME)
    order = pl.col("direction").replace_strict({d: i for i, d in enumerate((DOWN, LOST, OTHER, GAINED, UP))})
    return moved.sort(order, "steps", "score_change", "credit_code", nulls_last=True)


def migration(firms: pl.DataFrame, by: str | None = None) -> pl.DataFrame:
    """How many enterprises went from which tier to which.

    Args:
        firms: what `compare_ratings` gives.
        by: `cohort` (the later one, else the earlier), `township`, `industry_division` or `scale`; `None` for all.

    Returns:
        `group` (missing for all), `tier_before`, `tier_after`, `enterprises`; who has no tier in either is left out.
    """
    group = group_of(by)
    tiered = firms.filter(pl.col("tier_before").is_not_null() | pl.col("tier_after").is_not_null())
    return (
        tiered.group_by(group.alias("group"), "tier_before", "tier_after")
        .agg(pl.len().cast(pl.Int64).alias("enterprises"))
        .sort("group", "tier_before", "tier_after", nulls_last=True)
    )


def directions(firms: pl.DataFrame, by: str | None = None) -> pl.DataFrame:
    """How many enterprises moved which way: `group`, a column per direction, and `enterprises`."""
    group = group_of(by)
    tiered = firms.filter(pl.col("tier_before").is_not_null() | pl.col("tier_after").is_not_null())
    counted = [(pl.col("direction") == d).sum().cast(pl.Int64).alias(d) for d in DIRECTIONS]
    return (
        tiered.group_by(group.alias("group"))
        .agg(*counted, pl.len().cast(pl.Int64).alias("enterprises"))
        .sort("group", nulls_last=True)
    )


def tier_counts(firms: pl.DataFrame, by: str = "cohort") -> pl.DataFrame:
    """How many enterprises each tier has before and after: `group`, `tier`, `before`, `after`, `change`."""
    sides = []
    for side in ("before", "after"):
        group = pl.col(f"cohort_{side}") if by == "cohort" else pl.col(by)
        sides.append(
            firms.filter(pl.col(f"tier_{side}").is_not_null())
            .group_by(group.alias("group"), pl.col(f"tier_{side}").alias("tier"))
            .agg(pl.len().cast(pl.Int64).alias(side))
        )
    joined = sides[0].join(sides[1], on=["group", "tier"], how="full", coalesce=True, nulls_equal=True)
    return (
        joined.with_columns(pl.col("before").fill_null(0), pl.col("after").fill_null(0))
        .select("group", "tier", "before", "after", (pl.col("after") - pl.col("before")).alias("change"))
        .sort("group", "tier", nulls_last=True)
    )


def group_of(by: str | None) -> pl.Expr:
    """The group of each enterprise; the later cohort goes before the earlier one."""
    if by is None:
        return pl.lit(None, dtype=pl.String)
    return pl.coalesce("cohort_after", "cohort_before") if by == "cohort" else pl.col(by)


def effects(
    firms: pl.DataFrame, lists: pl.DataFrame | None, amounts: pl.DataFrame | None, by: str | None = None
) -> pl.DataFrame:
    """Everything that differs, counted by group.

    Args:
        firms, lists, amounts: what `compare_ratings`, `compare_lists` and `compare_amounts` give.
        by: as in `migration`.

    Returns:
        What `directions` gives, and `listed`, `struck` (enterprises), `burden` (万元, exact), `losers`, `winners` (who
        pays more, who less); these are missing where either side's rules have no list, or no measures.
    """
    groups = firms.select("credit_code", group_of(by).alias("group"))
    counts = directions(firms, by)
    counted: list[pl.DataFrame] = []
    if lists is not None:
        of_list = [(pl.col("change") == c).sum().cast(pl.Int64).alias(c) for c in ("listed", "struck")]
        counted.append(lists.join(groups, on="credit_code", how="left").group_by("group").agg(of_list))
    if amounts is not None:
        burden = pl.col("burden")
        counted.append(
            burdens(amounts)
            .join(groups, on="credit_code", how="left")
            .group_by("group")
            .agg(
                burden.sum(),
                (burden > 0).sum().cast(pl.Int64).alias("losers"),
                (burden < 0).sum().cast(pl.Int64).alias("winners"),
            )
        )
    for more in counted:
        counts = counts.join(more, on="group", how="full", coalesce=True, nulls_equal=True)
        counts = counts.with_columns(pl.col(c).fill_null(0) for c in counts.columns if c != "group")
    absent: dict[str, pl.DataType] = {
        **(dict.fromkeys(("listed", "struck"), pl.Int64()) if lists is None else {}),
        **({"burden": pl.Decimal(38, 6), "losers": pl.Int64(), "winners": pl.Int64()} if amounts is None else {}),
    }
    return (
        counts.with_columns(pl.lit(None, dtype=t).alias(c) for c, t in absent.items())
        .select("group", *DIRECTIONS, "enterprises", "listed", "struck", "burden", "losers", "winners")
        .sort("group", nulls_last=True)
    )


# ----------------------------------------------------------------------------------------------------- list and amounts


def compare_lists(before: pl.DataFrame | None, after: pl.DataFrame | None) -> pl.DataFrame | None:
    """Who is on the rectification list in one result only, or for other reasons.

    Args:
        before, after: what `Listing.rectification` gives; `None` where the rules make no list.

    Returns:
        `None` where either side has no list: then nobody was struck off; nor where one lists enterprises and the other
        parcels. Else `credit_code, name, township, change` (`listed`, `struck`, `reasons`), `reasons_before`,
        `reasons_after`; of parcels `credit_code` is the parcel's number.
    """
    if before is None or after is None or ("parcel" in before.columns) != ("parcel" in after.columns):
        return None
    whose = "parcel" if "parcel" in before.columns else "credit_code"
    columns = {"credit_code": whose, "name": "name", "township": "township", "reason_text": "reason_text"}
    old, new = (t.select(pl.col(c).cast(pl.String).alias(n) for n, c in columns.items()) for t in (before, after))
    joined = old.join(new, on="credit_code", how="full", coalesce=True, suffix="_after")
    was, now = (pl.col("credit_code").is_in(t["credit_code"].implode()) for t in (old, new))
    change = pl.when(~was).then(pl.lit("listed")).when(~now).then(pl.lit("struck")).otherwise(pl.lit("reasons"))
    return (
        joined.filter(~(was & now) | ~pl.col("reason_text").eq_missing(pl.col("reason_text_after")))
        .select(
            "credit_code",
            pl.coalesce("name_after", "name").alias("name"),
            pl.coalesce("township_after", "township").alias("township"),
            change.alias("change"),
            pl.col("reason_text").alias("reasons_before"),
            pl.col("reason_text_after").alias("reasons_after"),
        )
        .sort("change", "credit_code")
    )


def compare_several_lists(
    before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame], labels: Mapping[str, str]
) -> pl.DataFrame | None:
    """`compare_lists` of every list that both results have under one name.

    Args:
        before, after: by name, what `Listing.rectification` gives; an only list under the empty name.
        labels: what a list is called, by its name.

    Returns:
        `None` where they have none in common. Else what `compare_lists` gives of all of them; with a column `list`,
        what each is called, where any has a name.
    """
    told = {n: t for n in after if (t := compare_lists(before.get(n), after[n])) is not None}
    if not told:
        return None
    if set(told) == {""}:
        return told[""]
    return pl.concat(t.with_columns(pl.lit(labels.get(n, n)).alias("list")) for n, t in told.items())


SIGNS = {"surcharge": 1, "relief": -1}
"""What an enterprise pays and what it is spared, by the kind of measure."""


def compare_amounts(before: pl.DataFrame | None, after: pl.DataFrame | None) -> pl.DataFrame | None:
    """What measures in money cost or spare each enterprise in two results.

    Args:
        before, after: what `Allocation.allocation` gives; `None` where the rules have no measures.

    Returns:
        `None` where either side has no measures. Else a row per enterprise and measure whose amount differs:
        `credit_code, name, township, measure, kind, amount_before, amount_after, change`, and `burden`, the change as
        the enterprise feels it (more surcharge or less relief is a burden); in 万元, exact.
    """
    if before is None or after is None:
        return None
    keys = ["credit_code", "measure", "kind"]
    amount = pl.Decimal(38, 6)
    schema = {**dict.fromkeys([*keys, "name", "township"], pl.String()), "amount": amount}
    sides = []
    for table in (before, after):
        money = table.filter(pl.col("kind").is_in(list(SIGNS)), pl.col("unit") == "万元")
        sides.append(money.select(pl.col(c).cast(t) for c, t in schema.items()))
    joined = sides[0].join(sides[1], on=keys, how="full", coalesce=True, suffix="_after")
    # An amount that was not there is none: to compare is to subtract.
    was, now = pl.col("amount").fill_null(0), pl.col("amount_after").fill_null(0)
    sign = pl.col("kind").replace_strict(SIGNS, return_dtype=pl.Int64).cast(pl.Decimal(38, 0))
    return (
        joined.filter(was != now)
        .select(
            "credit_code",
            pl.coalesce("name_after", "name").alias("name"),
            pl.coalesce("township_after", "township").alias("township"),
            "measure",
            "kind",
            was.cast(amount).alias("amount_before"),
            now.cast(amount).alias("amount_after"),
            (now - was).cast(amount).alias("change"),
            ((now - was) * sign).cast(amount).alias("burden"),
        )
        .sort("credit_code", "measure")
    )


def in_effect(table: pl.DataFrame | None, ruleset: RuleSet, *, binding: bool) -> pl.DataFrame | None:
    """The amounts of measures that are really charged: those of a trial cost nobody anything.

    Args:
        table: what `Allocation.allocation` gives, or `None`.
        ruleset: the rules it was made by.
        binding: whether the rating it rests on has effect.
    """
    if table is None or ruleset.allocation is None:
        return None
    names = [m.name for m in compile_allocation(ruleset).measures if m.binding] if binding else []
    return table.filter(pl.col("measure").is_in(pl.Series(names, dtype=pl.String).implode()))


def burdens(amounts: pl.DataFrame) -> pl.DataFrame:
    """What each enterprise pays more (or less, negative) in all: `credit_code`, `burden`, those of nothing left out."""
    summed = amounts.group_by("credit_code").agg(pl.col("burden").sum())
    return summed.filter(pl.col("burden") != 0).sort("burden", "credit_code", descending=[True, False])


def total_burden(amounts: pl.DataFrame) -> pl.DataFrame:
    """Totals of each measure: `kind, measure, enterprises` (whose amount differs), `before`, `after`, `change`."""
    return (
        amounts.group_by("kind", "measure")
        .agg(
            pl.len().cast(pl.Int64).alias("enterprises"),
            pl.col("amount_before").sum().alias("before"),
            pl.col("amount_after").sum().alias("after"),
            pl.col("change").sum(),
        )
        .sort("kind", "measure")
    )
