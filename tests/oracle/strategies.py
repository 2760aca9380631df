"""Hypothesis strategies: rule sets valid by the language of section 7 with frames small enough to collide.

Every quantity keeps its unit, so that the rules also pass a checker of units: money is added to money,
compared with numbers, divided by land; benchmarks are numbers, lookups, or statistics of the same indicator.
"""

import csv
import io
import json
import re
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from hypothesis import strategies as st

Rules = dict[str, Any]
Row = dict[str, Any]
T = TypeVar("T")
D = Decimal


class Case(NamedTuple):
    """What `rate` takes."""

    rules: Rules
    rows: list[Row]
    previous: list[Row] | None
    tables: dict[str, list[dict[str, str]]]


# ------------------------------------------------------------------------------------------------------ frames

MONEY = ["tax_paid", "tax_credit", "revenue", "value_added", "profit", "rd_expense"]
AMOUNTS = ["0", "0.000001", "0.5", "1", "1.1", "2", "3", "3.3", "5", "10", "12.345678", "100"]
QUANTITIES = dict.fromkeys([*MONEY, "tax_paid_last", "tax_credit_last", "extra_q", "extra_q_last"], AMOUNTS) | {
    "profit": [*AMOUNTS, "-1", "-3.3"],
    "tax_paid": [*AMOUNTS, "-0.5"],
    "land_mu": ["1", "0", "-1", "0.5", "1", "2", "3", "3", "5", "10", "20.000001"],
    "energy_tce": ["0", "1", "2.5", "30"],
    "electricity_kwh": ["0", "100", "50000", "123456.789"],
    "employees": ["0", "1", "10", "25"],
    "tenants_below": ["0", "1", "2", "3"],
}
LABELS = ["高新技术企业", "上市企业", "安全生产事故"]
TEXTS: dict[str, list[str | None]] = {
    "scale": ["规上", "规下"],
    "industry": ["17", "1761", "34", "3824", "44", None],
    "township": ["甘霖镇", "长乐镇", None],
    "tier_last": ["A", "C", "D", None],
    "group_code": ["G1", "G2", None, None],
    "note": ["x", "y%", "it's", None],
}
DAYS = [date(2015, 2, 28), date(2020, 12, 31), date(2021, 1, 1), date(2022, 2, 28), date(2022, 12, 31), None]


@st.composite
def frames(draw: st.DrawFn, prefix: str = "E") -> list[Row]:
    """0 to 25 enterprises; each column draws from at most four values, so that ties and all-equal are common.

    Hypothesis draws a seed and not the thousand cells, which took longer than to rate them twice.
    """
    source = draw(st.randoms(use_true_random=True))

    def some(options: list[T], low: int, high: int) -> list[T]:
        return source.sample(options, source.randint(low, min(high, len(options))))

    columns: dict[str, list[Any]] = {
        name: [*map(D, some(values, 1, 4)), *([None] if source.randint(1, 3) == 3 else [])]
        for name, values in QUANTITIES.items()
    }
    columns |= {name: some(values, 1, 4) for name, values in TEXTS.items()}
    columns |= {name: some(DAYS, 1, 3) for name in ("started_on", "due")}
    columns["hot"] = some([True, False, None], 1, 3)
    columns["labels"] = [some(LABELS, 0, 2) for _ in range(source.randint(1, 3))]
    columns["parcels"] = [some(["P1", "P2", "P3", "P4", "P5"], 0, 2) for _ in range(source.randint(1, 4))]
    count = source.randint(*source.choice([(2, 12), (0, 4), (8, 25)]))
    rows = []
    for i in source.sample(range(count), count):
        row = {name: source.choice(values) for name, values in columns.items()}
        row |= {"credit_code": f"{prefix}{i:02}", "tenants_below": row["tenants_below"] or D(0)}
        row["tenants"] = some([f"{prefix}{n:02}" for n in range(count) if n != i], 0, 2)
        row["industry_division"] = row["industry"][:2] if row["industry"] else None
        rows.append(row)
    return rows


