"""How a store lies in its file: schemas, tables, the views of what is current, and the format's version.

    main.store               one row: that this is a mujun store, its format, who made it
    main.layout              a row whenever a program made the layout its own: the newest says whether it is up to date
    main.batch               one row per file loaded at one time
    main.form                which columns a batch's file carried of a table; several where its sheets differ
    main.meeting             how a form's rows meet what stood before: see `WAYS`; a form without one is of format 4
    main.completion          rows kept out that a later batch took in, corrected or with the code they lacked
    main.taken_back          of a batch that takes back what another said of a problem, which that is
    main.writing             texts that are compared by another, plain form: how it is written in the records
    main.again               of a batch, how many figures it replaced and how many of it wait
    main.finding             what was wrong, per batch
    main.answer              answers to questions about files, by office and layout, and which file each counted for
    main.column_read         per column of figures of a batch how it was read: unit, sum read, the file's own total
    main.run, main.run_table past ratings: what they were computed from, and their results
    main.run_frame           the frames that were rated: a run is looked at without reading the records again
    kept.run_<number>        the bytes of a run's tables and frames, which earlier versions had in the two tables above
    main.amounts             amounts of rules that rate nobody themselves, kept with what they rest on
    main.list_document       the rectification lists as issued, and their amendments: frozen, numbered
    main.issue               workbooks handed out to be filled in and returned, with every given cell
    main.event               what happened to a listed enterprise or parcel, and when it was written down
    main.judgement           odd figures that somebody found right, and such findings taken back
    main.publication         what was published when, until when and where, and such records taken back
    main.monitor_report      what offices reported of a plan's figures and tasks, by month
    records.<table>          every row ever loaded, with its batch and form; without form: kept, but never stands
    quarantine.<table>       rows kept out, as text, with their batch and form, and the township their file gives
    current.<table>          view: per key, each field from the newest form that carried a value for it, and what was
                             added to it; of land, where a key has many rows, the rows that nothing superseded
    as_of.<table>(n)         the same as it was when batch n was the newest

There are no primary keys and no statement here or elsewhere changes or removes a row, but for the format's number in
the copy that an upgrade works on.

What stands of a key whose rows are read one by one (`origin`, `changes`, `history`) is told by `standing`, in Python; a
test holds it against the views.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from mujun.fields import TABLES, Kind, Table

FORMAT = 6
"""The version of all below. A table or column more needs no new one: it is added when a store is opened for writing.
Whatever else changes raises it and brings a step in `mujun.store.upgrades`: a column's type or meaning, or where
something stands that an earlier program would miss in its old place."""

_SQL_TYPES: dict[Kind, str] = {
    "quantity": "DECIMAL(18, 6)",
    "text": "VARCHAR",
    "date": "DATE",
    "boolean": "BOOLEAN",
    "texts": "VARCHAR[]",
    "whole": "INTEGER",
}

WAYS: dict[str, str] = {
    "whole": "all that the form carries, blanks too; of land all rows of the key give way. Corrections, and format 4",
    "said": "values only: a blank erases nothing; of land the key's rows of the same series give way",
    "replace": "values only, over what any series said; of land the rows of the same tenure give way",
    "add": "figures that count beside what other series said; of land rows that do",
    "complete": "rows that had been kept out of a batch: values only; of land no row gives way",
    "wait": "never stands: another series says otherwise, and a person has to decide",
    "older": "never stands: a newer edition of the same series says otherwise",
    "kept": "never stands: it was decided that what stood before is right",
}
"""How a form's rows meet what stood before. A series is one sender's file in all its versions."""

NEVER = ("wait", "older", "kept")
"""Ways whose rows never stand."""

DECIDES = ("whole", "replace", "add", "kept")
"""Ways by which a person decided: what waited before on the same figure is settled."""

TELLS_ROWS = "tenure"
"""Of a table where a key has many rows: the field by which files speak of different things. Own land, leases."""

KEPT = "kept"
"""The schema of the tables that are made run by run."""

ORIGIN: tuple[str, ...] = ("_batch", "_file", "_sheet", "_row", "_loaded_at")
"""Where a row comes from: columns that follow a table's own in everything read from the store. Times are in UTC.

