"""What papers say of a county's year: every sentence is made from the result and is true of any data.

A sentence that has nothing to say is left out. A paper quotes these sentences; it never has figures of its own.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from mujun.dataclass import dataclass
from mujun.reports.charts.beside_last_year import compared_rows, movement
from mujun.reports.charts.of_county import holding_rows, holding_title
from mujun.reports.county.county_year import CountyYear
from mujun.reports.county.wording import amount, group_name, grown, percent, spoken
from mujun.reports.drawing.labels import places_of
from mujun.reports.drawing.publishing import public_names
from mujun.reports.year import summary

NAMED = 3
"""Enterprises that a sentence names; of more it says how many."""

QUANTITIES = (
    ("land_mu", "用地", "亩"),
    ("tax", "", "万元"),
    ("value_added", "增加值", "万元"),
    ("energy_tce", "能耗", "吨标煤"),
)


@dataclass(frozen=True)
class Said:
    """A paragraph: a few words that lead, and sentences."""

    lead: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it as one paragraph."""
        return "".join(self.sentences)


def county_text(year: CountyYear) -> tuple[Said, ...]:
    """What a briefing says, part by part; parts without anything to say are left out."""
    if year.firms.is_empty():
        return (Said("总体情况", (f"{year.place}没有 {year.year} 年度的企业。",)),)
    parts = (
        Said("总体情况", (*overall(year), *against_last(year))),
        Said("档次分布", tier_counts(year)),
        Said("升降情况", moved(year)),
        Said("镇街情况", (*groups(year, "township"),)),
        Said("行业情况", (*groups(year, "industry_division"),)),
        Said("高耗低效整治", listing(year)),
        Said("资源要素差别化配置", money(year)),
        Said("下一步", next_steps(year)),
    )
    return tuple(p for p in parts if p.sentences)


def overall(year: CountyYear) -> tuple[str, ...]:
    """How many enterprises, and what they add up to."""
    total = summary.total_of(year.facts).row(0, named=True)
    told = [f"{year.year} 年度{year.place}名录企业 {total['enterprises']} 家，其中参评 {total['counted']} 家。"]
    sums = [
        f"{label or year.facts.tax_label} {spoken(total[name], unit)}"
        for name, label, unit in QUANTITIES
        if total[name] is not None
    ]
    if sums and total["counted"]:
        told.append(f"参评企业合计：{'，'.join(sums)}。")
    ratios = [
        f"{r.label} {amount(total[r.name], places_of(r.unit))} {r.unit}"
        for r in year.facts.ratios
        if total[r.name] is not None
    ]
    if ratios:
        told.append(f"按合计之比，{'，'.join(ratios)}。")
    return tuple(told)


def against_last(year: CountyYear) -> tuple[str, ...]:
    """How the ratios grew against the year before by the same rules."""
    if year.facts_last is None:
        return ()
    now = summary.total_of(year.facts).row(0, named=True)
    last = summary.total_of(year.facts_last).row(0, named=True)
    told = [
        f"{r.label}{grown(now[r.name], last[r.name])}" for r in year.facts.ratios if grown(now[r.name], last[r.name])
    ]
    return (f"上年数据按本年规则同口径计算，{'，'.join(told)}。",) if told else ()


def tier_counts(year: CountyYear) -> tuple[str, ...]:
    """Counts per cohort and tier, and what the last tier holds."""
    told = []
    graded = year.firms.filter(pl.col("treatment") == "rated", pl.col("tier").is_not_null())
    firms_in = {(c, t): n for c, t, n in graded.group_by("cohort", "tier").len().iter_rows()}
    for cohort, label in year.facts.cohorts.items():
        counts = {t: firms_in.get((cohort, t), 0) for t in year.facts.tiers}
        whole = sum(counts.values())
        if not whole:
            continue
        parts = [
            f"{t} 档 {n} 家，占 {percent(summary.share_of(n, whole))}"
            for t, n in counts.items()
            if n or t in year.ladder
        ]
        told.append(f"{label}划档 {whole} 家：{'；'.join(parts)}。")
    held = holding_rows(year)
    if held["what"].n_unique() > 1:
        told.append(holding_title(year, held))
    if not year.document.rating.binding and told:
        told.append("本年度为试评价，结果不作为执行依据。")
    return tuple(told)


