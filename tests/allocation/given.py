"""Rule sets and frames for the tests of allocation, in a few words each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from mujun.allocation import Allocation
from mujun.numbers import QUANTITY
from mujun.rules import RuleSet, load_rules

HEAD = "mujun: 1\nkind: allocation\nname: 试验\nsources: [{document: 试验〔2022〕1号}]\n"

TYPES: dict[str, pl.DataType] = {
    "year": pl.Int32(),
    "streak": pl.Int32(),
    "started_on": pl.Date(),
    "tier_history": pl.List(pl.String()),
    "labels": pl.List(pl.String()),
}
TEXTS = (
    "credit_code",
    "name",
    "township",
    "scale",
    "industry",
    "tier",
    "treatment",
    "managed_as",
    "cohort",
    "park",
    "tier_last",
)


def rules_of(folder: Path, body: str, kind: str = "allocation", **others: str) -> RuleSet:
    """A rule set of one file, and others by kind."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {kind: body, **others}.items():
        head = HEAD.replace("kind: allocation", f"kind: {name}")
        (folder / f"{name}.yaml").write_text(head + text, encoding="utf-8")
    return load_rules(folder)


def measure(rate: str, *, more: str = "", of: str = "electricity_kwh", per: str = "元/千瓦时") -> str:
    """An allocation of one surcharge."""
    head = "measures:\n  - id: m\n    label: 试\n    kind: surcharge\n"
    return f"{head}    of: {of}\n    per: {per}\n    rate: [{rate}]\n{more}"


def enterprises(rows: Sequence[Mapping[str, Any]], year: int = 2022) -> pl.DataFrame:
    """A frame of a few enterprises; numbers are quantities."""
    names = dict.fromkeys(n for row in rows for n in row)
    columns: dict[str, pl.Series] = {"year": pl.Series("year", [year] * len(rows), dtype=pl.Int32)}
    for name in names:
        values = [row.get(name) for row in rows]
        dtype = TYPES.get(name) or (pl.String() if name in TEXTS else QUANTITY)
        if dtype == QUANTITY:
            values = [None if v is None else Decimal(str(v)) for v in values]
        columns[name] = pl.Series(name, values, dtype=dtype)
    return pl.DataFrame(columns)


def usage(*rows: tuple[str, str, str, str, Any]) -> pl.DataFrame:
    """Usage records: code, utility, from, until, quantity."""
    return pl.DataFrame(
        {
            "credit_code": [r[0] for r in rows],
            "utility": [r[1] for r in rows],
            "from": [date.fromisoformat(r[2]) for r in rows],
            "until": [date.fromisoformat(r[3]) for r in rows],
            "quantity": pl.Series([Decimal(str(r[4])) for r in rows], dtype=QUANTITY),
        },
        schema_overrides={"credit_code": pl.String, "utility": pl.String, "from": pl.Date, "until": pl.Date},
    )


def row_of(allocation: Allocation, code: str, name: str = "m") -> dict[str, Any]:
    """Everything about one enterprise and measure."""
    rows = allocation.rows.filter((pl.col("credit_code") == code) & (pl.col("measure") == name))
    assert rows.height == 1, rows
    return rows.row(0, named=True)
