"""A sentence that names a command leads to the page where its work is done."""

from __future__ import annotations

from pathlib import Path

import pytest
from nicegui import ui

from mujun import County
from mujun.cli.entry import COMMANDS
from mujun.workbench.commands_here import PLACES, places_of
from mujun.workbench.pages import PAGES
from mujun.workbench.pages.checks import findings_of
from mujun.workbench.rights import Person
from tests.workbench.simulated import Bench, played

BUREAU, TOWNSHIP = Person("张三", "bureau"), Person("李四", "township", "甘霖镇")


def test_every_place_is_a_page_and_every_word_a_command() -> None:
    assert {path for path, _ in PLACES.values()} <= {p.path for p in PAGES}
    assert set(PLACES) <= set(COMMANDS)


@pytest.mark.parametrize(
    ("sentence", "person", "places"),
    [
        ("请先运行：mujun rate --rules 规则集 --year 2022", BUREAU, {"/rating": "评价"}),
        ("mujun runs list 列出各次，mujun rate 再评", BUREAU, {"/rating": "评价"}),
        ("用 mujun identity list 看，再 mujun verify", TOWNSHIP, {"/confirmation": "确认"}),
        ("用 mujun upgrade 升级；mujun 不认得", BUREAU, {}),
        ("补填", BUREAU, {}),
    ],
)
def test_the_pages_for_the_commands_of_a_sentence(sentence: str, person: Person, places: dict[str, str]) -> None:
    assert places_of(sentence, person) == places


def test_a_page_that_cannot_be_shown_leads_on(small_store: Path, tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        await bench.open("/rating/99?year=2022")
        await bench.sees("没有评价批次 99", "在工作台里不用命令，到这里办：")
        assert "/rating" in {link.props["href"] for link in bench.user.find(ui.link).elements}

    played(small_store, tmp_path, play)


def test_remedies_say_what_to_do_on_the_page_and_on_the_command_line_the_command(
    small_store: Path, tmp_path: Path
) -> None:
    county = County(small_store)
    file = tmp_path / "税_2022.csv"
    file.write_text(
        "年度,统一社会信用代码,企业名称,实缴税金(万元)\n2022,330683199001011234,某作坊,5\n", encoding="utf-8"
    )
    county.data.load([file])
    (on_page,) = findings_of(county, 2022).rows.filter(code="resident_number")["remedy"]
    assert "在“核查”的“名称认定”里按名称认定" in on_page
    (typed,) = county.data.open_findings(2022).filter(code="resident_number")["remedy"]
    assert "用 mujun identity list 按名称认定" in typed
