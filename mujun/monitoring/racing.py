"""The race between townships (赛马): the weights of targets.yaml, made into rating rules by which townships are rated.

There is no second engine: `race_rules` writes the contest down in the rating language (`subject: township`), and what a
rating can do (explanations, what-if, how firm it is) can be done with a race.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import polars as pl

from mujun.dataclass import dataclass
from mujun.monitoring.month import Month
from mujun.monitoring.standing import standing_of
from mujun.monitoring.values import Values
from mujun.notebooks import InNotebooks
from mujun.numbers import QUANTITY, round_decimal
from mujun.rating import rate
from mujun.rating.change import Change
from mujun.rating.result import Rating
from mujun.rating.worlds import Worlds
from mujun.rules.loading import load_kept
from mujun.rules.model import Contest, Target, TheTargets
from mujun.rules.ruleset import RuleSet

RACE = "race"
"""The address of the rules that a race is made into, and what its names begin with."""
ALL = "all"

Listed = Mapping[str, tuple[int, int]]
"""Per township: how many enterprises are listed for rectification, and how many of them are done."""


@dataclass(frozen=True)
class Entry:
    """What a township brings to one item of a race.

    Attributes:
        township: whose.
        figure: the target's id.
        value: its newest value, of enterprises done where the list itself is the aim; none where nothing counts.
        aim: what it is a share of, nothing where the item goes by value; 0 where the township has no aim.
        month: of which month the value is.
    """

    township: str
    figure: str
    value: Fraction | None
    aim: Fraction | None
    month: Month | None


@dataclass(frozen=True)
class RaceItem:
    """What an item brought to a township.

    Attributes:
        entry: the township's value and aim.
        target: the figure.
        weight: as the file weighs it.
        against: what the value was held against: the aim, or the best township's value; none where nobody has one.
        share: the value as a share of that.
        points: the points.
        note: why there are none or other than the share says: `missing` (not reported), `zero_denominator` (no aim).
    """

    entry: Entry
    target: Target
    weight: Decimal
    against: Fraction | None
    share: Fraction | None
    points: Decimal
    note: str | None


@dataclass(frozen=True)
class Lift:
    """One item brought to its aim, or to the best township's value, all else being equal.

    Attributes:
        target: the figure.
        value: where it would have to be, in the figure's unit; of enterprises on the lists how many done.
        points: how many points more that brings.
        rank: the rank then.
    """

    target: Target
    value: Fraction
    points: Decimal
    rank: int


@dataclass(frozen=True)
class Racer:
    """A township in a race.

    Attributes:
        township: its name.
        score, rank: as the contest counts.
        before: its rank in the earlier race; none without one, or where it was not in it.
        items: every item, in the order of the file.
        ahead: the points to the one ahead; none for the first.
    """

    township: str
    score: Decimal
    rank: int
    before: int | None
    items: tuple[RaceItem, ...]
    ahead: Decimal | None

    @property
    def moved(self) -> int | None:
        """How many places it has gone up (down below zero) since the earlier race."""
        return None if self.before is None else self.before - self.rank


@dataclass(frozen=True)
class Race(InNotebooks):
    """Townships ranked at the end of a month.

    Attributes:
        file: the plan.
        contest: its race.
        month: the month.
        since: the month of the race that it is compared with.
        rating: the rating of the townships, with everything that a rating can be asked.
        frame: what was rated.
        entries: what every township brought.
        racers: every township, by rank.
    """

    file: TheTargets = field(repr=False)
    contest: Contest = field(repr=False)
    month: Month
    since: Month | None
    rating: Rating = field(repr=False)
    frame: pl.DataFrame = field(repr=False)
    entries: tuple[Entry, ...] = field(repr=False)
    racers: tuple[Racer, ...]

    def racer(self, township: str) -> Racer | None:
        """A township's place; none where it is not in the race."""
        return next((r for r in self.racers if r.township == township), None)

    @cached_property
    def lifts(self) -> Mapping[str, tuple[Lift, ...]]:
        """What would lift each township, the item that lifts it most first: by rank, then by points."""
        return _lifts(self)


# ----------------------------------------------------------------------------------------------------------- entering


def entries_of(
    file: TheTargets, contest: Contest, values: Values, month: Month, townships: Sequence[str], listed: Listed
) -> tuple[Entry, ...]:
    """What every township brings to every item at the end of a month.

    A share is told of the township's own target of the year (or of the next year that has one); of enterprises that the
    list counts, without such targets, of those listed. What an office reports counts as missing where it is older than
    the contest's `within` months.

    Args:
        file: the plan.
        contest: its race.
        values: everything known of its figures.
        month: the month.
        townships: who races.
        listed: how many enterprises are on the lists of each, and done.
    """
    figures = {t.id: t for t in file.figures}
    return tuple(
        _entry(figures[name], item.by == "share", file, contest, values, month, township, listed)
        for township in townships
        for name, item in contest.items.items()
    )


