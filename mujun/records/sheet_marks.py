"""What a sheet shows besides its texts: merged cells, hidden rows, struck-out cells, formulas, formats, comments.

Positions count from 0 within the rectangle of `Sheet.cells`, so that a mark stands where its text stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property

from mujun.dataclass import dataclass

At = tuple[int, int]
"""Row and column of a cell, both from 0."""


@dataclass(frozen=True, order=True)
class Merge:
    """Cells merged into one; the text stands in the first. Last row and column belong to it."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Scaled:
    """A figure whose number format shows another one than the cell holds: `1234567` shown as `1234.6`.

    Attributes:
        shown: what a person sees.
        divisor: what the format divides the figure by: 1,000 for each comma behind the last digit place.
    """

    shown: str
    divisor: int


@dataclass(frozen=True)
class Marks:
    """The marks of one sheet; empty for files that have none.

    Attributes:
        merges: the merged ranges.
        hidden_rows: rows hidden by hand or by a filter.
        filtered: whether a filter hides them.
        hidden_columns: hidden columns.
        struck: cells whose text is struck through.
        uncomputed: cells that hold a formula whose value was never computed.
        doubtful: cells whose formula has a value that the program which wrote the file did not compute: it asks that
            all be computed when the file is opened, and nobody has opened it since.
        formulas: cells that hold a formula with a value.
        scaled: figures whose format scales what is shown.
        drawn: figures behind which their format draws words, `万元`, and the words.
        comments: notes attached to cells.
        counts: for text files, how many cells each row has, as its separators say; else empty.
        epoch_1904: whether days are counted from 1904, so that a bare number of days is four years later than it looks.
        bad_bytes: for text files, the lines in which bytes stand that are no text in the file's encoding.
        encodings: for text files, what they are written in; more than one where lines differ.
        odd_columns: for Parquet, columns of a type that holds neither text nor figures, and the type.
    """

    merges: tuple[Merge, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    filtered: bool = False
    hidden_columns: frozenset[int] = frozenset()
    struck: frozenset[At] = frozenset()
    uncomputed: frozenset[At] = frozenset()
    doubtful: frozenset[At] = frozenset()
    formulas: frozenset[At] = frozenset()
    scaled: Mapping[At, Scaled] = field(default_factory=dict)
    drawn: Mapping[At, str] = field(default_factory=dict)
    comments: Mapping[At, str] = field(default_factory=dict)
    counts: tuple[int, ...] = ()
    epoch_1904: bool = False
    bad_bytes: tuple[int, ...] = ()
    encodings: tuple[str, ...] = ()
    odd_columns: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def merges_by_row(self) -> Mapping[int, tuple[Merge, ...]]:
        """The merged ranges that a row belongs to, for rows that belong to any."""
        by_row: dict[int, list[Merge]] = {}
        for merge in self.merges:
            for row in range(merge.top, merge.bottom + 1):
                by_row.setdefault(row, []).append(merge)
        return {row: tuple(merges) for row, merges in by_row.items()}

    def only(self, positions: Sequence[int]) -> Marks:
        """The marks of these rows, at their places among them; a merge is kept where all its rows follow each other."""
        place = {row: i for i, row in enumerate(positions)}

        def cells(marked: frozenset[At]) -> frozenset[At]:
            return frozenset((place[row], column) for row, column in marked if row in place)

        merges = [
            Merge(place[m.top], m.left, place[m.bottom], m.right)
            for m in self.merges
            if m.top in place and m.bottom in place and place[m.bottom] - place[m.top] == m.bottom - m.top
        ]
        return replace(
            self, merges=tuple(merges), hidden_rows=frozenset(place[r] for r in self.hidden_rows if r in place),
            struck=cells(self.struck), uncomputed=cells(self.uncomputed), doubtful=cells(self.doubtful),
            formulas=cells(self.formulas),
            scaled={(place[r], c): s for (r, c), s in self.scaled.items() if r in place},
            drawn={(place[r], c): s for (r, c), s in self.drawn.items() if r in place},
            comments={(place[r], c): s for (r, c), s in self.comments.items() if r in place},
            counts=tuple(self.counts[r] for r in positions) if self.counts else (),
        )  # fmt: skip


NO_MARKS = Marks()
