"""Tables in which every record stands under the code that is right at the end of a year.

Only the rows of firms whose code changed, and of those who took over another, are touched; they are few, so that they
are gone through one by one. `succession` says who is whose heir.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import date
from decimal import Decimal
from functools import cached_property

import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import TABLES
from mujun.messages import FindingCode
from mujun.records.finding import Finding
from mujun.records.identity import normal_code, normal_name
from mujun.records.succession import Heir, Succession, record_finding, succession_at

Record = dict[str, object]
Rows = list[Record]

ADDED_UP = ("tax", "energy", "output", "emissions", "water")
"""Yearly tables whose quantities add up: a firm's part of a year under the old code, the part under the new."""


def with_successors(
    tables: Mapping[str, pl.DataFrame], year: int, succession: Succession | None = None
) -> tuple[dict[str, pl.DataFrame], tuple[Finding, ...]]:
    """The tables as they count at the end of a year.

    Args:
        tables: current rows by name, of all years, `aliases` among them; one that is absent counts as empty.
        year: the data year, by whose end a change must have come to count.
        succession: what `succession_at` makes of `aliases` for that year, by whoever asks for table after table.

    Returns:
        The tables; the same ones where nothing changed. Quantities of one year that stand under the old and the new
        code are added up, unless they are the same figures: then they were reported twice and count once. Of land the
        successor's own rows stand where it has any in a year. A firm's tier, labels, extra fields, surveys under the
        new code go before those under the old. What two merged firms let each other is no lease any more.
        And the findings: changes left aside, and every record of the year that stands under an old code.
    """
    made = dict(tables)
    aliases = made.get("aliases")
    if aliases is None or aliases.is_empty():
        return made, ()
    succession = succession_at(aliases, year) if succession is None else succession
    if not succession.heirs:
        return made, succession.findings
    work = _Work(succession, year, tables)
    for name, follow in _FOLLOWING.items():
        rows = made.get(name)
        if rows is None or rows.is_empty():
            continue
        mine = pl.col("credit_code").is_in(list(succession.involved))
        touched = rows.filter(mine)
        if touched.is_empty():
            continue
        before = list(touched.iter_rows(named=True))
        after = pl.DataFrame(follow(work, name, before), schema=rows.schema, orient="row")
        made[name] = pl.concat([rows.filter(~mine), after])
    if "land" in made:
        made["land"] = _partners(made["land"], tables.get("enterprises"), succession)
    return made, (*succession.findings, *work.findings)


def _names(tables: Mapping[str, pl.DataFrame], succession: Succession, year: int) -> dict[str, str]:
    """What the codes that stand are called: on the year's roll, else in the register of changes."""
    aliases = tables["aliases"].filter(pl.col("successor_name").is_not_null())
    called = dict(aliases.select(normal_code(pl.col("successor")), "successor_name").iter_rows())
    roll = tables.get("enterprises")
    if roll is not None:
        wanted = roll.filter(pl.col("year") == year, pl.col("credit_code").is_in(list(succession.involved)))
        called |= dict(wanted.select("credit_code", "name").iter_rows())
    return called


@dataclass
class _Work:
    """The succession, the year that is asked for, and what is to be said."""

    succession: Succession
    year: int
    tables: Mapping[str, pl.DataFrame]
    findings: list[Finding] = field(default_factory=list)

    @cached_property
    def names(self) -> dict[str, str]:
        """What the codes that stand are called."""
        return _names(self.tables, self.succession, self.year)

    def heir(self, row: Record) -> Heir | None:
        """Whose the record's code is now; `None` for a code that stands."""
        return self.succession.heirs.get(str(row["credit_code"]))

    def say(self, code: FindingCode, table: str, row: Record) -> None:
        """Note a record of the year that stands under an old code."""
        heir = self.heir(row)
        if heir is not None and row.get("year") == self.year:
            self.findings.append(record_finding(code, table, row, heir, self.names))

    def root(self, row: Record) -> str:
        """The code that the firm itself had last."""
        heir = self.heir(row)
        return str(row["credit_code"]) if heir is None else heir.root

    def merged_on(self, root: str) -> date | None:
        """When the firm was taken over, if it was."""
        heir = self.succession.heirs.get(root)
        return None if heir is None else heir.merged_on

    def code(self, root: str) -> str:
        """The code that stands."""
        heir = self.succession.heirs.get(root)
        return root if heir is None else heir.code


def _grouped(rows: Rows, key: Callable[[Record], tuple[object, ...]]) -> dict[tuple[object, ...], Rows]:
    by_key: dict[tuple[object, ...], Rows] = {}
    for row in rows:
        by_key.setdefault(key(row), []).append(row)
    return by_key


