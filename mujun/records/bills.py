"""Bills whose days overlap: those of one meter, and those of a whole firm beside a meter's."""

from __future__ import annotations

import polars as pl


def overlapping_bills(bills: pl.DataFrame) -> pl.DataFrame:
    """The bills that begin before an earlier one of the same firm, utility and meter ends.

    Bills of two meters may share days: they add up. One that names no meter may be of all of them.

    Args:
        bills: rows with `credit_code, utility, account, from, until`.

    Returns:
        The later bill of each two, with `_before`: when the earlier one ends. Sorted by firm, utility and days.
    """
    whole = pl.col("account").is_null()
    firm = ("credit_code", "utility")
    rows = bills.sort(*firm, "from", "until", "account", maintain_order=True).with_columns(
        _same=pl.col("until").cum_max().shift(1).over(*firm, "account"),
        _whole=pl.when(whole).then("until").cum_max().forward_fill().shift(1).over(*firm),
        _metered=pl.when(~whole).then("until").cum_max().forward_fill().shift(1).over(*firm),
    )
    before = pl.max_horizontal("_same", pl.when(whole).then("_metered").otherwise("_whole"))
    overlapping = rows.with_columns(_before=before).filter(pl.col("_before") >= pl.col("from"))
    return overlapping.drop("_same", "_whole", "_metered")
