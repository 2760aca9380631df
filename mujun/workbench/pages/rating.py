"""Rating: rules and year chosen, the gate, what came out, compared, doubted, made final."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
from nicegui import ui

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields.here import field_here
from mujun.reports.drawing.colours import tier_fills
from mujun.workbench import made_final
from mujun.workbench.frame import Page, heading, part, picture
from mujun.workbench.grid import Shown, grid
from mujun.workbench.pages.checks import nothing_yet
from mujun.workbench.result_grid import result_grid
from mujun.workbench.view import View

if TYPE_CHECKING:
    from mujun.analysis.comparison import Comparison
    from mujun.rules.gaps import Gap
    from mujun.store import ListDocument
    from mujun.workbench.made_final import Anew
    from mujun.workspace import YearResult
    from mujun.workspace.county import County
    from mujun.workspace.publishing import Publication
    from mujun.workspace.runs.exporting import Export
    from mujun.workspace.year_papers import Drawn

TABS = (
    ("", "rating_result"),
    ("/charts", "rating_charts"),
    ("/whatif", "rating_whatif"),
    ("/stability", "rating_stability"),
    ("/fairness", "rating_fairness"),
)


@dataclass(frozen=True)
class Runs:
    """The rule sets that may rate a year, and the runs of it."""

    rules: dict[str, str]
    runs: pl.DataFrame = field(repr=False)


async def read(view: View) -> Runs:
    """The rule sets for the year and its runs."""
    year = view.year

    def step(county: County) -> Runs:
        runs = county.runs.list().filter(pl.col("year") == year)
        return Runs(rules_for_year(county, year, runs), runs)

    return await view.desk.kept(("runs", year), step)


def rules_for_year(county: County, year: int | None, runs: pl.DataFrame) -> dict[str, str]:
    """The rule sets that may rate a year, by address: those used already first."""
    sets = {
        r["address"]: f"{r['name']}（{r['address']}）"
        for r in county.rules.list().iter_rows(named=True)
        if "rating" in r["kinds"]
        and (not r["years"] or year in r["years"])
        and r["status"] not in ("abstract", "wrong")
    }
    # A set that was rated from some other folder is found no more by its name alone.
    used = [a for a in reversed(runs["rules"].to_list()) if a in sets]
    return {a: sets[a] for a in dict.fromkeys([*used, *sets])}


def draw(view: View, runs: Runs) -> None:
    """Choosing rules, and the runs so far."""
    heading(messages.text("year_path_rating"), messages.text("rating_says"))
    if view.year not in view.years:
        nothing_yet(view)
        return
    with ui.element("section").classes("panel column"):
        _choose(view, runs)
    with ui.element("section").classes("panel column"):
        part(messages.text("rating_runs", year=view.year))
        if runs.runs.is_empty():
            ui.label(messages.text("year_path_rating_none"))
            return
        columns = [
            Shown("number", messages.text("rating_run"), 90),
            Shown("rules", messages.text("rating_rules"), 260),
            Shown("final", messages.text("rating_final"), 100),
            Shown("created_at", messages.text("data_when"), 160),
            Shown("label", messages.text("rating_label"), 180),
            Shown("who", messages.text("data_who"), 110),
            Shown("batch", messages.text("rating_batch"), 120),
        ]
        grid(
            view,
            runs.runs.reverse().with_columns(pl.col("rules").replace(runs.rules)),
            [c for c in columns if c.name in runs.runs.columns],
            file="评价批次",
            look="grid-low",
            on_open=lambda row: view.go(f"/rating/{row['number']}"),
        )
        if runs.runs.height > 1:
            _compare(view, runs.runs["number"].to_list())


def _choose(view: View, runs: Runs) -> None:
    part(messages.text("rating_do", year=view.year))
    if not runs.rules:
        ui.label(messages.text("rating_no_rules", year=view.year))
        ui.link(messages.text("workbench_rules"), view.to("/rules"))
        return
    rules = ui.select(runs.rules, value=next(iter(runs.rules)), label=messages.text("rating_rules"), with_input=True)
    rules.props("outlined").classes("wide")
    with ui.row().classes("wide").style("gap: 16px"):
        label = ui.input(messages.text("rating_label")).props("outlined dense").style("flex: 1 1 220px")
        despite = ui.input(messages.text("rating_despite")).props("outlined dense").style("flex: 1 1 320px")
    final = ui.checkbox(messages.text("rating_make_final"))
    again = ui.checkbox(messages.text("rating_after_list")).bind_visibility_from(final, "value")

    async def rated() -> None:
        year, address = view.year, str(rules.value)
        accepted = [f.strip() for f in (despite.value or "").replace("，", ",").split(",") if f.strip()]
        run_label, is_final, anew = str(label.value or ""), bool(final.value), bool(again.value)
        assert year is not None
        await made_final.rate(
            view,
            lambda county, sure: county.runs.rate(
                address, year, label=run_label, final=is_final, despite=accepted, after_list=anew or sure
            ),
            lambda result: view.go(f"/rating/{result.number}"),
        )

    ui.button(messages.text("rating_rate"), on_click=view.handler(rated)).props("unelevated no-caps").mark("rate")


def _compare(view: View, numbers: list[int]) -> None:
    with ui.row().classes("items-center"):
        ui.label(messages.text("rating_compare"))
        before = ui.select(numbers, value=numbers[-2]).props("dense outlined")
        ui.label("→")
        after = ui.select(numbers, value=numbers[-1]).props("dense outlined")
        ui.button(
            messages.text("rating_compare_do"),
            on_click=view.handler(lambda: view.go("/rating/diff", before=before.value, after=after.value)),
        ).props("outline no-caps")


# ---------------------------------------------------------------------------------------------------------------- a run


@dataclass(frozen=True)
class Run:
    """A run as its page shows it."""

    result: YearResult = field(repr=False)
    export: Export = field(repr=False)
    final: bool
    since: int
    gaps: tuple[Gap, ...]
    published: tuple[Publication, ...]
    of_others: tuple[Publication, ...]
    anew: Anew | None
    behind: tuple[ListDocument, ...]


def number_of(view: View) -> int:
    """The run that the address names.

    Raises:
        UsageError: it names none.
    """
    named = str(view.named.get("number", ""))
    if not named.isdigit() or len(named) > 9:
        raise UsageError(problem("rating_no_such", run=named))
    return int(named)


async def read_run(view: View) -> Run:
    """A run with everything it gave."""
    number, before = number_of(view), view.asked.get("from", "")[:9]

    def step(county: County) -> Run:
        result = county.runs.recall(number)
        runs = county.runs.list()
        final = bool(runs.filter(pl.col("number") == number)["final"].item())
        gaps = tuple(g for g in county.runs.gaps(result) if g.large)
        export = county.runs.export("ratings", run=number)
        published = tuple(p for p in county.runs.published(result.year) if p.run == number and p.taken_back is None)
        # A run made final before the one published does not come in its way.
        others = tuple(p for p in county.runs.still_out(result.year) if p.run is not None and p.run < number)
        since = county.runs.loaded_since(number)
        anew = made_final.anew_from(runs, before, number)
        behind = made_final.lists_left_behind(county, runs, number)
        return Run(result, export, final, since, gaps, published, others, anew, behind)

    return await view.desk.kept(("run", number, before, date.today()), step)


def run_heading(view: View, number: int, below: str = "") -> None:
    """The heading of a run's pages, with their tabs."""
    heading(messages.text("rating_run_title", run=number), below)
    with ui.row().style("gap: 6px").props("role=navigation"):
        for path, key in TABS:
            address = f"/rating/{number}{path}"
            look = "unelevated" if view.path == address else "flat"
            ui.button(messages.text(messages.key(key)), on_click=lambda a=address: view.go(a)).props(f"{look} no-caps")


