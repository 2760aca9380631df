"""Due and late: the day itself is still in time, watches end, and who is done owes nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from mujun.rectification.due import counted, due
from mujun.rectification.tracking import TRACK_SCHEMA
from mujun.reports.rectification.reminders import write_reminders

DAY = date(2023, 6, 30)


def rows(*given: dict[str, Any]) -> pl.DataFrame:
    filled = [{"kind": "enterprise", "township": "甲镇", "department": "甲镇人民政府", **row} for row in given]
    return pl.DataFrame([{n: row.get(n) for n in TRACK_SCHEMA} for row in filled], schema=TRACK_SCHEMA)


@pytest.mark.parametrize(
    ("deadline", "matter", "days"),
    [
        (date(2023, 6, 29), "overdue", -1),
        (date(2023, 6, 30), "due", 0),
        (date(2023, 7, 30), "due", 30),
        (date(2023, 7, 31), None, None),
        (None, None, None),
    ],
)
def test_a_deadline_is_kept_on_its_day(deadline: date | None, matter: str | None, days: int | None) -> None:
    matters = due(rows({"subject": "A", "state": "planned", "deadline": deadline}), DAY, 30)
    assert matters.select("matter", "days").rows() == ([] if matter is None else [(matter, days)])


@pytest.mark.parametrize(
    ("state", "late"),
    [
        ("listed", True), ("reported_done", True), ("returned", True), ("relapsed", True), ("accepted", False),
        ("off_list", False), ("closed", False), ("removed", False),
    ],
)  # fmt: skip
def test_only_work_that_is_still_to_be_done_is_late(state: str, late: bool) -> None:
    matters = due(rows({"subject": "A", "state": state, "deadline": date(2023, 1, 1)}), DAY, 30)
    assert bool(matters.height) is late


def test_watches_that_end_are_shown_and_the_longest_overdue_comes_first() -> None:
    table = rows(
        {"subject": "A", "state": "watched", "deadline": date(2022, 1, 1), "watch_until": date(2023, 7, 1)},
        {"subject": "B", "state": "listed", "deadline": date(2023, 6, 1), "township": "乙街道"},
        {"subject": "C", "state": "listed", "deadline": date(2023, 5, 1)},
        {"subject": "P", "kind": "parcel", "state": "listed", "deadline": date(2023, 7, 1)},
    )
    matters = due(table, DAY, 30)
    assert matters.select("subject", "matter", "days").rows() == [
        ("C", "overdue", -60), ("B", "overdue", -29), ("P", "due", 1), ("A", "watch", 1),
    ]  # fmt: skip
    assert counted(matters, "township").rows() == [("甲镇", 1, 1, 1, 60), ("乙街道", 1, 0, 0, 29)]


def test_each_township_and_each_other_office_gets_its_sheet(tmp_path: Path) -> None:
    table = rows(
        {"subject": "A", "name": "=1+1厂", "state": "listed", "deadline": date(2023, 6, 1)},
        {"subject": "B", "state": "listed", "deadline": date(2023, 6, 1), "department": "县/自然资源局"},
    )
    files = write_reminders(tmp_path / "催办", due(table, DAY, 30), DAY, 30)
    assert [f.name for f in files] == ["催办_甲镇.xlsx", "催办_县_自然资源局.xlsx", "催办_甲镇人民政府.xlsx"]
    texts = [str(c.value) for row in openpyxl.load_workbook(files[0]).active.iter_rows() for c in row if c.value]
    assert "一、已逾期（2 项）" in texts
    assert "=1+1厂" in texts
    assert openpyxl.load_workbook(files[0]).active["B6"].data_type != "f"
