"""GeoJSON: a map layer as a sheet. Its header is the names of the attributes and `geometry`; a feature is a row.

Rows count from 1 below the header, as a map program numbers features. A shape is kept as the text it is in the file.
"""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from mujun.errors import InputError, Place, problem
from mujun.records.limits import MAX_MAP_BYTES
from mujun.records.sheets.encodings import text_of
from mujun.records.sheets.sheet import Sheet, check_size, fifteen_digits, trimmed

GEOMETRY = "geometry"


def map_layer_sheet(data: bytes, place: Place) -> Sheet:
    """A map layer as a sheet.

    Raises:
        InputError: `file_too_large`, `file_broken`, `file_is_map`: nothing on it; `too_many_cells`.
    """
    if len(data) > MAX_MAP_BYTES:
        raise InputError(problem("file_too_large", place, size=len(data) // 2**20, limit=MAX_MAP_BYTES // 2**20))
    try:
        layer = json.loads(text_of(data, place, "utf-8").text)
    except (ValueError, RecursionError):
        raise InputError(problem("file_broken", place)) from None
    features = _features(layer)
    if not features:
        raise InputError(problem("file_is_map", place))
    given = [f.get("properties") for f in features]
    rows: list[dict[str, Any]] = [p if isinstance(p, dict) else {} for p in given]
    # A layer may have an attribute of that name beside its shapes: the shapes are what is meant.
    names = [n for n in dict.fromkeys(name for row in rows for name in row) if n.lower() != GEOMETRY]
    check_size(len(rows) + 1, len(names) + 1, place)
    columns = {
        f"c{i}": trimmed(pl.Series(f"c{i}", [name, *(_text(row.get(name)) for row in rows)], dtype=pl.String))
        for i, name in enumerate(names)
    }
    shapes = [GEOMETRY, *(_shape(f.get(GEOMETRY)) for f in features)]
    columns[f"c{len(names)}"] = pl.Series(f"c{len(names)}", shapes, dtype=pl.String)
    return Sheet(None, pl.DataFrame(columns), pl.Series("row", range(len(rows) + 1), dtype=pl.Int64))


def _features(layer: Any) -> list[dict[str, Any]]:
    if not isinstance(layer, dict):
        return []
    if layer.get("type") == "Feature":
        return [layer]
    listed = layer.get("features")
    return [f for f in listed if isinstance(f, dict)] if isinstance(listed, list) else []


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return fifteen_digits(value)
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False)


def _shape(geometry: Any) -> str | None:
    return None if geometry is None else json.dumps(geometry, separators=(",", ":"))