def moved(year: CountyYear) -> tuple[str, ...]:
    """Who rose and who fell; those who came into the last tier by name."""
    rose, stayed, fell = movement(year)
    if not rose + stayed + fell:
        return ()
    told = [
        f"与{year.last_words}相比，两年都有档次的 {rose + stayed + fell} 家中"
        f"升档 {rose} 家、降档 {fell} 家、不变 {stayed} 家。"
    ]
    worst = year.ladder[-1]
    newly = year.rated.filter(
        pl.col("tier") == worst, pl.col("tier_last").is_in(list(year.ladder)), pl.col("tier_last") != worst
    )
    if newly.height:
        told.append(f"新落入 {worst} 档的有 {newly.height} 家：{names(year, newly)}。")
    left = year.rated.filter(pl.col("tier_last") == worst, pl.col("tier") != worst)
    if left.height:
        told.append(f"离开 {worst} 档的有 {left.height} 家：{names(year, left)}。")
    return tuple(told)


def groups(year: CountyYear, by: str) -> tuple[str, ...]:
    """The best and the worst township or industry, who gained most, and where the last tier's land lies."""
    what = "镇街" if by == "township" else "行业"
    if year.facts.rows[by].n_unique() < 2 or (rows := compared_rows(year, by)).height < 2:
        return ()
    ratio = year.facts.ratios[0]
    places = places_of(ratio.unit)
    best, worst = rows.row(0, named=True), rows.row(-1, named=True)
    told = [
        f"{ratio.label}最高的{what}是{best['group']}（{amount(best['now'], places)} {ratio.unit}），"
        f"最低的是{worst['group']}（{amount(worst['now'], places)} {ratio.unit}）。"
    ]
    changed = rows.filter(pl.col("last") > 0).with_columns(((pl.col("now") / pl.col("last") - 1) * 100).alias("by"))
    if changed.height > 1:
        most = changed.sort("by", "group", descending=[True, False]).row(0, named=True)
        least = changed.sort("by", "group").row(0, named=True)
        up = "提高最多" if most["by"] > 0 else "下降最少"
        down = "下降最多" if least["by"] < 0 else "提高最少" if least["by"] > 0 else "变化最小"
        told.append(f"同口径比上年，{up}的是{most['group']}，{_by(most)}；{down}的是{least['group']}，{_by(least)}。")
    held = worst_land(year, by)
    if held is not None:
        group, land, share = held
        worst_tier = year.ladder[-1]
        told.append(
            f"{worst_tier} 档企业用地最多的{what}是{group}，{spoken(land, '亩')}，"
            f"占全部 {worst_tier} 档用地的 {percent(share)}。"
        )
    return tuple(told)


def worst_land(year: CountyYear, by: str) -> tuple[str, Decimal, Decimal | None] | None:
    """The township or industry whose firms of the last tier hold the most land: its name, the land, its share of it."""
    rows = year.rated.filter(pl.col("tier") == year.ladder[-1], pl.col("land_mu") > 0, pl.col(by).is_not_null())
    if rows.is_empty():
        return None
    sums = rows.group_by(by).agg(pl.col("land_mu").sum()).sort("land_mu", by, descending=[True, False])
    group, land = sums.row(0)
    whole = rows["land_mu"].sum()
    return group_name(by, group), land, land * 100 / Decimal(str(whole))


