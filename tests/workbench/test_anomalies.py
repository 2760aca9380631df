"""An odd figure on its page: right, with the reason, until it changes or that is taken back; or another figure."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from nicegui import ui

from mujun import County
from mujun.errors import UsageError
from mujun.workbench.pages.anomalies import moved
from tests.workbench.simulated import Bench, played
from tests.workbench.test_roles import as_, staffed  # noqa: F401 - a fixture
from tests.workbench.test_rules import put
from tests.workspace.small_county import F, files_at

D = Decimal


@pytest.fixture
def odd(small_store: Path, tmp_path: Path) -> County:
    """Of 2021 the same taxes, but for firm 7's: 300000 where it is 300 the year after, a thousandfold slip."""
    county = County(small_store)
    county.data.load(files_at(tmp_path / "2021", 2021, taxes={7: 300_000}))
    assert asked(county)
    return county


def asked(county: County) -> list[tuple[str, str, str]]:
    """The odd figures of 2022 about firm 7's taxes."""
    look = county.data.second_look(2022)
    return [(a.kind, a.credit_code, a.field) for a in look.anomalies if (a.credit_code, a.field) == (F[7], "tax_paid")]


def tax_of(county: County, code: str) -> list[Decimal | None]:
    """A firm's taxes on record of 2022."""
    return county.data.table("tax").filter(year=2022, credit_code=code)["tax_paid"].to_list()


def test_right_until_the_figure_changes_or_it_is_taken_back(odd: County) -> None:
    before = odd.data.second_look(2022)
    (odd_one, *_) = [a for a in before.anomalies if (a.credit_code, a.field) == (F[7], "tax_paid")]
    with pytest.raises(UsageError, match="要写理由"):
        odd.data.find_right(odd_one, 2022, reason="  ")
    number = odd.data.find_right(odd_one, 2022, reason="税单已看")
    after = odd.data.second_look(2022)
    assert asked(odd) == []
    assert len(after.anomalies) + after.right == len(before.anomalies)
    (row,) = odd.data.found_right(2022).iter_rows(named=True)
    assert (row["name"], row["value"], row["reason"], row["who"]) == ("示例7厂", "300", "税单已看", odd.who)
    assert odd.data.found_right(2021).is_empty()
    change = odd.data.changes().filter(kind="judgement").row(0, named=True)
    assert (change["who"], change["subject"], change["what"]) == (odd.who, F[7], "实缴税金：税单已看")
    odd.data.ask_again(number)
    assert asked(odd)
    with pytest.raises(UsageError, match="没有第"):
        odd.data.ask_again(number)
    odd.data.find_right(odd_one, 2022, reason="税单已看")
    assert asked(odd) == []
    odd.rounds.correct(F[7], 2022, {"tax_paid": "310"}, reason="补报", document="税单2号")
    assert asked(odd), "another figure is asked about again"


def test_the_page_puts_it_on_record_and_takes_it_back(odd: County, tmp_path: Path) -> None:
    def place() -> int:
        anomalies = odd.data.second_look(2022).anomalies
        return next(n for n, a in enumerate(anomalies) if (a.credit_code, a.field) == (F[7], "tax_paid"))

    async def play(bench: Bench) -> None:
        await bench.open("/checks/anomalies?year=2022")
        bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": place()}})
        await bench.sees("这个数没有错", "示例7厂")
        await bench.click("right")
        await bench.sees("认定无误要写理由")
        await put(bench, "why-right", "税单已看")
        await bench.click("right")
        await bench.sees("认定无误的（1 处）", "示例7厂 · 实缴税金 300", "税单已看")
        assert asked(odd) == []
        await bench.open("/changes")
        grid: Any = next(iter(bench.user.find(ui.aggrid).elements))
        rows = bench.desk.offered_rows(grid.offered, bench.keeper.owner)
        assert rows is not None
        assert "认定数据无误" in rows.decode()
        await bench.open("/checks/anomalies?year=2022")
        await bench.click("ask-again")
        await bench.until(lambda: bool(asked(odd)))
        bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": place()}})
        await bench.settled()
        bench.user.find(kind=ui.input, content="正确的值（可带单位，如 12.5万元）").type("310")
        bench.user.find(kind=ui.input, content="理由").type("补报")
        bench.user.find(kind=ui.input, content="依据文件").type("税单2号")
        await bench.click("mend")
        await bench.until(lambda: tax_of(odd, F[7]) == [D(310)])

    played(odd.path, tmp_path, play)
    assert odd.data.found_right().is_empty()


def test_a_reader_sees_the_odd_figure_and_judges_nothing(staffed: Path, tmp_path: Path) -> None:  # noqa: F811
    county = County(staffed)
    county.data.load(files_at(tmp_path / "2021", 2021, taxes={7: 300_000}))

    async def play(bench: Bench) -> None:
        await bench.open("/checks/anomalies?year=2022")
        bench.user.find(ui.aggrid).trigger("cellClicked", {"data": {"_at": 0}})
        await bench.settled()
        assert not {"right", "mend"} & {m for e in bench.user._client.elements.values() for m in e._markers}

    as_("赵六", staffed, tmp_path, play)


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [("B", "A", "B → A"), ("B", "B", "B"), ("B", None, "B → —"), (None, "A", "— → A"), (None, None, "")],
)
def test_a_firm_that_leaves_the_rating_has_no_tier_afterwards(
    before: str | None, after: str | None, shown: str
) -> None:
    assert moved(before, after) == shown
