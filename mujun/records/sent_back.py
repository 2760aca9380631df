"""A findings workbook that comes back corrected: of each row, from which file, sheet and row it was."""

from __future__ import annotations

from pathlib import Path

from mujun.records.cell_troubles import SOURCE
from mujun.records.container import container_of, read_bytes
from mujun.records.sheets import Sheet, read_sheets

ROW = "原行号"

Origin = tuple[str, str | None, int]
"""File, sheet and row."""


def origins_in(path: str | Path) -> dict[tuple[str | None, int], Origin]:
    """By sheet and row of a findings workbook, where each row was first; empty for every other file.

    Raises:
        InputError: the file cannot be read.
    """
    path = Path(path)
    data = read_bytes(path)
    found: dict[tuple[str | None, int], Origin] = {}
    for sheet in read_sheets(data, container_of(data, path), path):
        found |= _origins(sheet)
    return found


def _origins(sheet: Sheet) -> dict[tuple[str | None, int], Origin]:
    if sheet.empty:
        return {}
    headers = sheet.texts(0)
    if not {*SOURCE, ROW} <= set(headers):
        return {}
    file, of_sheet, row = (headers.index(name) for name in (*SOURCE, ROW))
    found: dict[tuple[str | None, int], Origin] = {}
    for i in range(1, sheet.cells.height):
        texts = sheet.texts(i)
        if texts[file] and texts[row].isdecimal():
            found[sheet.name, int(sheet.rows[i])] = (texts[file], texts[of_sheet] or None, int(texts[row]))
    return found
