"""The rows that all that is told of one firm rests on, asked for by DuckDB's WHERE: no large table is read whole.

They are its own, its heirs' and partners', those on its ground and those that bear its name. `check_tables` says of the
firm the same of these rows as of all: leases are known by their two sides, parcels by whoever stands on them, namesakes
by their names. Of the roll and of land a firm of each year stays besides, so that what has been loaded does not look as
if it had not; so do the firms of townships that may be written in two ways. The registers of changes and of decisions
about names, which say who is who, stay whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field
from itertools import chain

import duckdb
import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import TABLES, Table
from mujun.records.across import OF_FIRMS
from mujun.records.identity import normal_code, normal_name
from mujun.records.township_spellings import written_alike
from mujun.store.changes import changes_in
from mujun.store.connecting import frame_of
from mujun.store.layout import quoted, texts
from mujun.store.origins import origins_in
from mujun.store.reading import current_where, rows_where
from mujun.store.standing import sources_of, standing_of, typed
from mujun.store.writings import Kind, plain_forms, written

WHOLE = ("aliases", "matches")
"""The tables that are read whole."""

_PUT_IN: dict[str, pl.DataType] = {"_batch": pl.Int32(), "_form": pl.Int32(), "_sheet": pl.String(), "_row": pl.Int64()}


@dataclass(frozen=True)
class FirmRows:
    """What the store holds about a firm.

    Attributes:
        tables: by name what stands of every table that can speak of a firm, and of the parcels it may stand on; rows as
            `Store.table` gives them.
        put_in: the firm's rows in each of these tables as they were put in, with their batches and forms.
    """

    tables: Mapping[str, pl.DataFrame] = field(repr=False)
    put_in: Mapping[str, pl.DataFrame] = field(repr=False)

    def speaks_of(self, name: str, codes: Collection[str]) -> bool:
        """Whether anything stands of some of the firm's codes in a table."""
        rows = self.tables.get(name)
        return rows is not None and "credit_code" in rows.columns and bool(rows["credit_code"].is_in(list(codes)).any())

    def origin(self, name: str, code: str) -> pl.DataFrame:
        """What `Store.origin` gives of one of the codes."""
        return origins_in(TABLES[name], self._of(name, code)).drop("whose")

    def changes(self, name: str, code: str) -> pl.DataFrame:
        """What `Store.changes` gives of one of the codes."""
        return changes_in(TABLES[name], self._of(name, code))

    def _of(self, name: str, code: str) -> pl.DataFrame:
        return self.put_in[name].filter(pl.col("credit_code") == code)


def about_firm(connection: duckdb.DuckDBPyConnection, codes: Collection[str]) -> FirmRows:
    """What the store holds about the firm that has or had some codes."""
    return _Asking(connection, frozenset(codes)).answered()