Of a row that several batches make up it is the newest of them.
"""

_MAIN: dict[str, str] = {
    "store": "format INTEGER, mujun_version VARCHAR, created_at TIMESTAMP",
    "layout": "format INTEGER, signature VARCHAR, mujun_version VARCHAR, since TIMESTAMP",
    "batch": """number INTEGER, file VARCHAR, sha256 VARCHAR, loaded_at TIMESTAMP,
        who VARCHAR, reason VARCHAR, document VARCHAR, tables VARCHAR[],
        rows_read BIGINT, rows BIGINT, quarantined BIGINT, totals_left_out BIGINT,
        errors BIGINT, warnings BIGINT, mujun_version VARCHAR""",
    "form": 'number INTEGER, batch INTEGER, "table" VARCHAR, columns VARCHAR[]',
    "meeting": "form INTEGER, way VARCHAR, series VARCHAR, edition INTEGER",
    "completion": 'batch INTEGER, "table" VARCHAR, of_batch INTEGER, sheet VARCHAR, "row" BIGINT',
    "taken_back": "batch INTEGER, of_batch INTEGER",
    "writing": "kind VARCHAR, written VARCHAR, plain VARCHAR",
    "again": "batch INTEGER, replaced BIGINT, waits BIGINT",
    "finding": """batch INTEGER, number BIGINT, severity VARCHAR, code VARCHAR, "table" VARCHAR, file VARCHAR,
        sheet VARCHAR, "row" BIGINT, year INTEGER, credit_code VARCHAR, name VARCHAR, field VARCHAR, value VARCHAR,
        owner VARCHAR, "values" VARCHAR""",
    "answer": """number INTEGER, office VARCHAR, fingerprint VARCHAR, "table" VARCHAR, question VARCHAR,
        asked VARCHAR, "values" VARCHAR, answer VARCHAR, choice VARCHAR, choice_values VARCHAR, remembered BOOLEAN,
        batch INTEGER, file VARCHAR, "at" TIMESTAMP, who VARCHAR""",
    "column_read": """batch INTEGER, sheet VARCHAR, "row" BIGINT, year INTEGER, "table" VARCHAR, field VARCHAR,
        letters VARCHAR, header VARCHAR, unit VARCHAR, unit_from VARCHAR, filled BIGINT, "read" DECIMAL(38, 6),
        own_total DECIMAL(38, 6)""",
    "run": """number INTEGER, year INTEGER, rules VARCHAR, rule_files VARCHAR, batch INTEGER, mujun_version VARCHAR,
        label VARCHAR, final BOOLEAN, binding BOOLEAN, digest VARCHAR, created_at TIMESTAMP, who VARCHAR""",
    "run_table": "run INTEGER, name VARCHAR, rows BIGINT, digest VARCHAR, parquet BLOB",
    "run_seal": "run INTEGER, name VARCHAR, sha256 VARCHAR",
    "run_frame": "run INTEGER, name VARCHAR, rows BIGINT, digest VARCHAR, engine VARCHAR, sha256 VARCHAR, parquet BLOB",
    "amounts": """number INTEGER, year INTEGER, rules VARCHAR, rule_files VARCHAR, batch INTEGER,
        mujun_version VARCHAR, tiers VARCHAR, runs INTEGER[], tiered BIGINT, counted VARCHAR[], digest VARCHAR,
        label VARCHAR, who VARCHAR, created_at TIMESTAMP, rows BIGINT, parquet BLOB""",
    "list_document": """number INTEGER, year INTEGER, kind VARCHAR, amends INTEGER, title VARCHAR, document VARCHAR,
        reason VARCHAR, issued_on DATE, run INTEGER, rules VARCHAR, rule_files VARCHAR, mujun_version VARCHAR,
        digest VARCHAR, recorded_at TIMESTAMP, who VARCHAR, list_name VARCHAR""",
    "list_table": "document INTEGER, name VARCHAR, rows BIGINT, parquet BLOB",
    "issue": """number INTEGER, kind VARCHAR, mark VARCHAR, year INTEGER, township VARCHAR, batch INTEGER,
        rules VARCHAR, rows BIGINT, given BLOB, issued_at TIMESTAMP, who VARCHAR, mujun_version VARCHAR""",
    "event": """number INTEGER, subject_kind VARCHAR, subject VARCHAR, action VARCHAR, happened_on DATE, actor VARCHAR,
        note VARCHAR, document VARCHAR, evidence VARCHAR[], waiver VARCHAR, path VARCHAR, deadline DATE,
        department VARCHAR, land_mu DECIMAL(18, 6), energy_tce DECIMAL(18, 6), list_document INTEGER,
        revokes INTEGER, file VARCHAR, sheet VARCHAR, "row" BIGINT, sha256 VARCHAR, recorded_at TIMESTAMP,
        who VARCHAR, way VARCHAR""",
    "judgement": """number INTEGER, kind VARCHAR, credit_code VARCHAR, year INTEGER, field VARCHAR, value VARCHAR,
        reason VARCHAR, revokes INTEGER, "at" TIMESTAMP, who VARCHAR""",
    "publication": """number INTEGER, notice VARCHAR, year INTEGER, run INTEGER, first DATE, until DATE, place VARCHAR,
        objections VARCHAR, objections_by DATE, document VARCHAR, reason VARCHAR, revokes INTEGER, "at" TIMESTAMP,
        who VARCHAR""",
    "monitor_report": """number INTEGER, kind VARCHAR, subject VARCHAR, township VARCHAR, office VARCHAR, year INTEGER,
        month INTEGER, value DECIMAL(18, 6), state VARCHAR, said VARCHAR, evidence VARCHAR, note VARCHAR,
        received_on DATE, mark VARCHAR, file VARCHAR, sheet VARCHAR, "row" BIGINT, sha256 VARCHAR,
        recorded_at TIMESTAMP, who VARCHAR, revokes INTEGER""",
}
"""The columns of every table of `main`. A new table needs nothing but its line here; a new column goes to the end."""

_COLUMN = re.compile(r'("?)(\w+)\1 (\w+(?:\(\d+, \d+\))?(?:\[\])?)(?:, |$)')


def quoted(name: str) -> str:
    """A column or table name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def texts(values: Iterable[str]) -> str:
    """Texts as SQL takes them, with commas between them: such a list is compared row by row, a parameter is not."""
    return ", ".join("'" + v.replace("'", "''") + "'" for v in sorted(values)) or "NULL"


