"""What is wrong with a rule set though it is well-formed: rules without effect, weights that do not add up, gaps.

Every finding is a warning: the set runs all the same, but somebody should look. What only data can show is in
`mujun.rules.soundness_in_data`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from mujun.errors import Place, Problem, problem
from mujun.messages import MessageKey
from mujun.rules.contradictions import Conditions
from mujun.rules.expressions import Expression, Scope
from mujun.rules.lookups import ANY
from mujun.rules.mentions import CONDITION_KEYS, Scopes, expressions_of, inner_conditions, names_used, unused_names
from mujun.rules.model import Cut, Head, Measure, RuleField, Scoring, Statistic, TheRating, TheRectification, Tiers
from mujun.rules.model.head import TO_FILL
from mujun.rules.named_lists import each_list
from mujun.rules.ruleset import RuleSet
from mujun.rules.slips import slips

FirstMatch = Sequence[tuple[str, Expression]]


def soundness(ruleset: RuleSet, scopes: Scopes) -> tuple[Problem, ...]:
    """Everything doubtful about a rule set, as warnings in the order of its files.

    Args:
        ruleset: the set, well-formed.
        scopes: the names that each of its files may use; a file without them is left alone.
    """
    warnings: list[Problem] = []
    for kind, file in _files(ruleset):
        warnings += _head(file, f"{ruleset.address}/{kind}.yaml")
    for one in (ruleset.rating, ruleset.rectification, ruleset.allocation):
        warnings += _statistics(one.statistics) if one is not None else ()
    rating_fields = ruleset.rating.fields if ruleset.rating is not None else {}
    if ruleset.rating is not None and scopes.rating is not None:
        warnings += _rating(ruleset, ruleset.rating, scopes.rating)
    if ruleset.rectification is not None and scopes.rectification is not None:
        conditions = Conditions(scopes.rectification, _definitions(rating_fields, ruleset.rectification.fields))
        for one in each_list(ruleset.rectification):
            warnings += _rectification(one, conditions, ruleset.address)
    for part, scope in zip(ruleset.allocation_parts, scopes.parts, strict=False):
        if part.address == ruleset.address:
            conditions = Conditions(scope, _definitions(rating_fields, part.file.fields))
            warnings += _never(part.measures, conditions)
            for measure in part.measures:
                warnings += _measure(measure, conditions)
    warnings += slips(ruleset)
    warnings += unused_names(ruleset, names_used(ruleset, scopes))
    if not ruleset.test_cases and any(
        f.status != "abstract" and k not in ("targets", "ladders") for k, f in _files(ruleset)
    ):
        warnings.append(problem("sound_no_tests", Place(file=f"{ruleset.address}/tests.yaml")))
    return tuple(replace(p, warning=True) for p in warnings)


def _files(ruleset: RuleSet) -> list[tuple[str, Head]]:
    files = (
        ("rating", ruleset.rating),
        ("rectification", ruleset.rectification),
        ("allocation", ruleset.allocation),
        ("targets", ruleset.targets),
        ("ladders", ruleset.ladders),
    )
    return [(kind, f) for kind, f in files if f is not None]


def _definitions(*fields: Mapping[str, RuleField]) -> dict[str, Expression]:
    return {n: f.value for several in fields for n, f in several.items() if f.value is not None}


# ---------------------------------------------------------------------------------------------------------------- head


def _head(file: Head, shown: str) -> Iterator[Problem]:
    def at(key: str) -> Place:
        return Place(file=shown, key=key)

    if not file.sources and file.status != "example":
        yield problem("sound_no_sources", at("sources"), status=file.status)
    for source in file.sources:
        if source.checked is None:
            yield problem("sound_source_unchecked", at("sources"), document=source.document)
    if not file.years and file.status != "abstract":
        yield problem("sound_no_years", at("years"))
    for year in sorted({y for y in file.years if file.years.count(y) > 1}):
        yield problem("sound_year_twice", at("years"), year=year)
    if file.status == "official" and file.omits:
        yield problem("sound_official_omits", at("omits"), count=len(file.omits))
    if file.status == "excerpt" and not file.omits:
        yield problem("sound_excerpt_complete", at("omits"))
    texts = {"name": [file.name], "place": [file.place or ""], "omits": file.omits}
    texts["sources"] = [s.document for s in file.sources]
    for key, several in texts.items():
        if any(TO_FILL in text for text in several):
            yield problem("sound_to_fill", at(key), word=TO_FILL)


# ---------------------------------------------------------------------------------------------------------- statistics


def _statistics(statistics: Mapping[str, Statistic]) -> Iterator[Problem]:
    """Statistics rounded before the decimal point, by which small ones become nothing; fewer members than one."""
    for statistic in statistics.values():
        if statistic.round is not None and statistic.round < 0:
            unit = Decimal(1).scaleb(-statistic.round)
            yield problem("sound_round", statistic.stands, round=statistic.round, unit=unit, half=unit / 2)
        if statistic.min_members == 0:
            yield problem("sound_members", statistic.stands)


# -------------------------------------------------------------------------------------------------------------- rating


def _rating(ruleset: RuleSet, rating: TheRating, scope: Scope) -> Iterator[Problem]:
    conditions = Conditions(scope, _definitions(rating.fields))
    yield from _never(rating, conditions)
    population = rating.population
    specials = [(s.id, s.when) for s in population.special]
    cohorts = [(c.id, c.when) for c in rating.cohorts]
    if population.scope is not None and not conditions.never(population.scope):
        for identity, when in specials + cohorts:
            if not conditions.never(when) and conditions.never(population.scope, when):
                yield problem("sound_outside_scope", when.place, id=identity, scope=population.scope)
    yield from _shadowed(specials, conditions)
    yield from _shadowed(cohorts, conditions)
    for cohort, scoring in rating.scoring.items():
        if rating.status != "abstract":
            yield from _weights(cohort, scoring)
    for name, family in rating.adjustments.families.items():
        if family.min is not None and family.max is not None and family.min > family.max:
            yield problem("sound_limits", rating.adjustments.stands, where=name, least=family.min, most=family.max)
    limits = rating.adjustments.score
    if limits.min is not None and limits.max is not None and limits.min > limits.max:
        yield problem("sound_limits", rating.adjustments.stands, where="score", least=limits.min, most=limits.max)
    yield from _tables(ruleset, scope)
    if rating.stability is not None:
        for name in rating.stability.caps:
            items = [s.items[name] for s in rating.scoring.values() if name in s.items]
            if items and all(i.cap is None for i in items):
                yield problem("sound_stability_no_cap", rating.stability.stands, indicator=name)
    if rating.tiers is not None:
        yield from _shadowed([(b.id, b.when) for b in rating.tiers.before], conditions)
        if rating.status != "abstract":
            yield from _tiers(rating, rating.tiers)


def _weights(cohort: str, scoring: Scoring) -> Iterator[Problem]:
    weights = [item.weight for item in scoring.items.values()]
    total = sum(weights, Decimal(0))
    # A hundred in equal parts does not come out even: a third is written 33.3333.
    slack = sum((_half_of_last_place(w) for w in weights), Decimal(0))
    if weights and abs(total - scoring.total) > slack:
        yield problem("sound_weights", scoring.stands, cohort=cohort, total=total, wanted=scoring.total)


def _half_of_last_place(weight: Decimal) -> Decimal:
    exponent = int(weight.as_tuple().exponent)
    return Decimal(5).scaleb(exponent - 1) if exponent <= -3 else Decimal(0)


def _tables(ruleset: RuleSet, scope: Scope) -> Iterator[Problem]:
    """Keys of lookup tables that no record can have: a cohort that does not exist, a division of three digits."""
    for lookup in ruleset.lookups.get("rating", {}).values():
        for key in lookup.keys:
            meaning = scope.meanings.get(key)
            seen = [v for v in lookup.rows[key].unique(maintain_order=True).to_list() if v is not None and v != ANY]
            wrong = [v for v in seen if meaning and meaning.choices and v not in meaning.choices]
            if key == "industry_division":
                wrong = [v for v in seen if not (len(v) == 2 and v.isdigit())]
            for value in wrong:
                known = list(meaning.choices) if meaning and meaning.choices else ["13", "14", "…"]
                yield problem("sound_table_key", Place(file=lookup.file), key=key, value=value, known=known)


# --------------------------------------------------------------------------------------------------------------- tiers


def _tiers(rating: TheRating, tiers: Tiers) -> Iterator[Problem]:
    given = {t for cut in tiers.cut.values() for t in _given_by(cut)}
    given |= {b.set for b in tiers.before}
    given |= {t for a in tiers.after for t in (a.set, a.at_most, a.at_least) if t is not None}
    given |= {s.tier for s in rating.population.special if s.tier is not None}
    if any(a.move for a in tiers.after):
        given |= {t for cut in tiers.cut.values() for t in _ladder(cut)}
    for tier in tiers.classes:
        if tier.id not in given:
            yield problem("sound_class_never", tier.stands, tier=tier.id)
    order = [c.id for c in tiers.classes]
    ladders = [[t for t in order if t in _ladder(cut)] for cut in tiers.cut.values()]
    for after in tiers.after:
        nothing = after.move == 0 or any(
            all(not ladder or ladder[end] == limit for ladder in ladders)
            for limit, end in ((after.at_most, 0), (after.at_least, -1))
            if limit is not None
        )
        if nothing:
            yield problem("sound_after_nothing", after.stands, id=after.id)
    if "cohort" not in tiers.cells:
        for where, keyed in (("cut", tiers.cut), ("rank_by", tiers.rank_by)):
            unused = [name for name in keyed if name != "default"]
            if unused:
                yield problem("sound_cells_mix", tiers.stands, where=where, cohorts=unused, cells=tiers.cells or "[]")
    for name, cut in tiers.cut.items():
        yield from _against_promise(name, cut, tiers)
        yield from _thresholds(name, cut, rating)


def _given_by(cut: Cut) -> set[str]:
    """The tiers that a cut can give: a share of nothing gives nothing."""
    if cut.shares is not None:
        steps = list(cut.shares.items())
        first = {t for t, s in steps[:1] if s > 0}
        return first | {t for (_, before), (t, s) in pairwise(steps) if s > before}
    rest = {cut.rest} if cut.rest is not None else set()
    return rest | set(cut.thresholds or ()) | {p.tier for p in cut.picks or () if p.take > 0}


def _ladder(cut: Cut) -> set[str]:
    return set(cut.shares or ()) | _given_by(cut)


def _against_promise(name: str, cut: Cut, tiers: Tiers) -> Iterator[Problem]:
    if cut.shares is None:
        return
    before = Decimal(0)
    for tier, cumulative in cut.shares.items():
        share, before = cumulative - before, cumulative
        promise = tiers.verify.get(tier)
        if promise is None:
            continue
        if (promise.max is not None and share > promise.max) or (promise.min is not None and share < promise.min):
            yield problem("sound_verify", cut.stands, cut=name, tier=tier, share=share, promise=_promised(promise))


def _promised(promise: object) -> str:
    least, most = getattr(promise, "min", None), getattr(promise, "max", None)
    limits = (("≥", least), ("≤", most))
    return " ".join(f"{sign} {limit}" for sign, limit in limits if limit is not None)


def _thresholds(name: str, cut: Cut, rating: TheRating) -> Iterator[Problem]:
    if cut.thresholds is None or cut.by != "score":
        return
    cohorts = [name] if name != "default" else list(rating.scoring)
    highest = [_highest(rating, rating.scoring[c]) for c in cohorts if c in rating.scoring]
    if not highest or any(h is None for h in highest):
        return
    most = max(h for h in highest if h is not None)
    for tier, limit in cut.thresholds.items():
        if limit > most:
            yield problem("sound_threshold_high", cut.stands, cut=name, tier=tier, limit=limit, most=most)


def _highest(rating: TheRating, scoring: Scoring) -> Decimal | None:
    """The highest score that can be had; `None` where nothing bounds it."""
    total = Decimal(0)
    for item in scoring.items.values():
        share = item.method.highest(item)
        if share is None:
            return rating.adjustments.score.max
        total += item.weight * max(share, Decimal(0))
    families: dict[str, list[Decimal]] = {}
    for adjustment in rating.adjustments.items:
        try:
            points = Decimal(adjustment.points.text)
        except ArithmeticError:
            return rating.adjustments.score.max
        if points > 0:
            families.setdefault(adjustment.family or f"·{adjustment.id}", []).append(points)
    for name, several in families.items():
        family = rating.adjustments.families.get(name)
        bonus = max(several) if family is not None and family.take == "highest" else sum(several, Decimal(0))
        total += min(bonus, family.max) if family is not None and family.max is not None else bonus
    limit = rating.adjustments.score.max
    return total if limit is None else min(total, limit)


# ------------------------------------------------------------------------------------------ conditions and their order


def _never(thing: object, conditions: Conditions) -> Iterator[Problem]:
    seen: set[Expression] = set()
    for key, source in expressions_of(thing):
        asked = [source] if key in CONDITION_KEYS else []
        for condition in (*asked, *inner_conditions(source)):
            if condition not in seen and conditions.never(condition):
                seen.add(condition)
                yield problem("sound_never", source.place, condition=condition)


def _shadowed(rules: FirstMatch, conditions: Conditions) -> Iterator[Problem]:
    for position, (identity, when) in enumerate(rules):
        if conditions.never(when):
            continue
        for earlier, before in rules[:position]:
            if conditions.leaves_nothing(before, when):
                code: MessageKey = "sound_after_all" if before.text.strip().lower() == "true" else "sound_shadowed"
                yield problem(code, when.place, id=identity, earlier=earlier)
                break


# ---------------------------------------------------------------------------------------- rectification and allocation


def _rectification(file: TheRectification, conditions: Conditions, address: str) -> Iterator[Problem]:
    yield from _never(file, conditions)
    yield from _shadowed([(p.id, p.when) for p in file.paths], conditions)
    listed = [r.when for r in file.listing]
    for exempt in file.exempt:
        reasons = [r.when for r in file.listing if not exempt.of or r.id in exempt.of]
        meets = any(not conditions.never(when, exempt.when) for when in reasons)
        if listed and reasons and not meets and not conditions.never(exempt.when):
            yield problem("sound_exempts_nobody", exempt.stands, id=exempt.id)
    if file.status == "abstract":
        return
    place = Place(file=f"{address}/rectification.yaml", key="paths")
    if file.paths and file.paths[-1].when.text.strip().lower() != "true":
        yield problem("sound_paths_open", place, last=file.paths[-1].id)
    if listed and not file.paths:
        yield problem("sound_no_paths", place)


def _measure(measure: Measure, conditions: Conditions) -> Iterator[Problem]:
    for position, rate in enumerate(measure.rate):
        if conditions.never(rate.when):
            continue
        for earlier in measure.rate[:position]:
            covers = (earlier.from_ is None or (rate.from_ is not None and earlier.from_ <= rate.from_)) and (
                earlier.until is None or (rate.until is not None and earlier.until >= rate.until)
            )
            if covers and conditions.leaves_nothing(earlier.when, rate.when):
                code: MessageKey = (
                    "sound_after_all" if earlier.when.text.strip().lower() == "true" else "sound_shadowed"
                )
                yield problem(code, rate.when.place, id=rate.id, earlier=earlier.id)
                break
        period = measure.period
        late = rate.from_ is not None and period.until is not None and rate.from_ > period.until
        early = rate.until is not None and period.from_ is not None and rate.until < period.from_
        if late or early:
            yield problem("sound_rate_dates", rate.stands, id=rate.id, measure=measure.id)