class _Asking:
    """The questions about one firm, each of which needs what those before it gave."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, codes: frozenset[str]) -> None:
        self._connection = connection
        self._codes = codes
        self._sources = sources_of(connection)
        self._tables: dict[str, pl.DataFrame] = {}
        self._put_in: dict[str, pl.DataFrame] = {}

    def answered(self) -> FirmRows:
        """All of them."""
        for name in WHOLE:
            self._read(name, [])
        self._pairs = _successions(self._tables["aliases"])
        mine = self._related(self._codes)
        self._read("land", [self._land(mine)])
        near = self._codes_by_name(mine)
        for table in TABLES.values():
            if "credit_code" in table.by_name and table.name not in (*WHOLE, "land", "enterprises"):
                self._read(table.name, [_of_codes(table, self._related({*mine, *near.get(table.name, ())}))])
        self._read("enterprises", [self._roll(mine)])
        ground = plain_forms(self._tables["land"]["parcel"], "code")
        self._read("parcels", [f"r.parcel IN ({self._written('code', ground)})"])
        return FirmRows(self._tables, self._put_in)

    # --------------------------------------------------------------------------------------------------- what is read

    def _read(self, name: str, conditions: Sequence[str]) -> None:
        """Read what meets some conditions, and keep what stands of it, and the firm's own as it was put in."""
        table, sources = TABLES[name], self._sources
        if name not in sources.forms:
            self._tables[name] = current_where(self._connection, table, conditions, sources)
            rows = pl.DataFrame(schema={**table.schema, **_PUT_IN})
        else:
            where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
            rows = rows_where(self._connection, table, where)
            stand = None if name in sources.added else standing_of(rows, table, sources)
            given = (
                current_where(self._connection, table, conditions, sources)
                if stand is None
                else typed(stand, table, sources)
            )
            self._tables[name] = given
        if "credit_code" in table.by_name:
            mine = rows.filter(pl.col("credit_code").is_in(list(self._codes)))
            self._put_in[name] = mine.join(sources.batches, on="_batch").join(sources.meetings, on="_form")

    def _asked(self, query: str) -> pl.DataFrame:
        return frame_of(self._connection.sql(query))

    def _written(self, kind: Kind, plain: pl.Series | Iterable[str]) -> str:
        """All writings of plain forms, as SQL takes them."""
        forms = plain.drop_nulls().unique().to_list() if isinstance(plain, pl.Series) else plain
        return texts(written(self._connection, kind, {f for f in forms if f}))

    def _related(self, codes: Collection[str]) -> frozenset[str]:
        """The codes, and all that the register of changes leads to or from them."""
        related = set(codes)
        while more := {c for pair in self._pairs if not related.isdisjoint(pair) for c in pair} - related:
            related |= more
        return frozenset(related)

    # ------------------------------------------------------------------------------------------------- whose rows count

    def _land(self, mine: frozenset[str]) -> str:
        """The land of the firm and of whoever it lets to or rents from, of whom names it, and all on its parcels."""
        held = self._asked(
            f"SELECT DISTINCT name, counterparty, parcel FROM records.land WHERE credit_code IN ({texts(mine)})"  # noqa: S608
        )
        roll = f"SELECT DISTINCT name FROM records.enterprises WHERE credit_code IN ({texts(mine)})"  # noqa: S608
        registered = _pairs_named(self._tables).filter(pl.col("credit_code").is_in(list(mine)))["name"]
        named = pl.concat([held["name"], self._asked(roll)["name"], registered])
        self._called = frozenset(plain_forms(named, "name").drop_nulls().to_list()) - {""}
        others = {*plain_forms(held["counterparty"], "name").drop_nulls().to_list(), *self._called}
        partners = plain_forms(held["counterparty"], "code").drop_nulls().to_list()
        beside = self._asked(
            f"SELECT DISTINCT credit_code FROM records.land WHERE credit_code IN ({texts(partners)}) "  # noqa: S608
            f"OR name IN ({self._written('name', others)}) OR counterparty IN ({self._written('name', self._called)}) "
            f"OR counterparty IN ({self._written('code', mine)})"
        )["credit_code"]
        ground = self._written("code", plain_forms(held["parcel"], "code"))
        codes = self._related({*mine, *beside.drop_nulls().to_list()})
        there = f"SELECT credit_code FROM records.land WHERE parcel IN ({ground})"  # noqa: S608
        return _of_any(codes, there, self._one_of_each_year("land"))

    def _codes_by_name(self, mine: frozenset[str]) -> dict[str, set[str]]:
        """By table, the codes under which a row bears a name that the firm has or had."""
        called = self._written("name", self._called)
        parts = [
            f"SELECT DISTINCT '{name}', credit_code FROM records.{quoted(name)} WHERE name IN ({called})"  # noqa: S608
            for name in OF_FIRMS
            if name != "land" and name in self._sources.forms
        ]
        by_table: dict[str, set[str]] = {}
        for name, code in self._connection.execute(" UNION ALL ".join(parts)).fetchall() if parts else ():
            if code not in mine:
                by_table.setdefault(name, set()).add(code)
        return by_table

    def _roll(self, mine: frozenset[str]) -> str:
        """The roll's lines of all whom the other rows name, by code or by name."""
        rows = [self._tables[name] for name in OF_FIRMS]
        names = pl.concat([*(r["name"] for r in rows), self._tables["land"]["counterparty"]])
        plain = frozenset(plain_forms(names.unique(), "name").drop_nulls().to_list())
        codes = {*mine, *chain.from_iterable(r["credit_code"].drop_nulls().to_list() for r in rows)}
        parties = plain_forms(self._tables["land"]["counterparty"].unique(), "code")
        codes |= {*parties.drop_nulls().to_list(), *_named_so(self._tables, plain)}
        alike = self._asked(
            f"SELECT DISTINCT credit_code FROM records.enterprises WHERE name IN ({self._written('name', plain)})"  # noqa: S608
        )["credit_code"]
        wanted = self._related({*codes, *alike.drop_nulls().to_list()})
        townships = self._asked("SELECT DISTINCT township FROM records.enterprises")["township"].drop_nulls().to_list()
        twice = texts(chain.from_iterable(written_alike(townships)))
        there = f"SELECT credit_code FROM records.enterprises WHERE township IN ({twice})"  # noqa: S608
        return _of_any(wanted, there, self._one_of_each_year("enterprises"))

    def _one_of_each_year(self, name: str) -> str:
        """The query for a firm of every year of a table, one whose code never changed where there is one."""
        changed = texts(chain.from_iterable(self._pairs)) if self._pairs else ""
        first = f"coalesce(min(rowid) FILTER (credit_code NOT IN ({changed})), min(rowid))" if changed else "min(rowid)"
        forms = ", ".join(map(str, sorted(self._sources.forms.get(name, ())))) or "NULL"
        return (
            f"SELECT credit_code FROM records.{quoted(name)} WHERE rowid IN "  # noqa: S608
            f"(SELECT {first} FROM records.{quoted(name)} WHERE _form IN ({forms}) GROUP BY year)"
        )