@st.composite
def lookups(draw: st.DrawFn) -> tuple[Rules, list[dict[str, str]]]:
    """A table `guide` with wildcards; `guide_base` is a number, `guide_group` a text."""
    values = {"industry_division": ["17", "34", "*"], "scale": ["规上", "规下", "*"], "township": ["甘霖镇", "*"]}
    keys = several(draw, list(values), 1, 2)
    picked = draw(
        st.lists(st.tuples(*(st.sampled_from(values[key]) for key in keys)), min_size=1, max_size=5, unique=True)
    )
    rows = [
        dict(zip(keys, one, strict=True))
        | {"base": one_of(draw, ["1", "2.5", "10", ""]), "group": one_of(draw, ["纺织", "机械", ""])}
        for one in picked
    ]
    rows[0] |= {"base": "4", "group": "纺织"}  # a column that is blank all through has no type
    if often(draw, 3):
        halves = [("", "3"), one_of(draw, [("3", ""), ("3", "10"), ("5", "")])]
        ranged = [{"from": low, "up_to": high} | row for row in rows for low, high in halves]
        return {"guide": {"file": "guide.csv", "keys": keys, "range": one_of(draw, ["land_mu", "tax_paid"])}}, ranged
    return {"guide": {"file": "guide.csv", "keys": keys}}, rows


# ------------------------------------------------------------------------------------------------- expressions


def one_of(draw: st.DrawFn, options: list[T]) -> T:
    return draw(st.sampled_from(options))


def several(draw: st.DrawFn, options: list[T], low: int = 0, high: int = 9) -> list[T]:
    """Distinct members of the options, in a drawn order."""
    if not options:
        return []
    chosen = draw(
        st.lists(st.integers(0, len(options) - 1), unique=True, min_size=low, max_size=min(high, len(options)))
    )
    return [options[i] for i in chosen]


def often(draw: st.DrawFn, one_in: int = 2) -> bool:
    """Once in so many times; shrinks to never, so that failing examples get small."""
    return draw(st.integers(1, one_in)) == one_in


def literal(draw: st.DrawFn) -> str:
    return one_of(draw, ["0", "0.5", "1", "1.1", "2", "3", "3.3", "10"])


def money(draw: st.DrawFn, names: list[str], depth: int = 2) -> str:
    """An exact amount in 万元."""
    if depth == 0 or often(draw, 3):
        return one_of(draw, names)
    a, n = money(draw, names, depth - 1), literal(draw)
    shapes = ["{n} * {a}", "({a} + {b})", "({a} - {b})", "coalesce({a}, 0)", "coalesce({a}, {b})", "greatest({a}, 0)"]
    shapes += ["least({a}, {b})", "abs({a})", "round({a}, 2)", "({a} - {n})", "-({a})", "nullif({a}, {n})"]
    shapes += ["case when {c} then {a} else {b} end", "if({c}, {a}, 0)"]
    shape = one_of(draw, shapes)
    b = money(draw, names, depth - 1) if "{b}" in shape else ""
    return shape.format(a=a, b=b, n=n, c=condition(draw, depth=0) if "{c}" in shape else "")


def float_money(draw: st.DrawFn, names: list[str]) -> str:
    """A float in 万元: divided, or multiplied by a ratio."""
    a, b, n = money(draw, names, 1), one_of(draw, names), one_of(draw, ["3", "7", "1.1"])
    shapes = [
        "{a} / {n}",
        "{a} * (profit / revenue)",
        "{a} / {n} + {b}",
        "coalesce({a} / {n}, {b}) * {n}",
        "floor({a} / {n})",
    ]
    return one_of(draw, shapes).format(a=a, b=b, n=n)


