"""An explanation as text for a terminal, in the language in force: each step with its numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TypeGuard

from mujun.analysis.explanation import (
    CutStep,
    Explanation,
    Figure,
    IndicatorStep,
    Origin,
    OtherResult,
    RuleStep,
    StatisticStep,
)
from mujun.fields.here import unit_here
from mujun.messages import MessageKey, clauses, key, language, show, text
from mujun.numbers import round_decimal
from mujun.reports.firms.points_text import benchmark_words, number, points_working, value_working
from mujun.reports.firms.statistics_text import statistic_words
from mujun.reports.firms.way_up_text import way_up_parts
from mujun.reports.firms.words_here import (
    action_here,
    expression_here,
    label_here,
    order_here,
    tenure_here,
    with_unit,
)
from mujun.reports.notice import notice_text
from mujun.rules.document import Document, Heading, Paragraph, Part, Table, chinese_number
from mujun.rules.model.rating import AREAS

TERMINAL = 110
"""Columns of the terminal that tables may take."""


def explanation_text(explanation: Explanation) -> str:
    """An explanation as text, aligned for Chinese and Latin text alike."""
    lines = [text("explain_amounts"), *explanation.amounts] if explanation.amounts else []
    return (
        notice_text(document_of(explanation), TERMINAL)
        + "".join(f"\n{line}" for line in lines)
        + ("\n" if lines else "")
    )


def document_of(explanation: Explanation) -> Document:
    """An explanation as a document: headings, sentences and tables of texts."""
    parts: list[Part] = [*_head(explanation)]
    number_of = 0
    sections: tuple[tuple[MessageKey, Iterator[Part]], ...] = (
        ("explain_records", _records(explanation)),
        ("explain_points", _points(explanation)),
        ("explain_sum", _sum(explanation)),
        ("explain_ranking", _ranking(explanation)),
        ("explain_list", _list(explanation)),
        ("explain_way_up", way_up_parts(explanation)),
    )
    for heading, several in sections:
        section = list(several)
        if section:
            number_of += 1
            parts += [Heading(text("explain_heading", number=counted(number_of), heading=text(heading))), *section]
    parts += list(_missing(explanation))
    return Document(title_of(explanation), tuple(parts))


def title_of(explanation: Explanation) -> str:
    """What an explanation is called: of whom, and of which year."""
    # An area has no code but its name.
    key: MessageKey = "explain_title" if explanation.name != explanation.credit_code else "explain_title_of_area"
    return text(key, name=explanation.name, code=explanation.credit_code, year=explanation.basis.year or "—")


def of_area(explanation: Explanation) -> bool:
    """Whether it is of a township, park, zone or industry: those are counted and called otherwise than firms."""
    return explanation.subject_kind in AREAS


def here_words(explanation: Explanation) -> str:
    """The mark beside whom it is about."""
    return text(key(f"explain_here_{explanation.subject_kind}")) if of_area(explanation) else text("explain_here")


def counted(position: int) -> str:
    """The number of a heading: 三、 in Chinese, 3. in English."""
    return f"{chinese_number(position)}、" if language() == "zh" else f"{position}. "


def measured(value: object, unit: str) -> str:
    """A number with its unit."""
    plain = number(value)
    return f"{plain} {unit_here(unit)}" if unit and value is not None else plain


# ------------------------------------------------------------------------------------------------------ head and data


def _head(explanation: Explanation) -> Iterator[Part]:
    basis = explanation.basis
    run = basis.run if basis.run is not None else "—"
    yield Paragraph(
        text("explain_basis", rules=basis.name, run=run, batch=basis.batch or "—", digest=basis.rule_digest[:12])
    )
    yield Paragraph(text("explain_documents", documents=[d.title for d in basis.documents] or ["—"]))
    if not basis.binding:
        yield Paragraph(text("explain_trial"))
    treatment = text(key(f"treatment_{explanation.treatment}"))
    if explanation.reason and explanation.treatment != "rated":
        treatment = text("explain_because", what=treatment, reason=explanation.reason)
    yield Paragraph(text("explain_who", treatment=treatment, cohort=explanation.cohort_label or "—"))
    tier = tier_words(explanation)
    if explanation.treatment == "out" and explanation.reason is None and explanation.scope_formula is not None:
        scope = expression_here(explanation.scope_formula, explanation.scope)
        yield Paragraph(text("explain_out_of_scope", scope=scope))
    if explanation.cut is not None and explanation.cut.rank is not None and explanation.score is not None:
        yield Paragraph(
            text(
                "explain_result_of_area" if of_area(explanation) else "explain_result",
                tier=tier,
                score=explanation.score.score,
                rank=explanation.cut.rank,
                size=explanation.cut.size,
            )
        )
    else:
        yield Paragraph(text("explain_result_plain", tier=tier))
    if len(explanation.members) > 1:
        names = [m.name or m.credit_code for m in explanation.members]
        yield Paragraph(text("explain_pooled", subject=explanation.subject, count=len(names), members=names))
    if explanation.other is not None:
        yield Paragraph(other_words(explanation.other))


def other_words(other: OtherResult) -> str:
    """The result that does not count, in a sentence."""
    way, counts = text(key(f"rate_way_{other.way}")), text(key(f"rate_way_{other.counts}"))
    if other.rank is None:
        place = text("explain_other_unranked", tier=other.tier or "—")
    else:
        place = text(
            "explain_other_ranked", score=other.score, cohort=other.cohort_label or "—", rank=other.rank,
            size=other.size, tier=other.tier or "—",
        )  # fmt: skip
    return text("explain_other", counts=counts, way=way, members=list(other.members), said=place)


def tier_words(explanation: Explanation) -> str:
    """The tier with its name."""
    if explanation.tier is None:
        return text("explain_untiered", managed=explanation.managed_as) if explanation.managed_as is not None else "—"
    plain = (
        explanation.tier
        if explanation.tier_label in (None, explanation.tier)
        else text("explain_because", what=explanation.tier, reason=explanation.tier_label)
    )
    return (
        plain
        if explanation.managed_as is None
        else text("explain_managed_as", tier=plain, managed=explanation.managed_as)
    )


def origin_words(origins: Iterable[Origin]) -> list[str]:
    """Where figures stand; what stands in one row is told together, each member's part under its name."""
    by_place: dict[str, list[str]] = {}
    origins = list(origins)
    times = Counter(o.field for o in origins)
    for o in origins:
        place = " ".join(p for p in (o.file, o.sheet) if p)
        parts = by_place.setdefault(text("explain_place", place=place, row=o.row, batch=o.batch), [])
        told = _part(o, several=times[o.field] > 1)
        if told:
            parts.append(f"{o.member} {told}" if o.member is not None else told)
    return [text("explain_part", parts=parts, place=p) if parts else p for p, parts in by_place.items()]


