"""The way up as an object: what reaches the next tier, how close falling is, and the way off the list."""

from __future__ import annotations

from decimal import Decimal

from mujun.dataclass import dataclass


@dataclass(frozen=True)
class Bar:
    """What stands in the way.

    `kind` is `cap` (the points are capped), `rule` (a rule of the tiers, `id` and `reason`), `range` (no value as far
    as `value` does it) or `leaves`: at `value` the subject is no longer rated (`id` is its treatment then, `reason`
    that of the special case), and no value before does it. `most` is the best score on the way, `own` the part of it
    that the subject's own penalties take, `short` how much is lacking at the best.
    """

    kind: str
    id: str | None = None
    reason: str | None = None
    short: Decimal | None = None
    value: Decimal | None = None
    unit: str = ""
    most: Decimal | None = None
    own: Decimal | None = None


@dataclass(frozen=True)
class Needed:
    """The underlying figure that gives an indicator's target, its other side staying: from what to what."""

    words: str
    unit: str
    current: Decimal
    target: Decimal
    change: Decimal | None


@dataclass(frozen=True)
class Reach:
    """One lever: an indicator, or a figure of the records, and the value that reaches a tier by itself.

    With `target` put in and everything rated again the subject is in `tier`, with this `score` and `rank`; with one
    `step` less it is not. Of an indicator the sums of the county stay as they are; of a figure everything follows that
    depends on it, other indicators and the peers' benchmarks too. `change` is relative (0.25 is 25 % more). Without a
    target, `bars` say what stands in the way. `any_value`: the value is missing, and once it is reported any will do.
    """

    kind: str
    name: str
    label: str
    unit: str
    current: Decimal | None
    target: Decimal | None = None
    step: Decimal | None = None
    change: Decimal | None = None
    tier: str | None = None
    score: Decimal | None = None
    rank: int | None = None
    needed: Needed | None = None
    bars: tuple[Bar, ...] = ()
    any_value: bool = False


@dataclass(frozen=True)
class Part:
    """An indicator's part in a joint improvement."""

    name: str
    label: str
    unit: str
    current: Decimal
    target: Decimal


@dataclass(frozen=True)
class Joint:
    """The smallest equal relative improvement of several indicators together that reaches the tier.

    `change` is a whole number of millionths: with one millionth less the tier is not reached.
    """

    change: Decimal
    parts: tuple[Part, ...]
    tier: str | None
    score: Decimal | None
    rank: int | None


@dataclass(frozen=True)
class Exit:
    """One condition of the list and one of its quantities: the nearest value with which the condition no longer holds.

    `reason` is the condition's id. With `target` put in, what is computed from it following and all else staying, the
    condition does not hold; one `step` nearer it still does. Without a target the quantity alone does not do it. A
    condition without quantities has one exit without `name`; `needs` names what it looks at that is no quantity (the
    tier, labels, the scale).
    """

    reason: str
    reason_text: str
    needs: tuple[str, ...] = ()
    name: str | None = None
    label: str = ""
    unit: str = ""
    current: Decimal | None = None
    target: Decimal | None = None
    step: Decimal | None = None
    change: Decimal | None = None


@dataclass(frozen=True)
class WayUp:
    """What a subject's next tier takes, how close it is to falling, and the way off the list.

    `note` says why there is no way up: `best` (there is no better tier), `unranked` (it holds no rank), `elsewhere`
    (its tier is not given by the cut). `score_needed` is the score of the last place of the next tier as things stand.
    `alone` and `falling` are sorted by relative change, the nearest first; those that reach nothing come last.
    """

    tier: str | None
    note: str | None = None
    target: str | None = None
    target_label: str | None = None
    score: Decimal | None = None
    score_needed: Decimal | None = None
    alone: tuple[Reach, ...] = ()
    together: Joint | None = None
    figures: tuple[Reach, ...] = ()
    bars: tuple[Bar, ...] = ()
    falls_to: str | None = None
    falling: tuple[Reach, ...] = ()
    off_list: tuple[Exit, ...] = ()
