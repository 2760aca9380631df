"""A trial made final on its page: told that it was rated anew, and asked back where a list is issued."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from nicegui import ui

from mujun import County
from mujun.messages import Language
from mujun.workbench.pages.changes import changes_of
from tests.workbench.simulated import Bench, played
from tests.workspace.small_county import F, rules_at


def test_a_trial_made_final_is_a_run_of_its_own_and_says_why(small_store: Path, tmp_path: Path) -> None:
    county, rules = County(small_store), rules_at(tmp_path / "rules")
    county.runs.rate(rules, 2022)
    county.rounds.correct(F[7], 2022, {"tax_paid": "3001万元"}, reason="抄错", document="完税证明1号")

    async def play(bench: Bench) -> None:
        await bench.open("/rating/2?year=2022")
        await bench.lacks("另记为一次")
        await bench.click("fix")
        assert bench.user.back_history[-1] == "/rating/3?from=2&year=2022"
        await bench.settled()
        # The correction came in after the trial; who is in which tier stays as it was, the score does not.
        await bench.sees("这是第 3 次评价：第 2 次留作记录", "其间装入的 1 批数据已经算进去。", "结果与第 2 次不同。")
        assert {"/rating/2?year=2022", "/rating/diff?before=2&after=3&year=2022"} <= addresses(bench)
        # Addresses that no click leads to tell nothing.
        for asked in ("3", "9", "0", "²", "x"):
            await bench.open(f"/rating/3?year=2022&from={asked}")
            await bench.lacks("另记为一次")

    played(small_store, tmp_path, play)
    assert county.runs.list()["final"].to_list() == [True, False, True]
    # The record of changes calls runs and lists by their numbers, and a year is no amount.
    county.rectify.issue(title="清单", document="小县〔2023〕1号", issued_on=date(2023, 6, 1))
    county.runs.rate(rules, 2022, label="试一试")
    rows = changes_of(county).filter(pl.col("kind").is_in(["rating", "final_rating", "list", "correction"]))
    assert rows["what"].to_list() == [
        "第 4 次评价 · 试一试", "第 1 号清单", "第 3 次评价", "抄错", "第 2 次评价", "第 1 次评价",
    ]  # fmt: skip
    assert set(rows["year"].drop_nulls()) == {"2022"}


SAID: dict[Language, tuple[str, str, str]] = {
    "zh": ("要另行增补或更正。确要以新结果为准", "第 1 号清单《清单》依据的是第 1 次评价", "直接定为年度结果"),
    "en": (
        "it would have to be amended. If the new one is to hold",
        "List 1, “清单”, rests on run 1",
        "Make it the year's final result at once",
    ),
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_once_a_list_is_issued_the_page_asks_back(small_store: Path, tmp_path: Path, language: Language) -> None:
    county, rules = County(small_store), rules_at(tmp_path / "rules")
    county.rectify.issue(title="清单", document="小县〔2023〕1号", issued_on=date(2023, 6, 1))
    county.runs.rate(rules, 2022)
    asked, behind, final = SAID[language]

    async def play(bench: Bench) -> None:
        bench.user.http_client.cookies.set("mujun_language", language)
        await bench.open("/rating/2?year=2022")
        await bench.lacks(behind)
        await bench.click("fix")
        await bench.sees(asked)
        await bench.lacks("--after-list", "rectify amend", "--dry-run")
        assert "/list?year=2022" in addresses(bench)
        assert county.runs.list().height == 2
        await bench.click("final-after-list")
        await bench.settled()
        await bench.sees(behind)
        assert county.runs.list()["final"].to_list() == [True, False, True]
        # The same where a rating is to be final from the start, by whichever rules.
        await bench.open("/rating?year=2022")
        bench.user.find(kind=ui.checkbox, content=final).click()
        await bench.click("rate")
        await bench.sees(asked)
        assert county.runs.list().height == 3
        # The run that the list rests on leaves nothing behind.
        await bench.open("/rating/1?year=2022")
        await bench.lacks(behind)

    played(small_store, tmp_path, play)


def addresses(bench: Bench) -> set[str]:
    return {str(link.props["href"]) for link in bench.user.find(ui.link).elements}
