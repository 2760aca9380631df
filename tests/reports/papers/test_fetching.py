"""No paper asks anything of another machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from mujun.workspace import County
from tests.reports.papers.fetching import fetched


@pytest.mark.parametrize(
    "planted",
    [
        '<img src="https://x.cn/a.png">', "<svg><image xlink:href='http://x.cn/a'/></svg>", "<script>1</script>",
        '<p style="background: url(//x.cn/a)">', "<style>@import 'a.css';</style>", '<a href="//x.cn">x</a>',
        "<style>p { background: url('http://x.cn/a') }</style>", '<meta http-equiv="refresh" content="0;url=x">',
    ],
)  # fmt: skip
def test_what_is_planted_is_found(planted: str, tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text(f'<svg xmlns="http://www.w3.org/2000/svg"/><a href="a.html">http://x.cn</a>{planted}', "utf-8")
    assert len(fetched(page)) == 1
    page.write_text('<svg xmlns="http://www.w3.org/2000/svg"/><a href="a.html#b">http://x.cn</a>', "utf-8")
    assert fetched(page) == []


@pytest.mark.usefixtures("chinese_font")
def test_no_paper_fetches_anything(two_years: County, tmp_path: Path) -> None:
    made = two_years.papers.report(2022, tmp_path / "材料")
    two_years.papers.report(2022, tmp_path / "档", firms=["示例5厂"])
    files = [f for f in tmp_path.rglob("*") if f.is_file()]
    assert {f.suffix for f in files} == {".html", ".docx", ".xlsx"}
    assert len(files) > len(made.papers)
    assert {f.name: links for f in files if (links := fetched(f))} == {}
