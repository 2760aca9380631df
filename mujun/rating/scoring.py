"""From indicators to points.

An indicator's items that differ between cohorts only in numbers (weight, benchmark, cap, floor) are one formula whose
numbers are looked up by cohort. Three steps: what acts on each subject (the method, or a policy for a missing,
negative or undividable value); raw points as floats; points rounded to whole numbers of 10⁻ᵖˡᵃᶜᵉˢ.

Working columns of an indicator `x` in the cohort `c`: `x@c:acts` (0 method, 1 missing, 2 zero denominator,
3 negative), `x@c:value` where it is not the indicator's own, `x@c:fallback` (which fallback was used, from 1),
`x@c:raw`. What is kept in the end: `x_benchmark`, `x_points`, `x_note`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import polars as pl
from polars.expr.whenthen import ChainedThen, Then

from mujun.errors import RatingError, problem
from mujun.messages import Firm
from mujun.numbers import divided, round_points, whole
from mujun.rating import methods
from mujun.rating.evaluation import Evaluated
from mujun.rating.groups import group_rows
from mujun.rating.visitors import residents
from mujun.rules.expressions import as_float12
from mujun.rules.model import Item, Policy
from mujun.rules.rating_plan import ItemPlan, RatingPlan

METHOD, MISSING, UNDIVIDED, NEGATIVE = 0, 1, 2, 3
_NOTES = {MISSING: "missing", UNDIVIDED: "zero_denominator", NEGATIVE: "negative"}


@dataclass(frozen=True)
class Formula:
    """The items of one indicator that differ only in numbers, by cohort."""

    indicator: str
    items: tuple[ItemPlan, ...]

    @property
    def key(self) -> str:
        """Its name among working columns: its indicator and the first cohort it serves."""
        return f"{self.indicator}@{self.items[0].cohort}"

    @property
    def model(self) -> Item:
        """An item that stands for all in everything but numbers."""
        return self.items[0].item

    def policies(self) -> Iterable[tuple[int, Policy]]:
        """What acts, by code, and the policy that says how."""
        item = self.model
        yield MISSING, item.missing
        if item.zero_denominator is not None:
            yield UNDIVIDED, item.zero_denominator
        if item.negative is not None:
            yield NEGATIVE, item.negative

    @property
    def means(self) -> list[int]:
        """What acts where the mean of the cohort's points is given, by code."""
        return [code for code, policy in self.policies() if policy.kind == "cohort_mean"]

    @property
    def mean_is_capped(self) -> bool:
        """Whether the mean of the cohort may be more than a subject can earn: its weight may be less than others'."""
        return bool(self.means) and self.model.cap is not None


def formulas_of(plan: RatingPlan) -> tuple[Formula, ...]:
    """The items of a rating gathered into formulas, in the order of the file."""
    items_of: dict[tuple[object, ...], list[ItemPlan]] = {}
    for item in plan.items:
        items_of.setdefault((item.indicator, *_shape(item)), []).append(item)
    return tuple(Formula(items[0].indicator, tuple(items)) for items in items_of.values())


def _shape(plan: ItemPlan) -> tuple[object, ...]:
    item = plan.item
    benchmark = None if plan.benchmark is None or _literal(plan) is not None else plan.benchmark.source.text
    fallbacks = tuple((name, b.source.text if b else None) for name, b in plan.fallbacks)
    return (
        item.method, benchmark, fallbacks, item.missing, item.zero_denominator, item.negative, item.start,
        item.over, item.flat,
        item.zero_at, item.points, item.steps, item.cap is None, plan.benchmark is None,
        # A formula reads columns of its own cohort.
        plan.cohort if item.formula else None,
    )  # fmt: skip


def _literal(plan: ItemPlan) -> Decimal | None:
    constant = plan.benchmark.value.constant if plan.benchmark else None
    return constant if isinstance(constant, Decimal) else None


# -------------------------------------------------------------------------------------------------------- all together


