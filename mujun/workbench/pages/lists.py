"""The list and its loop: drafted, issued, and what happens to those on it; what is due."""

from __future__ import annotations

from collections.abc import Callable
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
from mujun.workbench.grid import Shown, grid
from mujun.workbench.notices_out import still_out, tell_still_out
from mujun.workbench.pages.amending import amend_button, amended_in_words
from mujun.workbench.pages.checks import nothing_yet, plain_table
from mujun.workbench.pages.rating import ladder_of
from mujun.workbench.pages.together import tracked_grid
from mujun.workbench.result_grid import Unkept, result_grid
from mujun.workbench.view import View, sentence_of

if TYPE_CHECKING:
    from mujun.store import ListDocument
    from mujun.workspace.county import County
    from mujun.workspace.publishing import Publication
    from mujun.workspace.rectification.lists import Draft, ListSummary
    from mujun.workspace.rectification.monitoring import Status
    from mujun.workspace.rectification.papers import DueMatters

WITHIN = 30
"""Days ahead that supervision looks."""


@dataclass(frozen=True)
class Lists:
    """The lists issued, where everyone on them stands, and the list as it would be issued today; what notice is out,
    and the final run that the draft rests on where it is not published."""

    issued: tuple[ListSummary, ...] = ()
    status: Status | None = None
    draft: Draft | None = field(default=None, repr=False)
    why_none: str = ""
    out: tuple[Publication, ...] = ()
    unpublished: int | None = None


async def read(view: View) -> Lists | None:
    """Lists, states, and the draft of the year."""
    year, today = view.year, date.today()
    if year is None or year not in view.years:
        return None

    def step(county: County) -> Lists:
        issued = county.rectify.issued()
        status = county.monitor.status(today) if issued else None
        if any(s.listed.year == year for s in issued):
            return Lists(issued, status)
        try:
            draft = county.rectify.list(today, year=year)
            return Lists(
                issued, status, draft, out=county.runs.still_out(year), unpublished=_unpublished(county, year, draft)
            )
        except MujunError as error:
            return Lists(issued, status, why_none=sentence_of(error))

    return await view.desk.kept(("lists", year, today), step)


def _unpublished(county: County, year: int, draft: Draft) -> int | None:
    """The run that a draft rests on, where it is final and no notice of it is on record."""
    run = draft.result.number
    finals = county.runs.list().filter("final")["number"].to_list()
    known = {p.run for p in county.runs.published(year) if p.notice == "result" and p.taken_back is None}
    return run if run in finals and run not in known else None


def draw(view: View, lists: Lists | None) -> None:
    """What is issued and where it stands; else the draft."""
    heading(messages.text("year_path_list"), messages.text("loop_says"))
    if lists is None:
        nothing_yet(view)
        return
    if lists.issued:
        with ui.element("section").classes("panel column"):
            part(messages.text("loop_issued"))
            for summary in lists.issued:
                listed = summary.listed
                with ui.row().classes("items-center wide"):
                    ui.label(_issued_in_words(summary)).style("min-width: 0; overflow-wrap: anywhere")
                    ui.space()
                    if view.may_change and listed.kind == "list" and listed.number is not None:
                        amend_button(view, listed.number)
                    ui.button(
                        messages.text("rating_save"),
                        icon="download",
                        on_click=view.hand_over(_paper_of(listed), f"整治清单第{listed.number}号.xlsx"),
                    ).props("flat dense no-caps")
    if lists.draft is not None:
        _draft(view, lists.draft, lists.out, lists.unpublished)
    elif lists.why_none:
        ui.label(lists.why_none).classes("question")
    if lists.status is not None:
        _standing(view, lists.status)


def _issued_in_words(summary: ListSummary) -> str:
    listed = summary.listed
    if listed.kind == "amendment":
        return amended_in_words(listed)
    return messages.text(
        "loop_line", number=listed.number, title=listed.title, day=listed.issued_on, firms=summary.firms,
        parcels=summary.parcels,
    )  # fmt: skip


