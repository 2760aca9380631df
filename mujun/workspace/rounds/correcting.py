"""Corrections: figures said anew with a reason and a document, as a batch; and what such a batch changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field as attribute
from dataclasses import replace
from datetime import date

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import InputError, Problem, UsageError, problem
from mujun.fields import MADE_OF, TABLES, Table, find_field, label_of, lag_of, nearest
from mujun.messages import FindingCode, MessageKey
from mujun.notebooks import InNotebooks
from mujun.records import FileRecords, Finding
from mujun.records.entered_by_hand import figure
from mujun.records.loaded import LoadedTable
from mujun.records.succession import succession_at
from mujun.steps import step
from mujun.store import Store
from mujun.workspace.asking import codes_asked
from mujun.workspace.county_file import CountyFile
from mujun.workspace.rounds.figures_by_code import Held
from mujun.workspace.rounds.leased_land import other_side_counts
from mujun.workspace.tables_at import LOOKS_BACK, YEARLY, said_by

CORRECTED: tuple[str, ...] = ("enterprises", "land", "tax", "energy", "output", "emissions", "water")
"""Tables whose figures are corrected one by one; records of other tables are loaded again with a reason."""


@dataclass(frozen=True)
class Change:
    """One figure to be said anew.

    Attributes:
        credit_code, year, table, field: which figure.
        text: its new value as a person writes it; blank for missing.
        record: of `land`, which row: the fields that tell it, such as `{"parcel": "3306…"}`.
        sheet, row: where it was said, if in a workbook.
    """

    credit_code: str
    year: int
    table: str
    field: str
    text: str | None
    record: Mapping[str, object] = attribute(default_factory=dict)
    sheet: str | None = None
    row: int | None = None


@dataclass(frozen=True)
class Changed:
    """A change as it was taken: the figure before and after, as they stand on record."""

    change: Change
    old: object
    new: object


@dataclass(frozen=True)
class Made:
    """What changes come to: tables to append, what became of each, and what is doubtful or was refused."""

    tables: tuple[LoadedTable, ...]
    changed: tuple[Changed, ...]
    findings: tuple[Finding, ...]


# ------------------------------------------------------------------------------------------------------------- making


def made_of(tables: Mapping[str, pl.DataFrame], changes: Sequence[Change], file: str) -> Made:
    """Changes as tables that supersede what stands, and nothing else.

    Args:
        tables: all tables as they stand.
        changes: the figures to be said anew, each once.
        file: what the batch will call its file.

    Returns:
        The tables: of yearly tables a row per firm and set of fields that carries these fields only; of `land` all
        rows of the firm and year, for they stand together. A change that says what stands already is left out.
    """
    taken: list[Changed] = []
    findings: list[Finding] = []
    for change in changes:
        known = _record_of(tables, change)
        if isinstance(known, Finding):
            findings.append(known)
            continue
        key = {"year": change.year, "credit_code": change.credit_code}
        values, cell_findings = figure(change.table, key, {change.field: change.text}, known, file=file)
        findings += [
            replace(f, sheet=change.sheet, row=change.row, year=change.year, credit_code=change.credit_code)
            for f in cell_findings
        ]
        if values is not None and values[change.field] != known.get(change.field):
            taken.append(Changed(change, known.get(change.field), values[change.field]))
    return Made(tuple(_loaded(tables, taken)), tuple(taken), tuple(findings))


def _record_of(tables: Mapping[str, pl.DataFrame], change: Change) -> dict[str, object] | Finding:
    """The record that a change is about; empty where the firm has none in that table yet."""
    rows = _rows_of(tables, change)
    if change.table != "land":
        return rows[0] if rows else {}
    fitting = [r for r in rows if all(r[k] == v for k, v in change.record.items())]
    if len(fitting) == 1:
        return fitting[0]
    code: FindingCode = "correct_no_land_row" if not fitting else "correct_several_land_rows"
    listed = [_row_in_words(r) for r in rows]
    return Finding(code, "error", "land", year=change.year, credit_code=change.credit_code, field=change.field,
                   value=change.text, owner=TABLES["land"].owner, values={"rows": listed or "—"})  # fmt: skip


def _rows_of(tables: Mapping[str, pl.DataFrame], change: Change) -> list[dict[str, object]]:
    same = (pl.col("credit_code") == change.credit_code) & (pl.col("year") == change.year)
    return tables[change.table].filter(same).select(list(TABLES[change.table].schema)).to_dicts()


def _row_in_words(row: Mapping[str, object]) -> str:
    parts = (row["tenure"], row["parcel"], f"{messages.show(row['area_mu'])}亩", row["counterparty"])
    return " ".join(str(p) for p in parts if p is not None)


def _loaded(tables: Mapping[str, pl.DataFrame], taken: Sequence[Changed]) -> Iterable[LoadedTable]:
    groups: dict[tuple[str, str, int], list[Changed]] = {}
    for c in taken:
        groups.setdefault((c.change.table, c.change.credit_code, c.change.year), []).append(c)
    parts: dict[tuple[str, tuple[str, ...]], list[dict[str, object]]] = {}
    for (table, code, year), several in groups.items():
        place = {"_sheet": several[0].change.sheet, "_row": several[0].change.row}
        if table == "land":
            rows = _rows_of(tables, several[0].change)
            for c in several:
                target = _record_of({"land": pl.DataFrame(rows, schema=TABLES["land"].schema)}, c.change)
                rows = [{**r, c.change.field: c.new} if r == target else r for r in rows]
            parts.setdefault((table, tuple(TABLES[table].schema)), []).extend({**r, **place} for r in rows)
        else:
            figures = {c.change.field: c.new for c in several}
            columns = tuple(n for n in TABLES[table].schema if n in figures or n in TABLES[table].key)
            row = {"year": year, "credit_code": code, **figures, **place}
            parts.setdefault((table, columns), []).append(row)
    for (table, columns), records in parts.items():
        schema = TABLES[table].schema
        whole = {**schema, "_sheet": pl.String(), "_row": pl.Int64()}
        rows_frame = pl.DataFrame([{n: r.get(n) for n in whole} for r in records], schema=whole)
        nothing = pl.DataFrame(schema={"_sheet": pl.String(), "_row": pl.Int64(), **dict.fromkeys(schema, pl.String())})
        yield LoadedTable(table, rows_frame, nothing, columns)


def with_loaded(tables: Mapping[str, pl.DataFrame], loaded: Iterable[LoadedTable]) -> dict[str, pl.DataFrame]:
    """The tables as they would stand with these records appended: what the store's views give after the batch."""
    after = dict(tables)
    for part in loaded:
        table = TABLES[part.table]
        now, key = after[part.table], list(table.key)
        rows = part.rows.select(list(table.schema))
        if table.many:
            after[part.table] = pl.concat([now.join(rows, on=key, how="anti", nulls_equal=True), rows], how="diagonal")
            continue
        figures = [c for c in (part.columns or tuple(table.schema)) if c not in table.key]
        new = rows.select(*key, *(pl.col(c).alias(f"_new_{c}") for c in figures), pl.lit(value=True).alias("_said"))
        joined = now.join(new, on=key, how="full", coalesce=True, nulls_equal=True)
        values = [pl.when("_said").then(pl.col(f"_new_{c}")).otherwise(pl.col(c)).alias(c) for c in figures]
        after[part.table] = joined.with_columns(values).select(now.columns).sort(key, nulls_last=True)
    return after


