"""Progress sheets handed out, and held against what they gave when they come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import InputError, Place, Problem, problem
from mujun.records.event_rows import EventFile
from mujun.records.finding import Finding
from mujun.records.headers import squeezed
from mujun.records.returned import MARK, SEARCHED, lines_of, mark_in
from mujun.records.sheets import Sheet
from mujun.rectification.states import SubjectKind
from mujun.reports.rectification.progress_sheet import (
    AGAIN,
    FIRMS,
    KEYS,
    PARCELS,
    STATE,
    ProgressSheet,
    filled_headers,
    given,
    given_on,
    write_progress_sheet,
)
from mujun.store import Issue, Store
from mujun.store.issues import PROGRESS
from mujun.workspace.county_file import CountyFile

RowPlace = tuple[str | None, int | None]
"""A sheet's name and the number of a row."""

_KINDS: Mapping[str, SubjectKind] = {FIRMS: "enterprise", PARCELS: "parcel"}


@dataclass(frozen=True)
class Held:
    """A file that came back, held against what was issued.

    Attributes:
        issue: what was issued; none: a table of somebody's own.
        wrong: why rows are refused, by place.
        lists: the list that each subject was on when the sheet was made, by its number.
    """

    issue: Issue | None = None
    wrong: Mapping[RowPlace, tuple[Problem, ...]] = field(default_factory=dict)
    lists: Mapping[tuple[SubjectKind, str], int] = field(default_factory=dict)


def hand_out(county: CountyFile, file: str | Path, sheet: ProgressSheet) -> Path:
    """Write a progress sheet and keep what it gives, under the number that the sheet bears.

    Raises:
        InputError: the file cannot be written.
    """
    draft = Issue(PROGRESS, sheet.day.year, sheet.township, 0, "", given(sheet), county.who)
    with Store.open(county.path, write=True) as store:
        store.save_issue(draft, lambda made: write_progress_sheet(file, sheet, made.mark))
    return Path(file)


def held(store: Store, told: EventFile) -> Held:
    """A file held against what was issued under its number.

    Raises:
        InputError: it bears a number that was not given out here, was given to a workbook of another kind, or it is a
            progress sheet whose number or headers are gone.
    """
    place = Place(file=told.file)
    mark = mark_in(told.sheets, MARK)
    if mark is None:
        if any(_has_state(s) for s in told.sheets):
            raise InputError(problem("events_no_mark", place))
        return Held()
    issue = next(iter(store.issues(mark=mark)), None)
    if issue is None:
        raise InputError(problem("returned_foreign", place, mark=mark))
    if issue.kind != PROGRESS:
        raise InputError(problem("file_was_handed_out", place, mark=mark))
    wrong: dict[RowPlace, tuple[Problem, ...]] = {}
    stopped: list[Problem] = []
    lists: dict[tuple[SubjectKind, str], int] = {}
    for name in KEYS:
        gave = given_on(name, issue.given)
        if gave.is_empty():
            continue
        if "清单号" in gave.columns:
            told_of = gave.select(KEYS[name], "清单号").drop_nulls().iter_rows()
            lists |= {(_KINDS[name], subject): int(number) for subject, number in told_of}
        headers = [c for c in gave.columns if c not in ("credit_code", "name")] + list(filled_headers())
        for sheet in told.sheets:
            if not _is_of(sheet, name):
                continue
            lines = lines_of(sheet, told.file, headers, KEYS[name], gave, table="surveys", again=AGAIN[name])
            if isinstance(lines, Problem):
                stopped.append(lines)
                continue
            for finding in lines.findings:
                at = (finding.sheet, finding.row)
                wrong[at] = (*wrong.get(at, ()), _said(finding))
    if stopped:
        raise InputError(stopped)
    return Held(issue, wrong, lists)


def _said(finding: Finding) -> Problem:
    place = Place(file=finding.file, sheet=finding.sheet, row=finding.row)
    return problem("event_row_changed", place, what=finding.what, remedy=finding.remedy)


def _heads(sheet: Sheet) -> set[str]:
    return {squeezed(t) for at in range(min(SEARCHED, sheet.cells.height)) for t in sheet.texts(at)}


def _has_state(sheet: Sheet) -> bool:
    heads = _heads(sheet)
    return squeezed(STATE) in heads and squeezed("动作") in heads


def _is_of(sheet: Sheet, name: str) -> bool:
    """Whether a sheet is the one of that name, or it under another name: its key is asked for, and what is done."""
    heads = _heads(sheet)
    if squeezed("动作") not in heads:
        return False
    return sheet.name == name or (sheet.name not in KEYS and squeezed(KEYS[name]) in heads)


def known_names(firms: pl.DataFrame, listed: pl.DataFrame, parcels: pl.DataFrame) -> dict[tuple[str, str], set[str]]:
    """The names that an enterprise or a parcel's holder has ever had, squeezed, by kind and subject."""
    names: dict[tuple[str, str], set[str]] = {}
    for kind, rows in (
        ("enterprise", firms.select("credit_code", "name")),
        ("enterprise", listed.select("credit_code", "name")),
        ("parcel", parcels.select("parcel", "holder")),
    ):
        for subject, name in rows.drop_nulls().unique().iter_rows():
            names.setdefault((kind, subject), set()).add(squeezed(name))
    return names


def name_problem(kind: str, subject: str, name: str, known: Mapping[tuple[str, str], set[str]]) -> Problem | None:
    """Whether a row names somebody else than whom its code belongs to."""
    names = known.get((kind, subject))
    if not name or not names or squeezed(name) in names:
        return None
    names_shown = messages.show(sorted(names))
    return problem("event_name_differs", code=subject, name=name, known=names_shown)
