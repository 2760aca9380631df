"""The charts of a county's year, each made here once for page, Word and workbench.

Every function gives `None` where there is too little to draw. The data behind a chart are plain rows that a test can
hold; the sentence above it is made from the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from mujun.numbers import divided, round_decimal
from mujun.reports.charts.chart import HOVER, ROWS, Chart, altair
from mujun.reports.county.county_year import CountyYear
from mujun.reports.county.wording import amount, group_name, percent
from mujun.reports.drawing.colours import LAST, QUIET, tier_marks, tier_shapes
from mujun.reports.drawing.labels import places_of
from mujun.reports.year import summary
from mujun.reports.year.summary import Facts, Ratio

WIDTH, HEIGHT = 640, 300
BINS = 40
DRAWN = 4_000
"""Points that a browser draws with ease; of more firms a part is drawn, spread evenly over the order of their codes."""

FEWEST = 2
"""Firms below which a distribution is no distribution."""

HELD = ("counted", "land_mu", "energy_tce", "value_added", "tax")


def county_charts(year: CountyYear) -> tuple[Chart, ...]:
    """The charts of a county's report, in the order in which they are read."""
    made: list[Chart | None] = [
        tiers(year), holdings(year), lorenz(year), scatter(year), scores(year),
        *(distribution(year, r) for r in year.facts.ratios),
        migration(year), compared(year, "township"), compared(year, "industry_division"),
    ]  # fmt: skip
    return tuple(c for c in made if c is not None)


# ---------------------------------------------------------------------------------------------------------------- tiers


def tier_rows(year: CountyYear) -> pl.DataFrame:
    """`cohort, label, tier, place, enterprises, share`: counts of those rated per cohort and tier of the ladder."""
    counted = []
    for cohort, label in year.facts.cohorts.items():
        mine = year.rated.filter(pl.col("cohort") == cohort)
        for place, tier in enumerate(year.ladder):
            count = mine.filter(pl.col("tier") == tier).height
            if mine.height:
                counted.append((cohort, label, tier, place, count, summary.share_of(count, mine.height)))
    schema = {
        "cohort": pl.String(), "label": pl.String(), "tier": pl.String(), "place": pl.Int64(),
        "enterprises": pl.Int64(), "share": summary.SHARE,
    }  # fmt: skip
    return pl.DataFrame(counted, schema=schema, orient="row")


def tiers_title(rows: pl.DataFrame) -> str:
    """How many of each cohort are in the first and in the last tier, of what `tier_rows` gives."""
    parts = []
    for _, label, *_ in rows.unique("cohort", maintain_order=True).iter_rows():
        mine = rows.filter(pl.col("label") == label)
        ends = [mine.row(0, named=True), mine.row(-1, named=True)]
        parts.append(
            f"{label} {mine['enterprises'].sum()} 家中 "
            + "、".join(f"{r['tier']} 档 {r['enterprises']} 家（{percent(r['share'])}）" for r in ends)
        )
    return "；".join(parts) + "。"