def _entry(
    target: Target, share: bool, file: TheTargets, contest: Contest, values: Values, month: Month, township: str,
    listed: Listed,
) -> Entry:  # fmt: skip
    if share and not target.townships:
        on, done = listed.get(township, (0, 0))
        return Entry(township, target.id, Fraction(done), Fraction(on), month)
    standing = standing_of(target, file, values, month, township)
    value = standing.value
    stale = (
        value is not None and contest.within is not None and value.source == "reported"
        and month - value.month > contest.within
    )  # fmt: skip
    seen = None if value is None or stale else value
    # Nothing that is divided by nothing: who has no aim has none to miss, whatever was reported.
    aim = (standing.aim or Fraction(0)) if share else None
    at = seen.value if seen is not None else Fraction(0) if aim == 0 else None
    return Entry(township, target.id, at, aim, seen.month if seen is not None else None)


# ------------------------------------------------------------------------------------------------------------- rating


def race_rules(file: TheTargets, contest: Contest, year: int) -> RuleSet:
    """The contest in the rating language: one indicator per item, weights, floors and caps as the contest has them.

    Raises:
        RuleError: the contest does not make rules of rating; the check of targets.yaml leaves none such.
    """
    return load_kept(RACE, {f"{RACE}/rating.yaml": race_text(file, contest, year)})


def race_text(file: TheTargets, contest: Contest, year: int) -> str:
    """The same as the text of a rating.yaml."""
    figures = {t.id: t for t in file.figures}
    fields, indicators, statistics, scoring = [], [], [], []
    for name, key in _keys(contest).items():
        target, item = figures[name], contest.items[name]
        unit = f"（{target.unit}）" if target.unit else ""
        fields.append(f"  {key}_value: {{label: {_text(target.label + unit)}, input: quantity}}")
        floor, cap = contest.limits(item)
        limits = f"weight: {item.weight}, floor: {floor}, cap: {cap}, missing: {contest.missing}"
        if item.by == "share":
            aim = "列入清单" if not target.townships else "目标"
            fields.append(f"  {key}_aim: {{label: {_text(f'{target.label}{aim}{unit}')}, input: quantity}}")
            label = _text(f"{target.label}完成率")
            indicators.append(f"  {key}: {{label: {label}, of: {key}_value, per: {key}_aim}}")
            # Who has no aim has none to miss: its other items weigh more.
            scoring.append(f"    {key}: {{{limits}, benchmark: 1, zero_denominator: reweight}}")
        else:
            indicators.append(f"  {key}: {{label: {_text(target.label + unit)}, value: {key}_value}}")
            statistics.append(f"  {key}_best: {{stat: max, of: {key}}}")
            best = f"{key}_best"
            scoring.append(f'    {key}: {{{limits}, benchmark: "if({best} > 0, {best}, 1)"}}')
    status = "official" if contest.document else "example"
    source = contest.document or f"{file.name}：权重是示例"
    lines = [
        "mujun: 1", "kind: rating", f"name: {_text(contest.label)}", f"years: [{year}]", f"status: {status}",
        f"sources: [{{document: {_text(source)}}}]", "population: {subject: township}",
        f'cohorts: [{{id: {ALL}, label: 各镇街, when: "true"}}]',
        "fields:", *fields, "indicators:", *indicators, *(["statistics:", *statistics] if statistics else []),
        "scoring:", f"  {ALL}:", *scoring, "decimals: {points: 4, score: 2}",
        "tiers: {classes: [{id: 参赛}], cut: {default: {shares: {参赛: 100}}}}",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _keys(contest: Contest) -> dict[str, str]:
    """The items by the names that they have in the rules: never one of the dictionary's."""
    plain = all(re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII) for name in contest.items)
    return {name: f"{RACE}_{name if plain else i}" for i, name in enumerate(contest.items, 1)}


def race_frame(contest: Contest, entries: Sequence[Entry], year: int) -> pl.DataFrame:
    """The entries as a frame to be rated: a row per township."""
    keys = _keys(contest)
    rows: dict[str, dict[str, object]] = {}
    for e in entries:
        row = rows.setdefault(e.township, dict.fromkeys(("township", "credit_code", "name"), e.township))
        row[f"{keys[e.figure]}_value"] = _exact(e.value)
        if contest.items[e.figure].by == "share":
            row[f"{keys[e.figure]}_aim"] = _exact(e.aim)
    numbers = [f"{k}_value" for k in keys.values()]
    numbers += [f"{k}_aim" for n, k in keys.items() if contest.items[n].by == "share"]
    texts = dict.fromkeys(("township", "credit_code", "name"), pl.String())
    return pl.DataFrame(list(rows.values()), schema={**texts, **dict.fromkeys(numbers, QUANTITY)}).with_columns(
        pl.lit(year, dtype=pl.Int32).alias("year")
    )


