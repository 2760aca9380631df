"""The township's round: workbooks handed out for firms on some land, taken back as they were filled in on site."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import polars as pl

from mujun.errors import UsageError, problem
from mujun.notebooks import InNotebooks
from mujun.records.surveys import PROBLEMS
from mujun.rectification.screening import screened, townships_of
from mujun.reports.rounds.survey_workbook import Survey, survey_of, write_survey
from mujun.store import Issue, Store
from mujun.store.issues import SURVEY
from mujun.workspace.computing import YearResult
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.standing import newest_year
from mujun.workspace.runs.governing import rules_of_run
from mujun.workspace.runs.past import newest_run
from mujun.workspace.runs.rating import rate_year
from mujun.writing import Several

COUNTY = "全部镇街"

LEAST = Decimal(3)
"""From how much land on a firm is visited, in 亩."""


@dataclass(frozen=True)
class Handed:
    """A workbook handed out: whose, where it lies, how many firms, how many of them meet a condition of the list."""

    township: str | None
    file: Path
    issue: Issue
    firms: int
    hits: int


@dataclass(frozen=True)
class HandedAll:
    """The workbooks handed out to all townships, and how many firms no township's workbook can have."""

    handed: tuple[Handed, ...]
    without_township: int


@dataclass(frozen=True)
class ToScreen(InNotebooks):
    """The firms that a round looks at, as `screened` gives them, and the year rated for it."""

    result: YearResult = field(repr=False)
    rows: pl.DataFrame = field(repr=False)

    @property
    def hits(self) -> int:
        """How many of them meet a condition of the list."""
        return self.rows.filter(pl.col("hits").list.len() > 0).height


def to_screen(
    county: CountyFile, township: str | None = None, *, min_mu: Decimal = LEAST, rules: str | None = None,
    year: int | None = None,
) -> ToScreen:  # fmt: skip
    """The firms of a township, or of all, on some land, with their indicators and the list's conditions they meet.

    Args:
        county: the county.
        township: whose firms; all where none is named.
        min_mu: on how much land at least, in 亩.
        rules: a rule set; by default the one of the year's newest run.
        year: the data year; by default the newest on record.

    Raises:
        UsageError: there is no such township, or no rules were named and nothing of the year has been rated.
    """
    result = screening_rules(county, rules, year if year is not None else newest_year(county))
    return ToScreen(result, rows_to_screen(result, township, min_mu))


def screen(
    county: CountyFile, file: Path, township: str | None = None, *, min_mu: Decimal = LEAST, rules: str | None = None,
    year: int | None = None,
) -> Handed:  # fmt: skip
    """Write a township's workbook for the visits on site, and put down what it gave; arguments as in `to_screen`.

    Raises:
        UsageError: there is no such township, no firm on that much land, or no rules.
        InputError: the file cannot be written.
    """
    result = screening_rules(county, rules, year if year is not None else newest_year(county))
    return hand_out(county, result, township, min_mu, file)


def screen_all(
    county: CountyFile, folder: Path, *, min_mu: Decimal = LEAST, rules: str | None = None, year: int | None = None
) -> HandedAll:
    """Write a workbook for each township that has such a firm, into one folder; arguments as in `to_screen`."""
    result = screening_rules(county, rules, year if year is not None else newest_year(county))
    return HandedAll(tuple(hand_out_all(county, result, min_mu, folder)), firms_without_township(result, min_mu))


def screening_rules(county: CountyFile, rules: str | None, year: int) -> YearResult:
    """The year's records as they stand, rated for a screening and not kept.

    Args:
        rules: a rule set; by default the one of the year's newest run.
        year: the data year.

    Raises:
        UsageError: no rules were named and nothing of the year has been rated.
    """
    if rules is not None:
        return rate_year(county, rules, year, save=False)
    number = newest_run(county, year)
    return rate_year(county, rules_of_run(county, number), year, save=False)


def rows_to_screen(result: YearResult, township: str | None, least: Decimal) -> pl.DataFrame:
    """The firms of a township on at least `least` 亩, as `screened` gives them."""
    return screened(result.frame, result.rating, result.listing, township=township, least=least)


