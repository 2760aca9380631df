"""Several departments write one table: each field comes from the newest file that carried its column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mujun.errors import StoreError, UsageError
from mujun.fields import TABLES
from mujun.records import read_file
from mujun.records.finding import Finding
from mujun.store import Store
from tests.records.files import code, workbook

from .given import file, rows

A, B = "91350100M000100Y43", "91512081MA62K0260E"
FIELDS = ("electricity_kwh", "energy_tce", "gas_m3")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "嵊州.duckdb"
    Store.create(path).close()
    return path


def load(path: Path, name: str, *records: dict[str, object], columns: Iterable[str] | None = None) -> None:
    """A file about energy in 2022, of these columns."""
    energy = rows("energy", *({"year": 2022, "credit_code": A, **r} for r in records), sheet=f"{name}表")
    with Store.open(path, write=True) as store:
        store.add_batch(
            file(name, {"energy": energy}, columns=None if columns is None else {"energy": columns}), who="王"
        )


def energy(path: Path, as_of: int | None = None) -> dict[str, tuple[object, ...]]:
    with Store.open(path) as store:
        found = store.table("energy", as_of_batch=as_of)
    return {row[0]: row[1:] for row in found.select("credit_code", *FIELDS, "_batch").iter_rows()}


def power_then_statistics(path: Path) -> None:
    load(path, "供电", {"electricity_kwh": 100.0}, {"credit_code": B, "electricity_kwh": 7.0}, columns=FIELDS[:1])
    load(path, "统计", {"energy_tce": 5.0, "gas_m3": 3.0, "name": "甲"}, columns=("name", *FIELDS[1:]))


def test_two_departments_make_up_one_row(path: Path) -> None:
    power_then_statistics(path)
    assert energy(path) == {A: (100, 5, 3, 2), B: (7, None, None, 1)}
    assert energy(path, 1) == {A: (100, None, None, 1), B: (7, None, None, 1)}


def test_a_correction_may_blank_a_figure_it_carries_and_no_other(path: Path) -> None:
    power_then_statistics(path)
    load(path, "更正", {"energy_tce": None}, columns=("energy_tce",))
    assert energy(path)[A] == (100, None, 3, 3)
    load(path, "全表", {"electricity_kwh": 1.0})
    assert energy(path)[A] == (1, None, None, 4)
    assert energy(path, 2)[A] == (100, 5, 3, 2)


def test_the_place_of_a_row_is_that_of_its_newest_file(path: Path) -> None:
    power_then_statistics(path)
    with Store.open(path) as store:
        found = store.table("energy").select("_batch", "_file", "_sheet", "_row").rows()
    assert found == [(2, "统计", "统计表", 2), (1, "供电", "供电表", 3)]


def test_every_figure_has_its_own_origin(path: Path) -> None:
    power_then_statistics(path)
    load(path, "更正", {"gas_m3": None}, columns=("gas_m3",))
    with Store.open(path) as store:
        found = store.origin("energy", A, 2022)
        before = store.origin("energy", A, as_of_batch=1)
        assert store.origin("energy", A, 2021).is_empty()
        assert store.origin("energy", "nobody").schema == found.schema
        with pytest.raises(UsageError):
            store.origin("energy", A, as_of_batch=9)
    of = {row["field"]: tuple(row.values()) for row in found.iter_rows(named=True)}
    assert list(of) == [f for f in TABLES["energy"].by_name if f not in ("year", "credit_code")]
    assert of["electricity_kwh"] == (2022, None, "electricity_kwh", "100", 1, "供电", "供电表", 2)
    assert of["energy_tce"] == (2022, None, "energy_tce", "5", 2, "统计", "统计表", 2)
    assert of["gas_m3"] == (2022, None, "gas_m3", None, 3, "更正", "更正表", 2)
    assert of["coal_t"] == (2022, None, "coal_t", None, None, None, None, None)
    assert before.filter(pl.col("batch").is_not_null())["field"].to_list() == ["electricity_kwh"]


def test_origins_where_a_firm_has_several_records_or_rows(path: Path) -> None:
    land = rows("land", *({"year": 2022, "credit_code": A, "tenure": t, "area_mu": 1.5} for t in ("自有", "租入")))
    extra = rows("extra", *({"year": 2022, "credit_code": A, "field": f, "value": f} for f in ("产值比", "专利")))
    with Store.open(path, write=True) as store:
        store.add_batch(file("a", {"land": land, "extra": extra}), who="王")
        areas = store.origin("land", A).filter(pl.col("field") == "area_mu").select("value", "batch", "row").rows()
        values = store.origin("extra", A).filter(pl.col("field") == "value").select("record", "value", "row").rows()
    assert areas == [("1.5", 1, 2), ("1.5", 1, 3)]
    assert sorted(values) == [("专利", "专利", 3), ("产值比", "产值比", 2)]


def test_history_says_of_each_row_whether_any_of_it_stands(path: Path) -> None:
    power_then_statistics(path)

    def standing() -> list[tuple[object, ...]]:
        with Store.open(path) as store:
            return store.history("energy", A).select("_batch", "_current").rows()

    assert standing() == [(2, True), (1, True)]
    load(path, "供电更正", {"electricity_kwh": 90.0}, columns=FIELDS[:1])
    assert standing() == [(3, True), (2, True), (1, False)]


def test_the_views_follow_the_same_rule(path: Path) -> None:
    power_then_statistics(path)
    ask = "SELECT electricity_kwh, energy_tce FROM {} WHERE credit_code = ?"
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute(ask.format("current.energy"), [A]).fetchall() == [(100, 5)]
        assert connection.execute(ask.format("as_of.energy(1)"), [A]).fetchall() == [(100, None)]


def test_findings_are_told_where_their_figure_stands(path: Path) -> None:
    power_then_statistics(path)

    def slip(field: str, table: str = "energy") -> Finding:
        place = {"file": "统计", "sheet": "统计表", "row": 2, "year": 2022, "credit_code": A}
        return Finding("unit_slip", "warning", table, field=field, **place)  # type: ignore[arg-type]

    given = [slip("electricity_kwh"), slip("gas_m3"), slip("credit_code"), slip("area_mu", "land"), slip("coal_t")]
    with Store.open(path) as store:
        moved = store.located(given)
    assert [(f.file, f.sheet, f.row) for f in moved[:1]] == [("供电", "供电表", 2)]
    assert list(moved[1:]) == given[1:]


# ------------------------------------------------------------------------------------------- one file, several sheets


def sheets(path: Path, *more: list[object]) -> Path:
    """A workbook with electricity on one sheet and 综合能耗 on the other."""
    head = ["统一社会信用代码", "企业名称"]
    return workbook(
        path,
        {
            "用电": [[*head, "用电量（万千瓦时）"], [code(1), "甲", 2], [code(2), "乙", 1]],
            "能耗": [[*head, "综合能耗（吨标煤）"], [code(1), "甲", 50], *more],
        },
    )


def test_sheets_of_one_file_complete_each_other(path: Path, tmp_path: Path) -> None:
    records = read_file(sheets(tmp_path / "2022年能源.xlsx"))
    assert [f.code for f in records.findings] == []
    assert [t.columns for t in records.tables] == [
        ("year", "credit_code", "name", "electricity_kwh"),
        ("year", "credit_code", "name", "energy_tce"),
    ]
    with Store.open(path, write=True) as store:
        store.add_batch(records, who="王")
        found = store.origin("energy", code(1)).drop_nulls("value").select("field", "value", "sheet", "row").rows()
    assert found == [
        ("name", "甲", "能耗", 2), ("electricity_kwh", "20000", "用电", 2), ("energy_tce", "50", "能耗", 2)
    ]  # fmt: skip
    assert energy(path) == {code(1): (20_000, 50, None, 1), code(2): (10_000, None, None, 1)}


def test_what_contradicts_on_two_sheets_is_kept_out(tmp_path: Path) -> None:
    records = read_file(sheets(tmp_path / "2022年能源.xlsx", [code(2), "丙", 9], [code(1), "甲", 51]))
    said = [(f.code, f.sheet, f.row, f.values.get("first")) for f in records.findings]
    assert said == [
        ("duplicate_key", "用电", 3, "能耗!3"),
        ("duplicate_key", "能耗", 2, "4"),
        ("duplicate_key", "能耗", 3, "用电!3"),
        ("duplicate_key", "能耗", 4, "2"),
    ]
    # What the sheet of electricity says of the first firm contradicts nothing.
    assert [(t.rows.height, t.quarantine.height) for t in records.tables] == [(1, 1), (0, 3)]


@pytest.mark.parametrize(("value", "stored"), [(5.0, True), (6.0, False)])
def test_a_file_that_says_two_things_of_one_figure_is_refused(path: Path, value: float, stored: bool) -> None:
    first = file("a", {"energy": rows("energy", {"year": 2022, "credit_code": A, "gas_m3": 5.0})})
    second = file(
        "a",
        {"energy": rows("energy", {"year": 2022, "credit_code": A, "gas_m3": value, "coal_t": 1.0})},
        columns={"energy": ("gas_m3", "coal_t")},
    )
    first = replace(first, tables=(replace(first.tables[0], columns=("gas_m3",)), *second.tables))
    with Store.open(path, write=True) as store:
        if stored:
            assert store.add_batch(first, who="王") == 1
        else:
            with pytest.raises(StoreError):
                store.add_batch(first, who="王")
            assert store.newest_batch() == 0


# ------------------------------------------------------------------------------------------------- what always holds

figures = st.one_of(st.none(), st.decimals("-999999999999.999999", "999999999999.999999", places=6))
batches = st.lists(
    st.dictionaries(st.sampled_from(FIELDS), st.dictionaries(st.sampled_from((A, B)), figures), max_size=3), max_size=6
)


@settings(max_examples=25)
@given(batches)
def test_each_field_is_what_the_newest_file_with_its_column_says(
    tmp_path_factory: pytest.TempPathFactory, given: list[dict[str, dict[str, Decimal | None]]]
) -> None:
    path = tmp_path_factory.mktemp("store") / "a.duckdb"
    expected: dict[str, dict[str, Decimal | None]] = {}
    with Store.create(path) as store:
        for n, carried in enumerate(given):
            firms = sorted({firm for column in carried.values() for firm in column})
            for firm in firms:
                expected.setdefault(firm, dict.fromkeys(FIELDS))
                expected[firm] |= {f: column.get(firm) for f, column in carried.items()}
            table = rows(
                "energy",
                *({"year": 2022, "credit_code": c, **{f: v.get(c) for f, v in carried.items()}} for c in firms),
            )
            store.add_batch(file(str(n), {"energy": table}, columns={"energy": carried}), who="王")
        found = store.table("energy")
        origins = pl.concat([store.origin("energy", firm) for firm in (A, B)])
    assert {row["credit_code"]: {f: row[f] for f in FIELDS} for row in found.iter_rows(named=True)} == expected
    assert found["credit_code"].is_sorted()
    spoken = sum(any(firm in c.get(f, {}) or (f in c and firm in {k for v in c.values() for k in v}) for c in given)
                 for firm in (A, B) for f in FIELDS)  # fmt: skip
    assert origins.filter(pl.col("field").is_in(FIELDS), pl.col("batch").is_not_null()).height == spoken