def scored(plan: RatingPlan, done: Evaluated) -> pl.DataFrame:
    """The evaluated subjects with points, benchmarks and notes for every indicator.

    Adds per scored indicator `<id>_points` (Int64 in 10⁻ᵖˡᵃᶜᵉˢ), `<id>_benchmark` (Float64) and `<id>_note`, and the
    working columns above; missing where the subject's cohort does not score the indicator.

    Raises:
        RatingError: a benchmark is missing or not above zero where it is needed.
    """
    cohorts = [c.id for c in plan.rating.cohorts]
    scoring = pl.col("treatment").is_in(["rated", "ungraded"])
    frame = done.frame.with_columns(pl.when(scoring).then(pl.col("_cohort")).cast(pl.UInt32).alias("_scored"))
    formulas = formulas_of(plan)
    frame = frame.with_columns([e for f in formulas for e in _acting(f, cohorts, frame.columns)])
    frame = _weights(plan, formulas, cohorts, frame)
    done.frame = frame
    # What several columns are made from is a column itself: looking for what expressions share takes longer.
    done.frame = done.frame.with_columns([e for f in formulas for e in _parameters(plan, f, cohorts)])
    raw: list[pl.Expr] = []
    for number, formula in enumerate(formulas):
        done.frame = methods.with_group_values(
            formula.model, formula.indicator, formula.items[0].fallbacks, f"{formula.key}:fallback", done, number
        )
        raw.append(_uncut(formula, number))
    frame = done.frame.with_columns(raw).with_columns([e for f in formulas for e in _raw(f, cohorts)])
    _check_benchmarks(formulas, frame)
    return _rounded(plan, formulas, frame, done.worlds)


def _in(formula: Formula, cohorts: list[str]) -> pl.Expr:
    wanted = [cohorts.index(i.cohort) for i in formula.items]
    if len(wanted) == len(cohorts):
        return pl.col("_scored").is_not_null()
    return pl.col("_scored").is_in(wanted).fill_null(value=False)


def by_cohort(formula: Formula, cohorts: list[str], numbers: Sequence[float | None]) -> pl.Expr:
    """A number per cohort as a number per row."""
    if len(cohorts) == 1 or len(set(numbers)) == 1:
        return pl.lit(numbers[0], dtype=pl.Float64)
    table: list[float | None] = [None] * len(cohorts)
    for item, number in zip(formula.items, numbers, strict=True):
        table[cohorts.index(item.cohort)] = number
    return pl.lit(pl.Series(table, dtype=pl.Float64)).gather(pl.col("_scored"))


# ------------------------------------------------------------------------------------------------- what acts on whom


def _acting(formula: Formula, cohorts: list[str], columns: list[str]) -> list[pl.Expr]:
    item, key = formula.model, formula.key
    indicator = pl.col(formula.indicator)
    undivided = pl.lit(value=False)
    if item.zero_denominator is not None and f"{formula.indicator}:undivided" in columns:
        undivided = pl.col(f"{formula.indicator}:undivided")
    others = [pl.col(name) for name, _ in formula.items[0].fallbacks]
    value = pl.coalesce([indicator, *others]) if others else indicator
    acts: Then | ChainedThen = pl.when(value.is_null()).then(MISSING)
    if item.negative is not None:
        acts = acts.when(value < 0).then(NEGATIVE)
    acting = acts.otherwise(METHOD)
    if item.zero_denominator is not None:
        acting = pl.when(undivided).then(UNDIVIDED).otherwise(acting)
    acting_columns = [pl.when(_in(formula, cohorts)).then(acting).cast(pl.Int8).alias(f"{key}:acts")]
    if _has_own_value(formula):
        acting_columns.append(pl.when(_in(formula, cohorts) & ~undivided).then(value).alias(f"{key}:value"))
    if others:
        used = pl.coalesce(
            [pl.when(o.is_not_null()).then(pl.lit(i, dtype=pl.Int8)) for i, o in enumerate([indicator, *others])]
        )
        acting_columns.append(pl.when(_in(formula, cohorts) & ~undivided).then(used).alias(f"{key}:fallback"))
    return acting_columns


