"""A store outlives the program: earlier formats are brought up to date, whole, or stay as they were."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from mujun import messages
from mujun.errors import StoreError
from mujun.fields import TABLES
from mujun.store import FORMAT, Store
from mujun.store.layout import columns, signature
from mujun.store.upgrades import OLDEST, Upgrade, from_4, replacing, steps, upgrade
from mujun.workspace import County

from .given import file, kept_store, rows

KEPT = ("v4_round", "v4_sample", "v4_blank", "v5_beside", "v5_apart")
RAW = (
    "SELECT schema_name, table_name FROM duckdb_tables() WHERE schema_name IN ('main', 'records', 'quarantine', 'kept')"
)


def raw(
    path: Path, like: dict[str, tuple[list[str], list[str]]] | None = None
) -> dict[str, tuple[list[str], list[str]]]:
    """Every row of every table as text, by no code of ours; with `like`, of its tables and columns only."""
    with duckdb.connect(str(path), read_only=True) as connection:
        names = [f'{s}."{t}"' for s, t in connection.execute(RAW).fetchall()] if like is None else list(like)
        found = {}
        for name in (n for n in names if n not in ('main."store"', 'main."layout"')):
            said = [c for c, *_ in connection.execute(f"DESCRIBE {name}").fetchall()] if like is None else like[name][0]
            picked = ", ".join(f'"{c}"' for c in said)
            found[name] = (said, sorted(map(repr, connection.execute(f"SELECT {picked} FROM {name}").fetchall())))
    return found


def upgraded(path: Path) -> Upgrade:
    done = upgrade(path)
    assert done is not None
    return done


def code(error: StoreError) -> str:
    return error.problems[0].code


# ------------------------------------------------------------------------------------------------------------ upgrading


@pytest.mark.parametrize("name", KEPT)
def test_every_row_is_there_afterwards_and_the_old_file_is_kept_and_past_runs_verify(name: str, tmp_path: Path) -> None:
    path = kept_store(name, tmp_path)
    old, before = path.read_bytes(), raw(path)
    done = upgraded(path)
    assert raw(path, before) == before
    was = int(name[1])
    assert (done.before, done.after, done.kept) == (was, FORMAT, tmp_path / f"county.v{was}.duckdb")
    assert done.kept.read_bytes() == old
    assert done.rows['main."run"'] == len(before['main."run"'][1])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["county.duckdb", done.kept.name]
    assert upgrade(path) is None
    own = County(path)
    assert own.runs.list()["number"].sort().to_list() == [1, 2]
    assert [own.runs.verify(n).same for n in (1, 2)] == [True, True]


@pytest.mark.parametrize("name", ["v5_beside", "v5_apart"])
def test_runs_of_format_5_are_read_where_they_stand_beside_new_ones(name: str, tmp_path: Path) -> None:
    """Between 0.2.0 and 0.3 runs were kept in two ways, and a program that knew the first alone missed the second."""
    path = kept_store(name, tmp_path)
    own = County(path)
    before = path.read_bytes()
    assert own.runs.table(1).height == 8
    assert path.read_bytes() == before
    with Store.open(path) as store:
        files = store.run(2).rule_files
    for file_name, text in files.items():
        (tmp_path / file_name).parent.mkdir(exist_ok=True)
        (tmp_path / file_name).write_text(text, encoding="utf-8")
    assert own.runs.rate(tmp_path / "小县", 2022).number == 3
    assert [own.runs.table(n).height for n in (1, 2, 3)] == [8, 8, 8]
    assert [own.runs.verify(n).same for n in (1, 2, 3)] == [True] * 3


def test_the_first_writing_brings_it_up_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = kept_store("v4_round", tmp_path)
    with Store.open(path, write=True) as store:
        batch = store.add_batch(file("新", {"tax": rows("tax", {"year": 2023, "credit_code": "x"})}), who="王")
        assert batch == store.newest_batch()
    assert [r.message for r in caplog.records if r.name == "mujun.store"] == [
        messages.text("upgrade_done", file=path, before=4, after=FORMAT, kept="county.v4.duckdb")
    ]
    with Store.open(path) as store:
        assert store.newest_batch() == batch
    assert len(caplog.records) == 1


def test_reading_leaves_it_as_it_is_and_says_what_will_happen_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = kept_store("v4_round", tmp_path)
    old = path.read_bytes()
    for _ in range(2):
        with Store.open(path) as store:
            assert (store.runs().height, store.events().height, len(store.issues())) == (2, 35, 2)
            assert store.table("tax").height == 8
    told = [r.message for r in caplog.records if r.name == "mujun.store"]
    assert told == [messages.text("upgrade_to_come", file=path, before=4, after=FORMAT)]
    assert [p.name for p in tmp_path.iterdir()] == ["county.duckdb"]
    assert path.read_bytes() == old


def test_a_store_that_changed_is_copied_again_for_reading(tmp_path: Path) -> None:
    path = kept_store("v4_round", tmp_path)
    with Store.open(path) as store:
        assert store.newest_batch() == 13
    with duckdb.connect(str(path)) as connection:  # as mujun 0.2.0 would
        connection.execute("INSERT INTO batch BY NAME SELECT 14 AS number, 'x' AS file, now()::TIMESTAMP AS loaded_at")
    with Store.open(path) as store:
        assert store.newest_batch() == 14


def test_what_a_killed_program_left_in_the_log_is_not_lost(tmp_path: Path) -> None:
    path = kept_store("v4_round", tmp_path)
    script = (
        "import duckdb, os, sys\nc = duckdb.connect(sys.argv[1])\nc.execute(\"SET wal_autocheckpoint = '1GB'\")\n"
        "c.execute(\"INSERT INTO batch BY NAME SELECT 14 AS number, 'x' AS file, now()::TIMESTAMP AS loaded_at\")\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=True)
    assert path.with_name("county.duckdb.wal").exists()
    with Store.open(path) as store:
        assert store.newest_batch() == 14
    with Store.open(path, write=True) as store:
        assert store.newest_batch() == 14
    assert sorted(p.name for p in tmp_path.iterdir()) == ["county.duckdb", "county.v4.duckdb"]
    with duckdb.connect(str(tmp_path / "county.v4.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT max(number) FROM batch").fetchall() == [(14,)]


def test_a_file_of_the_name_of_the_copy_is_left_alone(tmp_path: Path) -> None:
    path = kept_store("v4_blank", tmp_path)
    (tmp_path / "county.v4.duckdb").write_text("mine")
    assert upgraded(path).kept.name == "county.v4.2.duckdb"
    assert (tmp_path / "county.v4.duckdb").read_text() == "mine"


@pytest.mark.parametrize("exists", [False, True])
def test_a_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exists: bool) -> None:
    def no_links(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    path = kept_store("v4_blank", tmp_path)
    old = path.read_bytes()
    if exists:
        (tmp_path / "county.v4.duckdb").write_text("mine")
    monkeypatch.setattr("os.link", no_links)
    kept = upgraded(path).kept
    assert kept.name == ("county.v4.2.duckdb" if exists else "county.v4.duckdb")
    assert kept.read_bytes() == old


def test_an_upgrade_may_add_writings_that_an_earlier_program_left_out(tmp_path: Path) -> None:
    path = kept_store("v5_apart", tmp_path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE records.enterprises SET name = '（某）' || name")
    upgraded(path)
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM writing WHERE kind = 'name'").fetchall() == [(8,)]


# ------------------------------------------------------------------------------------------------------------- failures


@contextlib.contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """The old file, and nothing else in its folder, is what is there afterwards."""
    before = {p.name: p.read_bytes() for p in path.parent.iterdir()}
    yield
    assert {p.name: p.read_bytes() for p in path.parent.iterdir()} == before


def broken(*_: object) -> None:
    raise duckdb.IOException("IO Error: Could not write file: No space left on device")


def test_a_step_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = kept_store("v4_blank", tmp_path)
    monkeypatch.setitem(steps.STEPS, 4, broken)
    with unchanged(path), pytest.raises(StoreError) as refusal:
        Store.open(path, write=True)
    assert code(refusal.value) == "store_full"


def test_a_step_that_loses_a_row_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def losing(connection: duckdb.DuckDBPyConnection) -> None:
        from_4.take(connection)
        connection.execute("DELETE FROM records.tax WHERE _row = 2")

    path = kept_store("v4_blank", tmp_path)
    monkeypatch.setitem(steps.STEPS, 4, losing)
    with unchanged(path), pytest.raises(StoreError) as refusal:
        Store.open(path, write=True)
    assert code(refusal.value) == "upgrade_lost"


@pytest.mark.parametrize("at", ["_kept_beside", "settle", "copy_of"])
def test_a_disk_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    path = kept_store("v4_blank", tmp_path)
    monkeypatch.setattr(replacing, at, broken)
    with unchanged(path), pytest.raises(StoreError):
        upgrade(path)


READ_ONLY = """
import os, sys
from mujun import messages
from mujun.errors import StoreError
from mujun.store import Store
messages.catalogue()  # as nobody the program's own files may not be readable
if os.geteuid() == 0:
    os.seteuid(65534)
