"""How scores and indicators lie: histograms by tier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from mujun.reports.charts.chart import HOVER, ROWS, Chart, altair
from mujun.reports.charts.drawn_alike import FEWEST, HEIGHT, WIDTH, basis_of, tier_colour
from mujun.reports.county.county_year import CountyYear
from mujun.reports.county.wording import amount
from mujun.reports.drawing.colours import tier_marks
from mujun.reports.drawing.labels import places_of
from mujun.reports.year import summary
from mujun.reports.year.summary import Ratio

BINS = 40


def binned(values: pl.Series, tiers: pl.Series, ladder: Sequence[str]) -> tuple[pl.DataFrame, int, int]:
    """A histogram by tier between the 1st and the 99th hundredth: `low, high, tier, place, count`; and how many beyond.

    Args:
        values: a value each.
        tiers: its tier.
        ladder: the tiers, best first.
    """
    frame = pl.DataFrame({"v": values.cast(pl.Float64), "tier": tiers}).drop_nulls()
    schema = {
        "low": pl.Float64(), "high": pl.Float64(), "tier": pl.String(), "place": pl.Int64(), "count": pl.Int64(),
    }  # fmt: skip
    if frame.height < FEWEST:
        return pl.DataFrame(schema=schema), 0, 0
    low, high = (float(frame["v"].quantile(q, "nearest") or 0.0) for q in (0.01, 0.99))
    if low == high:
        low, high = low - 0.5, high + 0.5
    inside = frame.filter(pl.col("v").is_between(low, high))
    step = (high - low) / BINS
    place = ((pl.col("v") - low) / step).floor().clip(0, BINS - 1).cast(pl.Int64)
    order = pl.col("tier").replace_strict({t: i for i, t in enumerate(ladder)}, default=99, return_dtype=pl.Int64)
    rows = (
        inside.group_by(place.alias("bin"), "tier")
        .agg(pl.len().cast(pl.Int64).alias("count"))
        .select(
            (low + pl.col("bin") * step).alias("low"), (low + (pl.col("bin") + 1) * step).alias("high"), "tier",
            order.alias("place"), "count",
        )
        .sort("low", "place")
    )  # fmt: skip
    return rows, frame.filter(pl.col("v") < low).height, frame.filter(pl.col("v") > high).height


def scores(year: CountyYear) -> Chart | None:
    """How the scores lie, and where the tiers are among them."""
    cohorts = []
    for cohort, label in year.facts.cohorts.items():
        mine = year.rated.filter(pl.col("cohort") == cohort, pl.col("score").is_not_null())
        rows, below, above = binned(mine["score"], mine["tier"], year.ladder)
        cohorts.append((label, mine, rows, below + above))
    drawn = [f for f in cohorts if not f[2].is_empty()]
    if not drawn:
        return None
    parts = [
        f"{label}综合得分的中位数是 {amount(mine['score'].cast(pl.Float64).median(), 2)} 分"
        for label, mine, *_ in drawn
    ]
    data = pl.concat([rows.with_columns(pl.lit(label).alias("label")) for label, _, rows, _ in drawn])
    beyond = sum(f[3] for f in drawn)
    count = sum(f[1].height for f in drawn)
    how = "横轴是综合得分，柱高是落在这一段的企业数，颜色是最后的档次。同一分数有两种颜色，是划档之后的规则改变了档次。"
    return Chart(
        "scores", "；".join(parts) + "。", basis_of(year, count, "家有得分的参评企业"), how + _beyond(beyond),
        _with_counts(data, "分"), _histogram("综合得分（分）", tier_marks(year.ladder), [f[0] for f in drawn]),
    )  # fmt: skip


def distribution(year: CountyYear, ratio: Ratio) -> Chart | None:
    """How an indicator lies, with the county's ratio of sums."""
    mine = year.rated.filter(pl.col(ratio.name).is_not_null())
    rows, below, above = binned(mine[ratio.name], mine["tier"], year.ladder)
    if rows.is_empty():
        return None
    middle = amount(mine[ratio.name].median(), places_of(ratio.unit))
    together = summary.total_of(summary.only(year.facts, pl.col("treatment") == "rated"))[ratio.name].item()
    title = f"{ratio.label}的中位数是 {middle} {ratio.unit}"
    if together is not None:
        title += f"，合计之比是 {amount(together, places_of(ratio.unit))} {ratio.unit}"
    how = "横轴是指标值，柱高是落在这一段的企业数，颜色是档次。"
    data = rows.with_columns(pl.lit("").alias("label"))
    return Chart(
        f"distribution-{ratio.name}", title + "。", basis_of(year, mine.height, "家有此项指标的参评企业"),
        how + _beyond(below + above), _with_counts(data, ratio.unit),
        _histogram(f"{ratio.label}（{ratio.unit}）", tier_marks(year.ladder), [""]),
    )  # fmt: skip


def _beyond(count: int) -> str:
    return f"两端各百分之一、共 {count} 家不在图内。" if count else ""


def _with_counts(rows: pl.DataFrame, unit: str) -> pl.DataFrame:
    hover = pl.format(
        "{} 至 {} {}：{} 档 {} 家", pl.col("low").round(2), pl.col("high").round(2), pl.lit(unit), "tier", "count"
    )
    return rows.with_columns(hover.alias(HOVER))


def _histogram(axis: str, marks: Mapping[str, str], labels: Sequence[str]) -> Any:
    def draw(values: list[dict[str, Any]]) -> Any:
        alt = altair()
        bars = (
            alt.Chart()
            .mark_bar(stroke="white", strokeWidth=0.3)
            .encode(
                x=alt.X("low:Q", title=axis, bin="binned"), x2="high:Q",
                y=alt.Y("count:Q", title="企业（家）", stack="zero"),
                order=alt.Order("place:O"), color=tier_colour(alt, marks), description=f"{HOVER}:N",
            )
            .properties(width=WIDTH - 120, height=HEIGHT // (1 if len(labels) == 1 else 2) + 20)
        )  # fmt: skip
        if len(labels) == 1:
            return bars.properties(data=alt.NamedData(name=ROWS))
        row = alt.Row(
            "label:N", title=None, sort=list(labels), header=alt.Header(labelOrient="top", labelAnchor="start")
        )
        return bars.facet(row=row, data=alt.NamedData(name=ROWS)).resolve_scale(y="independent")

    return draw
