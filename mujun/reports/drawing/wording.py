"""Codes in results as the Chinese words of a document: cohorts, treatments, rules, measures, states, notes."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from mujun import messages
from mujun.fields import TABLES, label_of
from mujun.rules import RuleSet
from mujun.rules.allocation_plan import compile_allocation
from mujun.rules.showing_rating import COUNTINGS

KINDS: dict[str, str] = {"surcharge": "加价", "relief": "减免", "quota": "配额", "note": "提示"}
"""Kinds of measures."""

SEVERITIES: dict[str, str] = {"error": "错误（未装入）", "warning": "提示（已装入）"}
"""Severities of findings."""

STATUSES: dict[str, str] = {
    "official": "正式文件全文",
    "excerpt": "正式文件的所见部分",
    "example": "示例，不是当地文件",
    "abstract": "供补全的基础",
}
"""How much of a document a rule set renders."""

_BASES = {
    "usage": "分月用量",
    "usage_rest": "分月用量，其余各天按全年数折算",
    "year": "全年数量按天折算",
    "measure": "所收金额",
}
_NOTES = {
    "capped": "封顶",
    "floored": "按下限",
    "missing": "缺数据",
    "zero_denominator": "分母不大于零",
    "negative": "值为负",
}


def treatment_words() -> dict[str, str]:
    """The treatments in Chinese."""
    with messages.speaking("zh"):
        return {t: messages.text(messages.key(f"treatment_{t}")) for t in _TREATMENTS}


_TREATMENTS = ("rated", "ungraded", "own_tier", "measured", "collected", "out")


def worded(frame: pl.DataFrame, *, what: str = "ratings", ruleset: RuleSet | None = None) -> pl.DataFrame:
    """A table of results with words in place of codes; a code that nothing explains stays.

    Args:
        frame: a table as exported.
        what: which one.
        ruleset: the rules it was made by; without them cohorts, rules and measures keep their ids.
    """
    columns: list[pl.Expr] = []
    for name, words in _words(what, ruleset, frame).items():
        if name not in frame.columns or not words:
            continue
        column, dtype = pl.col(name), frame.schema[name]
        if isinstance(dtype, pl.List):
            columns.append(column.list.eval(pl.element().replace(words)))
        elif dtype == pl.String:
            columns.append(column.replace(words))
    if what == "allocation" and {"measure", "exempt"} <= set(frame.columns):
        columns.append(_exemptions(ruleset))
    return frame.with_columns(columns)


def _words(what: str, ruleset: RuleSet | None, frame: pl.DataFrame) -> dict[str, Mapping[str, str]]:
    by_column: dict[str, Mapping[str, str]] = {}
    if what == "findings":
        by_column = {
            "severity": SEVERITIES,
            "table": {t.name: t.label for t in TABLES.values()},
            "field": {n: label_of(n) for n in frame["field"].drop_nulls().unique()} if "field" in frame.columns else {},
        }
    elif what == "rectification":
        with messages.speaking("zh"):
            keys = {f"state_{s}" for s in frame["state"].drop_nulls().unique()} if "state" in frame.columns else set()
            states = {k: messages.text(messages.key(k)) for k in keys if k in messages.catalogue()}
            by_column = {"state": {k.removeprefix("state_"): words for k, words in states.items()}}
    elif what == "allocation":
        by_column = {"kind": KINDS, "basis": _BASES, **_of_measures(ruleset)}
    elif what in ("ratings", "subjects"):
        ways = {"counted_as": COUNTINGS, "other_as": COUNTINGS}
        by_column = {"treatment": treatment_words(), **ways, **_of_rating(ruleset, frame)}
    return by_column


def _of_measures(ruleset: RuleSet | None) -> dict[str, Mapping[str, str]]:
    if ruleset is None or ruleset.allocation is None:
        return {}
    labels = {m.name: m.source.label for m in compile_allocation(ruleset).measures}
    return {"measure": labels, "excluded_by": labels}


def _exemptions(ruleset: RuleSet | None) -> pl.Expr:
    """The reason of an exemption; two measures may have one of the same id."""
    if ruleset is None or ruleset.allocation is None:
        return pl.col("exempt")
    measures = compile_allocation(ruleset).measures
    reasons = {f"{m.name}\n{e.id}": e.reason for m in measures for e, _ in m.exempt}
    if not reasons:
        return pl.col("exempt")
    both = pl.concat_str("measure", "exempt", separator="\n")
    reason = both.replace_strict(reasons, default=None, return_dtype=pl.String)
    return pl.coalesce(reason, "exempt").alias("exempt")


def _of_rating(ruleset: RuleSet | None, frame: pl.DataFrame) -> dict[str, Mapping[str, str]]:
    if ruleset is None or ruleset.rating is None:
        return {}
    rating = ruleset.rating
    tiers = rating.tiers
    rules: dict[str, str] = {}
    if tiers is not None:
        rules = {**{b.id: b.reason for b in tiers.before}, **{a.id: a.reason for a in tiers.after}}
    names = {n: i.label or n for n, i in rating.indicators.items()}
    notes = {**_NOTES, **{f"fallback:{n}": f"改用{label}" for n, label in names.items()}}
    return {
        "cohort": {c.id: c.label or c.id for c in rating.cohorts},
        "other_cohort": {c.id: c.label or c.id for c in rating.cohorts},
        "rules_matched": rules,
        "rules_changed": rules,
        **{c: notes for c in frame.columns if c.endswith("_note") and c.removesuffix("_note") in names},
    }
