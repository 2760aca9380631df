"""What the form of records says is wrong with them: merged figures, and cells more or fewer than the header has."""

from __future__ import annotations

import polars as pl

from mujun.records.cell_troubles import WRONG_WIDTH, rows_of_wrong_width
from mujun.records.readings.blocks import Area
from mujun.records.readings.rows import Rows
from mujun.records.readings.taking import Feed
from mujun.records.sheets import Sheet
from mujun.records.typed import TROUBLE, Troubles


def merge_troubles(sheet: Sheet, rows: Rows, feed: Feed) -> Troubles | None:
    """Figures merged over several records or columns: what each of them has cannot be told."""
    if not (rows.merged or rows.across):
        return None
    field_of = {c: t.field for t in feed.taken for c in t.columns}
    at = {i: n for n, i in enumerate(rows.body["_i"].to_list())}
    troubles: list[tuple[int, str, str, str | None]] = []
    for c, top, bottom in rows.merged:
        if c not in field_of or _one_firm(rows, feed, top, bottom):
            continue
        span = f"{sheet.rows[top]}–{sheet.rows[bottom]}"
        troubles += [(at[i], field_of[c].name, "merged_figure", span) for i in range(top, bottom + 1) if i in at]
    for i, left, right in rows.across:
        figures = [c for c in range(left, right + 1) if c in field_of and field_of[c].kind == "quantity"]
        if i in at and figures and any(c in field_of for c in range(left, right + 1) if c != figures[0]):
            troubles.append((at[i], field_of[figures[0]].name, "merged_across", None))
    if not troubles:
        return None
    columns = list(TROUBLE)
    return pl.DataFrame(sorted(set(troubles), key=lambda x: x[:3]), schema=TROUBLE, orient="row").select(columns)


def _one_firm(rows: Rows, feed: Feed, top: int, bottom: int) -> bool:
    """Whether merged rows are all of one firm, of which the figure counts once: no table with many rows per firm."""
    code = feed.by_field.get("credit_code")
    if code is None or feed.table.many:
        return False
    whose = rows.body.filter(pl.col("_i").is_between(top, bottom))[f"c{code.index}"]
    return whose.null_count() == 0 and whose.n_unique() == 1


def width_troubles(sheet: Sheet, area: Area, rows: Rows, feed: Feed) -> Troubles | None:
    """Records of a text file with more or fewer cells than its header: no figure of them stands where it should."""
    if not sheet.marks.counts:
        return None
    positions = rows.body["_i"].to_list()
    wrong = set(rows_of_wrong_width(sheet, area.header.after, positions))
    if not wrong:
        return None
    counts = sheet.marks.counts
    wide = [(n, f"{counts[p]} {counts[area.header.after - 1]}") for n, p in enumerate(positions) if p in wrong]
    key = next(k for k in (*feed.table.key, "name") if k in feed.by_field and k != "year")
    told = pl.DataFrame(wide, schema={"_at": pl.Int64, "detail": pl.String}, orient="row")
    return told.select("_at", field=pl.lit(key), code=pl.lit(WRONG_WIDTH), detail="detail")
