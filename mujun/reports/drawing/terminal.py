"""Plain tables for a terminal, aligned for Chinese and Latin text alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache

from mujun import messages

GAP = "  "


def width(text: str) -> int:
    """Columns that a text takes on a terminal: a Chinese character or full-width mark takes two, an accent none.

    >>> width("A 类"), width("亩均税收"), width("（元）")
    (4, 8, 6)
    """
    return sum(_width_of(c) for c in text)


@cache
def _width_of(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fitted(text: str, columns: int) -> str:
    """A text cut to at most `columns`, with … where something is missing.

    >>> fitted("示例纺织有限公司", 9), fitted("短", 9)
    ('示例纺织…', '短')
    """
    if width(text) <= columns:
        return text
    kept, used = "", 0
    for character in text:
        if used + _width_of(character) > columns - 1:
            break
        kept += character
        used += _width_of(character)
    return kept + "…"


def text_table(
    titles: Sequence[str], rows: Iterable[Sequence[object]], *, widest: int | None = None, total: bool = False
) -> str:
    """Rows below their titles; columns of numbers to the right, texts to the left.

    Args:
        titles: a title per column.
        rows: the cells; `None` shows as nothing, numbers as `messages.show` writes them.
        widest: texts longer than this many columns are cut.
        total: whether the last row is a total, parted from the others by a line.

    >>> print(text_table(("档次", "家数"), [("A", 8), ("未定档", 12)]))
    档次    家数
    ──────  ────
    A          8
    未定档    12
    """
    given = [list(row) for row in rows]
    cells = [[_shown(v, widest) for v in row] for row in given]
    right = [_numbers([row[i] for row in given]) for i in range(len(titles))]
    widths = [max(width(line[i]) for line in (titles, *cells)) for i in range(len(titles))]
    rule = GAP.join("─" * w for w in widths)
    lines = [_line(titles, widths, right), rule, *(_line(row, widths, right) for row in cells)]
    if total and len(cells) > 1:
        lines.insert(len(lines) - 1, rule)
    return "\n".join(lines)


def _shown(value: object, widest: int | None) -> str:
    if value is None:
        return ""
    plain = " ".join(messages.show(value).split())
    return plain if widest is None else fitted(plain, widest)


def _numbers(values: Sequence[object]) -> bool:
    """Whether a column holds numbers; a dash stands for one that is missing."""
    counted = [v for v in values if v is not None and v not in ("", "—")]
    return bool(counted) and all(isinstance(v, (int, float, Decimal)) or _is_number(str(v)) for v in counted)


def _is_number(text: str) -> bool:
    return text.removesuffix("%").replace(",", "").replace(".", "", 1).removeprefix("-").isdigit()


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = [
        " " * (w - width(c)) + c if r else c + " " * (w - width(c))
        for c, w, r in zip(cells, widths, right, strict=True)
    ]
    return GAP.join(padded).rstrip()