with Store.open(sys.argv[1]) as store:
    print(store.newest_batch())
try:
    Store.open(sys.argv[1], write=True)
except StoreError as error:
    print(error.problems[0].code)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX")
def test_a_folder_that_may_not_be_written(open_folder: Path) -> None:
    path = kept_store("v4_round", open_folder)
    path.chmod(0o444)
    open_folder.chmod(0o555)
    with unchanged(path):
        done = subprocess.run(
            [sys.executable, "-c", READ_ONLY, str(path)], capture_output=True, text=True, check=False,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
    open_folder.chmod(0o755)
    assert done.stdout == "13\nstore_read_only\n", done.stderr
    assert len(done.stderr.splitlines()) == 1  # the sentence on what will happen


HOLD = """
import sys, duckdb
with duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "read") as connection:
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("how", ["read", "write"])
def test_a_store_that_is_in_use(tmp_path: Path, how: str) -> None:
    path = kept_store("v4_blank", tmp_path)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path), how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"
    try:
        with unchanged(path), pytest.raises(StoreError) as refusal:
            Store.open(path, write=True)
        assert code(refusal.value) == "store_locked_by"
    finally:
        holder.communicate()
    Store.open(path, write=True).close()


def test_one_upgrade_at_a_time(tmp_path: Path) -> None:
    path = kept_store("v4_blank", tmp_path)
    script = (
        "import sys\nfrom pathlib import Path\nfrom mujun.store.upgrades.locking import only_one\n"
        "with only_one(Path(sys.argv[1])):\n    print('open', flush=True)\n    sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"
    with pytest.raises(StoreError) as refusal:
        upgrade(path)
    assert code(refusal.value) == "upgrade_running"
    holder.communicate()
    assert upgraded(path).after == FORMAT


@pytest.mark.parametrize("found", [1, 2, 3])
def test_a_format_that_is_no_longer_carried(tmp_path: Path, found: int) -> None:
    path = kept_store("v4_blank", tmp_path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE store SET format = ?", [found])
    for write in (False, True):
        with unchanged(path), pytest.raises(StoreError) as refusal:
            Store.open(path, write=write)
        assert code(refusal.value) == "store_older"
        assert str(OLDEST) in str(refusal.value)


@pytest.mark.parametrize(
    "said", ["CREATE TABLE store (i INTEGER)", "CREATE TABLE store (format VARCHAR, mujun_version INT)"]
)
def test_a_duckdb_file_with_a_table_of_that_name(tmp_path: Path, said: str) -> None:
    path = tmp_path / "a.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(said)
        connection.execute("INSERT INTO store SELECT 5" + (", 5" if "," in said else ""))
    with unchanged(path), pytest.raises(StoreError) as refusal:
        Store.open(path, write=True)
    assert code(refusal.value) == "store_foreign_duckdb"


# --------------------------------------------------------------------------------------- what the dictionary has gained


@pytest.fixture
def lacking(tmp_path: Path) -> Path:
    """A store as a program would have made it whose dictionary lacked a table and a column, with a row in it."""
    path = tmp_path / "county.duckdb"
    with Store.create(path) as store:
        store.add_batch(file("a", {"tax": rows("tax", {"year": 2022, "credit_code": "x", "tax_paid": 1.5})}), who="王")
    with duckdb.connect(str(path)) as connection:
        connection.execute("DROP VIEW current.surveys; DROP MACRO TABLE as_of.surveys; DROP VIEW current.tax")
        connection.execute("DROP TABLE records.surveys; DROP TABLE quarantine.surveys; DROP TABLE main.event")
        connection.execute("ALTER TABLE records.tax DROP COLUMN tax_credit")
        connection.execute("ALTER TABLE quarantine.tax DROP COLUMN tax_credit")
        connection.execute("CREATE VIEW current.tax AS SELECT * FROM records.tax")
        connection.execute("UPDATE layout SET signature = 'earlier'")
    return path


def test_reading_a_store_that_lacks_tables_and_columns(lacking: Path, caplog: pytest.LogCaptureFixture) -> None:
    with unchanged(lacking), Store.open(lacking) as store:
        assert store.table("surveys").is_empty()
        assert store.table("tax").select("tax_paid", "tax_credit").rows() == [(1.5, None)]
        assert store.table("tax", as_of_batch=1).height == 1
        assert store.events().is_empty()
    assert caplog.records == []


def test_writing_to_it_adds_them_without_a_copy(lacking: Path) -> None:
    with Store.open(lacking, write=True) as store:
        more = rows("tax", {"year": 2022, "credit_code": "x", "tax_credit": 2.5})
        store.add_batch(file("b", {"tax": more}, columns={"tax": ["tax_credit"]}), who="王")
        assert store.table("tax").select("tax_paid", "tax_credit").rows() == [(1.5, 2.5)]
    assert [p.name for p in lacking.parent.iterdir()] == ["county.duckdb"]
    with duckdb.connect(str(lacking), read_only=True) as connection:
        said = connection.execute("SELECT signature FROM layout ORDER BY since").fetchall()
    assert said == [("earlier",), (signature(),)]


def test_a_new_store_and_an_upgraded_one_have_the_same_columns(tmp_path: Path) -> None:
    def layout(path: Path) -> dict[str, list[tuple[str, str]]]:
        with duckdb.connect(str(path), read_only=True) as connection:
            found: dict[str, list[tuple[str, str]]] = {}
            for schema, table, column, kind in connection.execute(
                "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() ORDER BY ALL"
            ).fetchall():
                found.setdefault(f"{schema}.{table}", []).append((column, kind))
            return found

    path = kept_store("v4_round", tmp_path)
    upgraded(path)
    Store.create(tmp_path / "new.duckdb").close()
    assert layout(path) == layout(tmp_path / "new.duckdb")


def test_no_column_ever_changes_its_type(tmp_path: Path) -> None:
    # A column of another type or one less would need a step that makes it so: write one, and say so here.
    with duckdb.connect(str(kept_store("v4_round", tmp_path)), read_only=True) as connection:
        then = connection.execute(
            "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE schema_name IN ('main', 'records', 'quarantine') AND (schema_name, table_name) IN "
            "(SELECT (schema_name, table_name) FROM duckdb_tables())"
        ).fetchall()
    now = {(s, t, c): kind.replace(", ", ",") for (s, t), held in columns().items() for c, kind in held.items()}
    assert [(s, t, c) for s, t, c, kind in then if now.get((s, t, c)) != kind.replace(", ", ",")] == []
    assert set(TABLES) <= {t for s, t in columns() if s == "records"}
