"""An indicator's points as a sum that a pocket calculator can check: the printed figures give the printed points.

Figures are shown with as few decimals as that takes: six mostly, nine or twelve where the sixth would tip the rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal, localcontext

from mujun.analysis.explanation import IndicatorStep
from mujun.messages import MessageKey, key, show, text
from mujun.numbers import round_decimal
from mujun.rules.methods import METHODS, RATIO, Figures, Working

FINEST = 12
"""Decimals at which values and benchmarks are taken; there are no more."""


def number(value: object, places: int | None = None) -> str:
    """A number as a reader checks it: exact ones as they are, floats with enough digits for a calculator.

    >>> number(29.127178465625), number(0.024599947302), number(Decimal("15.0000"))
    ('29.127178', '0.024599947', '15')
    """
    if value is None:
        return "—"
    if isinstance(value, float):
        return show(round_decimal(Decimal(repr(value)), _usual(value) if places is None else places))
    return show(value)


def short(value: object) -> str:
    """A number for the eye: two decimals of a large one, four of a small one, of a tiny one three digits that count.

    >>> short(1234.56789), short(29.127178465625), short(0.000123456), short(Decimal("15.0000"))
    ('1234.57', '29.1272', '0.000123', '15')
    """
    if value is None or not isinstance(value, (float, Decimal)):
        return number(value)
    size = abs(float(value))
    places = 2 if size >= 100 else 4 if size >= 0.01 or size == 0 else 2 - math.floor(math.log10(size))
    exact = Decimal(repr(value)) if isinstance(value, float) else value
    return show(round_decimal(exact, min(places, FINEST)))


def _usual(value: float) -> int:
    size = abs(value)
    return 6 if size >= 1 or size == 0 else 9 if size >= 0.01 else FINEST


Shown = Callable[[float], str]


def points_working(step: IndicatorStep, *, area: bool = False) -> str:
    """How the points come about, with what capped or replaced them."""
    points = number(step.points)
    if step.policy is not None or step.note in ("missing", "zero_denominator", "negative"):
        policy = text(key(f"explain_policy_{step.policy}")) if step.policy is not None else "—"
        parameters = dict(step.parameters)
        if "cohort_points" in parameters:
            total, members = number(parameters["cohort_points"]), number(parameters["cohort_members"])
            mean: MessageKey = "explain_cohort_mean_of_area" if area else "explain_cohort_mean"
            policy = text(mean, policy=policy, total=total, members=members)
            if "cohort_most" in parameters:
                times, most = step.cap or 0, number(parameters["cohort_most"])
                policy = text("explain_cohort_most", mean=policy, weight=weight_words(step), times=times, most=most)
        return text("explain_points_policy", note=text(key(f"explain_note_{step.note}")), policy=policy, points=points)
    raw = working(step).words
    if step.note == "capped":
        return text("explain_capped", raw=raw, weight=weight_words(step), times=step.cap, points=points)
    if step.note == "floored":
        if not step.floor:
            return text("explain_floored", raw=raw, points=points)
        return text("explain_floored_at", raw=raw, weight=weight_words(step), times=step.floor, points=points)
    if step.note is not None and step.note.startswith("fallback:"):
        return text("explain_fallback", raw=raw, points=points)
    return f"{raw} = {points}"


def value_working(step: IndicatorStep) -> str:
    """How the value comes about: `1140.5038 ÷ 39.156 = 29.127178`."""
    places = _places(step, step.value)
    if step.of is None or step.per is None:
        return number(step.value, places)
    value = _quotient(step.of.value, step.per.value, step.value, places)
    return f"{number(step.of.value)} ÷ {number(step.per.value)} = {value}"


def _quotient(of: object, per: object, value: float | None, places: int | None) -> str:
    """A value with as many decimals as a calculator gives again: it was rounded once already, at the twelfth."""
    usual = number(value, places)
    if value is None or not isinstance(of, Decimal) or not isinstance(per, Decimal) or not per:
        return usual
    with localcontext() as context:
        context.prec = 40
        exact = of / per
    for least in (len(usual.partition(".")[2]), 9):
        if number(value, least) == show(round_decimal(exact, least)):
            return number(value, least)
    return number(value, FINEST)


def benchmark_words(step: IndicatorStep) -> str:
    """The benchmark with as many digits as the points need."""
    return number(step.benchmark, _places(step, step.benchmark)) if step.benchmark is not None else "—"


def working(step: IndicatorStep) -> Working:
    """The sum behind the points before caps, with as many decimals as its printed figures need."""
    shown = _working(step, number)
    for least in (9, FINEST):
        if _agrees(step, shown):
            break
        shown = _working(step, _at(least))
    return shown


def _at(least: int) -> Shown:
    return lambda value: number(value, max(least, _usual(value)) if isinstance(value, float) else None)


def _places(step: IndicatorStep, value: float | None) -> int | None:
    """The decimals that the points' working shows of a figure."""
    if value is None or not step.scored or step.points is None or step.note is not None:
        return None
    for least in (0, 9, FINEST):
        shown = _at(least) if least else number
        if _agrees(step, _working(step, shown)):
            return max(least, _usual(value))
    return max(FINEST, _usual(value))


def _agrees(step: IndicatorStep, shown: Working) -> bool:
    """Whether the printed figures give the printed points; where something acted on them they need not."""
    if shown.result is None or step.points is None or (step.note is not None and not step.note.startswith("fallback")):
        return True
    exponent = step.points.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    return round_decimal(shown.result, max(0, places)) == step.points


def weight_words(step: IndicatorStep) -> str:
    """The weight; where others' weight came to it, how."""
    parameters = dict(step.parameters)
    if "all_weights" in parameters:
        whole, left = number(parameters["all_weights"]), number(parameters["weights_left"])
        return f"{number(step.weight)} × {whole} ÷ {left}"
    return number(step.weight_used)


def _working(step: IndicatorStep, shown: Shown) -> Working:
    parameters = dict(step.parameters)
    weight = weight_words(step)
    with localcontext() as context:
        context.prec = 40
        scale = _weight(step)
        value = shown(step.value_used) if step.value_used is not None else "—"
        base = shown(step.benchmark) if step.benchmark is not None else "—"
        figures = Figures(weight, scale, value, base, parameters, step.method_words or "", shown, number)
        return METHODS[step.method or RATIO.name].working(figures)


def _weight(step: IndicatorStep) -> Decimal:
    parameters = dict(step.parameters)
    if "all_weights" in parameters and step.weight is not None:
        return step.weight * Decimal(number(parameters["all_weights"])) / Decimal(number(parameters["weights_left"]))
    return Decimal(number(step.weight_used)) if step.weight_used is not None else Decimal(0)
