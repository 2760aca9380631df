"""From typed rows to findings: the models of `schemas`, duplicates, several holders in a cell, days backwards.

Every check works on whole columns; findings are made only for what failed. Counts are complete.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from mujun.fields import TABLES, Table
from mujun.records import cell_troubles
from mujun.records.bills import overlapping_bills
from mujun.records.finding import Finding
from mujun.records.headers import meaning
from mujun.records.identity import HOLDERS, names_several
from mujun.records.loaded import LoadedTable
from mujun.records.readings.row_sums import WAITS
from mujun.records.readings.tables_fed import FIGURES
from mujun.records.roll import NO_ROLL, Roll, Short, names_of_others, short_code
from mujun.records.rows_where import rows_where
from mujun.records.shapes import shape_of
from mujun.records.township_spellings import spelled_otherwise
from mujun.records.trouble_findings import SHORT, findings_of
from mujun.records.typed import TROUBLE, Part, Troubles
from mujun.records.units_behind import with_units

_WARNINGS = (
    frozenset(
        (
            "code_repaired",
            "duplicate_row",
            "both_scales",
            "several_holders",
            "township_spelling",
            "usage_overlap",
            "figure_among_extra",
            "shape_unreadable",
        )
    )
    | cell_troubles.WARNINGS
)
_LEFT_OUT = ("duplicate_row", "both_scales")
_SETTLED = (WAITS, "duplicate_row")


def checked(part: Part, file: str, roll: Roll = NO_ROLL) -> tuple[list[LoadedTable], list[Finding]]:
    """The rows that are in, the rows that are kept out, and the findings of one table of a file.

    Args:
        part: the table's rows.
        file: the file's name.
        roll: the firms that are known.

    Returns:
        The table once for each set of columns that its sheets carry, and the findings of all of them.

    Raises:
        InputError: `too_many_findings`.
    """
    table = part.table
    frame = part.typed.select(list(table.schema))
    troubles = pl.concat(
        [
            part.troubles,
            _failures(table, frame, part.troubles),
            *_holders(table, part.shown),
            *_backwards(part),
            *_duplicates(part),
            *_continued(part),
            *_shared_days(part),
            *_known_figures(part),
            *_shapes(part),
            _names_of_others(part, roll),
            _townships(part, roll),
        ]
    )
    troubles = _by_the_roll(part, troubles, roll)
    troubles = troubles.with_columns(severity=_severity()).sort("_at", maintain_order=True)
    errors = troubles.filter(pl.col("severity") == "error")["_at"].unique()
    left_out = troubles.filter(pl.col("code").is_in(_LEFT_OUT))["_at"].unique()
    at = pl.int_range(pl.len(), dtype=pl.Int64)
    bad, taken = at.is_in(errors.implode()), ~at.is_in(errors.implode()) & ~at.is_in(left_out.implode())
    # Only rows that are kept out are loaded back, and the units behind their figures take memory.
    kept = pl.concat([part.typed.select("_sheet", "_row"), part.kept], how="horizontal")
    loaded = []
    for columns in part.columns.unique(maintain_order=True):
        here = part.columns == columns
        rows, quarantine = rows_where(part.typed, taken & here), with_units(rows_where(kept, bad & here), part.units)
        loaded.append(LoadedTable(table.name, rows, quarantine, tuple(columns.split(" "))))
    return loaded, findings_of(part, troubles, file)


def _severity() -> pl.Expr:
    # A code of which the digits are gone keeps the row out only where nothing valid is left of it.
    lost = (pl.col("code") == "code_as_number") & (pl.col("detail").fill_null("") == "lost")
    warning = pl.col("code").is_in(_WARNINGS) | ((pl.col("code") == "code_as_number") & ~lost)
    return pl.when(warning).then(pl.lit("warning")).otherwise(pl.lit("error"))


def _troubles(frame: pl.DataFrame) -> Troubles:
    return frame.select(pl.col(name).cast(dtype) for name, dtype in TROUBLE.items())


# ----------------------------------------------------------------------------------------------------------- the models


def _failures(table: Table, frame: pl.DataFrame, known: Troubles) -> Troubles:
    """What the table's model says, without cells that are known to be wrong already."""
    # Pandera takes as long to import as a small file to read; who only looks at the store does not need it.
    from mujun.records import schemas

    failures = schemas.failures(table.name, frame)
    if failures.is_empty():
        return pl.DataFrame(schema=TROUBLE)
    check = pl.col("check")
    is_key = pl.col("field").is_in(table.firm_key)
    is_quantity = pl.col("field").is_in([f.name for f in table.fields if f.kind == "quantity"])
    code = (
        pl.when((check == "not_nullable") & is_key).then(pl.lit("missing_key"))
        .when(check == "not_nullable").then(pl.lit("missing_required"))
        .when(check.str.starts_with("isin")).then(pl.lit("unknown_choice"))
        .when(check.str.starts_with("str_matches")).then(pl.lit("unreadable_cell"))
        .when(check == "code_is_valid").then(pl.lit("credit_code_invalid"))
        .when(check.str.starts_with("greater_than") & is_quantity).then(pl.lit("negative_value"))
        .otherwise(pl.lit("impossible_year"))
    )  # fmt: skip
    failures = failures.with_columns(code=code, detail=pl.lit(None, dtype=pl.String))
    # A code repaired or read as a number is still judged, a cell that could not be read is not also missing.
    silent = known.filter(~pl.col("code").is_in(["code_repaired"]))
    shifted = known.filter(pl.col("code") == cell_troubles.WRONG_WIDTH)["_at"]
    failures = failures.filter(~pl.col("_at").is_in(shifted.implode()))
    return _troubles(
        failures.join(silent, on=["_at", "field"], how="anti").unique(["_at", "field"], maintain_order=True)
    )


