"""Rule sets listed, checked against a county's data, and their cases run."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from mujun.rules import CaseOutcome, addresses, find_folder, load_rules, run_cases
from mujun.rules.checking import Checked, check_rules
from mujun.rules.loading import read_rules
from mujun.rules.new_set import Made, make_rules, split_year
from mujun.workspace.computing import case_engine
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.on_record import frame_of_year, years_on_record
from mujun.workspace.runs.rating import rate_year

LIST_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "address": pl.String,
    "name": pl.String,
    "years": pl.List(pl.Int32),
    "status": pl.String,
    "kinds": pl.List(pl.String),
    "shipped": pl.Boolean,
}


def known_rules() -> pl.DataFrame:
    """The rule sets that ship and those of `$MUJUN_RULES`, columns as in `LIST_SCHEMA`.

    A set with mistakes in it is listed too: its `name` is its address, its `status` `wrong`, and it has the kinds and
    years of those of its files that are right.
    """
    rows = []
    for address in addresses():
        ruleset, problems = read_rules(address)
        every = (ruleset.rating, ruleset.rectification, ruleset.allocation, ruleset.targets, ruleset.ladders)
        files = [f for f in every if f is not None]
        years = list(files[0].years) if files else []
        status = "wrong" if problems or not files else files[0].status
        name = address if status == "wrong" else ruleset.name
        rows.append((address, name, years, status, [f.kind for f in files], find_folder(address).ships))
    return pl.DataFrame(rows, schema=LIST_SCHEMA, orient="row")


def checked_rules(county: CountyFile, rules: str | Path, year: int | None = None) -> Checked:
    """Everything that is wrong or doubtful about a rule set, at once.

    Args:
        county: the county.
        rules: an address or a folder.
        year: a data year: the rules are then held against its data too, which finds conditions that nobody meets and
            labels that no record has.

    Raises:
        UsageError: there is no such rule set, or no data of that year.
    """
    checked = check_rules(rules)
    if year is None or checked.problems:
        return checked
    return check_rules(rules, _frame_for(county, rules, year))


def _frame_for(county: CountyFile, rules: str | Path, year: int) -> pl.DataFrame:
    """What a rule set's conditions are held against: the year as these rules rate it, else the year's frame."""
    ruleset = load_rules(rules)
    if ruleset.rating is None or ruleset.rating.status == "abstract":
        return frame_of_year(county, year, ruleset)[0]
    return rate_year(county, ruleset, year, save=False).rating.enterprises


def new_rules(
    county: CountyFile, folder: str | Path, source: str | Path, *, place: str | None = None, year: int | None = None
) -> Made:
    """A new rule set in a folder, copied from another; see `make_rules`.

    Where no data year is said, neither in `year` nor behind the place, it is the newest on record.
    """
    year_in_place = year if year is not None or place is None else split_year(place)[1]
    if year_in_place is None and county.path.exists():
        year_in_place = max(years_on_record(county), default=None)
    return make_rules(folder, source, place=place, year=year_in_place)


def tested_rules(rules: str | Path) -> tuple[CaseOutcome, ...]:
    """The hand-computed cases of a rule set, run; empty where it has none.

    Raises:
        RuleError: the set is not well-formed, or a case names a field that does not exist.
    """
    return run_cases(load_rules(rules), case_engine)
