"""Who may do what: the one place that decides it. What is not named for a role is refused.

A page asks `may_open` before it is read, `may_change` before anything is put in, `may_take` before a file is made, and
`own` for the rows that somebody is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields import TABLES

Role = Literal["bureau", "office", "township", "reader"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True)
class Person:
    """Somebody who uses the workbench.

    Attributes:
        name: by which changes are put down.
        role: what he may do.
        of: the office of an `office`, the township of a `township`; empty for others.
    """

    name: str
    role: Role
    of: str = ""

    @property
    def limited(self) -> bool:
        """Whether he sees a part of the county only."""
        return self.role in ("office", "township")


MISSING = "/no-such-page"
"""By what the page is named that stands under addresses without one; everybody may see it."""

OPEN: Mapping[Role, frozenset[str]] = {
    "office": frozenset({"/", "/data", "/data/coverage", "/checks", "/problems", "/monitoring/values"}),
    "township": frozenset(
        {
            "/",
            "/confirmation",
            "/confirmation/visits",
            "/firms",
            "/firms/{code}",
            "/firms/{code}/explanation",
            "/firms/{code}/calculator",
            "/firms/{code}/visit",
            "/parcels",
            "/parcels/{number}",
            "/problems",
        }
    ),
}
"""The pages of those who see a part of the county; the bureau and readers see all."""

CHANGE: Mapping[Role, frozenset[str]] = {
    "office": frozenset({"/data", "/monitoring/values", "/problems"}),
    "township": frozenset({"/confirmation", "/firms/{code}/visit"}),
    "reader": frozenset(),
}
"""The pages on which others than the bureau change something."""


def may_open(person: Person, page: str) -> bool:
    """Whether somebody may see a page, named by its path with the names of its parts."""
    return person.role in ("bureau", "reader") or page == MISSING or page in OPEN.get(person.role, frozenset())


def may_change(person: Person, page: str) -> bool:
    """Whether somebody may change something on a page."""
    return person.role == "bureau" or (may_open(person, page) and page in CHANGE.get(person.role, frozenset()))


def may_take(person: Person, page: str, *, theirs: bool) -> bool:
    """Whether somebody may be given a file that a page makes; `theirs`: it holds nothing but what is his."""
    return may_open(person, page) and (theirs or not person.limited)


def own(person: Person, rows: pl.DataFrame, *, office: str | None = None, township: str | None = None) -> pl.DataFrame:
    """The rows that somebody may see.

    Args:
        person: who.
        rows: all rows.
        office: the column that names the office; none where no office sees any of them.
        township: the same for townships.
    """
    if not person.limited:
        return rows
    column = {"office": office, "township": township}[person.role]
    return rows.clear() if column is None else rows.filter(pl.col(column).eq_missing(pl.lit(person.of)))


def may_send(person: Person, table: str, columns: Iterable[str]) -> bool:
    """Whether these columns of a table are somebody's to send: an office sends those that it answers for."""
    if person.role == "bureau":
        return True
    known = TABLES.get(table)
    if person.role != "office" or known is None:
        return False
    figures = [c for c in columns if c not in (*known.key, "name")]
    fields = known.by_name
    return all(c in fields and (fields[c].owner or known.owner) == person.of for c in figures) and (
        bool(figures) or known.owner == person.of
    )


def offices() -> list[str]:
    """The offices that answer for tables or columns."""
    owners = [o for t in TABLES.values() for o in (t.owner, *(f.owner for f in t.by_name.values()))]
    return [o for o in dict.fromkeys(owners) if o and o != "镇街"]


def refuse_unless(allowed: bool) -> None:
    """Say that somebody may not do what he asked for.

    Raises:
        UsageError: he may not.
    """
    if not allowed:
        raise UsageError(problem("rights_refused"))
