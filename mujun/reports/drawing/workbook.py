"""Sheets drawn as an Excel workbook: cells, formats, widths, page set-up. Forms to fill in are `form_workbook`'s.

The same sheets give the same bytes: nothing of the day or the machine goes into the file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import Place, UsageError, problem
from mujun.reports.drawing.bars import draw_bars
from mujun.reports.drawing.colours import OFF_LADDER, tier_fills
from mujun.reports.drawing.rows_at_once import Cells, can_be_written, rows_xml
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text
from mujun.reports.drawing.styles import BODY, Styles, number_format
from mujun.reports.drawing.terminal import width
from mujun.reports.drawing.workbook_file import (
    CELL_LIMIT,
    CREATED,
    cells_named,
    format_number,
    put_rows,
    text_places,
    workbook_at,
)
from mujun.steps import step

ROW_LIMIT = 1_048_576
"""Rows an Excel sheet has."""

MANY = 100
"""Rows from which on a table is written at once, not cell by cell."""

LIST_SEPARATOR = "；"

_A4 = 9
_PAGED = 70
"""Per cent at which a chart is as wide as an upright page."""
_WIDEST, _WIDEST_WRAPPED = 34.0, 46.0
_LINE = 14.5
_SAMPLE = 20_000
"""Rows whose cells settle a column's width."""


def write_workbook(
    path: str | Path, sheets: Iterable[Sheet], *, created: date | None = None, footer: str = "", title: str = ""
) -> Path:
    """Write sheets as a workbook.

    Args:
        path: where to; an existing file is replaced, and stays as it was when writing fails.
        sheets: the sheets in order.
        created: the day the file says it was made; a fixed one by default, so that equal content gives equal bytes.
        footer: what the bottom left of every page says.
        title: the document's title in its properties.

    Returns:
        The path.

    Raises:
        UsageError: a table has more rows than an Excel sheet.
        InputError: the file cannot be written.
    """
    chosen = list(sheets)
    for sheet in chosen:
        rows = sum(t.rows.height for t in sheet.tables)
        if rows + 100 > ROW_LIMIT:
            raise UsageError(problem("workbook_too_many_rows", Place(file=str(path)), sheet=sheet.name, rows=rows))
    stamp = datetime(created.year, created.month, created.day, tzinfo=UTC) if created else CREATED
    with workbook_at(path) as book:
        book.set_properties({"title": title, "author": "mujun", "created": stamp.replace(tzinfo=None)})
        styles = Styles(book)
        for sheet in chosen:
            _draw(book, sheet, styles, footer)
    return Path(path)


# -------------------------------------------------------------------------------------------------------------- drawing


@dataclass(frozen=True)
class _Drawn:
    """Where a table stands: its header row, its last row, and how many columns it has."""

    header: int
    last: int
    columns: int


def _draw(book: Any, sheet: Sheet, styles: Styles, footer: str) -> None:
    page = book.add_worksheet(tab_name(sheet.name))
    step("step_sheet", name=sheet.name)
    columns = max((len(t.columns) for t in sheet.tables), default=6)
    widths = _widths(sheet, columns)
    for i, w in enumerate(widths):
        folded = sheet.behind and sheet.printed is not None and i >= sheet.printed
        page.set_column(i, i, w, None, {"level": 1, "hidden": True} if folded else {})
    if sheet.behind and sheet.printed is not None and sheet.printed < columns:
        page.set_column(columns, columns, None, None, {"collapsed": True})
    at = _draw_title(page, sheet, styles, widths)
    drawn: list[_Drawn] = []
    breaks: list[int] = []
    for part in sheet.parts:
        if sheet.paged and drawn and isinstance(part, Table):
            breaks.append(at)
        if isinstance(part, Text):
            at = _draw_text(page, part, at, styles, widths)
        else:
            placed = _draw_table(page, part, at, styles, widths, sheet.tiers)
            drawn.append(placed)
            at = placed.last + 1
            if part.chart is not None and part.rows.height:
                at = draw_bars(book, page, part, part.chart, (placed.header, placed.last))
        at += 0 if sheet.alone else 1
    _set_up(page, sheet, drawn, columns, at, footer)
    if sheet.paged:
        # Excel heeds breaks only where it does not fit pages itself.
        page.set_print_scale(_PAGED)
        page.set_h_pagebreaks(breaks)