def same_key(table: Table, one: str, other: str) -> str:
    """The SQL condition that two rows have the same key; a blank in it is a value of its own."""
    blank = table.open_key
    return " AND ".join(
        f"{one}.{quoted(k)} {'IS NOT DISTINCT FROM' if k in blank else '='} {other}.{quoted(k)}" for k in table.key
    )


def columns() -> dict[tuple[str, str], dict[str, str]]:
    """Every table that a store has, by schema and name: its columns and their SQL types, in order."""
    place = {"_batch": "INTEGER", "_form": "INTEGER", "_sheet": "VARCHAR", "_row": "BIGINT"}
    types = {("main", name): _columns_of(text) for name, text in _MAIN.items()}
    for table in TABLES.values():
        as_text = {**dict.fromkeys(table.by_name, "VARCHAR"), "_township": "VARCHAR"}
        types["records", table.name] = {**{f.name: _SQL_TYPES[f.kind] for f in table.fields}, **place}
        types["quarantine", table.name] = {**as_text, **place}
    return types


def _columns_of(text: str) -> dict[str, str]:
    plain = " ".join(text.split())
    return {m[2]: m[3] for m in _COLUMN.finditer(plain)}


def views() -> Iterator[str]:
    """What makes the views of what is current and was; an earlier one of the same name is replaced."""
    for table in TABLES.values():
        name = quoted(table.name)
        yield f"CREATE OR REPLACE VIEW current.{name} AS {newest(table)}"
        yield f"CREATE OR REPLACE MACRO as_of.{name}(n) AS TABLE {newest(table, 'WHERE r._batch <= n')}"


