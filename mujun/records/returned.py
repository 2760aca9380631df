"""A workbook that mujun handed out and that comes back filled in: what it was given stands, what was asked is read.

Every given cell is held against what was issued. A line whose given cells were changed, that was added or that
stands twice is kept out with a finding that names the cell; the other lines count. Lines may have been sorted: they
are known by their key, not by their place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from decimal import Decimal, InvalidOperation

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import Place, Problem, problem
from mujun.messages import FindingCode
from mujun.records.finding import Finding
from mujun.records.loaded import LoadedTable
from mujun.records.sheets import Sheet, fifteen_digits
from mujun.writing.cell_names import cell_name

MARK = r"(?<=编号：)M[SCPQLM][0-9]{1,6}-[0-9a-f]{8}"
"""What the mark of a workbook that was handed out looks like: `MS12-3fa9c01b` (survey), `MC3-…` (confirmation),
`MP4-…` (progress), `MQ5-…` (problems), `ML6-…` (parcels), `MM7-…` (monthly).

It stands behind a word of ours, so that no contract or meter number of a department's file is taken for one.
"""

SEARCHED = 12
"""Rows from the top in which mark and header are looked for."""


@dataclass(frozen=True)
class Filled:
    """What a returned workbook says: tables to take in, findings, its lines, and how many of them were filled in.

    `reasons` and `documents` are those that its corrections name.
    """

    tables: tuple[LoadedTable, ...]
    findings: tuple[Finding, ...]
    lines: int
    filled: int
    reasons: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lines:
    """The lines of a returned sheet.

    Attributes:
        sheet: the sheet.
        header: position of the header row.
        headers: the headers of all columns, given ones and those to fill in, in order.
        kept: positions of the lines whose given cells are as issued.
        refused: positions of those that are kept out.
        findings: why; and which lines are gone.
    """

    sheet: Sheet
    header: int
    headers: tuple[str, ...]
    kept: tuple[int, ...] = ()
    refused: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = field(default=(), repr=False)

    def cell(self, position: int, header: str) -> str | None:
        """The text of a cell."""
        value = self.sheet.cells[f"c{self.headers.index(header)}"][position]
        return None if value is None else str(value)

    def only(self, positions: Sequence[int]) -> Sheet:
        """The sheet with its header and these lines, row numbers as they are."""
        return self.sheet.only([self.header, *positions])


def mark_in(sheets: Sequence[Sheet], pattern: str) -> str | None:
    """The mark that a workbook bears near the top of one of its sheets."""
    for sheet in sheets:
        for i in range(min(SEARCHED, sheet.cells.height)):
            for text in sheet.texts(i):
                match = re.search(pattern, text)
                if match:
                    return match.group(0)
    return None


def lines_of(
    sheet: Sheet,
    file: str,
    headers: Sequence[str],
    key: str,
    given: pl.DataFrame,
    *,
    table: str,
    whole: bool = True,
    again: Sequence[str] | None = None,
) -> Lines | Problem:
    """The lines of a sheet, held against what was issued.

    Args:
        sheet: the sheet.
        file: its file, for findings.
        headers: all its headers in order.
        key: the header of the column that tells lines apart.
        given: what was issued: a column of text per given header, and `credit_code, name` of each line.
        table: the table that findings are about.
        whole: whether all lines of `given` must be on this sheet.
        again: the given headers that a further line of the same key has to repeat, its other given cells may be
            blank; none: a key stands once.

    Returns:
        The lines; or what stops the sheet: a header that is gone or changed.
    """
    at = _header_row(sheet, key)
    if at is None:
        return problem("returned_no_header", Place(file=file, sheet=sheet.name), header=key)
    row = int(sheet.rows[at])
    seen_headers = [_squeezed(t) for t in sheet.texts(at)]
    for i, header in enumerate(headers):
        if i >= len(seen_headers) or seen_headers[i] != _squeezed(header):
            seen = sheet.texts(at)[i] if i < len(seen_headers) else ""
            where = Place(file=file, sheet=sheet.name)
            return problem("returned_header", where, cell=cell_name(row - 1, i), value=seen or "—", header=header)
    lines = Lines(sheet, at, tuple(headers))
    if again is not None:
        return _held_with_more(lines, file, key, given, table, again)
    return _held_against(lines, file, key, given, table, whole=whole)


def _header_row(sheet: Sheet, key: str) -> int | None:
    for i in range(min(SEARCHED, sheet.cells.height)):
        if _squeezed(key) in (_squeezed(t) for t in sheet.texts(i)):
            return i
    return None


def _held_against(lines: Lines, file: str, key: str, given: pl.DataFrame, table: str, *, whole: bool) -> Lines:
    issued = {str(row[key]): row for row in given.iter_rows(named=True)}
    asked = [h for h in lines.headers if h in given.columns]
    kept: list[int] = []
    refused: list[int] = []
    findings: list[Finding] = []
    seen: dict[str, int] = {}
    for position in range(lines.header + 1, lines.sheet.cells.height):
        texts = lines.sheet.texts(position)
        if not any(texts):
            continue
        row = int(lines.sheet.rows[position])
        word = lines.cell(position, key)
        mine = issued.get(word) if word is not None else None
        if mine is None:
            wrong = _of_line(lines, position, file, table, "returned_row_added", {}, key, word)
        elif word in seen:
            wrong = _of_line(lines, position, file, table, "returned_row_twice", mine, key, word, first=seen[word])
        else:
            wrong = list(_edited(lines, position, file, table, mine, asked))
        if word is not None and mine is not None:
            seen.setdefault(word, row)
        findings += wrong
        (refused if wrong else kept).append(position)
    if whole:
        for word, mine in issued.items():
            if word not in seen:
                findings.append(_gone(lines, file, table, mine))
    return Lines(lines.sheet, lines.header, lines.headers, tuple(kept), tuple(refused), tuple(findings))


def _held_with_more(lines: Lines, file: str, key: str, given: pl.DataFrame, table: str, again: Sequence[str]) -> Lines:
    """Lines of which several may have the same key: one of them is whole, the others repeat what tells it apart."""
    issued = {str(row[key]): row for row in given.iter_rows(named=True)}
    asked = [h for h in lines.headers if h in given.columns]
    wrong: dict[int, list[Finding]] = {}
    whole: set[str] = set()
    held: list[tuple[int, str]] = []
    for position in range(lines.header + 1, lines.sheet.cells.height):
        if not any(lines.sheet.texts(position)):
            continue
        word = lines.cell(position, key)
        mine = issued.get(word) if word is not None else None
        if mine is None:
            wrong[position] = _of_line(lines, position, file, table, "returned_row_added", {}, key, word)
            continue
        held.append((position, str(word)))
        edited = list(_edited(lines, position, file, table, mine, asked))
        if edited:
            wrong[position] = edited
        else:
            whole.add(str(word))
    for position, word in held:
        left_blank = [h for h in asked if h not in again and lines.cell(position, h) is None]
        told = [f for f in wrong.get(position, ()) if f.values["header"] not in left_blank]
        if word in whole and told:
            wrong[position] = told
        elif word in whole:
            wrong.pop(position, None)
    kept = tuple(p for p, _ in held if p not in wrong)
    return Lines(
        lines.sheet, lines.header, lines.headers, kept, tuple(sorted(wrong)),
        tuple(f for p in sorted(wrong) for f in wrong[p]),
    )  # fmt: skip


def _edited(
    lines: Lines, position: int, file: str, table: str, mine: Mapping[str, object], asked: Sequence[str]
) -> Iterator[Finding]:
    for header in asked:
        now, then = lines.cell(position, header), mine[header]
        if not _same(now, None if then is None else str(then)):
            shown = "—" if then is None else str(then)
            yield from _of_line(lines, position, file, table, "returned_edited", mine, header, now, issued=shown)


def _of_line(
    lines: Lines, position: int, file: str, table: str, code: FindingCode, mine: Mapping[str, object], header: str,
    value: str | None, **values: object,
) -> list[Finding]:  # fmt: skip
    row = int(lines.sheet.rows[position])
    cell = cell_name(row - 1, lines.headers.index(header))
    shown = value if value is not None else "—"
    finding = Finding(
        code, "error", table, file=file, sheet=lines.sheet.name, row=row, credit_code=_text(mine.get("credit_code")),
        name=_text(mine.get("name")), value=value, values={"cell": cell, "header": header, "seen": shown, **values},
    )  # fmt: skip
    return [finding]


def _gone(lines: Lines, file: str, table: str, mine: Mapping[str, object]) -> Finding:
    code, name = _text(mine["credit_code"]), _text(mine["name"])
    return Finding(
        "returned_row_gone", "error", table, file=file, sheet=lines.sheet.name, credit_code=code, name=name,
        values={"firm": f"{name or '—'}（{code}）"},
    )  # fmt: skip


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _same(now: str | None, then: str | None) -> bool:
    """Whether two cells say the same: white space, and how a number is written, make no difference."""
    one, other = _squeezed(now or ""), _squeezed(then or "")
    if one == other:
        return True
    try:
        # A workbook keeps 15 significant digits of a number.
        return one != "" != other and fifteen_digits(float(Decimal(one))) == fifteen_digits(float(Decimal(other)))
    except InvalidOperation:
        return False
