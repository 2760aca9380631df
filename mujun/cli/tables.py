"""Plain tables for the terminal, aligned for Chinese and Latin text alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from mujun import messages


def table(head: str, rows: Iterable[Sequence[object]]) -> str:
    """Rows below a head whose columns are parted by tabs; numbers to the right, texts to the left."""
    titles = head.split("\t")
    cells = [["" if v is None else messages.show(v) for v in row] for row in rows]
    right = [all(_is_number(row[i]) for row in cells) and bool(cells) for i in range(len(titles))]
    widths = [max(width(line[i]) for line in (titles, *cells)) for i in range(len(titles))]
    lines = [_line(titles, widths, right), "  ".join("─" * w for w in widths)]
    return "\n".join([*lines, *(_line(row, widths, right) for row in cells)])


def width(text: str) -> int:
    """Columns that a text takes on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = [
        " " * (w - width(c)) + c if r else c + " " * (w - width(c))
        for c, w, r in zip(cells, widths, right, strict=True)
    ]
    return "  ".join(padded).rstrip()


def _is_number(text: str) -> bool:
    return text in ("", "—") or text.replace(".", "", 1).replace("-", "", 1).isdigit()
