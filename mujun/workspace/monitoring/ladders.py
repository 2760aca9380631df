"""The ladders of a county: who has each honour and who could be next."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from pathlib import Path

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields import nearest
from mujun.messages import Guess
from mujun.monitoring.ladders import LadderResult, ladders_on
from mujun.notebooks import InNotebooks
from mujun.records import build_frame
from mujun.reports.monitoring.ladder_sheets import write_ladders
from mujun.rules import load_rules
from mujun.rules.ladders_plan import compile_ladders
from mujun.store import Store
from mujun.workspace.county_file import CountyFile
from mujun.workspace.tables_at import inputs_at


@dataclass(frozen=True)
class Ladders(InNotebooks):
    """The ladders of a county on a day.

    Attributes:
        name: what they are called.
        year: the data year by which conditions were judged.
        day: the day on which honours count.
        ladders: each of them.
    """

    name: str
    year: int
    day: date
    ladders: tuple[LadderResult, ...] = field(repr=False)


def ladders_of(
    county: CountyFile, rules: str | Path, *, year: int | None = None, day: date | None = None, only: str | None = None
) -> Ladders:
    """Who has each honour and who could be next.

    Args:
        county: the county.
        rules: a rule set with ladders.yaml.
        year: the data year; the newest by default.
        day: the day on which honours count; today by default.
        only: one ladder by its id or label.

    Raises:
        UsageError: there are no enterprises of that year, or no such ladder.
        RuleError: the rule set has no ladders, or something is wrong with them.
    """
    plan = compile_ladders(load_rules(rules))
    with Store.open(county.path) as store:
        tables = inputs_at(store, None)
    years = sorted(tables["enterprises"]["year"].unique().to_list())
    of_year = year if year is not None else (years[-1] if years else None)
    if of_year not in years:
        raise UsageError(problem("year_without_enterprises", year=of_year or "—", known=years or "—"))
    assert of_year is not None  # it is one of the years
    when = day or date.today()
    frame, _ = build_frame(dict(tables), of_year, extra=dict(plan.extra))
    told = ladders_on(plan, frame, tables["labels"], when)
    if only is not None:
        mine = tuple(one for one in told if only in (one.id, one.label))
        if not mine:
            names = [n for one in told for n in (one.id, one.label)]
            known = [one.label for one in told]
            raise UsageError(problem("ladder_unknown", name=only, known=known, near=Guess(nearest(only, names))))
        told = mine
    return Ladders(plan.file.name, of_year, when, told)


def write_ladders_of(told: Ladders, file: Path) -> Path:
    """The ladders as a workbook for the lead offices.

    Raises:
        InputError: the file cannot be written.
    """
    return write_ladders(file, told.name, told.year, told.day, told.ladders)
