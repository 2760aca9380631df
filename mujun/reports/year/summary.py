"""The county in brief: counts, land, tax, value added and what follows, by tier, township and industry.

Sums are exact decimals. A ratio is a ratio of sums over the enterprises that have both of its sides, as statistics of
the rule language are; it is not the mean of the enterprises' ratios.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from decimal import Decimal
from functools import cached_property

import polars as pl

from mujun.dataclass import dataclass
from mujun.numbers import at12, divided, round_decimal
from mujun.rating.result import Rating
from mujun.reports.drawing.industries import division_name
from mujun.rules.names import IndicatorPlan
from mujun.rules.rating_plan import SCORED, TREATMENTS, RatingPlan

EXACT = pl.Decimal(38, 6)
"""Sums of quantities."""

SHARE = pl.Decimal(9, 2)
"""Shares in per cent."""


@dataclass(frozen=True)
class Ratio:
    """A ratio of sums that summaries show, and where the rules have it.

    Attributes:
        name: its column.
        label: what the rules call it.
        unit: its unit.
        indicator: the indicator whose two sides are added up; without one the frame's `of` and `per` are.
        of, per: the frame's columns.
    """

    name: str
    label: str
    unit: str
    of: str
    per: str
    indicator: IndicatorPlan | None = None


@dataclass(frozen=True)
class Facts:
    """One row per enterprise with what summaries add up.

    Attributes:
        rows: `credit_code, township, industry_division, scale, cohort, treatment, tier, counted` (whether rated or
            ungraded), `land_mu, tax, value_added, energy_tce`, both sides of each ratio, `listed, expected_land_mu,
            expected_energy_tce, surcharge, relief`.
        tiers: the tiers, best first.
        cohorts: the cohorts' ids and labels in order.
        ratios: the ratios shown.
        tax_label: what the rules call the tax that is counted.
    """

    rows: pl.DataFrame = field(repr=False)
    tiers: tuple[str, ...]
    cohorts: Mapping[str, str]
    ratios: tuple[Ratio, ...]
    tax_label: str

    # Many sentences, tables and charts ask for the same sums: they are added up once.

    @cached_property
    def total(self) -> pl.DataFrame:
        """What `total_of` gives."""
        return _summed(self, self.rows.with_columns(pl.lit("").alias("_all")), ["_all"]).drop("_all")

    @cached_property
    def townships(self) -> pl.DataFrame:
        """What `by_township` gives."""
        rows = _summed(self, self.rows, ["township"]).sort(_ORDER, descending=_DOWN, nulls_last=True)
        return _with_total(self, rows, "township")

    @cached_property
    def industries(self) -> pl.DataFrame:
        """What `by_industry` gives."""
        rows = _summed(self, self.rows, ["industry_division"]).sort("industry_division", nulls_last=True)
        named = division_name(pl.col("industry_division"))
        return _with_total(self, rows.with_columns(named.alias("industry_name")), "industry_division", "industry_name")


def facts_of(
    rating: Rating,
    frame: pl.DataFrame,
    rectification: pl.DataFrame | None = None,
    allocation: pl.DataFrame | None = None,
) -> Facts:
    """What summaries add up, one row per enterprise.

    Args:
        rating: the rating.
        frame: the frame it was made from.
        rectification: the list, for counts and expected effects.
        allocation: the amounts, a row per enterprise and measure; amounts in 万元 count.
    """
    plan = rating.plan
    ratios = _ratios(plan)
    have = [c for c in ("value_added", "energy_tce", "land_mu", "tax_paid", "industry_division") if c in frame.columns]
    quantities = frame.select("credit_code", *(pl.col(c).alias(f"frame:{c}") for c in have))
    rows = rating.enterprises.join(quantities, on="credit_code", how="left", maintain_order="left")
    sides = [e for r in ratios for e in _sides(r, rows.columns)]
    tax = ratios[0]
    rows = rows.select(
        "credit_code", "township", "scale", "cohort", "treatment", "tier",
        _division(rows.columns).alias("industry_division"),
        pl.col("treatment").is_in(SCORED).alias("counted"),
        _quantity("land_mu", rows.columns),
        _side(tax, "of", rows.columns).alias("tax"),
        _quantity("value_added", rows.columns),
        _quantity("energy_tce", rows.columns),
        *sides,
    )  # fmt: skip
    rows = _with_list(rows, rectification)
    rows = _with_amounts(rows, allocation)
    labels = {c.id: c.label or c.id for c in plan.rating.cohorts}
    return Facts(rows, plan.tier_ids, labels, ratios, _tax_label(plan, tax))


def _ratios(plan: RatingPlan) -> tuple[Ratio, ...]:
    """亩均税收, 亩均增加值, 单位能耗增加值: as the rules have them, else from the frame."""
    wanted = (
        Ratio("tax_per_mu", "亩均税收", "万元/亩", "tax_paid", "land_mu"),
        Ratio("va_per_mu", "亩均增加值", "万元/亩", "value_added", "land_mu"),
        Ratio("va_per_tce", "单位能耗增加值", "万元/吨标煤", "value_added", "energy_tce"),
    )
    return tuple(_as_ruled(plan, r) for r in wanted)


def _as_ruled(plan: RatingPlan, ratio: Ratio) -> Ratio:
    """The ratio with the rules' indicator of the same name or label."""
    for i in plan.indicators:
        source = plan.rating.indicators[i.name]
        if (i.name == ratio.name or source.label == ratio.label) and i.of is not None and i.per is not None:
            return replace(ratio, label=source.label or ratio.label, unit=source.unit or ratio.unit, indicator=i)
    return ratio


