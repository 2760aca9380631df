"""A firm's page: whole in itself, escaped, with pictures that are the same bytes each time."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mujun import messages
from mujun.analysis import Explainer, Explanation, Ways
from mujun.analysis.explanation import RuleStep
from mujun.errors import UsageError
from mujun.messages import show
from mujun.reports.drawing.pictures import Bar, among_peers, waterfall
from mujun.reports.firms.explanation_file import write_explanation, write_explanations, write_index
from mujun.reports.firms.explanation_page import explanation_html
from mujun.reports.firms.explanation_text import explanation_text
from mujun.reports.firms.points_text import short, value_working
from mujun.reports.firms.way_up_text import percent
from mujun.writing import Several
from tests.reports import given


def several(*numbers: int) -> list[Explanation]:
    year = given.year()
    made = Explainer(year.rating, year.frame, year.listing, year.allocation)
    return made.explain_all([f"9133068300000{i:04d}X" for i in numbers], amounts=True)


class Tags(HTMLParser):
    """Every tag opened is closed in its order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "br", "rect", "line", "path"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("rect", "line", "path"):
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("number", [1, 2, 3, 5, 9, 11, 20])
def test_every_kind_of_firm_has_a_whole_page(number: int) -> None:
    page = explanation_html(several(number)[0])
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert not re.search(r"(src|href)=|@import|url\(", page)
    assert "None" not in "".join(tags.words)
    assert page == explanation_html(several(number)[0])


def test_a_phone_has_a_picture_of_its_own_width_and_numbers_stand_in_one_line() -> None:
    year = given.year()
    made = Explainer(year.rating, year.frame)
    explanation = made.explain_all(["91330683000000003X"], ways=Ways(year.rating, year.frame))[0]
    page = explanation_html(explanation)
    wide, phone = re.findall(r'class="waterfall(?: phone)?"><svg[^>]*viewBox="0 0 (\d+) ', page)
    assert int(phone) <= 340 < int(wide)
    now = re.findall(r'<td([^>]*) data-t="现值">([^<]*)<', page)
    assert now
    assert all(("class" in kind) == (text != "—") for kind, text in now)


def test_names_are_text_and_never_markup() -> None:
    page = explanation_html(several(2)[0])
    assert "&lt;b&gt;甲&amp;乙&lt;/b&gt;有限公司" in page
    assert "<b>甲" not in page


def test_a_waterfall_steps_from_bar_to_bar() -> None:
    picture = str(waterfall([Bar("甲", 30.0, 45.0, "30"), Bar("乙", -10.0), Bar("合计", 20.0, total=True)]))
    bars = [
        (float(x), float(w))
        for x, w in re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"[^>]*fill="#', picture)
    ]
    first, second, total = bars
    # The second ends where it began less a third of the first; the total begins at zero.
    assert second[0] + second[1] == pytest.approx(first[0] + first[1], abs=0.02)
    assert second[1] == pytest.approx(first[1] / 3, abs=0.02)
    assert total == pytest.approx((first[0], first[1] * 2 / 3), abs=0.02)


@pytest.mark.parametrize(("value", "marked"), [(0.5, 0), (2.0, 1), (99.0, 2), (-5.0, 0), (None, None)])
def test_the_bin_of_a_firm_is_marked(value: float | None, marked: int | None) -> None:
    picture = str(among_peers([4, 2, 1], [0.0, 1.0, 3.0, 9.0], value))
    fills = re.findall(r'<rect [^>]*fill="(#\w+)"', picture)
    assert [i for i, colour in enumerate(fills) if colour == "#c77700"] == ([] if marked is None else [marked])


def test_a_folder_has_a_file_for_each_and_an_index(tmp_path: Path) -> None:
    explanations = several(2, 3, 4)
    made = Several(tmp_path / "说明")
    write_index(write_explanations(explanations, made, "html"), made)
    assert len(made.finish()) == 4
    files = sorted(f.name for f in (tmp_path / "说明").iterdir())
    assert len(files) == 4
    assert "index.html" in files
    assert "91330683000000002X__b_甲&乙__b_有限公司.html" in files
    index = (tmp_path / "说明" / "index.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;甲" in index


@pytest.mark.parametrize("name", ["甲.html", "甲.json", "甲.txt"])
def test_the_ending_names_the_format(tmp_path: Path, name: str) -> None:
    write_explanation(several(3)[0], tmp_path / name)
    assert (tmp_path / name).stat().st_size > 500


def test_an_ending_that_names_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"甲\.pdf"):
        write_explanation(several(3)[0], tmp_path / "甲.pdf")
    assert list(tmp_path.iterdir()) == []


def way_of(number: int) -> tuple[Explanation, str]:
    year = given.year()
    made = Explainer(year.rating, year.frame, year.listing)
    explanation = made.explain_all(
        [f"9133068300000{number:04d}X"], ways=Ways(year.rating, year.frame), figures=number == 4
    )[0]
    return explanation, explanation_html(explanation)


@pytest.mark.parametrize("number", [4, 13, 25])
def test_the_way_up_is_on_the_page_and_on_the_screen(number: int) -> None:
    explanation, page = way_of(number)
    assert explanation.way_up is not None
    text = explanation_text(explanation)
    for reach in explanation.way_up.alone:
        if reach.target is not None:
            assert show(reach.target) in page
            assert show(reach.target) in text
    if explanation.way_up.target is not None:
        assert f"下一档：{explanation.way_up.target}" in page.replace("</p>", "")
    with messages.speaking("en"):
        assert "None" not in explanation_text(explanation)
    assert "None" not in text


@pytest.mark.parametrize(("change", "shown"), [("0.5", "+50%"), ("-0.149892", "-14.99%"), (None, "—"), ("0", "0%")])
def test_changes_are_told_in_per_cent(change: str | None, shown: str) -> None:
    assert percent(Decimal(change) if change is not None else None) == shown


def test_a_phone_scrolls_nothing_sideways_and_every_cell_says_what_it_is() -> None:
    """On a narrow screen rows stand below each other; each cell then bears its column's title."""
    page = explanation_html(several(2)[0])
    assert "@media screen and (max-width: 640px)" in page
    table = page[page.index("每一步的算式</h2>") :]
    first = re.search(r"<tr>\s*<td><b>.*?</tr>", table, re.S)
    assert first is not None
    assert re.findall(r'data-t="([^"]+)"', first[0]) == ["指标值", "基准值", "得分"]


def test_the_view_is_short_and_the_annex_has_every_digit() -> None:
    firm = several(2)[0]
    page = explanation_html(firm)
    view, annex = page.split("每一步的算式</h2>", 1)
    step = next(s for s in firm.indicators if s.scored and s.value is not None and s.value > 1)
    assert short(step.value) in view
    assert value_working(step) in annex
    assert value_working(step) not in view


def test_the_page_names_the_label_that_a_rule_matched() -> None:
    firm = several(2)[0]
    veto = RuleStep(
        "veto",
        "after",
        "一票否决",
        "",
        "标签含甲或乙",
        "不得好于C",
        met=True,
        matched=True,
        changed=True,
        labels=("乙",),
    )
    page = explanation_html(replace(firm, rules=(veto,)))
    assert "规则“一票否决”（标签含甲或乙；本企业标签有乙）：不得好于C" in page
    assert "本企业标签有乙" in explanation_text(replace(firm, rules=(veto,)))
