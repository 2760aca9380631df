"""What a rule set that came back from Excel would change, on the newest year that both it and the old one are for."""

from __future__ import annotations

from mujun.analysis.scenarios import scenario_of
from mujun.rules import RuleSet
from mujun.rules.for_years import fits_year
from mujun.store import Store
from mujun.workspace.computing import computed
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.on_record import years_on_record
from mujun.workspace.rules_in_excel import TakenBack
from mujun.workspace.runs.scenarios import Baseline, WhatIf, what_if
from mujun.workspace.runs.standing_alone import stands_alone, year_alone
from mujun.workspace.tables_at import inputs_at


def try_taken_back(county: CountyFile, made: TakenBack) -> WhatIf | None:
    """The old rules on a year's records as baseline, and the changed ones held against it; nothing is kept.

    Args:
        county: the county; it need not have a store yet.
        made: what came back from Excel.

    Returns:
        What moves; `None` where nothing was changed, or there is no year on record that the rules are for.

    Raises:
        UsageError: the rules go by tiers, and the year has none.
        RuleError, RatingError: the old rules cannot be computed on that year.
    """
    if not made.differences or not county.path.is_file():
        return None
    years = [y for y in years_on_record(county) if _for_year(made.before, y)]
    if not years:
        return None
    scenario = scenario_of((), str(made.folder), str(made.folder))
    return what_if(county, _baseline(county, made.before, years[-1]), [scenario])


def _for_year(ruleset: RuleSet, year: int) -> bool:
    return stands_alone(ruleset) or (ruleset.rating is not None and fits_year(ruleset, year))


def _baseline(county: CountyFile, ruleset: RuleSet, year: int) -> Baseline:
    if stands_alone(ruleset):
        return Baseline(*year_alone(county, ruleset, year))
    with Store.open(county.path) as store:
        batch = store.newest_batch()
        tables = inputs_at(store, batch)
    return Baseline(computed(ruleset, year, tables, batch), tables)
