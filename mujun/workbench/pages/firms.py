"""Firms and parcels: searched, listed, and each with everything on record; the firm's calculator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import polars as pl
from nicegui import ui

from mujun import messages
from mujun.errors import UsageError, problem
from mujun.fields import FRAME_FIELDS
from mujun.fields.here import field_here, with_unit
from mujun.workbench.frame import Page, framed, heading, part
from mujun.workbench.grid import Shown, grid
from mujun.workbench.pages.checks import correctable, mend, nothing_yet, plain_table
from mujun.workbench.result_grid import result_grid
from mujun.workbench.rights import own
from mujun.workbench.turns import Turns
from mujun.workbench.view import View

if TYPE_CHECKING:
    from mujun.reports.charts.parcel_map import ParcelMap
    from mujun.reports.firms.card import Card
    from mujun.workspace.county import County
    from mujun.workspace.firms.census import Census
    from mujun.workspace.runs.exporting import Export
    from mujun.workspace.runs.trying import FirmTried, Ready, Standing

TABS = (
    ("", "firm_card"),
    ("/explanation", "firm_explanation"),
    ("/calculator", "firm_calculator"),
    ("/visit", "visit_tab"),
)

SHOWN = (
    "name",
    "tier",
    "score",
    "rank",
    "township",
    "credit_code",
    "industry",
    "scale",
    "land_mu",
    "tax_paid",
    "value_added",
    "revenue",
    "energy_tce",
    "electricity_kwh",
    "rd_expense",
    "employees",
    "owned_mu",
    "rented_in_mu",
    "rented_out_mu",
    "plot_ratio",
    "water_m3",
    "status",
    "tier_last",
)
"""Columns of the list of firms."""

OF_THE_RATING = ("tier", "score", "rank")
"""Those that the year's rating gives."""


async def read(view: View) -> Export | None:
    """The firms of the year, with tier and score where they are rated."""
    year = view.year
    if year is None or year not in view.years:
        return None

    def step(county: County) -> Export:
        firms = county.runs.export("enterprises", year=year)
        if county.runs.list().filter(pl.col("year") == year).is_empty():
            return firms
        rated = county.runs.export("ratings", year=year).rows.select("credit_code", *OF_THE_RATING)
        return replace(firms, rows=firms.rows.join(rated, on="credit_code", how="left", maintain_order="left"))

    export = await view.desk.kept(("firms", year), step)
    return replace(export, rows=own(view.person, export.rows, township="township"))


def draw(view: View, export: Export | None) -> None:
    """The firms as a grid; a search by name or code opens one."""
    heading(messages.text("workbench_firms"), messages.text("firms_says"))
    if export is None:
        nothing_yet(view)
        return
    with ui.element("section").classes("panel column"):
        search = ui.input(messages.text("firms_search")).props("outlined clearable").classes("wide").mark("search")
        search.on("keydown.enter", view.handler(lambda: _search(view, export, str(search.value or ""))))
        result_grid(
            view,
            export,
            file=f"{view.year}年度企业",
            only=[c for c in SHOWN if c in export.rows.columns],
            joined=OF_THE_RATING,
            ladder=["A", "B", "C", "D"],
            on_open=lambda row: view.go(f"/firms/{row['credit_code']}"),
        )


async def _search(view: View, export: Export, asked: str) -> None:
    if not asked.strip():
        return
    if view.person.limited:
        # Not even a sentence about what was not found names a firm of somebody else.
        wanted = asked.strip().casefold()
        matches = export.rows.filter(
            (pl.col("credit_code") == asked.strip().upper())
            | pl.col("name").fill_null("").str.to_lowercase().str.contains(wanted, literal=True)
        )
        if matches.height != 1:
            raise UsageError(problem("rights_search", said=asked.strip(), count=matches.height))
        view.go(f"/firms/{matches['credit_code'].item()}")
        return
    card = await view.desk.read(lambda county: county.firms.show(asked.strip()))
    view.go(f"/firms/{card.id}")


# ------------------------------------------------------------------------------------------------------------- one firm


def _asked(view: View) -> str:
    return str(view.named["code"])


async def read_card(view: View) -> tuple[Card, str]:
    """Everything on record."""
    code = _asked(view)

    def step(county: County) -> tuple[Card, str]:
        card = county.firms.show(code)
        return card, county.papers.drawn(card, "html")

    return await view.desk.kept(("card", code), step)


def firm_heading(view: View, title: str) -> None:
    """The heading of a firm's pages, with their tabs."""
    code = _asked(view)
    heading(title)
    with ui.row().style("gap: 6px").props("role=navigation"):
        for path, key in TABS:
            address = f"/firms/{code}{path}"
            look = "unelevated" if view.path == address else "flat"
            ui.button(messages.text(messages.key(key)), on_click=lambda a=address: view.go(a)).props(f"{look} no-caps")


