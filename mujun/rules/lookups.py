"""Lookup tables: csv files of a rule set, joined to subjects by key."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import Place, Problem, problem
from mujun.fields import nearest
from mujun.messages import Guess
from mujun.numbers import UnknownUnit, at12, parse_unit
from mujun.rules.expressions.kinds import Meaning
from mujun.rules.model.names import LookupTable

ANY = "*"
LARGEST_LOOKUP = 200_000
"""Rows of a lookup table."""


@dataclass(frozen=True)
class Lookup:
    """A lookup table as read: key columns as text, the others by what stands in them.

    `meanings` are the columns as expressions see them, under `<table>_<column>`. With `range` a row holds for numbers
    of that name from its `from` on, up to but without its `up_to`.
    """

    id: str
    keys: tuple[str, ...]
    rows: pl.DataFrame
    meanings: tuple[Meaning, ...]
    required: bool = False
    file: str = ""
    range: str | None = None

    @property
    def asked(self) -> tuple[str, ...]:
        """The names that a row is found by."""
        return self.keys if self.range is None else (*self.keys, self.range)

    def joined(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The columns of the matching rows for each row of `frame`, missing where none matches.

        A row that leaves fewer keys to `*` is preferred, then the earlier one.
        """
        numbered = self.rows.with_row_index("_row")
        wild = [[row[k] == ANY for k in self.keys] for row in self.rows.select(self.keys).iter_rows(named=True)]
        if not self.keys:
            wild = [[] for _ in range(self.rows.height)]
        best: list[pl.Series] = []
        for count in sorted({sum(w) for w in wild}):
            hits = [
                self._matches(frame, numbered.filter(pl.Series([w == list(pattern) for w in wild])), pattern)
                for pattern in sorted({tuple(w) for w in wild if sum(w) == count})
            ]
            best.append(pl.select(pl.min_horizontal(hits).alias("_row"))["_row"])
        row = pl.select(pl.coalesce(best).alias("_row"))["_row"]
        return pl.DataFrame([self.rows[m.name].gather(row) for m in self.meanings])

    def _matches(self, frame: pl.DataFrame, candidates: pl.DataFrame, pattern: tuple[bool, ...]) -> pl.Series:
        """The first of some rows, all with `*` in the same keys, that matches each row of `frame`."""
        exact = [k for k, wild in zip(self.keys, pattern, strict=True) if not wild]
        if self.range is not None:
            return self._within(frame, candidates, exact, self.range)
        if not exact:
            return pl.repeat(candidates["_row"][0], frame.height, dtype=pl.UInt32, eager=True)
        keyed = frame.select(pl.col(k).cast(pl.String) for k in exact)
        first = candidates.unique(exact, keep="first", maintain_order=True).select(*exact, "_row")
        return keyed.join(first, on=exact, how="left", maintain_order="left")["_row"]

    def _within(self, frame: pl.DataFrame, candidates: pl.DataFrame, exact: list[str], ranged: str) -> pl.Series:
        """The first of some rows that matches each row of `frame` by its keys and within whose bounds its number is."""
        number = at12(pl.col(ranged).cast(pl.Float64)).alias("_number")
        asked = frame.select(number, *(pl.col(k).cast(pl.String) for k in exact)).with_row_index("_at")
        bounds = candidates.select("_row", *exact, pl.col(FROM, UP_TO).cast(pl.Float64))
        pairs = asked.join(bounds, on=exact, how="inner") if exact else asked.join(bounds, how="cross")
        above = pl.col(FROM).is_null() | (pl.col("_number") >= pl.col(FROM))
        below = pl.col(UP_TO).is_null() | (pl.col("_number") < pl.col(UP_TO))
        hits = pairs.filter(pl.col("_number").is_not_null() & above & below).group_by("_at").agg(pl.col("_row").min())
        return asked.select("_at").join(hits, on="_at", how="left", maintain_order="left")["_row"]


FROM, UP_TO = "from", "up_to"
"""The columns of a table of ranges: from here on, and up to but without this."""


