"""The townships figure by figure in papers: who leads, who trails, and a table of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from mujun.monitoring.standing import Placed
from mujun.reports.monitoring.course import Course
from mujun.reports.monitoring.wording import number, place_words
from mujun.reports.official.document import Annex, Part
from mujun.rules.document import Heading, Paragraph, Table
from mujun.rules.model import Target

LEAGUES = 4
"""By how many figures the townships are told of in the text; all are in the annex."""
COLUMNS = 6
"""Figures beside one another in an annex of townships."""


def township_parts(course: Course) -> Iterator[Part]:
    """A township's own places, or who leads and who trails by the first figures."""
    told = course.told
    shown = {s.target.id: s.target for s in course.figures}
    places = {figure: several_ for figure, several_ in told.places.items() if figure in shown}
    if told.township is not None:
        mine = [
            (shown[f], p, len(those))
            for f, those in places.items()
            for p in those
            if p.township == told.township and len({q.rank for q in those}) > 1
        ]
        if mine:
            yield Heading("在各镇街中的位次")
            words = (f"{t.label}{number(p.value)}{t.unit}，在 {count} 个镇街中列第 {p.rank}" for t, p, count in mine)
            yield Paragraph("；".join(words) + "。")
        return
    if not places:
        return
    yield Heading("镇街情况")
    # Those that the plan breaks down to townships come first; where all are alike there is nothing to tell.
    differing = [f for f, those in places.items() if len({p.rank for p in those}) > 1]
    by_aim = sorted(differing or list(places), key=lambda f: not shown[f].townships)
    for figure in by_aim[:LEAGUES]:
        yield Paragraph(_league(shown[figure], places[figure]))


def _league(target: Target, ranked: Sequence[Placed]) -> str:
    firsts, lasts = ranked[:3], ranked[-3:] if len(ranked) > 6 else ranked[3:]
    if len({p.rank for p in ranked}) == 1:
        return f"{target.label}：{len(ranked)} 个镇街相同，都是{number(ranked[0].value)}{target.unit}。"
    firsts_told = f"{target.label}：居前的是{'、'.join(place_words(p, target.unit) for p in firsts)}"
    return firsts_told + (f"；居后的是{'、'.join(place_words(p, target.unit) for p in lasts)}。" if lasts else "。")


def league_annexes(course: Course) -> Iterator[Annex]:
    """Every township by every figure that is told of townships."""
    told = course.told
    shown = {s.target.id: s.target for s in course.figures}
    places = {f: {p.township: p for p in those} for f, those in told.places.items() if f in shown}
    if told.township is not None or not places:
        return
    for at, few in enumerate(_few(places, COLUMNS)):
        titles = ("镇街", *(f"{shown[f].label}\n{shown[f].unit}" for f in few))
        rows = [(name, *(_placed(places[f].get(name)) for f in few)) for name in told.townships]
        mark = f"（{at + 1}）" if len(places) > COLUMNS else ""
        yield Annex(
            f"各镇街分指标{mark}", Table(titles, tuple(rows), small=True), "括号内为名次", (1.2, *(1.0 for _ in few))
        )


def _few(names: Iterable[str], most: int) -> Iterator[tuple[str, ...]]:
    rest = iter(names)
    while few := tuple(islice(rest, most)):
        yield few


def _placed(p: Placed | None) -> str:
    return "—" if p is None else f"{number(p.value)}\n（{p.rank}）"
