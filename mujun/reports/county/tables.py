"""The tables of the county report: what a sentence and a chart above them rest on."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import polars as pl

from mujun.reports.charts import beside_last_year
from mujun.reports.county.county_year import CountyYear
from mujun.reports.county.parts import Folded, Grid, Part, Text
from mujun.reports.county.wording import amount, group_name, grown, percent
from mujun.reports.drawing.labels import places_of
from mujun.reports.drawing.wording import treatment_words
from mujun.reports.year import summary


def headline(year: CountyYear) -> Part:
    """The main figures, beside the year before by the same rules."""
    now = summary.total_of(year.facts).row(0, named=True)
    last = summary.total_of(year.facts_last).row(0, named=True) if year.facts_last is not None else None
    lines: list[tuple[str, str, str, int]] = [
        ("enterprises", "名录企业", "家", 0),
        ("counted", "参评企业", "家", 0),
        ("land_mu", "用地", "亩", 2),
        ("tax", year.facts.tax_label, "万元", 2),
        ("value_added", "增加值", "万元", 2),
        ("energy_tce", "能耗", "吨标煤", 2),
        *((r.name, r.label, r.unit, places_of(r.unit)) for r in year.facts.ratios),
    ]
    rows = [
        (
            label,
            unit,
            amount(now[n], p),
            *((amount(last[n], p), grown(now[n], last[n]) or "—") if last is not None else ()),
        )
        for n, label, unit, p in lines
    ]
    titles = ("项目", "单位", "本年") + (("上年（按本年规则）", "变化") if last is not None else ())
    return Grid(titles, tuple(rows), "用地、税收等为参评企业合计；亩均等为合计之比，不是各企业的平均")


def targets(year: CountyYear) -> tuple[Part, ...]:
    """The ratios beside the plan's targets for them, where the rule set has targets.yaml.

    A target that is called 规上 is held against the 规上 enterprises that were rated.
    """
    file = year.document.ruleset.targets
    if file is None:
        return ()
    ratios = {r.name: r for r in year.facts.ratios}
    rows = []
    for target in file.targets:
        ratio = ratios.get(target.id)
        aims = sorted((y, v) for y, v in target.targets.items() if y >= year.year)
        if ratio is None or ratio.unit != target.unit or target.kind != "level" or not aims:
            continue
        which = pl.col("scale") == "规上" if target.label.startswith("规上") else pl.lit(value=True)
        reached = summary.total_of(summary.only(year.facts, which))[ratio.name].item()
        (when, aim), places = aims[0], places_of(ratio.unit)
        share = percent(Decimal(repr(reached)) * 100 / aim) if reached is not None and aim > 0 else "—"
        doubt = "（原表存疑）" if when in target.doubtful else ""
        rows.append(
            (target.label, target.unit, amount(reached, places), f"{when} 年{doubt}", amount(aim, places), share)
        )
    titles = ("目标", "单位", "本年", "目标年份", "目标值", "达到目标的")
    caption = "与目标相比（按本规则集的口径计算，其他目标见督查通报）"
    return (Grid(titles, tuple(rows), caption),) if rows else ()


def tier_table(year: CountyYear) -> Part:
    """Counts, land, tax and ratios per cohort and tier."""
    treated = treatment_words()
    by_tier = summary.by_tier(year.facts)
    ratios = year.facts.ratios
    rows: list[tuple[str, ...]] = []
    totals: set[int] = set()
    for r in by_tier.iter_rows(named=True):
        name = f"{r['label']}合计" if r["total"] else r["label"] or "不划档"
        tier = r["tier"] or (treated.get(r["treatment"], "") if r["treatment"] else "—")
        if r["total"]:
            totals.add(len(rows))
        rows.append(
            (
                name,
                tier,
                amount(r["enterprises"], 0),
                percent(r["share"]),
                *(amount(r[c]) for c in ("land_mu", "tax", "value_added", "energy_tce")),
                *(amount(r[x.name], places_of(x.unit)) for x in ratios),
            )
        )
    titles = (
        "评价组别",
        "档次",
        "家数",
        "占比",
        "用地（亩）",
        f"{year.facts.tax_label}（万元）",
        "增加值（万元）",
        "能耗（吨标煤）",
        *(f"{x.label}（{x.unit}）" for x in ratios),
    )
    return Grid(titles, tuple(rows), "", frozenset(totals))


def group_table(year: CountyYear, by: str) -> Part:
    """A row per township or industry, with the change of the first ratio."""
    groups = summary.by_group(year.facts, by)
    last = summary.by_group(year.facts_last, by) if year.facts_last is not None else None
    ratio = year.facts.ratios[0]
    before = dict(zip(last[by], last[ratio.name], strict=True)) if last is not None else {}
    worst = year.ladder[-1]
    land = dict(year.rated.filter(pl.col("tier") == worst).group_by(by).agg(pl.col("land_mu").sum()).iter_rows())
    rows: list[tuple[str, ...]] = []
    totals: set[int] = set()
    for r in groups.iter_rows(named=True):
        if r["total"]:
            totals.add(len(rows))
            name, held = "合计", sum((v for v in land.values() if v is not None), Decimal(0))
        else:
            name, held = group_name(by, r[by]), land.get(r[by])
        rows.append(
            (
                name or "—",
                amount(r["enterprises"], 0),
                amount(r["counted"], 0),
                *(amount(r[f"tier:{t}"], 0) for t in year.facts.tiers),
                amount(r["land_mu"]),
                amount(held),
                amount(r["tax"]),
                *(amount(r[x.name], places_of(x.unit)) for x in year.facts.ratios),
                *((grown(r[ratio.name], before.get(r[by])) or "—",) if last is not None else ()),
                amount(r["listed"], 0),
            )
        )
    titles = (
        beside_last_year.NAMES[by],
        "企业",
        "参评",
        *year.facts.tiers,
        "用地（亩）",
        f"其中 {worst} 档用地",
        f"{year.facts.tax_label}（万元）",
        *(f"{x.label}（{x.unit}）" for x in year.facts.ratios),
        *((f"{ratio.label}比上年",) if last is not None else ()),
        "列入整治",
    )
    return Grid(titles, tuple(rows), "", frozenset(totals))


def movers(year: CountyYear) -> tuple[Part, ...]:
    """Who rose and fell by two tiers or more, or into or out of the last one."""
    place = {t: i for i, t in enumerate(year.ladder)}
    index = [pl.col(c).replace_strict(place, default=None, return_dtype=pl.Int64) for c in ("tier_last", "tier")]
    both = year.rated.with_columns((index[0] - index[1]).alias("steps")).filter(pl.col("steps").fill_null(0) != 0)
    if both.is_empty():
        return ()
    ordered = both.sort("steps", "land_mu", "credit_code", descending=[False, True, False], nulls_last=True)
    rows = [
        (r["name"] or r["credit_code"], r["township"] or "—", r["tier_last"], r["tier"], amount(r["land_mu"]))
        for r in ordered.head(year.rows_at_most).iter_rows(named=True)
    ]
    grid = Grid(("企业", "镇街", "上年", "本年", "用地（亩）"), tuple(rows))
    basis = f"“上年”是{year.last_words}。"
    title = f"{both.height} 家升降档企业（降得多的在前）{_capped(year, both.height)}"
    return (Folded(title, (Text(basis, quiet=True), grid)),)


def listed(year: CountyYear) -> tuple[Part, ...]:
    """The list with reasons."""
    listing = year.document.rectification
    if listing is None:
        return ()
    listing = listing.filter(pl.col("credit_code").is_in(year.firms["credit_code"].implode()))
    if listing.is_empty():
        return (Text("没有企业符合列入条件。"),)
    reasons = (
        listing.select(pl.col("reason_text").str.split("；").alias("r"))
        .explode("r")
        .group_by("r")
        .len()
        .sort("len", "r", descending=[True, False])
    )
    counts = Grid(("列入理由（一家可有几条）", "家数"), tuple((str(r), amount(n, 0)) for r, n in reasons.iter_rows()))
    rows = [
        (
            r["name"] or r["credit_code"],
            r["township"] or "—",
            r["tier"] or "—",
            amount(r["land_mu"]),
            r["reason_text"] or "",
            r["path"] or "待定",
            str(r["deadline"] or "—"),
        )
        for r in listing.sort("township", "credit_code", nulls_last=True).head(year.rows_at_most).iter_rows(named=True)
    ]
    grid = Grid(("企业", "镇街", "档次", "用地（亩）", "列入理由", "整治方式", "完成时限"), tuple(rows))
    return (counts, Folded(f"全部 {listing.height} 家{_capped(year, listing.height)}", (grid,)))


def measures(year: CountyYear) -> tuple[Part, ...]:
    """What each measure comes to."""
    if year.document.allocation is None:
        return ()
    totals = summary.by_measure(year.document.allocation).filter("total")
    labels = {"surcharge": "加价", "relief": "减免"}
    named = _measure_labels(year)
    rows = [
        (
            named.get(r["measure"], r["measure"]),
            labels.get(r["kind"], r["kind"]),
            amount(r["enterprises"], 0),
            amount(r["amount"]),
            r["unit"] or "—",
        )
        for r in totals.iter_rows(named=True)
    ]
    return (Grid(("措施", "类别", "企业（家）", "数额", "单位"), tuple(rows)),)


def _measure_labels(year: CountyYear) -> dict[str, str]:
    return {m.id: m.label or m.id for part in year.document.ruleset.allocation_parts for m in part.measures}


def why(year: CountyYear) -> tuple[Part, ...]:
    """The firms of the last two tiers: score, place, where most points were lost, and what rules did."""
    last = year.ladder[-2:] if len(year.ladder) > 2 else year.ladder[-1:]
    codes = year.rated.filter(pl.col("tier").is_in(list(last)))["credit_code"]
    ratings = year.document.rating.enterprises.filter(pl.col("credit_code").is_in(codes.implode()))
    if ratings.is_empty():
        return ()
    place = {t: i for i, t in enumerate(year.facts.tiers)}
    rank = pl.col("tier").replace_strict(place, default=99, return_dtype=pl.Int64)
    ordered = ratings.sort(rank, "score", "credit_code", descending=[True, False, False], nulls_last=True)
    lost = _lost(year)
    rows = [
        (
            r["name"] or r["credit_code"],
            r["township"] or "—",
            year.facts.cohorts.get(r["cohort"], "—"),
            r["tier"],
            amount(r["score"]),
            f"{r['rank']}/{r['size']}" if r["rank"] is not None else "—",
            lost(r),
            _ruled(r),
        )
        for r in ordered.head(year.rows_at_most).iter_rows(named=True)
    ]
    titles = (
        "企业",
        "镇街",
        "评价组别",
        "档次",
        "综合得分",
        "名次/排名数",
        "失分最多的两项（得分/满分）",
        "划档与规则",
    )
    note = "满分按该组的权重；名次落在哪一段就是哪一档，再看规则是否改变。每家完整的算式见“评价说明”。"
    summary_line = f"{'、'.join(last)} 档 {ordered.height} 家{_capped(year, ordered.height)}"
    return (Folded(summary_line, (Text(note, quiet=True), Grid(titles, tuple(rows)))),)


def _lost(year: CountyYear) -> Callable[[dict[str, object]], str]:
    """The two indicators in which a firm lost most, with points and weight."""
    rating = year.document.rating.plan.rating
    weights = {(i.cohort, i.indicator): i.item.weight for i in year.document.rating.plan.items}
    labels = {n: i.label or n for n, i in rating.indicators.items()}

    def most_lost(row: dict[str, object]) -> str:
        gaps = []
        for (cohort, name), weight in weights.items():
            points = row.get(f"{name}_points")
            if cohort == row["cohort"] and points is not None:
                gap = Decimal(str(weight)) - Decimal(str(points))
                if gap > 0:
                    gaps.append((-gap, labels[name], points, weight))
        return "；".join(f"{label} {amount(p)}/{amount(w, 0)}" for _, label, p, w in sorted(gaps)[:2]) or "—"

    return most_lost


def _ruled(row: dict[str, object]) -> str:
    cut, tier, reason = row.get("tier_cut"), row["tier"], row.get("reason")
    if cut is not None and cut != tier:
        return f"按名次划为 {cut} 档，{reason or '按规则'}，调为 {tier} 档"
    return str(reason) if reason else "按名次划档"


def firms(year: CountyYear) -> tuple[Part, ...]:
    """Every enterprise of the part in one line."""
    ratio = year.facts.ratios
    rows = [
        (
            r["name"] or r["credit_code"],
            r["scale"] or "—",
            r["tier"] or "—",
            r["tier_last"] or "—",
            amount(r["score"]),
            amount(r["land_mu"]),
            amount(r["tax"]),
            *(amount(r[x.name], places_of(x.unit)) for x in ratio),
            "是" if r["listed"] else "",
        )
        for r in year.firms.sort("land_mu", "credit_code", descending=[True, False], nulls_last=True)
        .head(year.rows_at_most)
        .iter_rows(named=True)
    ]
    titles = (
        "企业",
        "规模",
        "档次",
        "上年",
        "综合得分",
        "用地（亩）",
        f"{year.facts.tax_label}（万元）",
        *(f"{x.label}（{x.unit}）" for x in ratio),
        "列入整治",
    )
    return (Text(f"按用地从多到少{_capped(year, year.firms.height)}。", quiet=True), Grid(titles, tuple(rows)))


def _capped(year: CountyYear, count: int) -> str:
    most = year.rows_at_most
    return f"，这里列出前 {most} 家，其余见工作簿" if count > most else ""
