"""Department files taken in: each read, checked and appended as one batch."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import MujunError, Problem, problem
from mujun.records import FileRecords, read_file
from mujun.records.readings.questions import Answers
from mujun.steps import part, step
from mujun.store import Again, AlreadyLoaded, Met, Store
from mujun.workspace.county_file import CountyFile, Progress
from mujun.workspace.data.answering import answers_brought, take_in_answered
from mujun.workspace.data.completing import as_completing
from mujun.workspace.data.outcome import FileOutcome, LoadOutcome
from mujun.workspace.data.spendings import refused_spendings
from mujun.workspace.identity.names_known import as_confirmed, roll_known
from mujun.workspace.identity.reentering import take_in_repaired
from mujun.writing import note_asked, note_taken


def load_files(
    county: CountyFile,
    files: Iterable[str | Path],
    *,
    table: str | None = None,
    year: int | None = None,
    repair: bool = False,
    strict: bool = False,
    dry_run: bool = False,
    again: Again | None = None,
    reason: str | None = None,
    document: str | None = None,
    answers: Mapping[str, str] | None = None,
    drop_missing: bool = False,
    progress: Progress = lambda _: None,
) -> LoadOutcome:
    """Read files and append each as one batch; all findings of all files at once.

    Args:
        county: the county; its store is made where there is none.
        files: department files.
        table, year: what the files hold, where they do not say so themselves.
        repair: apply documented repairs of credit codes.
        strict: a file with any error row, or that differs from another sender's file, is not loaded at all.
        dry_run: read and check only.
        again: what becomes of figures on which another sender's file says otherwise: `ask` leaves them waiting (the
            default), `replace` lets these files' hold (the default where a reason is given), `add` adds them up, `keep`
            settles that what stands is right. Loading a file once more with one of these settles what waits of it.
        reason, document: for corrections.
        answers: by the id of a question the choice that was made: its key or its number. Answers given to earlier
            files of the same office and layout count too, and those that a findings workbook brings.
        drop_missing: firms that the sender's version before had and this one does not lose the figures that only he
            gave: they are blank from then on, as a correction. Otherwise they stay, and are told.
        progress: is told the file in work.

    Raises:
        StoreError: the store cannot be written. Files loaded before stay loaded.
    """
    paths = [Path(f) for f in files]
    way: Again = again or ("replace" if reason else "ask")
    given = _Given(table, year, repair, strict, dry_run, way, reason, document)
    outcomes: list[FileOutcome] = []
    if not dry_run:
        note_asked([path.name for path in paths])
    for number, path in enumerate(paths):
        progress(path.name)
        with part(number, len(paths), file=path.name):
            outcomes.append(_one(county, path, given, answers or {}))
    workbooks = {p: o.records.sent_back for p, o in zip(paths, outcomes, strict=True) if o.records is not None}
    unknown: list[Problem] = []
    for brought in answers_brought(workbooks, paths):
        if brought.path is None:
            unknown += [brought.problem] if brought.problem is not None else []
            continue
        answered = _one(county, brought.path, given, brought.answers)
        if brought.path in paths:
            outcomes[paths.index(brought.path)] = answered
        else:
            outcomes.append(answered)
    if drop_missing and not dry_run:
        outcomes = [_without_gone(county, o, reason, document) for o in outcomes]
    return LoadOutcome(tuple(outcomes), tuple(unknown))


def _without_gone(county: CountyFile, outcome: FileOutcome, reason: str | None, document: str | None) -> FileOutcome:
    """A file that is in, after the figures of firms that it has no more were made blank."""
    if outcome.records is None or outcome.refused or (outcome.batch is None and outcome.already is None):
        return outcome
    why = reason or messages.text("gone_dropped_reason")
    with Store.open(county.path, write=True) as store:
        dropped = store.drop_gone(outcome.records, who=county.who, reason=why, document=document)
    return outcome if dropped is None else replace(outcome, dropped_in=dropped[0], dropped=dropped[1])


@dataclass(frozen=True)
class _Given:
    """How files are to be loaded, as `load_files` takes it."""

    table: str | None
    year: int | None
    repair: bool
    strict: bool
    dry_run: bool
    again: Again
    reason: str | None
    document: str | None


def _one(county: CountyFile, path: Path, given: _Given, answers: Mapping[str, str]) -> FileOutcome:
    """One file read, and appended as a batch unless it is refused or only tried."""
    with contextlib.ExitStack() as opened:
        try:
            if county.path.exists():
                opened.enter_context(county.kept_open())
            with part(0, 4, parts=3):
                records = read_records(
                    county, path, table=given.table, year=given.year, repair=given.repair, answers=answers
                )  # fmt: skip
        except MujunError as error:
            return FileOutcome(path.name, refused=error.problems)
        refused = _refused(county, records, given.again, strict=given.strict)
        if refused or given.dry_run:
            return FileOutcome(records.file, records, refused=refused, met=_met(county, records, given.again))
    if not records.tables and not records.questions:
        # A findings workbook that brings answers and no rows.
        return FileOutcome(records.file, records)
    checked = sum(t.rows.height for t in records.tables)
    step("step_storing", done=3, of=4, rows=checked, count=checked)
    outcome = _append(county, records, given.again, given.reason, given.document, repair=given.repair)
    if (batch := outcome.batch or outcome.already) is not None:
        note_taken(path.name, batch)
    if outcome.already is None:
        return outcome
    later = take_in_answered(
        county, path, outcome.already, answers, table=given.table, year=given.year, repair=given.repair,
        again=given.again, reason=given.reason, document=given.document,
    )  # fmt: skip
    return later or outcome


def read_records(
    county: CountyFile,
    file: str | Path,
    *,
    table: str | None = None,
    year: int | None = None,
    repair: bool = False,
    answers: Mapping[str, str] | None = None,
) -> FileRecords:
    """Read and check a file without taking it in, against the firms that are known.

    Rows whose names were confirmed before count.

    Args:
        county: the county.
        file: a department's file.
        table, year: what the file holds, where it does not say so itself.
        repair: apply documented repairs of credit codes.
        answers: by the id of a question the choice that was made.

    Raises:
        InputError: the file cannot be read.
    """
    if not county.path.exists():
        return read_file(file, table=table, year=year, repair=repair, answers=Answers(answers or {}))
    with Store.open(county.path) as store:
        known = Answers(answers or {}, store.remembered(Path(file).name))
        read = read_file(
            file, table=table, year=year, repair=repair, roll=roll_known(store), answers=known, last=store.median
        )
        return as_completing(store, as_confirmed(store, read))


def _refused(county: CountyFile, records: FileRecords, again: Again, *, strict: bool) -> tuple[Problem, ...]:
    """Why a file would not be taken in."""
    kept_out = sum(t.quarantine.height for t in records.tables)
    if strict and kept_out:
        return (problem("load_strict", file=records.file, count=kept_out),)
    if not county.path.exists():
        return ()
    with Store.open(county.path) as store:
        if strict and (waits := store.meet(records, again).waiting.height):
            return (problem("load_strict_waits", file=records.file, count=waits),)
        return refused_spendings(store, records)


def _met(county: CountyFile, records: FileRecords, again: Again) -> Met | None:
    """What would come of figures that were said before."""
    if not county.path.exists():
        return None
    with Store.open(county.path) as store:
        return store.meet(records, again)


def _append(
    county: CountyFile,
    records: FileRecords,
    again: Again,
    reason: str | None,
    document: str | None,
    *,
    repair: bool = False,
) -> FileOutcome:
    if not county.path.exists():
        county.create()
    with Store.open(county.path, write=True) as store:
        taken = store.take_in(records, again, who=county.who, reason=reason, document=document)
        if isinstance(taken, AlreadyLoaded) and repair:
            # The file is in, but for the rows that only a repair brings in.
            later = take_in_repaired(store, taken.batch, who=county.who, document=document)
            if later is not None:
                return FileOutcome(records.file, later.records, batch=later.batch)
    if isinstance(taken, AlreadyLoaded):
        met = _met(county, records, again)
        # Of a file that is in only the firms that it has no more are said again: they may be dropped yet.
        gone = None if met is None else Met((), met.waiting.clear(), gone=met.gone)
        return FileOutcome(records.file, records, already=taken.batch, met=gone)
    return FileOutcome(records.file, taken.records, batch=taken.batch, met=taken.met)
