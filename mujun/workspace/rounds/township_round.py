"""The township's round: workbooks handed out for the firms to look at, taken back as they were filled in on site."""

from __future__ import annotations

from dataclasses import field
from decimal import Decimal
from pathlib import Path

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields.frame import REACHED_BY
from mujun.notebooks import InNotebooks
from mujun.rectification.problems import OVER
from mujun.rectification.screening import screened, townships_of
from mujun.reports.rectification.problem_sheets import problem_part
from mujun.reports.rounds.survey_workbook import Survey, survey_of, write_survey
from mujun.steps import part, step
from mujun.store import Issue, Store
from mujun.store.issues import SURVEY
from mujun.workspace.book import read_book
from mujun.workspace.computing import YearResult
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.on_record import current_table, newest_year
from mujun.workspace.problems.problem_list import problem_rows
from mujun.workspace.runs.governing import rules_of_run
from mujun.workspace.runs.kept import runs_of_year
from mujun.workspace.runs.rating import rate_year
from mujun.writing import Several

COUNTY = "全部镇街"

LEAST = Decimal(3)
"""From how much land on a 规下 firm is visited, in 亩; 规上 firms are, whatever their land."""


@dataclass(frozen=True)
class Counts:
    """How many firms: all, 规上 ones, the others, those that are only marked (no manufacturers, gone), those that meet
    a condition of the list; and how many rows of the roll wait for a repair beside them."""

    firms: int
    above: int
    below: int
    marked: int
    hits: int
    waiting: int


@dataclass(frozen=True)
class Handed:
    """A workbook handed out: whose, where it lies, its mark, and how many it has of whom."""

    township: str | None
    file: Path
    issue: Issue
    counts: Counts


@dataclass(frozen=True)
class HandedAll:
    """The workbooks handed out to all townships, and how many firms no township's workbook can have."""

    handed: tuple[Handed, ...]
    without_township: int


@dataclass(frozen=True)
class ToScreen(InNotebooks):
    """The firms that a round looks at, the year rated for it, and the rows of the roll that wait for a repair.

    `rows` are as `screened` gives them, with `loop_state` and how a firm is reached; `waiting` as `WAITING_SCHEMA`.
    """

    result: YearResult = field(repr=False)
    rows: pl.DataFrame = field(repr=False)
    waiting: pl.DataFrame = field(repr=False)

    @property
    def counts(self) -> Counts:
        """How many of them there are of whom."""
        return counts_of(self.rows, self.waiting)


def to_screen(
    county: CountyFile, township: str | None = None, *, min_mu: Decimal = LEAST, rules: str | None = None,
    year: int | None = None,
) -> ToScreen:  # fmt: skip
    """The firms of a township, or of all, that a round looks at, with their indicators and the conditions they meet.

    They are every 规上 firm, whatever its land, and the 规下 ones from some land on.

    Args:
        county: the county.
        township: whose firms; all where none is named.
        min_mu: from how much land on 规下 firms are looked at, in 亩.
        rules: a rule set; by default the one of the year's newest run.
        year: the data year; by default the newest on record.

    Raises:
        UsageError: there is no such township, or no rules were named and nothing of the year has been rated.
    """
    result = screening_rules(county, rules, year if year is not None else newest_year(county))
    rows = rows_to_screen(county, result, township, min_mu)
    return ToScreen(result, rows, waiting_on_the_roll(county, result, township))


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
    with part(0, 4):
        result = screening_rules(county, rules, year if year is not None else newest_year(county))
    with part(1, 4, parts=3):
        step("step_screening")
        nowhere = firms_without_township(county, result, min_mu)
        return HandedAll(tuple(hand_out_all(county, result, min_mu, folder)), nowhere)


def screening_rules(county: CountyFile, rules: str | None, year: int) -> YearResult:
    """The year's records as they stand, rated for a screening and not kept.

    Args:
        rules: a rule set; by default the one of the year's final run, else of its newest.
        year: the data year.

    Raises:
        UsageError: no rules were named and nothing of the year has been rated.
    """
    if rules is not None:
        return rate_year(county, rules, year, save=False)
    return rate_year(county, rules_of_run(county, runs_of_year(county, year)[-1]), year, save=False)


def rows_to_screen(county: CountyFile, result: YearResult, township: str | None, least: Decimal) -> pl.DataFrame:
    """The firms of a township that a round looks at, as `screened` gives them, with `loop_state` and `REACHED_BY`."""
    rows = screened(result.frame, result.rating, result.listing, township=township, least=least)
    roll = current_table(county, "enterprises").filter(pl.col("year") == result.year)
    reached = roll.select("credit_code", *REACHED_BY).unique("credit_code", keep="last", maintain_order=True)
    rows = rows.join(reached, on="credit_code", how="left", maintain_order="left")
    book = read_book(county)
    steps = book.steps()
    with messages.speaking("zh"):
        states = [
            messages.text(messages.key(f"state_{past[-1].after}")) if past else None
            for past in (steps.get(("enterprise", book.now(c)), ()) for c in rows["credit_code"])
        ]
    return rows.with_columns(pl.Series("loop_state", states, dtype=pl.String))


