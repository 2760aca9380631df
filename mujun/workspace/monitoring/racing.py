"""The race between the townships of a county: ranked, explained, tried with other values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from mujun.analysis import Explanation, explain
from mujun.errors import UsageError, problem
from mujun.fields import nearest
from mujun.messages import Guess
from mujun.monitoring import by_group
from mujun.monitoring.month import month_over
from mujun.monitoring.racing import Race, entries_of, race_of, tried
from mujun.workspace.county_file import CountyFile
from mujun.workspace.monitoring.knowledge import Knowledge, known_until

if TYPE_CHECKING:
    from mujun.analysis.stability import Firmness


def race(
    county: CountyFile,
    day: date,
    *,
    rules: str | Path | None = None,
    known_on: date | None = None,
    since: date | None = None,
) -> Race:
    """The townships ranked by the plan's race at the end of the last month that is over on a day.

    Args:
        county: the county.
        day: the day.
        rules: the rule set with the plan; by default that of the newest list.
        known_on: as it was known at the end of that day.
        since: the day of the race that it is compared with; the month before by default.

    Raises:
        UsageError: there is no plan, it has no race, there are no townships, or `since` is not earlier.
        RuleError: something is wrong with the plan.
    """
    month = month_over(day)
    earlier = month_over(since) if since is not None else month.later(-1)
    if earlier >= month:
        raise UsageError(problem("race_since", since=str(earlier), month=str(month)))
    known = known_until(county, month, rules=rules, known_on=known_on)
    before = known_until(county, earlier, rules=rules, known_on=known_on)
    return race_of_knowledge(known, race_of_knowledge(before))


def race_of_knowledge(known: Knowledge, before: Race | None = None) -> Race:
    """The same of what was read already.

    Raises:
        UsageError: the plan has no race, or there are no townships.
    """
    contest = known.file.race
    if contest is None:
        raise UsageError(problem("race_none", plan=known.file.name))
    if not known.townships:
        raise UsageError(problem("race_no_townships"))
    entries = entries_of(known.file, contest, known.values, known.month, known.townships, _listed(known))
    return race_of(known.file, contest, known.month, entries, before)


def _listed(known: Knowledge) -> dict[str, tuple[int, int]]:
    if known.tracked is None:
        return {}
    groups = by_group(known.tracked, known.month.last_day, "township").select("group", "firms", "done")
    return {name: (firms, done) for name, firms, done in groups.iter_rows() if name is not None}


def race_tried(told: Race, values: Mapping[str, Mapping[str, Decimal]]) -> Race:
    """The race with other values of some townships; the places moved are those against the race as it is.

    Args:
        told: what `race` gave.
        values: by township, then by the figure's id or label.

    Raises:
        UsageError: there is no such township or figure in the race.
    """
    figures = {t.id: t.label for t in told.file.figures if t.id in told.contest.items}
    by_name = {name: id for id, label in figures.items() for name in (id, label)}
    wanted: dict[tuple[str, str], Fraction] = {}
    for township, several in values.items():
        _known(told, township)
        for name, value in several.items():
            if name not in by_name:
                near = Guess(nearest(name, by_name))
                raise UsageError(problem("race_no_item", name=name, known=list(figures.values()), near=near))
            wanted[township, by_name[name]] = Fraction(value)
    return tried(told, wanted)


def race_explained(told: Race, township: str) -> Explanation:
    """Why a township has its points and its rank.

    Raises:
        UsageError: there is no such township in the race.
    """
    _known(told, township)
    return explain(told.rating, township, told.frame)


def race_firmness(told: Race, *, draws: int | None = None, seed: int | None = None) -> Firmness:
    """How firm the ranks are, by drawing weights and figures many times."""
    from mujun.analysis.stability import firmness

    return firmness(told.rating, draws=draws, seed=seed)


def _known(told: Race, township: str) -> None:
    if told.racer(township) is None:
        names = [r.township for r in told.racers]
        near = Guess(nearest(township, names))
        raise UsageError(problem("unknown_township", township=township, near=near, known=names or "—"))
