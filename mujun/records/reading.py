"""One department file, whole: from its bytes to typed rows, rows kept out, questions, and everything found wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import field
from pathlib import Path

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import InputError, Place, Problem, UsageError, problem
from mujun.fields import TABLES, nearest
from mujun.records.cell_troubles import sheet_findings
from mujun.records.checks import checked
from mujun.records.container import container_of, read_bytes
from mujun.records.finding import Finding
from mujun.records.limits import EARLIEST_YEAR, MAX_TITLE_ROWS, latest_year
from mujun.records.loaded import FileRecords, LoadedTable
from mujun.records.readings.area_reading import AreaRead, Asked, read_area
from mujun.records.readings.blocks import areas_of
from mujun.records.readings.model import BlockRead, Reading
from mujun.records.readings.months_apart import Months, together
from mujun.records.readings.questions import Answers, Question
from mujun.records.readings.tables_fed import NoTable, headers_aside, unknown_headers
from mujun.records.readings.units_unsaid import MedianOf, no_medians
from mujun.records.returned import MARK, mark_in
from mujun.records.roll import NO_ROLL, Roll
from mujun.records.roll_joined import joining_the_roll
from mujun.records.sent_back import QUESTIONS, SentBack, sent_back
from mujun.records.sheets import Sheet, read_sheets
from mujun.records.typed import Part, joined
from mujun.steps import step

OWN_SHEETS = frozenset(("填表说明", "问题汇总", QUESTIONS, "问题清单"))
"""Sheets that mujun itself writes beside the tables: they hold no records and are passed over."""


_OF_COLUMNS = ("units_in_cells", "unit_unlikely")
"""What is found of whole columns: a findings workbook has single rows of many files in them."""


def read_file(
    path: str | Path,
    *,
    table: str | None = None,
    year: int | None = None,
    repair: bool = False,
    roll: Roll = NO_ROLL,
    answers: Answers | None = None,
    last: MedianOf = no_medians,
    only: Collection[tuple[str | None, int | None]] | None = None,
) -> FileRecords:
    """Read a department's file: `.xlsx`, `.xls`, `.csv`, `.parquet`, one sheet or many.

    Args:
        path: the file.
        table: the table it holds, where the file does not say so clearly.
        year: the data year of rows that have no year of their own; goes before what titles and names say.
        repair: whether documented repairs of credit codes (O for 0, small letters …) are applied.
        roll: the firms that are known; those that the file itself lists come to them.
        answers: answers to questions, given now or for an earlier file of the same layout.
        last: of a table, a field and a year the median on record, where there is one: a unit that nothing says is
            asked for where the figures are far from last year's.
        only: sheet and first header row of the tables that are wanted; all of them if not said.

    Returns:
        Rows that are in, rows kept out, all findings at once, how the file was understood, and what waits for an
        answer. Every row of the file is in one of them, but for repeated rows (a finding each), totals (counted),
        blank rows and notes below the table.

    Raises:
        InputError: what stops the whole file, with every sheet's reason; nothing of it is to be loaded.
        UsageError: no such table.
    """
    path = Path(path)
    _check_asked(table, year)
    step("step_opening", of=3, rows=0)
    data = read_bytes(path)
    sha256 = hashlib.sha256(data).hexdigest()
    sheets = read_sheets(data, container_of(data, path), path)
    del data
    if mark := mark_in(sheets, MARK):
        # It has to be held against what was issued, which the store knows.
        raise InputError(problem("file_was_handed_out", Place(file=path.name), mark=mark))
    outcome = _Found()
    asked = Asked(table, year, repair, answers or Answers(), last)
    opened = sum(s.cells.height for s in sheets)
    step("step_understanding", done=1, of=3, rows=opened, count=opened)
    for sheet in sheets:
        if not sheet.empty and sheet.name not in OWN_SHEETS:
            _read_sheet(sheet, path, asked, outcome, only)
    if outcome.stops:
        raise InputError(outcome.stops)
    back = sent_back(sheets)
    if not outcome.read and not back.answers:
        raise InputError([p for _, p in outcome.passed_over] or [problem("file_empty", Place(file=path.name))])
    step("step_checking", done=2, of=3, rows=opened, count=sum(a.block.records for a in outcome.read))
    return _records(path, sha256, outcome, roll, back)


@dataclass
class _Found:
    """What the sheets of a file gave so far."""

    stops: list[Problem] = field(default_factory=list)
    passed_over: list[tuple[Sheet, Problem]] = field(default_factory=list)
    read: list[AreaRead] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def _read_sheet(
    sheet: Sheet, path: Path, asked: Asked, so_far: _Found, only: Collection[tuple[str | None, int | None]] | None
) -> None:
    place = Place(file=path.name, sheet=sheet.name)
    if sheet.hidden:
        so_far.passed_over.append((sheet, problem("sheet_hidden", place)))
        return
    tables = [TABLES[asked.table]] if asked.table else list(TABLES.values())
    areas = areas_of(sheet, tables)
    if not areas:
        so_far.passed_over.append((sheet, headers_aside(sheet, place) or _no_header(sheet, place, asked)))
        return
    titles = areas[0].titles
    for number, area in enumerate(areas):
        if only is not None and (sheet.name, int(sheet.rows[area.header.first])) not in only:
            continue
        outcome = read_area(sheet, area, titles, path, asked)
        if isinstance(outcome, AreaRead):
            so_far.read.append(outcome)
            if number == 0:
                table = TABLES[outcome.block.tables[0]]
                so_far.findings += sheet_findings(sheet, area.first, table, path.name)
        elif isinstance(outcome, Problem):
            so_far.stops.append(outcome)
        elif not outcome.skippable:
            so_far.stops.append(outcome.problem)
        elif number == 0:
            so_far.passed_over.append((sheet, headers_aside(sheet, place) or outcome.problem))
        else:
            so_far.findings.append(_table_not_read(sheet, path.name, int(sheet.rows[area.header.first]), outcome))


def _no_header(sheet: Sheet, place: Place, asked: Asked) -> Problem:
    """No row has two known headers: say what the likeliest row has and what it may mean."""
    import re

    rows = [i for i in range(min(sheet.cells.height, MAX_TITLE_ROWS * 2)) if any(sheet.texts(i))][:MAX_TITLE_ROWS]
    if not rows:
        return problem("sheet_empty", place)
    likeliest = max(rows, key=lambda i: sum(bool(t) and not re.fullmatch(r"[0-9.,%\-]+", t) for t in sheet.texts(i)))
    seen = [t for t in sheet.texts(likeliest) if t]
    if len(seen) < 2:
        return problem("no_header", place)
    return unknown_headers(seen, [TABLES[asked.table]] if asked.table else list(TABLES.values()), place)


def _records(path: Path, sha256: str, outcome: _Found, roll: Roll, back: SentBack) -> FileRecords:
    months = together(outcome.read, path.name)
    blocks = tuple(a.block for a in months.areas)
    reading = Reading(path.name, sha256, blocks, tuple((s.name or "", p.code) for s, p in outcome.passed_over))
    findings = [
        *(_open(q, path.name, blocks) for q in reading.questions),
        # A findings workbook shows a cell as it was sent, with its unit, beside others in the column's unit.
        *(f for f in _of_areas(months, outcome) if not (back.origins and f.code in _OF_COLUMNS)),
        *(_sheet_not_taken(sheet, path.name) for sheet, _ in outcome.passed_over),
    ]
    by_table: dict[str, list[Part]] = {}
    for area in months.areas:
        for part in area.parts:
            by_table.setdefault(part.table.name, []).append(part)
    by_table.update({name: [part] for name, part in months.parts.items()})
    parts = [joined(by_table[name]) for name in TABLES if name in by_table]
    if not any(part.typed.height for part in parts) and not (reading.questions or back.answers):
        raise InputError(problem("no_rows", Place(file=path.name)))
    loaded: list[LoadedTable] = []
    firms = [part.typed for part in parts if part.table.name == "enterprises"]
    whole = roll.with_rows(firms[0]) if firms else roll
    findings += joining_the_roll(months.areas, roll, path.name)
    for part in parts:
        if part.typed.height:
            tables, wrong = checked(part, path.name, whole)
            loaded += tables
            findings += wrong
    return FileRecords(
        file=path.name,
        sha256=sha256,
        tables=tuple(loaded),
        findings=tuple(findings),
        totals_left_out=sum(a.totals for a in months.areas),
        rows_read=sum(a.block.records for a in months.areas if a.parts),
        reading=reading,
        sent_back=back,
    )


def _of_areas(months: Months, outcome: _Found) -> list[Finding]:
    """What was found of the tables, then of the sheets, then of months together."""
    return [*(f for a in months.areas for f in a.findings), *outcome.findings, *months.findings]


def _open(q: Question, file: str, blocks: Sequence[BlockRead]) -> Finding:
    """A question as a finding: its table waits, and whoever looks at findings is to know."""
    asking = [b for b in blocks if any(q.id == question.id for question in b.questions)]
    waiting = sum(b.records for b in asking)
    choices = messages.clauses(f"{n}. {c.says}" for n, c in enumerate(q.choices, start=1))
    return Finding(
        "question_open", "error", q.table, file=file, sheet=q.sheet, row=q.row, value=q.id, owner=TABLES[q.table].owner,
        year=asking[0].year if asking and TABLES[q.table].yearly else None,
        values={"asked": q.code, "id": q.id, "choices": choices, "waiting": waiting, **q.values},
    )  # fmt: skip


def _check_asked(table: str | None, year: int | None) -> None:
    if table is not None and table not in TABLES:
        near = nearest(table, TABLES)
        known = sorted(TABLES)
        raise UsageError(
            problem("table_unknown_near", table=table, near=near)
            if near
            else problem("table_unknown", table=table, known=known)
        )
    if year is not None and not EARLIEST_YEAR <= year <= latest_year():
        raise UsageError(problem("year_impossible", year=year, earliest=EARLIEST_YEAR, latest=latest_year()))


def _sheet_not_taken(sheet: Sheet, file: str) -> Finding:
    return Finding(
        "sheet_not_taken", "warning", "", file=file, sheet=sheet.name, value=sheet.name,
        values={"sheet": sheet.name or ""},
    )  # fmt: skip


def _table_not_read(sheet: Sheet, file: str, row: int, why: NoTable) -> Finding:
    """A second table on a sheet whose headers mean nothing we know."""
    return Finding(
        "table_not_read", "warning", "", file=file, sheet=sheet.name, row=row, value=sheet.name,
        values={"row": row, "why": str(why.problem)},
    )  # fmt: skip
