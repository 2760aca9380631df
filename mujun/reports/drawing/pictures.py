"""Small pictures for pages as SVG: a waterfall, and a place among peers. Numbers in, the same bytes out."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from mujun.dataclass import dataclass

INK, QUIET, GOOD, BAD, MINE = "#1f2933", "#9aa5b1", "#2f6f9f", "#b4462f", "#c77700"
"""Colours that also differ when printed in grey."""


@dataclass(frozen=True)
class Bar:
    """A step of a waterfall: what it adds, what it could add at most (a light outline), and the note at its end."""

    label: str
    amount: float
    at_most: float | None = None
    note: str = ""
    total: bool = False


@dataclass(frozen=True)
class Measures:
    """How wide a waterfall and its parts are, in pixels of the size at which it is read."""

    width: int = 660
    label: int = 190
    note: int = 96
    font: int = 12


SHEET = Measures()
"""A waterfall as wide as the text of a page."""

PHONE = Measures(width=338, label=128, note=66, font=10)
"""A waterfall as wide as a phone."""


def waterfall(bars: Sequence[Bar], measures: Measures = SHEET, *, row: int = 22) -> Markup:
    """A horizontal waterfall: each bar begins where the one before ended; totals begin at zero.

    Args:
        bars: the steps from top to bottom.
        measures: how wide it is.
        row: the height of a step.
    """
    label, room = measures.label, measures.width - measures.label - measures.note
    reached = spread = 0.0
    ends: list[tuple[float, float]] = []
    low = 0.0
    for bar in bars:
        begin = 0.0 if bar.total else reached
        reached = bar.amount if bar.total else reached + bar.amount
        ends.append((begin, reached))
        spread = max(spread, reached, begin + (bar.at_most or 0.0))
        low = min(low, reached)
    scale = room / (spread - low) if spread > low else 0.0
    parts = [_open(measures.width, row * len(bars) + 6, measures.font)]
    for number, (bar, (begin, end)) in enumerate(zip(bars, ends, strict=True)):
        y = number * row + 3
        x0, x1 = label + (min(begin, end) - low) * scale, label + (max(begin, end) - low) * scale
        colour = INK if bar.total else GOOD if bar.amount >= 0 else BAD
        parts.append(_text(label - 8, y + row - 8, bar.label, "end"))
        if bar.at_most is not None and bar.at_most > bar.amount:
            outline = f'fill="none" stroke="{QUIET}" stroke-dasharray="2 2"'
            parts.append(_box(x0, y + 3, bar.at_most * scale, row - 8, outline))
        parts.append(_box(x0, y + 3, max(x1 - x0, 1), row - 8, f'fill="{colour}"'))
        beyond = max(x1, x0 + (bar.at_most or 0.0) * scale) if bar.at_most is not None else x1
        parts.append(_text(beyond + 6, y + row - 8, bar.note, "start"))
    parts.append("</svg>")
    return Markup("".join(parts))  # noqa: S704 - every text in it went through `escape`


def among_peers(
    bins: Sequence[int], edges: Sequence[float], value: float | None, *, width: int = 260, height: int = 46
) -> Markup:
    """How many peers lie where, and where this firm is: a histogram with a marked bin and a line.

    Args:
        bins: how many lie between two edges.
        edges: one more than bins.
        value: the firm's; beyond the edges it is marked at the end.
    """
    most = max(bins, default=0) or 1
    step = width / len(bins)
    parts = [_open(width, height)]
    mine = _bin_of(edges, len(bins), value)
    base = height - 4
    for number, count in enumerate(bins):
        tall = (base - 8) * count / most
        colour = MINE if number == mine else QUIET
        parts.append(_box(number * step + 0.5, base - tall, step - 1, tall, f'fill="{colour}"'))
    parts.append(f'<line x1="0" y1="{base}" x2="{width}" y2="{base}" stroke="{INK}" stroke-width="1"/>')
    if mine is not None:
        x = _n((mine + 0.5) * step)
        parts.append(f'<path d="M{x} {base} l-4 4 l8 0 z" fill="{INK}"/>')
        parts.append(f'<line x1="{x}" y1="2" x2="{x}" y2="{base}" stroke="{INK}" stroke-width="1"/>')
    parts.append("</svg>")
    return Markup("".join(parts))  # noqa: S704 - every text in it went through `escape`


def _bin_of(edges: Sequence[float], count: int, value: float | None) -> int | None:
    if value is None or count == 0:
        return None
    number = sum(value >= e for e in edges) - 1
    return min(max(number, 0), count - 1)


def _open(width: int, height: int, font: int = 12) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-size="{font}" preserveAspectRatio="xMinYMid meet">'
    )


def _box(x: float, y: float, width: float, height: float, look: str) -> str:
    return f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" {look}/>'


def _text(x: float, y: float, content: str, anchor: str) -> str:
    return f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}" fill="{INK}">{escape(content)}</text>'


def _n(number: float) -> str:
    """A coordinate at two decimals, the same on every machine."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
