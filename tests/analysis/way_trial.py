"""A trial of the way up by somebody who did not build it: every statement held against rating again, densely.

The tiers come from the independent rater of `tests/oracle`, one change of one firm at a time. Where nothing is said to
do it, a dense scan looks for what does; where a value is said to be the nearest, it looks for a nearer one.

All of it: `python -m tests.analysis.way_trial --seeds 40 --firms 6`.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from mujun.analysis import Explainer, Ways, WayUp
from mujun.analysis.way_up import Reach
from mujun.rating import Rating, rate
from tests.analysis.made_counties import LESS_IS_BETTER, MadeCounty, made_county
from tests.oracle import OracleError, rater
from tests.oracle.strategies import Case
from tests.rating.against_oracle import frame_of, ruleset_of

FAR = 1000
"""How many times its own size (or its benchmark's) a value is looked at, as the text says."""


class Stand(NamedTuple):
    """Where a firm stands in a world."""

    treatment: str | None
    cohort: str | None
    tier: str | None
    score: Decimal | None
    rank: Decimal | None


UNRATABLE = Stand(None, None, None, None, None)


class Changed(rater.Rater):
    """The county with indicators of one subject said, and all else as it follows."""

    put: Mapping[str, float]
    whose: str

    def indicator(self, entity: rater.Entity, name: str) -> tuple[float | None, bool]:
        mine = entity is self.subject_of[self.firm] if name in self.put else False
        return (self.put[name], False) if mine else super().indicator(entity, name)

    @property
    def firm(self) -> rater.Entity:
        return next(e for e in self.enterprises if e.id == self.whose)


@dataclass
class World:
    """A county that is rated again for each change of one firm."""

    county: MadeCounty
    ratings: int = 0
    _kept: dict[Any, Stand] = field(default_factory=dict)

    def stand(self, code: str, put: Mapping[str, float] = {}, figures: Mapping[str, Decimal] = {}) -> Stand:
        key = (code, *sorted(put.items()), *sorted(figures.items()))
        if key not in self._kept:
            self._kept[key] = self._rated(code, put, figures)
        return self._kept[key]

    def _rated(self, code: str, put: Mapping[str, float], figures: Mapping[str, Decimal]) -> Stand:
        self.ratings += 1
        rows = [{**r, **figures} if r["credit_code"] == code else r for r in self.county.rows]
        world = Changed(rows, self.county.rules, None, {}, 2022)
        world.put, world.whose = put, code
        mine = world.firm
        try:
            return Stand(*(world.get(mine, n) for n in Stand._fields))
        except OracleError:
            return UNRATABLE


@dataclass
class Trial:
    """What was checked, by kind of statement, and what was found wrong."""

    checked: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[Any, ...]] = field(default_factory=list)

    def hold(self, kind: str, said: bool, *about: Any) -> None:
        self.checked[kind] += 1
        if not said:
            self.wrong.append((kind, *about))


def ways_of_county(county: MadeCounty, codes: Iterable[str]) -> dict[str, WayUp]:
    """What the explanations say."""
    frame, ruleset = frame_of(county.rows, county.rules, 2022), ruleset_of(Case(county.rules, county.rows, None, {}))
    rating = rate(frame, ruleset)
    told = Explainer(rating, frame).explain_all(list(codes), ways=Ways(rating, frame), figures=True)
    return {e.credit_code: e.way_up for e in told if e.way_up is not None}


