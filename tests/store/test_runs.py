from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mujun.errors import UsageError
from mujun.store import FRAME, RunRecord, Store, engine

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
        blobs = store._connection.execute("SELECT parquet FROM run_table WHERE name = 'ratings'").fetchall()
    assert blobs[0] == blobs[1]


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
