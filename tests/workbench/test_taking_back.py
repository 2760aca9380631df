"""A correction taken back on its page: the old figure stands again, both stay on record, and not twice."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from nicegui import ui

from mujun import County
from mujun.errors import UsageError
from tests.workbench.simulated import Bench, played
from tests.workbench.test_rules import put
from tests.workspace.small_county import F


def tax(county: County) -> Decimal:
    value: Decimal = county.data.table("tax").filter(year=2022, credit_code=F[1])["tax_paid"][0]
    return value


def test_the_old_figure_stands_again(small_store: Path, tmp_path: Path) -> None:
    county = County(small_store)
    batch = county.rounds.correct(F[1], 2022, {"tax_paid": "12"}, reason="补报", document="1号").batch
    assert tax(county) == 12

    async def play(bench: Bench) -> None:
        await bench.open("/checks/corrections?year=2022")
        bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": 0}})
        await bench.sees("撤回这次更正")
        await bench.click("take-correction-back")
        await bench.sees("更正要写理由和依据文件")
        await put(bench, "back-reason", "报错了")
        await put(bench, "back-document", "2号")
        await bench.click("take-correction-back")
        await bench.until(lambda: tax(county) == 10)

    played(small_store, tmp_path, play)
    assert batch is not None
    rows = county.rounds.corrections()
    assert rows["reason"].to_list() == ["补报", "报错了"]
    with pytest.raises(UsageError, match="又改过，现在是 10"):
        county.rounds.take_back(batch, reason="再撤", document="3号")


def test_land_and_new_records_are_not_taken_back(small_store: Path) -> None:
    county = County(small_store)
    land = county.rounds.correct(F[1], 2022, {"land.area_mu": "11"}, reason="复测", document="1号").batch
    new = county.rounds.correct(F[6], 2022, {"energy_tce": "5"}, reason="补报", document="2号").batch
    for batch in (land, new):
        assert batch is not None
        with pytest.raises(UsageError, match="不能撤回"):
            county.rounds.take_back(batch, reason="撤", document="3号")
    with pytest.raises(UsageError):
        county.rounds.take_back(1, reason="撤", document="3号")
