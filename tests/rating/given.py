"""Small rule sets and frames for hand-computed cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from mujun.fields import FRAME_FIELDS
from mujun.rating import Rating, rate
from mujun.rules import load_kept
from mujun.rules.ruleset import RuleSet

HEAD = """
mujun: 1
kind: rating
name: 手算
place: 某县
years: [2022]
status: example
sources: [{document: 手算, checked: 2026-11-23}]
"""

CLASSES = "[{id: A}, {id: B}, {id: C}, {id: D}, {id: T}]"


def rules_of(text: str, **files: str) -> RuleSet:
    """A rule set from the text of its rating.yaml without the head."""
    kept = {f"test/set/{name}": content for name, content in files.items()}
    return load_kept("test/set", {"test/set/rating.yaml": HEAD + text, **kept})


def frame_of(rows: Sequence[Mapping[str, Any]], **inputs: Any) -> pl.DataFrame:
    """Enterprises from dictionaries; codes E1, E2, … where none is given."""
    names = dict.fromkeys(n for row in rows for n in row)
    schema: dict[str, Any] = {"year": pl.Int32, "credit_code": pl.String}
    schema |= {n: inputs.get(n) or FRAME_FIELDS[n].dtype for n in names if n not in schema}
    filled = [{"year": 2022, "credit_code": f"E{i}", **row} for i, row in enumerate(rows, start=1)]
    return pl.DataFrame(
        [{n: _exact(row.get(n), schema[n]) for n in schema} for row in filled], schema=schema, orient="row"
    )


def _exact(value: Any, dtype: Any) -> Any:
    return Decimal(str(value)) if isinstance(dtype, pl.Decimal) and value is not None else value


def rated(text: str, rows: Sequence[Mapping[str, Any]], previous: pl.DataFrame | None = None) -> Rating:
    """A frame rated by a rule set, in one call."""
    frame = frame_of(rows).with_columns(pl.col("year").cast(pl.Int32))
    return rate(frame, rules_of(text), previous)


def column(rating: Rating, name: str) -> list[Any]:
    """A column of the subjects in the order of their codes."""
    return rating.subjects.sort("credit_code")[name].to_list()
