"""A table of many rows with Excel's habits: sort, filter, pin, copy, export what is shown.

The rows go to the browser as one answer of this server, not over the page's socket: fifty thousand of them are there in
a moment, and the grid draws only those that are looked at.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
from nicegui import ui
from nicegui.events import GenericEventArguments

from mujun import messages
from mujun.dataclass import dataclass
from mujun.messages import MessageKey
from mujun.workbench.view import View

NUMBERS = ("number", "whole")


@dataclass(frozen=True)
class Shown:
    """A column of a grid: which of the rows' columns, how it is called, and how it behaves.

    Attributes:
        name: the rows' column.
        label: its header.
        width: in pixels; by its kind where none is given.
        pinned: whether it stays while others are scrolled.
        kind: `text`, `number` or `whole`; by the values where none is given.
        colours: a background for some of its values.
        wrapped: whether long texts take several lines.
        money: whether it is an amount: two decimals, all digits where it is pointed at.
    """

    name: str
    label: str
    width: int | None = None
    pinned: bool = False
    kind: str | None = None
    colours: Mapping[str, str] | None = None
    wrapped: bool = False
    money: bool = False


def grid(
    view: View,
    rows: pl.DataFrame,
    columns: Sequence[Shown],
    *,
    file: str,
    on_open: Callable[[dict[str, Any]], Any] | None = None,
    look: str = "grid-tall",
    several: bool = False,
) -> ui.aggrid:
    """A grid over rows.

    Args:
        view: the page.
        rows: the rows; columns that none shows are at hand in `on_open`.
        columns: what is shown, from the left.
        file: what an export of it is called, without ending.
        on_open: is told the row that was clicked, or on which Enter was pressed.
        look: how tall it is: a class of the style sheet.
        several: whether rows can be ticked.

    Returns:
        The grid; `get_selected_rows` gives those ticked.
    """
    key = view.desk.offer_table(rows, as_json, view.person.name)
    options: dict[str, Any] = {
        "defaultColDef": {"sortable": True, "resizable": True, "filter": True, "minWidth": 70, **_WHOLE_HEADERS},
        "columnDefs": [_definition(c, rows) for c in columns],
        "rowData": [],
        "enableCellTextSelection": True,
        "ensureDomOrder": True,
        "suppressDragLeaveHidesColumns": True,
        "animateRows": False,
        "localeText": _locale(),
        "loading": True,
        "enableBrowserTooltips": True,
    }
    if several:
        options["rowSelection"] = {"mode": "multiRow", "selectAll": "filtered"}
    with ui.row().classes("wide items-center").style("gap: 12px"):
        count = ui.label(messages.text("grid_count", count=rows.height)).classes("quiet")
        count.mark("rows of the grid")
        ui.space()
        search = ui.input(placeholder=messages.text("grid_search")).props("dense outlined clearable debounce=250")
        search.props(f'aria-label="{messages.text("grid_search")}"')
        save = ui.button(messages.text("grid_save"), icon="download").props("flat dense no-caps")
    made = ui.aggrid(options, theme="quartz", auto_size_columns=False).classes(look)
    made.offered = key  # type: ignore[attr-defined]
    search.on_value_change(lambda e: made.run_grid_method("setGridOption", "quickFilterText", e.value or ""))
    save.on_click(lambda: made.run_grid_method("exportDataAsCsv", {"fileName": f"{file}.csv"}))
    made.on("gridReady", lambda: ui.run_javascript(_FETCH % (json.dumps(f"/rows/{key}"), made.id)), args=[])
    if on_open is not None:
        opens = on_open

        def opened(event: GenericEventArguments) -> Any:
            place = event.args.get("data", {}).get("_at")
            return opens(rows.row(int(place), named=True)) if place is not None else None

        handle = view.handler(opened)
        made.on("cellClicked", handle, args=["data"])
        made.on("cellKeyDown", handle, args=["data"], js_handler=_ENTER)
        made.classes("cursor-pointer")
    return made


_FETCH = """
fetch(%s).then(r => r.json()).then(d => {
  const rows = d.rows.map((r, at) => { const o = {_at: at}; d.columns.forEach((c, i) => o[c] = r[i]); return o; });
  const api = getElement(%d).api;
  api.setGridOption('rowData', rows);
  api.setGridOption('loading', false);
});
"""
_ENTER = "(e) => { if (e.event && e.event.key === 'Enter') emit({data: e.data}); }"


NAMES = ("name", "holder")
"""Columns of names, which stand whole: on two lines, in a column wide enough for the longest."""

_TWO_LINES = {"lineHeight": "1.25", "height": "100%", "alignContent": "center", "whiteSpace": "normal"}
"""Two lines of the grid's type in a row of usual height, without measuring each row."""


