"""A card as one page of HTML: nothing from elsewhere, every text escaped, printable on A4."""

from __future__ import annotations

import jinja2

from mujun import messages
from mujun.reports.firms.card import Card

_PAGE = """\
<!DOCTYPE html>
<html lang="{{ language }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ card.title }}</title>
<style>
:root { --ink: #1b2733; --quiet: #5d6b79; --line: #d5dce3; --head: #eef3f8; --accent: #1f4e79; }
body { font-family: "Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif;
       font-size: 13px; line-height: 1.5; color: var(--ink); max-width: 1080px; margin: 24px auto; padding: 0 16px; }
h1 { font-size: 22px; color: var(--accent); border-bottom: 3px solid var(--accent); padding-bottom: 8px; }
h2 { font-size: 16px; color: var(--accent); margin: 28px 0 8px; }
h3 { font-size: 13px; color: var(--quiet); margin: 14px 0 4px; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(240px, 1fr)); gap: 8px 20px; margin: 12px 0; }
dl div { border-left: 3px solid var(--line); padding-left: 8px; }
dt { color: var(--quiet); font-size: 11px; } dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
nav { color: var(--quiet); font-size: 12px; } nav a { color: var(--accent); text-decoration: none; margin-right: 12px; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid var(--line); padding: 3px 7px; text-align: left; vertical-align: top;
         overflow-wrap: anywhere; }
th { background: var(--head); font-weight: 600; white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.short { white-space: nowrap; }
td.place { color: var(--quiet); font-size: 11px; }
footer { color: var(--quiet); font-size: 11px; margin-top: 24px; border-top: 1px solid var(--line); padding-top: 6px; }
@media print {
  @page { size: A4; margin: 14mm 12mm; }
  body { margin: 0; max-width: none; padding: 0; font-size: 10px; }
  nav { display: none; } tr { break-inside: avoid; } h2, h3 { break-after: avoid; }
  thead { display: table-header-group; }
}
</style>
</head>
<body>
<h1>{{ card.title }}</h1>
<dl>
{%- for label, value in card.said() %}<div><dt>{{ label }}</dt><dd>{{ value }}</dd></div>{% endfor -%}
</dl>
<nav>{% for s in card.filled %}<a href="#{{ s.id }}">{{ s.title }}（{{ s.rows|length }}）</a>{% endfor %}</nav>
{% for s in card.filled %}
<section id="{{ s.id }}"><h2>{{ s.title }}</h2>
{% for part in s.parts() %}
{% if part.heading %}<h3>{{ part.heading }}</h3>{% endif %}
<table><thead><tr>{% for h in part.headers %}<th>{{ h }}</th>{% endfor %}</tr></thead>
<tbody>
{% for cells in part.rows -%}
<tr>
{%- for cell in cells %}<td{{ {"class": kind(part.columns[loop.index0], cell)}|xmlattr }}>{{ cell }}</td>{% endfor -%}
</tr>
{% endfor %}</tbody></table>
{% endfor %}</section>
{% endfor %}
{% if nothing %}<footer>{{ nothing }}</footer>{% endif %}
</body>
</html>
"""


def card_page(card: Card) -> str:
    """The page, in the language in force."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    missing = [s.title for s in card.sections if not s.rows]
    return environment.from_string(_PAGE).render(
        card=card,
        kind=_kind,
        language="zh-CN" if messages.language() == "zh" else "en",
        nothing=messages.text("card_nothing", sections=missing) if missing else "",
    )


def _kind(column: str, cell: str) -> str | None:
    """The cell's class: a place is small print, short words do not wrap, a number stands to the right."""
    if column == "place":
        return "place"
    plain = cell.replace(",", "").removeprefix("-")
    if column in ("year", "run", "tier", "tenure", "said_by"):
        return "short"
    if column in _NO_NUMBERS or len(plain) > 15 or not plain.replace(".", "", 1).isdigit():
        return None
    return "number"


_NO_NUMBERS = frozenset({"credit_code", "landlord", "tenant", "parcel", "account", "document"})