# ------------------------------------------------------------------------------------------------------ several holders


def _holders(table: Table, shown: pl.DataFrame) -> list[Troubles]:
    """Cells that name several holders: two firms, or two persons, with a sign between them."""
    troubles = []
    for name in HOLDERS:
        if name not in table.by_name:
            continue
        hits = shown.select(pl.col(name)).with_row_index("_at").filter(names_several(pl.col(name)))
        detail = pl.lit(None, dtype=pl.String)
        troubles.append(_troubles(hits.with_columns(field=pl.lit(name), code=pl.lit("several_holders"), detail=detail)))
    return troubles


# ------------------------------------------------------------------------------------------------------------ the roll


def _by_the_roll(part: Part, troubles: Troubles, roll: Roll) -> Troubles:
    """Troubles without codes that do not check and are confirmed; with what the roll says of codes that are short."""
    if "credit_code" not in part.typed.columns:
        return troubles
    codes = part.typed["credit_code"]
    invalid = troubles.filter(pl.col("code") == "credit_code_invalid", pl.col("field") == "credit_code")
    if invalid.is_empty():
        return troubles
    invalid = invalid.with_columns(codes.gather(invalid["_at"]).alias("given"))
    confirmed = invalid.filter(pl.col("given").is_in(list(roll.confirmed)))
    troubles = troubles.join(confirmed.select("_at", "field", "code"), on=["_at", "field", "code"], how="anti",
                             maintain_order="left")  # fmt: skip
    short = invalid.filter(pl.col("given").str.len_chars() == 17)
    if short.is_empty():
        return troubles
    named = part.typed["name"] if "name" in part.typed.columns else None
    short_codes = [
        (at, "credit_code", _short_said(short_code(code, None if named is None else named[at], roll)))
        for at, code in short.select("_at", "given").iter_rows()
    ]
    by_roll = pl.DataFrame(short_codes, schema={"_at": pl.Int64, "field": pl.String, "_said": pl.String}, orient="row")
    joined = troubles.join(by_roll, on=["_at", "field"], how="left", maintain_order="left")
    is_it = (pl.col("code") == "credit_code_invalid") & pl.col("_said").is_not_null()
    return _troubles(joined.with_columns(detail=pl.when(is_it).then("_said").otherwise("detail")))


def _short_said(short: Short) -> str:
    return f"{SHORT}{short.witness}:{short.proposed}:{short.called}"