def _width_for(texts: pl.Series) -> int:
    """Pixels in which the longest of some names stands on two lines; no more than a phone's column may take.

    >>> _width_for(pl.Series(["嵊州市示例丝绸服饰有限责任公司第二分公司甲乙丙丁"]))
    224
    >>> _width_for(pl.Series(["Wx"] * 3)), _width_for(pl.Series([], dtype=pl.String))
    (64, 0)
    """
    # A Chinese character has three bytes and is as wide as its type; a Latin one has one and is about half as wide.
    letters, octets = texts.str.len_chars().cast(pl.Float64), texts.str.len_bytes().cast(pl.Float64)
    chinese = (octets - letters) / 2
    wide = (chinese + (letters - chinese) * 0.56).max()
    # Some room for where a line breaks.
    return min(300, round(42 + (float(str(wide)) / 2 + 1) * 14)) if wide is not None else 0


def _definition(column: Shown, rows: pl.DataFrame) -> dict[str, Any]:
    dtype = rows.schema.get(column.name)
    kind = column.kind or ("number" if dtype is not None and dtype.is_numeric() else "text")
    made: dict[str, Any] = {"field": column.name, "headerName": column.label}
    if kind in NUMBERS:
        made |= {"type": "numericColumn", "filter": "agNumberColumnFilter", "cellDataType": "number"}
        made[":valueFormatter"] = _AMOUNT if column.money else _FIGURE
        if column.money:
            made[":tooltipValueGetter"] = _ALL_DIGITS
        made["width"] = column.width or 130
    else:
        made |= {"filter": "agTextColumnFilter", "cellDataType": "text", "width": column.width or 150}
        made["tooltipField"] = column.name
    if column.name in NAMES and not column.wrapped and dtype == pl.String():
        made |= {"width": max(made["width"], _width_for(rows[column.name]))}
        made |= {"wrapText": True, "cellStyle": _TWO_LINES}
    if column.pinned:
        made["pinned"] = "left"
    if column.wrapped:
        made |= {"wrapText": True, "autoHeight": True, "cellStyle": {"lineHeight": "1.6", "padding": "6px 12px"}}
    if column.colours:
        known = json.dumps(dict(column.colours), ensure_ascii=False)
        made[":cellStyle"] = f"p => ({{backgroundColor: ({known})[p.value] || 'inherit'}})"
    return made


def as_json(rows: pl.DataFrame) -> bytes:
    """Rows as the browser takes them: numbers as numbers, lists and days as texts."""
    plain = list(zip(*(_plain_column(column) for column in rows.iter_columns()), strict=True))
    return json.dumps({"columns": rows.columns, "rows": plain}, ensure_ascii=False, separators=(",", ":")).encode()


def _plain_column(column: pl.Series) -> list[Any]:
    """What `_plain` gives of each value; of the usual kinds all at once, which takes a tenth of the time."""
    match column.dtype:
        case pl.String() | pl.Enum():
            return column.to_list()
        case dtype if dtype.is_integer():
            return column.to_list()
        case pl.Decimal(scale=scale):
            # Below 2⁵³ of its smallest part, Polars divides two whole numbers that are exact: the float of Python.
            largest = column.abs().max()
            if not isinstance(largest, Decimal) or largest < Decimal(2**53).scaleb(-scale):
                return column.cast(pl.Float64()).to_list()
        case dtype if dtype.is_float():
            return column.to_frame().select(pl.when(pl.first().is_finite()).then(pl.first())).to_series().to_list()
        case pl.Date():
            return column.dt.strftime("%Y-%m-%d").to_list()
        case _:
            pass
    return [_plain(value) for value in column]


def _plain(value: object) -> object:
    if value is None or isinstance(value, (str, int)):
        return messages.text("grid_yes" if value else "grid_no") if isinstance(value, bool) else value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return messages.show(value)


_AMOUNT = (
    "p => p.value == null ? '' : p.value.toLocaleString('zh-CN', {minimumFractionDigits: 2, maximumFractionDigits: 2})"
)
_ALL_DIGITS = "p => p.value == null ? null : String(p.value)"
_FIGURE = "p => p.value == null ? '' : p.value.toLocaleString('zh-CN', {maximumFractionDigits: 4})"

_WHOLE_HEADERS = {"wrapHeaderText": True, "autoHeaderHeight": True}
"""A header that is longer than its column takes several lines: cut off, two of them can look the same."""

_WORDS = (
    "noRowsToShow",
    "loadingOoo",
    "filterOoo",
    "equals",
    "notEqual",
    "lessThan",
    "greaterThan",
    "lessThanOrEqual",
    "greaterThanOrEqual",
    "inRange",
    "inRangeStart",
    "inRangeEnd",
    "contains",
    "notContains",
    "startsWith",
    "endsWith",
    "blank",
    "notBlank",
    "andCondition",
    "orCondition",
    "pinColumn",
    "pinLeft",
    "pinRight",
    "noPin",
    "autosizeThisColumn",
    "autosizeAllColumns",
    "resetColumns",
    "sortAscending",
    "sortDescending",
    "sortUnSort",
    "selectAll",
    "columnFilter",
    "chooseColumns",
    "copy",
    "applyFilter",
    "resetFilter",
)
"""Words of the grid itself, each `grid_ag_<word>` of the catalogue."""


def _locale() -> dict[str, str]:
    return {word: messages.text(_key(word)) for word in _WORDS}


def _key(word: str) -> MessageKey:
    plain = "".join(f"_{c.lower()}" if c.isupper() else c for c in word)
    return messages.key(f"grid_ag_{plain}")
