"""A reading as a workbook: a sheet per table with its columns, its other rows and its questions."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mujun.messages import key, speaking, text
from mujun.records.readings.model import Reading
from mujun.reports.departments.reading_text import column_cells, column_titles, rows_by_role, where
from mujun.reports.drawing.workbook_file import CELL_LIMIT, workbook_at

_WIDTHS = (5, 34, 10, 18, 12, 14, 30, 8, 8, 18, 18)


def write_reading(path: str | Path, readings: Iterable[Reading]) -> Path:
    """Write readings, a sheet per table of each file.

    Raises:
        InputError: the file cannot be written.
    """
    with speaking("zh"), workbook_at(path) as book:
        bold = book.add_format({"bold": True, "bg_color": "#E7E6E6", "border": 1})
        number = 0
        for reading in readings:
            for block in reading.blocks:
                number += 1
                sheet = book.add_worksheet(f"{number}")
                lines = [reading.file, f"{where(block)}；{block.records} 行，{block.firms} 家"]
                for at, line in enumerate(lines):
                    sheet.write_string(at, 0, line[:CELL_LIMIT])
                for i, title in enumerate(column_titles()):
                    sheet.write_string(3, i, title, bold)
                    sheet.set_column(i, i, _WIDTHS[i])
                at = 4
                for column in block.columns:
                    for i, cell in enumerate(column_cells(column)):
                        if isinstance(cell, int):
                            sheet.write_number(at, i, cell)
                        elif cell is not None:
                            sheet.write_string(at, i, str(cell)[:CELL_LIMIT])
                    at += 1
                said = [n.says for n in block.notes]
                said += [
                    f"{text(key('reading_role_' + role))}：{'；'.join(rows)}" for role, rows in rows_by_role(block)
                ]
                said += [str(q) for q in block.questions]
                for below, line in enumerate(said, start=at + 1):
                    sheet.write_string(below, 0, line[:CELL_LIMIT])
                sheet.freeze_panes(4, 0)
                sheet.set_landscape()
                sheet.fit_to_pages(1, 0)
    return Path(path)
