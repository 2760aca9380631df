"""Who gets which tier, which indicator makes the difference, and what the weights come to in effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from decimal import Decimal
from fractions import Fraction

import polars as pl

from mujun.analysis.fairness import chance
from mujun.analysis.fairness.exact import apportioned, association, correlation, explained, moments, ranked
from mujun.analysis.fairness.groups import DIMENSIONS, ORDERED, grouped
from mujun.dataclass import dataclass
from mujun.notebooks import InNotebooks
from mujun.numbers import round_decimal
from mujun.rating import Rating
from mujun.rating.members import scored_indicators

PLACES = 4
"""Decimals of scores, parts, shares of weight and correlations."""

REST = "rest"
"""The part of a score that is no indicator's: bonuses and penalties, limits, rounding."""

SMALL = 20
"""Groups of fewer subjects are marked: one firm more or less changes their shares by five in a hundred."""

ALIKE = Decimal("0.8")
"""From this rank correlation on two indicators say nearly the same."""

_NUMBER = pl.Decimal(18, PLACES)


@dataclass(frozen=True)
class Fairness(InNotebooks):
    """A rating seen from the side of those who are rated. All numbers are exact until they are rounded once.

    Attributes:
        rating: the rating.
        tiers: the tiers that occur among rated subjects, best first.
        dimensions: a row per dimension of `DIMENSIONS`: `dimension, groups, subjects, known` (how many have a group),
            `association` (Cramér's V of group and tier over those with a group, 0 to 1), `chance` (what 95 of 100
            shuffles of the groups do not exceed) and `as_large` (in what share of the shuffles it is as large).
        shares: a row per group: `dimension, group` (missing where unknown), `subjects, small`, then per tier
            `count:<tier>` and `share:<tier>` (% of the group); first the row `all`.
        drivers: a row per cohort and group: `cohort, dimension, group, subjects, small, mean_score, difference` (the
            group's mean score − the cohort's), `driver` (the indicator with the largest part in the direction of the
            difference), and `part:<indicator>`, `part:rest`, which add up to `difference`.
        weights: a row per cohort and indicator, and one for `rest`: `cohort, indicator, weight` (as the rules say),
            `nominal` (its share of all weights), `effective` (its share of the variance of the score: covariance with
            the score ÷ variance; they add up to 1) with `least` and `most` (its range in counties drawn from this one),
            `explained` (R² of its points on the other indicators' points).
        correlations: a row per cohort and pair: `cohort, first, second, subjects, pearson, spearman` of their points;
            missing where one does not vary.
    """

    rating: Rating = field(repr=False)
    tiers: tuple[str, ...]
    dimensions: pl.DataFrame = field(repr=False)
    shares: pl.DataFrame = field(repr=False)
    drivers: pl.DataFrame = field(repr=False)
    weights: pl.DataFrame = field(repr=False)
    correlations: pl.DataFrame = field(repr=False)


def fairness(rating: Rating, frame: pl.DataFrame) -> Fairness:
    """Look at a rating by groups, indicators and weights.

    Args:
        rating: a rating; its rated subjects count, those with a special treatment do not.
        frame: the frame it was made from.

    Returns:
        The same digits whatever the order of rows.
    """
    groups = grouped(rating, frame)
    rated = rating.subjects.filter(pl.col("treatment") == "rated").sort("subject")
    rated = rated.join(groups.select("subject", *(pl.col(d).alias(f"by:{d}") for d in DIMENSIONS)), on="subject",
                       how="left", maintain_order="left")  # fmt: skip
    tiers = tuple(t for t in rating.plan.tier_ids if (rated["tier"] == t).any())
    shares = _shares(rated, tiers)
    cohorts = [c.id for c in rating.plan.rating.cohorts]
    looked = [_Cohort.of(rating, rated, cohort) for cohort in cohorts]
    present = [c for c in looked if c is not None]
    return Fairness(
        rating,
        tiers,
        _dimensions(rated, shares, tiers),
        shares,
        _drivers(rating, present),
        pl.DataFrame([row for c in present for row in c.weights(rating)], schema=_WEIGHTS, orient="row"),
        pl.DataFrame([row for c in present for row in c.pairs()], schema=_PAIRS, orient="row"),
    )


# --------------------------------------------------------------------------------------------------------- tier shares


