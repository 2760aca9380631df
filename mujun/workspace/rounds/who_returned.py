"""Who has returned what: the townships' workbooks of firms and of parcels, handed out and come back."""

from __future__ import annotations

import polars as pl

from mujun.records.surveys import PROBLEMS
from mujun.reports.rounds.parcel_survey import PARCELS
from mujun.reports.rounds.survey_workbook import FIRMS, Surveyed
from mujun.store import Issue, Store
from mujun.store.issues import PARCEL_SURVEY, SURVEY
from mujun.workspace.county_file import CountyFile

_COUNTS: tuple[str, ...] = ("returned", "complete", "missing", "problems")


def _schema(what: str) -> dict[str, pl.DataType]:
    return {
        "township": pl.String(),
        "marks": pl.List(pl.String()),
        "issued_on": pl.Date(),
        what: pl.Int64(),
        **dict.fromkeys(_COUNTS, pl.Int64()),
        f"missing_{what}": pl.List(pl.String()),
    }


STATUS_SCHEMA = _schema("firms")
"""Columns of `round_status`."""


def round_status(county: CountyFile, year: int) -> pl.DataFrame:
    """Who has returned what: a row per township that a workbook of the year was handed out for, then nothing else.

    Of a township the newest workbook counts. `returned` are its firms with a survey of the year on record, `complete`
    those of them with every field filled in but land (blank: as recorded), path and remark, `missing` the others,
    `missing_firms` who they are, `problems` the firms with any problem.
    """
    return _status(county, year, SURVEY, FIRMS, "credit_code", "operation", "firms")


def parcel_status(county: CountyFile, year: int) -> pl.DataFrame:
    """Whose workbooks of parcels have come back: as `round_status`, with parcels in place of firms."""
    return _status(county, year, PARCEL_SURVEY, PARCELS, "parcel", "use_state", "parcels")


def _status(
    county: CountyFile, year: int, kind: str, surveyed: Surveyed, key: str, state: str, what: str
) -> pl.DataFrame:
    with Store.open(county.path) as store:
        issues = store.issues(kind, year)
        surveys = store.table(surveyed.table).filter(pl.col("year") == year)
    complete = set(surveys.filter(pl.all_horizontal(pl.col(c).is_not_null() for c in (state, *PROBLEMS)))[key])
    troubled = set(surveys.filter(pl.any_horizontal(pl.col(c) == "是" for c in PROBLEMS))[key])
    returned = set(surveys[key])
    newest: dict[str, tuple[Issue, pl.DataFrame]] = {}
    for issue in issues:
        for (township,), lines in surveyed.given(issue.given).partition_by("镇街", as_dict=True).items():
            newest[str(township or "—")] = (issue, lines)
    rows = []
    for township in sorted(newest):
        issue, lines = newest[township]
        codes = lines["credit_code"].to_list()
        missing = [
            f"{n}（{c}）" if n else str(c)
            for c, n in lines.select("credit_code", "name").iter_rows()
            if c not in returned
        ]
        rows.append(
            {
                "township": township,
                "marks": [issue.mark],
                "issued_on": issue.issued_at.date() if issue.issued_at else None,
                what: len(codes),
                "returned": sum(c in returned for c in codes),
                "complete": sum(c in complete for c in codes),
                "missing": len(missing),
                "problems": sum(c in troubled for c in codes),
                f"missing_{what}": missing,
            }
        )
    return pl.DataFrame(rows, schema=_schema(what))
