from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mujun import messages
from mujun.errors import StoreError, UsageError
from mujun.fields import TABLES, Table
from mujun.records.finding import FINDING_SCHEMA, Finding
from mujun.store import ORIGIN, AlreadyLoaded, Store

from .given import file, kept_out, rows

A, B = "91350100M000100Y43", "91512081MA62K0260E"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "嵊州.duckdb"
    with Store.create(path):
        pass
    return path


def load(path: Path, name: str, force: bool = False, content: str | None = None, **tables: pl.DataFrame) -> object:
    with Store.open(path, write=True) as store:
        return store.add_batch(file(name, tables, content=content), who="王", force=force)


# ------------------------------------------------------------------------------------------------------- putting in


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_every_kind_of_value_comes_back_as_it_went_in(path: Path, table: Table) -> None:
    samples: dict[str, object] = {
        "quantity": Decimal("-123456789012.345678"), "text": "㐀𠮷'\"; drop", "date": date(2022, 2, 28),
        "boolean": True, "texts": ["甲", "乙"], "whole": 2022,
    }  # fmt: skip
    full = {f.name: samples[f.kind] for f in table.fields}
    blank: dict[str, object] = {k: full[k] for k in table.key} | {
        table.key[-1]: date(2021, 1, 1) if table.by_name[table.key[-1]].kind == "date" else B
    }
    given = rows(table.name, full, blank)
    with Store.open(path, write=True) as store:
        store.add_batch(file("a.csv", {table.name: given}), who="王")
        found = store.table(table.name)
    assert found.columns == [*table.schema, *ORIGIN]
    assert_frame_equal(found.select(*table.schema, "_sheet", "_row"), given, check_row_order=False)
    assert found["_batch"].to_list() == [1, 1]
    assert found["_file"].to_list() == ["a.csv"] * 2
    assert found.schema["_loaded_at"] == pl.Datetime("us", "UTC")


def test_a_batch_says_who_why_and_how_much(path: Path) -> None:
    given = file(
        "税收.xlsx",
        {"tax": rows("tax", {"year": 2022, "credit_code": A, "tax_paid": 1.5})},
        quarantine={"tax": kept_out("tax", {"credit_code": "9133", "tax_paid": "一百"})},
        findings=[
            Finding(
                "unreadable_cell", "error", "tax", file="税收.xlsx", row=100, year=2022, field="tax_paid", value="一百"
            ),
            Finding("name_changed", "warning", "tax", file="税收.xlsx", row=2),
        ],
    )
    with Store.open(path, write=True) as store:
        assert store.add_batch(given, who="王", reason="异议更正", document="嵊经信〔2023〕1号") == 1
        batch = store.batches().row(0, named=True)
    assert batch["sha256"] == given.sha256
    said = {k: batch[k] for k in ("number", "file", "who", "reason", "document", "tables")}
    assert said == {
        "number": 1, "file": "税收.xlsx", "who": "王", "reason": "异议更正", "document": "嵊经信〔2023〕1号",
        "tables": ["tax"],
    }  # fmt: skip
    counts = [batch[k] for k in ("rows_read", "rows", "quarantined", "errors", "warnings", "totals_left_out")]
    assert counts == [2, 1, 1, 1, 1, 0]


def test_the_same_bytes_are_loaded_once_unless_forced(path: Path) -> None:
    tax = rows("tax", {"year": 2022, "credit_code": A, "tax_paid": 1.0})
    assert load(path, "a.csv", tax=tax, content="x") == 1
    again = load(path, "renamed.csv", tax=tax, content="x")
    assert isinstance(again, AlreadyLoaded)
    assert (again.batch, again.file) == (1, "a.csv")
    assert load(path, "a.csv", tax=tax, content="y") == 2
    assert load(path, "a.csv", tax=tax, content="x", force=True) == 3
    later = load(path, "a.csv", tax=tax, content="x")
    assert isinstance(later, AlreadyLoaded)
    assert later.batch == 3


def test_a_key_that_stands_twice_stops_the_whole_file(path: Path) -> None:
    one = {"year": 2022, "credit_code": A, "tax_paid": 1.0}
    with messages.speaking("en"), pytest.raises(StoreError, match="nothing of the file was stored"):
        load(path, "a.csv", tax=rows("tax", one, one), water=rows("water", {"year": 2022, "credit_code": A}))
    with Store.open(path) as store:
        assert store.newest_batch() == 0
        assert store.table("water").is_empty()


