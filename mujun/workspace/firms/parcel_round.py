"""The township's round of parcels: workbooks handed out for every parcel to be looked at on site."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.rectification.problems import OVER
from mujun.reports.rectification.problem_sheets import problem_part
from mujun.reports.rounds.parcel_survey import parcel_survey_of
from mujun.reports.rounds.survey_workbook import write_survey
from mujun.store import Issue, Store
from mujun.store.issues import PARCEL_SURVEY
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.on_record import newest_year
from mujun.workspace.firms.census import Census, census
from mujun.workspace.problems.problem_list import problem_rows
from mujun.workspace.rounds.township_round import COUNTY
from mujun.writing import Several


@dataclass(frozen=True)
class HandedParcels:
    """A workbook of parcels handed out: whose, where it lies, its mark, how many parcels and open problems it has."""

    township: str | None
    file: Path
    issue: Issue
    parcels: int
    problems: int


def screen_parcels(
    county: CountyFile, file: Path, township: str | None = None, *, year: int | None = None
) -> HandedParcels:
    """Write a township's workbook of parcels for the visits on site, and put down what it gave.

    Args:
        county: the county.
        file: where to.
        township: whose parcels; all where none is named.
        year: the data year; by default the newest on record.

    Raises:
        UsageError: no parcel is in that township, or none is known at all.
        InputError: the file cannot be written.
    """
    return _hand_out(
        county, census(county, year if year is not None else newest_year(county), township), file, township
    )


def screen_parcels_all(county: CountyFile, folder: Path, *, year: int | None = None) -> tuple[HandedParcels, ...]:
    """A workbook for each township that has a parcel, into one folder; arguments as in `screen_parcels`."""
    wanted = year if year is not None else newest_year(county)
    handed: list[HandedParcels] = []
    townships = census(county, wanted).rows["township"].drop_nulls().unique().sort().to_list()
    several = Several(folder, len(townships))
    for township in townships:
        with several.one(f"{township}_{wanted}年地块核查表", ".xlsx") as file:
            handed.append(_hand_out(county, census(county, wanted, township), file, township))
    several.finish()
    return tuple(handed)


def _hand_out(county: CountyFile, told: Census, file: Path, township: str | None) -> HandedParcels:
    rows = told.rows
    if rows.is_empty():
        raise UsageError(problem("screen_no_parcels"))
    problems = (
        problem_rows(county)
        .filter(~pl.col("state").is_in(OVER), pl.col("parcel").is_in(rows["parcel"].implode()))
        .sort("problem")
    )
    place = township or COUNTY
    with Store.open(county.path) as store:
        batch = store.newest_batch()
    origin = f"共 {rows.height} 宗，其中没有企业的 {rows.filter(pl.col('firms') == 0).height} 宗　数据批次 {batch}"
    survey = parcel_survey_of(rows, title=f"{place}工业用地地块核查表（{told.year}年度）", origin=origin)
    given = pl.concat([survey.given(), problem_part(problems)], how="diagonal")
    draft = Issue(PARCEL_SURVEY, told.year, township, batch, "", given, county.who)
    with Store.open(county.path, write=True) as store:
        issue = store.save_issue(draft, lambda made: write_survey(file, survey, made.mark, problems=problems))
    return HandedParcels(township, file, issue, rows.height, problems.height)
