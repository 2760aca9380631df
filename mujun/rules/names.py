"""The names of a rule file compiled: fields, lookup tables, statistics, indicators, in the order they depend on.

Row-wise names of one level are computed in one pass; statistics are barriers between passes. So the number of passes
grows with the depth of statistics upon statistics, not with the number of rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from typing import Literal

from mujun.dataclass import dataclass
from mujun.errors import Place, Problem, problem
from mujun.fields import FRAME_FIELDS
from mujun.numbers import NO_UNIT, Unit
from mujun.rules.earlier import Earlier, earlier_fields, earlier_name, without_earlier
from mujun.rules.expressions import Compiled, Expression, Meaning, Scope, compile_expression, names_in
from mujun.rules.lookups import Lookup
from mujun.rules.model import Indicator, RuleField, Statistic
from mujun.rules.model.names import RELATIONS
from mujun.rules.named_values import (
    check_key,
    checked_unit,
    compile_condition,
    compile_number,
    declared_unit,
    meaning_of,
    quotient_of,
)
from mujun.rules.relations import with_relations

Sort = Literal["field", "input", "table", "indicator", "statistic", "cases"]


@dataclass(frozen=True)
class FieldPlan:
    """A rule's field, ready to compute; an input field has no expression: the frame brings it."""

    name: str
    meaning: Meaning
    compiled: Compiled | None
    pool: str | None
    again: bool


@dataclass(frozen=True)
class IndicatorPlan:
    """An indicator, ready to compute: a ratio's two sides, or a value."""

    name: str
    meaning: Meaning
    of: Compiled | None
    per: Compiled | None
    value: Compiled | None


@dataclass(frozen=True)
class StatisticPlan:
    """A statistic, ready to compute."""

    name: str
    meaning: Meaning
    source: Statistic
    of: Compiled | None
    per: Compiled | None
    members: Compiled | None
    otherwise: Compiled | None


@dataclass(frozen=True)
class CasesPlan:
    """First match wins: conditions in order, under one name (`treatment`, `cohort`)."""

    name: str
    scope: Compiled | None
    whens: tuple[Compiled | None, ...]


@dataclass(frozen=True)
class Level:
    """What can be computed in one pass, and the statistics and tables that follow it."""

    rows: tuple[FieldPlan | IndicatorPlan | CasesPlan, ...]
    tables: tuple[Lookup, ...]
    statistics: tuple[StatisticPlan, ...]


@dataclass(frozen=True)
class Names:
    """All names of a file, level by level, and the scope in which later rules are read."""

    levels: tuple[Level, ...]
    scope: Scope
    reads: frozenset[str]

    def all_of(self, kind: type) -> list[object]:
        """Every plan of a kind, in order."""
        return [p for level in self.levels for p in (*level.rows, *level.statistics) if isinstance(p, kind)]

    def with_what_tables_ask(self, names: Iterable[str]) -> tuple[str, ...]:
        """Names, and of those that are columns of a table what a row of it is found by: they show where it is from."""
        given = tuple(sorted(names))
        asked = {m.name: t.asked for level in self.levels for t in level.tables for m in t.meanings}
        return tuple(dict.fromkeys((*given, *(k for n in given for k in asked.get(n, ())))))


def read_by_names(names: Names) -> frozenset[str]:
    """The names that some other name is computed from: what stands in none changes nothing but itself."""
    names_read: set[str] = set()
    for level in names.levels:
        for plan in (*level.rows, *level.statistics):
            if isinstance(plan, FieldPlan):
                several: tuple[Compiled | None, ...] = (plan.compiled,)
            elif isinstance(plan, IndicatorPlan):
                several = (plan.of, plan.per, plan.value)
            elif isinstance(plan, StatisticPlan):
                several = (plan.of, plan.per, plan.members, plan.otherwise)
                names_read |= set(plan.source.keys)
            else:
                several = (plan.scope, *plan.whens)
            names_read |= {n for c in several if c is not None for n in c.names}
        names_read |= {k for lookup in level.tables for k in lookup.asked}
    return frozenset(names_read)


