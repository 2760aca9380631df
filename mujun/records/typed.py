"""From the texts of a sheet to the typed rows of a table, with everything that is wrong with a single cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import Field, Table
from mujun.numbers import QUANTITY
from mujun.records import cells
from mujun.records.carried import carried
from mujun.records.cell_troubles import (
    MARKED,
    NOT_COMPUTED,
    SCALES,
    TOTAL_BLANK,
    UNIT_DRAWN,
    WRONG_WIDTH,
    cell_troubles,
)
from mujun.records.headers import WATER, as_unit
from mujun.records.identity import (
    HOLDERS,
    is_valid_code,
    names_several,
    normal_code,
    repairs_of,
    without_resident_numbers,
)
from mujun.records.readings.taking import Feed, Taken
from mujun.records.resident_numbers import is_masked
from mujun.records.rows_where import in_every_row
from mujun.records.sheets import Sheet
from mujun.records.units_behind import with_own_units, with_units

TROUBLE: dict[str, pl.DataType] = {"_at": pl.Int64(), "field": pl.String(), "code": pl.String(), "detail": pl.String()}
"""What is wrong with rows: position, field, finding code, and what the code needs besides (a repair, a row number)."""

Troubles = pl.DataFrame


@dataclass(frozen=True)
class Part:
    """The rows of one sheet, or of all sheets of one table.

    Attributes:
        table: the table.
        typed: the table's columns, `_sheet`, `_row`; unreadable cells are null, codes normalised.
        shown: the same rows as the file has them, as text, for findings: the table's columns.
        kept: `shown` as it can be loaded back, but for `units`: with the year; then `_township`, what the file says of
            the township, be it a field of the table or not.
        units: the units of columns that are not in the dictionary's; `with_units` puts them behind the figures.
        troubles: see `TROUBLE`.
        columns: per row, the fields its file carries, as `carried` gives them.
        beside: the columns that are not taken and may tell two rows apart; `None` where there are none.
    """

    table: Table
    typed: pl.DataFrame
    shown: pl.DataFrame
    kept: pl.DataFrame
    troubles: Troubles
    columns: pl.Series
    units: Mapping[str, str]
    beside: pl.DataFrame | None = None

    def with_units(self) -> Part:
        """The same with every unit put behind its figures."""
        return replace(self, kept=with_units(self.kept, self.units), units={})

    @property
    def beside_text(self) -> pl.Series:
        """Per row the cells that are not taken, as one text; blank where there are none."""
        if self.beside is None:
            return pl.Series("beside", [""] * self.typed.height, dtype=pl.String)
        return self.beside.select(beside=pl.concat_str(pl.all().fill_null(""), separator="\x1f"))["beside"]


@dataclass(frozen=True)
class Records:
    """The records of a table on a sheet: `body` has columns `c0` …, `_i`, `_row`; `numeric` as `Sheet.numeric`.

    `sheet` is where they stand, for its marks; `troubles` is what is wrong with their form; `source` are the columns
    that say where a row was first, in a workbook of findings; `beside` those that are not taken and may tell two rows
    apart.
    """

    body: pl.DataFrame
    numeric: pl.DataFrame | None = None
    sheet: Sheet | None = None
    troubles: Troubles | None = None
    source: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


def records_below(sheet: Sheet, first: int, feed: Feed) -> Records:
    """All rows of a sheet from a position on that hold anything the feed takes."""
    body = sheet.cells.slice(first).with_columns(sheet.rows.slice(first).alias("_row"))
    body = body.with_row_index("_i", offset=first).with_columns(pl.col("_i").cast(pl.Int64))
    used = [f"c{c}" for t in feed.taken for c in t.columns]
    body = body.filter(~pl.all_horizontal(pl.col(used).is_null()))
    return Records(body, None if sheet.numeric is None else sheet.numeric[body["_i"]], sheet)


def part_of(
    records: Records, feed: Feed, *, year: int | None, scale: str | None, repair: bool, sheet_name: str | None
) -> Part:
    """The rows of a table on a sheet, typed.

    Args:
        records: its rows.
        feed: which columns feed which fields.
        year: the data year of rows that have none of their own.
        scale: 规上 or 规下 where a whole sheet is of it and has no such column.
        repair: whether documented repairs of credit codes are applied.
        sheet_name: what `_sheet` says.
    """
    table, body, numeric = feed.table, records.body, records.numeric
    positions = body["_i"] if records.sheet is not None else pl.Series("_i", [], dtype=pl.Int64)
    given: dict[str, str | None] = {"year": None if year is None else str(year), "scale": scale, **feed.constants}
    shown: dict[str, pl.Series] = {}
    kept: dict[str, pl.Series] = {}
    units: dict[str, str] = {}
    typed: dict[str, pl.Series] = {}
    troubles: list[Troubles] = [] if records.troubles is None else [records.troubles]
    by_field = feed.by_field
    nothing = pl.repeat(None, body.height, dtype=pl.String, eager=True)
    for f in table.fields:
        taken = by_field.get(f.name)
        if taken is None:
            value = given.get(f.name)
            shown[f.name] = nothing.alias(f.name)
            # What holds for all rows is read once; columns of nothing are one and the same.
            one, read, wrong = _of_all_rows(f, value, repair)
            kept[f.name] = nothing.alias(f.name) if value is None else one.new_from_index(0, body.height)
            typed[f.name] = read.new_from_index(0, body.height)
            trouble = [in_every_row(w, body.height) for w in wrong]
        elif f.kind == "quantity":
            figures = _figures(body, taken)
            shown[f.name], kept[f.name] = figures.shown, figures.kept
            if figures.unit:
                units[f.name] = figures.unit
            typed[f.name], trouble = _as_marked(figures.values, figures.troubles, records, taken, positions)
        else:
            texts = body[f"c{taken.index}"].alias(f.name)
            # A person's number goes no further than this: neither into findings nor into the store.
            texts = shown[f.name] = without_resident_numbers(texts) if f.name in _OF_CODES else texts
            if f.name == "year" and year is not None:
                texts = texts.fill_null(str(year))
            kept[f.name] = texts
            numbers = None if numeric is None else numeric[f"c{taken.index}"]
            epoch = records.sheet is not None and records.sheet.marks.epoch_1904
            typed[f.name], trouble = _typed(texts, f, taken, numbers, repair, epoch_1904=epoch)
            typed[f.name], trouble = _as_marked(typed[f.name], trouble, records, taken, positions)
        if f.told_by:
            borrowed = taken is not None and taken.borrowed
            typed[f.name] = _told(typed[f.name], kept[f.told_by], f, own_column=not borrowed)
        troubles += trouble
    troubles = _without_shifted(troubles)
    kept["_township"] = _township(shown, body, feed).alias("_township")
    from_title = [name for name, value in given.items() if value is not None]
    place = {"_sheet": pl.repeat(sheet_name, body.height, dtype=pl.String, eager=True), "_row": body["_row"]}
    return Part(
        table,
        pl.DataFrame({**typed, **place}),
        pl.DataFrame(shown),
        pl.DataFrame(kept),
        pl.concat(troubles) if troubles else pl.DataFrame(schema=TROUBLE),
        carried(feed, body, from_title, records.source),
        units,
        body.select(records.beside) if records.beside else None,
    )


def joined(parts: list[Part]) -> Part:
    """The parts of one table, one below the other."""
    if len(parts) == 1:
        return parts[0]
    if any(part.units != parts[0].units for part in parts):
        parts = [part.with_units() for part in parts]
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
        pl.concat(p.columns for p in parts),
        parts[0].units,
        _beside(parts),
    )


def _beside(parts: list[Part]) -> pl.DataFrame | None:
    """What may tell rows apart, as one text: the columns differ from sheet to sheet."""
    if all(p.beside is None for p in parts):
        return None
    return pl.concat(p.beside_text for p in parts).to_frame()


def _township(shown: dict[str, pl.Series], body: pl.DataFrame, feed: Feed) -> pl.Series:
    if "township" in shown:
        return shown["township"]
    if feed.township is None:
        return pl.Series([None] * body.height, dtype=pl.String)
    return body[f"c{feed.township}"]


# ----------------------------------------------------------------------------------------------------------- the cells


@dataclass(frozen=True)
class _Figures:
    shown: pl.Series
    kept: pl.Series
    unit: str  # stands behind `kept` when it is loaded back
    values: pl.Series
    troubles: list[Troubles]


def _figures(body: pl.DataFrame, taken: Taken) -> _Figures:
    """A figure; of several columns the sums."""
    f, factor = taken.field, taken.factor or Fraction(1)
    unit = taken.unit_text if factor != 1 else ""
    if len(taken.columns) == 1 and taken.parts:
        return _total_or_parts(body, taken, factor, unit)
    if len(taken.columns) == 1:
        texts = body[f"c{taken.index}"].alias(f.name)
        units_of_rows = body[f"c{taken.unit_column}"] if taken.unit_column is not None else None
        if units_of_rows is not None and f.name in WATER:
            units_of_rows = units_of_rows.str.replace(r"吨$", "立方米")  # a ton of water is a cubic metre
        read = texts if units_of_rows is None else with_own_units(texts, units_of_rows)
        parsed = cells.quantities(read, factor, f.measured_in)
        behind = unit if units_of_rows is None else ""
        return _Figures(texts, read, behind, parsed.values.alias(f.name), _noted(parsed.trouble, f))
    each = [cells.quantities(body[f"c{c}"], factor, f.measured_in) for c in taken.columns]
    values = pl.DataFrame({f"v{i}": p.values for i, p in enumerate(each)})
    wrong = pl.DataFrame({f"t{i}": p.trouble for i, p in enumerate(each)})
    given = pl.DataFrame({f"x{i}": body[f"c{c}"] for i, c in enumerate(taken.columns)})
    both = pl.concat([values, wrong, given], how="horizontal")
    reported = pl.any_horizontal(pl.col(values.columns).is_not_null())
    trouble = pl.coalesce(pl.col(wrong.columns))
    # Of a sum with a part that cannot be read nothing is left: a sum of the rest would be a wrong figure.
    total = pl.when(trouble.is_null() & reported).then(pl.sum_horizontal(values.columns))
    bad = pl.coalesce(pl.when(pl.col(f"t{i}").is_not_null()).then(pl.col(f"x{i}")) for i in range(len(each)))
    # Polars takes the sum for as narrow as its terms and leaves out a cast within the expression; this one it makes.
    sums = both.select(total=total, trouble=trouble, bad=bad).with_columns(pl.col("total").cast(QUANTITY))
    texts_summed = sums.select(pl.coalesce("bad", pl.col("total").cast(pl.String)))["bad"].alias(f.name)
    return _Figures(texts_summed, texts_summed, "", sums["total"].alias(f.name), _noted(sums["trouble"], f))


def _total_or_parts(body: pl.DataFrame, taken: Taken, factor: Fraction, unit: str) -> _Figures:
    """A total; where it is left blank and its parts are not, their sum, which is told."""
    f = taken.field
    texts = body[f"c{taken.index}"].alias(f.name)
    total = cells.quantities(texts, factor, f.measured_in)
    sums = _figures(body, replace(taken, columns=taken.parts, parts=()))
    bare = texts.to_frame("t").select(cells.blanks_as_null(pl.col("t")))["t"].is_null()
    given = pl.any_horizontal(pl.col(f"c{c}").is_not_null() for c in taken.parts)
    blank = bare & body.select(g=given)["g"]
    values = total.values.zip_with(~blank, sums.values)
    code = blank.to_frame("b").select(c=pl.when("b").then(pl.lit(TOTAL_BLANK)))["c"]
    code = total.trouble.zip_with(total.trouble.is_not_null(), code)
    unread = [w.filter(pl.col("_at").is_in(blank.arg_true().cast(pl.Int64).implode())) for w in sums.troubles]
    return _Figures(texts, texts, unit, values.alias(f.name), [*_noted(code, f), *unread])


def _typed(
    texts: pl.Series,
    f: Field,
    taken: Taken | None,
    numbers: pl.Series | None,
    repair: bool,
    *,
    epoch_1904: bool = False,
) -> tuple[pl.Series, list[Troubles]]:
    if f.kind == "quantity":
        parsed = cells.quantities(texts, Fraction(1), f.measured_in)
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


@lru_cache(maxsize=1024)
def _of_all_rows(f: Field, value: str | None, repair: bool) -> tuple[pl.Series, pl.Series, list[Troubles]]:
    """One value, or none, as text and read: of most fields a file says nothing, which reads alike in every file."""
    one = pl.Series(f.name, [value], dtype=pl.String)
    return one, *_typed(one, f, None, None, repair)


def _told(typed: pl.Series, words: pl.Series, f: Field, *, own_column: bool) -> pl.Series:
    """Choices, where a cell is blank as another field's words tell it; of one not its own only choices."""
    told = cells.choices(words, f.choices, f.choice_synonyms)
    both = pl.DataFrame({"typed": typed, "told": told})
    counts = pl.lit(own_column) | pl.col("typed").is_in(f.choices)
    of_told = pl.when(pl.col("told").is_in(f.choices)).then("told")
    return both.select(pl.coalesce(pl.when(counts).then("typed"), of_told))["typed"].alias(f.name)


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


