"""What if: numbers of the rules changed by hand, what they come to, scenarios noted, a set made of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from nicegui import ui

from mujun import County
from mujun.rules import load_rules
from mujun.workbench.pages.whatif import summary
from tests.workbench.simulated import Bench, played
from tests.workbench.test_rules import one, put

SHARES = "tiers.cut.default.shares.A"
WEIGHT = "scoring.above.tax_per_mu.weight"
LONG = 300


def test_tiers_list_and_money_follow_the_numbers(
    sample_county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUJUN_RULES", str(tmp_path / "规则"))
    county = County(sample_county)
    up, down, listed, struck, _ = summary(county.runs.tried(county.runs.ready_to_try(1), {SHARES: "10"}))
    assert down

    async def changed(bench: Bench, path: str, value: float, seen: str) -> None:
        await put(bench, path, value)
        await bench.sees(seen)
        await bench.settled(LONG)

    async def play(bench: Bench) -> None:
        await bench.open("/rating/1/whatif?year=2022")
        await bench.sees("还没有改动")
        paths = {mark for field in bench.user.find(ui.number).elements for mark in field._markers}
        # What moves nothing that is shown is not offered: the plan's targets.
        assert SHARES in paths
        assert WEIGHT in paths
        assert not [path for path in paths if path.startswith(("targets.", "race.", "assessment."))]
        await changed(bench, SHARES, 10, "家降档")
        told = [text for text in bench.texts() if text]
        for figure, what in ((up, "家升档"), (down, "家降档"), (listed, "家新列入清单"), (struck, "家不再列入")):
            assert told[told.index(what) - 1] == str(figure), what
        await bench.click("note")
        await bench.sees("请先写名称")
        await put(bench, "scenario name", "A档一成")
        await bench.click("note")
        await bench.sees("记下的方案", "A档一成")
        # Shares that come to more than a hundred are no rules: the sentence stands in the place of the outcome.
        await changed(bench, SHARES, 90, "100")
        assert any("alert" in str(e.props) for e in bench.user.find(ui.label).elements)
        await changed(bench, SHARES, 20, "还没有改动")
        await changed(bench, SHARES, 10, "家降档")
        await put(bench, "scenario name", "A档一成")
        await bench.click("save rules", LONG)
        await bench.sees("已存为")

    played(sample_county, tmp_path, play)
    (folder,) = (tmp_path / "规则").iterdir()
    made = load_rules(folder)
    assert made.rating is not None
    assert made.rating.tiers is not None
    cut = made.rating.tiers.cut["default"]
    assert cut.shares is not None
    assert cut.shares["A"] == 10


def test_the_number_of_a_page_that_is_open_is_the_rules_own(sample_county: Path, tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        await bench.open("/rating/1/whatif?year=2022")
        assert one(bench, WEIGHT).value == 30

    played(sample_county, tmp_path, play)
