"""A rating file compiled: every expression checked and translated, every reference resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mujun.dataclass import dataclass
from mujun.errors import Place, Problem, RuleError, problem
from mujun.fields import FRAME_FIELDS
from mujun.numbers import NO_UNIT, parse_unit
from mujun.rules.cross_checks import check_references
from mujun.rules.expressions import Compiled, Expression, Meaning, Scope
from mujun.rules.last_year import declared_of_last_year
from mujun.rules.mentions import texts_of
from mujun.rules.model import Adjustment, After, Before, Cut, Item, Pick, TheRating
from mujun.rules.model.rating import FIRMS
from mujun.rules.named_values import check_key, checked_unit, compile_condition, compile_number, dictionary
from mujun.rules.names import Declared, FieldPlan, IndicatorPlan, Names, StatisticPlan, compile_names
from mujun.rules.once import once
from mujun.rules.relations import check_firms_only
from mujun.rules.result_columns import names_of_columns
from mujun.rules.ruleset import RuleSet

SCORED: tuple[str, ...] = ("rated", "ungraded")
"""Treatments whose subjects get points and a rank, and count in statistics."""

TREATMENTS: tuple[str, ...] = ("rated", "ungraded", "own_tier", "measured", "collected", "out")


FIRMS_MEANING = Meaning(FIRMS, "exact", 0, parse_unit("家"), "家数")
"""How many firms an area has, as an expression sees it."""


@dataclass(frozen=True)
class ItemPlan:
    """One indicator's part in one cohort's score."""

    cohort: str
    indicator: str
    item: Item
    benchmark: Compiled | None
    formula: Compiled | None
    fallbacks: tuple[tuple[str, Compiled | None], ...]


@dataclass(frozen=True)
class AdjustmentPlan:
    """A bonus or penalty, compiled."""

    source: Adjustment
    when: Compiled | None
    points: Compiled | None


@dataclass(frozen=True)
class RankKey:
    """One key of a ranking: an expression, and whether more is better."""

    compiled: Compiled
    descending: bool


@dataclass(frozen=True)
class PickPlan:
    """A pick, compiled."""

    source: Pick
    among: Compiled | None
    by: tuple[RankKey, ...]


@dataclass(frozen=True)
class CutPlan:
    """A cut, compiled."""

    source: Cut
    by: Compiled | None
    picks: tuple[PickPlan, ...]


@dataclass(frozen=True)
class RatingPlan:
    """Everything `rate` needs to know of the rules."""

    ruleset: RuleSet
    rating: TheRating
    names: Names
    items: tuple[ItemPlan, ...]
    adjustments: tuple[AdjustmentPlan, ...]
    before: tuple[tuple[Before, Compiled | None], ...]
    after: tuple[tuple[After, Compiled | None], ...]
    rank_by: Mapping[str, tuple[RankKey, ...]]
    cuts: Mapping[str, CutPlan]
    scope: Scope
    apart: Compiled | None = None
    both: Compiled | None = None
    members: Compiled | None = None

    @property
    def indicators(self) -> tuple[IndicatorPlan, ...]:
        """The indicators in the order of the file."""
        plans = {p.name: p for p in self.names.all_of(IndicatorPlan) if isinstance(p, IndicatorPlan)}
        return tuple(plans[n] for n in self.rating.indicators if n in plans)

    @property
    def tier_ids(self) -> tuple[str, ...]:
        """The tiers, best first."""
        return tuple(c.id for c in self.rating.tiers.classes) if self.rating.tiers else ()


@once
def compile_rating(ruleset: RuleSet) -> RatingPlan:
    """The rating of a rule set, compiled; the same object for the same rule set.

    Raises:
        RuleError: the set has no rating, or it does not fit together; everything at once.
    """
    rating = ruleset.rating
    if rating is None:
        raise RuleError(problem("rules_no_rating", Place(file=ruleset.address)))
    plan, problems = check_rating(ruleset, rating)
    if problems:
        raise RuleError(problems)
    return plan


def check_rating(ruleset: RuleSet, rating: TheRating) -> tuple[RatingPlan, list[Problem]]:
    """The compiled rating and everything that is wrong with it."""
    problems: list[Problem] = []
    check_references(rating, problems)
    problems += names_of_columns(rating)
    names = compile_names(_declared(ruleset, rating), _known(rating), _LATER, problems)
    scope = names.scope
    items = tuple(
        plan
        for cohort, scoring in rating.scoring.items()
        for indicator, item in scoring.items.items()
        if (plan := _item(cohort, indicator, item, scope, problems)) is not None
    )
    scope = scope.with_meanings(_points_meanings(rating, scope))
    adjustments = tuple(
        AdjustmentPlan(
            a,
            compile_condition(a.when, scope, problems) if a.when else None,
            compile_number(a.points, scope, problems),
        )
        for a in rating.adjustments.items
    )
    scored = replace(scope, later={k: v for k, v in scope.later.items() if k != "score"})
    scope = scored.with_meanings([Meaning("score", "exact", rating.decimals.score, NO_UNIT, "综合得分")])
    tiers = rating.tiers
    if rating.population.merges_by != "enterprise" or rating.population.area is not None:
        for field in names.all_of(FieldPlan):
            if isinstance(field, FieldPlan) and field.meaning.kind == "number" and field.pool is None:
                problems.append(problem("field_needs_pool", rating.fields[field.name].stands, name=field.name))
        plans = (s for s in names.all_of(StatisticPlan) if isinstance(s, StatisticPlan))
        check_firms_only({s.name: s.source for s in plans}, problems)
    apart, both, members = _of_own(rating, names, problems)
    of_own = (apart, both, members)
    if tiers is None:
        return RatingPlan(ruleset, rating, names, items, adjustments, (), (), {}, {}, scope, *of_own), problems
    for cell in tiers.cells:
        check_key(cell, names.scope, tiers.stands, problems)
    before = tuple((b, compile_condition(b.when, scope, problems)) for b in tiers.before)
    rank_by = {
        cohort: tuple(k for text in keys if (k := _rank_key(text, tiers.stands, scope, problems)) is not None)
        for cohort, keys in tiers.rank_by.items()
    }
    ranked = scope.with_meanings(
        [Meaning("rank", "exact", 0, None, "名次"), Meaning("size", "exact", 0, None, "参评数")]
    )
    cuts = {name: _cut(cut, ranked, problems) for name, cut in tiers.cut.items()}
    ids = tuple(c.id for c in tiers.classes)
    full = ranked.with_meanings(
        [Meaning("tier", "text", 0, None, "档次", ids), Meaning("tier_cut", "text", 0, None, "切分档次", ids)]
    )
    after = tuple((a, compile_condition(a.when, full, problems)) for a in tiers.after)
    compiled = RatingPlan(ruleset, rating, names, items, adjustments, before, after, rank_by, cuts, full, *of_own)
    return compiled, problems


def _of_own(
    rating: TheRating, names: Names, problems: list[Problem]
) -> tuple[Compiled | None, Compiled | None, Compiled | None]:
    """`apart`, `both` and `members`, compiled: they are asked of each firm before anything is merged."""
    population = rating.population
    fields = {p.name for p in names.all_of(FieldPlan) if isinstance(p, FieldPlan) and not p.again}
    conditions: list[Compiled | None] = []
    for key, source in (
        ("apart", population.apart),
        ("both", population.both.condition if population.both is not None else None),
        ("members", population.members),
    ):
        compiled = compile_condition(source, names.scope, problems) if source is not None else None
        later = sorted(compiled.names - fields - set(FRAME_FIELDS)) if compiled is not None else []
        if later and source is not None:
            problems.append(problem("condition_before_merging", source.place, key=key, needs=later))
        conditions.append(compiled)
    return conditions[0], conditions[1], conditions[2]


_LATER: dict[str, str] = {
    "score": "计分之后",
    "rank": "排名之后",
    "size": "排名之后",
    "tier": "分档之后",
    "tier_cut": "分档之后",
    "streak": "分档之后",
    "value": "计分公式（formula）中",
    "benchmark": "计分公式（formula）中",
    "weight": "计分公式（formula）中",
}


def _known(rating: TheRating) -> list[Meaning]:
    """The names that exist before a rating: the dictionary's, and of an area how many firms it has."""
    if rating.population.area is None:
        return dictionary()
    return [*dictionary(), FIRMS_MEANING]


