"""Who did what when: every change of a store, from its batches, ratings, lists, events, reports and workbooks."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from mujun.fields import label_of
from mujun.store import Store
from mujun.workspace.county_file import CountyFile

CHANGE_SCHEMA: dict[str, pl.DataType] = {
    "at": pl.Datetime("us", "UTC"),
    "who": pl.String(),
    "kind": pl.String(),
    "number": pl.Int64(),
    "year": pl.Int64(),
    "subject": pl.String(),
    "what": pl.String(),
    "document": pl.String(),
}


def changes_on_record(county: CountyFile) -> pl.DataFrame:
    """Everything that somebody put in, newest first.

    Returns:
        `at` (UTC), `who`, `kind` (`load`, `correction`, `rating`, `final_rating`, `list`, `event`, `revocation`,
        `report`, `report_back`, `handed_out`, `amounts`, `judgement`, `publication`, `publication_back`), `number`
        within its kind, `year`, `subject` (a file, rule set, title, firm or parcel, township, place), `what` (the
        reason, label, action, month or days), `document`.
    """
    with Store.open(county.path) as store:
        parts = [*_parts(store)]
    shaped = [p.select(_column(p, name, dtype) for name, dtype in CHANGE_SCHEMA.items()) for p in parts]
    return pl.concat(shaped).sort("at", descending=True, nulls_last=True, maintain_order=True)


def _parts(store: Store) -> Iterator[pl.DataFrame]:
    corrected = pl.col("reason").is_not_null()
    yield store.batches().select(
        pl.col("loaded_at").alias("at"), "who", "number", pl.col("file").alias("subject"),
        pl.when(corrected).then(pl.lit("correction")).otherwise(pl.lit("load")).alias("kind"),
        pl.col("reason").alias("what"), "document",
    )  # fmt: skip
    yield store.runs().select(
        pl.col("created_at").alias("at"), "who", "number", "year", pl.col("rules").alias("subject"),
        pl.when("final").then(pl.lit("final_rating")).otherwise(pl.lit("rating")).alias("kind"),
        pl.col("label").alias("what"),
    )  # fmt: skip
    yield store.list_documents().select(
        pl.col("recorded_at").alias("at"), "who", "number", "year", pl.col("title").alias("subject"),
        pl.lit("list").alias("kind"), pl.col("reason").alias("what"), "document",
    )  # fmt: skip
    yield store.events().select(
        pl.col("recorded_at").alias("at"), "who", "number", "subject",
        pl.when(pl.col("revokes").is_null()).then(pl.lit("event")).otherwise(pl.lit("revocation")).alias("kind"),
        pl.col("action").alias("what"), "document",
    )  # fmt: skip
    yield store.kept_amounts().select(
        pl.col("created_at").alias("at"), "who", "number", "year", pl.col("rules").alias("subject"),
        pl.lit("amounts").alias("kind"), pl.col("label").alias("what"),
    )  # fmt: skip
    judged = store.judged()
    labels = {name: label_of(name) for name in judged["field"].unique().to_list()}
    yield judged.select(
        "at", "who", "number", "year", pl.col("credit_code").alias("subject"), pl.lit("judgement").alias("kind"),
        pl.concat_str(pl.col("field").replace(labels), pl.lit("："), pl.col("reason").fill_null("")).alias("what"),
    )  # fmt: skip
    yield store.published().select(
        "at", "who", "number", "year", "document", pl.col("place").alias("subject"),
        pl.when(pl.col("revokes").is_null()).then(pl.lit("publication")).otherwise(pl.lit("publication_back")).alias("kind"),
        pl.coalesce("reason", pl.format("{} – {}", "first", "until")).alias("what"),
    )  # fmt: skip
    every, month = store.reports(), pl.col("month").cast(pl.String).str.zfill(2)
    reports = every.filter(pl.col("revokes").is_null())
    yield every.filter(pl.col("revokes").is_not_null()).select(
        pl.col("recorded_at").alias("at"), "who", "number", "year", pl.col("office").alias("subject"),
        pl.lit("report_back").alias("kind"), pl.format("{}-{}：{}", "year", month, "note").alias("what"),
    )  # fmt: skip
    yield reports.group_by("recorded_at", "who", "file", "office", "year", "month", maintain_order=True).agg(
        pl.col("number").min()
    ).select(
        pl.col("recorded_at").alias("at"), "who", "number", "year", pl.col("office").alias("subject"),
        pl.lit("report").alias("kind"), pl.format("{}-{}", "year", month).alias("what"),
        pl.col("file").alias("document"),
    )  # fmt: skip
    yield pl.DataFrame(
        [
            {"at": i.issued_at, "who": i.who, "kind": "handed_out", "number": i.number, "year": i.year,
             "subject": i.township, "what": i.kind, "document": i.mark}
            for i in store.issues()
        ],
        schema=CHANGE_SCHEMA,
    )  # fmt: skip


def _column(part: pl.DataFrame, name: str, dtype: pl.DataType) -> pl.Expr:
    if name not in part.columns:
        return pl.lit(None, dtype).alias(name)
    if name == "at" and part.schema[name] == pl.Datetime("us"):
        return pl.col(name).dt.replace_time_zone("UTC").cast(dtype)
    return pl.col(name).cast(dtype)
