"""`county.data`: records coming in, and as they stand."""

from typing import TYPE_CHECKING

from mujun.late import Late
from mujun.workspace.county.group import Group, Verb

if TYPE_CHECKING:
    from mujun.workspace import found_right, second_look, year_checks
    from mujun.workspace.data import checking, coverage, loading, on_record, open_findings, who_did_what
    from mujun.workspace.data import layouts as layout_book
    from mujun.workspace.runs import upgrading
else:
    checking = Late("mujun.workspace.data.checking")
    coverage = Late("mujun.workspace.data.coverage")
    layout_book = Late("mujun.workspace.data.layouts")
    loading = Late("mujun.workspace.data.loading")
    open_findings = Late("mujun.workspace.data.open_findings")
    found_right = Late("mujun.workspace.found_right")
    second_look = Late("mujun.workspace.second_look")
    on_record = Late("mujun.workspace.data.on_record")
    who_did_what = Late("mujun.workspace.data.who_did_what")
    year_checks = Late("mujun.workspace.year_checks")
    upgrading = Late("mujun.workspace.runs.upgrading")


class Data(Group):
    """Records coming in, and as they stand."""

    upgrade = Verb(upgrading.upgrade_store)
    load = Verb(loading.load_files)
    read = Verb(loading.read_records)
    layouts = Verb(layout_book.layouts_on_record)
    layout = Verb(layout_book.layout_on_record)
    revoke_layout = Verb(layout_book.revoke_layout)
    waiting = Verb(coverage.waiting_of)
    coverage = Verb(coverage.coverage_of)
    check = Verb(checking.check_records)
    checks = Verb(year_checks.year_checks)
    second_look = Verb(second_look.second_look)
    find_right = Verb(found_right.find_right)
    ask_again = Verb(found_right.ask_again)
    found_right = Verb(found_right.found_right)
    findings = Verb(on_record.findings_on_record)
    open_findings = Verb(open_findings.open_findings)
    quarantine = Verb(on_record.quarantine)
    years = Verb(on_record.years_on_record)
    newest_year = Verb(on_record.newest_year)
    batches = Verb(on_record.batches_on_record)
    changes = Verb(who_did_what.changes_on_record)
    table = Verb(on_record.current_table)
    frame = Verb(on_record.frame_of_year)
