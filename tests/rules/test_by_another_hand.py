"""Five documents written down from docs/rules alone, each held against a few lines of plain Python.

Their numbers are those of documents that ship (瑞安, 苏州, 湖州, 新昌, 建德, 淮安, 温岭); what is put together anew is
fictitious.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from mujun.allocation import allocate
from mujun.rating import rate
from mujun.rectification import list_enterprises
from mujun.rules import load_kept
from mujun.rules.named_lists import with_list
from tests.rating.given import frame_of

HEAD = "mujun: 1\nkind: {kind}\nname: 抄写\nyears: [2022]\nsources: [{{document: 虚构〔2022〕1号}}]\n"


def rules(kind: str, text: str) -> Any:
    return load_kept("by/hand", {f"by/hand/{kind}.yaml": HEAD.format(kind=kind) + text})


def firm(code: str, **figures: Any) -> dict[str, Any]:
    return {"credit_code": code, "name": code, **figures}


FIRMS = [
    firm("E1", scale="规上", township="甲镇", land_mu=12, tax_paid=60, electricity_kwh=730000, revenue=900,
         parcels=["P1"], tenants=["E2", "E3"], rented_out_mu=6),
    firm("E2", scale="规下", township="甲镇", land_mu=3, tax_paid=4, electricity_kwh=60000, revenue=50,
         parcels=["P1"]),
    firm("E3", scale="规下", township="甲镇", land_mu=3, tax_paid=11, electricity_kwh=45000, revenue=80,
         parcels=["P1"]),
    firm("E4", scale="规下", township="乙镇", land_mu=20, tax_paid=40, electricity_kwh=365000, revenue=300,
         parcels=["P2", "P3"], tenants=["E5"], rented_out_mu=5),
    firm("E5", scale="规上", township="乙镇", land_mu=5, tax_paid=35, electricity_kwh=1095000, revenue=700,
         parcels=["P3"]),
    firm("E6", scale="规上", township="乙镇", land_mu=40, tax_paid=300, electricity_kwh=200000, revenue=4000,
         parcels=["P4"]),
]  # fmt: skip
TIERS = {"E1": "C", "E2": "D", "E3": "D", "E4": "D", "E5": "C", "E6": "A"}
NOTIFIED = {"E1": date(2022, 3, 15), "E2": date(2022, 8, 31), "E3": date(2021, 12, 1), "E4": date(2022, 6, 30)}


def county(**columns: dict[str, Any]) -> pl.DataFrame:
    frame = frame_of(FIRMS)
    tiers = pl.Series("tier", [TIERS[c] for c in frame["credit_code"]])
    more = [
        pl.Series(n, [values.get(c) for c in frame["credit_code"]], dtype=pl.Date if n.endswith("_on") else None)
        for n, values in columns.items()
    ]
    return frame.with_columns(tiers, *more)


def half_up(x: Fraction) -> Decimal:
    return Decimal(int(x * 10**6 + Fraction(1, 2))) / 10**6


# -------------------------------------------------------------- one: a surcharge that begins six months after notice

SURCHARGE = """fields:
  notified_on: {label: 告知送达日期, input: date}
measures:
  - id: power
    label: 差别化电价
    kind: surcharge
    of: electricity_kwh
    per: 元/千瓦时
    rate:
      - {id: c, when: "tier = 'C' and scale = '规下'", value: 0.10}
      - {id: d, when: "tier = 'D'", value: 0.30}
    exempt: [{id: small, when: "electricity_kwh < 50000", reason: 年用电不足5万千瓦时}]
    max_amount: 5
    period: {year: 0, begins: notified_on, grace: 6}
"""


def test_grace_after_notice() -> None:
    got = allocate(rules("allocation", SURCHARGE), county(notified_on=NOTIFIED)).allocation
    amounts = {r["credit_code"]: r["amount"] for r in got.iter_rows(named=True)}
    expected: dict[str, Decimal] = {}
    for one in FIRMS:
        code = one["credit_code"]
        if TIERS[code] != "D" or code not in NOTIFIED:
            continue
        told = NOTIFIED[code]
        month, year = (told.month + 6, told.year) if told.month <= 6 else (told.month - 6, told.year + 1)
        # 31 August and six months is the last of February, 30 June and six months 30 December.
        last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
        first = max(date(year, month, min(told.day, last)), date(2022, 1, 1))
        days = (date(2022, 12, 31) - first).days + 1
        if days <= 0:
            continue
        amount = Fraction(one["electricity_kwh"]) * Fraction(3, 10) * Fraction(days, 365) / 10000
        expected[code] = Decimal(0) if one["electricity_kwh"] < 50000 else min(half_up(amount), Decimal(5))
    # 规上 C is not named in the rates; 乙's notice of 31 August leads into 2023; 丙 uses too little.
    assert set(expected) == {"E3", "E4"}
    assert amounts == expected


# ------------------------------------------------------------ two: more for whom was charged last year, and a refund

AGAIN = """measures:
  - id: power
    label: 差别化电价
    kind: surcharge
    of: electricity_kwh
    per: 元/千瓦时
    rate:
      - {id: again, when: "tier = 'D' and power_amount_last > 0", value: 0.10}
      - {id: first, when: "tier = 'D'", value: 0.05}
  - id: help
    label: 整改补助
    kind: relief
    per: 万元
    rate:
      - id: paid
        when: "tier <> 'D' and power_amount_last >= 1万元"
        value: "least(0.5 * 上年差别化电价执行金额, 3)"