@dataclass
class _Entry:
    """A name before it is compiled.

    `needs` must be computed before it; `looks_at` must only be known by kind and unit: a statistic of last year reads
    last year's indicators, which depend on nothing of this year.
    """

    sort: Sort
    place: Place
    needs: frozenset[str]
    build: Callable[[Scope, list[Problem]], tuple[object, list[Meaning]]]
    looks_at: frozenset[str] = frozenset()


@dataclass
class Declared:
    """What a file declares, gathered before compiling."""

    fields: Mapping[str, RuleField] = field(default_factory=dict)
    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    statistics: Mapping[str, Statistic] = field(default_factory=dict)
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    cases: Mapping[str, tuple[Expression | None, tuple[Expression, ...], Meaning]] = field(default_factory=dict)
    members_need: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ()
    """Every text of the file that may name something: earlier years' values of its fields are made where one asks."""


def compile_names(
    declared: Declared, known: Iterable[Meaning], later: Mapping[str, str], problems: list[Problem]
) -> Names:
    """Everything a file declares, compiled in the order of dependency.

    Args:
        declared: the file's fields, lookups, statistics, indicators, and cases such as `cohort`.
        known: names that exist before: the dictionary's, or a rating's for the files that build on it.
        later: names that will exist only after, with the step that makes them.
        problems: gathers unknown names, circles, kinds and units that do not fit.
    """
    base = Scope({m.name: m for m in known}, dict(later))
    columns = {m.name for lookup in declared.lookups.values() for m in lookup.meanings}
    own_names = {*declared.fields, *columns, *declared.statistics, *declared.indicators, *base.meanings}
    declared = replace(declared, statistics=with_relations(declared.statistics, own_names, problems))
    entries = _entries(declared, base, problems)
    scope, plans, order = base, dict[str, object](), list[str]()
    waiting = dict(entries)
    provided = _provided(declared)
    while waiting:
        ready = _ready(waiting, provided, looking=True) or _ready(waiting, provided, looking=False)
        if not ready:
            _report_circle(waiting, provided, problems)
            break
        for name in ready:
            entry, told = waiting.pop(name), len(problems)
            plan, meanings = entry.build(scope, problems)
            scope = scope.with_meanings(meanings)
            if not scope.broken.isdisjoint(entry.needs) or not all(p.warning for p in problems[told:]):
                scope = replace(scope, broken=scope.broken.union(m.name for m in meanings))
            plans[name] = plan
            order.append(name)
    levels = _levels(order, plans, entries, provided)
    reads = frozenset(n for e in entries.values() for n in e.needs if n in base.meanings)
    return Names(levels, scope, reads)


def _ready(waiting: Mapping[str, _Entry], provided: Mapping[str, str], *, looking: bool) -> list[str]:
    """The names whose needs are all compiled."""
    ready: list[str] = []
    for name, entry in waiting.items():
        needs = {provided.get(n, n) for n in (entry.needs | entry.looks_at if looking else entry.needs)}
        if not needs & waiting.keys():
            ready.append(name)
    return ready


def _provided(declared: Declared) -> dict[str, str]:
    """The entry that provides a name: a lookup's column comes with its table."""
    return {m.name: f"table {lookup.id}" for lookup in declared.lookups.values() for m in lookup.meanings}


