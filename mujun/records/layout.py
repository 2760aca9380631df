"""Where things stand on a sheet: the header under its title rows, the table it belongs to, the year it speaks of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mujun.errors import Place, Problem, problem
from mujun.fields import TABLES, Table
from mujun.records.cells import with_arabic_years
from mujun.records.headers import (
    NOT_TAKEN_QUIETLY,
    Header,
    is_unit,
    meaning,
    nearest_header,
    squeezed,
    units_named,
    with_unit_line,
)
from mujun.records.limits import MAX_TITLE_ROWS
from mujun.records.sheets import Sheet

SHARED = ("year", "credit_code", "name")
"""Fields of nearly every table: they do not tell tables apart."""


@dataclass(frozen=True)
class Layout:
    """How one sheet is to be read.

    Attributes:
        table: the table it holds.
        headers: the columns that are taken, one per field.
        first: position of the first row below the header.
        titles: the texts above the header.
        not_taken: the headers of columns that hold something and are not taken.
        township: position of a column that says in which township each firm is, in a table that has no such field: it
            helps to tell whose a row without a code is.
    """

    table: Table
    headers: tuple[Header, ...]
    first: int
    titles: tuple[str, ...]
    not_taken: tuple[str, ...]
    township: int | None = None


@dataclass(frozen=True)
class NoLayout:
    """Why a sheet cannot be read. `skippable`: it may be a cover sheet beside others that can."""

    problem: Problem
    skippable: bool


def layout_of(sheet: Sheet, place: Place, table: str | None, year: int | None) -> Layout | NoLayout:
    """Find the header and the table of a sheet.

    Args:
        sheet: the sheet.
        place: file and sheet, for messages and as evidence of what it holds.
        table: the table that was asked for, if one was.
        year: the year that was asked for: of `2021年税收` and `2022年税收` the column of that year is taken.
    """
    tables = [TABLES[table]] if table else list(TABLES.values())
    rows = [i for i in range(min(sheet.cells.height, MAX_TITLE_ROWS * 2)) if any(sheet.texts(i))][:MAX_TITLE_ROWS]
    if not rows:
        return NoLayout(problem("sheet_empty", place), skippable=True)
    names, at, after = _best_header(sheet, rows, tables)
    if at < 0:
        return _no_header(sheet, rows, tables, place)
    titles = tuple(text for i in rows if i < at for text in sheet.texts(i) if text)
    candidates = {t.name: _headers(names, t) for t in tables}
    chosen = _chosen_table(candidates, place, titles, tables, names)
    if isinstance(chosen, NoLayout):
        return chosen
    units = units_named(list(titles))
    headers = [with_unit_line(h, units) for h in candidates[chosen.name]]
    taken = _one_per_field(headers, chosen, year, place)
    if isinstance(taken, Problem):
        return NoLayout(taken, skippable=False)
    for h in taken:
        if h.factor is None:
            wrong = problem("unit_does_not_fit", place, header=h.text, label=h.field.label, unit=h.field.unit or "1")
            return NoLayout(wrong, skippable=False)
    township = _township_at(names, chosen, taken)
    used = {h.index for h in taken} | ({township} if township is not None else set())
    return Layout(chosen, tuple(taken), after, titles, _not_taken(sheet, names, used, after), township)


# ---------------------------------------------------------------------------------------------------------- the header


def _headers(names: Sequence[str], table: Table) -> list[Header]:
    found = []
    for i, name in enumerate(names):
        header = meaning(name, table.name)
        if header is not None:
            found.append(replace(header, index=i))
    return found


def _score(names: Sequence[str], tables: list[Table]) -> int:
    return max(len({h.field.name for h in _headers(names, t)}) for t in tables)


def _best_header(sheet: Sheet, rows: list[int], tables: list[Table]) -> tuple[list[str], int, int]:
    """The header's texts, the row it starts in and the row after it; -1 where no row has two known headers."""
    best: tuple[int, list[str], int, int] = (1, [], -1, -1)
    for position, at in enumerate(rows):
        single = sheet.texts(at)
        score = _score(single, tables)
        if score > best[0]:
            best = (score, single, at, at + 1)
        if position + 1 < len(rows) and rows[position + 1] == at + 1 and sum(map(bool, single)) > 1:
            below = sheet.texts(at + 1)
            double = _joined(single, below, tables)
            # Two rows are a header only where they say more together than the better of them alone.
            if double is not None and (
                (together := _score(double, tables)) > max(best[0], score, _score(below, tables))
                or (together == score == best[0] and best[2] == at and _units_below(below))
            ):
                best = (together, double, at, at + 2)
    _, names, at, after = best
    return names, at, _after_numbering(sheet, after) if at >= 0 else -1


