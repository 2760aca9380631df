"""What a file declares, as it is computed on last year's frame for statistics with `year: previous`."""

from __future__ import annotations

from dataclasses import replace

from mujun.rules.expressions import Expression
from mujun.rules.model import RuleField
from mujun.rules.names import Declared

LAST_YEAR = "@last"
"""What a previous year's statistic is called while last year's frame is evaluated."""


def declared_of_last_year(declared: Declared) -> Declared:
    """The same fields, tables, indicators and cases, and the statistics that look back.

    A statistic with `year: previous` is computed there as `<name>@last`; under its own name it would look back one
    year further and is missing.
    """
    looking_back = {n: s for n, s in declared.statistics.items() if s.year == "previous"}
    here = {n: s for n, s in declared.statistics.items() if n not in looking_back}
    here |= {n + LAST_YEAR: replace(s, year="this", otherwise=None) for n, s in looking_back.items()}
    blank = {
        n: RuleField(label=s.label, value=Expression("nullif(1, 1)"), stands=s.stands) for n, s in looking_back.items()
    }
    return replace(declared, fields={**declared.fields, **blank}, statistics=here)
