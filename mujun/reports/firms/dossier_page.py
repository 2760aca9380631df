"""A dossier as one printable page: the explanation's own, with the years before and what followed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from mujun.analysis.explanation import Explanation
from mujun.messages import show, speaking
from mujun.numbers import round_decimal
from mujun.personal import masked, public_name
from mujun.reports.county.wording import amount
from mujun.reports.firms.dossier import Dossier, Figure, TierOfYear, YearLine
from mujun.reports.firms.explanation_page import explanation_page
from mujun.reports.firms.explanation_text import rule_words
from mujun.reports.firms.points_text import short

_WHENCE = {
    "run": "本次评价",
    "earlier": "当年结果",
    "tried": "按本年规则试算，当年没有登记的档次",
}


def dossier_html(dossier: Dossier) -> str:
    """A dossier as one page of HTML; every text is escaped, nothing is fetched, persons are masked."""
    with speaking("zh"):
        return _drawn(dossier)


def _drawn(dossier: Dossier) -> str:
    return explanation_page(
        dossier.explanation,
        template="dossier.html",
        title=f"{public_name(dossier.explanation.name, dossier.explanation.credit_code)}一企一档",
        why=why_words(dossier.explanation),
        years=dossier.years,
        reported=_lines(dossier.figures),
        by_year=_lines(dossier.indicators),
        tiers=[_tier(t) for t in dossier.tiers],
        charged=[(c.year, c.measure, amount(c.amount)) for c in dossier.charged],
        steps=[
            (show(s.on) if s.on else "—", s.action, s.state, s.path or "—", show(s.deadline) if s.deadline else "—",
             masked(s.document) or "—")
            for s in dossier.steps
        ],
        state=dossier.state,
    )  # fmt: skip


def _lines(lines: Sequence[YearLine]) -> list[tuple[str, str, list[str], str]]:
    return [(line.label, line.unit, [_figure(v) for v in line.values], _change(line)) for line in lines]


def why_words(explanation: Explanation) -> str:
    """Why the firm has its tier, in a few sentences: its place, where most points were lost, what rules changed."""
    told = []
    cut = explanation.cut
    if cut is not None and cut.rank is not None:
        given = f"按名次或分数划为 {cut.tier} 档" if cut.tier is not None else "不划档"
        told.append(f"在 {cut.size} 家中排第 {cut.rank} 名，{given}。")
    steps = [s for s in explanation.indicators if s.scored and s.points is not None and s.weight is not None]
    lost = [((s.weight or Decimal(0)) - (s.points or Decimal(0)), s) for s in steps]
    lost = [(gap, s) for gap, s in lost if gap > 0]
    worst = [s for _, s in sorted(lost, key=lambda pair: (-pair[0], pair[1].label))[:2]]
    if worst:
        parts = [f"{s.label}得 {short(s.points)} 分（满分 {short(s.weight)} 分）" for s in worst]
        told.append(f"失分最多的是{'、'.join(parts)}。")
    told += [f"{rule_words(r).rstrip('。')}。" for r in explanation.rules if r.changed]
    return "".join(told)


def _change(line: YearLine) -> str:
    if line.change is None:
        return "—"
    return "持平" if line.change == 0 else f"{line.change:+}%"


def _figure(value: Figure) -> str:
    """Two decimals of what is large, four of what is small; a dash for what is missing."""
    if value is None:
        return "—"
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    shown = f"{round_decimal(exact, 4 if 0 < abs(exact) < 1 else 2):,f}"
    return shown.rstrip("0").rstrip(".") if isinstance(value, int) else shown


def _tier(tier: TierOfYear) -> tuple[str, str, str, str, str]:
    place = f"{tier.rank}/{tier.size}" if tier.rank is not None and tier.size is not None else "—"
    return (str(tier.year), tier.tier or "未定档", amount(tier.score), place, _WHENCE[tier.whence])
