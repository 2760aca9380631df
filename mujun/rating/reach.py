"""How far a change of one subject reaches by the rules: what is counted anew, and who may score otherwise for it.

A figure moves the sums of its groups, and these the points of who is held against them. Everybody else keeps what he
was rated at. Where the rules do not show that (a median, extremes, a case that looks at a statistic), nothing is said,
and the whole county is rated again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from mujun.dataclass import dataclass
from mujun.rating.columns import BENCHMARK, POINTS, SCORE, UNDIVIDED
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
        ways: by which statistics others are scored otherwise, or come to another place among equals.
        held: by the key of a formula, by which statistics others are held against another benchmark in it, and nothing
            else of them moves but their points.
    """

    counted: frozenset[str]
    names: frozenset[str]
    ways: frozenset[Way]
    held: Mapping[str, frozenset[Way]]


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

        def ways(names: Iterable[str]) -> frozenset[Way]:
            return frozenset(way for name in names for way in ways_of.get(name, ()))

        held = {key: found for key, names in self._held_against.items() if (found := ways(names))}
        return Reach(counted, frozenset(ways_of), ways(self._deciding), held)

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
    def _asked_of_others(self) -> frozenset[str]:
        """What is asked of everybody besides points: bonuses, tiers before the cut, and the order of equals."""
        plan = self.plan
        asked: list[Compiled | None] = [when for _, when in plan.before]
        asked += [side for a in plan.adjustments for side in (a.when, a.points)]
        # All are ranked by the score first.
        keys = (key.compiled for several in plan.rank_by.values() for key in several)
        asked += [key for key in keys if key.source.text != SCORE.name]
        return frozenset(_names(asked))

    @cached_property
    def _deciding(self) -> frozenset[str]:
        """The names by which others are scored otherwise than by another benchmark."""
        others = (f.benchmark_names for f in self._formulas if f.key not in self._held_against)
        return self._asked_of_others.union(*(f.value_names for f in self._formulas), *others)

    @cached_property
    def _held_against(self) -> Mapping[str, frozenset[str]]:
        """By the key of a formula the names that its benchmark is made of, where nothing but points goes by it."""
        rating = self.plan.rating
        points = {column.of(i) for column in (POINTS, BENCHMARK) for i in rating.indicators}
        if not self._asked_of_others.isdisjoint(points | {SCORE.name}):
            return {}
        return {f.key: f.benchmark_names for f in self._formulas if not f.model.formula}


def _names(asked: Iterable[Compiled | None]) -> Iterator[str]:
    return (name for compiled in asked if compiled is not None for name in compiled.names)
