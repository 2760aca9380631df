"""Data coming in: files dropped, each reading as the clerk's sheet, questions answered, loaded; and what is there."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from nicegui import events, ui

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import MujunError, UsageError, problem
from mujun.fields import TABLES
from mujun.fields.here import labelled, table_here
from mujun.workbench.admission import MAX_UPLOAD
from mujun.workbench.frame import Page, heading, part
from mujun.workbench.grid import Shown, grid
from mujun.workbench.notices_out import tell_still_out
from mujun.workbench.reading_view import show_reading
from mujun.workbench.rights import may_send, own
from mujun.workbench.view import View
from mujun.writing.file_names import file_name

if TYPE_CHECKING:
    from mujun.records import FileRecords
    from mujun.workspace import FileOutcome, LoadOutcome
    from mujun.workspace.county import County
    from mujun.workspace.data.coverage import Coverage


@dataclass(frozen=True)
class InBasket:
    """A file that was dropped: how it reads, or why it does not."""

    name: str
    records: FileRecords | None = None
    trouble: str = ""


@dataclass(frozen=True)
class Coming:
    """What waits to be loaded, and what is loaded."""

    files: tuple[InBasket, ...] = ()
    batches: pl.DataFrame = field(default_factory=pl.DataFrame, repr=False)


async def read(view: View) -> Coming:
    """The files in the basket as they read now, and the batches."""
    basket, answers = dict(view.tray.basket), dict(view.tray.answers)

    def step(county: County) -> Coming:
        files = []
        for name, path in basket.items():
            try:
                files.append(InBasket(name, county.data.read(path, answers=answers)))
            except MujunError as error:
                files.append(InBasket(name, trouble=str(error)))
        return Coming(tuple(files), county.data.batches())

    key = ("data", tuple(basket.items()), tuple(sorted(answers.items())))
    coming = await view.desk.kept(key, step)
    if not view.person.limited:
        return coming
    # An office sees the batches that it brought itself.
    return Coming(coming.files, coming.batches.filter(pl.col("who") == view.person.name))


def draw(view: View, coming: Coming) -> None:
    """The page."""
    heading(messages.text("year_path_data"), messages.text("data_says"))
    if view.may_change:
        with ui.element("section").classes("panel column"):
            _drop(view)
    if coming.files:
        _basket(view, coming)
    with ui.element("section").classes("panel column"):
        with ui.row().classes("items-center wide"):
            part(messages.text("data_loaded"))
            ui.space()
            ui.button(
                messages.text("data_template"),
                icon="description",
                on_click=view.hand_over(lambda c, file: c.papers.template(file), "填报.xlsx", theirs=True),
            ).props("flat no-caps")
            ui.button(messages.text("data_coverage"), icon="grid_on", on_click=lambda: view.go("/data/coverage")).props(
                "flat no-caps"
            )
        if coming.batches.is_empty():
            ui.label(messages.text("data_none"))
        else:
            _batches(view, coming.batches)


# ---------------------------------------------------------------------------------------------------------------- files


def _drop(view: View) -> None:
    async def taken(event: events.MultiUploadEventArguments) -> None:
        for upload in event.files:
            # Only the name's own characters: a path, a control sign or a reserved name leads nowhere.
            stem, dot, ending = upload.name.rpartition(".")
            name = file_name(stem, f".{ending}") if dot else file_name(upload.name)
            target = view.desk.new_folder() / name
            await upload.save(target)
            view.tray.basket[name] = target
        if view.fill is not None:
            await view.fill()

    part(messages.text("data_drop"))
    ui.upload(
        multiple=True,
        auto_upload=True,
        label=messages.text("data_choose"),
        max_file_size=MAX_UPLOAD,
        on_multi_upload=view.handler(taken),
        on_rejected=view.handler(lambda: ui.notify(messages.text("workbench_upload_too_large"), type="negative")),
    ).props(f'accept="{ENDINGS}" flat bordered').mark("drop")


def _basket(view: View, coming: Coming) -> None:
    waiting = sum(len(f.records.questions) for f in coming.files if f.records is not None)
    with ui.element("section").classes("panel column"):
        part(messages.text("data_basket", count=len(coming.files)))
        if waiting:
            ui.label(messages.text("data_questions", count=waiting)).classes("state waits")
        with ui.row():
            load = (
                ui.button(
                    messages.text("data_load"),
                    icon="done",
                    on_click=view.change(
                        lambda county: _loaded(view, county),
                        lambda loaded: _tell(view, *loaded),
                        working="data_loading",
                    ),
                )
                .props("unelevated no-caps")
                .mark("load")
            )
            load.set_enabled(any(f.records is not None for f in coming.files))
            ui.button(messages.text("data_clear"), on_click=view.handler(lambda: _emptied(view))).props("flat no-caps")
        for file in coming.files:
            _file(view, file)


def _file(view: View, file: InBasket) -> None:
    questions = len(file.records.questions) if file.records is not None else 0
    with ui.expansion(value=bool(questions or file.trouble)).classes("wide") as opened:
        with opened.add_slot("header"), ui.row().classes("items-center wide").style("gap: 12px"):
            ui.label(file.name).style("font-weight: 600")
            if file.trouble:
                ui.label(messages.text("data_unread")).classes("state bad")
            elif questions:
                ui.label(messages.text("data_asks", count=questions)).classes("state waits")
            else:
                ui.label(messages.text("data_reads")).classes("state good")
            if file.records is not None:
                rows = sum(t.rows.height for t in file.records.tables)
                out = sum(t.quarantine.height for t in file.records.tables)
                ui.label(messages.text("data_rows", rows=rows, out=out)).classes("quiet")
        if file.trouble:
            ui.label(file.trouble).classes("trouble")
        elif file.records is not None and file.records.reading is not None:
            show_reading(view, file.records.reading, lambda q, c: _answered(view, q, c))
            _findings(file.records)


def _findings(records: FileRecords) -> None:
    if not records.findings:
        return
    part(messages.text("data_findings", count=len(records.findings)))
    for finding in [f for f in records.findings if f.code != "question_open"][:SHOWN]:
        with ui.row().classes("wide").style("gap: 10px; flex-wrap: nowrap; align-items: start"):
            ui.label(messages.text(messages.key(f"data_{finding.severity}"))).classes(f"state {finding.severity}")
            at = messages.text("place_row", row=finding.row) if finding.row is not None else ""
            with messages.on_pages():
                ui.label(f"{at} {finding.what} {finding.remedy}".strip())
    if len(records.findings) > SHOWN:
        ui.label(messages.text("data_findings_more", count=len(records.findings) - SHOWN)).classes("quiet")


ENDINGS = ".xlsx,.xls,.xlsm,.xlsb,.et,.ods,.csv,.txt,.parquet,.htm,.html,.xml"
"""What may be chosen; what is inside decides how a file is read."""

SHOWN = 12
"""Findings shown of a file before it is loaded; all of them stand among the checks afterwards."""


async def _answered(view: View, question: str, choice: str) -> None:
    view.tray.answers[question] = choice
    if view.fill is not None:
        await view.fill()


async def _emptied(view: View) -> None:
    view.tray.basket.clear()
    if view.fill is not None:
        await view.fill()


def _loaded(view: View, county: County) -> tuple[LoadOutcome, list[int]]:
    """Load what is in the basket; what could not be read, or still asks, stays there.

    Returns:
        What became of it, and the years of which a figure says otherwise now.
    """
    basket = dict(view.tray.basket)
    if view.person.role != "bureau":
        for path in basket.values():
            _refuse_others_tables(view, county, path)
    outcome = county.data.load(list(basket.values()), answers=dict(view.tray.answers))
    for path, file in zip(basket.values(), outcome.files, strict=False):
        asks = file.records is not None and file.records.questions
        if not file.refused and not asks:
            view.tray.basket.pop(path.name, None)
    replaced = [f.batch for f in outcome.files if f.batch is not None and f.met is not None and f.met.replaced]
    years = {year for batch in replaced for year in county.rounds.changes(batch)["year"].drop_nulls().to_list()}
    return outcome, sorted(years)


def _refuse_others_tables(view: View, county: County, path: Path) -> None:
    """Only what an office answers for is its to send.

    Raises:
        UsageError: the file has something else.
    """
    read = county.data.read(path, answers=dict(view.tray.answers))
    for table in read.tables:
        if not may_send(view.person, table.table, table.columns or TABLES[table.table].by_name):
            label = table_here(table.table)
            raise UsageError(problem("rights_other_table", file=path.name, table=label, office=view.person.of))
    if read.questions:
        raise UsageError(problem("rights_answer_first", file=path.name))


async def _tell(view: View, outcome: LoadOutcome, replaced: list[int]) -> None:
    """What became of each file, in a window; beside it the notices of years of which figures say otherwise now."""
    with ui.dialog() as window, ui.card().classes("panel").style("max-width: 720px"):
        part(messages.text("data_outcome"))
        for file in outcome.files:
            with ui.column().style("gap: 0"):
                ui.label(file.file).style("font-weight: 600")
                for line in _lines(file):
                    ui.label(line)
        with ui.row():
            ui.button(messages.text("data_to_checks"), on_click=lambda: view.go("/checks")).props("unelevated no-caps")
            ui.button(messages.text("workbench_close"), on_click=window.close).props("flat no-caps")
    window.open()
    await tell_still_out(view, "publication_out_corrected", replaced)


def _lines(file: FileOutcome) -> list[str]:
    if file.refused:
        return [str(p) for p in file.refused]
    if file.already is not None:
        return [messages.text("data_already", batch=file.already)]
    lines = []
    if file.batch is not None:
        lines.append(messages.text("data_in", rows=file.rows_in, out=file.rows_out, batch=file.batch))
    if file.records is not None and file.records.questions:
        lines.append(messages.text("data_waits", count=len(file.records.questions)))
    if file.met is not None:
        if file.met.replaced:
            lines.append(messages.text("data_replaced", count=file.met.replaced))
        if file.met.waiting.height:
            lines.append(messages.text("data_contested", count=file.met.waiting.height))
    return lines


def _batches(view: View, batches: pl.DataFrame) -> None:
    columns = [
        Shown("number", messages.text("data_batch"), 80, pinned=True),
        Shown("file", messages.text("data_file"), 260),
        Shown("loaded_at", messages.text("data_when"), 160),
        Shown("who", messages.text("data_who"), 110),
        Shown("rows_read", messages.text("data_rows_read"), 100),
        Shown("reason", messages.text("data_reason"), 200),
        Shown("document", messages.text("data_document"), 180),
    ]
    rows = batches.reverse()
    grid(view, rows, [c for c in columns if c.name in rows.columns], file="批次", look="grid-low")


# ------------------------------------------------------------------------------------------------------------- coverage


async def read_coverage(view: View) -> Coverage | None:
    """What is there of the year."""
    year = view.year
    return None if year is None else await view.desk.kept(("coverage", year), lambda c: c.data.coverage(year))


def draw_coverage(view: View, covered: Coverage | None) -> None:
    """The matrix of tables and fields."""
    heading(messages.text("data_coverage"), messages.text("data_coverage_says", year=view.year))
    if covered is None:
        ui.label(messages.text("data_none"))
        return
    with ui.row().style("gap: 12px") as tiles:
        tiles.set_visibility(not view.person.limited)
        for key, count in (
            ()
            if view.person.limited
            else (
                ("data_kept_out", int(covered.kept_out["rows"].sum())),
                ("data_contested_tile", covered.contested.height),
                ("data_waiting_tile", covered.waiting.height),
                ("data_differing", covered.differing.height),
            )
        ):
            tile(messages.text(messages.key(key)), messages.show(count))
    with ui.element("section").classes("panel column"):
        rows = own(view.person, covered.fields, office="owner")
        with ui.element("div").classes("sheet-view").props("tabindex=0 role=region"):
            ui.html(_matrix(rows), sanitize=False)
        if view.person.limited:
            return
        ui.button(
            messages.text("data_coverage_save"),
            icon="download",
            on_click=view.hand_over(
                lambda c, file: c.papers.coverage(
                    file,
                    covered.year,
                    covered.fields,
                    covered.kept_out,
                    covered.contested,
                    covered.totals,
                    covered.waiting,
                ),
                f"{covered.year}年度数据覆盖.xlsx",
            ),
        ).props("outline no-caps")


def tile(label: str, figure: str) -> None:
    """A figure with its label."""
    with ui.column().classes("tile"):
        ui.label(figure).classes("figure")
        ui.label(label).classes("quiet")


def _matrix(rows: pl.DataFrame) -> str:
    """A line per field: how many firms of the roll have it, as a bar and in figures."""
    import html

    titles = [
        messages.text(messages.key(f"data_matrix_{n}"))
        for n in ("owner", "field", "there", "blank", "waiting", "total", "last")
    ]
    lines = []
    before = ""
    for r in rows.iter_rows(named=True):
        share = 100 * r["with_value"] / r["on_roll"] if r["on_roll"] else 0
        owner = html.escape(str(r["owner"])) if r["owner"] != before else ""
        before = str(r["owner"])
        bar = (
            f"<div style='background:linear-gradient(90deg,#bfd7ea {share:.1f}%,#f2f4f7 {share:.1f}%);min-width:170px;"
            f"padding:0 8px;text-align:right'>{r['with_value']} / {r['on_roll']}</div>"
        )
        cells = [
            f"<th scope='row'>{owner}</th>",
            f"<td>{html.escape(labelled(r['field'], r['label'], r['unit'], ' '))}</td>",
            f"<td>{bar}</td>",
            *(
                f"<td class='figure'>{html.escape(messages.show(v) if v is not None else '')}</td>"
                for v in (r["blank"], r["waiting_rows"] + r["contested"], r["total"], r["total_last"])
            ),
        ]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    head = "".join(f"<th>{html.escape(t)}</th>" for t in titles)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


PAGES = (
    Page("/data", "year_path_data", draw, read),
    Page("/data/coverage", "data_coverage", draw_coverage, read_coverage),
)
