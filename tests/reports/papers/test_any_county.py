"""What papers say is true of any county: empty tiers, no year before, one cohort, no land, one firm, nothing at all.

The figures are added up here by fractions, from the rows that make the county, and held against the sentences.
"""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

from mujun.fields import TABLES
from mujun.rating import rate
from mujun.records import FINDING_SCHEMA, build_frame
from mujun.reports.county.county_year import CountyYear
from mujun.reports.county.report import county_report, part_report
from mujun.reports.county.sentences import county_text
from mujun.reports.official.papers import briefing, data_notice, result_notice
from mujun.reports.year.document import YearDocument
from mujun.reports.year.year_workbook import year_workbook
from mujun.rules import load_rules
from mujun.rules.model.papers import ThePapers
from tests.workspace.small_county import RATING, code

TEXTS = ThePapers(mujun=1, kind="papers", name="")
THRESHOLDS = RATING.replace("shares: {A: 20, B: 60, D: 100}", "thresholds: {A: 90, B: 50}, rest: D, by: score")
ONE, TWO = (
    '  - {id: all, label: 全部, when: "true"}',
    """  - {id: up, label: 规上, when: "scale = '规上'"}
  - {id: down, label: 规下, when: "true"}""",
)
ITEMS = "tax_per_mu: {weight: 100, benchmark: 10}"
COHORTS = THRESHOLDS.replace(ONE, TWO).replace("  all:\n    tax", f"  up: {{{ITEMS}}}\n  down:\n    tax")

Firm = tuple[str | None, str, int | None, int | None]
"""Township, size, land in mu, tax."""

COUNTIES: dict[str, tuple[str, tuple[Firm, ...], tuple[Firm, ...] | None]] = {
    "everybody in A": (THRESHOLDS, (("甲镇", "规上", 10, 100), ("乙镇", "规上", 10, 200)), None),
    "nobody in A": (THRESHOLDS, (("甲镇", "规上", 10, 10), ("乙镇", "规上", 30, 60)), None),
    "the middle tier empty": (
        THRESHOLDS, (("甲镇", "规上", 10, 100), ("乙镇", "规上", 10, 1), ("乙镇", "规上", 5, 2)), None,
    ),
    "two cohorts, one of them empty": (COHORTS, (("甲镇", "规上", 10, 100), ("乙镇", "规上", 10, 1)), None),
    "two cohorts": (COHORTS, (("甲镇", "规上", 10, 100), ("甲镇", "规下", 10, 1), ("乙镇", "规下", 10, 7)), None),
    "one firm": (RATING, (("甲镇", "规上", 10, 50),), None),
    "one township": (RATING, (("甲镇", "规上", 10, 50), ("甲镇", "规上", 10, 60), ("甲镇", "规上", 10, 70)), None),
    "no townships": (RATING, ((None, "规上", 10, 50), (None, "规上", 10, 60), (None, "规上", 10, 70)), None),
    "tax refunds": (THRESHOLDS, (("甲镇", "规上", 10, -50), ("乙镇", "规上", 10, 20), ("乙镇", "规上", 1, 0)), None),
    "no tax known": (THRESHOLDS, (("甲镇", "规上", 10, None), ("乙镇", "规上", 20, None)), None),
    "no land known": (THRESHOLDS, (("甲镇", "规上", None, 5), ("乙镇", "规上", None, 6)), None),
    "all alike": (RATING, tuple(("甲镇" if i < 3 else "乙镇", "规上", 10, 50) for i in range(6)), None),
    "everybody worse than the year before": (
        THRESHOLDS,
        (("甲镇", "规上", 10, 100), ("乙镇", "规上", 10, 1)),
        (("甲镇", "规上", 10, 120), ("乙镇", "规上", 10, 2)),
    ),
    "everybody better": (
        THRESHOLDS,
        (("甲镇", "规上", 10, 100), ("乙镇", "规上", 10, 9)),
        (("甲镇", "规上", 10, 80), ("乙镇", "规上", 10, 2)),
    ),
    "nobody else the year before": (
        THRESHOLDS, (("甲镇", "规上", 10, 100), ("乙镇", "规上", 10, 9)), (("甲镇", "规上", 10, 80),),
    ),
    "more than people say in 万": (THRESHOLDS, (("甲镇", "规上", 12000, 1234567), ("乙镇", "规上", 300, 30)), None),
}  # fmt: skip