CONDITIONS = [
    "scale = '规上'",
    "scale <> '规上'",
    "land_mu >= {n}",
    "tax_paid < {n}",
    "tax_paid / land_mu < {n}",
    "revenue > value_added",
    "profit between 0 and {n}",
    "profit + tax_paid >= {n} * rd_expense",
    "tax_paid * 1.1 / 1.1 < {n}",
    "industry_division in ('17', '44')",
    "industry_division not in ('17', '34')",
    "industry like '17%'",
    "industry between '17' and '34'",
    "industry not between '1700' and '3800'",
    "starts_with(industry, '3')",
    "left(industry, 1) || '7' = '17'",
    "started_on + interval '2 years' > as_of",
    "started_on >= date '2021-01-01'",
    "days_between(started_on, as_of) < 365",
    "extract(year from started_on) = 2022",
    "array_contains(labels, '高新技术企业')",
    "array_contains(labels, '上市企业') or employees > {n}",
    "array_length(labels) = 0",
    "tax_credit is null",
    "tax_credit is not null and tax_credit <= {n}",
    "tenants_below > 1",
    "employees = {n}",
    "township = '甘霖镇'",
    "tier_last = 'D'",
    "coalesce(tier_last, 'D') = 'D'",
    "electricity_kwh < 50000",
]


def condition(draw: st.DrawFn, more: list[str] | None = None, depth: int = 1) -> str:
    """A condition on what is known of one subject; `more` adds names of a later stage."""
    if depth and often(draw, 3):
        left, right = condition(draw, more, depth - 1), condition(draw, more, depth - 1)
        return one_of(draw, ["({a}) and ({b})", "({a}) or ({b})", "not ({a})"]).format(a=left, b=right)
    pool = CONDITIONS if not more or often(draw) else more
    return one_of(draw, pool).replace("{n}", literal(draw))


# ------------------------------------------------------------------------------------------------------- rules

INDICATORS: dict[str, Rules] = {
    "tax_per_mu": {"label": "亩均税收", "unit": "万元/亩", "of": "rated_tax", "per": "land_mu"},
    "value_per_mu": {"label": "亩均增加值", "of": "value_added", "per": "land_mu"},
    "rd_ratio": {"label": "研发强度", "of": "rd_expense", "per": "revenue"},
    "per_head": {"label": "全员劳动生产率", "of": "value_added", "per": "employees"},
    "tax_per_kwh": {"label": "单位用电税收", "of": "tax_paid", "per": "electricity_kwh"},
    "energy_use": {"label": "单位增加值能耗", "of": "energy_tce", "per": "value_added"},
    "growth": {"label": "税收增长", "value": "tax_paid / tax_paid_last - 1"},
    "margin_gap": {"label": "利润率", "value": "(profit - rd_expense) / revenue"},
}
POSITIVE = [1, 2, D("2.5"), 3, 10, D("24.097")]


def rule_fields(draw: st.DrawFn) -> Rules:
    """New fields of every kind, each saying how it pools."""
    fields: Rules = {
        "rated_tax": {"label": "评价税收", "unit": "万元", "value": money(draw, ["tax_paid", "tax_credit"])}
    }
    divided = ["again", "again", "max", "min", "sum"]
    more: Rules = {
        "weighted": {"unit": "万元", "value": float_money(draw, MONEY), "pool": one_of(draw, divided)},
        "total": {
            "unit": "万元",
            "value": money(draw, ["rated_tax", *MONEY]),
            "pool": one_of(draw, ["sum", "again", "max"]),
        },
        "margin": {"value": "profit / revenue", "pool": one_of(draw, divided)},
        "big": {"value": condition(draw), "pool": one_of(draw, ["any", "all", "again"])},
        "industry_group": {
            "value": "case when industry is null then null when industry_division = '17' then '纺织' else '其他' end",
            "pool": one_of(draw, ["most_land", "again"]),
        },
        "opened": {"value": "started_on + interval '1 month'", "pool": one_of(draw, ["earliest", "latest"])},
        "due": {"input": "date"},
        "hot": {"input": "boolean"},
        "extra_q": {"input": "quantity", "unit": "万元"},
        "note": {"input": "text"},
    }
    for name, one in more.items():
        if often(draw):
            fields[name] = {"label": f"字段{name.replace('_', '')}"} | one
    return fields