_AS_IT_SHOULD = r"^[0-9A-Z]+$"


def _codes(texts: pl.Series, f: Field, numbers: pl.Series | None, repair: bool) -> tuple[pl.Series, list[Troubles]]:
    """Credit codes in their normal writing, with what has been or could be repaired."""
    # Most codes are written as they should be: only the others are looked at closely.
    odd = (~texts.str.contains(_AS_IT_SHOULD) & texts.is_not_null()).arg_true()
    given = code = texts
    if len(odd):
        few = texts.gather(odd).to_frame("text").select(text=cells.blanks_as_null(pl.col("text")))
        # Blanks, width, small letters and the apostrophe before a text leave no doubt which code is meant.
        few = few.with_columns(code=normal_code(pl.col("text")))
        # `scatter` changes the series it is called on.
        given, code = texts.clone().scatter(odd, few["text"]), texts.clone().scatter(odd, few["code"])
    read = pl.DataFrame({"text": given, "code": code, "written": code, "lost": _lost_digits(texts, numbers, f)})
    read = read.with_columns(ok=is_valid_code(pl.col("code")))
    plain = pl.col("ok") & pl.col("lost").is_null() & (pl.col("code") == pl.col("text"))
    if not len(odd) and read.select((plain | pl.col("text").is_null()).all()).item():
        return code.alias(f.name), []
    broken = read.filter(~pl.col("ok") & pl.col("lost").is_null() & pl.col("code").is_not_null())["code"].unique()
    repairs = repairs_of(broken.to_list())
    repaired = pl.DataFrame({"code": list(repairs), "repair": list(repairs.values())}, schema_overrides=_TEXTS)
    read = read.join(repaired, on="code", how="left", maintain_order="left")
    if repair:
        read = read.with_columns(code=pl.coalesce("repair", "code"), ok=pl.col("ok") | pl.col("repair").is_not_null())
    trouble = read.select(
        code=pl.when(pl.col("lost").is_not_null()).then(pl.lit("code_as_number"))
        .when(pl.col("ok") & (pl.col("code") != pl.col("written"))).then(pl.lit("code_repaired"))
        .when(is_masked(pl.col("code"))).then(pl.lit("resident_number"))
        .when(~pl.col("ok") & pl.col("code").is_not_null()).then(pl.lit("credit_code_invalid")),
        # code_as_number: whether anything valid is left of it.
        detail=pl.when(pl.col("lost").is_not_null())
        .then(pl.when("ok").then(pl.lit("")).otherwise(pl.lit("lost")))
        .when(pl.col("ok")).then(pl.col("code")).otherwise(pl.col("repair")),
    )  # fmt: skip
    return read["code"].alias(f.name), _noted(trouble["code"], f, trouble["detail"])


