"""Each kind of anomaly on a small industry that is all alike but for one firm."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest

from mujun.analysis.anomalies import Anomaly, effect_of, find_anomalies
from mujun.analysis.anomalies.effect import corrected
from mujun.rating import rate
from tests.rating.given import CLASSES, frame_of, rules_of

SIZE = 60
ODD = "E7"


def industry(**odd: Any) -> pl.DataFrame:
    """Sixty firms of one industry and scale, each with its own size, tidy ratios and a quiet year behind it."""
    draw = np.random.default_rng(5)
    rows: list[dict[str, Any]] = []
    for _ in range(SIZE):
        size = draw.lognormal(0, 0.6)

        def about(median: float, spread: float = 0.15, size: float = size) -> float:
            return round(float(size * median * np.exp(spread * draw.normal())), 3)

        firm: dict[str, Any] = {
            "land_mu": about(20), "owned_mu": None, "tax_paid": about(100), "revenue": about(2000),
            "value_added": about(450), "gross_output": about(2050), "electricity_kwh": about(400_000),
            "energy_tce": about(150), "employees": round(20 * size) + 3, "water_m3": about(3000),
            "floor_area_m2": about(9000),
        }  # fmt: skip
        firm["owned_mu"] = firm["land_mu"]
        firm |= {f"{k}_last": round(v * float(np.exp(0.05 * draw.normal())), 3) for k, v in firm.items()}
        rows.append({**firm, "scale": "规上", "industry_division": "17", "name": "某厂"})
    rows[int(ODD[1:]) - 1] |= odd
    return frame_of(rows)


def of(frame: pl.DataFrame) -> list[Anomaly]:
    return list(find_anomalies(frame))


def value_of(frame: pl.DataFrame, name: str) -> Decimal:
    value: Decimal = frame.filter(pl.col("credit_code") == ODD)[name][0]
    return value


def test_a_tidy_industry_has_none() -> None:
    assert of(industry()) == []


@pytest.mark.parametrize(
    ("field", "factor", "units"),
    [
        ("tax_paid", 10_000, "元/万元"),
        ("revenue", 10_000, "元/万元"),
        ("electricity_kwh", 10_000, "千瓦时/万千瓦时"),
        ("energy_tce", 1_000, "千克标煤/吨标煤"),
        ("water_m3", 10_000, "立方米/万立方米"),
        ("owned_mu", Decimal(2000) / 3, "㎡/亩"),
    ],
)
@pytest.mark.parametrize("way", ["too large", "too small"])
@pytest.mark.parametrize("last_known", [True, False])
def test_a_figure_in_the_wrong_unit(field: str, factor: Any, units: str, way: str, last_known: bool) -> None:
    right = value_of(industry(), field)
    wrong = round(right * factor if way == "too large" else right / factor, 6)
    frame = industry(**{field: wrong, **({} if last_known else {f"{field}_last": None})})
    (found,) = [a for a in of(frame) if a.kind != "ratio"]
    assert (found.kind, found.credit_code, found.field, found.values["units"]) == ("slip", ODD, field, units)
    if last_known:
        assert found.likely is not None
        assert abs(found.likely - right) <= Decimal("0.01") * right
    else:
        # The peers alone say that something is wrong, not what is right.
        assert found.likely is None
    assert found.values["by_last"] == last_known


def test_a_table_in_the_wrong_unit() -> None:
    """All figures of the output table: the others still say how large the firm is."""
    frame = industry()
    wrong = {f: value_of(frame, f) * 10_000 for f in ("revenue", "value_added", "gross_output")}
    found = of(industry(**wrong))
    assert sorted(a.field for a in found if a.kind == "slip") == ["gross_output", "revenue", "value_added"]


def test_last_year_in_the_wrong_unit() -> None:
    frame = industry()
    (found,) = of(industry(tax_paid_last=value_of(frame, "tax_paid") * 10_000))
    assert (found.kind, found.field, found.likely) == ("slip_last", "tax_paid", None)
    assert found.values["likely_last"] == value_of(frame, "tax_paid")


def test_both_years_in_the_wrong_unit() -> None:
    wrong = value_of(industry(), "tax_paid") * 10_000
    (found,) = of(industry(tax_paid=wrong, tax_paid_last=wrong))
    assert (found.kind, found.field, found.values["by_last"]) == ("slip", "tax_paid", False)


def test_a_jump() -> None:
    """Thirty times as much power while nothing else moved; a firm that grew as a whole is none."""
    power = value_of(industry(), "electricity_kwh_last")
    found = of(industry(electricity_kwh=power * 30))
    jump = next(a for a in found if a.kind == "jump")
    assert (jump.credit_code, jump.field) == (ODD, "electricity_kwh")
    assert (jump.values["up"], jump.values["times"]) == (True, "30")
    everything = (
        "tax_paid", "revenue", "value_added", "gross_output", "energy_tce", "electricity_kwh", "water_m3", "employees",
    )  # fmt: skip
    grown = {f: value_of(industry(), f) * 6 for f in everything}
    assert [a for a in of(industry(**grown)) if a.kind == "jump"] == []


def test_figures_that_do_not_go_together() -> None:
    value = value_of(industry(), "value_added")
    found = [a for a in of(industry(value_added=value * 20, value_added_last=value * 20)) if a.kind == "ratio"]
    assert [(a.credit_code, a.field) for a in found] == [(ODD, "value_added")]
    assert found[0].values["above"] == "value_added"
    assert float(str(found[0].values["ratio"])) > 5 * float(str(found[0].values["usual"]))


@pytest.mark.parametrize(("value", "kind"), [(None, "blank"), (0, "zero")])
def test_output_without_energy(value: int | None, kind: str) -> None:
    found = of(industry(electricity_kwh=value))
    assert [(a.kind, a.field, a.values["with"], a.values["peers"]) for a in found] == [
        (kind, "electricity_kwh", SIZE - 1, SIZE)
    ]


def test_a_firm_at_rest_lacks_nothing() -> None:
    nothing = dict.fromkeys(("tax_paid", "revenue", "value_added", "gross_output"), 0)
    assert [a.kind for a in of(industry(**nothing, electricity_kwh=0)) if a.kind in ("zero", "blank")] == []


def test_another_firms_figures() -> None:
    frame = industry()
    other = frame.filter(pl.col("credit_code") == "E9")
    same = {f: other[f][0] for f in ("revenue", "value_added")}
    found = [a for a in of(industry(**same)) if a.kind == "copy"]
    assert [(a.credit_code, a.values["fields"]) for a in found] == [
        ("E7", ("revenue", "value_added")), ("E9", ("revenue", "value_added")),
    ]  # fmt: skip
    group = industry(**same).with_columns(pl.lit("G").alias("group_code"))
    assert [a for a in of(group) if a.kind == "copy"] == []
    # One figure of few digits may agree by chance.
    assert [a for a in of(industry(revenue=same["revenue"])) if a.kind == "copy"] == []


def test_neither_order_nor_threads_matter() -> None:
    frame = industry(value_added=value_of(industry(), "value_added") * 20, tax_paid=0, water_m3=None)
    assert of(frame.sample(fraction=1, shuffle=True, seed=2)) == of(frame)


# --------------------------------------------------------------------------------------------------------------- effect

RULES = f"""
cohorts: [{{id: all, when: "true"}}]
indicators: {{tax: {{of: tax_paid, per: land_mu}}}}
scoring: {{all: {{tax: {{weight: 100, benchmark: 5}}}}}}
tiers:
  classes: {CLASSES}
  cut: {{default: {{shares: {{A: 20, B: 60, C: 95, D: 100}}}}}}