def _has_own_value(formula: Formula) -> bool:
    """Whether what is scored may be another value than the indicator's own, or is read by a formula."""
    return bool(formula.items[0].fallbacks or formula.model.formula or formula.model.zero_denominator)


# ------------------------------------------------------------------------------------------------------------ weights


def _weights(plan: RatingPlan, formulas: tuple[Formula, ...], cohorts: list[str], frame: pl.DataFrame) -> pl.DataFrame:
    """`_share`: what reweighting leaves, W and P per subject, where any indicator of its cohort is reweighted.

    A weight becomes float(w × W) / float(P); without reweighting it is float(w).
    """
    reweighing = [(f, code) for f in formulas for code, policy in f.policies() if policy.kind == "reweight"]
    if not reweighing:
        return frame
    places = max(_places(i.item.weight) for f in formulas for i in f.items)
    unit = 10**places
    totals = {c: sum((i.weight for i in s.items.values()), Decimal(0)) for c, s in plan.rating.scoring.items()}
    taken: list[pl.Expr] = []
    for formula, code in reweighing:
        weights = [int(i.item.weight * unit) for i in formula.items]
        table = [0] * len(cohorts)
        for item, weight in zip(formula.items, weights, strict=True):
            table[cohorts.index(item.cohort)] = weight
        weight_here = pl.lit(pl.Series(table, dtype=pl.Int64)).gather(pl.col("_scored"))
        taken.append(pl.when(pl.col(f"{formula.key}:acts") == code).then(weight_here).otherwise(0))
    whole_weight = pl.lit(pl.Series([int(totals.get(c, Decimal(0)) * unit) for c in cohorts], dtype=pl.Int64)).gather(
        pl.col("_scored")
    )
    left = whole_weight - pl.sum_horizontal(taken)
    return frame.with_columns(left.alias("_left"), pl.lit(unit).alias("_unit"))


def _places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _weight(plan: RatingPlan, formula: Formula, cohorts: list[str]) -> pl.Expr:
    plain = by_cohort(formula, cohorts, [float(i.item.weight) for i in formula.items])
    reweighed = any(
        policy.kind == "reweight"
        for other in formulas_of(plan)
        if {i.cohort for i in other.items} & {i.cohort for i in formula.items}
        for _, policy in other.policies()
    )
    if not reweighed:
        return plain
    totals = {c: sum((i.weight for i in s.items.values()), Decimal(0)) for c, s in plan.rating.scoring.items()}
    product = by_cohort(formula, cohorts, [float(i.item.weight * totals[i.cohort]) for i in formula.items])
    whole_left = by_cohort(formula, cohorts, [float(totals[i.cohort]) for i in formula.items])
    left = divided(pl.col("_left").cast(pl.Float64), pl.col("_unit").cast(pl.Float64))
    return pl.when(left == whole_left).then(plain).when(left > 0).then(divided(product, left)).otherwise(0.0)


# --------------------------------------------------------------------------------------------------------- raw points


def _uncut(formula: Formula, number: int) -> pl.Expr:
    """`<key>:uncut`: what the method gives, whatever the cap and the floor."""
    key = formula.key
    benchmark, weight = pl.col(f"{key}:of"), pl.col(f"{key}:weight")
    value = pl.col(f"{key}:value") if _has_own_value(formula) else pl.col(formula.indicator)
    points = methods.raw_points(formula.model, formula.items[0].formula, value, benchmark, weight, number)
    return points.alias(f"{key}:uncut")