def listing(year: CountyYear) -> tuple[str, ...]:
    """How many are to be rectified, what is expected, and where most of them are."""
    if year.document.rectification is None:
        return ()
    rows = year.firms.filter("listed")
    if rows.is_empty():
        return ("没有企业符合列入高耗低效整治清单的条件。",)
    told = [f"符合列入高耗低效整治清单条件的企业 {rows.height} 家"]
    land = rows["land_mu"].sum()
    told[0] += f"，用地 {spoken(land, '亩')}。" if land else "。"
    effects = [
        f"{label} {spoken(rows[name].sum(), unit)}"
        for name, label, unit in (("expected_land_mu", "用地", "亩"), ("expected_energy_tce", "用能", "吨标煤"))
        if rows[name].count()
    ]
    if effects:
        told.append(f"按规则测算，预计腾出{'、'.join(effects)}。")
    most = rows.filter(pl.col("township").is_not_null()).group_by("township").len().sort(
        "len", "township", descending=[True, False]
    )  # fmt: skip
    if most.height > 1:
        told.append(f"家数最多的镇街是{most.row(0)[0]}（{most.row(0)[1]} 家）。")
    return tuple(told)


def money(year: CountyYear) -> tuple[str, ...]:
    """What tiers come to in money."""
    if year.document.allocation is None:
        return ()
    total = summary.total_of(year.facts).row(0, named=True)
    rows = year.firms
    told = []
    for name, what in (("surcharge", "加价"), ("relief", "减免")):
        count = rows.filter(pl.col(name) > 0).height
        if count:
            told.append(f"差别化{what} {spoken(total[name], '万元')}，涉及企业 {count} 家。")
    return tuple(told) or ("按规则计算，没有企业需要加价或享受减免。",)


def next_steps(year: CountyYear) -> tuple[str, ...]:
    """What follows from the figures: each step names where to begin."""
    told = []
    held = worst_land(year, "township")
    worst = year.ladder[-1]
    if held is not None:
        told.append(f"以{held[0]}的 {worst} 档企业用地为重点，逐家核查、逐地制定整治方案。")
    if year.document.rectification is not None:
        dated = year.document.rectification.filter(pl.col("credit_code").is_in(year.firms["credit_code"].implode()))
        days = dated["deadline"].drop_nulls()
        if days.len():
            first = min(days.to_list())
            due = dated.filter(pl.col("deadline") == first).height
            told.append(
                f"按整治清单逐月督查，最早的完成时限是 {first.year} 年 {first.month} 月 {first.day} 日，到期 {due} 家。"
            )
    blank = blanks(year)
    if blank:
        most = sorted(blank, key=lambda b: -b[1])[:NAMED]
        rest = "等" if len(blank) > NAMED else ""
        told.append(f"核实缺漏的数据，参评企业中 {'，'.join(f'{n} 家没有{label}数据' for label, n in most)}{rest}。")
    risen = year.rated.filter(pl.col("tier") == worst).height
    if risen:
        told.append(f"向 {risen} 家 {worst} 档企业逐家送达评价说明，告知差在哪里、怎样升档。")
    if len(told) < 2:
        return tuple(told)
    return tuple(f"{numeral}是{step}" for numeral, step in zip("一二三四", told, strict=False))


def blanks(year: CountyYear) -> list[tuple[str, int]]:
    """Indicators that count in a firm's own score and that it lacks: what, and how many firms."""
    rating = year.document.rating
    codes = year.firms.filter("counted")["credit_code"]
    rows = rating.enterprises.filter(pl.col("credit_code").is_in(codes.implode()))
    counts: dict[str, int] = {}
    for item in rating.plan.items:
        missing = rows.filter(pl.col("cohort") == item.cohort, pl.col(item.indicator).is_null()).height
        label = rating.plan.rating.indicators[item.indicator].label or item.indicator
        counts[label] = counts.get(label, 0) + missing
    return [(label, n) for label, n in counts.items() if n]


def names(year: CountyYear, rows: pl.DataFrame) -> str:
    """The names of some enterprises, those with the most land first, natural persons masked."""
    ordered = rows.sort("land_mu", "credit_code", descending=[True, False], nulls_last=True).head(NAMED)
    shown = public_names(ordered, year.document.ruleset)
    return "、".join(shown) + ("等" if rows.height > NAMED else "")


def _by(row: dict[str, object]) -> str:
    """By how much a group rose or fell, in words."""
    by = Decimal(amount(row["by"], 1).replace(",", ""))
    return "与上年持平" if by == 0 else f"{'提高' if by > 0 else '下降'} {abs(by)}%"