def _own_first(work: _Work, rows: Rows) -> Rows:
    """Rows under the firm's last code, then those under older ones, the latest change first."""

    def rank(row: Record) -> tuple[bool, int, str]:
        heir = work.heir(row)
        old = heir is not None and work.root(row) != row["credit_code"]
        return old, -(heir.since.toordinal() if heir else 0), str(row["credit_code"])

    return sorted(rows, key=rank)


# ----------------------------------------------------------------------------------------------- what adds up, and land


def _quantities(table: str) -> list[str]:
    return [f.name for f in TABLES[table].fields if f.kind == "quantity"]


def _added(work: _Work, table: str, rows: Rows) -> Rows:
    """Yearly quantities: first a firm's own under all its codes, then those of the firms it took over."""
    fields, made = _quantities(table), []
    for (year, root), of_firm in _grouped(rows, lambda r: (r["year"], work.root(r))).items():
        first, *others = _own_first(work, of_firm)
        for row in (r for r in of_firm if work.heir(r)):
            twice = row is not first and _same(first, row, fields)
            work.say("alias_same_figures" if twice else "alias_record", table, row)
        whole = first
        for row in others:
            whole = _filled(whole, row, fields) if _same(first, row, fields) else _summed(whole, row, fields)
        made.append({**whole, "credit_code": root, "year": year})
    together: Rows = []
    for (_, code), several in _grouped(made, lambda r: (r["year"], work.code(str(r["credit_code"])))).items():
        first, *others = sorted(several, key=lambda r: (r["credit_code"] != code, str(r["credit_code"])))
        for row in others:
            first = _summed(first, row, fields)
        together.append({**first, "credit_code": code})
    return together


def _same(one: Record, other: Record, fields: Sequence[str]) -> bool:
    """Whether two rows give the same figures wherever both give one, and do so at least once above zero."""
    both = [(one[f], other[f]) for f in fields if one[f] is not None and other[f] is not None]
    return any(a for a, _ in both) and all(a == b for a, b in both)


def _filled(one: Record, other: Record, fields: Sequence[str]) -> Record:
    return {**one, **{f: other[f] for f in fields if one[f] is None}}


def _summed(one: Record, other: Record, fields: Sequence[str]) -> Record:
    return {**one, **{f: _plus(one[f], other[f]) for f in fields}}


def _plus(a: object, b: object) -> object:
    if isinstance(a, Decimal) and isinstance(b, Decimal):
        return a + b
    return b if a is None else a


def _land(work: _Work, table: str, rows: Rows) -> Rows:
    """Land: of one firm under several codes the newest code's rows stand; merged firms' land is put together."""
    made: Rows = []
    for (_, root), of_firm in _grouped(rows, lambda r: (r["year"], work.root(r))).items():
        newest = _own_first(work, of_firm)[0]["credit_code"]
        for row in of_firm:
            stands = row["credit_code"] == newest
            work.say("alias_record" if stands else "alias_land_twice", table, row)
            if stands:
                made.append({**row, "credit_code": work.code(str(root))})
    return made


def _partners(land: pl.DataFrame, roll: pl.DataFrame | None, succession: Succession) -> pl.DataFrame:
    """The other sides of leases by the codes that stand, without what merged firms let each other."""
    by_code = {old: heir.code for old, heir in succession.heirs.items()}
    by_name = _names_of_old(roll, succession)
    partnered = land.with_columns(
        pl.coalesce(
            normal_code(pl.col("counterparty")).replace_strict(by_code, default=None, return_dtype=pl.String),
            normal_name(pl.col("counterparty")).replace_strict(by_name, default=None, return_dtype=pl.String),
            pl.col("counterparty"),
        ).alias("counterparty")
    )
    heirs = {heir.code for heir in succession.heirs.values()}
    named = pl.DataFrame(schema={"_firm": pl.String, "_name": pl.String})
    if roll is not None:
        of_heirs = roll.filter(pl.col("credit_code").is_in(list(heirs)))
        named = of_heirs.select(
            pl.col("credit_code").alias("_firm"), normal_name(pl.col("name")).alias("_name")
        ).unique()
    own_names = [f"{code}\n{name}" for code, name in named.iter_rows()]
    itself = (normal_code(pl.col("counterparty")) == pl.col("credit_code")) | pl.concat_str(
        "credit_code", pl.lit("\n"), normal_name(pl.col("counterparty"))
    ).is_in(own_names)
    inside = pl.col("credit_code").is_in(list(heirs)) & itself.fill_null(False)
    return partnered.filter(~inside)