"""


def test_what_the_likely_value_changes() -> None:
    right = industry()
    wrong = industry(tax_paid=value_of(right, "tax_paid") * 10_000)
    rules = rules_of(RULES)
    rating, truth = rate(wrong, rules), rate(right, rules)
    found = of(wrong)
    effect = effect_of(wrong, rating, found)
    expected = truth.enterprises.filter(pl.col("credit_code") == ODD)["tier"][0]
    assert effect.tiers == {ODD: ("A", expected)}
    others = rating.enterprises.join(truth.enterprises, on="credit_code").filter(
        pl.col("tier") != pl.col("tier_right"), pl.col("credit_code") != ODD
    )
    assert effect.others == others.height


def test_land_follows_from_its_parts() -> None:
    frame = industry(owned_mu=value_of(industry(), "owned_mu") * 2000 / 3)
    put_right = corrected(frame, of(frame))
    assert abs(value_of(put_right, "land_mu") - value_of(industry(), "owned_mu")) < Decimal("0.001")


@pytest.mark.parametrize(
    "frame", [industry().head(0), industry().head(1), frame_of([{"tax_paid": 5}, {"tax_paid": 0}])]
)
def test_a_frame_with_little_in_it_has_none(frame: pl.DataFrame) -> None:
    assert of(frame) == []
