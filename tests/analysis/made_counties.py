"""Small counties and rule sets drawn for the trial of the way up: ties, gaps, zeros, and rules of every kind.

They are made from the words of docs/rules, not from the code that searches ways up.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

Rules = dict[str, Any]
Row = dict[str, Any]
T = TypeVar("T")
D = Decimal

INDICATORS: dict[str, Rules] = {
    "tax_per_mu": {"label": "亩均税收", "unit": "万元/亩", "of": "rated_tax", "per": "land_mu"},
    "va_per_mu": {"label": "亩均增加值", "of": "value_added", "per": "land_mu"},
    "rd_ratio": {"label": "研发强度", "of": "rd_expense", "per": "revenue"},
    "per_head": {"label": "劳动生产率", "of": "value_added", "per": "employees"},
    "va_per_tce": {"label": "单位能耗增加值", "of": "value_added", "per": "energy_tce"},
    "energy_use": {"label": "单位增加值能耗", "of": "energy_tce", "per": "value_added"},
    "tax_per_kwh": {"label": "单位用电税收", "of": "rated_tax", "per": "electricity_10k"},
    "growth": {"label": "税收增长率", "value": "tax_paid / tax_paid_last - 1"},
    "margin": {"label": "利润率", "value": "profit / revenue"},
}
LESS_IS_BETTER = {"energy_use"}
USUAL = {
    "tax_per_mu": 12, "va_per_mu": 60, "rd_ratio": D("0.03"), "per_head": 18, "va_per_tce": 2, "energy_use": D("0.5"),
    "tax_per_kwh": 2, "growth": D("0.1"), "margin": D("0.06"),
}  # fmt: skip
FIELDS: Rules = {
    "rated_tax": {"label": "评价税收", "unit": "万元", "value": "tax_paid + coalesce(tax_credit, 0)"},
    "electricity_10k": {"label": "用电量万千瓦时", "unit": "万千瓦时", "value": "electricity_kwh * 0.0001"},
}


class MadeCounty(NamedTuple):
    """What `rate` takes."""

    rules: Rules
    rows: list[Row]


def made_county(seed: int, firms: int | None = None) -> MadeCounty:
    """A county and its rules; the same for the same seed."""
    draw = random.Random(seed)
    rows = _rows(draw, firms or draw.choice([30, 36, 45]))
    return MadeCounty(_rules(draw), rows)


def _once_in(draw: random.Random, times: int) -> bool:
    return draw.randrange(times) == 0


def _several(draw: random.Random, options: Sequence[T], low: int, high: int) -> list[T]:
    return draw.sample(list(options), min(len(options), draw.randint(low, high)))


def _rows(draw: random.Random, count: int) -> list[Row]:
    def sizes(middle: float, spread: float, places: int) -> list[Decimal]:
        """Few values, so that many firms share one; many in some counties."""
        kinds = draw.choice([4, 8, 200])
        return [round(D(str(draw.lognormvariate(middle, spread))), places) for _ in range(kinds)]

    columns = {
        "land_mu": [*sizes(2.2, 0.8, draw.choice([0, 1, 3])), D("2.9"), D(3), D("5.979"), D("3.001")],
        "tax_paid": sizes(4.5, 1.0, draw.choice([0, 2, 4])), "tax_credit": [D(0), *sizes(1, 1, 1)],
        "value_added": sizes(6, 1, draw.choice([0, 2])), "revenue": sizes(7.5, 1, 1), "rd_expense": sizes(4, 1, 1),
        "employees": sizes(3, 1, 0), "energy_tce": sizes(5.3, 1, draw.choice([0, 2])),
        "electricity_kwh": sizes(13, 1, 0), "profit": [*sizes(4, 1, 1), D("-12.5")], "tax_paid_last": sizes(4.5, 1, 1),
    }  # fmt: skip
    gaps = {n: draw.choice([0.0, 0.05, 0.2]) for n in columns} | {"land_mu": 0.0}
    zeros = {n: draw.choice([0.0, 0.04]) for n in columns} | {"land_mu": 0.0}
    rows = []
    for n in range(count):
        row: Row = {}
        for name, values in columns.items():
            lot = draw.random()
            value = draw.choice(values)
            row[name] = None if lot < gaps[name] else D(0) if lot < gaps[name] + zeros[name] else value
        row |= {
            "credit_code": f"E{n:03d}", "scale": draw.choice(["规上", "规下"]),
            "industry": draw.choice(["1711", "3311", "3812"]), "township": draw.choice(["甘霖镇", "长乐镇"]),
            "labels": draw.choice([[], [], [], ["奖"], ["事故"], ["奖", "上市"]]),
            "started_on": draw.choice([date(2015, 3, 1), date(2015, 3, 1), date(2015, 3, 1), date(2022, 3, 1)]),
            "group_code": draw.choice([None, None, None, f"G{n // 9}"]),
        }  # fmt: skip
        row["industry_division"] = row["industry"][:2]
        rows.append(row)
    return rows


def _item(draw: random.Random, name: str, statistics: Rules) -> Rules:
    usual, less = D(str(USUAL[name])), name in LESS_IS_BETTER
    method = draw.choice(
        ["inverse", "inverse", "linear", "steps", "formula"]
        if less
        else ["ratio", "ratio", "ratio", "minmax", "percentile", "linear", "steps", "formula"]
    )
    item: Rules = {"weight": draw.choice([10, 20, 30, D("33.3")])} | ({} if method == "ratio" else {"method": method})
    if method in ("ratio", "inverse", "formula"):
        ratio = "of" in INDICATORS[name]
        kinds = ["number", "number", "group", "mean", "peers"]
        kind = draw.choice(kinds if ratio else ["number"])
        item["benchmark"] = usual
        if kind == "group":
            over = _several(draw, ["cohort", "industry_division"], 0, 2)
            made = {"stat": "ratio_of_sums", "of": INDICATORS[name]["of"], "per": INDICATORS[name]["per"]}
            statistics[f"g_{name}"] = made | {"over": over, "min_members": draw.choice([1, 3]), "otherwise": usual}
            item["benchmark"] = f"coalesce(nullif(g_{name}, 0), {usual})"
        elif kind == "mean":
            stat = draw.choice(["mean", "median"])
            statistics[f"m_{name}"] = {"stat": stat, "of": name, "over": draw.choice([[], ["cohort"]])}
            item["benchmark"] = f"coalesce(nullif(greatest(m_{name}, 0), 0), {usual})"
        elif kind == "peers":
            item["benchmark"] = {
                "peers": draw.choice(["ratio_of_sums", "mean", "median"]), "over": ["industry_division"],
                "among": draw.choice(["all", "rated", "cohort"]), "min_members": 3, "otherwise": usual,
            }  # fmt: skip
    if method == "inverse":
        item["zero_at"] = draw.choice([2, 3])
    if method == "minmax":
        item |= {"start": draw.choice([0, D("0.2")]), "flat": draw.choice(["full", "start"])}
        if _once_in(draw, 2):
            item["over"] = draw.choice([[], ["cohort", "industry_division"], ["township"]])
    if method == "linear":
        shares = [1, D("0.6"), D("0.1")] if less else [0, D("0.6"), 1]
        item["points"] = [[usual * t, s] for t, s in zip((D("0.3"), D(1), D(3)), shares, strict=True)]
    if method == "steps":
        shares = [0, D("0.3"), D("0.8"), 1] if less else [1, D("0.7"), D("0.25"), 0]
        item["steps"] = [
            {"at_least": usual * t, "share": s} for t, s in zip((D(2), D(1), D("0.4"), D(0)), shares, strict=True)
        ]
    if method == "formula":
        falling, rising = "weight * (2 - value / benchmark)", "weight * ln(1 + greatest(value, 0) / benchmark)"
        item["formula"] = falling if less else rising
    if method in ("ratio", "formula", "linear") and not _once_in(draw, 3):
        item["cap"] = draw.choice([1, D("1.2"), D("1.5")])
    if _once_in(draw, 4):
        item["floor"] = draw.choice([D("0.2"), D("-0.5")])
    item["missing"] = draw.choice(["zero", "zero", "cohort_mean", "reweight", {"points": 6}, "full"])
    if "of" in INDICATORS[name] and _once_in(draw, 3):
        item["zero_denominator"] = draw.choice(["full", "zero", "cohort_mean"])
    if _once_in(draw, 4):
        item["negative"] = draw.choice(["zero", {"points": 1}])
    if method == "ratio" and name == "va_per_tce" and _once_in(draw, 2):
        item["fallback"] = {"indicator": "tax_per_kwh", "benchmark": 2}
    return item


SPECIAL: list[Rules] = [
    {"when": "started_on + interval '2 years' > as_of", "treatment": "own_tier", "tier": "T", "reason": "投产不足两年"},
    {"when": "tax_paid < 20", "treatment": "out", "reason": "税收不足20万元"},
    {"when": "land_mu >= 60", "treatment": "own_tier", "tier": "A", "reason": "用地60亩以上单列"},
    {"when": "value_added > 3000", "treatment": "ungraded", "reason": "大企业不定档"},
    {"when": "energy_tce > 900", "treatment": "measured", "reason": "高耗能只算指标"},
]
BEFORE: list[Rules] = [
    {"when": "rated_tax >= 400", "set": "A", "reason": "税收400万元以上直接列A类", "in_base": True},
    {"when": "score >= 110", "set": "A", "reason": "得分110以上直接列A类"},
    {"when": "array_contains(labels, '事故') and score < 60", "set": "D", "reason": "事故且低分直接列D类"},
]
AFTER: list[Rules] = [
    {"when": "array_contains(labels, '事故')", "at_most": "C", "reason": "一票否决"},
    {"when": "tax_paid / land_mu < 4", "at_most": "C", "reason": "亩均税收不足4万元，不列A、B类"},
    {"when": "score < 60", "at_most": "B", "reason": "不足60分，不列A类"},
    {"when": "rated_tax < 30", "set": "D", "reason": "税收不足30万元列D类"},
    {"when": "array_contains(labels, '上市')", "move": 1, "reason": "上市企业提一档"},
    {"when": "rank <= 0.3 * size and energy_tce > 500", "move": -1, "reason": "高耗能降一档"},
    {"when": "value_added between 300 and 340", "at_least": "B", "reason": "增加值在300至340万元之间不低于B类"},
    {"when": "array_contains(labels, '奖')", "at_least": "C", "reason": "获奖企业不列D类"},
    {"when": "energy_tce > 300 and scale = '规下'", "at_most": "C", "reason": "规下高耗能"},
]
ADJUSTMENTS: list[Rules] = [
    {"label": "获奖", "when": "array_contains(labels, '奖')", "points": 3},
    {"label": "大额研发", "when": "rd_expense > 100", "points": 4},
    {"label": "用能超限", "when": "energy_tce > 400", "points": -8},
    {"label": "税收贡献", "points": "least(coalesce(tax_paid, 0) / 50, 6)"},
    {"label": "占地过多", "when": "land_mu > 15", "points": "-0.5 * (land_mu - 15)"},
]


def _cut(draw: random.Random, names: Sequence[str]) -> Rules:
    kind = draw.choice(["shares", "shares", "thresholds", "picks", "by"])
    if kind == "shares":
        shares = draw.choice([(20, 60, 95), (10, 40, 80), (33, 50, 75)])
        made: Rules = {"shares": dict(zip("ABCD", (*shares, 100), strict=True))}
        return made | {"rounding": draw.choice(["half_up", "floor", "ceil"]), "ties": draw.choice(["better", "worse"])}
    if kind == "thresholds":
        return {"thresholds": {"A": 85, "B": 60, "C": D("35.5")}, "rest": "D"}
    if kind == "by":
        usual = D(str(USUAL[names[0]]))
        return {"thresholds": {"A": usual * 2, "B": usual, "C": usual / 2}, "rest": "D", "by": names[0]}
    picks = [
        {"id": "best", "tier": "A", "by": [names[0], "score"], "take": 15, "among": "rank <= 0.5 * size"},
        {"id": "next", "tier": "B", "by": ["score"], "take": 30},
        {"id": "last", "tier": "D", "by": ["-score"], "take": 10},
    ]
    return {"picks": picks, "rest": "C"}


def _rules(draw: random.Random) -> Rules:
    names = _several(draw, [n for n in INDICATORS if n not in LESS_IS_BETTER], 2, 4)
    if _once_in(draw, 2):
        names.append("energy_use")
    statistics: Rules = {}
    conditions = _several(draw, ["scale = '规上'", "land_mu >= 10", "tax_paid >= 100"], 0, 2)
    cohorts = [{"id": f"c{i}", "label": f"组{i}", "when": w} for i, w in enumerate([*conditions, "true"])]
    scoring: Rules = {}
    for cohort in cohorts:
        # The first indicator of the county is weighed everywhere: tiers may ask for it.
        chosen = [names[0], *_several(draw, names[1:], 1, 4)]
        scoring[str(cohort["id"])] = {name: _item(draw, name, statistics) for name in chosen}
    rules: Rules = {"fields": FIELDS, "indicators": INDICATORS, "cohorts": cohorts, "scoring": scoring}
    if statistics:
        rules["statistics"] = statistics
    population: Rules = {}
    if _once_in(draw, 5):
        population["subject"] = "group"
    if not _once_in(draw, 3):
        population["scope"] = draw.choice(["scale = '规上' or land_mu >= 3", "land_mu >= 3", "land_mu > 0"])
    special = [
        {"id": f"s{i}", **one} | ({"in_base": True} if one["treatment"] != "ungraded" and _once_in(draw, 3) else {})
        for i, one in enumerate(_several(draw, SPECIAL, 0, 2))
    ]
    if special:
        population["special"] = special
    if population:
        rules["population"] = population
    items = [{"id": f"a{i}", **one} for i, one in enumerate(_several(draw, ADJUSTMENTS, 0, 3))]
    if items:
        if len(items) > 1 and _once_in(draw, 2):
            items = [{**one, "family": "f"} for one in items]
            rules["adjustments"] = {"items": items, "families": {"f": {"max": 5, "min": -6}}}
        else:
            rules["adjustments"] = {"items": items}
        if _once_in(draw, 3):
            rules["adjustments"]["score"] = {"min": 0, "max": draw.choice([100, 120])}
    rules["decimals"] = draw.choice([{"points": 4, "score": 2}, {"points": 2, "score": 1}, {"points": 4, "score": 4}])
    tiers: Rules = {
        "classes": [{"id": t} for t in "ABCDT"],
        "cells": draw.choice([["cohort"], ["cohort"], ["township"], ["cohort", "industry_division"]]),
        "rank_by": draw.choice([["score"], ["score", names[0]], ["score", "-land_mu"]]),
        "cut": {"default": _cut(draw, names)},
    }
    if _once_in(draw, 2):
        tiers["before"] = [{"id": f"b{i}", **one} for i, one in enumerate(_several(draw, BEFORE, 1, 2))]
    after = [{"id": f"r{i}", **one} for i, one in enumerate(_several(draw, AFTER, 0, 3))]
    if after:
        tiers["after"] = after
    return rules | {"tiers": tiers}
