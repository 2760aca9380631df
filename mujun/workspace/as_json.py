"""Results for other programs: every result that `--format json` prints, by one function."""

from __future__ import annotations

import json
from functools import singledispatch

import mujun
from mujun.analysis import Explanation
from mujun.analysis.as_json import as_json
from mujun.analysis.comparison import Comparison
from mujun.analysis.fairness import Fairness
from mujun.analysis.stability import Firmness
from mujun.monitoring.plan_month import PlanMonth
from mujun.monitoring.projects import ProjectBook
from mujun.monitoring.racing import Race
from mujun.records import LandRegister
from mujun.reports.departments.land_sheets import land_document
from mujun.reports.firms.card import Card, card_json
from mujun.reports.monitoring.assessment_sheets import Assessment, assessment_json
from mujun.reports.monitoring.month_sheets import plan_month_json
from mujun.reports.monitoring.project_sheets import projects_json
from mujun.reports.monitoring.race_sheets import race_json
from mujun.reports.runs.comparison_json import as_values, comparison_json, records
from mujun.reports.runs.fairness_sheets import fairness_document
from mujun.reports.runs.scenario_workbook import winners_and_losers
from mujun.reports.runs.stability_sheets import stability_document
from mujun.workspace.data.coverage import Coverage, coverage_json
from mujun.workspace.rectification.monitoring import Status
from mujun.workspace.runs.scenarios import WhatIf


@singledispatch
def json_of(result: object, *, run: int | None = None) -> str:
    """A result as JSON text, the same that `--format json` prints; each names its format and its version.

    Args:
        result: an explanation, a card, a comparison of runs, a what-if, a stability test, fairness, a status, a
            plan's month or a land register.
        run: the number of the run, where the result does not know it.

    Raises:
        TypeError: a result of another kind.
    """
    raise TypeError(f"no JSON form of {type(result).__name__}")


@json_of.register
def _(result: Explanation, *, run: int | None = None) -> str:
    return as_json(result)


@json_of.register
def _(result: Card, *, run: int | None = None) -> str:
    return card_json(result)


@json_of.register
def _(result: Comparison, *, run: int | None = None) -> str:
    return comparison_json(result)


@json_of.register
def _(result: Coverage, *, run: int | None = None) -> str:
    return coverage_json(result)


@json_of.register
def _(result: Fairness, *, run: int | None = None) -> str:
    return _text(fairness_document(result, mujun.__version__, run=run))


@json_of.register
def _(result: Firmness, *, run: int | None = None) -> str:
    return _text(stability_document(result, mujun.__version__))


@json_of.register
def _(result: LandRegister, *, run: int | None = None) -> str:
    return _text(land_document(result, mujun.__version__))


@json_of.register
def _(result: Status, *, run: int | None = None) -> str:
    return result.to_json()


@json_of.register
def _(result: PlanMonth, *, run: int | None = None) -> str:
    return plan_month_json(result)


@json_of.register
def _(result: Race, *, run: int | None = None) -> str:
    return race_json(result)


@json_of.register
def _(result: Assessment, *, run: int | None = None) -> str:
    return assessment_json(result)


@json_of.register
def _(result: ProjectBook, *, run: int | None = None) -> str:
    return projects_json(result)


@json_of.register
def _(result: WhatIf, *, run: int | None = None) -> str:
    outcomes = [
        {
            "id": o.scenario.id,
            "label": o.scenario.label,
            "problems": [str(p) for p in o.problems],
            "doubts": [str(p) for p in o.doubts],
            "kept": o.kept,
            "comparison": None if o.comparison is None else as_values(o.comparison),
            "firms": None if o.comparison is None else records(winners_and_losers(o.comparison)),
        }
        for o in result.outcomes
    ]
    base = result.baseline
    held_against = {"run": base.number, "year": base.year, "rules": base.ruleset.address, "batch": base.batch}
    return _text({"format": "mujun-whatif/1", "baseline": held_against, "scenarios": outcomes})


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1)