def _joined(above: list[str], below: list[str], tables: list[Table]) -> list[str] | None:
    """Two rows as one header: a group's name above its members, or units below their fields; else `None`."""
    joined: list[str] = []
    group = ""
    for top, sub in zip(above, below, strict=True):
        group = top or group
        if not sub:
            joined.append(top)
            continue
        if re.fullmatch(r"[0-9.,\-]+", sub) or len(sub) > 30:
            return None
        options = (
            [f"{top}({sub.strip('()（）')})"] if top and is_unit(sub) else [sub, f"{group}{sub}", f"{group}({sub})"]
        )
        known = [o for o in options if any(meaning(o, t.name) for t in tables)]
        joined.append(known[0] if known else (f"{group}{sub}" if group != sub else sub))
    return joined


def _units_below(texts: list[str]) -> bool:
    filled = [t for t in texts if t]
    return bool(filled) and all(is_unit(t) for t in filled)


def _after_numbering(sheet: Sheet, at: int) -> int:
    """Past a row that only numbers the columns (甲, 乙, 1, 2, 3), as statistical forms have it."""
    if at >= sheet.cells.height:
        return at
    filled = [t for t in sheet.texts(at) if t]
    numbers = [int(t) for t in filled if re.fullmatch(r"[0-9]{1,3}", t)]
    letters = [t for t in filled if t in ("甲", "乙", "丙", "丁", "戊", "己")]
    counted = numbers == list(range(1, len(numbers) + 1)) and len(numbers) + len(letters) == len(filled)
    return at + 1 if counted and len(filled) > 2 else at


def _no_header(sheet: Sheet, rows: list[int], tables: list[Table], place: Place) -> NoLayout:
    """No row has two known headers: say what the likeliest row has and what it may mean."""
    likeliest = max(rows, key=lambda i: sum(bool(t) and not re.fullmatch(r"[0-9.,%\-]+", t) for t in sheet.texts(i)))
    seen = [t for t in sheet.texts(likeliest) if t]
    if len(seen) < 2:
        return NoLayout(problem("no_header", place), skippable=True)
    return NoLayout(_unknown_headers(seen, tables, place), skippable=True)


def _unknown_headers(seen: list[str], tables: list[Table], place: Place) -> Problem:
    near = [f"{text} → {close}" for text in seen if (close := nearest_header(text, tables))]
    if near:
        return problem("headers_unknown_near", place, headers=seen[:8], near=near[:5])
    return problem("headers_unknown", place, headers=seen[:8])


# ----------------------------------------------------------------------------------------------------------- the table


def _lacking(table: Table, headers: list[Header]) -> list[str]:
    has = {h.field.name for h in headers}
    needed = (*table.key, *table.required)
    return [table.by_name[n].label for n in dict.fromkeys(needed) if n != "year" and n not in has]


def _telling(table: Table, headers: list[Header]) -> int:
    return len({h.field.name for h in headers} - set(SHARED))


def _chosen_table(
    candidates: dict[str, list[Header]], place: Place, titles: Sequence[str], tables: list[Table], names: Sequence[str]
) -> Table | NoLayout:
    complete = [t for t in tables if not _lacking(t, candidates[t.name]) and _telling(t, candidates[t.name])]
    if complete:
        said = _said(place, titles)
        scores = {t.name: _telling(t, candidates[t.name]) + said.get(t.name, 0.0) for t in complete}
        best = max(scores.values())
        winners = [t for t in complete if scores[t.name] == best]
        if len(winners) == 1:
            return winners[0]
        return NoLayout(problem("table_ambiguous", place, tables=[f"{t.label} ({t.name})" for t in winners]), False)
    nearly = max(tables, key=lambda t: (_telling(t, candidates[t.name]), -len(_lacking(t, candidates[t.name]))))
    known = candidates[nearly.name]
    unknown = [n for i, n in enumerate(names) if n and i not in {h.index for h in known}]
    unknown = [n for n in unknown if squeezed(n) not in NOT_TAKEN_QUIETLY]
    if not _telling(nearly, known):
        return NoLayout(_unknown_headers(unknown or list(names), tables, place), skippable=True)
    lacking = _lacking(nearly, known)
    near = [f"{text} → {close}" for text in unknown if (close := nearest_header(text, [nearly]))]
    return NoLayout(
        problem("columns_missing", place, table=nearly.label, missing=lacking, unknown=(near or unknown)[:8] or "—"),
        skippable=False,
    )