def field_conditions(fields: Rules) -> list[str]:
    """Conditions on the rule fields there are."""
    known = {
        "rated_tax": "评价税收 >= {n}",
        "weighted": "weighted > {n}",
        "total": "total <= {n}",
        "margin": "margin < {n}",
        "big": "big",
        "industry_group": "industry_group = '纺织'",
        "opened": "opened < as_of",
        "due": "due < as_of",
        "hot": "hot = true",
        "extra_q": "extra_q + tax_paid > {n}",
        "note": "note like '%''%' or note = 'x'",
    }
    if "extra_q" in fields:
        known["extra_q_last"] = "extra_q_last + tax_paid > {n}"
    # What a condition asks (whether he is 规上, how long he has been there) is not all known of last year.
    if "rated_tax" in fields and not any(word in fields["rated_tax"]["value"] for word in ("case", "if(")):
        known["rated_tax_last"] = "上年评价税收 < {n} or rated_tax > rated_tax_last"
    return [text for name, text in known.items() if name.removesuffix("_last") in fields]


def one_statistic(draw: st.DrawFn, of: str, over: list[str], ratio: tuple[str, str] | None, fields: Rules) -> Rules:
    stat = one_of(draw, ["mean", "mean", "median", "quantile", "max", "min", *(["ratio_of_sums"] if ratio else [])])
    one: Rules = {"stat": stat, "of": of}
    if ratio and stat == "ratio_of_sums":
        one |= {"of": ratio[0], "per": ratio[1]}
    if stat == "quantile":
        one |= {"q": one_of(draw, [0, D("0.25"), D("0.5"), D("0.9"), 1])}
        one |= {"interpolation": one_of(draw, ["linear", "lower", "higher", "nearest", "midpoint"])}
    one["over"] = over
    if often(draw, 3):
        one["members"] = condition(draw, [*field_conditions(fields), "cohort = 'above'"])
    if often(draw, 3):
        one["min_members"] = draw(st.integers(1, 4))
    if often(draw, 3):
        one["among"] = one_of(draw, ["all", "cohort", "rated"])
    return one


def peers(draw: st.DrawFn, name: str, indicators: Rules) -> Rules:
    """A benchmark in one place: what the peers come to in the same indicator."""
    keys = ["industry_division", "scale", "township"]
    found = one_statistic(draw, name, several(draw, keys, 0, 2), None, {})
    del found["of"]
    stat = found.pop("stat")
    ratio = "of" in indicators[name] and stat != "quantile" and often(draw)
    found = {"peers": "ratio_of_sums" if ratio else stat} | found
    found["otherwise"] = one_of(draw, ["all", one_of(draw, POSITIVE)])
    if often(draw, 3):
        found["times"] = one_of(draw, [2, D("0.8")])
    if often(draw, 4):
        found["year"] = "previous"
    return found


def statistics(draw: st.DrawFn, fields: Rules, indicators: Rules) -> Rules:
    """Of money (some used in a field), and per indicator one of all and one of groups."""
    keys = [
        "cohort",
        "industry_division",
        "scale",
        "township",
        *(["industry_group"] if "industry_group" in fields else []),
    ]
    found: Rules = {}
    if often(draw):
        found["money_stat"] = one_statistic(draw, one_of(draw, MONEY), several(draw, keys, 0, 2), None, fields)
        if often(draw):
            found["money_stat"] |= {"stat": "sum"}
            found["money_stat"] = {k: v for k, v in found["money_stat"].items() if k not in ("q", "interpolation")}
        fields["gap"] = {
            "unit": "万元",
            "value": "rated_tax - coalesce(money_stat, 0) / 2",
            "pool": "again",
        }
        indicators["gap_per_mu"] = {"of": "gap", "per": "land_mu"}
    if often(draw, 3):
        of = {"of": one_of(draw, ["tax_paid", "started_on", *indicators])} if often(draw) else {}
        found["members_count"] = {"stat": "count"} | of | {"over": several(draw, keys, 0, 1), "otherwise": 0}
    if "weighted" in fields and often(draw):
        found["weighted_sum"] = {
            "stat": one_of(draw, ["sum", "mean"]),
            "of": "weighted",
            "over": several(draw, keys, 0, 1),
        }
    for name, indicator in indicators.items():
        ratio = (indicator["of"], indicator["per"]) if "of" in indicator else None
        if often(draw):
            found[f"{name}_all"] = one_statistic(draw, name, [], ratio, fields)
            if often(draw, 3):
                found[f"{name}_all"]["round"] = draw(st.integers(0, 6))
        if often(draw):
            one = one_statistic(draw, name, several(draw, keys, 1, 2), ratio, fields)
            if often(draw, 3):
                one["year"] = "previous"
            options = [one_of(draw, POSITIVE), *([f"{name}_all", f"2 * {name}_all"] if f"{name}_all" in found else [])]
            found[f"{name}_group"] = one | ({"otherwise": one_of(draw, options)} if often(draw) else {})
    return found


