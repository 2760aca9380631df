"""One figure said by hand, read and checked like a cell of a department's file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from mujun.fields import TABLES, Field
from mujun.records.checks import checked
from mujun.records.finding import Finding
from mujun.records.headers import Header
from mujun.records.readings.taking import plain_feed
from mujun.records.roll import vouched_for
from mujun.records.sheets import Sheet
from mujun.records.typed import part_of, records_below


def figure(
    table: str, key: Mapping[str, object], entered: Mapping[str, str | None], beside: Mapping[str, object], *, file: str
) -> tuple[dict[str, object] | None, Sequence[Finding]]:
    """Values as the dictionary has them, from texts as a person writes them.

    Args:
        table: the table.
        key: the record's key.
        entered: the texts by field, `12.5万元` or `2022-03-05`; blank for missing.
        beside: the record's other fields as they stand: a check may need them.
        file: what findings name as the file.

    Returns:
        The values of the fields said, by field, and what is doubtful; no values where they cannot be taken, and why.
    """
    t = TABLES[table]
    texts = {n: _text(v) for n, v in {**beside, **key}.items() if n in t.by_name and v is not None} | dict(entered)
    names = [f.name for f in t.fields if f.name in texts]
    cells = pl.DataFrame({f"c{i}": [n, texts[n]] for i, n in enumerate(names)}, schema=dict.fromkeys(
        (f"c{i}" for i in range(len(names))), pl.String()))  # fmt: skip
    sheet = Sheet(None, cells, pl.Series("row", [1, 2], dtype=pl.Int64))
    feed = plain_feed(t, [_header(t.by_name[n], i) for i, n in enumerate(names)])
    part = part_of(records_below(sheet, 1, feed), feed, year=None, scale=None, repair=False, sheet_name=None)
    # The record stands already: whatever its code looks like, it is somebody's.
    loaded, findings = checked(part, file, vouched_for([str(key["credit_code"])] if "credit_code" in key else []))
    plain = [replace(f, row=None) for f in findings if f.field is None or f.field in entered]
    if not loaded or loaded[0].rows.is_empty():
        return None, plain or [replace(f, row=None) for f in findings]
    row = loaded[0].rows.row(0, named=True)
    return {name: row[name] for name in entered}, plain


def _header(f: Field, index: int) -> Header:
    return Header(index, f.name, f, exact=True)


def _text(value: object) -> str:
    return format(value, "f") if hasattr(value, "as_tuple") else str(value)
