"""The pages of the workbench, each a module: what it asks the county, and how it shows it."""

from typing import Any

from mujun.workbench.frame import Page
from mujun.workbench.pages import (
    anomalies,
    changes,
    checks,
    confirmation,
    course,
    data,
    doubts,
    firms,
    home,
    lists,
    money,
    monitoring,
    monthly,
    problems,
    publication,
    rating,
    rules,
    rules_form,
    rules_text,
    visits,
    whatif,
)

PAGES: tuple[Page[Any], ...] = (
    *home.PAGES,
    *data.PAGES,
    *checks.PAGES,
    *anomalies.PAGES,
    *confirmation.PAGES,
    *rating.PAGES,
    *doubts.PAGES,
    *whatif.PAGES,
    *publication.PAGES,
    *lists.PAGES,
    *course.PAGES,
    *problems.PAGES,
    *money.PAGES,
    *monitoring.PAGES,
    *monthly.PAGES,
    *firms.PAGES,
    *visits.PAGES,
    *rules.PAGES,
    *rules_form.PAGES,
    *rules_text.PAGES,
    *changes.PAGES,
)
"""All pages."""
