"""The names that rectification and allocation files may use, and what both kinds of file have to keep to.

Both stand on the rating: they see the dictionary, the rating's fields, indicators, statistics and points, and an
enterprise's standing (tier, treatment, streak). Without a rating.yaml a frame gives the standing itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal

from mujun.dataclass import dataclass
from mujun.errors import Problem, RuleError, problem
from mujun.fields import FRAME_FIELDS
from mujun.numbers import NO_UNIT, UnknownUnit, parse_unit
from mujun.rules.expressions import Compiled, Expression, Meaning, Scope
from mujun.rules.last_year import declared_of_last_year
from mujun.rules.lookups import Lookup
from mujun.rules.model import CountedIn, RuleField, Statistic
from mujun.rules.model.names import Among
from mujun.rules.named_values import compile_condition, dictionary
from mujun.rules.names import Declared, FieldPlan, Names, compile_names
from mujun.rules.rating_plan import FIRMS_MEANING, TREATMENTS, check_rating, compile_rating
from mujun.rules.ruleset import RuleSet

STANDING: tuple[str, ...] = (
    "subject", "cohort", "score", "rank", "size", "treatment", "tier", "tier_shown", "managed_as", "streak",
)  # fmt: skip
"""Names of an enterprise's standing; a policy file cannot give them another meaning."""

AMOUNT_LAST = "_amount_last"
"""The end of the name of what a measure came to last year; the frame brings it."""


@dataclass(frozen=True)
class Counted:
    """Among whom the statistics of a file are computed: all enterprises or those rated, and a condition."""

    of: Literal["all", "rated"]
    scope: Compiled | None = None


@dataclass(frozen=True)
class PolicyNames:
    """The names of a policy file, compiled.

    Attributes:
        names: the file's own fields, tables and statistics, in the order of dependency.
        scope: every name its conditions may use.
        declared: the names it declares itself; they shadow the rating's.
    """

    names: Names
    scope: Scope
    declared: frozenset[str]
    counted: Counted | None = None
    """Among whom the file's statistics are computed; none where it has none, or each says it itself."""
    last: Names | None = None
    """The names as they are computed on last year's frame, where a statistic looks back."""

    @property
    def inputs(self) -> tuple[Meaning, ...]:
        """The file's input fields, which the frame brings from the `extra` table."""
        plans = [p for p in self.names.all_of(FieldPlan) if isinstance(p, FieldPlan)]
        return tuple(p.meaning for p in plans if p.compiled is None)

    def reads(self, compiled: Iterable[Compiled | None]) -> dict[str, Meaning]:
        """The names that exist before this file and that it reads, in its own names or in these expressions."""
        named = self.names.reads | (self.last.reads if self.last is not None else frozenset())
        named |= {n for c in compiled if c is not None for n in c.names}
        return {n: self.scope.meanings[n] for n in sorted(named - self.declared) if n in self.scope.meanings}


def standing_meanings(ruleset: RuleSet) -> list[Meaning]:
    """The names that exist before a policy file: the dictionary's, the rating's, and the standing's."""
    known: dict[str, Meaning] = {m.name: m for m in dictionary()}
    tiers: tuple[str, ...] = ()
    score = Meaning("score", "exact", 6, NO_UNIT, "综合得分")
    if ruleset.rating is not None:
        try:
            scope = compile_rating(ruleset).scope
        except RuleError:
            # The rating's own mistakes are said when it is checked; here its names are all that is wanted.
            scope = check_rating(ruleset, ruleset.rating)[0].scope
        known |= scope.meanings
        score = known.get("score", score)
        tiers = tuple(c.id for c in ruleset.rating.tiers.classes) if ruleset.rating.tiers else ()
        places = ruleset.rating.decimals.points
        for a in ruleset.rating.adjustments.items:
            known[f"adj_{a.id}"] = Meaning(f"adj_{a.id}", "exact", places, NO_UNIT)
    standing = [
        Meaning("cohort", "text", 0, None, "评价组别"),
        Meaning("rank", "exact", 0, None, "名次"),
        Meaning("size", "exact", 0, None, "参评数"),
        score,
        Meaning("treatment", "text", 0, None, "特殊情形", TREATMENTS),
    ]
    known |= {m.name: m for m in standing if m.name not in known}
    known |= {
        "tier": Meaning("tier", "text", 0, None, "档次", tiers),
        "managed_as": Meaning("managed_as", "text", 0, None, "按何档管理", tiers),
        "streak": Meaning("streak", "exact", 0, None, "连续年数"),
    }
    return [*known.values(), *amounts_of_last_year(ruleset)]