@dataclass
class FirmTrial:
    """One firm's explanation against the world."""

    world: World
    code: str
    way: WayUp
    trial: Trial
    density: int

    def reached(self, stand: Stand, tier: str | None) -> bool:
        order = {t["id"]: i for i, t in enumerate(self.world.county.rules["tiers"]["classes"])}
        return stand.treatment == "rated" and stand.tier is not None and order[stand.tier] <= order[str(tier)]

    def __call__(self) -> None:
        way, now = self.way, self.world.stand(self.code)
        self.trial.hold("tier now", now.tier == way.tier, self.code, now, way.tier)
        if way.target is not None:
            for reach in way.alone:
                self.lever("alone", reach, up=reach.name not in LESS_IS_BETTER)
            for reach in way.figures:
                self.lever("figure", reach, up=None)
            self.together()
        for reach in way.falling:
            self.falls(reach)

    def at(self, kind: str, name: str, value: Decimal) -> Stand:
        if kind == "figure":
            return self.world.stand(self.code, figures={name: value})
        return self.world.stand(self.code, put={name: float(value)})

    def lever(self, kind: str, reach: Reach, up: bool | None) -> None:
        """A way offered does it and a step less does not; nothing nearer; nothing at all where none is offered."""
        current, target = reach.current, reach.target
        if target is not None:
            stand, step = self.at(kind, reach.name, target), reach.step or Decimal(0)
            self.trial.hold(f"{kind}: reaches", self.reached(stand, self.way.target), self.code, reach, stand)
            self.trial.hold(
                f"{kind}: result", (stand.tier, stand.score, stand.rank) == (reach.tier, reach.score, reach.rank),
                self.code, reach, stand,
            )  # fmt: skip
            if current is not None:
                up = target > current
                less = self.at(kind, reach.name, target - (step if up else -step))
                self.trial.hold(f"{kind}: a step less", not self.reached(less, self.way.target), self.code, reach, less)
        if up is None:
            last = next((b.value for b in reach.bars if b.value is not None), None)
            up = None if last is None or current is None else last > current
        if up is None:
            up = reach.name not in ("land_mu", "energy_tce", "electricity_kwh")
        found = self.nearest(kind, reach, up=up, until=target)
        what = f"{kind}: nothing nearer" if target is not None else f"{kind}: impossible"
        self.trial.hold(what, found is None, self.code, reach, found, found and self.at(kind, reach.name, found))
        if reach.any_value:
            values = [Decimal(0), Decimal(1), Decimal(10) ** 6, Decimal("0.5")]
            every = all(self.reached(self.at(kind, reach.name, v), self.way.target) for v in values)
            self.trial.hold(f"{kind}: any value", every, self.code, reach)
        for bar in reach.bars:
            if bar.kind == "leaves" and bar.value is not None:
                there = self.at(kind, reach.name, bar.value)
                self.trial.hold(f"{kind}: leaves", there.treatment not in ("rated",), self.code, reach, there)

    def nearest(self, kind: str, reach: Reach, *, up: bool, until: Decimal | None) -> Decimal | None:
        """A value before the one that is offered that reaches the tier too."""
        step = reach.step or (Decimal("0.0001") if kind == "figure" else Decimal("0.000001"))
        visited: dict[Decimal, Stand] = {}
        for value in self.places(reach, step, up=up, until=until):
            visited[value] = self.at(kind, reach.name, value)
            if self.reached(visited[value], self.way.target):
                return value
        # Between neighbours that differ in anything there is an edge: close in on it from both sides.
        order = sorted(visited)
        for low, high in pairwise(order):
            one, other = visited[low], visited[high]
            for _ in range(40):
                if (one.treatment, one.cohort, one.rank) == (other.treatment, other.cohort, other.rank):
                    break
                if high - low <= step:
                    break
                middle = ((low + high) / 2 / step).to_integral_value(ROUND_FLOOR) * step
                if middle in (low, high):
                    break
                there = self.at(kind, reach.name, middle)
                if self.reached(there, self.way.target):
                    return middle
                if (there.treatment, there.cohort) != (one.treatment, one.cohort):
                    high, other = middle, there
                else:
                    low, one = middle, there
        return None

    def places(self, reach: Reach, step: Decimal, *, up: bool, until: Decimal | None) -> Iterator[Decimal]:
        """Dense places on the grid from where the value is, as far as is said, or as far as is looked at."""
        current = reach.current if reach.current is not None else Decimal(0)
        size = max(abs(current), Decimal("0.05"), abs(until or Decimal(0)))
        raw: set[Decimal] = set()
        n = self.density
        # The text holds its word for values up to a thousand times; less has an end at nothing.
        end = until if until is not None else (current + size * FAR if up else min(Decimal(0), current))
        for i in range(1, n + 1):
            raw.add(current + (end - current) * i / n)
            if up:
                raw.add(current + size * (Decimal(FAR) ** (Decimal(i) / n) - 1) * Decimal(str(0.9)))
                raw.add(current + size * 3 * i / n)
                raw.add(current + size * Decimal(i) / n / 5)
            else:
                raw.add(current * Decimal(i) / n / 10)
                raw.add(current - current * Decimal(i) / n / 5)
        if reach.current is None:
            raw |= {Decimal(0), step}
        for edge in (3, 10, 15, 20, 30, 60, 100, 300, 340, 400, 500, 900, 3000):
            raw |= {Decimal(edge) + step * i for i in (-1, 0, 1)}
        seen = set()
        for value in raw:
            placed = (value / step).to_integral_value(ROUND_FLOOR if up else ROUND_CEILING) * step
            # An indicator is told on a round grid, a figure in steps from where it is.
            placed += current % step if reach.kind == "figure" else 0
            inside = (placed > current) if up else (placed < current)
            if reach.current is None:
                inside = placed >= 0
            if until is not None:
                inside = inside and (placed < until if up else placed > until)
            elif up:
                inside = inside and placed <= current + size * FAR
            else:
                inside = inside and placed > 0
            if inside:
                seen.add(placed)
        yield from sorted(seen, reverse=not up)

    def together(self) -> None:
        joint, current = self.way.together, {r.name: r.current for r in self.way.alone}
        if joint is None:
            values = {n: v for n, v in current.items() if v is not None and v > 0}
            # Where one indicator alone does it, nothing is said of several.
            if not values or any(r.target is not None for r in self.way.alone):
                return
            found = None
            most = Decimal(1) if LESS_IS_BETTER & values.keys() else Decimal(100)
            for i in range(1, self.density + 1):
                for share in (most * i / self.density, Decimal(i) / self.density, Decimal(i) / self.density / 10):
                    if self.reached(self.jointly(values, share), self.way.target):
                        found = share
            self.trial.hold("together: impossible", found is None, self.code, values, found)
            return
        targets = {p.name: p.target for p in joint.parts}
        stand = self.world.stand(self.code, put={n: float(v) for n, v in targets.items()})
        self.trial.hold("together: reaches", self.reached(stand, self.way.target), self.code, joint, stand)
        parts = {p.name: p.current for p in joint.parts}
        less = self.jointly(parts, joint.change - Decimal("0.000001"))
        self.trial.hold("together: a millionth less", not self.reached(less, self.way.target), self.code, joint, less)
        for i in range(1, self.density):
            share = (joint.change * i / self.density).quantize(Decimal("0.000001"))
            there = self.jointly(parts, share) if share < joint.change else None
            if there is not None and self.reached(there, self.way.target):
                self.trial.hold("together: nothing nearer", False, self.code, joint, share, there)
                return
        self.trial.hold("together: nothing nearer", True)

    def jointly(self, values: Mapping[str, Decimal], share: Decimal) -> Stand:
        put = {n: float(round(v * (1 - share if n in LESS_IS_BETTER else 1 + share), 12)) for n, v in values.items()}
        return self.world.stand(self.code, put=put)

    def falls(self, reach: Reach) -> None:
        if reach.target is None:
            return
        current, step = reach.current or Decimal(0), reach.step or Decimal(0)
        stand = self.at("alone", reach.name, reach.target)
        self.trial.hold("falling: falls", not self.reached(stand, self.way.tier), self.code, reach, stand)
        if reach.any_value:
            values = [Decimal(0), Decimal("0.5"), Decimal(1), Decimal(10), Decimal(1000)]
            every = all(not self.reached(self.at("alone", reach.name, v), self.way.tier) for v in values)
            self.trial.hold("falling: any value", every, self.code, reach)
            return
        more_is_better = reach.name not in LESS_IS_BETTER if reach.current is None else reach.target < current
        if reach.current is None or abs(reach.target - current) > step:
            more = self.at("alone", reach.name, reach.target + (step if more_is_better else -step))
            self.trial.hold("falling: a step more", self.reached(more, self.way.tier), self.code, reach, more)


