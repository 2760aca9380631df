"""An indicator's step: its two sides, its benchmark with the peers' sums behind it, its weight and its points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import Any

import polars as pl

from mujun.analysis.explanation import IndicatorStep, InOrder, Peers, Side, StatisticStep
from mujun.analysis.peers import PeerValues, peer_values
from mujun.messages import show, speaking
from mujun.numbers import NO_UNIT
from mujun.rating import Rating
from mujun.rating.columns import ACTS, FALLBACK, VALUE, peer_column
from mujun.rating.formulas import Formula, formulas_of
from mujun.rating.statistics import StatisticTable, quantile_of
from mujun.rules.expressions import Compiled, Expression
from mujun.rules.in_words import Words, in_words
from mujun.rules.names import IndicatorPlan, StatisticPlan
from mujun.rules.rating_plan import ItemPlan
from mujun.rules.showing_rating import words_of

Row = Mapping[str, Any]
"""A subject with every column that the rating kept."""


class IndicatorSteps:
    """What the indicator steps of all subjects share, and the steps of one.

    Args:
        rating: the rating.
        sides: by indicator, the columns `of` and `per` computed for each subject (see `explaining.with_sides`).
    """

    def __init__(self, rating: Rating) -> None:
        self.rating = rating
        plan = rating.plan
        self.words = words_of(plan.scope, plan.rating.fields, plan.rating.statistics, plan.rating)
        self.items: dict[tuple[str, str], ItemPlan] = {(i.cohort, i.indicator): i for i in plan.items}
        self.formulas: dict[tuple[str, str], tuple[int, Formula]] = {
            (item.cohort, item.indicator): (number, formula)
            for number, formula in enumerate(formulas_of(plan))
            for item in formula.items
        }
        self._said: dict[str, str] = {}
        self._peers: dict[tuple[str, str], PeerValues | None] = {}
        self._means: dict[tuple[str, str], tuple[Decimal, int] | None] = {}

    # ------------------------------------------------------------------------------------------------------- words

    def in_words(self, source: Expression | None) -> str | None:
        """An expression in words, said once."""
        if source is None:
            return None
        if source.text not in self._said:
            with speaking("zh"):
                self._said[source.text] = in_words(source, self.words)
        return self._said[source.text]

    def unit(self, compiled: Compiled | None) -> str:
        """The unit of an expression."""
        if compiled is None:
            return ""
        known = self.words.unit_of(compiled.source.text.strip())
        unit = compiled.value.unit
        plain = unit is None or unit == NO_UNIT or unit.factor != 1
        return known or ("" if plain else str(unit))

    # ------------------------------------------------------------------------------------------------- one subject

    def of(self, row: Row) -> tuple[IndicatorStep, ...]:
        """The steps of a subject: the indicators of its cohort first, then others that have a value."""
        cohort = row["cohort"]
        plans = self.rating.plan.indicators
        scored = [p for p in plans if (cohort, p.name) in self.items]
        others = [p for p in plans if (cohort, p.name) not in self.items and row[p.name] is not None]
        return tuple(self._step(p, row, cohort) for p in (*scored, *others))

    def _step(self, plan: IndicatorPlan, row: Row, cohort: str | None) -> IndicatorStep:
        source = self.rating.plan.rating.indicators[plan.name]
        item_plan = self.items.get((str(cohort), plan.name))
        first = {
            "id": plan.name,
            "label": plan.meaning.label,
            "unit": source.unit or "",
            "value": row[plan.name],
            "of": self._side(plan.name, "of", plan.of, row),
            "per": self._side(plan.name, "per", plan.per, row),
            "formula": str(source.value) if source.value is not None else None,
            "words": self.in_words(source.value),
        }
        if item_plan is None or row["_scored"] is None:
            return IndicatorStep(**first, scored=False)
        item = item_plan.item
        number, formula = self.formulas[(item_plan.cohort, plan.name)]
        benchmark, value = self._used(item_plan, formula, row)
        note = row[f"{plan.name}_note"]
        with speaking("zh"):
            method = item.method.words(item, self.words)
        return IndicatorStep(
            **first,
            scored=True,
            method=item.method.name,
            method_words=method,
            value_used=value,
            benchmark=row[f"{plan.name}_benchmark"],
            benchmark_formula=str(benchmark.source) if benchmark is not None else None,
            benchmark_words=self.in_words(benchmark.source) if benchmark is not None else None,
            statistics=_counted(list(self.statistics_of(benchmark, row)), row[f"{plan.name}_benchmark"]),
            weight=item.weight,
            weight_used=self._weight(item_plan, row),
            cap=item.cap,
            floor=item.floor,
            parameters=tuple(self._parameters(item_plan, number, row, value)),
            points=row[f"{plan.name}_points"],
            note=note,
            policy=self._policy(item_plan, note),
            peers=self._place(plan.name, str(cohort), row[plan.name]),
        )

    def _side(self, name: str, which: str, compiled: Compiled | None, row: Row) -> Side | None:
        if compiled is None:
            return None
        value = row.get(f"side:{name}:{which}")
        return Side(str(compiled.source), self.in_words(compiled.source) or "", self.unit(compiled), value)

    def _used(self, plan: ItemPlan, formula: Formula, row: Row) -> tuple[Compiled | None, float | None]:
        """The benchmark's expression and the value that were used: a fallback's, where it stood in."""
        value = row.get(VALUE.of(formula.key), row[plan.indicator])
        used = row.get(FALLBACK.of(formula.key))
        if used:
            return plan.fallbacks[used - 1][1], value
        return plan.benchmark, value

    def _weight(self, plan: ItemPlan, row: Row) -> float:
        """The weight after reweighting: float(w × W) ÷ what is left."""
        weight, reweighed = plan.item.weight, self._reweighed(plan, row)
        if reweighed is None:
            return float(weight)
        whole, remaining = reweighed
        return float(weight * whole) / remaining if remaining > 0 else 0.0

    def _reweighed(self, plan: ItemPlan, row: Row) -> tuple[Decimal, float] | None:
        """All weights of the cohort and those that are left for the subject, where some went to the others."""
        left, unit = row.get("_left"), row.get("_unit")
        if left is None or unit is None:
            return None
        scoring = self.rating.plan.rating.scoring[plan.cohort]
        whole = sum((i.weight for i in scoring.items.values()), Decimal(0))
        return None if left / unit == float(whole) else (whole, left / unit)

    def _parameters(self, plan: ItemPlan, number: int, row: Row, value: float | None) -> Iterator[tuple[str, float]]:
        item = plan.item
        peers = {asked: row[peer_column(asked, number)] for asked in item.method.asks}
        yield from item.method.parameters(item, value, peers)
        if reweighed := self._reweighed(plan, row):
            yield from (("all_weights", float(reweighed[0])), ("weights_left", reweighed[1]))
        policy = self._policy(plan, row[f"{plan.indicator}_note"])
        if policy == "cohort_mean":
            mean = self._mean(plan.indicator, plan.cohort)
            if mean is not None:
                yield "cohort_points", float(mean[0])
                yield "cohort_members", float(mean[1])
                cap, weight = plan.item.cap, self._weight(plan, row)
                most = float(cap) * weight if cap is not None else None
                if most is not None and most < float(mean[0]) / mean[1]:
                    yield "cohort_most", most

    def _policy(self, plan: ItemPlan, note: str | None) -> str | None:
        item = plan.item
        policies = {"missing": item.missing, "zero_denominator": item.zero_denominator, "negative": item.negative}
        policy = policies.get(note or "")
        return policy.kind if policy is not None else None

    def _mean(self, indicator: str, cohort: str) -> tuple[Decimal, int] | None:
        """The sum of the points of those who have a value, and how many they are."""
        if (cohort, indicator) not in self._means:
            _, formula = self.formulas[(cohort, indicator)]
            valued = (pl.col("cohort") == cohort) & pl.col(ACTS.of(formula.key)).is_in(formula.counted)
            name = f"{indicator}_points"
            points = self.rating.subjects.select(pl.col(name).filter(valued))[name].to_list()
            self._means[(cohort, indicator)] = (sum(points, Decimal(0)), len(points)) if points else None
        return self._means[(cohort, indicator)]

    def _place(self, indicator: str, cohort: str, value: float | None) -> Peers | None:
        if (cohort, indicator) not in self._peers:
            self._peers[(cohort, indicator)] = peer_values(self.rating, indicator, cohort)
        peers = self._peers[(cohort, indicator)]
        return peers.of(value) if peers is not None else None

    # -------------------------------------------------------------------------------------------------- statistics

    @cached_property
    def _groups(self) -> dict[str, dict[tuple[object, ...], Row]]:
        """Every statistic's groups by their keys."""
        return {
            name: {tuple(r[k] for k in table.plan.source.keys): r for r in table.rows.iter_rows(named=True)}
            for name, table in self.rating.statistics.items()
        }

    def statistics_of(self, compiled: Compiled | None, row: Row) -> Iterator[StatisticStep]:
        """The statistics behind a number, each with its group; what stands in for too small a group follows it."""
        waiting = sorted(compiled.names & self.rating.statistics.keys()) if compiled is not None else []
        named, seen = frozenset(waiting), set[str]()
        while waiting:
            name = waiting.pop(0)
            if name in seen:
                continue
            seen.add(name)
            table = self.rating.statistics[name]
            step = self._statistic(name, table, row)
            yield step if name in named else replace(step, stands_in=True)
            if step.value is None and table.plan.otherwise is not None:
                waiting += sorted(table.plan.otherwise.names & self.rating.statistics.keys())

    def _statistic(self, name: str, table: StatisticTable, row: Row) -> StatisticStep:
        source = table.plan.source
        keys = tuple(row[k] for k in source.keys)
        of_group: Row = self._groups[name].get(keys, {})
        value = of_group.get("value")
        exact = None if value is None else value if isinstance(value, Decimal) else Decimal(repr(value))
        labels: Words = self.words
        group = tuple(
            (labels.of(k), labels.values.get(k, {}).get(str(v), show(v)))
            for k, v in zip(source.keys, keys, strict=True)
        )
        return StatisticStep(
            name,
            labels.of(name),
            source.stat,
            self.words.unit_of(name) or (str(table.plan.meaning.unit) if table.plan.meaning.unit else ""),
            group,
            self.in_words(source.of),
            self.in_words(source.per),
            int(of_group.get("members") or 0),
            max(1, source.min_members),
            of_group.get("sum_of"),
            of_group.get("sum_per"),
            exact,
            value is not None and row.get(name) == value,
            _in_order(table.plan, of_group),
            self._in_both(source.members),
            self._in_both(source.otherwise),
            source.round,
            of_group.get("unrounded"),
        )

    def _in_both(self, source: Expression | None) -> tuple[str, str] | None:
        return None if source is None else (source.text, self.in_words(source) or "")


def _in_order(plan: StatisticPlan, of_group: Row) -> InOrder | None:
    """What a quantile of a group comes of; nothing of other statistics and of empty groups."""
    low, high, members = of_group.get("low"), of_group.get("high"), of_group.get("members")
    if not isinstance(low, Decimal) or not isinstance(high, Decimal) or not isinstance(members, int):
        return None
    quantile = quantile_of(plan)
    part = Decimal(quantile.numerator) / quantile.denominator
    return InOrder(part, (members - 1) * part + 1, low, high, plan.source.interpolation)


def _counted(steps: list[StatisticStep], benchmark: float | None) -> tuple[StatisticStep, ...]:
    """The statistics of a benchmark: where one of them is the benchmark itself, only that one counted."""
    equal = [s for s in steps if s.used and s.value is not None and float(s.value) == benchmark]
    return tuple(replace(s, used=s.used and (not equal or s is equal[0])) for s in steps)
