"""Columns exchanged, last year's row, a digit too many, one parcel in another unit: each once, nothing beside it."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from mujun.analysis.anomalies import Anomaly, find_anomalies
from tests.analysis.anomalies.test_search import ODD, industry, of, value_of

D = Decimal


def kinds(found: list[Anomaly]) -> list[tuple[str, str, str]]:
    return [(a.kind, a.credit_code, a.field) for a in found]


@pytest.mark.parametrize(("one", "other"), [("revenue", "value_added"), ("electricity_kwh", "energy_tce")])
def test_two_columns_exchanged(one: str, other: str) -> None:
    clean = industry()
    first, second = value_of(clean, one), value_of(clean, other)
    found = of(industry(**{one: second, other: first}))
    assert sorted(kinds(found)) == sorted([("swap", ODD, one), ("swap", ODD, other)])
    right = {a.field: a.likely for a in found}
    assert right == {one: first, other: second}


def test_exchanged_without_last_year_is_said_without_a_likely_value() -> None:
    clean = industry()
    first, second = value_of(clean, "electricity_kwh"), value_of(clean, "energy_tce")
    gone = {"electricity_kwh_last": None, "energy_tce_last": None}
    found = of(industry(electricity_kwh=second, energy_tce=first, **gone))
    assert sorted(kinds(found)) == [("swap", ODD, "electricity_kwh"), ("swap", ODD, "energy_tce")]
    assert [a.likely for a in found] == [None, None]


def test_alike_figures_are_not_exchanged() -> None:
    # Output equal to revenue: exchanging them changes nothing, and nothing is said.
    revenue = value_of(industry(), "revenue")
    found = of(industry(gross_output=revenue, gross_output_last=revenue))
    assert [a for a in found if a.kind != "repeat"] == []


def test_last_years_row_sent_in_again() -> None:
    clean = industry()
    again = {f: value_of(clean, f"{f}_last") for f in ("revenue", "value_added", "gross_output")}
    (found,) = of(industry(**again))
    assert (found.kind, found.credit_code, found.likely) == ("repeat", ODD, None)
    assert found.values["fields"] == ("revenue", "value_added", "gross_output")


def test_one_digit_too_many() -> None:
    tax = value_of(industry(), "tax_paid")
    (found,) = [a for a in of(industry(tax_paid=tax * 10)) if a.kind != "ratio"]
    assert (found.kind, found.field, found.likely) == ("digit", "tax_paid", None)
    assert found.values["up"] is True


def land_of(*rows: tuple[str | None, str, str]) -> pl.DataFrame:
    """Rows of land of the odd firm: parcel, tenure, area."""
    return pl.DataFrame(
        [(ODD, parcel, tenure, D(area)) for parcel, tenure, area in rows],
        schema={"credit_code": pl.String, "parcel": pl.String, "tenure": pl.String, "area_mu": pl.Decimal(18, 6)},
        orient="row",
    )


def test_one_parcel_in_another_unit() -> None:
    # 10 mu and 8 mu last year; this year the second stands as 5,333.333 ㎡ (8 × 2000 ÷ 3).
    frame = industry(owned_mu=D("5343.333"), owned_mu_last=18, land_mu=D("5343.333"), land_mu_last=18)
    land = land_of(("P1", "自有", "10"), ("P2", "自有", "5333.333"))
    recorded = pl.DataFrame({"parcel": ["P2"], "area_mu": [D(8)]}, schema_overrides={"area_mu": pl.Decimal(18, 6)})
    found = [a for a in find_anomalies(frame, land, recorded) if a.kind == "parcel"]
    assert [(a.credit_code, a.field, a.values["parcel"]) for a in found] == [(ODD, "owned_mu", "P2")]
    assert found[0].likely is not None
    assert abs(found[0].likely - 18) < D("0.001")
    # By last year's figure alone it is said, and no figure proposed.
    (alone,) = [a for a in find_anomalies(frame, land) if a.kind == "parcel"]
    assert alone.likely is None


def test_parcels_that_agree_with_last_year_are_nothing() -> None:
    frame = industry(owned_mu=18, owned_mu_last=18, land_mu=18, land_mu_last=18)
    assert [
        a for a in find_anomalies(frame, land_of(("P1", "自有", "10"), ("P2", "自有", "8"))) if a.kind == "parcel"
    ] == []


def test_one_figure_of_last_year_sent_in_again() -> None:
    """Seven digits that agree with last year's to the last one do not agree by chance; six may."""
    (found,) = of(industry(revenue=1234.567, revenue_last=1234.567))
    assert (found.kind, found.field, found.values["fields"]) == ("repeat", "revenue", ("revenue",))
    assert of(industry(revenue=1234.56, revenue_last=1234.56)) == []


def rows_of(*codes: str, file: str = "统计.xlsx", first: int = 2) -> pl.DataFrame:
    return pl.DataFrame(
        {"credit_code": codes, "_file": file, "_sheet": "产出", "_row": range(first, first + len(codes))},
        schema={"credit_code": pl.String, "_file": pl.String, "_sheet": pl.String, "_row": pl.Int64},
    )


def test_the_cell_of_the_row_beside() -> None:
    """E8's revenue stands at E7 too. Only where the two rows touch is that told, and of the one that moved."""
    clean = industry()
    theirs = clean.filter(pl.col("credit_code") == "E8")["revenue"][0]
    frame = industry(revenue=theirs)
    assert len(str(theirs).replace(".", "").strip("0")) >= 6
    others = [c for c in frame["credit_code"].to_list() if c not in (ODD, "E8")]

    def copies(places: pl.DataFrame) -> list[tuple[str, str, object]]:
        found = find_anomalies(frame, places={"output": places})
        return [(a.credit_code, a.field, a.values["others"]) for a in found if a.kind == "copy"]

    assert copies(rows_of(*others[:10], ODD, "E8", *others[10:])) == [(ODD, "revenue", ["某厂"])]
    assert copies(rows_of(*others[:10], ODD, *others[10:], "E8")) == []
    assert copies(pl.concat([rows_of(ODD), rows_of("E8", file="另一份.xlsx", first=3)])) == []
    assert copies(rows_of(ODD, "E8").with_columns(pl.lit(None, dtype=pl.Int64).alias("_row"))) == []
