"""An explanation as an object: every step from a firm's records to its tier, with the numbers a calculator needs.

Quantities and points are `Decimal`, exactly as they count; ratios and benchmarks are floats at 12 decimals. The
object is plain data: text, page and JSON are drawn from it and add nothing.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from mujun.analysis.way_up import WayUp
from mujun.dataclass import dataclass
from mujun.notebooks import InNotebooks

Value = Decimal | float | int | str | bool | date | tuple[str, ...] | None
"""A value as it counts: exact, a float at 12 decimals, a text, a date, a list of texts; `None` is missing."""


@dataclass(frozen=True)
class Origin:
    """Where a figure stands: the record, and the batch, file, sheet and row it was loaded from.

    `member` names the firm whose figure it is, where several were rated together.
    """

    table: str
    field: str
    label: str
    unit: str
    year: int | None
    record: str | None
    value: str | None
    batch: int | None
    file: str | None
    sheet: str | None
    row: int | None
    member: str | None = None


@dataclass(frozen=True)
class Figure:
    """A figure of the frame that the rules read, and where it comes from."""

    name: str
    label: str
    unit: str
    value: Value
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True)
class Computed:
    """A quantity that the rules compute: its formula as written and in words, and what came out."""

    name: str
    label: str
    unit: str
    value: Value
    formula: str
    words: str


@dataclass(frozen=True)
class StatisticStep:
    """A statistic of the peers behind a benchmark.

    `value` is what this group gives by itself, missing where it has too few members; `of` and `per` are the sums of a
    ratio of sums, `of` the sum of a mean, and missing else. `order` is what a median or quantile comes of. `used` tells
    whether this very number counted for the subject. `counts` are the conditions on who counts in a group, `instead`
    what stands in for a group without a number, each as the rules have it and in words; `stands_in` is one that does.
    Where the rules round to `places`, `unrounded` is what it was before.
    """

    name: str
    label: str
    stat: str
    unit: str
    group: tuple[tuple[str, str], ...]
    of_words: str | None
    per_words: str | None
    members: int
    least: int
    of: Decimal | None
    per: Decimal | None
    value: Decimal | None
    used: bool
    order: InOrder | None = None
    counts: tuple[str, str] | None = None
    instead: tuple[str, str] | None = None
    places: int | None = None
    unrounded: Decimal | None = None
    stands_in: bool = False

    @property
    def told(self) -> bool:
        """Whether it is part of how the benchmark came about: by its number, or by having none."""
        return self.used or (self.value is None and self.instead is not None)


@dataclass(frozen=True)
class InOrder:
    """Where a quantile lies among values in order.

    Attributes:
        quantile: which, from 0 to 1.
        place: (members − 1) × quantile + 1, counted from 1.
        low, high: the values at the places around it; at the place itself both are its value.
        taken: how a number between the two is taken, as `interpolation` of the rules has it.
    """

    quantile: Decimal
    place: Decimal
    low: Decimal
    high: Decimal
    taken: str


@dataclass(frozen=True)
class Side:
    """A side of a ratio: its formula as written and in words, and what it comes to."""

    formula: str
    words: str
    unit: str
    value: Decimal | float | None


@dataclass(frozen=True)
class Peers:
    """The values of an indicator among the scored subjects of the cohort.

    `at_or_below` of them are not above this subject's value (the subject counted). `bins` counts the values between
    `edges`; the first and last bin also take what lies outside.
    """

    count: int
    at_or_below: int | None
    lowest: float
    quartiles: tuple[float, float, float]
    highest: float
    edges: tuple[float, ...]
    bins: tuple[int, ...]


@dataclass(frozen=True)
class IndicatorStep:
    """An indicator of the subject: value, benchmark, weight and points, and what stands behind each.

    `weight` is what the rules say, `weight_used` after reweighting. `points` are weight × value ÷ benchmark (or what
    `method` says), held between `floor` and `cap` times the weight, rounded to `places`. `note` tells what acted
    instead: `capped, floored, missing, zero_denominator, negative, fallback:<id>`. `parameters` are the numbers that
    a method other than `ratio` needs.
    """

    id: str
    label: str
    unit: str
    value: float | None
    of: Side | None
    per: Side | None
    formula: str | None
    words: str | None
    scored: bool
    method: str | None = None
    method_words: str | None = None
    value_used: float | None = None
    benchmark: float | None = None
    benchmark_formula: str | None = None
    benchmark_words: str | None = None
    statistics: tuple[StatisticStep, ...] = ()
    weight: Decimal | None = None
    weight_used: float | None = None
    cap: Decimal | None = None
    floor: Decimal | None = None
    parameters: tuple[tuple[str, float], ...] = ()
    points: Decimal | None = None
    note: str | None = None
    policy: str | None = None
    peers: Peers | None = None


@dataclass(frozen=True)
class AdjustmentStep:
    """A bonus or penalty: its condition, whether it held (missing: could not be told), and what it gave.

    `working` says in words how the points are computed, with the values they rest on; missing where they are a number.
    """

    id: str
    label: str
    condition: str | None
    words: str | None
    holds: bool | None
    points: Decimal
    family: str | None
    working: str | None = None


@dataclass(frozen=True)
class FamilyStep:
    """Adjustments limited together: what they come to, and what the limit left."""

    name: str
    take: str
    least: Decimal | None
    most: Decimal | None
    points: Decimal


@dataclass(frozen=True)
class ScoreStep:
    """The score: the sum of points, the adjustments, the limits, and the rounding."""

    points: Decimal
    adjustments: tuple[AdjustmentStep, ...]
    families: tuple[FamilyStep, ...]
    least: Decimal | None
    most: Decimal | None
    places: int
    score: Decimal


@dataclass(frozen=True)
class Place:
    """A tier of a cut: the cumulative share and the last rank that has it, or the threshold."""

    tier: str
    label: str
    share: Decimal | None
    last_rank: int | None
    threshold: Decimal | None


@dataclass(frozen=True)
class CutStep:
    """The cut: the cell in which the subject was ranked, its size and base, and what each tier takes.

    `ahead` is the number strictly ahead; the rank is one more. `fixed` are those whom rules fixed into a tier with a
    place of the base. `key` is what the subject was ranked by.
    """

    cell: tuple[tuple[str, str], ...]
    size: int
    base: int
    fixed: tuple[tuple[str, int], ...]
    by: tuple[str, ...]
    ties: str
    rounding: str
    rank: int | None
    rank_counted: int | None
    places: tuple[Place, ...]
    picks: tuple[str, ...]
    tier: str | None


@dataclass(frozen=True)
class RuleStep:
    """A rule before or after the cut: its condition, whether it matched and whether it changed the tier.

    `met` tells whether the condition held, missing where it could not be told; a rule barred by another (`unless`)
    is met and has not matched. `labels` are those of the subject's labels that the condition names.
    """

    id: str
    phase: str
    reason: str
    condition: str
    words: str
    action: str
    met: bool | None
    matched: bool
    changed: bool
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class TriggerValue:
    """A value that a condition rests on."""

    name: str
    label: str
    value: str | None
    unit: str


@dataclass(frozen=True)
class ListReason:
    """A condition of the rectification list that the firm meets, with the values it rests on."""

    id: str
    reason: str
    condition: str
    words: str
    values: tuple[TriggerValue, ...]
    exempted_by: str | None


@dataclass(frozen=True)
class ListStep:
    """Whether and why the firm is on the rectification list, and what is to be done until when."""

    listed: bool
    reasons: tuple[ListReason, ...]
    path: str | None
    deadline: date | None
    expected_land_mu: Decimal | None
    expected_energy_tce: Decimal | None
    documents: tuple[str, ...]


@dataclass(frozen=True)
class Member:
    """A firm of a pooled subject and its own part of each quantity."""

    credit_code: str
    name: str
    parts: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True)
class Missing:
    """A condition that could not be told for want of fields, and so counts as not met.

    `where` and `fields` are as the rules name them, `rule` and `labels` the same in words.
    """

    where: str
    fields: tuple[str, ...]
    rule: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """A document that the rules rest on."""

    title: str
    url: str | None
    checked: date | None
    note: str | None


@dataclass(frozen=True)
class Basis:
    """What the explanation rests on: the run, the rules and the documents behind them.

    `persons` is how the rules have natural persons named where others read it: `masked` or `full`.
    """

    run: int | None
    batch: int | None
    year: int | None
    engine: str
    rules: str
    name: str
    status: str
    rule_digest: str
    result_digest: str
    binding: bool
    documents: tuple[Document, ...]
    omits: tuple[str, ...]
    persons: str = "masked"


@dataclass(frozen=True)
class OtherResult:
    """The result that a firm rated both alone and merged has the other way; it is shown and does not count.

    `counts` is the way that counts, `way` this one: `alone` or `merged`.
    """

    counts: str
    way: str
    subject: str
    members: tuple[str, ...]
    cohort_label: str | None
    score: Decimal | None
    rank: int | None
    size: int | None
    tier: str | None


@dataclass(frozen=True)
class Explanation(InNotebooks):
    """One firm's way from its records to its tier."""

    basis: Basis
    credit_code: str
    name: str
    township: str | None
    park: str | None
    industry: str | None
    scale: str | None
    subject: str
    subject_kind: str
    members: tuple[Member, ...]
    other: OtherResult | None
    treatment: str
    reason: str | None
    scope: str | None
    scope_formula: str | None
    cohort: str | None
    cohort_label: str | None
    figures: tuple[Figure, ...]
    computed: tuple[Computed, ...]
    indicators: tuple[IndicatorStep, ...]
    score: ScoreStep | None
    cut: CutStep | None
    rules: tuple[RuleStep, ...]
    tier: str | None
    tier_label: str | None
    managed_as: str | None
    missing: tuple[Missing, ...]
    listing: ListStep | None
    amounts: tuple[str, ...] | None
    way_up: WayUp | None
