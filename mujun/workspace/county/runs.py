"""`county.runs`: ratings made, kept, published, verified, compared and doubted."""

from typing import TYPE_CHECKING

from mujun.late import Late
from mujun.workspace.county.group import Free, Group, Verb

if TYPE_CHECKING:
    from mujun.workspace import publishing
    from mujun.workspace.runs import (
        bundling,
        comparing,
        doubting,
        exporting,
        gate,
        governing,
        kept,
        past,
        rating,
        scenarios,
        trying,
    )
else:
    kept = Late("mujun.workspace.runs.kept")
    bundling = Late("mujun.workspace.runs.bundling")
    comparing = Late("mujun.workspace.runs.comparing")
    doubting = Late("mujun.workspace.runs.doubting")
    exporting = Late("mujun.workspace.runs.exporting")
    gate = Late("mujun.workspace.runs.gate")
    governing = Late("mujun.workspace.runs.governing")
    past = Late("mujun.workspace.runs.past")
    publishing = Late("mujun.workspace.publishing")
    rating = Late("mujun.workspace.runs.rating")
    scenarios = Late("mujun.workspace.runs.scenarios")
    trying = Late("mujun.workspace.runs.trying")


class Runs(Group):
    """Ratings made, kept, published, verified, compared and doubted."""

    rate = Verb(rating.rate_year)
    gaps = Free(gate.gaps_of)
    ties = Free(gate.ties_for_want)
    keep = Verb(rating.keep_run)
    list = Verb(kept.kept_runs)
    newest = Verb(kept.newest_run)
    of_year = Verb(kept.runs_of_year)
    loaded_since = Verb(governing.loaded_since)
    newer_trial = Verb(governing.newer_trial)
    recall = Verb(past.recalled)
    recompute = Verb(past.recomputed)
    verify = Verb(past.verify)
    table = Verb(past.run_table)
    export = Verb(exporting.export)
    publish = Verb(publishing.publish)
    published = Verb(publishing.publications)
    take_back_publication = Verb(publishing.take_back_publication)
    still_out = Verb(publishing.still_out)
    usual_notice = Verb(publishing.usual_notice)
    weekdays = Free(publishing.weekdays)
    bundle = Verb(bundling.write_bundle)
    diff = Verb(comparing.compare_runs)
    whatif = Verb(scenarios.try_rules)
    ready_to_try = Verb(trying.ready_to_try)
    tried = Free(trying.tried)
    stability = Verb(doubting.stability_of)
    fairness = Verb(doubting.fairness_of)