def statements() -> Iterator[str]:
    """Everything a new store is made with, in order."""
    for schema in ("records", "quarantine", "current", "as_of"):
        yield f"CREATE SCHEMA {quoted(schema)}"
    for (schema, name), of_table in columns().items():
        yield create_table(schema, name, of_table)
    yield from views()


def create_table(schema: str, name: str, of_table: Mapping[str, str]) -> str:
    """What makes a table."""
    return f"CREATE TABLE {schema}.{quoted(name)} ({', '.join(f'{quoted(c)} {t}' for c, t in of_table.items())})"


@functools.cache
def signature() -> str:
    """What tells this layout from those of other versions of the program: 16 digits of a SHA-256."""
    return hashlib.sha256("\n".join(statements()).encode()).hexdigest()[:16]


def newest(table: Table, where: str = "", *, also: str = "", sums: bool = True) -> str:
    """The query for what stands: field by field, or the rows that nothing superseded where a key has many.

    Args:
        table: the table.
        where: a condition on the rows `r`, with its WHERE.
        also: further columns of `carried`, each after a comma, of a table whose rows stand as they are.
        sums: whether figures that were added count; without, the query is planned in half the time.
    """
    return _newest_rows(table, where, also) if table.many else _newest_fields(table, where, sums=sums)


def _newest_rows(table: Table, where: str, also: str) -> str:
    columns = ", ".join(f"r.{quoted(f.name)}" for f in table.fields)
    key = ", ".join(f"r.{quoted(k)}" for k in table.key)

    def since(ways: str, *also: str) -> str:
        over = ", ".join((key, *also))
        return f"r._batch >= coalesce(max(CASE WHEN {ways} THEN r._batch END) OVER (PARTITION BY {over}), 0)"

    tells = f"r.{quoted(TELLS_ROWS)}"
    stands = (
        since("c._whole"),
        since("c._way = 'replace'", tells),
        since("c._way = 'said'", "c._series"),
        since("c._way IN ('add', 'replace')", tells, "c._series"),
    )
    return (
        f"WITH c AS ({carried(table)}) "  # noqa: S608
        f"SELECT {columns}, r._batch, b.file AS _file, r._sheet, r._row, b.loaded_at AS _loaded_at{also} "
        f"FROM records.{quoted(table.name)} r JOIN c ON c._form = r._form JOIN batch b ON b.number = r._batch {where} "
        f"QUALIFY {' AND '.join(stands)}"
    )


def _newest_fields(table: Table, where: str, *, sums: bool) -> str:
    key = ", ".join(f"r.{quoted(k)}" for k in table.key)
    others = [quoted(f.name) for f in table.fields if f.name not in table.key]
    # Forms are numbered through: a newer batch has higher ones, and in one form a key stands once.
    values = "".join(
        f"arg_max_null(r.{f}, CASE WHEN NOT c._adds AND {says(f)} THEN r._form END) AS {f}, " for f in others
    )
    added = {quoted(f) for f in addable(table)} if sums else set()
    columns = ", ".join(
        f"coalesce(CAST(k.{f} + a.{f} AS DECIMAL(18, 6)), k.{f}, CAST(a.{f} AS DECIMAL(18, 6))) AS {f}"
        if f in added
        else f"k.{f}"
        for f in (quoted(f.name) for f in table.fields)
    )
    same = same_key(table, "a", "k")
    return (
        f"WITH c AS ({carried(table)}), "  # noqa: S608
        f"k AS (SELECT {key}, {values}max(r._batch) AS _batch, "
        "arg_max_null(r._sheet, r._form) AS _sheet, arg_max_null(r._row, r._form) AS _row "
        f"FROM records.{quoted(table.name)} r JOIN c ON c._form = r._form {where} GROUP BY {key})"
        f"{_added(table, where) if added else ''} "
        f"SELECT {columns}, k._batch, b.file AS _file, k._sheet, k._row, b.loaded_at AS _loaded_at "
        f"FROM k JOIN batch b ON b.number = k._batch{f' LEFT JOIN a ON {same}' if added else ''}"
    )