def parcel_meanings(ruleset: RuleSet) -> list[Meaning]:
    """The names that exist before a list of parcels: the dictionary's, how many firms are on it, and their tier.

    What a rating computes of each firm is nothing of a parcel.
    """
    meanings = {m.name: m for m in standing_meanings(ruleset)}
    return [*dictionary(), FIRMS_MEANING, meanings["tier"]]


def amounts_of_last_year(ruleset: RuleSet) -> list[Meaning]:
    """What each measure of a set came to last year, as a name: `<measure>_amount_last`."""
    meanings = []
    for measure in (m for part in ruleset.allocation_parts for m in part.measures if m.kind != "note"):
        unit = parse_unit("万元")
        if measure.kind == "quota" and measure.per is not None:
            # A quota of 吨标煤/亩 comes to 吨标煤; the plan says what does not fit.
            try:
                unit = parse_unit(measure.per.split("/")[0])
            except UnknownUnit:
                continue
        name = f"{measure.id}{AMOUNT_LAST}"
        meanings.append(Meaning(name, "exact", 6, unit, f"上年{measure.label}执行金额"))
    return meanings


def compile_policy_names(
    fields: Mapping[str, RuleField],
    lookups: Mapping[str, Lookup],
    statistics: Mapping[str, Statistic],
    known: list[Meaning],
    problems: list[Problem],
    texts: tuple[str, ...] = (),
    population: CountedIn | None = None,
    *,
    rated: bool = True,
) -> PolicyNames:
    """The names of a policy file compiled over those that exist before it.

    Args:
        fields, lookups, statistics: what the file declares.
        known: what `standing_meanings` gives.
        problems: gathers what is wrong.
        texts: every expression of the file, which may ask for earlier years' values of its fields.
        population: among whom its statistics are computed.
        rated: whether the set has a rating of its own, whose subjects they are then, unless it says otherwise.
    """
    stated = population or CountedIn()
    of = stated.of or ("rated" if rated else "all")
    columns = {m.name for lookup in lookups.values() for m in lookup.meanings}
    for name in STANDING:
        declared = fields.get(name) or statistics.get(name)
        if declared is not None:
            problems.append(problem("name_of_standing", declared.stands, name=name))
    counting = {n: _counting(s, of, stated.scope) for n, s in statistics.items()}
    declared_here = Declared(fields, lookups, counting, texts=texts)
    names = compile_names(declared_here, known, {}, problems)
    last = None
    if any(s.year == "previous" for s in statistics.values()):
        # What is wrong has been said of this year's names.
        last = compile_names(declared_of_last_year(declared_here), known, {}, [])
    added = (frozenset(fields) | frozenset(counting) | columns) - frozenset(FRAME_FIELDS)
    counted = None
    if any(s.among is None for s in statistics.values()):
        counted = Counted(of, compile_condition(stated.scope, names.scope, []) if stated.scope else None)
    return PolicyNames(names, names.scope, added, counted, last)


def _counting(statistic: Statistic, of: Among, scope: Expression | None) -> Statistic:
    """A statistic that does not say whom it counts, with what its file says."""
    if statistic.among is not None:
        return statistic
    members = statistic.members
    if scope is not None:
        also = f"({scope}) and ({members})" if members is not None else str(scope)
        members = Expression(also, (members or scope).place)
    return replace(statistic, among=of, members=members)
