"""What is put on paper of the rectification: lists, plans, reminders and notices, gathered from store and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields import nearest
from mujun.messages import Guess
from mujun.notebooks import InNotebooks
from mujun.rectification.due import counted, due
from mujun.rectification.problems import due_problems
from mujun.reports.rectification.list_document import ListPaper
from mujun.reports.rectification.progress_sheet import ProgressSheet
from mujun.rules import load_kept
from mujun.rules.rectification_plan import compile_rectification
from mujun.rules.showing_policies import conditions_in_words
from mujun.store import ListDocument
from mujun.workspace.book import Book, read_book
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.on_record import current_table
from mujun.workspace.rectification.candidates import of_township, reasons_of_screened, waiting
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
        conditions=conditions_in_words(plan),
        energy_basis=plan.energy_basis,
        amends=listed.amends,
        reason=listed.reason,
    )


def paper_of_draft(made: Draft) -> ListPaper:
    """A list that is not issued yet as the workbook of the issued one would show it."""
    result, plan = made.result, made.listing.plan
    day = made.listing.listed_on
    assert day is not None
    run = f"　第 {result.number} 次评价" if result.number is not None else ""
    return ListPaper(
        title=f"{result.year}年度整治清单（预览）",
        document="",
        issued_on=day,
        number=None,
        origin=f"数据年度 {result.year}　规则集 {plan.ruleset.address}{run}",
        tables=made.tables,
        reasons={r.id: r.reason for r, _ in plan.listing},
        conditions=conditions_in_words(plan),
        energy_basis=plan.energy_basis,
    )


def progress_sheet(county: CountyFile, township: str | None = None) -> ProgressSheet:
    """The progress sheet of everyone on the lists or waiting to be verified, or of one township.

    Raises:
        UsageError: nobody is on a list or waiting, or nobody of that township is.
    """
    book = read_book(county)
    screened = waiting(county, book)
    everyone = pl.concat([screened, tracked(book)])
    if everyone.is_empty():
        book.list_number(None)
    rows = of_township(everyone, township)
    title = f"{township or ''}高耗低效整治进度表"
    advice = reasons_of_screened(county, book, screened) or None
    return ProgressSheet(title, rows, _evidence(book, rows), advice, day=date.today(), township=township)


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

    Problems that were to be mended by a day are among them.

    Raises:
        UsageError: there is neither a list nor a problem, or nobody of that township is on one.
    """
    with county.kept_open():
        book, problems = read_book(county), current_table(county, "problems")
    if problems.is_empty():
        book.list_number(None)
    listed, problems_due = tracked(book, day), due_problems(problems, day, within)
    if township is not None:
        known = sorted({t for t in (*listed["township"], *problems["township"]) if t})
        if township not in known:
            near = Guess(nearest(township, known))
            raise UsageError(problem("unknown_township", township=township, near=near, known=known or "—"))
        mine = pl.col("township") == township
        listed, problems_due = listed.filter(mine), problems_due.filter(mine)
    rows = pl.concat([due(listed, day, within), problems_due])
    rank = pl.col("matter").replace_strict({"overdue": 0, "due": 1, "watch": 2}, return_dtype=pl.Int32)
    return DueMatters(day, within, rows.sort(rank, "due_on", "kind", "subject"))
