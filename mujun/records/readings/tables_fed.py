"""Which tables of the dictionary a table on a sheet feeds: by its headers, then by what titles and names say."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from mujun.dataclass import dataclass
from mujun.errors import Place, Problem, problem
from mujun.fields import TABLES, Table
from mujun.records.headers import NOT_TAKEN_QUIETLY, meaning, nearest_header, squeezed
from mujun.records.readings.header_rows import HeaderRows, fields_named
from mujun.records.readings.senses import sense_of
from mujun.records.sheets import Sheet

SHARED = ("year", "credit_code", "name")
"""Fields of nearly every table: they do not tell tables apart."""

FIGURES = ("tax", "energy", "output", "emissions", "water")
"""Tables of a year's figures, one row per firm: a sheet may feed several of them at once."""


@dataclass(frozen=True)
class NoTable:
    """Why a sheet cannot be read. `skippable`: it may be a cover sheet beside others that can."""

    problem: Problem
    skippable: bool


@dataclass(frozen=True)
class TableHeaders:
    """The headers of a table on a sheet: `lo` to `hi` of `header`, `hi` not among them."""

    header: HeaderRows
    lo: int
    hi: int

    def fields(self, table: Table) -> frozenset[str]:
        """The fields of a dictionary's table that the headers name."""
        return fields_named(self.header.paths[self.lo : self.hi], table.name)

    @property
    def texts(self) -> list[str]:
        """The headers in one line each."""
        return [" / ".join(p) for p in self.header.paths[self.lo : self.hi] if p]


def table_of(headers: TableHeaders, place: Place, titles: Sequence[str], tables: Sequence[Table]) -> Table | NoTable:
    """The table that a sheet's headers, titles and names mean.

    A table may lack its codes where it has names: whose a row is can then be told by name. One of areas may lack
    what ground it is: that is asked.
    """
    named = {t.name: headers.fields(t) for t in tables}
    complete = [t for t in tables if not _lacking(t, named[t.name]) and _telling(named[t.name])]
    if not complete:
        complete = [t for t in tables if _bearable(t, named[t.name]) and _telling(named[t.name])]
    if complete:
        by_words = _said(place, titles)
        scores = {t.name: len(_telling(named[t.name])) + by_words.get(t.name, 0.0) for t in complete}
        complete = _with_figures(complete, named, by_words)
        best = max(scores[t.name] for t in complete)
        winners = [t for t in complete if scores[t.name] == best]
        if len(winners) == 1 or all(t.name in FIGURES for t in winners):
            return winners[0]
        labels = [f"{t.label} ({t.name})" for t in winners]
        return NoTable(problem("table_ambiguous", place, tables=labels), skippable=False)
    return _none(headers, place, tables, named)


def also_fed(headers: TableHeaders, first: Table, used: frozenset[int]) -> list[Table]:
    """Other tables of a year's figures that columns feed which the first leaves: one sheet may hold everything."""
    if first.key != ("year", "credit_code"):
        return []
    tables = []
    for name in (*FIGURES, "land"):
        table = TABLES[name]
        if table is first or first.many:
            continue
        free = {
            s.header.field.name
            for c in range(headers.lo, headers.hi)
            if c not in used and headers.header.paths[c]
            and (s := sense_of(headers.header.paths[c], name)).header is not None and not s.doubtful
        }  # fmt: skip
        if name == "land" and "area_mu" not in free:
            continue
        if any(table.by_name[f].kind == "quantity" for f in free):
            tables.append(table)
    return tables


_BESIDE_FIGURES = ("county", "township", "park", "address", "legal_person", "contact", "phone")
"""Where a firm is and whom to ask: stands beside figures of any office, and makes no register of a file."""


def is_register(headers: TableHeaders, place: Place, titles: Sequence[str]) -> bool:
    """Whether a table is a list of firms: by what titles and names say, or by having nothing else to say of firms.

    Contacts beside figures, or below them, make no list: who is in it need not be on the roll.
    """
    if _said(place, titles).get("enterprises"):
        return True
    if not _telling(headers.fields(TABLES["enterprises"])) - set(_BESIDE_FIGURES):
        return False
    others = (t for t in TABLES.values() if t.name in (*FIGURES, "land"))
    return not any(t.by_name[f].kind == "quantity" for t in others for f in headers.fields(t))


