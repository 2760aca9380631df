"""`benchmark: {peers: …}` written out: a statistic under a name, and the benchmark as that name.

Everything after loading knows statistics and expressions only, so that a benchmark of peers is checked, shown,
explained and tried like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mujun.errors import Place, Problem, problem
from mujun.messages import show
from mujun.rules.expressions.text import Expression
from mujun.rules.model import Benchmark, Indicator, Item, Peers, Statistic, TheRating
from mujun.rules.model.benchmark import EVERYBODY


def with_peers_written_out(rating: TheRating, problems: list[Problem]) -> TheRating:
    """The rating with every benchmark of peers as a statistic: `<cohort>_<indicator>_peers`, and `…_whole` for all.

    Args:
        rating: a rating as read.
        problems: gathers peers of an indicator that has no two sides, and names that are taken.
    """
    writing = _Writing(rating, problems)
    scoring = {
        cohort: replace(s, items={name: writing.item(cohort, name, item) for name, item in s.items.items()})
        for cohort, s in rating.scoring.items()
    }
    if not writing.statistics:
        return rating
    return replace(rating, scoring=scoring, statistics={**rating.statistics, **writing.statistics})


class _Writing:
    """The statistics of one rating as they are written out."""

    def __init__(self, rating: TheRating, problems: list[Problem]) -> None:
        self.rating, self.problems = rating, problems
        self.statistics: dict[str, Statistic] = {}

    def item(self, cohort: str, name: str, item: Item) -> Item:
        """An item with its benchmark and those of its fallbacks written out."""
        return replace(
            item,
            benchmark=self.benchmark(item.benchmark, f"{cohort}_{name}", name),
            fallback=tuple(
                replace(f, benchmark=self.benchmark(f.benchmark, f"{cohort}_{name}_{f.indicator}", f.indicator))
                for f in item.fallback
            ),
        )

    def benchmark(self, source: Benchmark | None, prefix: str, indicator: str) -> Benchmark | None:
        """A benchmark of peers as the name of its statistic; any other as it is."""
        if source is None or source.peers is None:
            return source
        peers, place = source.peers, source.place
        declared = self.rating.indicators.get(indicator)
        if declared is None:
            return Benchmark("null", place)  # the unknown indicator is told where references are checked
        if peers.times <= 0:
            self.problems.append(problem("peers_times", peers.stands, times=peers.times))
        sides = _sides(peers, declared, indicator)
        if sides is None:
            self.problems.append(problem("peers_without_sides", place, indicator=indicator))
            return Benchmark("null", place)
        otherwise = peers.otherwise
        if otherwise is not None and otherwise.text.strip() == EVERYBODY:
            otherwise = Expression(_word(f"{prefix}_whole"), place)
            self._declare(f"{prefix}_whole", statistic_of(peers, sides, whole=True), place)
        self._declare(f"{prefix}_peers", replace(statistic_of(peers, sides), otherwise=otherwise), place)
        times = f"{show(peers.times)} * " if peers.times != 1 else ""
        return Benchmark(f"{times}{_word(f'{prefix}_peers')}", place)

    def _declare(self, name: str, statistic: Statistic, place: Place) -> None:
        taken: tuple[Mapping[str, object], ...] = (self.rating.statistics, self.rating.fields, self.rating.indicators)
        if any(name in names for names in taken):
            self.problems.append(problem("name_twice", place, name=name))
        self.statistics[name] = statistic


def _word(name: str) -> str:
    """A name as an expression writes it."""
    return name if name.isidentifier() else f'"{name}"'


def _sides(peers: Peers, indicator: Indicator, name: str) -> tuple[Expression, Expression | None] | None:
    if peers.peers != "ratio_of_sums":
        return Expression(_word(name), peers.stands), None
    return None if indicator.of is None or indicator.per is None else (indicator.of, indicator.per)


def statistic_of(peers: Peers, sides: tuple[Expression, Expression | None], *, whole: bool = False) -> Statistic:
    """The statistic that peers come to.

    Args:
        peers: the benchmark as the file states it.
        sides: what it counts: a value, or the two sides of a ratio.
        whole: not divided into groups, whatever the number of members.
    """
    of, per = sides
    return Statistic(
        stat=peers.peers,
        of=of,
        per=per,
        over=() if whole else peers.over,
        among=peers.among,
        members=peers.members,
        min_members=1 if whole else peers.min_members,
        q=peers.q,
        interpolation=peers.interpolation,
        year=peers.year,
        round=peers.round,
        stands=peers.stands,
    )
