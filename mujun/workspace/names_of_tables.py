"""What a run calls its tables, which needs nothing of what computes them."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

LIST = "rectification"
"""The table of a run's list; of one of several, its name is put behind."""


def table_of_list(name: str) -> str:
    """What a run calls the table of one of its lists; of its only one where no name is given."""
    return f"{LIST}_{name}" if name else LIST


def kind_of(name: str) -> str:
    """What kind of table a run's table is, by which its columns are named: each of several lists is a list."""
    return LIST if name.startswith(f"{LIST}_") else name


def lists_in(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The lists among a run's tables by their names; an only list under the empty one."""
    return {n.removeprefix(LIST).removeprefix("_"): t for n, t in tables.items() if n.split("_")[0] == LIST}