def table(name: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    schema = TABLES[name].schema
    return pl.DataFrame([{c: r.get(c) for c in schema} for r in rows], schema=schema, orient="row")


def document(rules: Path, firms: tuple[Firm, ...], year: int) -> YearDocument:
    heads = [{"year": year, "credit_code": code(i), "name": f"示例{i}厂"} for i in range(1, len(firms) + 1)]
    rolls = [h | {"township": f[0], "scale": f[1], "industry": "3812"} for h, f in zip(heads, firms, strict=True)]
    land = [h | {"tenure": "自有", "area_mu": f[2]} for h, f in zip(heads, firms, strict=True) if f[2] is not None]
    tax = [h | {"tax_paid": f[3]} for h, f in zip(heads, firms, strict=True) if f[3] is not None]
    tables = {"enterprises": table("enterprises", rolls), "land": table("land", land), "tax": table("tax", tax)}
    frame, _ = build_frame(tables, year)
    return YearDocument(rate(frame, load_rules(rules)), frame, None, None, pl.DataFrame(schema=FINDING_SCHEMA))


@pytest.fixture(params=COUNTIES, scope="module")
def given(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, CountyYear]:
    """A county of `COUNTIES`: its name and its year."""
    rules, firms, last = COUNTIES[request.param]
    folder = tmp_path_factory.mktemp("any")
    (folder / "rating.yaml").write_text(rules, encoding="utf-8")
    before = document(folder, last, 2021) if last is not None else None
    tiers = pl.DataFrame(schema={"credit_code": pl.String, "tier": pl.String})
    if before is not None:
        tiers = before.rating.enterprises.select("credit_code", "tier")
    return request.param, CountyYear(document(folder, firms, 2022), before, tiers, before is not None)


def test_every_sentence_can_be_read_out(given: tuple[str, CountyYear]) -> None:
    _, year = given
    for point in county_text(year):
        for sentence in point.sentences:
            assert sentence.endswith("。"), sentence
            assert not re.search(r"None|nan|inf|——|。。|，。|：。|（）|、、|  ", sentence), sentence


def test_counts_and_sums_are_those_of_the_rows(given: tuple[str, CountyYear]) -> None:
    name, year = given
    firms = COUNTIES[name][1]
    told = {s.lead: s.text for s in county_text(year)}
    assert f"名录企业 {len(firms)} 家" in told["总体情况"]
    for label, whole in re.findall(r"(\w+)划档 (\d+) 家", told.get("档次分布", "")):
        part = told["档次分布"].split(f"{label}划档 {whole} 家：")[1].split("。")[0]
        counts = re.findall(r"(\w+) 档 (\d+) 家，占 ([\d.]+)%", part)
        assert sum(int(n) for _, n, _ in counts) == int(whole)
        for tier, n, share in counts:
            rows = year.rated.filter(pl.col("tier") == tier)
            mine = (
                rows
                if len(year.facts.cohorts) == 1
                else rows.filter(pl.col("cohort") == next(c for c, text in year.facts.cohorts.items() if text == label))
            )
            assert mine.height == int(n)
            assert abs(Fraction(share) - Fraction(int(n) * 100, int(whole))) <= Fraction(1, 20)
    land = sum(f[2] or 0 for f in firms)
    area = f"{land / 10_000:.2f} 万亩" if land >= 10_000 else f"{land:,.2f} 亩"
    assert (f"用地 {area}" in told["总体情况"]) == (land > 0)


def test_best_and_worst_townships_are_so(given: tuple[str, CountyYear]) -> None:
    name, year = given
    sums: dict[str, list[Fraction]] = {}
    for town, _, land, tax in COUNTIES[name][1]:
        if town is not None and land is not None and tax is not None:
            both = sums.setdefault(town, [Fraction(0), Fraction(0)])
            both[0] += tax
            both[1] += land
    ratios = {town: tax / land for town, (tax, land) in sums.items()}
    text = next((s.text for s in county_text(year) if s.lead == "镇街情况"), "")
    ends = re.search(r"最高的镇街是(\w+)（(-?[\d,.]+) 万元/亩），最低的是(\w+)（", text)
    assert (ends is not None) == (len(ratios) > 1)
    if ends is not None:
        assert ratios[ends[1]] == max(ratios.values())
        assert ratios[ends[3]] == min(ratios.values())
        assert abs(Fraction(ends[2].replace(",", "")) - max(ratios.values())) <= Fraction(1, 200)


def test_nothing_is_said_of_the_year_before_where_there_is_none(given: tuple[str, CountyYear]) -> None:
    name, year = given
    text = "".join(s.text for s in county_text(year))
    if COUNTIES[name][2] is None:
        assert "上年" not in text
    if name == "everybody worse than the year before":
        # 100/120 and 1/2: the lesser fall is no rise.
        assert "下降最少的是甲镇，下降 16.7%；下降最多的是乙镇，下降 50.0%" in text
    if name == "everybody better":
        assert "提高最多的是乙镇，提高 350.0%；提高最少的是甲镇，提高 25.0%" in text
    if name == "nobody else the year before":
        assert "同口径比上年，" not in text
    if not year.rated.filter(pl.col("tier") == "D").height:
        assert "D 档企业" not in text


DRAWN = ("nobody in A", "two cohorts, one of them empty", "one firm", "no townships", "no tax known", "no land known")
"""Counties whose papers are made: charts take a second."""


@pytest.mark.parametrize("given", DRAWN, indirect=True)
def test_every_paper_can_be_made(given: tuple[str, CountyYear], tmp_path: Path) -> None:
    _, year = given
    page = county_report(year)
    assert "要点" in page
    assert "企业名单" in part_report(year.about("甲镇", year.firms["credit_code"]))
    assert result_notice(year, TEXTS).parts
    assert briefing(year, TEXTS).parts
    assert data_notice(year.document.frame, 2022, "", [], TEXTS, None).annexes
    assert year_workbook(tmp_path / "a.xlsx", rating=year.document.rating, frame=year.document.frame).exists()
