"""How firm a run's tiers are, and who gets which tier: two pages of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from nicegui import ui

from mujun import messages
from mujun.reports.drawing.colours import tier_fills
from mujun.workbench.frame import Page
from mujun.workbench.grid import Shown, grid
from mujun.workbench.pages.checks import plain_table
from mujun.workbench.pages.rating import number_of, run_heading
from mujun.workbench.view import View

if TYPE_CHECKING:
    from mujun.analysis.fairness.fairness import Fairness
    from mujun.analysis.stability.result import Firmness


async def read_stability(view: View) -> Firmness:
    """How firm the tiers are."""
    number = number_of(view)
    return await view.desk.kept(("stability", number), lambda county: county.runs.stability(number))


def draw_stability(view: View, firmness: Firmness) -> None:
    """The firms whose tier hangs by a thread."""
    from mujun.reports.runs.stability_sheets import names_of

    number = number_of(view)
    text = messages.text
    run_heading(view, number, text("rating_stability_says"))
    names = dict(names_of(firmness))
    rows = firmness.fragile.with_columns(
        pl.col("cohort").replace(names),
        (pl.col("kept") * 100).round(1).alias("kept"),
        pl.col("sensitive_to").list.eval(pl.element().replace(names)).list.join("、"),
    )
    with ui.element("section").classes("panel column"):
        ui.label(
            text(
                "doubts_fragile",
                fragile=rows.height,
                count=firmness.subjects.height,
                below=firmness.stated.fragile_below,
            )
        )
        ui.button(
            text("rating_save"),
            icon="download",
            on_click=view.hand_over(lambda c, file: c.papers.stability(file, firmness), f"第{number}次稳固性.xlsx"),
        ).props("outline no-caps")
        colours = tier_fills(firmness.rating.tiers["tier"].unique(maintain_order=True).to_list())
        grid(
            view,
            rows,
            [
                Shown("name", text("checks_firm"), 210, pinned=True),
                Shown("township", text("checks_township"), 110),
                Shown("cohort", text("doubts_cohort"), 90),
                Shown("tier", text("doubts_tier"), 90, colours=colours),
                Shown("kept", text("doubts_kept"), 110),
                Shown("likely", text("doubts_likely"), 100, colours=colours),
                Shown("rank", text("doubts_rank"), 90),
                Shown("rank_low", text("doubts_rank_low"), 100),
                Shown("rank_high", text("doubts_rank_high"), 100),
                Shown("sensitive_to", text("doubts_sensitive"), 260, wrapped=True),
                Shown("credit_code", text("checks_code"), 190),
            ],
            file="稳固性",
            on_open=lambda row: view.go(f"/firms/{row['credit_code']}") if row.get("credit_code") else None,
        )


async def read_fairness(view: View) -> Fairness:
    """Who gets which tier."""
    number = number_of(view)
    return await view.desk.kept(("fairness", number), lambda county: county.runs.fairness(number))


def draw_fairness(view: View, fairness: Fairness) -> None:
    """The shares of the tiers in each group, and the workbook with where differences come from."""
    from mujun.reports.runs.fairness_sheets import dimension_name, group_name

    number = number_of(view)
    text = messages.text
    run_heading(view, number, text("rating_fairness_says"))
    with ui.element("section").classes("panel column"):
        ui.label(text("doubts_fairness"))
        ui.button(
            text("rating_save"),
            icon="download",
            on_click=view.hand_over(
                lambda c, file: c.papers.fairness(fairness, file, run=number), f"第{number}次公平性.xlsx"
            ),
        ).props("outline no-caps")
        plain_table(
            [
                text("doubts_by"),
                text("doubts_group"),
                text("money_firms"),
                *(text("doubts_share", tier=t) for t in fairness.tiers),
                text("doubts_note"),
            ],
            (
                (
                    dimension_name(r["dimension"]),
                    group_name(r["dimension"], r["group"]),
                    r["subjects"],
                    *(r[f"share:{t}"] for t in fairness.tiers),
                    text("doubts_few") if r["small"] else "",
                )
                for r in fairness.shares.iter_rows(named=True)
            ),
        )


PAGES = (
    Page("/rating/{number}/stability", "rating_stability", draw_stability, read_stability),
    Page("/rating/{number}/fairness", "rating_fairness", draw_fairness, read_fairness),
)
