"""Publication: the year's papers, when and where a notice was out, and the objections that came in, on record."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from nicegui import ui

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import MujunError, UsageError, problem
from mujun.workbench.frame import Page, heading, part
from mujun.workbench.pages.checks import nothing_yet
from mujun.workbench.pages.objections import objections_part, register_of
from mujun.workbench.pages.rating import Runs
from mujun.workbench.pages.rating import read as read_runs
from mujun.workbench.view import View, give, sentence_of

if TYPE_CHECKING:
    from mujun.workspace.county import County
    from mujun.workspace.publishing import Publication, UsualNotice


@dataclass(frozen=True)
class OfYear:
    """What the page shows: the year's runs, what was published of it, what the next record is likely to say, and the
    register of objections."""

    runs: Runs = field(repr=False)
    records: tuple[Publication, ...]
    usual: UsualNotice | None
    objections: pl.DataFrame = field(repr=False)
    why_not: str = ""


async def read(view: View) -> OfYear | None:
    """The year's runs and what is on record as published."""
    year = view.year
    if year is None or year not in view.years:
        return None
    runs = await read_runs(view)
    asked = _asked(view, runs)

    def step(county: County) -> OfYear:
        records, objections = county.runs.published(year), register_of(county, year)
        try:
            return OfYear(runs, records, county.runs.usual_notice(year, asked), objections)
        except MujunError as error:  # a papers.yaml that is wrong: the papers say so too
            return OfYear(runs, records, None, objections, sentence_of(error))

    if any(Path(r).exists() for r in runs.runs["rules"]):
        return await view.desk.read(step)  # what lies in a folder of somebody's own is not watched
    return await view.desk.kept(("publication", year, asked), step)


def _asked(view: View, runs: Runs) -> int | None:
    """The run that the address names, else the newest final one, else the newest."""
    numbers = runs.runs["number"].to_list()
    asked = view.asked.get("run", "")
    if asked.isdigit() and int(asked) in numbers:
        return int(asked)
    finals = runs.runs.filter(pl.col("final"))["number"].sort().to_list()
    return next(iter([*reversed(finals), *sorted(numbers, reverse=True)]), None)


def draw(view: View, of_year: OfYear | None) -> None:
    """Which papers, of which run; what is on record, and putting more there."""
    heading(messages.text("year_path_publication"), messages.text("publication_says"))
    if of_year is None or view.year is None:
        nothing_yet(view)
        return
    runs = of_year.runs.runs
    finals = runs.filter(pl.col("final"))["number"].sort().to_list()
    if runs.is_empty():
        ui.label(messages.text("year_path_rating_none"))
        ui.link(messages.text("year_path_rating_do"), view.to("/rating"))
    else:
        if not finals:
            ui.label(messages.text("year_path_publication_none")).classes("question")
        _papers(view, view.year, of_year.runs)
    _records(view, of_year.records)
    if view.may_change:
        _record(view, view.year, of_year, finals)
    objections_part(view, view.year, of_year.objections)


# ---------------------------------------------------------------------------------------------------------- the papers


def _papers(view: View, year: int, of_year: Runs) -> None:
    numbers = {
        r["number"]: messages.text("publication_run", run=r["number"], rules=of_year.rules.get(r["rules"], r["rules"]))
        + (messages.text("publication_final") if r["final"] else "")
        for r in of_year.runs.reverse().iter_rows(named=True)
    }
    with ui.element("section").classes("panel column"):
        part(messages.text("publication_papers"))
        run = ui.select(numbers, value=_asked(view, of_year), label=messages.text("rating_run"))
        run.props("outlined").classes("wide")
        ui.label(messages.text("publication_which")).classes("quiet")
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


# ----------------------------------------------------------------------------------------------------------- the record


def _records(view: View, records: tuple[Publication, ...]) -> None:
    if not records:
        return
    with ui.element("section").classes("panel column"):
        part(messages.text("publication_record"))
        for record in records:
            _line(view, record)


def _line(view: View, record: Publication) -> None:
    back = record.taken_back
    when = "back" if back is not None else record.when(date.today())
    of = messages.text("publication_line_of", run=record.run) if record.run is not None else record.document
    with ui.column().classes("wide").style("gap: 2px; padding: 4px 0"):
        with ui.row().classes("items-center wide").style("gap: 4px 12px"):
            told = messages.text(
                "publication_line", number=record.number, title=record.title, first=record.first, until=record.until,
                place=record.place,
            )  # fmt: skip
            ui.label(told).style("font-weight: 600; min-width: 0; overflow-wrap: anywhere")
            look = {"running": "running", "objections": "running", "over": "done"}.get(when, "")
            ui.label(messages.text(messages.key(f"publication_when_{when}"))).classes(f"state {look}")
            if view.may_change and back is None:
                ui.button(
                    messages.text("publication_back"), on_click=view.handler(lambda: _take_back(view, record))
                ).props("flat dense no-caps").mark(f"take-publication-back-{record.number}")
        parts = [
            of,
            record.document if record.run is not None else "",
            messages.text("publication_line_to", objections=record.objections) if record.objections else "",
            messages.text("publication_line_more", by=record.objections_by, who=record.who, at=f"{record.at:%Y-%m-%d}"),
        ]
        ui.label(messages.clauses([p for p in parts if p])).classes("quiet")
        if back is not None:
            ui.label(
                messages.text("publication_back_said", at=f"{back.at:%Y-%m-%d}", who=back.who, reason=back.reason)
            ).classes("quiet")


