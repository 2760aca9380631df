"""`county.runs`: ratings made, kept, verified, compared and doubted."""

from mujun.workspace.county.group import Group, Verb
from mujun.workspace.runs import bundling, comparing, doubting, exporting, gate, governing, past, rating, scenarios


class Runs(Group):
    """Ratings made, kept, verified, compared and doubted."""

    rate = Verb(rating.rate_year)
    gaps = staticmethod(gate.gaps_of)
    ties = staticmethod(gate.ties_for_want)
    keep = Verb(rating.keep_run)
    list = Verb(past.kept_runs)
    newest = Verb(past.newest_run)
    of_year = Verb(past.runs_of_year)
    loaded_since = Verb(governing.loaded_since)
    recall = Verb(past.recalled)
    recompute = Verb(past.recomputed)
    verify = Verb(past.verify)
    table = Verb(past.run_table)
    export = Verb(exporting.export)
    bundle = Verb(bundling.write_bundle)
    diff = Verb(comparing.compare_runs)
    whatif = Verb(scenarios.try_rules)
    stability = Verb(doubting.stability_of)
    fairness = Verb(doubting.fairness_of)