def try_county(seed: int, trial: Trial, *, firms: int, density: int, size: int | None = None) -> World:
    """Some firms of a drawn county, the worse tiers first."""
    county = made_county(seed, size)
    world = World(county)
    rating: Rating = rate(
        frame_of(county.rows, county.rules, 2022), ruleset_of(Case(county.rules, county.rows, None, {}))
    )
    rows = rating.enterprises.filter(treatment="rated")["credit_code"].to_list()
    chosen = sorted(random.Random(seed).sample(rows, min(firms, len(rows))))
    for code, way in ways_of_county(county, chosen).items():
        FirmTrial(world, code, way, trial, density)()
    return world


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--firms", type=int, default=5)
    parser.add_argument("--density", type=int, default=60)
    parser.add_argument("--size", type=int)
    asked = parser.parse_args(arguments)
    trial = Trial()
    for seed in range(asked.first, asked.first + asked.seeds):
        before = len(trial.wrong)
        try:
            world = try_county(seed, trial, firms=asked.firms, density=asked.density, size=asked.size)
        except Exception as error:
            print(seed, "ERROR", type(error), str(error)[:300], flush=True)
            continue
        print(seed, world.ratings, sum(trial.checked.values()), flush=True)
        for one in trial.wrong[before:]:
            print("   WRONG", *one, flush=True)
    print(dict(sorted(trial.checked.items())), sum(trial.checked.values()), "wrong:", len(trial.wrong))
    print(Counter(w[0] for w in trial.wrong))


if __name__ == "__main__":
    main(sys.argv[1:])
