"""Total rows that the dirt above them has made wrong: departments added up their records, not their typing errors."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from .files import Cell, Sheet
from .manifest import CONSEQUENCE, Manifest

NOTHING = (None, "", "-", "/", "无")


def hold(manifest: Manifest, sheets: list[Sheet]) -> None:
    """Note every total that is no longer the sum of the rows; where a cell is no number nobody can tell."""
    for sheet in sheets:
        for name, total in sheet.totals.items():
            cells = [row.cells.get(name) for row in sheet.rows]
            numbers = [n for c in cells if (n := _number(c)) is not None]
            if len(numbers) + sum(c in NOTHING for c in cells) == len(cells) and sum(numbers) != total:
                note = f"{CONSEQUENCE}：合计不等于各行之和"
                manifest.add(sheet.total_row, name, "total_differs", note, value=total, whose="")


def _number(cell: Cell) -> Decimal | None:
    """A figure, also where it is kept as text: a spreadsheet's sum passes over `１,２３４．５`."""
    if isinstance(cell, (int, Decimal)):
        return Decimal(cell)
    plain = unicodedata.normalize("NFKC", str(cell)).replace(",", "")
    return Decimal(plain) if re.fullmatch(r"-?[0-9]+(?:\.[0-9]+)?", plain) else None
