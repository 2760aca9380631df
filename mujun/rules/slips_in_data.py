"""Numbers of a rule set that a year's data show to be slips: a hundred times off what is usual, keys nobody has."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from mujun.errors import Place, Problem, problem
from mujun.rules.expressions import Scope, tree_of, walk
from mujun.rules.expressions.nodes import Comparison, Name, Number
from mujun.rules.lookups import ANY
from mujun.rules.mentions import CONDITION_KEYS, expressions_of
from mujun.rules.model import TheRating
from mujun.rules.ruleset import RuleSet

FAR = 100
"""Times off the median: what a wrong unit does (元 for 万元, ㎡ for 亩) and no county's spread."""


def far_benchmarks(rating: TheRating, frame: pl.DataFrame) -> Iterator[Problem]:
    """Benchmarks written as numbers that are a hundred times off the median of their indicator in the cohort."""
    for cohort, scoring in rating.scoring.items():
        for name, item in scoring.items.items():
            if item.benchmark is None or name not in frame.columns or "cohort" not in frame.columns:
                continue
            try:
                number = float(Decimal(item.benchmark.text))
            except ArithmeticError:
                continue
            median = _median(frame.filter(pl.col("cohort") == cohort)[name])
            if median is not None and _far(number, median):
                values = {"indicator": name, "value": item.benchmark, "median": _short(median), "times": FAR}
                yield problem("sound_benchmark_far", item.benchmark.place, **values)


def far_thresholds(things: object, scope: Scope, frame: pl.DataFrame) -> Iterator[Problem]:
    """Limits in conditions that are a hundred times off the median, and beyond what any firm has."""
    for key, source in expressions_of(things):
        tree = tree_of(source) if key in CONDITION_KEYS else None
        for node in walk(tree) if tree is not None else ():
            far = _limit(node, scope, frame) if isinstance(node, Comparison) and node.op not in ("eq", "ne") else None
            if far is not None:
                name, limit, median = far
                values = {"name": scope.meanings[name].label or name, "value": limit, "median": _short(median)}
                yield problem("sound_threshold_far", source.place, **values, times=FAR, condition=source)


def _limit(node: Comparison, scope: Scope, frame: pl.DataFrame) -> tuple[str, Decimal, float] | None:
    left, right = node.left, node.right
    if isinstance(left, Number):
        left, right = right, left
    meaning = scope.find(left.word) if isinstance(left, Name) else None
    if meaning is None or meaning.name not in frame.columns or not isinstance(right, Number):
        return None
    limit, median = right.value, _median(frame[meaning.name])
    if median is None or not _far(float(limit), median):
        return None
    values = _values(frame[meaning.name])
    beyond = float(limit) > values.max() or float(limit) < values.min()  # type: ignore[operator]
    return (meaning.name, limit, median) if beyond else None


def _values(column: pl.Series) -> pl.Series:
    """What is above zero: blanks and zeros say nothing of a unit."""
    numbers = column.cast(pl.Float64, strict=False).drop_nulls()
    return numbers.filter(numbers > 0)


def _median(column: pl.Series) -> float | None:
    if not column.dtype.is_numeric():
        return None
    values = _values(column)
    return float(values.median()) if values.len() else None  # type: ignore[arg-type]


def _far(number: float, median: float) -> bool:
    return number > 0 and not median / FAR < number < median * FAR


def _short(number: float) -> str:
    return f"{number:.4g}"


def unmatched_keys(ruleset: RuleSet, frame: pl.DataFrame) -> Iterator[Problem]:
    """Keys of lookup tables that no firm of the year has: a name written otherwise, a code of other digits.

    Of industries only a table is told in which no row matches: a county need not have every division.
    """
    for tables in ruleset.lookups.values():
        for lookup in tables.values():
            for key in lookup.keys:
                if key not in frame.columns:
                    continue
                known = set(frame[key].cast(pl.String).drop_nulls().to_list())
                stated = [v for v in lookup.rows[key].unique(maintain_order=True) if v is not None and v != ANY]
                never = [v for v in stated if v not in known]
                if known and never and (not key.startswith("industry") or len(never) == len(stated)):
                    yield problem("sound_table_never", Place(file=lookup.file), key=key, values=never[:5])
