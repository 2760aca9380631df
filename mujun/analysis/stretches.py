"""The stretches of a lever: where the rules treat a moving value alike, and so where one has to look.

Less land lifts the tax per mu until the firm leaves the rated scope below 3 mu: the stretch that reaches the next
tier may lie between two places that both do not. Its ends are edges of the rules: thresholds of scope, cohorts,
special cases and conditions, caps and floors of points, steps. They are found by looking at the subject alone, which
costs next to nothing; what a place is worth is then asked of the whole county.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise

import polars as pl

from mujun.analysis.levers import Lever
from mujun.fields import FRAME_FIELDS
from mujun.rating.worlds import Worlds
from mujun.rules.expressions import Compiled, as_float12, edges_in
from mujun.rules.names import CasesPlan, FieldPlan, IndicatorPlan
from mujun.rules.rating_plan import ItemPlan, RatingPlan

CUTS, MOST_CUTS, AT_ONCE = 15, 255, 2000
"""Into how many parts, less one, a bracket is cut at a time, at least and at most; about how many places are looked at
at once, for so many cost little more than one."""
MOST_EDGES = 200
"""Edges of one lever that are followed; a rule has a handful."""
BESIDE = (1, 16, 256, 4096)
"""How far beside an edge is asked as well: a benchmark that moves along shifts an edge by a little."""

Edge = tuple[pl.Expr, frozenset[str]]
"""A number that turns where a lever crosses an edge, and the columns that it reads."""

Side = bytes
_UNTOLD = -(2**15)
"""What stands where an edge cannot be told."""


class Stretches:
    """The edges that levers cross by the rules of one rating.

    Args:
        plan: the compiled rules.
        worlds: the rated county.
    """

    def __init__(self, plan: RatingPlan, worlds: Worlds) -> None:
        self.plan, self.worlds = plan, worlds

    def places(
        self, levers: Sequence[Lever], still: Sequence[bool], until: Sequence[int] | None = None
    ) -> list[list[int]]:
        """For each lever the steps at which a stretch begins or ends, with some beside them; in order.

        Args:
            levers: the levers.
            still: whether no edge shifts as the lever moves: its value moves nothing that others are held against.
            until: how far to look, where it is only for conditions: points follow a value all the way to where they do
                it.
        """
        if not levers:
            return []
        edges_of = self._edges if until is None else self._conditions
        if until is None:
            last = [lever.span.most for lever in levers]
            points = [sorted({0, *lever.span.points()}) for lever in levers]
        else:
            # Each side of a comparison turns once: few places tell that it did.
            last = list(until)
            points = [sorted({0, end // 16, end // 4, end // 2, end}) for end in until]
        asked = [(n, m) for n, several in enumerate(points) for m in several]
        side = dict(zip(asked, self._sides(levers, asked, edges_of), strict=True))
        brackets = [
            (n, low, high)
            for n, several in enumerate(points)
            for low, high in pairwise(several)
            if side[(n, low)] != side[(n, high)]
        ]
        edges: dict[int, set[int]] = {n: set() for n in range(len(levers))}
        while brackets:
            for n, low, high in brackets:
                if high - low == 1:
                    edges[n] |= {low, high}
            open_ = [(n, a, b) for n, a, b in brackets if b - a > 1 and len(edges[n]) < MOST_EDGES]
            cuts = max(CUTS, min(MOST_CUTS, AT_ONCE // max(1, len(open_))))
            asked = [(n, m) for n, low, high in open_ for m in _between(low, high, cuts)]
            side |= zip(asked, self._sides(levers, asked, edges_of), strict=True) if asked else {}
            brackets = [
                (n, low, high)
                for n, a, b in open_
                for low, high in pairwise([a, *_between(a, b, cuts), b])
                if side[(n, low)] != side[(n, high)]
            ]
        return [
            _with_neighbours(edges[n], end, BESIDE[:1] if at_rest else BESIDE)
            for n, (end, at_rest) in enumerate(zip(last, still, strict=True))
        ]

    def _sides(self, levers: Sequence[Lever], asked: Sequence[tuple[int, int]], edges: Sequence[Edge]) -> list[Side]:
        frame = self.worlds.alone([levers[n].change(m) for n, m in asked])
        key = edges is not self._conditions, frozenset(frame.columns)
        if key not in self._told:
            self._told[key] = self._looked_at(key[1], edges)
        benchmarks, numbers_of = self._told[key]
        numbers = frame.with_columns(benchmarks).select(numbers_of).to_numpy(order="c")
        return numbers.view(f"V{numbers.itemsize * numbers.shape[1]}").ravel().tolist()

    @cached_property
    def _told(self) -> dict[tuple[bool, frozenset[str]], tuple[list[pl.Expr], list[pl.Expr]]]:
        """What `_looked_at` gives, by whether points are looked at and by the columns that are there."""
        return {}

    def _looked_at(self, there: frozenset[str], edges: Sequence[Edge]) -> tuple[list[pl.Expr], list[pl.Expr]]:
        """Everything that tells one stretch from the next, as far as the subject alone shows it, as small numbers.

        Before them the benchmarks that they read, where they look at points.
        """
        of_points = self._benchmarks.values() if edges is not self._conditions else ()
        benchmarks = [base for base, read in of_points if read <= there]
        known = there.union(base.meta.output_name() for base in benchmarks)
        told = [edge for edge, read in edges if read <= known]
        gaps = [pl.col(i).is_null() for i in self.plan.rating.indicators if i in there]
        numbers = [*told, *gaps, *(pl.col(c) for c in ("_special", "_cohort") if c in there)]
        if "treatment" in there:
            numbers.append(pl.col("treatment").cast(self._treatments).to_physical())
        return benchmarks, [e.cast(pl.Int16).fill_null(_UNTOLD).alias(str(k)) for k, e in enumerate(numbers)]

    @cached_property
    def _treatments(self) -> pl.Enum:
        return pl.Enum(sorted({"rated", "out", *(s.treatment for s in self.plan.rating.population.special)}))

    @cached_property
    def _conditions(self) -> list[Edge]:
        conditions = [c for c in _expressions(self.plan) if c is not None]
        distinct = {c.source.text: c for c in conditions}
        return self._crossed(e for c in distinct.values() for e in edges_in(c.source, self.plan.scope))

    @cached_property
    def _edges(self) -> list[Edge]:
        of_points = (
            e for i, item in enumerate(self.plan.items) for e in _edges_of_points(item, self._benchmarks.get(i))
        )
        return [*self._conditions, *self._crossed(of_points)]

    @cached_property
    def _benchmarks(self) -> dict[int, Edge]:
        """By the number of an item its benchmark as a column, worked out once for all of its edges."""
        stated = ((i, item.benchmark) for i, item in enumerate(self.plan.items) if item.benchmark is not None)
        columns = ((i, as_float12(one.value).alias(f"_benchmark{i}")) for i, one in stated)
        return {i: (column, frozenset(column.meta.root_names())) for i, column in columns}

    def _crossed(self, edges: Iterable[pl.Expr]) -> list[Edge]:
        """The edges that a lever may cross, each with what it reads: labels and dates stay whatever a quantity does."""
        computed = {plan.name for level in self.plan.names.levels for plan in level.rows}
        stays = {name for name, one in FRAME_FIELDS.items() if one.kind != "quantity" and name not in computed}
        if self.worlds.pools:
            # Of whom a pooled subject has its labels may hang on its members' quantities.
            stays = set()
        told = [(edge, frozenset(edge.meta.root_names())) for edge in edges]
        return [(edge, read) for edge, read in told if not read <= stays]


def _expressions(plan: RatingPlan) -> Iterator[Compiled | None]:
    for level in plan.names.levels:
        for row in level.rows:
            if isinstance(row, CasesPlan):
                yield row.scope
                yield from row.whens
            elif isinstance(row, FieldPlan):
                yield row.compiled
            elif isinstance(row, IndicatorPlan):
                yield from (row.of, row.per, row.value)
    for adjustment in plan.adjustments:
        yield from (adjustment.when, adjustment.points)
    yield from (when for _, when in plan.before)
    yield from (when for _, when in plan.after)
    yield from (item.benchmark for item in plan.items)
    yield from (cut.by for cut in plan.cuts.values())


def _edges_of_points(plan: ItemPlan, benchmark: Edge | None) -> Iterator[pl.Expr]:
    """Where an item's points begin or cease to follow the value."""
    item, value = plan.item, pl.col(plan.indicator)
    at: list[pl.Expr] = [pl.lit(0.0)]
    times, values = item.method.edges(item)
    if benchmark is not None:
        base = pl.col(benchmark[0].meta.output_name())
        at += [base * float(k) for k in times]
    at += [pl.lit(float(v)) for v in values]
    for edge in at:
        yield (value > edge).cast(pl.Int8) - (value < edge).cast(pl.Int8)


def _between(low: int, high: int, cuts: int) -> list[int]:
    return sorted({low + (high - low) * i // (cuts + 1) for i in range(1, cuts + 1)} - {low, high})


def _with_neighbours(edges: set[int], most: int, far_: Sequence[int]) -> list[int]:
    beside = {e + sign * far for e in edges for far in (0, *far_) for sign in (1, -1)}
    return sorted(m for m in beside if 0 < m <= most)
