"""A table of results as `runs.export` gives it, in a grid: the labels, units and words that its workbook has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any

import polars as pl
from nicegui import ui

from mujun.dataclass import dataclass
from mujun.reports.drawing.colours import tier_fills
from mujun.reports.drawing.english_headers import header_here
from mujun.reports.drawing.labels import headings
from mujun.reports.drawing.wording import worded
from mujun.workbench.figures import MONEY
from mujun.workbench.grid import Shown, grid
from mujun.workbench.view import View

if TYPE_CHECKING:
    from mujun.workspace.runs.exporting import Export


@dataclass(frozen=True)
class Unkept:
    """Rows like those of an export that no run has kept, such as the draft of a list."""

    what: str
    rows: pl.DataFrame = field(repr=False)
    rules: Any = field(repr=False)


INSIDE = ("run", "year", "subject", "treatment", "members", "rules_matched", "rules_changed", "tier_cut", "reasons")
"""Columns that only a program or an auditor asks for; the workbook has them."""


def result_grid(
    view: View,
    export: Export | Unkept,
    *,
    file: str,
    first: Sequence[str] = (),
    ladder: Sequence[str] = (),
    on_open: Callable[[dict[str, Any]], Any] | None = None,
    look: str = "grid-tall",
    several: bool = False,
    only: Sequence[str] = (),
    joined: Sequence[str] = (),
) -> ui.aggrid:
    """An export as a grid.

    Args:
        view: the page.
        export: the table.
        file: what an export of the grid is called.
        first: columns that come first; `name` is pinned.
        ladder: the tiers, for their colours.
        on_open: as in `grid`.
        look: as in `grid`.
        several: as in `grid`.
        only: the columns wanted; all but inside ones where none are named.
        joined: columns that came from a rating into another table, and are called as there.
    """
    schema = export.rows.schema
    known = headings(schema, what=export.what, ruleset=export.rules)
    if joined:
        known |= headings({n: schema[n] for n in joined if n in schema}, ruleset=export.rules)
    rows = worded(export.rows, what=export.what, ruleset=export.rules)
    wanted = list(only) or [c for c in rows.columns if c not in INSIDE and not c.endswith("_note")]
    names = [n for n in first if n in wanted] + [n for n in wanted if n not in first]
    colours = tier_fills(ladder) if ladder else None
    columns = [
        Shown(
            n,
            header_here(known[n], "ratings" if n in joined else export.what) if n in known else n,
            width=WIDTHS.get(n),
            pinned=n == "name",
            colours=colours if n == "tier" else None,
            wrapped=n == "reason_text",
            money=n in known and (known[n].unit in MONEY or n in AMOUNTS),
        )
        for n in names
        if n in rows.columns
    ]
    return grid(view, rows, columns, file=file, on_open=on_open, look=look, several=several)


AMOUNTS = ("amount", "computed", "amount_last")
"""Columns of amounts whose unit stands in a column of its own."""

WIDTHS = {
    "name": 210,
    "credit_code": 190,
    "tier": 80,
    "rank": 90,
    "size": 90,
    "score": 100,
    "scale": 80,
    "township": 110,
    "reason": 220,
    "reason_text": 320,
    "path": 150,
    "cohort": 90,
    "industry": 100,
    "label": 220,
    "document": 200,
    "parcel": 200,
    "problem": 120,
    "problem_kind": 110,
    "state": 160,
    "problem_text": 280,
}
"""Pixels of columns that are narrower or wider than others."""