def _names_of_others(part: Part, roll: Roll) -> Troubles:
    """Rows whose code and name are two firms of the roll: nobody knows which of the two is right."""
    if part.table.name in _OF_TWO_NAMES or not {"credit_code", "name"} <= set(part.typed.columns):
        return pl.DataFrame(schema=TROUBLE)
    rows = part.typed.select("credit_code", "name").with_row_index("_at").with_columns(pl.col("_at").cast(pl.Int64))
    # A list of firms says itself who is called how: it is held against the earlier ones.
    others = names_of_others(rows, roll.firms if part.table.name == "enterprises" else roll.everyone)
    detail = pl.concat_str("other", pl.lit(":"), "own", pl.lit(":"), "theirs")
    return _troubles(others.with_columns(field=pl.lit("name"), code=pl.lit("name_of_another"), detail=detail))


def _townships(part: Part, roll: Roll) -> Troubles:
    """Townships of a list of firms that look like others written otherwise: once each, where it stands first."""
    if part.table.name != "enterprises":
        return pl.DataFrame(schema=TROUBLE)
    townships = part.typed["township"].drop_nulls()
    rows = [
        (part.typed["township"].index_of(text), "township", "township_spelling", f"{meant}:{(townships == text).sum()}")
        for text, meant in spelled_otherwise(townships.to_list(), roll.townships).items()
    ]
    return pl.DataFrame(rows, schema=TROUBLE, orient="row")


_OF_TWO_NAMES = ("aliases", "matches")
"""Tables that speak of names that changed."""

# ------------------------------------------------------------------------------------------------------ days backwards


def _backwards(part: Part) -> list[Troubles]:
    """Rows that end before they begin: of a bill or a label that is never in force nothing can be made."""
    begins = [n for n in ("from", "since") if n in part.table.by_name]
    if not begins or "until" not in part.table.by_name:
        return []
    rows = part.typed.with_row_index("_at").filter(pl.col("until") < pl.col(begins[0]))
    first = pl.col(begins[0]).cast(pl.String)
    return [_troubles(rows.with_columns(field=pl.lit("until"), code=pl.lit("ends_before"), detail=first))]


# ----------------------------------------------------------------------------------------------------------- duplicates