def tiers(year: CountyYear) -> Chart | None:
    """How many firms of each cohort are in which tier."""
    rows = tier_rows(year)
    if rows.is_empty():
        return None
    hover = pl.format("{} {} 档：{} 家，占 {}%", "label", "tier", "enterprises", "share").alias(HOVER)
    marks = tier_marks(year.ladder)

    def draw(values: list[dict[str, Any]]) -> Any:
        alt = altair()
        base = alt.Chart(alt.NamedData(name=ROWS)).encode(
            y=alt.Y("label:N", title=None, sort=None),
            x=alt.X("enterprises:Q", title="占该组参评企业的比例", stack="normalize", axis=alt.Axis(format="%")),
            order=alt.Order("place:O"),
        )
        bars = base.mark_bar().encode(color=_tier_colour(alt, marks), description=f"{HOVER}:N")
        return bars.properties(width=WIDTH - 120, height=alt.Step(34))

    return Chart(
        "tiers", tiers_title(rows), _basis(year, int(rows["enterprises"].sum()), "家参评企业"),
        "每条横条是一个评价组别，长度按该组参评企业的比例分给各档。", rows.with_columns(hover), draw,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- holdings


def holding_rows(year: CountyYear) -> pl.DataFrame:
    """`what, tier, place, amount, share`: what of the rated firms' land, energy, value added and tax each tier holds.

    Shares are of the sum over the tiers, in per cent with two decimals; a quantity whose sum is not above zero is left
    out, and one in which a tier's sum is below zero too, because it has no shares.
    """
    labels = {
        "counted": "企业数", "land_mu": "用地", "energy_tce": "能耗", "value_added": "增加值",
        "tax": year.facts.tax_label,
    }  # fmt: skip
    held: list[tuple[object, ...]] = []
    for name in HELD:
        column = (pl.col("counted").cast(pl.Int64) if name == "counted" else pl.col(name)).cast(summary.EXACT)
        sums = {
            t: year.rated.filter(pl.col("tier") == t).select(column.sum()).item() or Decimal(0) for t in year.ladder
        }
        whole = sum(sums.values(), Decimal(0))
        if whole <= 0 or min(sums.values()) < 0:
            continue
        held += [
            (labels[name], t, place, sums[t], round_decimal(sums[t] * 100 / whole, 2))
            for place, t in enumerate(year.ladder)
        ]
    schema = {
        "what": pl.String(), "tier": pl.String(), "place": pl.Int64(), "amount": summary.EXACT, "share": summary.SHARE,
    }  # fmt: skip
    return pl.DataFrame(held, schema=schema, orient="row")


def holding_title(year: CountyYear, rows: pl.DataFrame) -> str:
    """Which shares the last tier holds, of what `holding_rows` gives."""
    worst = year.ladder[-1]
    mine = {r["what"]: r["share"] for r in rows.filter(pl.col("tier") == worst).iter_rows(named=True)}
    return f"{worst} 档占" + "、".join(f"{what}的 {percent(share)}" for what, share in mine.items()) + "。"


def holdings(year: CountyYear) -> Chart | None:
    """Which tier holds which share of the land and gives which share of the tax."""
    rows = holding_rows(year)
    if rows["what"].n_unique() < FEWEST:
        return None
    labels = rows["what"].unique(maintain_order=True).to_list()
    hover = pl.format("{}：{} 档占 {}%", "what", "tier", "share").alias(HOVER)
    marks = tier_marks(year.ladder)

    def draw(values: list[dict[str, Any]]) -> Any:
        alt = altair()
        return (
            alt.Chart(alt.NamedData(name=ROWS))
            .mark_bar()
            .encode(
                y=alt.Y("what:N", title=None, sort=labels),
                x=alt.X("share:Q", title="各档所占比例（%）", scale=alt.Scale(domain=[0, 100]), stack="zero"),
                order=alt.Order("place:O"),
                color=_tier_colour(alt, marks),
                description=f"{HOVER}:N",
            )
            .properties(width=WIDTH - 120, height=alt.Step(30))
        )

    return Chart(
        "holdings", holding_title(year, rows), _basis(year, year.rated.height, "家参评企业"),
        "每条横条是一种资源或产出，按档次分成几段。同一档在用地、能耗上的段比在增加值、税收上的段长，说明它占得多、给得少。",
        rows.with_columns(hover), draw,
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------------------- Lorenz


def lorenz_rows(year: CountyYear) -> pl.DataFrame:
    """`land, tax`: cumulated shares of land and of tax in per cent, firms with the least tax per mu first.

    Of the rated firms with land above zero and a tax that is known; at most 200 points, the ends among them.
    """
    tax = year.facts.ratios[0]
    rows = year.rated.filter(pl.col(f"{tax.name}:per") > 0, pl.col(f"{tax.name}:of").is_not_null())
    of, per = (pl.col(f"{tax.name}:{side}").cast(pl.Decimal(38, 12)) for side in ("of", "per"))
    rows = rows.select("credit_code", of.alias("of"), per.alias("per"))
    rows = rows.with_columns(
        divided(pl.col("of").cast(pl.Float64), pl.col("per").cast(pl.Float64)).alias("ratio")
    ).sort("ratio", "credit_code")
    empty = pl.DataFrame(schema={"land": pl.Float64, "tax": pl.Float64})
    if rows.height < FEWEST or rows["of"].sum() <= 0:
        return empty
    whole_of, whole_per = float(rows["of"].sum()), float(rows["per"].sum())
    points = rows.select(
        (pl.col("per").cum_sum().cast(pl.Float64) * 100 / whole_per).alias("land"),
        (pl.col("of").cum_sum().cast(pl.Float64) * 100 / whole_of).alias("tax"),
    )
    step = max(1, points.height // 200)
    kept = (
        points.with_row_index("_i").filter((pl.col("_i") % step == 0) | (pl.col("_i") == points.height - 1)).drop("_i")
    )
    return pl.concat([pl.DataFrame({"land": [0.0], "tax": [0.0]}), kept])


def lorenz(year: CountyYear) -> Chart | None:
    """How unequally tax is spread over land."""
    rows = lorenz_rows(year)
    if rows.is_empty():
        return None
    half = _at(rows, 50.0)
    label = year.facts.tax_label
    title = f"按{year.facts.ratios[0].label}从低到高排，最低的一半用地贡献全部{label}的 {half:.1f}%。"

    def draw(values: list[dict[str, Any]]) -> Any:
        alt = altair()
        line = alt.Chart(alt.NamedData(name=ROWS)).mark_line(color=tier_marks(("A",))["A"], strokeWidth=2.5)
        line = line.encode(
            x=alt.X("land:Q", title="用地累计占比（%）", scale=alt.Scale(domain=[0, 100])),
            y=alt.Y(
                "tax:Q",
                title=f"{label}累计占比（%）",
                scale=alt.Scale(domain=[min(0.0, *(v["tax"] for v in values)), 100], nice=False),
            ),
        )
        even = alt.Chart(alt.Data(values=[{"x": 0, "y": 0}, {"x": 100, "y": 100}]))
        even = even.mark_line(color=QUIET, strokeDash=[4, 4]).encode(x="x:Q", y="y:Q")
        return (even + line).properties(width=HEIGHT + 60, height=HEIGHT)

    return Chart(
        "lorenz", title, _basis(year, year.rated.height, "家参评企业"),
        "企业按亩均税收从低到高排队，横轴是排到哪里时占用地的比例，纵轴是同时占税收的比例。虚线是人人一样；曲线离虚线越远，差距越大。低于零的一段是净退税。",
        rows, draw,
    )  # fmt: skip


def _at(rows: pl.DataFrame, land: float) -> float:
    """The share of tax at a share of land, between two points by a straight line."""
    before = (0.0, 0.0)
    for x, y in rows.iter_rows():
        if x >= land:
            return float(y) if x == before[0] else before[1] + (y - before[1]) * (land - before[0]) / (x - before[0])
        before = (x, y)
    return before[1]


# -------------------------------------------------------------------------------------------------------------- scatter


def scatter_rows(year: CountyYear) -> tuple[pl.DataFrame, int, int]:
    """`x, y, tier` and what is said of each firm; how many do not fit its scale; how many are not drawn."""
    first, second = _scatter_sides(year)
    rated = year.rated.filter(pl.col(first.name).is_not_null(), pl.col(second.name).is_not_null())
    shown = rated.filter(pl.col(first.name) > 0, pl.col(second.name) > 0).sort("credit_code")
    every = -(-shown.height // DRAWN) if shown.height else 1
    drawn = shown.gather_every(every)
    rows = drawn.select(
        pl.col(first.name).alias("x"),
        pl.col(second.name).alias("y"),
        "tier",
        pl.format(
            "{}（{} 档）：{} {} {}，{} {} {}", pl.coalesce("name", "credit_code"), "tier",
            pl.lit(first.label), pl.col(first.name).round(2), pl.lit(first.unit),
            pl.lit(second.label), pl.col(second.name).round(2), pl.lit(second.unit),
        ).alias(HOVER),
    )  # fmt: skip
    return rows, rated.height - shown.height, shown.height - drawn.height


def _scatter_sides(year: CountyYear) -> tuple[Ratio, Ratio]:
    ratios = {r.name: r for r in year.facts.ratios}
    return year.facts.ratios[0], ratios.get("va_per_tce", year.facts.ratios[-1])


def scatter(year: CountyYear) -> Chart | None:
    """Tax per mu against value per energy, a point per firm."""
    rows, negative, undrawn = scatter_rows(year)
    if rows.height < FEWEST:
        return None
    first, second = _scatter_sides(year)
    both = year.rated.filter(pl.col(first.name).is_not_null(), pl.col(second.name).is_not_null())
    middle = [both[r.name].median() for r in (first, second)]
    low = both.filter(pl.col(first.name) < middle[0], pl.col(second.name) < middle[1]).height
    title = f"{both.height} 家企业中有 {low} 家的{first.label}和{second.label}都在中位数以下。"
    how = "一个点是一家企业，越靠右上越好；颜色和形状是档次；两轴都按倍数刻度。指到点上可见企业名称。"
    if negative:
        how += f"另有 {negative} 家有一项为零或负，画不进倍数刻度。"
    if undrawn:
        how += f"企业多，每隔几家画一家，{undrawn} 家没有画出。"
    marks, shapes = tier_marks(year.ladder), tier_shapes(year.ladder)

    def draw(values: list[dict[str, Any]]) -> Any:
        alt = altair()
        kinds = list(year.ladder)
        shape = alt.Shape("tier:N", title="档次", scale=alt.Scale(domain=kinds, range=[shapes[t] for t in kinds]))
        return (
            alt.Chart(alt.NamedData(name=ROWS))
            .mark_point(filled=True, size=26, opacity=0.75)
            .encode(
                x=alt.X("x:Q", title=f"{first.label}（{first.unit}）", scale=alt.Scale(type="log")),
                y=alt.Y("y:Q", title=f"{second.label}（{second.unit}）", scale=alt.Scale(type="log")),
                color=_tier_colour(alt, marks), shape=shape, description=f"{HOVER}:N",
            )
            .properties(width=WIDTH - 120, height=HEIGHT + 60)
        )  # fmt: skip

    return Chart("scatter", title, _basis(year, both.height, "家两项指标都有的参评企业"), how, rows, draw)


# -------------------------------------------------------------------------------------------------------- distributions


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
        "scores", "；".join(parts) + "。", _basis(year, count, "家有得分的参评企业"), how + _beyond(beyond),
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
        f"distribution-{ratio.name}", title + "。", _basis(year, mine.height, "家有此项指标的参评企业"),
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
                order=alt.Order("place:O"), color=_tier_colour(alt, marks), description=f"{HOVER}:N",
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


# ------------------------------------------------------------------------------------------------------------ migration


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
        "migration", title, _basis(year, whole, "家两年都有档次的企业"),
        f"行是{year.last_words}，列是本年的。对角线上不变，左下是升档，右上是降档。", rows.with_columns(hover), draw,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ townships, industries

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
        _basis(year, int(rows["counted"].sum()), "家企业"),
        how,
        rows.with_columns(hover.alias(HOVER)),
        draw,
    )


# --------------------------------------------------------------------------------------------------------------- common


def _tier_colour(alt: Any, marks: Mapping[str, str]) -> Any:
    kinds = list(marks)
    return alt.Color("tier:N", title="档次", scale=alt.Scale(domain=kinds, range=[marks[t] for t in kinds]))


def _basis(year: CountyYear, count: int, what: str) -> str:
    day = f"，数据截至 {year.day.isoformat()}" if year.day is not None else ""
    return f"{year.place} {year.year} 年度，{count} {what}{day}"
