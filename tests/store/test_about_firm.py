"""What is told of one firm rests on the rows that are asked for; of all tables read whole it would be the same."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mujun.fields import TABLES
from mujun.records import YearEnd, check_tables
from mujun.records.finding import Finding
from mujun.records.identity import normal_code, normal_name
from mujun.records.succession import succession_at
from mujun.store import Store
from mujun.store.layout import columns, create_table
from mujun.store.writings import Kind, plain_forms, put_down, written

from .given import file, kept_store, rows

OF_EACH_KIND = 2


def _found(tables: Mapping[str, pl.DataFrame], years: Sequence[int]) -> dict[int, tuple[Finding, ...]]:
    """What is found in whole tables, by year: once for all firms that are held against it."""
    return {year: check_tables(YearEnd.of(tables, year)) for year in years}


def _compared(
    store: Store, tables: Mapping[str, pl.DataFrame], code: str, found: Mapping[int, tuple[Finding, ...]]
) -> int:
    """Hold what is told of a firm against the same of whole tables; gives how many findings there are."""
    heirs = succession_at(tables["aliases"], date.max.year).heirs
    root = heirs[code].root if code in heirs else code
    codes = [root, *sorted({old for old, heir in heirs.items() if heir.root == root} - {root})]
    about = store.about_firm(codes)
    for name, whole in tables.items():
        if "credit_code" in whole.columns and whole.height:
            mine = pl.col("credit_code").is_in(codes)
            assert about.tables[name].filter(mine).equals(whole.filter(mine)), name
            for c in codes:
                assert about.changes(name, c).equals(store.changes(name, c)), name
                assert about.origin(name, c).equals(store.origin(name, c)), name
    number = 0
    for year, of_all in found.items():
        both = [of_all, check_tables(YearEnd.of(about.tables, year), codes)]
        mine_of = [[(f, f.what) for f in several if _names(f, codes)] for several in both]
        assert mine_of[0] == mine_of[1]
        number += len(mine_of[0])
    return number


def _names(finding: Finding, codes: Sequence[str]) -> bool:
    return finding.credit_code in codes or any(c in finding.what for c in codes)


def test_the_rows_about_a_firm_are_all_that_its_findings_rest_on(loaded_county: Path) -> None:
    with Store.open(loaded_county) as store:
        tables = store.tables()
        heirs = succession_at(tables["aliases"], date.max.year).heirs
        kinds: dict[str, list[str]] = {}
        for finding in check_tables(YearEnd.of(tables, 2022)):
            if finding.credit_code is not None:
                kinds.setdefault(finding.code, []).append(finding.credit_code)
        assert len(kinds) >= 7
        asked = {c for codes in kinds.values() for c in sorted(codes)[:OF_EACH_KIND]}
        asked |= {*sorted(heirs)[:2], *sorted(h.root for h in heirs.values())[:2]}
        small = store.about_firm([min(asked)])
        assert small.tables["tax"].height < 20
        assert small.tables["enterprises"].height < tables["enterprises"].height / 4
        found = _found(tables, [2021, 2022])
        several = {code: _compared(store, tables, code, found) for code in sorted(asked)[::2]}
    assert sum(several.values()) >= len(several) / 2


def test_what_is_found_on_loading_is_told_of_whom_it_names(loaded_county: Path) -> None:
    with Store.open(loaded_county) as store:
        every = store.findings()
        codes = every["credit_code"].drop_nulls().unique().sort().to_list()[::40]
        assert codes
        for code in codes:
            mine = every.filter((pl.col("credit_code") == code) | pl.col("what").str.contains(code, literal=True))
            assert store.findings(about=[code]).equals(mine)


# ------------------------------------------------------------------------------------------------- any small county

FIRMS = ("91350100M000100Y43", "91512081MA62K0260E", "ZR330683000001", "ZR330683000002")
NAMES = (
    "甲纺织有限公司",
    "甲纺织有限责任公司",
    "甲（纺织）有限公司",
    "甲 纺织 有限公司",
    "乙厂",
    "乙厂 ",
    "某村",
    "ｚ店",
)
OTHERS = (None, *NAMES, *FIRMS, "zr330683000001", " ZR330683000002")
PARCELS = (None, "330683001GB1", "330683001gb1", "330683001ＧＢ1", "330683002GB2")
YEARS = (2021, 2022)

_firm, _name, _year = st.sampled_from(FIRMS), st.sampled_from(NAMES), st.sampled_from(YEARS)
_area = st.sampled_from([Decimal(1), Decimal(10), Decimal("1500")])
_roll = st.fixed_dictionaries({
    "year": _year, "credit_code": _firm, "name": _name, "township": st.sampled_from(["甲", "甲镇", "乙镇"]),
    "scale": st.sampled_from(["规上", "规下"]),
})  # fmt: skip
_land = st.fixed_dictionaries({
    "year": _year, "credit_code": _firm, "name": _name, "parcel": st.sampled_from(PARCELS), "area_mu": _area,
    "tenure": st.sampled_from(["自有", "租入", "租出"]), "counterparty": st.sampled_from(OTHERS),
})  # fmt: skip
_tax = st.fixed_dictionaries({"year": _year, "credit_code": _firm, "name": st.none() | _name, "tax_paid": _area})
_project = st.fixed_dictionaries({"project": st.sampled_from(["一", "二"]), "credit_code": _firm, "name": _name})
_alias = st.fixed_dictionaries({
    "credit_code": _firm, "since": st.sampled_from([date(2020, 1, 1), date(2022, 5, 1)]), "successor": _firm,
    "name": _name, "successor_name": _name, "change": st.sampled_from(["换码", "合并"]),
})  # fmt: skip
_parcel = st.fixed_dictionaries({"parcel": st.sampled_from(PARCELS[1:]), "area_mu": _area})

_batch = st.fixed_dictionaries({
    "enterprises": st.lists(_roll, max_size=6, unique_by=lambda r: (r["year"], r["credit_code"])),
    "land": st.lists(_land, max_size=5),
    "tax": st.lists(_tax, max_size=5, unique_by=lambda r: (r["year"], r["credit_code"])),
    "projects": st.lists(_project, max_size=2, unique_by=lambda r: r["project"]),
    "aliases": st.lists(_alias, max_size=2, unique_by=lambda r: (r["credit_code"], r["since"])),
    "parcels": st.lists(_parcel, max_size=2, unique_by=lambda r: r["parcel"]),
})  # fmt: skip


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_batch, min_size=1, max_size=3))
def test_of_any_small_county_it_is_the_same(batches: list[dict[str, list[dict[str, object]]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "county.duckdb"
        with Store.create(path) as store:
            for number, given_rows in enumerate(batches):
                tables = {name: rows(name, *several) for name, several in given_rows.items() if several}
                store.add_batch(file(f"{number}.xlsx", tables), who="甲", reason="更正" if number else None)
            whole = store.tables()
            found = _found(whole, YEARS)
            for code in FIRMS:
                _compared(store, whole, code, found)


# ------------------------------------------------------------------------------------------------------------ writings


@pytest.fixture(scope="module")
def in_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of no file: making one takes half as long as asking it all that an example asks."""
    with duckdb.connect() as connection:
        yield connection


