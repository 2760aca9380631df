"""A chart as one object, drawn as SVG for pages and as PNG for Word.

The specification is Altair's, drawn by vl-convert on this machine: nothing is fetched, and the same data give the same
bytes. Both come with the extra `papers`; only this module and the specifications know them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import field
from decimal import Decimal
from functools import cache
from typing import Any
from xml.etree import ElementTree

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.reports.drawing.colours import INK, QUIET

FONTS = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, SimHei, WenQuanYi Zen Hei, sans-serif"
"""Fonts with Chinese characters as systems have them; the first that is there is taken."""

HOVER = "_said"
"""A column of a chart's data whose text is shown when a mark is pointed at, and read out."""

ROWS = "rows"
"""What a specification calls the rows that it draws: they join it as they are, last of all."""

_SVG = "http://www.w3.org/2000/svg"
_SCALE = 2.5
"""Pixels per point of a PNG: 240 dots an inch at the width of a page."""


@dataclass(frozen=True)
class Chart:
    """A chart.

    Attributes:
        name: what its file is called.
        title: what it shows, as a sentence with figures.
        basis: of what: units, how many, the day of the data.
        how: how it is to be read.
        data: the rows that it draws.
        draw: the specification, from the rows as plain values.
    """

    name: str
    title: str
    basis: str
    how: str
    data: pl.DataFrame = field(repr=False)
    draw: Callable[[list[dict[str, Any]]], Any] = field(repr=False)


def svg(chart: Chart) -> str:
    """A chart as an SVG element that stands in a page.

    Raises:
        UsageError: the extra `papers` is not installed.
    """
    _, convert = _libraries()
    return _with_titles(convert.vegalite_to_svg(_specification(chart)), chart)


def png(chart: Chart) -> bytes:
    """A chart as a PNG.

    Raises:
        UsageError: the extra `papers` is not installed, or this machine has no font with Chinese characters.
    """
    _, convert = _libraries()
    if not has_chinese_font():
        raise UsageError(problem("chart_no_font"))
    drawn: bytes = convert.vegalite_to_png(_specification(chart), scale=_SCALE)
    return drawn


def plain_rows(data: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows as a specification takes them: decimals as numbers; what is no number is missing."""
    return [{n: _plain(v) for n, v in row.items()} for row in data.iter_rows(named=True)]


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _specification(chart: Chart) -> dict[str, Any]:
    rows = plain_rows(chart.data)
    drawn = chart.draw(rows)
    made: dict[str, Any] = (
        drawn.configure(font=FONTS, background="white", padding=4)
        .configure_axis(
            labelColor=INK,
            titleColor=INK,
            titleFontWeight="normal",
            labelFontSize=12,
            titleFontSize=12,
            gridColor="#E4E7EB",
            domainColor=QUIET,
            tickColor=QUIET,
            labelLimit=200,
        )
        .configure_legend(labelColor=INK, titleColor=INK, titleFontWeight="normal", labelFontSize=12, titleFontSize=12)
        .configure_view(stroke=None)
        .configure_text(fontSize=11)
        .to_dict(validate=False)
    )
    # Thousands of rows would be looked at one by one if Altair had them.
    made.setdefault("datasets", {})[ROWS] = rows
    return made


def _with_titles(drawn: str, chart: Chart) -> str:
    """The SVG with a title at every mark that says something, which browsers show when it is pointed at."""
    for prefix, address in (("", _SVG), ("xlink", "http://www.w3.org/1999/xlink")):
        ElementTree.register_namespace(prefix, address)
    root = ElementTree.fromstring(drawn)  # noqa: S314 - drawn here a moment ago
    width, height = root.get("width", ""), root.get("height", "")
    root.attrib.pop("width", None), root.attrib.pop("height", None)
    root.set("style", f"width:100%;max-width:{width}px;height:auto")
    root.set("viewBox", f"0 0 {width} {height}")
    root.set("role", "img")
    root.set("aria-label", chart.title)
    for mark in root.iter():
        hover = mark.get("aria-label")
        if hover is not None and mark is not root and mark.get("role") == "graphics-symbol" and not len(mark):
            title = ElementTree.Element(f"{{{_SVG}}}title")
            title.text = hover
            mark.append(title)
    return ElementTree.tostring(root, encoding="unicode")


@cache
def has_chinese_font() -> bool:
    """Whether Chinese characters are drawn: without a font for them all look the same."""
    altair, convert = _libraries()

    def drawn(character: str) -> bytes:
        made = altair.Chart(altair.Data(values=[{"t": character}])).mark_text(fontSize=30).encode(text="t:N")
        picture: bytes = convert.vegalite_to_png(made.configure(font=FONTS).to_dict())
        return picture

    return drawn("亩") != drawn("均")


@cache
def _libraries() -> tuple[Any, Any]:
    """Altair and vl-convert.

    Raises:
        UsageError: they are not installed.
    """
    try:
        import altair
        import vl_convert
    except ImportError as error:
        raise UsageError(problem("papers_extra_missing", library=error.name)) from error
    return altair, vl_convert


def altair() -> Any:
    """The library that specifications are written in.

    Raises:
        UsageError: it is not installed.
    """
    return _libraries()[0]