def _added(table: Table, where: str) -> str:
    """The common tables up to `a`: by key, the sum of what was added to each figure since it was last decided on."""
    fields = [quoted(f) for f in addable(table)]
    if not fields:
        return ""
    key = ", ".join(quoted(k) for k in table.key)
    of_r = ", ".join(f"r.{quoted(k)}" for k in table.key)
    rows = f"FROM records.{quoted(table.name)} r JOIN c ON c._form = r._form"
    mine = ", ".join(
        f"arg_max({f}, _form) FILTER (_adds AND {f} IS NOT NULL AND _c_{i}) AS {f}, "
        f"max(_form) FILTER (_adds AND {f} IS NOT NULL AND _c_{i}) AS _f_{i}, "
        f"max(_form) FILTER (_cuts AND _c_{i} AND (_whole OR {f} IS NOT NULL)) AS _d_{i}"
        for i, f in enumerate(fields)
    )
    sums = ", ".join(f"sum({f}) FILTER (_f_{i} > coalesce(_cut_{i}, 0)) AS {f}" for i, f in enumerate(fields))
    cuts = ", ".join(f"max(_d_{i}) OVER (PARTITION BY {key}) AS _cut_{i}" for i in range(len(fields)))
    values = ", ".join(f"r.{f}, c.{f} AS _c_{i}" for i, f in enumerate(fields))
    same = same_key(table, "w", "r")
    return (
        f", w AS (SELECT DISTINCT {of_r} {rows} {where} {'AND' if where else 'WHERE'} c._adds), "  # noqa: S608
        f"x AS (SELECT {of_r}, {values}, r._form, c._series, c._adds, c._whole, "
        "c._whole OR c._way = 'replace' AS _cuts "
        f"{rows} SEMI JOIN w ON {same} {where}), "
        f"y AS (SELECT {key}, _series, {mine} FROM x GROUP BY {key}, _series), "
        f"z AS (SELECT *, {cuts} FROM y), "
        f"a AS (SELECT {key}, {sums} FROM z GROUP BY {key})"
    )


def addable(table: Table) -> tuple[str, ...]:
    """The figures of a table that add up: two power stations' kWh of one firm, not two names of it."""
    figures = (f for f in table.fields if f.kind == "quantity" and (f.pools == "sum" or f.name == "quantity"))
    return () if table.many else tuple(f.name for f in figures)


def says(field: str) -> str:
    """Whether a row `r` of the form `c` says anything of a (quoted) field."""
    return f"c.{field} AND (c._whole OR r.{field} IS NOT NULL)"


def carried(table: Table) -> str:
    """The query for the forms of a table that may stand.

    Its columns: `_form`; for every field whether the form carries it; `_way`, `_series` and `_edition`; `_whole`:
    whether blanks count; `_adds`.
    """
    fields = ", ".join(f"list_contains(columns, '{f.name}') AS {quoted(f.name)}" for f in table.fields)
    never = ", ".join(f"'{w}'" for w in NEVER)
    way = "coalesce(m.way, 'whole')"
    return (
        f"SELECT number AS _form, {fields}, {way} AS _way, m.series AS _series, m.edition AS _edition, "  # noqa: S608
        f"{way} = 'whole' AS _whole, {way} = 'add' AS _adds FROM form LEFT JOIN meeting m ON m.form = form.number "
        f"WHERE \"table\" = '{table.name}' AND {way} NOT IN ({never})"
    )
