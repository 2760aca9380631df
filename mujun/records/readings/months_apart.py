"""Tables of single months, one sheet or block each: together they are the year's, and their figures are added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import TABLES
from mujun.records.finding import Finding
from mujun.records.readings.area_reading import AreaRead
from mujun.records.readings.model import Note
from mujun.records.readings.names_say import WHOLE_SHEETS
from mujun.records.readings.questions import Question
from mujun.records.readings.row_parts import told_of
from mujun.records.readings.row_sums import added_up, without
from mujun.records.readings.row_words import YEAR_LONG
from mujun.records.readings.tables_fed import FIGURES
from mujun.records.typed import Part, joined


@dataclass
class Months:
    """Tables of a file as they count together.

    Attributes:
        areas: the tables, those that wait for another of their months among them.
        parts: by name of the dictionary's table, the rows of those that were added up.
        findings: what is to be said of them.
    """

    areas: list[AreaRead]
    parts: dict[str, Part] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def together(areas: Sequence[AreaRead], file: str) -> Months:
    """Add up the tables of single months, quarters and halves of a year, where a file has several.

    A table of the whole year beside them counts instead of them. Where one of them waits for an answer all of them do:
    a sum without it would be a wrong figure.

    Args:
        areas: the tables of a file.
        file: its name.
    """
    months = Months(list(areas))
    for name in FIGURES:
        mine = [n for n, a in enumerate(months.areas) if name in a.block.tables]
        labels = _labels([months.areas[n] for n in mine])
        if labels is None:
            continue
        open_ = {q.id: q for n in mine for q in months.areas[n].block.questions if q.answer is None}
        if open_:
            for n in mine:
                months.areas[n] = _waiting(months.areas[n], open_)
            continue
        _add_up(months, name, {n: labels[i] for i, n in enumerate(mine)}, file)
    return months


def _labels(areas: Sequence[AreaRead]) -> list[str] | None:
    """What each table's months are called; `None` where they are no months of one year that differ."""
    if len(areas) < 2 or len({a.block.year for a in areas}) > 1:
        return None
    months = [YEAR_LONG if (a.block.sheet or "").strip() in WHOLE_SHEETS else a.months for a in areas]
    if not all(months) or len(set(months)) < 2:
        return None
    return ["全年" if m == YEAR_LONG else a.period for m, a in zip(months, areas, strict=True)]


def _waiting(area: AreaRead, questions: Mapping[str, Question]) -> AreaRead:
    """A table that waits with the others of its months."""
    known = {q.id for q in area.block.questions}
    more = tuple(q for q in questions.values() if q.id not in known)
    return replace(area, parts=(), findings=(), block=replace(area.block, questions=(*area.block.questions, *more)))


def _add_up(months: Months, name: str, labels: Mapping[int, str], file: str) -> None:
    table = TABLES[name]
    parts = [(p, labels[n]) for n in labels for p in months.areas[n].parts if p.table is table]
    if len(parts) < 2:
        return
    whole = joined([p for p, _ in parts])
    apart = pl.DataFrame({"period": [label for p, label in parts for _ in range(p.typed.height)]})
    by = ["、".join(dict.fromkeys(labels.values()))]
    told = told_of(whole, apart, ["期间"], [True])
    stay = pl.Series("_at", [i for i in range(whole.typed.height) if i not in told.leave], dtype=pl.Int64)
    if told.leave:
        whole, apart = without(whole, stay), apart[stay]
    summed, added = added_up(whole, apart, by, over_time=True)
    months.parts[name] = summed
    first = next(iter(labels))
    block = months.areas[first].block
    owner = table.owner
    sheets = [months.areas[n].block.sheet for n in labels]
    about = {"by": by, "sheets": len(labels)}
    if told.short:
        months.findings.append(
            Finding(
                "months_missing", "warning", name, file=file, sheet=sheets[0], row=told.short[0], year=block.year,
                owner=owner, values={"firms": len(told.short), "first": told.short[0], "by": by},
            )
        )  # fmt: skip
    if told.uneven:
        one = told.uneven[0]
        months.findings.append(
            Finding(
                "parts_differ", "warning", name, file=file, row=one.row, field=one.field.name, year=block.year,
                owner=owner, values={
                    "label": one.field.label, "header": one.text, "said": one.stated, "parts": one.parts,
                    "count": len(told.uneven),
                },
            )
        )  # fmt: skip
    if added is not None and added.not_added:
        months.findings.append(
            Finding(
                "not_added_over_time", "warning", name, file=file, year=block.year, owner=owner,
                values={"labels": [f.label for f in added.not_added], "by": by},
            )
        )  # fmt: skip
    notes = [Note("months_added", {**about, "table": table.label})]
    if told.totals:
        notes.append(Note("totals_among_rows", {"firms": told.totals, "rows": len(told.leave)}))
    for n in labels:
        area = months.areas[n]
        kept = tuple(f for f in area.findings if f.code != "period_shorter")
        notes_here = notes if n == first else []
        months.areas[n] = replace(
            area, findings=kept, block=replace(area.block, notes=(*area.block.notes, *notes_here))
        )