def _said(place: Place, titles: Sequence[str]) -> dict[str, float]:
    """What sheet name, titles and file name say about the table: a bonus for the table whose word they hold."""
    bonus: dict[str, float] = {}
    sheet = squeezed(place.sheet or "")
    for text, worth in ((sheet, 1.5), (squeezed("".join(titles)), 1.0), (squeezed(place.file or ""), 1.0)):
        longest: dict[str, int] = {}
        for t in TABLES.values():
            spellings = [squeezed(w) for w in (t.name, t.label, *t.synonyms)]
            inside = [len(w) for w in spellings if len(w) > 1 and w in text]
            if inside:
                longest[t.name] = max(inside)
            if text and text in spellings:
                longest[t.name] = 99
        for name, length in longest.items():
            if length == max(longest.values()):
                bonus[name] = bonus.get(name, 0.0) + worth
    return bonus


# --------------------------------------------------------------------------------------------------------- the columns


def _one_per_field(headers: list[Header], table: Table, year: int | None, place: Place) -> list[Header] | Problem:
    """One column per field: of several years the year asked for; the field's own label before a synonym."""
    taken: list[Header] = []
    for f in table.fields:
        same = [h for h in headers if h.field.name == f.name]
        if year is not None and any(h.year == year for h in same):
            same = [h for h in same if h.year == year]
        elif year is not None and same and all(h.year is not None for h in same):
            return problem("year_of_column", place, headers=[h.text for h in same], year=year)
        if len(same) > 1 and sum(h.exact for h in same) == 1:
            same = [h for h in same if h.exact]
        if len(same) > 1:
            return problem("column_twice", place, label=f.label, headers=[h.text for h in same])
        taken += same
    return sorted(taken, key=lambda h: h.index)


def _township_at(names: Sequence[str], table: Table, taken: list[Header]) -> int | None:
    """The only column whose header means the township, where the table itself has no such field."""
    if "township" in table.by_name:
        return None
    used = {h.index for h in taken}
    at = [i for i, name in enumerate(names) if i not in used and _means_township(name)]
    return at[0] if len(at) == 1 else None


def _means_township(name: str) -> bool:
    found = meaning(name, "enterprises")
    return found is not None and found.field.name == "township"


def _not_taken(sheet: Sheet, names: Sequence[str], used: set[int], first: int) -> tuple[str, ...]:
    body = sheet.cells.slice(first)
    lost = []
    for i, name in enumerate(names):
        if i in used or squeezed(name) in NOT_TAKEN_QUIETLY or body[f"c{i}"].null_count() == body.height:
            continue
        lost.append(name or f"{column_letters(i + 1)}?")
    return tuple(lost)


def column_letters(number: int) -> str:
    """Excel's letters for a column: 28 is AB."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


# ------------------------------------------------------------------------------------------------ what the titles say

_STRONG_YEAR = re.compile(r"(?<![0-9])(20[0-9]{2})\s*年度")
_WEAK_YEAR = re.compile(r"(?<![0-9])(20[0-9]{2})(?![0-9])(?!\s*[年.\-/]\s*[0-9]{1,2}\s*[月.\-/])(?!\s*年\s*[0-9])")


def years_said(texts: Sequence[str]) -> list[int]:
    """The data years that titles and names speak of: `2022年度` before a bare 2022; a date is no data year."""
    plain = [with_arabic_years(unicodedata.normalize("NFKC", t)) for t in texts]
    for pattern in (_STRONG_YEAR, _WEAK_YEAR):
        found = sorted({int(y) for t in plain for y in pattern.findall(t)})
        if found:
            return found
    return []


def scale_said(texts: Sequence[str]) -> str | None:
    """规上 or 规下, where a title, sheet or file name says exactly one of them."""
    for text in texts:
        plain = squeezed(text).replace("规模以上", "规上").replace("规模以下", "规下")
        said = [s for s in ("规上", "规下") if s in plain]
        if said:
            return said[0] if len(said) == 1 else None
    return None
