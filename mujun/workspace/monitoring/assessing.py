"""The annual assessment of a county and of its townships."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from mujun.errors import UsageError, problem
from mujun.monitoring.assessing import assess, points_of
from mujun.reports.monitoring.assessment_sheets import Assessment
from mujun.workspace.county_file import CountyFile
from mujun.workspace.monitoring.knowledge import known_until
from mujun.workspace.monitoring.plan_papers import period_end


def assessment(
    county: CountyFile, day: date, *, rules: str | Path | None = None, known_on: date | None = None
) -> Assessment:
    """The assessment of the last year that is over on a day: of the county, and of townships with targets of their own.

    Args:
        county: the county.
        day: the day.
        rules: the rule set with the plan; by default that of the newest list.
        known_on: as it was known at the end of that day.

    Raises:
        UsageError: there is no plan, or it has no assessment.
        RuleError: something is wrong with the plan.
    """
    month = period_end("assessment", day)
    known = known_until(county, month, rules=rules, known_on=known_on)
    contest = known.file.assessment
    if contest is None:
        raise UsageError(problem("monitor_no_assessment", plan=known.file.name))
    whole = assess(known.file, contest, known.values, month.year)
    each = {t: assess(known.file, contest, known.values, month.year, t) for t in known.townships}
    told = {t: rows for t, rows in each.items() if points_of(rows) is not None}
    return Assessment(known.file.name, contest, month.year, whole, told)
