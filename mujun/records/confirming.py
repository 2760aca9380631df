"""What a person has confirmed about names, applied to rows that have no code: always with a finding that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import TABLES
from mujun.messages import FindingCode
from mujun.records.finding import Finding
from mujun.records.identity import normal_name
from mujun.records.loaded import FileRecords, LoadedTable
from mujun.records.matching import Waiting, waiting_rows
from mujun.records.rereading import reread

CONFIRMED, REFUSED = "认定", "不认定"

OF_CODES = ("missing_key", "credit_code_invalid", "code_as_number", "resident_number")
"""Findings that are settled once a person has said whose the row is."""

_DUPLICATES = ("duplicate_row", "duplicate_key")


@dataclass(frozen=True)
class Confirmed:
    """The names that a person has confirmed.

    Attributes:
        codes: by normalised name and township, the firm's code.
        names: by code, what the firm is called.
        former: by code, the codes the firm had before.
        rolls: by year, the codes on the roll.
        townships: those of the roll.
    """

    codes: Mapping[tuple[str, str], str]
    names: Mapping[str, str]
    former: Mapping[str, Sequence[str]]
    rolls: Mapping[int, frozenset[str]]
    townships: Sequence[str]

    def code_for(self, row: Waiting) -> str | None:
        """The code that a row is to have: the one under which the firm was on the roll of its year."""
        code = self.codes.get((row.plain, row.township))
        roll = self.rolls.get(row.year or 0, frozenset())
        if code is None or code in roll:
            return code
        return next((c for c in self.former.get(code, ()) if c in roll), code)


def decisions(matches: pl.DataFrame, decision: str) -> dict[tuple[str, str], str | None]:
    """The decisions of one kind in the table `matches`: normalised name and township to the code decided on.

    A name that was decided on several times, in whatever writing, stands as it was decided last.
    """
    key = ["plain", "township"]
    newest = matches.with_columns(normal_name(pl.col("given_name")).alias("plain")).sort("_batch", maintain_order=True)
    rows = newest.unique(key, keep="last", maintain_order=True).filter(pl.col("decision") == decision)
    return {(name, township): code for name, township, code in rows.select(*key, "credit_code").iter_rows()}


def with_confirmed(records: FileRecords, confirmed: Confirmed) -> FileRecords:
    """A file's records with the rows taken in whose name a person has confirmed.

    A row is left out where the file has a row of the firm's own beside it, or where anything else is wrong with it.
    Every row taken in has a `name_matched` warning; where the firm has its own row, `match_own_row` says so.
    """
    if not confirmed.codes:
        return records
    tables, findings, settled = list(records.tables), list[Finding](), set[tuple[str, str | None, int]]()
    for at, part in enumerate(records.tables):
        kept = part.quarantine.with_columns(_batch=pl.lit(0), _file=pl.lit(records.file))
        chosen = {w: c for w in waiting_rows(part.table, kept, confirmed.townships) if (c := confirmed.code_for(w))}
        if not chosen:
            continue
        again, of_rows = reread(part.table, with_codes(part.quarantine, chosen), part.columns, records.file)
        findings += (f for f in of_rows if f.code in _DUPLICATES)
        rows = pl.concat([t.rows for t in again])
        rows, own_rows = _beside(rows, part, [t for t in records.tables if t.table == part.table])
        findings += (match_finding("match_own_row", w, chosen[w], confirmed) for w in _those(chosen, own_rows))
        taken = _those(chosen, rows)
        findings += (match_finding("name_matched", w, chosen[w], confirmed) for w in taken)
        places = {(w.sheet, w.row) for w in taken}
        settled |= {(part.table, *place) for place in places}
        left = part.quarantine.join(rows, on=["_sheet", "_row"], how="anti", nulls_equal=True, maintain_order="left")
        tables[at] = replace(part, rows=pl.concat([part.rows, rows]), quarantine=left)
    kept_findings = (
        f
        for f in records.findings
        if f.row is None
        or not (f.code in OF_CODES and f.field == "credit_code" and (f.table, f.sheet, f.row) in settled)
    )
    return replace(records, tables=tuple(tables), findings=(*kept_findings, *findings))


def with_codes(kept_out: pl.DataFrame, chosen: Mapping[Waiting, str]) -> pl.DataFrame:
    """The rows of a quarantine that are chosen, with their codes."""
    codes = pl.DataFrame(
        [(w.sheet, w.row, code) for w, code in chosen.items()],
        schema={"_sheet": pl.String, "_row": pl.Int64, "_code": pl.String},
        orient="row",
    )
    coded = kept_out.join(codes, on=["_sheet", "_row"], how="inner", nulls_equal=True, maintain_order="left")
    return coded.with_columns(pl.col("_code").alias("credit_code")).drop("_code")


def _those(chosen: Mapping[Waiting, str], rows: pl.DataFrame) -> list[Waiting]:
    places = set(rows.select("_sheet", "_row").iter_rows())
    return [w for w in chosen if (w.sheet, w.row) in places]


def _beside(rows: pl.DataFrame, part: LoadedTable, parts: Sequence[LoadedTable]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows whose key no row of the file has yet, and those for which the firm has its own."""
    table = TABLES[part.table]
    if table.many:
        return rows, rows.clear()
    key = list(table.key)
    others = [p.rows.select(key) for p in parts if overlapping(part.table, part.columns, p.columns)]
    known = pl.concat(others).unique() if others else rows.select(key).clear()
    return rows.join(known, on=key, how="anti", nulls_equal=True, maintain_order="left"), rows.join(
        known, on=key, how="semi", nulls_equal=True, maintain_order="left"
    )


def overlapping(name: str, one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether what one set of columns says of a record another says too; empty sets are all columns."""
    table = TABLES[name]
    fields = [f for f in table.by_name if f not in (*table.key, "name") and (not one or f in one)]
    # A row that says nothing beside its key (whose meter it is) is the same as any other of that key.
    return not fields or any(not other or f in other for f in fields)


def match_finding(code: FindingCode, row: Waiting, whose: str, confirmed: Confirmed) -> Finding:
    """A finding about a row that a person's word has put to a firm."""
    f = TABLES[row.table].by_name["name"]
    called = confirmed.names.get(whose)
    return Finding(
        code, "warning", row.table, file=row.file, sheet=row.sheet, row=row.row, year=row.year, credit_code=whose,
        name=row.name, field="name", value=row.name, owner=f.owner or TABLES[row.table].owner,
        values={
            "given": row.name, "township": row.township, "new": f"{called}（{whose}）" if called else whose,
            "whose": TABLES[row.table].label,
        },
    )  # fmt: skip
