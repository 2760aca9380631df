"""The energy of rectified firms is shared out once: by the table of sources, or else by the acceptance."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from mujun.workspace import County
from mujun.workspace.money.projects import freed_energy
from mujun.workspace.rectification.events import load_events
from mujun.workspace.rectification.lists import issue
from tests.workspace.money_county import csv
from tests.workspace.small_county import F

HEAD = "统一社会信用代码,动作,日期,佐证材料,核实腾出用能（吨标煤）"


def accepted(firm: int, energy: str, day: str) -> list[str]:
    """The rows of a progress sheet for a firm that was accepted."""
    before = (("确定方案", "2023-04-01"), ("开始整治", "2023-04-02"), ("申报完成", "2023-06-01"))
    return [f"{F[firm]},{action},{on},," for action, on in before] + [f"{F[firm]},验收通过,{day},镇街核查表,{energy}"]


def test_a_firm_counts_once_as_source_or_as_accepted(small: County, tmp_path: Path) -> None:
    issue(small, title="清单", document="1号", issued_on=date(2023, 3, 1), recorded_at=datetime(2023, 3, 1, 8))
    assert freed_energy(small).total == 0
    told = [*accepted(2, "90", "2023-06-02"), *accepted(3, "150.5", "2023-07-03")]
    assert len(load_events(small, [csv(tmp_path, "进度", HEAD, *told)]).recorded) == 8
    found = freed_energy(small)
    assert (found.sources, found.accepted, found.firms) == (Decimal(0), Decimal("240.5"), 2)
    assert freed_energy(small, date(2023, 6, 30)).total == 90
    # Firm 2 is acknowledged as a source with 88 tce: that stands for it, and is not added to its 90.
    head = "来源编号,统一社会信用代码,腾退企业,腾出用能(吨标煤),认定日期,文号"
    rows = (f"Y1,{F[2]},示例2厂,88,2023-08-01,认定1号", "Y2,,旧厂,12,2023-01-01,认定2号")
    small.data.load([csv(tmp_path, "腾退来源", head, *rows)])
    found = freed_energy(small)
    assert (found.sources, found.accepted, found.firms) == (Decimal(100), Decimal("150.5"), 1)
