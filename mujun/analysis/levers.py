"""What a subject could change: its indicators one by one, several together, and the figures of its records."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from mujun.analysis.searching import Span
from mujun.dataclass import dataclass
from mujun.fields import FRAME_FIELDS
from mujun.rating.change import Change
from mujun.rules.expressions import Compiled
from mujun.rules.names import FieldPlan
from mujun.rules.rating_plan import RatingPlan

Row = Mapping[str, Any]

MILLIONTH = Decimal("0.000001")
FAR = 1000
"""How many times its own size (or its benchmark's) a value may become before it counts as out of reach."""

_STEPS: dict[str, Decimal] = {
    "money": Decimal("0.0001"), "area": Decimal("0.0001"), "energy": Decimal("0.01"),
    "energy_calorific": Decimal("0.01"), "power": Decimal(1), "volume": Decimal(1), "mass": Decimal("0.0001"),
    "heat": Decimal("0.01"),
}  # fmt: skip
"""To what a figure is told: 元, 0.0001 亩, 0.01 tce, kWh, m³, 0.1 kg, 0.01 GJ."""

SAVED: frozenset[str] = frozenset({"area", "energy", "energy_calorific", "power", "volume", "mass", "heat"})
"""What a firm can use less of: land, energy, power, water and emissions. Nobody is told to employ fewer people."""


@dataclass(frozen=True)
class Lever:
    """Something that can be moved in steps, one direction, from where it is.

    Attributes:
        subject: whose.
        kind: `indicator`, `figure` or `joint`.
        name: of the indicator or figure.
        current: where it is.
        step: the grid, positive.
        span: how far.
        value: the value after so many steps.
        change: what is put in after so many steps.
        missing: there is no value yet; `current` is where a first one would stand.
    """

    subject: str
    kind: str
    name: str
    current: Decimal
    step: Decimal
    span: Span
    value: Callable[[int], Decimal]
    change: Callable[[int], Change]
    missing: bool = False


def grid_of(size: float) -> Decimal:
    """The step of values of a size: six decimals, nine below a tenth, twelve below a ten-thousandth.

    >>> grid_of(25.0), grid_of(0.024)
    (Decimal('0.000001'), Decimal('1E-9'))
    """
    return Decimal(1).scaleb(-6 if size >= 0.1 else -9 if size >= 0.0001 else -12)


def indicator_lever(row: Row, name: str, *, up: bool) -> Lever:
    """An indicator of a subject, upwards or downwards on a grid of round values.

    Args:
        row: the subject, with the indicator and `<id>_benchmark`.
        name: the indicator. One without a value stands nowhere yet: its first step is to zero, or, where less is
            better, to the far end.
        up: the direction in which the value moves.
    """
    value = Decimal(repr(row[name])) if row[name] is not None else Decimal(0)
    size = max(abs(float(value)), abs(row.get(f"{name}_benchmark") or 0.0)) or 1.0
    step = grid_of(size)
    scale = max(1, int(Decimal(repr(size)) / step))
    if row[name] is not None:
        start = int((value / step).to_integral_value(ROUND_FLOOR if up else ROUND_CEILING))
    else:
        start = -1 if up else scale * FAR + 1
    span = Span(scale, scale * FAR if up else max(0, start))
    sign, per_one = 1 if up else -1, int(1 / step)
    # Whole numbers divide to the very double of the decimal, and sooner.
    return Lever(
        row["subject"], "indicator", name, value, step, span, lambda steps: (start + sign * steps) * step,
        lambda steps: Change(row["subject"], {name: (start + sign * steps) / per_one}), row[name] is None,
    )  # fmt: skip


def joint_lever(row: Row, names: tuple[str, ...], lower: Container[str]) -> Lever:
    """Several indicators moved by the same relative change, in millionths; those where lower is better move down."""
    most = 10**6 if any(n in lower for n in names) else 10**8
    parts = [(n, *_whole(Decimal(repr(row[n]))), -1 if n in lower else 1) for n in names]

    def at(steps: int) -> dict[str, float]:
        return {n: _at12(whole * (10**6 + sign * steps), places + 6) for n, whole, places, sign in parts}

    return Lever(
        row["subject"], "joint", "", Decimal(0), MILLIONTH, Span(10**6, most), lambda steps: steps * MILLIONTH,
        lambda steps: Change(row["subject"], at(steps)),
    )  # fmt: skip


def _whole(value: Decimal) -> tuple[int, int]:
    """A number as a whole number of 10⁻ⁿ, and n."""
    places = max(0, -int(value.as_tuple().exponent))
    return int(value.scaleb(places)), places


def _at12(whole: int, places: int) -> float:
    """A whole number of 10⁻ⁿ at 12 decimals, halves to the even one: whole numbers divide to the double of the decimal.

    >>> _at12(1_234_567_890_123_456_5, 16), float(round(Decimal("1.2345678901234565"), 12))
    (1.234567890123, 1.234567890123)
    """
    if places > 12:
        unit = 10 ** (places - 12)
        whole, rest = divmod(whole, unit)
        whole += 2 * rest > unit or (2 * rest == unit and whole % 2 == 1)
    below: int = 10 ** min(places, 12)
    return whole / below


def figure_lever(row: Row, name: str, current: Decimal, firm: str | None, *, up: bool) -> Lever:
    """A figure of a firm's records, in steps that are told in practice: 元, kWh, 0.01 tce.

    Args:
        row: the subject.
        name: the frame's field.
        current: the firm's figure.
        firm: the enterprise, where the subject is pooled.
        up: the direction.
    """
    step = step_of(name)
    scale = max(1, int(abs(current) / step))
    # A divisor does not go down to nothing: there would be no ratio.
    span = Span(scale, scale * FAR if up else max(0, -int(-current // step) - 1))
    sign = 1 if up else -1

    def at(steps: int) -> Decimal:
        return current + sign * steps * step

    return Lever(
        row["subject"], "figure", name, current, step, span, at,
        lambda steps: Change(row["subject"], figures={name: at(steps)}, firm=firm),
    )  # fmt: skip


def step_of(name: str) -> Decimal:
    """The step in which a figure is told."""
    dimensions = FRAME_FIELDS[name].measured_in.dimensions
    return _STEPS.get(dimensions[0][0], MILLIONTH) if len(dimensions) == 1 else MILLIONTH


def figures_behind(plan: RatingPlan, cohort: str, lower: Container[str] = ()) -> Iterator[tuple[str, bool]]:
    """The figures that would raise a cohort's scored indicators, each with its direction: True is more.

    A figure that would help one indicator and harm another in the same direction of points is told once, upwards; what
    is only a divisor is told downwards where a firm can use less of it. `lower` are the indicators of which lower is
    better.
    """
    above: dict[str, None] = {}
    below: dict[str, None] = {}
    fields = {p.name: p for p in plan.names.all_of(FieldPlan) if isinstance(p, FieldPlan)}
    indicators = {p.name: p for p in plan.indicators}
    for name in plan.rating.scoring[cohort].items:
        indicator = indicators[name]
        over, under = (indicator.per, indicator.of) if name in lower else (indicator.of, indicator.per)
        above |= dict.fromkeys(_quantities(over or indicator.value, fields))
        below |= dict.fromkeys(_quantities(under, fields))
    for name in above:
        yield name, True
    for name in below:
        dimensions = dict(FRAME_FIELDS[name].measured_in.dimensions)
        if name not in above and dimensions.keys() & SAVED:
            yield name, False


def _quantities(compiled: Compiled | None, fields: Mapping[str, FieldPlan]) -> Iterator[str]:
    """The frame's quantities of this year that an expression reads, straight or through the rules' fields."""
    waiting = sorted(compiled.names) if compiled is not None else []
    seen: set[str] = set()
    while waiting:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        if name in fields:
            inner = fields[name].compiled
            waiting += sorted(inner.names) if inner is not None else []
        elif name in FRAME_FIELDS and FRAME_FIELDS[name].kind == "quantity" and not name.endswith(("_last", "_last2")):
            yield name