def test_an_interruption_in_the_midst_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mujun.store.batches._findings", interrupted)
    with Store.open(path, write=True) as store:
        with pytest.raises(KeyboardInterrupt):
            store.add_batch(file("a.csv", {"tax": rows("tax", {"year": 2022, "credit_code": A})}), who="王")
        assert store.table("tax").is_empty()
        monkeypatch.undo()
        assert store.add_batch(file("a.csv", {"tax": rows("tax", {"year": 2022, "credit_code": A})}), who="王") == 1


def test_what_is_loaded_is_in_the_file_itself_not_in_a_log(path: Path) -> None:
    with Store.open(path, write=True) as store:
        store.add_batch(file("a.csv", {"tax": rows("tax", {"year": 2022, "credit_code": A})}), who="王")
        log = path.with_name(path.name + ".wal")
        assert not log.exists() or log.stat().st_size == 0


# ----------------------------------------------------------------------------------------------------- what is current


def paid(path: Path, as_of: int | None = None) -> dict[str, Decimal | None]:
    with Store.open(path) as store:
        table = store.table("tax", as_of_batch=as_of)
    return dict(table.select("credit_code", "tax_paid").iter_rows())


def test_the_newest_batch_per_key_stands_and_earlier_states_can_be_read(path: Path) -> None:
    load(
        path, "1", tax=rows("tax", *({"year": 2022, "credit_code": c, "tax_paid": v} for c, v in ((A, 1.0), (B, 2.0))))
    )
    load(path, "2", tax=rows("tax", {"year": 2022, "credit_code": A, "tax_paid": 5.0}))
    load(path, "3", tax=rows("tax", {"year": 2021, "credit_code": A, "tax_paid": 9.0}))
    load(path, "4", tax=rows("tax", {"year": 2022, "credit_code": B}))
    assert paid(path, 1) == {A: 1, B: 2}
    assert paid(path, 2) == {A: 5, B: 2}
    with Store.open(path) as store:
        now = store.table("tax").select("year", "credit_code", "tax_paid", "_batch").rows()
    # A blank in a newer batch is what the department says now: it does not let the old figure through.
    assert now == [(2021, A, 9, 3), (2022, A, 5, 2), (2022, B, None, 4)]


def test_all_rows_of_a_firm_and_year_are_superseded_together(path: Path) -> None:
    def land(code: str, *areas: float) -> list[dict[str, object]]:
        return [{"year": 2022, "credit_code": code, "tenure": "自有", "area_mu": a} for a in areas]

    load(path, "1", land=rows("land", *land(A, 1.0, 2.0), *land(B, 3.0)))
    load(path, "2", land=rows("land", *land(A, 7.0)))
    with Store.open(path) as store:
        assert store.table("land").select("credit_code", "area_mu").rows() == [(A, 7), (B, 3)]
        assert store.table("land", as_of_batch=1)["area_mu"].to_list() == [1, 2, 3]


def test_labels_are_superseded_by_firm_label_and_beginning(path: Path) -> None:
    def label(name: str, since: int, until: int | None) -> dict[str, object]:
        ends = None if until is None else date(until, 12, 31)
        return {"credit_code": A, "label": name, "since": date(since, 1, 1), "until": ends}

    load(path, "1", labels=rows("labels", label("高新技术企业", 2019, None), label("高新技术企业", 2022, None)))
    load(path, "2", labels=rows("labels", label("高新技术企业", 2019, 2021), label("上市企业", 2019, None)))
    with Store.open(path) as store:
        found = store.table("labels").select("label", "since", "until").rows()
    assert found == [
        ("上市企业", date(2019, 1, 1), None),
        ("高新技术企业", date(2019, 1, 1), date(2021, 12, 31)),
        ("高新技术企业", date(2022, 1, 1), None),
    ]


def test_history_shows_every_row_with_its_reason_and_which_one_stands(path: Path) -> None:
    load(path, "1", tax=rows("tax", {"year": 2022, "credit_code": A, "tax_paid": 1.0}))
    with Store.open(path, write=True) as store:
        correction = file("2", {"tax": rows("tax", {"year": 2022, "credit_code": A, "tax_paid": 2.0})})
        store.add_batch(correction, who="李", reason="企业异议", document="会议纪要3号")
        found = store.history("tax", A).select("tax_paid", "_batch", "_who", "_reason", "_document", "_current").rows()
        assert store.history("parcels", "P1").is_empty()
    assert found == [(2, 2, "李", "企业异议", "会议纪要3号", True), (1, 1, "王", None, None, False)]


