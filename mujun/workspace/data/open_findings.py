"""Findings that nobody has settled: those on record, without those whose figure a later correction says anew."""

from __future__ import annotations

import polars as pl

from mujun.fields import TABLES
from mujun.store import Store
from mujun.workspace.county_file import CountyFile


def open_findings(county: CountyFile, year: int | None = None) -> pl.DataFrame:
    """The findings of a year, as `findings` gives them, without those that a later correction has settled."""
    with Store.open(county.path) as store:
        return unsettled(store, store.findings(year=year))


def unsettled(store: Store, found: pl.DataFrame) -> pl.DataFrame:
    """Findings without those about a figure of a firm and year that a newer batch with a reason says anew."""
    batches = store.batches()
    corrections = batches.filter(pl.col("reason").is_not_null())["number"].to_list()
    if not corrections or found.is_empty():
        return found
    fields = store.forms()
    said = []
    for name in found["table"].drop_nulls().unique().to_list():
        table = TABLES.get(name)
        if table is None or not {"year", "credit_code"} <= set(table.key):
            continue
        codes = found.filter(pl.col("table") == name)["credit_code"].drop_nulls().unique().to_list()
        rows = store.spoken_of(name, codes).filter(pl.col("_batch").is_in(corrections))
        said += [
            (name, row["year"], row["credit_code"], field, row["_batch"])
            for row in rows.iter_rows(named=True)
            for field in fields.get(row["_form"], ())
        ]
    schema: dict[str, pl.DataType] = {
        "table": pl.String(),
        "year": found.schema["year"],
        "credit_code": pl.String(),
        "field": pl.String(),
        "_settled": found.schema["batch"],
    }
    figure = ["table", "year", "credit_code", "field"]
    settled = pl.DataFrame(said, schema=schema, orient="row").group_by(figure).agg(pl.col("_settled").max())
    joined = found.join(settled, on=figure, how="left", maintain_order="left")
    return joined.filter(pl.col("_settled").is_null() | (pl.col("_settled") <= pl.col("batch"))).drop("_settled")