def _draft(view: View, draft: Draft, out: tuple[Publication, ...], unpublished: int | None) -> None:
    with ui.element("section").classes("panel column"):
        part(messages.text("loop_draft", count=draft.counts["firms"]))
        title = ui.input(messages.text("loop_title"), value=f"{view.year}年度高耗低效企业整治清单").props(
            "outlined dense"
        )
        title.classes("wide")
        with ui.row().classes("wide").style("gap: 14px"):
            document = ui.input(messages.text("loop_document")).props("outlined dense").style("flex: 1 1 220px")
            day = ui.input(messages.text("loop_day"), value=date.today().isoformat()).props("outlined dense type=date")
        verified = ui.checkbox(messages.text("loop_counts_verified"))
        if unpublished is not None:
            with ui.row().classes("question items-center").style("gap: 4px 10px"):
                ui.label(messages.text("loop_unpublished", run=unpublished))
                ui.link(messages.text("publication_record_do"), view.to("/publication", run=unpublished))
        today = date.today()
        named = ui.label("\n".join(p.told("publication_out_issued", today) for p in out)).classes("question")
        named.style("white-space: pre-line").bind_visibility_from(named, "text")

        async def on_that_day() -> None:
            on = date.fromisoformat(str(day.value)) if day.value else today
            named.set_text("\n".join(await still_out(view, "publication_out_issued", [draft.result.year], on)))

        day.on_value_change(view.handler(on_that_day))

        async def issued() -> None:
            if not (document.value or "").strip():
                raise UsageError(problem("loop_no_document"))
            list_title, number, on = str(title.value), str(document.value).strip(), date.fromisoformat(str(day.value))
            way: Any = "list" if verified.value else "refuse"
            year = view.year
            made = await view.worked(
                lambda county: county.rectify.issue(
                    title=list_title, document=number, issued_on=on, year=year, unverified=way
                )
            )
            ui.notify(messages.text("loop_done", number=made.number), type="positive")
            await tell_still_out(view, "publication_out_issued", [made.year], made.issued_on)
            if view.fill is not None:
                await view.fill()

        with ui.row():
            ui.button(messages.text("loop_issue"), on_click=view.handler(issued)).props("unelevated no-caps").mark(
                "issue"
            )
            ui.button(
                messages.text("loop_screen"),
                on_click=view.change(
                    lambda county: county.rectify.screen(date.today(), year=view.year),
                    done=messages.Word("loop_screened"),
                ),
            ).props("outline no-caps")
            ui.button(
                messages.text("rating_save"),
                icon="download",
                on_click=view.hand_over(
                    lambda c, file: c.papers.listing(draft, file), f"{view.year}年度整治清单（未印发）.xlsx"
                ),
            ).props("flat no-caps")
        result_grid(
            view,
            Unkept("rectification", draft.rows, draft.result.ruleset),
            file="整治清单",
            first=("name", "tier", "reason_text", "path", "deadline", "township"),
            ladder=ladder_of(draft.result),
            on_open=lambda row: view.go(f"/firms/{row['credit_code']}"),
        )


def _paper_of(listed: ListDocument) -> Callable[[County, Path], object]:
    return lambda county, file: county.papers.list(listed, file)


def _standing(view: View, status: Status) -> None:
    with ui.element("section").classes("panel column"):
        part(messages.text("loop_standing"))
        kinds = {"enterprise": messages.text("workbench_firms"), "parcel": messages.text("workbench_parcels")}
        with ui.row().style("gap: 10px"):
            for r in status.states.iter_rows(named=True):
                with ui.column().classes("tile").style("min-width: 96px"):
                    ui.label(str(r["count"])).classes("figure")
                    state = messages.text(messages.key(f"state_{r['state']}"))
                    ui.label(f"{kinds[r['kind']]} · {state}").classes("quiet")
        rows = status.tracked.with_columns(
            pl.Series(
                "state_word",
                [messages.text(messages.key(f"state_{s}")) for s in status.tracked["state"]],
                dtype=pl.String,
            )
        )
        ui.label(messages.text("loop_click")).classes("quiet")
        tracked_grid(view, rows, tracked_columns())


