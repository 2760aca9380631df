"""Rows of which something holds, and text files that are cut piece by piece."""

from __future__ import annotations

import polars as pl
import pytest

from mujun.errors import Place
from mujun.records.rows_where import in_every_row, rows_where
from mujun.records.sheets import plain_text
from mujun.records.sheets.sheet import Sheet

ROWS = pl.DataFrame({"n": [1, 2, None]})


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        (pl.lit(value=True) | pl.col("n").is_null(), [1, 2, None]),
        (pl.col("n") > 1, [2]),  # what cannot be told does not hold
        (pl.col("n") > 5, []),
    ],
)
def test_rows_where(condition: pl.Expr, kept: list[int | None]) -> None:
    assert rows_where(ROWS, condition).equals(ROWS.filter(condition))
    assert rows_where(ROWS, condition)["n"].to_list() == kept


def test_rows_that_all_hold_are_not_copied() -> None:
    assert rows_where(ROWS, pl.col("n").is_null() | (pl.col("n") > 0)) is ROWS


def test_what_is_said_of_one_value_is_said_of_every_row() -> None:
    said = pl.DataFrame({"_at": [0], "code": ["unreadable_cell"]})
    assert in_every_row(said, 3).rows() == [(n, "unreadable_cell") for n in range(3)]
    assert in_every_row(said, 0).rows() == []


TEXTS = [
    "a,b,c\n1,2,3\n\n4,5\n6,7,8,9\n",
    "a,b\r\n1,2\r\n\r\n3,4",
    "a;b\n\n\n\n1;2\n" * 5,
    "一,二\n" + "\n".join(f'="{n:04}",示例厂{n}' for n in range(40)),
    "only\nlines\n",
]


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 20])
@pytest.mark.parametrize("text", TEXTS)
def test_a_text_in_pieces_is_the_text_as_one(text: str, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _sheet(text)
    monkeypatch.setattr(plain_text, "_PIECE", piece)
    parts = _sheet(text)
    assert parts.cells.equals(whole.cells)
    assert parts.rows.to_list() == whole.rows.to_list()
    assert parts.marks.counts == whole.marks.counts


def _sheet(text: str) -> Sheet:
    return plain_text.text_sheet(text.encode(), Place(file="a.csv"))
