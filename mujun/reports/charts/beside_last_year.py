"""This year beside the last: who went from which tier to which, and what townships and industries came to."""

from __future__ import annotations

from typing import Any

import polars as pl

from mujun.reports.charts.chart import HOVER, ROWS, Chart, altair
from mujun.reports.charts.drawn_alike import FEWEST, WIDTH, basis_of
from mujun.reports.county.county_year import CountyYear
from mujun.reports.county.wording import amount, group_name
from mujun.reports.drawing.colours import LAST, tier_marks
from mujun.reports.drawing.labels import places_of
from mujun.reports.year import summary
from mujun.reports.year.summary import Facts


def migration_rows(year: CountyYear) -> pl.DataFrame:
    """`before, after, enterprises`: firms with a tier of the ladder in both years."""
    both = year.rated.filter(pl.col("tier_last").is_in(list(year.ladder)))
    counts = {(a, b): n for a, b, n in both.group_by("tier_last", "tier").len().iter_rows()}
    moves = [(a, b, counts.get((a, b), 0)) for a in year.ladder for b in year.ladder]
    schema = {"before": pl.String(), "after": pl.String(), "enterprises": pl.Int64()}
    return pl.DataFrame(moves if both.height else [], schema=schema, orient="row")


def movement(year: CountyYear) -> tuple[int, int, int]:
    """How many rose, stayed and fell against the year before."""
    place = {t: i for i, t in enumerate(year.ladder)}
    counts = [0, 0, 0]
    for before, after, count in migration_rows(year).iter_rows():
        counts[(place[after] > place[before]) - (place[after] < place[before]) + 1] += count
    return counts[0], counts[1], counts[2]


def migration(year: CountyYear) -> Chart | None:
    """Who went from which tier to which."""
    rows = migration_rows(year)
    if rows.is_empty():
        return None
    rose, stayed, fell = movement(year)
    whole = rose + stayed + fell
    title = f"两年都有档次的 {whole} 家企业中，{rose} 家升档，{stayed} 家不变，{fell} 家降档。"
    hover = pl.format("上年 {} 档、本年 {} 档：{} 家", "before", "after", "enterprises").alias(HOVER)

    def draw(values: list[dict[str, Any]]) -> Any:
        alt = altair()
        kinds = list(year.ladder)
        base = alt.Chart(alt.NamedData(name=ROWS)).encode(
            x=alt.X("after:N", title="本年档次", sort=kinds, axis=alt.Axis(orient="top", labelAngle=0)),
            y=alt.Y("before:N", title=year.last_words, sort=kinds),
        )
        colour = alt.Color("enterprises:Q", legend=None, scale=alt.Scale(range=["#F5F7FA", "#2F6F9F"], type="sqrt"))
        cells = base.mark_rect(stroke="white").encode(color=colour, description=f"{HOVER}:N")
        dark = f"datum.enterprises > {max(v['enterprises'] for v in values) * 0.4}"
        colour = alt.condition(dark, alt.value("white"), alt.value("#1F2933"))
        texts = base.mark_text(fontSize=14).encode(text="enterprises:Q", color=colour)
        return (cells + texts).properties(width=alt.Step(70), height=alt.Step(44))

    return Chart(
        "migration", title, basis_of(year, whole, "家两年都有档次的企业"),
        f"行是{year.last_words}，列是本年的。对角线上不变，左下是升档，右上是降档。", rows.with_columns(hover), draw,
    )  # fmt: skip


NAMES = {"township": "镇街", "industry_division": "行业"}


COMPARED = 20
"""Groups that a chart compares; of more, those with the most land."""


def compared_rows(year: CountyYear, by: str) -> pl.DataFrame:
    """`group, now, last, land_mu, counted`: the ratio of sums of the first indicator per group, this year and last.

    Groups without land are left out; best first.
    """
    ratio = year.facts.ratios[0].name
    now = _by(year.facts, by).select("group", pl.col(ratio).alias("now"), "land_mu", "counted")
    last = pl.DataFrame(schema={"group": pl.String, "last": pl.Float64})
    if year.facts_last is not None:
        last = _by(year.facts_last, by).select("group", pl.col(ratio).alias("last"))
    rows = now.join(last, on="group", how="left", maintain_order="left").filter(pl.col("now").is_not_null())
    rows = rows.sort("land_mu", "group", descending=[True, False], nulls_last=True).head(COMPARED)
    return rows.sort("now", "group", descending=[True, False])


def _by(facts: Facts, by: str) -> pl.DataFrame:
    groups = summary.by_group(facts, by).filter(~pl.col("total"), pl.col(by).is_not_null())
    names = [group_name(by, group) for group in groups[by]]
    return groups.with_columns(pl.Series("group", names, dtype=pl.String))


def compared(year: CountyYear, by: str) -> Chart | None:
    """The first indicator by township or industry, beside the year before."""
    rows = compared_rows(year, by)
    if rows.height < FEWEST:
        return None
    ratio, what = year.facts.ratios[0], NAMES[by]
    places = places_of(ratio.unit)
    best, worst = rows.row(0, named=True), rows.row(-1, named=True)
    title = (
        f"{ratio.label}最高的{what}是{best['group']}（{amount(best['now'], places)} {ratio.unit}），"
        f"最低的是{worst['group']}（{amount(worst['now'], places)} {ratio.unit}）。"
    )
    how = f"一行是一个{what}，深色点是本年合计之比"
    how += "，浅色点是上年按同样规则计算的，两点之间的线是变化。" if rows["last"].count() else "。"
    if rows.height == COMPARED:
        how += f"只画用地最多的 {COMPARED} 个。"
    now = pl.format("{}：本年 {} {}", "group", pl.col("now").round(2), pl.lit(ratio.unit))
    before = pl.format("{}，上年 {} {}", now, pl.col("last").round(2), pl.lit(ratio.unit))
    hover = pl.coalesce(before, now)

    def draw(values: list[dict[str, Any]]) -> Any:
        alt = altair()
        base = alt.Chart(alt.NamedData(name=ROWS)).encode(
            y=alt.Y("group:N", title=None, sort=[v["group"] for v in values], axis=alt.Axis(labelLimit=190))
        )
        axis = alt.X("now:Q", title=f"{ratio.label}（{ratio.unit}）")
        known = base.transform_filter("datum.last !== null")
        lines = known.mark_rule(color=LAST, strokeWidth=2).encode(x=axis, x2="last:Q")
        before = known.mark_point(filled=True, size=60, color=LAST, opacity=1).encode(x="last:Q")
        now = base.mark_point(filled=True, size=80, color=tier_marks(("A",))["A"], opacity=1)
        now = now.encode(x=axis, description=f"{HOVER}:N")
        return (lines + before + now).properties(width=WIDTH - 200, height=alt.Step(22))

    name = "townships" if by == "township" else "industries"
    return Chart(
        name,
        title,
        basis_of(year, int(rows["counted"].sum()), "家企业"),
        how,
        rows.with_columns(hover.alias(HOVER)),
        draw,
    )
