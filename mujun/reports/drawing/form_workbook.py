"""Forms drawn as an Excel workbook: locked and open cells, drop-downs, notes, protection, printing.

The same forms give the same bytes. Text never becomes a formula, a link or a number.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from mujun.reports.drawing.forms import Cell, Entry, Form, Look, Paper
from mujun.reports.drawing.workbook_file import CELL_LIMIT, CREATED, cells_named, workbook_at

LAST_ROW = 1_048_575
"""Position of the last row that an Excel sheet has."""

_PAPERS = {"A3": 8, "A4": 9}
_NOTE_SCALE = 1.8

_PROPERTIES = {
    "font": "font_name", "size": "font_size", "bold": "bold", "colour": "font_color", "fill": "bg_color",
    "edged": "border", "edge": "border_color", "align": "align", "valign": "valign", "wrapped": "text_wrap",
    "numbers": "num_format",
}  # fmt: skip
"""xlsxwriter's names for what a `Look` says."""


def write_forms(path: str | Path, forms: Iterable[Form], *, title: str = "") -> Path:
    """Write forms as a workbook.

    Args:
        path: where to; an existing file is replaced, and stays as it was when writing fails.
        forms: the sheets in order.
        title: the document's title in its properties.

    Returns:
        The path.

    Raises:
        InputError: the file cannot be written.
    """
    with workbook_at(path) as book:
        book.set_properties({"title": title, "author": "mujun", "created": CREATED.replace(tzinfo=None)})
        looks = _Looks(book)
        for form in forms:
            _draw(book.add_worksheet(form.name), form, looks)
    return Path(path)


class _Looks:
    """The workbook's formats, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[Look, Any] = {}

    def of(self, look: Look | None) -> Any:
        if look is None:
            return None
        made = self._made.get(look)
        if made is None:
            wanted: dict[str, object] = {
                _PROPERTIES[name]: value
                for name, value in dataclasses.asdict(look).items()
                if value and name in _PROPERTIES
            }
            if look.open:
                wanted["locked"] = False
            made = self._made[look] = self._book.add_format(wanted)
        return made


def _draw(page: Any, form: Form, looks: _Looks) -> None:
    for i, column in enumerate(form.columns):
        page.set_column(i, i, column.width, looks.of(column.look))
    for at, row in enumerate(form.rows):
        if row.height is not None:
            page.set_row(at, row.height)
        i = 0
        for cell in row.cells:
            if cell is not None:
                _write(page, at, i, cell, looks.of(cell.look))
            i += cell.span if cell else 1
    if form.header is not None:
        _draw_table(page, form, form.header)
    if form.locked is not None:
        page.protect("", dict.fromkeys(form.locked, True))
    if form.paper:
        _set_up(page, form, form.paper)
    if form.active:
        page.activate()
    if form.hidden:
        page.hide()


def _write(page: Any, at: int, i: int, cell: Cell, style: Any) -> None:
    value = cell.value
    if cell.span > 1:
        page.merge_range(at, i, at, i + cell.span - 1, "", style)
    if value is None or value == "":
        page.write_blank(at, i, None, style)
    elif isinstance(value, str):
        page.write_string(at, i, value[:CELL_LIMIT], style)
    elif isinstance(value, date):
        page.write_datetime(at, i, value, style)
    else:
        page.write_number(at, i, float(value) if isinstance(value, Decimal) else value, style)
    if cell.note:
        page.write_comment(at, i, cell.note[:CELL_LIMIT], {"x_scale": _NOTE_SCALE})
    if cell.entry:
        page.data_validation(at, i, at, i, _allowed(cell.entry))


def _draw_table(page: Any, form: Form, header: int) -> None:
    """What holds for the table as a whole: what may be entered in a column, filters, what stays in sight."""
    last = header + max(form.body, 1)
    for i, column in enumerate(form.columns):
        if column.entry:
            page.data_validation(header + 1, i, LAST_ROW if form.endless else last, i, _allowed(column.entry))
    codes = [i for i, column in enumerate(form.columns) if column.codes]
    if codes:
        # Codes are texts on purpose: no green corners.
        page.ignore_errors({"number_stored_as_text": cells_named(codes, header + 1, last)})
    if form.fixed is not None:
        page.freeze_panes(header + 1, form.fixed)
    if form.filtered:
        page.autofilter(header, 0, last, form.filtered - 1)


def _allowed(entry: Entry) -> dict[str, object]:
    """xlsxwriter's words for what may be entered."""
    rule: dict[str, object] = {"ignore_blank": True}
    if entry.choices:
        rule.update(validate="list", source=list(entry.choices))
    elif entry.least is not None:
        rule.update(validate="decimal", criteria=">=", value=entry.least)
    elif entry.days:
        rule.update(validate="date", criteria="between", minimum=entry.days[0], maximum=entry.days[1])
    elif entry.after:
        rule.update(validate="date", criteria=">", value=entry.after)
    elif entry.longest is not None:
        rule.update(validate="length", criteria="<=", value=entry.longest)
    if entry.title:
        rule["error_title"] = entry.title
    if entry.hint:
        rule["error_message"] = entry.hint
    if entry.warns:
        rule["error_type"] = "warning"
    return rule


def _set_up(page: Any, form: Form, paper: Paper) -> None:
    if paper.upright:
        page.set_portrait()
    else:
        page.set_landscape()
    if paper.size:
        page.set_paper(_PAPERS[paper.size])
    page.fit_to_pages(1, 0)
    rows, columns = paper.repeated
    if rows and form.header is not None:
        page.repeat_rows(form.header)
    if columns:
        page.repeat_columns(0, columns - 1)
    if paper.columns and form.header is not None:
        page.print_area(0, 0, form.header + max(form.body, 1), paper.columns - 1)
    if paper.margins:
        left, right, top, bottom = paper.margins
        page.set_margins(left=left, right=right, top=top, bottom=bottom)
    if paper.footer:
        page.set_footer(paper.footer)