# ------------------------------------------------------------------------------------------------------ by one command


@dataclass(frozen=True)
class Correction(InNotebooks):
    """A correction of one enterprise: what changed, and the batch it became, if it was kept."""

    credit_code: str
    name: str
    changed: tuple[Changed, ...]
    findings: tuple[Finding, ...]
    tables: tuple[LoadedTable, ...] = attribute(repr=False)
    batch: int | None = None


def field_said(word: str) -> tuple[str, str]:
    """The table and field that `tax_paid`, `实缴税金` or `land.area_mu` means.

    Raises:
        UsageError: there is no such field that can be corrected, with the nearest; or it stands in several tables.
    """
    wanted, _, rest = word.rpartition(".")
    meant = find_field(rest)
    tables = [t for t in CORRECTED if not wanted or wanted in (t, TABLES[t].label)]
    name = meant.name if meant is not None else rest
    holders = [t for t in tables if name in TABLES[t].by_name and name not in TABLES[t].key]
    if name == "name":
        holders = [t for t in holders if t == "enterprises"]
    if len(holders) == 1:
        return holders[0], name
    if holders:
        several = [f"{t}.{name}" for t in holders]
        raise UsageError(problem("correct_field_several", field=word, several=several))
    if name in MADE_OF or lag_of(name) is not None:
        raise UsageError(_where_corrected(word, name))
    every = {n for t in CORRECTED for f in TABLES[t].fields if f.name not in TABLES[t].key for n in (f.name, f.label)}
    raise UsageError(problem("correct_field_unknown", field=word, guess=messages.Guess(nearest(rest, every))))