def _tax_label(plan: RatingPlan, tax: Ratio) -> str:
    name = tax.of if tax.indicator is None or tax.indicator.of is None else tax.indicator.of.source.text.strip()
    meaning = plan.scope.meanings.get(name)
    return meaning.label if meaning is not None and meaning.label else "税收"


def _side(ratio: Ratio, which: str, columns: Sequence[str]) -> pl.Expr:
    """One side of a ratio per enterprise, exact."""
    compiled = None
    if ratio.indicator is not None:
        compiled = ratio.indicator.of if which == "of" else ratio.indicator.per
    if compiled is None:
        return _quantity(getattr(ratio, which), columns)
    value = compiled.value
    if value.kind == "exact":
        return value.expr.cast(pl.Decimal(38, max(value.scale, 6)))
    taken = at12(value.expr.cast(pl.Float64))
    return pl.when(taken.abs() < 1e15).then(taken).cast(pl.Decimal(38, 12))


def _sides(ratio: Ratio, columns: Sequence[str]) -> list[pl.Expr]:
    """Both sides where both are known."""
    of, per = _side(ratio, "of", columns), _side(ratio, "per", columns)
    both = of.is_not_null() & per.is_not_null()
    return [
        pl.when(both).then(of).alias(f"{ratio.name}:of"),
        pl.when(both).then(per).alias(f"{ratio.name}:per"),
    ]


def _quantity(name: str, columns: Sequence[str]) -> pl.Expr:
    for column in (f"frame:{name}", name):
        if column in columns:
            return pl.col(column).cast(EXACT).alias(name)
    return pl.lit(None, dtype=EXACT).alias(name)


def _division(columns: Sequence[str]) -> pl.Expr:
    if "frame:industry_division" in columns:
        return pl.col("frame:industry_division")
    return pl.col("industry").str.extract(r"^(\d{2})")


def _with_list(rows: pl.DataFrame, rectification: pl.DataFrame | None) -> pl.DataFrame:
    effects = ("expected_land_mu", "expected_energy_tce")
    if rectification is None:
        return rows.with_columns(
            pl.lit(value=False).alias("listed"), *(pl.lit(None, dtype=EXACT).alias(c) for c in effects)
        )
    listed = rectification.select(
        "credit_code", pl.lit(value=True).alias("listed"), *(pl.col(c).cast(EXACT) for c in effects)
    )
    return rows.join(listed, on="credit_code", how="left", maintain_order="left").with_columns(
        pl.col("listed").fill_null(value=False)
    )


def _with_amounts(rows: pl.DataFrame, allocation: pl.DataFrame | None) -> pl.DataFrame:
    if allocation is None:
        return rows.with_columns(pl.lit(None, dtype=EXACT).alias(k) for k in ("surcharge", "relief"))
    money = allocation.filter(pl.col("unit") == "万元", pl.col("excluded_by").is_null())
    sums = money.group_by("credit_code").agg(
        pl.col("amount").filter(pl.col("kind") == kind).cast(EXACT).sum().alias(kind)
        for kind in ("surcharge", "relief")
    )
    return rows.join(sums, on="credit_code", how="left", maintain_order="left")


