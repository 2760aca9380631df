"""The rectification's papers in the form of official documents: 一企一策, 一地一策, 销号通知, 责令限期整改通知书."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from mujun.numbers import round_decimal
from mujun.reports.county.wording import amount
from mujun.reports.official.document import OfficialPaper, Part, blank, worded
from mujun.reports.rectification.firm_papers import FirmPaper, Measure
from mujun.reports.rectification.orders import OrderPaper
from mujun.reports.rectification.parcel_papers import ParcelPaper
from mujun.rules.document import Heading, Paragraph, Table
from mujun.rules.model.papers import ThePapers

_ProblemLine = tuple[str, str, str, date | None, str]


def firm_plan(f: FirmPaper, texts: ThePapers) -> OfficialPaper:
    """一企一策: what is known, the problems found, the path, the measures with their days, who signs."""
    park = f"（{f.park}）" if f.park else ""
    facts = (
        ("企业名称", f.name, "统一社会信用代码", f.code), ("镇街", f"{f.township}{park}", "行业", f.industry),
        ("规模", f.scale, "综合评价", f.tier or "未划档"),
        ("实际用地", _with(f.land_mu, "亩"), "亩均税收", _ratio(f.tax_per_mu, "万元/亩")),
        ("单位能耗增加值", _ratio(f.va_per_tce, "万元/吨标煤"), "当前状态", f.state),
        ("列入清单", f"{f.list_title}（{f.list_document}）", "列入日期", _day(f.list_day)),
    )  # fmt: skip
    grounds = [(g.reason, g.condition or "—", "；".join(g.values) or "—") for g in f.grounds]
    parts: list[Part] = [
        Heading("基本情况"), _facts(facts),
        Heading("列入理由"),
        Table(("列入理由", "条件和限值", "企业的数值"), tuple(grounds)) if grounds
        else Paragraph("由清单调整文件增列。"),
    ]  # fmt: skip
    if f.parcels:
        rows = [(p.parcel, amount(p.area_mu), p.path or "待定", "、".join(p.others) or "无") for p in f.parcels]
        heads = ("所在地块", "面积（亩）", "地块整治方式", "同一地块上的其他企业")
        parts += [Heading("所在地块"), Table(heads, tuple(rows))]
    aims = (
        ("整治方式", _path(f.path, f.way), "完成时限", _day(f.deadline)),
        ("预计腾出用地", _with(f.expected_land_mu, "亩"), "预计腾出用能",
         f"{_with(f.expected_energy_tce, '吨标煤')}（{f.energy_basis}）"),
        ("责任单位", f.department or "待定", "验收佐证", "、".join(f.evidence) or "规则没有要求"),
        ("销号标准", f.standard or "规则没有写明", "销号后跟踪", f"{f.watch_months} 个月"),
    )  # fmt: skip
    parts += [
        Heading("存在问题"), _problems(f.problems), Heading("整治方式和预期成效"), _facts(aims),
        Heading("整治措施和完成日期"), _measures(f.measures),
        Heading("签字"), _signatures("企业（盖章、签字）", f.signing),
    ]  # fmt: skip
    return _dated(OfficialPaper("高耗低效企业整治方案（一企一策）", tuple(parts)), texts, None)


def parcel_plan(p: ParcelPaper, texts: ThePapers) -> OfficialPaper:
    """一地一策: the same of a parcel, with who stands on it."""
    facts = (
        ("地块编号", p.parcel, "权利人", p.holder or "—"), ("镇街", p.township or "—", "面积", _with(p.area_mu, "亩")),
        ("权属性质", p.title or "—", "不动产权证", p.title_number or "—"),
        ("坐落", p.address or "—", "当前状态", p.state),
        ("标准地承诺", p.promised or "—", "列入清单", f"{p.list_title}（{p.list_document}）"),
        *([("列入理由", "；".join(p.grounds), "", "")] if p.grounds else []),
    )  # fmt: skip
    firms = [(name, path or "待定", state, amount(land)) for name, path, state, land in p.firms]
    aims = (
        ("整治方式", _path(p.path, p.way), "完成时限", _day(p.deadline)),
        ("预计腾出用地", _with(p.expected_land_mu, "亩"), "责任单位", p.department or "待定"),
        ("验收佐证", "、".join(p.evidence) or "规则没有要求", "销号后跟踪", f"{p.watch_months} 个月"),
    )
    parts: list[Part] = [
        Heading("基本情况"), _facts(facts), Heading("地块上的企业"),
        Table(("列入企业", "整治方式", "状态", "预计腾出用地（亩）"), tuple(firms)),
        Paragraph(f"其他企业：{'、'.join(p.others) or '无'}。"),
        Heading("存在问题"), _problems(p.problems), Heading("整治方式和预期成效"), _facts(aims),
        Heading("整治措施和完成日期"), _measures(p.measures),
        Heading("签字"), _signatures("权利人、企业（盖章、签字）", p.signing),
    ]  # fmt: skip
    return _dated(OfficialPaper("低效工业用地整治方案（一地一策）", tuple(parts)), texts, None)


def firm_notice(f: FirmPaper, texts: ThePapers) -> OfficialPaper:
    """销号通知 to an enterprise; it has been struck off."""
    reasons = "；".join(g.reason for g in f.grounds) or "清单调整增列"
    freed = [
        f"{what} {amount(value)} {unit}"
        for what, value, unit in (
            ("腾出用地", f.verified_land_mu, "亩"), ("腾出用能", f.verified_energy_tce, f"吨标煤（{f.energy_basis}）")
        )
        if value is not None
    ]  # fmt: skip
    again = f"；跟踪期内不再符合销号标准（{f.standard}）的，重新列入清单" if f.standard else ""
    watch = f"销号后跟踪 {f.watch_months} 个月，至{_day(f.watch_until)}止{again}。" if f.watch_until else ""
    accepted = f"（{f.accepted_document}）" if f.accepted_document else ""
    parts = (
        Paragraph(f"你单位于{_day(f.list_day)}列入《{f.list_title}》（{f.list_document}），列入理由为：{reasons}。"),
        Paragraph(
            f"你单位按“{_path(f.path, f.way)}”方式完成整治，于{_day(f.accepted_on)}验收通过{accepted}"
            f"{'，核实' + '、'.join(freed) if freed else ''}。"
        ),
        Paragraph(f"经研究，同意你单位自{_day(f.struck_on)}起从清单销号。{watch}"),
    )
    paper = OfficialPaper("高耗低效整治企业销号通知", parts, to=f"{f.name}（{f.code}）")
    return _sent(_dated(paper, texts, f.struck_on), f.struck_document, [*texts.copies, f.department, f.signing])


def parcel_notice(p: ParcelPaper, texts: ThePapers) -> OfficialPaper:
    """销号通知 of a parcel: the freed land, and copies to the land office, the township and the firms on it."""
    accepted = f"（{p.accepted_document}）" if p.accepted_document else ""
    reasons = f"列入理由为：{'；'.join(p.grounds)}；" if p.grounds else ""
    watch = f"销号后跟踪 {p.watch_months} 个月，至{_day(p.watch_until)}止。" if p.watch_until else ""
    parts = (
        Paragraph(
            f"你单位地块 {p.parcel}（{amount(p.area_mu)} 亩）于{_day(p.list_day)}"
            f"列入《{p.list_title}》（{p.list_document}），{reasons}"
            f"按“{_path(p.path, p.way)}”方式完成整治，于{_day(p.accepted_on)}验收通过{accepted}，"
            f"核实腾出用地 {amount(p.verified_land_mu)} 亩。"
        ),
        Paragraph(f"经研究，同意该地块自{_day(p.struck_on)}起从清单销号。{watch}"),
    )
    paper = OfficialPaper("低效工业用地整治销号通知", parts, to=p.holder or p.parcel)
    return _sent(_dated(paper, texts, p.struck_on), p.struck_document, [*texts.copies, *p.copies])


def mend_order(o: OrderPaper, texts: ThePapers) -> OfficialPaper:
    """责令限期整改通知书: the department's own letter, so that its name stands below and not the bureau's."""
    finding = f"{_day(o.found_on) if o.found_on else ''}{o.found_by}检查发现"
    where = f"地块 {o.parcel}" if o.parcel else "你单位"
    office = o.department or blank("处置部门")
    parts = (
        Paragraph(f"{finding}，{where}存在{o.kind}问题{'：' + o.text if o.text else ''}。"),
        Paragraph(
            f"现责令你单位于{_day(o.deadline)}前整改完毕，并将整改情况书面报{office}。逾期不整改或者整改不到位的，依法处理。"
        ),
        Paragraph("收件人签字：＿＿＿＿＿＿　收件日期：＿＿＿＿＿＿"),
    )
    to = f"{o.to}（{o.code}）" if o.code else o.to
    paper = OfficialPaper("责令限期整改通知书", parts, to=to, year=o.deadline.year - 1)
    return replace(
        paper, number=o.document or blank("文号"), office=office, day=blank("成文日期"),
        copies="、".join(dict.fromkeys(t for t in (o.township, *texts.copies) if t)),
    )  # fmt: skip


def _dated(paper: OfficialPaper, texts: ThePapers, day: date | None) -> OfficialPaper:
    """The paper in the county's words; a plan is not addressed to anybody."""
    made = worded(paper, texts)
    return replace(
        made, to=paper.to, day=_day(day) if day is not None else made.day, year=(day.year - 1) if day else paper.year
    )


