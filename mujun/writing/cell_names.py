"""Columns and cells as Excel names them; rows and columns count from 0 here."""

from __future__ import annotations


def column_letters(column: int) -> str:
    """A column's letters.

    >>> column_letters(0), column_letters(25), column_letters(26), column_letters(701), column_letters(702)
    ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    letters, rest = "", column + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """A cell's name.

    >>> cell_name(6, 3), cell_name(0, 26)
    ('D7', 'AA1')
    """
    return f"{column_letters(column)}{row + 1}"
