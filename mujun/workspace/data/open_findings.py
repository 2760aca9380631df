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


def unsettled(store: Store, findings: pl.DataFrame) -> pl.DataFrame:
    """Findings without those about a figure of a firm and year that a newer batch with a reason says anew."""
    batches = store.batches()
    corrections = batches.filter(pl.col("reason").is_not_null())["number"].to_list()
    if not corrections or findings.is_empty():
        return findings
    fields = store.forms()
    figures_settled = []
    for name in findings["table"].drop_nulls().unique().to_list():
        table = TABLES.get(name)
        if table is None or not {"year", "credit_code"} <= set(table.key):
            continue
        codes = findings.filter(pl.col("table") == name)["credit_code"].drop_nulls().unique().to_list()
        rows = store.spoken_of(name, codes).filter(pl.col("_batch").is_in(corrections))
        figures_settled += [
            (name, row["year"], row["credit_code"], field, row["_batch"])
            for row in rows.iter_rows(named=True)
            for field in fields.get(row["_form"], ())
        ]
    schema: dict[str, pl.DataType] = {
        "table": pl.String(),
        "year": findings.schema["year"],
        "credit_code": pl.String(),
        "field": pl.String(),
        "_settled": findings.schema["batch"],
    }
    figure = ["table", "year", "credit_code", "field"]
    settled = pl.DataFrame(figures_settled, schema=schema, orient="row").group_by(figure).agg(pl.col("_settled").max())
    joined = findings.join(settled, on=figure, how="left", maintain_order="left")
    return joined.filter(pl.col("_settled").is_null() | (pl.col("_settled") <= pl.col("batch"))).drop("_settled")
