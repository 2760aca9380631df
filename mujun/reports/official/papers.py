"""The papers that are published or read out: 数据公示稿, 结果公示稿, 汇报稿."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from mujun.reports.charts.beside_last_year import compared
from mujun.reports.charts.of_county import holdings, tiers
from mujun.reports.county.county_year import CountyYear
from mujun.reports.county.sentences import county_text
from mujun.reports.county.wording import amount, percent
from mujun.reports.drawing.publishing import public_names
from mujun.reports.drawing.wording import treatment_words
from mujun.reports.official.document import Annex, OfficialPaper, Part, Picture, contact, documents, period, worded
from mujun.reports.year.summary import share_of
from mujun.rules import RuleSet
from mujun.rules.document import Heading, Paragraph, Table
from mujun.rules.model.papers import ThePapers

_OBJECTIONS = (
    "对公示内容有异议的，请在公示期内以书面形式向所在镇街提出，写明事项和理由，附依据材料，单位加盖公章，个人署实名并留联系方式。"
    "经核实确需更正的，统一更正；逾期未提出的，视为无异议。"
)


def result_notice(year: CountyYear, texts: ThePapers) -> OfficialPaper:
    """结果公示稿: counts per cohort and tier, days, how to object, and the lists with name and tier only."""
    place = year.document.rating.plan.rating.place or ""
    counted = year.firms.filter(pl.col("treatment") == "rated", pl.col("tier").is_not_null())
    rests = documents([s.document for s in year.document.ruleset.sources])
    parts: list[Part] = [
        Paragraph(f"根据{rests}，{year.year} 年度纳入评价划档的企业共 {counted.height} 家。现将评价结果公示如下。"),
        Heading("评价结果"),
        *_counts(year),
    ]
    if not year.document.rating.binding:
        parts.append(Paragraph("本年度为试评价，结果不作为差别化措施的执行依据，对企业不具约束力。"))
    parts += [
        Heading("公示时间和联系方式"), Paragraph(period(texts)), Paragraph(contact(texts)),
        Heading("异议的提出"), Paragraph(texts.objections or _OBJECTIONS),
    ]  # fmt: skip
    paper = OfficialPaper(
        f"关于{place}{year.year}年度工业企业综合评价结果的公示", tuple(parts), _tier_lists(year, texts),
        year=year.document.rating.year,
    )  # fmt: skip
    return worded(paper, texts)


def _counts(year: CountyYear) -> list[Part]:
    rows = []
    classes = [
        t
        for t in year.facts.tiers
        if t in year.ladder or (year.firms.filter(pl.col("treatment") == "rated")["tier"] == t).any()
    ]
    for cohort, label in year.facts.cohorts.items():
        mine = year.firms.filter(
            pl.col("cohort") == cohort, pl.col("treatment") == "rated", pl.col("tier").is_not_null()
        )
        if mine.height:
            counts = [mine.filter(pl.col("tier") == t).height for t in classes]
            rows.append((label, str(mine.height), *(f"{n}\n{percent(share_of(n, mine.height))}" for n in counts)))
    if not rows:
        return [Paragraph("本年度没有划档的企业。")]
    return [Table(("评价组别", "企业数（家）", *(f"{t} 档" for t in classes)), tuple(rows))]


def _tier_lists(year: CountyYear, texts: ThePapers) -> tuple[Annex, ...]:
    """A list per cohort, then one of those that got a tier of their own; names and tiers only."""
    annexes = []
    groups = [
        (label, (pl.col("cohort") == c) & (pl.col("treatment") == "rated")) for c, label in year.facts.cohorts.items()
    ]
    groups.append((treatment_words()["own_tier"], pl.col("treatment") == "own_tier"))
    for label, which in groups:
        rows = year.firms.filter(which, pl.col("tier").is_not_null())
        if rows.is_empty():
            continue
        ranked = texts.order == "rank" and rows["rank"].null_count() == 0
        rows = (
            rows.sort("rank", "credit_code")
            if ranked
            else rows.sort("township", "name", "credit_code", nulls_last=True)
        )
        names = public_names(rows, year.document.ruleset)
        cells = [
            (str(i), township or "—", name, tier)
            for i, (township, name, tier) in enumerate(zip(rows["township"], names, rows["tier"], strict=True), 1)
        ]
        note = "按综合得分名次排列" if ranked else "排名不分先后"
        title = f"{label}企业评价结果（{rows.height} 家）"
        annexes.append(Annex(title, Table(("序号", "镇街", "企业名称", "档次"), tuple(cells)), note, (1, 2, 6, 1)))
    return tuple(annexes)


def data_notice(
    frame: pl.DataFrame, year: int, place: str, sources: Sequence[str], texts: ThePapers, rules: RuleSet | None
) -> OfficialPaper:
    """数据公示稿: the land of every enterprise before it is rated, with days and how to object.

    Args:
        frame: the year's frame.
        year: the data year.
        place: where.
        sources: the documents that the rating will rest on.
        texts: the county's words.
        rules: the rule set; its `persons` says how natural persons are named.
    """
    rows = frame.filter(pl.col("land_mu").is_not_null()).sort("township", "name", "credit_code", nulls_last=True)
    names = public_names(rows, rules)
    columns = [rows[c] for c in ("township", "owned_mu", "rented_in_mu", "rented_out_mu", "land_mu")]
    cells = [
        (str(i), township or "—", name, *(amount(a) for a in areas))
        for i, (name, township, *areas) in enumerate(zip(names, *columns, strict=True), 1)
    ]
    without = frame.height - rows.height
    total = rows["land_mu"].sum()
    counted = f"共 {rows.height} 家，合计用地 {amount(total if total else Decimal(0))} 亩"
    parts: list[Part] = [
        Paragraph(f"为做好{place}{year}年度工业企业综合评价，根据{documents(sources)}，现将企业用地面积公示如下，{counted}。"),
        Heading("公示内容"),
        Paragraph("用地面积＝自有用地＋租入用地－租出用地，单位为亩，具体见附件。"),
        Heading("公示时间和联系方式"), Paragraph(period(texts)), Paragraph(contact(texts)),
        Heading("异议的提出"), Paragraph(texts.objections or _OBJECTIONS),
    ]  # fmt: skip
    if without:
        parts.insert(3, Paragraph(f"另有 {without} 家企业没有用地数据，未列入附件；企业认为应当列入的，请一并提出。"))
    table = Table(("序号", "镇街", "企业名称", "自有", "租入", "租出", "用地面积"), tuple(cells))
    annex = Annex(f"企业用地面积（{rows.height} 家，单位：亩）", table, "排名不分先后", (1, 2, 5, 1.4, 1.4, 1.4, 1.6))
    title = f"关于{place}{year}年度工业企业用地面积的公示"
    return worded(OfficialPaper(title, tuple(parts), (annex,), year=year), texts)


def objection_register(
    rows: pl.DataFrame, year: int, place: str, texts: ThePapers, rules: RuleSet | None
) -> OfficialPaper:
    """异议登记: every objection with what was asked, what was decided and what is still to be done.

    Args:
        rows: columns as in `workspace.rounds.register.REGISTER`.
        year: the data year.
        place: where.
        texts: the county's words.
        rules: the rule set; its `persons` says how natural persons are named.
    """
    counts = rows.group_by("decision", maintain_order=True).len()
    parts: list[Part] = [
        Paragraph(
            f"{place}{year}年度数据核对和公示期间，共登记企业异议和更正 {rows.height} 项，"
            f"涉及企业 {rows['credit_code'].n_unique()} 家："
            f"{'，'.join(f'{d} {n} 项' for d, n in counts.iter_rows())}。逐项见附件。"
        ),
    ]
    names = public_names(rows, rules)
    columns = [rows[c] for c in ("number", "taken_in_on", "township", "label", "content", "decision", "answer")]
    cells = [
        (str(number), str(day or "—"), f"{name}\n{town or '—'}", label, content, decision, answer or "—")
        for name, (number, day, town, label, content, decision, answer) in zip(
            names, zip(*columns, strict=True), strict=True
        )
    ]
    table = Table(("序号", "登记日期", "企业、镇街", "事项", "异议和理由", "处理决定", "答复和下一步"), tuple(cells))
    annex = Annex(f"异议登记（{rows.height} 项）", table, "按登记先后排列", (0.8, 1.5, 2.6, 1.4, 4, 1.5, 2.6))
    return worded(OfficialPaper(f"{place}{year}年度工业企业综合评价异议登记", tuple(parts), (annex,), year=year), texts)


def briefing(year: CountyYear, texts: ThePapers) -> OfficialPaper:
    """汇报稿: prose to be read out in a few minutes, with charts behind it; every sentence is of `county.sentences`."""
    parts: list[Part] = []
    for point in county_text(year):
        parts += [Heading(point.lead), Paragraph(point.text)]
    charts = (tiers(year), holdings(year), compared(year, "township"))
    pictures = tuple(Picture(c) for c in charts if c is not None)
    title = f"{year.place}{year.year}年度工业企业综合评价情况汇报"
    return worded(OfficialPaper(title, tuple(parts), pictures=pictures, year=year.document.rating.year), texts)
