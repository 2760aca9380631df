"""Where the parcels lie: a map layer of polygons whose areas are those on record, and the outlines of townships.

Nothing of it is surveyed: townships stand in a made-up ring, parcels in streets beside each other.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from random import Random

from .land import Land, Parcel
from .places import COUNTY_NAME, TOWNSHIPS

PARCELS = "2022/18_自然资源局_2022年工业地块图形.geojson"
OUTLINES = "镇街界线.geojson"
EAST, NORTH = 120.83, 29.60
"""The middle of the map, in degrees."""

GAP, ROAD = 8.0, 24.0
"""Metres between two parcels and between two rows of them."""

_LATITUDE = 110_861.0
_LONGITUDE = 96_881.0
"""Metres of a degree at 29.6° north, on the ellipsoid of WGS 84."""

Point = tuple[float, float]
Ring = list[Point]


def write(land: Land, folder: Path) -> list[Path]:
    """Write the layer of parcels and the one of townships below a folder; the paths written."""
    parcels = {town: _streets(town, land) for town in TOWNSHIPS}
    places = _places({town: _extent(found) for town, found in parcels.items()})
    drawn: dict[str, list[Ring]] = {}
    outlines = []
    for town, rings_of in parcels.items():
        drawn |= {p.code: [_placed(r, *places[town]) for r in rings] for p, rings in rings_of}
        outlines.append(_feature({"镇街": town}, [_placed(_around(rings_of), *places[town])]))
    features = [_feature({"宗地号": code}, drawn[code]) for code in sorted(drawn)]
    return [
        _layer(folder / PARCELS, f"{COUNTY_NAME}工业地块（合成数据）", features),
        _layer(folder / OUTLINES, f"{COUNTY_NAME}镇街界线（合成数据）", outlines),
    ]


def _streets(town: str, land: Land) -> list[tuple[Parcel, list[Ring]]]:
    """A township's parcels side by side in rows, around its own middle, in metres."""
    number = f"{list(TOWNSHIPS).index(town) + 1:03d}"
    mine = sorted((p for p in land.parcels if p.code[6:9] == number), key=lambda p: p.code)
    rng = Random(f"shapes:{town}")
    wide = math.sqrt(sum(p.m2 for p in mine)) * 1.25
    made, x, y, depth = [], 0.0, 0.0, 0.0
    for parcel in mine:
        height = math.sqrt(parcel.m2 * rng.uniform(0.6, 1.5))
        width = parcel.m2 / height
        if x and x + width > wide:
            x, y, depth = 0.0, y + depth + ROAD, 0.0
        made.append((parcel, _rings(x, y, width, height, rng.random())))
        x, depth = x + width + GAP, max(depth, height)
    return made


def _rings(x: float, y: float, width: float, height: float, kind: float) -> list[Ring]:
    """A rectangle of that area; one in eight is bent, one in sixty has a yard in it that is not its own."""
    if kind < 1 / 60:
        # The yard takes a ninth of the ground, which the parcel makes up for in width.
        width *= 9 / 8
        yard = [(x + width * i / 3, y + height * j / 3) for i, j in ((1, 1), (1, 2), (2, 2), (2, 1))]
        return [_box(x, y, width, height), yard]
    if kind < 1 / 8:
        # A corner of a quarter of the width and half the height is missing: an eighth of the ground.
        width *= 8 / 7
        cut, half = x + width * 3 / 4, y + height / 2
        return [[(x, y), (x + width, y), (x + width, half), (cut, half), (cut, y + height), (x, y + height)]]
    return [_box(x, y, width, height)]


def _box(x: float, y: float, width: float, height: float) -> Ring:
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


def _extent(found: list[tuple[Parcel, list[Ring]]]) -> tuple[float, float, float, float]:
    points = [p for _, rings in found for p in rings[0]]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _around(found: list[tuple[Parcel, list[Ring]]]) -> Ring:
    """A township's outline: an eight-cornered line around its parcels."""
    left, low, right, high = _extent(found)
    out = 180.0
    left, low, right, high = left - out, low - out, right + out, high + out
    c = min(right - left, high - low) / 5
    return [
        (left + c, low), (right - c, low), (right, low + c), (right, high - c),
        (right - c, high), (left + c, high), (left, high - c), (left, low + c),
    ]  # fmt: skip


def _places(extents: dict[str, tuple[float, float, float, float]]) -> dict[str, tuple[float, float, float]]:
    """Of each township the metres by which it is moved, and the angle by which it is turned.

    The first stands in the middle, five around it, the others in a second ring.
    """
    size = max(max(e[2] - e[0], e[3] - e[1]) for e in extents.values()) + 700
    places = {}
    for i, (town, (left, low, right, high)) in enumerate(extents.items()):
        ring, place, many = (0, 0, 1) if i == 0 else (1, i - 1, 5) if i < 6 else (2, i - 6, len(extents) - 6)
        turn = 2 * math.pi * place / many + 0.35 * ring
        middle = (left + right) / 2, (low + high) / 2
        x, y = 0.88 * ring * size * math.cos(turn), 0.88 * ring * size * math.sin(turn)
        places[town] = (x - middle[0], y - middle[1], Random(f"turn:{town}").uniform(-0.12, 0.12))
    return places


def _placed(ring: Ring, east: float, north: float, turn: float) -> Ring:
    """A ring in degrees, closed."""
    turned = [
        (x * math.cos(turn) - y * math.sin(turn) + east, x * math.sin(turn) + y * math.cos(turn) + north)
        for x, y in ring
    ]
    points = [(round(EAST + x / _LONGITUDE, 7), round(NORTH + y / _LATITUDE, 7)) for x, y in turned]
    return [*points, points[0]]


def _feature(properties: dict[str, str], rings: list[Ring]) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": rings}}


def _layer(path: Path, name: str, features: list[dict[str, object]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(_lines(name, features)) + "\n", encoding="utf-8")
    return path


def _lines(name: str, features: list[dict[str, object]]) -> Iterator[str]:
    yield '{"type": "FeatureCollection", "name": ' + json.dumps(name, ensure_ascii=False) + ', "features": ['
    for i, feature in enumerate(features):
        end = "," if i < len(features) - 1 else ""
        yield json.dumps(feature, ensure_ascii=False, separators=(",", ":")) + end
    yield "]}"
