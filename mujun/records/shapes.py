"""Shapes of parcels as polygons on a plane: whether they can be drawn, in what they are measured, how large they are.

Coordinates are degrees (longitude, latitude) or metres of a plane survey; which of the two, their size says. Degrees
are laid on the plane that touches the earth at the shape: over a parcel it is exact to a few parts in a hundred
thousand, and over a county a map of it is as straight as a street map.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.numbers import round_decimal
from mujun.records.finding import Finding, finding_about
from mujun.records.geometry import geometry_of

Point = tuple[float, float]
Ring = tuple[Point, ...]
Polygon = tuple[Ring, ...]
"""An outer ring and the holes in it; no ring repeats its first point at its end."""

Unreadable = Literal["none", "point", "kind", "numbers", "ring", "swapped", "large"]
"""Why a text is no shape: it is neither GeoJSON nor WKT; it says where a parcel is, not its bounds; it is a line; a
coordinate is no number; a ring has fewer than three corners; latitude stands before longitude; it has more corners than
any parcel."""

MOST_CORNERS = 50_000

AREA_TOLERANCE = Decimal("0.02")
"""A shape's area and the area on record may differ by this share: a survey on another plane differs by less."""

MU = 2000 / 3
"""㎡ of a 亩."""


@dataclass(frozen=True)
class Shape:
    """A parcel's shape: one or several polygons, in degrees or in metres."""

    polygons: tuple[Polygon, ...]
    degrees: bool

    @property
    def area_m2(self) -> float:
        """Its area in ㎡, holes left out."""
        flat = self if not self.degrees else flattened(self, *middle(self))
        return sum(abs(_twice(p[0])) - sum(abs(_twice(h)) for h in p[1:]) for p in flat.polygons) / 2


def shape_of(text: str | None) -> Shape | Unreadable:
    """The shape that a text says, or why it says none.

    >>> shape_of("POLYGON ((0 0, 300 0, 300 200, 0 200, 0 0))").area_m2
    60000.0
    >>> shape_of("见图"), shape_of("POINT (120.8 29.6)"), shape_of("POLYGON ((0 0, 1 1, 0 0))")
    ('none', 'point', 'ring')
    """
    geometry = geometry_of(text)
    if geometry is None:
        return "none"
    kind, coordinates = geometry.get("type"), geometry["coordinates"]
    if kind == "Point":
        return "point"
    if kind not in ("Polygon", "MultiPolygon"):
        return "kind"
    try:
        given = [coordinates] if kind == "Polygon" else list(coordinates)
        polygons = tuple(tuple(_ring(ring) for ring in polygon) for polygon in given)
    except (TypeError, ValueError, IndexError, OverflowError):
        return "numbers"
    rings = [ring for polygon in polygons for ring in polygon]
    if not polygons or not all(polygons) or any(len(set(ring)) < 3 for ring in rings):
        return "ring"
    if sum(len(r) for r in rings) > MOST_CORNERS:
        return "large"
    points = [p for ring in rings for p in ring]
    # 73° to 136° east and 3° to 54° north is where China lies: there the two cannot be taken for each other.
    if all(3 <= x <= 54 and 73 <= y <= 136 for x, y in points):
        return "swapped"
    return Shape(polygons, all(abs(x) <= 180 and abs(y) <= 90 for x, y in points))


def middle(shape: Shape) -> Point:
    """The middle of the rectangle around a shape."""
    points = [p for polygon in shape.polygons for p in polygon[0]]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def flattened(shape: Shape, east: float, north: float) -> Shape:
    """A shape in metres east and north of a point; one in metres already is only moved there.

    The length of a degree is that of the ellipsoid of WGS 84, which CGCS2000 shares to a tenth of a millimetre.
    """
    if not shape.degrees:
        x_unit = y_unit = 1.0
    else:
        at = math.radians(north)
        y_unit = 111132.954 - 559.822 * math.cos(2 * at) + 1.175 * math.cos(4 * at)
        x_unit = 111412.84 * math.cos(at) - 93.5 * math.cos(3 * at) + 0.118 * math.cos(5 * at)
    polygons = tuple(
        tuple(tuple(((x - east) * x_unit, (y - north) * y_unit) for x, y in ring) for ring in polygon)
        for polygon in shape.polygons
    )
    return Shape(polygons, degrees=False)


def unreadable_text(why: Unreadable) -> str:
    """Why a text is no shape, as a clause in the language in force."""
    return messages.text(messages.key(f"shape_{why}"))


def shape_findings(parcels: pl.DataFrame) -> tuple[Finding, ...]:
    """What the shapes of parcels and the areas on record say of each other.

    Args:
        parcels: rows of the table `parcels`, with their places where these are known.

    Returns:
        Warnings, in the order of rows: `shape_area_differs` where they are further apart than `AREA_TOLERANCE`,
        `shape_without_record` where no area is on record. A shape that cannot be read was told when it was loaded.
    """
    return tuple(_checked(parcels.drop_nulls("geometry").sort("parcel").iter_rows(named=True)))


def _checked(rows: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    for row in rows:
        shape = shape_of(row["geometry"])
        if isinstance(shape, str):
            continue
        mu = round_decimal(Decimal(repr(shape.area_m2 / MU)), 2)
        recorded: Decimal | None = row["area_mu"]
        told = {"parcel": row["parcel"], "shape_mu": mu}
        if recorded is None or recorded <= 0:
            yield finding_about("shape_without_record", "parcels", row, "area_mu", values=told)
        elif abs(mu - recorded) > max(recorded * AREA_TOLERANCE, Decimal("0.01")):
            told |= {"recorded_mu": recorded, "percent": round_decimal((mu - recorded) * 100 / recorded, 1)}
            yield finding_about("shape_area_differs", "parcels", row, "geometry", mu, values=told)


def _ring(given: Any) -> Ring:
    points = tuple((float(p[0]), float(p[1])) for p in given)
    if not all(math.isfinite(c) for p in points for c in p):
        raise ValueError
    return points[:-1] if len(points) > 1 and points[0] == points[-1] else points


def _twice(ring: Ring) -> float:
    """Twice the area of a ring, positive where it runs against the clock."""
    # From its first corner on: of plane coordinates of seven digits the products would lose the last ones.
    (x0, y0), after = ring[0], (*ring[1:], ring[0])
    return math.fsum((a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0) for a, b in zip(ring, after, strict=True))
