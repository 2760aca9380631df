"""One department file, whole: from its bytes to typed rows, rows kept out, and everything found wrong."""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl

from mujun.errors import InputError, Place, Problem, UsageError, problem
from mujun.fields import TABLES, nearest
from mujun.records.cell_troubles import WRONG_WIDTH, sheet_findings
from mujun.records.checks import checked
from mujun.records.container import container_of, read_bytes
from mujun.records.finding import Finding
from mujun.records.layout import Layout, NoLayout, layout_of, scale_said, years_said
from mujun.records.limits import EARLIEST_YEAR, latest_year
from mujun.records.loaded import FileRecords, LoadedTable
from mujun.records.returned import MARK, mark_in
from mujun.records.roll import NO_ROLL, Roll
from mujun.records.sheets import Sheet, read_sheets
from mujun.records.typed import Part, joined, part_of, said_year

OWN_SHEETS = frozenset(("填表说明", "问题汇总", "问题清单"))
"""Sheets that mujun itself writes beside the tables: they hold no records and are passed over."""


def read_file(
    path: str | Path,
    *,
    table: str | None = None,
    year: int | None = None,
    repair: bool = False,
    roll: Roll = NO_ROLL,
) -> FileRecords:
    """Read a department's file: `.xlsx`, `.xls`, `.csv`, `.parquet`, one sheet or many.

    Args:
        path: the file.
        table: the table it holds, where the file does not say so clearly.
        year: the data year of rows that have no year of their own; goes before what titles and names say.
        repair: whether documented repairs of credit codes (O for 0, small letters …) are applied.
        roll: the firms that are known; those that the file itself lists come to them.

    Returns:
        Rows that are in, rows kept out, and all findings at once. Every row of the file is in one of the two, but for
        repeated rows (a finding each), totals (counted), blank rows and notes below the table.

    Raises:
        InputError: what stops the whole file, with every sheet's reason; nothing of it is to be loaded.
        UsageError: no such table.
    """
    path = Path(path)
    _check_asked(table, year)
    data = read_bytes(path)
    sheets = read_sheets(data, container_of(data, path), path)
    if mark := mark_in(sheets, MARK):
        # It has to be held against what was issued, which the store knows.
        raise InputError(problem("file_was_handed_out", Place(file=path.name), mark=mark))
    stops: list[Problem] = []
    passed_over: list[tuple[Sheet, Problem]] = []
    read: dict[str, list[Part]] = {}
    findings: list[Finding] = []
    for sheet in sheets:
        if sheet.empty or sheet.name in OWN_SHEETS:
            continue
        place = Place(file=path.name, sheet=sheet.name)
        layout = (
            NoLayout(problem("sheet_hidden", place), True) if sheet.hidden else layout_of(sheet, place, table, year)
        )
        if isinstance(layout, NoLayout):
            if layout.skippable:
                passed_over.append((sheet, layout.problem))
            else:
                stops.append(layout.problem)
            continue
        part = _part(sheet, layout, path, place, year, repair)
        if isinstance(part, Problem):
            stops.append(part)
            continue
        read.setdefault(layout.table.name, []).append(part)
        findings += _columns_not_taken(layout, place)
        findings += sheet_findings(sheet, layout.first, layout.table, path.name)
    if stops:
        raise InputError(stops)
    if not read:
        raise InputError([p for _, p in passed_over] or [problem("file_empty", Place(file=path.name))])
    findings += [_sheet_not_taken(sheet, path.name) for sheet, _ in passed_over]
    parts = [joined(read[name]) for name in TABLES if name in read]
    if not any(part.typed.height for part in parts):
        raise InputError(problem("no_rows", Place(file=path.name)))
    loaded: list[LoadedTable] = []
    firms = [part.typed for part in parts if part.table.name == "enterprises"]
    whole = roll.with_rows(firms[0]) if firms else roll
    for part in parts:
        if part.typed.height:
            tables, found = checked(part, path.name, whole)
            loaded += tables
            findings += found
    return FileRecords(
        file=path.name,
        sha256=hashlib.sha256(data).hexdigest(),
        tables=tuple(loaded),
        findings=tuple(findings),
        totals_left_out=sum(part.totals for part in parts),
        rows_read=sum(part.typed.height for part in parts),
    )


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


def _part(sheet: Sheet, layout: Layout, path: Path, place: Place, year: int | None, repair: bool) -> Part | Problem:
    has = {h.field.name for h in layout.headers}
    if year is None and layout.table.yearly:
        said = _year_said(sheet, layout, path)
        if len(said) == 1:
            year = said[0]
        elif "year" not in has:
            return problem("year_unclear", place, years=said) if said else problem("year_unknown", place)
    scale = None
    if "scale" in layout.table.by_name and "scale" not in has:
        scale = scale_said([sheet.name or "", *layout.titles, path.stem])
    part = part_of(sheet, layout, year=year, scale=scale, repair=repair, sheet_name=sheet.name)
    rows, wrong = part.typed.height, part.troubles.filter(pl.col("code") == WRONG_WIDTH).height
    if rows > 2 and wrong * 2 > rows:
        columns = sheet.marks.counts[layout.first - 1]
        return problem("header_of_wrong_width", place, columns=columns, rows=rows, wrong=wrong)
    return part


def _year_said(sheet: Sheet, layout: Layout, path: Path) -> list[int]:
    """The data year that headers, titles, sheet name, file name or else the folder speak of; several if they differ."""
    in_headers = sorted({h.year for h in layout.headers if h.year is not None})
    sources = [in_headers, years_said(layout.titles), years_said([sheet.name or ""]), years_said([path.stem])]
    all_said = sorted({y for said in sources for y in said})
    if len(all_said) > 1:
        # 2022年度 before 2023年报送: the stronger word of all sources together.
        strong = years_said([*layout.titles, sheet.name or "", path.stem])
        return strong if len(strong) == 1 and in_headers in ([], strong) else all_said
    if not all_said:
        folder = said_year(path.absolute().parent.name)
        return [folder] if folder else []
    return all_said


def _columns_not_taken(layout: Layout, place: Place) -> list[Finding]:
    if not layout.not_taken:
        return []
    return [
        Finding(
            "columns_not_taken",
            "warning",
            layout.table.name,
            file=place.file,
            sheet=place.sheet,
            value="、".join(layout.not_taken),
            owner=layout.table.owner,
            values={"columns": list(layout.not_taken), "table": layout.table.label},
        )
    ]


def _sheet_not_taken(sheet: Sheet, file: str) -> Finding:
    return Finding(
        "sheet_not_taken",
        "warning",
        "",
        file=file,
        sheet=sheet.name,
        value=sheet.name,
        values={"sheet": sheet.name or ""},
    )
