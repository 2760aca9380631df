from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mujun import messages
from mujun.errors import UsageError
from mujun.fields import TABLES, Kind, frame_schema
from mujun.fields.frame import REACHED_BY
from mujun.records import Finding
from mujun.records.frame import POLLUTANTS, YEARLY, build_frame

A, B = "91350100M000100Y43", "91512081MA62K0260E"
YEAR = 2022


def rows(table: str, *records: Mapping[str, object]) -> pl.DataFrame:
    schema = TABLES[table].schema
    full = [{name: _value(r.get(name)) for name in schema} for r in records]
    return pl.DataFrame(full, schema=schema)


def _value(value: object) -> object:
    return Decimal(str(value)) if isinstance(value, float) else value


def firm(code: str = A, year: int = YEAR, **fields: object) -> dict[str, object]:
    return {"year": year, "credit_code": code, **fields}


def frame_of(year: int = YEAR, **tables: list[dict[str, object]]) -> pl.DataFrame:
    tables = {"enterprises": [firm(name="甲", scale="规上"), firm(B, name="乙", scale="规下")], **tables}
    frame, findings = build_frame({t: rows(t, *r) for t, r in tables.items()}, year)
    assert findings == ()
    return frame


def of(frame: pl.DataFrame, *columns: str, code: str = A) -> tuple[object, ...]:
    return frame.filter(pl.col("credit_code") == code).select(columns).row(0)


# ------------------------------------------------------------------------------------------------------------ its shape


def test_a_frame_has_exactly_the_columns_of_the_dictionary_and_a_row_per_enterprise_of_the_year() -> None:
    frame = frame_of(enterprises=[firm(B, name="乙"), firm(name="甲"), firm("X", 2021, name="去年的")])
    assert dict(frame.schema) == frame_schema()
    assert frame["credit_code"].to_list() == sorted([A, B])
    assert of(frame, "year", "as_of", "name") == (YEAR, date(2022, 12, 31), "甲")


def test_nothing_loaded_gives_an_empty_frame_of_the_same_shape() -> None:
    frame, _ = build_frame({}, YEAR)
    assert frame.height == 0
    assert dict(frame.schema) == frame_schema()


def sample(kind: Kind, n: int) -> object:
    """A value for the n-th field of a table, unlike that of any other of its kind."""
    return {
        "quantity": Decimal(f"{7 + n}.000001"),
        "text": f"{38 + n}12",
        "date": date(2019, 2, 28) + timedelta(days=n),
        "boolean": True,
        "whole": 5 + n,
    }[kind]


YEARLY_FIELDS = {
    t: [
        f
        for f in TABLES[t].fields
        if f.name not in ("year", "credit_code", *REACHED_BY) and (f.name != "name" or t == "enterprises")
    ]
    for t in ("enterprises", *YEARLY)
}


@pytest.mark.parametrize("table", YEARLY_FIELDS)
def test_every_field_of_every_yearly_table_arrives_in_its_year_and_the_two_after(table: str) -> None:
    said = {f.name: sample(f.kind, n) for n, f in enumerate(YEARLY_FIELDS[table])}
    given: dict[str, list[dict[str, object]]] = {
        "enterprises": [firm(year=y) for y in (2021, 2022, 2023)],
        table: [{**firm(year=2021), **said}],
    }
    if table == "enterprises":
        given[table] += [firm(year=2022), firm(year=2023)]
    tables = {name: rows(name, *records) for name, records in given.items()}
    for years_later, then in enumerate(("", "_last", "_last2")):
        frame, _ = build_frame(tables, 2021 + years_later)
        shown = {(n, s): of(frame, n + s)[0] for n in said for s in ("", "_last", "_last2")}
        assert shown == {(n, s): said[n] if s == then else None for n, s in shown}


def test_last_years_figures_do_not_need_last_years_roll() -> None:
    frame = frame_of(tax=[firm(year=2021, tax_paid=3.5)])
    assert of(frame, "tax_paid", "tax_paid_last", "tax_paid_last2") == (None, Decimal("3.5"), None)


def test_records_without_an_enterprise_add_no_row() -> None:
    assert frame_of(tax=[firm("X", tax_paid=1.0)])["credit_code"].to_list() == [A, B]


# -------------------------------------------------------------------------------------------------------------- derived