def _of_codes(table: Table, codes: Iterable[str]) -> str:
    """The condition for the rows of some codes, and for all rows of their keys."""
    mine = f"credit_code IN ({texts(codes)})"
    if "credit_code" in table.key:
        return f"r.{mine}"
    key = ", ".join(quoted(k) for k in table.key)
    of_r = ", ".join(f"r.{quoted(k)}" for k in table.key)
    return f"({of_r}) IN (SELECT {key} FROM records.{quoted(table.name)} WHERE {mine})"  # noqa: S608


def _of_any(codes: Iterable[str], *queries: str) -> str:
    """The condition for the rows of some codes and of those that queries give; put together it costs one scan."""
    given = f"SELECT unnest([{texts(codes)}])"
    return f"r.credit_code IN ({' UNION ALL '.join((given, *queries))})"


def _successions(aliases: pl.DataFrame) -> list[tuple[str, str]]:
    """The old and the new code of every change."""
    return aliases.select("credit_code", normal_code(pl.col("successor"))).drop_nulls().rows()


def _pairs_named(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The codes and names that the registers of changes and of decisions bring together."""
    code = pl.col("successor").alias("credit_code")
    return pl.concat([
        tables["aliases"].select(code, "name"),
        tables["aliases"].select(code, pl.col("successor_name").alias("name")),
        tables["matches"].select("credit_code", pl.col("given_name").alias("name")),
    ]).drop_nulls()  # fmt: skip


def _named_so(tables: Mapping[str, pl.DataFrame], plain: Collection[str]) -> set[str]:
    """The codes that these registers have for some names."""
    alike = _pairs_named(tables).filter(normal_name(pl.col("name")).is_in(list(plain)))
    return set(alike["credit_code"].to_list())