def _part(origin: Origin, *, several: bool) -> str:
    """What one row brings to a figure, where the figure alone does not say it."""
    value = measured(origin.value, origin.unit)
    if origin.field == "labels":
        return origin.record or ""
    if origin.field.startswith("emissions_t"):
        return f"{label_here(origin.label)} {value}"
    # What is made up of several rows, of members or under an old and a new code, can be added up by the reader.
    if origin.field.startswith("land_mu"):
        # Such a record begins with what ground it is, then its parcel and the other side of a lease.
        tenure, _, rest = (origin.record or "").partition(" ")
        return " ".join(p for p in (tenure_here(tenure), rest, value) if p)
    if (several or origin.member is not None) and origin.value is not None:
        return f"{origin.record or ''} {value}".strip()
    return ""


def _working(figure: Figure) -> str:
    """A figure as its members' parts and their sum, where it is one; else the figure."""
    parts = [Decimal(o.value) for o in figure.origins if o.member is not None and _is_number(o.value)]
    if len(parts) < 2 or not isinstance(figure.value, Decimal) or sum(parts) != figure.value:
        return _value(figure)
    return f"{' + '.join(show(p) for p in parts)} = {show(figure.value)}"


def _is_number(value: str | None) -> TypeGuard[str]:
    return value is not None and re.fullmatch(r"-?[0-9]+(?:\.[0-9]+)?", value) is not None


def _value(figure: Figure) -> str:
    value = figure.value
    if isinstance(value, bool):
        return text("yes") if value else text("no")
    if isinstance(value, tuple):
        return show(value) or "—"
    return number(value) if value is not None else text("explain_blank")


