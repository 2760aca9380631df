"""Cross-table findings of a year."""

from __future__ import annotations

import polars as pl

from mujun.errors import UsageError, problem
from mujun.records import Finding, YearEnd, check_tables, doubtful_parties
from mujun.steps import step
from mujun.store import Store
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.usage_sums import usage_findings
from mujun.workspace.tables_at import recorded_at
from mujun.workspace.year_records import YearRecords

ON_SITE = ("survey_problem",)
"""Findings about the site itself: the township heard them when its survey came back, the departments hear them here."""


def check_records(county: CountyFile, year: int, *, as_of_batch: int | None = None) -> tuple[Finding, ...]:
    """Cross-table findings of a year, each at the file, sheet and row of its figure; not what loading said already.

    Args:
        county: the county.
        year: the data year.
        as_of_batch: the records as they stood when this batch was the newest.

    Raises:
        UsageError: there are no enterprises of that year.
    """
    with Store.open(county.path) as store:
        step("step_tables", of=2)
        return _across(store, recorded_at(store, year, as_of_batch), year, as_of_batch)


def findings_across(records: YearRecords) -> tuple[Finding, ...]:
    """What `check_records` gives of records that are at hand.

    Raises:
        UsageError: there are no enterprises of that year.
    """
    with Store.open(records.county.path) as store:
        step("step_tables", of=2)
        return _across(store, records.recorded, records.year, None)


def _across(store: Store, tables: dict[str, pl.DataFrame], year: int, as_of_batch: int | None) -> tuple[Finding, ...]:
    years = sorted(tables["enterprises"]["year"].unique().to_list())
    if year not in years:
        raise UsageError(problem("year_without_enterprises", year=year, known=years or "—"))
    step("step_across", done=1, of=2)
    end = YearEnd.of(tables, year)
    findings = (*check_tables(end), *doubtful_parties(end.leases, year), *usage_findings(tables, year))
    located = store.located(findings, as_of_batch=as_of_batch)
    on_record = store.findings(year=year).filter(
        pl.lit(True) if as_of_batch is None else pl.col("batch") <= as_of_batch
    )
    known = set(on_record.select("code", "file", "sheet", "row", "value").iter_rows())
    return tuple(f for f in located if f.code in ON_SITE or (f.code, f.file, f.sheet, f.row, f.value) not in known)
