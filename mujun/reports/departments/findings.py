"""The findings workbook: what is wrong in department files, ready to be corrected and loaded back.

A sheet per table and department holds the rows that were kept out, in full, under the dictionary's labels and units,
with the bad cells coloured. The department corrects them in place and sends the workbook back; `read_file` takes it
like any other file and passes over what was added for the reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from mujun.fields import TABLES, Table, label_of
from mujun.messages import show, speaking
from mujun.records import FileRecords, Finding, findings_frame, repair_of
from mujun.records.cells import choices, dates, words, years
from mujun.reports.departments.template import columns, header_styles
from mujun.reports.drawing.workbook_file import CELL_LIMIT, workbook_at
from mujun.writing import Several

SUMMARY, LISTING = "问题汇总", "问题清单"

LISTED = 50_000
"""Findings listed one by one; counts are always complete."""

COMMENTED = 2_000
"""Cells of a sheet that carry a comment: Excel opens very slowly with more. All bad cells are coloured."""

ADDED = ("问题", "处理办法", "来源文件", "原工作表", "原行号")
"""Columns added for the reader of a correction sheet; they are passed over when it is loaded back."""

_SEVERITIES = {"error": "错误（未装入）", "warning": "提示（已装入）"}
_KEEP = "这一行没有问题，请保留：同一企业的用地要一起装入"
_CHOOSE = "同一条记录还有另一行，内容不同：只保留正确的一行，删去另一行"


def write_findings(path: str | Path, records: Iterable[FileRecords]) -> Path:
    """Write the findings of files just read.

    Args:
        path: where to; an existing file is replaced.
        records: what `read_file` gave.

    Returns:
        The path.

    Raises:
        InputError: the file cannot be written.
    """
    records = list(records)
    with speaking("zh"):
        findings = findings_frame(f for r in records for f in r.findings)
    kept_out: dict[str, list[pl.DataFrame]] = {}
    rows: dict[str, list[pl.DataFrame]] = {}
    for r in records:
        for t in r.tables:
            kept_out.setdefault(t.table, []).append(t.quarantine.with_columns(pl.lit(r.file).alias("_file")))
            rows.setdefault(t.table, []).append(t.rows.with_columns(pl.lit(r.file).alias("_file")))
    return write_findings_tables(
        path,
        findings,
        {name: pl.concat(frames) for name, frames in kept_out.items()},
        {name: pl.concat(frames) for name, frames in rows.items()},
    )


@dataclass(frozen=True)
class DepartmentFile:
    """A workbook of findings for the department that owns them."""

    owner: str
    count: int
    path: Path


def write_by_department(findings: Sequence[Finding], year: int, folder: Path) -> list[DepartmentFile]:
    """Write cross-table findings, a workbook for each department, in Chinese: bureaus hand them on.

    Args:
        findings: what a check found.
        year: the data year.
        folder: where to; made where there is none.

    Raises:
        InputError: a file cannot be written.
    """
    several = Several(folder)
    files: list[DepartmentFile] = []
    for owner in dict.fromkeys(f.owner for f in findings):
        mine = [f for f in findings if f.owner == owner]
        with speaking("zh"):
            table = findings_frame(mine)
        with several.one(f"{year}年数据核查_{owner or '其他'}", ".xlsx") as file:
            write_findings_tables(file, table, {})
            files.append(DepartmentFile(owner, len(mine), file))
    several.finish()
    return files


def write_findings_tables(
    path: str | Path,
    findings: pl.DataFrame,
    quarantine: Mapping[str, pl.DataFrame],
    rows: Mapping[str, pl.DataFrame] | None = None,
) -> Path:
    """Write findings given as tables, as the store keeps them.

    Args:
        path: where to; an existing file is replaced.
        findings: columns of `FINDING_SCHEMA`; texts as they were said.
        quarantine: by table the rows kept out, as text, with `_file`, `_sheet`, `_row`.
        rows: by table the rows that are in. Of tables where a key has several rows (land), those of the same firm
            and year are put beside a row to be corrected: loading replaces all of them together.

    Returns:
        The path.

    Raises:
        InputError: the file cannot be written.
    """
    with workbook_at(path) as book:
        styles = _styles(book)
        _summary(book, findings, styles)
        for sheet in _correction_sheets(findings, quarantine, rows or {}):
            _write_corrections(book, sheet, styles)
        _listing(book, findings, styles)
    return Path(path)


# -------------------------------------------------------------------------------------------------------- what goes in


@dataclass(frozen=True)
class Problem:
    """What is said about one row: the code, the field, what is wrong, what to do, and whose it is."""

    code: str
    field: str | None
    what: str
    remedy: str
    owner: str
    error: bool


@dataclass(frozen=True)
class Row:
    """One row of a correction sheet: its cells as text, where it was, and what is wrong with it."""

    cells: tuple[str | None, ...]
    place: tuple[str | None, str | None, int | None]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class CorrectionSheet:
    """The rows of one table that one department is to correct."""

    table: Table
    owner: str
    rows: tuple[Row, ...]

    @property
    def name(self) -> str:
        """The sheet's name, as Excel allows it."""
        kept = "".join(c for c in f"{self.table.label}-{self.owner}" if c not in r"[]:*?/\'")
        return kept[:31]


