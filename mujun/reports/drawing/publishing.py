"""What of a table a notice may show: few columns, and of natural persons no more than their family name."""

from __future__ import annotations

import polars as pl

from mujun.errors import UsageError, problem
from mujun.personal import masked, public_name
from mujun.rules import RuleSet

PUBLIC: dict[str, tuple[str, ...]] = {
    "ratings": ("year", "cohort", "township", "name", "tier"),
    "subjects": ("year", "cohort", "township", "name", "tier"),
    "rectification": ("year", "township", "name", "path", "deadline"),
    "enterprises": ("year", "township", "name", "land_mu"),
}
"""Tables that notices show, and the columns of each: who, and what became of them; no score, code or account."""


def shows_persons(rules: RuleSet | None) -> bool:
    """Whether a rule set says, by `persons: full`, that notices name natural persons in full."""
    files = (rules.rating, rules.rectification) if rules is not None else ()
    return any(file is not None and file.persons == "full" for file in files)


def published(rows: pl.DataFrame, what: str, rules: RuleSet | None = None) -> pl.DataFrame:
    """The rows and columns of a table that a notice may show, in an order that tells no rank.

    Args:
        rows: the table.
        what: which table it is.
        rules: the rule set it was made by; its `persons` says how natural persons are named.

    Raises:
        UsageError: the table is none that notices show.
    """
    columns = PUBLIC.get(what)
    if columns is None:
        raise UsageError(problem("export_not_public", what=what, known=list(PUBLIC)))
    if "tier" in rows.columns:
        rows = rows.filter(pl.col("tier").is_not_null())
    if not shows_persons(rules):
        rows = _masked(rows)
    public = rows.select(c for c in columns if c in rows.columns)
    by = [c for c in ("year", "cohort", "tier", "township", "name") if c in public.columns]
    return public.sort(by, nulls_last=True)


def public_names(rows: pl.DataFrame, rules: RuleSet | None) -> list[str]:
    """The names of a table's enterprises as a paper may show them; a code where there is no name.

    Args:
        rows: a table with `credit_code, name`.
        rules: the rule set; its `persons` says how natural persons are named.
    """
    shown = rows if shows_persons(rules) else _masked(rows.select("credit_code", "name"))
    return [name or code for name, code in zip(shown["name"], rows["credit_code"], strict=True)]


def _masked(rows: pl.DataFrame) -> pl.DataFrame:
    """Names by `public_name`, numbers of persons masked in every other text."""
    changed = [
        pl.Series(n, [m if m is None else masked(m) for m in rows[n]], pl.String)
        for n, dtype in rows.schema.items()
        if dtype == pl.String and n not in ("name", "credit_code")
    ]
    if "name" in rows.columns:
        codes = rows["credit_code"] if "credit_code" in rows.columns else [None] * rows.height
        pairs = zip(rows["name"], codes, strict=True)
        changed.append(pl.Series("name", [n if n is None else public_name(n, c) for n, c in pairs], pl.String))
    return rows.with_columns(changed)
