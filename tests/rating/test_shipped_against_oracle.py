"""Every rule set that ships, on two thousand random firms, against the oracle, to the last digit."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from mujun.rating import rate
from mujun.rules import addresses, load_rules
from mujun.rules.ruleset import RuleSet
from tests.oracle import rater
from tests.rating.against_oracle import differences, frame_of

RATINGS = [a for a in addresses() if (r := load_rules(a)).rating is not None and r.rating.status != "abstract"]
INDUSTRIES = [
    "1712",
    "1811",
    "1952",
    "2239",
    "2710",
    "2927",
    "3311",
    "3441",
    "3525",
    "3812",
    "3990",
    "4190",
    "4430",
    "4620",
]
LABELS = [
    "高新技术企业",
    "专精特新小巨人",
    "单项冠军",
    "安全生产事故",
    "环境违法",
    "上市企业",
    "全年停产",
    "重大在建项目",
]


def firms(size: int, year: int, seed: int, inputs: Mapping[str, str]) -> list[dict[str, Any]]:
    """Random firms with zeros, blanks, losses and equals among them."""
    source = random.Random(seed)

    def amount(low: float, high: float, places: int = 4) -> Decimal | None:
        drawn = source.random()
        if drawn < 0.04:
            return None
        if drawn < 0.07:
            return Decimal(0)
        return Decimal(repr(round(source.uniform(low, high), places)))

    rows = []
    for i in range(size):
        industry = source.choice(INDUSTRIES)
        row: dict[str, Any] = {
            "credit_code": f"E{i:05d}",
            "scale": "规上" if source.random() < 0.3 else "规下",
            "industry": industry,
            "industry_division": industry[:2],
            "county": "某县",
            "township": source.choice(["甘霖镇", "长乐镇", "三江街道"]),
            "park": source.choice(["经济开发区", "高新区", "工业集中区", None]),
            "kind": source.choice(["法人", "法人", "个体", "自然人"]),
            "as_of": date(year, 12, 31),
            "started_on": date(source.randint(2005, year), source.randint(1, 12), source.randint(1, 28)),
            "registered_on": date(source.randint(2000, year), source.randint(1, 12), source.randint(1, 28)),
            "labels": sorted(source.sample(LABELS, source.choice([0, 0, 0, 1, 2]))),
            "tier_last": source.choice([None, "A", "B", "C", "D"]),
            "land_mu": amount(0.5, 80, 6),
            "owned_mu": amount(0.5, 80, 6),
            "rented_in_mu": amount(0, 5, 6),
            "tax_paid": amount(-5, 900),
            "tax_refund": amount(0, 20),
            "tax_credit": amount(0, 30),
            "value_added": amount(-50, 4000),
            "revenue": amount(10, 20000),
            "gross_output": amount(10, 20000),
            "profit": amount(-500, 2000),
            "rd_expense": amount(0, 400),
            "tech_investment": amount(0, 900),
            "investment": amount(0, 900),
            "employees": amount(1, 300, 0),
            "energy_tce": amount(1, 900),
            "electricity_kwh": amount(1000, 3_000_000, 0),
            "water_m3": amount(10, 50_000, 0),
            "cod_t": amount(0, 3),
            "emissions_t": amount(0, 5),
            "tenants_above": Decimal(0),
            "tenants_below": Decimal(source.choice([0, 0, 0, 1, 2, 4])),
            "floor_area_m2": amount(100, 20_000, 0),
        }
        row |= {name + "_last": row[name] for name in ("tax_paid", "revenue", "value_added", "energy_tce")}
        row |= {name: _input(kind, source) for name, kind in inputs.items()}
        rows.append(row)
    return rows


def _input(kind: str, source: random.Random) -> Any:
    values: dict[str, list[Any]] = {
        "boolean": [True, False, None],
        "quantity": [Decimal(0), Decimal(500), Decimal(3000), None],
        "text": ["甲", None],
        "date": [date(2021, 5, 1), None],
    }
    return source.choice(values[kind])


def tables_of(rules: RuleSet) -> dict[str, list[dict[str, str]]]:
    assert rules.rating is not None
    found = {}
    for name, declared in rules.rating.tables.items():
        text = next(t for f, t in rules.texts.items() if f.endswith("/" + declared.file))
        found[name] = list(csv.DictReader(io.StringIO(text)))
    return found


def whole(value: Any) -> Any:
    """Places and counts as whole numbers: in YAML every number is a decimal."""
    if isinstance(value, dict):
        return {k: whole(v) for k, v in value.items()}
    if isinstance(value, list):
        return [whole(v) for v in value]
    return int(value) if isinstance(value, Decimal) and value == int(value) else value


@pytest.mark.parametrize("address", RATINGS)
def test_two_thousand_firms_agree_to_the_last_digit(address: str) -> None:
    rules = load_rules(address)
    assert rules.rating is not None
    resolved: Any = whole(rules.resolved["rating"])
    year = rules.rating.years[0]
    inputs = {n: f.input for n, f in rules.rating.fields.items() if f.input}
    # The oracle looks at every pair of subjects where a rule speaks of a place among them.
    size = 2000 if address.startswith("zhejiang/huangyan") else 600
    rows, last = firms(size, year, 1, inputs), firms(size, year - 1, 2, inputs)
    expected = rater.rate(rows, resolved, last, tables_of(rules), year)
    got = rate(frame_of(rows, resolved, year), rules, frame_of(last, resolved, year - 1))
    assert differences(got, expected)[:5] == []
    # A set whose scope leaves everybody out would agree on nothing at all.
    scored = got.subjects.filter(pl.col("score").is_not_null())
    assert scored.height > size // 5
    assert scored["tier"].n_unique() >= 3