def test_several_tables_are_read_at_once(path: Path) -> None:
    with Store.open(path) as store:
        found = store.tables()
        assert list(found) == list(TABLES)
        assert list(store.tables(["tax", "land"])) == ["tax", "land"]


def test_the_views_can_be_asked_in_sql(path: Path) -> None:
    load(path, "1", tax=rows("tax", {"year": 2022, "credit_code": A, "tax_paid": 1.0}))
    load(path, "2", tax=rows("tax", {"year": 2022, "credit_code": A, "tax_paid": 2.0}))
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("SELECT tax_paid FROM current.tax").fetchall() == [(Decimal(2),)]
        assert connection.execute("SELECT tax_paid FROM as_of.tax(1)").fetchall() == [(Decimal(1),)]


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda s: s.table("taxes"), "There is no table taxes. There are: tax."),
        (lambda s: s.table("tax", as_of_batch=2), "There is no batch 2. There are batches 1."),
        (lambda s: s.findings(batch=0), "There is no batch 0. There are batches 1."),
        (lambda s: s.run(3), "There is no run 3. See mujun runs list."),
        (lambda s: s.run_table(3), "There is no run 3. See mujun runs list."),
    ],
)
def test_asking_for_what_is_not_there(path: Path, ask: Callable[[Store], object], said: str) -> None:
    load(path, "1", tax=rows("tax", {"year": 2022, "credit_code": A}))
    with messages.speaking("en"), Store.open(path) as store, pytest.raises(UsageError) as refused:
        ask(store)
    with messages.speaking("en"):
        assert str(refused.value) == said


def test_an_empty_store_has_no_batch_to_go_back_to(path: Path) -> None:
    with Store.open(path) as store, pytest.raises(UsageError) as refused:
        store.table("tax", as_of_batch=1)
    assert refused.value.problems[0].code == "store_no_batch"


# ----------------------------------------------------------------------------------------------- findings, quarantine


def test_findings_are_told_in_the_language_of_the_reader(path: Path) -> None:
    def finding(year: int | None, row: int) -> Finding:
        values = {
            "landlord_area": Decimal("10.50"),
            "tenant_area": Decimal(8),
            "landlord": "甲",
            "landlord_rows": ["a 3"],
            "tenant_rows": ["a 4"],
            "tenant": ["乙", "丙"],
        }
        return Finding("lease_differs", "warning", "land", file="a", row=row, year=year, value="8", values=values)

    with Store.open(path, write=True) as store:
        store.add_batch(file("a", {}, findings=[finding(2022, 9), finding(2021, 3), finding(None, 4)]), who="王")
        unknown = Finding("no_such_code", "error", "tax")  # type: ignore[arg-type]
        store.add_batch(file("b", {}, findings=[unknown]), who="王")
        with messages.speaking("zh"):
            chinese = store.findings()
        with messages.speaking("en"):
            english = store.findings()
        assert store.findings(year=2022)["row"].to_list() == [9, 4, None]
        assert store.findings(batch=2)["code"].to_list() == ["no_such_code"]
    assert chinese.schema == pl.Schema({"batch": pl.Int32(), **FINDING_SCHEMA})
    assert chinese["row"].to_list() == [9, 3, 4, None]
    assert "10.5" in chinese["what"][0]
    assert chinese["what"][0] != english["what"][0]
    assert chinese["what"][3] == "no_such_code"


def test_quarantine_keeps_the_cells_as_they_were(path: Path) -> None:
    bad = kept_out("tax", {"year": "2022", "credit_code": "9133O", "tax_paid": "１２，３４五"})
    given = file("a", {"tax": rows("tax")}, quarantine={"tax": bad})
    with Store.open(path, write=True) as store:
        store.add_batch(given, who="王")
        found = store.quarantine("tax")
        assert store.quarantine("tax", batch=1).equals(found)
        assert store.table("tax").is_empty()
    assert found.select("_batch", "_file", "_row", "credit_code", "tax_paid").row(0) == (
        1,
        "a",
        100,
        "9133O",
        "１２，３４五",
    )
