"""Publication on record: put down, refused where it cannot be, taken back; the year's path follows it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mujun import County, messages
from mujun.errors import RuleError, UsageError
from mujun.store import Store
from mujun.workspace.publishing import Publication, at_once, weekdays
from mujun.workspace.year_path import Step
from tests.store.given import kept_store
from tests.workspace.small_county import RATING, files_at, rules_at

FIRST, UNTIL = date(2023, 5, 8), date(2023, 5, 14)
"""From a Monday to the Sunday after: seven days, five of them from Monday to Friday."""


@pytest.fixture
def county(small: County) -> County:
    """The small county, whose run 1 is final."""
    return County(small.path, who="张三")


def out(county: County, **changed: Any) -> Publication:
    given: dict[str, Any] = {"first": FIRST, "until": UNTIL, "place": "市政府门户网站"} | changed
    return county.runs.publish(given.pop("year", 2022), **given)


def step(county: County, day: date) -> Step:
    path = county.monitor.year_path(2022, day=day)
    return next(s for s in path.steps if s.name == "publication")


def told(at: Step) -> list[str]:
    return [str(f) for f in at.facts]


def test_who_when_where_and_until_when_are_kept(county: County) -> None:
    kept = out(county, objections="市经信局，0575-1", objections_by=date(2023, 5, 12), document="嵊经信〔2023〕8号")
    assert (kept.number, kept.notice, kept.year, kept.run) == (1, "result", 2022, 1)
    assert (kept.first, kept.until, kept.place, kept.objections_by) == (
        FIRST, UNTIL, "市政府门户网站", date(2023, 5, 12),
    )  # fmt: skip
    assert (kept.objections, kept.document, kept.who, kept.taken_back) == (
        "市经信局，0575-1", "嵊经信〔2023〕8号", "张三", None,
    )  # fmt: skip
    assert (kept.days, kept.weekdays) == (7, 5)
    assert [kept.when(d) for d in (date(2023, 5, 7), FIRST, UNTIL, date(2023, 5, 15))] == [
        "ahead", "running", "running", "over",
    ]  # fmt: skip
    assert county.runs.published(2022) == (kept,)
    assert county.runs.published(2021) == ()
    longer = out(county, place="公告栏", objections_by=date(2023, 5, 20))
    assert [longer.when(date(2023, 5, d)) for d in (14, 15, 20, 21)] == ["running", "objections", "objections", "over"]
    assert [p.number for p in county.runs.still_out(2022, day=date(2023, 5, 20))] == [longer.number]
    assert county.runs.still_out(2022, day=date(2023, 5, 21)) == ()
    data = out(county, notice="data", first=date(2023, 2, 1), until=date(2023, 2, 8))
    assert (data.run, data.objections_by) == (None, date(2023, 2, 8))


def test_the_path_follows_the_days_on_record(county: County, tmp_path: Path) -> None:
    run = 1
    due = step(county, FIRST)
    assert (due.state, told(due)) == ("waits", [f"第 {run} 次已定稿，还没有登记公示。"])
    # The notice of the data comes before the rating: it does not publish the result.
    out(county, notice="data", first=date(2023, 2, 1), until=date(2023, 2, 8))
    assert step(county, FIRST).state == "waits"
    out(county)
    days = {d: step(county, d) for d in (date(2023, 5, 7), UNTIL, date(2023, 5, 15))}
    assert [s.state for s in days.values()] == ["ahead", "running", "done"]
    # As long as no list is issued, the notice comes before it.
    assert [s.next_action is None for s in days.values()] == [False, False, True]
    assert [told(s)[0] for s in days.values()] == [
        f"第 {run} 次的结果 2023-05-08 至 2023-05-14 在市政府门户网站公示，尚未开始。",
        f"第 {run} 次的结果 2023-05-08 至 2023-05-14 在市政府门户网站公示，异议截止 2023-05-14。",
        f"第 {run} 次的结果已于 2023-05-08 至 2023-05-14 在市政府门户网站公示。",
    ]
    # Its last day is past, and objections may still come in: that is not done.
    out(county, place="公告栏", objections_by=date(2023, 5, 20))
    opened, over = step(county, date(2023, 5, 20)), step(county, date(2023, 5, 21))
    assert (opened.state, over.state) == ("running", "done")
    assert told(opened)[1] == (
        f"第 {run} 次的结果已于 2023-05-08 至 2023-05-14 在公告栏公示，仍可提异议，截止 2023-05-20。"
    )
    county.runs.take_back_publication(3, reason="没有贴出")
    # Another result is made final: what was published is not this one.
    county.runs.rate(rules_at(tmp_path / "rules"), 2022, final=True)
    again = step(county, date(2023, 5, 15))
    assert (again.state, told(again)) == (
        "waits",
        [f"第 {run} 次的结果 2023-05-08 公示过，后来又定了新稿。", f"第 {run + 1} 次已定稿，还没有登记公示。"],
    )


def test_a_record_is_taken_back_with_a_reason_and_stays_in_the_book(county: County) -> None:
    number = out(county).number
    with pytest.raises(UsageError, match="要写理由"):
        county.runs.take_back_publication(number, reason=" ")
    other = County(county.path, who="李四")
    back = other.runs.take_back_publication(number, reason="日期登记错了")
    assert back.taken_back is not None
    assert (back.taken_back.who, back.taken_back.reason) == ("李四", "日期登记错了")
    assert county.runs.published() == (back,)
    assert step(county, UNTIL).state == "waits"
    with pytest.raises(UsageError, match="已由 李四 撤回"):
        county.runs.take_back_publication(number, reason="又一次")
    with pytest.raises(UsageError, match="没有第 9 号公示登记"):
        county.runs.take_back_publication(9, reason="没有这条")
    # What was taken back may be put down again; both stay.
    assert out(county).number == 3
    changes = county.data.changes().filter(kind="publication")["who"].to_list()
    backs = county.data.changes().filter(kind="publication_back").select("who", "what", "subject").rows()
    assert (changes, backs) == (["张三", "张三"], [("李四", "日期登记错了", "市政府门户网站")])


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"place": "  "}, "请写明在哪里公示"),
        ({"until": date(2023, 5, 7)}, "最后一天（2023-05-07）早于第一天（2023-05-08）"),
        ({"objections_by": date(2023, 5, 1)}, "异议截止日（2023-05-01）早于公示第一天"),
        ({"run": 2}, "第 2 次只是试算"),
        ({"run": 99}, "2022年度没有第 99 次评价；定稿的有：1"),
        ({"year": 2021}, "2021年度还没有定稿"),
        ({"notice": "list"}, "没有“list”这种公示"),
        ({"notice": "data", "run": 1}, "不属于哪一次评价：请去掉第 1 次（--run）"),
        ({"notice": "data", "year": 2018}, "2018年度没有数据，不能登记用地数据公示；有数据的年度：2022"),
        # The result of 2022 is of the whole year; its land may be published as soon as the year begins.
        ({"first": date(2022, 12, 31)}, "2022年度的这项公示不可能早于 2023-01-01，第一天写的是 2022-12-31"),
        ({"first": date.min}, "不可能早于 2023-01-01"),
        ({"notice": "data", "first": date(2021, 12, 31)}, "不可能早于 2022-01-01"),
        # 2024 has 366 days: a year and a day is one too many.
        ({"first": date(2024, 1, 1), "until": date(2025, 1, 1)}, "共 367 天，超过一年；请核对日期的年份"),
        ({"until": date.max}, "超过一年"),
        ({"objections_by": date.max}, "异议截止日（9999-12-31）比公示第一天（2023-05-08）晚一年以上"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    county: County, changed: dict[str, Any], why: str, tmp_path: Path
) -> None:
    county.runs.rate(rules_at(tmp_path / "rules"), 2022)
    with pytest.raises(UsageError, match=re.escape(why)):
        out(county, **changed)
    assert county.runs.published() == ()


def doubts(county: County, **changed: Any) -> list[str]:
    return [p.code for p in out(county, **changed).doubts]


LATER: dict[str, Any] = {"first": date(2028, 5, 8), "until": date(2028, 5, 14)}
"""Days after any run of these tests is made."""


def test_objections_that_end_before_the_notice_are_doubtful(county: County) -> None:
    assert doubts(county, **LATER, objections_by=date(2028, 5, 13)) == ["publication_objections_end_early"]
    assert doubts(county, **LATER, objections_by=date(2028, 5, 14), place="公告栏") == []


def test_notices_of_the_same_that_are_out_at_once_are_doubtful(county: County, tmp_path: Path) -> None:
    def days(first: int, until: int) -> dict[str, date]:
        return {"first": date(2028, 5, first), "until": date(2028, 5, until)}

    assert doubts(county, **LATER) == []
    # At another place on the same days it is one notice; the day after the last overlaps with nothing.
    assert doubts(county, **LATER, place="公告栏") == []
    assert doubts(county, **days(15, 19)) == []
    changed = out(county, **days(12, 18), place="村务栏")
    assert [p.code for p in changed.doubts] == ["publication_overlaps"] * 3
    assert "登记第 2 号（2028-05-08 至 2028-05-14，公告栏）" in str(changed.doubts[1])
    # The land before the rating is another notice; two of them are told.
    assert doubts(county, **days(12, 18), notice="data") == []
    assert doubts(county, **days(18, 22), notice="data") == ["publication_overlaps"]
    for number in (1, 2, 3, 4):
        county.runs.take_back_publication(number, reason="改期")
    assert doubts(county, **LATER) == []


def test_two_results_by_the_same_rules_at_once_are_doubtful(county: County, tmp_path: Path) -> None:
    assert doubts(county, **LATER) == []
    county.runs.rate(rules_at(tmp_path / "rules"), 2022, final=True)
    assert doubts(county, **LATER, run=2, place="公告栏") == ["publication_overlaps_run"]
    # Other rules rate other firms: their result is out at the same time on purpose.
    known, runs = county.runs.published(2022), county.runs.list()
    newer = known[0]
    assert [p.values["run"] for p in at_once(known, newer, runs)] == [1]
    apart = runs.with_columns(rules=pl.col("rules") + pl.col("number").cast(pl.String))
    assert list(at_once(known, newer, apart)) == []


def test_what_is_doubtful_is_put_on_record_and_told(county: County) -> None:
    made = county.runs.list()["created_at"][0].date()
    assert doubts(county) == ["publication_before_run"]
    after = {"first": made, "until": made + timedelta(days=6)}
    assert doubts(county, **after) == []
    assert doubts(county, **after, notice="data") == []
    assert doubts(county, notice="data", first=date(2023, 5, 13)) == ["publication_no_weekday"]
    assert len(county.runs.published()) == 4


def test_of_final_runs_by_the_same_rules_the_newest_counts_and_that_is_told(county: County, tmp_path: Path) -> None:
    county.runs.rate(rules_at(tmp_path / "rules"), 2022, final=True)
    after = {"first": date.today(), "until": date.today() + timedelta(days=6)}
    newest = out(county, **after)
    assert (newest.run, [p.code for p in newest.doubts]) == (2, ["publication_newest_of"])
    assert "先后定稿：1、2，以最新的第 2 次为准" in str(newest.doubts[0])
    # Who names a run meant it.
    assert doubts(county, **after, run=2, place="公告栏") == []
    assert doubts(county, **after, run=1) == ["publication_replaced_run"]
    assert [p.run for p in county.runs.still_out(2022)] == [2, 2, 1]
    # By their first day, whichever was put down first.
    out(county, first=date.today() - timedelta(days=1), until=date.today(), run=2)
    assert [p.number for p in county.runs.still_out(2022)] == [4, 1, 2, 3]
    county.runs.take_back_publication(4, reason="重了")
    assert county.runs.still_out(2022, day=date.today() + timedelta(days=7)) == ()
    county.runs.take_back_publication(1, reason="重了")
    out(county, **after, notice="data")
    assert [p.number for p in county.runs.still_out(2022)] == [2, 3]


def test_of_several_results_by_different_rules_one_is_named(tmp_path: Path) -> None:
    county = County(tmp_path / "small.duckdb", who="张三")
    county.data.load(files_at(tmp_path / "2022", 2022))
    for name, town in (("east", "三江街道"), ("west", "甘霖镇")):
        scope = f"population: {{scope: \"township = '{town}'\"}}\n"
        county.runs.rate(rules_at(tmp_path / name, rating=RATING + scope), 2022, final=True)
    with pytest.raises(UsageError, match="由几次定稿合成：1、2；请写明公示的是哪一次"):
        out(county)
    assert out(county, run=1).run == 1


def test_the_same_is_not_put_down_twice(county: County) -> None:
    out(county)
    with pytest.raises(UsageError, match="已由 张三 登记为第 1 号"):
        out(county, place=" 市政府门户网站 ")
    # Another place is another record: the notice hung on a board as well.
    assert out(county, place="镇街公告栏").number == 2


def test_what_is_usual_comes_from_papers_yaml_and_from_the_last_record(county: County) -> None:
    run = 1
    empty = county.runs.usual_notice(2022, run)
    assert (empty.first, empty.until, empty.place, empty.objections) == (None, None, "", "")
    out(county, objections="市经信局")
    assert county.runs.usual_notice(2022, run).objections == "市经信局"
    papers = county.path.parent / "papers.yaml"
    words = "mujun: 1\nkind: papers\nname: 公示\nperiod_from: 2023-05-08\nperiod_until: 2023-05-14\n"
    papers.write_text(f"{words}contact: 王五\ntelephone: [0575-1, 0575-2]\n", encoding="utf-8")
    usual = county.runs.usual_notice(2022, run)
    assert (usual.first, usual.until, usual.place, usual.objections) == (
        FIRST, UNTIL, "市政府门户网站", messages.clauses(["王五", "0575-1", "0575-2"]),
    )  # fmt: skip
    # A file left over from the year before says nothing of this one's days.
    assert county.runs.usual_notice(2023, None).first is None
    papers.write_text(f"{words}oops: 1\n", encoding="utf-8")
    with pytest.raises(RuleError):
        county.runs.usual_notice(2022, run)


def test_a_store_of_format_4_has_none_and_takes_one(tmp_path: Path) -> None:
    path = kept_store("v4_round", tmp_path)
    before = path.read_bytes()
    county = County(path)
    year = int(county.runs.list().filter(final=True)["year"].item())
    assert county.runs.published() == ()
    assert path.read_bytes() == before
    kept = out(county, year=year)
    assert county.runs.published(year) == (kept,)
    with Store.open(path) as store:
        assert store.published().height == 1


def test_weekdays() -> None:
    assert weekdays(date(2023, 5, 13), date(2023, 5, 14)) == 0  # a Saturday and a Sunday
    assert weekdays(FIRST, FIRST) == 1