def _correction_sheets(
    findings: pl.DataFrame, quarantine: Mapping[str, pl.DataFrame], rows: Mapping[str, pl.DataFrame]
) -> list[CorrectionSheet]:
    problems = _problems(findings)
    sheets = []
    for name, table in TABLES.items():
        frame = quarantine.get(name)
        if frame is None or frame.is_empty():
            continue
        by_owner: dict[str, list[Row]] = {}
        for cells in frame.iter_rows(named=True):
            place = (cells.get("_file"), cells["_sheet"], cells["_row"])
            said = tuple(problems.get((name, *place), ()))
            row = Row(tuple(cells[f.name] for f in table.fields), place, said)
            by_owner.setdefault(_corrector(table, said), []).append(row)
        for owner, mine in sorted(by_owner.items()):
            together = tuple(mine) + _siblings(table, mine, rows.get(name))
            sheets.append(CorrectionSheet(table, owner, together))
    return sheets


def _problems(findings: pl.DataFrame) -> dict[tuple[object, ...], list[Problem]]:
    found: dict[tuple[object, ...], list[Problem]] = {}
    for f in findings.filter(pl.col("row").is_not_null()).iter_rows(named=True):
        said = Problem(f["code"], f["field"], f["what"], f["remedy"], f["owner"], f["severity"] == "error")
        found.setdefault((f["table"], f["file"], f["sheet"], f["row"]), []).append(said)
    return found


def _corrector(table: Table, problems: Sequence[Problem]) -> str:
    """Who corrects a row: the owner of its bad cells where that is one office, else the office that sent the table.

    A bad key (a credit code, say) is corrected by the sender too: only he knows whom the row is about.
    """
    owners = {p.owner for p in problems if p.error and p.field not in table.key and p.field != "name" and p.owner}
    return owners.pop() if len(owners) == 1 else table.owner


def _siblings(table: Table, mine: Sequence[Row], rows: pl.DataFrame | None) -> tuple[Row, ...]:
    """The good rows that belong beside the bad ones.

    Of tables where a key has several rows those of the same firm and year: loading replaces all of them together. Of
    the others the rows that a repeated record contradicts: whoever corrects has to choose between them.
    """
    if rows is None or rows.is_empty():
        return ()
    key, said, bad = table.key, _KEEP, list(mine)
    if not table.many:
        said = _CHOOSE
        bad = [row for row in mine if any(p.code == "duplicate_key" for p in row.problems)]
    if not bad:
        return ()
    wanted = _keys(table, bad)
    together = [rows.join(wanted.drop_nulls(key).select(key).unique(), on=key, how="semi", maintain_order="left")]
    if table.many:
        # Where the code is past repair the name says whose rows they are.
        nameless = wanted.filter(pl.col("credit_code").is_null()).select("year", "name").drop_nulls().unique()
        together.append(rows.join(nameless, on=["year", "name"], how="semi", maintain_order="left"))
    problem = Problem("", None, said, "", table.owner, False)
    return tuple(
        Row(tuple(_text(row[f.name]) for f in table.fields), (row.get("_file"), row["_sheet"], row["_row"]), (problem,))
        for row in pl.concat(together).unique(maintain_order=True).iter_rows(named=True)
    )