def _where_corrected(word: str, name: str) -> Problem:
    """What to correct instead of a column of the frame that is worked out or stands in a table loaded as a whole."""
    earlier = lag_of(name)
    if earlier is not None:
        return problem("correct_field_earlier", field=word, base=earlier[0], back=earlier[1])
    sources = [source.partition(".") for source in MADE_OF[name]]
    if sources[0][0] not in CORRECTED:
        return problem("correct_field_of_table", field=word, table=TABLES[sources[0][0]].label)
    of = [f"{table}.{field}（{TABLES[table].by_name[field].label}）" for table, _, field in sources]
    return problem("correct_field_made", field=word, fields=of)


def _former(aliases: pl.DataFrame, code: str) -> list[str]:
    """The codes that a firm had before."""
    heirs = succession_at(aliases, date.max.year).heirs
    return sorted(old for old, heir in heirs.items() if code in (heir.root, heir.code))


def _on_roll(tables: Mapping[str, pl.DataFrame], code: str, year: int) -> bool:
    return not tables["enterprises"].filter(pl.col("credit_code") == code, pl.col("year") == year).is_empty()


def correct(
    county: CountyFile, credit_code: str, year: int, values: Mapping[str, str | None], *, reason: str, document: str,
    record: Mapping[str, object] | None = None, dry_run: bool = False,
) -> Correction:  # fmt: skip
    """Say figures of an enterprise anew, as a batch with a reason and a document.

    Args:
        credit_code: the enterprise, by code or name.
        year: the data year.
        values: the new values by field, as a person writes them (`12.5万元`); fields as `field_said` takes them.
        reason, document: why, and what it rests on.
        record: of land, which row.
        dry_run: nothing is written.

    Raises:
        UsageError: an unknown field; or the enterprise is not on the year's roll.
        InputError: a value that cannot be taken; or all of them stand already.
        StoreError: it could not be written.
    """
    step("step_tables")
    (credit_code,) = codes_asked(county, (credit_code,))
    with Store.open(county.path) as store:
        asked = dict.fromkeys((t for t in CORRECTED if t in YEARLY), range(year - LOOKS_BACK, year + 1))
        tables = store.tables((*CORRECTED, "aliases"), years=asked)
        newest = store.newest_batch()
    held = Held(tables, credit_code, year)
    firm = held.roll
    if firm.is_empty():
        former = [c for c in _former(tables["aliases"], credit_code) if _on_roll(tables, c, year)]
        code: MessageKey = "correct_under_old_code" if former else "correct_not_on_roll"
        raise UsageError(problem(code, code=messages.Firm(credit_code), year=year, old=former))
    changes = []
    for word, text in values.items():
        table, name = field_said(word)
        own_record = dict(record or {}) if table == "land" else {}
        changes.append(Change(held.code_for(table, name), year, table, name, text, own_record))
    file = f"更正（{document}）"
    made = made_of(tables, changes, file)
    wrong = [f for f in made.findings if f.severity == "error"]
    if wrong:
        raise InputError([problem("correct_refused", field=label_of(f.field or ""), value=f.value or "—", what=f.what,
                                  remedy=f.remedy) for f in wrong])  # fmt: skip
    if not made.changed:
        raise InputError(problem("correct_stands_already", fields=[label_of(c.field) for c in changes]))
    name = str(firm["name"][0])
    findings = (
        *made.findings,
        *held.told((c.change.table, c.change.field, c.change.credit_code) for c in made.changed),
        *other_side_counts(
            tables,
            with_loaded(tables, made.tables),
            [c.change.credit_code for c in made.changed if c.change.table == "land"],
            year,
        ),
    )
    whole = Correction(credit_code, name, made.changed, findings, made.tables)
    if dry_run:
        return whole
    told = [[c.change.table, c.change.field, messages.show(c.new), str(c.change.record)] for c in made.changed]
    content = json.dumps([credit_code, year, told, reason, document, newest], ensure_ascii=False)
    records = FileRecords(file, hashlib.sha256(content.encode()).hexdigest(), made.tables, findings, 0, 1)
    step("step_storing", count=sum(t.rows.height for t in made.tables))
    with Store.open(county.path, write=True) as store:
        batch = store.add_batch(records, who=county.who, reason=reason, document=document)
    assert isinstance(batch, int)  # the newest batch is part of what is hashed
    return replace(whole, batch=batch)


