"""A targets file held together: ids, years, units, tasks with their offices and goals, weights of a contest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from mujun.errors import Place, Problem, RuleError, problem
from mujun.fields import nearest
from mujun.messages import Guess
from mujun.numbers import UnknownUnit, conversion, parse_unit
from mujun.rules.computed_figures import compile_figure
from mujun.rules.cross_checks import check_unique
from mujun.rules.model import Contest, Target, Task, TheTargets
from mujun.rules.record_figures import compile_records
from mujun.rules.ruleset import RuleSet

COUNTED_IN: Mapping[str, str] = {"land": "亩", "energy": "吨标煤"}
"""The units in which the loop counts; enterprises are counted in 家."""


def check_targets(file: TheTargets) -> list[Problem]:
    """Everything that is wrong with a targets file."""
    problems: list[Problem] = []
    # A task, an assessment and a race name indicators and goals alike: their ids are one list.
    where = "targets / goals" if file.goals else "targets"
    check_unique({where: [(t.id, t.stands) for t in file.figures]}, problems)
    for t in file.figures:
        problems += _check_figure(t)
        compile_figure(t, problems)
        compile_records(t, problems)
        problems += _check_reporting(t, file)
    problems += _check_curve(file.curve, Place(key="curve"), "curve")
    if file.townships_office is not None and file.townships_office not in file.offices:
        near = Guess(nearest(file.townships_office, file.offices))
        problems.append(
            problem(
                "targets_unknown_office", Place(key="townships_office"), name=file.townships_office,
                known=list(file.offices) or "—", near=near,
            )
        )  # fmt: skip
    for called, office in file.also_called.items():
        if office not in file.offices:
            near = Guess(nearest(office, file.offices))
            about = {"called": called, "name": office, "known": list(file.offices) or "—", "near": near}
            problems.append(problem("targets_called_unknown", Place(key=f"also_called.{called}"), **about))
    problems += [problem("goal_without_unit", g.stands, id=g.id) for g in file.goals if not g.unit.strip()]
    problems += _check_tasks(file)
    problems += _check_watched(file)
    for contest in (file.assessment, file.race):
        if contest is not None:
            problems += _check_contest(contest, file)
    if file.assessment is not None:
        problems += _check_assessment(file.assessment)
    if file.race is not None:
        problems += [*_check_race(file.race, file), *_check_within(file.race)]
    return problems


def _check_figure(t: Target) -> Iterator[Problem]:
    named = (t.base, t.targets, t.yearly, t.actual, *t.townships.values())
    beside = (values for r in t.regions.values() for values in (r.targets, r.yearly))
    for year in dict.fromkeys([*(y for values in (*named, *beside) for y in values), *t.doubtful]):
        if not re.fullmatch(r"(19|20|21)\d\d", year):
            yield problem("target_year", t.stands, id=t.id, year=year)
    if not t.targets and not t.yearly:
        yield problem("target_empty", t.stands, id=t.id)
    for name, region in t.regions.items():
        if not region.targets and not region.yearly:
            yield problem("target_region_empty", region.stands, id=t.id, region=name)
    if t.counts is None and (t.path is not None or (t.townships and t.computed is None and t.reported_by is None)):
        yield problem("target_not_counted", t.stands, id=t.id)
    if t.counts is not None and t.computed is not None:
        yield problem("target_counted_twice", t.stands, id=t.id)
    yield from _check_curve(t.curve, t.stands, t.id)
    if t.counts is not None and t.kind not in ("campaign", "cumulative"):
        yield problem("target_counted_kind", t.stands, id=t.id, kind=t.kind)
    if t.counts in COUNTED_IN:
        try:
            factor(t)
        except UnknownUnit:
            wanted = COUNTED_IN[str(t.counts)]
            yield problem("target_unit", t.stands, id=t.id, unit=t.unit or "—", wanted=wanted)


def _check_reporting(t: Target, file: TheTargets) -> Iterator[Problem]:
    office = t.reported_by
    if office is not None and office not in file.offices:
        near = Guess(nearest(office, file.offices))
        known = list(file.offices) or "—"
        yield problem("target_unknown_office", t.stands, id=t.id, name=office, known=known, near=near)
    elif office is not None and office == file.townships_office and t.kind in ("level", "rate"):
        yield problem("target_townships_sum", t.stands, id=t.id, office=office, kind=t.kind)


def _check_curve(curve: Mapping[str, Decimal], stands: Place, name: str) -> Iterator[Problem]:
    """Months from 1 to 12, shares from 0 to 1 that never fall, and the whole at the end of the year."""
    if any(not re.fullmatch(r"[1-9]|1[0-2]", month) for month in curve):
        yield problem("curve_month", stands, id=name, months=list(curve))
        return
    shares = [share for _, share in sorted((int(m), s) for m, s in curve.items())]
    rising = all(a <= b for a, b in pairwise([Decimal(0), *shares, Decimal(1)]))
    if curve and (not rising or curve.get("12", Decimal(1)) != 1):
        yield problem("curve_share", stands, id=name, shares=shares)


def _check_tasks(file: TheTargets) -> Iterator[Problem]:
    first: dict[int, Task] = {}
    ids = [t.id for t in file.figures]
    for task in file.tasks:
        if task.number < 1:
            yield problem("task_number", task.stands, number=task.number)
        elif task.number in first:
            earlier = first[task.number].title
            yield problem("task_number_twice", task.stands, number=task.number, title=task.title, first=earlier)
        first.setdefault(task.number, task)
        if not task.lead:
            yield problem("task_without_lead", task.stands, number=task.number, title=task.title)
        for office in dict.fromkeys((*task.lead, *task.support)):
            if office not in file.offices:
                near = Guess(nearest(office, file.offices))
                yield problem(
                    "task_unknown_office", task.stands, number=task.number, name=office, known=list(file.offices),
                    near=near,
                )  # fmt: skip
        for office, times in Counter((*task.lead, *task.support)).items():
            if times > 1:
                yield problem("task_office_twice", task.stands, number=task.number, name=office)
        for goal in dict.fromkeys(task.goals):
            if goal not in ids:
                yield problem(
                    "task_unknown_goal", task.stands, number=task.number, name=goal, near=Guess(nearest(goal, ids))
                )
    told = {goal for task in file.tasks for goal in task.goals}
    for goal_of_none in (g for g in file.goals if file.tasks and g.id not in told):
        yield problem("goal_of_no_task", goal_of_none.stands, id=goal_of_none.id)


def _check_contest(contest: Contest, file: TheTargets) -> Iterator[Problem]:
    ids = [t.id for t in file.figures]
    weights = Decimal(0)
    for name, item in contest.items.items():
        if name not in ids:
            yield problem(
                "contest_unknown_item", item.stands, label=contest.label, name=name, near=Guess(nearest(name, ids))
            )
        if item.weight <= 0:
            yield problem("contest_weight", item.stands, label=contest.label, name=name, weight=item.weight)
        weights += item.weight
        floor, cap = contest.limits(item)
        if floor > cap:
            yield problem("contest_floor", item.stands, label=contest.label, name=name, floor=floor, cap=cap)
    if not contest.items:
        yield problem("contest_empty", contest.stands, label=contest.label)
    elif weights != contest.total:
        yield problem("contest_total", contest.stands, label=contest.label, weights=weights, total=contest.total)


def _check_assessment(assessment: Contest) -> Iterator[Problem]:
    """A value by itself brings points only beside those of others, and an assessment has the plan's target alone."""
    for name, item in assessment.items.items():
        if item.by == "value":
            yield problem("assessment_by_value", item.stands, label=assessment.label, name=name)
    if assessment.within is not None:
        yield problem("assessment_within", assessment.stands, label=assessment.label)