def tracked_columns() -> list[Shown]:
    """Columns of those on the list."""
    text = messages.text
    return [
        Shown("name", text("checks_firm"), 210, pinned=True),
        Shown("township", text("checks_township"), 110),
        Shown("state_word", text("loop_state"), 110),
        Shown("path", text("loop_path"), 150),
        Shown("deadline", text("loop_deadline"), 120),
        Shown("department", text("checks_owner"), 130),
        Shown("tier", text("checks_tier"), 80),
        Shown("listed_on", text("loop_listed_on"), 120),
        Shown("expected_land_mu", text("loop_land"), 130),
        Shown("expected_energy_tce", text("loop_energy"), 150),
        Shown("subject", text("checks_code"), 190),
    ]


# ---------------------------------------------------------------------------------------------------------- supervision


async def read_due(view: View) -> tuple[DueMatters, Status] | str:
    """What is overdue and due."""
    today = date.today()

    def step(county: County) -> tuple[DueMatters, Status] | str:
        if not county.rectify.issued():
            return messages.text("year_path_supervision_none")
        try:
            return county.rectify.due(today, WITHIN), county.monitor.status(today)
        except MujunError as error:
            return sentence_of(error)

    return await view.desk.kept(("due", today), step)


def draw_due(view: View, given: tuple[DueMatters, Status] | str) -> None:
    """Overdue and due matters, by township; the status."""
    heading(messages.text("year_path_supervision"), messages.text("supervision_says"))
    if isinstance(given, str):
        ui.label(given).classes("question")
        ui.link(messages.text("year_path_list"), view.to("/list"))
        return
    due, status = given
    with ui.row().style("gap: 10px"):
        for matter, count in due.counts.items():
            with ui.column().classes("tile"):
                ui.label(str(count)).classes("figure")
                ui.label(messages.text(messages.key(f"supervision_{matter}"))).classes("quiet")
    with ui.row():
        ui.button(
            messages.text("supervision_save"),
            icon="download",
            on_click=view.hand_over(lambda c, file: c.papers.status(status, file), f"督查通报_{due.day}.xlsx"),
        ).props("outline no-caps")
        ui.button(
            messages.text("supervision_remind"),
            icon="folder_zip",
            on_click=view.hand_over(
                lambda c, folder: c.papers.reminders(folder, due.rows, due.day, due.within), f"督办单_{due.day}"
            ),
        ).props("outline no-caps").set_enabled(due.rows.height > 0)
    by = due.by("township")
    if by.height:
        with ui.element("section").classes("panel column"):
            part(messages.text("supervision_townships"))
            plain_table(
                [
                    messages.text(k)
                    for k in (
                        "checks_township",
                        "supervision_overdue",
                        "supervision_due",
                        "supervision_watch",
                        "supervision_longest",
                    )
                ],
                (row for row in by.iter_rows()),
            )
    if due.rows.height:
        with ui.element("section").classes("panel column"):
            text = messages.text
            rows = due.rows.with_columns(
                pl.Series(
                    "matter_word", [text(messages.key(f"supervision_{m}")) for m in due.rows["matter"]], dtype=pl.String
                )
            )
            columns = [
                Shown("name", text("checks_firm"), 210, pinned=True),
                Shown("township", text("checks_township"), 110),
                Shown("matter_word", text("loop_state"), 110),
                Shown("due_on", text("loop_deadline"), 120),
                Shown("days", text("supervision_days"), 100),
                Shown("department", text("checks_owner"), 130),
                Shown("path", text("loop_path"), 150),
                Shown("subject", text("checks_code"), 190),
            ]
            grid(view, rows, columns, file="到期事项", on_open=lambda row: view.go(f"/list/{row['subject']}"))


PAGES = (
    Page("/list", "year_path_list", draw, read),
    Page("/supervision", "year_path_supervision", draw_due, read_due),
)
