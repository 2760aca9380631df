"""One sheet of texts, and the way its cells are gathered.

A number in a workbook is a double; Excel shows and keeps 15 significant digits of it, so its text here is the number
at 15 significant digits: 12.340000000000002, the trace of someone's sum, is 12.34.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from decimal import Decimal
from itertools import pairwise

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import InputError, Place, problem
from mujun.records.limits import MAX_CELLS, MAX_COLUMNS, MAX_MARKS, MAX_ROWS, MAX_TEXT
from mujun.records.sheet_marks import NO_MARKS, At, Marks, Merge, Scaled


@dataclass(frozen=True)
class Sheet:
    """One sheet, or a text file, as texts.

    Attributes:
        name: the sheet's name; `None` for files that have no sheets.
        cells: columns `c0`, `c1`, … of trimmed texts; a blank cell is null.
        numeric: the same columns, true where a workbook's cell holds a number of more than 15 digits; `None` where
            there is no such cell.
        rows: the row numbers a reader sees: Excel's, or the line in a text file.
        hidden: whether the sheet is hidden.
        marks: merged, hidden, struck-out cells and their like.
    """

    name: str | None
    cells: pl.DataFrame
    rows: pl.Series
    numeric: pl.DataFrame | None = None
    hidden: bool = False
    marks: Marks = NO_MARKS

    @property
    def empty(self) -> bool:
        """Whether no cell holds anything."""
        return self.cells.width == 0 or self.cells.height == 0

    def texts(self, index: int) -> list[str]:
        """The row at a position, blanks as empty texts."""
        return [cell or "" for cell in self.cells.row(index)]

    def only(self, positions: Sequence[int]) -> Sheet:
        """The sheet with these rows only, in this order; marks stand where their rows stand now."""
        numeric = None if self.numeric is None else self.numeric[list(positions)]
        return replace(
            self, cells=self.cells[list(positions)], rows=self.rows[list(positions)], numeric=numeric,
            marks=self.marks.only(positions),
        )  # fmt: skip


def check_size(rows: int, columns: int, place: Place) -> None:
    """Refuse a rectangle larger than `limits` allows.

    Raises:
        InputError: `too_many_cells`.
    """
    if rows > MAX_ROWS or columns > MAX_COLUMNS or rows * columns > MAX_CELLS:
        raise InputError(problem("too_many_cells", place, rows=rows, columns=columns, limit=MAX_CELLS))


def check_comments(comments: Mapping[At, str], place: Place) -> None:
    """Refuse more comments than a sheet may have rows.

    Raises:
        InputError: `too_many_cells`.
    """
    if len(comments) > MAX_ROWS:
        raise InputError(problem("too_many_cells", place, rows=len(comments), columns=1, limit=MAX_ROWS))


def trimmed(texts: pl.Series) -> pl.Series:
    """Without surrounding white space; what is empty then is blank. A date's midnight is cut off."""
    bare = texts.str.strip_chars(" \t\r\n\u3000\u00a0\u200b\ufeff")
    if bare.str.ends_with(" 00:00:00").any():
        bare = bare.str.replace(r"^(\d{4}-\d\d-\d\d) 00:00:00$", "${1}")
    empty = (bare == "").fill_null(False)
    if empty.any():
        at = empty.arg_true()
        bare = bare.scatter(at, pl.Series([None] * len(at), dtype=pl.String))
    return bare.alias(texts.name)


