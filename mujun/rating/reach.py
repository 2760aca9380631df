"""How far a change of one subject reaches by the rules: what is counted anew, and who may score otherwise for it.

A figure moves the sums of its groups, and these the points of who is held against them. Everybody else keeps what he
was rated at. Where the rules do not show that (a median, extremes, a case that looks at a statistic), nothing is said,
and the whole county is rated again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from mujun.dataclass import dataclass
from mujun.rating.columns import UNDIVIDED
from mujun.rating.evaluation import reads_of
from mujun.rating.formulas import Formula, formulas_of
from mujun.rating.statistics import KEPT_SUMS, counted_by
from mujun.rating.world_peers import ranked_by_score
from mujun.rules.expressions import Compiled
from mujun.rules.names import CasesPlan
from mujun.rules.rating_plan import RatingPlan

Way = tuple[str, str | None]
"""A statistic that moves, and by which other one it is met: where that has no number of its own (`otherwise`). `None`:
whoever is in its group meets it."""


@dataclass(frozen=True)
class Reach:
    """What moves besides the changed subject.

    Attributes:
        counted: the statistics that count what moved.
        names: all names that others read from these, the statistics among them.
        ways: by which statistics others come to other points, or to another place among equals.
        means: the keys of the formulas whose mean of the cohort's points may move.
    """

    counted: frozenset[str]
    names: frozenset[str]
    ways: frozenset[Way]
    means: frozenset[str]


class Reaches:
    """The reach of changes by the rules of one rating, by the columns that they move.

    Args:
        plan: the compiled rules.
    """

    def __init__(self, plan: RatingPlan) -> None:
        self.plan = plan
        self._known: dict[frozenset[str], Reach | None] = {}

    @cached_property
    def told(self) -> bool:
        """Whether the rules tell at all: nobody is picked, put in order by another thing first, or held against
        extremes and places."""
        plan = self.plan
        alone = plan.rating.population.area is None and not any(f.method.asks for f in self._formulas)
        return alone and ranked_by_score(plan)

    def of(self, moved: frozenset[str]) -> Reach | None:
        """How far it reaches that a subject's columns have other values; `None` where the rules do not show it.

        Args:
            moved: the columns, with all that follows from them in the subject's own row.
        """
        if moved not in self._known:
            self._known[moved] = self._of(moved) if self.told else None
        return self._known[moved]

    @cached_property
    def _formulas(self) -> tuple[Formula, ...]:
        return formulas_of(self.plan)

    def _of(self, moved: frozenset[str]) -> Reach | None:
        followed = self._followed(moved)
        if followed is None:
            return None
        counted, ways_of = followed
        tiers = self.plan.rating.tiers
        if tiers is None or not ways_of.keys().isdisjoint(tiers.cells):
            return None
        ways = frozenset(way for name in self._deciding for way in ways_of.get(name, ()))
        moving = moved | ways_of.keys()
        counting = not moved.isdisjoint(("treatment", "cohort"))
        means = frozenset(
            f.key
            for f in self._formulas
            if f.means and (counting or self._reweighs or not moving.isdisjoint(self._scored_by(f)))
        )
        return Reach(counted, frozenset(ways_of), ways, means)

    def _followed(self, moved: frozenset[str]) -> tuple[frozenset[str], dict[str, frozenset[Way]]] | None:
        """The statistics that count what moved, and by name which of them others read in it."""
        ways_of: dict[str, frozenset[Way]] = {}
        counted: set[str] = set()

        def ways(names: Iterable[str]) -> frozenset[Way]:
            return frozenset(way for name in names for way in ways_of.get(name, ()))

        for level in self.plan.names.levels:
            for row in level.rows:
                if found := ways(reads_of(row)):
                    if isinstance(row, CasesPlan):
                        return None
                    ways_of[row.name] = ways_of[UNDIVIDED.of(row.name)] = found
            if any(ways(table.asked) for table in level.tables):
                return None
            for one in level.statistics:
                counts = counted_by(one)
                if ways(counts):
                    return None
                found = frozenset((name, one.name) for name, _ in ways(one.otherwise.names if one.otherwise else ()))
                if not counts.isdisjoint(moved):
                    if one.source.relation is not None or one.source.stat not in KEPT_SUMS:
                        return None
                    counted.add(one.name)
                    found |= {(one.name, None)}
                if found:
                    ways_of[one.name] = found
        return frozenset(counted), ways_of

    @cached_property
    def _deciding(self) -> frozenset[str]:
        """The names by which others come to points, to a tier before the cut, or to a place among equals."""
        plan = self.plan
        asked: list[Compiled | None] = [when for _, when in plan.before]
        asked += [side for a in plan.adjustments for side in (a.when, a.points)]
        asked += [key.compiled for keys in plan.rank_by.values() for key in keys]
        scored = (name for formula in self._formulas for name in self._scored_by(formula))
        return frozenset(_names(asked)).union(scored)

    @staticmethod
    def _scored_by(formula: Formula) -> frozenset[str]:
        """The names by which a formula gives points."""
        indicators = (formula.indicator, *formula.fallbacks)
        asked = [
            side for item in formula.items for side in (item.benchmark, item.formula, *(b for _, b in item.fallbacks))
        ]
        return frozenset(_names(asked)).union(indicators, (UNDIVIDED.of(name) for name in indicators))

    @cached_property
    def _reweighs(self) -> bool:
        """Whether a missing value gives its weight to the others."""
        return any(policy.kind == "reweight" for f in self._formulas for _, policy in f.policies())


def _names(asked: Iterable[Compiled | None]) -> Iterator[str]:
    return (name for compiled in asked if compiled is not None for name in compiled.names)