def _exact(value: Fraction | None) -> Decimal | None:
    return None if value is None else round_decimal(value, 6)


# ------------------------------------------------------------------------------------------------------------ the race


def race_of(
    file: TheTargets, contest: Contest, month: Month, entries: Sequence[Entry], before: Race | None = None
) -> Race:
    """The townships ranked by a contest at the end of a month.

    Args:
        file: the plan.
        contest: its race.
        month: the month.
        entries: what every township brings, as `entries_of` gives it.
        before: an earlier race, to tell who moved.
    """
    frame = race_frame(contest, entries, month.year)
    rating = rate(frame, race_rules(file, contest, month.year))
    rows = {r["subject"]: r for r in rating.subjects.iter_rows(named=True)}
    scores = {name: row["score"] for name, row in rows.items()}
    ranks = {name: _rank(score, list(scores.values()), contest.ties) for name, score in scores.items()}
    earlier = {r.township: r.rank for r in before.racers} if before is not None else {}
    figures = {t.id: t for t in file.figures}
    racers = [
        Racer(
            name, scores[name], ranks[name], earlier.get(name),
            tuple(_item(figures[e.figure], contest, e, rows[name]) for e in entries if e.township == name),
            min((s for s in scores.values() if s > scores[name]), default=scores[name]) - scores[name]
            if ranks[name] > 1 else None,
        )
        for name in rows
    ]  # fmt: skip
    racers.sort(key=lambda r: (r.rank, r.township))
    since = before.month if before is not None else None
    return Race(file, contest, month, since, rating, frame, tuple(entries), tuple(racers))


def tried(race: Race, values: Mapping[tuple[str, str], Fraction]) -> Race:
    """The race with other values of some townships, everything else being equal; it is compared with the race as it is.

    Args:
        race: the race.
        values: by township and figure.
    """
    entries = [replace(e, value=values.get((e.township, e.figure), e.value)) for e in race.entries]
    return race_of(race.file, race.contest, race.month, entries, race)


def _rank(score: Decimal, scores: Sequence[Decimal], ties: str) -> int:
    """1 + how many are ahead; where ranks go on without a gap, how many different scores are."""
    ahead = [s for s in scores if s > score]
    return 1 + (len(set(ahead)) if ties == "dense" else len(ahead))


def _item(target: Target, contest: Contest, entry: Entry, row: Mapping[str, object]) -> RaceItem:
    key, item = _keys(contest)[target.id], contest.items[target.id]
    points, note = row[f"{key}_points"], row[f"{key}_note"]
    assert isinstance(points, Decimal)  # a township in the race has points for every item
    against = entry.aim
    if item.by == "value":
        best = row[f"{key}_best"]
        against = Fraction(str(best)) if isinstance(best, float) and best > 0 else None
    share = entry.value / against if entry.value is not None and against else None
    return RaceItem(entry, target, item.weight, against, share, points, str(note) if note else None)


def _lifts(race: Race) -> dict[str, tuple[Lift, ...]]:
    """Each item of each township brought to its aim or to the best, tried in the very rules."""
    figures, keys = {t.id: t for t in race.file.figures}, _keys(race.contest)
    scores = {r.township: r.score for r in race.racers}
    tries = list(_tries(race.contest, race.entries))
    changes = [Change(e.township, {keys[e.figure]: wanted}) for e, wanted in tries]
    told: dict[str, list[Lift]] = {name: [] for name in scores}
    for (entry, wanted), row in zip(tries, Worlds(race.rating, race.frame).rate(changes), strict=True):
        score = row["score"] if row is not None else None
        if not isinstance(score, Decimal) or score <= scores[entry.township]:
            continue
        others = [s for name, s in scores.items() if name != entry.township]
        value = Fraction(str(wanted)) * (entry.aim if entry.aim is not None else 1)
        rank = _rank(score, others, race.contest.ties)
        told[entry.township].append(Lift(figures[entry.figure], value, score - scores[entry.township], rank))
    return {name: tuple(sorted(several, key=lambda x: (x.rank, -x.points))) for name, several in told.items()}


def _tries(contest: Contest, entries: Sequence[Entry]) -> Iterator[tuple[Entry, float]]:
    """Each entry that falls short, and the indicator's value that it should have: 1 of a share, else the best one."""
    for name, item in contest.items.items():
        mine = [e for e in entries if e.figure == name]
        best = max((e.value for e in mine if e.value is not None), default=None)
        for e in mine:
            if item.by == "share" and e.aim and (e.value is None or e.value < e.aim):
                yield e, 1.0
            elif item.by == "value" and best is not None and best > 0 and (e.value is None or e.value < best):
                yield e, float(best)
