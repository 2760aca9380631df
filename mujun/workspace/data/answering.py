"""Tables of a file that waited for an answer, taken in when the answer is there: typed, or in a findings workbook."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import Place, Problem, problem
from mujun.records import FileRecords
from mujun.records.readings.questions import Answers
from mujun.records.sent_back import DIGITS, SentBack
from mujun.store import Again, AlreadyLoaded, Settled, Store
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.outcome import FileOutcome
from mujun.workspace.identity.names_known import as_confirmed, roll_known


def take_in_answered(
    county: CountyFile,
    file: Path,
    batch: int,
    answers: Mapping[str, str],
    *,
    table: str | None,
    year: int | None,
    repair: bool,
    again: Again,
    reason: str | None,
    document: str | None,
) -> FileOutcome | None:
    """Append the tables of a file that waited when it was loaded as `batch`, as far as their questions are answered.

    Answers given now count also for tables that are in already: whoever answers otherwise reads them anew.

    Returns:
        What became of it; `None` where nothing waited, or nothing is answered yet.
    """
    from mujun.records import read_file

    with Store.open(county.path, write=True) as store:
        waiting = _waiting(store, batch, answered=answers)
        if not waiting:
            return None
        known = Answers(answers, store.remembered(file.name))
        records = read_file(
            file, table=table, year=year, repair=repair, roll=roll_known(store), answers=known, last=store.median,
            only={(sheet, row) for _, sheet, row in waiting},
        )  # fmt: skip
        if not records.tables:
            return None
        records = as_confirmed(store, _as_own_batch(records, batch))
        still = {(q.table, q.sheet, q.row) for q in records.questions}
        settled = Settled(batch, tuple(w for w in waiting if w not in still))
        taken = store.take_in(records, again, who=county.who, reason=reason, document=document, settles=settled)
    if isinstance(taken, AlreadyLoaded):
        return None
    return FileOutcome(records.file, taken.records, batch=taken.batch, met=taken.met)


def _waiting(store: Store, batch: int, answered: Mapping[str, str]) -> list[tuple[str, str | None, int | None]]:
    """Table, sheet and header row of a batch's tables that wait, and of those about which an answer is given now."""
    waiting = store.waiting_tables(batch)
    asked = store.findings(batch=batch).filter(pl.col("code") == "question_open", pl.col("value").is_in(list(answered)))
    columns = ["table", "sheet", "row"]
    return list(pl.concat([waiting.select(columns), asked.select(columns)]).unique(maintain_order=True).iter_rows())


def _as_own_batch(records: FileRecords, batch: int) -> FileRecords:
    """The records under a digest of their own: the file's bytes are those of the batch it completes."""
    answered = sorted(f"{q.id}={q.answer}" for q in (records.reading.answered if records.reading else ()))
    identity = f"{records.sha256} completes {batch} {answered}"
    return replace(records, sha256=hashlib.sha256(identity.encode()).hexdigest())


@dataclass(frozen=True)
class SheetAnswers:
    """Answers that a findings workbook brought for one file: where the file is, or why it cannot be taken on."""

    file: str
    answers: Mapping[str, str]
    path: Path | None
    problem: Problem | None


def answers_brought(workbooks: Mapping[Path, SentBack], files: Sequence[Path]) -> list[SheetAnswers]:
    """The answers of findings workbooks, file by file.

    The file itself is needed: the store keeps none. It is looked for among the files given, beside the workbook, and
    here; its bytes have to be those that were asked about.
    """
    brought: list[SheetAnswers] = []
    for workbook, back in workbooks.items():
        by_file: dict[tuple[str, str], dict[str, str]] = {}
        for a in back.answers:
            by_file.setdefault((a.file, a.sha256), {})[a.question] = a.choice
        for (file, digest), answers in by_file.items():
            path, wrong = _found(file, digest, workbook, files)
            brought.append(SheetAnswers(file, answers, path, wrong))
    return brought


def _found(file: str, digest: str, workbook: Path, files: Sequence[Path]) -> tuple[Path | None, Problem | None]:
    likely = [*(f for f in files if f.name == file), workbook.parent / Path(file).name, Path(Path(file).name)]
    there = [p for p in likely if p.is_file()]
    for path in there:
        if hashlib.sha256(path.read_bytes()).hexdigest()[:DIGITS] == digest:
            return path, None
    if there:
        return None, problem("answer_file_changed", Place(file=workbook.name), named=file)
    return None, problem("answer_file_missing", Place(file=workbook.name), named=file, workbook=workbook.name)
