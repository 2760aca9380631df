"""A statistic behind a benchmark as a sum that a pocket calculator can check: its group, and what it comes of."""

from __future__ import annotations

from decimal import Decimal

from mujun.analysis.explanation import InOrder, StatisticStep
from mujun.messages import MessageKey, key, show, text
from mujun.numbers import round_decimal
from mujun.reports.firms.points_text import number
from mujun.reports.firms.words_here import expression_here, label_here


def statistic_words(s: StatisticStep, *, area: bool = False) -> str:
    """A statistic with its group, its members (firms, or areas) and its sums, or with what stands in for it."""
    group = show([f"{label_here(k)} {v}" for k, v in s.group]) if s.group else text("explain_everybody")
    if s.counts is not None:
        group = text("explain_who_counts", group=group, condition=expression_here(*s.counts))
    if s.value is None and s.instead is not None:
        why: MessageKey = "explain_too_few" if s.members < s.least else "explain_no_number"
        instead = expression_here(*s.instead)
        return text(why, group=group, members=s.members, least=s.least, label=s.label, instead=instead)
    # A quotient has no more true digits than a double: twelve decimals of a large one would not come out again.
    exact = s.value if s.places is None else s.unrounded
    value = number(exact if exact is None or exact == round_decimal(exact, 6) else float(exact))
    if s.places is not None and exact is not None and exact != s.value:
        value = _rounded(exact, value, s)
    return _came_of(s, group, value, area=area)


def _rounded(exact: Decimal, shown: str, s: StatisticStep) -> str:
    """A number before the rules round it, with as many digits as rounding needs, and after."""
    assert s.places is not None
    if round_decimal(Decimal(shown), s.places) != s.value:
        shown = show(exact)
    if s.places > 0:
        return text("explain_rounded", exact=shown, places=s.places, value=number(s.value))
    if s.places == 0:
        return text("explain_rounded_whole", exact=shown, value=number(s.value))
    return text("explain_rounded_to_multiple", exact=shown, multiple=10**-s.places, value=number(s.value))


def _came_of(s: StatisticStep, group: str, value: str, *, area: bool) -> str:
    """How a statistic's number comes of its group."""
    of = label_here(s.of_words or "—")
    if s.of is not None and s.per is not None:
        sums: MessageKey = "explain_ratio_of_sums_of_area" if area else "explain_ratio_of_sums"
        return text(
            sums, group=group, members=s.members, of=of, per=label_here(s.per_words or "—"),
            sum_of=number(s.of), sum_per=number(s.per), value=value,
        )  # fmt: skip
    if s.of is not None:
        mean: MessageKey = "explain_mean_of_area" if area else "explain_mean"
        return text(mean, group=group, members=s.members, of=of, sum_of=number(s.of), value=value)
    sentence: MessageKey = "explain_statistic_of_area" if area else "explain_statistic"
    if s.order is not None and s.value is not None:
        value = _in_order(s.order, s.members, value)
    return text(sentence, group=group, members=s.members, label=s.label, value=value)


def _in_order(order: InOrder, members: int, value: str) -> str:
    """The place of a quantile among values in order, and how it is taken between two of them."""
    whole = int(order.place)
    part = order.place - whole
    taken: MessageKey = "explain_quantile_at" if not part else key(f"explain_quantile_{order.taken}")
    return text(
        taken, members=members, quantile=number(order.quantile), place=number(order.place), first=whole,
        second=whole + 1, low=number(order.low), high=number(order.high), part=number(part), value=value,
    )  # fmt: skip
