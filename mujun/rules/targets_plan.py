"""A targets file held together: ids, years, units, and what is counted by the loop of the rectification."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from mujun.errors import Place, Problem, RuleError, problem
from mujun.numbers import UnknownUnit, conversion, parse_unit
from mujun.rules.cross_checks import check_unique
from mujun.rules.model import Target, TheTargets
from mujun.rules.ruleset import RuleSet

COUNTED_IN: Mapping[str, str] = {"land": "亩", "energy": "吨标煤"}
"""The units in which the loop counts; enterprises are counted in 家."""


def check_targets(file: TheTargets) -> list[Problem]:
    """Everything that is wrong with a targets file."""
    problems: list[Problem] = []
    check_unique({"targets": [(t.id, t.stands) for t in file.targets]}, problems)
    for t in file.targets:
        named = (t.base, t.targets, t.yearly, t.actual, *t.townships.values())
        for year in dict.fromkeys([*(y for values in named for y in values), *t.doubtful]):
            if not re.fullmatch(r"(19|20|21)\d\d", year):
                problems.append(problem("target_year", t.stands, id=t.id, year=year))
        if not t.targets and not t.yearly:
            problems.append(problem("target_empty", t.stands, id=t.id))
        if t.counts is None and (t.path is not None or t.townships):
            problems.append(problem("target_not_counted", t.stands, id=t.id))
        if t.counts is not None and t.kind not in ("campaign", "cumulative"):
            problems.append(problem("target_counted_kind", t.stands, id=t.id, kind=t.kind))
        if t.counts in COUNTED_IN:
            try:
                factor(t)
            except UnknownUnit:
                wanted = COUNTED_IN[str(t.counts)]
                problems.append(problem("target_unit", t.stands, id=t.id, unit=t.unit or "—", wanted=wanted))
    return problems


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
