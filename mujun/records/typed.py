"""From the texts of a sheet to the typed rows of a table, with everything that is wrong with a single cell."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from mujun.fields import Field, Table
from mujun.records import cells
from mujun.records.carried import carried
from mujun.records.cell_troubles import NOT_COMPUTED, SCALES, WRONG_WIDTH, cell_troubles, rows_of_wrong_width
from mujun.records.headers import Header
from mujun.records.identity import (
    HOLDERS,
    is_valid_code,
    names_several,
    normal_code,
    repairs_of,
    without_resident_numbers,
)
from mujun.records.layout import Layout
from mujun.records.resident_numbers import is_masked
from mujun.records.sheets import Sheet

TROUBLE: dict[str, pl.DataType] = {
    "_at": pl.Int64(),
    "field": pl.String(),
    "code": pl.String(),
    "detail": pl.String(),
}
"""What is wrong with rows: position, field, finding code, and what the code needs besides (a repair, a row number)."""

Troubles = pl.DataFrame


@dataclass(frozen=True)
class Part:
    """The rows of one sheet, or of all sheets of one table.

    Attributes:
        table: the table.
        typed: the table's columns, `_sheet`, `_row`; unreadable cells are null, codes normalised.
        shown: the same rows as the file has them, as text, for findings: the table's columns.
        kept: `shown` as it can be loaded back: with the year, and with the unit where a column's was not the
            dictionary's; then `_township`, what the file says of the township, be it a field of the table or not.
        troubles: see `TROUBLE`.
        totals: total rows left out.
        columns: per row, the fields its file carries, as `carried` gives them.
    """

    table: Table
    typed: pl.DataFrame
    shown: pl.DataFrame
    kept: pl.DataFrame
    troubles: Troubles
    totals: int
    columns: pl.Series


def part_of(
    sheet: Sheet, layout: Layout, *, year: int | None, scale: str | None, repair: bool, sheet_name: str | None
) -> Part:
    """The rows of a sheet, typed.

    Args:
        sheet: the sheet.
        layout: where things stand on it.
        year: the data year of rows that have none of their own.
        scale: 规上 or 规下 where a whole sheet is of it and has no such column.
        repair: whether documented repairs of credit codes are applied.
        sheet_name: what `_sheet` says.
    """
    table = layout.table
    body, numeric, totals = _body(sheet, layout)
    given: dict[str, str | None] = {"year": None if year is None else str(year), "scale": scale}
    shown: dict[str, pl.Series] = {}
    kept: dict[str, pl.Series] = {}
    typed: dict[str, pl.Series] = {}
    troubles: list[Troubles] = []
    headers = {h.field.name: h for h in layout.headers}
    for f in table.fields:
        header = headers.get(f.name)
        if header is None:
            texts = pl.Series(f.name, [given.get(f.name)] * body.height, dtype=pl.String)
            shown[f.name] = pl.Series(f.name, [None] * body.height, dtype=pl.String)
        else:
            texts = body[f"c{header.index}"].alias(f.name)
            # A person's number goes no further than this: neither into findings nor into the store.
            texts = shown[f.name] = without_resident_numbers(texts) if f.name in _OF_CODES else texts
            if f.name == "year" and year is not None:
                texts = texts.fill_null(str(year))
        kept[f.name] = texts if header is None else _with_unit(texts, header)
        numbers = None if header is None or numeric is None else numeric[f"c{header.index}"]
        typed[f.name], trouble = _typed(texts, f, header, numbers, repair, epoch_1904=sheet.marks.epoch_1904)
        if header is not None:
            marked = cell_troubles(sheet, header.index, body["_i"].to_list(), f)
            typed[f.name], trouble = _marked(typed[f.name], trouble, marked, f)
        troubles += trouble
    troubles = _broad_rows(sheet, layout, body["_i"], troubles)
    kept["_township"] = _township(shown, body, layout).alias("_township")
    from_title = [name for name, value in given.items() if value is not None]
    place = {"_sheet": pl.Series([sheet_name] * body.height, dtype=pl.String), "_row": body["_row"]}
    return Part(
        table,
        pl.DataFrame({**typed, **place}),
        pl.DataFrame(shown),
        pl.DataFrame(kept),
        pl.concat(troubles) if troubles else pl.DataFrame(schema=TROUBLE),
        totals,
        carried(sheet, layout, body, from_title),
    )


def joined(parts: list[Part]) -> Part:
    """The parts of one table, one below the other."""
    if len(parts) == 1:
        return parts[0]
    troubles, offset = [], 0
    for part in parts:
        troubles.append(part.troubles.with_columns(pl.col("_at") + offset))
        offset += part.typed.height
    return Part(
        parts[0].table,
        pl.concat(p.typed for p in parts),
        pl.concat(p.shown for p in parts),
        pl.concat(p.kept for p in parts),
        pl.concat(troubles),
        sum(p.totals for p in parts),
        pl.concat(p.columns for p in parts),
    )


def _township(shown: dict[str, pl.Series], body: pl.DataFrame, layout: Layout) -> pl.Series:
    if "township" in shown:
        return shown["township"]
    if layout.township is None:
        return pl.Series([None] * body.height, dtype=pl.String)
    return body[f"c{layout.township}"]


# ------------------------------------------------------------------------------------------------------------ the rows

_TOTAL = r"^.{0,14}(?:合计|总计|小计|共计)(?:数)?[::：]?$"
_FOOT = (
    r"^(?:注|备注|说明|填表|填报|制表|审核|复核|单位负责人|负责人|统计负责人|联系|经办|数据来源|打印)[^，。,]{0,8}[:：]"
)


def _body(sheet: Sheet, layout: Layout) -> tuple[pl.DataFrame, pl.DataFrame | None, int]:
    """The rows below the header that are records: without blank rows, totals, repeated headers and notes below."""
    names = sheet.cells.columns
    body = sheet.cells.slice(layout.first).with_columns(sheet.rows.slice(layout.first).alias("_row"))
    used = [f"c{h.index}" for h in layout.headers]
    # A row whose only cells are formulas that were never computed is no blank row.
    indices = {h.index for h in layout.headers}
    formulas = {row - layout.first for row, column in sheet.marks.uncomputed if column in indices}
    blank = pl.all_horizontal(pl.col(used).is_null())
    if formulas:
        blank = blank & ~pl.col("_i").is_in(sorted(formulas))
    body = body.with_row_index("_i").filter(~blank)
    by_name = {h.field.name: h for h in layout.headers}
    key_header = by_name[next(k for k in layout.table.key if k != "year")]
    key = pl.col(f"c{key_header.index}")
    # Only rows without a key, or with a word in its place, can be totals or notes: a firm may be called anything.
    word_for_key = key.str.replace_all(r"\s+", "").str.contains(_TOTAL).fill_null(False)
    doubtful = body.filter(key.is_null() | word_for_key | (key == key_header.text))
    says_total = pl.any_horizontal(pl.col(names).str.replace_all(r"\s+", "").str.contains(_TOTAL))
    totals = doubtful.filter((key.is_null() | word_for_key) & says_total)
    notes = doubtful.filter(
        key.is_null()
        & pl.coalesce(pl.col(names)).str.replace_all(r"\s+", "").str.contains(_FOOT)
        & (pl.sum_horizontal(pl.col(names).is_not_null()) <= 4)
    )
    repeated = doubtful.filter(key == key_header.text)
    out = pl.concat([totals["_i"], notes["_i"], repeated["_i"]])
    body = body.filter(~pl.col("_i").is_in(out.implode()))
    numeric = None if sheet.numeric is None else sheet.numeric.slice(layout.first)[body["_i"]]
    return body.with_columns(pl.col("_i") + layout.first), numeric, totals.height


def _with_unit(texts: pl.Series, header: Header) -> pl.Series:
    """Plain numbers of a column in another unit than the dictionary's, with their unit behind them."""
    if header.field.kind != "quantity" or header.factor in (None, 1):
        return texts
    plain = cells.halfwidth(pl.col("t")).str.contains(r"^[+-]?[0-9][0-9,]*(?:\.[0-9]*)?$")
    with_unit = pl.when(plain).then(pl.col("t") + header.unit_text).otherwise(pl.col("t"))
    return texts.to_frame("t").select(with_unit)["t"].alias(header.field.name)