def _records(explanation: Explanation) -> Iterator[Part]:
    rows: list[tuple[str, ...]] = []
    for figure in explanation.figures:
        places = origin_words(figure.origins)
        rows.append((label_here(figure.label), _working(figure), unit_here(figure.unit), clauses(places) or "—"))
    yield Table(tuple(text("explain_records_head").split("\t")), tuple(rows))
    formulas = [
        (
            label_here(c.label), expression_here(c.formula, c.words),
            _value(Figure(c.name, c.label, c.unit, c.value)), unit_here(c.unit),
        )
        for c in explanation.computed
    ]  # fmt: skip
    if formulas:
        yield Table(tuple(text("explain_computed_head").split("\t")), tuple(formulas))
    if len(explanation.members) > 1:
        names = list(dict.fromkeys(n for m in explanation.members for n, _ in m.parts))
        labels = {f.name: f.label for f in explanation.figures}
        shown = [(m.name or m.credit_code, *(number(dict(m.parts).get(n)) for n in names)) for m in explanation.members]
        yield Table(
            (text("explain_member"), *(label_here(labels.get(n, n)) for n in names)),
            tuple(shown),
            text("explain_members"),
        )


# ------------------------------------------------------------------------------------------------------------- points


def _points(explanation: Explanation) -> Iterator[Part]:
    rows, area = [], of_area(explanation)
    for step in explanation.indicators:
        rows.append(
            (
                with_unit(step.label, step.unit),
                value_working(step),
                *(("—", "—") if not step.scored else (benchmark_words(step), points_working(step, area=area))),
            )
        )
    if rows:
        yield Table(tuple(text("explain_points_columns").split("\t")), tuple(rows))
    yield from _benchmarks(explanation)


def _benchmarks(explanation: Explanation) -> Iterator[Part]:
    rows = [
        (step.label, benchmark_words(step), _of_statistic(s, step, area=of_area(explanation)))
        for step in explanation.indicators
        if step.scored
        for s in step.statistics
        if s.told
    ]
    if rows:
        yield Table(tuple(text("explain_benchmark_head").split("\t")), tuple(rows), text("explain_benchmarks"))


def _of_statistic(s: StatisticStep, step: IndicatorStep, *, area: bool) -> str:
    """A statistic, and how the benchmark comes of it where it is not the benchmark itself."""
    words = statistic_words(s, area=area)
    if s.value is None or s.stands_in or float(s.value) == step.benchmark:
        return words
    return text(
        "explain_benchmark_of",
        words=expression_here(step.benchmark_formula or "—", step.benchmark_words),
        statistic=words,
    )


# --------------------------------------------------------------------------------------------- score, ranking, rules


def _sum(explanation: Explanation) -> Iterator[Part]:
    if explanation.score is None:
        return
    score = explanation.score
    given = [a for a in score.adjustments if a.points]
    if given:
        rows = [
            (a.label, expression_here(a.condition or "—", a.words), number(a.points), a.family or "—") for a in given
        ]
        yield Table(tuple(text("explain_adjustments_head").split("\t")), tuple(rows))
    for a in given:
        if a.working is not None:
            yield Paragraph(text("explain_points_working", label=a.label, working=a.working, points=a.points))
    for family in score.families:
        if any(a.family == family.name for a in given):
            limit = [text("limit_at_most", most=family.most)] if family.most is not None else []
            limit += [text("limit_at_least", least=family.least)] if family.least is not None else []
            yield Paragraph(text("explain_family", family=family.name, limit=limit or ["—"], points=family.points))
    yield Paragraph(score_working(explanation))


def score_working(explanation: Explanation) -> str:
    """The sum that makes the score."""
    assert explanation.score is not None
    score = explanation.score
    terms = [number(s.points) for s in explanation.indicators if s.scored and s.points is not None]
    extra = [f.points for f in score.families if f.points] + [
        a.points for a in score.adjustments if a.family is None and a.points
    ]
    total = " + ".join(terms) or "0"
    adjusted = "".join(f" {'+' if p > 0 else '−'} {number(abs(p))}" for p in extra)
    limits = []
    if score.least is not None:
        limits.append(text("limit_at_least", least=score.least))
    if score.most is not None:
        limits.append(text("limit_at_most", most=score.most))
    summed = sum((s.points for s in explanation.indicators if s.scored and s.points is not None), Decimal(0)) + sum(
        extra
    )
    came_to = round_decimal(summed, score.places)
    sentence: MessageKey = "explain_score_limited" if limits else "explain_score_sum"
    if came_to != score.score:
        sentence = "explain_score_cut"
    return text(
        sentence, terms=total + adjusted, score=score.score, places=score.places, limits=limits, sum=number(came_to)
    )  # fmt: skip