def tab_name(name: str) -> str:
    """A sheet's name as Excel allows it."""
    return "".join(c for c in name if c not in r"[]:*?/\'")[:31] or "Sheet"


def _draw_title(page: Any, sheet: Sheet, styles: Styles, widths: Sequence[float]) -> int:
    at = 0
    if sheet.title:
        if sheet.alone:
            page.write_string(at, 0, sheet.title, styles.title())
        else:
            _across(page, at, sheet.title, styles.front_title(), widths)
        page.set_row(at, 30)
        at += 1
    for tone, line in ((("warning", sheet.trial),) if sheet.trial else ()) + tuple(("quiet", s) for s in sheet.lines):
        if sheet.alone:
            # Beside frozen columns nothing is merged: the text runs on over the empty cells.
            page.write_string(
                at, 0, line, styles.of(**{"font_color": "#C00000"} if tone == "warning" else {"font_color": "#595959"})
            )
        else:
            _across(page, at, line, styles.line(tone), widths)
            page.set_row(at, _height(line, sum(widths)))
        at += 1
    return at if sheet.alone else at + (1 if at else 0)


def _across(page: Any, at: int, text: str, style: Any, widths: Sequence[float]) -> None:
    """A text over the whole width of the sheet."""
    if len(widths) > 1:
        page.merge_range(at, 0, at, len(widths) - 1, "", style)
    page.write_string(at, 0, text[:CELL_LIMIT], style)


def _height(text: str, columns: float) -> float:
    lines = sum(max(1, math.ceil(width(line) * 1.06 / max(columns, 1))) for line in text.split("\n"))
    return _LINE * lines + 3


def _draw_text(page: Any, part: Text, at: int, styles: Styles, widths: Sequence[float]) -> int:
    if part.caption:
        page.write_string(at, 0, part.caption, styles.caption())
        page.set_row(at, 20)
        at += 1
    for line in part.lines:
        _across(page, at, line, styles.line(part.tone), widths)
        page.set_row(at, _height(line, sum(widths)))
        at += 1
    return at


def _draw_table(
    page: Any, table: Table, at: int, styles: Styles, widths: Sequence[float], ladder: Sequence[str]
) -> _Drawn:
    if table.caption:
        page.write_string(at, 0, table.caption, styles.caption())
        page.set_row(at, 20)
        at += 1
    header = at
    tallest = 1
    for i, column in enumerate(table.columns):
        header_text = broken(column.header, widths[i])
        page.write_string(at, i, header_text, styles.header())
        tallest = max(tallest, _header_lines(header_text, widths[i]))
    page.set_row(at, max(20, _LINE * tallest + 4))
    _draw_rows(page, table, header + 1, styles, widths, tier_fills(ladder))
    last = header + table.rows.height
    texts = [i for i, c in enumerate(table.columns) if c.shape in ("text", "texts", "tier")]
    if texts and table.rows.height:
        # Codes are texts on purpose: no green corners.
        page.ignore_errors({"number_stored_as_text": cells_named(texts, header + 1, last)})
    return _Drawn(header, last, len(table.columns))


def _lines(table: Table, widths: Sequence[float]) -> list[int]:
    """Lines that each row takes for its longest wrapped text."""
    needed = pl.Series([1] * table.rows.height, dtype=pl.Int64)
    for i, column in enumerate(table.columns):
        if column.wrapped and table.rows.height:
            texts = _columns_taken(as_texts(table.rows[column.name])) * 0.97 / (widths[i] - 1.5)
            lines = texts.ceil().cast(pl.Int64).fill_null(1)
            needed = pl.select(pl.max_horizontal(needed, lines).alias("n"))["n"]
    return needed.to_list()


def _columns_taken(texts: pl.Series) -> pl.Series:
    """The width of every text: in UTF-8 a Chinese character takes three bytes and two columns, a Latin one and one."""
    chars, size = texts.str.len_chars().cast(pl.Float64), texts.str.len_bytes().cast(pl.Float64)
    return chars + (size - chars) / 2


def broken(header: str, columns: float) -> str:
    """A header that does not fit its column, with the unit on a line of its own.

    >>> broken("亩均税收（万元/亩）", 12), broken("用地（亩）", 12)
    ('亩均税收\\n（万元/亩）', '用地（亩）')
    """
    name, bracket, unit = header.rpartition("（")
    if width(header) + 1 <= columns or not name or not unit.endswith("）"):
        return header
    return f"{name}\n{bracket}{unit}"


