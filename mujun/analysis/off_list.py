"""The way off the rectification list: per condition and quantity, the nearest value that makes it no longer hold.

The quantities are found in the comparisons of the condition's own expression. What is computed from a quantity
follows it (less land is more tax per mu); the condition itself is asked, by the engine's expression, until the last
step that holds and the first that does not lie side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from mujun.analysis.levers import FAR, grid_of, step_of
from mujun.analysis.searching import Answer, Asked, Span, search
from mujun.analysis.way_up import Exit
from mujun.dataclass import dataclass
from mujun.fields import FRAME_FIELDS
from mujun.numbers import round_decimal
from mujun.rating.evaluation import following
from mujun.rules.expressions import Compiled, Meaning, tree_of, walk
from mujun.rules.expressions.nodes import Between, Comparison, Name
from mujun.rules.model.rectification import Reason
from mujun.rules.names import read_by_names

if TYPE_CHECKING:
    from mujun.rectification import Listing

CUTS, AT_ONCE = 15, 2000
"""Into how many parts, less one, a bracket is cut at least, and about how many places are asked at once: a round costs
something by itself."""


@dataclass(frozen=True)
class _Lever:
    """A quantity of a condition of a firm, moved one way."""

    row: int
    reason: int
    name: str
    current: Decimal
    step: Decimal
    start: int
    sign: int
    span: Span

    def value(self, steps: int) -> Decimal:
        return (self.start + self.sign * steps) * self.step


def exits_of(listing: Listing, credit_codes: Sequence[str]) -> dict[str, tuple[Exit, ...]]:
    """The ways off the list of some enterprises, by code; those not listed are not in it.

    Args:
        listing: the list.
        credit_codes: the enterprises.
    """
    rows = listing.frame.filter(pl.col("credit_code").is_in(list(credit_codes)), pl.col("listed"))
    rows = _with_what_is_read(rows, listing)
    reasons = [(r, when) for r, when in listing.plan.listing if when is not None]
    quantities = [tuple(quantities_in(listing, when)) for _, when in reasons]
    told = rows.to_dicts()
    levers = [
        lever
        for number, row in enumerate(told)
        for i, (reason, _) in enumerate(reasons)
        if row[f"kept:{reason.id}"]
        for meaning in quantities[i]
        for lever in _levers(number, i, meaning, row)
    ]

    def holds(asked: Sequence[Asked]) -> list[Answer]:
        return [Answer(held) for held in _no_longer(moving, listing, levers, reasons, asked)]

    moving = _read_of(rows, listing, reasons)
    steps = search([lever.span for lever in levers], holds, cuts=CUTS, at_once=AT_ONCE)
    exits: dict[str, tuple[Exit, ...]] = {}
    for number, row in enumerate(told):
        mine: list[Exit] = []
        for i, (reason, when) in enumerate(reasons):
            if row[f"kept:{reason.id}"]:
                ended = [(x, s) for x, s in zip(levers, steps, strict=True) if (x.row, x.reason) == (number, i)]
                mine += _told(listing, reason, when, quantities[i], ended)
        exits[row["credit_code"]] = tuple(mine)
    return exits


def quantities_in(listing: Listing, when: Compiled) -> Iterator[Meaning]:
    """The quantities that a condition compares and a firm can change: figures of this year, indicators, rule fields."""
    tree = tree_of(when.source)
    ruleset = listing.plan.ruleset
    declared = set(listing.plan.file.fields)
    if ruleset.rating is not None:
        declared |= set(ruleset.rating.indicators) | set(ruleset.rating.fields)
    seen: set[str] = set()
    for comparison in walk(tree) if tree is not None else ():
        if not isinstance(comparison, (Comparison, Between)):
            continue
        for word in (node.word for node in walk(comparison) if isinstance(node, Name)):
            meaning = listing.plan.scope.find(word)
            if meaning is None or meaning.name in seen or meaning.kind not in ("exact", "number"):
                continue
            this_year = meaning.name in FRAME_FIELDS and not meaning.name.endswith(("_last", "_last2"))
            if this_year or meaning.name in declared:
                seen.add(meaning.name)
                yield meaning


def _levers(number: int, reason: int, meaning: Meaning, row: Mapping[str, Any]) -> Iterator[_Lever]:
    value = row.get(meaning.name)
    if value is None:
        return
    current = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    size = abs(float(current)) or 1.0
    step = step_of(meaning.name) if meaning.name in FRAME_FIELDS else grid_of(size)
    scale = max(1, int(Decimal(repr(size)) / step))
    for sign, rounding in ((1, ROUND_FLOOR), (-1, ROUND_CEILING)):
        start = int((current / step).to_integral_value(rounding))
        most = scale * FAR if sign > 0 else max(0, start)
        yield _Lever(number, reason, meaning.name, current, step, start, sign, Span(scale, most))


def _no_longer(
    rows: pl.DataFrame,
    listing: Listing,
    levers: Sequence[_Lever],
    reasons: Sequence[tuple[Reason, Compiled]],
    asked: Sequence[tuple[int, int]],
) -> list[bool]:
    """Whether each condition no longer holds at the values asked, by its own expression."""
    no_longer = [False] * len(asked)
    together: dict[tuple[int, str], list[int]] = {}
    for place, (n, _) in enumerate(asked):
        together.setdefault((levers[n].reason, levers[n].name), []).append(place)
    for (reason, name), places in together.items():
        values = [levers[asked[p][0]].value(asked[p][1]) for p in places]
        dtype = rows.schema[name]
        column = (
            pl.Series(name, [float(v) for v in values], dtype=pl.Float64)
            if dtype == pl.Float64
            else _exact(name, values, dtype)
        )
        index = pl.Series([levers[asked[p][0]].row for p in places], dtype=pl.UInt32)
        changed = _followed(rows[index].with_columns(column), listing, name)
        held = changed.select(reasons[reason][1].value.expr.alias("held"))["held"].fill_null(value=False)
        for place, holds in zip(places, held.to_list(), strict=True):
            no_longer[place] = not holds
    return no_longer


def _with_what_is_read(rows: pl.DataFrame, listing: Listing) -> pl.DataFrame:
    """The rows with what the rating's fields and indicators are computed from, which the list itself may not read."""
    if listing.rating is None:
        return rows
    names, known = listing.rating.plan.names, listing.rating.enterprises
    wanted = names.reads | {p.name for level in names.levels for p in (*level.rows, *level.statistics)}
    more = [c for c in known.columns if c in wanted and c not in rows.columns]
    return rows.join(known.select("credit_code", *more), on="credit_code", how="left", maintain_order="left")


