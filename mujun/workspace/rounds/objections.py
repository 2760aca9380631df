"""Objections that came back on confirmation sheets: what the bureau agreed to becomes corrections, the rest is told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import InputError, Place, Problem, problem
from mujun.fields import TABLES
from mujun.messages import FindingCode
from mujun.records import Finding
from mujun.records.returned import Filled, Lines, lines_of
from mujun.records.sheets import Sheet
from mujun.reports.rounds.confirmation_sheets import AGREED, ASKED, GIVEN, KEY, OTHER, REJECTED
from mujun.store import Issue
from mujun.workspace.rounds.correcting import Change, Changed, made_of

NEW, REASON, _, DOCUMENT = ASKED


def objected(sheets: Sequence[Sheet], file: str, issue: Issue, tables: Mapping[str, pl.DataFrame]) -> Filled:
    """What a returned confirmation workbook says.

    A line with 同意, a new value, a reason and a document becomes a correction, a finding that says old and new; one
    with 不同意, and one without a verdict, are findings only. Where a figure has changed since the sheet was handed
    out, nothing is corrected and the finding says so.

    Raises:
        InputError: a sheet that is gone, or whose headers were changed.
    """
    firms = issue.given["credit_code"].unique(maintain_order=True).to_list()
    by_line = {row[KEY]: row for row in issue.given.iter_rows(named=True)}
    problems: list[Problem] = []
    findings: list[Finding] = []
    objections: list[Objection] = []
    seen: set[str] = set()
    for sheet in (s for s in sheets if not s.empty):
        lines = lines_of(sheet, file, (*GIVEN, *ASKED), KEY, issue.given, table="", whole=False)
        if isinstance(lines, Problem):
            problems.append(lines)
            continue
        lines = _without_signature(lines)
        findings += [_owned(f, issue.year) for f in lines.findings]
        for position in lines.kept:
            given = by_line[str(lines.cell(position, KEY))]
            seen.add(str(given["credit_code"]))
            answers = [lines.cell(position, h) for h in ASKED]
            if any(text is not None for text in answers):
                objections.append(Objection(given, sheet.name, int(sheet.rows[position]), *answers))
        seen |= {str(by_line[w]["credit_code"]) for p in lines.refused if (w := lines.cell(p, KEY)) in by_line and w}
    if problems:
        raise InputError(problems)
    if gone := [c for c in firms if c not in seen]:
        raise InputError(
            problem("returned_firm_gone", Place(file=file), count=len(gone), codes=[messages.Firm(c) for c in gone[:5]])
        )
    changes, told = _decided(objections, file, issue)
    findings += told
    made = made_of(tables, [a.change for a in changes], file)
    stale = [c.change for c in made.changed if _shown(c.old) != _shown_given(_agreed(changes, c.change).given)]
    if stale:
        findings += [_stale(_agreed(changes, c.change), c) for c in made.changed if c.change in stale]
        made = made_of(tables, [a.change for a in changes if a.change not in stale], file)
    findings += [replace(f, file=file) for f in made.findings]
    taken = [(c, _agreed(changes, c.change)) for c in made.changed]
    findings += [_corrected(changed, file, a) for changed, a in taken]
    return Filled(
        made.tables,
        tuple(findings),
        issue.given.height,
        len(objections),
        tuple(dict.fromkeys(a.reason for _, a in taken)),
        tuple(dict.fromkeys(a.document for _, a in taken)),
    )


def _without_signature(lines: Lines) -> Lines:
    """The signature below the table is no line that was added."""
    below = [p for p in lines.refused if _is_signature(lines.cell(p, KEY))]
    rows = {int(lines.sheet.rows[p]) for p in below}
    findings = tuple(f for f in lines.findings if f.row not in rows)
    return replace(lines, refused=tuple(p for p in lines.refused if p not in below), findings=findings)


def _is_signature(text: str | None) -> bool:
    return text is not None and text.startswith(("企业意见", "经办人", "镇街核对人"))


def _owned(finding: Finding, year: int) -> Finding:
    return replace(finding, year=year, owner=TABLES["enterprises"].owner)


@dataclass(frozen=True)
class Objection:
    """One line on which something was written: what was given, where it stands, and what is asked."""

    given: Mapping[str, object]
    sheet: str | None
    row: int
    new: str | None
    reason: str | None
    verdict: str | None
    document: str | None

    def told(self, code: FindingCode, file: str, year: int, *, error: bool, **values: object) -> Finding:
        """A finding about it."""
        return Finding(
            code, "error" if error else "warning", str(self.given["table"] or ""), file=file, sheet=self.sheet,
            row=self.row, year=year, credit_code=_text(self.given["credit_code"]), name=_text(self.given["name"]),
            field=_text(self.given["field"]) or None, value=self.new, owner=TABLES["enterprises"].owner,
            values={
                "label": self.given["项目"], "was": self.given["数值"] or "—", "new": self.new or "—",
                "reason": self.reason or "—", **values,
            },
        )  # fmt: skip


@dataclass(frozen=True)
class Agreed:
    """An objection that the bureau agreed to, as the change it asks for."""

    change: Change
    given: Mapping[str, object]
    reason: str
    document: str


def _decided(objections: Sequence[Objection], file: str, issue: Issue) -> tuple[list[Agreed], list[Finding]]:
    """Which objections become changes, and what is to be said of the others."""
    changes: list[Agreed] = []
    told: list[Finding] = []
    for o in objections:
        if o.given["field"] == OTHER:
            told.append(_other(o, file, issue.year))
        elif o.verdict == REJECTED:
            told.append(o.told("objection_rejected", file, issue.year, error=False))
        elif o.verdict is None:
            told.append(o.told("objection_open", file, issue.year, error=False))
        elif o.verdict != AGREED:
            told.append(o.told("objection_verdict", file, issue.year, error=True, verdict=o.verdict))
        elif not o.given["table"]:
            told.append(o.told("objection_follows", file, issue.year, error=True))
        elif o.new is None or o.reason is None or o.document is None:
            missing = [h for h, v in ((NEW, o.new), (REASON, o.reason), (DOCUMENT, o.document)) if v is None]
            told.append(o.told("objection_incomplete", file, issue.year, error=True, missing=missing))
        else:
            record = _record(_text(o.given["record"]))
            which = (str(o.given["holder"]), issue.year, str(o.given["table"]), str(o.given["field"]))
            changes.append(Agreed(Change(*which, o.new, record, o.sheet, o.row), o.given, o.reason, o.document))
    return changes, told


def _other(o: Objection, file: str, year: int) -> Finding:
    """What is told of an objection to something that is no figure: nothing is corrected by it."""
    about = "；".join(part for part in (o.new, o.reason) if part)
    if o.verdict is None:
        return o.told("objection_other_open", file, year, error=False, about=about or "—")
    if o.verdict not in (AGREED, REJECTED):
        return o.told("objection_verdict", file, year, error=True, verdict=o.verdict)
    missing = [h for h, v in ((NEW, about), (DOCUMENT, o.document)) if not v]
    if o.verdict == REJECTED:
        return o.told("objection_other_rejected", file, year, error=False, about=about or "—")
    if missing:
        return o.told("objection_incomplete", file, year, error=True, missing=missing)
    return o.told("objection_other_granted", file, year, error=False, about=about, document=o.document)


def _agreed(several: Sequence[Agreed], change: Change) -> Agreed:
    return next(a for a in several if a.change is change)


def _stale(agreed: Agreed, changed: Changed) -> Finding:
    c = agreed.change
    o = Objection(agreed.given, c.sheet, c.row or 0, c.text, agreed.reason, AGREED, agreed.document)
    return o.told("objection_stale", "", c.year, error=True, now=_shown(changed.old))


def _shown(value: object) -> str:
    return "—" if value is None else messages.show(value)


def _shown_given(given: Mapping[str, object]) -> str:
    return str(given["数值"] or "—")


def _record(text: str | None) -> dict[str, object]:
    if not text:
        return {}
    told: dict[str, object] = json.loads(text)
    return {**told, "area_mu": Decimal(str(told["area_mu"]))}


def _corrected(changed: Changed, file: str, agreed: Agreed) -> Finding:
    c = changed.change
    f = TABLES[c.table].by_name[c.field]
    old, new = _shown(changed.old), _shown(changed.new)
    return Finding(
        "objection_corrected", "warning", c.table, file=file, sheet=c.sheet, row=c.row, year=c.year,
        credit_code=c.credit_code, name=_text(agreed.given["name"]), field=c.field, value=new, owner=f.owner,
        values={
            "label": f.label, "was": old, "new": new, "reason": agreed.reason, "document": agreed.document,
            "item": agreed.given["项目"],
        },
    )  # fmt: skip


def _text(value: object) -> str | None:
    return None if value is None else str(value)
