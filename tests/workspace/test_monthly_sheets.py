"""Monthly sheets: out to offices and townships, back cell by cell; values as they were known on any day."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest

from mujun.errors import UsageError
from mujun.monitoring.month import Month
from mujun.reports.monitoring.office_sheets import (
    FIGURE_KEY,
    FIGURES,
    FIGURES_GIVEN,
    TASK_KEY,
    TASKS,
    TASKS_GIVEN,
)
from mujun.workspace import County
from mujun.workspace.monitoring.handing_out import HandedOut
from mujun.workspace.monitoring.returning import MonthTaken

PLAN = """\
mujun: 1
kind: targets
name: 小县行动目标
years: [2021, 2022, 2023]
status: example
sources: [{document: 小县〔2022〕3号}]
targets:
  - {id: tax, label: 亩均税收, kind: level, unit: 万元/亩, base: {"2020": 5}, targets: {"2022": 8}, computed: {of: tax_paid, per: land_mu}, reported_by: 税务}
  - {id: institutes, label: 研究院, kind: cumulative, unit: 家, base: {"2021": 10}, targets: {"2022": 16, "2023": 20}}
  - {id: dorms, label: 清退宿舍, kind: campaign, unit: 处, targets: {"2023": 60}, reported_by: 镇街, townships: {三江街道: {"2023": 40}, 甘霖镇: {"2023": 20}}}
offices: {科技: 县科技局, 税务: 县税务局, 镇街: 各镇街}
townships_office: 镇街
tasks:
  - {number: 1, title: 创新, lead: 科技, goals: institutes}
  - {number: 2, title: 摸排, lead: 镇街, due: [{what: 清单报齐, by: 2022-04-30}], goals: dorms}
"""  # noqa: E501


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plan")
    (folder / "targets.yaml").write_text(PLAN, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def given_out(made_small_county: Path, rules: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, HandedOut]:
    """A store that has handed out a sheet for October, and the sheet."""
    folder = tmp_path_factory.mktemp("given")
    own = County(shutil.copy(made_small_county, folder / "small.duckdb"))
    return own.path, handed(own, rules, Month(2022, 10), "县科技局", folder)


@pytest.fixture
def asked(given_out: tuple[Path, HandedOut], tmp_path: Path) -> tuple[County, HandedOut]:
    """A copy of both, to do with as one likes."""
    store, sheet = given_out
    own = County(shutil.copy(store, tmp_path / "small.duckdb"))
    return own, replace(sheet, file=Path(shutil.copy(sheet.file, tmp_path)))


def handed(own: County, rules: Path, month: Month, called: str, folder: Path) -> HandedOut:
    return next(h for h in own.monitor.sheets(folder, month, rules=rules) if h.called == called)


def filled(sheet: HandedOut, values: Mapping[str, Mapping[str, object]], name: str) -> Path:
    """The sheet with cells put in: by line's key, then by header."""
    book = openpyxl.load_workbook(sheet.file)
    for tab in (FIGURES, TASKS):
        rows = book[tab]
        heads = [c.value for c in rows[3]]
        for row in rows.iter_rows(min_row=4):
            for header, value in values.get(str(row[0].value), {}).items():
                row[heads.index(header)].value = value
    path = sheet.file.with_name(name)
    book.save(path)
    return path


def back(own: County, path: Path, received: date) -> MonthTaken:
    at = datetime(received.year, received.month, received.day, 4, tzinfo=UTC).replace(tzinfo=None)
    (taken,) = own.monitor.load([path], received=received, recorded_at=at)
    return taken


def test_each_office_and_township_gets_what_it_owes(small: County, rules: Path, tmp_path: Path) -> None:
    made = small.monitor.sheets(tmp_path / "out", Month(2022, 10), rules=rules)
    # Of task 2 there is a line for itself and one for what is due of it.
    assert [(h.called, h.figures, h.tasks) for h in made] == [
        ("县科技局", 1, 1), ("县税务局", 1, 0), ("三江街道", 1, 2), ("甘霖镇", 1, 2)
    ]  # fmt: skip
    book = openpyxl.load_workbook(made[0].file)
    given = [c.value for c in book[FIGURES][4]]
    assert given == [
        "institutes",
        "研究院",
        "家",
        "累计数（含基期）",
        "16（2022）",
        "20（2023）",
        "2021-12",
        "10",
        *[None] * 3,
    ]
    assert book[FIGURES]["A4"].protection.locked
    assert not book[FIGURES]["I4"].protection.locked
    assert book[FIGURES].protection.sheet
    township = openpyxl.load_workbook(made[2].file)
    # A township is held against its own target.
    assert [c.value for c in township[FIGURES][4]][:6] == [
        "dorms", "清退宿舍", "处", "行动以来累计数", "40（2023）", "40（2023）"
    ]  # fmt: skip
    assert [c.value for c in township[TASKS][5]][:3] == ["2.1", "　其中：清单报齐", "2022-04-30"]
    with pytest.raises(UsageError, match="县科技局"):
        small.monitor.sheets(tmp_path / "out", Month(2022, 10), rules=rules, only="县科技")
    with pytest.raises(UsageError, match="才结束"):
        small.monitor.sheets(tmp_path / "out", Month(2099, 1), rules=rules)