def _shares(rated: pl.DataFrame, tiers: Sequence[str]) -> pl.DataFrame:
    counts = [(pl.col("tier") == t).sum().cast(pl.Int64).alias(f"count:{t}") for t in tiers]
    whole = rated.select(
        pl.lit("all").alias("dimension"), pl.lit(None, dtype=pl.String).alias("group"), pl.len().alias("subjects"),
        *counts,
    ).head(1)  # fmt: skip
    tables = [whole if rated.height else whole.clear()]
    for dimension in DIMENSIONS:
        by = rated.group_by(pl.col(f"by:{dimension}").alias("group")).agg(pl.len().alias("subjects"), *counts)
        ordered = in_order(by, dimension).with_columns(pl.lit(dimension).alias("dimension"))
        tables.append(ordered.select(whole.columns))
    every = pl.concat(tables).with_columns(pl.col("subjects").cast(pl.Int64))
    percents: list[list[Decimal]] = [[] for _ in tiers]
    for row in every.iter_rows(named=True):
        for column, t in zip(percents, tiers, strict=True):
            column.append(round_decimal(Fraction(100 * row[f"count:{t}"], row["subjects"]), 2))
    wide = every.with_columns(
        (pl.col("subjects") < SMALL).alias("small"),
        *(
            pl.Series(f"share:{t}", column, dtype=pl.Decimal(5, 2))
            for column, t in zip(percents, tiers, strict=True)
        ),
    )  # fmt: skip
    pairs = [f"{kind}:{t}" for t in tiers for kind in ("count", "share")]
    return wide.select("dimension", "group", "subjects", "small", *pairs)


def in_order(by: pl.DataFrame, dimension: str) -> pl.DataFrame:
    """Groups in their own order where they have one, else the largest first; the unknown last."""
    order = ORDERED.get(dimension)
    if order is not None:
        place = pl.col("group").replace_strict(
            {g: i for i, g in enumerate(order)}, default=len(order), return_dtype=pl.Int32
        )
        return by.sort(pl.col("group").is_null(), place, "group")
    return by.sort(pl.col("group").is_null(), "subjects", "group", descending=[False, True, False])


def _dimensions(rated: pl.DataFrame, shares: pl.DataFrame, tiers: Sequence[str]) -> pl.DataFrame:
    rows: list[tuple[object, ...]] = []
    for dimension in DIMENSIONS:
        known = shares.filter(pl.col("dimension") == dimension, pl.col("group").is_not_null())
        counts = known.select(f"count:{t}" for t in tiers).rows()
        rows.append((dimension, known.height, rated.height, known["subjects"].sum(), association(counts, PLACES)))
    dealt = chance.shuffled([(rated[f"by:{d}"], rated["tier"]) for d in DIMENSIONS], PLACES)
    rows = [(*row, c.up_to if c else None, c.as_large if c else None) for row, c in zip(rows, dealt, strict=True)]
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "dimension": pl.String, "groups": pl.Int64, "subjects": pl.Int64, "known": pl.Int64, "association": _NUMBER,
        "chance": _NUMBER, "as_large": _NUMBER,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


# ----------------------------------------------------------------------------------------------- one cohort's scores


_WEIGHTS: dict[str, pl.DataType | type[pl.DataType]] = {
    "cohort": pl.String, "indicator": pl.String, "weight": pl.Decimal(18, 6), "nominal": _NUMBER, "effective": _NUMBER,
    "least": _NUMBER, "most": _NUMBER, "explained": _NUMBER,
}  # fmt: skip
_PAIRS: dict[str, pl.DataType | type[pl.DataType]] = {
    "cohort": pl.String, "first": pl.String, "second": pl.String, "subjects": pl.Int64, "pearson": _NUMBER,
    "spearman": _NUMBER,
}  # fmt: skip