# ------------------------------------------------------------------------------------------------------------ summaries


def total_of(facts: Facts) -> pl.DataFrame:
    """All enterprises in one row, columns as `by_township` has them."""
    return facts.total


def only(facts: Facts, which: pl.Expr) -> Facts:
    """The facts of some enterprises."""
    return replace(facts, rows=facts.rows.filter(which))


def by_township(facts: Facts) -> pl.DataFrame:
    """A row per township, most enterprises rated first, then the total.

    `township, enterprises, counted`, a column per tier (`tier:A`), `ungraded` (the others), `land_mu, tax, value_added,
    energy_tce`, the ratios, `listed, expected_land_mu, expected_energy_tce, surcharge, relief, total` (whether the row
    is the total). Land, tax, value added, energy and the ratios are of those rated (and ungraded); tiers count
    enterprises rated.
    """
    return facts.townships


def by_industry(facts: Facts) -> pl.DataFrame:
    """A row per industry division with its name, then the total; columns as `by_township` has them."""
    return facts.industries


def by_group(facts: Facts, by: str) -> pl.DataFrame:
    """`by_township` or `by_industry`, as `by` is `township` or `industry_division`."""
    return by_township(facts) if by == "township" else by_industry(facts)


_ORDER, _DOWN = ["counted", "enterprises", "township"], [True, True, False]


def by_tier(facts: Facts) -> pl.DataFrame:
    """Per cohort a row per tier and one that adds them up; every enterprise is in exactly one of the other rows.

    `cohort, label, tier` (a tier, or missing), `treatment` (where the row is not of rated ones), `total`, `share` (per
    cent of the cohort's rated, two decimals), and sums and ratios of the row's own enterprises, columns as
    `by_township` has them without the tiers.
    """
    tier = pl.col("tier").replace_strict({t: i for i, t in enumerate(facts.tiers)}, default=99, return_dtype=pl.Int32)
    parts: list[pl.DataFrame] = []
    for cohort, label in facts.cohorts.items():
        rated = facts.rows.filter(pl.col("cohort") == cohort, pl.col("treatment") == "rated")
        if rated.is_empty():
            continue
        tiers = _summed(facts, rated, ["tier"], every=True).sort(tier, "tier")
        together = _summed(facts, rated.with_columns(pl.lit(None, dtype=pl.String).alias("tier")), ["tier"], every=True)
        both = pl.concat([tiers.with_columns(_flag(value=False)), together.with_columns(_flag(value=True))])
        shares = [share_of(n, rated.height) for n in both["enterprises"]]
        parts.append(
            both.with_columns(
                pl.lit(cohort).alias("cohort"),
                pl.lit(label).alias("label"),
                pl.Series("share", shares, dtype=SHARE),
                pl.lit(None, dtype=pl.String).alias("treatment"),
            )
        )
    others = facts.rows.filter(pl.col("treatment") != "rated")
    treatment = pl.col("treatment").replace_strict({t: i for i, t in enumerate(TREATMENTS)}, return_dtype=pl.Int32)
    rest = _summed(facts, others, ["treatment", "tier"], every=True).sort(treatment, tier)
    parts.append(
        rest.with_columns(
            *(pl.lit(None, dtype=pl.String).alias(c) for c in ("cohort", "label")),
            pl.lit(None, dtype=SHARE).alias("share"),
            _flag(value=False),
        )
    )
    rows = pl.concat(parts, how="diagonal")
    head = ["cohort", "label", "tier", "treatment", "total", "enterprises", "share"]
    left_out = {*head, "counted", "ungraded", *(f"tier:{t}" for t in facts.tiers)}
    return rows.select([*head, *(c for c in rows.columns if c not in left_out)])


