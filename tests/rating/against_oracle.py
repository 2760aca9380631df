"""Holding the engine against the oracle: the same rules, the same frame, every column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from mujun.errors import MujunError
from mujun.fields import FRAME_FIELDS, dtype_of
from mujun.rating import Rating, rate
from mujun.rules import load_kept
from mujun.rules.ruleset import RuleSet
from tests.oracle import OracleError, rater, strategies

ADDRESS = "tests/case"

ERRORS = {
    "missing_benchmark": {"benchmark_unusable"},
    "no_cohort": {"no_cohort"},
    "too_large": {"statistic_too_large"},
    "previous_missing": {"previous_absent"},
}
"""The oracle's kinds of error and the messages that mean the same."""


def ruleset_of(case: strategies.Case) -> RuleSet:
    """The rule set of a case, read from its YAML as a user's would be."""
    files = strategies.to_yaml(case.rules, case.tables)
    return load_kept(ADDRESS, {f"{ADDRESS}/{name}": text for name, text in files.items()})


def frame_of(rows: Sequence[Mapping[str, Any]], rules: Mapping[str, Any], year: int) -> pl.DataFrame:
    """A case's enterprises as a frame in the dictionary's types."""
    inputs = {n: f["input"] for n, f in (rules.get("fields") or {}).items() if "input" in f}
    inputs |= {f"{n}_last": kind for n, kind in inputs.items()}
    names = {n for row in rows for n in row} | {"credit_code"}
    schema: dict[str, Any] = {}
    for name in sorted(names):
        if name in inputs:
            schema[name] = dtype_of(inputs[name])
        elif name in FRAME_FIELDS:
            schema[name] = FRAME_FIELDS[name].dtype
    frame = pl.DataFrame([{n: row.get(n) for n in schema} for row in rows], schema=schema, orient="row")
    return frame.with_columns(pl.lit(year, dtype=pl.Int32).alias("year"))


def run_both(case: strategies.Case, year: int = 2022) -> tuple[Rating | str, Any]:
    """The engine's rating and the oracle's result; a text stands for the kind of error."""
    ruleset = ruleset_of(case)
    try:
        expected: Any = rater.rate(case.rows, case.rules, case.previous, case.tables, year)
    except OracleError as error:
        expected = error.kind
    previous = frame_of(case.previous, case.rules, year - 1) if case.previous is not None else None
    try:
        got: Rating | str = rate(frame_of(case.rows, case.rules, year), ruleset, previous)
    except MujunError as error:
        got = error.problems[0].code
    return got, expected


def differences(rating: Rating, expected: Any) -> list[str]:
    """Every cell in which engine and oracle differ."""
    found: list[str] = []
    if rating.other is not None:
        found += [f"the other way: {said}" for said in differences(rating.other, expected.other)]
        found += _beside(rating, expected.other)
    for kind, frame, rows in (
        ("enterprise", rating.enterprises, expected.enterprises),
        ("subject", rating.subjects, expected.subjects),
    ):
        key = "credit_code" if kind == "enterprise" else "subject"
        got = {row[key]: row for row in frame.iter_rows(named=True)}
        if set(got) != {row[key] for row in rows}:
            found.append(f"{kind}: {sorted(got)} against {sorted(row[key] for row in rows)}")
            continue
        for row in rows:
            for name, value in row.items():
                if name == "reason" and row["treatment"] == "rated":
                    continue  # the oracle keeps reasons of special cases only
                if name not in got[row[key]] and value is None:
                    continue  # an indicator that no cohort scores has no points
                if name not in got[row[key]]:
                    found.append(f"{kind} {row[key]}: no column {name} (oracle: {value!r})")
                elif not same(got[row[key]][name], value):
                    found.append(f"{kind} {row[key]} {name}: {got[row[key]][name]!r} against the oracle's {value!r}")
    return found


def _beside(rating: Rating, other: Any) -> list[str]:
    """Where the columns that show the other result are not the oracle's other result."""
    theirs = {row["credit_code"]: row for row in other.enterprises}
    found = []
    for row in rating.enterprises.iter_rows(named=True):
        for name in ("subject", "cohort", "score", "rank", "size", "tier"):
            wanted = theirs[row["credit_code"]][name] if row["counted_as"] is not None else None
            if not same(row[f"other_{name}"], wanted):
                found.append(f"{row['credit_code']} other_{name}: {row[f'other_{name}']!r} against {wanted!r}")
    return found


def same(got: Any, expected: Any) -> bool:
    """Equal to the last digit; a float and a decimal are equal if the float is the one nearest to the decimal."""
    if got is None or expected is None:
        return got is None and expected is None
    if isinstance(got, (bool, str, date)):
        return bool(got == expected)
    if isinstance(got, list):
        return list(expected) == got
    if isinstance(got, float) or isinstance(expected, float):
        return float(got) == float(expected)
    return Decimal(got) == Decimal(expected)
