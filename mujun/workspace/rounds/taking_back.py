"""A correction taken back: its figures as they stood before, as a further correction with a reason and a document."""

from __future__ import annotations

import hashlib
import json

import polars as pl

from mujun import messages
from mujun.errors import InputError, UsageError, problem
from mujun.fields import label_of
from mujun.records import FileRecords
from mujun.store import Store
from mujun.workspace.county_file import CountyFile
from mujun.workspace.rounds.correcting import (
    CORRECTED,
    Change,
    changes_of_batch,
    correction_on_record,
    made_of,
)


def take_back_correction(county: CountyFile, batch: int, *, reason: str, document: str) -> int:
    """Let the figures of a correction stand as they stood before it; both corrections stay on record.

    Args:
        county: the county.
        batch: the correction's batch.
        reason, document: why, and what it rests on.

    Returns:
        The number of the batch that does so.

    Raises:
        UsageError: the batch is no correction, of land, which stands together, or of records that were not there
            before; a figure was changed again since; or no reason or document is given.
        StoreError: it could not be written.
    """
    if not reason.strip() or not document.strip():
        raise UsageError(problem("mend_no_reason"))
    correction_on_record(county, batch)
    changed = changes_of_batch(county, batch)
    figures = [table for table in CORRECTED if table != "land"]
    if changed.is_empty() or not changed["table"].is_in(figures).all():
        raise UsageError(problem("take_back_not_figures", batch=batch))
    with Store.open(county.path) as store:
        tables = store.tables(CORRECTED)
        newest = store.newest_batch()
    wrong = []
    for row in changed.iter_rows(named=True):
        same = (pl.col("credit_code") == row["credit_code"]) & (pl.col("year") == row["year"])
        value = tables[row["table"]].filter(same)[row["field"]].to_list()
        stands = None if not value or value[0] is None else messages.show(value[0])
        if stands != row["new"]:
            values = {"field": label_of(row["field"]), "value": stands or "—", "batch": batch}
            wrong.append(problem("take_back_changed_since", code=messages.Firm(row["credit_code"]), **values))
    if wrong:
        raise UsageError(wrong)
    file = f"撤回更正（第{batch}批）"
    made = made_of(
        tables,
        [Change(r["credit_code"], r["year"], r["table"], r["field"], r["old"]) for r in changed.iter_rows(named=True)],
        file,
    )
    refused = [f for f in made.findings if f.severity == "error"]
    if refused:
        raise InputError([problem("correct_refused", field=label_of(f.field or ""), value=f.value or "—", what=f.what,
                                  remedy=f.remedy) for f in refused])  # fmt: skip
    content = json.dumps([file, changed.rows(), reason, document, newest], ensure_ascii=False, default=str)
    digest = hashlib.sha256(content.encode()).hexdigest()
    records = FileRecords(file, digest, made.tables, made.findings, 0, len(made.changed))
    with Store.open(county.path, write=True) as store:
        number = store.add_batch(records, who=county.who, reason=reason.strip(), document=document.strip())
    assert isinstance(number, int)  # the newest batch is part of what is hashed
    return number
