"""Troubles of cells as findings: each with its place, its owner, and what its message says besides the label."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import polars as pl

from mujun.errors import InputError, Place, problem
from mujun.fields import Field, Table
from mujun.records import cell_troubles, cells
from mujun.records.finding import Finding, Severity, finding_code
from mujun.records.limits import EARLIEST_YEAR, FIRST_DAY, LAST_DAY, MAX_FINDINGS, latest_year
from mujun.records.readings.row_sums import WAITS
from mujun.records.shapes import Unreadable, unreadable_text
from mujun.records.typed import Part

SHORT = "17:"


def findings_of(part: Part, troubles: pl.DataFrame, file: str) -> list[Finding]:
    """The findings of a table, in the order of its rows, and within a row of its columns.

    Raises:
        InputError: there are more than anybody reads.
    """
    if troubles.is_empty():
        return []
    if troubles.height > MAX_FINDINGS:
        raise InputError(problem("too_many_findings", Place(file=file), count=troubles.height, limit=MAX_FINDINGS))
    table = part.table
    where = part.typed.select(
        "_sheet", "_row", *(c for c in ("year", "credit_code", "name", "holder") if c in part.typed)
    )
    about = where.with_row_index("_at").with_columns(pl.col("_at").cast(pl.Int64))
    seen = pl.concat(
        [
            mine.with_columns(value=part.shown[str(name)].gather(mine["_at"]))
            for (name,), mine in troubles.partition_by("field", as_dict=True).items()
        ]
    )
    # The order of rows, and within a row that of the columns.
    order = pl.DataFrame({"field": list(table.by_name), "_order": range(len(table.by_name))})
    seen = seen.join(order, on="field").join(about, on="_at").sort("_at", "_order", maintain_order=True)
    return [_finding(row, table, file) for row in seen.iter_rows(named=True)]


def _finding(row: dict[str, object], table: Table, file: str) -> Finding:
    f = table.by_name[str(row["field"])]
    severity: Severity = "error" if row["severity"] == "error" else "warning"

    def text(name: str) -> str | None:
        value = row.get(name)
        return None if value is None else str(value)

    year, at = row.get("year"), row["_row"]
    return Finding(
        code=finding_code(str(row["code"])),
        severity=severity,
        table=table.name,
        file=file,
        sheet=text("_sheet"),
        row=int(str(at)),
        year=None if year is None else int(str(year)),
        credit_code=text("credit_code"),
        name=text("name"),
        field=f.name,
        value=text("value"),
        owner=f.owner or table.owner,
        values={"label": f.label, **dict(_said(str(row["code"]), text("detail"), text("value"), f))},
    )


def _said(code: str, detail: str | None, value: str | None, f: Field) -> Iterable[tuple[str, object]]:
    """What a message says besides the label and the value."""
    if code == "unreadable_cell":
        yield "example", _example(f)
    elif code == "too_large":
        yield "unit", f.unit
    elif code == "credit_code_invalid" and (detail or "").startswith(SHORT):
        _, witness, repair, called = (detail or "").split(":", 3)
        yield from (("repair", repair), ("witness", witness), ("called", called))
    elif code == "credit_code_invalid":
        yield "repair", detail or ""
    elif code == "township_spelling":
        yield from zip(("meant", "count"), (detail or "").split(":", 1), strict=True)
    elif code == "name_of_another":
        yield from zip(("other", "own", "theirs"), (detail or "").split(":", 2), strict=True)
    elif code == "code_repaired":
        yield "old", value or ""
        yield "new", detail or ""
    elif code in ("duplicate_key", "duplicate_row"):
        yield "first", detail or ""
    elif code == WAITS:
        yield "other", detail or ""
    elif code == "merged_figure":
        yield "rows", detail or ""
    elif code == "figure_among_extra":
        yield "table", detail or ""
    elif code == "usage_overlap":
        yield from zip(("utility", "account", "first", "last", "before"), (detail or "").split("\x1f"), strict=True)
    elif code == "shape_unreadable":
        yield "why", unreadable_text(cast("Unreadable", detail))
    elif code == "ends_before":
        yield "begins", detail or ""
    elif code == cell_troubles.WRONG_WIDTH:
        yield from zip(("cells", "columns"), (detail or "").split(" "), strict=True)
    elif code == cell_troubles.SCALES:
        yield "shown", detail or ""
    elif code == cell_troubles.UNIT_DRAWN:
        yield from zip(("drawn", "unit"), (detail or "").split(":", 1), strict=True)
    elif code in (cells.FOREIGN, cells.UNCLEAR):
        yield "example", _example(f)
    elif code == "unknown_choice":
        yield "allowed", list(f.choices)
        if (value or "").strip() in dict(f.likely):
            yield "likely", dict(f.likely)[(value or "").strip()]
    elif code == "impossible_year":
        is_year = f.kind == "whole"
        yield "earliest", EARLIEST_YEAR if is_year else FIRST_DAY.year
        yield "latest", latest_year() if is_year else LAST_DAY.year


def _example(f: Field) -> str:
    if f.kind == "date":
        return "2022-03-05"
    if f.kind == "whole":
        return "2022"
    if f.name == "industry":
        return "3811"
    return f"1234.56{f.unit}"
