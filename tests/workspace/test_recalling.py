"""A run looked at again from the frame that it kept is the run computed again from the records, or is computed."""

from __future__ import annotations

import io
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mujun.rating import digest_of
from mujun.store import FRAME, PackedFrame, Store
from mujun.workspace import County
from mujun.workspace.computing import YearResult, result_tables
from mujun.workspace.runs import past


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The runs that were computed from the records; empty as long as none is."""
    computed_runs: list[int] = []
    computed = past.recomputed
    # A verb keeps the function that it finds when it is first asked for: it is not to keep this test's.
    assert County("nowhere.duckdb").runs.recompute is not None

    def noted(county: County, number: int | None = None) -> YearResult:
        computed_runs.append(number or 0)
        return computed(county, number)

    monkeypatch.setattr(past, "recomputed", noted)
    return computed_runs


def test_the_kept_frame_is_the_recomputed_one(sample_county: Path, unread: list[int]) -> None:
    own = County(sample_county)
    recalled = own.runs.recall(1)
    assert unread == []
    again = own.runs.recompute(1)
    with Store.open(sample_county) as store:
        kept = store.run_frames(1)[FRAME]
    assert kept.digest is None  # its bytes have their SHA-256
    assert digest_of(recalled.frame) == digest_of(again.frame)
    assert_frame_equal(recalled.frame, again.frame)
    one, other = result_tables(recalled), result_tables(again)
    assert sorted(one) == ["allocation", "ratings", "rectification", "subjects"] == sorted(other)
    for name, table in one.items():
        assert_frame_equal(table, other[name])
    assert_frame_equal(recalled.rating.subjects, again.rating.subjects)
    verified = past.verify_run(own, 1)
    assert verified.same
    assert [t.name for t in verified.tables] == ["ratings", "subjects", "rectification", "allocation", "frame"]


def test_a_frame_that_an_earlier_version_kept_is_used(part_county: Path, unread: list[int]) -> None:
    """It is one Parquet file; the rows, their digest and what verifies are the same."""
    own = County(part_county)
    before = own.runs.recall(1)
    file = io.BytesIO()
    before.frame.write_parquet(file, compression="zstd", statistics=False)
    with duckdb.connect(str(part_county)) as connection:
        sealed = [file.getvalue(), sha256(file.getvalue()).hexdigest()]
        connection.execute("UPDATE run_frame SET parquet = ?, sha256 = ?", sealed)
    recalled = own.runs.recall(1)
    assert_frame_equal(recalled.frame, before.frame)
    assert recalled.rating.digest == before.rating.digest
    assert past.verify_run(own, 1).same
    assert unread == [1]  # by verify alone


def test_rules_get_what_they_read_and_the_run_keeps_all(part_county: Path) -> None:
    """The result of a rating that is kept has the whole frame, though the rules were given a part of it."""
    own = County(part_county)
    rated = own.runs.rate("zhejiang/shengzhou-2022", 2022)
    assert isinstance(rated.given, PackedFrame)
    frame, _ = own.data.frame(2022, rated.ruleset)
    assert_frame_equal(rated.frame, frame)
    assert_frame_equal(own.runs.recall(rated.number).frame, frame)


def test_an_explanation_reads_no_more_of_the_kept_frame_than_it_shows(part_county: Path) -> None:
    """What the rules read of it, and the parts of the land: the text is that from the whole frame."""
    made = County(part_county).firms.explaining(1)
    whole = replace(made.result, read={})
    codes = made.result.rating.enterprises["credit_code"].to_list()[::20]
    explained = made.of(codes, figures=True)
    assert "frame" not in vars(made.result)
    assert explained == replace(made, rated=whole).of(codes, figures=True)
    assert whole.frame.width > made.result.frame_read.width


def test_a_run_without_its_frame_is_computed_again(part_county: Path, unread: list[int]) -> None:
    code = County(part_county).runs.table(1)["credit_code"][0]
    before = County(part_county).firms.explain(code, ways=False)
    assert unread == []
    _do(part_county, "DELETE FROM run_frame")
    assert County(part_county).firms.explain(code, ways=False) == before
    assert unread == [1]


@pytest.mark.parametrize(("digest", "same"), [("", True), ("00" * 32, False)])
def test_a_frame_of_an_earlier_version_is_held_against_its_digest(part_county: Path, digest: str, same: bool) -> None:
    """Runs that were kept before have the digest of their frame's values; it has to be theirs, then and now."""
    written = digest or digest_of(County(part_county).runs.recall(1).frame)
    _do(part_county, f"UPDATE run_frame SET digest = '{written}'")
    verified = past.verify_run(County(part_county), 1)
    assert verified.same is same
    assert {t.name: t.kept for t in verified.tables}["frame"] == written


@pytest.mark.parametrize(
    "change", ["UPDATE run_frame SET engine = '0.1.0 x'", "UPDATE run_frame SET parquet = encode('nonsense')"]
)
def test_a_frame_of_another_version_or_an_altered_one_is_not_used(
    part_county: Path, unread: list[int], change: str
) -> None:
    _do(part_county, change)
    assert County(part_county).runs.recall(1).rating.digest == past.verify_run(County(part_county), 1).kept
    assert unread[:1] == [1]


def test_an_altered_frame_is_told_by_verify(part_county: Path) -> None:
    _do(part_county, "UPDATE run_frame SET parquet = encode('nonsense')")
    verified = past.verify_run(County(part_county), 1)
    assert not verified.same
    assert [t.name for t in verified.tables if not t.same] == ["frame"]


def test_a_frame_that_gives_another_result_is_not_used(part_county: Path, unread: list[int]) -> None:
    """Whoever puts another frame into the store, bytes and digest and all, still gets the run's own result."""
    own = County(part_county)
    other = own.runs.recall(1).frame.with_columns(pl.col("tax_paid") * 2)
    code = own.runs.table(1).filter(pl.col("tier") == "B")["credit_code"][0]
    before = own.firms.explain(code, 1)
    with Store.open(part_county, write=True) as store:
        run = store.run(1)
        store.save_run(replace(run, frames={FRAME: other}))
    assert own.runs.recall(2).rating.digest == run.digest
    assert unread == [2]
    # An explanation finds that out beside its work, and is made again.
    told = own.firms.explain(code, 2)
    assert replace(told, basis=before.basis) == before
    assert told.basis.result_digest == run.digest
    made = own.firms.explaining(2)
    assert made.rated.rating.digest != run.digest
    assert made.result.rating.digest == run.digest
    assert unread == [2, 2, 2]


def test_corrections_after_the_run_do_not_reach_it(part_county: Path, tmp_path: Path, unread: list[int]) -> None:
    own = County(part_county)
    code = own.runs.table(1).filter(pl.col("tier") == "A")["credit_code"][0]
    file = tmp_path / "更正.csv"
    file.write_text(f"年度,统一社会信用代码,企业名称,实缴税金（万元）\n2022,{code},更正,0\n", encoding="utf-8")
    own.data.load([file], table="tax", reason="申诉更正", document="嵊经信〔2023〕1号")
    told = own.firms.explain(code, 1, ways=False)
    assert unread == []
    assert next(f for f in told.figures if f.name == "tax_paid").value != 0


def _do(path: Path, statement: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(statement)