def draw_card(view: View, given: tuple[Card, str]) -> None:
    """一码管企."""
    card, page = given
    firm_heading(view, card.title)
    with ui.row():
        if view.may_change:
            ui.button(
                messages.text("firm_correct"), icon="edit", on_click=view.handler(lambda: _correct(view, card))
            ).props("outline no-caps").mark("correct")
        ui.button(
            messages.text("rating_save"),
            icon="download",
            on_click=view.hand_over(lambda c, file: c.papers.card(card, file), f"一码管企_{card.id}.html", theirs=True),
        ).props("flat no-caps")
    framed(view, page, card.title)


def _correct(view: View, card: Card) -> None:
    fields = {
        f"{t}.{n}": field_here(n)
        for t in ("tax", "energy", "output", "emissions", "water", "enterprises")
        for n in correctable(t)
        if n in FRAME_FIELDS
    }
    with ui.dialog() as window, ui.card().classes("panel").style("max-width: 640px; width: 100%"):
        part(card.name or card.id)
        choice = (
            ui.select(fields, label=messages.text("checks_field"), with_input=True).props("outlined").classes("wide")
        )
        form = ui.column().classes("wide")

        def chosen() -> None:
            form.clear()
            with form:
                if choice.value and view.year is not None:
                    mend(view, card.id, view.year, str(choice.value), None, window.close)

        choice.on_value_change(view.handler(chosen))
        ui.button(messages.text("workbench_close"), on_click=window.close).props("flat no-caps")
    window.open()


async def read_explanation(view: View) -> tuple[str, str]:
    """Why the firm has its tier."""
    code, year = _asked(view), view.year

    def step(county: County) -> tuple[str, str]:
        explanation = county.firms.explain(code, county.runs.of_year(year)[-1], figures=False)
        return explanation.name, county.papers.drawn(explanation, "html")

    return await view.desk.kept(("explanation", code, year), step)


def draw_explanation(view: View, given: tuple[str, str]) -> None:
    """The explanation as it is handed to the firm."""
    name, page = given
    firm_heading(view, name)
    framed(view, page, name)


# ----------------------------------------------------------------------------------------------------------- calculator

TRIED = (
    "tax_paid",
    "value_added",
    "revenue",
    "energy_tce",
    "electricity_kwh",
    "land_mu",
    "rd_expense",
    "employees",
    "emissions_t",
    "tax_credit",
)
"""Figures that the calculator offers, where the firm has them or the rules ask for them."""


PAUSE = 0.25
"""Seconds without a change after which the firm is rated anew."""


async def read_calculator(view: View) -> Ready:
    """The firm's year at hand for trying."""
    year = view.year

    def step(county: County) -> Ready:
        return county.runs.ready_to_try(county.runs.of_year(year)[-1])

    return await view.desk.kept(("ready", year), step)


def draw_calculator(view: View, ready: Ready) -> None:
    """Figures to the left, score, rank and tier to the right."""
    code = _asked(view)
    rows = ready.result.frame.filter(pl.col("credit_code") == code)
    if rows.is_empty():
        firm_heading(view, code)
        ui.label(messages.text("explain_not_there", code=code, year=ready.result.year)).classes("trouble")
        return
    firm = rows.row(0, named=True)
    firm_heading(view, str(firm["name"] or code))
    with ui.row().classes("wide items-start").style("gap: 20px"):
        with ui.element("section").classes("panel column").style("flex: 1 1 320px; width: auto"):
            part(messages.text("firm_if"))
            fields = {}
            for name in TRIED:
                if name in rows.columns:
                    label = with_unit(FRAME_FIELDS[name])
                    stands = None if firm[name] is None else float(firm[name])
                    fields[name] = (
                        ui.number(label, value=stands).props("outlined dense").classes("wide").mark(name),
                        stands,
                    )
        with ui.element("section").classes("panel column").style("flex: 1 1 320px; width: auto") as outcome:
            part(messages.text("firm_then"))
            ui.label(messages.text("firm_change_one")).classes("quiet")
    turns = Turns(view, PAUSE)

    def step() -> Callable[[County], FirmTried]:
        values: dict[str, Decimal] = {}
        for name, (field, stands) in fields.items():
            if field.value is not None and field.value != stands:
                try:
                    values[name] = Decimal(repr(float(field.value)))
                except (InvalidOperation, ValueError):
                    continue
        return lambda county: county.firms.tried(ready, code, values)

    def shown(tried: FirmTried | None, trouble: str) -> None:
        outcome.clear()
        with outcome:
            part(messages.text("firm_then"))
            _standing(tried, trouble)

    async def changed() -> None:
        await turns.tried(step, shown)

    for field, _ in fields.values():
        field.on_value_change(view.handler(changed))


