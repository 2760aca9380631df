"""Outlines of townships: a map layer whose features bear a name, as a county gives it for its map."""

from __future__ import annotations

from pathlib import Path

from mujun.errors import InputError, Place, problem
from mujun.records.container import container_of, read_bytes
from mujun.records.shapes import shape_of, unreadable_text
from mujun.records.sheets import read_sheets

NAMES = ("镇街", "township", "乡镇街道", "乡镇", "街道", "名称", "name", "xzqmc", "xzmc")
"""Attributes that name a township, as map programs call them; the first that is there counts."""


def outlines_of(file: Path) -> dict[str, str]:
    """The outline of each township, as the text of its shape.

    Args:
        file: a GeoJSON layer; its polygons bear the township's name.

    Raises:
        InputError: the file is no map layer, no attribute names its features, or one of them is no polygon.
    """
    place = Place(file=file.name)
    data = read_bytes(file)
    container = container_of(data, file)
    if container != "map layer":
        raise InputError(problem("outlines_no_layer", place))
    (sheet,) = read_sheets(data, container, file)
    header, *rows = (sheet.cells.row(i) for i in range(sheet.cells.height))
    titles = [str(t or "").lower() for t in header]
    at = next((titles.index(n) for n in NAMES if n in titles), None)
    if at is None:
        raise InputError(problem("outlines_unnamed", place, names=list(NAMES[:4]), seen=[t for t in titles[:-1] if t]))
    outlines: dict[str, str] = {}
    for number, row in enumerate(rows, start=1):
        shape = shape_of(row[-1])
        if isinstance(shape, str) or not row[at]:
            why = unreadable_text(shape) if isinstance(shape, str) else "—"
            raise InputError(problem("outlines_bad", place, row=number, name=row[at] or "—", why=why))
        outlines[str(row[at])] = str(row[-1])
    return outlines