@pytest.mark.parametrize(
    ("industry", "division"),
    [("3812", "38"), ("06", "06"), ("381", "38"), ("C381", None), ("3", None), (None, None), ("电机", None)],
)
def test_industry_division(industry: str | None, division: str | None) -> None:
    frame = frame_of(enterprises=[firm(industry=industry), firm(year=2021, industry="1751")])
    assert of(frame, "industry_division", "industry_division_last") == (division, "17")


@pytest.mark.parametrize(
    ("reported", "total"),
    [
        ({}, None),
        ({"cod_t": 1.5}, "1.5"),
        ({"cod_t": 1.5, "nox_t": 2.25}, "3.75"),
        ({"so2_t": 0.0}, "0"),
        (dict.fromkeys(POLLUTANTS, 1.0), "4"),
    ],
)
def test_emissions_are_the_sum_of_what_is_reported(reported: dict[str, float], total: str | None) -> None:
    frame = frame_of(emissions=[{**firm(), **reported}])
    assert of(frame, "emissions_t") == (None if total is None else Decimal(total),)
    assert of(frame, "emissions_t", code=B) == (None,)


def test_land_is_zero_where_a_tenure_is_absent_and_missing_without_any_row() -> None:
    columns = ("owned_mu", "rented_in_mu", "rented_out_mu", "land_mu", "tenants_above", "tenants_below", "parcels")
    frame = frame_of(land=[firm(tenure="自有", area_mu=20.5, parcel="P1")])
    assert of(frame, *columns) == (Decimal("20.5"), 0, 0, Decimal("20.5"), 0, 0, ["P1"])
    assert of(frame, *columns, code=B) == (None, None, None, None, 0, 0, [])


def test_a_firm_that_is_only_named_as_a_landlord_has_land() -> None:
    columns = ("owned_mu", "rented_in_mu", "rented_out_mu", "land_mu", "tenants_above", "tenants_below")
    frame = frame_of(land=[firm(B, tenure="租入", area_mu=8.0, counterparty="甲")])
    assert of(frame, *columns) == (0, 0, 8, -8, 0, 1)
    assert of(frame, *columns, code=B) == (0, 8, 0, 8, 0, 0)


def test_land_of_earlier_years() -> None:
    columns = (
        "land_mu_last",
        "parcels_last",
        "tenants_below_last",
        "land_mu_last2",
        "parcels_last2",
        "tenants_below_last2",
    )
    frame = frame_of(land=[firm(year=2021, tenure="自有", area_mu=3.0)])
    # Of 2020 there are no land records at all: that is not the same as no tenants.
    assert of(frame, *columns) == (3, [], 0, None, None, None)
    assert of(frame, *columns, code=B) == (None, [], 0, None, None, None)


# --------------------------------------------------------------------------------------------------------------- labels


@pytest.mark.parametrize(
    ("since", "until", "in_force"),
    [
        (date(2022, 12, 31), None, True),
        (date(2023, 1, 1), None, False),
        (date(2015, 5, 5), date(2022, 1, 1), True),
        (date(2015, 5, 5), date(2021, 12, 31), False),
        (date(2022, 3, 1), date(2022, 3, 2), True),
    ],
)
def test_a_label_counts_if_in_force_on_a_day_of_the_year(since: date, until: date | None, in_force: bool) -> None:
    frame = frame_of(labels=[{"credit_code": A, "label": "上市", "since": since, "until": until}])
    assert of(frame, "labels") == (["上市"] if in_force else [],)


def test_labels_are_sorted_each_once_and_never_null() -> None:
    def label(name: str, since: int) -> dict[str, object]:
        return {"credit_code": A, "label": name, "since": date(since, 6, 1), "until": None}

    frame = frame_of(labels=[label("b", 2019), label("a", 2022), label("b", 2021)])
    assert of(frame, "labels", "labels_last", "labels_last2") == (["a", "b"], ["b"], ["b"])
    assert of(frame, "labels", "labels_last", code=B) == ([], [])


# ---------------------------------------------------------------------------------------------------------------- tiers


def test_tiers_of_earlier_years() -> None:
    tiers = {2022: "D", 2021: "B", 2019: "A", 2012: "C", 2011: "A"}
    frame = frame_of(ratings=[firm(year=y, tier=t) for y, t in tiers.items()] + [firm(B, 2011, tier="A")])
    assert of(frame, "tier_last") == ("B",)
    assert of(frame, "tier_history") == (["B", None, "A", None, None, None, None, None, None, "C"],)
    assert of(frame, "tier_last", "tier_history", code=B) == (None, [])


