"""What a plan sheet and a strike-off notice say of an enterprise, gathered from lists, rules and events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from mujun import messages
from mujun.errors import UsageError, problem
from mujun.personal import masked, public_name
from mujun.rectification.checking import LEAVING
from mujun.rectification.documents import office_name
from mujun.rectification.states import Step
from mujun.rectification.tracking import this_round
from mujun.reports.drawing.industries import DIVISIONS
from mujun.reports.drawing.publishing import shows_persons
from mujun.reports.rectification.firm_papers import FirmPaper, Ground, OnParcel
from mujun.rules.rectification_plan import RectificationPlan, compile_rectification
from mujun.rules.showing_policies import conditions_in_words, exit_in_words
from mujun.store import ListDocument
from mujun.workspace.book import Book, read_book, unknown_subject
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.on_record import current_table
from mujun.workspace.rectification.candidates import of_township
from mujun.workspace.rectification.events import tracked
from mujun.workspace.rectification.measures import measures_of
from mujun.workspace.rectification.parcel_papers import problem_lines, problems_on, short_value

_BASES = {"equivalent": "等价值", "calorific": "当量值"}
_STRUCK = ("off_list", "watched", "closed")


def plan_papers(
    county: CountyFile, *, code: str | None = None, township: str | None = None, day: date | None = None
) -> tuple[FirmPaper, ...]:
    """The plan sheets of one enterprise, of a township's, or of all on the lists.

    Raises:
        UsageError: there is no list, or nobody of that code or township is on one.
    """
    book, rows = _rows(county, day)
    rows = of_township(rows, township) if township is not None else rows
    names = _names(county)
    papers = _papers(book, _of_code(rows, code, book, names), day, names)
    steps = book.steps(day)
    with messages.speaking("zh"):
        return tuple(_with_problems(county, p, this_round(steps.get(("enterprise", p.code), ()))) for p in papers)


def _with_problems(county: CountyFile, paper: FirmPaper, steps: Sequence[Step]) -> FirmPaper:
    problems = problems_on(county, None, [paper.code])
    return replace(paper, problems=problem_lines(problems), measures=measures_of(steps, paper.department, problems))


def notice_papers(
    county: CountyFile, *, code: str | None = None, township: str | None = None, day: date | None = None
) -> tuple[FirmPaper, ...]:
    """The strike-off notices of one enterprise, of a township's, or of all who have been struck off.

    Raises:
        UsageError: the enterprise has not been struck off, or nobody has.
    """
    book, rows = _rows(county, day)
    rows = of_township(rows, township) if township is not None else rows
    names = _names(county)
    rows = _of_code(rows, code, book, names)
    struck = rows.filter(pl.col("state").is_in(_STRUCK))
    if struck.is_empty():
        if code is not None:
            with_state = messages.Word(messages.key(f"state_{rows['state'][0] or 'none'}"))
            raise UsageError(problem("notice_not_struck", code=messages.Firm(code), state=with_state))
        raise UsageError(problem("notice_nobody"))
    return _papers(book, struck, day, names)


def _rows(county: CountyFile, day: date | None) -> tuple[Book, pl.DataFrame]:
    book = read_book(county)
    book.list_number(None)
    return book, tracked(book, day).filter(pl.col("kind") == "enterprise")


def _of_code(rows: pl.DataFrame, code: str | None, book: Book, names: Mapping[str, str]) -> pl.DataFrame:
    if code is None:
        return rows
    of_firm = rows.filter(pl.col("subject") == book.now(code))
    if of_firm.is_empty():
        if book.now(code) in names:
            raise UsageError(problem("paper_not_listed", code=code, name=names[book.now(code)]))
        raise unknown_subject(code, rows["subject"], "enterprise")
    return of_firm


def _names(county: CountyFile) -> dict[str, str]:
    """The newest name of every enterprise, for neighbours who are on no list."""
    return dict(current_table(county, "enterprises").sort("year").select("credit_code", "name").iter_rows())


def _papers(book: Book, rows: pl.DataFrame, day: date | None, names: dict[str, str]) -> tuple[FirmPaper, ...]:
    standing = book.standing(day)
    firms = {r["credit_code"]: r for r in standing.firms.iter_rows(named=True)}
    parcels = {r["parcel"]: r for r in standing.parcels.iter_rows(named=True)}
    everything = tracked(book, day)
    paths = dict(everything.filter(pl.col("kind") == "parcel").select("subject", "path").iter_rows())
    steps = book.steps(day)
    plans: dict[int, RectificationPlan] = {}
    triggers: dict[int, dict[str, list[tuple[str, str]]]] = {}
    papers = []
    with messages.speaking("zh"):
        for row in rows.iter_rows(named=True):
            number = row["list"]
            if number not in plans:
                plans[number] = compile_rectification(book.rules_of(number))
                triggers[number] = _triggers(next(d for d in book.documents if d.number == number), book)
            named = _as_they_are if shows_persons(plans[number].ruleset) else public_name
            there = [
                OnParcel(
                    p,
                    parcels[p]["area_mu"] if p in parcels else None,
                    paths.get(p) or "",
                    [named(names.get(c) or c, c) for c in _others(parcels.get(p), row["subject"])],
                )
                for p in row["others"] or ()
            ]
            past = steps.get(("enterprise", row["subject"]), ())
            listed = _listing(book, row["subject"], number, day)
            of_firm = triggers[number].get(row["subject"], [])
            papers.append(_paper(row, firms[row["subject"]], listed, plans[number], of_firm, there, past, named))
    return tuple(papers)


def _as_they_are(name: str, _code: str) -> str:
    return name


def _others(parcel: dict[str, Any] | None, code: str) -> list[str]:
    if parcel is None:
        return []
    return [c for c in (*parcel["listed"], *parcel["others"]) if c != code]


def _triggers(listed: ListDocument, book: Book) -> dict[str, list[tuple[str, str]]]:
    """The values that met each reason, by enterprise: the reason's id and the value in words."""
    by_firm: dict[str, list[tuple[str, str]]] = {}
    for r in listed.tables["triggers"].iter_rows(named=True):
        by_firm.setdefault(book.now(r["credit_code"]), []).append(
            (r["reason"], f"{r['label']} {short_value(r['value'])}{r['unit']}")
        )
    return by_firm


