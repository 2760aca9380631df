"""The frame of a year is read from a run that was made of the very same: what it is read from, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mujun.errors import UsageError
from mujun.fields import FRAME_FIELDS
from mujun.store import Store
from mujun.workspace import County
from mujun.workspace.data import on_record
from mujun.workspace.frames_at import frame_at
from mujun.workspace.tables_at import inputs_at
from tests.workspace.small_county import F, files_at


def computed(own: County, year: int, batch: int | None = None, before_run: int | None = None) -> pl.DataFrame:
    """The frame out of all records, by no shorter way."""
    with Store.open(own.path) as store:
        return frame_at(inputs_at(store, batch, before_run), year, None)[0]


def loaded(own: County, folder: Path, tax: int) -> None:
    file = folder / f"tax-{tax}.csv"
    file.write_text(f"年度,统一社会信用代码,企业名称,实缴税金（万元）\n2022,{F[1]},更正,{tax}\n", encoding="utf-8")
    own.data.load([file], table="tax", reason="申诉更正", document="小县〔2023〕9号")


def test_whatever_happened_the_frame_is_what_the_records_say(small: County, tmp_path: Path) -> None:
    rules = small.runs.recall().ruleset
    small.data.load(files_at(tmp_path / "2023", 2023))
    newest = int(small.data.batches()["number"].max())  # type: ignore[arg-type]
    steps: tuple[Callable[[], object], ...] = (
        lambda: small.runs.rate(rules, 2023),
        lambda: loaded(small, tmp_path, 77),
        lambda: small.runs.rate(rules, 2022),
        lambda: small.runs.rate(rules, 2023),
        lambda: small.runs.rate(rules, 2022, final=True),
        lambda: small.runs.rate(rules, 2023),
        lambda: loaded(small, tmp_path, 78),
        lambda: small.runs.rate(rules, 2023, final=True, as_of_batch=newest + 1),
    )

    def hold(batch: int | None, before: int | None) -> None:
        for year in (2022, 2023):
            frame, findings = small.data.frame(year, as_of_batch=batch, before_run=before)
            assert findings == ()
            assert_frame_equal(frame, computed(small, year, batch, before))

    for step in steps:
        step()
        hold(None, None)
    for batch, before in product((newest, newest + 1), (None, 3, 5)):
        hold(batch, before)


def test_it_is_read_from_a_run_until_something_changes(
    small: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class ComputedError(Exception):
        """The records were read."""

    def refuse(*_: object) -> None:
        raise ComputedError

    monkeypatch.setattr(on_record, "frame_at", refuse)
    assert list(small.data.frame(2022)[0].columns) == list(FRAME_FIELDS)
    monkeypatch.setattr(on_record, "engine", lambda: "another version")
    with pytest.raises(ComputedError):
        small.data.frame(2022)
    monkeypatch.undo()
    loaded(small, tmp_path, 80)
    monkeypatch.setattr(on_record, "frame_at", refuse)
    with pytest.raises(ComputedError):
        small.data.frame(2022)


def test_an_unknown_run_or_batch_is_said(small: County) -> None:
    with pytest.raises(UsageError, match="9"):
        small.data.frame(2022, before_run=9)
    with pytest.raises(UsageError, match="99"):
        small.data.frame(2022, as_of_batch=99)