def _keys(table: Table, bad: Sequence[Row]) -> pl.DataFrame:
    """The keys of rows kept out, typed as far as they can be read, credit codes as they would be repaired."""
    read: dict[str, pl.Series] = {}
    for i, f in enumerate(table.fields):
        if f.name not in (*table.key, "name"):
            continue
        texts = pl.Series(f.name, [row.cells[i] for row in bad], dtype=pl.String)
        if f.name == "credit_code":
            read[f.name] = pl.Series(f.name, [t and repair_of(t) for t in texts.to_list()], dtype=pl.String)
        elif f.kind == "whole":
            read[f.name] = years(texts).values
        elif f.kind == "date":
            read[f.name] = dates(texts, end=f.name == "until").values
        elif f.choices:
            read[f.name] = choices(texts, f.choices, f.choice_synonyms)
        else:
            read[f.name] = words(texts)
    return pl.DataFrame(read)


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, Decimal | date):
        return show(value)
    return str(value)


# ----------------------------------------------------------------------------------------------------- how it is drawn


def _styles(book: Any) -> dict[str, Any]:
    return {
        **header_styles(book),
        "bad": book.add_format({"num_format": "@", "bg_color": "#FFC7CE", "font_color": "#9C0006", "border": 1}),
        "doubtful": book.add_format({"num_format": "@", "bg_color": "#FFEB9C", "font_color": "#7F6000"}),
        "good": book.add_format({"num_format": "@", "font_color": "#7F7F7F"}),
        "added": book.add_format({"bold": True, "border": 1, "bg_color": "#E7E6E6", "text_wrap": True}),
        "count": book.add_format({"num_format": "#,##0"}),
    }


def _write(sheet: Any, row: int, column: int, text: object, style: Any = None) -> None:
    """A text cell: never a formula, whatever it begins with."""
    if text is not None and text != "":
        sheet.write_string(row, column, str(text)[:CELL_LIMIT], style)


def _write_corrections(book: Any, given: CorrectionSheet, styles: dict[str, Any]) -> None:
    sheet = book.add_worksheet(given.name)
    table = given.table
    columns(book, sheet, table, styles, as_text=True)
    first_added = len(table.fields)
    for i, title in enumerate(ADDED):
        sheet.write_string(0, first_added + i, title, styles["added"])
    index = {f.name: i for i, f in enumerate(table.fields)}
    commented = 0
    for at, row in enumerate(given.rows, start=1):
        kept = not any(p.error for p in row.problems)
        for i, cell in enumerate(row.cells):
            _write(sheet, at, i, cell, styles["good"] if kept else styles["text"])
        for p in sorted(row.problems, key=lambda p: p.error):
            if p.field not in index:
                continue
            i, style = index[p.field], styles["bad" if p.error else "doubtful"]
            if row.cells[i]:
                _write(sheet, at, i, row.cells[i], style)
            else:
                sheet.write_blank(at, i, None, style)
            if commented < COMMENTED:
                sheet.write_comment(at, i, f"{p.what}\n{p.remedy}"[:CELL_LIMIT], {"x_scale": 1.8})
                commented += 1
        _write(sheet, at, first_added, "；".join(p.what for p in row.problems), styles["wrap"])
        _write(sheet, at, first_added + 1, "；".join(p.remedy for p in row.problems if p.remedy), styles["wrap"])
        for i, part in enumerate(row.place):
            _write(sheet, at, first_added + 2 + i, part)
    sheet.set_column(first_added, first_added + 1, 44)
    sheet.set_column(first_added + 2, first_added + 4, 16)
    sheet.autofilter(0, 0, max(len(given.rows), 1), first_added + len(ADDED) - 1)


