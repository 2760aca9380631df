"""A month's reports typed in place: what is owed, what stands already, and each line read as its workbook would be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mujun.errors import UsageError
from mujun.monitoring.month import Month
from mujun.workspace import County
from mujun.workspace.monitoring.typing_in import LineKey
from tests.workspace.test_monthly_sheets import filled, handed, rules  # noqa: F401 - a fixture

VALUE, EVIDENCE, NOTE = "本月数", "佐证", "说明"
INSTITUTES: LineKey = ("figure", "institutes")
DORMS: LineKey = ("figure", "dorms")
TASK: LineKey = ("task", "1")


def enter(own: County, plan: Path, called: str, lines: Any, **more: Any) -> Any:
    return own.monitor.enter("2022-10", called, lines, rules=plan, **more)


def test_each_owes_what_its_workbook_asks(small: County, rules: Path, tmp_path: Path) -> None:  # noqa: F811
    forms = small.monitor.forms("2022-10", rules=rules)
    sheets = small.monitor.sheets(tmp_path / "out", "2022-10", rules=rules)
    assert [(f.called, len(f.lines)) for f in forms] == [(s.called, s.figures + s.tasks) for s in sheets]
    science = next(f for f in forms if f.office == "科技")
    assert list(science.lines) == [INSTITUTES, TASK]
    assert science.lines[INSTITUTES].given["指标"] == "研究院"
    assert science.lines[INSTITUTES].reported == {}


def test_typed_lines_are_on_record_and_stand_in_the_form(small: County, rules: Path) -> None:  # noqa: F811
    said = {
        INSTITUTES: {VALUE: " 13 家", EVIDENCE: "科局〔2022〕9号", NOTE: ""},
        TASK: {"本月状态": "推进中", "本月进展": "签约两家", EVIDENCE: "", NOTE: ""},
    }
    assert enter(small, rules, "科技", said, dry_run=True).figures == 1
    assert small.monitor.reported(rules=rules).is_empty()
    taken = enter(small, rules, "县科技局", said)
    assert (taken.figures, taken.tasks, taken.corrected, taken.rows_refused) == (1, 1, 0, 0)
    rows = small.monitor.reported(rules=rules)
    figure = rows.filter(subject="institutes").row(0, named=True)
    assert (figure["value"], figure["month"], figure["office"], figure["who"]) == (13, "2022-10", "科技", small.who)
    form = next(f for f in small.monitor.forms("2022-10", rules=rules) if f.office == "科技")
    assert form.lines[INSTITUTES].reported == {VALUE: "13", EVIDENCE: "科局〔2022〕9号"}
    assert form.lines[TASK].reported == {"本月状态": "推进中", "本月进展": "签约两家"}
    # What stands already is not put in again; what is said otherwise is a correction beside it.
    unchanged = {key: dict(line.reported) for key, line in form.lines.items()}
    assert enter(small, rules, "科技", unchanged).rows.is_empty()
    corrected = enter(small, rules, "科技", unchanged | {INSTITUTES: {VALUE: "14", NOTE: "漏报一家"}})
    assert (corrected.figures, corrected.tasks, corrected.corrected) == (1, 0, 1)
    both = small.monitor.reported("institutes", rules=rules)
    assert both.select("value", "stands").rows() == [(13, False), (14, True)]
    (place,) = [c for c in small.data.changes().filter(kind="report").iter_rows(named=True) if c["number"] == 3]
    assert (place["subject"], place["what"], place["document"]) == ("科技", "2022-10", None)


def test_a_report_taken_back_counts_no_more_and_stays_on_record(small: County, rules: Path) -> None:  # noqa: F811
    enter(small, rules, "科技", {INSTITUTES: {VALUE: "13"}, TASK: {"本月状态": "推进中", "本月进展": "签约"}})
    enter(small, rules, "科技", {INSTITUTES: {VALUE: "14"}})
    first, _, second = small.monitor.reported(rules=rules).sort("number")["number"].to_list()
    with pytest.raises(UsageError, match="要写理由"):
        small.monitor.take_back(second, reason=" ")
    with pytest.raises(UsageError, match="科技 报的，由该单位或经信局撤回"):
        small.monitor.take_back(second, reason="错", by="税务")
    other = County(small.path, who="李四")
    other.monitor.take_back(second, reason="报成上月的了", by="科技")
    # What was reported before counts again, in the form, among what was reported and in the plan's month.
    both = small.monitor.reported("institutes", rules=rules).select("value", "stands", "back_by", "back_why").rows()
    assert both == [(13, True, None, None), (14, False, "李四", "报成上月的了")]

    def stands() -> object:
        form = next(f for f in small.monitor.forms("2022-10", rules=rules) if f.office == "科技")
        return form.lines[INSTITUTES].reported

    def in_plan() -> object:
        value = small.monitor.month(date(2022, 10, 31), rules=rules).standing("institutes").value
        return value.value if value is not None else None

    assert (stands(), in_plan()) == ({VALUE: "13"}, 13)
    for number, why in ((second, "已由 李四 撤回"), (second + 1, "没有第 4 号填报"), (99, "没有第 99 号填报")):
        with pytest.raises(UsageError, match=why):
            small.monitor.take_back(number, reason="又一次")
    small.monitor.take_back(first, reason="也错了")
    assert stands() == {}
    assert in_plan() != 13
    # Reported anew, it stands.
    enter(small, rules, "科技", {INSTITUTES: {VALUE: "13"}})
    assert stands() == {VALUE: "13"}
    backs = small.data.changes().filter(kind="report_back").select("who", "subject", "what").rows()
    assert ("李四", "科技", "2022-10：报成上月的了") in backs


def test_a_workbook_that_was_taken_back_may_come_back_again(small: County, rules: Path, tmp_path: Path) -> None:  # noqa: F811
    sheet = handed(small, rules, Month(2022, 10), "县科技局", tmp_path / "out")
    file = filled(sheet, {"institutes": {VALUE: 13}}, "交回.xlsx")
    assert not small.monitor.load([file])[0].already
    assert small.monitor.load([file])[0].already
    for number in small.monitor.reported(rules=rules)["number"].to_list():
        small.monitor.take_back(number, reason="交错了文件")
    again = small.monitor.load([file])[0]
    assert (again.already, again.corrected) == (False, 0)


def test_a_townships_line_is_its_own(small: County, rules: Path) -> None:  # noqa: F811
    enter(small, rules, "甘霖镇", {DORMS: {VALUE: "3"}})
    enter(small, rules, "三江街道", {DORMS: {VALUE: "5"}})
    rows = small.monitor.reported("dorms", rules=rules)
    assert dict(rows.select("township", "value").iter_rows()) == {"甘霖镇": Decimal(3), "三江街道": Decimal(5)}


@pytest.mark.parametrize(
    ("line", "typed", "code"),
    [
        (INSTITUTES, {VALUE: "约十家"}, "monitor_no_number"),
        (INSTITUTES, {VALUE: "-1"}, "monitor_negative"),
        (INSTITUTES, {EVIDENCE: "文件"}, "monitor_words_without_value"),
        (TASK, {"本月状态": "快了"}, "monitor_no_state"),
        (TASK, {"本月进展": "签约"}, "monitor_words_without_state"),
    ],
)
def test_a_line_that_cannot_be_is_refused_and_the_others_count(
    line: LineKey,
    typed: dict[str, str],
    code: str,
    small: County,
    rules: Path,  # noqa: F811
) -> None:
    right: dict[LineKey, dict[str, str]] = {INSTITUTES: {VALUE: "13"}, TASK: {"本月状态": "推进中"}}
    taken = enter(small, rules, "科技", right | {line: typed})
    assert [p.code for p in taken.refused] == [code]
    assert taken.figures + taken.tasks == 1


def test_who_owes_nothing_or_not_this_is_refused(small: County, rules: Path) -> None:  # noqa: F811
    for called, lines, month, told in (
        ("水务", {}, "2022-10", "水务"),
        ("科技", {DORMS: {VALUE: "1"}}, "2022-10", "不用报“dorms”"),
        ("科技", {}, "2199-01", "2199-01"),
        ("科技", {}, "十月", "十月"),
    ):
        with pytest.raises(UsageError, match=told):
            small.monitor.enter(month, called, lines, rules=rules)
