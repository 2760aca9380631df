"""The findings workbook: what is wrong in department files, ready to be corrected and loaded back.

A sheet per table and department holds the rows that were kept out, in full, under the dictionary's labels and units,
with the bad cells coloured. The department corrects them in place and sends the workbook back; `read_file` takes it
like any other file and passes over what was added for the reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain
from pathlib import Path

import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import TABLES, Table, label_of
from mujun.messages import show, speaking
from mujun.records import FileRecords, Finding, findings_frame, repair_of
from mujun.records.cells import choices, dates, words, years
from mujun.reports.departments.question_sheet import question_form
from mujun.reports.departments.template import AS_TEXT, OTHER, TITLE, WRAPPED, columns, headers, keys_fixed
from mujun.reports.drawing.form_workbook import write_forms
from mujun.reports.drawing.forms import (
    COUNT,
    TEXT,
    Cell,
    Form,
    FormColumn,
    Look,
    Paper,
    Row,
    cells_of,
    row_of,
    text_rows,
)
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
        questions = question_form(records)
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
        questions,
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
    owners = list(dict.fromkeys(f.owner for f in findings))
    several = Several(folder, len(owners))
    files: list[DepartmentFile] = []
    for owner in owners:
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
    questions: Form | None = None,
) -> Path:
    """Write findings given as tables, as the store keeps them.

    Args:
        path: where to; an existing file is replaced.
        findings: columns of `FINDING_SCHEMA`; texts as they were said.
        quarantine: by table the rows kept out, as text, with `_file`, `_sheet`, `_row`.
        rows: by table the rows that are in. Of tables where a key has several rows (land), those of the same firm
            and year are put beside a row to be corrected: loading replaces all of them together.
        questions: the sheet of questions, where files are read anew.

    Returns:
        The path.

    Raises:
        InputError: the file cannot be written.
    """
    sheets = _correction_sheets(findings, quarantine, rows or {})
    asked = [] if questions is None else [questions]
    return write_forms(path, [_summary(findings), *asked, *(_corrections(s) for s in sheets), _listing(findings)])


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
class GivenRow:
    """One row of a correction sheet: its cells as text, where it was, and what is wrong with it."""

    cells: tuple[str | None, ...]
    place: tuple[str | None, str | None, int | None]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class CorrectionSheet:
    """The rows of one table that one department is to correct."""

    table: Table
    owner: str
    rows: tuple[GivenRow, ...]

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
        by_owner: dict[str, list[GivenRow]] = {}
        for cells in frame.iter_rows(named=True):
            place = (cells.get("_file"), cells["_sheet"], cells["_row"])
            problems_of_row = tuple(problems.get((name, *place), ()))
            row = GivenRow(tuple(cells[f.name] for f in table.fields), place, problems_of_row)
            by_owner.setdefault(_corrector(table, problems_of_row), []).append(row)
        for owner, mine in sorted(by_owner.items()):
            together = tuple(mine) + _siblings(table, mine, rows.get(name))
            sheets.append(CorrectionSheet(table, owner, together))
    return sheets


def _problems(findings: pl.DataFrame) -> dict[tuple[object, ...], list[Problem]]:
    by_row: dict[tuple[object, ...], list[Problem]] = {}
    for f in findings.filter(pl.col("row").is_not_null()).iter_rows(named=True):
        problem = Problem(f["code"], f["field"], f["what"], f["remedy"], f["owner"], f["severity"] == "error")
        by_row.setdefault((f["table"], f["file"], f["sheet"], f["row"]), []).append(problem)
    return by_row


def _corrector(table: Table, problems: Sequence[Problem]) -> str:
    """Who corrects a row: the owner of its bad cells where that is one office, else the office that sent the table.

    A bad key (a credit code, say) is corrected by the sender too: only he knows whom the row is about.
    """
    owners = {p.owner for p in problems if p.error and p.field not in table.key and p.field != "name" and p.owner}
    return owners.pop() if len(owners) == 1 else table.owner


def _siblings(table: Table, mine: Sequence[GivenRow], rows: pl.DataFrame | None) -> tuple[GivenRow, ...]:
    """The good rows that belong beside the bad ones.

    Of tables where a key has several rows those of the same firm and year: loading replaces all of them together. Of
    the others the rows that a repeated record contradicts: whoever corrects has to choose between them.
    """
    if rows is None or rows.is_empty():
        return ()
    key, advice, bad = table.key, _KEEP, list(mine)
    if not table.many:
        advice = _CHOOSE
        bad = [row for row in mine if any(p.code == "duplicate_key" for p in row.problems)]
    if not bad:
        return ()
    wanted = _keys(table, bad)
    together = [rows.join(wanted.drop_nulls(key).select(key).unique(), on=key, how="semi", maintain_order="left")]
    if table.many:
        # Where the code is past repair the name says whose rows they are.
        nameless = wanted.filter(pl.col("credit_code").is_null()).select("year", "name").drop_nulls().unique()
        together.append(rows.join(nameless, on=["year", "name"], how="semi", maintain_order="left"))
    problem = Problem("", None, advice, "", table.owner, False)
    return tuple(
        GivenRow(
            tuple(_text(row[f.name]) for f in table.fields), (row.get("_file"), row["_sheet"], row["_row"]), (problem,)
        )
        for row in pl.concat(together).unique(maintain_order=True).iter_rows(named=True)
    )


def _keys(table: Table, bad: Sequence[GivenRow]) -> pl.DataFrame:
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


_BAD = Look(numbers=TEXT, fill="#FFC7CE", colour="#9C0006", edged=True)
_DOUBTFUL = Look(numbers=TEXT, fill="#FFEB9C", colour="#7F6000")
_GOOD = Look(numbers=TEXT, colour="#7F7F7F")
_ADDED = Look(bold=True, edged=True, fill="#E7E6E6", wrapped=True)
_COUNT = Look(numbers=COUNT)


def _corrections(given: CorrectionSheet) -> Form:
    table = given.table
    added = (FormColumn(44), FormColumn(44), FormColumn(16), FormColumn(16), FormColumn(16))
    return Form(
        given.name,
        [*columns(table, as_text=True), *added],
        (headers(table, [Cell(title, _ADDED) for title in ADDED]), *_correction_rows(given)),
        header=0,
        body=len(given.rows),
        endless=True,
        fixed=keys_fixed(table),
        filtered=len(table.fields) + len(ADDED),
        paper=Paper(),
    )


def _correction_rows(given: CorrectionSheet) -> Iterator[Row]:
    index = {f.name: i for i, f in enumerate(given.table.fields)}
    commented = 0
    for row in given.rows:
        plain = AS_TEXT if any(p.error for p in row.problems) else _GOOD
        cells = list(cells_of(row.cells, plain))
        for p in sorted(row.problems, key=lambda p: p.error):
            if p.field not in index:
                continue
            i = index[p.field]
            told = cells[i]
            note = told.note if told else ""
            if commented < COMMENTED:
                note = f"{p.what}\n{p.remedy}"
                commented += 1
            cells[i] = Cell(row.cells[i], _BAD if p.error else _DOUBTFUL, note)
        what = "；".join(p.what for p in row.problems)
        remedies = "；".join(p.remedy for p in row.problems if p.remedy)
        place = (str(part) if part is not None else None for part in row.place)
        yield Row((*cells, *cells_of((what, remedies), WRAPPED), *cells_of(place)))


_SUMMARY_HEADERS = ("责任部门", "数据表", "级别", "条数", "例：问题", "例：处理办法", "例：位置")


def _summary(findings: pl.DataFrame) -> Form:
    errors = findings.filter(pl.col("severity") == "error").height
    lines = (
        f"共 {findings.height} 个问题。错误 {errors} 个：有错误的行没有装入。"
        f"提示 {findings.height - errors} 个：行已装入，请核实。",
        "怎么改：在各部门的工作表里直接改红色的格，改好后保存，把这个工作簿交回装入。灰色的列不用改，也不用删。",
        "不要的行可以整行删去。带着原来单位的（如 1234元），改的时候也带上单位，或换算成列名中的单位。",
    )
    counts = (
        findings.group_by("owner", "table", "severity", "code", maintain_order=True)
        .agg(pl.len().alias("n"), *(pl.col(c).first() for c in ("what", "remedy", "file", "sheet", "row")))
        .sort(["severity", "owner", "table", "n"], descending=[False, False, False, True], maintain_order=True)
    )
    rows = [
        Row((
            *cells_of((c["owner"], _label(c["table"]), _SEVERITIES[c["severity"]])),
            Cell(c["n"], _COUNT),
            *cells_of((c["what"], c["remedy"], _place(c)), WRAPPED),
        ))
        for c in counts.iter_rows(named=True)
    ]  # fmt: skip
    return Form(
        SUMMARY,
        [FormColumn(w) for w in (16, 14, 16, 8, 50, 50, 34)],
        (row_of(("数据问题汇总",), TITLE), *text_rows(lines), Row(), row_of(_SUMMARY_HEADERS, OTHER), *rows),
        header=5,
        body=len(rows),
        fixed=0,
        filtered=len(_SUMMARY_HEADERS) if rows else 0,
        paper=Paper(repeated=(False, 0)),
    )


_LISTING_HEADERS = (
    "级别", "责任部门", "数据表", "来源文件", "原工作表", "原行号", "年度", "统一社会信用代码", "企业名称",
    "列", "原内容", "问题", "处理办法",
)  # fmt: skip


def _listing(findings: pl.DataFrame) -> Form:
    cut = f"只列出前 {LISTED} 个问题，共 {findings.height} 个；条数见“{SUMMARY}”。"
    above = (row_of((cut,), TITLE),) if findings.height > LISTED else ()
    listed = findings.head(LISTED)
    return Form(
        LISTING,
        [FormColumn(w) for w in (14, 14, 12, 24, 14, 8, 8, 22, 28, 18, 20, 50, 50)],
        chain(above, (row_of(_LISTING_HEADERS, OTHER),), _listed(listed)),
        header=len(above),
        body=listed.height,
        fixed=0,
        filtered=len(_LISTING_HEADERS),
        paper=Paper(repeated=(False, 0)),
    )


def _listed(findings: pl.DataFrame) -> Iterator[Row]:
    for f in findings.iter_rows(named=True):
        values = (
            _SEVERITIES[f["severity"]], f["owner"], _label(f["table"]), f["file"], f["sheet"], f["row"], f["year"],
            f["credit_code"], f["name"], label_of(f["field"]) if f["field"] else "", f["value"], f["what"], f["remedy"],
        )  # fmt: skip
        yield Row(cells_of((None if v is None else str(v) for v in values), AS_TEXT))


def _place(finding: Mapping[str, object]) -> str:
    return " ".join(str(finding[k]) for k in ("file", "sheet", "row") if finding[k] is not None)


def _label(table: str) -> str:
    return TABLES[table].label if table in TABLES else ""
