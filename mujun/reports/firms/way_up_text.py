"""The way up in words and tables, in the language in force: for the terminal and for the firm's page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext

from mujun.analysis.explanation import Explanation
from mujun.analysis.way_up import Bar, Exit, Part, Reach, WayUp
from mujun.fields.here import unit_here
from mujun.messages import MessageKey, clauses, key, show, text
from mujun.numbers import round_decimal
from mujun.reports.firms.points_text import FINEST
from mujun.reports.firms.words_here import expression_here, label_here, with_unit
from mujun.rules.document import Paragraph, Table
from mujun.rules.document import Part as DocumentPart


def way_up_parts(explanation: Explanation) -> Iterator[DocumentPart]:
    """What the next tier takes: sentences and tables."""
    way = explanation.way_up
    if way is None or (way.note == "unranked" and not way.off_list):
        return
    if way.target is None:
        if way.note is not None and way.note != "unranked":
            yield Paragraph(text(key(f"way_note_{way.note}"), tier=way.tier or "—"))
    else:
        yield from _up(way)
    yield from _down(way)
    if way.off_list:
        yield _off(explanation, way.off_list)


def _up(way: WayUp) -> Iterator[DocumentPart]:
    label = text("explain_because", what=way.target, reason=way.target_label) if way.target_label else way.target
    key: MessageKey = "way_target" if way.score_needed is not None else "way_target_plain"
    yield Paragraph(text(key, tier=label, score=way.score, needed=way.score_needed))
    if way.bars:
        yield Paragraph(text("way_barred", tier=way.target, why=[bar_words(b) for b in way.bars]))
        return
    rows = [_row(r) for r in way.alone]
    if rows:
        yield Table(_titles("way_alone_head"), tuple(rows), text("way_alone", tier=way.target))
    if way.together is not None:
        several = [
            text("way_part", label=with_unit(p.label, p.unit), current=_short(p.current), target=_beyond(p))
            for p in way.together.parts
        ]
        rise = f"{show(way.together.change * 100)}%"
        key = "way_together" if len(several) > 1 else "way_together_one"
        yield Paragraph(text(key, change=rise, parts=clauses(several), tier=way.together.tier or "—"))
    elif not any(r.target is not None for r in way.alone):
        yield Paragraph(text("way_not_together", tier=way.target))
    if way.figures:
        rows = [_row(r)[:5] for r in way.figures]
        yield Table(_titles("way_figures_head"), tuple(rows), text("way_figures", tier=way.target))


def _down(way: WayUp) -> Iterator[DocumentPart]:
    if way.falls_to is None:
        return
    if not way.falling:
        yield Paragraph(text("way_falls_not", tier=way.tier or "—"))
        return
    rows = [(with_unit(r.label, r.unit), _short(r.current), _fallen(r), _change(r), r.tier or "—") for r in way.falling]
    yield Table(_titles("way_falling_head"), tuple(rows), text("way_falling"))


def _fallen(r: Reach) -> str:
    return text("way_any_value_falls") if r.any_value else _short(r.target)


def _off(explanation: Explanation, exits: Sequence[Exit]) -> Table:
    conditions = (
        {r.id: expression_here(r.condition, r.words) for r in explanation.listing.reasons}
        if explanation.listing is not None
        else {}
    )
    rows = []
    for e in exits:
        if e.name is None:
            rows.append((e.reason_text, text("way_off_other", condition=conditions.get(e.reason, "")), "—", "—", "—"))
            continue
        target = _short(e.target) if e.target is not None else text("way_not_alone")
        rows.append((e.reason_text, with_unit(e.label, e.unit), _short(e.current), target, _change(e)))
    return Table(_titles("way_off_head"), tuple(rows), text("way_off"))


def _row(r: Reach) -> tuple[str, ...]:
    """A lever as a row: what, from, to, by how much, what comes of it, and the underlying figure."""
    head = (with_unit(r.label, r.unit), _short(r.current))
    if r.target is None:
        return (*head, text("way_not_alone"), "—", clauses(bar_words(b) for b in r.bars) or "—", "—")
    rank = text("way_rank", score=r.score, rank=r.rank) if r.rank is not None else text("way_fixed")
    if r.any_value:
        return (*head, text("way_any_value"), "—", rank, "—")
    needed = "—"
    if r.needed is not None:
        n = r.needed
        needed = text(
            "way_needed", words=label_here(n.words), current=n.current, target=n.target, unit=unit_here(n.unit)
        )
    return (*head, _short(r.target), _change(r), rank, needed)


def bar_words(bar: Bar) -> str:
    """What stands in the way, in words."""
    if bar.kind == "rule":
        return text("way_bar_rule", reason=bar.reason or bar.id or "")
    why = text("way_bar_why", treatment=text(key(f"treatment_{bar.id}")), reason=bar.reason) if bar.reason else None
    treatment = why or (text(key(f"treatment_{bar.id}")) if bar.kind == "leaves" else "")
    value = f"{_short(bar.value)} {unit_here(bar.unit)}".strip() if bar.value is not None else "—"
    stop = text(key(f"way_bar_{bar.kind}"), value=value, why=treatment)
    if bar.short is None or bar.most is None:
        return stop
    lacking: MessageKey = "way_bar_lacking" if bar.own is None else "way_bar_lacking_own"
    return text(lacking, stop=stop, most=bar.most, short=bar.short, own=bar.own)


def percent(change: Decimal | None, places: int = 2) -> str:
    """A relative change in per cent, with its sign.

    >>> percent(Decimal("0.86641")), percent(Decimal("-0.149892"))
    ('+86.64%', '-14.99%')
    """
    if change is None:
        return "—"
    shown = round_decimal(change * 100, places)
    return f"{'+' if shown > 0 else ''}{show(shown)}%"


def _change(moved: Reach | Exit) -> str:
    """How far the told value is from the told one now: a calculator gives the same of the two figures beside it."""
    if moved.current is None or moved.target is None or not _told(moved.current):
        return "—"
    now, then = _told(moved.current), _told(moved.target)
    with localcontext() as context:
        context.prec = 60
        change = (then - now) / abs(now)
    # What is next to nothing is not nothing.
    places = next((n for n in range(2, FINEST) if round_decimal(change * 100, n)), 2)
    return percent(change, places)


def _short(value: Decimal | None) -> str:
    return "—" if value is None else show(_told(value))


def _told(value: Decimal) -> Decimal:
    """A value as it is told: targets are whole steps and stay, what is now has six decimals, or nine below one."""
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -9 and abs(value) >= Decimal("0.0001"):
        return round_decimal(value, 6 if abs(value) >= 1 else 9)
    return value


def _beyond(part: Part) -> str:
    """A joint target at six decimals (nine below one), rounded to the better side: less might not do."""
    places = 6 if abs(part.target) >= 1 else 9
    better = ROUND_CEILING if part.target > part.current else ROUND_FLOOR
    return show(part.target.quantize(Decimal(1).scaleb(-places), rounding=better))


def _titles(key: MessageKey) -> tuple[str, ...]:
    return tuple(text(key).split("\t"))
