"""Dossiers (一企一档) of a county of eight firms over two years, every figure worked out by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from mujun.analysis.explanation import RuleStep
from mujun.errors import UsageError
from mujun.messages import speaking
from mujun.reports.firms.dossier_page import why_words
from mujun.workspace import County
from mujun.workspace.firms.dossiers import Dossiers
from mujun.workspace.runs.past import recalled
from tests.workspace.small_county import F, files_at, rules_at

ALLOCATION = """mujun: 1
kind: allocation
name: 小县配置
years: [2021, 2022]
status: example
sources: [{document: 小县〔2022〕9号}]
measures:
  - id: relief
    label: 税收减免
    kind: relief
    of: tax_paid
    per: share
    rate: [{id: a, when: "tier = 'A'", value: 0.1}]
    period: {year: +1}
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> County:
    """2021 and 2022, both rated as final; firm 5 is on the list and has a plan."""
    folder = tmp_path_factory.mktemp("dossiers")
    county = County(folder / "county.duckdb")
    before = [f for f in files_at(folder / "2021", 2021, taxes={5: 5}) if "能源" not in f.name]
    county.data.load([*before, *files_at(folder / "2022", 2022)])
    rules = rules_at(folder / "rules", allocation=ALLOCATION)
    for year in (2021, 2022):
        county.runs.rate(rules, year, final=True)
    county.rectify.issue(title="清单", document="小县〔2023〕1号", issued_on=date(2023, 3, 1))
    county.rectify.record(F[5], "plan", on=date(2023, 4, 1), path="整治提升")
    return county


def test_figures_tiers_and_the_loop_of_all_years(own: County) -> None:
    (made,) = Dossiers(own, recalled(own, 2)).of([F[5]])
    assert made.years == (2021, 2022)
    lines = {line.label: line for line in made.figures}
    # Land 20 mu in both years; tax 5, then 10; energy 400 (as 2022's file says of the year before), then 500.
    assert lines["实际用地"].values == (Decimal(20), Decimal(20))
    assert (lines["实缴税金"].values, lines["实缴税金"].change) == ((Decimal(5), Decimal(10)), Decimal("100.0"))
    assert lines["综合能耗（等价值）"].change == Decimal("25.0")
    assert "增加值" not in lines
    (ratio,) = made.indicators
    assert (ratio.label, ratio.unit, ratio.values) == ("亩均税收", "万元/亩", (0.25, 0.5))
    assert [(t.year, t.tier, t.whence) for t in made.tiers] == [(2022, "D", "run"), (2021, "D", "earlier")]
    # Of eight firms only it has less than the others' 1 万元/亩.
    assert (made.tiers[0].rank, made.tiers[0].size) == (8, 8)
    listed, planned = made.steps[-2:]
    assert (listed.on, listed.action) == (date(2023, 3, 1), "列入清单")
    assert (planned.on, planned.action) == (date(2023, 4, 1), "确定方案")
    assert made.state == made.steps[-1].state


def test_amounts_of_the_year_before_are_those_that_were_executed(own: County) -> None:
    (best,) = Dossiers(own, recalled(own, 2)).of([F[8]])
    # A: a tenth of 400 in both years; the newest stands in the derivation.
    assert [(c.year, c.measure, c.amount) for c in best.charged] == [(2021, "税收减免", Decimal(40))]
    assert any("40 万元" in line for line in best.explanation.amounts or ())
    assert best.state is None


def test_why_a_firm_has_its_tier_is_said_in_whole_sentences(own: County) -> None:
    (made,) = Dossiers(own, recalled(own, 2)).of([F[5]])
    explanation = made.explanation
    assert explanation.cut is not None
    rule = RuleStep(
        "veto", "after", "一票否决", "true", "有环境违法标签", "不得好于C", met=True, matched=True, changed=True
    )
    untiered = replace(explanation, cut=replace(explanation.cut, tier=None), indicators=(), rules=(rule,))
    with speaking("zh"):
        said = why_words(untiered)
    assert said.startswith("在 8 家中排第 8 名，不划档。规则“一票否决”")
    assert said.endswith("。")
    assert "。。" not in said


def test_named_firms_alone_and_what_their_pages_say(own: County, tmp_path: Path) -> None:
    made = own.papers.report(2022, tmp_path, firms=[F[5], "示例8厂"])
    assert [(p.name, p.count) for p in made.papers] == [("firms", 2)]
    pages = sorted(f for f in (tmp_path / "一企一档").glob("*.html") if f.name != "index.html")
    assert [f.name[:18] for f in pages] == sorted([F[5], F[8]])
    page = next(f for f in pages if F[5] in f.name).read_text(encoding="utf-8")
    shown = re.sub(r"<[^>]+>", " ", page)
    assert "在 8 家中排第 8 名，按名次或分数划为 D 档。失分最多的是亩均税收得 5 分（满分 100 分）。" in shown
    assert re.search(r"实缴税金\s+万元\s+5.00\s+10.00\s+\+100.0%", shown)
    assert re.search(r"2023-04-01\s+确定方案", shown)
    assert "示例5厂一企一档" in page
    again = own.papers.report(2022, tmp_path / "b", firms=[F[5]])
    assert next((again.folder / "一企一档").glob(f"{F[5]}*")).read_text(encoding="utf-8") == page


def test_a_firm_that_is_not_there_is_one_sentence(own: County, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="示例9厂"):
        own.papers.report(2022, tmp_path, firms=["示例9厂"])
    assert not list(tmp_path.rglob("*.html"))
