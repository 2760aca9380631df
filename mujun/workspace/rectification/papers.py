"""What is put on paper of the rectification: lists, plans, reminders and notices, gathered from store and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from mujun import messages
from mujun.notebooks import InNotebooks
from mujun.rectification.due import counted, due
from mujun.reports.rectification.list_document import ListPaper
from mujun.reports.rectification.progress_sheet import ProgressSheet
from mujun.rules import load_kept
from mujun.rules.rectification_plan import compile_rectification
from mujun.store import ListDocument
from mujun.workspace.book import Book, read_book
from mujun.workspace.county_file import CountyFile
from mujun.workspace.rectification.candidates import of_township, waiting
from mujun.workspace.rectification.events import tracked
from mujun.workspace.rectification.lists import Draft
from mujun.workspace.rectification.rechecking import Recheck
from mujun.workspace.rectification.visited import Visited


def paper_of(listed: ListDocument) -> ListPaper:
    """A list or amendment as its workbook shows it."""
    rules = load_kept(listed.rules, listed.rule_files)
    plan = compile_rectification(rules)
    origin = f"数据年度 {listed.year}　规则集 {listed.rules}　第 {listed.run} 次评价　清单摘要 {listed.digest[:12]}"
    return ListPaper(
        title=listed.title,
        document=listed.document,
        issued_on=listed.issued_on,
        number=listed.number,
        origin=origin,
        tables=listed.tables,
        reasons={r.id: r.reason for r, _ in plan.listing},
        energy_basis=plan.energy_basis,
        amends=listed.amends,
        reason=listed.reason,
    )


def paper_of_draft(made: Draft) -> ListPaper:
    """A list that is not issued yet as the workbook of the issued one would show it."""
    result, plan = made.result, made.listing.plan
    day = made.listing.listed_on
    assert day is not None
    return ListPaper(
        title=f"{result.year}年度整治清单（预览）",
        document="",
        issued_on=day,
        number=None,
        origin=f"数据年度 {result.year}　规则集 {result.ruleset.address}　第 {result.number} 次评价",
        tables=made.tables,
        reasons={r.id: r.reason for r, _ in plan.listing},
        energy_basis=plan.energy_basis,
    )


def progress_sheet(county: CountyFile, township: str | None = None) -> ProgressSheet:
    """The progress sheet of everyone on the lists or waiting to be verified, or of one township.

    Raises:
        UsageError: nobody is on a list or waiting, or nobody of that township is.
    """
    book = read_book(county)
    everyone = pl.concat([waiting(county, book), tracked(book)])
    if everyone.is_empty():
        book.list_number(None)
    rows = of_township(everyone, township)
    title = f"{township or ''}高耗低效整治进度表"
    return ProgressSheet(title, rows, _evidence(book, rows), day=date.today(), township=township)


def recheck_sheet(county: CountyFile, recheck: Recheck) -> ProgressSheet:
    """A progress sheet of those for whom newer data propose something, with what it rests on."""
    book = read_book(county)
    named = recheck.proposals.filter(pl.col("proposal") != "keep")
    with messages.speaking("zh"):
        words = {p: messages.text(messages.key(f"proposal_{p}")) for p in named["proposal"].unique()}
    advice = {
        code: "：".join(t for t in (words[proposal], values) if t)
        for code, proposal, values in named.select("credit_code", "proposal", "values").iter_rows()
    }
    rows = recheck.tracked.filter(pl.col("subject").is_in(list(advice)))
    title = f"高耗低效整治企业复核表（{recheck.year} 年数据，第 {recheck.run} 次评价）"
    return ProgressSheet(title, rows, _evidence(book, rows), advice, date.today())


def visited_sheet(visited: Visited, township: str | None = None) -> ProgressSheet:
    """A progress sheet of those screened who were visited, filled in with what the survey proposes."""
    with messages.speaking("zh"):
        words = {p: messages.text(messages.key(f"action_{p}")) for p in ("verify", "dismiss")}
        words["look"] = messages.text("visited_look")
    filled = {
        code: {
            "action": words[v.proposal],
            "on": v.on,
            "actor": v.by,
            "note": v.facts if v.proposal == "verify" else f"{v.facts}；{v.grounds}",
            "new_path": v.path if v.proposal == "verify" else None,
        }
        for code, v in visited.visits.items()
        if v.proposal != "look"
    }
    advice = {code: f"{words[v.proposal]}：{v.facts}；{v.grounds}" for code, v in visited.visits.items()}
    title = f"{township or ''}筛出企业现场核查结果（{visited.year} 年数据）"
    return ProgressSheet(title, visited.rows, {}, advice, date.today(), filled, township)


def _evidence(book: Book, rows: pl.DataFrame) -> Mapping[tuple[str, str], tuple[str, ...]]:
    evidence: dict[tuple[str, str], tuple[str, ...]] = {}
    listed = rows.drop_nulls("list")
    for kind, subject, number, path in listed.select("kind", "subject", "list", "path").iter_rows():
        rules = book.rules_of(number).rectification
        if rules is not None and rules.exit is not None:
            evidence[kind, subject] = rules.exit.evidence_for(path)
    return evidence


@dataclass(frozen=True)
class DueMatters(InNotebooks):
    """What is overdue on a day and due within some days; `rows` as in `DUE_SCHEMA`."""

    day: date
    within: int
    rows: pl.DataFrame = field(repr=False)

    @property
    def counts(self) -> dict[str, int]:
        """How many matters are `overdue`, `due` and to be watched (`watch`)."""
        return {m: int((self.rows["matter"] == m).sum()) for m in ("overdue", "due", "watch")}

    def by(self, column: str) -> pl.DataFrame:
        """The counts by `township` or responsible `department`."""
        return counted(self.rows, column)


def due_matters(county: CountyFile, day: date, within: int, township: str | None = None) -> DueMatters:
    """What is overdue on a day and due within some days, of all or of one township.

    Raises:
        UsageError: there is no list, or nobody of that township is on one.
    """
    book = read_book(county)
    book.list_number(None)
    return DueMatters(day, within, due(of_township(tracked(book, day), township), day, within))
