"""How a table of a sheet was understood, column by column and row by row, to be shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from mujun.records.cells import without_blanks
from mujun.records.readings.blocks import Area
from mujun.records.readings.file_totals import own_total, raw
from mujun.records.readings.model import BlockRead, ColumnRead, Note, RowRead, Use
from mujun.records.readings.questions import Asking
from mujun.records.readings.rows import Rows
from mujun.records.readings.taking import Feed, Looked, Taken
from mujun.records.sheets import Sheet
from mujun.writing.cell_names import column_letters


def texts_at(sheet: Sheet, rows: Sequence[int], lo: int = 0, hi: int | None = None) -> list[str]:
    """The texts of some rows, each once in its row."""
    return [t for r in rows for t in dict.fromkeys(sheet.texts(r)[lo:hi]) if t]


def block_of(
    sheet: Sheet,
    area: Area,
    rows: Rows,
    looked: Looked,
    asking: Asking,
    feeds: Sequence[Feed],
    lost: Sequence[str],
    notes: Sequence[Note],
) -> BlockRead:
    """A table of a sheet as it was understood.

    Args:
        sheet, area, rows: the table and its rows.
        looked: its header.
        asking: its questions.
        feeds: what it gives to which tables.
        lost: the headers of columns that hold something and are not taken.
        notes: what was understood how, besides what its columns show.
    """
    header = area.header
    keys = [f.by_field["credit_code"].index for f in feeds if "credit_code" in f.by_field]
    numbers = rows.body["_row"]
    positions = rows.body["_i"]
    hidden = (
        [int(n) for n, i in zip(numbers, positions, strict=True) if i in sheet.marks.hidden_rows]
        if sheet.marks.hidden_rows
        else []
    )
    struck_at = {i for i, _ in sheet.marks.struck}
    struck = [int(n) for n, i in zip(numbers, positions, strict=True) if i in struck_at] if struck_at else []
    others = [RowRead(int(sheet.rows[r]), "title", " ".join(texts_at(sheet, [r]))[:120]) for r in area.titles]
    others += [RowRead(o.row, o.role, o.text) for o in rows.others]
    return BlockRead(
        sheet.name,
        tuple(dict.fromkeys(f.table.name for f in feeds)) or (asking.table,),
        (int(sheet.rows[header.first]), int(sheet.rows[header.first + header.depth - 1])),
        looked.year,
        tuple(
            _column(rows, looked, c, feeds)
            for c in range(looked.lo, looked.hi)
            if looked.header.paths[c] or f"c{c}" in lost
        ),
        tuple(others),
        rows.body.height,
        rows.body[f"c{keys[0]}"].drop_nulls().n_unique() if keys else rows.body.height,
        (*notes, *_notes(feeds, asking)),
        tuple(asking.asked),
        tuple(hidden),
        tuple(struck),
    )


def _notes(feeds: Sequence[Feed], asking: Asking) -> Iterator[Note]:
    for f in feeds:
        for t in f.taken:
            if t.kind is not None and len(t.columns) > 1:
                yield Note("columns_added", {"label": t.field.label, "header": t.text, "count": len(t.columns)})
    asked = {q.values.get("label") for q in asking.asked if q.code == "unit_unsaid" and q.answer is None}
    assumed = [
        t for f in feeds for t in f.taken
        if t.unit_from == "dictionary" and t.field.unit not in ("", "人") and t.field.label not in asked
    ]  # fmt: skip
    if assumed:
        labels = [f"{t.field.label}（{t.field.unit}）" for t in assumed]
        yield Note("units_assumed", {"labels": labels})


def _column(rows: Rows, looked: Looked, c: int, feeds: Sequence[Feed]) -> ColumnRead:
    texts = without_blanks(rows.body[f"c{c}"])
    filled = texts.drop_nulls()
    use, taken, feed = _use_of(c, feeds)
    figure = taken is not None and taken.field.kind == "quantity"
    values = raw(texts) if figure else None
    unit = ""
    if taken is not None and figure:
        unit = taken.unit_text or taken.field.unit
    return ColumnRead(
        column_letters(c), looked.header.text(c), use,
        "" if feed is None else feed.table.name,
        "" if taken is None else taken.field.name,
        "" if taken is None else taken.field.label,
        unit, taken.unit_from if taken is not None and figure and taken.field.unit else None,
        tuple(str(t) for t in filled.head(3)),
        len(filled), texts.null_count(),
        Decimal(values.sum() or 0) if values is not None and values.null_count() < len(values) else None,
        own_total(rows, c) if figure else None,
    )  # fmt: skip


def _use_of(c: int, feeds: Sequence[Feed]) -> tuple[Use, Taken | None, Feed | None]:
    for f in feeds:
        for t in f.taken:
            if c in t.columns:
                return "field" if len(t.columns) == 1 else "added", t, f
        for t in f.taken:
            if c in t.parts:
                return "checked", t, f
            if c == t.unit_column:
                return "unit", None, f
        if c in f.apart:
            return "apart", None, f
        if c == f.township:
            return "township", None, f
    for f in feeds:
        if c in f.aside:
            return "aside", None, f
    return "not_taken", None, None