def read_lookup(identity: str, declared: LookupTable, text: str, file: str, problems: list[Problem]) -> Lookup | None:
    """A lookup table from the text of its csv file.

    Args:
        identity: the table's id; its columns are called `<identity>_<column>`.
        declared: the keys and units that the rule file states.
        text: the csv file.
        file: the file as messages name it.
        problems: gathers what is wrong.
    """
    lines = [line for line in csv.reader(io.StringIO(text)) if any(cell.strip() for cell in line)]
    if len(lines) < 2 or len(lines) > LARGEST_LOOKUP:
        problems.append(problem("lookup_size", Place(file=file), rows=max(0, len(lines) - 1), largest=LARGEST_LOOKUP))
        return None
    header = [cell.strip() for cell in lines[0]]
    missing = [k for k in declared.keys if k not in header]
    for name in missing:
        problems.append(
            problem(
                "lookup_no_key", Place(file=file, line=1), key=name, columns=header, near=Guess(nearest(name, header))
            )
        )
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(header):
            problems.append(problem("lookup_ragged", Place(file=file, line=number), seen=len(line), wanted=len(header)))
    bounds = (FROM, UP_TO) if declared.range is not None else ()
    for name in (b for b in bounds if b not in header):
        problems.append(problem("lookup_no_bounds", Place(file=file, line=1), column=name, columns=header))
        missing.append(name)
    for name in declared.labels:
        if name not in header:
            problems.append(problem("lookup_unit_of_nothing", declared.stands, column=name, columns=header))
    for name in declared.units:
        if name not in header:
            problems.append(problem("lookup_unit_of_nothing", declared.stands, column=name, columns=header))
    if missing or any(len(line) != len(header) for line in lines):
        return None
    columns: dict[str, pl.Series] = {}
    meanings: list[Meaning] = []
    for place, name in enumerate(header):
        cells = [line[place].strip() or None for line in lines[1:]]
        if name in declared.keys:
            columns[name] = pl.Series(name, cells, dtype=pl.String)
            continue
        if name in bounds:
            columns[name] = _bound(name, cells, file, problems)
            continue
        column = f"{identity}_{name}"
        series, meaning = _typed(column, name, cells, declared.units, file, problems)
        columns[column] = series
        meanings.append(replace(meaning, label=declared.labels.get(name, meaning.label)))
    rows = pl.DataFrame(list(columns.values()))
    if bounds:
        _check_overlap(rows, declared.keys, file, problems)
    return Lookup(identity, declared.keys, rows, tuple(meanings), declared.required, file, declared.range)


def _bound(name: str, cells: list[str | None], file: str, problems: list[Problem]) -> pl.Series:
    numbers = [None if c is None else _number(c) for c in cells]
    for line, (cell, number) in enumerate(zip(cells, numbers, strict=True), start=2):
        if cell is not None and number is None:
            problems.append(problem("lookup_bound", Place(file=file, line=line), column=name, value=cell))
    return pl.Series(name, numbers, dtype=pl.Decimal(38, 12))


def _check_overlap(rows: pl.DataFrame, keys: tuple[str, ...], file: str, problems: list[Problem]) -> None:
    """Two rows of the same keys must not hold for the same number."""
    seen: dict[tuple[object, ...], list[tuple[Decimal, Decimal, int]]] = {}
    for line, row in enumerate(rows.iter_rows(named=True), start=2):
        low = Decimal("-Infinity") if row[FROM] is None else row[FROM]
        high = Decimal("Infinity") if row[UP_TO] is None else row[UP_TO]
        others = seen.setdefault(tuple(row[k] for k in keys), [])
        twice = next((at for a, b, at in others if low < b and a < high), None)
        if high <= low:
            problems.append(problem("lookup_bounds_order", Place(file=file, line=line), low=row[FROM], high=row[UP_TO]))
        elif twice is not None:
            problems.append(problem("lookup_overlap", Place(file=file, line=line), other=twice))
        others.append((low, high, line))


def _typed(
    column: str, name: str, cells: list[str | None], units: Mapping[str, str], file: str, problems: list[Problem]
) -> tuple[pl.Series, Meaning]:
    unit = None
    if name in units:
        try:
            unit = parse_unit(units[name])
        except UnknownUnit:
            problems.append(problem("rules_unknown_unit", Place(file=file), unit=units[name]))
    present = [c for c in cells if c is not None]
    numbers = [_number(c) for c in present]
    if present and all(n is not None for n in numbers):
        scale = max(max(0, -int(n.as_tuple().exponent)) for n in numbers if n is not None)
        decimals = [None if c is None else _number(c) for c in cells]
        return pl.Series(column, decimals, dtype=pl.Decimal(38, scale)), Meaning(column, "exact", scale, unit, column)
    dates = [_date(c) for c in present]
    if present and all(d is not None for d in dates):
        days = [None if c is None else _date(c) for c in cells]
        return pl.Series(column, days, dtype=pl.Date), Meaning(column, "date", 0, None, column)
    return pl.Series(column, cells, dtype=pl.String), Meaning(column, "text", 0, None, column)


def _number(cell: str) -> Decimal | None:
    try:
        number = Decimal(cell)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _date(cell: str) -> date | None:
    try:
        return date.fromisoformat(cell)
    except ValueError:
        return None
