"""From indicators to points.

Three steps: what acts on each subject (the method, or a policy for a missing, negative or undividable value); raw
points as floats; points rounded to whole numbers of 10⁻ᵖˡᵃᶜᵉˢ. Columns are those of `columns`; what several columns are
made from is a column itself, since an expression computes what it names once for each time that it names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import polars as pl
from polars.expr.whenthen import ChainedThen, Then

from mujun.errors import RatingError, problem
from mujun.messages import Firm
from mujun.numbers import divided, points_of_twelfths, round_points, with_at12
from mujun.rating import columns as c
from mujun.rating.formulas import (
    METHOD,
    MISSING,
    NEGATIVE,
    UNDIVIDED,
    Formula,
    by_cohort,
    formulas_of,
    stated_number,
)
from mujun.rating.peers import Peers
from mujun.rules.expressions import Compiled, as_float12, as_number
from mujun.rules.methods import Scored
from mujun.rules.model import Policy
from mujun.rules.rating_plan import SCORED, RatingPlan

Chained = Then | ChainedThen

FLOORED, CAPPED = 1, 2
_NOTES = {UNDIVIDED: "zero_denominator", MISSING: "missing", NEGATIVE: "negative"}
_WORDS: tuple[str | None, ...] = (None, "floored", "capped", _NOTES[MISSING], _NOTES[UNDIVIDED], _NOTES[NEGATIVE])
"""Notes by number, then the fallbacks; one that tells what acts stands at `ACTED` and its code."""
ACTED = 2

SMALL_ENOUGH = 9e15
"""Raw points below 9,000, in 10⁻¹²: what a whole number of 64 bits holds with room for rounding."""


def scored(plan: RatingPlan, frame: pl.DataFrame, peers: Peers) -> pl.DataFrame:
    """Subjects with points, benchmarks and notes for every indicator.

    Adds `_scored`, per formula what acts and which value is scored, what peers come to, and per scored indicator
    `<id>_points` (Int64 in 10⁻ᵖˡᵃᶜᵉˢ), `<id>_benchmark` and `<id>_note`; missing where the subject's cohort does not
    score the indicator.

    Args:
        plan: the rules.
        frame: subjects with every name computed.
        peers: those with whom each subject is held together.

    Raises:
        RatingError: a benchmark is missing or not above zero where it is needed.
    """
    cohorts = [cohort.id for cohort in plan.rating.cohorts]
    formulas = formulas_of(plan)
    scoring = c.TREATMENT.col.is_in(SCORED)
    frame = frame.with_columns(pl.when(scoring).then(c.COHORT_CODE.col).cast(pl.UInt32).alias(c.SCORED.name))
    steps = _Steps(plan, formulas, cohorts, everybody=not frame[c.SCORED.name].null_count())
    lazy = frame.lazy().with_columns([e for f in formulas for e in steps.acting(f, frame.columns)])
    frame = steps.with_parameters(steps.with_weights_left(lazy)).collect(engine="in-memory")
    frame = frame.with_columns([s for n, f in enumerate(formulas) for s in _of_peers(f, n, frame, peers)])
    _check_benchmarks(formulas, frame, peers)
    return _with_results(plan, formulas, steps.with_points(frame), peers)


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


class _Steps:
    """The steps of all formulas; `everybody` says that every row is scored, so that nothing need be left out."""

    def __init__(
        self, plan: RatingPlan, formulas: Sequence[Formula], cohorts: Sequence[str], *, everybody: bool
    ) -> None:
        self.plan, self.formulas, self.cohorts, self.everybody = plan, formulas, cohorts, everybody
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
        named = [_where(inside, acting).alias(c.ACTS.of(key))]
        valued = inside if undivided is None else ~undivided if inside is None else inside & ~undivided
        if formula.has_own_value:
            named.append(_where(valued, value).alias(c.VALUE.of(key)))
        if others:
            used = [pl.when(o.is_not_null()).then(pl.lit(i, dtype=pl.Int8)) for i, o in enumerate([indicator, *others])]
            named.append(_where(valued, pl.coalesce(used)).alias(c.FALLBACK.of(key)))
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

    def with_parameters(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """`<key>:of` and `<key>:weight`: the benchmark and the weight of every row."""
        stated: dict[str, pl.Expr] = {}
        given: list[pl.Expr] = []
        for formula in self.formulas:
            name = c.OF.of(formula.key)
            compiled = _asked(formula)
            if compiled is not None:
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

    # --------------------------------------------------------------------------------------------------------- points

    def with_points(self, frame: pl.DataFrame) -> pl.DataFrame:
        """`<key>:points`, `<key>:benchmark` and `<key>:note` of every formula; the mean of a cohort not yet given."""
        lazy = frame.lazy().with_columns(
            [self.method_gives(f, number).alias(f"{f.key}:uncut") for number, f in enumerate(self.formulas)]
        )
        # What only differs by the noise of a double has not been cut: whole numbers of 10⁻¹² are compared.
        lazy = lazy.with_columns([(pl.col(f"{f.key}:uncut") * 1e12).round().alias(_twelfths(f)) for f in self.formulas])
        lazy = lazy.with_columns([e for f in self.formulas for e in self.cut_twelfths(f)])
        # A number that is stated for everybody needs no looking.
        doubtful = [f for f in self.formulas if not self.is_small(f)]
        if doubtful:
            held = lazy.collect(engine="in-memory")
            lazy = held.lazy()
            largest = held.select(pl.col(_twelfths(f)).abs().max() for f in doubtful).row(0)
            doubtful = [f for f, most in zip(doubtful, largest, strict=True) if (most or 0) >= SMALL_ENOUGH]
        places = self.plan.rating.decimals.points
        rounded = [
            (
                round_points(self.clamped(f), places, largest=None)
                if f in doubtful
                else points_of_twelfths(pl.col(_twelfths(f)).cast(pl.Int64), places, signed=_may_be_negative(f))
            ).alias(f"{f.key}:points")
            for f in self.formulas
        ]
        most = [
            round_points(self.limit(f, "cap") * pl.col(c.WEIGHT.of(f.key)), places, largest=None).alias(f"{f.key}:most")
            for f in self.formulas
            if f.mean_is_capped
        ]
        notes = [_worded(f).alias(f"{f.key}:note") for f in self.formulas]
        working = [name for f in self.formulas for name in (f"{f.key}:uncut", _twelfths(f))]
        return lazy.with_columns(*rounded, *most, *notes).drop(working).collect(engine="in-memory")

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

    def limit_twelfths(self, formula: Formula, side: str) -> pl.Expr:
        """The points at the cap or the floor in 10⁻¹²; without reweighting a number per cohort."""
        if {i.cohort for i in formula.items} & self.reweighed:
            return (self.limit(formula, side) * pl.col(c.WEIGHT.of(formula.key)) * 1e12).round()
        limits = [float(getattr(i.item, side) or 0) * float(i.item.weight) for i in formula.items]
        return self.by_cohort(formula, [float(round(limit * 1e12)) for limit in limits])

    def cut_twelfths(self, formula: Formula) -> list[pl.Expr]:
        """Raw points within floor and cap, or what a policy says, in 10⁻¹²; the number of the note; the benchmark."""
        key = formula.key
        acts, twelfths = pl.col(c.ACTS.of(key)), pl.col(_twelfths(formula))
        lowest = self.limit_twelfths(formula, "floor")
        highest = self.limit_twelfths(formula, "cap") if formula.model.cap is not None else None
        given: Chained = pl.when(acts == METHOD).then(twelfths.clip(lowest, highest))
        note: Chained = pl.when(twelfths < lowest).then(pl.lit(FLOORED, dtype=pl.UInt32))
        if highest is not None:
            note = note.when(twelfths > highest).then(pl.lit(CAPPED, dtype=pl.UInt32))
        plain = note.otherwise(None)
        if formula.fallbacks:
            used = pl.col(c.FALLBACK.of(key)).cast(pl.UInt32)
            plain = pl.when(used > 0).then(used + (len(_WORDS) - 1)).otherwise(plain)
        notes: Chained = pl.when(acts == METHOD).then(plain)
        for code, policy in formula.policies():
            constant = self.constant(policy, formula)
            notes = notes.when(acts == code).then(pl.lit(ACTED + code, dtype=pl.UInt32))
            if constant is not None:
                given = given.when(acts == code).then((constant * 1e12).round())
        benchmark = pl.col(c.OF.of(key))
        return [
            given.otherwise(None).alias(_twelfths(formula)),
            notes.otherwise(None).alias(f"{key}:noted"),
            _where(None if self.inside(formula) is None else acts.is_not_null(), benchmark).alias(f"{key}:benchmark"),
        ]

    def constant(self, policy: Policy, formula: Formula) -> pl.Expr | None:
        """What a policy gives; `None` for the mean of the cohort, known only once the others have their points."""
        if policy.kind in ("zero", "reweight"):
            return pl.lit(0.0)
        weight = pl.col(c.WEIGHT.of(formula.key))
        if policy.kind == "full":
            return weight
        if policy.kind == "cap":
            return self.limit(formula, "cap") * weight
        if policy.kind == "points":
            assert policy.points is not None
            return pl.lit(float(policy.points))
        return None

    def is_small(self, formula: Formula) -> bool:
        """Whether a formula's points are below 9,000 whatever the data."""
        if formula.model.cap is None or {i.cohort for i in formula.items} & self.reweighed:
            return False
        stated = [abs(policy.points) for _, policy in formula.policies() if policy.points is not None]
        for plan in formula.items:
            item = plan.item
            stated += [item.weight * abs(n) for n in (item.cap or Decimal(0), item.floor, Decimal(1))]
        return max(stated) < 8_999

    def clamped(self, formula: Formula) -> pl.Expr:
        """The same as `cut_twelfths` by floats: of points that are too large for it."""
        key, weight = formula.key, pl.col(c.WEIGHT.of(formula.key))
        acts, raw = pl.col(c.ACTS.of(key)), pl.col(f"{key}:uncut")
        twelfths = (raw * 1e12).round()
        lowest = self.limit(formula, "floor") * weight
        cut: Chained = pl.when(twelfths < (lowest * 1e12).round()).then(lowest)
        if formula.model.cap is not None:
            highest = self.limit(formula, "cap") * weight
            cut = cut.when(twelfths > (highest * 1e12).round()).then(highest)
        points: Chained = pl.when(acts == METHOD).then(cut.otherwise(raw))
        for code, policy in formula.policies():
            constant = self.constant(policy, formula)
            if constant is not None:
                points = points.when(acts == code).then(constant)
        return points.otherwise(None)