def _with_figures(tables: list[Table], named: dict[str, frozenset[str]], by_words: dict[str, float]) -> list[Table]:
    """The tables without the register, where its columns only say where the firms of another table's figures are."""
    register = named.get("enterprises", frozenset())
    figures = [t for t in tables if any(t.by_name[f].kind == "quantity" for f in named[t.name])]
    if not figures or by_words.get("enterprises") or not _telling(register) <= set(_BESIDE_FIGURES):
        return tables
    return [t for t in tables if t.name != "enterprises"]


def _bearable(table: Table, named: frozenset[str]) -> bool:
    """Whether a table of a year's figures or of land can be read without what its headers lack."""
    lacking = set(_lacking(table, named))
    if table.name not in (*FIGURES, "land") or not lacking <= {"credit_code", "tenure"}:
        return False
    return ("credit_code" not in lacking or "name" in named) and ("tenure" not in lacking or "area_mu" in named)


def _lacking(table: Table, named: frozenset[str]) -> list[str]:
    needed = (*table.firm_key, *table.required)
    return [n for n in dict.fromkeys(needed) if n != "year" and n not in named]


def _telling(named: frozenset[str]) -> frozenset[str]:
    return named - set(SHARED)


# ---------------------------------------------------------------------------------------------- what is not understood


def _none(headers: TableHeaders, place: Place, tables: Sequence[Table], named: dict[str, frozenset[str]]) -> NoTable:
    nearly = max(tables, key=lambda t: (len(_telling(named[t.name])), -len(_lacking(t, named[t.name]))))
    unknown = [
        " / ".join(p)
        for p in headers.header.paths[headers.lo : headers.hi]
        if p and sense_of(p, nearly.name).header is None and squeezed(p[-1]) not in NOT_TAKEN_QUIETLY
    ]
    if not _telling(named[nearly.name]):
        return NoTable(unknown_headers(unknown or headers.texts, tables, place), skippable=True)
    lacking = [nearly.by_name[n].label for n in _lacking(nearly, named[nearly.name])]
    near = [f"{text} → {close}" for text in unknown if (close := nearest_header(text, [nearly]))]
    return NoTable(
        problem("columns_missing", place, table=nearly.label, missing=lacking, unknown=(near or unknown)[:8] or "—"),
        skippable=False,
    )


def unknown_headers(seen: Sequence[str], tables: Sequence[Table], place: Place) -> Problem:
    """Headers that mean nothing we know, with the nearest that would."""
    near = [f"{text} → {close}" for text in seen if (close := nearest_header(text, tables))]
    if near:
        return problem("headers_unknown_near", place, headers=list(seen[:8]), near=near[:5])
    return problem("headers_unknown", place, headers=list(seen[:8]))


def headers_aside(sheet: Sheet, place: Place) -> Problem | None:
    """That the headers stand down the side: a firm in each column, or a form for each firm."""
    labels = [t for row in range(min(sheet.cells.height, _LOOKED_DOWN)) if (t := sheet.texts(row)[0])]
    known = [t for t in dict.fromkeys(labels) if any(meaning(t, table) is not None for table in TABLES)]
    fields = {h.field.name for t in known for table in TABLES if (h := meaning(t, table)) is not None}
    if len(known) < 2 or not fields & {"credit_code", "name"}:
        return None
    return problem("headers_aside", place, headers=known[:6])


_LOOKED_DOWN = 60


@cache
def _spellings() -> dict[str, list[str]]:
    """What each table is called, as texts are compared."""
    return {t.name: [squeezed(w) for w in (t.name, t.label, *t.synonyms)] for t in TABLES.values()}


def _said(place: Place, titles: Sequence[str]) -> dict[str, float]:
    """What sheet name, titles and file name say about the table: a bonus for the table whose word they hold."""
    bonus: dict[str, float] = {}
    sheet = squeezed(place.sheet or "")
    for text, worth in ((sheet, 1.5), (squeezed("".join(titles)), 1.0), (squeezed(place.file or ""), 1.0)):
        longest: dict[str, int] = {}
        for table, spellings in _spellings().items():
            inside = [len(w) for w in spellings if len(w) > 1 and w in text]
            if inside:
                longest[table] = max(inside)
            if text and text in spellings:
                longest[table] = 99
        for name, length in longest.items():
            if length == max(longest.values()):
                bonus[name] = bonus.get(name, 0.0) + worth
    return bonus
