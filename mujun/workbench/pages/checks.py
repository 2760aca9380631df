"""Checks: what is wrong with the year's records, mended in place as corrections or handed to the offices."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
from nicegui import ui

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields import TABLES
from mujun.fields.here import field_here, table_here
from mujun.workbench.commands_here import draw_places
from mujun.workbench.figures import Money
from mujun.workbench.frame import Page, heading, part
from mujun.workbench.grid import Shown, grid
from mujun.workbench.notices_out import still_out, tell_still_out
from mujun.workbench.rights import may_open, own
from mujun.workbench.view import View

if TYPE_CHECKING:
    from mujun.records import Finding
    from mujun.records.matching import Proposal
    from mujun.workspace.county import County

TABS = (
    ("/checks", "checks_findings"),
    ("/checks/names", "checks_names"),
    ("/checks/anomalies", "checks_anomalies"),
    ("/checks/corrections", "checks_corrections"),
)


@dataclass(frozen=True)
class Found:
    """The findings of a year: as rows of the grid, and those of checking across tables as they are."""

    rows: pl.DataFrame = field(repr=False)
    across: tuple[Finding, ...] = field(repr=False)


def tabs(view: View) -> None:
    """The parts of checking, each with its address."""
    with ui.row().style("gap: 6px").props("role=navigation"):
        for path, key in [t for t in TABS if may_open(view.person, t[0])]:
            look = "unelevated" if view.path == path else "flat"
            address = view.to(path)
            ui.button(messages.text(messages.key(key)), on_click=lambda a=address: ui.navigate.to(a)).props(
                f"{look} no-caps"
            )


# ------------------------------------------------------------------------------------------------------------- findings


async def read(view: View) -> Found | None:
    """What loading left and what the tables say against each other."""
    year = view.year
    if year is None or year not in view.years:
        return None
    findings = await view.desk.kept(("findings", year), lambda county: findings_of(county, year))
    if not view.person.limited:
        return findings
    across = tuple(f for f in findings.across if view.person.role == "office" and f.owner == view.person.of)
    return Found(own(view.person, findings.rows, office="owner"), across)


def findings_of(county: County, year: int) -> Found:
    """The findings of a year that no correction has settled, with the township of whom they are about; each once."""
    with messages.on_pages():
        return _findings_of(county, year)


def _findings_of(county: County, year: int) -> Found:
    left = county.data.open_findings(year)
    across = county.data.check(year)
    roll = county.data.table("enterprises").filter(pl.col("year") == year).select("credit_code", "township")
    made = pl.DataFrame(
        [{c: getattr(f, c) for c in left.columns if hasattr(f, c)} for f in across],
        schema={c: t for c, t in left.schema.items() if c != "batch"},
    )
    rows = pl.concat([left, made], how="diagonal").join(roll.unique("credit_code"), on="credit_code", how="left")
    return Found(rows.sort("severity", "owner", "file", "sheet", "row", nulls_last=True, maintain_order=True), across)


def draw(view: View, findings: Found | None) -> None:
    """The findings as a grid."""
    heading(messages.text("year_path_checks"), messages.text("checks_says"))
    tabs(view)
    if findings is None:
        nothing_yet(view)
        return
    with ui.element("section").classes("panel column"):
        with ui.row().classes("wide items-center"):
            for severity in ("error", "warning"):
                count = findings.rows.filter(pl.col("severity") == severity).height
                ui.label(messages.text(messages.key(f"checks_{severity}s"), count=count)).classes(f"state {severity}")
            # Home tells those of loading alone: comparing the tables takes too long for it.
            warnings = findings.rows.filter(pl.col("severity") == "warning")["batch"]
            loaded, compared = warnings.len() - warnings.null_count(), warnings.null_count()
            ui.label(messages.text("checks_warnings_of", loaded=loaded, compared=compared)).classes("quiet")
            ui.space()
            across, year = findings.across, view.year or 0
            save = ui.button(
                messages.text("checks_by_office"),
                icon="folder_zip",
                on_click=view.hand_over(
                    lambda county, folder: county.papers.findings_by_department(across, year, folder),
                    f"{year}年度核查问题",
                    theirs=True,
                ),
            ).props("outline no-caps")
            save.set_enabled(bool(across))
        ui.label(messages.text("checks_click")).classes("quiet")
        grid(view, _worded(findings.rows), _columns(), file="核查问题", on_open=lambda row: _finding(view, row))


def nothing_yet(view: View) -> None:
    """What stands in place of a year without records."""
    ui.label(messages.text("workbench_no_records", year=view.year or "—"))
    ui.link(messages.text("year_path_data_load"), view.to("/data"))


def _worded(rows: pl.DataFrame) -> pl.DataFrame:
    tables = {name: table_here(name) for name in TABLES}
    fields = {n: field_here(n) for n in rows["field"].drop_nulls().unique().to_list()}
    severities = {s: messages.text(messages.key(f"data_{s}")) for s in ("error", "warning")}
    return rows.with_columns(
        pl.col("severity").replace(severities).alias("severity_word"),
        pl.col("table").replace(tables).alias("table_word"),
        pl.col("field").replace(fields).alias("field_word"),
    )


def _columns() -> list[Shown]:
    text = messages.text
    error, warning = text("data_error"), text("data_warning")
    return [
        Shown("severity_word", text("checks_severity"), 90, colours={error: "#f2bfbb", warning: "#fce4bf"}),
        Shown("owner", text("checks_owner"), 120),
        Shown("township", text("checks_township"), 110),
        Shown("name", text("checks_firm"), 190),
        Shown("what", text("checks_what"), 420, wrapped=True),
        Shown("remedy", text("checks_remedy"), 360, wrapped=True),
        Shown("table_word", text("checks_table"), 100),
        Shown("field_word", text("checks_field"), 130),
        Shown("value", text("checks_value"), 140),
        Shown("credit_code", text("checks_code"), 190),
        Shown("file", text("data_file"), 220),
        Shown("sheet", text("checks_sheet"), 120),
        Shown("row", text("checks_row"), 80),
    ]


def _finding(view: View, row: dict[str, Any]) -> None:
    """A finding with its place, and the field to mend where one figure of one firm is meant."""
    with ui.dialog() as window, ui.card().classes("panel").style("max-width: 680px; width: 100%"):
        part(str(row["name"] or row["credit_code"] or row["table"]))
        ui.label(str(row["what"]))
        ui.label(str(row["remedy"])).classes("quiet")
        draw_places(str(row["remedy"]), view.person)
        place = [str(row[c]) for c in ("file", "sheet") if row[c]]
        if row["row"] is not None:
            place.append(messages.text("place_row", row=row["row"]))
        ui.label(" ".join(place)).classes("quiet")
        if view.may_change and row["credit_code"] and row["year"] and row["field"] in correctable(row["table"]):
            mend(
                view, row["credit_code"], int(row["year"]), f"{row['table']}.{row['field']}", row["value"], window.close
            )
        with ui.row():
            if row["credit_code"] and may_open(view.person, "/firms/{code}"):
                ui.link(messages.text("checks_to_firm"), view.to(f"/firms/{row['credit_code']}"))
            ui.space()
            ui.button(messages.text("workbench_close"), on_click=window.close).props("flat no-caps")
    window.on("hide", window.delete)
    window.open()


def correctable(table: str) -> tuple[str, ...]:
    """The fields of a table that a correction may say anew: figures of a firm and year, none of the key."""
    known = TABLES.get(table)
    if known is None or not known.yearly or "credit_code" not in known.by_name:
        return ()
    return tuple(n for n in known.by_name if n not in known.key)


def _figure(value: object) -> str:
    """A figure as the command line prints it; a blank as a dash, and zero as zero."""
    return "—" if value is None else messages.show(value)


def mend(
    view: View, code: str, year: int, name: str, value: object, after: Callable[[], object] = lambda: None
) -> None:
    """The form of a correction: new value, reason, document; what it would change; and doing it."""
    part(messages.text("mend_title", field=field_here(name.rpartition(".")[2])))
    new = ui.input(messages.text("mend_value"), placeholder=str(value or "")).props("outlined dense").classes("wide")
    reason = ui.input(messages.text("mend_reason")).props("outlined dense").classes("wide")
    document = ui.input(messages.text("mend_document")).props("outlined dense").classes("wide")
    told = ui.label("").classes("quiet").style("white-space: pre-line")

    def given() -> dict[str, Any]:
        if not (new.value or "").strip():
            raise UsageError(problem("mend_no_value"))
        if not (reason.value or "").strip() or not (document.value or "").strip():
            raise UsageError(problem("mend_no_reason"))
        return {"values": {name: new.value.strip()}, "reason": reason.value.strip(), "document": document.value.strip()}

    async def tried() -> None:
        what = {**given(), "dry_run": True}

        def step(county: County) -> str:
            correction = county.rounds.correct(code, year, **what)
            effects = county.rounds.effect_if(correction, year)
            changed = [f"{field_here(c.change.field)}：{_figure(c.old)} → {_figure(c.new)}" for c in correction.changed]
            if not effects:
                return "\n".join([*changed, messages.text("mend_no_rules")])
            lines = changed
            for effect in effects:
                lines += [effect.rated_by, messages.text("mend_moves", count=effect.moved.height)]
                lines += [
                    f"{r['name'] or r['credit_code']}：{r['tier_before'] or '—'} → {r['tier_after'] or '—'}"
                    for r in effect.moved.head(8).iter_rows(named=True)
                ]
            return "\n".join(lines)

        effect = await view.worked(step, "mend_trying", reads=True)
        told.set_text("\n".join([effect, *await still_out(view, "publication_out_corrected", [year])]))

    async def kept() -> None:
        what = given()
        await view.worked(lambda county: county.rounds.correct(code, year, **what))
        after()
        ui.notify(messages.text("mend_done"), type="positive")
        await tell_still_out(view, "publication_out_corrected", [year])
        if view.fill is not None:
            await view.fill()

    with ui.row():
        ui.button(messages.text("mend_do"), on_click=view.handler(kept)).props("unelevated no-caps").mark("mend")
        ui.button(messages.text("mend_try"), on_click=view.handler(tried)).props("outline no-caps").mark("try")


# ---------------------------------------------------------------------------------------------------------------- names


async def read_names(view: View) -> list[Proposal]:
    """The names that are to be decided."""
    return await view.desk.kept("names", lambda county: county.identity.proposals())


def draw_names(view: View, proposals: list[Proposal]) -> None:
    """Each name beside whom it may mean."""
    heading(messages.text("year_path_checks"), messages.text("checks_names_says"))
    tabs(view)
    with ui.row().classes("items-center wide"):
        ui.label(messages.text("checks_names_count", count=len(proposals))).classes("quiet")
        ui.space()
        if proposals:
            ui.button(
                messages.text("checks_names_save"),
                icon="download",
                on_click=view.hand_over(lambda c, file: c.papers.identity(file, proposals), "名称认定.xlsx"),
            ).props("outline no-caps")
    document = ui.input(messages.text("mend_document")).props("outlined dense").style("width: 340px; max-width: 100%")
    shown = int(view.asked.get("from", "0")) if view.asked.get("from", "0").isdigit() else 0
    for proposal in proposals[shown : shown + AT_ONCE]:
        _proposal(view, proposal, lambda: str(document.value or "").strip())
    with ui.row():
        if shown > 0:
            ui.link(messages.text("checks_before"), view.to("/checks/names", **{"from": max(0, shown - AT_ONCE)}))
        if shown + AT_ONCE < len(proposals):
            ui.link(messages.text("checks_more"), view.to("/checks/names", **{"from": shown + AT_ONCE}))


AT_ONCE = 20
"""Names on one page."""


def _proposal(view: View, proposal: Proposal, document: Callable[[], str]) -> None:
    def decide(code: str | None, *, refuse: bool = False) -> Callable[..., Any]:
        async def does() -> None:
            named = document()
            if not named:
                raise UsageError(problem("checks_names_no_document"))
            await view.worked(
                lambda county: county.identity.accept(
                    proposal.name, code=code, township=proposal.township or None, refuse=refuse, document=named
                )
            )
            ui.notify(messages.text("checks_names_done"), type="positive")
            if view.fill is not None:
                await view.fill()

        return view.handler(does)

    with ui.element("section").classes("panel column"):
        with ui.row().classes("items-center").style("gap: 12px"):
            ui.label(proposal.name).style("font-weight: 600; font-size: 1.05rem")
            ui.label(proposal.township or messages.text("checks_names_unsaid")).classes("state")
            ui.label(messages.text("checks_names_rows", count=len(proposal.rows))).classes("quiet")
        if not proposal.candidates:
            ui.label(messages.text("checks_names_nobody")).classes("quiet")
        for candidate in proposal.candidates[:4]:
            with ui.row().classes("items-center wide").style("gap: 12px"):
                ui.label(f"{candidate.name}（{candidate.code}）")
                ui.label(candidate.township or "").classes("quiet")
                ui.space()
                ui.button(messages.text("checks_names_is"), on_click=decide(candidate.code)).props(
                    "outline dense no-caps"
                )
        if proposal.candidates:
            ui.button(
                messages.text("checks_names_none"), on_click=decide(proposal.candidates[0].code, refuse=True)
            ).props("flat dense no-caps")


# ---------------------------------------------------------------------------------------------------------- corrections


async def read_corrections(view: View) -> pl.DataFrame:
    """The corrections so far."""
    return await view.desk.kept("corrections", lambda county: county.rounds.corrections())


def draw_corrections(view: View, rows: pl.DataFrame) -> None:
    """Who corrected what, when and why; a click shows old and new."""
    heading(messages.text("year_path_checks"), messages.text("checks_corrections_says"))
    tabs(view)
    if rows.is_empty():
        ui.label(messages.text("checks_corrections_none"))
        return
    columns = [
        Shown("number", messages.text("data_batch"), 80),
        Shown("loaded_on", messages.text("data_when"), 130),
        Shown("who", messages.text("data_who"), 110),
        Shown("file", messages.text("data_file"), 220),
        Shown("reason", messages.text("data_reason"), 240),
        Shown("document", messages.text("data_document"), 220),
        Shown("rows", messages.text("data_rows_read"), 90),
    ]
    with ui.element("section").classes("panel column"):
        grid(
            view,
            rows.reverse(),
            columns,
            file="更正",
            on_open=lambda row: _changes(view, int(row["number"])),
            look="grid-low",
        )


async def _changes(view: View, batch: int) -> None:
    changed = await view.desk.read(lambda county: county.rounds.changes(batch))
    with ui.dialog() as window, ui.card().classes("panel").style("max-width: 860px; width: 100%"):
        part(messages.text("checks_changes", batch=batch))
        plain_table(
            [messages.text(k) for k in ("checks_firm", "checks_field", "mend_old", "mend_new")],
            (
                (
                    r["name"] or r["credit_code"],
                    field_here(r["field"]) if r["field"] else table_here(r["table"]),
                    r["old"],
                    r["new"],
                )
                for r in changed.head(60).iter_rows(named=True)
            ),
        )
        if view.may_change:
            _taking_back(view, batch, changed["year"].drop_nulls().to_list(), window)
        ui.button(messages.text("workbench_close"), on_click=window.close).props("flat no-caps")
    window.on("hide", window.delete)
    window.open()


def _taking_back(view: View, batch: int, years: list[int], window: ui.dialog) -> None:
    """The figures of a correction as they stood before it, with a reason and a document."""
    part(messages.text("take_back_title"))
    reason = ui.input(messages.text("mend_reason")).props("outlined dense").classes("wide").mark("back-reason")
    document = ui.input(messages.text("mend_document")).props("outlined dense").classes("wide").mark("back-document")

    async def taken_back() -> None:
        why, on = str(reason.value or ""), str(document.value or "")
        await view.worked(lambda county: county.rounds.take_back(batch, reason=why, document=on))
        window.close()
        ui.notify(messages.text("take_back_done"), type="positive")
        await tell_still_out(view, "publication_out_corrected", years)
        if view.fill is not None:
            await view.fill()

    ui.button(messages.text("take_back_do"), on_click=view.handler(taken_back)).props("outline no-caps").mark(
        "take-correction-back"
    )


def plain_table(titles: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """A small table that needs no grid; everything escaped, figures to the right, amounts with all digits at hand."""
    import html

    head = "".join(f"<th>{html.escape(t)}</th>" for t in titles)

    def cell(value: object) -> str:
        if isinstance(value, Money):
            return f"<td class='figure' title='{html.escape(value.whole)}'>{value}</td>"
        look = " class='figure'" if isinstance(value, (int, Decimal)) else ""
        return f"<td{look}>{html.escape(messages.show(value) if value is not None else '—')}</td>"

    body = "".join(f"<tr>{''.join(map(cell, row))}</tr>" for row in rows)
    with ui.element("div").classes("sheet-view"):
        ui.html(f"<table class='plain'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>", sanitize=False)


PAGES = (
    Page("/checks", "year_path_checks", draw, read),
    Page("/checks/names", "checks_names", draw_names, read_names),
    Page("/checks/corrections", "checks_corrections", draw_corrections, read_corrections),
)
