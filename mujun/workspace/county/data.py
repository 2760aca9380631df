"""`county.data`: records coming in, and as they stand."""

from typing import TYPE_CHECKING

from mujun.late import Late
from mujun.workspace.county.group import Group, Verb

if TYPE_CHECKING:
    from mujun.workspace import second_look
    from mujun.workspace.data import checking, coverage, loading, open_findings, standing, who_did_what
    from mujun.workspace.data import layouts as layout_book
    from mujun.workspace.runs import upgrading
else:
    checking = Late("mujun.workspace.data.checking")
    coverage = Late("mujun.workspace.data.coverage")
    layout_book = Late("mujun.workspace.data.layouts")
    loading = Late("mujun.workspace.data.loading")
    open_findings = Late("mujun.workspace.data.open_findings")
    second_look = Late("mujun.workspace.second_look")
    standing = Late("mujun.workspace.data.standing")
    who_did_what = Late("mujun.workspace.data.who_did_what")
    upgrading = Late("mujun.workspace.runs.upgrading")


class Data(Group):
    """Records coming in, and as they stand."""

    upgrade = Verb(upgrading.upgrade_store)
    load = Verb(loading.load_files)
    read = Verb(loading.read_records)
    layouts = Verb(layout_book.layouts_on_record)
    layout = Verb(layout_book.layout_on_record)
    revoke_layout = Verb(layout_book.revoke_layout)
    coverage = Verb(coverage.coverage_of)
    check = Verb(checking.check_records)
    second_look = Verb(second_look.second_look)
    findings = Verb(standing.findings_on_record)
    open_findings = Verb(open_findings.open_findings)
    quarantine = Verb(standing.quarantine)
    years = Verb(standing.years_on_record)
    newest_year = Verb(standing.newest_year)
    batches = Verb(standing.batches_on_record)
    changes = Verb(who_did_what.changes_on_record)
    table = Verb(standing.current_table)
    frame = Verb(standing.frame_of_year)
