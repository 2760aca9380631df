"""From indicators to points.

Three steps: what acts on each subject (the method, or a policy for a missing, negative or undividable value); raw
points as floats; points rounded to whole numbers of 10⁻ᵖˡᵃᶜᵉˢ. Columns are those of `columns`; what several columns are
made from is a column itself, since an expression computes what it names once for each time that it names it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import overload

import polars as pl

from mujun.errors import RatingError, problem
from mujun.messages import Firm
from mujun.numbers import round_points
from mujun.rating import columns as c
from mujun.rating.cutting import SMALL_ENOUGH, Cut, Limits, Number
from mujun.rating.evaluation import Evaluated
from mujun.rating.formulas import METHOD, NEGATIVE, Formula, alike, formulas_of
from mujun.rating.parameters import Chained, Parameters, where
from mujun.rating.peers import Peers
from mujun.rating.slices import ROWS, in_slices
from mujun.rules.methods import Scored
from mujun.rules.model import Policy
from mujun.rules.rating_plan import RatingPlan

AT_ONCE = 4_000_000
"""Points that are worked out at once, of all formulas together."""


def scored(plan: RatingPlan, subjects: Evaluated, peers: Peers) -> pl.DataFrame:
    """Subjects with points, benchmarks and notes for every indicator.

    Adds `_scored`, per formula what acts and which value is scored, what peers come to, and per scored indicator
    `<id>_points` (Int64 in 10⁻ᵖˡᵃᶜᵉˢ), `<id>_benchmark` and `<id>_note`; missing where the subject's cohort does not
    score the indicator.

    Args:
        plan: the rules.
        subjects: the subjects with every name computed.
        peers: those with whom each subject is held together.

    Raises:
        RatingError: a benchmark is missing or not above zero where it is needed.
    """
    cohorts = [cohort.id for cohort in plan.rating.cohorts]
    formulas = formulas_of(plan)
    frame = subjects.frame
    frame = frame.with_columns(pl.when(c.IS_SCORED).then(c.COHORT_CODE.col).cast(pl.UInt32).alias(c.SCORED.name))
    settled = frozenset(name for name, table in subjects.statistics.items() if table.settled)
    steps = Points(plan, formulas, cohorts, everybody=not frame[c.SCORED.name].null_count(), settled=settled)
    lazy = frame.lazy().with_columns([e for f in formulas for e in steps.acting(f, frame.columns)])
    frame = steps.with_parameters(steps.with_weights_left(lazy)).collect(engine="in-memory")
    frame = with_peers(formulas, frame, peers)
    _check_benchmarks(formulas, frame, peers.counted)
    return _with_results(plan, formulas, steps.with_points(frame), peers)


def held_anew(plan: RatingPlan, formula: Formula, frame: pl.DataFrame, settled: frozenset[str]) -> pl.DataFrame:
    """The points of one formula, of whom it acts on as it did, where only what they are held against is another.

    Args:
        plan: the rules.
        formula: a formula that asks nothing of peers.
        frame: those whom it serves, with what was found out of them: what acts, and which value is scored.
        settled: the statistics whose numbers are at 12 decimals as they stand.

    Returns:
        `<key>:points`, missing where the mean of the cohort is given, and `<key>:most` where that mean is capped.

    Raises:
        RatingError: a benchmark is missing or not above zero where it is needed.
    """
    cohorts = [cohort.id for cohort in plan.rating.cohorts]
    steps = Points(plan, formulas_of(plan), cohorts, everybody=False, settled=settled)
    held = steps.with_parameters(frame.lazy(), [formula]).collect(engine="in-memory")
    _check_benchmarks([formula], held, pl.lit(value=True))
    return steps.points_of(held.lazy(), [(0, formula)], told=False)


def with_peers(formulas: Sequence[Formula], frame: pl.DataFrame, peers: Peers) -> pl.DataFrame:
    """What each method asks of a subject's peers, in columns of its own."""
    return frame.with_columns([s for n, f in enumerate(formulas) for s in _of_peers(f, n, frame, peers)])