def _names_of_old(roll: pl.DataFrame | None, succession: Succession) -> dict[str, str]:
    """The names of firms that are no more, normalised, and whose they are; not those that another firm bears."""
    names = [(name, old) for old, several in succession.names.items() for name in several if old in succession.heirs]
    if roll is not None:
        of_old = roll.filter(pl.col("credit_code").is_in(list(succession.heirs)))
        names += [(str(n), str(c)) for n, c in of_old.select("name", "credit_code").drop_nulls().iter_rows()]
    known = pl.DataFrame(names, schema={"name": pl.String, "old": pl.String}, orient="row")
    known = known.select(normal_name(pl.col("name")).alias("name"), "old").unique().sort("name", "old")
    standing: set[str] = set()
    if roll is not None:
        others = roll.filter(~pl.col("credit_code").is_in(list(succession.heirs)))
        standing = set(others.select(normal_name(pl.col("name")))["name"].drop_nulls().to_list())
    heirs_by_name: dict[str, set[str]] = {}
    for name, old in known.iter_rows():
        heirs_by_name.setdefault(name, set()).add(succession.heirs[old].code)
    return {
        name: next(iter(codes)) for name, codes in heirs_by_name.items() if len(codes) == 1 and name not in standing
    }


# ----------------------------------------------------------------------------------------------- what has one per key


def _roll(work: _Work, table: str, rows: Rows) -> Rows:
    """The roll: the successor's own line where it has one; a merged firm's only where nobody else stands for it."""
    made: Rows = []
    for (year, root), of_firm in _grouped(rows, lambda r: (r["year"], work.root(r))).items():
        for row in of_firm:
            work.say("alias_record", table, row)
        merged_on = work.merged_on(str(root))
        if merged_on is None or (isinstance(year, int) and year >= merged_on.year):
            made.append({**_own_first(work, of_firm)[0], "credit_code": root})
    stands = _grouped(made, lambda r: (r["year"], work.code(str(r["credit_code"]))))
    return [
        {**min(several, key=lambda r: (r["credit_code"] != code, str(r["credit_code"]))), "credit_code": code}
        for (_, code), several in stands.items()
    ]


def _one_per_key(work: _Work, table: str, rows: Rows) -> Rows:
    """Tiers, labels, extra fields, surveys: own ones first; of a merged firm only what was found after the merger."""
    key = [k for k in TABLES[table].key if k != "credit_code"]
    by_key: dict[tuple[object, ...], Record] = {}
    for row in sorted(_own_first(work, rows), key=lambda r: work.root(r) != work.code(work.root(r))):
        root = work.root(row)
        if _is_own(work, table, row, root):
            if table == "extra":
                work.say("alias_record", table, row)
            code = work.code(root)
            by_key.setdefault((code, *(row[k] for k in key)), {**row, "credit_code": code})
    return list(by_key.values())


def _is_own(work: _Work, table: str, row: Record, root: str) -> bool:
    merged_on = work.merged_on(root)
    if merged_on is None:
        return True
    if table == "labels":
        since = row["since"]
        return isinstance(since, date) and since >= merged_on
    year = row.get("year")
    return table in ("extra", "surveys") and isinstance(year, int) and year >= merged_on.year


def _bills(work: _Work, table: str, rows: Rows) -> Rows:
    """Bills: all of a firm whose code changed; of a merged firm those that end after the merger."""
    key = [k for k in TABLES[table].key if k != "credit_code"]
    made: dict[tuple[object, ...], Record] = {}
    for row in _own_first(work, rows):
        root = work.root(row)
        merged_on, until = work.merged_on(root), row["until"]
        kept = merged_on is not None and isinstance(until, date) and until < merged_on
        code = root if kept else work.code(root)
        at = (code, *(row[k] for k in key))
        given = made.get(at)
        same = given is not None and merged_on is None and _same(given, row, ["quantity"])
        made[at] = (
            {**row, "credit_code": code} if given is None else given if same else _summed(given, row, ["quantity"])
        )
    return list(made.values())


def _renamed(work: _Work, table: str, rows: Rows) -> Rows:
    """Meters and projects: whoever stands for the firm now has them."""
    key = TABLES[table].key
    made: dict[tuple[object, ...], Record] = {}
    for row in _own_first(work, rows):
        moved = {**row, "credit_code": work.code(work.root(row))}
        made.setdefault(tuple(moved[k] for k in key), moved)
    return list(made.values())


_FOLLOWING: dict[str, Callable[[_Work, str, Rows], Rows]] = {
    "enterprises": _roll,
    "land": _land,
    **dict.fromkeys(ADDED_UP, _added),
    **dict.fromkeys(("ratings", "labels", "extra", "surveys"), _one_per_key),
    "usage": _bills,
    **dict.fromkeys(("accounts", "projects"), _renamed),
}