def _check_race(race: Contest, file: TheTargets) -> Iterator[Problem]:
    """A share needs something to be a share of: the township's own target, or those listed for rectification."""
    by_id = {t.id: t for t in file.figures}
    for name, item in race.items.items():
        t = by_id.get(name)
        if t is not None and item.by == "share" and t.counts != "firms" and not t.townships:
            yield problem("race_no_share", item.stands, label=race.label, name=name)


def _check_watched(file: TheTargets) -> Iterator[Problem]:
    watched = file.projects
    if watched is None:
        return
    for key, office in (("office", watched.office), ("land_office", watched.land_office)):
        if office is not None and office not in file.offices:
            near = Guess(nearest(office, file.offices))
            known = list(file.offices) or "—"
            yield problem("projects_unknown_office", watched.stands, key=key, name=office, known=known, near=near)
    if watched.late_after < 0 or (watched.team_from is not None and watched.team_from <= 0):
        yield problem(
            "projects_numbers",
            watched.stands,
            team="—" if watched.team_from is None else watched.team_from,
            late=watched.late_after,
        )


def _check_within(race: Contest) -> Iterator[Problem]:
    if race.within is not None and race.within < 0:
        yield problem("race_within", race.stands, label=race.label, within=race.within)


def whole_targets(ruleset: RuleSet) -> TheTargets:
    """The targets of a rule set, checked.

    Raises:
        RuleError: it has none, or something is wrong with them; everything at once.
    """
    if ruleset.targets is None:
        raise RuleError(problem("rules_no_targets", Place(file=ruleset.address)))
    problems = check_targets(ruleset.targets)
    if problems:
        raise RuleError(problems)
    return ruleset.targets


def factor(target: Target) -> Fraction:
    """What a count of the loop is multiplied with to have it in the target's unit; exact.

    Raises:
        UnknownUnit: the unit is none, or measures something else.
    """
    if target.counts not in COUNTED_IN:
        return Fraction(1)
    given = parse_unit(COUNTED_IN[target.counts or ""])
    scale = conversion(given, parse_unit(target.unit))
    if scale is None:
        raise UnknownUnit(target.unit)
    return scale
