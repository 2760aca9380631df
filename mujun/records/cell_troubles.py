"""What makes a cell doubtful although its text can be read, and a sheet although its cells can.

The files' readers mark it (`sheet_marks`); here marks become findings. A figure of which nobody can tell what it says
keeps its row out; what is only to be known, a hidden row or a comment, is said once for the sheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

import polars as pl

from mujun.fields import Field, Table
from mujun.fields.remark import remark
from mujun.messages import FindingCode
from mujun.records.finding import Finding
from mujun.records.sheets import Sheet
from mujun.writing.cell_names import column_letters

NOT_COMPUTED = "formula_not_computed"
DOUBTFUL = "formula_doubtful"
SCALES = "format_scales"
ERROR_VALUE = "error_value"
WRONG_WIDTH = "row_of_wrong_width"

TOTAL_BLANK = "total_blank"
UNIT_DRAWN = "unit_in_format"

WARNINGS = frozenset((DOUBTFUL, TOTAL_BLANK))
"""Codes of which the row is in all the same."""

_ERROR = r"^#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|CALC!|GETTING_DATA|ERROR|名称\?|Err:[0-9]+)$"
_LISTED = 12

SOURCE = ("来源文件", "原工作表")
"""Columns of a findings workbook that say where a row was first: a sheet may hold rows of several departments."""

MARKED = {"_at": pl.Int64(), "code": pl.String(), "detail": pl.String()}
"""What is doubtful about the cells of a column: place among the records, code of a finding, detail."""


def cell_troubles(sheet: Sheet, column: int, positions: Iterable[int], f: Field) -> pl.DataFrame:
    """What is doubtful about the cells of one column that is taken.

    Args:
        sheet: the sheet.
        column: the column's position on it.
        positions: the positions of the rows that are records, in order.
        f: the field that the column holds.

    Returns:
        `_at` (place within `positions`), `code` of a finding, `detail`: for a format that scales what it shows.
    """
    marks = sheet.marks
    doubtful: dict[int, tuple[str, str | None]] = {}
    if f.kind == "text" and column < sheet.cells.width:
        wrong = sheet.cells[f"c{column}"].str.contains(_ERROR)
        doubtful |= {int(i): (ERROR_VALUE, None) for i in wrong.fill_null(False).arg_true()}
    if f.kind == "quantity":
        doubtful |= {row: (SCALES, s.shown) for (row, at), s in marks.scaled.items() if at == column}
    doubtful |= {row: (DOUBTFUL, None) for row, at in marks.doubtful if at == column and row not in doubtful}
    doubtful |= {row: (NOT_COMPUTED, None) for row, at in marks.uncomputed if at == column}
    if not doubtful:
        return pl.DataFrame(schema=MARKED)
    rows = [(i, *doubtful[row]) for i, row in enumerate(positions) if row in doubtful]
    return pl.DataFrame(rows, schema=MARKED, orient="row")


def rows_of_wrong_width(sheet: Sheet, first: int, positions: Sequence[int], width: int | None = None) -> list[int]:
    """The rows of a text file that have another number of cells than the table: a separator was lost or gained.

    Args:
        sheet: the sheet.
        first: the position of the first row below the header.
        positions: the rows that are records; notes and totals below a table may well be shorter.
        width: how many cells a row has to have; by default as many as the header's last row.

    Returns:
        Positions; none for files whose cells no separators part.
    """
    counts = sheet.marks.counts
    if not counts or (first == 0 and width is None):
        return []
    wanted = counts[first - 1] if width is None else width
    if set(counts[first:]) <= {wanted}:
        return []
    return [p for p in positions if counts[p] != wanted and not _blank_beyond(sheet.texts(p), wanted)]


def _blank_beyond(texts: Sequence[str], width: int) -> bool:
    """Whether a row only has blank cells too many, and no cell of it can have been moved or cut.

    A separator too many leaves a blank before the end, or two halves of a figure beside each other.
    """
    inside = texts[:width]
    digits = [bool(re.fullmatch(r"[0-9.,+\-]+", t)) for t in inside]
    return all(inside) and not any(texts[width:]) and not any(a and b for a, b in pairwise(digits))


def sheet_findings(sheet: Sheet, first: int, table: Table, file: str) -> list[Finding]:
    """What is to be known about a sheet that was read: hidden and struck-out rows, hidden columns, comments.

    Args:
        sheet: the sheet.
        first: the position of the first row below the header; what stands above it hides no figures.
        table: the table that was read from it.
        file: the file's name.
    """
    marks = sheet.marks

    def finding(code: FindingCode, row: int | None = None, **values: object) -> Finding:
        return Finding(
            code, "warning", table.name, file=file, sheet=sheet.name, row=row, owner=table.owner, values=values,
        )  # fmt: skip

    findings = []
    hidden = _filled(sheet, (r for r in marks.hidden_rows if r >= first))
    if hidden:
        code: FindingCode = "rows_filtered" if marks.filtered else "rows_hidden"
        findings.append(finding(code, count=len(hidden), rows=_spans([int(sheet.rows[r]) for r in hidden])))
    struck = sorted({row for row, _ in marks.struck if row >= first})
    if struck:
        findings.append(finding("rows_struck", count=len(struck), rows=_spans([int(sheet.rows[r]) for r in struck])))
    body = sheet.cells.slice(first)
    columns = [c for c in sorted(marks.hidden_columns) if body[f"c{c}"].null_count() < body.height]
    if columns:
        findings.append(finding("columns_hidden", count=len(columns), columns="、".join(map(column_letters, columns))))
    # In a findings workbook the comments are mujun's own.
    of_findings_workbook = first > 0 and not set(SOURCE).isdisjoint(sheet.texts(first - 1))
    # And in a filled template those of the header are its own notes.
    notes = {remark(f, needed=needed) for f in table.fields for needed in (True, False)}
    comments = [
        (at, text)
        for at, text in sorted(marks.comments.items())
        if text and not of_findings_workbook and not (at[0] < first and text in notes)
    ]
    if comments:
        shown = [f"{column_letters(c)}{int(sheet.rows[r])} {text[:60]}" for (r, c), text in comments[:_LISTED]]
        more = ["…"] if len(comments) > _LISTED else []
        findings.append(finding("cell_comments", count=len(comments), comments="；".join([*shown, *more])))
    if marks.bad_bytes:
        findings.append(
            finding("bad_bytes", row=marks.bad_bytes[0], count=len(marks.bad_bytes), rows=_spans(list(marks.bad_bytes)))
        )
    if len(marks.encodings) > 1:
        findings.append(finding("mixed_encodings", encodings="、".join(e.upper() for e in marks.encodings)))
    if marks.odd_columns:
        shown = [f"{sheet.texts(0)[c]}（{kind}）" for c, kind in sorted(marks.odd_columns.items())]
        findings.append(finding("column_of_odd_type", columns="、".join(shown)))
    return findings


def _filled(sheet: Sheet, positions: Iterable[int]) -> list[int]:
    """The positions of rows that hold anything."""
    wanted = sorted(positions)
    if not wanted:
        return []
    blank = sheet.cells[wanted].select(pl.all_horizontal(pl.all().is_null()))
    return [row for row, is_blank in zip(wanted, blank.to_series(), strict=True) if not is_blank]


def _spans(rows: list[int]) -> str:
    """Row numbers, runs of them as from–to.

    >>> _spans([3, 5, 6, 7, 9])
    '3、5–7、9'
    """
    spans: list[list[int]] = []
    for row in rows:
        if spans and spans[-1][1] == row - 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    shown = [str(a) if a == b else f"{a}–{b}" for a, b in spans[:_LISTED]]
    return "、".join([*shown, "…"] if len(spans) > _LISTED else shown)
