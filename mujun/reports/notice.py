"""A rule set's document drawn for a terminal or as one page of HTML that prints well and pastes into Word or WPS."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mujun.messages import language
from mujun.reports.drawing.terminal import GAP, width
from mujun.rules.document import Document, Heading, Paragraph, Table

COLUMNS = 100
"""Columns of a terminal that a table may take."""
NARROWEST = 6
"""Columns below which no column of a table is squeezed."""

_NO_LINE_START = "，。；：、！？）」』”’%"


# ---------------------------------------------------------------------------------------------------------------- text


def notice_text(document: Document, columns: int = COLUMNS) -> str:
    """A document as text, aligned for Chinese and Latin text alike.

    Args:
        document: what `mujun.rules.showing.show_rules` gives.
        columns: how wide a line may be; cells are wrapped to it.
    """
    lines = [document.title, "═" * min(width(document.title), columns)]
    for part in document.parts:
        lines.append("")
        if isinstance(part, Heading):
            lines += [part.text, "─" * min(width(part.text), columns)] if part.level == 1 else [part.text]
        elif isinstance(part, Paragraph):
            lines += wrapped(part.text, columns)
        else:
            lines += _table_lines(part, columns)
    return "\n".join(lines) + "\n"


def _table_lines(table: Table, columns: int) -> Iterator[str]:
    if table.caption:
        caption = f"【{table.caption}】" if language() == "zh" else f"[{table.caption}]"
        yield from wrapped(caption, columns)
    rows = [table.titles, *table.rows]
    natural = [max(width(row[i]) for row in rows) for i in range(len(table.titles))]
    widths = _squeezed(natural, columns - len(GAP) * (len(natural) - 1))
    if sum(widths) + len(GAP) * (len(widths) - 1) > columns:
        # So many columns have no room side by side: each row is a sentence.
        for row in table.rows:
            pairs = (f"{t} {c}" for t, c in zip(table.titles, row, strict=True) if c not in ("", "—"))
            yield from wrapped("；".join(pairs), columns)
        return
    for number, row in enumerate(rows):
        cells = [wrapped(cell, w) for cell, w in zip(row, widths, strict=True)]
        for line in range(max(len(c) for c in cells)):
            parts = [c[line] if line < len(c) else "" for c in cells]
            yield GAP.join(p + " " * (w - width(p)) for p, w in zip(parts, widths, strict=True)).rstrip()
        if number == 0:
            yield GAP.join("─" * w for w in widths)


def _squeezed(natural: Sequence[int], room: int) -> list[int]:
    """Widths that fit: the widest columns give way first."""
    widths = list(natural)
    while sum(widths) > room:
        widest = max(range(len(widths)), key=lambda i: widths[i])
        if widths[widest] <= NARROWEST:
            break
        widths[widest] -= 1
    return widths


def wrapped(text: str, columns: int) -> list[str]:
    """A text in lines of at most `columns`; a Chinese text breaks anywhere but before a closing mark, Latin text and
    formulas at spaces.

    >>> wrapped("实际用地不少于3亩，或规模为规上", 12)
    ['实际用地不少', '于3亩，或规', '模为规上']
    >>> wrapped("division in ('34', '35')", 18)
    ["division in ('34',", "'35')"]
    """
    lines, line, used = [], "", 0
    for piece in re.findall(r"[!-~]+|.", text, flags=re.DOTALL):
        for part in _broken(piece, columns):
            # A closing mark hangs over rather than begin a line.
            taken = width(part)
            full = used + taken > columns and line and part not in _NO_LINE_START
            if full or (part in _NO_LINE_START and used + taken > columns + 2):
                lines.append(line.rstrip())
                line, used = "", 0
            if line or part != " ":
                line, used = line + part, used + taken
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _broken(piece: str, columns: int) -> list[str]:
    """A word that is longer than a line, in pieces."""
    if len(piece) <= columns:
        return [piece]
    return [piece[i : i + columns] for i in range(0, len(piece), columns)]


# ---------------------------------------------------------------------------------------------------------------- page

# Borders stand at every cell: Word and WPS take inline styles over and drop style sheets.
_CELL = "border:1px solid #000;padding:4px 6px;vertical-align:top"
_HEAD = f"{_CELL};background:#eee;text-align:left;white-space:nowrap"


def notice_html(document: Document) -> str:
    """A document as one page of HTML, without anything from elsewhere; every text is escaped.

    Args:
        document: what `mujun.rules.showing.show_rules` gives.
    """
    from mujun.reports.drawing.page import page

    parts = [{"kind": type(p).__name__, **vars(p)} for p in document.parts]
    return page("rules.html", document.title, parts=parts, head=_HEAD, body=_CELL)