def relate(draw: st.DrawFn, found: Rules) -> None:
    """Some statistics over the firms on one's own parcels, or one's own tenants, with another key or none."""
    for one in found.values():
        if often(draw, 4):
            kept = [key for key in one.get("over") or [] if key in ("scale", "township")][:1]
            one["over"] = [one_of(draw, ["parcel", "landlord"]), *kept]


def both(draw: st.DrawFn, subject: str) -> Any:
    """Firms rated alone and merged, in the short form or the long one."""
    if often(draw, 4):
        return True
    found: Rules = {"when": condition(draw)}
    if often(draw):
        found["counts"] = one_of(draw, ["alone", "merged"])
    if often(draw):
        found["with"] = subject if subject != "enterprise" else one_of(draw, ["parcel", "group"])
    return found


def population(draw: st.DrawFn, fields: Rules) -> Rules:
    more = field_conditions(fields)
    found: Rules = {"subject": one_of(draw, ["enterprise", "enterprise", "group", "parcel", "area"])}
    if found["subject"] == "area":
        found["subject"] = one_of(draw, ["township", "industry"])
        if often(draw):
            found["members"] = condition(draw)
    if found["subject"] == "parcel" and often(draw):
        found["apart"] = condition(draw)
    if found["subject"] in ("enterprise", "group", "parcel") and often(draw, 3):
        found["both"] = both(draw, found["subject"])
    if often(draw, 3):
        found["scope"] = one_of(draw, ["scale = '规上' or land_mu >= 3", "land_mu > 0", "true", condition(draw, more)])
    special = []
    for i in range(one_of(draw, [0, 0, 1, 1, 2, 3])):
        treatment = one_of(draw, ["rated", "ungraded", "rated", "own_tier", "measured", "collected", "out"])
        one: Rules = {"id": f"s{i}", "when": condition(draw, more), "treatment": treatment, "reason": f"情形{i}"}
        if treatment == "own_tier" or (treatment == "ungraded" and often(draw)):
            one["tier"] = one_of(draw, ["T", "B"])
        if treatment == "ungraded" and often(draw):
            one["managed_as"] = "B"
        if treatment in ("own_tier", "measured", "collected", "out") and often(draw):
            one["in_base"] = True
        special.append(one)
    return found | ({"special": special} if special else {})


def benchmark(draw: st.DrawFn, name: str, found: Rules, indicators: Rules) -> Any:
    """A number, or a statistic of the indicator held above zero (now and then bare: the run may stop)."""
    if often(draw, 6):
        return peers(draw, name, indicators)
    stats = [one for one in (f"{name}_all", f"{name}_group") if one in found]
    n = one_of(draw, POSITIVE)
    if stats and often(draw):
        stat = one_of(draw, stats)
        shapes = [
            "greatest(coalesce({s}, {n}), 0.5)",
            "greatest(coalesce({s}, {n}), 0.5)",
            "abs(coalesce({s}, {n})) + 1",
        ]
        shapes += ["greatest(coalesce(guide_base, 2 * {s}, {n}), 0.1)", "coalesce(nullif({s}, 0), {n})", "{s}"]
        return one_of(draw, shapes).format(s=stat, n=n)
    return n if often(draw) else f"coalesce(guide_base, {n})"


