"""The charts of a county's year, each made here once for page, Word and workbench.

Every function gives `None` where there is too little to draw. The data behind a chart are plain rows that a test can
hold; the sentence above it is made from the same rows.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl

from mujun.numbers import divided, round_decimal
from mujun.reports.charts.beside_last_year import compared, migration
from mujun.reports.charts.chart import HOVER, ROWS, Chart, altair
from mujun.reports.charts.distributions import distribution, scores
from mujun.reports.charts.drawn_alike import FEWEST, HEIGHT, WIDTH, basis_of, tier_colour
from mujun.reports.county.county_year import CountyYear
from mujun.reports.county.wording import percent
from mujun.reports.drawing.colours import QUIET, tier_marks, tier_shapes
from mujun.reports.year import summary
from mujun.reports.year.summary import Ratio

DRAWN = 4_000
"""Points that a browser draws with ease; of more firms a part is drawn, spread evenly over the order of their codes."""

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
        bars = base.mark_bar().encode(color=tier_colour(alt, marks), description=f"{HOVER}:N")
        return bars.properties(width=WIDTH - 120, height=alt.Step(34))

    return Chart(
        "tiers", tiers_title(rows), basis_of(year, int(rows["enterprises"].sum()), "家参评企业"),
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
                color=tier_colour(alt, marks),
                description=f"{HOVER}:N",
            )
            .properties(width=WIDTH - 120, height=alt.Step(30))
        )

    return Chart(
        "holdings", holding_title(year, rows), basis_of(year, year.rated.height, "家参评企业"),
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
        "lorenz", title, basis_of(year, year.rated.height, "家参评企业"),
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
                color=tier_colour(alt, marks), shape=shape, description=f"{HOVER}:N",
            )
            .properties(width=WIDTH - 120, height=HEIGHT + 60)
        )  # fmt: skip

    return Chart("scatter", title, basis_of(year, both.height, "家两项指标都有的参评企业"), how, rows, draw)
