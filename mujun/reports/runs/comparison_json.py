"""A comparison of two results for programs."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from mujun.analysis import comparing
from mujun.analysis.comparison import Comparison, Side
from mujun.messages import show

FORMAT = "mujun-comparison/1"
"""The version of the format below; it is raised when a key changes its meaning or goes."""


def comparison_json(comparison: Comparison) -> str:
    """A comparison as JSON: decimals as exact text, `null` for what is missing.

    Keys: `format`; `before` and `after` (`run, year, rules, batch, label, digest`); `effects` (movements, list, burden)
    and `migration` by `all`, `cohort`, `township`, `industry_division`, `scale`; `tiers`; `movers` with causes, parts,
    changed figures and batches; `changed`, the same of whose figures changed and whose tier did not; `list`; `amounts`;
    `batches`; `rules`; `untold`, why there are no causes.
    """
    return json.dumps(as_values(comparison), ensure_ascii=False, indent=1)


def as_values(comparison: Comparison) -> dict[str, Any]:
    """The same as plain values."""
    groups: dict[str, str | None] = {"all": None, **{g: g for g in comparing.GROUPS}}
    return {
        "format": FORMAT,
        "before": _side(comparison.before),
        "after": _side(comparison.after),
        "effects": {n: records(comparison.effects(by)) for n, by in groups.items()},
        "migration": {n: records(comparing.migration(comparison.firms, by)) for n, by in groups.items()},
        "tiers": records(comparing.tier_counts(comparison.firms)),
        "movers": _detailed(comparison, comparison.movers),
        "changed": _detailed(comparison, comparison.changed),
        **{
            name: None if rows is None else records(rows)
            for name, rows in (
                ("list", comparison.lists),
                ("amounts", comparison.amounts),
                ("batches", comparison.batches),
            )
        },
        "rules": [
            {"file": d.kind, "key": d.key, "what": d.what, "before": _plain(d.before), "after": _plain(d.after)}
            for d in comparison.rules
        ],
        "untold": None if comparison.untold is None else str(comparison.untold),
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "run": side.number, "year": side.year, "rules": side.rules, "batch": side.batch, "label": side.label,
        "digest": side.digest,
    }  # fmt: skip


def _detailed(comparison: Comparison, firms: pl.DataFrame) -> list[dict[str, Any]]:
    movers = records(firms)
    details = {
        "parts": comparison.parts,
        "inputs": comparison.inputs,
        "batches": None if comparison.touched is None else comparison.touched.sort("batch"),
    }
    by_code: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for name, rows in details.items():
        for row in records(rows) if rows is not None else []:
            by_code.setdefault(row.pop("credit_code"), {}).setdefault(name, []).append(row)
    for mover in movers:
        of_firm = by_code.get(mover["credit_code"], {})
        for name, rows in details.items():
            if rows is not None:
                mover[name] = (
                    [r["batch"] for r in of_firm.get(name, [])] if name == "batches" else of_firm.get(name, [])
                )
    return movers


def records(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """A table as a list of objects: decimals and times as text."""
    texts = [
        pl.col(n).cast(pl.String) if isinstance(t, pl.Decimal) else pl.col(n).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        for n, t in rows.schema.items()
        if isinstance(t, (pl.Decimal, pl.Datetime))
    ]
    return rows.with_columns(texts).to_dicts()


def _plain(value: object) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value if value is None or isinstance(value, (bool, str)) else show(value)