# ----------------------------------------------------------------------------------------------------------- the cells


def _typed(
    texts: pl.Series,
    f: Field,
    header: Header | None,
    numbers: pl.Series | None,
    repair: bool,
    *,
    epoch_1904: bool = False,
) -> tuple[pl.Series, list[Troubles]]:
    if f.kind == "quantity":
        factor = header.factor if header else None
        parsed = cells.quantities(texts, factor or 1, f.measured_in)  # type: ignore[arg-type]
        return parsed.values, _noted(parsed.trouble, f)
    if f.kind == "date":
        parsed = cells.dates(texts, end=f.name == "until", epoch_1904=epoch_1904)
        return parsed.values, _noted(parsed.trouble, f)
    if f.kind == "whole":
        parsed = cells.years(texts)
        return parsed.values, _noted(parsed.trouble, f)
    if f.name == "credit_code":
        return _codes(texts, f, numbers, repair)
    as_number = _noted(_lost_digits(texts, numbers, f), f)
    if f.choices:
        return cells.choices(texts, f.choices, f.choice_synonyms), as_number
    if f.name == "industry":
        return cells.industries(texts), as_number
    if f.name == "tier":
        return cells.tiers(texts), as_number
    if f.name in HOLDERS:
        # A line break within one name is a wrapped name; between two names it is a sign like any other.
        several = pl.when(names_several(pl.col("t"))).then(pl.col("t").str.replace_all(r"\s*[\r\n]+\s*", "、"))
        texts = texts.to_frame("t").select(several.otherwise(pl.col("t")))["t"]
    return cells.words(texts), as_number


