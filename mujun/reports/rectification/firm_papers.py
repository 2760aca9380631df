"""Papers about one enterprise each, as pages that print: the plan (一企一策) and the strike-off notice (销号通知)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import jinja2

from mujun.messages import show
from mujun.writing import write_text


@dataclass(frozen=True)
class Ground:
    """One reason for being listed: what it says, its condition in words, and the values that met it."""

    reason: str
    condition: str
    values: Sequence[str]


@dataclass(frozen=True)
class OnParcel:
    """A parcel that an enterprise stands on."""

    parcel: str
    area_mu: Decimal | None
    path: str
    others: Sequence[str]


@dataclass(frozen=True)
class FirmPaper:
    """What is known of one enterprise on the list.

    Attributes:
        name, code, township, park, industry, scale, tier: who it is.
        land_mu, tax_per_mu, va_per_tce: what it was listed with.
        list_title, list_document, list_day: the list it is on.
        path, deadline, department: how, until when, and by whom it is seen to.
        expected_land_mu, expected_energy_tce: what is expected to be freed.
        grounds: why it is listed.
        parcels: where it stands.
        standard, margin: when it is struck off, in words.
        evidence: what has to be shown.
        watch_months: how long it is watched afterwards.
        state: where it stands now.
        course: day, what happened, document and note of everything so far.
        accepted_on, accepted_document, verified_land_mu, verified_energy_tce: its acceptance.
        struck_on, struck_document, watch_until: its striking off.
    """

    name: str
    code: str
    township: str
    park: str
    industry: str
    scale: str
    tier: str
    land_mu: Decimal | None
    tax_per_mu: float | None
    va_per_tce: float | None
    list_title: str
    list_document: str
    list_day: date
    path: str
    deadline: date | None
    department: str
    expected_land_mu: Decimal | None
    expected_energy_tce: Decimal | None
    energy_basis: str
    grounds: Sequence[Ground]
    parcels: Sequence[OnParcel]
    standard: str
    margin: str
    evidence: Sequence[str]
    watch_months: int
    state: str
    course: Sequence[tuple[date, str, str, str]] = field(default=(), repr=False)
    accepted_on: date | None = None
    accepted_document: str = ""
    verified_land_mu: Decimal | None = None
    verified_energy_tce: Decimal | None = None
    struck_on: date | None = None
    struck_document: str = ""
    watch_until: date | None = None


_STYLE = """
body { font-family: "FangSong", "仿宋", "Songti SC", "Noto Serif CJK SC", serif; font-size: 11.5pt; line-height: 1.5;
       max-width: 190mm; margin: 1.5em auto; padding: 0 1em; color: #000; background: #fff; }
section + section { break-before: page; }
h1 { text-align: center; font-size: 18pt; margin: 0.4em 0 0.6em; }
table { border-collapse: collapse; width: 100%; margin: 0.5em 0; }
td, th { border: 1px solid #000; padding: 4px 6px; vertical-align: top; text-align: left; }
th { background: #eee; font-weight: bold; white-space: nowrap; width: 7.5em; }
thead th { width: auto; }
.blank td { height: 2.2em; }
.tall td { height: 7em; }
p.body { text-indent: 2em; line-height: 1.9; font-size: 14pt; margin: 0.6em 0; }
p.to { font-size: 14pt; margin: 1.2em 0 0.6em; }
p.sign { text-align: right; font-size: 14pt; line-height: 2; margin-top: 2.5em; }
.note { color: #444; font-size: 10pt; }
@media print { body { margin: 0; max-width: none; } tr { break-inside: avoid; } }
"""

_PLAN = """\
<!DOCTYPE html>
<html lang="zh-CN">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title><style>{{ style | safe }}</style></head>
<body>
{% for f in firms -%}
<section>
<h1>高耗低效企业整治方案（一企一策）</h1>
<table>
<tr><th>企业名称</th><td>{{ f.name }}</td><th>统一社会信用代码</th><td>{{ f.code }}</td></tr>
<tr><th>镇街</th><td>{{ f.township }}{% if f.park %}（{{ f.park }}）{% endif %}</td>
<th>行业</th><td>{{ f.industry }}</td></tr>
<tr><th>规模</th><td>{{ f.scale }}</td><th>综合评价</th><td>{{ f.tier or "未划档" }}</td></tr>
<tr><th>实际用地</th><td>{{ f.land_mu | amount("亩") }}</td><th>亩均税收</th>
<td>{{ f.tax_per_mu | ratio("万元/亩") }}</td></tr>
<tr><th>单位能耗增加值</th><td>{{ f.va_per_tce | ratio("万元/吨标煤") }}</td>
<th>当前状态</th><td>{{ f.state }}</td></tr>
<tr><th>列入清单</th><td colspan="3">{{ f.list_title }}（{{ f.list_document }}，{{ f.list_day }}）</td></tr>
</table>
<table><thead><tr><th>列入理由</th><th>条件和限值</th><th>企业的数值</th></tr></thead><tbody>
{% for g in f.grounds %}<tr><td>{{ g.reason }}</td><td>{{ g.condition }}</td>
<td>{{ g.values | join("；") }}</td></tr>
{% else %}<tr><td colspan="3">由清单调整文件增列</td></tr>
{% endfor %}</tbody></table>
{% if f.parcels %}<table><thead><tr><th>所在地块</th><th>面积（亩）</th>
<th>地块整治方式</th><th>同一地块上的其他企业</th></tr></thead><tbody>
{% for p in f.parcels %}<tr><td>{{ p.parcel }}</td><td>{{ p.area_mu | amount("") }}</td><td>{{ p.path or "待定" }}</td>
<td>{{ p.others | join("、") or "无" }}</td></tr>
{% endfor %}</tbody></table>{% endif %}
<table>
<tr><th>整治方式</th><td>{{ f.path or "待定" }}</td><th>完成时限</th><td>{{ f.deadline or "待定" }}</td></tr>
<tr><th>预计腾出用地</th><td>{{ f.expected_land_mu | amount("亩") }}</td><th>预计腾出用能</th>
<td>{{ f.expected_energy_tce | amount("吨标煤") }}（{{ f.energy_basis }}）</td></tr>
<tr><th>责任单位</th><td colspan="3">{{ f.department }}</td></tr>
<tr><th>销号标准</th><td colspan="3">{{ f.standard or "规则没有写明" }}
{%- if f.margin %}；建议验收另须{{ f.margin }}{% endif %}</td></tr>
<tr><th>验收佐证</th><td colspan="3">
{{- f.evidence | join("、") or "规则没有要求" }}；销号后跟踪 {{ f.watch_months }} 个月</td></tr>
</table>
<table>
<tr class="tall"><th>整治措施</th><td colspan="3"></td></tr>
<tr class="tall"><th>时间节点</th><td colspan="3"></td></tr>
<tr class="blank"><th>企业负责人</th><td></td><th>联系电话</th><td></td></tr>
<tr class="blank"><th>责任领导</th><td></td><th>审核日期</th><td></td></tr>
</table>
{% if f.course %}<table><thead><tr><th>日期</th><th>已登记事项</th><th>文号</th><th>说明</th></tr></thead><tbody>
{% for day, action, document, note in f.course %}<tr><td>{{ day }}</td><td>{{ action }}</td>
<td>{{ document }}</td><td>{{ note }}</td></tr>
{% endfor %}</tbody></table>{% endif %}
</section>
{% endfor -%}
</body></html>
"""

_NOTICE = """\
<!DOCTYPE html>
<html lang="zh-CN">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title><style>{{ style | safe }}</style></head>
<body>
{% for f in firms -%}
<section>
<h1>高耗低效整治企业销号通知</h1>
<p class="to">{{ f.name }}（{{ f.code }}）：</p>
<p class="body">你单位于 {{ f.list_day | cn }}列入《{{ f.list_title }}》（{{ f.list_document }}），列入理由为：
{%- for g in f.grounds %}{{ "；" if not loop.first }}{{ g.reason }}{% else %}清单调整增列{% endfor %}。</p>
<p class="body">你单位按“{{ f.path or "—" }}”方式完成整治，于 {{ f.accepted_on | cn }}验收通过
{%- if f.accepted_document %}（{{ f.accepted_document }}）{% endif -%}
{%- if f.verified_land_mu is not none or f.verified_energy_tce is not none %}，核实
{%- if f.verified_land_mu is not none %}腾出用地 {{ f.verified_land_mu | amount("亩") }}{% endif -%}
{%- if f.verified_land_mu is not none and f.verified_energy_tce is not none %}、{% endif -%}
{%- if f.verified_energy_tce is not none %}腾出用能 {{ f.verified_energy_tce | amount("吨标煤") -}}
（{{ f.energy_basis }}）{% endif -%}
{%- endif %}。</p>
<p class="body">经研究，同意你单位自 {{ f.struck_on | cn }}起从清单销号
{%- if f.struck_document %}（{{ f.struck_document }}）{% endif %}。
{%- if f.watch_until %}销号后跟踪 {{ f.watch_months }} 个月，至 {{ f.watch_until | cn }}止
{%- if f.standard %}；跟踪期内不再符合销号标准（{{ f.standard }}）的，重新列入清单{% endif %}。{% endif %}</p>
<p class="sign">（盖章）<br>{{ f.struck_on | cn }}</p>
<p class="note">责任单位：{{ f.department }}</p>
</section>
{% endfor -%}
</body></html>
"""


def plans_html(firms: Sequence[FirmPaper]) -> str:
    """One page per enterprise: what is known, and room for what is to be done."""
    return _rendered(_PLAN, firms, "高耗低效企业整治方案（一企一策）")


def notices_html(firms: Sequence[FirmPaper]) -> str:
    """One strike-off notice per enterprise; each of them has been struck off."""
    assert all(f.struck_on is not None and f.accepted_on is not None for f in firms)
    return _rendered(_NOTICE, firms, "高耗低效整治企业销号通知")


def write_page(path: str | Path, html: str) -> Path:
    """Write a page.

    Raises:
        InputError: the file cannot be written.
    """
    return write_text(path, html)


def _rendered(template: str, firms: Sequence[FirmPaper], title: str) -> str:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    environment.filters |= {"amount": _amount, "ratio": _ratio, "cn": _day}
    return environment.from_string(template).render(firms=firms, title=title, style=_STYLE)


def _amount(value: Decimal | None, unit: str) -> str:
    return "—" if value is None else f"{show(value)} {unit}".rstrip()


def _ratio(value: float | None, unit: str) -> str:
    return "—" if value is None else f"{value:.2f} {unit}"


def _day(value: date | None) -> str:
    return "—" if value is None else f"{value.year}年{value.month}月{value.day}日"