def _entries(declared: Declared, base: Scope, problems: list[Problem]) -> dict[str, _Entry]:
    # Kinds are not known yet, names and labels are: enough to see what depends on what.
    bare = base.with_meanings([Meaning(n, "null", label=f.label or "") for n, f in declared.fields.items()])
    earlier = earlier_fields(declared.fields, declared.texts, lambda e: names_in(e, bare))
    words = base.with_meanings(
        [
            *(Meaning(n, "null", label=e.field.label or "") for n, e in earlier.items()),
            *(Meaning(n, "null", label=f.label or "") for n, f in declared.fields.items()),
            *(m for lookup in declared.lookups.values() for m in lookup.meanings),
            *(Meaning(n, "null", label=s.label or "") for n, s in declared.statistics.items()),
            *(Meaning(n, "null", label=i.label or "") for n, i in declared.indicators.items()),
            *(m for _, _, m in declared.cases.values()),
        ]
    )

    def needs(*sources: Expression | None) -> frozenset[str]:
        return frozenset(n for s in sources if s is not None for n in names_in(s, words))

    entries: dict[str, _Entry] = {}

    def add(name: str, entry: _Entry) -> None:
        if name in entries:
            problems.append(problem("name_twice", entry.place, name=name))
        elif name in FRAME_FIELDS:
            problems.append(problem("name_of_dictionary", entry.place, name=name, label=FRAME_FIELDS[name].label))
        else:
            entries[name] = entry

    for name, f in declared.fields.items():
        add(name, _Entry("input" if f.input else "field", f.stands, needs(f.value), _field_builder(name, f)))
    for name, e in earlier.items():
        add(name, _earlier_entry(name, e, needs, words))
    for lookup in declared.lookups.values():
        add(
            f"table {lookup.id}",
            _Entry("table", Place(file=lookup.file), frozenset(lookup.asked), _table_builder(lookup)),
        )
    for name, i in declared.indicators.items():
        add(name, _Entry("indicator", i.stands, needs(i.of, i.per, i.value), _indicator_builder(name, i)))
    for name, (scope_condition, whens, meaning) in declared.cases.items():
        # Who is out belongs to no cohort: treatments come first.
        first = frozenset({"treatment"}) if name == "cohort" else frozenset()
        wanted = needs(scope_condition, *whens) | first
        add(name, _Entry("cases", Place(), wanted, _cases_builder(scope_condition, whens, meaning)))
    for name, s in declared.statistics.items():
        now = needs(s.of, s.per, s.members) | frozenset(s.keys)
        now |= {RELATIONS[s.relation]} if s.relation is not None else frozenset()
        # Whom nobody has to be told apart from is counted before anybody's treatment is known.
        now |= declared.members_need if s.among != "all" else frozenset()
        wanted = (frozenset(s.keys) if s.year == "previous" else now) | needs(s.otherwise)
        add(name, _Entry("statistic", s.stands, wanted, _statistic_builder(name, s), now))
    return entries


def _earlier_entry(
    name: str, earlier: Earlier, needs: Callable[[Expression | None], frozenset[str]], words: Scope
) -> _Entry:
    """A rule's field of an earlier year: its expression with that year's values in place of this year's."""
    source, now = earlier.source, needs(earlier.source.value)
    then = frozenset(e for n in now if (e := earlier_name(n, earlier.years)) is not None and e in words.meanings)

    def build(scope: Scope, problems: list[Problem]) -> tuple[object, list[Meaning]]:
        lost = without_earlier(now, earlier.years, scope.meanings)
        if lost:
            problems.append(problem("field_no_earlier", source.stands, name=name, needs=lost))
            return FieldPlan(name, Meaning(name, "null"), None, None, again=False), [Meaning(name, "null")]
        scope_then = scope if source.input is not None else earlier.scope(scope)
        return _field_builder(name, earlier.field)(scope_then, problems)

    return _Entry("input" if source.input else "field", source.stands, then, build)


def _report_circle(waiting: Mapping[str, _Entry], provided: Mapping[str, str], problems: list[Problem]) -> None:
    name = next(iter(waiting))
    path = [name]
    while True:
        name = next(provided.get(n, n) for n in waiting[name].needs if provided.get(n, n) in waiting)
        if name in path:
            circle = [*path[path.index(name) :], name]
            place = next((waiting[n].place for n in circle if waiting[n].place.file), Place())
            problems.append(problem("name_circle", place, circle=" → ".join(circle)))
            return
        path.append(name)


