"""A list is amended on its page: changes are put in one by one, looked at, and issued as a document of its own."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from mujun import County
from mujun.messages import Language
from tests.workbench.simulated import Bench, played
from tests.workbench.test_loop import marks, states, with_list
from tests.workbench.test_roles import as_, staffed  # noqa: F401 - a fixture
from tests.workbench.test_rules import one, put
from tests.workspace.small_county import F, P


def changes(county: County) -> list[tuple[Any, ...]]:
    """What the amendments issued so far change."""
    made = [s.listed for s in county.rectify.issued() if s.listed.kind == "amendment"]
    return [r for m in made for r in m.tables["changes"].select("change", "subject", "field", "after").rows()]


def test_several_changes_are_put_in_looked_at_and_issued(small_store: Path, tmp_path: Path) -> None:
    county = with_list(small_store)

    async def play(bench: Bench) -> None:
        await bench.open("/list?year=2022")
        await bench.click("amend-1")
        await bench.sees("调整第 1 号《清单》", "还没有加入任何一项。")
        await bench.click("amend-put")
        await bench.sees("请先选企业或地块。")
        await bench.click("amend-issue")
        await bench.sees("还没有加入要调整的事项")
        assert set(one(bench, "amend-subject").options) == {*(F[n] for n in range(1, 7)), *(P[n] for n in range(1, 5))}
        await put(bench, "amend-subject", F[1])
        await bench.click("amend-put")
        await bench.sees(f"示例1厂（{F[1]}）")
        await put(bench, "amend-kind", "correct")
        await put(bench, "amend-subject", F[5])
        # Nothing is accepted yet: no verified figure can be corrected. The path that stands is not offered.
        assert list(one(bench, "amend-field").options)[-1] == "expected_energy_tce"
        await bench.sees("现为：关停退出")
        assert one(bench, "amend-value").options == ["整治提升", "拆除重建", "功能转型"]
        await bench.click("amend-put")
        await put(bench, "amend-field", "deadline")
        await bench.sees("现为：2023-09-01")
        await put(bench, "amend-value", "2024-06-30")
        await bench.click("amend-put")
        await put(bench, "amend-kind", "add")
        await put(bench, "amend-subject", "示例7厂")
        await bench.click("amend-put")
        await put(bench, "amend-subject", "示例8厂")
        await bench.click("amend-put")
        await bench.click("amend-leave-out-4")
        await bench.click("amend-try")
        await bench.sees("要写理由和文号")
        await put(bench, "amend-reason", "核实")
        await put(bench, "amend-document", "2号")
        await bench.click("amend-try")
        await bench.sees("将增列 1、移出 1、更正 2；还没有印发。", "增列 示例7厂：整治提升", "没有命中规则的列入条件")
        assert changes(county) == []
        await bench.click("amend-issue")
        await bench.until(lambda: len(changes(county)) == 4)
        await bench.settled()
        await bench.sees("调整第 1 号：增列 1、移出 1、更正 2")

    played(small_store, tmp_path, play)
    assert changes(county) == [
        ("add", F[7], None, None), ("remove", F[1], None, None), ("correct", F[5], "path", "整治提升"),
        ("correct", F[5], "deadline", "2024-06-30"),
    ]  # fmt: skip
    assert (states(county)[F[7]], F[1] in states(county)) == ("listed", False)


def test_all_that_is_wrong_is_told_and_nothing_is_issued(small_store: Path, tmp_path: Path) -> None:
    county = with_list(small_store)

    async def play(bench: Bench) -> None:
        await bench.open("/list?year=2022")
        await bench.click("amend-1")
        await put(bench, "amend-kind", "add")
        for word in ("示例1厂", "X"):
            await put(bench, "amend-subject", word)
            await bench.click("amend-put")
        await put(bench, "amend-reason", "核实")
        await put(bench, "amend-document", "2号")
        await put(bench, "amend-day", "")
        await bench.click("amend-try")
        await bench.sees("请填印发日期。")
        await put(bench, "amend-day", "2023-04-01")
        for does in ("amend-try", "amend-issue"):
            await bench.click(does)
            await bench.sees(f"{F[1]} 已在第 1 号清单上", "X")

    played(small_store, tmp_path, play)
    assert changes(county) == []


OUT: dict[Language, str] = {"zh": "还没有结束；请核对异议", "en": "is over; check whether all objections"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_notice_that_is_out_is_named_before_and_after(small_store: Path, tmp_path: Path, language: Language) -> None:
    county = with_list(small_store)
    county.runs.publish(2022, first=date.today(), until=date.today() + timedelta(days=6), place="网站")

    async def play(bench: Bench) -> None:
        bench.user.http_client.cookies.set("mujun_language", language)
        await bench.open("/list?year=2022")
        await bench.click("amend-1")
        await put(bench, "amend-subject", F[1])
        await bench.click("amend-put")
        await put(bench, "amend-reason", "核实")
        await put(bench, "amend-document", "2号")
        await bench.lacks(OUT[language])
        await bench.click("amend-try")
        await bench.sees(OUT[language])
        await bench.click("amend-issue")
        await bench.until(lambda: len(changes(county)) == 1)
        await bench.sees(OUT[language])

    played(small_store, tmp_path, play)


def test_who_only_reads_amends_nothing(staffed: Path, tmp_path: Path) -> None:  # noqa: F811
    with_list(staffed)

    async def play(bench: Bench) -> None:
        await bench.open("/list?year=2022")
        await bench.sees("第 1 号《清单》")
        assert "amend-1" not in marks(bench)

    as_("赵六", staffed, tmp_path, play)
