"""Sentences are true of any data: those of the eight firms by hand, and of counties that lack this or that."""

from dataclasses import replace

import polars as pl
import pytest

from mujun.reports.county.county_year import CountyYear
from mujun.reports.county.report import county_report, part_report
from mujun.reports.county.sentences import county_text, worst_land
from mujun.reports.county.wording import grown
from mujun.reports.year.document import YearDocument


def said(year: CountyYear) -> dict[str, str]:
    return {s.lead: s.text for s in county_text(year)}


def test_the_whole_in_figures(year: CountyYear) -> None:
    text = said(year)
    assert text["总体情况"] == (
        "2022 年度全县名录企业 8 家，其中参评 8 家。"
        "参评企业合计：用地 73.00 亩，实缴税金 743.00 万元，能耗 1,360.00 吨标煤。"
        "按合计之比，亩均税收 10.18 万元/亩。上年数据按本年规则同口径计算，亩均税收增长 29.7%。"
    )
    # 743 / 573 - 1 = 29.67 %: firm 5 paid 40 and firm 7 paid 100 the year before, the others the same.
    assert grown(743, 573) == "增长 29.7%"


def test_the_township_with_the_most_land_in_the_last_tier(year: CountyYear, ratings: pl.DataFrame) -> None:
    rows = ratings.filter(pl.col("tier") == "D")
    land = {1: 10, 2: 4, 3: 5, 4: 6, 5: 20, 6: 8, 7: 10, 8: 10}
    sums: dict[str, int] = {}
    for name, township in rows.select("name", "township").iter_rows():
        sums[township] = sums.get(township, 0) + land[int(name[2])]
    most = max(sums, key=lambda t: sums[t])
    held = worst_land(year, "township")
    assert held is not None
    assert (held[0], int(held[1])) == (most, sums[most])


def without_rows(document: YearDocument, keep: pl.Expr) -> YearDocument:
    rating = document.rating
    kept = replace(rating, enterprises=rating.enterprises.filter(keep))
    return replace(document, rating=kept, rectification=None, allocation=None)


def test_nothing_is_said_of_what_there_is_not(year: CountyYear) -> None:
    alone = replace(year, last=None, tiers_last=year.tiers_last.clear())
    text = said(alone)
    assert "升降情况" not in text
    assert "上年" not in "".join(text.values())
    page = county_report(alone)
    assert "与上年相比" not in page
    assert "上年" not in page


@pytest.mark.parametrize("codes", [0, 1, 2])
def test_a_part_of_hardly_anybody_is_still_true(year: CountyYear, codes: int) -> None:
    part = year.about("空园区", year.firms["credit_code"].head(codes))
    assert part_report(part)
    text = said(part)
    if not codes:
        assert text == {"总体情况": "空园区没有 2022 年度的企业。"}
    else:
        assert f"名录企业 {codes} 家" in text["总体情况"]


def test_a_trial_year_says_that_it_binds_nobody(year: CountyYear) -> None:
    plan = year.document.rating.plan
    trial = replace(plan, rating=replace(plan.rating, binding=False))
    document = replace(year.document, rating=replace(year.document.rating, plan=trial))
    assert "试评价" in said(replace(year, document=document))["档次分布"]