"""


def test_last_years_amount() -> None:
    last = {"E1": Decimal("8.5"), "E2": Decimal("0.6"), "E4": Decimal(0), "E5": Decimal("0.9"), "E6": Decimal(0)}
    got = allocate(rules("allocation", AGAIN), county(power_amount_last=last)).allocation
    amounts = {(r["credit_code"], r["measure"]): r["amount"] for r in got.iter_rows(named=True)}
    # E3 is missing: nobody knows, which is not more than nothing. E5 paid less than 1, E1 half of 8.5 but at most 3.
    assert amounts == {
        ("E2", "power"): half_up(Fraction(60000) * Fraction(1, 10) / 10000),
        ("E3", "power"): half_up(Fraction(45000) * Fraction(5, 100) / 10000),
        ("E4", "power"): half_up(Fraction(365000) * Fraction(5, 100) / 10000),
        ("E1", "help"): Decimal(3),
    }


# ---------------------------------------------------------------------------------- three: 三低 and 双十 in one file

TWO_LISTS = """fields:
  tax_per_mu: {label: 亩均税收, unit: 万元/亩, value: "tax_paid / land_mu"}
paths:
  - {id: close, when: "tier = 'D' and land_mu >= 20", path: 关停退出, months: 6}
  - {id: upgrade, when: "true", path: 整治提升, months: 12}
lists:
  three_low:
    label: 三低
    listing:
      - {id: above, when: "规模 = “规上” and 亩均税收 < 6", reason: 规上亩均税收低于6万元}
      - {id: below, when: "规模 = “规下” and 亩均税收 < 3", reason: 规下亩均税收低于3万元}
      - {id: large, when: "规模 = “规下” and 实际用地 >= 10亩", reason: 用地10亩以上仍在规下}
  double_ten:
    label: 双十
    scope: "land_mu >= 10亩"
    listing: [{id: ten, when: "tax_per_mu <= 10", reason: 亩均税收不高于10万元}]
    paths: [{id: all, when: "true", path: 整治提升, months: 24}]
"""


def test_two_lists_in_one_file() -> None:
    listed = {}
    for name in ("三低", "double_ten"):
        rows = list_enterprises(with_list(rules("rectification", TWO_LISTS), name), county()).rectification
        listed[name] = {r["credit_code"]: (r["reasons"], r["path"]) for r in rows.iter_rows(named=True)}
    low: dict[str, Any] = {}
    ten: dict[str, Any] = {}
    for one in FIRMS:
        per_mu, code = Fraction(one["tax_paid"], one["land_mu"]), one["credit_code"]
        reasons = [
            r
            for r, met in (
                ("above", one["scale"] == "规上" and per_mu < 6),
                ("below", one["scale"] == "规下" and per_mu < 3),
                ("large", one["scale"] == "规下" and one["land_mu"] >= 10),
            )
            if met
        ]
        if reasons:
            leaves = TIERS[code] == "D" and one["land_mu"] >= 20
            low[code] = (reasons, "关停退出" if leaves else "整治提升")
        if one["land_mu"] >= 10 and per_mu <= 10:
            ten[code] = (["ten"], "整治提升")
    assert listed == {"三低": low, "double_ten": ten}
    assert set(low) == {"E1", "E2", "E4"}


# ------------------------------------------------------------------- four: parcels in below 3, out above 5 万元 a mu

PARCELS = """subject: parcel
fields:
  tax_per_mu: {label: 亩均税收, unit: 万元/亩, value: "tax_paid / land_mu"}
listing:
  - {id: low, when: "tax_per_mu < 3", reason: 地块亩均税收低于3万元}
  - {id: below_last, when: "tax_per_mu < 0.5 * last and firms >= 2", reason: 两家以上且不足上年全县平均的一半}
