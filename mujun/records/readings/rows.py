"""What each row below a header is: a record, a total, a note, a divider, the header again.

Only rows that lack their key, or have words in its place, are looked at closely: of a million records none has to be.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

import polars as pl

from mujun.dataclass import dataclass
from mujun.records.readings.blocks import Area
from mujun.records.readings.patterns import CODE, DIVIDER, FOOT, PARTIAL, TOTAL
from mujun.records.rows_where import rows_where
from mujun.records.sheets import Sheet

Role = Literal["title", "header", "unit", "data", "total", "part_total", "note", "divider", "blank"]
"""What a row is. part_total: of some of the records (其中：规上), or an average: it is held against nothing."""


@dataclass(frozen=True)
class Other:
    """A row that is no record: its position, the number a reader sees, what it is and what it says."""

    position: int
    row: int
    role: Role
    text: str


@dataclass(frozen=True)
class Rows:
    """The rows of a table.

    Attributes:
        body: the records: `c0` …, with merged texts in each row they hold for, `_i` (position), `_row`.
        numeric: the same rows of `Sheet.numeric`.
        others: the rows that are none, blank ones left out.
        figures: the total rows' cells, `c0` …, `_i`, `_row`.
        merged: figures merged over several rows: column, first and last position.
        across: positions of records in which a cell is merged over several columns, with those columns.
    """

    body: pl.DataFrame
    numeric: pl.DataFrame | None
    others: tuple[Other, ...]
    figures: pl.DataFrame
    merged: tuple[tuple[int, int, int], ...] = ()
    across: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True)
class Columns:
    """Which columns of a table are what, as far as roles of rows need it.

    Attributes:
        key: the column that tells whose a row is.
        code: whether the key is a credit code.
        name: the column of names.
        used: all that are taken.
        figures: those of quantities.
        key_text: the header of the key column.
    """

    key: int
    code: bool
    name: int | None
    used: tuple[int, ...]
    figures: frozenset[int]
    key_text: str


_SEPARATED = r"(?:[;；|\t，][^;；|\t，]*){2,}"
"""A whole row between other separators, in one cell."""


def rows_of(sheet: Sheet, area: Area, columns: Columns) -> Rows:
    """Tell the records of a table from its other rows."""
    names = [f"c{c}" for c in range(area.lo, area.hi)]
    body = sheet.cells.slice(area.first, area.end - area.first)
    body = body.with_columns(sheet.rows.slice(area.first, area.end - area.first).alias("_row"))
    body, merged, across = _filled(sheet, area, body, columns)
    body = body.with_row_index("_i", offset=area.first).with_columns(pl.col("_i").cast(pl.Int64))
    used = [f"c{c}" for c in columns.used]
    blank = pl.all_horizontal(pl.col(names).is_null())
    # A row of formulas that were never computed looks blank and is none.
    formulas = sorted({i for i, c in sheet.marks.uncomputed if area.lo <= c < area.hi})
    body = rows_where(body, ~blank | pl.col("_i").is_in(formulas))
    roles = _roles(
        body, names, columns, area, {row for row, lo, hi in across if hi - lo >= max(1, (area.hi - area.lo) // 2)}
    )
    out = roles.filter(pl.col("role") != "data")
    records = body.filter(~pl.col("_i").is_in(out["_i"].implode())) if out.height else body
    nothing = pl.all_horizontal(pl.col(used).is_null()) & ~pl.col("_i").is_in(formulas)
    stray = records.filter(nothing)
    slipped = stray.filter(_slipped(names, area.hi - area.lo))["_i"] if stray.height else stray["_i"]
    if len(slipped):
        nothing &= ~pl.col("_i").is_in(slipped.implode())
        stray = stray.filter(nothing)
    records = rows_where(records, ~nothing)
    others = [*_others(body, out, names), *_others(body, stray.select("_i", role=pl.lit("note")), names)]
    figures = body.filter(pl.col("_i").is_in(out.filter(pl.col("role") == "total")["_i"].implode()))
    kept = set(records["_i"]) if merged or across else set()
    return Rows(
        records,
        None if sheet.numeric is None else sheet.numeric[records["_i"]],
        tuple(sorted(others, key=lambda o: o.position)),
        figures,
        tuple(m for m in merged if any(i in kept for i in range(m[1], m[2] + 1))),
        tuple(a for a in across if a[0] in kept),
    )


def _slipped(names: Sequence[str], width: int) -> pl.Expr:
    """Whether a row holds a firm's code, or a whole row between other separators, outside the columns that are taken.

    Such a row is a record whose cells slipped: left out as a note it would vanish unsaid.
    """
    cells = [pl.col(n) for n in names]
    whole = rf"(?:[;；|\t，][^;；|\t，]*){{{max(2, width // 2)},}}"
    return pl.any_horizontal(c.str.contains(CODE) | c.str.contains(whole) for c in cells).fill_null(value=False)


def _filled(
    sheet: Sheet, area: Area, body: pl.DataFrame, columns: Columns
) -> tuple[pl.DataFrame, list[tuple[int, int, int]], list[tuple[int, int, int]]]:
    """The rows with texts that are merged downwards in each row they hold for; figures are never copied."""
    texts: dict[int, dict[int, str | None]] = {}
    merged: list[tuple[int, int, int]] = []
    across: list[tuple[int, int, int]] = []
    for m in sheet.marks.merges:
        if m.bottom < area.first or m.top >= area.end or m.right < area.lo or m.left >= area.hi:
            continue
        top, bottom = max(m.top, area.first), min(m.bottom, area.end - 1)
        if m.right > m.left:
            across += [(row, m.left, m.right) for row in range(top, bottom + 1)]
        if bottom <= top:
            continue
        held = sheet.cells[f"c{m.left}"][m.top]
        if m.left in columns.figures:
            if held is not None:
                merged.append((m.left, top, bottom))
            continue
        texts.setdefault(m.left, {}).update(dict.fromkeys(range(top + 1, bottom + 1), held))
    for c, at in texts.items():
        if f"c{c}" in body.columns:
            series = body[f"c{c}"].scatter([i - area.first for i in at], list(at.values()))
            body = body.with_columns(series)
    return body, merged, across


def _roles(
    body: pl.DataFrame, names: Sequence[str], columns: Columns, area: Area, wide: Collection[int]
) -> pl.DataFrame:
    """The rows that may be no records, with what they are: `_i`, `role`."""
    key = pl.col(f"c{columns.key}")
    plain_key = key.str.replace_all(r"\s+", "")
    # A firm may be called anything: with a proper key a row is a record, whatever else it says.
    odd = key.is_null() | plain_key.str.contains(TOTAL) | plain_key.str.contains(PARTIAL) | (key == columns.key_text)
    if columns.code:
        odd |= plain_key.str.contains(r"\p{Han}")
    elif columns.name != columns.key:
        odd |= plain_key.str.contains(DIVIDER) | plain_key.str.contains(FOOT)
    texts = [n for n in names if int(n[1:]) not in columns.figures and int(n[1:]) not in (columns.key, columns.name)]
    exact = pl.any_horizontal(pl.col(texts).is_in(["合计", "小计", "总计", "共计"])) if texts else pl.lit(False)
    looked = body.filter(odd.fill_null(True) | exact.fill_null(False) | pl.col("_i").is_in(list(area.repeated)))
    if looked.is_empty():
        return pl.DataFrame(schema={"_i": pl.Int64(), "role": pl.String()})
    plain = [pl.col(n).str.replace_all(r"\s+", "").alias(n) for n in names]
    looked = looked.select("_i", *plain)
    figures = [pl.col(f"c{c}").str.contains(r"[0-9]") for c in sorted(columns.figures)]
    has_figure = pl.any_horizontal(figures).fill_null(False) if figures else pl.lit(False)
    filled = pl.sum_horizontal(pl.col(names).is_not_null())
    distinct = pl.concat_list(names).list.drop_nulls().list.n_unique()
    first = pl.coalesce(pl.col(names))
    keyless = key.is_null() | (plain_key.str.contains(r"\p{Han}") if columns.code else pl.lit(False))
    says_total = pl.any_horizontal(pl.col(names).str.contains(TOTAL)).fill_null(False)
    says_part = pl.any_horizontal(pl.col(names).str.contains(PARTIAL)).fill_null(False)
    no_name = pl.lit(True) if columns.name is None else pl.col(f"c{columns.name}").is_null() | (filled == 1)
    divides = first.str.contains(DIVIDER).fill_null(False) | pl.col("_i").is_in(list(wide))
    # In the place of a code, and alone in its row: a line that names what follows, or says something of all.
    remark = pl.lit(value=False)
    if columns.code and columns.figures:
        one_text = key.is_not_null() & keyless & (filled == 1) & ~has_figure
        remark = one_text & ~first.str.contains(r"[0-9A-Za-z]{8,}") & ~first.str.contains(_SEPARATED)
        remark = remark.fill_null(value=False)
    every_divides = pl.all_horizontal(pl.col(n).is_null() | pl.col(n).str.contains(DIVIDER) for n in names)
    role = (
        pl.when(pl.col("_i").is_in(list(area.repeated)) | (key == columns.key_text)).then(pl.lit("header"))
        .when(says_total & (keyless | plain_key.str.contains(TOTAL) | exact)).then(pl.lit("total"))
        .when(says_part & (keyless | plain_key.str.contains(PARTIAL))).then(pl.lit("part_total"))
        .when(keyless & first.str.contains(FOOT) & (filled <= 4)).then(pl.lit("note"))
        .when(keyless & ~has_figure & (distinct == 1) & divides & no_name).then(pl.lit("divider"))
        .when(keyless & ~has_figure & (distinct == 2) & every_divides).then(pl.lit("divider"))
        .when(remark & (first.str.len_chars() > 16)).then(pl.lit("note"))
        .when(remark).then(pl.lit("divider"))
        .otherwise(pl.lit("data"))
    )  # fmt: skip
    return looked.select("_i", role=role.fill_null("data"))


def _others(body: pl.DataFrame, out: pl.DataFrame, names: Sequence[str]) -> list[Other]:
    if out.is_empty():
        return []
    joined = out.join(body, on="_i", how="left", maintain_order="left")
    told = []
    for row in joined.iter_rows(named=True):
        text = " ".join(dict.fromkeys(str(row[n]) for n in names if row[n] is not None))
        told.append(Other(row["_i"], row["_row"], row["role"], text[:120]))
    return told