def fifteen_digits(value: float) -> str:
    """A double as Excel shows it: 15 significant digits, no exponent.

    >>> fifteen_digits(0.1 + 0.2), fifteen_digits(913306831234567040.0)
    ('0.3', '913306831234567000')
    """
    if value != value or value in (float("inf"), float("-inf")):
        return "#NUM!"
    shortest = repr(value)
    if len(shortest) <= 16 and "e" not in shortest:
        return shortest.removesuffix(".0")
    plain = format(Decimal(f"{value:.15g}"), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


# ------------------------------------------------------------------------------------------------- gathering the cells


class _Cells(set[At]):
    """Cells that bear a mark, never more of them than may be held: each costs ten times its cell in the file."""

    def __init__(self, place: Place):
        super().__init__()
        self._place = place

    def add(self, at: At) -> None:
        super().add(at)
        if len(self) > MAX_MARKS:
            raise InputError(problem("too_many_cells", self._place, rows=len(self), columns=1, limit=MAX_MARKS))


@dataclass
class Grid:
    """The filled cells of one sheet as a reader meets them, in any order; of two in one place the later counts.

    Every bound is held while cells come in, so that a small file never becomes a large sheet.

    Attributes:
        place: file and sheet, for refusals.
        rows, columns: how far the filled cells reach.
        characters: how long all texts are together: a text used a thousand times counts a thousand times.
    """

    place: Place
    rows: int = 0
    columns: int = 0
    characters: int = 0
    _at: list[list[int]] = field(default_factory=list)
    _texts: list[list[str]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    filtered: bool = False
    hidden_columns: set[int] = field(default_factory=set)
    scaled: dict[At, Scaled] = field(default_factory=dict)
    drawn: dict[At, str] = field(default_factory=dict)
    comments: dict[At, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.long, self.struck, self.formulas = (_Cells(self.place) for _ in range(3))
        self.uncomputed, self.doubtful = (_Cells(self.place) for _ in range(2))

    def hide_row(self, row: int, count: int = 1) -> None:
        """So many rows are hidden; beyond where rows may be there is nothing to hide."""
        self.hidden_rows.update(range(max(row, 0), min(row + count, MAX_ROWS)))

    def put(self, row: int, column: int, text: str) -> None:
        """A cell's text.

        Raises:
            InputError: `too_many_cells`, `too_much_text`.
        """
        if row >= self.rows or column >= self.columns:
            self._reach(row + 1, column + 1)
        self.characters += len(text)
        if self.characters > MAX_TEXT:
            raise InputError(problem("too_much_text", self.place, limit=MAX_TEXT // 2**20))
        self._at[column].append(row)
        self._texts[column].append(text)

    def reach(self, row: int, column: int) -> None:
        """A cell that is blank and yet to be spoken of: a formula that was never computed."""
        if row >= self.rows or column >= self.columns:
            self._reach(row + 1, column + 1)

    def _reach(self, rows: int, columns: int) -> None:
        self.rows, self.columns = max(rows, self.rows), max(columns, self.columns)
        check_size(self.rows, self.columns, self.place)
        while len(self._at) < self.columns:
            self._at.append([])
            self._texts.append([])

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        """A merged range, both ends inside."""
        self.merges.append(Merge(top, left, bottom, right))
        if len(self.merges) > MAX_ROWS:
            raise InputError(problem("too_many_cells", self.place, rows=len(self.merges), columns=1, limit=MAX_ROWS))

    def sheet(self, name: str | None, *, hidden: bool = False, epoch_1904: bool = False) -> Sheet:
        """The sheet, with its marks as far as its cells reach."""
        rows = pl.Series("row", range(1, self.rows + 1), dtype=pl.Int64)
        texts = {f"c{i}": self._column(i) for i in range(self.columns)}
        numeric = None
        if self.long:
            flags = {f"c{i}": [False] * self.rows for i in range(self.columns)}
            for row, column in self.long:
                flags[f"c{column}"][row] = True
            numeric = pl.DataFrame(flags)
        return Sheet(name, pl.DataFrame(texts), rows, numeric, hidden, self._marks(epoch_1904))

    def _column(self, index: int) -> pl.Series:
        at, texts = self._at[index], self._texts[index]
        if len(at) == self.rows and at[-1] == self.rows - 1 and all(a < b for a, b in pairwise(at)):
            return trimmed(pl.Series(f"c{index}", texts, dtype=pl.String))
        whole = pl.Series(f"c{index}", [None], dtype=pl.String).new_from_index(0, self.rows)
        if not at:
            return whole
        if len(set(at)) < len(at):
            last = dict(zip(at, texts, strict=True))
            at, texts = list(last), list(last.values())
        return trimmed(whole.scatter(at, texts))

    def _marks(self, epoch_1904: bool) -> Marks:
        def inside(cells: set[At]) -> frozenset[At]:
            return frozenset(c for c in cells if c[0] < self.rows and c[1] < self.columns)

        merges = [
            replace(m, bottom=min(m.bottom, self.rows - 1), right=min(m.right, self.columns - 1))
            for m in self.merges
            if m.top < self.rows and m.left < self.columns
        ]
        return Marks(
            merges=tuple(sorted(m for m in merges if (m.top, m.left) != (m.bottom, m.right))),
            hidden_rows=frozenset(r for r in self.hidden_rows if r < self.rows),
            filtered=self.filtered,
            hidden_columns=frozenset(c for c in self.hidden_columns if c < self.columns),
            struck=inside(self.struck),
            uncomputed=inside(self.uncomputed),
            doubtful=inside(self.doubtful),
            formulas=inside(self.formulas),
            scaled={at: s for at, s in self.scaled.items() if at[0] < self.rows and at[1] < self.columns},
            drawn={at: s for at, s in self.drawn.items() if at[0] < self.rows and at[1] < self.columns},
            comments={at: c for at, c in self.comments.items() if at[0] < self.rows and at[1] < self.columns},
            epoch_1904=epoch_1904,
        )
