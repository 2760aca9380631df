"""A store that lost its end is noticed before a batch is added, and what is no file is refused at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import duckdb
import polars as pl
import pytest

from mujun.errors import Problem, StoreError
from mujun.store import Store
from mujun.store.blobs import as_blob, as_written, table_of_issue, table_of_list, table_of_run
from tests.records.files import code
from tests.store import given

BLOCK = 262_144


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "mujun.duckdb"
    firms = [{"year": 2022, "credit_code": code(i), "name": f"甲{i * 7919 % 100_003}厂"} for i in range(1, 9000)]
    with Store.create(path) as store:
        store.add_batch(given.file("企业名录.csv", {"enterprises": given.rows("enterprises", *firms)}), who="t")
    return path


def test_a_whole_store_opens_for_writing_again_and_again(whole: Path) -> None:
    for _ in range(3):
        with Store.open(whole, write=True) as store:
            assert store.newest_batch() == 1


@pytest.mark.parametrize("cut", [1, 4096, BLOCK, 2 * BLOCK, 3 * BLOCK])
def test_a_store_cut_short_takes_no_batch(whole: Path, tmp_path: Path, cut: int) -> None:
    # A copy that broke off opened, took a batch, and lost both later.
    short = tmp_path / "mujun.duckdb"
    data = whole.read_bytes()
    short.write_bytes(data[:-cut])
    with pytest.raises(StoreError) as error:
        Store.open(short, write=True)
    assert error.value.problems[0].code in ("store_cut_short", "store_damaged", "store_table_damaged")
    assert "mujun.duckdb" in str(error.value)
    assert short.stat().st_size == len(data) - cut


def test_a_free_block_in_the_middle_does_not_stand_for_one_that_is_missing(tmp_path: Path) -> None:
    # Cases 1/24 to 1/312: a store with one free block could lose its last one, which was used, and took a batch.
    path = tmp_path / "mujun.duckdb"
    firms = [{"year": 2022, "credit_code": code(i), "name": f"甲{i}厂", "tax_paid": float(i)} for i in range(1, 400)]
    with Store.create(path) as store:
        store.add_batch(given.file("税收.xlsx", {"tax": given.rows("tax", *firms)}), who="t")
    with duckdb.connect(str(path), read_only=True) as connection:
        row = connection.execute("SELECT total_blocks, free_blocks FROM pragma_database_size()").fetchone()
    assert row is not None
    total, free = row
    data = path.read_bytes()
    assert len(data) == 3 * 4096 + total * BLOCK
    assert free > 0
    Store.open(path, write=True).close()
    for cut in (1, BLOCK - 1, BLOCK):
        path.write_bytes(data[:-cut])
        with pytest.raises(StoreError) as error:
            Store.open(path, write=True)
        assert error.value.problems[0].code in ("store_cut_short", "store_damaged")


@pytest.mark.skipif(os.name == "nt", reason="POSIX")
@pytest.mark.parametrize("write", [True, False])
def test_pipes_devices_and_endless_links_are_refused_at_once(tmp_path: Path, write: bool) -> None:
    # A named pipe as the store waited for ever.
    os.mkfifo(tmp_path / "pipe.duckdb")
    (tmp_path / "zero.duckdb").symlink_to("/dev/zero")
    (tmp_path / "loop.duckdb").symlink_to("loop.duckdb")
    for name, found in (("pipe", "store_not_regular"), ("zero", "store_not_regular"), ("loop", "store_link_endless")):
        with pytest.raises(StoreError) as error:
            Store.open(tmp_path / f"{name}.duckdb", write=write)
        assert error.value.problems[0].code == found


def test_a_store_is_made_under_a_name_of_any_length(tmp_path: Path) -> None:
    folder = tmp_path / "有 空格 的 文件夹"
    folder.mkdir()
    file = folder / ("长" * 79 + ".duckdb")  # 244 bytes
    Store.create(file).close()
    assert [p.name for p in folder.iterdir()] == [file.name]


def test_a_broken_table_of_a_run_is_named_with_its_run() -> None:
    blob = as_blob(pl.DataFrame({"a": [1, 2, 3]}))
    assert table_of_run(blob, 7, "subjects").height == 3
    for broken in (blob[:-9], b"", blob[:10] + b"\xff" * 20 + blob[30:]):
        with pytest.raises(StoreError) as error:
            table_of_run(broken, 7, "subjects")
        assert error.value.problems[0].code == "store_blob_broken"
        assert "7" in str(error.value)
        assert "subjects" in str(error.value)


def test_a_broken_table_of_a_list_or_workbook_is_named() -> None:
    # Broken bytes of a list, or of what a workbook gave, ended the process or were told as a fault of the program.
    blob = as_blob(pl.DataFrame({"a": [1, 2, 3]}))
    assert table_of_list(blob, 3, "firms").height == table_of_issue(blob, "MS1-0badcafe").height == 3
    broken = blob[:10] + b"\xff" * 20 + blob[30:]
    reads: list[tuple[Callable[[], pl.DataFrame], str, tuple[str, ...]]] = [
        (lambda: table_of_list(broken, 3, "firms"), "store_list_blob_broken", ("3", "firms")),
        (lambda: table_of_issue(broken, "MS1-0badcafe"), "store_issue_blob_broken", ("MS1-0badcafe",)),
    ]
    for read, said, named in reads:
        with pytest.raises(StoreError) as error:
            read()
        assert error.value.problems[0].code == said
        assert all(word in str(error.value) for word in named)


def test_a_kept_frame_that_would_fill_the_memory_is_taken_for_altered() -> None:
    # Whoever alters a store can put the digest of the bytes right too.
    assert as_written(b"PAR1", sha256(b"PAR1").hexdigest()) is None


def test_a_damaged_table_is_named(whole: Path, tmp_path: Path) -> None:
    # All tables are asked at once; which of them it is, each is asked by itself then.
    data = whole.read_bytes()
    named = set()
    for block in range((len(data) - 3 * 4096) // BLOCK):
        at = 3 * 4096 + block * BLOCK + 100
        broken = tmp_path / f"{block}.duckdb"
        broken.write_bytes(data[:at] + bytes(b ^ 0x55 for b in data[at : at + 8]) + data[at + 8 :])
        told = told_of(broken)
        # A block of the records, which are not looked at; of the catalogue, without which nothing opens; of a table.
        assert told is None or told.code in ("store_damaged", "store_table_damaged")
        if told is not None and told.code == "store_table_damaged":
            named.add(str(told.values["table"]))
    assert {"batch", "form"} <= named


def told_of(path: Path) -> Problem | None:
    """What is wrong with a store that is opened for writing."""
    try:
        Store.open(path, write=True).close()
    except StoreError as error:
        return error.problems[0]
    return None
