"""What measures came to in the years before: amounts of final runs, and those kept of rules that stand alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from mujun.errors import UsageError, problem
from mujun.records.succession import succession_at
from mujun.store import Store

if TYPE_CHECKING:
    from mujun.rules import RuleSet

EXECUTED = "amounts"
"""The name under which executed amounts stand beside the tables of a store."""

EXECUTED_SCHEMA: dict[str, pl.DataType] = {
    "year": pl.Int32(), "credit_code": pl.String(), "measure": pl.String(), "amount": pl.Decimal(38, 6),
}  # fmt: skip


def executed_amounts(store: Store, finals: pl.DataFrame, before_run: int | None = None) -> pl.DataFrame:
    """The amounts that were executed: of measures that bind, after exemption, ceiling and exclusion.

    Args:
        store: an open store.
        finals: the final binding runs that count, `number` among their columns.
        before_run: what was kept after this run was rated does not count.

    Returns:
        Columns as in `EXECUTED_SCHEMA`; of a year that was kept both ways, what was kept last.

    Raises:
        UsageError: there is no run of the number `before_run`.
    """
    parts: list[pl.DataFrame] = []
    for number in finals["number"].sort().to_list():
        if "allocation" in store.run_tables(number):
            run = store.run(number, results=False)
            parts.append(_binding(store.run_table(number, "allocation"), run.rules, run.rule_files))
    runs = store.runs()
    before = None if before_run is None else _when(runs, before_run)
    for kept in store.kept_amounts().iter_rows(named=True):
        if before is None or kept["created_at"] <= before:
            record = store.kept_amount(kept["number"])
            parts.append(_binding(record.rows, record.rules, record.rule_files))
    if not parts:
        return pl.DataFrame(schema=EXECUTED_SCHEMA)
    several = pl.concat(parts).unique(["year", "credit_code", "measure"], keep="last", maintain_order=True)
    return several.sort("year", "credit_code", "measure")


def _when(runs: pl.DataFrame, number: int) -> object:
    """When a run was made."""
    made = runs.filter(pl.col("number") == number)["created_at"].to_list()
    if not made:
        raise UsageError(problem("store_unknown_run", run=number))
    return made[0]


def _binding(rows: pl.DataFrame, address: str, files: Mapping[str, str]) -> pl.DataFrame:
    """Of a table of amounts the measures that bind: what was only tried was never charged."""
    if any("binding:" in text for name, text in files.items() if name.endswith("allocation.yaml")):
        from mujun.rules import load_kept
        from mujun.rules.allocation_plan import check_allocation

        measures = check_allocation(load_kept(address, files))[0].measures
        rows = rows.filter(pl.col("measure").is_in([m.name for m in measures if m.binding]))
    return rows.filter(pl.col("kind") != "note").select(pl.col(n).cast(t) for n, t in EXECUTED_SCHEMA.items())


def with_amounts_last(
    frame: pl.DataFrame, tables: Mapping[str, pl.DataFrame], year: int, ruleset: RuleSet | None
) -> pl.DataFrame:
    """The frame with what each measure came to last year, `<measure>_amount_last`, where a rule asks for it.

    Who was not charged has 0. Whose amount could not be computed is missing, and where nothing is known of a measure's
    last year everybody is.
    """
    wanted = amounts_asked(ruleset) if ruleset is not None else {}
    if not wanted:
        return frame
    rows = tables.get(EXECUTED, pl.DataFrame(schema=EXECUTED_SCHEMA)).filter(pl.col("year") == year - 1)
    aliases = tables.get("aliases")
    if aliases is not None and not aliases.is_empty():
        heirs = {old: heir.code for old, heir in succession_at(aliases, year).heirs.items()}
        rows = rows.with_columns(pl.col("credit_code").replace(heirs))
    for name, measure in wanted.items():
        mine = rows.filter(pl.col("measure") == measure)
        total = pl.when(pl.col("amount").null_count() == 0).then(pl.col("amount").sum())
        sums = mine.group_by("credit_code").agg(total.cast(pl.Decimal(18, 6)).alias(name))
        frame = frame.join(sums, on="credit_code", how="left", maintain_order="left")
        if mine.height:
            charged = pl.col("credit_code").is_in(mine["credit_code"].unique().implode())
            frame = frame.with_columns(pl.when(charged).then(pl.col(name)).otherwise(pl.lit(0)).cast(pl.Decimal(18, 6)))
    return frame


def amounts_asked(ruleset: RuleSet) -> dict[str, str]:
    """The measures whose last year's amounts the rules mention, by the name of the amount."""
    from mujun.rules.mentions import texts_of
    from mujun.rules.policy_names import AMOUNT_LAST, amounts_of_last_year

    mentioning = "\n".join(
        texts_of(ruleset.rectification, *(p.file for p in ruleset.allocation_parts), *_measures(ruleset))
    )
    names = [m for m in amounts_of_last_year(ruleset) if m.name in mentioning or m.label in mentioning]
    return {m.name: m.name.removesuffix(AMOUNT_LAST) for m in names}


def _measures(ruleset: RuleSet) -> list[object]:
    return [m for p in ruleset.allocation_parts for m in p.measures]
