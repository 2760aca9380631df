"""`county.data`: records coming in, and as they stand."""

from mujun.workspace.county.group import Group, Verb
from mujun.workspace.data import checking, coverage, loading, standing
from mujun.workspace.data.layouts import layout_on_record, layouts_on_record, revoke_layout
from mujun.workspace.runs.upgrading import upgrade_store
from mujun.workspace.second_look import second_look


class Data(Group):
    """Records coming in, and as they stand."""

    upgrade = Verb(upgrade_store)
    load = Verb(loading.load_files)
    read = Verb(loading.read_records)
    layouts = Verb(layouts_on_record)
    layout = Verb(layout_on_record)
    revoke_layout = Verb(revoke_layout)
    coverage = Verb(coverage.coverage_of)
    check = Verb(checking.check_records)
    second_look = Verb(second_look)
    findings = Verb(standing.findings_on_record)
    quarantine = Verb(standing.quarantine)
    years = Verb(standing.years_on_record)
    newest_year = Verb(standing.newest_year)
    batches = Verb(standing.batches_on_record)
    table = Verb(standing.current_table)
    frame = Verb(standing.frame_of_year)