def _header_lines(header: str, columns: float) -> int:
    """Lines a header takes: Excel breaks Chinese anywhere."""
    return sum(math.ceil((width(line) * 1.05 + 0.5) / max(columns - 0.5, 1)) for line in header.split("\n"))


def _draw_rows(
    page: Any, table: Table, first: int, styles: Styles, widths: Sequence[float], fills: dict[str, str]
) -> None:  # fmt: skip
    """The rows of a table: few of them cell by cell, many at once."""
    totals = table.rows[table.totals].fill_null(value=False).to_list() if table.totals else [False] * table.rows.height
    heights = [_LINE * n + 2 if n > 1 else None for n in _lines(table, widths)]
    columns = [(c, _values(table.rows[c.name], c)) for c in table.columns]
    linked = any(c.to_sheet for c in table.columns)
    at_once = (
        table.rows.height >= MANY and table.chart is None and not linked and all(can_be_written(v) for _, v in columns)
    )
    if at_once:
        cells = [_cells(page, v, _looks(v, c, styles, totals, fills)) for c, v in columns]
        put_rows(page, range(first, first + table.rows.height), len(columns), rows_xml(cells, first, heights))
        return
    for row, height in enumerate(heights, start=first):
        if height is not None:
            page.set_row(row, height)
    for i, (column, values) in enumerate(columns):
        write = _writer(page, column)
        for row, (value, style) in enumerate(
            zip(values.to_list(), _styles(values, column, styles, totals, fills), strict=True), start=first
        ):
            if value is None:
                page.write_blank(row, i, None, style)
            else:
                write(row, i, value, style)


def _cells(page: Any, values: pl.Series, looks: pl.Series) -> Cells:
    """A column of cells to be written at once."""
    texts = values.dtype == pl.String
    return Cells(text_places(page, values) if texts else values, looks, texts)


def _looks(
    values: pl.Series, column: Column, styles: Styles, totals: Sequence[bool], fills: dict[str, str]
) -> pl.Series:
    """The number of each cell's format: one is asked for per kind of cell, where it comes first."""
    told = column.shape in ("tier", "verdict")
    value = values.cast(pl.String) if told else pl.repeat(None, values.len(), dtype=pl.String, eager=True)
    kinds = pl.DataFrame({"total": totals, "value": value}, schema_overrides={"total": pl.Boolean})
    first = kinds.unique(maintain_order=True)
    chosen = _styles(first["value"], column, styles, first["total"].to_list(), fills)
    numbers = first.with_columns(pl.Series("number", [format_number(s) for s in chosen], dtype=pl.Int16))
    return kinds.join(numbers, on=["total", "value"], how="left", nulls_equal=True, maintain_order="left")["number"]


def _styles(
    values: pl.Series, column: Column, styles: Styles, totals: Sequence[bool], fills: dict[str, str]
) -> Iterator[Any]:
    """The format of each cell of a column."""
    plain, bold = styles.cell(column, total=False), styles.cell(column, total=True)
    if column.shape not in ("tier", "verdict") or (column.shape == "tier" and not fills):
        yield from (bold if total else plain for total in totals)
        return
    coloured = {t: styles.cell(column, total=False, tier_fill=f) for t, f in fills.items()}
    off = styles.cell(column, total=False, tier_fill=OFF_LADDER) if column.shape == "tier" else plain
    for value, total in zip(values.to_list(), totals, strict=True):
        if value is None:
            yield bold if total else plain
        elif column.shape == "tier":
            yield bold if total else coloured.get(str(value), off)
        else:
            yield (
                styles.cell(column, total=total, red=True) if str(value).startswith("不") else bold if total else plain
            )


def _writer(page: Any, column: Column) -> Callable[[int, int, Any, Any], Any]:
    if column.to_sheet:
        return lambda row, at, name, style: page.write_url(row, at, f"internal:'{tab_name(name)}'!A1", style, name)
    if column.shape in ("number", "percent", "whole"):
        write_number: Callable[[int, int, Any, Any], Any] = page.write_number
        return write_number
    if column.shape == "date":
        write_date: Callable[[int, int, Any, Any], Any] = page.write_datetime
        return write_date
    write_text: Callable[[int, int, Any, Any], Any] = page.write_string
    return write_text


