"""Golden data behind every chart, and golden texts of every paper, of the county of eight firms."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from syrupy.assertion import SnapshotAssertion

from mujun.reports.charts.of_county import county_charts
from mujun.reports.county.county_year import CountyYear
from mujun.reports.county.sentences import county_text
from mujun.reports.official.document import OfficialPaper
from mujun.reports.official.papers import briefing, data_notice, result_notice
from mujun.rules.model.papers import ThePapers

EMPTY = ThePapers(mujun=1, kind="papers", name="")


@pytest.fixture
def undated(year: CountyYear) -> CountyYear:
    """The year without the day on which its records were loaded, which is today."""
    return replace(year, day=None)


def lines(paper: OfficialPaper) -> list[str]:
    shown = [paper.title, *(str(part) for part in paper.parts)]
    return shown + [line for a in paper.annexes for line in (a.title, a.note, *("｜".join(r) for r in a.table.rows))]


def test_the_data_behind_every_chart(undated: CountyYear, snapshot: SnapshotAssertion) -> None:
    told = {
        c.name: [c.title, c.basis, c.how, *(str(row) for row in _rounded(c.data).rows())]
        for c in county_charts(undated)
    }
    assert told == snapshot


def test_the_text_of_every_paper(undated: CountyYear, snapshot: SnapshotAssertion) -> None:
    frame = undated.document.frame
    papers = (
        result_notice(undated, EMPTY),
        data_notice(frame, 2022, "小县", [], EMPTY, None),
        briefing(undated, EMPTY),
    )
    assert [lines(p) for p in papers] == snapshot


def test_a_part_of_one_firm_and_a_county_without_last_year_say_only_what_is_so(
    undated: CountyYear, snapshot: SnapshotAssertion
) -> None:
    one = undated.about("单家", undated.firms["credit_code"].head(1))
    alone = replace(undated, last=None, tiers_last=undated.tiers_last.clear())
    assert [[s.lead, s.text] for year in (one, alone) for s in county_text(year)] == snapshot


def _rounded(data: pl.DataFrame) -> pl.DataFrame:
    """Floats at nine decimals: what is drawn, not their last bits."""
    return data.with_columns(pl.selectors.float().round(9))
