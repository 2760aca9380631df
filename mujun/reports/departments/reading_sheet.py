"""A reading as a workbook: a sheet per table with its columns, its other rows and its questions."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mujun.messages import key, speaking, text
from mujun.records.readings.model import BlockRead, Reading
from mujun.reports.departments.reading_text import column_cells, column_titles, rows_by_role, where
from mujun.reports.drawing.form_workbook import write_forms
from mujun.reports.drawing.forms import Form, FormColumn, Look, Paper, Row, cells_of, row_of, text_rows

_WIDTHS = (5, 34, 10, 18, 12, 14, 30, 8, 8, 18, 18)
_HEAD = Look(bold=True, fill="#E7E6E6", edged=True)


def write_reading(path: str | Path, readings: Iterable[Reading]) -> Path:
    """Write readings, a sheet per table of each file.

    Raises:
        InputError: the file cannot be written.
    """
    with speaking("zh"):
        tables = [(reading.file, block) for reading in readings for block in reading.blocks]
        return write_forms(path, [_form(str(n), file, block) for n, (file, block) in enumerate(tables, start=1)])


def _form(name: str, file: str, block: BlockRead) -> Form:
    columns = [
        Row(cells_of(c if c is None or isinstance(c, int) else str(c) for c in column_cells(column)))
        for column in block.columns
    ]
    notes = [n.says for n in block.notes]
    notes += [f"{text(key('reading_role_' + role))}：{'；'.join(rows)}" for role, rows in rows_by_role(block)]
    notes += [str(q) for q in block.questions]
    above = (file, f"{where(block)}；{block.records} 行，{block.firms} 家")
    return Form(
        name,
        [FormColumn(w) for w in _WIDTHS],
        (*text_rows(above), Row(), row_of(column_titles(), _HEAD), *columns, Row(), *text_rows(notes)),
        header=3,
        body=len(columns),
        fixed=0,
        paper=Paper(repeated=(False, 0)),
    )