@given(st.lists(st.sampled_from([*NAMES, *OTHERS[9:], *(p for p in PARCELS if p)]) | st.text(max_size=4)))
@example(["有限责任公司", "有限公司"])
def test_every_writing_of_a_plain_form_is_known(in_memory: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    named = rows("land", *({"counterparty": text} for text in texts))
    in_memory.execute("DROP TABLE IF EXISTS writing")
    in_memory.execute(create_table("main", "writing", columns()["main", "writing"]))
    put_down(in_memory, TABLES["land"], named)
    put_down(in_memory, TABLES["land"], named)
    kinds: dict[Kind, pl.Expr] = {"name": normal_name(pl.col("t")), "code": normal_code(pl.col("t"))}
    for kind, plain in kinds.items():
        forms = pl.DataFrame({"t": texts}, schema={"t": pl.String}).with_columns(plain.alias("plain"))
        assert plain_forms(forms["t"], kind).to_list() == forms["plain"].to_list()
        for form in set(forms["plain"].to_list()):
            alike = forms.filter(pl.col("plain") == form)["t"].to_list()
            assert written(in_memory, kind, [form]) == sorted({form, *alike})
    twice = "SELECT kind, written FROM writing GROUP BY ALL HAVING count(*) > 1"
    assert not in_memory.execute(twice).fetchall()


@pytest.mark.parametrize("write", [True, False])
def test_a_store_of_an_earlier_version_learns_how_its_names_are_written(tmp_path: Path, write: bool) -> None:
    path = kept_store("v4_round", tmp_path)
    with Store.open(path, write=write) as store:
        whole = store.tables()
        assert whole["enterprises"].height
        found = _found(whole, whole["enterprises"]["year"].unique().to_list())
        for code in whole["enterprises"]["credit_code"].unique().sort().to_list()[:3]:
            _compared(store, whole, code, found)


def test_what_another_version_of_the_program_left_out_is_put_down_on_the_next_opening(tmp_path: Path) -> None:
    path = tmp_path / "county.duckdb"
    named = rows("tax", {"year": 2022, "credit_code": FIRMS[0], "name": "甲（纺织）厂", "tax_paid": Decimal(1)})
    with Store.create(path) as store:
        store.add_batch(file("a.xlsx", {"tax": named}), who="甲")
    with duckdb.connect(str(path)) as connection:
        connection.execute("DELETE FROM writing")
        connection.execute("UPDATE layout SET signature = 'of another version'")
    with Store.open(path, write=True) as store:
        assert written(store._connection, "name", ["甲纺织厂"]) == ["甲纺织厂", "甲（纺织）厂"]


def test_every_table_that_speaks_of_firms_is_asked(loaded_county: Path) -> None:
    with Store.open(loaded_county) as store:
        about = store.about_firm(["nobody"])
    assert set(about.tables) == {n for n, t in TABLES.items() if "credit_code" in t.by_name} | {"parcels"}
    assert not any(about.speaks_of(name, ["nobody"]) for name in about.tables)
