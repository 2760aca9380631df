"""A rule set's document drawn: text that stays in its columns, a page that escapes what rule files say."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mujun.reports.drawing.terminal import width
from mujun.reports.notice import notice_html, notice_text, wrapped
from mujun.rules import addresses, load_rules
from mujun.rules.document import Document, Heading, Paragraph, Table
from mujun.rules.folders import shipped_rules
from mujun.rules.showing import show_rules

SMALL = Document(
    "甲县评价办法",
    (Heading("一、指标"), Paragraph("共两项。"), Table(("指标", "权重"), (("亩均税收", "30"), ("R&D", "10")), "规上")),
)
SCRIPT = "<script>alert('x')</script>"


@cache
def shipped(address: str) -> Document:
    """The document of a set that ships."""
    return show_rules(load_rules(address))


class _Tags(HTMLParser):
    """Notes tags, and that every one opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.links += [f"{tag} {k}" for k, _ in attrs if k in ("src", "href") or k.startswith("on")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags(page: str) -> _Tags:
    seen = _Tags()
    seen.feed(page)
    assert seen.open == []
    return seen


def test_text() -> None:
    assert notice_text(SMALL) == (
        "甲县评价办法\n════════════\n\n一、指标\n────────\n\n共两项。\n\n"
        "【规上】\n指标      权重\n────────  ────\n亩均税收  30\nR&D       10\n"
    )


@pytest.mark.parametrize("columns", [60, 100, 160])
@pytest.mark.parametrize("address", addresses())
def test_no_line_is_wider_than_asked(address: str, columns: int) -> None:
    text = notice_text(shipped(address), columns)
    # A closing mark may hang over by one character.
    assert max(width(line) for line in text.splitlines()) <= columns + 2
    assert not re.search(r"[ \t]$", text, re.MULTILINE)


def test_nothing_is_lost_by_wrapping() -> None:
    text = "规模为规上，且单位能耗增加值低于本组工业增加值与综合能耗（等价值）的合计之比的一半。"
    assert "".join(wrapped(text, 20)) == text


@pytest.mark.parametrize("address", addresses())
def test_the_page_stands_alone_and_is_well_formed(address: str) -> None:
    document = shipped(address)
    page = notice_html(document)
    page_tags = tags(page)
    assert page_tags.links == []
    assert "script" not in page_tags.seen
    assert page_tags.seen.count("table") == sum(isinstance(p, Table) for p in document.parts)
    assert page == notice_html(show_rules(load_rules(address)))


def test_borders_stand_at_every_cell() -> None:
    page = notice_html(SMALL)
    cells = re.findall(r"<t[dh] style=\"([^\"]*)\"", page)
    assert len(cells) == 6
    assert all("border:1px solid #000" in c for c in cells)
    assert "R&amp;D" in page
    assert "@media print" in page


def test_what_a_rule_file_says_is_never_markup(tmp_path: Path) -> None:
    evil = (shipped_rules() / "zhejiang/shengzhou-2022/rating.yaml").read_text(encoding="utf-8")
    evil = evil.replace("嵊州市工业企业亩均效益综合评价（示例）", SCRIPT)
    evil = evil.replace("label: 亩均税收", f'label: "{SCRIPT}"')
    evil = evil.replace("reason: 一票否决", f'reason: "{SCRIPT}\\" onmouseover=\\"x"')
    (tmp_path / "rating.yaml").write_text(evil, encoding="utf-8")
    page = notice_html(show_rules(load_rules(tmp_path)))
    page_tags = tags(page)
    assert "script" not in page_tags.seen
    assert page_tags.links == []
    assert "&lt;script&gt;" in page


def test_a_document_with_markup_everywhere() -> None:
    page = notice_html(Document(SCRIPT, (Heading(SCRIPT), Paragraph(SCRIPT), Table((SCRIPT,), ((SCRIPT,),), SCRIPT))))
    assert "script" not in tags(page).seen
    assert page.count("&lt;script&gt;") == 7