def draw_run(view: View, run: Run) -> None:
    """Tiers, checks of the rules, and every firm."""
    result = run.result
    number = number_of(view)
    state = "rating_is_final" if run.final else "rating_is_trial"
    headline = messages.text(messages.key(state), year=result.year, rules=result.ruleset.name)
    run_heading(view, number, headline)
    if run.anew is not None:
        made_final.tell_anew(view, number, run.anew)
    for listed in run.behind:
        made_final.tell_left_behind(view, listed)
    if run.since:
        ui.label(messages.text("year_path_rating_stale", count=run.since, run=number)).classes("trouble")
    for gap in run.gaps:
        ui.label(
            messages.text(
                "rate_gap",
                cohort=gap.cohort_label,
                indicator=gap.indicator_label,
                field=field_here(gap.field),
                missing=gap.missing,
                asked=gap.asked,
            )
        ).classes("question")
    with ui.element("section").classes("panel column"):
        tiers(result)
        for verified in result.rating.verified:
            word = messages.text("rating_kept" if verified.kept else "rating_broken")
            ui.label(f"{verified.cell} {verified.tier}: {verified.count} · {word}").classes(
                "quiet" if verified.kept else "state waits"
            )
        if run.final:
            _published(view, run, number)
        _next(view, run, number)
        ui.label(messages.text("rating_digest", digest=result.rating.digest[:12])).classes("quiet")
    with ui.element("section").classes("panel column"):
        part(messages.text("rating_firms"))
        result_grid(
            view,
            run.export,
            file=f"{result.year}年度评价结果",
            first=FIRST,
            ladder=ladder_of(result),
            on_open=lambda row: view.go(f"/firms/{row['credit_code']}") if row.get("credit_code") else None,
        )


