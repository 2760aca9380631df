"""The dictionary: every column named once, labelled once, and found by what people call it."""

from __future__ import annotations

from collections import Counter

import pytest

from mujun.fields import FIELDS, FRAME_FIELDS, TABLES, Field, find_field, headers_of, lag_of, normal_header

COMMON = (
    "tax_paid", "area_mu", "value_added", "revenue", "employees", "electricity_kwh", "energy_tce", "rd_expense",
    "credit_code", "name", "township", "industry", "scale", "tax_credit", "water_m3", "cod_t",
)  # fmt: skip


@pytest.mark.parametrize("name", COMMON)
def test_common_fields_have_three_synonyms_at_least(name: str) -> None:
    assert len(FIELDS[name].synonyms) >= 2 or len({FIELDS[name].label, *FIELDS[name].synonyms}) >= 3


@pytest.mark.parametrize(
    ("table", "header", "field"),
    [
        ("tax", "实缴税金", "tax_paid"),
        ("tax", "实际入库税收", "tax_paid"),
        ("tax", "税收实缴额", "tax_paid"),
        ("land", "占地面积", "area_mu"),
        ("land", "实际用地", "area_mu"),
        ("output", "增加值", "value_added"),
        ("output", "主营业务收入", "revenue"),
        ("energy", "综合能耗（等价值）", "energy_tce"),
        ("energy", "综合能源消费量（当量值）", "energy_tce_calorific"),
    ],
)
def test_headers_seen_in_practice_are_understood(table: str, header: str, field: str) -> None:
    known = headers_of(TABLES[table])
    whole = normal_header(header.replace("（", "").replace("）", ""))[0]
    assert known[whole].name == field


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_no_header_means_two_fields_of_a_table(table: object) -> None:
    fields: tuple[Field, ...] = table.fields  # type: ignore[attr-defined]
    spellings = Counter(s for f in fields for s in {f.name, f.label, *f.synonyms})
    assert [s for s, n in spellings.items() if n > 1] == []


def test_labels_of_frame_fields_are_unique() -> None:
    counted = Counter(f.label for f in FRAME_FIELDS.values())
    assert [label for label, n in counted.items() if n > 1] == []


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda f: f.name)
def test_every_field_says_what_it_is(field: Field) -> None:
    assert field.label
    assert field.measured_in is not None
    if field.kind == "quantity" and field.name in FRAME_FIELDS:
        assert field.pools in ("sum", "max", "min", "again"), "a quantity of a group is made of its members'"
    for spelling, choice in field.choice_synonyms:
        assert choice in field.choices, spelling


def test_labels_find_fields() -> None:
    field = find_field("实际用地")
    assert field is not None
    assert field.name == "land_mu"
    assert find_field("没有这一项") is None


def test_lagged_names() -> None:
    assert lag_of("tax_paid_last2") == ("tax_paid", 2)
    assert lag_of("tax_paid") is None