def test_a_correction_leaves_the_old_value_and_the_month_as_it_was_known(
    asked: tuple[County, HandedOut], rules: Path, tmp_path: Path
) -> None:
    small, sheet = asked
    told: dict[str, dict[str, object]] = {
        "institutes": {"本月数": 12, "佐证": "浙科〔2022〕1号"},
        "1": {"本月状态": "推进中", "本月进展": "新增两家"},
    }
    first = filled(sheet, told, "一.xlsx")
    taken = back(small, first, date(2022, 11, 4))
    assert (taken.figures, taken.tasks, taken.corrected, taken.refused) == (1, 1, 0, ())
    assert back(small, first, date(2022, 11, 4)).already

    then = small.monitor.month(date(2022, 10, 31), rules=rules, known_on=date(2022, 11, 5))
    institutes = then.standing("institutes")
    assert institutes.value is not None
    assert (institutes.value.value, institutes.value.month, institutes.value.evidence) == (
        12, Month(2022, 10), "浙科〔2022〕1号"
    )  # fmt: skip
    # 10 at the end of 2021, 16 at the end of 2022: 15 after ten months.
    assert (institutes.expected, institutes.verdict) == (15, "behind")
    before = then.rows()

    sheet = handed(small, rules, Month(2022, 10), "县科技局", tmp_path / "b")
    again = back(small, filled(sheet, {"institutes": {"本月数": "13"}}, "二.xlsx"), date(2022, 12, 1))
    assert (again.figures, again.corrected) == (1, 1)
    now = small.monitor.month(date(2022, 10, 31), rules=rules).standing("institutes").value
    assert now is not None
    assert (now.value, now.again) == (13, 1)
    # Both stand on record, and the month as it was known in November is what it was.
    rows = small.monitor.reported("institutes", rules=rules)
    assert rows.select("month", "value", "stands", "received_on").rows() == [
        ("2022-10", 12, False, date(2022, 11, 4)), ("2022-10", 13, True, date(2022, 12, 1))
    ]  # fmt: skip
    later = small.monitor.month(date(2022, 10, 31), rules=rules, known_on=date(2022, 11, 5))
    assert later.rows().equals(before)
    # Before anything was received nothing was known but the plan's base.
    early = small.monitor.month(date(2022, 10, 31), rules=rules, known_on=date(2022, 11, 3)).standing("institutes")
    assert (early.value, early.base, early.verdict) == (None, (2021, 10), "unknown")


def test_a_row_whose_locked_cell_was_changed_is_refused_by_its_cell(asked: tuple[County, HandedOut]) -> None:
    small, sheet = asked
    path = filled(
        sheet, {"institutes": {"本月数": 12, "年度目标": "9（2022）"}, "1": {"本月状态": "已完成"}}, "改.xlsx"
    )
    taken = back(small, path, date(2022, 11, 4))
    assert (taken.figures, taken.tasks, taken.rows_refused) == (0, 1, 1)
    assert str(taken.refused[0]).startswith(
        "改.xlsx 工作表“指标” 第 4 行：E4 的“年度目标”被改为“9（2022）”，发出时为“16（2022）”"
    )


LOCKED = [(FIGURES, "institutes", h) for h in FIGURES_GIVEN] + [(TASKS, "1", h) for h in TASKS_GIVEN]


@pytest.mark.parametrize(("tab", "line", "header"), LOCKED, ids=[f"{t}-{h}" for t, _, h in LOCKED])
def test_every_locked_cell_is_held_against_what_was_given(
    asked: tuple[County, HandedOut], tab: str, line: str, header: str
) -> None:
    small, sheet = asked
    column = "ABCDEFGH"[(FIGURES_GIVEN if tab == FIGURES else TASKS_GIVEN).index(header)]
    value = {"本月数": 12} if tab == FIGURES else {"本月状态": "推进中"}
    path = filled(sheet, {line: {header: "改过", **value}}, "改.xlsx")
    taken = back(small, path, date(2022, 11, 4))
    assert (taken.figures, taken.tasks) == (0, 0)
    said = [str(p) for p in taken.refused]
    # The key itself changed is a row that was never given; every other cell is named with both values.
    key = header in (FIGURE_KEY, TASK_KEY)
    wanted = f"工作表“{tab}” 第 4 行" if key else f"{column}4 的“{header}”被改为“改过”，发出时"
    assert any(wanted in text for text in said), said


