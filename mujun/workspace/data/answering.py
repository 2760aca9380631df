"""Tables of a file that waited for an answer, taken in when the file is loaded again with it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from mujun.records import FileRecords
from mujun.records.readings.questions import Answers
from mujun.store import Again, AlreadyLoaded, Store
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.outcome import FileOutcome
from mujun.workspace.identity.names_known import as_confirmed, roll_known


def take_in_answered(
    county: CountyFile,
    file: Path,
    batch: int,
    answers: Answers,
    *,
    table: str | None,
    year: int | None,
    repair: bool,
    again: Again,
    reason: str | None,
    document: str | None,
) -> FileOutcome | None:
    """Append the tables of a file that waited when it was loaded as `batch`, as far as their questions are answered.

    Returns:
        What became of it; `None` where nothing waited, or nothing is answered yet.
    """
    from mujun.records import read_file

    with Store.open(county.path, write=True) as store:
        waiting = _waiting(store, batch)
        if not waiting:
            return None
        roll = roll_known(store)
        records = read_file(file, table=table, year=year, repair=repair, roll=roll, answers=answers, only=waiting)
        if not records.tables:
            return None
        records = as_confirmed(store, _as_own_batch(records, batch))
        taken = store.take_in(records, again, who=county.who, reason=reason, document=document)
    if isinstance(taken, AlreadyLoaded):
        return None
    return FileOutcome(records.file, taken.records, batch=taken.batch, met=taken.met)


def _waiting(store: Store, batch: int) -> set[tuple[str | None, int | None]]:
    """Sheet and header row of the tables of a batch that waited, but for those that were taken in since."""
    findings = store.findings(batch=batch)
    asked = findings.filter(findings["code"] == "question_open")
    return {(sheet, row) for sheet, row in asked.select("sheet", "row").iter_rows()}


def _as_own_batch(records: FileRecords, batch: int) -> FileRecords:
    """The records under a digest of their own: the file's bytes are those of the batch it completes."""
    answered = sorted(f"{q.id}={q.answer}" for q in (records.reading.answered if records.reading else ()))
    said = f"{records.sha256} completes {batch} {answered}"
    return replace(records, sha256=hashlib.sha256(said.encode()).hexdigest())