def scored(draw: st.DrawFn, name: str, indicators: Rules, found: Rules) -> Rules:
    """One indicator's method and policies."""
    method = one_of(draw, ["ratio", "ratio", "ratio", "minmax", "inverse", "linear", "steps", "percentile", "formula"])
    one: Rules = {"weight": one_of(draw, [1, 10, D("12.5"), 20, 30, D("33.3")])}
    if method != "ratio" or often(draw):
        one["method"] = method
    if method in ("ratio", "inverse", "formula"):
        one["benchmark"] = benchmark(draw, name, found, indicators) if method != "formula" else one_of(draw, POSITIVE)
    if method == "minmax":
        one |= {"start": one_of(draw, [D("0.2"), D("0.6")])} if often(draw) else {}
        one |= {"flat": one_of(draw, ["full", "start"])} if often(draw) else {}
        one |= {"over": several(draw, ["cohort", "industry_division", "township"], 0, 2)} if often(draw) else {}
    elif method == "inverse":
        one["zero_at"] = one_of(draw, [1, 2, D("3.5")])
    elif method == "linear":
        one["points"] = one_of(
            draw, [[[3, 0], [10, D("0.6")], [30, 1]], [[0, 1], [5, D("0.1")]], [[D("-1"), 0], [1, 1]]]
        )
    elif method == "steps":
        one["steps"] = [
            {"at_least": 5, "share": 1},
            {"at_least": D("1.1"), "share": D("0.6")},
            {"at_least": 0, "share": D("0.1")},
        ]
    elif method == "formula":
        shapes = ["weight * ln(1 + greatest(value, 0) / benchmark)", "weight * least(value / benchmark, 2)"]
        shapes += [
            "weight * sqrt(abs(value / benchmark))",
            "case when scale = '规上' then weight * value / benchmark else weight end",
        ]
        one["formula"] = one_of(draw, shapes)
    if often(draw):
        one["cap"] = one_of(draw, [1, D("1.2"), D("1.5"), 2])
    if often(draw, 4):
        one["floor"] = one_of(draw, [D("-0.5"), D("0.1")])
    policies: list[Any] = ["zero", "full", "cohort_mean", "reweight", {"points": 3}, *(["cap"] if "cap" in one else [])]
    for case in ("zero_denominator", "missing", "negative"):
        if often(draw, 3):
            one[case] = one_of(draw, policies)
    if often(draw, 4):
        others = several(draw, [other for other in indicators if other != name], 0, 2)
        limits = {"benchmark": one_of(draw, POSITIVE)} if "benchmark" in one else {}
        fallbacks = [{"indicator": other} | limits for other in others]
        if fallbacks:
            one["fallback"] = fallbacks[0] if len(fallbacks) == 1 else fallbacks
    return one


def share_out(draw: st.DrawFn, cohort: str, cohorts: list[str], scoring: Rules) -> None:
    """Now and then a cohort is scored like another, or two of its indicators share the weight of a group."""
    items = scoring[cohort]
    other = next((one for one in cohorts if one != cohort and "same_as" not in scoring[one]), None)
    asked_for = any(one.get("same_as") == cohort for one in scoring.values())
    if other is not None and not asked_for and "groups" not in scoring[other] and often(draw, 6):
        changed = one_of(draw, list(scoring[other]))
        scoring[cohort] = {"same_as": other, changed: {"weight": one_of(draw, [5, 40])}}
    elif len(items) > 1 and not asked_for and often(draw, 5):
        (first, a), (second, b), *rest = items.items()
        share = one_of(draw, [D(50), D(30), D("12.5")])
        inside = {first: {**a, "weight": share}, second: {**b, "weight": 100 - share}}
        scoring[cohort] = {"groups": {"g": {"weight": one_of(draw, [30, 45]), "items": inside}}, **dict(rest)}


def adjustments(draw: st.DrawFn, more: list[str]) -> Rules:
    items = []
    shapes: list[Any] = [
        3,
        -5,
        D("1.5"),
        D("0.00005"),
        "-5 * greatest(tenants_below - 1, 0)",
        "2 * (rd_expense / revenue)",
    ]
    shapes += ["case when land_mu > 3 then 2 else 0.5 end"]
    for i in range(draw(st.integers(0, 4))):
        item = {"id": f"a{i}", "label": f"加减分{i}", "when": condition(draw, more), "points": one_of(draw, shapes)}
        items.append(item | ({"family": "honours"} if often(draw) else {}))
    if not items:
        return {}
    found: Rules = {"items": items}
    if any("family" in item for item in items):
        family = {"take": one_of(draw, ["sum", "highest"])}
        found["families"] = {"honours": family | one_of(draw, [{"max": 4}, {"max": 10, "min": -3}, {}])}
    return found | ({"score": one_of(draw, [{"min": 0}, {"max": 50}, {"min": -5, "max": 150}])} if often(draw) else {})