def _broad_rows(sheet: Sheet, layout: Layout, positions: pl.Series, troubles: list[Troubles]) -> list[Troubles]:
    """With the rows of text files that have more or fewer cells than the header: no cell of them can be trusted."""
    wrong = set(rows_of_wrong_width(sheet, layout.first, positions.to_list()))
    if not wrong:
        return troubles
    counts = sheet.marks.counts
    found = [(i, f"{counts[p]} {counts[layout.first - 1]}") for i, p in enumerate(positions) if p in wrong]
    rows = pl.DataFrame(found, schema={"_at": pl.Int64, "detail": pl.String}, orient="row")
    field = next(k for k in layout.table.key if k != "year")
    rows = rows.select("_at", field=pl.lit(field), code=pl.lit(WRONG_WIDTH), detail="detail")
    return [*(t.filter(~pl.col("_at").is_in(rows["_at"].implode())) for t in troubles), rows]


def _marked(
    values: pl.Series, troubles: list[Troubles], marked: Troubles, f: Field
) -> tuple[pl.Series, list[Troubles]]:
    """A column with what its cells' marks say: a cell that nobody can be sure of has no value."""
    if marked.is_empty():
        return values, troubles
    doubted = marked.filter(pl.col("code").is_in([NOT_COMPUTED, SCALES]))["_at"]
    if len(doubted):
        values = values.scatter(doubted, pl.Series([None] * len(doubted), dtype=values.dtype))
        troubles = [t.filter(~pl.col("_at").is_in(doubted.implode())) for t in troubles]
    own = marked.select("_at", field=pl.lit(f.name), code="code", detail="detail")
    return values, [*troubles, own]