def _take_back(view: View, record: Publication) -> None:
    with ui.dialog() as window, ui.card().classes("panel").style("max-width: 560px; width: 100%"):
        part(messages.text("publication_back"))
        ui.label(messages.text("publication_back_says"))
        reason = ui.input(messages.text("publication_back_why")).props("outlined dense").classes("wide")
        reason.mark("publication-back-why")

        async def gone() -> None:
            why = str(reason.value or "")
            await view.worked(lambda county: county.runs.take_back_publication(record.number, reason=why))
            window.close()
            ui.notify(messages.text("publication_taken_back", number=record.number), type="positive")
            if view.fill is not None:
                await view.fill()

        with ui.row():
            ui.button(messages.text("publication_back"), on_click=view.handler(gone)).props("unelevated no-caps").mark(
                "really-take-publication-back"
            )
            ui.button(messages.text("workbench_cancel"), on_click=window.close).props("flat no-caps")
    window.on("hide", window.delete)
    window.open()


def _record(view: View, year: int, of_year: OfYear, finals: list[int]) -> None:
    """The form: which notice, its days, where it was, and to whom objections went."""
    usual = of_year.usual
    choices = {
        **{f"result {run}": f"{_title('result')} · {messages.text('publication_line_of', run=run)}" for run in
           reversed(finals)},
        "data": _title("data"),
    }  # fmt: skip
    asked = f"result {_asked(view, of_year.runs)}"
    with ui.element("section").classes("panel column"):
        part(messages.text("publication_record_do"))
        ui.label(messages.text("publication_record_says")).classes("quiet")
        if of_year.why_not:
            ui.label(of_year.why_not).classes("question")
        which = ui.select(
            choices, value=asked if asked in choices else next(iter(choices)), label=messages.text("publication_what")
        )
        which.props("outlined dense").classes("wide")
        with ui.row().classes("wide").style("gap: 12px"):
            first = _day_field("publication_first", usual.first if usual is not None else None)
            until = _day_field("publication_until", usual.until if usual is not None else None)
            by = _day_field("publication_objections_by", None)
        counted = ui.label().classes("quiet").props('aria-live="polite"')
        place = _text_field("publication_where", usual.place if usual is not None else "")
        objections = _text_field("publication_objections", usual.objections if usual is not None else "")
        document = _text_field("publication_document", "")

        def count() -> None:
            days = _days(first.value), _days(until.value)
            if days[0] is not None and days[1] is not None and days[0] <= days[1]:
                length, workdays = (days[1] - days[0]).days + 1, view.desk.county.runs.weekdays(days[0], days[1])
                counted.set_text(messages.text("publication_days", days=length, weekdays=workdays))
            else:
                counted.set_text("")

        for one in (first, until):
            one.on_value_change(view.handler(count))
        count()

        async def kept() -> None:
            begins, ends = _days(first.value), _days(until.value)
            if begins is None or ends is None:
                raise UsageError(problem("publication_no_days"))
            notice, _, run = str(which.value).partition(" ")
            texts = [str(f.value or "") for f in (place, objections, document)]
            last = _days(by.value)
            known = await view.worked(
                lambda county: county.runs.publish(
                    year, first=begins, until=ends, place=texts[0], objections=texts[1], objections_by=last,
                    notice="data" if notice == "data" else "result", run=int(run) if run else None, document=texts[2],
                )
            )  # fmt: skip
            ui.notify(messages.text("publication_done"), type="positive")
            for doubt in known.doubts:
                ui.notify(str(doubt), type="warning", multi_line=True)
            if view.fill is not None:
                await view.fill()

        ui.button(messages.text("publication_record_do"), on_click=view.handler(kept)).props("unelevated no-caps").mark(
            "put publication down"
        )


def _title(notice: str) -> str:
    return messages.text(messages.key(f"publication_notice_{notice}"))


def _day_field(label: Any, value: date | None) -> ui.input:
    field_of_day = ui.input(messages.text(label), value=value.isoformat() if value is not None else "")
    return field_of_day.props("outlined dense type=date stack-label").style("flex: 1 1 170px").mark(label)


def _text_field(label: Any, value: str) -> ui.input:
    return ui.input(messages.text(label), value=value).props("outlined dense").classes("wide").mark(label)


def _days(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text or ""))
    except ValueError:
        return None


PAGES = (Page("/publication", "year_path_publication", draw, read),)