def cut(draw: st.DrawFn, rankers: list[str], more: list[str]) -> Rules:
    how = one_of(draw, ["shares", "shares", "shares", "thresholds", "picks"])
    if how == "shares":
        found: Rules = {
            "shares": one_of(draw, [shares(20, 60, 95, 100), shares(5, 75, 95, 100), shares(D("33.3"), 50, 50, 100)])
        }
        found |= {"ties": one_of(draw, ["better", "worse"])} if often(draw) else {}
    elif how == "thresholds":
        found = {"thresholds": one_of(draw, [{"A": 40, "B": 20, "C": 5}, {"A": 10, "C": D("0.5")}]), "rest": "D"}
        return found | ({"by": one_of(draw, rankers)} if often(draw) else {})
    else:
        picks = []
        for i in range(draw(st.integers(1, 3))):
            pick: Rules = {"id": f"p{i}", "tier": one_of(draw, ["A", "B", "C", "D"])}
            pick |= {"among": one_of(draw, ["rank <= 0.5 * size", condition(draw, more)])} if often(draw) else {}
            picks.append(pick | {"by": by_keys(draw, rankers), "take": one_of(draw, [0, 10, 15, 50, 100])})
        found = {"picks": picks, "rest": one_of(draw, ["B", "C"])}
    return found | ({"rounding": one_of(draw, ["half_up", "floor", "ceil"])} if often(draw) else {})


def shares(*per_cent: Any) -> Rules:
    return dict(zip("ABCD", per_cent, strict=True))


def by_keys(draw: st.DrawFn, rankers: list[str]) -> list[str]:
    return [("-" if often(draw, 4) else "") + one for one in several(draw, rankers, 1, 3)]


