"""`upgrade` on purpose, and a rating of an earlier version that comes out differently."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from mujun.cli import main
from mujun.rating import digest_of
from mujun.store import Store
from mujun.workspace import County
from mujun.workspace.runs.verifying import compared
from tests.store.given import kept_store


def mujun(path: Path, *words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--db", str(path), *words])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_what_it_did_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = kept_store("v4_round", tmp_path)
    assert mujun(path, "upgrade") == 0
    printed = capsys.readouterr().out
    assert "已从格式 4 升级到 6" in printed
    assert "county.v4.duckdb" in printed
    assert "导入批次 13 个，评价 2 次，清单及增补 2 份，整治记录 35 条，发出的核查表和确认单 2 份" in printed
    assert mujun(path, "upgrade", "--no-verify") == 0
    assert "不需要升级" in capsys.readouterr().out


def test_a_run_of_an_earlier_version_is_told_as_that(tmp_path: Path) -> None:
    path = kept_store("v4_blank", tmp_path)
    county = County(path)
    with Store.open(path, write=True) as store:
        run = store.run(1)
    # As if version 0.1.9 had given one firm another score: its own digests fit it.
    first = pl.int_range(pl.len()) == 0
    moved = {
        name: table.with_columns(pl.when(first).then(0).otherwise("score").cast(table.schema["score"]).alias("score"))
        for name, table in run.results.items()
        if name in ("ratings", "subjects")
    }
    moved = {**run.results, **moved}
    digests = {name: digest_of(t) for name, t in moved.items()}
    then = replace(run, results=moved, digests=digests, digest=digests["ratings"], mujun_version="0.1.9")
    verified = compared(then, county.runs.recompute(1))
    assert not verified.same
    assert verified.by_earlier
    assert verified.columns == ("score",)
    assert verified.tables[0].differing == 1
    assert not replace(verified, version=run.mujun_version).by_earlier
    # Whoever changes what is kept is not excused by the version.
    altered = replace(then, results={**moved, "ratings": run.results["ratings"]})
    assert not compared(altered, county.runs.recompute(1)).by_earlier
