"""Four firms with land, meters and bills, and projects that want energy, for the tests of money."""

from __future__ import annotations

from pathlib import Path

from mujun.workspace import County
from tests.workspace.small_county import F

RATING = """mujun: 1
kind: rating
name: 小县评价
years: [2021, 2022]
status: example
sources: [{document: 小县〔2022〕1号}]
cohorts: [{id: all, label: 全部, when: "true"}]
indicators: {tax_per_mu: {label: 亩均税收, unit: 万元/亩, of: tax_paid, per: land_mu}}
scoring: {all: {tax_per_mu: {weight: 100, benchmark: 10}}}
tiers:
  classes: [{id: A}, {id: B}, {id: D}]
  cut: {default: {thresholds: {A: 90, B: 50}, rest: D, by: score}}
"""

ALLOCATION = """mujun: 1
kind: allocation
name: 小县配置
years: [2021, 2022]
status: example
sources: [{document: 小县〔2022〕9号}]
measures:
  - id: land_use_tax
    label: 土地使用税减免
    kind: relief
    of: "coalesce(land_use_tax, land_use_tax_due)"
    per: share
    lever: land_tax_relief
    rate:
      - {id: a, when: "tier = 'A'", value: 1}
      - {id: b, when: "tier = 'B'", value: 0.8}
    period: {year: +1}
  - id: electricity
    label: 差别化电价
    kind: surcharge
    of: electricity_kwh
    per: 元/千瓦时
    lever: power_surcharge
    rate: [{id: d, when: "tier = 'D'", value: 0.1}]
    period: {year: +1}
pools:
  - id: freed
    label: 腾出用能
    order: [{id: all, when: "project_kind != '两高'", weight: added_value}]
substitution:
  multiples: {两高: {能耗: 1.2, 煤: 1}}
  document: 小县〔2022〕10号
"""

# number, land, grade, tax paid, land-use tax reported, electricity
FIRMS = (
    (1, 20, "一级", 100, "", 1000),
    (2, 20, "一级", 190, "7", 1000),
    (3, 10, "二级", 10, "", 100000),
    (4, 10, "三级", 10, "", 3333),
)


def rules_at(folder: Path, **files: str) -> Path:
    """A rule set of these files; by default the county's own."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (files or {"rating": RATING, "allocation": ALLOCATION}).items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def csv(folder: Path, name: str, head: str, *rows: str) -> Path:
    """A file as a department sends it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.csv"
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return file


def county(folder: Path) -> County:
    """The county, loaded."""
    inbox = folder / "inbox"
    years = (2021, 2022)
    files = [
        csv(
            inbox, "企业名录", "年度,统一社会信用代码,企业名称,镇街,行业代码,规模",
            *(f"{y},{F[n]},示例{n}厂,城关镇,1751,规上" for y in years for n, *_ in FIRMS),
        ),
        csv(
            inbox, "用地", "年度,统一社会信用代码,地块编号,权属,用地面积(亩)",
            *(f"{y},{F[n]},P{n},自有,{mu}" for y in years for n, mu, *_ in FIRMS),
        ),
        csv(inbox, "地块", "地块编号,用地面积(亩),土地等级", *(f"P{n},{mu},{g}" for n, mu, g, *_ in FIRMS)),
        csv(inbox, "土地等级税额", "镇街,土地等级,年税额标准(元/㎡),文号", "*,一级,6,小税1号", "城关镇,二级,3,小税1号"),
        csv(
            inbox, "税收", "年度,统一社会信用代码,实缴税金(万元),城镇土地使用税(万元)",
            *(f"{y},{F[n]},{tax},{land}" for y in years for n, _, _, tax, land, _ in FIRMS),
        ),
        csv(
            inbox, "能源", "年度,统一社会信用代码,用电量(千瓦时)",
            *(f"{y},{F[n]},{kwh if y == 2022 else 2000}" for y in years for n, *_, kwh in FIRMS),
        ),
        csv(
            inbox, "户号", "统一社会信用代码,能源资源,户号,户号年用量",
            f"{F[3]},电,D1,30000", f"{F[3]},电,D2,70000", f"{F[1]},水,S1,",
        ),
        csv(
            inbox, "分月用量", "统一社会信用代码,能源资源,起始日,截止日,用量",
            # Firm 1: the bills of 2022 are 900, a tenth less than the year. Firm 2: half a year is more than the year.
            f"{F[1]},电,2022-01-01,2022-12-31,900", f"{F[2]},电,2022-01-01,2022-06-30,1200",
            # Firm 4: within a hundredth.
            f"{F[4]},电,2022-01-01,2022-12-31,3300",
        ),
        csv(
            inbox, "用能项目",
            "项目代码,项目名称,统一社会信用代码,项目类别,用能需求(吨标煤),预计新增增加值(万元),需用煤(吨)",
            f"X1,甲项目,{F[1]},技改,60,100,", f"X2,乙项目,{F[2]},低碳新兴,90,200,", f"X3,丙项目,{F[3]},两高,50,10,20",
        ),
        csv(
            inbox, "腾退来源", "来源编号,腾退企业,腾出用能(吨标煤),腾出用煤(吨),认定日期,文号",
            "Y1,旧厂一,100,30,2022-05-01,认定1号", "Y2,旧厂二,20,,2022-09-01,认定2号",
        ),
    ]  # fmt: skip
    own = County(folder / "money.duckdb")
    outcome = own.data.load(files)
    assert not outcome.refused
    assert [f for f in outcome.findings if f.severity == "error"] == []
    return own