_TEXTS = {"code": pl.String(), "repair": pl.String()}
_OF_CODES = ("credit_code", "successor", "counterparty")
"""Fields in whose place the number of a person may stand."""


def _without_shifted(troubles: list[Troubles]) -> list[Troubles]:
    """Of rows with more or fewer cells than the header only that is said: no cell of them stands where it should."""
    shifted = [t.filter(pl.col("code") == WRONG_WIDTH) for t in troubles]
    at = pl.concat(t["_at"] for t in shifted) if shifted else pl.Series("_at", [], dtype=pl.Int64)
    if at.is_empty():
        return troubles
    return [*(t.filter(~pl.col("_at").is_in(at.implode())) for t in troubles), *shifted]


def _as_marked(
    values: pl.Series, troubles: list[Troubles], records: Records, taken: Taken, positions: pl.Series
) -> tuple[pl.Series, list[Troubles]]:
    """A field's values with what the marks of its cells say."""
    if records.sheet is None:
        return values, troubles
    for c in taken.columns:
        marked = cell_troubles(records.sheet, c, positions, taken.field)
        drawn = _other_unit_drawn(records.sheet, c, positions, taken)
        values, troubles = _marked(
            values, troubles, marked if drawn is None else pl.concat([marked, drawn]), taken.field
        )
    return values, troubles


