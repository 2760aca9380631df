"""Tables of the report and the workbook of townships, by hand from the county of eight firms."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl

from mujun.reports.county.county_year import CountyYear
from mujun.reports.county.parts import Grid
from mujun.reports.county.tables import targets
from mujun.reports.year.year_workbook import write_townships
from mujun.rules.model.targets import Target, TheTargets


def with_targets(year: CountyYear, *wanted: Target) -> CountyYear:
    rating = year.document.rating
    file = TheTargets(mujun=1, kind="targets", name="", targets=wanted)
    plan = replace(rating.plan, ruleset=replace(rating.plan.ruleset, targets=file))
    return replace(year, document=replace(year.document, rating=replace(rating, plan=plan)))


def test_a_ratio_stands_beside_the_target_of_the_year_or_of_the_next_that_has_one(year: CountyYear) -> None:
    # 743 万元 on 73 亩 are 10.178 万元/亩: 40.7 % of 25; 35.1 % of 29, whose year is printed doubtfully.
    aims = {"2021": Decimal(9), "2022": Decimal(25)}
    now = Target(id="tax_per_mu", label="亩均税收", kind="level", unit="万元/亩", targets=aims)
    later = replace(now, label="到期亩均税收", targets={"2023": Decimal(29)}, doubtful=("2023",))
    other = replace(now, id="rd")
    (grid,) = targets(with_targets(year, now, later, other))
    assert isinstance(grid, Grid)
    assert grid.rows == (
        ("亩均税收", "万元/亩", "10.18", "2022 年", "25.00", "40.7%"),
        ("到期亩均税收", "万元/亩", "10.18", "2023 年（原表存疑）", "29.00", "35.1%"),
    )


def test_targets_that_have_no_figure_here_and_rules_without_targets_say_nothing(year: CountyYear) -> None:
    assert targets(year) == ()
    past = Target(id="tax_per_mu", label="亩均税收", kind="level", unit="万元/亩", targets={"2021": Decimal(9)})
    assert targets(with_targets(year, past, replace(past, unit="元/亩"))) == ()


def test_a_township_has_its_own_sheet_with_its_firms(year: CountyYear, ratings: pl.DataFrame, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_townships(tmp_path / "镇街.xlsx", year.document))
    names = sorted(ratings["township"].drop_nulls().unique())
    assert book.sheetnames == [f"{i:02d} {name}" for i, name in enumerate(names, start=1)]
    for name, sheet in zip(names, book.worksheets, strict=True):
        mine = set(ratings.filter(pl.col("township") == name)["credit_code"])
        cells = {str(c.value) for row in sheet.iter_rows() for c in row}
        assert mine <= cells
        assert not set(ratings["credit_code"]) - mine & cells
        # What is printed fits one sheet of A4 in width; the other columns stand beside it.
        pages = sheet.sheet_properties.pageSetUpPr
        assert pages is not None
        assert pages.fitToPage
        assert sheet.page_setup.fitToWidth in (None, 1), "one page is what a file means that does not say"
        assert int(sheet.page_setup.paperSize or 0) == 9