def test_a_year_without_tier_is_null_in_the_history() -> None:
    frame = frame_of(ratings=[firm(year=2020, tier="B")])
    assert of(frame, "tier_last", "tier_history") == (None, [None, "B"])


# --------------------------------------------------------------------------------------------------------- extra fields


def extra_of(kind: Kind, *values: str | None) -> tuple[list[object], tuple[Finding, ...]]:
    codes = [f"F{i:03}" for i in range(len(values))]
    tables = {
        "enterprises": rows("enterprises", *(firm(c) for c in codes)),
        "extra": rows("extra", *(firm(c, field="due", value=v) for c, v in zip(codes, values) if v is not None)),
    }
    frame, findings = build_frame(tables, YEAR, extra={"due": kind})
    assert frame.columns == [*frame_schema(), "due", "due_last", "due_last2"]
    return frame["due"].to_list(), findings


@pytest.mark.parametrize(
    ("kind", "texts", "values"),
    [
        (
            "quantity",
            ["1,234.5", "０．５", "-2", "无", None],
            [Decimal("1234.5"), Decimal("0.5"), Decimal(-2), None, None],
        ),
        ("date", ["2022年3月5日", "2022.3.5", None], [date(2022, 3, 5), date(2022, 3, 5), None]),
        ("boolean", ["是", "否", "Yes", "0", None], [True, False, True, False, None]),
        ("text", [" 甲 ", None], ["甲", None]),
        ("texts", ["甲、乙", "丙", None], [["甲", "乙"], ["丙"], None]),
    ],
)
def test_extra_fields_are_read_as_what_the_rules_declare(
    kind: Kind, texts: list[str | None], values: list[object]
) -> None:
    assert extra_of(kind, *texts) == (values, ())


@pytest.mark.parametrize(
    ("kind", "text"), [("quantity", "约三亩"), ("date", "去年底"), ("boolean", "也许"), ("whole", "二十")]
)
def test_an_extra_value_that_cannot_be_read_is_missing_and_found(kind: Kind, text: str) -> None:
    values, (finding,) = extra_of(kind, text)
    assert values == [None]
    assert (finding.code, finding.severity, finding.credit_code, finding.value) == (
        "extra_unreadable",
        "error",
        "F000",
        text,
    )
    for language in messages.LANGUAGES:
        with messages.speaking(language):
            assert text in finding.what
            assert finding.remedy


def test_extra_fields_of_other_years_and_names_stay_out() -> None:
    tables = {
        "enterprises": rows("enterprises", firm()),
        "extra": rows("extra", firm(year=2021, field="due", value="1"), firm(field="other", value="2")),
    }
    frame, findings = build_frame(tables, YEAR, extra={"due": "quantity"})
    assert (frame["due"].to_list(), findings) == ([None], ())


def test_an_extra_field_may_not_take_the_name_of_a_column() -> None:
    with pytest.raises(UsageError, match="tax_paid"):
        build_frame({}, YEAR, extra={"tax_paid": "quantity"})


# -------------------------------------------------------------------------------------------------------- order, store


def test_the_order_of_rows_plays_no_part_and_columns_of_the_store_do_no_harm() -> None:
    tables = {
        "enterprises": rows("enterprises", firm(name="甲"), firm(B, name="乙"), firm(year=2021)),
        "tax": rows("tax", firm(tax_paid=1.0), firm(B, tax_paid=2.0), firm(year=2021, tax_paid=3.0)),
        "land": rows("land", firm(tenure="自有", area_mu=20.0), firm(B, tenure="租入", area_mu=2.0, counterparty="甲")),
        "labels": rows("labels", *({"credit_code": A, "label": name, "since": date(2020, 1, 1)} for name in "ba")),
        "ratings": rows("ratings", firm(year=2021, tier="A"), firm(year=2020, tier="B")),
    }
    frame, _ = build_frame(tables, YEAR)
    origin = {"_batch": 1, "_file": "a.xlsx", "_sheet": "s", "_row": 2}
    stored = {
        name: table.reverse().with_columns(pl.lit(value).alias(column) for column, value in origin.items())
        for name, table in tables.items()
    }
    again, _ = build_frame(stored, YEAR)
    assert_frame_equal(frame, again)
