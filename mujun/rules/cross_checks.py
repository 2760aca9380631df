"""What a rating file says about itself, held together: ids, cohorts, classes, methods and their keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise

from mujun.errors import Place, Problem, problem
from mujun.fields import nearest
from mujun.messages import Guess, MessageKey
from mujun.rules.methods import METHODS
from mujun.rules.model import After, Cut, Item, Stability, TheRating, Tiers


def check_references(rating: TheRating, problems: list[Problem]) -> None:
    """Everything that can be seen without compiling an expression."""
    _check_ids(rating, problems)
    cohorts = [c.id for c in rating.cohorts]
    if not cohorts:
        problems.append(problem("rating_no_cohorts", Place(file=_file(rating))))
    for cohort, scoring in rating.scoring.items():
        if cohort not in cohorts:
            problems.append(_unknown("scoring_unknown_cohort", scoring.stands, cohort, cohorts))
        for indicator, item in scoring.items.items():
            if indicator not in rating.indicators:
                problems.append(_unknown("scoring_unknown_indicator", item.stands, indicator, rating.indicators))
            _check_item(indicator, item, rating, problems)
    for c in rating.cohorts:
        if rating.status != "abstract" and c.id not in rating.scoring:
            problems.append(problem("cohort_without_scoring", c.stands, cohort=c.id))
    for special in rating.population.special:
        if special.treatment == "own_tier" and special.tier is None:
            problems.append(problem("special_without_tier", special.stands, id=special.id))
        for tier in (special.tier, special.managed_as):
            _check_tier(tier, rating.tiers, special.stands, problems)
        if special.in_base and special.treatment == "ungraded":
            problems.append(problem("special_in_base_anyway", special.stands, id=special.id))
    population, both = rating.population, rating.population.both
    for name, stated in (("both", both), ("apart", population.apart)):
        if stated is not None and population.area is not None:
            problems.append(problem("area_with", population.stands, key=name, subject=population.subject))
    if population.members is not None and population.area is None:
        problems.append(problem("members_without_area", population.stands, subject=population.subject))
    if population.area == "zone" and "zone" not in rating.fields:
        problems.append(problem("zone_undeclared", population.stands))
    if both is not None and both.within not in (None, rating.population.merges_by):
        problems.append(problem("both_with_other", both.stands, within=both.within, subject=rating.population.subject))
    if population.apart is not None and population.area is None and population.merges_by != "parcel":
        problems.append(problem("apart_without_parcel", rating.population.stands))
    for adjustment in rating.adjustments.items:
        if adjustment.family is not None and adjustment.family not in rating.adjustments.families:
            problems.append(
                _unknown("adjustment_unknown_family", adjustment.stands, adjustment.family, rating.adjustments.families)
            )
    for name, places in (("points", rating.decimals.points), ("score", rating.decimals.score)):
        if not 0 <= places <= 8:
            problems.append(problem("decimals_range", Place(file=_file(rating), key=f"decimals.{name}"), value=places))
    if rating.tiers is not None:
        _check_tiers(rating, rating.tiers, cohorts, problems)
    elif rating.status != "abstract":
        problems.append(problem("rating_no_tiers", Place(file=_file(rating))))
    if rating.stability is not None:
        _check_stability(rating, rating.stability, problems)


def _file(rating: TheRating) -> str:
    stands = rating.cohorts[0].stands if rating.cohorts else rating.population.stands
    return stands.file or "rating.yaml"


def _unknown(code: MessageKey, place: Place, name: str, known: Iterable[str]) -> Problem:
    listed = list(known)
    return problem(code, place, name=name, known=listed or "—", near=Guess(nearest(name, listed)))


def _check_ids(rating: TheRating, problems: list[Problem]) -> None:
    tiers = rating.tiers
    lists: dict[str, list[tuple[str, Place]]] = {
        "population.special": [(s.id, s.stands) for s in rating.population.special],
        "cohorts": [(c.id, c.stands) for c in rating.cohorts],
        "adjustments.items": [(a.id, a.stands) for a in rating.adjustments.items],
    }
    if tiers is not None:
        lists["tiers.classes"] = [(c.id, c.stands) for c in tiers.classes]
        lists["tiers.before/after"] = [(b.id, b.stands) for b in tiers.before] + [(a.id, a.stands) for a in tiers.after]
    check_unique(lists, problems)


def check_unique(lists: dict[str, list[tuple[str, Place]]], problems: list[Problem]) -> None:
    """Ids must be unique within their list: they are how a result says which rule it was."""
    for where, entries in lists.items():
        counted = Counter(identity for identity, _ in entries)
        for identity, place in entries:
            if counted[identity] > 1:
                counted[identity] = 0
                problems.append(problem("id_twice", place, id=identity, where=where))


def _check_item(indicator: str, item: Item, rating: TheRating, problems: list[Problem]) -> None:
    if item.weight <= 0:
        problems.append(problem("item_weight", item.stands, indicator=indicator, weight=item.weight))
    for name in item.method.needs if rating.status != "abstract" else ():
        if not getattr(item, name):
            problems.append(problem("item_needs", item.stands, indicator=indicator, method=item.method.name, name=name))
    for name, other in ((n, m) for m in METHODS.values() if m != item.method for n in m.only):
        if getattr(item, name):
            problems.append(
                problem("item_key_of_other_method", item.stands, indicator=indicator, name=name, method=other.name)
            )
    policies = (item.missing, item.zero_denominator, item.negative)
    if item.cap is None and any(p is not None and p.kind == "cap" for p in policies):
        problems.append(problem("item_cap_policy", item.stands, indicator=indicator))
    if item.cap is not None and item.cap <= item.floor:
        code: MessageKey = "item_cap_below_floor" if item.cap < item.floor else "item_cap_is_floor"
        problems.append(problem(code, item.stands, indicator=indicator, cap=item.cap, floor=item.floor))
    problems += item.method.check(indicator, item)
    for fallback in item.fallback:
        if fallback.indicator not in rating.indicators:
            problems.append(
                _unknown("fallback_unknown_indicator", fallback.stands, fallback.indicator, rating.indicators)
            )
        if item.method.divides and fallback.benchmark is None:
            problems.append(problem("fallback_without_benchmark", fallback.stands, indicator=fallback.indicator))


def _check_tier(tier: str | None, tiers: Tiers | None, place: Place, problems: list[Problem]) -> None:
    if tier is not None and tiers is not None and tier not in [c.id for c in tiers.classes]:
        problems.append(_unknown("tier_unknown", place, tier, [c.id for c in tiers.classes]))


def _check_tiers(rating: TheRating, tiers: Tiers, cohorts: list[str], problems: list[Problem]) -> None:
    for where, keyed in (("cut", tiers.cut), ("rank_by", tiers.rank_by)):
        for cohort in keyed:
            if cohort != "default" and cohort not in cohorts:
                problems.append(_unknown("tiers_unknown_cohort", tiers.stands, cohort, ["default", *cohorts]))
        uncovered = [c for c in cohorts if c not in keyed] if "cohort" in tiers.cells else cohorts
        if uncovered and "default" not in keyed and rating.status != "abstract":
            problems.append(problem("tiers_no_default", tiers.stands, where=f"tiers.{where}", cohorts=uncovered))
    for cut in tiers.cut.values():
        _check_cut(cut, tiers, problems)
    for rule in tiers.before:
        _check_tier(rule.set, tiers, rule.stands, problems)
    earlier = [b.id for b in tiers.before]
    for after in tiers.after:
        _check_after(after, earlier, tiers, problems)
        earlier.append(after.id)
    for tier in tiers.verify:
        _check_tier(tier, tiers, tiers.stands, problems)


def _check_cut(cut: Cut, tiers: Tiers, problems: list[Problem]) -> None:
    ways = [w for w in ("shares", "thresholds", "picks") if getattr(cut, w) is not None]
    if len(ways) != 1:
        problems.append(problem("cut_one_way", cut.stands, ways=ways or "—"))
        return
    named = list(cut.shares or cut.thresholds or [p.tier for p in cut.picks or ()])
    for tier in (*named, *((cut.rest,) if cut.rest else ())):
        _check_tier(tier, tiers, cut.stands, problems)
    order = {c.id: i for i, c in enumerate(tiers.classes)}
    places = [order[t] for t in named if t in order]
    if not cut.picks and places != sorted(places):
        problems.append(problem("cut_order", cut.stands, tiers=named, classes=list(order)))
    if cut.shares is not None:
        shares = list(cut.shares.values())
        if any(b < a for a, b in pairwise(shares)) or not shares or shares[0] < 0 or shares[-1] != 100:
            problems.append(problem("cut_shares", cut.stands, shares=shares))
        return
    if cut.rest is None:
        problems.append(problem("cut_rest", cut.stands))
    if cut.thresholds is not None:
        limits = list(cut.thresholds.values())
        if any(b >= a for a, b in pairwise(limits)):
            problems.append(problem("cut_thresholds", cut.stands, limits=limits))
    for pick in cut.picks or ():
        if not 0 <= pick.take <= 100:
            problems.append(problem("pick_take", pick.stands, id=pick.id, take=pick.take))


def _check_after(after: After, earlier: list[str], tiers: Tiers, problems: list[Problem]) -> None:
    actions = [a for a in ("set", "at_most", "at_least", "move") if getattr(after, a) is not None]
    if len(actions) != 1:
        problems.append(problem("after_one_action", after.stands, id=after.id, actions=actions or "—"))
    for tier in (after.set, after.at_most, after.at_least):
        _check_tier(tier, tiers, after.stands, problems)
    for other in after.unless:
        if other not in earlier:
            problems.append(_unknown("after_unless_unknown", after.stands, other, earlier))


MOST_DRAWS = 9_999
"""So many draws tell shares to a third of a per cent; more would tell no more."""


def _check_stability(rating: TheRating, stability: Stability, problems: list[Problem]) -> None:
    place = stability.stands
    whole = {n for n, i in rating.indicators.items() if i.value is not None}
    sides = {e.text for i in rating.indicators.values() for e in (i.of, i.per) if e is not None}
    known: dict[str, Iterable[str]] = {
        "weights": rating.indicators,
        "benchmarks": rating.indicators,
        "caps": rating.indicators,
        "cuts": [c.id for c in rating.tiers.classes] if rating.tiers is not None else [],
        "inputs": [*sorted(sides), *sorted(whole)],
    }
    for source, names in known.items():
        stated: dict[str, Decimal] = getattr(stability, source)
        for name, width in stated.items():
            if name != "default" and name not in names:
                near = Guess(nearest(name, names))
                problems.append(
                    problem("stability_name", place, source=source, name=name, known=list(names), near=near)
                )
            if not 0 <= width < 100:
                problems.append(problem("stability_wide", place, source=f"{source}.{name}", value=width, most=99))
    if not 1 <= stability.draws <= MOST_DRAWS:
        problems.append(problem("stability_draws", place, value=stability.draws, most=MOST_DRAWS))
    if not 0 <= stability.fragile_below <= 100:
        value = stability.fragile_below
        problems.append(problem("stability_wide", place, source="fragile_below", value=value, most=100))