@dataclass(frozen=True)
class _Cohort:
    """A cohort's scores as whole numbers of 10⁻ᵖˡᵃᶜᵉˢ: a column per part, `rest`, and `score`, in subject order."""

    cohort: str
    indicators: tuple[str, ...]
    places: int
    parts: pl.DataFrame
    groups: pl.DataFrame

    @classmethod
    def of(cls, rating: Rating, rated: pl.DataFrame, cohort: str) -> _Cohort | None:
        rows = rated.filter(pl.col("cohort") == cohort)
        scoring = rating.plan.rating.scoring.get(cohort)
        if rows.is_empty() or scoring is None:
            return None
        names = tuple(n for n in scored_indicators(rating.plan) if n in scoring.items)
        decimals = rating.plan.rating.decimals
        places = max(decimals.points, decimals.score)

        def whole(column: str) -> pl.Expr:
            scaled = pl.col(column).cast(pl.Decimal(38, places)) * pl.lit(10**places, dtype=pl.Decimal(38, 0))
            return scaled.cast(pl.Int64).fill_null(0)

        parts = rows.select(*(whole(f"{n}_points").alias(n) for n in names), whole("score").alias("score"))
        rest = pl.col("score") - pl.sum_horizontal(names) if names else pl.col("score")
        return cls(
            cohort,
            names,
            places,
            parts.select(*names, rest.cast(pl.Int64).alias(REST), "score"),
            rows.select(f"by:{d}" for d in DIMENSIONS),
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """The parts of the score."""
        return (*self.indicators, REST)

    def means(self, dimension: str | None) -> pl.DataFrame:
        """Sums of every part and the score, and the number of subjects, by group or in all."""
        sums = [pl.col(c).sum() for c in (*self.columns, "score")]
        if dimension is None:
            return self.parts.select(pl.len().alias("subjects"), *sums)
        by = self.parts.with_columns(self.groups[f"by:{dimension}"].alias("group"))
        return in_order(by.group_by("group").agg(pl.len().alias("subjects"), *sums), dimension)

    def weights(self, rating: Rating) -> list[tuple[object, ...]]:
        """Nominal and effective weights of the parts."""
        items = rating.plan.rating.scoring[self.cohort].items
        total = sum((Fraction(items[n].weight) for n in self.indicators), Fraction(0))
        nominal = apportioned([Fraction(items[n].weight) / total for n in self.indicators], PLACES) if total else []
        of_parts = moments(self.parts)
        last = len(self.columns)
        variance = of_parts.spread[last][last]
        effective: list[Decimal | None] = [None] * last
        if variance:
            effective = list(apportioned([Fraction(of_parts.spread[i][last], variance) for i in range(last)], PLACES))
        # Each cohort has its own draws, by its place in the rules.
        place = [c.id for c in rating.plan.rating.cohorts].index(self.cohort)
        drawn = chance.of_weights(self.parts, PLACES, stream=place) if variance else None
        ranges: list[tuple[Decimal | None, Decimal | None]] = [*drawn] if drawn else [(None, None)] * last
        rows: list[tuple[object, ...]] = []
        for i, name in enumerate(self.columns):
            others = [j for j in range(len(self.indicators)) if j != i]
            by_others = explained(of_parts, i, others) if name != REST else None
            rows.append(
                (
                    self.cohort,
                    name,
                    items[name].weight if name != REST else None,
                    nominal[i] if i < len(nominal) else None,
                    effective[i],
                    *ranges[i],
                    None if by_others is None else round_decimal(by_others, PLACES),
                )
            )
        return rows

    def pairs(self) -> list[tuple[object, ...]]:
        """Correlations of points and of their ranks, pair by pair."""
        if not self.indicators:
            return []
        points = self.parts.select(self.indicators)
        plain, by_rank = moments(points), moments(ranked(points))
        count = len(self.indicators)
        return [
            (
                self.cohort,
                self.indicators[i],
                self.indicators[j],
                plain.count,
                correlation(plain, i, j, PLACES),
                correlation(by_rank, i, j, PLACES),
            )
            for i in range(count)
            for j in range(i + 1, count)
        ]


def _drivers(rating: Rating, cohorts: Sequence[_Cohort]) -> pl.DataFrame:
    parts = [*scored_indicators(rating.plan), REST]
    rows: list[dict[str, object]] = []
    for cohort in cohorts:
        (whole,) = cohort.means(None).iter_rows(named=True)
        for dimension in DIMENSIONS:
            for group in cohort.means(dimension).iter_rows(named=True):
                rows.append(_driven(cohort, dimension, group, whole))
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "cohort": pl.String, "dimension": pl.String, "group": pl.String, "subjects": pl.Int64, "small": pl.Boolean,
        "mean_score": _NUMBER, "difference": _NUMBER, "driver": pl.String,
    }  # fmt: skip
    schema |= {f"part:{p}": _NUMBER for p in parts}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _driven(cohort: _Cohort, dimension: str, group: dict[str, int], whole: dict[str, int]) -> dict[str, object]:
    """A group's mean score against its cohort's, and each part of the difference."""
    unit = 10**cohort.places

    def against(column: str) -> Fraction:
        here, all_ = Fraction(group[column], group["subjects"]), Fraction(whole[column], whole["subjects"])
        apart: Fraction = (here - all_) / unit
        return apart

    shares = [against(c) for c in cohort.columns]
    parts = apportioned(shares, PLACES)
    difference = sum(parts, Decimal(0))
    along = [(abs(p), -i) for i, p in enumerate(parts) if difference and (p > 0) == (difference > 0) and p]
    driver = cohort.columns[-max(along)[1]] if along else None
    return {
        "cohort": cohort.cohort,
        "dimension": dimension,
        "group": group["group"],
        "subjects": group["subjects"],
        "small": group["subjects"] < SMALL,
        "mean_score": round_decimal(Fraction(group["score"], group["subjects"] * unit), PLACES),
        "difference": difference,
        "driver": driver,
        **{f"part:{c}": p for c, p in zip(cohort.columns, parts, strict=True)},
    }
