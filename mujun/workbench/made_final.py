"""A run made the year's final result from a page: asked back where a list is out, and told what the new run is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import polars as pl
from nicegui import ui

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import UsageError
from mujun.workbench.frame import part
from mujun.workbench.view import View

if TYPE_CHECKING:
    from mujun.store import ListDocument
    from mujun.workspace import YearResult
    from mujun.workspace.county import County


@dataclass(frozen=True)
class Anew:
    """Of a run that was made by making another one final: which that was, and what is different.

    Attributes:
        before: the run that somebody made final.
        since: batches that came in after it and count in this one.
        same: whether both gave the same result.
    """

    before: int
    since: int
    same: bool


def anew_from(runs: pl.DataFrame, before: str, number: int) -> Anew | None:
    """What to tell of a run that another one led to; nothing where the address names none that can have."""
    mine = runs.filter(pl.col("number") == number).row(0, named=True)
    if not before.isdecimal() or not 0 < int(before) < number:
        return None
    known = runs.filter(
        pl.col("number") == int(before), pl.col("year") == mine["year"], pl.col("rules") == mine["rules"]
    )
    if known.is_empty():
        return None
    was = known.row(0, named=True)
    # Batches are numbered one after the other.
    return Anew(was["number"], mine["batch"] - was["batch"], mine["digest"] == was["digest"])


def tell_anew(view: View, number: int, anew: Anew) -> None:
    """Say why the run that was made final has another number now."""
    told = [messages.text("rating_anew", run=number, before=anew.before)]
    if anew.since:
        told.append(messages.text("rating_anew_since", count=anew.since))
    told.append(messages.text("rating_anew_same" if anew.same else "rating_anew_other", before=anew.before))
    with ui.row().classes("question items-center").style("gap: 4px 10px").mark("anew"):
        ui.label(("" if view.language == "zh" else " ").join(told))
        ui.link(messages.text("rating_run_title", run=anew.before), view.to(f"/rating/{anew.before}"))
        if not anew.same:
            ui.link(messages.text("rating_compare_do"), view.to("/rating/diff", before=anew.before, after=number))


def lists_left_behind(county: County, runs: pl.DataFrame, number: int) -> tuple[ListDocument, ...]:
    """The lists of a final run's year that rest on an earlier run by the same rules."""
    mine = runs.filter(pl.col("number") == number).row(0, named=True)
    if not mine["final"]:
        return ()
    earlier = runs.filter(pl.col("rules") == mine["rules"], pl.col("number") < number)["number"].to_list()
    issued = (s.listed for s in county.rectify.issued())
    return tuple(listed for listed in issued if listed.year == mine["year"] and listed.run in earlier)


def tell_left_behind(view: View, listed: ListDocument) -> None:
    """Say that a list does not rest on this result, and where it stands."""
    with ui.row().classes("question items-center").style("gap: 4px 10px"):
        ui.label(messages.text("rating_list_behind", number=listed.number, title=listed.title, run=listed.run))
        ui.link(messages.text("year_path_list"), view.to("/list"))


async def rate(
    view: View, rated: Callable[[County, bool], YearResult], then: Callable[[YearResult], object], *, sure: bool = False
) -> None:
    """Rate as somebody asked; where a list rests on the result that would be replaced, ask back and go on if told to.

    Args:
        view: the page.
        rated: rates; is told whether the result may be made anew although a list is issued.
        then: what follows.
        sure: whether that was said already.
    """
    try:
        result = await view.worked(lambda county: rated(county, sure), "rating_working")
    except UsageError as error:
        if sure or error.problems[0].code != "final_after_list":
            raise
        _ask(view, error, lambda: rate(view, rated, then, sure=True))
        return
    then(result)


def _ask(view: View, error: UsageError, go_on: Callable[[], object]) -> None:
    with ui.dialog() as window, ui.card().classes("panel").style("max-width: 640px"):
        part(messages.text("rating_listed"))
        with messages.on_pages():
            ui.label(str(error)).classes("question").props("role=alert")

        def told() -> object:
            window.close()
            return go_on()

        with ui.row().classes("items-center").style("gap: 10px"):
            ui.button(messages.text("rating_listed_do"), on_click=view.handler(told)).props("unelevated no-caps").mark(
                "final-after-list"
            )
            ui.link(messages.text("year_path_list"), view.to("/list"))
            ui.button(messages.text("workbench_close"), on_click=window.close).props("flat no-caps")
    window.on("hide", window.delete)
    window.open()
