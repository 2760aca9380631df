"""Shapes of parcels: the text of a record (GeoJSON, or WKT of a point or polygon) as a GeoJSON geometry."""

from __future__ import annotations

import json
import re
from typing import Any

_WKT = re.compile(r"^\s*(POINT|POLYGON|MULTIPOLYGON)\s*(\(.*\))\s*$", re.IGNORECASE | re.DOTALL)
_KINDS = {"POINT": "Point", "POLYGON": "Polygon", "MULTIPOLYGON": "MultiPolygon"}
_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"


def geometry_of(text: str | None) -> dict[str, Any] | None:
    """The shape that a text says; `None` where it says none that can be read.

    >>> geometry_of("POINT (120.8 29.6)")
    {'type': 'Point', 'coordinates': [120.8, 29.6]}
    >>> geometry_of("POLYGON ((0 0, 1 0, 1 1, 0 0))")["coordinates"]
    [[[0, 0], [1, 0], [1, 1], [0, 0]]]
    >>> geometry_of("见图") is None
    True
    """
    if text is None:
        return None
    if text.lstrip().startswith("{"):
        try:
            shape = json.loads(text)
        except (json.JSONDecodeError, RecursionError):
            return None
        shape = shape.get("geometry", shape) if isinstance(shape, dict) else None
        return shape if isinstance(shape, dict) and "coordinates" in shape else None
    wkt = _WKT.match(text)
    if wkt is None:
        return None
    kind, body = wkt.group(1).upper(), wkt.group(2)
    pairs = re.sub(rf"({_NUMBER})\s+({_NUMBER})(?:\s+{_NUMBER})?", r"[\1, \2]", body)
    try:
        coordinates = json.loads(pairs.replace("(", "[").replace(")", "]"))
    except (json.JSONDecodeError, RecursionError):
        return None
    return {"type": _KINDS[kind], "coordinates": coordinates[0] if kind == "POINT" else coordinates}