@pytest.mark.parametrize(
    ("line", "cells", "said"),
    [
        ("institutes", {"本月数": "十二"}, "“研究院”的本月数写的是“十二”，不是数字。请只填数字。"),
        ("institutes", {"本月数": -1}, "“研究院”是累计数，写的是 -1，不能小于零。"),
        ("institutes", {"佐证": "见附件"}, "“研究院”写了佐证或说明，没有填本月数。请填数；没有变化的填上次的数。"),
        ("1", {"本月进展": "开了会"}, "“创新”写了进展，没有选本月状态。请选：未启动、推进中、已完成、已停止。"),
        ("1", {"本月状态": "快了"}, "“创新”的状态写的是“快了”，只能是：未启动、推进中、已完成、已停止。"),
    ],
)
def test_what_cannot_be_taken_says_why(
    asked: tuple[County, HandedOut], line: str, cells: Mapping[str, object], said: str
) -> None:
    small, sheet = asked
    taken = back(small, filled(sheet, {line: cells}, "错.xlsx"), date(2022, 11, 4))
    assert (taken.figures, taken.tasks, taken.rows_refused) == (0, 0, 1)
    assert str(taken.refused[0]).split("行：")[1] == said


def test_townships_add_up_and_a_task_is_done_when_all_are(small: County, rules: Path, tmp_path: Path) -> None:
    october = Month(2022, 10)
    done: dict[str, dict[str, object]] = {"2": {"本月状态": "推进中"}, "2.1": {"本月状态": "已完成"}}
    one = handed(small, rules, october, "三江街道", tmp_path)
    back(small, filled(one, {**done, "dorms": {"本月数": 18}}, "三江.xlsx"), date(2022, 11, 3))
    half = small.monitor.month(date(2022, 10, 31), rules=rules)
    other = handed(small, rules, october, "甘霖镇", tmp_path)
    back(small, filled(other, {**done, "dorms": {"本月数": 12}}, "甘霖.xlsx"), date(2022, 11, 8))
    whole = small.monitor.month(date(2022, 10, 31), rules=rules)
    values = [m.standing("dorms").value for m in (half, whole)]
    assert [v.value for v in values if v is not None] == [18, 30]
    # 18 of 40 and 12 of 20.
    assert [(p.township, p.rank, p.share) for p in whole.places["dorms"]] == [
        ("甘霖镇", 1, Fraction(3, 5)), ("三江街道", 2, Fraction(9, 20))
    ]  # fmt: skip
    assert [(m.tasks[1].state, m.tasks[1].due[0].late) for m in (half, whole)] == [("late", True), ("working", False)]
    own = small.monitor.month(date(2022, 10, 31), rules=rules, township="甘霖镇")
    place = own.place("dorms")
    assert place is not None
    assert (place.rank, place.among) == (1, 2)


def test_what_is_computed_and_what_is_reported_stand_side_by_side(small: County, rules: Path, tmp_path: Path) -> None:
    # Tax of 2022: 10+4+5+6+10+8+300+400 = 743 on 10+4+5+6+20+8+10+10 = 73 mu.
    sheet = handed(small, rules, Month(2022, 12), "县税务局", tmp_path)
    back(small, filled(sheet, {"tax": {"本月数": "10.2"}}, "税.xlsx"), date(2023, 1, 9))
    told = small.monitor.month(date(2022, 12, 31), rules=rules).standing("tax")
    assert told.value is not None
    assert told.beside is not None
    assert (told.value.source, told.value.value) == ("computed", Fraction(10178082, 10**6))
    assert (told.beside.value, told.differs) == (Fraction(102, 10), Fraction(102, 10) - Fraction(10178082, 10**6))
    # In October the year's records did not count yet, whoever asks today.
    october = small.monitor.month(date(2022, 10, 31), rules=rules).standing("tax").value
    assert october is None or october.month < Month(2022, 10)


def test_a_sheet_of_another_kind_or_day_is_refused(asked: tuple[County, HandedOut]) -> None:
    small, sheet = asked
    (early,) = small.monitor.load([sheet.file], received=date(2022, 10, 30))
    assert "在 2022-10 月底之前" in str(early.refused[0])
    with pytest.raises(UsageError, match="还没有到"):
        small.monitor.load([sheet.file], received=date(2099, 1, 1))
    blank = back(small, sheet.file, date(2022, 11, 4))
    assert (blank.figures, blank.blank, blank.refused) == (0, 1, ())
    with pytest.raises(UsageError, match="--rules"):
        small.monitor.month(date(2022, 10, 31))
