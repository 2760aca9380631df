"""Changes: who did what when, from the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from nicegui import ui

from mujun import messages
from mujun.messages import MessageKey
from mujun.workbench.frame import Page, heading
from mujun.workbench.grid import Shown, grid
from mujun.workbench.view import View

if TYPE_CHECKING:
    from mujun.workspace.county import County

KINDS = (
    "load",
    "correction",
    "rating",
    "final_rating",
    "list",
    "event",
    "revocation",
    "report",
    "report_back",
    "handed_out",
    "amounts",
    "judgement",
    "publication",
    "publication_back",
)

EVENTS = ("event", "revocation")

NUMBERED: tuple[tuple[tuple[str, ...], MessageKey], ...] = (
    (("rating", "final_rating"), "changes_run"),
    (("list",), "changes_list"),
)
"""Kinds whose number is what everybody calls them by: it stands before what is said of them."""


async def read(view: View) -> pl.DataFrame:
    """All changes."""
    return await view.desk.kept("changes", changes_of)


def changes_of(county: County) -> pl.DataFrame:
    """The changes with what each is called: names of firms, and the numbers of runs and lists."""
    rows = county.data.changes()
    events = rows.filter(pl.col("kind").is_in(EVENTS))
    names = {s: county.name_of(s) for s in events["subject"].drop_nulls().unique().to_list()}
    actions = {a: messages.text(messages.key(f"action_{a}")) for a in events["what"].unique().to_list()}
    numbered = pl.lit(None, pl.String)
    for kinds, key in NUMBERED:
        numbers = rows.filter(pl.col("kind").is_in(kinds))["number"].unique().to_list()
        called = {n: messages.text(key, number=n) for n in numbers}
        mine = pl.col("number").replace_strict(called, default=None, return_dtype=pl.String)
        numbered = pl.when(pl.col("kind").is_in(kinds)).then(mine).otherwise(numbered)
    about_firms = pl.when(pl.col("kind").is_in(EVENTS))
    return rows.with_columns(
        about_firms.then(pl.col("subject").replace_strict(names, default=None, return_dtype=pl.String)).alias("name"),
        about_firms.then(pl.col("what").replace(actions))
        .otherwise(pl.concat_str(numbered, pl.col("what").replace("", None), separator=" · ", ignore_nulls=True))
        .alias("what"),
        # A year is no amount: as a number it would have a thousands separator.
        pl.col("year").cast(pl.String),
        pl.col("kind").replace({k: messages.text(messages.key(f"change_{k}")) for k in KINDS}).alias("kind_word"),
    )


def draw(view: View, shown: pl.DataFrame) -> None:
    """The changes as a grid, newest first."""
    text = messages.text
    heading(text("workbench_changes"), text("changes_says"))
    columns = [
        Shown("at", text("data_when"), 160),
        Shown("who", text("data_who"), 120),
        Shown("kind_word", text("changes_kind"), 130),
        Shown("what", text("changes_what"), 200),
        Shown("name", text("checks_firm"), 200),
        Shown("subject", text("changes_subject"), 220),
        Shown("document", text("data_document"), 200),
        Shown("year", text("workbench_first_year"), 100),
        Shown("number", text("changes_number"), 80),
    ]
    with ui.element("section").classes("panel column"):
        grid(view, shown, columns, file="变更记录")


PAGES = (Page("/changes", "workbench_changes", draw, read),)
