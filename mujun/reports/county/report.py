"""The county report: a county's year, or a part of it, on one page that prints well and needs no network."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from mujun.reports.charts import beside_last_year, distributions
from mujun.reports.charts import of_county as charts
from mujun.reports.charts.parcel_map import ParcelMap
from mujun.reports.county.county_year import CountyYear
from mujun.reports.county.parts import Folded, Grid, Heading, Lines, Map, Part, Section, Text, figure, report_page
from mujun.reports.county.sentences import blanks, county_text
from mujun.reports.county.tables import (
    firms,
    group_table,
    headline,
    listed,
    measures,
    movers,
    targets,
    tier_table,
    why,
)
from mujun.reports.county.wording import amount
from mujun.rules import document as words
from mujun.rules.document import Document


def county_report(year: CountyYear, rules: Document | None = None, coverage: pl.DataFrame | None = None) -> str:
    """The report of a county.

    Args:
        year: the county's year.
        rules: the rule set in words.
        coverage: columns as `workspace.data.coverage.COVERAGE` has them.

    Raises:
        UsageError: the extra `papers` is not installed.
    """
    sections = [
        Section("summary", "要点", (Lines(tuple((s.lead, s.text) for s in county_text(year))),)),
        Section("figures", "主要数据", (headline(year), *targets(year))),
        Section("tiers", "档次", (*figure(charts.tiers(year)), tier_table(year), *figure(distributions.scores(year)))),
        Section("holdings", "各档占用与贡献", (*figure(charts.holdings(year)), *figure(charts.lorenz(year)))),
        Section("firms-in-sight", "企业分布", (*figure(charts.scatter(year)), *_distributions(year))),
        Section("moved", "与上年相比", (*figure(beside_last_year.migration(year)), *movers(year))),
        Section("map", "一张图", map_parts(year)),
        Section(
            "townships", "镇街", (*figure(beside_last_year.compared(year, "township")), group_table(year, "township"))
        ),
        Section(
            "industries",
            "行业",
            (*figure(beside_last_year.compared(year, "industry_division")), group_table(year, "industry_division")),
        ),
        Section("list", "高耗低效整治清单", listed(year)),
        Section("money", "差别化措施", measures(year)),
        Section("why", "哪些企业档次靠后，为什么", why(year)),
        Section("data", "数据质量", quality(year, coverage)),
        Section("rules", "评价规则", rules_parts(rules)),
    ]
    return report_page(_title(year), sections, lines=_origin(year), warnings=_warnings(year))


def part_report(year: CountyYear) -> str:
    """The report of a township, an industry, a park or a chain: its enterprises one by one.

    Raises:
        UsageError: the extra `papers` is not installed.
    """
    points = Section("summary", "要点", (Lines(tuple((point.lead, point.text) for point in county_text(year))),))
    if year.firms.is_empty():
        return report_page(_title(year), [points], lines=_origin(year), warnings=_warnings(year))
    sections = [
        points,
        Section("figures", "主要数据", (headline(year),)),
        Section("tiers", "档次", (tier_table(year),)),
        Section("moved", "与上年相比", movers(year)),
        Section("map", "一张图", map_parts(year)),
        Section("list", "高耗低效整治清单", listed(year)),
        Section("why", "哪些企业档次靠后，为什么", why(year)),
        Section("firms", "企业名单", firms(year)),
    ]
    return report_page(_title(year), sections, lines=_origin(year), warnings=_warnings(year))


def _title(year: CountyYear) -> str:
    return f"{year.place} {year.document.title}" if year.part else year.document.title


def _origin(year: CountyYear) -> tuple[str, ...]:
    place = year.document.rating.plan.rating.place
    day = f"数据截至 {year.day.isoformat()}　" if year.day is not None else ""
    return tuple(line for line in (place, day + year.document.origin) if line)


def _warnings(year: CountyYear) -> tuple[str, ...]:
    warnings = []
    if not year.document.rating.binding:
        warnings.append("试评：结果不作为执行依据。")
    if year.document.rating.plan.rating.status == "example":
        warnings.append("所用规则集是示例：权重、基准、比例等不是当地文件的规定。")
    return tuple(warnings)


def map_parts(year: CountyYear) -> tuple[Part, ...]:
    """The map of parcels, where any has a shape."""
    if year.parcels is None:
        return ()
    day = f"，数据截至 {year.day.isoformat()}" if year.day is not None else ""
    place = f"{year.place} {year.year} 年度{day}"
    drawn = ParcelMap(
        year.parcels, year.ladder, place, outlines=year.outlines, read=year.shapes, at_most=year.parcels_at_most
    )
    picture = drawn.svg()
    return (Map(drawn.title, drawn.basis, drawn.how, picture),) if picture else ()


def _distributions(year: CountyYear) -> tuple[Part, ...]:
    return tuple(f for r in year.facts.ratios for f in figure(distributions.distribution(year, r)))


# ------------------------------------------------------------------------------------------------- data, rules


def quality(year: CountyYear, coverage: pl.DataFrame | None) -> tuple[Part, ...]:
    """What is missing, what waits, what was found."""
    parts: list[Part] = []
    gaps = blanks(year)
    if gaps:
        parts.append(Text(f"参评企业中{'，'.join(f'{n} 家没有{label}数据' for label, n in gaps)}。空白不是零。"))
    findings = year.document.findings
    if not findings.is_empty():
        errors = findings.filter(pl.col("severity") == "error").height
        parts.append(
            Text(
                f"数据问题 {findings.height} 条，其中错误 {errors} 条（该行没有装入），其余为提示；"
                "逐条见工作簿“数据问题”。"
            )
        )
    if coverage is not None:
        rows = [
            (
                r["label"],
                r["unit"] or "—",
                r["owner"],
                amount(r["on_roll"], 0),
                amount(r["with_value"], 0),
                amount(r["blank"], 0),
                amount(r["waiting_rows"], 0),
                amount(r["total"]),
                amount(r["total_last"]),
            )
            for r in coverage.iter_rows(named=True)
        ]
        titles = ("项目", "单位", "责任部门", "名录企业", "有数", "空白", "未计入的行", "合计", "上年合计")
        parts.append(Folded("数据覆盖情况", (Grid(titles, tuple(rows)),)))
    return tuple(parts)


def rules_parts(rules: Document | None) -> tuple[Part, ...]:
    """The rule set as a notice prints it, with sources and what it assumes."""
    if rules is None:
        return ()
    made: list[Part] = []
    for part in rules.parts:
        if isinstance(part, words.Heading):
            made.append(Heading(part.text))
        elif isinstance(part, words.Paragraph):
            made.append(Text(part.text))
        else:
            made.append(Grid(part.titles, part.rows, part.caption))
    return (Folded(rules.title, tuple(made)),)


def index_page(title: str, groups: Sequence[tuple[str, Sequence[tuple[str, str, str]]]], lines: Sequence[str]) -> str:
    """The page that opens a folder of papers.

    Args:
        title: its title.
        groups: a heading each, and links: file, what it is, for whom.
        lines: what the papers rest on.
    """
    from mujun.reports.county.parts import Links

    sections = [Section(f"g{i}", name, (Links(tuple(links)),)) for i, (name, links) in enumerate(groups) if links]
    return report_page(title, sections, lines=lines)
