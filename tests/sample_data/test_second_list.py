"""The sample county's second year: a list of the year before, what became of it, and whom a round finds.

Who is in which state stands in the progress file, counted there by hand: of twelve firms three were struck off, two
are to close by a day that has passed, three are at work, two were sent back, two are to be converted.
"""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from mujun.rectification.screening import GONE
from mujun.samples import sample_progress
from mujun.workspace import County
from mujun.workspace.book import read_book
from mujun.workspace.rectification.events import load_events, tracked
from mujun.workspace.rectification.lists import Draft, draft, issue
from mujun.workspace.rounds.township_round import rows_to_screen, screening_rules

RULES = "zhejiang/shengzhou-2022"


@pytest.fixture(scope="module")
def own(loaded_county: Path, tmp_path_factory: pytest.TempPathFactory) -> County:
    """The county with the list of its first year, and what townships reported on it."""
    county = County(shutil.copy(loaded_county, tmp_path_factory.mktemp("second") / "mujun.duckdb"))
    run = county.runs.rate(RULES, 2021).number
    issue(county, title="2021年度清单", document="示例1号", issued_on=date(2022, 6, 30), run=run)
    done = load_events(county, [sample_progress()])
    assert (len(done.recorded), done.refused, done.files_refused) == (33, (), ())
    return county


@pytest.fixture(scope="module")
def firms() -> list[str]:
    """The twelve firms, in the order of the file."""
    with sample_progress().open(encoding="utf-8-sig", newline="") as file:
        return list(dict.fromkeys(row["统一社会信用代码"] for row in csv.DictReader(file)))


@pytest.fixture(scope="module")
def second(own: County) -> Draft:
    return draft(own, date(2023, 6, 30), year=2022)


def test_what_became_of_the_first_list(own: County, firms: list[str]) -> None:
    known = tracked(read_book(own)).filter(pl.col("subject").is_in(firms))
    assert Counter(known["state"]) == {"off_list": 3, "planned": 4, "in_progress": 3, "returned": 2}


def test_the_second_list_carries_on(second: Draft, firms: list[str]) -> None:
    rows = {r["credit_code"]: r for r in second.tables["firms"].iter_rows(named=True)}
    assert not set(firms[:3]) & set(rows), "struck off"
    for code in firms[3:5]:
        assert [rows[code][n] for n in ("entry", "path", "deadline")] == ["carried", "关停退出", date(2022, 12, 31)]
    # One of the two to be converted meets no condition of the second year any more: it stays on the first list alone.
    assert [rows[code]["path"] for code in firms[10:] if code in rows] == ["功能转型"]
    assert second.counts["carried"] > 300
    assert second.counts["new"] > 30


def test_whom_a_round_finds_beside_the_usual(own: County) -> None:
    rows = rows_to_screen(own, screening_rules(own, RULES, 2022), None, Decimal(3))
    little = rows.filter(pl.col("scale") == "规上", pl.col("land_mu") < 3).sort("land_mu")
    assert little["land_mu"].to_list() == [Decimal("1.08"), Decimal("1.68"), Decimal("2.22"), Decimal("2.85")]
    assert little["hits"].list.len().to_list() == [0, 0, 0, 1], "16.0636 ÷ 2.85 = 5.64 is below 6"
    assert Counter(rows["mark"].drop_nulls()) == {"非制造业": 6, "已注销或迁出": 3}


def test_those_struck_off_the_register_are_named_before_they_are_listed(own: County, second: Draft) -> None:
    frame = own.data.frame(2022)[0].filter(pl.col("status").str.contains("|".join(GONE)))
    assert frame.height == 3
    assert set(second.gone) <= set(frame["name"])
    assert len(second.gone) == 1
    problems = own.data.table("problems")
    assert set(frame["credit_code"]) <= set(problems["credit_code"]), "at each of them a problem was found"