def _sent(paper: OfficialPaper, document: str, copies: Iterable[str]) -> OfficialPaper:
    """A notice with its own number, and who else gets it."""
    return replace(paper, number=document or blank("文号"), copies="、".join(dict.fromkeys(c for c in copies if c)))


def _facts(rows: Sequence[tuple[str, str, str, str]]) -> Table:
    return Table(("项目", "内容", "项目", "内容"), tuple(rows))


def _problems(problems: Sequence[_ProblemLine]) -> Part:
    if not problems:
        return Paragraph("没有记录。")
    rows = [(kind, what or "—", office or "—", _day(until), state) for kind, what, office, until, state in problems]
    return Table(("问题类别", "问题描述", "处置部门", "整改期限", "状态"), tuple(rows))


def _measures(measures: Sequence[Measure]) -> Table:
    rows = [(m.what, _day(m.by), m.who or "—") for m in measures]
    # Room for what is agreed on when the plan is signed.
    return Table(("整治措施", "完成日期", "责任单位"), (*rows, *([("", "", "")] * (1 if rows else 3))))


def _signatures(first: str, township: str) -> Table:
    rows = tuple((who, "", "") for who in (first, f"镇街（{township}）" if township else "镇街", "经信局"))
    return Table(("单位", "负责人签字（盖章）", "日期"), rows)


def _path(path: str, way: str) -> str:
    return (path or "待定") + (f"（{way}）" if way else "")


def _day(day: date | None) -> str:
    return "待定" if day is None else f"{day.year}年{day.month}月{day.day}日"


def _with(value: Decimal | None, unit: str) -> str:
    return "—" if value is None else f"{amount(value)} {unit}"


def _ratio(value: float | None, unit: str) -> str:
    return "—" if value is None else f"{round_decimal(Decimal(repr(value)), 2)} {unit}"