def _values(cells: pl.Series, column: Column) -> pl.Series:
    """A column's cells as they are written: numbers, dates, or texts that fit a cell; empty ones are missing."""
    if column.shape in ("number", "percent", "whole"):
        if cells.dtype.is_integer() or cells.dtype == pl.Null:
            return cells
        # A number that is none is an empty cell.
        floats = cells.cast(pl.Float64)
        return floats.to_frame("v").select(pl.when(pl.col("v").is_finite()).then("v")).to_series()
    if column.shape == "date":
        return cells
    texts = as_texts(cells).str.slice(0, CELL_LIMIT)
    return texts.to_frame("v").select(pl.when(pl.col("v") != "").then("v")).to_series()


def as_texts(cells: pl.Series) -> pl.Series:
    """A column as a reader sees it: lists joined by ；, booleans as 是 and 否."""
    if isinstance(cells.dtype, pl.List):
        return cells.cast(pl.List(pl.String)).list.join(LIST_SEPARATOR, ignore_nulls=True)
    if cells.dtype == pl.Boolean:
        return cells.cast(pl.String).replace({"true": "是", "false": "否"})
    return cells.cast(pl.String)


# --------------------------------------------------------------------------------------------------------------- widths


def _widths(sheet: Sheet, columns: int) -> list[float]:
    widths = [6.0] * columns
    for table in sheet.tables:
        for i, column in enumerate(table.columns):
            widths[i] = max(widths[i], column.width or _width_of(column, table.rows[column.name]))
    if not sheet.alone:
        # Texts between tables want room.
        widths = [max(w, 9.0) for w in widths]
    return widths


def _width_of(column: Column, cells: pl.Series) -> float:
    """A width by content: what the cells need, and enough for the header on at most three lines."""
    content = _content_width(column, cells.head(_SAMPLE))
    name, _, unit = column.header.rpartition("（")
    # A unit stands on one line, a name on at most three.
    header = max(width(name or unit) / 3 + 1, min(width(name or unit), 8.0), width(unit) + 1.0 if name else 0.0)
    widest = _WIDEST_WRAPPED if column.wrapped else _WIDEST
    around = 3.2 if column.shape in ("text", "texts") else 2.2
    return round(min(max(content, header) + around, widest), 1)


def _content_width(column: Column, cells: pl.Series) -> float:
    if cells.null_count() == cells.len():
        return 0.0
    if column.shape in ("number", "percent", "whole"):
        finite = cells.cast(pl.Float64).drop_nulls()
        finite = finite.filter(finite.is_finite())
        largest = float(finite.abs().max() or 0)  # type: ignore[arg-type]
        negative = bool((finite < 0).any())
        digits = len(f"{int(largest):,}") if number_format(column).startswith("#") else len(str(int(largest)))
        places = 4 if column.shape == "percent" else (column.places or 0) + (1 if column.places else 0)
        return digits + places + negative
    if column.shape == "date":
        return 10.0
    return float(_columns_taken(as_texts(cells).drop_nulls()).max() or 0)  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------------------------- page set-up


def _set_up(page: Any, sheet: Sheet, drawn: list[_Drawn], columns: int, end: int, footer: str) -> None:
    page.set_paper(_A4)
    if sheet.portrait:
        page.set_portrait()
    else:
        page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.5, right=0.5, top=0.75, bottom=0.7)
    page.center_horizontally()
    trial = _plain(sheet.trial)
    # A space ends the size: a title may begin with a digit.
    small = f'&"{BODY}"&9 '
    page.set_header(f"&L{small}{_plain(sheet.title or sheet.name)}&R{small}{trial}")
    page.set_footer(f"&L{small}{_plain(footer)}&C{small}第 &P 页，共 &N 页&R{small}{_plain(sheet.name)}")
    if sheet.alone and drawn:
        table = drawn[0]
        page.freeze_panes(table.header + 1, sheet.fixed)
        page.repeat_rows(table.header)
        page.autofilter(table.header, 0, max(table.last, table.header + 1), table.columns - 1)
    else:
        page.hide_gridlines(2)
    printed = min(sheet.printed or columns, columns)
    if printed < columns:
        page.print_area(0, 0, max(end - 1, 0), printed - 1)


def _plain(text: str) -> str:
    """A text in a page header: & begins a code there. Excel takes 255 characters in all."""
    return text[:60].replace("&", "&&")
