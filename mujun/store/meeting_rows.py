"""How rows of land meet those that other files gave of the same firm and year, tenure by tenure."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import polars as pl

from mujun.fields import Table
from mujun.records.loaded import LoadedTable
from mujun.store.connecting import frame_of, known_as
from mujun.store.layout import TELLS_ROWS, newest, same_key
from mujun.store.met import SAYS, WAITING, Again, Met, Placed, Sender, carried_by, parted


def meet_rows(
    connection: duckdb.DuckDBPyConnection, table: Table, part: LoadedTable, sender: Sender, again: Again
) -> Met:
    """What becomes of the rows of a table in which a key has many; see `meeting.meet` for the arguments."""
    columns = carried_by(table, part.columns)
    way = "said" if sender.of_batch is None else "complete"
    whole = Placed(table.name, part.rows, part.quarantine, columns, way, sender.series, sender.edition,
                   sender.of_batch)  # fmt: skip
    nothing = Met((whole,), pl.DataFrame(schema=WAITING))
    if part.rows.is_empty():
        return nothing
    live = _live(connection, table, part.rows)
    if live.is_empty():
        return nothing
    mine = pl.col("_series").eq_missing(pl.lit(sender.series))
    if sender.of_batch is None:
        mine = mine & pl.lit(sender.series is not None)
    else:
        mine = mine | (pl.col("_batch") == sender.of_batch)
    cell = [*table.key, TELLS_ROWS]
    others, of_batch = _claims(live.filter(~mine), cell), _claims(live.filter(mine), cell)
    asked = _claims(part.rows.with_columns(_file=pl.lit(""), _batch=pl.lit(0), _edition=pl.lit(None)), cell)
    of_others = others.select(*cell, "_stands_in", pl.col("_says").alias("_other"), pl.col("_words").alias("_stands"))
    of_own = of_batch.select(*cell, "_newest", "_edition", pl.col("_says").alias("_own"))
    told = asked.select(*cell, "_says", "_words").join(of_others, on=cell, how="left", maintain_order="left")
    told = told.join(of_own, on=cell, how="left", maintain_order="left")
    older = (pl.col("_edition") > pl.lit(sender.edition, dtype=pl.Int32)) & (pl.col("_own") != pl.col("_says"))
    outrun = (pl.col("_newest") > pl.lit(sender.of_batch, dtype=pl.Int32)) & pl.lit(sender.series is not None)
    agrees = pl.col("_other") == pl.col("_says")
    contested = {"ask": "wait", "replace": "replace", "keep": "kept", "add": "add"}[again]
    told = told.with_columns(
        _verdict=pl.when(older.fill_null(value=False)).then(pl.lit("older"))
        .when(outrun.fill_null(value=False)).then(pl.lit("wait" if again == "add" else contested))
        .when(pl.col("_other").is_null()).then(pl.lit(way))
        .when(agrees & pl.lit(again != "add")).then(pl.lit("wait"))
        .otherwise(pl.lit(contested))
    )  # fmt: skip
    verdict = part.rows.select(cell).join(told.select(*cell, "_verdict"), on=cell, how="left", maintain_order="left")
    # The columns of one form are those of the file, whatever becomes of its rows.
    placed = [parted(whole, part.rows.filter(verdict["_verdict"] == way), columns, way, first=True)]
    for other in ("replace", "add", "wait", "older", "kept"):
        rows = part.rows.filter(verdict["_verdict"] == other)
        if rows.height:
            placed.append(parted(whole, rows, columns, other))
    replaced = told.filter(pl.col("_verdict") == "replace").height
    if way == "said":
        replaced += _rows_changed(table, live.filter(mine), part.rows.filter(verdict["_verdict"] == way))
    return Met(
        tuple(placed),
        _rows_waiting(table, part.rows, told),
        replaced,
        told.filter(pl.col("_verdict") == "older").height,
    )


def _live(connection: duckdb.DuckDBPyConnection, table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    with known_as(connection, "asked", rows.select(list(table.key)).unique()):
        same = same_key(table, "a", "s")
        also = ", c._series, c._edition"
        frame = frame_of(
            connection.sql(
                f"SELECT s.* FROM ({newest(table, also=also)}) s SEMI JOIN asked a ON {same}"  # noqa: S608
            )
        )
    return frame.with_columns(*(pl.col(n).cast(d) for n, d in table.schema.items()))


def _claims(rows: pl.DataFrame, cell: Sequence[str]) -> pl.DataFrame:
    """What rows say of each firm, year and tenure, in an order of their own, and in words."""
    area = pl.format("{}亩", pl.col("area_mu").cast(pl.String).str.replace(r"\.?0+$", ""))
    says = pl.concat_str([pl.col(n).cast(pl.String).fill_null("") for n in SAYS], separator="\x1f")
    words = pl.concat_str([pl.col("parcel"), area, pl.col("counterparty")], separator=" ", ignore_nulls=True)
    return (
        rows.with_columns(_says=says, _words=words)
        .sort("_says")
        .group_by(cell, maintain_order=True)
        .agg(
            pl.col("_says").str.join("\x1e"),
            pl.col("_words").str.join("；"),
            pl.col("_file").unique(maintain_order=True).str.join(" + ").alias("_stands_in"),
            pl.col("_batch").max().alias("_newest"),
            pl.col("_edition").max(),
        )
    )


def _rows_changed(table: Table, before: pl.DataFrame, now: pl.DataFrame) -> int:
    """How many firms' years have other rows in this version than in the sender's version before."""
    key = list(table.key)
    cells = [*key, TELLS_ROWS]
    plain = {"_file": pl.lit(""), "_batch": pl.lit(0), "_edition": pl.lit(None)}
    old = _claims(before.with_columns(**plain), cells).join(now, on=key, how="semi")
    new = _claims(now.with_columns(**plain), cells).join(before, on=key, how="semi")
    both = old.join(new, on=[*cells, "_says"], how="inner")
    changed = pl.concat([t.join(both, on=cells, how="anti").select(key) for t in (old, new)])
    return changed.unique().height


def _rows_waiting(table: Table, rows: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    open_ = told.filter(pl.col("_verdict") == "wait", pl.col("_other").ne_missing(pl.col("_says")))
    first = rows.unique([*table.key, TELLS_ROWS], keep="first", maintain_order=True)
    joined = open_.join(first, on=[*table.key, TELLS_ROWS], how="left", maintain_order="left")
    waiting = [
        (
            table.name, row["year"], row["credit_code"], row["name"], row[TELLS_ROWS], "area_mu", row["_stands"],
            row["_stands_in"], row["_words"], None, row["_sheet"], row["_row"],
        )
        for row in joined.iter_rows(named=True)
    ]  # fmt: skip
    return pl.DataFrame(waiting, schema=WAITING, orient="row")
