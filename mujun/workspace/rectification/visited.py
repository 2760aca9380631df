"""Those who were screened and visited on site: what the survey says of each, and whether it is to be verified."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from datetime import date
from pathlib import Path
from typing import Any, Literal

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields import TABLES
from mujun.notebooks import InNotebooks
from mujun.records.surveys import PROBLEMS, YES
from mujun.rectification.screening import mark_of
from mujun.workspace.book import Book, read_book
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.on_record import current_table
from mujun.workspace.rectification.candidates import of_township, waiting
from mujun.workspace.rounds.returning import Returned
from mujun.workspace.rounds.township_round import screening_rules
from mujun.workspace.runs.kept import kept_runs, newest_run
from mujun.workspace.runs.policies import listing_of


@dataclass(frozen=True)
class Visit:
    """A screened enterprise and the survey of it.

    Attributes:
        proposal: `verify` where the records as they stand, with what the survey corrected, still meet a condition of
            the list; else `dismiss`; `look` where the firm is marked (no manufacturer, gone), so that a person decides.
        on: the day of the visit, or of the screening where that is later: nobody is verified before being screened.
        by: who was there.
        path: how the township would deal with it.
        facts: what was found on site, in words.
        grounds: the conditions that are met now, in words; that none is.
    """

    proposal: Literal["verify", "dismiss", "look"]
    on: date
    by: str
    path: str
    facts: str
    grounds: str


@dataclass(frozen=True)
class Visited(InNotebooks):
    """Everyone who is screened and was visited: their rows (as `TRACK_SCHEMA`) and visits by code.

    `left` are the screened for whom no survey of the year is on record.
    """

    year: int
    rows: pl.DataFrame = field(repr=False)
    visits: dict[str, Visit] = field(repr=False)
    left: int


def visited(county: CountyFile, township: str | None = None, rules: str | Path | None = None) -> Visited:
    """What the surveys of the newest rated year propose for those who are screened. Nothing is recorded.

    Args:
        township: one township only.
        rules: the rule set whose list is meant; by default that of the year's final run, else of its newest.

    Raises:
        UsageError: nothing was rated, the rules list nobody, or nobody who is screened was visited.
    """
    runs = kept_runs(county)
    newest = newest_run(county)
    year = int(runs.filter(pl.col("number") == newest)["year"].item())
    book = read_book(county)
    everyone = waiting(county, book)
    if everyone.is_empty():
        raise UsageError(problem("visited_nobody_screened"))
    screened = of_township(everyone, township).filter(pl.col("state") == "screened")
    surveys = {book.now(r["credit_code"]): r for r in _surveys(county, year).iter_rows(named=True)}
    rows = screened.filter(pl.col("subject").is_in(list(surveys)))
    if rows.is_empty():
        raise UsageError(problem("visited_none", year=year, count=screened.height))
    result = screening_rules(county, None, year)
    listing = listing_of(county, result, rules)
    if listing is None:
        raise UsageError(problem("no_rectification", address=rules or result.ruleset.address))
    reasons = dict(book.under_now(listing.rectification).select("credit_code", "reason_text").iter_rows())
    marks = dict(book.under_now(result.frame.select("credit_code", mark_of().alias("mark"))).iter_rows())
    visits = {
        code: _visit(surveys[code], since, reasons.get(code), marks.get(code))
        for code, since in rows.select("subject", "since").iter_rows()
    }
    return Visited(year, rows, visits, screened.height - rows.height)


def waiting_among(county: CountyFile, returned: Returned) -> int:
    """How many of those whose survey came back are screened and wait to be verified for the list."""
    if returned.batch is None or returned.records is None:
        return 0
    codes = [c for t in returned.records.tables if t.table == "surveys" for c in t.rows["credit_code"]]
    return screened_among(read_book(county), codes)


def screened_among(book: Book, codes: Iterable[str]) -> int:
    """How many of some enterprises are screened and wait to be verified."""
    steps = book.steps()
    pasts = (steps.get(("enterprise", book.now(code)), ()) for code in codes)
    return sum(bool(past) and past[-1].after == "screened" for past in pasts)


def _surveys(county: CountyFile, year: int) -> pl.DataFrame:
    return current_table(county, "surveys").filter(pl.col("year") == year, pl.col("verified_on").is_not_null())


def _visit(survey: dict[str, Any], since: date, reasons: str | None, mark: str | None) -> Visit:
    labels = TABLES["surveys"].by_name
    problems = "、".join(labels[name].label for name in PROBLEMS if survey[name] == YES)
    path = survey["proposed_path"] or ""
    with messages.speaking("zh"):
        facts = (
            survey["operation"],
            problems and messages.text("visited_problems", problems=problems),
            path and messages.text("visited_path", path=path),
            survey["remark"],
        )
        in_words = messages.text(
            "visited_found", day=survey["verified_on"], found="；".join(s for s in facts if s) or "—"
        )
        grounds = messages.text("visited_still", reasons=reasons) if reasons else messages.text("visited_no_more")
        if mark and reasons:
            grounds = messages.text("visited_marked", mark=mark, grounds=grounds)
    proposal: Literal["verify", "dismiss", "look"] = "look" if mark and reasons else "verify" if reasons else "dismiss"
    return Visit(
        proposal, max(survey["verified_on"], since), survey["verified_by"] or "", path,
        in_words, grounds,
    )  # fmt: skip
