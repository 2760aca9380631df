"""What a sheet shows besides its texts: merged cells, hidden rows, struck-out cells, formulas, formats, comments.

Positions count from 0 within the rectangle of `Sheet.cells`, so that a mark stands where its text stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

At = tuple[int, int]
"""Row and column of a cell, both from 0."""


@dataclass(frozen=True)
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
        formulas: cells that hold a formula with a value.
        scaled: figures whose format scales what is shown.
        comments: notes attached to cells.
        counts: for text files, how many cells each row has, as its separators say; else empty.
    """

    merges: tuple[Merge, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    filtered: bool = False
    hidden_columns: frozenset[int] = frozenset()
    struck: frozenset[At] = frozenset()
    uncomputed: frozenset[At] = frozenset()
    formulas: frozenset[At] = frozenset()
    scaled: Mapping[At, Scaled] = field(default_factory=dict)
    comments: Mapping[At, str] = field(default_factory=dict)
    counts: tuple[int, ...] = ()


NO_MARKS = Marks()