_STATED = "_stated:"
"""The beginning of a working column: a benchmark by its text, at 12 decimals, for all formulas that state it."""


def _where(condition: pl.Expr | None, value: pl.Expr) -> pl.Expr:
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


def _may_be_negative(formula: Formula) -> bool:
    """Whether some points may be below zero."""
    stated = [policy.points for _, policy in formula.policies() if policy.points is not None]
    return any(number < 0 for number in (*(i.item.floor for i in formula.items), *stated))


def _twelfths(formula: Formula) -> str:
    return f"{formula.key}:twelfths"


def _worded(formula: Formula) -> pl.Expr:
    """The note's word by its number."""
    words = [*_WORDS, *(f"fallback:{name}" for name in formula.fallbacks)]
    return pl.lit(pl.Series(words, dtype=pl.String)).gather(pl.col(f"{formula.key}:noted"))


# --------------------------------------------------------------------------------------------------------- benchmarks


def _check_benchmarks(formulas: Sequence[Formula], frame: pl.DataFrame, peers: Peers) -> None:
    checked = [f for f in formulas if f.method.divides]
    if not checked:
        return
    wrong = {f.key: unusable(f, c.OF.of(f.key), METHOD, NEGATIVE) & peers.counted for f in checked}
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
    return pl.col(c.ACTS.of(formula.key)).is_in(acting).fill_null(value=False) & ~usable