def _declared(ruleset: RuleSet, rating: TheRating) -> Declared:
    population = rating.population
    treatment = Meaning("treatment", "text", 0, None, "特殊情形", TREATMENTS)
    cohort = Meaning("cohort", "text", 0, None, "评价组别", tuple(c.id for c in rating.cohorts))
    return Declared(
        rating.fields,
        ruleset.lookups.get("rating", {}),
        rating.statistics,
        rating.indicators,
        {
            "treatment": (population.scope, tuple(s.when for s in population.special), treatment),
            "cohort": (None, tuple(c.when for c in rating.cohorts), cohort),
        },
        frozenset({"treatment"}),
        texts_of(rating, ruleset.rectification, *(p.file for p in ruleset.allocation_parts)),
    )


def names_of_last_year(plan: RatingPlan) -> Names:
    """The names as they are computed on last year's frame.

    A statistic with `year: previous` is computed there as `<name>@last`; under its own name it would look back one
    year further and is missing.
    """
    declared = declared_of_last_year(_declared(plan.ruleset, plan.rating))
    problems: list[Problem] = []
    names = compile_names(declared, _known(plan.rating), _LATER, problems)
    if problems:
        raise RuleError(problems)
    return names


def _points_meanings(rating: TheRating, scope: Scope) -> list[Meaning]:
    used = {name for scoring in rating.scoring.values() for name in scoring.items}
    meanings: list[Meaning] = []
    for name in rating.indicators:
        if name in used and name in scope.meanings:
            label = scope.meanings[name].label
            meanings.append(Meaning(f"{name}_points", "exact", rating.decimals.points, NO_UNIT, f"{label}得分"))
            meanings.append(Meaning(f"{name}_benchmark", "number", 0, scope.meanings[name].unit, f"{label}基准值"))
    return meanings