statistics:
  last: {stat: ratio_of_sums, of: tax_paid, per: land_mu, year: previous}
paths: [{id: all, when: "true", path: 整治提升, months: 12}]
exit: {when: "tax_per_mu > 5"}
"""


def test_parcels() -> None:
    before = frame_of([{**one, "tax_paid": one["tax_paid"] * 2} for one in FIRMS])
    got = list_enterprises(rules("rectification", PARCELS), county(), previous=before).rectification
    listed = {r["parcel"]: (r["parcels"], r["members"], r["reasons"]) for r in got.iter_rows(named=True)}
    # E4 joins P2 and P3.
    groups = {"P1": (["P1"], ["E1", "E2", "E3"]), "P2": (["P2", "P3"], ["E4", "E5"]), "P4": (["P4"], ["E6"])}
    by_code = {one["credit_code"]: one for one in FIRMS}
    last = Fraction(sum(2 * one["tax_paid"] for one in FIRMS), sum(one["land_mu"] for one in FIRMS))
    expected = {}
    for parcel, (parcels, members) in groups.items():
        per_mu = Fraction(*(sum(by_code[m][n] for m in members) for n in ("tax_paid", "land_mu")))
        reasons = [
            r for r, met in (("low", per_mu < 3), ("below_last", per_mu < last / 2 and len(members) >= 2)) if met
        ]
        if reasons:
            expected[parcel] = (parcels, members, reasons)
    assert listed == expected
    assert set(expected) == {"P1", "P2"}


# --------------------------------------------------- five: a landlord answers for its tenants, base twice last year

RATING = """population: {scope: "land_mu >= 3"}
cohorts: [{id: all, label: 全部, when: "true"}]
indicators:
  tax_per_mu: {label: 亩均税收, unit: 万元/亩, of: tax_paid, per: land_mu}
  revenue_per_mu: {label: 亩均销售收入, unit: 万元/亩, of: revenue, per: land_mu}
statistics:
  tenants_tax: {stat: sum, of: tax_paid, over: [landlord], among: all}
  parcel_tax: {stat: ratio_of_sums, of: tax_paid, per: land_mu, over: [parcel]}
scoring:
  all:
    tax_per_mu: {weight: 60, benchmark: {peers: ratio_of_sums, year: previous, times: 2}, cap: 1.5}
    revenue_per_mu: {weight: 40, benchmark: {peers: ratio_of_sums, over: [township], among: all}, cap: 1.5}
adjustments:
  items:
    - {id: letting, label: 承租企业亩均税收低于3万元, when: "tenants_tax / rented_out_mu < 3", points: -10}
    - {id: parcel, label: 所在地块亩均税收5万元以上, when: "parcel_tax >= 5", points: 2}
tiers:
  classes: [{id: A}, {id: B}, {id: C}]
  cut: {default: {shares: {A: 20, B: 60, C: 100}}}
"""


def test_a_landlord_answers_for_its_tenants() -> None:
    before = frame_of([{**one, "tax_paid": one["tax_paid"] + 5} for one in FIRMS])
    got = rate(frame_of(FIRMS), rules("rating", RATING), before).enterprises
    scores = dict(got.select("credit_code", "score").iter_rows())
    base = 2 * Fraction(sum(one["tax_paid"] + 5 for one in FIRMS), sum(one["land_mu"] for one in FIRMS))
    by_code = {one["credit_code"]: one for one in FIRMS}
    expected = {}
    for one in FIRMS:
        mine = [o for o in FIRMS if o["township"] == one["township"]]
        per_town = Fraction(sum(o["revenue"] for o in mine), sum(o["land_mu"] for o in mine))
        points = Fraction(0)
        for weight, value, benchmark in (
            (60, Fraction(one["tax_paid"], one["land_mu"]), base),
            (40, Fraction(one["revenue"], one["land_mu"]), per_town),
        ):
            exact = min(weight * value / benchmark, Fraction(weight * 3, 2))
            points += Fraction(int(exact * 10000 + Fraction(1, 2)), 10000)
        tenants = one.get("tenants", [])
        if tenants and Fraction(sum(by_code[t]["tax_paid"] for t in tenants), one["rented_out_mu"]) < 3:
            points -= 10
        near = [o for o in FIRMS if set(o["parcels"]) & set(one["parcels"])]
        if Fraction(sum(o["tax_paid"] for o in near), sum(o["land_mu"] for o in near)) >= 5:
            points += 2
        expected[one["credit_code"]] = Decimal(points.numerator) / Decimal(points.denominator)
    assert {c: Decimal(s).normalize() for c, s in scores.items()} == {c: s.normalize() for c, s in expected.items()}