def _raw(formula: Formula, cohorts: list[str]) -> list[pl.Expr]:
    item, key = formula.model, formula.key
    acts, raw = pl.col(f"{key}:acts"), pl.col(f"{key}:uncut")
    benchmark, weight = pl.col(f"{key}:of"), pl.col(f"{key}:weight")
    floor = by_cohort(formula, cohorts, [float(i.item.floor) for i in formula.items])
    lowest = floor * weight
    # What only differs by the noise of a double has not been cut: whole numbers of 10⁻¹² are compared.
    twelfths = (raw * 1e12).round()
    low = twelfths < (lowest * 1e12).round()
    clamped: Then | ChainedThen = pl.when(low).then(lowest)
    note: Then | ChainedThen = pl.when(low).then(pl.lit("floored"))
    cap = by_cohort(formula, cohorts, [float(i.item.cap or 0) for i in formula.items])
    highest = cap * weight
    if item.cap is not None:
        over = twelfths > (highest * 1e12).round()
        clamped = clamped.when(over).then(highest)
        note = note.when(over).then(pl.lit("capped"))
    points: Then | ChainedThen = pl.when(acts == METHOD).then(clamped.otherwise(raw))
    for code, policy in formula.policies():
        constant = _constant(policy, formula, cohorts, weight)
        if constant is not None:
            points = points.when(acts == code).then(constant)
    notes: Then | ChainedThen = pl.when(acts == METHOD).then(_with_fallback(formula, key, note))
    for code, _ in formula.policies():
        notes = notes.when(acts == code).then(pl.lit(_NOTES[code]))
    inside = acts.is_not_null()
    columns = [
        points.otherwise(None).alias(f"{key}:raw"),
        pl.when(inside).then(benchmark).alias(f"{key}:benchmark"),
        notes.otherwise(None).alias(f"{key}:note"),
    ]
    return [*columns, highest.alias(f"{key}:most")] if formula.mean_is_capped else columns


def _parameters(plan: RatingPlan, formula: Formula, cohorts: list[str]) -> list[pl.Expr]:
    """`<key>:of` and `<key>:weight`: the benchmark and the weight of every row."""
    key = formula.key
    return [
        _benchmark(formula, cohorts).alias(f"{key}:of"),
        _weight(plan, formula, cohorts).alias(f"{key}:weight"),
    ]


def _with_fallback(formula: Formula, key: str, note: pl.Expr) -> pl.Expr:
    if not formula.items[0].fallbacks:
        return note
    names = [None, *(f"fallback:{name}" for name, _ in formula.items[0].fallbacks)]
    used = pl.lit(pl.Series(names, dtype=pl.String)).gather(pl.col(f"{key}:fallback").cast(pl.UInt32))
    return pl.coalesce(used, note)


def _constant(policy: Policy, formula: Formula, cohorts: list[str], weight: pl.Expr) -> pl.Expr | None:
    if policy.kind in ("zero", "reweight"):
        return pl.lit(0.0)
    if policy.kind == "full":
        return weight
    if policy.kind == "cap":
        return by_cohort(formula, cohorts, [float(i.item.cap or 0) for i in formula.items]) * weight
    if policy.kind == "points":
        assert policy.points is not None
        return pl.lit(float(policy.points))
    return None  # cohort_mean: known only once the others have their points


def _benchmark(formula: Formula, cohorts: list[str]) -> pl.Expr:
    literals = [_literal(i) for i in formula.items]
    if all(n is not None for n in literals):
        stated = by_cohort(formula, cohorts, [round(float(n) * 1e12) / 1e12 for n in literals if n is not None])
    else:
        compiled = formula.items[0].benchmark
        stated = as_float12(compiled.value) if compiled else pl.lit(None, dtype=pl.Float64)
    fallbacks = formula.items[0].fallbacks
    if not fallbacks:
        return stated
    used = pl.col(f"{formula.key}:fallback")
    chosen: Then | ChainedThen = pl.when(used.fill_null(0) == 0).then(stated)
    for number, (_, compiled) in enumerate(fallbacks, start=1):
        other = as_float12(compiled.value) if compiled else pl.lit(None, dtype=pl.Float64)
        chosen = chosen.when(used == number).then(other)
    return chosen.otherwise(None)


