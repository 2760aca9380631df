from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mujun.errors import StoreError, UsageError
from mujun.store import FRAME, RunRecord, Store, engine
from tests.store.given import large_run

RATINGS = pl.DataFrame(
    {
        "credit_code": ["甲", "乙"],
        "tier": pl.Series(["A", None], dtype=pl.Enum(["A", "B"])),
        "score": pl.Series([Decimal("81.2345"), None], dtype=pl.Decimal(18, 4)),
        "rules_matched": [["veto"], []],
        "tax_per_mu": [0.1 + 0.2, None],
        "tax_per_mu_note": pl.Series([None, None], dtype=pl.String),
    }
)
RUN = RunRecord(
    year=2022,
    rules="zhejiang/huangyan-2022",
    rule_files={"rating.yaml": "mujun: 1\nname: 黄岩区\n", "guide.csv": "a,b\r\n"},
    batch=7,
    mujun_version="0.1.0",
    digest="ab" * 32,
    results={"ratings": RATINGS, "subjects": RATINGS.head(1)},
    label="公示稿",
    who="王",
)


def test_a_run_comes_back_whole(tmp_path: Path) -> None:
    with Store.create(tmp_path / "a.duckdb") as store:
        assert store.save_run(RUN) == 1
        assert store.save_run(replace(RUN, final=True, binding=False, results={"ratings": RATINGS.clear()})) == 2
    with Store.open(tmp_path / "a.duckdb") as store:
        found = store.run(1)
        assert replace(found, number=None, created_at=None, results={}) == replace(RUN, results={})
        assert found.number == 1
        assert found.created_at is not None
        assert_frame_equal(found.results["ratings"], RATINGS)
        assert_frame_equal(store.run_table(1), RATINGS)
        assert_frame_equal(store.run_table(1, "subjects"), RATINGS.head(1))
        assert store.run_table(2).schema == RATINGS.schema
        listed = store.runs()
    assert listed.select("number", "year", "rules", "label", "final", "binding").rows() == [
        (1, 2022, "zhejiang/huangyan-2022", "公示稿", False, True),
        (2, 2022, "zhejiang/huangyan-2022", "公示稿", True, False),
    ]


def test_a_table_that_a_run_does_not_keep(tmp_path: Path) -> None:
    with Store.create(tmp_path / "a.duckdb") as store:
        store.save_run(RUN)
        with pytest.raises(UsageError) as refused:
            store.run_table(1, "allocation")
    assert refused.value.problems[0].values["known"] == ["ratings", "subjects"]


def test_the_same_run_is_kept_as_the_same_bytes(tmp_path: Path) -> None:
    with Store.create(tmp_path / "a.duckdb") as store:
        store.save_run(RUN)
        store.save_run(RUN)
        first, second = (_bytes_kept(store, number) for number in (1, 2))
    assert first == second


def _bytes_kept(store: Store, number: int) -> list[tuple[object, ...]]:
    return store._connection.execute(f"SELECT sha256, part, bytes FROM kept.run_{number} ORDER BY ALL").fetchall()


def test_what_stands_under_two_names_is_kept_once_and_read_under_both(tmp_path: Path) -> None:
    ratings = RUN.results["ratings"]
    with Store.create(tmp_path / "a.duckdb") as store:
        store.save_run(replace(RUN, results={"ratings": ratings, "subjects": ratings}))
        assert len(_bytes_kept(store, 1)) == 1
        for name in ("ratings", "subjects"):
            assert_frame_equal(store.run_table(1, name), ratings)


def test_keeping_a_run_leaves_the_bytes_of_earlier_ones_where_they_are(tmp_path: Path) -> None:
    # In one table of all runs the tenth run wrote the nine before it anew.
    path = tmp_path / "a.duckdb"
    blocks, sizes = list[object](), list[int]()
    for _ in range(4):
        with Store.open(path, write=True) if path.exists() else Store.create(path) as store:
            store.save_run(large_run())
            asked = "SELECT block_id, additional_block_ids FROM pragma_storage_info('kept.run_1') ORDER BY ALL"
            blocks.append(store._connection.execute(asked).fetchall())
        sizes.append(path.stat().st_size)
    assert blocks == [blocks[0]] * 4
    grown = [after - before for before, after in pairwise(sizes)]
    # Each is its three megabytes, and a few blocks for everything else.
    assert all(3_000_000 < more < 4_500_000 for more in grown)


def test_bytes_that_are_handed_over_in_parts_are_those_that_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mujun.store.run_bytes.PART", 100)
    with Store.create(tmp_path / "a.duckdb") as store:
        store.save_run(RUN)
        parts = [part for _, part, _ in _bytes_kept(store, 1)]
        assert len(parts) > 20
        assert_frame_equal(store.run_table(1), RATINGS)


def test_runs_that_earlier_versions_kept_are_read_as_they_are(tmp_path: Path) -> None:
    kept = replace(RUN, frames={FRAME: RATINGS})
    with Store.create(tmp_path / "a.duckdb") as store:
        store.save_run(kept)
        write = store._connection.execute
        # Until then the bytes stood beside the names.
        for table in ("run_table r SET parquet = k.bytes FROM kept.run_1 k, run_seal s WHERE s.name = r.name AND "
                      "s.sha256", "run_frame r SET parquet = k.bytes FROM kept.run_1 k WHERE r.sha256"):  # fmt: skip
            write(f"UPDATE {table} = k.sha256")
        write("DROP TABLE kept.run_1")
        for name, rows in RUN.results.items():
            assert_frame_equal(store.run_table(1, name), rows)
            assert_frame_equal(store.run(1).results[name], rows)
        frame = store.run_frames(1)[FRAME].frame
        assert frame is not None
        assert_frame_equal(frame, RATINGS)


@pytest.mark.parametrize(
    "gone", ["DROP TABLE kept.run_1", "DELETE FROM kept.run_1", "UPDATE kept.run_1 SET bytes = 'x'"]
)
def test_a_run_whose_bytes_are_gone_or_others_is_told(tmp_path: Path, gone: str) -> None:
    with Store.create(tmp_path / "a.duckdb") as store:
        store.save_run(replace(RUN, frames={FRAME: RATINGS}))
        store._connection.execute(gone)
        with pytest.raises(StoreError) as refused:
            store.run_table(1)
        assert refused.value.problems[0].code == "store_blob_broken"
        assert store.run_frames(1)[FRAME].frame is None


def test_what_was_rated_is_kept_with_its_digest_and_its_engine(tmp_path: Path) -> None:
    kept = replace(RUN, frames={FRAME: RATINGS}, digests={FRAME: "ef" * 32})
    with Store.create(tmp_path / "a.duckdb") as store:
        store.save_run(RUN)
        store.save_run(kept)
        assert store.run_frames(1) == {}
        found = store.run_frames(2)[FRAME]
        assert found.frame is not None
        assert_frame_equal(found.frame, RATINGS)
        assert (found.digest, found.engine) == ("ef" * 32, engine())
        assert store.run(2, results=False).results == {}


def test_a_frame_with_altered_bytes_is_none(tmp_path: Path) -> None:
    with Store.create(tmp_path / "a.duckdb") as store:
        store.save_run(replace(RUN, frames={FRAME: RATINGS}))
        store._connection.execute("UPDATE run_frame SET parquet = encode('nonsense')")
        assert store.run_frames(1)[FRAME].frame is None
