"""The data behind each chart against sums made by hand, and what is drawn of them."""

import re
from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest

from mujun.errors import UsageError
from mujun.reports.charts import beside_last_year, distributions
from mujun.reports.charts import chart as chart_module
from mujun.reports.charts import of_county as charts
from mujun.reports.charts.chart import HOVER, png, svg
from mujun.reports.county.county_year import CountyYear

# Land and tax in 万元 and 亩 by firm, as tests/workspace/small_county.py loads them.
LAND = {1: 10, 2: 4, 3: 5, 4: 6, 5: 20, 6: 8, 7: 10, 8: 10}
TAX = {1: 10, 2: 4, 3: 5, 4: 6, 5: 10, 6: 8, 7: 300, 8: 400}


def tiers_of(ratings: pl.DataFrame) -> dict[int, str]:
    return {int(re.sub(r"\D", "", n)): t for n, t in ratings.select("name", "tier").iter_rows()}


def test_what_each_tier_holds_is_what_its_firms_add_up_to(year: CountyYear, ratings: pl.DataFrame) -> None:
    tiers = tiers_of(ratings)
    assert set(tiers.values()) == {"A", "B", "D"}
    rows = {(r["what"], r["tier"]): r for r in charts.holding_rows(year).iter_rows(named=True)}
    for tier in ("A", "B", "D"):
        land = sum(LAND[n] for n, t in tiers.items() if t == tier)
        tax = sum(TAX[n] for n, t in tiers.items() if t == tier)
        assert rows["用地", tier]["amount"] == land
        assert rows["用地", tier]["share"] == round(Decimal(land) * 100 / 73, 2)
        assert rows[year.facts.tax_label, tier]["share"] == round(Decimal(tax) * 100 / 743, 2)
        assert rows["企业数", tier]["amount"] == sum(t == tier for t in tiers.values())
    assert ("增加值", "A") not in rows, "nobody reported value added: it has no shares"


def test_half_of_the_land_with_the_least_tax_gives_the_share_that_the_curve_says(year: CountyYear) -> None:
    # Firm 5 (0.5 万元/亩): 20 亩, 10 万元. The five at 1 万元/亩: 33 亩, 33 万元. Half of 73 亩 is 36.5:
    # 10 + 16.5 = 26.5 of 743 万元, 3.57 %.
    chart = charts.lorenz(year)
    assert chart is not None
    assert chart.title == "按亩均税收从低到高排，最低的一半用地贡献全部实缴税金的 3.6%。"
    assert chart.data.rows()[0] == (0.0, 0.0)
    assert chart.data.rows()[-1] == pytest.approx((100.0, 100.0))


def test_townships_stand_beside_the_year_before_by_the_same_rules(year: CountyYear) -> None:
    # 三江街道: 25 万元 on 25 亩 in both years. 甘霖镇: 718 on 48 亩, before 40 + 8 + 100 + 400 = 548 on 48 亩.
    rows = beside_last_year.compared_rows(year, "township").select("group", "now", "last").rows()
    assert rows == [("甘霖镇", pytest.approx(718 / 48), pytest.approx(548 / 48)), ("三江街道", 1.0, 1.0)]


def test_every_firm_of_both_years_is_in_one_cell_of_the_migration(year: CountyYear) -> None:
    rows = beside_last_year.migration_rows(year)
    assert rows["enterprises"].sum() == 8
    rose, stayed, fell = beside_last_year.movement(year)
    assert rose + stayed + fell == 8
    place = {t: i for i, t in enumerate(year.ladder)}
    moved = [(b, a) for b, a, n in rows.iter_rows() for _ in range(n)]
    assert rose == sum(place[a] < place[b] for b, a in moved)


def test_bins_hold_every_value_but_the_hundredths_at_both_ends() -> None:
    values, tiers = pl.Series([float(v) for v in range(1000)]), pl.Series(["A"] * 1000)
    rows, below, above = distributions.binned(values, tiers, ("A", "B"))
    assert rows["count"].sum() + below + above == 1000
    assert (below, above) == (10, 10)
    one, *_ = distributions.binned(pl.Series([3.0, 3.0]), pl.Series(["A", "B"]), ("A", "B"))
    assert one["count"].sum() == 2


def test_of_many_firms_some_are_drawn_and_it_is_said(year: CountyYear, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "DRAWN", 3)
    firms = year.firms.with_columns(pl.lit(2.0).alias("va_per_tce"))
    crowded = replace(year)
    crowded.__dict__["firms"] = firms
    rows, negative, undrawn = charts.scatter_rows(crowded)
    assert (rows.height + undrawn, negative) == (8, 0)
    assert rows.height <= 3
    chart = charts.scatter(crowded)
    assert chart is not None
    assert f"{undrawn} 家没有画出" in chart.how


@pytest.mark.usefixtures("chinese_font")
def test_the_same_chart_is_the_same_bytes_and_fetches_nothing(year: CountyYear) -> None:
    for chart in charts.county_charts(year):
        drawn = svg(chart)
        assert drawn == svg(chart)
        assert set(re.findall(r"https?://[^\"' ]+", drawn)) <= {
            "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink",
        }  # fmt: skip
        assert "<script" not in drawn
        assert chart.basis.startswith("全县 2022 年度")
    tiers = charts.tiers(year)
    assert tiers is not None
    assert png(tiers) == png(tiers)


def test_a_name_that_is_markup_stays_a_name(year: CountyYear) -> None:
    chart = charts.tiers(year)
    assert chart is not None
    hostile = replace(chart, data=chart.data.with_columns(pl.lit('<script>alert("1")</script>&').alias(HOVER)))
    drawn = svg(hostile)
    assert "<script" not in drawn
    assert "&lt;script&gt;" in drawn
    assert "<title>" in drawn


def test_without_the_extra_it_is_said_what_to_install(year: CountyYear, monkeypatch: pytest.MonkeyPatch) -> None:
    chart = charts.tiers(year)
    assert chart is not None
    chart_module._libraries.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "altair", None)
    with pytest.raises(UsageError, match=r"mujun\[papers\]"):
        svg(chart)
    chart_module._libraries.cache_clear()


def test_without_a_chinese_font_word_gets_no_picture_of_boxes(
    year: CountyYear, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart = charts.tiers(year)
    assert chart is not None
    monkeypatch.setattr(chart_module, "has_chinese_font", lambda: False)
    with pytest.raises(UsageError, match="Noto Sans CJK"):
        png(chart)