def _other_unit_drawn(sheet: Sheet, column: int, positions: pl.Series, taken: Taken) -> Troubles | None:
    """Figures behind which their number format draws another unit than the one they are read in."""
    if taken.field.kind != "quantity" or not sheet.marks.drawn:
        return None
    unit = taken.unit or taken.field.measured_in
    text = taken.unit_text or taken.field.unit
    place = {row: n for n, row in enumerate(positions)}
    drawn = []
    for (row, c), words in sheet.marks.drawn.items():
        if c != column or row not in place:
            continue
        drawn_unit = as_unit(words)
        # 万 alone is the beginning of 万元.
        other = drawn_unit != unit if drawn_unit is not None else words in _MULTIPLES and not text.startswith(words)
        if other:
            drawn.append((place[row], UNIT_DRAWN, f"{words}:{text}"))
    return pl.DataFrame(drawn, schema=MARKED, orient="row") if drawn else None


_MULTIPLES = ("百", "千", "万", "十万", "百万", "千万", "亿")


def _marked(
    values: pl.Series, troubles: list[Troubles], marked: Troubles, f: Field
) -> tuple[pl.Series, list[Troubles]]:
    """A column with what its cells' marks say: a cell that nobody can be sure of has no value."""
    if marked.is_empty():
        return values, troubles
    doubted = marked.filter(pl.col("code").is_in([NOT_COMPUTED, SCALES, UNIT_DRAWN]))["_at"]
    if len(doubted):
        values = values.scatter(doubted, pl.Series([None] * len(doubted), dtype=values.dtype))
        troubles = [t.filter(~pl.col("_at").is_in(doubted.implode())) for t in troubles]
    of_marks = marked.select("_at", field=pl.lit(f.name), code="code", detail="detail")
    return values, [*troubles, of_marks]
