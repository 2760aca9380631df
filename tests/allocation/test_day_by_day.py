"""The engine against an amount reckoned day by day, in fractions, without any of its code."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mujun.allocation import allocate
from tests.allocation.given import enterprises, rules_of, usage

BEGIN, DAYS = date(2023, 1, 1), 730
DAY = st.integers(0, DAYS - 1).map(lambda n: BEGIN + timedelta(n))
SPAN = st.tuples(DAY, DAY).map(lambda d: (min(d), max(d)))
ROWS = st.lists(
    st.tuples(st.sampled_from("CD"), st.integers(0, 999), st.none() | DAY, st.none() | DAY).filter(
        lambda r: r[2] is None or r[3] is None or r[2] <= r[3]
    ),
    min_size=1,
    max_size=4,
)
BILL = st.tuples(SPAN, st.integers(0, 10**9))


def reckoned(tier: str, use: int, bills: list[Any], rows: list[Any], period: tuple[date, date]) -> Decimal | None:
    """What one firm pays in 万元: each day its share of the year or of its bills, at the day's rate."""
    days = [period[0] + timedelta(n) for n in range((period[1] - period[0]).days + 1)]
    charged: dict[date, Fraction] = {}
    for day in days:
        for of, rate, first, last in rows:
            if of == tier and (first is None or first <= day) and (last is None or day <= last):
                charged[day] = Fraction(rate, 1000)
                break
    if not charged:
        return None
    metered = any(first <= day <= last for (first, last), _ in bills for day in charged)
    total = Fraction(0)
    for day, rate in charged.items():
        if metered:
            used = sum(
                Fraction(n, 1000) / ((last - first).days + 1) for (first, last), n in bills if first <= day <= last
            )
        else:
            used = Fraction(use, 1000) / (366 if day.year == 2024 else 365)
        total += used * rate
    yuan = (total * 100 + Fraction(1, 2)).__floor__()
    return (Decimal(yuan) / 1_000_000).quantize(Decimal("0.000001"), ROUND_HALF_UP)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from("CD"), st.integers(0, 10**9), st.lists(BILL, max_size=4)), min_size=1, max_size=4
    ),
    ROWS,
    SPAN,
)
def test_against_days(firms: list[Any], rows: list[Any], period: tuple[date, date]) -> None:
    rates = "\n".join(
        f"      - {{id: r{i}, when: \"tier = '{of}'\", value: {Decimal(rate) / 1000}"
        + (f", from: {first}" if first else "")
        + (f", until: {last}" if last else "")
        + "}"
        for i, (of, rate, first, last) in enumerate(rows)
    )
    body = (
        "measures:\n  - id: m\n    label: 试\n    kind: surcharge\n    of: electricity_kwh\n    per: 元/千瓦时\n"
        f"    period: {{from: {period[0]}, until: {period[1]}}}\n    rate:\n{rates}\n"
    )
    frame = enterprises(
        [{"credit_code": f"T{i}", "tier": t, "electricity_kwh": Decimal(n) / 1000} for i, (t, n, _) in enumerate(firms)]
    )
    records = [
        (f"T{i}", "电", str(first), str(last), Decimal(n) / 1000)
        for i, (_, _, bills) in enumerate(firms)
        for (first, last), n in bills
    ]
    with tempfile.TemporaryDirectory() as folder:
        allocation = allocate(rules_of(Path(folder), body), frame, usage=usage(*records))
    got = {r["credit_code"]: r["amount"] for r in allocation.rows.iter_rows(named=True)}
    wanted = {
        f"T{i}": amount
        for i, (tier, use, bills) in enumerate(firms)
        if (amount := reckoned(tier, use, bills, rows, period)) is not None
    }
    assert got == wanted