def _duplicates(part: Part) -> list[Troubles]:
    """Rows that repeat a record: identical ones, one of both scales, and ones that contradict.

    Rows of sheets with different columns (one of electricity, one of coal) complete each other as long as the columns
    they share agree.
    """
    table, fields = part.table, list(part.table.schema)
    key = fields if table.many else list(table.key)
    # Of most files no two rows speak of the same: whole numbers tell it in a fraction of the room.
    if not table.many and part.typed.select(key).hash_rows().n_unique() == part.typed.height:
        return []
    frame = part.typed.with_row_index("_at").with_columns(
        pl.col("_at").cast(pl.Int64), part.beside_text.alias("_beside")
    )
    # What was settled when rows of a firm were added up is not judged again.
    told = part.troubles.filter(pl.col("code").is_in(_SETTLED))["_at"]
    settled = frame.filter(pl.col("_at").is_in(told.implode())).select(key).unique()
    frame = frame.filter(~pl.any_horizontal(pl.col(list(table.firm_key)).is_null()) & pl.struct(key).is_duplicated())
    if settled.height:
        frame = frame.join(settled, on=key, how="anti", nulls_equal=True, maintain_order="left")
    wrong = part.troubles.filter(~pl.col("code").is_in([*_WARNINGS, "code_as_number"]))["_at"].unique()
    if table.many:
        # An unreadable cell is null: two such rows are not the same row; nor are two told apart by a column not read.
        frame = frame.filter(~pl.col("_at").is_in(wrong.implode()))
        frame = frame.filter(pl.struct([*key, "_beside"]).is_duplicated())
        key = [*key, "_beside"]
    if frame.is_empty():
        return []
    repeats = []
    if table.name == "enterprises":
        above = (pl.col("scale") == "规上").any().over(key)
        both = frame.filter(above & (pl.col("scale") == "规下"))
        repeats.append(_repeated(both, "scale", "both_scales", pl.lit(None, dtype=pl.String)))
        frame = frame.filter(~pl.col("_at").is_in(both["_at"].implode()))
    frame = frame.with_columns(_columns=part.columns.gather(frame["_at"]))
    forms = {text: text.split(" ") for text in frame["_columns"].unique()}
    adds, agrees = pl.lit(False), pl.lit(True)
    for f in fields:
        if f not in key:
            carried = pl.col("_columns").is_in([text for text, columns in forms.items() if f in columns])
            adds |= carried & (pl.col("_at") == pl.col("_at").filter(carried).first().over(key))
            agrees &= ~carried | pl.col(f).eq_missing(pl.col(f).filter(carried).first().over(key))
    # A row repeats one of its own sheet or of a sheet like it, where there is one before it.
    alike, first = pl.col("_at").min().over(*key, "_columns"), pl.col("_at").min().over(key)
    at_first = pl.when(alike < pl.col("_at")).then(alike).otherwise(first)
    frame = frame.with_columns(_adds=adds, _agrees=agrees, _at_first=at_first)
    beside_first = part.beside_text.gather(frame["_at_first"])
    frame = frame.with_columns(_alike=(pl.col("_beside") == beside_first))
    later = frame.filter((pl.col("_at") != pl.col("_at_first")) & ~(pl.col("_adds") & pl.col("_agrees")))
    whole = ~pl.col("_at").is_in(wrong.implode()) & ~pl.col("_at_first").is_in(wrong.implode())
    same = pl.col("_agrees") & whole & (pl.col("_alike") | pl.lit(table.name not in FIGURES))
    # Of rows that contradict each other nobody knows which is right: none of them counts.
    contradicting = later.filter(~same).select(*key, _others=pl.col("_columns")).unique()
    speaks_of_it = pl.concat_str("_columns", pl.lit("|"), "_others").is_in(_sharing(forms, key))
    if "name" in table.by_name:
        speaks_of_it |= pl.col("name").drop_nulls().n_unique().over(key) > 1
    clashing = (
        frame.join(contradicting, on=key, how="inner", nulls_equal=True, maintain_order="left")
        .filter(speaks_of_it)
        .unique("_at", maintain_order=True)
    )
    again = later.join(clashing.select("_at"), on="_at", how="anti", maintain_order="left")
    last_key = table.key[-1]
    repeats.append(_repeated(_beside_another(again, part, pl.col("_at_first")), last_key, "duplicate_row", _PLACE))
    least = pl.col("_at").min().over(key)
    other = pl.when(pl.col("_at") == least).then(pl.col("_at").filter(pl.col("_at") != least).min().over(key))
    beside = _beside_another(clashing, part, other.otherwise(least)).filter(~pl.col("_at").is_in(wrong.implode()))
    repeats.append(_repeated(beside, last_key, "duplicate_key", _PLACE))
    return repeats


def _sharing(forms: Mapping[str, Collection[str]], key: Collection[str]) -> list[str]:
    """Sets of columns, two by two, that speak of the same: rows of coal contradict each other, none of electricity."""
    figures = {text: {*columns} - {*key, "name"} for text, columns in forms.items()}
    return [f"{a}|{b}" for a in forms for b in forms if a == b or figures[a] & figures[b]]


def _beside_another(rows: pl.DataFrame, part: Part, other: pl.Expr) -> pl.DataFrame:
    """Rows with sheet and row of another: `_sheet_other`, `_row_other`."""
    rows = rows.with_columns(_other=other)
    places = part.typed.select(pl.col("_sheet", "_row").gather(rows["_other"])).select(pl.all().name.suffix("_other"))
    return rows.with_columns(places)


_PLACE = (
    pl.when(pl.col("_sheet_other").is_not_null() & (pl.col("_sheet_other") != pl.col("_sheet")))
    .then(pl.concat_str(pl.col("_sheet_other"), pl.lit("!"), pl.col("_row_other")))
    .otherwise(pl.col("_row_other").cast(pl.String))
)


