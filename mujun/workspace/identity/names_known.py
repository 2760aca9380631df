"""What the store knows of names: the firms there are, what persons have confirmed, and which rows still wait."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import TABLES
from mujun.records import FileRecords
from mujun.records.confirming import CONFIRMED, REFUSED, Confirmed, decisions, overlapping, with_confirmed
from mujun.records.matching import Firms, Waiting, firms_of, waiting_rows
from mujun.records.roll import Roll, firms_with
from mujun.records.succession import succession_at
from mujun.store import Store


@dataclass(frozen=True)
class Names:
    """The firms, what was confirmed of names, and what was refused: name and township to the code refused."""

    firms: Firms
    confirmed: Confirmed
    refused: Mapping[tuple[str, str], str | None]


def names_known(store: Store) -> Names:
    """What an open store knows of names, all years and changes of codes together."""
    tables = store.tables(("enterprises", "aliases", "matches"))
    roll = tables["enterprises"].sort("year", "credit_code", descending=[True, False])
    heirs = succession_at(tables["aliases"], date.max.year).heirs
    now = {old: heir.root for old, heir in heirs.items() if heir.root != old}
    former: dict[str, list[str]] = {}
    for old, code in now.items():
        former.setdefault(code, []).append(old)
    firms = firms_of(roll, now)
    codes = {at: code for at, code in decisions(tables["matches"], CONFIRMED).items() if code is not None}
    rolls = {
        int(year): frozenset(of_year["credit_code"].to_list())
        for (year,), of_year in roll.partition_by("year", as_dict=True).items()
    }
    called = dict(firms.names.unique("credit_code", keep="first").select("credit_code", "name").iter_rows())
    confirmed = Confirmed(codes, called, former, rolls, firms.townships)
    return Names(firms, confirmed, decisions(tables["matches"], REFUSED))


def roll_known(store: Store) -> Roll:
    """The firms that an open store knows: every name that each had on a roll, in a change of codes, by a decision."""
    # Of rolls, of all years, names and townships alone: every file that is loaded asks who there is.
    rolls = store.reader(fields={"enterprises": ("name", "township")})("enterprises")
    tables = store.tables(("aliases", "matches", "licences"))
    heirs = succession_at(tables["aliases"], date.max.year).heirs
    now = {old: heir.root for old, heir in heirs.items() if heir.root != old}
    confirmed = tables["licences"].filter(pl.col("ruling") == CONFIRMED)
    listed = rolls.sort("year", "credit_code", descending=[True, False]).select("credit_code", "name")
    renamed = tables["aliases"].select("credit_code", "name")
    later = tables["aliases"].select(pl.col("successor").alias("credit_code"), pl.col("successor_name").alias("name"))
    decided = tables["matches"].filter(pl.col("decision") == CONFIRMED)
    given = decided.select("credit_code", pl.col("given_name").alias("name"))
    known = pl.concat([listed, renamed, later, given]).drop_nulls()
    townships = frozenset(rolls["township"].drop_nulls().unique().to_list())
    return Roll(firms_with(known, now), frozenset(confirmed["credit_code"].to_list()), townships)


def as_confirmed(store: Store, records: FileRecords) -> FileRecords:
    """A file's records with the rows taken in whose name a person has confirmed before."""
    if not any(part.quarantine.height for part in records.tables):
        return records
    if store.table("matches").is_empty():
        return records
    return with_confirmed(records, names_known(store).confirmed)


def rows_waiting(store: Store, names: Names) -> list[Waiting]:
    """Every row in quarantine that a name could help."""
    townships = names.firms.townships
    return [row for name in TABLES for row in waiting_rows(name, store.quarantine(name), townships)]


def rows_of_their_own(store: Store, waiting: list[Waiting]) -> dict[Waiting, dict[str, int]]:
    """By row, the firms that have a row of their own in its table and year, and the newest batch that has it.

    Only tables with one row per firm and year are looked at: there a second row cannot be the firm's as well.
    """
    forms = store.forms()
    columns = {name: _forms_of(store, name) for name in {w.table for w in waiting}}
    own_rows: dict[Waiting, dict[str, int]] = {}
    for name in sorted({w.table for w in waiting}):
        if TABLES[name].many or TABLES[name].key != ("year", "credit_code"):
            continue
        spoken = store.spoken_of(name)
        for row in (w for w in waiting if w.table == name):
            mine = columns[name].get((row.batch, row.sheet, row.row), ())
            same = [form for form in spoken["_form"].unique().to_list() if overlapping(name, mine, forms[form])]
            theirs = spoken.filter(pl.col("year") == row.year, pl.col("_form").is_in(same))
            newest = theirs.group_by("credit_code").agg(pl.col("_batch").max())
            own_rows[row] = dict(newest.iter_rows())
    return own_rows


def _forms_of(store: Store, name: str) -> dict[tuple[int, str | None, int], tuple[str, ...]]:
    """By batch, sheet and row of the quarantine, the columns that the file carried."""
    forms = store.forms()
    rows = store.quarantine(name).select("_batch", "_sheet", "_row", "_form")
    return {(batch, sheet, row): forms.get(form, ()) for batch, sheet, row, form in rows.iter_rows()}
