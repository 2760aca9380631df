"""`county.runs`: ratings made, kept, verified, compared and doubted."""

from mujun.workspace.county.group import Group, Verb
from mujun.workspace.runs import bundle_verifying, bundling, comparing, exporting, past, rating


class Runs(Group):
    """Ratings made, kept, verified, compared and doubted."""

    rate = Verb(rating.rate_year)
    keep = Verb(rating.keep_run)
    list = Verb(past.kept_runs)
    newest = Verb(past.newest_run)
    of_year = Verb(past.runs_of_year)
    recompute = Verb(past.recomputed)
    verify = Verb(past.verify_run)
    table = Verb(past.run_table)
    export = Verb(exporting.export)
    diff = Verb(comparing.compare_runs)
    bundle = Verb(bundling.write_bundle)
    verify_bundle = staticmethod(bundle_verifying.verify_bundle)