def _continued(part: Part) -> list[Troubles]:
    """Rows of a firm above rows without code and name, which may hold a part of its figures: they wait."""
    table = part.table
    if table.key != ("year", "credit_code") or table.name not in (*FIGURES, "land"):
        return []
    rows = part.typed.with_row_index("_at").with_columns(pl.col("_at").cast(pl.Int64))
    nameless = part.shown.select(n=pl.all_horizontal(pl.col("credit_code", "name").is_null()))["n"]
    shifted = part.troubles.filter(pl.col("code") == cell_troubles.WRONG_WIDTH)["_at"]
    below = rows.filter(nameless & ~pl.col("_at").is_in(shifted.implode()))
    if below.is_empty():
        return []
    below = below.filter(~_sums_up(rows, [f.name for f in table.fields if f.kind == "quantity"]).gather(below["_at"]))
    whose = rows.select("_at", pl.col("credit_code").forward_fill().over("_sheet", order_by="_at"))
    firms = below.select("_at", "_row").join(whose, on="_at").drop_nulls("credit_code")
    first = firms.group_by("credit_code").agg(pl.col("_row").min().cast(pl.String).alias("detail"))
    waits = rows.join(first, on="credit_code", how="inner", maintain_order="left")
    return [_troubles(waits.with_columns(field=pl.lit("credit_code"), code=pl.lit(WAITS)))]


def _sums_up(rows: pl.DataFrame, figures: list[str]) -> pl.Series:
    """Whether each figure of a row is the sum of all above it on its sheet: a total that does not say so."""
    above = [pl.col(n).cast(pl.Decimal(38, 6)).fill_null(0).cum_sum().shift(1).over("_sheet") for n in figures]
    same = [pl.col(n).is_null() | (pl.col(n).cast(pl.Decimal(38, 6)) == a) for n, a in zip(figures, above, strict=True)]
    return rows.select(s=pl.all_horizontal(same).fill_null(value=False))["s"]


def _shared_days(part: Part) -> list[Troubles]:
    """Bills of one meter whose days overlap: both count, and somebody is to look."""
    if part.table.name != "usage":
        return []
    rows = part.typed.with_row_index("_at").with_columns(pl.col("_at").cast(pl.Int64))
    rows = rows.drop_nulls(["credit_code", "utility", "from", "until"]).filter(pl.col("until") >= pl.col("from"))
    # The same bill twice is told as that.
    once = rows.unique(list(part.table.key), keep="first", maintain_order=True)
    overlapping = overlapping_bills(once)
    bill = pl.concat_str("utility", pl.col("account").fill_null("—"), "from", "until", "_before", separator="\x1f")
    return [_troubles(overlapping.with_columns(field=pl.lit("from"), code=pl.lit("usage_overlap"), detail=bill))]


def _known_figures(part: Part) -> list[Troubles]:
    """Rows of 补充指标 that name a figure of the dictionary: there it would count nowhere."""
    if part.table.name != "extra":
        return []
    rows = part.typed.with_row_index("_at").filter(pl.col("field").is_not_null())
    owners = {text: _table_of_figure(text) for text in rows["field"].unique().to_list()}
    of_table = pl.col("field").replace_strict(owners, default=None, return_dtype=pl.String)
    named = rows.with_columns(detail=of_table).filter(pl.col("detail").is_not_null())
    known = named.select("_at", field=pl.lit("field"), code=pl.lit("figure_among_extra"), detail="detail")
    return [_troubles(known)]


def _table_of_figure(text: str) -> str | None:
    """The label of the table that has a figure of this name as its own."""
    for name in (*FIGURES, "land"):
        header = meaning(text, name)
        if header is not None and header.field.kind == "quantity":
            return TABLES[name].label
    return None


def _shapes(part: Part) -> list[Troubles]:
    """Shapes that no map can show: the parcel is in, and somebody is to draw it anew."""
    if part.table.name != "parcels" or part.typed["geometry"].null_count() == part.typed.height:
        return []
    read = [(at, shape_of(text)) for at, text in enumerate(part.typed["geometry"]) if text is not None]
    unreadable = [
        (at, "geometry", "shape_unreadable", why) for at, why in read if isinstance(why, str) and why != "point"
    ]
    return [pl.DataFrame(unreadable, schema=TROUBLE, orient="row")]


def _repeated(rows: pl.DataFrame, field: str, code: str, detail: pl.Expr) -> Troubles:
    return _troubles(rows.with_columns(detail=detail, field=pl.lit(field), code=pl.lit(code)))