# -------------------------------------------------------------------------------------------------------- on record


def corrections_on_record(county: CountyFile) -> pl.DataFrame:
    """The batches with a reason, and those that replaced what was said before, oldest first.

    Returns:
        `number, loaded_on, file, reason, document, replaced, rows, who`; `replaced` is how many figures of files said
        otherwise before, missing for a correction by hand.
    """
    with Store.open(county.path) as store:
        replaced = store.replaced_by_batch()
        # A workbook that came back with open questions only has a reason and no records.
        batches = store.batches().filter(pl.col("rows") > 0)
    numbers = pl.col("number").is_in(list(replaced))
    return batches.filter(pl.col("reason").is_not_null() | numbers).select(
        "number",
        pl.col("loaded_at").dt.date().alias("loaded_on"),
        "file",
        "reason",
        "document",
        pl.col("number").replace_strict(replaced, default=None, return_dtype=pl.Int64).alias("replaced"),
        "rows",
        "who",
    )


def correction_on_record(county: CountyFile, batch: int) -> dict[str, object]:
    """One correction as `corrections_on_record` lists it.

    Raises:
        UsageError: the batch is no correction; names those there are.
    """
    known = corrections_on_record(county)
    if batch not in known["number"]:
        raise UsageError(problem("corrections_unknown", batch=batch, known=known["number"].to_list() or "—"))
    return known.filter(pl.col("number") == batch).row(0, named=True)


def changes_of_batch(county: CountyFile, batch: int) -> pl.DataFrame:
    """What a batch changed: every figure of it that stood otherwise before, sorted by table and firm.

    Returns:
        `table, year, credit_code, record, field, old, new, name`; of land, where rows stand together, as
        `Store.changes` tells it. A record that is new with the batch is no change.
    """
    parts = [pl.DataFrame(schema=_CHANGED)]
    with Store.open(county.path) as store:
        said = said_by(store, batch)
        years = {name: rows["year"].unique().to_list() for name, rows in said.items() if TABLES[name].yearly}
        now = store.tables(said, as_of_batch=batch, years=years)
        before = (
            store.tables(said, as_of_batch=batch - 1, years=years)
            if batch > 1
            else {n: t.clear() for n, t in now.items()}
        )
        for name, standing in now.items():
            table, rows = TABLES[name], standing.filter(pl.col("_batch") == batch)
            if table.many:
                for code in rows["credit_code"].unique().sort().to_list():
                    told = store.changes(name, code, as_of_batch=batch).filter(pl.col("batch") == batch)
                    parts.append(told.with_columns(pl.lit(code).alias("credit_code")).select(list(_CHANGED)))
            else:
                parts += _differing(table, before[name], rows)
        names = store.tables(("enterprises",), as_of_batch=batch, fields={"enterprises": ("credit_code", "name")})
    roll = names["enterprises"].sort("year").unique("credit_code", keep="last").select("credit_code", "name")
    return pl.concat(parts).join(roll, on="credit_code", how="left", maintain_order="left")


_CHANGED: dict[str, pl.DataType] = {
    "table": pl.String(), "year": pl.Int32(), "credit_code": pl.String(), "record": pl.String(), "field": pl.String(),
    "old": pl.String(), "new": pl.String(),
}  # fmt: skip


def _differing(table: Table, before: pl.DataFrame, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Field by field, the rows whose value is another than before."""
    both = rows.join(before, on=list(table.key), how="inner", suffix="_before", nulls_equal=True)
    owner = "credit_code" if "credit_code" in table.by_name else table.key[0]
    rest = [k for k in table.key if k not in ("year", owner)]

    def record(row: Mapping[str, object]) -> str | None:
        return messages.show([row[k] for k in rest]) if rest else None

    for f in (f for f in table.fields if f.name not in table.key):
        changed = both.filter(pl.col(f.name).ne_missing(pl.col(f"{f.name}_before"))).sort(table.key)
        told = [
            (
                table.name, row.get("year"), row[owner], record(row), f.name,
                *(None if row[c] is None else messages.show(row[c]) for c in (f"{f.name}_before", f.name)),
            )
            for row in changed.iter_rows(named=True)
        ]  # fmt: skip
        yield pl.DataFrame(told, schema=_CHANGED, orient="row")