def _summary(book: Any, findings: pl.DataFrame, styles: dict[str, Any]) -> None:
    sheet = book.add_worksheet(SUMMARY)
    errors = findings.filter(pl.col("severity") == "error").height
    sheet.write_string(0, 0, "数据问题汇总", styles["title"])
    lines = (
        f"共 {findings.height} 个问题。错误 {errors} 个：有错误的行没有装入。"
        f"提示 {findings.height - errors} 个：行已装入，请核实。",
        "怎么改：在各部门的工作表里直接改红色的格，改好后保存，把这个工作簿交回装入。灰色的列不用改，也不用删。",
        "不要的行可以整行删去。带着原来单位的（如 1234元），改的时候也带上单位，或换算成列名中的单位。",
    )
    for i, line in enumerate(lines):
        sheet.write_string(1 + i, 0, line)
    top = 5
    titles = ("责任部门", "数据表", "级别", "条数", "例：问题", "例：处理办法", "例：位置")
    for i, title in enumerate(titles):
        sheet.write_string(top, i, title, styles["other"])
    counts = (
        findings.group_by("owner", "table", "severity", "code", maintain_order=True)
        .agg(pl.len().alias("n"), *(pl.col(c).first() for c in ("what", "remedy", "file", "sheet", "row")))
        .sort(["severity", "owner", "table", "n"], descending=[False, False, False, True], maintain_order=True)
    )
    row = top + 1
    for c in counts.iter_rows(named=True):
        label = TABLES[c["table"]].label if c["table"] in TABLES else ""
        for i, cell in enumerate((c["owner"], label, _SEVERITIES[c["severity"]])):
            _write(sheet, row, i, cell)
        sheet.write_number(row, 3, c["n"], styles["count"])
        place = " ".join(str(c[k]) for k in ("file", "sheet", "row") if c[k] is not None)
        for i, cell in enumerate((c["what"], c["remedy"], place)):
            _write(sheet, row, 4 + i, cell, styles["wrap"])
        row += 1
    for i, width in enumerate((16, 14, 16, 8, 50, 50, 34)):
        sheet.set_column(i, i, width)
    sheet.freeze_panes(top + 1, 0)
    if row > top + 1:
        sheet.autofilter(top, 0, row - 1, len(titles) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _listing(book: Any, findings: pl.DataFrame, styles: dict[str, Any]) -> None:
    sheet = book.add_worksheet(LISTING)
    titles = (
        "级别", "责任部门", "数据表", "来源文件", "原工作表", "原行号", "年度", "统一社会信用代码", "企业名称",
        "列", "原内容", "问题", "处理办法",
    )  # fmt: skip
    top = 0
    if findings.height > LISTED:
        _write(sheet, 0, 0, f"只列出前 {LISTED} 个问题，共 {findings.height} 个；条数见“{SUMMARY}”。", styles["title"])
        top = 1
    for i, title in enumerate(titles):
        sheet.write_string(top, i, title, styles["other"])
    listed = findings.head(LISTED)
    for at, f in enumerate(listed.iter_rows(named=True), start=top + 1):
        label = TABLES[f["table"]].label if f["table"] in TABLES else ""
        cells = (
            _SEVERITIES[f["severity"]], f["owner"], label, f["file"], f["sheet"], f["row"], f["year"], f["credit_code"],
            f["name"], label_of(f["field"]) if f["field"] else "", f["value"], f["what"], f["remedy"],
        )  # fmt: skip
        for i, cell in enumerate(cells):
            _write(sheet, at, i, cell, styles["text"])
    for i, width in enumerate((14, 14, 12, 24, 14, 8, 8, 22, 28, 18, 20, 50, 50)):
        sheet.set_column(i, i, width)
    sheet.freeze_panes(top + 1, 0)
    sheet.autofilter(top, 0, max(top + listed.height, top + 1), len(titles) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