def _published(view: View, run: Run, number: int) -> None:
    """When and where the result was out, as it was put on record."""
    for record in run.published:
        when = record.when(date.today())
        with ui.row().classes("items-center").style("gap: 4px 10px"):
            ui.label(
                messages.text(
                    "publication_line", number=record.number, title=record.title, first=record.first,
                    until=record.until, place=record.place,
                )
            )  # fmt: skip
            look = {"running": "running", "objections": "running", "over": "done"}.get(when, "")
            ui.label(messages.text(messages.key(f"publication_when_{when}"))).classes(f"state {look}")
    if not run.published:
        for other in run.of_others:
            ui.label(other.told("publication_out_rated")).classes("question")
        with ui.row().classes("items-center").style("gap: 4px 10px"):
            ui.label(messages.text("publication_not_yet")).classes("state waits")
            ui.link(messages.text("publication_record_do"), view.to("/publication", run=number))


FIRST = ("name", "tier", "score", "rank", "size", "cohort", "township", "industry", "scale", "reason")


def ladder_of(result: YearResult) -> list[str]:
    """The tiers of a rating, best first."""
    return result.rating.tiers["tier"].unique(maintain_order=True).to_list()


def tiers(result: YearResult) -> None:
    """How many are in which tier, a line per cohort."""
    rows = result.rating.tiers
    ladder = ladder_of(result)
    fills = tier_fills(ladder)
    for label in rows["label"].unique(maintain_order=True).to_list():
        mine = rows.filter(pl.col("label") == label)
        with ui.row().classes("items-stretch wide").style("gap: 10px"):
            ui.label(str(label)).style("min-width: 64px; align-self: center; font-weight: 600")
            for r in mine.iter_rows(named=True):
                with ui.column().classes("tile").style(f"background: {fills.get(r['tier'], '#fff')}; min-width: 96px"):
                    ui.label(str(r["subjects"])).classes("figure")
                    ui.label(f"{r['tier']} · {messages.show(r['share'])}%")
    others = result.rating.treatments.filter(pl.col("treatment") != "rated")
    if others.height:
        texts = [
            f"{r['reason'] or messages.text(messages.key('treatment_' + r['treatment']))} {r['subjects']}"
            for r in others.iter_rows(named=True)
        ]
        ui.label(messages.clauses(texts)).classes("quiet")


