"""Under which of its codes a firm's figure stands, where its code changed or another firm was merged into it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.fields import FRAME_FIELDS, TABLES, label_of
from mujun.messages import FindingCode
from mujun.records import Finding
from mujun.records.succeeding import ADDED_UP
from mujun.records.succession import succession_at


@dataclass(frozen=True)
class Held:
    """The figures of a firm and year under all codes that count for it.

    A figure that is said anew under another code than it stands under would be added to what stands: so it is said
    anew where it stands.

    Attributes:
        tables: current rows by name, `aliases` among them.
        code: the code that the firm was asked for by.
        year: the data year.
    """

    tables: Mapping[str, pl.DataFrame]
    code: str
    year: int

    @property
    def roll(self) -> pl.DataFrame:
        """The firm's line on the year's roll; of an old code that has records of the year, its successor's."""
        roll = self.tables["enterprises"].filter(pl.col("year") == self.year)
        mine = roll.filter(pl.col("credit_code") == self.code)
        stands = self._codes[0]
        has_records = any(self._rows(n, self.code).height for n in (*ADDED_UP, "land"))
        return mine if mine.height or not has_records else roll.filter(pl.col("credit_code") == stands)

    @property
    def _codes(self) -> tuple[str, ...]:
        return succession_at(self.tables["aliases"], self.year).codes_of(self.code)

    def _rows(self, table: str, code: str) -> pl.DataFrame:
        return self.tables[table].filter(pl.col("credit_code") == code, pl.col("year") == self.year)

    def _holding(self, table: str, field: str) -> list[str]:
        rows = {c: self._rows(table, c).drop_nulls(field) for c in self._codes}
        return [c for c, of_code in rows.items() if of_code.height]

    def code_for(self, table: str, field: str) -> str:
        """The code under which a figure is to be said anew: the one asked for, unless it stands under another only."""
        if table not in (*ADDED_UP, "land"):
            return self.code
        holding = self._holding(table, field)
        return holding[0] if len(holding) == 1 else self.code

    def told(self, changed: Iterable[tuple[str, str, str]]) -> Iterator[Finding]:
        """What is to be said of figures `(table, field, code)` that were said anew and stand under several codes.

        `correct_other_code` where the figure stands under another code than was asked for; `correct_adds_up` where
        another code of the same firm has one too, and both are added up.
        """
        for table, field, code in changed:
            if code != self.code:
                yield self._finding("correct_other_code", table, field, holder=code)
            others = [c for c in self._holding(table, field) if c != code] if table in ADDED_UP else []
            for other in others:
                figure = self._rows(table, other)[field][0]
                yield self._finding("correct_adds_up", table, field, holder=other, figure=messages.show(figure))

    def _finding(self, code: FindingCode, table: str, field: str, **values: object) -> Finding:
        owner = FRAME_FIELDS[field].owner if field in FRAME_FIELDS else TABLES[table].owner
        told = {"label": label_of(field), "firm": self._codes[0], **values}
        return Finding(
            code, "warning", table, year=self.year, credit_code=self.code, field=field,
            owner=owner or TABLES[table].owner, values=told,
        )  # fmt: skip