def _noted(codes: pl.Series, f: Field, detail: pl.Series | None = None) -> list[Troubles]:
    """Troubles of a column from a series of finding codes and nulls."""
    if codes.null_count() == len(codes):
        return []
    frame = pl.DataFrame({"code": codes.cast(pl.String)}).with_row_index("_at")
    frame = frame.with_columns(detail=detail if detail is not None else pl.lit(None, dtype=pl.String))
    frame = frame.filter(pl.col("code").is_not_null())
    return [frame.select(pl.col("_at").cast(pl.Int64), field=pl.lit(f.name), code="code", detail="detail")]


def _lost_digits(texts: pl.Series, numbers: pl.Series | None, f: Field) -> pl.Series:
    """`code_as_number` where a number stands for a code and has digits beyond the 15 that a number keeps."""
    # A text file shows the same loss as 9.13307E+17.
    lost = texts.str.contains(r"^[0-9](?:\.[0-9]+)?[eE]\+?1[0-9]$")
    if numbers is not None:
        lost = lost | numbers
    if f.name in ("value", "document", "note", "geometry", "name"):
        lost = lost & False
    return lost.to_frame("l").select(pl.when(pl.col("l")).then(pl.lit("code_as_number")))["literal"]


def _codes(texts: pl.Series, f: Field, numbers: pl.Series | None, repair: bool) -> tuple[pl.Series, list[Troubles]]:
    """Credit codes in their normal writing, with what has been or could be repaired."""
    read = texts.to_frame("text").select(
        text=cells.blanks_as_null(pl.col("text")), lost=_lost_digits(texts, numbers, f)
    )
    # Blanks, small letters and the apostrophe before a text leave no doubt which code is meant. Full-width writing is a
    # repair like any other: proposed, and applied where a person asked for it.
    written = pl.col("text").str.replace_all(r"[\s\u3000']+", "").str.to_uppercase()
    read = read.with_columns(code=normal_code(pl.col("text")))
    read = read.with_columns(ok=is_valid_code(pl.col("code")) & (pl.col("code") == written))
    broken = read.filter(~pl.col("ok") & pl.col("lost").is_null() & pl.col("code").is_not_null())["code"].unique()
    repairs = repairs_of(broken.to_list())
    found = pl.DataFrame({"code": list(repairs), "repair": list(repairs.values())}, schema_overrides=_TEXTS)
    read = read.join(found, on="code", how="left", maintain_order="left")
    if repair:
        read = read.with_columns(code=pl.coalesce("repair", "code"), ok=pl.col("ok") | pl.col("repair").is_not_null())
    trouble = read.select(
        code=pl.when(pl.col("lost").is_not_null())
        .then(pl.lit("code_as_number"))
        .when(pl.col("ok") & (pl.col("code") != written))
        .then(pl.lit("code_repaired"))
        .when(is_masked(pl.col("code")))
        .then(pl.lit("resident_number"))
        .when(~pl.col("ok") & pl.col("code").is_not_null())
        .then(pl.lit("credit_code_invalid")),
        # code_as_number: whether anything valid is left of it.
        detail=pl.when(pl.col("lost").is_not_null())
        .then(pl.when("ok").then(pl.lit("")).otherwise(pl.lit("lost")))
        .when(pl.col("ok"))
        .then(pl.col("code"))
        .otherwise(pl.col("repair")),
    )
    return read["code"].alias(f.name), _noted(trouble["code"], f, trouble["detail"])


_TEXTS = {"code": pl.String(), "repair": pl.String()}
_OF_CODES = ("credit_code", "successor", "counterparty")
"""Fields in whose place the number of a person may stand."""


def said_year(text: str) -> int | None:
    """The year that a folder is named after: `2022`, `2022年`, `2022年度`."""
    found = re.fullmatch(r"(20[0-9]{2})(?:年度?)?", text.strip())
    return int(found.group(1)) if found else None
