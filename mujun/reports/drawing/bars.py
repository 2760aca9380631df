"""Native charts of a workbook: bars over the cells of a table, which stay linked to them."""

from __future__ import annotations

from typing import Any

from mujun.reports.drawing.sheets import Bars, Table

ROW_PIXELS, BAR_PIXELS, FRAME_PIXELS = 20, 26, 170
WIDTH_PIXELS = 760


def draw_bars(book: Any, page: Any, table: Table, chart: Bars, rows: tuple[int, int]) -> int:
    """Draw a chart below its table and say which row is free then.

    Args:
        book, page: the workbook and its sheet.
        table: the table.
        chart: how it is drawn.
        rows: the row of the table's header and its last row, from 0.
    """
    header, last = rows
    names = [c.name for c in table.columns]
    made = book.add_chart({"type": "bar", "subtype": "percent_stacked"} if chart.stacked else {"type": "bar"})
    category = names.index(chart.category)
    for name, colour in chart.values.items():
        at = names.index(name)
        made.add_series(
            {
                # The header without its unit: in a legend it would be broken over lines.
                "name": table.columns[at].header.partition("（")[0],
                "categories": [page.name, header + 1, category, last, category],
                "values": [page.name, header + 1, at, last, at],
                "fill": {"color": colour},
                "gap": 40,
            }
        )
    made.set_title({"name": chart.title, "name_font": {"size": 12, "bold": True}, "overlay": False})
    # The first row of the table stands at the top, as it does in the table.
    made.set_y_axis({"reverse": True, "num_font": {"size": 9}})
    made.set_x_axis({"major_gridlines": {"visible": True, "line": {"color": "#E4E7EB"}}, "num_font": {"size": 9}})
    made.set_legend({"position": "bottom"} if len(chart.values) > 1 else {"none": True})
    height = FRAME_PIXELS + BAR_PIXELS * table.rows.height * (1 if chart.stacked else len(chart.values))
    made.set_size({"width": WIDTH_PIXELS, "height": height})
    page.insert_chart(last + 2, 0, made, {"description": chart.title})
    return int(last + 3 + height // ROW_PIXELS)