def _listing(book: Book, code: str, number: int, day: date | None) -> ListDocument:
    """The document by which an enterprise came onto the list: the list, or the amendment that added it."""
    document = next(d for d in book.documents if d.number == number)
    for d in book.documents:
        later = day is None or d.issued_on <= day
        if d.amends == number and later and any(book.now(c) == code for c in d.tables["firms"]["credit_code"]):
            document = d
    return document


def _paper(
    row: dict[str, Any],
    firm: dict[str, Any],
    listed: ListDocument,
    plan: RectificationPlan,
    triggers: Sequence[tuple[str, str]],
    parcels: Sequence[OnParcel],
    steps: Sequence[Step],
    named: Callable[[str, str], str],
) -> FirmPaper:
    reasons = {r.id: r.reason for r, _ in plan.listing}
    conditions = conditions_in_words(plan)
    standard, margin = ("", "") if row["path"] in LEAVING else exit_in_words(plan)
    exit_ = plan.file.exit
    lately = this_round(steps)
    accepted = next((s.event for s in reversed(lately) if s.event.action == "accept"), None)
    struck = next((s.event for s in reversed(lately) if s.event.action == "strike_off"), None)
    division = (row["industry"] or "")[:2]
    return FirmPaper(
        name=named(row["name"] or "", row["subject"]),
        code=row["subject"],
        township=row["township"] or "",
        park=row["park"] or "",
        industry=f"{row['industry'] or '—'} {DIVISIONS.get(division, '')}".strip(),
        scale=row["scale"] or "",
        tier=row["tier"] or "",
        land_mu=row["land_mu"],
        tax_per_mu=firm["tax_per_mu"],
        va_per_tce=firm["va_per_tce"],
        list_title=listed.title,
        list_document=listed.document,
        list_day=listed.issued_on,
        path=row["path"] or "",
        deadline=row["deadline"],
        department=row["department"] or "",
        expected_land_mu=row["expected_land_mu"],
        expected_energy_tce=row["expected_energy_tce"],
        energy_basis=_BASES[plan.energy_basis],
        grounds=[
            Ground(reasons.get(i, i), conditions.get(i, ""), [words for reason, words in triggers if reason == i])
            for i in firm["reasons"]
        ],
        parcels=parcels,
        standard=standard or (messages.text("standard_of_leaving", path=row["path"]) if row["path"] in LEAVING else ""),
        margin=margin,
        evidence=exit_.evidence_for(row["path"]) if exit_ is not None else (),
        watch_months=plan.file.watch.months if plan.file.watch is not None else 12,
        state=messages.text(messages.key(f"state_{row['state'] or 'none'}")),
        course=[
            (
                s.event.on,
                messages.text(messages.key(f"action_{s.event.action}")),
                s.event.document,
                masked(s.event.note),
            )
            for s in lately
        ],
        accepted_on=accepted.on if accepted else None,
        accepted_document=accepted.document if accepted else "",
        verified_land_mu=accepted.land_mu if accepted else None,
        verified_energy_tce=accepted.energy_tce if accepted else None,
        struck_on=struck.on if struck else None,
        struck_document=struck.document if struck else "",
        watch_until=row["watch_until"],
        way=row["accepted_way"] or row["way"] or "",
        signing=office_name(row["township"]),
    )