def by_measure(allocation: pl.DataFrame) -> pl.DataFrame:
    """Totals of every measure by tier with what the measure adds up to.

    Args:
        allocation: a row per enterprise and measure, in the order of the measures where `order` is among its columns.

    Returns:
        `measure, kind, tier, touched, enterprises` (with an amount above zero), `exempt, capped, excluded, computed,
        amount, unit, total`.
    """
    order = ["order"] if "order" in allocation.columns else []
    keys = ["measure", "kind", "unit"]
    stands = pl.col("excluded_by").is_null()
    columns = [
        pl.len().cast(pl.Int64).alias("touched"),
        ((pl.col("amount") > 0) & stands).sum().cast(pl.Int64).alias("enterprises"),
        pl.col("exempt").is_not_null().sum().cast(pl.Int64).alias("exempted"),
        pl.col("capped").fill_null(value=False).sum().cast(pl.Int64).alias("capped"),
        (~stands).sum().cast(pl.Int64).alias("excluded"),
        pl.col("computed").cast(EXACT).sum(),
        pl.col("amount").filter(stands).cast(EXACT).sum(),
    ]
    rows = allocation.with_row_index("_place")
    place = pl.col(order[0] if order else "_place").min().alias("_first")
    tiers = rows.group_by(*keys, "tier").agg(*columns).with_columns(_flag(value=False))
    totals = (
        rows.group_by(keys).agg(*columns).with_columns(_flag(value=True), pl.lit(None, dtype=pl.String).alias("tier"))
    )
    firsts = rows.group_by(keys).agg(place)
    both = pl.concat([tiers, totals.select(tiers.columns)]).join(firsts, on=keys, how="left", nulls_equal=True)
    both = both.sort("_first", "measure", "total", "tier", nulls_last=True)
    return both.select(
        "measure", "kind", "tier", "touched", "enterprises", "exempted", "capped", "excluded", "computed", "amount",
        "unit", "total",
    )  # fmt: skip


def share_of(count: int, base: int) -> Decimal | None:
    """A share in per cent with two decimals, 四舍五入; of nothing there is none.

    >>> share_of(1, 8), share_of(2, 3), share_of(5, 0)
    (Decimal('12.50'), Decimal('66.67'), None)
    """
    return round_decimal(Decimal(count) * 100 / base, 2) if base else None


def _flag(*, value: bool) -> pl.Expr:
    return pl.lit(value=value).alias("total")


def _with_total(facts: Facts, rows: pl.DataFrame, *names: str) -> pl.DataFrame:
    total = total_of(facts).with_columns(pl.lit(None, dtype=pl.String).alias(n) for n in names)
    first = [c for c in names if c in rows.columns]
    columns = [*first, *(c for c in rows.columns if c not in first)]
    both = [rows.with_columns(_flag(value=False)), total.with_columns(_flag(value=True))]
    return pl.concat([b.select([*columns, "total"]) for b in both])


def _summed(facts: Facts, rows: pl.DataFrame, by: list[str], *, every: bool = False) -> pl.DataFrame:
    """Counts, exact sums and ratios of sums by group; `every`: of all its rows, else of those rated or ungraded."""
    counted = pl.lit(value=True) if every else pl.col("counted")
    rated = pl.col("treatment") == "rated"
    counts = [
        pl.len().cast(pl.Int64).alias("enterprises"),
        pl.col("counted").sum().cast(pl.Int64),
        *((rated & (pl.col("tier") == t)).sum().cast(pl.Int64).alias(f"tier:{t}") for t in facts.tiers),
        (~rated).sum().cast(pl.Int64).alias("ungraded"),
    ]
    quantities = ["land_mu", "tax", "value_added", "energy_tce"]
    sides = [f"{r.name}:{side}" for r in facts.ratios for side in ("of", "per")]
    sums = [_sum(pl.col(c).filter(counted)).alias(c) for c in (*quantities, *sides)]
    after = [
        pl.col("listed").sum().cast(pl.Int64),
        *(_sum(pl.col(c)).alias(c) for c in ("expected_land_mu", "expected_energy_tce", "surcharge", "relief")),
    ]
    summed = rows.group_by(by).agg(*counts, *sums, *after)
    ratios = [_ratio(r) for r in facts.ratios]
    order = [*by, "enterprises", "counted", *(f"tier:{t}" for t in facts.tiers), "ungraded", *quantities]
    order += [r.name for r in facts.ratios]
    order += ["listed", "expected_land_mu", "expected_energy_tce", "surcharge", "relief"]
    return summed.with_columns(ratios).select(order)


def _sum(column: pl.Expr) -> pl.Expr:
    """An exact sum; of nothing it is missing, not zero."""
    return pl.when(column.is_not_null().any()).then(column.sum())


def _ratio(ratio: Ratio) -> pl.Expr:
    of, per = (pl.col(f"{ratio.name}:{side}") for side in ("of", "per"))
    value = at12(divided(of.cast(pl.Float64), per.cast(pl.Float64)))
    return pl.when(per > 0).then(value).alias(ratio.name)