def _item(cohort: str, indicator: str, item: Item, scope: Scope, problems: list[Problem]) -> ItemPlan | None:
    meaning = scope.meanings.get(indicator)
    if meaning is None:
        return None  # check_references has said so
    benchmark = _benchmark(item.benchmark, indicator, scope, problems)
    for key in item.over or ():
        check_key(key, scope, item.stands, problems)
    formula = None
    if item.formula is not None:
        # Inside a formula the three words mean columns of this indicator in this cohort.
        inside = replace(
            scope,
            meanings={
                **scope.meanings,
                "value": Meaning(f"{indicator}@{cohort}:value", "number", 0, meaning.unit),
                "benchmark": Meaning(f"{indicator}@{cohort}:of", "number", 0, meaning.unit),
                "weight": Meaning(f"{indicator}@{cohort}:weight", "number", 0, NO_UNIT),
            },
        )
        formula = compile_number(item.formula, inside, problems)
    fallbacks = tuple(
        (f.indicator, _benchmark(f.benchmark, f.indicator, scope, problems))
        for f in item.fallback
        if f.indicator in scope.meanings
    )
    return ItemPlan(cohort, indicator, item, benchmark, formula, fallbacks)


def _benchmark(source: Expression | None, indicator: str, scope: Scope, problems: list[Problem]) -> Compiled | None:
    if source is None:
        return None
    compiled = compile_number(source, scope, problems)
    if compiled is not None:
        checked_unit(compiled.value, scope.meanings[indicator].unit, None, source.place, problems)
    return compiled


def _rank_key(text: str, place: Place, scope: Scope, problems: list[Problem]) -> RankKey | None:
    ascending = text.startswith("-")
    source = Expression(text[1:].strip() if ascending else text, place)
    before = len(problems)
    compiled = compile_number(source, scope, problems)
    if compiled is None or len(problems) > before:
        return None
    return RankKey(compiled, not ascending)


def _cut(cut: Cut, scope: Scope, problems: list[Problem]) -> CutPlan:
    by = compile_number(Expression(cut.by, cut.stands), scope, problems) if cut.thresholds is not None else None
    picks = tuple(
        PickPlan(
            pick,
            compile_condition(pick.among, scope, problems) if pick.among else None,
            tuple(k for text in pick.by if (k := _rank_key(text, pick.stands, scope, problems)) is not None),
        )
        for pick in cut.picks or ()
    )
    return CutPlan(cut, by, picks)


def columns_read(plan: RatingPlan) -> frozenset[str]:
    """The frame's columns that any expression of the rating reads."""
    compiled: list[Compiled | None] = [plan.apart, plan.both, plan.members]
    for item in plan.items:
        compiled += [item.benchmark, item.formula, *(benchmark for _, benchmark in item.fallbacks)]
    for adjustment in plan.adjustments:
        compiled += [adjustment.when, adjustment.points]
    compiled += [when for _, when in (*plan.before, *plan.after)]
    compiled += [key.compiled for keys in plan.rank_by.values() for key in keys]
    for cut in plan.cuts.values():
        compiled += [p.among for p in cut.picks] + [key.compiled for p in cut.picks for key in p.by] + [cut.by]
    read = {name for one in compiled if one is not None for name in one.names}
    cells = frozenset(plan.rating.tiers.cells) if plan.rating.tiers else frozenset()
    overs = frozenset(o for i in plan.items for o in i.item.over or ())
    return plan.names.reads | read | cells | overs