def _standing(tried: FirmTried | None, trouble: str) -> None:
    if trouble or tried is None:
        ui.label(trouble).classes("trouble").props("role=alert")
        return

    def rank(s: Standing) -> str:
        return "—" if s.rank is None else f"{s.rank} / {s.size}"

    plain_table(
        ["", messages.text("mend_old"), messages.text("mend_new")],
        [
            (messages.text("firm_score"), tried.before.score, tried.after.score),
            (messages.text("firm_rank"), rank(tried.before), rank(tried.after)),
            (messages.text("checks_tier"), tried.before.tier, tried.after.tier),
        ],
    )
    ui.label(messages.text("firm_others", count=tried.others)).classes("quiet")


# -------------------------------------------------------------------------------------------------------------- parcels


async def read_parcels(view: View) -> tuple[Census, pl.DataFrame] | None:
    """The parcels of the year."""
    year = view.year
    if year is None or year not in view.years:
        return None
    census = await view.desk.kept(("parcels", year), lambda county: county.parcels.list(year))
    return census, own(view.person, census.brief, township="township")


def draw_parcels(view: View, given: tuple[Census, pl.DataFrame] | None) -> None:
    """The parcels as a grid."""
    heading(messages.text("workbench_parcels"), messages.text("parcels_says"))
    if given is None:
        nothing_yet(view)
        return
    from mujun.reports.drawing.english_headers import header_here
    from mujun.reports.drawing.labels import headings

    census, rows = given
    known = headings(rows.schema, what="parcels", ruleset=None)
    with ui.element("section").classes("panel column"):
        save = ui.button(
            messages.text("rating_save"),
            icon="download",
            on_click=view.hand_over(lambda c, file: c.papers.census(census, file), f"{view.year}年度工业用地普查.xlsx"),
        ).props("outline no-caps")
        save.set_visibility(not view.person.limited)
        grid(
            view,
            rows,
            [
                Shown(
                    n, header_here(h, "parcels"), pinned=n == "parcel", width=210 if n in ("parcel", "holder") else None
                )
                for n, h in known.items()
            ],
            file=f"{view.year}年度地块",
            on_open=lambda row: view.go(f"/parcels/{row['parcel']}"),
        )


NEAR = 150.0
"""Metres around a parcel within which its neighbours are drawn."""


async def read_parcel(view: View) -> tuple[Card, str, ParcelMap | None]:
    """Everything on record about a parcel, and the map of the parcels that whoever asks may see."""
    number = str(view.named["number"])

    def step(county: County) -> tuple[Card, str]:
        card = county.parcels.show(number)
        return card, county.papers.drawn(card, "html")

    card, page = await view.desk.kept(("parcel", number), step)
    year = view.year if view.year in view.years else next(reversed(view.years), None)
    if year is None:
        return card, page, None
    township = view.person.of if view.person.role == "township" else None
    whole = await view.desk.kept(("map", year, township), lambda county: county.parcels.map(year, township))
    return card, page, await view.desk.read(lambda _: whole.around(number, NEAR))


def draw_parcel(view: View, given: tuple[Card, str, ParcelMap | None]) -> None:
    """一码管地: where it lies among its neighbours, and everything on record."""
    card, page, around = given
    heading(card.title)
    if around is not None:
        with ui.element("section").classes("panel column"):
            part(messages.text("parcel_map"))
            if drawn := str(around.svg()):
                # Here and not as a picture: what a parcel says when it is pointed at is said in the page alone.
                ui.html(drawn, sanitize=False).classes("outline-map")
                ui.label(messages.text("parcel_map_how", count=around.rows.height - 1, metres=int(NEAR))).classes(
                    "quiet"
                )
            else:
                ui.label(messages.text("parcel_map_none")).classes("quiet")
    framed(view, page, card.title)


PAGES = (
    Page("/firms", "workbench_firms", draw, read),
    Page("/firms/{code}", "firm_card", draw_card, read_card),
    Page("/firms/{code}/explanation", "firm_explanation", draw_explanation, read_explanation),
    Page("/firms/{code}/calculator", "firm_calculator", draw_calculator, read_calculator),
    Page("/parcels", "workbench_parcels", draw_parcels, read_parcels),
    Page("/parcels/{number}", "parcel_card", draw_parcel, read_parcel),
)