def _next(view: View, run: Run, number: int) -> None:
    result = run.result
    # What this run went without was accepted when it was made.
    missing = sorted({g.field for g in run.gaps if g.refuses})

    async def fixed() -> None:
        await made_final.rate(
            view,
            lambda county, sure: county.runs.rate(
                result.ruleset, result.year, final=True, despite=missing, after_list=sure
            ),
            lambda again: view.go(f"/rating/{again.number}", **{"from": number}),
        )

    with ui.row().style("gap: 10px"):
        if not run.final and result.rating.binding:
            ui.button(messages.text("rating_fix"), on_click=view.handler(fixed)).props("unelevated no-caps").mark("fix")
        if run.final:
            ui.button(messages.text("publication_papers"), on_click=lambda: view.go("/publication", run=number)).props(
                "unelevated no-caps"
            )
        ui.button(
            messages.text("rating_book"),
            icon="download",
            on_click=view.hand_over(
                lambda county, file: county.papers.year(file, result, county.data.findings(result.year)),
                f"{result.year}年度综合评价.xlsx",
            ),
        ).props("outline no-caps")


# --------------------------------------------------------------------------------------------------------------- charts


async def read_charts(view: View) -> tuple[Drawn, ...]:
    """The charts of the run's year."""
    number = number_of(view)

    def step(county: County) -> tuple[Drawn, ...]:
        year = int(county.runs.list().filter(pl.col("number") == number)["year"].item())
        return county.papers.charts(year, number)

    return await view.desk.kept(("charts", number), step)


def draw_charts(view: View, charts: tuple[Drawn, ...]) -> None:
    """Each chart with its sentence and how to read it."""
    run_heading(view, number_of(view))
    for chart in charts:
        with ui.element("section").classes("panel column"):
            part(chart.title)
            picture(view, chart.picture, chart.title)
            ui.label(chart.how).classes("quiet")
            ui.label(chart.basis).classes("quiet")


# ------------------------------------------------------------------------------------------------------------ two runs


async def read_diff(view: View) -> Comparison:
    """Two runs side by side."""
    before, after = (view.asked.get(n, "") for n in ("before", "after"))
    if not (before.isdigit() and after.isdigit()):
        raise UsageError(problem("rating_no_such", run=f"{before}–{after}"))
    numbers = int(before), int(after)
    return await view.desk.kept(("diff", numbers), lambda county: county.runs.diff(*numbers))


def draw_diff(view: View, diff: Comparison) -> None:
    """Who moved, and why."""
    heading(messages.text("rating_diff", before=diff.before.number, after=diff.after.number))
    movers = diff.movers
    ui.label(messages.text("rating_diff_count", count=movers.height, entered=diff.entered, left=diff.left))
    if diff.rules:
        part(messages.text("rating_diff_rules"))
        for difference in diff.rules[:40]:
            ui.label(str(difference))
    ui.button(
        messages.text("rating_save"),
        icon="download",
        on_click=view.hand_over(lambda c, file: c.papers.comparison(file, diff), "两次评价对比.xlsx"),
    ).props("outline no-caps")
    columns = [
        Shown("name", messages.text("checks_firm"), 210, pinned=True),
        Shown("township", messages.text("checks_township")),
        Shown("tier_before", messages.text("mend_old"), 90),
        Shown("tier_after", messages.text("mend_new"), 90),
        Shown("score_before", messages.text("rating_score_before"), 120),
        Shown("score_after", messages.text("rating_score_after"), 120),
        Shown("cause", messages.text("rating_cause"), 260),
        Shown("credit_code", messages.text("checks_code"), 190),
    ]
    with ui.element("section").classes("panel column"):
        grid(
            view,
            movers,
            [c for c in columns if c.name in movers.columns],
            file="换档企业",
            on_open=lambda row: view.go(f"/firms/{row['credit_code']}"),
        )


PAGES = (
    Page("/rating", "year_path_rating", draw, read),
    Page("/rating/diff", "rating_compare_do", draw_diff, read_diff),
    Page("/rating/{number}", "rating_result", draw_run, read_run),
    Page("/rating/{number}/charts", "rating_charts", draw_charts, read_charts),
)