def _levels(
    order: list[str], plans: Mapping[str, object], entries: Mapping[str, _Entry], provided: Mapping[str, str]
) -> tuple[Level, ...]:
    depth: dict[str, int] = {}
    for name in order:
        below = 0
        for need in entries[name].needs:
            source = provided.get(need, need)
            if source in depth:
                # What follows a statistic or a table has to wait for the next pass.
                waits = entries[source].sort in ("statistic", "table")
                below = max(below, depth[source] + (1 if waits else 0))
        depth[name] = below
    levels: list[Level] = []
    for number in range(max(depth.values(), default=-1) + 1):
        here = [(plans[n], n) for n in order if depth[n] == number]
        levels.append(
            Level(
                tuple(p for p, _ in here if isinstance(p, (FieldPlan, IndicatorPlan, CasesPlan))),
                tuple(p for p, _ in here if isinstance(p, Lookup)),
                tuple(p for p, _ in here if isinstance(p, StatisticPlan)),
            )
        )
    return tuple(levels)


# ---------------------------------------------------------------------------------------------------------- builders

COARSEST_ROUND, FINEST_ROUND = -8, 12
"""Decimals that a statistic may be rounded to: it has twelve, and no county's figure is left by more than hundred
millions."""

_Builder = Callable[[Scope, list[Problem]], tuple[object, list[Meaning]]]


def _field_builder(name: str, source: RuleField) -> _Builder:
    def build(scope: Scope, problems: list[Problem]) -> tuple[object, list[Meaning]]:
        label = source.label or name
        unit = declared_unit(source.unit, source.stands, problems)
        if source.input is not None:
            if source.value is not None:
                problems.append(problem("field_value_and_input", source.stands, name=name))
            kinds = {"quantity": "exact", "text": "text", "date": "date", "boolean": "boolean"}
            scale = 6 if source.input == "quantity" else 0
            meaning = Meaning(name, kinds[source.input], scale, unit or (NO_UNIT if scale else None), label)  # type: ignore[arg-type]
            return FieldPlan(name, meaning, None, source.pool, again=False), [meaning]
        if source.value is None:
            problems.append(problem("field_without_value", source.stands, name=name))
            return FieldPlan(name, Meaning(name, "null", label=label), None, None, again=False), [
                Meaning(name, "null", label=label)
            ]
        compiled = compile_expression(source.value, scope, problems)
        meaning = meaning_of(name, label, compiled, unit, source.unit, source.stands, problems)
        return FieldPlan(name, meaning, compiled, source.pool, again=source.pool == "again"), [meaning]

    return build


def _table_builder(lookup: Lookup) -> _Builder:
    def build(scope: Scope, problems: list[Problem]) -> tuple[object, list[Meaning]]:
        for key in lookup.keys:
            check_key(key, scope, Place(file=lookup.file), problems)
        ranged = scope.meanings.get(lookup.range) if lookup.range is not None else None
        if lookup.range is not None and (ranged is None or ranged.kind not in ("exact", "number")):
            problems.append(problem("lookup_range_number", Place(file=lookup.file), name=lookup.range))
        return lookup, list(lookup.meanings)

    return build


def _indicator_builder(name: str, source: Indicator) -> _Builder:
    def build(scope: Scope, problems: list[Problem]) -> tuple[object, list[Meaning]]:
        label = source.label or name
        unit = declared_unit(source.unit, source.stands, problems)
        if (source.value is None) == (source.of is None) or (source.of is None) != (source.per is None):
            problems.append(problem("indicator_of_per_or_value", source.stands, name=name))
            meaning = Meaning(name, "number", label=label, unit=unit)
            return IndicatorPlan(name, meaning, None, None, None), [meaning]
        of = _number(source.of, scope, problems)
        per = _number(source.per, scope, problems)
        value = _number(source.value, scope, problems)
        measured = value.value if value else None
        if of is not None and per is not None:
            measured = quotient_of(of.value, per.value)
        derived = checked_unit(measured, unit, source.unit, source.stands, problems) if measured is not None else unit
        meaning = Meaning(name, "number", 0, derived, label)
        return IndicatorPlan(name, meaning, of, per, value), [meaning]

    return build


