"""An explanation as one printable page for the firm: Chinese, self-contained, with its pictures drawn inside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from mujun.analysis.explanation import Explanation, IndicatorStep
from mujun.messages import show, speaking
from mujun.reports.drawing.page import page
from mujun.reports.drawing.pictures import PHONE, Bar, among_peers, waterfall
from mujun.reports.firms.explanation_text import (
    last_ranks_words,
    of_area,
    origin_words,
    other_words,
    rule_words,
    score_working,
    tier_words,
    title_of,
)
from mujun.reports.firms.handed_out import explanation_handed_out
from mujun.reports.firms.points_text import benchmark_words, number, points_working, short, value_working
from mujun.reports.firms.statistics_text import statistic_words
from mujun.reports.firms.way_up_text import way_up_parts


def explanation_html(explanation: Explanation) -> str:
    """An explanation as one page of HTML; every text is escaped, nothing is fetched, persons are masked."""
    return explanation_page(explanation)


def explanation_page(
    explanation: Explanation, *, template: str = "explanation.html", title: str = "", **more: Any
) -> str:
    """An explanation as a page of its own template, or of one that has more to say of the firm."""
    explanation = explanation_handed_out(explanation)
    with speaking("zh"):
        bars = _bars(explanation)
        return page(
            template,
            title or title_of(explanation),
            firm=explanation,
            area=of_area(explanation),
            kind=_KINDS.get(explanation.subject_kind, "企业"),
            counter="个" if of_area(explanation) else "家",
            waterfall=waterfall(bars),
            waterfall_of_a_phone=waterfall(bars, PHONE),
            figures=_figures(explanation),
            way_up=[{"kind": type(p).__name__, **vars(p)} for p in way_up_parts(explanation)],
            labels={f.name: f.label for f in explanation.figures},
            **_WORDS,
            **more,
        )


def index_html(entries: Sequence[object]) -> str:
    """A page that links the pages of several firms, each with `file, name, credit_code, cohort, score, rank, tier`."""
    return page("explanations.html", "评价说明", rows=entries, number=number)


def _bars(explanation: Explanation) -> list[Bar]:
    """What the score is made of, step by step; nothing where there is none."""
    bars: list[Bar] = []
    if explanation.score is None:
        return bars
    for step in (s for s in explanation.indicators if s.scored and s.points is not None):
        most = float(step.cap) * step.weight_used if step.cap is not None and step.weight_used else step.weight_used
        bars.append(Bar(step.label, float(step.points or 0), most, f"{number(step.points)} / {number(most)}"))
    families = {f.name: f for f in explanation.score.families}
    for family in families.values():
        given = [a.label for a in explanation.score.adjustments if a.family == family.name and a.points]
        if family.points or given:
            bars.append(Bar("、".join(given)[:14] or family.name, float(family.points), None, _signed(family.points)))
    for a in explanation.score.adjustments:
        if a.family is None and a.points:
            bars.append(Bar(a.label[:14], float(a.points), None, _signed(a.points)))
    bars.append(Bar("综合得分", float(explanation.score.score), None, number(explanation.score.score), total=True))
    return bars


def _is_figure(cell: str) -> bool:
    """Whether a cell is a number and nothing else: it stands in one line."""
    return re.fullmatch(r"[+−-]?[0-9.]+%?", cell) is not None


def _signed(points: Any) -> str:
    return f"{'+' if points > 0 else ''}{number(points)}"


def _picture(step: IndicatorStep) -> Markup:
    if step.peers is None:
        return Markup("")
    return among_peers(step.peers.bins, step.peers.edges, step.value)


def _figures(explanation: Explanation) -> list[dict[str, str]]:
    """The figures of the page: those the firm can hold against its own books."""
    rows = []
    for f in explanation.figures:
        if isinstance(f.value, bool):
            value = "是" if f.value else "否"
        elif isinstance(f.value, tuple):
            value = show(f.value) or "—"
        else:
            value = number(f.value) if f.value is not None else "（空白）"
        rows.append(
            {"label": f.label, "value": value, "unit": f.unit, "places": "；".join(origin_words(f.origins)) or "—"}
        )
    return rows


def _note_words(step: IndicatorStep) -> str:
    """What acted on an indicator's points, in a word."""
    note = step.note or ""
    return "替代指标" if note.startswith("fallback:") else _NOTES.get(note, "")


_KINDS = {"township": "镇街", "park": "园区", "zone": "片区", "industry": "行业"}

_NOTES = {
    "capped": "封顶",
    "floored": "取下限",
    "missing": "缺数据",
    "zero_denominator": "分母不大于零",
    "negative": "值为负",
}

_WORDS: dict[str, Any] = {
    "note_words": _note_words,
    "benchmark_words": benchmark_words, "number": number, "points_working": points_working,
    "last_ranks_words": last_ranks_words, "rule_words": rule_words, "score_working": score_working,
    "short": short, "show": show,
    "statistic_words": statistic_words, "tier_words": tier_words, "value_working": value_working,
    "origins": origin_words, "other_words": other_words, "picture": _picture, "is_figure": _is_figure,
}  # fmt: skip
"""What the page's steps are put into words by."""