def _check_benchmarks(formulas: tuple[Formula, ...], frame: pl.DataFrame) -> None:
    checked = [f for f in formulas if f.model.method in ("ratio", "inverse")]
    if not checked:
        return
    wrong = {
        f.key: pl.col(f"{f.key}:acts").is_in([METHOD, NEGATIVE])
        & ~(pl.col(f"{f.key}:benchmark") > 0).fill_null(value=False)
        & residents(frame)
        for f in checked
    }
    counts = frame.select([w.sum().alias(k) for k, w in wrong.items()]).row(0, named=True)
    problems = []
    for formula in checked:
        count = counts[formula.key]
        if count:
            first = frame.filter(wrong[formula.key]).select("credit_code", "cohort", f"{formula.key}:benchmark").row(0)
            source = formula.items[0].benchmark
            problems.append(
                problem(
                    "benchmark_unusable", formula.items[0].item.stands,
                    indicator=formula.indicator, cohort=first[1], count=count, code=Firm(first[0]),
                    value="—" if first[2] is None else first[2], benchmark=source.source.text if source else "—",
                )
            )  # fmt: skip
    if problems:
        raise RatingError(problems)


# ----------------------------------------------------------------------------------------------------------- rounding


def _rounded(
    plan: RatingPlan, formulas: tuple[Formula, ...], frame: pl.DataFrame, worlds: tuple[str, ...]
) -> pl.DataFrame:
    places = plan.rating.decimals.points
    names = {f"{f.key}:raw": f"{f.key}:points" for f in formulas}
    names |= {f"{f.key}:most": f"{f.key}:most" for f in formulas if f.mean_is_capped}
    largest = frame.select([pl.col(n).abs().max() for n in names]).row(0) if formulas else ()
    rounded = frame.lazy().with_columns(
        [
            round_points(pl.col(raw), places, largest=m or 0.0).alias(name)
            for (raw, name), m in zip(names.items(), largest, strict=True)
        ]
    )
    frame = rounded.collect(engine="in-memory")
    frame = _cohort_means(formulas, frame, worlds)
    columns: list[pl.Expr] = []
    for indicator in plan.rating.indicators:
        keys = [f.key for f in formulas if f.indicator == indicator]
        for what, name in (("points", "_points"), ("benchmark", "_benchmark"), ("note", "_note")):
            if keys:
                columns.append(pl.coalesce([pl.col(f"{k}:{what}") for k in keys]).alias(f"{indicator}{name}"))
    working = [f"{f.key}:{what}" for f in formulas for what in ("points", "benchmark", "note", "raw", "uncut")]
    working += [f"{f.key}:{what}" for f in formulas if not f.model.formula for what in ("of", "weight")]
    working += [f"{f.key}:most" for f in formulas if f.mean_is_capped]
    return frame.with_columns(columns).drop(working)


def _cohort_means(formulas: tuple[Formula, ...], frame: pl.DataFrame, worlds: tuple[str, ...]) -> pl.DataFrame:
    groups = None
    for formula in formulas:
        codes, key = formula.means, formula.key
        if not codes:
            continue
        # Those handled by `negative` have a value too; those who get the mean have no points of their own.
        own = [code for code in (METHOD, NEGATIVE) if code not in codes]
        acts, points = pl.col(f"{key}:acts"), pl.col(f"{key}:points")
        groups = groups or group_rows(frame, (*worlds, "_scored"))
        counted = (
            frame.lazy()
            .with_columns(groups.codes.alias("_group"))
            .filter(acts.is_in(own) & residents(frame), pl.col("_group").is_not_null())
            .group_by("_group")
            .agg(points.sum().alias("sum"), points.count().alias("n"))
            .collect()
        )
        table = [0] * groups.count
        for row in counted.iter_rows(named=True):
            if row["n"]:
                table[row["_group"]] = whole(Fraction(row["sum"], row["n"]))
        mean = pl.lit(groups.spread(pl.Series(table, dtype=pl.Int64)))
        given = pl.min_horizontal(mean, pl.col(f"{key}:most")) if formula.mean_is_capped else mean
        frame = frame.with_columns(pl.when(acts.is_in(codes)).then(given).otherwise(points).alias(f"{key}:points"))
    return frame
