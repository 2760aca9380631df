"""What a table on a sheet gives to the dictionary's tables: to the first, and to others whose figures stand beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mujun.errors import Problem
from mujun.fields import TABLES, Table
from mujun.records.readings.blocks import Area
from mujun.records.readings.questions import Asking, Choice
from mujun.records.readings.rows import Columns, Rows, rows_of
from mujun.records.readings.senses import sense_of
from mujun.records.readings.tables_fed import TableHeaders, also_fed
from mujun.records.readings.taking import Chosen, Feed, Looked, chosen, township_at
from mujun.records.sheets import Sheet


def columns_of(looked: Looked, feed: Feed) -> Columns:
    """Which columns are what, for telling records from other rows."""
    by_field = feed.by_field
    keys = [k for k in (*feed.table.key, "name") if k != "year" and k in by_field]
    key = by_field[keys[0]]
    name = by_field.get("name")
    return Columns(
        key.index,
        keys[0] == "credit_code",
        None if name is None else name.index,
        tuple(sorted({c for t in feed.taken for c in t.columns})),
        _figure_columns(looked),
        looked.header.paths[key.index][-1],
    )


def _figure_columns(looked: Looked) -> frozenset[int]:
    """The columns that hold figures of any table: a merged one is never copied."""
    columns = set()
    for c in range(looked.lo, looked.hi):
        path = looked.header.paths[c]
        senses = (sense_of(path, name) for name in TABLES) if path else ()
        if any(s.header is not None and s.header.field.kind == "quantity" for s in senses):
            columns.add(c)
    return frozenset(columns)


def feeds_of(
    looked: Looked, headers: TableHeaders, table: Table, asking: Asking, *, alone: bool
) -> list[Feed] | Problem:
    """What the columns give to the first table, and to others whose figures stand beside."""
    first = chosen(looked, table, asking)
    if isinstance(first, Problem):
        return first
    feeds = _of_ground(first, looked, asking)
    if alone:
        return [replace(f, township=township_at(looked, f)) for f in feeds]
    used = used_columns(feeds) | first.aside
    for other in also_fed(headers, table, frozenset(used)):
        more = chosen(looked, other, asking, without=frozenset(used))
        if isinstance(more, Problem):
            return more
        beside = [f for f in _of_ground(more, looked, asking) if any(t.field.kind == "quantity" for t in f.taken)]
        feeds += beside
        used |= {c for f in beside for t in f.taken if t.field.kind == "quantity" for c in (*t.columns, *t.parts)}
    return [replace(f, township=township_at(looked, f)) for f in feeds]


def by_basis(feed: Feed, titles: Sequence[str]) -> Feed:
    """Of energy in general, whose title says 当量值: the figure by calorific value."""
    title = "".join(titles)
    by_field = feed.by_field
    if "当量" not in title or "等价" in title or "energy_tce" not in by_field or "energy_tce_calorific" in by_field:
        return feed
    if "等价" in by_field["energy_tce"].text:
        return feed
    calorific = feed.table.by_name["energy_tce_calorific"]
    taken = (replace(t, field=calorific) if t.field.name == "energy_tce" else t for t in feed.taken)
    return replace(feed, taken=tuple(taken))


def used_columns(feeds: Sequence[Feed]) -> set[int]:
    """The columns that feed anything, or are held against it."""
    return {c for f in feeds for t in f.taken for c in (*t.columns, *t.parts)}


def _of_ground(chosen: Chosen, looked: Looked, asking: Asking) -> list[Feed]:
    """Of land, what ground it is, where no column says so: asked, once for the layout."""
    feeds: list[Feed] = []
    for feed in chosen.feeds:
        by_field = feed.by_field
        if feed.table.name != "land" or "tenure" in by_field or "tenure" in feed.constants or "area_mu" not in by_field:
            feeds.append(feed)
            continue
        header = by_field["area_mu"].text
        choices = [Choice(t, "tenure", {"tenure": t}) for t in ("自有", "租入")] + [Choice("none", "not_this")]
        answer = asking.ask("tenure_unsaid", "tenure", choices, header=header)
        if answer in ("自有", "租入"):
            feeds.append(replace(feed, constants={**feed.constants, "tenure": answer}))
        elif answer is None:
            feeds.append(feed)
    return feeds


def with_all(rows: Rows, sheet: Sheet, area: Area, looked: Looked, feeds: Sequence[Feed]) -> Rows:
    """The rows again, where a second look took more columns than the first."""
    if not feeds:
        return rows
    columns = columns_of(looked, feeds[0])
    every = tuple(sorted(used_columns(feeds)))
    return rows if every == columns.used else rows_of(sheet, area, replace(columns, used=every))
