"""What must hold for any rules and any firms."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from mujun.allocation import allocate
from mujun.rules import RuleSet
from tests.allocation.given import enterprises, rules_of, usage

RATES = st.integers(0, 100).map(lambda n: Decimal(n) / 100)
USES = st.one_of(st.none(), st.integers(0, 10**10).map(lambda n: Decimal(n) / 1000))
FIRMS = st.lists(
    st.fixed_dictionaries(
        {
            "tier": st.sampled_from(["A", "C", "D", None]),
            "scale": st.sampled_from(["规上", "规下"]),
            "electricity_kwh": USES,
        }
    ),
    min_size=1,
    max_size=8,
)
BILLS = st.tuples(st.integers(0, 7), st.integers(0, 3), st.integers(0, 10**6))
MONTHS = ["2022-12-20", "2023-01-18", "2023-02-19", "2023-03-20", "2023-05-02"]


def rules(c: Decimal, d: Decimal, other: Decimal, most: int, least: int) -> RuleSet:
    body = f"""measures:
  - id: electricity
    label: 电
    kind: surcharge
    of: electricity_kwh
    per: 元/千瓦时
    rate:
      - {{id: c, when: "tier = 'C'", value: {c}, from: 2023-01-01}}
      - {{id: d1, when: "tier = 'D'", value: {d}, until: 2023-02-15}}
      - {{id: d2, when: "tier = 'D'", value: {d + 1}}}
    exempt: [{{id: small, when: "electricity_kwh < {least}", reason: 少}}]
    max_amount: {most}
    period: {{from: 2022-12-01, until: 2023-06-30}}
    exclusive: price
  - id: other
    label: 他
    kind: surcharge
    of: electricity_kwh
    per: 元/千瓦时
    rate: [{{id: all, when: "scale = '规上'", value: {other}}}]
    exclusive: price
"""
    with tempfile.TemporaryDirectory() as folder:
        return rules_of(Path(folder), body)


def frame_of(firms: list[dict[str, object]]) -> pl.DataFrame:
    return enterprises([{"credit_code": f"T{i}", **f} for i, f in enumerate(firms)])


def records_of(bills: list[tuple[int, int, int]]) -> pl.DataFrame:
    spans = list(zip(MONTHS, [m.replace("-2", "-1") for m in MONTHS[1:]], strict=False))
    return usage(*((f"T{firm}", "电", *spans[month], n) for firm, month, n in bills))


@settings(max_examples=40)
@given(
    FIRMS, RATES, RATES, RATES, RATES.filter(lambda r: r > 0), st.integers(1, 100), st.integers(0, 10**6),
    st.lists(BILLS, max_size=12, unique_by=lambda b: b[:2]),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_amounts(firms, c, d, other, more, most, least, bills, random) -> None:  # type: ignore[no-untyped-def]
    frame, records = frame_of(firms), records_of(bills)
    allocation = allocate(rules(c, d, other, most, least), frame, usage=records)
    rows = allocation.rows

    # An exclusive group never charges twice.
    charged = rows.filter(pl.col("amount") > 0).group_by("credit_code").len()
    assert charged.height == 0 or charged["len"].max() == 1
    # What is charged is the highest of what could have been.
    best = rows.group_by("credit_code").agg(
        (pl.col("amount").max() == pl.col("amount_alone").filter(pl.col("exempt").is_null()).max()).alias("best"),
        pl.col("exempt").is_null().any().alias("free"),
    )
    assert best.filter("free")["best"].fill_null(value=True).all()
    # Nothing is beyond the cap, nothing below zero.
    assert rows.filter(
        (pl.col("amount") < 0) | ((pl.col("measure") == "electricity") & (pl.col("amount") > most))
    ).is_empty()

    # Raising a rate never lowers what a firm pays.
    raised = allocate(rules(c + more, d + more, other, most, least), frame, usage=records).rows
    before, after = (r.group_by("credit_code").agg(pl.col("amount").sum()).sort("credit_code") for r in (rows, raised))
    assert (after["amount"] >= before["amount"]).all()
    alone = rows.select("credit_code", "measure", "amount_alone").join(
        raised.select("credit_code", "measure", pl.col("amount_alone").alias("then")), on=["credit_code", "measure"]
    )
    assert alone.filter(pl.col("then") < pl.col("amount_alone")).is_empty()

    # The order of the rows decides nothing.
    places = list(range(frame.height))
    random.shuffle(places)
    again = allocate(
        rules(c, d, other, most, least), frame[places], usage=records.sample(fraction=1, shuffle=True, seed=1)
    )
    assert again.allocation.equals(allocation.allocation)
    assert again.segments.sort("measure", "credit_code", "from").equals(
        allocation.segments.sort("measure", "credit_code", "from")
    )

    # The segments' quantities are the row's, up to what each was rounded for display.
    summed = allocation.segments.group_by("measure", "credit_code").agg(pl.col("quantity").sum(), pl.len())
    apart = rows.join(summed, on=["measure", "credit_code"]).filter(pl.col("quantity").is_not_null())
    assert apart.filter((pl.col("quantity") - pl.col("quantity_right")).abs() > Decimal("0.000002")).is_empty()
