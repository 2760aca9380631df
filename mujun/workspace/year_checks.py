"""All checks of a year, which read its records once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mujun.records import Finding
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.checking import findings_across
from mujun.workspace.data.coverage import Coverage, Given, coverage_of
from mujun.workspace.year_records import YearRecords

if TYPE_CHECKING:
    from mujun.workspace.second_look import SecondLook


class YearChecks:
    """The checks of a year's records as they stand: what `check`, `coverage` and `second_look` give, one by one.

    All rest on the same reading of the records, which is not repeated when a batch is put in meanwhile.
    """

    def __init__(self, records: YearRecords) -> None:
        self._records = records

    def across(self) -> tuple[Finding, ...]:
        """What `county.data.check` gives.

        Raises:
            UsageError: there are no enterprises of that year.
        """
        return findings_across(self._records)

    def coverage(self) -> Coverage:
        """What `county.data.coverage` gives.

        Raises:
            UsageError: there are no enterprises of that year.
        """
        of = self._records
        return coverage_of(of.county, of.year, given=Given(of.tables, of.frame, None))

    def second_look(self, rules: str | Path | None = None) -> SecondLook:
        """What `county.data.second_look` gives.

        Raises:
            UsageError, RuleError, RatingError: as it says.
        """
        # What looks for anomalies takes its time to read: a check without them is spared it.
        from mujun.workspace.second_look import doubts_of

        return doubts_of(self._records, rules)


def year_checks(county: CountyFile, year: int) -> YearChecks:
    """All checks of a year, which read its records once, when the first of them is asked for.

    Args:
        county: the county.
        year: the data year.
    """
    return YearChecks(YearRecords(county, year))