def _ranking(explanation: Explanation) -> Iterator[Part]:
    cut, area = explanation.cut, of_area(explanation)
    if cut is not None:
        cell = show([v for _, v in cut.cell]) if cut.cell else text("explain_everybody")
        ranked: MessageKey = "explain_cell_of_area" if area else "explain_cell"
        yield Paragraph(text(ranked, cell=cell, size=cut.size, base=cut.base, by=[order_here(by) for by in cut.by]))
        rows = []
        for place in cut.places:
            limit = "—"
            if place.last_rank is not None:
                limit = text("explain_last_rank", share=place.share, rank=place.last_rank)
            elif place.threshold is not None:
                limit = text("limit_at_least", least=place.threshold)
            mine = here_words(explanation) if place.tier == cut.tier else ""
            rows.append((place.tier, place.label, limit, mine))
        if rows:
            yield Table(tuple(text("explain_cut_head").split("\t")), tuple(rows))
        yield from (Paragraph(said) for said in last_ranks_words(cut))
        for pick in cut.picks:
            yield Paragraph(pick)
        for tier, count in cut.fixed:
            yield Paragraph(text("explain_fixed", tier=tier, count=count))
        if cut.rank is not None:
            ranked = "explain_rank_words_of_area" if area else "explain_rank_words"
            if cut.tier is None:
                ranked = "explain_rank_plain_of_area" if area else "explain_rank_plain"
            yield Paragraph(text(ranked, rank=cut.rank, size=cut.size, tier=cut.tier or "—"))
    yield from (Paragraph(rule_words(rule)) for rule in explanation.rules if rule.matched or rule.met)
    if cut is not None or explanation.rules:
        yield Paragraph(text("explain_final", tier=tier_words(explanation)))


def last_ranks_words(cut: CutStep) -> Iterator[str]:
    """How the last ranks of a cut by shares are counted."""
    if any(place.last_rank is not None for place in cut.places):
        rounding, ties = text(key(f"explain_rounding_{cut.rounding}")), text(key(f"explain_ties_{cut.ties}"))
        yield text("explain_last_ranks", rounding=rounding, ties=ties)


def rule_words(rule: RuleStep) -> str:
    """A rule around the cut that held, with the labels it matched, and what became of the tier."""
    effect: MessageKey = (
        "explain_rule_changed" if rule.changed else "explain_rule_matched" if rule.matched else "explain_rule_barred"
    )
    sentence: MessageKey = "explain_rule_labels" if rule.labels else "explain_rule_words"
    return text(
        sentence, reason=rule.reason, condition=expression_here(rule.condition, rule.words),
        labels=list(rule.labels), action=action_here(rule.action),
        effect=text(effect),
    )  # fmt: skip


def _list(explanation: Explanation) -> Iterator[Part]:
    listing = explanation.listing
    if listing is None:
        return
    for reason in listing.reasons:
        values = [
            f"{label_here(v.label)} {v.value if v.value is not None else '—'} {unit_here(v.unit)}".rstrip()
            for v in reason.values
        ]
        key: MessageKey = "explain_reason" if reason.exempted_by is None else "explain_reason_exempted"
        yield Paragraph(
            text(
                key, reason=reason.reason, condition=expression_here(reason.condition, reason.words),
                values=values or ["—"], exempt=reason.exempted_by,
            )
        )  # fmt: skip
    documents = list(listing.documents) or ["—"]
    if listing.listed:
        yield Paragraph(
            text("explain_listed", path=listing.path or "—", deadline=listing.deadline or "—", documents=documents)
        )
    else:
        yield Paragraph(text("explain_not_listed", documents=documents))


def _missing(explanation: Explanation) -> Iterator[Part]:
    for m in explanation.missing:
        yield Paragraph(text("explain_missing", where=m.rule, missing=[label_here(one) for one in m.labels]))
