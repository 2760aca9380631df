"""The way within a path, and which land counts as put to use; by hand on the small county."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from mujun.errors import UsageError
from mujun.workspace import County
from mujun.workspace.book import read_book
from mujun.workspace.rectification.candidates import screen_candidates
from mujun.workspace.rectification.events import load_events, record, tracked
from mujun.workspace.rectification.handed_out import hand_out
from mujun.workspace.rectification.lists import issue
from mujun.workspace.rectification.monitoring import status
from mujun.workspace.rectification.papers import progress_sheet

from .small_county import F, P, files_at, rules_at
from .test_events import DONE, SEEN, filled, told, walk


@pytest.fixture
def listed(made_small_county: Path, tmp_path: Path) -> County:
    own = County(shutil.copy(made_small_county, tmp_path / "small.duckdb"))
    issue(own, title="清单", document="1号", issued_on=date(2023, 3, 1))
    return own


def of(own: County, subject: str) -> dict[str, Any]:
    return tracked(read_book(own)).filter(pl.col("subject") == subject).row(0, named=True)


def test_a_way_is_recorded_by_events_and_sheets_and_counted(listed: County, tmp_path: Path) -> None:
    record(listed, told(F[1], "plan", "2023-04-01", way="兼并重组"))
    cells = {F[2]: {"动作": "确定方案", "日期": "2023-04-02", "改定具体方式": "搬迁入园"}}
    assert len(load_events(listed, [filled(listed, tmp_path / "进度.xlsx", cells)]).recorded) == 1
    record(listed, told(F[1], "start", "2023-04-05"))
    rows = status(listed, date(2023, 5, 1)).groups["way"].select("group", "firms", "done").rows()
    # Six firms are listed; the ways of two are decided.
    assert sorted(rows, key=str) == sorted([("兼并重组", 1, 0), ("搬迁入园", 1, 0), (None, 4, 0)], key=str)
    page = openpyxl.load_workbook(hand_out(listed, tmp_path / "再.xlsx", progress_sheet(listed)))["企业进度"]
    head = {str(c.value): c.column for c in page[3]}
    assert [page.cell(r, head["具体方式"]).value for r in (4, 5)] == ["兼并重组", "搬迁入园"]


def test_an_unknown_way_is_asked_back_with_the_nearest(listed: County) -> None:
    with pytest.raises(UsageError) as caught:
        record(listed, told(F[1], "plan", "2023-04-01", way="搬迁进园"))
    assert [p.code for p in caught.value.problems] == ["event_unknown_way"]
    assert "搬迁入园" in str(caught.value)


def test_what_was_done_counts_by_the_way_by_which_it_was_done(listed: County) -> None:
    record(listed, told(F[1], "plan", "2023-05-01", way="兼并重组"))
    walk(listed, F[1], ("start", "2023-05-02"), ("report", "2023-06-30"), ("accept", "2023-07-01"), **SEEN)
    record(listed, told(F[1], "strike_off", "2023-07-31"))
    record(listed, told(F[1], "watch", "2024-02-01", way="改造提升"))
    row = of(listed, F[1])
    assert (row["way"], row["accepted_way"]) == ("改造提升", "兼并重组")
    done = status(listed, date(2024, 3, 1)).groups["way"].filter(pl.col("done") == 1)["group"].to_list()
    assert done == ["兼并重组"]


def test_land_counts_as_put_to_use_only_by_a_path_that_frees_land(listed: County) -> None:
    """By the rules closing frees a firm's land and upgrading none. Parcel 1 is firm 1's, 10 mu."""
    for subject, more in ((F[1], {"energy_tce": Decimal(0)}), (P[1], {})):
        walk(listed, subject, *DONE, **more)
    freed: dict[str, Any] = {"kind": "parcel", "land_mu": Decimal(4), "evidence": ("镇街核查表",)}
    with pytest.raises(UsageError) as caught:
        record(listed, told(P[1], "accept", "2023-07-01", **freed))
    assert caught.value.problems[0].code == "event_frees_nothing"
    # With a reason it is accepted, and its land is told apart.
    record(listed, told(P[1], "accept", "2023-07-01", waiver="东侧四亩收回", **freed))
    totals = status(listed, date(2023, 8, 1)).totals
    assert (totals.parcels_done, totals.verified_land_mu, totals.land_not_counted_mu) == (1, Decimal(0), Decimal(4))


def test_on_the_path_that_was_decided_for_the_parcel_the_same_land_counts(listed: County) -> None:
    for subject in (F[1], P[1]):
        walk(listed, subject, *DONE)
    freed: dict[str, Any] = {"kind": "parcel", "land_mu": Decimal(4), "evidence": ("镇街核查表", "设备拆除凭证")}
    record(listed, told(P[1], "accept", "2023-07-01", path="关停退出", **freed))
    totals = status(listed, date(2023, 8, 1)).totals
    assert (totals.verified_land_mu, totals.land_not_counted_mu) == (Decimal(4), Decimal(0))


def test_the_sheet_of_those_screened_has_land_parcel_path_and_reasons(small: County, tmp_path: Path) -> None:
    screen_candidates(small, date(2023, 2, 1))
    page = openpyxl.load_workbook(hand_out(small, tmp_path / "核实.xlsx", progress_sheet(small)))["企业进度"]
    head = {str(c.value): c.column for c in page[3]}
    rows = {str(page.cell(r, head["统一社会信用代码"]).value): r for r in range(4, page.max_row + 1)}
    told_of = ("所在地块", "用地（亩）", "整治方式", "建议和依据")
    assert [page.cell(rows[F[1]], head[h]).value for h in told_of] == [P[1], 10, "整治提升", "亩均税收低于6万元"]
    assert [page.cell(rows[F[5]], head[h]).value for h in told_of[:3]] == [P[3], 20, "关停退出"]


def test_a_second_list_keeps_the_way(listed: County, tmp_path: Path) -> None:
    record(listed, told(F[1], "plan", "2023-04-01", way="兼并重组"))
    listed.data.load(files_at(tmp_path / "2023", 2023))
    listed.runs.rate(rules_at(tmp_path / "rules"), 2023)
    issue(listed, title="清单", document="2号", issued_on=date(2024, 3, 1))
    row = of(listed, F[1])
    assert (row["list"], row["state"], row["way"]) == (2, "planned", "兼并重组")