def hand_out(county: CountyFile, result: YearResult, township: str | None, least: Decimal, file: Path) -> Handed:
    """Write the workbook of a township, or of the whole county, and put down what it gave.

    Raises:
        UsageError: there is no such township, or no firm on that much land.
        InputError: the file cannot be written.
    """
    rows = rows_to_screen(result, township, least)
    if rows.is_empty():
        raise UsageError(problem("screen_nobody", township=township or COUNTY, least=least))
    survey = _survey(result, rows, township, least)
    draft = Issue(SURVEY, result.year, township, result.batch, result.ruleset.address, survey.given(), county.who)
    with Store.open(county.path, write=True) as store:
        issue = store.save_issue(draft, lambda made: write_survey(file, survey, made.mark))
    return Handed(township, file, issue, rows.height, rows.filter(pl.col("hits").list.len() > 0).height)


def hand_out_all(county: CountyFile, result: YearResult, least: Decimal, folder: Path) -> list[Handed]:
    """A workbook for each township that has a firm on at least `least` 亩, into one folder."""
    several = Several(folder)
    every = rows_to_screen(result, None, least)
    busy = [t for t in townships_of(result.frame) if every.filter(pl.col("township") == t).height]
    handed: list[Handed] = []
    for township in busy:
        with several.one(f"{township}_{result.year}年现场核查表", ".xlsx") as file:
            handed.append(hand_out(county, result, township, least, file))
    several.finish()
    return handed


def firms_without_township(result: YearResult, least: Decimal) -> int:
    """How many firms on that much land no township's workbook can have."""
    return rows_to_screen(result, None, least)["township"].null_count()


def _survey(result: YearResult, rows: pl.DataFrame, township: str | None, least: Decimal) -> Survey:
    place = township or COUNTY
    title = f"{place}工业企业用地现场核查表（{result.year}年度）"
    trial = "" if result.rating.binding else "　试评价，不作为依据"
    origin = (
        f"用地不少于 {least} 亩，共 {rows.height} 家　规则集 {result.ruleset.address}　数据批次 {result.batch}{trial}"
    )
    return survey_of(rows, result.ruleset, title=title, origin=origin)


# -------------------------------------------------------------------------------------------------------------- status

STATUS_SCHEMA: dict[str, pl.DataType] = {
    "township": pl.String(),
    "marks": pl.List(pl.String()),
    "issued_on": pl.Date(),
    "firms": pl.Int64(),
    "returned": pl.Int64(),
    "complete": pl.Int64(),
    "missing": pl.Int64(),
    "problems": pl.Int64(),
    "missing_firms": pl.List(pl.String()),
}
"""Columns of `round_status`."""


def round_status(county: CountyFile, year: int) -> pl.DataFrame:
    """Who has returned what: a row per township that a workbook of the year was handed out for, then nothing else.

    Of a township the newest workbook counts. `returned` are its firms with a survey of the year on record, `complete`
    those of them with every field filled in but path and remark, `missing` the others, `missing_firms` who they are,
    `problems` the firms with any problem.
    """
    with Store.open(county.path) as store:
        issues = store.issues(SURVEY, year)
        surveys = store.table("surveys").filter(pl.col("year") == year)
    needed = ("surveyed_mu", "operation", *PROBLEMS)
    complete = set(surveys.filter(pl.all_horizontal(pl.col(c).is_not_null() for c in needed))["credit_code"])
    troubled = set(surveys.filter(pl.any_horizontal(pl.col(c) == "是" for c in PROBLEMS))["credit_code"])
    returned = set(surveys["credit_code"])
    newest: dict[str, tuple[Issue, pl.DataFrame]] = {}
    for issue in issues:
        for (township,), firms in issue.given.partition_by("镇街", as_dict=True).items():
            newest[str(township or "—")] = (issue, firms)
    rows = []
    for township in sorted(newest):
        issue, firms = newest[township]
        codes = firms["credit_code"].to_list()
        missing = [f"{n}（{c}）" for c, n in firms.select("credit_code", "name").iter_rows() if c not in returned]
        rows.append(
            {
                "township": township,
                "marks": [issue.mark],
                "issued_on": issue.issued_at.date() if issue.issued_at else None,
                "firms": len(codes),
                "returned": sum(c in returned for c in codes),
                "complete": sum(c in complete for c in codes),
                "missing": len(missing),
                "problems": sum(c in troubled for c in codes),
                "missing_firms": missing,
            }
        )
    return pl.DataFrame(rows, schema=STATUS_SCHEMA)