WAITING_SCHEMA: dict[str, pl.DataType] = {
    "name": pl.String(), "credit_code": pl.String(), "township": pl.String(), "scale": pl.String(),
    "waits": pl.String(), "file": pl.String(), "sheet": pl.String(), "row": pl.Int64(),
}  # fmt: skip
"""A row of the roll that was kept out and whose firm is not on the roll otherwise: what it says, and what waits."""


def waiting_on_the_roll(county: CountyFile, result: YearResult, township: str | None) -> pl.DataFrame:
    """The rows of the year's roll that wait for a repair, of a township or all; columns as in `WAITING_SCHEMA`."""
    with Store.open(county.path) as store:
        kept_out = store.quarantine("enterprises")
        findings = store.findings(year=result.year).filter(
            (pl.col("table") == "enterprises") & (pl.col("severity") == "error")
        )
    why = findings.group_by("file", "sheet", "row", maintain_order=True).agg(pl.col("what").unique(maintain_order=True))
    here = result.frame["name"].drop_nulls().implode()
    rows = kept_out.filter(
        pl.col("year").is_null() | pl.col("year").str.contains(str(result.year)), ~pl.col("name").is_in(here)
    )
    if township is not None:
        rows = rows.filter(pl.coalesce("township", "_township") == township)
    rows = rows.with_columns(pl.coalesce("township", "_township").alias("township"), pl.col("_row").cast(pl.Int64))
    rows = rows.join(
        why.with_columns(pl.col("row").cast(pl.Int64)), left_on=["_file", "_sheet", "_row"],
        right_on=["file", "sheet", "row"], how="left", nulls_equal=True, maintain_order="left",
    )  # fmt: skip
    rows = rows.with_columns(
        pl.col("what").list.join("；").alias("waits"),
        pl.col("_file").alias("file"), pl.col("_sheet").alias("sheet"), pl.col("_row").alias("row"),
    )  # fmt: skip
    waiting = rows.select(pl.col(n).cast(t) for n, t in WAITING_SCHEMA.items())
    return waiting.unique(["name", "credit_code"], keep="last", maintain_order=True).sort("township", "name")


def counts_of(rows: pl.DataFrame, waiting: pl.DataFrame) -> Counts:
    """How many firms a round looks at, of whom."""
    above = int((rows["scale"] == "规上").sum())
    hits = rows.filter(pl.col("hits").list.len() > 0).height
    marked = rows["mark"].drop_nulls().len()
    return Counts(rows.height, above, rows.height - above, marked, hits, waiting.height)


def hand_out(county: CountyFile, result: YearResult, township: str | None, least: Decimal, file: Path) -> Handed:
    """Write the workbook of a township, or of the whole county, and put down what it gave.

    Raises:
        UsageError: there is no such township, or no firm to look at.
        InputError: the file cannot be written.
    """
    with county.kept_open():
        step("step_screening")
        rows = rows_to_screen(county, result, township, least)
        if rows.is_empty():
            raise UsageError(problem("screen_nobody", township=township or COUNTY, least=least))
        waiting, every = waiting_on_the_roll(county, result, township), problem_rows(county)
    counts = counts_of(rows, waiting)
    survey = _survey(result, rows, township, least, counts)
    problems = every.filter(
        ~pl.col("state").is_in(OVER), pl.col("credit_code").is_in(rows["credit_code"].implode())
    ).sort("problem")  # fmt: skip
    given = pl.concat([survey.given(), problem_part(problems)], how="diagonal")
    draft = Issue(SURVEY, result.year, township, result.batch, result.ruleset.address, given, county.who)
    with Store.open(county.path, write=True) as store:
        issue = store.save_issue(draft, lambda made: write_survey(file, survey, made.mark, waiting, problems))
    return Handed(township, file, issue, counts)


def hand_out_all(county: CountyFile, result: YearResult, least: Decimal, folder: Path) -> list[Handed]:
    """A workbook for each township that has a firm to look at, into one folder."""
    every = rows_to_screen(county, result, None, least)
    busy = [t for t in townships_of(result.frame) if every.filter(pl.col("township") == t).height]
    several = Several(folder, len(busy))
    handed: list[Handed] = []
    for township in busy:
        with several.one(f"{township}_{result.year}年现场核查表", ".xlsx") as file:
            handed.append(hand_out(county, result, township, least, file))
    several.finish()
    return handed


def firms_without_township(county: CountyFile, result: YearResult, least: Decimal) -> int:
    """How many firms to look at no township's workbook can have."""
    return rows_to_screen(county, result, None, least)["township"].null_count()


def _survey(result: YearResult, rows: pl.DataFrame, township: str | None, least: Decimal, counts: Counts) -> Survey:
    place = township or COUNTY
    title = f"{place}工业企业用地现场核查表（{result.year}年度）"
    trial = "" if result.rating.binding else "　试评价，不作为依据"
    origin = (
        f"共 {counts.firms} 家：规上 {counts.above} 家（不论用地），规下用地 {least} 亩以上 {counts.below} 家"
        f"　规则集 {result.ruleset.address}　数据批次 {result.batch}{trial}"
    )
    return survey_of(rows, result.ruleset, title=title, origin=origin)
