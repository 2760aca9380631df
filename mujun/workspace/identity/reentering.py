"""Rows that were kept out, taken in later: as if their file had had the right code, and what is newer still stands.

The store only appends: the rows come in as a new batch of the same file name, each with the sheet and row it has there.
Where a later file, or a row beside it in the same file, says the same thing of the firm, that one stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.fields import TABLES
from mujun.records import FileRecords, Finding, LoadedTable, repair_of
from mujun.records.confirming import overlapping, with_codes
from mujun.records.identity import normal_code, normal_name
from mujun.records.matching import UNSAID, Waiting
from mujun.records.rereading import reread
from mujun.store import AlreadyLoaded, Store

Said = Callable[[Waiting, str], Finding]


@dataclass(frozen=True)
class Reentered:
    """A batch of rows taken in later."""

    batch: int
    records: FileRecords

    @property
    def rows(self) -> int:
        """How many of its findings are about rows that were taken in: one each."""
        return sum(f.code in ("name_matched", "code_repaired") for f in self.records.findings)


def take_in(
    store: Store, chosen: Mapping[Waiting, str], say: Said, *, who: str, reason: str, document: str | None
) -> list[Reentered]:
    """Append rows of the quarantine with the codes they are to have, a batch per file they came from.

    Args:
        store: open for writing.
        chosen: the rows and their codes. Those that are in already, or that something newer has replaced, stay out.
        say: the finding that goes with each row.
        who, reason, document: of the batches.
    """
    kept_out = {name: store.quarantine(name) for name in {w.table for w in chosen}}
    made = []
    # The newest first: what an older file says must not stand over it.
    for batch in sorted({w.batch for w in chosen}, reverse=True):
        of_batch = {w: code for w, code in chosen.items() if w.batch == batch}
        file = next(iter(of_batch)).file
        tables: list[LoadedTable] = []
        findings: list[Finding] = []
        for name in (name for name in TABLES if any(w.table == name for w in of_batch)):
            mine = {w: code for w, code in of_batch.items() if w.table == name}
            parts, of_parts = _parts(store, name, mine, kept_out[name], store.forms(), say)
            tables += parts
            findings += of_parts
        if not tables:
            continue
        text = f"{batch} {store.newest_batch()} {sorted((w.table, w.row, code) for w, code in of_batch.items())}"
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        rows = sum(t.rows.height for t in tables)
        records = FileRecords(file, sha256, tuple(tables), tuple(findings), 0, rows)
        taken = store.take_in(records, who=who, reason=reason, document=document)
        assert not isinstance(taken, AlreadyLoaded)  # the newest batch is part of what is hashed
        made.append(Reentered(taken.batch, taken.records))
    return made


def _parts(
    store: Store,
    name: str,
    chosen: Mapping[Waiting, str],
    kept_out: pl.DataFrame,
    forms: Mapping[int, tuple[str, ...]],
    say: Said,
) -> tuple[list[LoadedTable], list[Finding]]:
    """What comes into one table from one batch."""
    batch = next(iter(chosen)).batch
    picked = with_codes(kept_out.filter(pl.col("_batch") == batch), chosen)
    parts: list[LoadedTable] = []
    findings: list[Finding] = []
    for of_form in picked.partition_by("_form", maintain_order=True):
        columns = forms[of_form["_form"][0]]
        again, reread_findings = reread(name, of_form, columns, next(iter(chosen)).file)
        rows = pl.concat([t.rows for t in again])
        rows = _not_outdone(store, name, rows, columns, batch, kept_out, forms)
        for part in parts:
            if overlapping(name, columns, part.columns) and not TABLES[name].many:
                rows = rows.join(
                    part.rows, on=list(TABLES[name].key), how="anti", nulls_equal=True, maintain_order="left"
                )
        if rows.is_empty():
            continue
        places = set(rows.select("_sheet", "_row").iter_rows())
        findings += (say(w, code) for w, code in chosen.items() if (w.sheet, w.row) in places)
        findings += (f for f in reread_findings if f.severity == "warning" and (f.sheet, f.row) in places)
        parts.append(LoadedTable(name, rows, of_form.clear(), columns, of_form=of_form["_form"][0]))
    return parts, findings


def _effective(spoken: pl.DataFrame, kept_out: pl.DataFrame) -> pl.DataFrame:
    """Records with `_when`: the batch as whose they count, which for rows taken in later is that of their file."""
    first = kept_out.select("_file", "_sheet", "_row", pl.col("_batch").alias("_first"))
    joined = spoken.with_row_index("_i").join(
        first, on=["_file", "_sheet", "_row"], how="left", nulls_equal=True, maintain_order="left"
    )
    earlier = pl.when(pl.col("_first") < pl.col("_batch")).then(pl.col("_first"))
    when = joined.group_by("_i").agg(earlier.max().alias("_when")).sort("_i")["_when"]
    return spoken.with_columns(when.fill_null(spoken["_batch"]).alias("_when"))


def _not_outdone(
    store: Store,
    name: str,
    rows: pl.DataFrame,
    columns: tuple[str, ...],
    batch: int,
    kept_out: pl.DataFrame,
    forms: Mapping[int, tuple[str, ...]],
) -> pl.DataFrame:
    """The rows that nothing newer has replaced and that are not in already."""
    table = TABLES[name]
    spoken = _effective(store.spoken_of(name, rows["credit_code"].to_list()), kept_out)
    if table.many:
        in_already = spoken.filter(pl.col("_when") == batch)
        place = [*table.key, "_sheet", "_row"]
        return rows.join(in_already, on=place, how="anti", nulls_equal=True, maintain_order="left")
    same = [form for form in spoken["_form"].unique().to_list() if overlapping(name, columns, forms[form])]
    newer = spoken.filter(pl.col("_when") >= batch, pl.col("_form").is_in(same))
    return rows.join(newer, on=list(table.key), how="anti", nulls_equal=True, maintain_order="left")


# ------------------------------------------------------------------------------------------------------------- repairs


def take_in_repaired(store: Store, batch: int, *, who: str, document: str | None = None) -> Reentered | None:
    """Take in the rows of a batch that a documented repair of their code lets in; `None` where there is none."""
    chosen = repairs_in(store, batch)
    if not chosen:
        return None
    say = repaired(codes_as_written(store, chosen))
    reason = messages.text("identity_reason_repaired")
    made = take_in(store, chosen, say, who=who, reason=reason, document=document)
    return made[0] if made else None


def repairs_in(store: Store, batch: int) -> dict[Waiting, str]:
    """The rows of a batch that a documented repair of their code would bring in, and the codes."""
    repaired_codes: dict[Waiting, str] = {}
    for name, table in TABLES.items():
        if "credit_code" not in table.by_name:
            continue
        rows = store.quarantine(name, batch)
        codes = rows.select(normal_code(pl.col("credit_code")).alias("c"))
        plain = rows.select(normal_name(pl.col("name")).alias("p"))["p"] if "name" in table.by_name else codes["c"]
        for row, code, plain_name in zip(
            rows.iter_rows(named=True), codes["c"].to_list(), plain.to_list(), strict=True
        ):
            repaired = repair_of(code) if code else None
            if repaired is not None:
                where = (row["_batch"], row["_file"], row["_sheet"], row["_row"])
                repaired_codes[Waiting(name, *where, None, row.get("name") or "", plain_name or "", UNSAID)] = repaired
    return repaired_codes


def repaired(old: Mapping[Waiting, str | None]) -> Said:
    """The finding of a row whose code was repaired; `old` are the codes as the file has them."""

    def say(row: Waiting, code: str) -> Finding:
        f = TABLES[row.table].by_name["credit_code"]
        seen = old.get(row) or ""
        return Finding(
            "code_repaired", "warning", row.table, file=row.file, sheet=row.sheet, row=row.row, credit_code=code,
            name=row.name or None, field="credit_code", value=seen, owner=f.owner or TABLES[row.table].owner,
            values={"label": f.label, "old": seen, "new": code},
        )  # fmt: skip

    return say


def codes_as_written(store: Store, rows: Iterable[Waiting]) -> dict[Waiting, str | None]:
    """What stands in the code's cell of each row."""
    wanted = list(rows)
    codes: dict[Waiting, str | None] = {}
    for name in {w.table for w in wanted}:
        kept = store.quarantine(name).select("_batch", "_sheet", "_row", "credit_code")
        written = {(b, s, r): code for b, s, r, code in kept.iter_rows()}
        codes |= {w: written.get((w.batch, w.sheet, w.row)) for w in wanted if w.table == name}
    return codes
