"""Publication: the year's papers, made and handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from nicegui import ui

from mujun import messages
from mujun.workbench.frame import Page, heading, part
from mujun.workbench.pages.rating import Runs
from mujun.workbench.pages.rating import read as read_runs
from mujun.workbench.view import View, give

if TYPE_CHECKING:
    from mujun.workspace.county import County


def draw(view: View, of_year: Runs) -> None:
    """Which papers, of which run."""
    heading(messages.text("year_path_publication"), messages.text("publication_says"))
    year, runs = view.year, of_year.runs
    if runs.is_empty() or year is None:
        ui.label(messages.text("year_path_rating_none"))
        ui.link(messages.text("year_path_rating_do"), view.to("/rating"))
        return
    finals = runs.filter(pl.col("final"))
    if finals.is_empty():
        ui.label(messages.text("year_path_publication_none")).classes("question")
    numbers = {
        r["number"]: messages.text("publication_run", run=r["number"], rules=of_year.rules.get(r["rules"], r["rules"]))
        + (messages.text("publication_final") if r["final"] else "")
        for r in runs.reverse().iter_rows(named=True)
    }
    asked = view.asked.get("run", "")
    usual = (
        int(asked)
        if asked.isdigit() and int(asked) in numbers
        else (finals if finals.height else runs)["number"].sort().to_list()[-1]
    )
    with ui.element("section").classes("panel column"):
        run = ui.select(numbers, value=usual, label=messages.text("rating_run")).props("outlined").classes("wide")
        part(messages.text("publication_which"))
        papers = view.desk.county.papers
        boxes = {}
        with ui.element("div").classes("choices wide"):
            for name in papers.names():
                with ui.row().classes("items-center").style("gap: 8px"):
                    boxes[name] = ui.checkbox(papers.title_of(name), value=name not in papers.on_demand())
                    ui.label(papers.reader_of(name)).classes("quiet")

        async def made() -> None:
            only = [n for n, box in boxes.items() if box.value]
            folder = view.desk.new_folder() / f"{year}年度材料"
            number = int(run.value)

            def step(county: County) -> Any:
                return county.papers.report(year, folder, run=number, only=only)

            outcome = await view.worked(step, "publication_working", reads=True)
            give(folder)
            result.clear()
            with result:
                part(messages.text("publication_made", count=len(outcome.papers)))
                for paper in outcome.papers:
                    ui.label(f"{paper.title}：{paper.file.name}" + (f"（{paper.count}）" if paper.count > 1 else ""))
                for name, why in outcome.left_out:
                    ui.label(f"{papers.title_of(name)}：{why}").classes("quiet")

        ui.button(messages.text("publication_make"), icon="folder_zip", on_click=view.handler(made)).props(
            "unelevated no-caps"
        ).mark("make papers")
        result = ui.column().classes("wide")


PAGES = (Page("/publication", "year_path_publication", draw, read_runs),)