def _read_of(rows: pl.DataFrame, listing: Listing, reasons: Sequence[tuple[Reason, Compiled]]) -> pl.DataFrame:
    """Of the rows what the conditions read, and what that is computed from: each step costs by the column."""
    ruled = [listing.plan.policy.names, *([listing.rating.plan.names] if listing.rating is not None else [])]
    read = frozenset[str]().union(*(when.names for _, when in reasons), *(read_by_names(names) for names in ruled))
    return rows.select(name for name in rows.columns if name in read)


def _followed(rows: pl.DataFrame, listing: Listing, moved: str) -> pl.DataFrame:
    """The rows with everything that follows from a quantity that was moved."""
    changed = frozenset({moved})
    if listing.rating is not None:
        rows, changed = following(listing.rating.plan.names, rows, changed)
    return following(listing.plan.policy.names, rows, changed)[0]


def _exact(name: str, values: Sequence[Decimal], dtype: pl.DataType) -> pl.Series:
    wide = pl.Series(name, values, dtype=pl.Decimal(38, 12))
    return wide.cast(dtype)


def _told(
    listing: Listing,
    reason: Reason,
    when: Compiled,
    quantities: Sequence[Meaning],
    ended: Sequence[tuple[_Lever, int | None]],
) -> Iterator[Exit]:
    meanings = listing.plan.scope.meanings
    others = when.names - {m.name for m in quantities}
    needs = tuple(meanings[n].label or n for n in sorted(others) if meanings[n].kind not in ("exact", "number"))
    if not ended:
        yield Exit(reason.id, reason.reason, needs)
        return
    indicators = listing.plan.ruleset.rating.indicators if listing.plan.ruleset.rating is not None else {}
    for meaning in quantities:
        both = [(lever, steps) for lever, steps in ended if lever.name == meaning.name]
        if not both:
            continue
        name, label, lever = meaning.name, meaning.label or meaning.name, both[0][0]
        unit = FRAME_FIELDS[name].unit if name in FRAME_FIELDS else ""
        unit = unit or (
            indicators[name].unit or "" if name in indicators else str(meaning.unit or "").removeprefix("1")
        )
        reached = [(abs(x.value(s) - x.current), x, s) for x, s in both if s is not None]
        if not reached:
            yield Exit(reason.id, reason.reason, needs, name, label, unit, lever.current)
            continue
        _, nearest, steps = min(reached, key=lambda r: r[0])
        target = nearest.value(steps)
        change = round_decimal((target - lever.current) / abs(lever.current), 6) if lever.current else None
        yield Exit(reason.id, reason.reason, needs, name, label, unit, lever.current, target, lever.step, change)
