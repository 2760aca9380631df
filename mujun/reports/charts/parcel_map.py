"""The map of parcels (一张图): polygons without tiles, coloured by tier or by tax per mu, each naming its firms.

It is drawn here as SVG and not by a specification: a parcel is a path and a title, which is small enough for a county
on one page, and which of the two colours is shown the reader chooses without a script. Page, workbench and picture are
made from the same object. No coordinate leaves the page: what is drawn is metres from the map's own corner.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property
from itertools import pairwise
from typing import Literal

import polars as pl
from markupsafe import Markup, escape

from mujun.dataclass import dataclass
from mujun.records.shapes import Point, Polygon, Shape, Unreadable, flattened, middle, shape_of
from mujun.reports.county.wording import amount
from mujun.reports.drawing.colours import INK, OFF_LADDER, QUIET, tier_marks

MAP_SCHEMA: dict[str, pl.DataType] = {
    "parcel": pl.String(),
    "township": pl.String(),
    "area_mu": pl.Decimal(18, 6),
    "names": pl.String(),
    "codes": pl.List(pl.String()),
    "tier": pl.String(),
    "tiers": pl.String(),
    "tax_per_mu": pl.Float64(),
    "problems": pl.Int64(),
    "problem_kinds": pl.String(),
    "path": pl.String(),
    "geometry": pl.String(),
}
"""A parcel to be drawn: as the census has it, with the codes of its firms and the tier of the one with most land."""

DRAWN = 10_000
"""Parcels that a browser draws with ease; of more the largest are drawn."""

SHADES = ("#D3E4F3", "#A3C8E4", "#68A5D1", "#2F78B5", "#0B4A86")
"""From little tax per mu to much."""

EMPTY = "#FFFFFF"
MARKED = "#B3261E"
"""The edge of the parcel that a map is about."""
WIDTH = 960
LEGEND = 34.0
"""Height of the strip above the map that says what the colours are."""

By = Literal["tier", "tax"]


class Shapes:
    """Shapes by their texts, each read once."""

    def __init__(self) -> None:
        self._read: dict[str, Shape | Unreadable] = {}

    def of(self, text: str) -> Shape | Unreadable:
        """The shape that a text says, or why it says none."""
        if text not in self._read:
            self._read[text] = shape_of(text)
        return self._read[text]


@dataclass(frozen=True)
class ParcelMap:
    """Parcels on a plane.

    Attributes:
        parcels: columns as in `MAP_SCHEMA`; those without a shape are counted and not drawn.
        ladder: the tiers, best first.
        place: what the map is of, its year and the day of its data, as charts say it.
        ratio: what is shown beside tiers: its label and its unit.
        outlines: shapes of townships by name, in the text of their file; none where the county gave none.
        read: the shapes that were read already, which several maps of one county share.
        at_most: how many parcels are drawn, the largest; `DRAWN` unless told.
        marked: the number of the parcel that the map is about, drawn with a thick edge; none by default.
    """

    parcels: pl.DataFrame = field(repr=False)
    ladder: tuple[str, ...] = ()
    place: str = ""
    ratio: tuple[str, str] = ("亩均税收", "万元/亩")
    outlines: Mapping[str, str] = field(default_factory=dict, repr=False)
    read: Shapes = field(default_factory=Shapes, repr=False)
    at_most: int | None = None
    marked: str = ""

    @cached_property
    def rows(self) -> pl.DataFrame:
        """The parcels that are drawn, the largest where there are too many, by number; `shade` 0 to 4."""
        drawn = self._with_shape.sort("area_mu", "parcel", descending=[True, False], nulls_last=True).head(self._most)
        shades = [_shade(v, self.breaks) for v in drawn["tax_per_mu"]]
        return drawn.with_columns(pl.Series("shade", shades, dtype=pl.Int64)).sort("parcel")

    @property
    def _most(self) -> int:
        return DRAWN if self.at_most is None else self.at_most

    @cached_property
    def _with_shape(self) -> pl.DataFrame:
        given = self.parcels.filter(pl.col("geometry").is_not_null())
        readable = [not isinstance(self.read.of(text), str) for text in given["geometry"]]
        return given.filter(pl.Series(readable, dtype=pl.Boolean))

    @cached_property
    def breaks(self) -> tuple[float, ...]:
        """Where one shade ends and the next begins: fifths of the parcels that have a value; none of fewer than ten."""
        values = self._with_shape["tax_per_mu"].drop_nulls().sort()
        if values.len() < 10:
            return ()
        fifths = [values[values.len() * k // 5] for k in (1, 2, 3, 4)]
        return tuple(dict.fromkeys(float(v) for v in fifths))

    def around(self, parcel: str, metres: float) -> ParcelMap:
        """The map of one parcel and its neighbours.

        Args:
            parcel: its number.
            metres: how far from the rectangle around it that around a neighbour may begin.

        Returns:
            A map with that parcel marked; without any parcel where it has no shape.
        """
        mine = self._with_shape.filter(pl.col("parcel") == parcel)
        shape = self.read.of(mine["geometry"][0]) if mine.height else None
        if not isinstance(shape, Shape):
            return replace(self, parcels=self.parcels.clear(), marked=parcel)
        of = middle(shape)
        left, low, right, high = _box(flattened(shape, *of))
        near = []
        for text in self._with_shape["geometry"]:
            other = self.read.of(text)
            if not isinstance(other, Shape) or other.degrees != shape.degrees:
                near.append(False)
                continue
            west, south, east, north = _box(flattened(other, *of))
            aside, above = max(west - right, left - east), max(south - high, low - north)
            near.append(max(aside, above) <= metres)
        return replace(self, parcels=self._with_shape.filter(pl.Series(near, dtype=pl.Boolean)), marked=parcel)

    @property
    def title(self) -> str:
        """What it shows, as a sentence with figures."""
        worst, mine = self.ladder[-1] if self.ladder else "", self._with_shape
        sentence = f"有图形的地块 {mine.height} 宗，共 {amount(mine['area_mu'].sum() or 0)} 亩"
        bad = mine.filter(pl.col("tier") == worst)
        if not worst:
            return sentence + "。"
        if bad.is_empty():
            return f"{sentence}，其中没有 {worst} 档企业的地块。"
        sentence += f"，其中 {worst} 档企业的 {bad.height} 宗、{amount(bad['area_mu'].sum() or 0)} 亩"
        towns = bad.drop_nulls("township").group_by("township").agg(pl.col("area_mu").sum())
        if towns.height > 1:
            town, area = towns.sort("area_mu", "township", descending=[True, False]).row(0)
            sentence += f"，最多的是{town}，{amount(area)} 亩"
        return sentence + "。"

    @property
    def basis(self) -> str:
        """Of what it is."""
        return f"{self.place}，{self.rows.height} 宗地块；面积是登记面积"

    @property
    def how(self) -> str:
        """How it is read, and what is not on it."""
        label, unit = self.ratio
        sentence = (
            f"一块是一宗地，颜色是地块上用地最多的企业的档次；也可选按{label}（{unit}）看，颜色越深越高，"
            "是地块上全部企业合计之比，分成家数相等的五段。指到地块上可见企业、档次、问题和整治方式。"
        )
        if without := self.parcels.height - self._with_shape.height:
            sentence += f"另有 {without} 宗没有图形，没有画出。"
        if more := self._with_shape.height - self.rows.height:
            sentence += f"地块多，画出面积最大的 {self._most} 宗，{more} 宗没有画出。"
        return sentence

    def svg(self, by: By = "tier") -> Markup:
        """The map as an SVG element; empty where no parcel has a shape.

        Args:
            by: which colours are shown at first; a page that has inputs with the ids `map-tier` and `map-tax` before
                it changes them.
        """
        if self.rows.is_empty():
            return Markup("")
        flat, east, north, scale, height = self._plane()
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="pm" role="img" viewBox="0 0 {WIDTH} {height:.0f}" '
            f'aria-label="{escape(self.title)}"><style>{self._style(by)}</style>',
            *self._legends(),
        ]
        parts += [f'<path class="o" d="{_path(o.polygons, east, north, scale)}"/>' for o in flat[1].values()]
        drawn = list(zip(self.rows.iter_rows(named=True), flat[0], strict=True))
        # The marked one last: no neighbour's edge lies over its own.
        for row, shape in sorted(drawn, key=lambda d: d[0]["parcel"] == self.marked):
            classes = f"{self._tier_class(row)} x{row['shade']}" if row["shade"] is not None else self._tier_class(row)
            classes += " m" if row["parcel"] == self.marked else ""
            path = _path(shape.polygons, east, north, scale)
            parts.append(f'<path class="{classes}" d="{path}"><title>{escape(self.hover(row))}</title></path>')
        for name, x, y in [*((n, *_top([o])) for n, o in flat[1].items())] or self._towns(flat[0]):
            parts.append(_label(name, (x - east) * scale, (north - y) * scale + LEGEND - 5))
        parts.append(_scale_bar(scale, height))
        # Every text above is escaped where it is put in.
        return Markup("\n".join([*parts, "</svg>"]))  # noqa: S704

    def hover(self, row: Mapping[str, object]) -> str:
        """What a parcel says when it is pointed at."""
        label, unit = self.ratio
        told = [
            f"{row['parcel']}　{row['township'] or '—'}　{amount(row['area_mu'])} 亩",
            str(row["names"] or "无企业"),
        ]
        if row["tiers"]:
            told.append(f"档次 {row['tiers']}")
        if row["tax_per_mu"] is not None:
            told.append(f"{label} {amount(row['tax_per_mu'])} {unit}")
        if row["problems"]:
            told.append(
                f"未销号问题 {row['problems']} 件" + (f"：{row['problem_kinds']}" if row["problem_kinds"] else "")
            )
        if row["path"]:
            told.append(f"整治方式 {row['path']}")
        return "；".join(told)

    def _repr_html_(self) -> str:
        return str(self.svg())

    # ----------------------------------------------------------------------------------------------------- the plane

    def _plane(self) -> tuple[tuple[list[Shape], dict[str, Shape]], float, float, float, float]:
        """Parcels and outlines in metres, the west and north edge, pixels of a metre, and the height of the map."""
        shapes = [shape for text in self.rows["geometry"] if isinstance(shape := self.read.of(text), Shape)]
        east, north = middle(shapes[len(shapes) // 2])
        parcels = [flattened(s, east, north) for s in shapes]
        read = {name: self.read.of(text) for name, text in self.outlines.items()}
        outlines = {
            name: flattened(s, east, north)
            for name, s in read.items()
            if isinstance(s, Shape) and s.degrees == shapes[0].degrees
        }
        points = [p for s in (*parcels, *outlines.values()) for polygon in s.polygons for p in polygon[0]]
        left, right = min(x for x, _ in points), max(x for x, _ in points)
        low, high = min(y for _, y in points), max(y for _, y in points)
        # Room for the name above the northernmost township.
        margin = max(right - left, high - low, 1.0) * 0.03
        wide, tall = right - left + 2 * margin, high - low + 2 * margin
        scale = min(WIDTH / wide, WIDTH * 1.1 / tall)
        # A tall map stands in the middle of the page's width.
        west = (left + right) / 2 - WIDTH / scale / 2
        return (parcels, outlines), west, high + margin, scale, tall * scale + LEGEND

    def _towns(self, shapes: Sequence[Shape]) -> list[tuple[str, float, float]]:
        """Each township and the point above its parcels."""
        of: dict[str, list[Shape]] = {}
        for town, shape in zip(self.rows["township"], shapes, strict=True):
            if town:
                of.setdefault(town, []).append(shape)
        return [(town, *_top(mine)) for town, mine in of.items()]

    # ------------------------------------------------------------------------------------------------------- colours

    def _tier_class(self, row: Mapping[str, object]) -> str:
        if row["tier"] in self.ladder:
            return f"t{self.ladder.index(str(row['tier']))}"
        return "tn" if row["codes"] else "te"

    def _style(self, by: By) -> str:
        tiers = [f".t{i}{{fill:{c}}}" for i, c in enumerate(tier_marks(self.ladder).values())]
        shades = [f".x{i}{{fill:{c}}}" for i, c in enumerate(SHADES)]
        plain = (
            f".pm text{{font-family:'Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif;fill:{INK};"
            f"font-size:13px}}.pm path{{stroke:{INK};stroke-width:.25;fill:{OFF_LADDER}}}.pm .te{{fill:{EMPTY}}}"
            f".pm .o{{fill:none;stroke:{QUIET};stroke-width:1}}"
            + (f".pm .m{{stroke:{MARKED};stroke-width:3}}" if self.marked else "")
            + ".pm .n{paint-order:stroke;stroke:#fff;stroke-width:3px;font-weight:600;pointer-events:none}"
        )
        if by == "tax":
            return plain + _shaded(shades, "") + ".pm .lt{display:none}"
        chosen = "#map-tax:checked~.map "
        changed = f"{chosen}.pm .lt{{display:none}}{chosen}.pm .lx{{display:inline}}"
        return plain + "".join(f".pm {r}" for r in tiers) + ".pm .lx{display:none}" + _shaded(shades, chosen) + changed

    def _legends(self) -> Iterator[str]:
        tiers = [(f"t{i}", f"{t} 档") for i, t in enumerate(self.ladder)]
        yield _legend("lt", [*tiers, ("tn", "没有档次"), ("te", "没有企业")])
        edges = [amount(b) for b in self.breaks]
        ends = [*(f"低于 {e}" for e in edges[:1]), *(f"{a} 至 {b}" for a, b in pairwise(edges))]
        ends += [f"{e} 及以上" for e in edges[-1:]]
        label, unit = self.ratio
        shown = [(f"x{i}", text) for i, text in enumerate(ends)] or [("x2", label)]
        yield _legend("lx", [*shown, ("te", "没有数")], f"{label}（{unit}）")


def _shade(value: float | None, breaks: Sequence[float]) -> int | None:
    if value is None:
        return None
    return sum(value >= b for b in breaks) if breaks else 2


def _shaded(shades: Iterable[str], within: str) -> str:
    """Paths by tax per mu: white where there is none."""
    white = f"{within}.pm path.te,{within}.pm path.tn,{within}.pm path[class^=t]{{fill:{EMPTY}}}"
    return white + "".join(f"{within}.pm path{rule}" for rule in shades)


def _legend(name: str, entries: Iterable[tuple[str, str]], title: str = "") -> str:
    parts, x = [], 4.0
    if title:
        parts.append(f'<text x="{x}" y="18">{escape(title)}</text>')
        x += 13.5 * len(title)
    for kind, text in entries:
        parts.append(
            f'<path class="{kind}" d="M{x:.0f} 7h13v13h-13z"/><text x="{x + 18:.0f}" y="18">{escape(text)}</text>'
        )
        x += 34 + sum(13.0 if ord(c) > 255 else 7.5 for c in text)
    return f'<g class="{name}">{"".join(parts)}</g>'


def _top(shapes: Iterable[Shape]) -> Point:
    """The point above some shapes: their middle from west to east, and how far north they reach."""
    points = [p for s in shapes for polygon in s.polygons for p in polygon[0]]
    xs = [x for x, _ in points]
    return (min(xs) + max(xs)) / 2, max(y for _, y in points)


def _box(shape: Shape) -> tuple[float, float, float, float]:
    """The rectangle around a shape: west, south, east, north."""
    points = [p for polygon in shape.polygons for p in polygon[0]]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _label(text: str, x: float, y: float) -> str:
    return f'<text class="n" x="{x:.0f}" y="{y:.0f}" text-anchor="middle">{escape(text)}</text>'


def _scale_bar(scale: float, height: float) -> str:
    """A bar of a round length, about a sixth of the map's width."""
    metres = WIDTH / scale / 6
    unit = 10 ** math.floor(math.log10(metres))
    long = next(unit * k for k in (5, 2, 1) if unit * k <= metres)
    text = f"{long / 1000:g} 公里" if long >= 1000 else f"{long:g} 米"
    x, y = WIDTH - long * scale - 12, height - 10
    return (
        f'<path d="M{x:.1f} {y - 5:.1f}v5h{long * scale:.1f}v-5" style="fill:none;stroke-width:1.2"/>'
        f'<text x="{x:.1f}" y="{y - 9:.1f}">{text}</text>'
    )


def _path(polygons: Iterable[Polygon], east: float, north: float, scale: float) -> str:
    """Rings as one path: outer ones against the clock, holes with it, so that holes stay open."""
    parts = []
    for polygon in polygons:
        for i, ring in enumerate(polygon):
            turned = ring if (_signed(ring) > 0) == (i == 0) else ring[::-1]
            drawn = [f"{(x - east) * scale:.1f} {(north - y) * scale + LEGEND:.1f}" for x, y in turned]
            parts.append(f"M{'L'.join(drawn)}z")
    return "".join(parts)


def _signed(ring: Sequence[Point]) -> float:
    return math.fsum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))