def _statistic_builder(name: str, source: Statistic) -> _Builder:
    def build(scope: Scope, problems: list[Problem]) -> tuple[object, list[Meaning]]:
        for key in source.keys:
            check_key(key, scope, source.stands, problems)
        needs_of, needs_per = source.stat != "count", source.stat == "ratio_of_sums"
        if (needs_of and source.of is None) or needs_per != (source.per is not None):
            problems.append(problem("statistic_of_per", source.stands, name=name, stat=source.stat))
        if (source.stat == "quantile") != (source.q is not None) or (source.q is not None and not 0 <= source.q <= 1):
            problems.append(problem("statistic_q", source.stands, name=name))
        if source.round is not None and not COARSEST_ROUND <= source.round <= FINEST_ROUND:
            range_of = {"coarsest": COARSEST_ROUND, "finest": FINEST_ROUND}
            problems.append(problem("statistic_round", source.stands, round=source.round, **range_of))
        if source.min_members < 0:
            problems.append(problem("statistic_members", source.stands, members=source.min_members))
        of = compile_expression(source.of, scope, problems) if source.of else None
        if of is not None and source.stat != "count" and not of.value.numeric and of.value.kind != "null":
            problems.append(problem("statistic_of_number", source.stands, name=name, expression=str(source.of)))
            of = None
        per, members = _number(source.per, scope, problems), _condition(source.members, scope, problems)
        otherwise = _number(source.otherwise, scope, problems)
        meaning = _statistic_meaning(name, source, of, per, otherwise)
        if otherwise is not None:
            checked_unit(otherwise.value, meaning.unit, None, source.stands, problems)
        return StatisticPlan(name, meaning, source, of, per, members, otherwise), [meaning]

    return build


def _statistic_meaning(
    name: str, source: Statistic, of: Compiled | None, per: Compiled | None, otherwise: Compiled | None
) -> Meaning:
    label = source.label or name
    if source.stat == "count":
        unit: Unit | None = NO_UNIT
    elif of is None or (source.stat == "ratio_of_sums") != (per is not None):
        unit = None
    else:
        unit = quotient_of(of.value, per.value).unit if per is not None else of.value.unit
    # Sums and extremes of exact quantities stay exact; what is divided is a float at 12 decimals.
    stays = source.stat == "count" or (
        source.stat in ("sum", "max", "min") and of is not None and of.value.kind == "exact"
    )
    if stays and (otherwise is None or otherwise.value.kind in ("exact", "null")):
        scale = max(
            0 if source.stat == "count" or of is None else of.value.scale, otherwise.value.scale if otherwise else 0
        )
        return Meaning(name, "exact", scale, unit, label)
    return Meaning(name, "number", 0, unit, label)


def _cases_builder(scope_condition: Expression | None, whens: tuple[Expression, ...], meaning: Meaning) -> _Builder:
    def build(scope: Scope, problems: list[Problem]) -> tuple[object, list[Meaning]]:
        limits = _condition(scope_condition, scope, problems)
        return CasesPlan(meaning.name, limits, tuple(_condition(w, scope, problems) for w in whens)), [meaning]

    return build


def _number(source: Expression | None, scope: Scope, problems: list[Problem]) -> Compiled | None:
    return compile_number(source, scope, problems) if source is not None else None


def _condition(source: Expression | None, scope: Scope, problems: list[Problem]) -> Compiled | None:
    return compile_condition(source, scope, problems) if source is not None else None
