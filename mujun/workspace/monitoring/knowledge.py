"""What is known of a plan at the end of a month: its targets, every actual value and report, the townships."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import Problem, UsageError, problem
from mujun.monitoring.computing import figure_values, label_values, loop_values, sums_of
from mujun.monitoring.counting import record_values
from mujun.monitoring.month import Month
from mujun.monitoring.path import year_ends
from mujun.monitoring.values import Report, Value, Values, values_of_file, values_reported
from mujun.rules import load_kept, load_rules
from mujun.rules.computed_figures import figure_plans
from mujun.rules.model import TheTargets
from mujun.rules.record_figures import record_plans
from mujun.rules.targets_plan import whole_targets
from mujun.store import Store
from mujun.workspace.book import CHINA, read_book
from mujun.workspace.county_file import CountyFile
from mujun.workspace.frames_at import frame_at
from mujun.workspace.rectification.events import tracked
from mujun.workspace.tables_at import Tables


@dataclass(frozen=True)
class Knowledge:
    """A plan and what is known of it at the end of a month.

    Attributes:
        file: its targets.
        rules: the rule set's address.
        month: the month.
        known_on: the day as of whose knowledge it is told; none: of now.
        values: every actual value.
        reports: everything that offices reported until then, in the order of recording.
        townships: all townships.
        tracked: where everyone on the rectification lists stood at the end of the month; none without a list.
        set_aside: why some of them are left out.
        tables: the departments' records.
        frames: the enterprises of each year that was over.
    """

    file: TheTargets
    rules: str
    month: Month
    known_on: date | None
    values: Values = field(repr=False)
    reports: tuple[Report, ...] = field(repr=False)
    townships: tuple[str, ...]
    tracked: pl.DataFrame | None = field(repr=False)
    set_aside: tuple[Problem, ...] = ()
    tables: Tables = field(default_factory=dict, repr=False)
    frames: Mapping[int, pl.DataFrame] = field(default_factory=dict, repr=False)


def plan_of(county: CountyFile, rules: str | Path | None) -> tuple[TheTargets, str]:
    """The plan and the address of its rule set: the one asked for, else that of the newest list, as it was then.

    Raises:
        UsageError: none is asked for, and there is no list or its rules have no targets.
        RuleError: something is wrong with the targets.
    """
    if rules is not None:
        ruleset = load_rules(rules)
        return whole_targets(ruleset), str(rules)
    with Store.open(county.path) as store:
        lists = store.list_documents().filter(pl.col("kind") == "list")
        newest = store.list_document(int(lists["number"][-1])) if lists.height else None
    if newest is None:
        raise UsageError(problem("monitor_no_plan"))
    ruleset = load_kept(newest.rules, newest.rule_files)
    if ruleset.targets is None:
        raise UsageError(problem("monitor_no_plan"))
    return whole_targets(ruleset), newest.rules


def known_until(
    county: CountyFile, month: Month, *, rules: str | Path | None = None, known_on: date | None = None
) -> Knowledge:
    """Everything known of a plan at the end of a month.

    Args:
        county: the county.
        month: the month.
        rules: the rule set with the plan; by default that of the newest list.
        known_on: as it was known at the end of that day: later records, events and reports say nothing.

    Raises:
        UsageError: there is no plan.
        RuleError: something is wrong with it.
        StoreError: the store cannot be read.
    """
    file, address = plan_of(county, rules)
    with Store.open(county.path) as store:
        batch, came = _batch_known(store, known_on)
        tables = store.tables(as_of_batch=batch) if batch else {}
        reports = tuple(r for r in reports_of(store) if known_on is None or r.known_on <= known_on)
    book = read_book(county, known_on=known_on)
    listed = any(d.kind == "list" for d in book.documents)
    rows = tracked(book, month.last_day) if listed else None
    months = _months(file, month)
    frames = _frames(file, tables, month)
    told = [
        *values_of_file(file), *values_reported(reports, file),
        *_of_records(file, tables, frames, months, came),
    ]  # fmt: skip
    if rows is not None:
        told += [v for t in file.figures if t.counts is not None for v in loop_values(t, file, rows, months)]
    aside = tuple(
        problem("history_impossible", code=code, why=str(why))
        for (_, code), several in book.set_aside.items()
        for why in several
    )
    return Knowledge(
        file, address, month, known_on, Values(told), reports, _townships(file, tables), rows, aside, tables, frames
    )


def reports_of(store: Store) -> Iterator[Report]:
    """Everything that offices ever reported, in the order of recording."""
    for row in store.reports().iter_rows(named=True):
        yield report_of(row)


def report_of(row: dict[str, Any]) -> Report:
    """A row of the reports as a report."""
    return Report(
        row["number"], row["kind"], row["subject"], row["township"], row["office"], Month(row["year"], row["month"]),
        row["value"], row["state"] or "", row["said"] or "", row["evidence"] or "", row["note"] or "",
        row["received_on"], row["recorded_at"].astimezone(CHINA).date(), row["who"], row["file"] or "", row["revokes"],
    )  # fmt: skip


def _batch_known(store: Store, known_on: date | None) -> tuple[int, date | None]:
    """The newest batch that was in at the end of a day, 0 where there was none, and the day on which it came."""
    batches = store.batches()
    if known_on is not None:
        batches = batches.filter(pl.col("loaded_at") <= datetime.combine(known_on, time.max, tzinfo=CHINA))
    if batches.is_empty():
        return 0, None
    newest = batches.sort("number").row(-1, named=True)
    return int(newest["number"]), newest["loaded_at"].astimezone(CHINA).date()


def _months(file: TheTargets, month: Month) -> list[Month]:
    """The months for which what can be counted any day is counted: since the plan began."""
    years = [min(ends) for t in file.figures if (ends := year_ends(t, file))]
    first = Month(min([*file.years, *years, month.year]) - 1, 12)
    return [first.later(i) for i in range(month - first + 1)]


def _frames(file: TheTargets, tables: Tables, month: Month) -> dict[int, pl.DataFrame]:
    """The enterprises of every year that was over, where the plan asks for them."""
    if not tables or not (figure_plans(file) or file.projects is not None):
        return {}
    years = sorted(y for y in tables["enterprises"]["year"].unique() if Month(y, 12) <= month)
    return {year: frame_at(tables, year, None)[0] for year in years}


def _of_records(
    file: TheTargets, tables: Tables, frames: Mapping[int, pl.DataFrame], months: list[Month], came: date | None
) -> Iterator[Value]:
    """What is computed from the records of enterprises, from labels, and from projects, land and funds."""
    if not tables:
        return
    for plan in figure_plans(file):
        sums = {year: sums_of(plan, frame) for year, frame in frames.items()}
        for year in frames:
            yield from figure_values(plan, year, sums[year], sums.get(year - 1), came)
    roll = tables["enterprises"]
    where = dict(roll.sort("year").unique("credit_code", keep="last").select("credit_code", "township").iter_rows())
    for target in file.figures:
        if target.computed is not None and target.computed.labels:
            yield from label_values(target, tables["labels"], where, months, came)
    for counted in record_plans(file):
        yield from record_values(counted, tables[counted.table], months, came)


def _townships(file: TheTargets, tables: Tables) -> tuple[str, ...]:
    """The townships of the newest roll, and those to which targets are broken down."""
    named = {name for t in file.figures for name in t.townships}
    if tables and tables["enterprises"].height:
        roll = tables["enterprises"]
        named |= {t for t in roll.filter(pl.col("year") == roll["year"].max())["township"] if t is not None}
    return tuple(sorted(named))
