"""How figures meet what other files said of the same firm, year and field: each figure by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb
import polars as pl

from mujun.fields import TABLES, Table
from mujun.records.loaded import LoadedTable
from mujun.store.connecting import frame_of, known_as
from mujun.store.layout import addable, carried, quoted, same_key
from mujun.store.met import WAITING, Again, Met, Placed, Sender, carried_by, parted, waiting_row


def meet_fields(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    part: LoadedTable,
    sender: Sender,
    again: Again,
    outdone: pl.DataFrame | None,
    *,
    one_scale: bool,
) -> Met:
    """What becomes of the rows of a table that has one row per key; see `meeting.meet` for the arguments."""
    columns = carried_by(table, part.columns)
    whole = Placed(table.name, part.rows, part.quarantine, columns, "said", sender.series, sender.edition,
                   sender.of_batch)  # fmt: skip
    nothing = Met((whole,), pl.DataFrame(schema=WAITING))
    if part.rows.is_empty() or table.ledger:
        return nothing
    known = _known(connection, table, part.rows)
    if known.is_empty():
        return nothing
    # A name beside a figure is a witness of whose it is; the roll says what a firm is called.
    weighed = [n for n in columns if n not in table.key and (n != "name" or table.name == "enterprises")]
    judged = part.rows.select(*table.key, *weighed)
    verdicts: list[pl.Series] = []
    stood: dict[str, pl.DataFrame] = {}
    for name in weighed:
        told = _judged(table, judged, known, name, sender, again)
        if name == "scale" and table.name == "enterprises":
            told = _scales(told, outdone, one_scale=one_scale)
        stood[name] = told
        verdicts.append(told["_verdict"].alias(name))
    ruled = pl.DataFrame(verdicts)
    older = sum(int((v == "older").sum()) for v in verdicts)
    changes = [
        t.filter(pl.col("_verdict").is_in(["said", "replace", "add"]) & pl.col("_changes")) for t in stood.values()
    ]
    waiting = _fields_waiting(table, part.rows, stood)
    return Met(tuple(_by_way(whole, ruled, weighed)), waiting, sum(c.height for c in changes), older)


def _judged(
    table: Table, rows: pl.DataFrame, known: pl.DataFrame, name: str, sender: Sender, again: Again
) -> pl.DataFrame:
    """Per row of `rows` what becomes of one field: `_verdict`, `_stands`, `_stands_in`, `_changes`."""
    key, value = list(table.key), pl.col(name)
    way = pl.col("_way").fill_null("whole")
    with_value = known.filter(pl.col("_columns").list.contains(name), value.is_not_null() | (way == "whole"))
    decided = pl.when(way.is_in(["whole", "replace"])).then(pl.col("_form")).max().over(key)
    # A correction may say that there is nothing; a blank of format 4 says only that the cell was empty.
    live = with_value.filter(pl.col("_form") >= decided.fill_null(0)).sort("_form")
    live = live.filter(value.is_not_null() | pl.col("_way").is_not_null())
    mine = pl.col("_series").eq_missing(pl.lit(sender.series)) & pl.lit(sender.series is not None)
    newest_claims = live.with_columns(_mine=mine, _adds=way == "add").unique(
        [*key, "_series", "_adds"], keep="last", maintain_order=True
    )
    base, adds = pl.col("_adds").not_(), pl.col("_adds")
    others, of_batch = base & ~pl.col("_mine"), base & pl.col("_mine")
    claims = newest_claims.group_by(key).agg(
        others.sum().alias("_others"),
        value.filter(others).n_unique().alias("_values"),
        value.filter(others).first().alias("_other"),
        of_batch.any().alias("_own"),
        value.filter(of_batch).last().alias("_own_value"),
        pl.col("_batch").filter(of_batch).max().alias("_own_batch"),
        pl.col("_edition").filter(of_batch).max().alias("_own_edition"),
        (adds & pl.col("_mine")).any().alias("_my_add"),
        value.filter(adds & pl.col("_mine")).last().alias("_my_added"),
        (adds & ~pl.col("_mine")).any().alias("_other_adds"),
        *([value.filter(adds).sum().alias("_added")] if name in addable(table) else [pl.lit(None).alias("_added")]),
        value.filter(base).last().alias("_base"),
        pl.col("_file").filter(~pl.col("_mine")).unique(maintain_order=True).str.join(" + ").alias("_stands_in"),
    )
    joined = rows.select(*key, value).join(claims, on=key, how="left", nulls_equal=True, maintain_order="left")
    has_adds = (pl.col("_my_add") | pl.col("_other_adds")).fill_null(value=False)
    total = pl.col("_base")
    if name in addable(table):
        total = pl.when(has_adds).then(pl.col("_base").fill_null(0) + pl.col("_added")).otherwise(pl.col("_base"))
        total = total.cast(table.by_name[name].dtype)
    beside = (pl.col("_others") > 0) | pl.col("_other_adds")
    own_differs = pl.col("_own") & value.ne_missing(pl.col("_own_value"))
    older = own_differs & (pl.col("_own_edition") > pl.lit(sender.edition, dtype=pl.Int32))
    outrun = own_differs & (pl.col("_own_batch") > pl.lit(sender.of_batch, dtype=pl.Int32))
    agrees = (
        pl.when(has_adds).then(value == total).otherwise((pl.col("_values") == 1) & value.eq_missing(pl.col("_other")))
    )
    contested = {
        "ask": "wait",
        "replace": "replace",
        "keep": "kept",
        "add": "add" if name in addable(table) else "wait",
    }
    verdict = (
        pl.when(value.is_null() | pl.col("_others").is_null()).then(pl.lit("said"))
        .when(pl.col("_my_add")).then(pl.lit("add"))
        .when(older.fill_null(value=False)).then(pl.lit("older"))
        .when(outrun.fill_null(value=False)).then(pl.lit(contested[again] if again != "add" else "wait"))
        .when(~beside | (pl.col("_own") & (pl.col("_others") == 0))).then(pl.lit("said"))
        .when(pl.lit(contested[again] == "add")).then(pl.lit("add"))
        .when(agrees & has_adds).then(pl.lit("wait"))
        .when(agrees).then(pl.lit("said"))
        .otherwise(pl.lit(contested[again]))
    )  # fmt: skip
    mine_before = pl.when(pl.col("_my_add")).then(pl.col("_my_added")).when(pl.col("_own")).then(pl.col("_own_value"))
    before = mine_before.otherwise(total)
    after = pl.when((pl.col("_verdict") == "add") & ~pl.col("_my_add")).then(None).otherwise(value)
    told = joined.with_columns(_verdict=verdict, _stands=total)
    changes = before.is_not_null() & value.is_not_null() & before.ne_missing(after)
    return told.with_columns(_changes=changes.fill_null(value=False)).select(
        *key, name, "_verdict", "_stands", "_stands_in", "_changes"
    )


def _scales(told: pl.DataFrame, outdone: pl.DataFrame | None, *, one_scale: bool) -> pl.DataFrame:
    """The verdicts on 规上 and 规下: of two lists the one with 规上 is right, and neither waits."""
    if one_scale:
        upper = (pl.col("scale") == "规上") & (pl.col("_stands") == "规下")
        told = told.with_columns(
            _verdict=pl.when(upper).then(pl.lit("replace")).otherwise("_verdict"),
            _changes=pl.col("_changes") & ~upper.fill_null(value=False),
        )
    if outdone is None:
        return told
    firm = ["year", "credit_code"]
    lost = told.join(outdone.with_columns(_lost=True), on=firm, how="left", maintain_order="left")["_lost"]
    out = lost.fill_null(value=False)
    return told.with_columns(
        _verdict=pl.when(out).then(pl.lit("gives way")).otherwise("_verdict"), _changes=pl.col("_changes") & ~out
    )


def _by_way(whole: Placed, ruled: pl.DataFrame, weighed: Sequence[str]) -> Iterator[Placed]:
    """The rows apart by what becomes of their fields: first those that are simply said, with the quarantine."""
    table = TABLES[whole.table]
    plain = ruled.select(pl.all_horizontal(pl.col(weighed) == "said") if weighed else pl.lit(value=True)).to_series()
    yield parted(whole, whole.rows.filter(plain), whole.columns, "said", first=True)
    for pattern in ruled.filter(~plain).unique(maintain_order=True).iter_rows(named=True):
        here = ruled.select(pl.all_horizontal(pl.col(n) == w for n, w in pattern.items())).to_series()
        rows = whole.rows.filter(here)
        others = [n for n in whole.columns if n not in pattern]
        for way in ("said", "replace", "add", "wait", "older", "kept"):
            ruling = [n for n in weighed if pattern[n] == way or (way == "older" and pattern[n] == "gives way")]
            if ruling or (way == "said" and len(others) > len(table.key)):
                columns = (*others, *ruling) if way == "said" else (*table.key, *ruling)
                yield parted(whole, rows, carried_by(table, columns), way)


def _fields_waiting(table: Table, rows: pl.DataFrame, stood: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    waiting = []
    for name, told in stood.items():
        open_ = told.with_columns(_i=pl.int_range(pl.len())).filter(
            pl.col("_verdict") == "wait", pl.col(name).ne_missing(pl.col("_stands"))
        )
        if open_.is_empty():
            continue
        of_rows = rows[open_["_i"]]
        for row, told_row in zip(of_rows.iter_rows(named=True), open_.iter_rows(named=True), strict=True):
            waiting.append(waiting_row(table, row, name, told_row["_stands"], told_row["_stands_in"], row[name]))
    return pl.DataFrame(waiting, schema=WAITING, orient="row")


def _known(connection: duckdb.DuckDBPyConnection, table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Every row ever said of the keys of `rows` that may stand, oldest form first."""
    key = list(table.key)
    with known_as(connection, "asked", rows.select(key)):
        same = same_key(table, "a", "r")
        frame = frame_of(
            connection.sql(
                f"SELECT r.*, b.file AS _file, f.columns AS _columns, m.way AS _way, m.series AS _series, "  # noqa: S608
                f"m.edition AS _edition FROM records.{quoted(table.name)} r SEMI JOIN asked a ON {same} "
                f"JOIN ({carried(table)}) c ON c._form = r._form JOIN form f ON f.number = r._form "
                "JOIN batch b ON b.number = r._batch LEFT JOIN meeting m ON m.form = r._form ORDER BY r._form"
            )
        )
    return frame.with_columns(*(pl.col(n).cast(d) for n, d in table.schema.items()), pl.col("_way").cast(pl.String))
