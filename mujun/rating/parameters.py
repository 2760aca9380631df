"""What acts on each subject in a formula, and the numbers by which it is scored: its benchmark and its weight."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import polars as pl
from polars.expr.whenthen import ChainedThen, Then

from mujun.numbers import divided, with_at12
from mujun.rating import columns as c
from mujun.rating.formulas import METHOD, MISSING, NEGATIVE, UNDIVIDED, Formula, by_cohort, stated_number
from mujun.rules.expressions import Compiled, as_float12, as_number
from mujun.rules.rating_plan import RatingPlan

Chained = Then | ChainedThen

_STATED = "_stated:"
"""The beginning of a working column: a benchmark by its text, at 12 decimals, for all formulas that state it."""


class Parameters:
    """The parameters of all formulas.

    Args:
        plan: the rules.
        formulas: its formulas.
        cohorts: the ids of its cohorts, in order.
        everybody: whether every row is scored, so that nothing need be left out.
        settled: the statistics whose numbers are at 12 decimals as they stand.
    """

    def __init__(
        self,
        plan: RatingPlan,
        formulas: Sequence[Formula],
        cohorts: Sequence[str],
        *,
        everybody: bool,
        settled: frozenset[str] = frozenset(),
    ) -> None:
        self.plan, self.formulas, self.cohorts, self.everybody = plan, formulas, cohorts, everybody
        self.settled = settled
        scoring = plan.rating.scoring
        self.totals = {name: sum((i.weight for i in s.items.values()), Decimal(0)) for name, s in scoring.items()}
        self.reweighing = [(f, code) for f in formulas for code, policy in f.policies() if policy.kind == "reweight"]
        self.reweighed = {item.cohort for f, _ in self.reweighing for item in f.items}

    def by_cohort(self, formula: Formula, numbers: Sequence[float | None]) -> pl.Expr:
        """A number per cohort as a number per row."""
        return by_cohort(formula, self.cohorts, numbers)

    # --------------------------------------------------------------------------------------------- what acts on whom

    def inside(self, formula: Formula) -> pl.Expr | None:
        """Who is scored by a formula; `None` for everybody."""
        wanted = [self.cohorts.index(i.cohort) for i in formula.items]
        if len(wanted) == len(self.cohorts):
            return None if self.everybody else c.SCORED.col.is_not_null()
        if len(wanted) == 1:
            return (c.SCORED.col == wanted[0]).fill_null(value=False)
        return c.SCORED.col.is_in(wanted).fill_null(value=False)

    def acting(self, formula: Formula, known: Sequence[str]) -> list[pl.Expr]:
        """`<key>:acts`, and `<key>:value` and `<key>:fallback` where they are needed."""
        item, key, inside = formula.model, formula.key, self.inside(formula)
        indicator, others = pl.col(formula.indicator), [pl.col(name) for name in formula.fallbacks]
        undivided: pl.Expr | None = None
        if item.zero_denominator is not None and c.UNDIVIDED.of(formula.indicator) in known:
            undivided = pl.col(c.UNDIVIDED.of(formula.indicator))
        value = pl.coalesce([indicator, *others]) if others else indicator
        acts: Chained = pl.when(value.is_null()).then(pl.lit(MISSING, dtype=pl.Int8))
        if item.negative is not None:
            acts = acts.when(value < 0).then(pl.lit(NEGATIVE, dtype=pl.Int8))
        acting = acts.otherwise(pl.lit(METHOD, dtype=pl.Int8))
        if undivided is not None:
            acting = pl.when(undivided).then(pl.lit(UNDIVIDED, dtype=pl.Int8)).otherwise(acting)
        named = [where(inside, acting).alias(c.ACTS.of(key))]
        valued = inside if undivided is None else ~undivided if inside is None else inside & ~undivided
        if formula.has_own_value:
            named.append(where(valued, value).alias(c.VALUE.of(key)))
        if others:
            used = [pl.when(o.is_not_null()).then(pl.lit(i, dtype=pl.Int8)) for i, o in enumerate([indicator, *others])]
            named.append(where(valued, pl.coalesce(used)).alias(c.FALLBACK.of(key)))
        return named

    # ------------------------------------------------------------------------------------------------------- weights

    def with_weights_left(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """`_left` and `_unit`, where any indicator is reweighted.

        With W all weights of the cohort and P those that are left, a weight becomes float(w × W) / float(P); without
        reweighting it is float(w).
        """
        if not self.reweighing:
            return frame
        unit = 10 ** max(_places(i.item.weight) for f in self.formulas for i in f.items)
        taken: list[pl.Expr] = []
        for formula, code in self.reweighing:
            table = [0] * len(self.cohorts)
            for item in formula.items:
                table[self.cohorts.index(item.cohort)] = int(item.item.weight * unit)
            weight_here = pl.lit(pl.Series(table, dtype=pl.Int64)).gather(c.SCORED.col)
            taken.append(pl.when(pl.col(c.ACTS.of(formula.key)) == code).then(weight_here).otherwise(0))
        totals = [int(self.totals.get(name, Decimal(0)) * unit) for name in self.cohorts]
        whole = pl.lit(pl.Series(totals, dtype=pl.Int64)).gather(c.SCORED.col)
        left = whole - pl.sum_horizontal(taken)
        return frame.with_columns(left.alias(c.LEFT.name), pl.lit(unit).alias(c.UNIT.name))

    def weight(self, formula: Formula) -> pl.Expr:
        """The weight of every row."""
        plain = self.by_cohort(formula, [float(i.item.weight) for i in formula.items])
        if not {i.cohort for i in formula.items} & self.reweighed:
            return plain
        product = self.by_cohort(formula, [float(i.item.weight * self.totals[i.cohort]) for i in formula.items])
        whole_left = self.by_cohort(formula, [float(self.totals[i.cohort]) for i in formula.items])
        left = divided(c.LEFT.col.cast(pl.Float64), c.UNIT.col.cast(pl.Float64))
        return pl.when(left == whole_left).then(plain).when(left > 0).then(divided(product, left)).otherwise(0.0)

    # ---------------------------------------------------------------------------------------------------- benchmarks

    def with_parameters(self, frame: pl.LazyFrame, formulas: Sequence[Formula] | None = None) -> pl.LazyFrame:
        """`<key>:of` and `<key>:weight`: the benchmark and the weight of every row, by some formulas or all."""
        stated: dict[str, pl.Expr] = {}
        given: list[pl.Expr] = []
        for formula in self.formulas if formulas is None else formulas:
            name = c.OF.of(formula.key)
            compiled = _asked(formula)
            if compiled is not None and compiled.source.text in self.settled:
                given.append(compiled.value.expr.alias(name))
            elif compiled is not None:
                stated.setdefault(_STATED + compiled.source.text, as_number(compiled.value))
                given.append(pl.col(_STATED + compiled.source.text).alias(name))
            else:
                given.append(self.benchmark(formula).alias(name))
            given.append(self.weight(formula).alias(c.WEIGHT.of(formula.key)))
        frame = with_at12(frame, {name: (value, None) for name, value in stated.items()})
        return frame.with_columns(given).drop(list(stated))

    def benchmark(self, formula: Formula) -> pl.Expr:
        """A benchmark that is a number by cohort, or that depends on which fallback is used."""
        numbers = [stated_number(i) for i in formula.items]
        if all(n is not None for n in numbers):
            stated = self.by_cohort(formula, [round(float(n) * 1e12) / 1e12 for n in numbers if n is not None])
        else:
            stated = _float12(formula.items[0].benchmark)
        fallbacks = formula.items[0].fallbacks
        if not fallbacks:
            return stated
        used = pl.col(c.FALLBACK.of(formula.key))
        chosen: Chained = pl.when(used.fill_null(0) == 0).then(stated)
        for number, (_, compiled) in enumerate(fallbacks, start=1):
            chosen = chosen.when(used == number).then(_float12(compiled))
        return chosen.otherwise(None)


def where(condition: pl.Expr | None, value: pl.Expr) -> pl.Expr:
    """A value where a condition holds; everywhere where there is none."""
    return value if condition is None else pl.when(condition).then(value)


def _asked(formula: Formula) -> Compiled | None:
    """A benchmark that is an expression, alike in all cohorts and with no fallback in its place."""
    plan = formula.items[0]
    return None if plan.fallbacks or stated_number(plan) is not None else plan.benchmark


def _float12(compiled: Compiled | None) -> pl.Expr:
    return as_float12(compiled.value) if compiled else pl.lit(None, dtype=pl.Float64)


def _places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