# ------------------------------------------------------------------------------------------------------------ results


def _with_results(plan: RatingPlan, formulas: Sequence[Formula], frame: pl.DataFrame, peers: Peers) -> pl.DataFrame:
    """The mean of the cohort where it is given, and every indicator's points, benchmark and note from its formulas."""
    for formula in formulas:
        if not formula.means:
            continue
        acts, points = pl.col(c.ACTS.of(formula.key)), pl.col(f"{formula.key}:points")
        mean = pl.lit(peers.mean(frame, points, acts.is_in(formula.counted)))
        given = pl.min_horizontal(mean, pl.col(f"{formula.key}:most")) if formula.mean_is_capped else mean
        chosen = pl.when(acts.is_in(formula.means)).then(given).otherwise(points)
        frame = frame.with_columns(chosen.alias(f"{formula.key}:points"))
    named: list[pl.Expr] = []
    for indicator in plan.rating.indicators:
        keys = [f.key for f in formulas if f.indicator == indicator]
        for what, column in (("points", c.POINTS), ("benchmark", c.BENCHMARK), ("note", c.NOTE)):
            if keys:
                named.append(pl.coalesce([pl.col(f"{k}:{what}") for k in keys]).alias(column.of(indicator)))
    working = [f"{f.key}:{what}" for f in formulas for what in ("points", "benchmark", "note", "noted")]
    working += [column.of(f.key) for f in formulas if not f.model.formula for column in (c.OF, c.WEIGHT)]
    working += [f"{f.key}:most" for f in formulas if f.mean_is_capped]
    return frame.with_columns(named).drop(working)
