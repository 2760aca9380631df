"""Word documents: what they say, how they are made, and that nobody's name or number gets out."""

import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx
import polars as pl
import pytest

from mujun.reports.county.county_year import CountyYear
from mujun.reports.official.document import OfficialPaper
from mujun.reports.official.papers import briefing, data_notice, result_notice
from mujun.reports.official.word import word_bytes
from mujun.rules.document import Paragraph, Table
from mujun.rules.model.papers import ThePapers

EMPTY = ThePapers(mujun=1, kind="papers", name="")
FULL = ThePapers(
    mujun=1,
    kind="papers",
    name="",
    letterhead="小县亩均办",
    number="小亩均办〔2023〕1号",
    day=date(2023, 5, 4),
    contact="王某",
    telephone=("0575-1", "0575-2"),
    period_from=date(2023, 5, 4),
    period_until=date(2023, 5, 10),
    order="rank",
    copies=("县委办",),
)


def text_of(paper: OfficialPaper) -> str:
    document = docx.Document(io.BytesIO(word_bytes([paper])))
    cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_a_notice_of_results_has_counts_days_and_names_with_tiers_only(year: CountyYear, ratings: pl.DataFrame) -> None:
    text = text_of(result_notice(year, FULL))
    assert "关于2022年度工业企业综合评价结果的公示" in text
    assert "根据小县〔2022〕1号、小县〔2022〕2号文件，2022 年度纳入评价划档的企业共 8 家" in text
    assert "公示期：2023年5月4日至2023年5月10日，共 7 天（含首尾两日）。" in text
    assert "联系人：王某；联系电话：0575-1、0575-2。" in text
    assert "2023年5月4日" in text
    assert "抄送：县委办" in text
    for name in ratings["name"]:
        assert name in text
    for code in ratings["credit_code"]:
        assert code not in text
    assert "【" not in text


def test_what_the_county_has_not_worded_stands_as_a_blank(year: CountyYear) -> None:
    text = text_of(result_notice(year, EMPTY))
    for blank in ("【公示期起止日期】", "【联系人】", "【联系电话】", "【落款单位】", "【成文日期】"):
        assert blank in text
    assert "排名不分先后" in text


def test_by_rank_only_where_the_county_says_so(year: CountyYear, ratings: pl.DataFrame) -> None:
    annex = result_notice(year, FULL).annexes[0]
    ranked = ratings.sort("rank", "credit_code")["name"].to_list()
    assert [r[2] for r in annex.table.rows] == ranked
    other = result_notice(year, EMPTY).annexes[0]
    assert [r[2] for r in other.table.rows] != ranked


def test_natural_persons_are_masked(year: CountyYear) -> None:
    firms = year.firms.with_columns(
        pl.when(pl.col("name") == "示例1厂").then(pl.lit("张三丰")).otherwise("name").alias("name"),
        pl.when(pl.col("name") == "示例1厂")
        .then(pl.lit("92330683MA2B00002Y"))
        .otherwise("credit_code")
        .alias("credit_code"),
    )
    masked = replace(year)
    masked.__dict__["firms"] = firms
    text = text_of(result_notice(masked, FULL))
    assert "张*" in text
    assert "三丰" not in text


def test_a_trial_year_binds_nobody(year: CountyYear) -> None:
    plan = year.document.rating.plan
    trial = replace(plan, rating=replace(plan.rating, binding=False))
    document = replace(year.document, rating=replace(year.document.rating, plan=trial))
    assert "不作为差别化措施的执行依据" in text_of(result_notice(replace(year, document=document), FULL))


def test_a_notice_of_land_has_every_firm_with_land(year: CountyYear) -> None:
    frame = year.document.frame
    text = text_of(data_notice(frame, 2022, "小县", ["小县〔2022〕1号"], FULL, None))
    assert "共 8 家，合计用地 73.00 亩" in text
    gone = frame.with_columns(pl.when(pl.col("name") == "示例1厂").then(None).otherwise("land_mu").alias("land_mu"))
    assert "另有 1 家企业没有用地数据" in text_of(data_notice(gone, 2022, "小县", [], EMPTY, None))


@pytest.mark.usefixtures("chinese_font")
def test_a_briefing_says_the_sentences_and_shows_the_charts(year: CountyYear) -> None:
    drawn = word_bytes([briefing(year, FULL)])
    assert "亩均税收增长 29.7%" in text_of(briefing(year, FULL))
    with zipfile.ZipFile(io.BytesIO(drawn)) as archive:
        assert sum(n.endswith(".png") for n in archive.namelist()) == 3


@pytest.mark.usefixtures("chinese_font")
def test_equal_content_gives_equal_bytes(year: CountyYear) -> None:
    for paper in (briefing(year, FULL), result_notice(year, EMPTY)):
        assert word_bytes([paper]) == word_bytes([paper])


def test_hostile_texts_stay_texts() -> None:
    nasty = "甲\x00\x0b<w:p>&]]>\u202e\ud800厂=cmd|'/c calc'!A0"
    paper = OfficialPaper(nasty, (Paragraph(nasty), Table(("列",), ((nasty,),))), letterhead=nasty, office=nasty)
    text = text_of(paper)
    assert "甲<w:p>&]]>厂" in text
    assert "\u202e" not in text


def test_fonts_and_page_are_those_of_an_official_document(year: CountyYear) -> None:
    drawn = word_bytes([result_notice(year, FULL)])
    document = docx.Document(io.BytesIO(drawn))
    section = document.sections[0]
    assert [
        x and round(x.mm) for x in (section.page_width, section.page_height, section.top_margin, section.left_margin)
    ] == [
        210,
        297,
        37,
        28,
    ]
    with zipfile.ZipFile(io.BytesIO(drawn)) as archive:
        body, fonts = (archive.read(f"word/{n}.xml").decode() for n in ("document", "fontTable"))
    assert 'w:eastAsia="方正小标宋简体"' in body
    assert '<w:altName w:val="仿宋"/>' in fonts


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_turns_a_notice_into_pages(year: CountyYear, tmp_path: Path) -> None:
    file = tmp_path / "公示稿.docx"
    file.write_bytes(word_bytes([result_notice(year, FULL)]))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "txt:Text", "--outdir", str(tmp_path), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    text = file.with_suffix(".txt").read_text(encoding="utf-8-sig")
    assert "关于2022年度工业企业综合评价结果的公示" in text
    assert "示例8厂" in text
