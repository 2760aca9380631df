"""What shows across tables and years, and above all what is no finding."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from mujun.fields import TABLES
from mujun.messages import LANGUAGES, speaking
from mujun.records import Finding, YearEnd, check_tables
from tests.records.files import code

A, B, C = code(1), code(2), code(3)


def rows(table: str, *records: dict[str, object]) -> pl.DataFrame:
    schema = TABLES[table].schema
    columns = {n: pl.Series(n, [r.get(n) for r in records], dtype=t) for n, t in schema.items()}
    places: dict[str, list[Any]] = {
        "_file": ["f.xlsx"] * len(records),
        "_sheet": ["s"] * len(records),
        "_row": list(range(2, 2 + len(records))),
    }
    return pl.DataFrame(columns).with_columns(pl.Series(k, v) for k, v in places.items())


def firm(who: str, year: int = 2022, name: str = "甲公司", scale: str = "规下") -> dict[str, object]:
    return {"year": year, "credit_code": who, "name": name, "scale": scale}


def land(who: str, area: str, year: int = 2022, tenure: str = "自有", **more: object) -> dict[str, object]:
    return {"year": year, "credit_code": who, "name": "甲公司", "tenure": tenure, "area_mu": Decimal(area), **more}


def codes(*findings: Finding) -> list[tuple[str, str | None]]:
    return [(f.code, f.credit_code) for f in findings]


def test_nothing_loaded_nothing_said() -> None:
    assert check_tables(YearEnd.of({}, 2022)) == ()
    assert check_tables(YearEnd.of({"enterprises": rows("enterprises", firm(A))}, 2022)) == ()
    assert check_tables(YearEnd.of({"tax": rows("tax", {"year": 2022, "credit_code": A})}, 2022)) == ()


def test_firms_without_land() -> None:
    tables = {
        "enterprises": rows("enterprises", firm(A), firm(B), firm(C, name="丙公司")),
        "land": rows("land", land(A, "5", tenure="租出", counterparty="丙公司"), land(A, "9")),
    }
    findings = [f for f in check_tables(YearEnd.of(tables, 2022)) if f.code == "no_land"]
    assert codes(*findings) == [("no_land", B)]
    assert (findings[0].owner, findings[0].file, findings[0].row) == ("自然资源局", "f.xlsx", 3)


def test_rows_of_nobody() -> None:
    tables = {
        "enterprises": rows("enterprises", firm(A), firm(B, year=2021)),
        "tax": rows("tax", {"year": 2022, "credit_code": A}, {"year": 2022, "credit_code": B}),
        "water": rows("water", {"year": 2021, "credit_code": C}),
        "ratings": rows("ratings", {"year": 2022, "credit_code": C, "tier": "A"}),
    }
    assert codes(*check_tables(YearEnd.of(tables, 2022))) == [("no_enterprise", B)]


def test_both_scales_across_files() -> None:
    tables = {"enterprises": rows("enterprises", firm(A), firm(A, scale="规上"), firm(B))}
    assert codes(*check_tables(YearEnd.of(tables, 2022))) == [("both_scales", A)]


@pytest.mark.parametrize(
    ("last", "now", "changed"),
    [
        ("示例一有限公司", "示例二有限公司", True),
        ("示例（嵊州）有限公司", "示例(嵊州) 有限责任公司", False),
        ("示例有限公司", "示例有限公司", False),
    ],
)
def test_new_names(last: str, now: str, changed: bool) -> None:
    tables = {"enterprises": rows("enterprises", firm(A, 2021, last), firm(A, 2022, now))}
    findings = check_tables(YearEnd.of(tables, 2022))
    assert bool(findings) == changed
    if changed:
        assert (findings[0].code, findings[0].value, findings[0].values["last"]) == ("name_changed", now, last)


# ---------------------------------------------------------------------------------------------------------- unit slips


def slips(table: str, field: str, last: str, now: str) -> list[Finding]:
    records = [{"year": y, "credit_code": A, field: Decimal(v)} for y, v in ((2021, last), (2022, now))]
    if table == "land":
        records = [land(A, last, 2021), land(A, now, 2022)]
    return [f for f in check_tables(YearEnd.of({table: rows(table, *records)}, 2022)) if f.code == "unit_slip"]


@pytest.mark.parametrize(
    ("table", "field", "last", "now", "likely"),
    [
        ("tax", "tax_paid", "20.7748", "0.001851", "18.51"),
        ("tax", "tax_paid", "20", "200000", "20"),
        ("output", "profit", "-85", "-1029900", "-102.99"),
        ("energy", "electricity_kwh", "3441376", "346.51", "3465100"),
        ("land", "area_mu", "10.134", "6756", "10.134"),
        ("land", "area_mu", "6756", "10.134", "6756"),
        ("emissions", "cod_t", "1.5", "1600", "1.6"),
    ],
)
def test_figures_in_the_wrong_unit(table: str, field: str, last: str, now: str, likely: str) -> None:
    (finding,) = slips(table, field, last, now)
    assert finding.field == field
    assert finding.values["likely"] == Decimal(likely)
    assert finding.row == 3


@pytest.mark.parametrize(
    ("table", "field", "last", "now"),
    [
        ("tax", "tax_paid", "20", "25"),
        ("tax", "tax_paid", "20", "2000"),
        ("tax", "tax_paid", "20", "30000"),
        ("tax", "tax_paid", "20", "-200000"),
        ("tax", "tax_paid", "0", "200000"),
        ("output", "employees", "10", "10000"),
        ("land", "area_mu", "10", "7000"),
        ("output", "revenue", "100", "66667"),
    ],
)
def test_growth_is_no_slip(table: str, field: str, last: str, now: str) -> None:
    assert slips(table, field, last, now) == []


def test_several_land_rows_of_a_firm_are_not_compared() -> None:
    tables = {"land": rows("land", land(A, "1", 2021), land(A, "2", 2022), land(A, "666.67", 2022))}
    assert [f for f in check_tables(YearEnd.of(tables, 2022)) if f.code == "unit_slip"] == []
    by_parcel = {
        "land": rows(
            "land", land(A, "1", 2021, parcel="p1"), land(A, "2", 2022, parcel="p2"), land(A, "666.67", parcel="p1")
        )
    }
    assert [f.row for f in check_tables(YearEnd.of(by_parcel, 2022)) if f.code == "unit_slip"] == [4]


def test_every_sentence_has_its_values() -> None:
    tables = {
        "enterprises": rows("enterprises", firm(A, 2021), firm(A, name="乙"), firm(B), firm(B, scale="规上")),
        "land": rows("land", land(C, "1", 2021), land(C, "666.67")),
    }
    findings = check_tables(YearEnd.of(tables, 2022))
    assert {f.code for f in findings} == {"name_changed", "both_scales", "no_land", "no_enterprise", "unit_slip"}
    for f in findings:
        assert f.severity == "warning"
        for language in LANGUAGES:
            with speaking(language):
                assert f.what
                assert f.remedy