def tiers(draw: st.DrawFn, fields: Rules, names: list[str], weighed: list[str], cohorts: list[str]) -> Rules:
    labels = {"A": "优先发展类", "B": "鼓励提升类", "C": "监管调控类", "D": "落后整治类", "T": "暂不评价类"}
    found: Rules = {"classes": [{"id": tier, "label": label} for tier, label in labels.items()]}
    rankers = ["score", "tax_paid", "employees", "rated_tax", *names, *(f"{name}_points" for name in weighed)]
    conditions = [*field_conditions(fields), "score >= {n}", *(f"{name} < {{n}}" for name in names)]
    conditions += [f"{name}_points > {{n}}" for name in weighed]
    cells = [["cohort"], ["cohort", "industry_division"], ["township"], ["scale", "cohort"]]
    if often(draw):
        found["cells"] = one_of(draw, [*cells, *([["cohort", "industry_group"]] if "industry_group" in fields else [])])
    if often(draw):
        lists = by_keys(draw, rankers)
        found["rank_by"] = lists if often(draw) else {"default": ["score"], one_of(draw, cohorts): lists}
    before = [
        {"id": f"b{i}", "when": condition(draw, conditions), "set": one_of(draw, ["A", "B", "D"]), "reason": f"先定{i}"}
        | ({"in_base": True} if often(draw) else {})
        for i in range(draw(st.integers(0, 2)))
    ]
    if before:
        found["before"] = before
    found["cut"] = {"default": cut(draw, rankers, conditions)}
    for cohort in several(draw, cohorts, 0, 1):
        found["cut"][cohort] = cut(draw, rankers, conditions)
    ladders = [
        set(one.get("shares") or one.get("thresholds") or [p["tier"] for p in one["picks"]]) | {one.get("rest")}
        for one in found["cut"].values()
    ]
    shared = [tier for tier in "ABCD" if all(tier in ladder for ladder in ladders)]
    late = [
        *conditions,
        "tier = 'A'",
        "tier in ('B', 'C')",
        "rank <= 3",
        "tier_cut = 'D'",
        "tier <> coalesce(tier_last, 'A')",
    ]
    after: list[Rules] = []
    for i in range(draw(st.integers(0, 4))):
        acts: list[Rules] = [{"move": 1}, {"move": -1}, {"move": 2}, {"set": "T"}, {"set": "B"}]
        acts += [{verb: tier} for verb in ("at_most", "at_least") for tier in shared]
        one = {"id": f"r{i}", "when": condition(draw, late)} | one_of(draw, acts) | {"reason": f"后调{i}"}
        earlier = several(draw, [rule["id"] for rule in [*before, *after]], 0, 2)
        after.append(one | ({"unless": earlier} if earlier else {}))
    if after:
        found["after"] = after
    if often(draw, 3):
        found["verify"] = {"A": {"max": 20}, "D": {"min": 5}}
    return found


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A whole rule set with its frames and lookup tables."""
    tables, guide = draw(lookups())
    fields = rule_fields(draw)
    names = several(draw, list(INDICATORS), 1, 4)
    indicators = {name: dict(INDICATORS[name]) for name in names}
    found = statistics(draw, fields, indicators)
    names = list(indicators)
    conditions = ["scale = '规上'", "land_mu >= 10", condition(draw, field_conditions(fields))]
    cohorts = [
        {"id": f"c{i}", "label": f"组别{i}", "when": when} for i, when in enumerate(several(draw, conditions, 0, 2))
    ]
    cohorts = [
        *({**one, "id": "above"} if i == 0 else one for i, one in enumerate(cohorts)),
        {"id": "rest", "label": "其他", "when": "true"},
    ]
    ids = [str(one["id"]) for one in cohorts]
    if "above" not in ids:
        ids = ["above"]
        cohorts[-1]["id"] = "above"
    scoring = {
        cohort: {name: scored(draw, name, indicators, found) for name in several(draw, names, 1, 4)} for cohort in ids
    }
    for cohort in ids:
        share_out(draw, cohort, ids, scoring)
    rules: Rules = {"fields": fields, "tables": tables, "statistics": found, "population": population(draw, fields)}
    rules |= {"cohorts": cohorts, "indicators": indicators, "scoring": scoring}
    if rules["population"]["subject"] == "enterprise" and "both" not in rules["population"]:
        relate(draw, found)
    rules["adjustments"] = adjustments(draw, field_conditions(fields))
    if often(draw):
        rules["decimals"] = {"points": one_of(draw, [2, 4]), "score": one_of(draw, [0, 1, 2, 4])}
    # Tiers ask for points only of indicators that every cohort weighs.
    weighed = [name for name in names if all(name in one for one in scoring.values())]
    rules["tiers"] = tiers(draw, fields, names, weighed, ids)
    rules = {key: value for key, value in rules.items() if value}
    wants_past = '"year": "previous"' in json.dumps([found, scoring], default=str)
    return Case(rules, draw(frames()), draw(frames()) if wants_past else None, {"guide": guide})


# --------------------------------------------------------------------------------------------- rule set folders


def to_yaml(rules: Rules, tables: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    """The files of a rule set folder: rating.yaml with a full head, and the lookup tables."""
    head: Rules = {"mujun": 1, "kind": "rating", "name": "试算规则", "place": "浙江省绍兴市嵊州市", "years": [2022]}
    head |= {"status": "example", "sources": [{"document": "x", "checked": date(2026, 11, 23)}], "omits": []}
    files = {"rating.yaml": "".join(f"{key}: {block(value)}\n" for key, value in (head | rules).items())}
    for table, rows in tables.items():
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        files[rules["tables"][table]["file"]] = text.getvalue()
    return files


def block(value: Any) -> str:
    """One entry of a section per line, so that a failing example can be read."""
    if isinstance(value, dict) and value:
        return "".join(f"\n  {key_text(key)}: {flow(one)}" for key, one in value.items())
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "".join(f"\n  - {flow(one)}" for one in value)
    return flow(value)


def flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key_text(key)}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal | int):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)


def key_text(key: str) -> str:
    """Quoted unless it is plainly a name, which `on`, `no` and `y` are not."""
    plain = re.fullmatch(r"[A-Za-z_]\w*", key) and key.lower() not in {
        "y",
        "n",
        "yes",
        "no",
        "on",
        "off",
        "true",
        "false",
        "null",
    }
    return key if plain else json.dumps(key, ensure_ascii=False)