def _of_peers(formula: Formula, number: int, frame: pl.DataFrame, peers: Peers) -> Iterable[pl.Series]:
    """What the method asks of a subject's peers; where a fallback value is used, of the fallback indicator's."""
    method = formula.method
    if not method.asks:
        return
    answers = [method.of_peers(formula.model, name, peers) for name in (formula.indicator, *formula.fallbacks)]
    for side, name in enumerate(method.asks):
        chosen = answers[0][side]
        for place, answer in enumerate(answers[1:], start=1):
            used = frame[c.FALLBACK.of(formula.key)]
            chosen = pl.select(pl.when(used == place).then(answer[side]).otherwise(chosen).alias("chosen"))["chosen"]
        yield chosen.alias(c.peer_column(name, number))


class Points(Parameters):
    """The points of all formulas, from what acts on each subject."""

    def with_points(self, frame: pl.DataFrame) -> pl.DataFrame:
        """`<key>:points`, `<key>:benchmark` and `<key>:note` of every formula; the mean of a cohort not yet given."""
        numbered = list(enumerate(self.formulas))
        step = max(1, AT_ONCE // max(1, min(frame.height, ROWS)))
        # What a formula is worked out with is gone before the next is: of a large county that is most of the memory.
        parts = [numbered[start : start + step] for start in range(0, len(numbered), step)]

        def told(rows: pl.DataFrame) -> pl.DataFrame:
            return rows.hstack([c for part in parts for c in self.points_of(rows.lazy(), part, told=True)])

        return in_slices(frame, told)

    def points_of(self, frame: pl.LazyFrame, numbered: Sequence[tuple[int, Formula]], *, told: bool) -> pl.DataFrame:
        """The points of some formulas, and where they are to be told their benchmarks and notes."""
        formulas, places = [formula for _, formula in numbered], self.plan.rating.decimals.points
        uncut = {f.key: self.method_gives(f, number) for number, f in numbered}
        limits = {f"{f.key}:{what}": limit for f in formulas for what, limit in self.limits(f).items()}
        numbers: dict[str, Number] = {name: limit for name, limit in limits.items() if isinstance(limit, float)}
        by_row = {name: limit for name, limit in limits.items() if not isinstance(limit, float)}
        read = frame.select(
            *(raw.fill_null(math.nan).alias(f"{key}:raw") for key, raw in uncut.items()),
            *(limit.fill_null(math.nan).alias(name) for name, limit in by_row.items()),
            *(pl.col(c.ACTS.of(f.key)).fill_null(-1) for f in formulas),
            *(pl.col(c.FALLBACK.of(f.key)).fill_null(0).cast(pl.UInt8) for f in formulas if f.fallbacks),
            *(self.benchmark_held(f).alias(f"{f.key}:benchmark") for f in formulas if told),
        ).collect(engine="in-memory")
        numbers |= {name: read[name].to_numpy() for name in by_row}
        points, again = list[pl.Series](), list[pl.Expr]()
        for formula in formulas:
            key = formula.key
            used = read[c.FALLBACK.of(key)].to_numpy() if formula.fallbacks else None
            mine = Limits(
                numbers[f"{key}:floor"],
                numbers.get(f"{key}:cap"),
                {code: numbers.get(f"{key}:{code}") for code, _ in formula.policies()},
            )
            cut = Cut(read[f"{key}:raw"].to_numpy(), read[c.ACTS.of(key)].to_numpy(), mine, used, places)
            if cut.largest < SMALL_ENOUGH:
                points.append(cut.points().alias(f"{key}:points"))
            else:
                again.append(
                    round_points(self.clamped(formula, uncut[key]), places, largest=None).alias(f"{key}:points")
                )
            if told:
                words = [None, *c.NOTES, *(f"fallback:{name}" for name in formula.fallbacks)]
                points.append(cut.notes(pl.Series(words, dtype=self.notes)).alias(f"{key}:note"))
                points.append(read[f"{key}:benchmark"])
            if formula.mean_is_capped:
                most = self.limit(formula, "cap") * pl.col(c.WEIGHT.of(key))
                again.append(round_points(most, places, largest=None).alias(f"{key}:most"))
        more = frame.select(again).collect(engine="in-memory").get_columns() if again else []
        # Where some are too large is not the same in every part of a county: the order of columns is.
        return pl.DataFrame(sorted([*points, *more], key=lambda column: column.name))

    @cached_property
    def notes(self) -> pl.Enum:
        """The words of all notes."""
        return pl.Enum([*c.NOTES, *dict.fromkeys(f"fallback:{name}" for f in self.formulas for name in f.fallbacks)])

    def limits(self, formula: Formula) -> dict[str, pl.Expr | float]:
        """What a formula's points are cut by, in 10⁻¹²: `floor`, `cap`, and by its code what a policy gives; one number
        where it is the same for all."""
        limits = {"floor": self.limit_twelfths(formula, "floor")}
        if formula.model.cap is not None:
            limits["cap"] = self.limit_twelfths(formula, "cap")
        for code, policy in formula.policies():
            constant = self.constant(policy, formula)
            if constant is not None:
                limits[str(code)] = in_twelfths(constant)
        return limits

    def benchmark_held(self, formula: Formula) -> pl.Expr:
        """The benchmark of whom the formula serves."""
        serves = None if self.inside(formula) is None else pl.col(c.ACTS.of(formula.key)).is_not_null()
        return where(serves, pl.col(c.OF.of(formula.key)))

    def method_gives(self, formula: Formula, number: int) -> pl.Expr:
        """What the method gives, whatever the cap and the floor."""
        key = formula.key
        value = pl.col(c.VALUE.of(key) if formula.has_own_value else formula.indicator)
        peers = {name: pl.col(c.peer_column(name, number)) for name in formula.method.asks}
        given = Scored(value, pl.col(c.OF.of(key)), pl.col(c.WEIGHT.of(key)), peers, formula.items[0].formula)
        return formula.method.raw(formula.model, given)

    def limit(self, formula: Formula, side: str) -> pl.Expr:
        """The cap or the floor, as a multiple of the weight."""
        return self.by_cohort(formula, [float(getattr(i.item, side) or 0) for i in formula.items])

    def limit_twelfths(self, formula: Formula, side: str) -> pl.Expr | float:
        """The points at the cap or the floor in 10⁻¹²; without reweighting a number per cohort."""
        if {i.cohort for i in formula.items} & self.reweighed:
            return in_twelfths(self.limit(formula, side) * pl.col(c.WEIGHT.of(formula.key)))
        limits = [float(getattr(i.item, side) or 0) * float(i.item.weight) for i in formula.items]
        numbers = [in_twelfths(limit) for limit in limits]
        return numbers[0] if alike(self.cohorts, numbers) else self.by_cohort(formula, numbers)

    def constant(self, policy: Policy, formula: Formula) -> pl.Expr | float | None:
        """What a policy gives; `None` for the mean of the cohort, known only once the others have their points."""
        if policy.kind in ("zero", "reweight"):
            return 0.0
        weight = pl.col(c.WEIGHT.of(formula.key))
        if policy.kind == "full":
            return weight
        if policy.kind == "cap":
            return self.limit(formula, "cap") * weight
        if policy.kind == "points":
            assert policy.points is not None
            return float(policy.points)
        return None

    def clamped(self, formula: Formula, raw: pl.Expr) -> pl.Expr:
        """The same as `Cut` by floats: of points that are too large for it."""
        key, weight = formula.key, pl.col(c.WEIGHT.of(formula.key))
        acts = pl.col(c.ACTS.of(key))
        twelfths = in_twelfths(raw)
        lowest = self.limit(formula, "floor") * weight
        cut: Chained = pl.when(twelfths < in_twelfths(lowest)).then(lowest)
        if formula.model.cap is not None:
            highest = self.limit(formula, "cap") * weight
            cut = cut.when(twelfths > in_twelfths(highest)).then(highest)
        points: Chained = pl.when(acts == METHOD).then(cut.otherwise(raw))
        for code, policy in formula.policies():
            constant = self.constant(policy, formula)
            if constant is not None:
                points = points.when(acts == code).then(pl.lit(constant) if isinstance(constant, float) else constant)
        return points.otherwise(None)


@overload
def in_twelfths(points: float) -> float: ...
@overload
def in_twelfths(points: pl.Expr) -> pl.Expr: ...
def in_twelfths(points: pl.Expr | float) -> pl.Expr | float:
    """Points as whole numbers of 10⁻¹²."""
    return float(round(points * 1e12)) if isinstance(points, float) else (points * 1e12).round()


# --------------------------------------------------------------------------------------------------------- benchmarks


def _check_benchmarks(formulas: Sequence[Formula], frame: pl.DataFrame, counted: pl.Expr) -> None:
    checked = [f for f in formulas if f.method.divides]
    if not checked:
        return
    wrong = {f.key: unusable(f, c.OF.of(f.key), METHOD, NEGATIVE) & counted for f in checked}
    counts: Mapping[str, int] = frame.select([w.sum().alias(k) for k, w in wrong.items()]).row(0, named=True)
    problems = []
    for formula in checked:
        count, held = counts[formula.key], c.OF.of(formula.key)
        if count:
            first = frame.filter(wrong[formula.key]).select("credit_code", c.COHORT.name, held).row(0)
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


def unusable(formula: Formula, held: str, *acting: int) -> pl.Expr:
    """Who would be held against a benchmark, in the column `held`, that is not above zero, where some codes act."""
    usable = (pl.col(held) > 0).fill_null(value=False)
    acts = pl.col(c.ACTS.of(formula.key))
    return pl.any_horizontal([acts == code for code in acting]).fill_null(value=False) & ~usable


# ------------------------------------------------------------------------------------------------------------ results


def _with_results(plan: RatingPlan, formulas: Sequence[Formula], frame: pl.DataFrame, peers: Peers) -> pl.DataFrame:
    """The mean of the cohort where it is given, and every indicator's points, benchmark and note from its formulas."""
    frame = with_means(formulas, frame, peers)
    named: dict[str, pl.Expr] = {}
    for indicator in plan.rating.indicators:
        keys = [f.key for f in formulas if f.indicator == indicator]
        for what, column in (("points", c.POINTS), ("benchmark", c.BENCHMARK), ("note", c.NOTE)):
            if keys:
                there = [pl.col(f"{k}:{what}") for k in keys]
                named[column.of(indicator)] = there[0] if len(there) == 1 else pl.coalesce(there)
    working = {f"{f.key}:{what}" for f in formulas for what in ("points", "benchmark", "note")}
    working |= {column.of(f.key) for f in formulas if not f.model.formula for column in (c.OF, c.WEIGHT)}
    working |= {f"{f.key}:most" for f in formulas if f.mean_is_capped}
    kept = {name: pl.col(name) for name in frame.columns if name not in working} | named
    return frame.select(value.alias(name) for name, value in kept.items())


def with_means(formulas: Sequence[Formula], frame: pl.DataFrame, peers: Peers) -> pl.DataFrame:
    """The mean of the cohort's points for whom a policy gives it."""
    for formula in formulas:
        if not formula.means:
            continue
        mean = pl.lit(peers.mean(frame, formula))
        given = pl.min_horizontal(mean, pl.col(f"{formula.key}:most")) if formula.mean_is_capped else mean
        acts = pl.col(c.ACTS.of(formula.key))
        chosen = pl.when(acts.is_in(formula.means)).then(given).otherwise(formula.points)
        frame = frame.with_columns(chosen.alias(f"{formula.key}:points"))
    return frame
