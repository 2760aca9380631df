"""Monthly sheets taken back: every locked cell checked, figures and states of tasks put on record."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import MujunError, Place, Problem, UsageError, problem
from mujun.monitoring.month import Month, month_of
from mujun.notebooks import InNotebooks
from mujun.records.cells import quantities
from mujun.records.container import container_of, read_bytes
from mujun.records.returned import MARK, Lines, lines_of, mark_in
from mujun.records.sheets import Sheet, read_sheets
from mujun.reports.monitoring.office_sheets import (
    ASKS,
    FIGURE_KEY,
    FIGURES,
    FIGURES_ASKED,
    FIGURES_GIVEN,
    STATES,
    TASK_KEY,
    TASKS,
    TASKS_ASKED,
    TASKS_GIVEN,
)
from mujun.store import REPORT_SCHEMA, Issue, Store
from mujun.store.issues import MONTHLY
from mujun.workspace.book import CHINA
from mujun.workspace.county_file import CountyFile

_COUNTED = [ASKS[kind] for kind in ("campaign", "cumulative", "yearly")]
_WORDS = {word: state for state, word in STATES.items()}


@dataclass(frozen=True)
class MonthTaken(InNotebooks):
    """What became of a monthly sheet that came back.

    Attributes:
        file: its name.
        office: whose it is.
        month: of which month.
        figures, tasks: how many of each it reports.
        corrected: how many of them replace an earlier report of the same month.
        blank: how many figures it leaves blank.
        refused: why rows are not in, a problem per sentence with its place.
        rows_refused: how many rows that are.
        already: whether these very bytes were in before, and not all of it was taken back.
    """

    file: str
    office: str = ""
    month: str = ""
    figures: int = 0
    tasks: int = 0
    corrected: int = 0
    blank: int = 0
    refused: tuple[Problem, ...] = ()
    rows_refused: int = 0
    already: bool = False
    rows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REPORT_SCHEMA), repr=False)
    """What it reports, as the store takes it."""


def take_months(
    county: CountyFile,
    files: Iterable[Path],
    *,
    received: date | None = None,
    dry_run: bool = False,
    recorded_at: datetime | None = None,
) -> tuple[MonthTaken, ...]:
    """Take monthly sheets back. A row whose given cells were changed is kept out; the others count.

    Args:
        county: the county.
        files: the workbooks.
        received: the day on which they were received; today where none is given.
        dry_run: only say what would come in.
        recorded_at: when it is put in, in UTC; now where nothing is said.

    Raises:
        UsageError: the day is to come, or before the end of the month that is reported.
        StoreError: the store cannot be read or written.
    """
    today = datetime.now(CHINA).date()
    day = received or today
    if day > today:
        raise UsageError(problem("monitor_received_to_come", day=day))
    return tuple(_take(county, Path(f), day, dry_run=dry_run, recorded_at=recorded_at) for f in files)


def _take(county: CountyFile, path: Path, day: date, *, dry_run: bool, recorded_at: datetime | None) -> MonthTaken:
    try:
        data = read_bytes(path)
        sheets = read_sheets(data, container_of(data, path), path)
    except MujunError as error:
        return MonthTaken(path.name, refused=error.problems)
    sha256 = hashlib.sha256(data).hexdigest()
    mark, place = mark_in(sheets, MARK), Place(file=path.name)
    with Store.open(county.path) as store:
        issue = next(iter(store.issues(mark=mark)), None) if mark else None
        before = store.reports()
    if issue is None:
        why = problem("returned_foreign", place, mark=mark) if mark else problem("returned_no_mark", place)
        return MonthTaken(path.name, refused=(why,))
    if issue.kind != MONTHLY:
        return MonthTaken(path.name, refused=(problem("monitor_other_sheet", place, mark=issue.mark),))
    office, month = str(issue.given["_office"][0]), month_of(str(issue.given["_month"][0]))
    assert month is not None  # it was written by us
    whose = MonthTaken(path.name, issue.township or office, str(month))
    gone = before["revokes"].drop_nulls().to_list()
    before = before.filter(pl.col("revokes").is_null(), ~pl.col("number").is_in(gone))
    if (before["sha256"] == sha256).any():
        return replace(whose, already=True)
    if day < month.last_day:
        return replace(whose, refused=(problem("monitor_received_early", place, day=day, month=str(month)),))
    taken = _read(sheets, path.name, issue, month, office)
    extra = {"received_on": day, "mark": issue.mark, "file": path.name, "sha256": sha256}
    rows = pl.DataFrame(
        [{n: {**r, **extra}.get(n) for n in REPORT_SCHEMA} for r in taken.rows], schema=REPORT_SCHEMA
    )  # fmt: skip
    if rows.height and not dry_run:
        with Store.open(county.path, write=True) as store:
            store.add_reports(rows, who=county.who, recorded_at=recorded_at)
    key = ["kind", "subject", "township", "office", "year", "month"]
    return replace(
        whose,
        figures=rows.filter(pl.col("kind") == "figure").height,
        tasks=rows.filter(pl.col("kind") == "task").height,
        corrected=rows.join(before.select(key).unique(), on=key, how="semi", nulls_equal=True).height,
        blank=taken.blank,
        refused=tuple(taken.refused),
        rows_refused=taken.rows_refused,
        rows=rows,
    )


@dataclass
class _Read:
    rows: list[dict[str, Any]]
    refused: list[Problem]
    rows_refused: int = 0
    blank: int = 0


def _read(sheets: Sequence[Sheet], file: str, issue: Issue, month: Month, office: str) -> _Read:
    whole = _Read([], [])
    whose = {"township": issue.township, "office": office, "year": month.year, "month": month.month}
    for name, given, asked, key in (
        (FIGURES, FIGURES_GIVEN, FIGURES_ASKED, FIGURE_KEY), (TASKS, TASKS_GIVEN, TASKS_ASKED, TASK_KEY),
    ):  # fmt: skip
        gave = issue.given.filter(pl.col("_sheet") == name).select(*given, "credit_code", "name")
        if gave.is_empty():
            continue
        sheet = next((s for s in sheets if s.name == name), None)
        if sheet is None:
            whole.refused.append(problem("returned_no_sheet", Place(file=file), sheet=name))
            continue
        lines = lines_of(sheet, file, (*given, *asked), key, gave, table="surveys")
        if isinstance(lines, Problem):
            whole.refused.append(lines)
            continue
        for finding in lines.findings:
            place = Place(file=file, sheet=finding.sheet, row=finding.row)
            whole.refused.append(problem("event_row_changed", place, what=finding.what, remedy=finding.remedy))
        whole.rows_refused += len({f.row for f in lines.findings})
        reading = _figures if name == FIGURES else _tasks
        for row, wrong in reading(lines, file):
            if wrong is not None:
                whole.refused.append(wrong)
                whole.rows_refused += 1
            elif row is None:
                whole.blank += name == FIGURES
            else:
                whole.rows.append({**row, **whose, "sheet": name})
    return whole


Reported = tuple[dict[str, Any] | None, Problem | None]
"""What a line reports, and why it is not taken."""


def _figures(lines: Lines, file: str) -> Iterator[Reported]:
    """Each figure's row: what it reports, or why it is not taken; nothing where it is blank."""
    for position, place in _places(lines, file):
        yield figure_reported(partial(lines.cell, position), place)


def figure_reported(cell: Callable[[str], str | None], place: Place) -> Reported:
    """What a line about a figure reports, or why it is not taken; neither where it is blank.

    Args:
        cell: the text under a header of `FIGURES_GIVEN` and `FIGURES_ASKED`.
        place: where the line stands.
    """
    value, evidence, note = (cell(h) for h in FIGURES_ASKED)
    label = cell("指标")
    if value is None:
        return None, problem("monitor_words_without_value", place, label=label) if evidence or note else None
    amount, trouble = _number(value, cell("单位"))
    if trouble:
        return None, problem("monitor_no_number", place, label=label, value=value)
    if amount is not None and amount < 0 and cell("填什么") in _COUNTED:
        return None, problem("monitor_negative", place, label=label, value=value)
    return {
        "kind": "figure", "subject": cell(FIGURE_KEY), "value": amount, "evidence": evidence, "note": note,
        "row": place.row,
    }, None  # fmt: skip


def _tasks(lines: Lines, file: str) -> Iterator[Reported]:
    """Each task's row: what it reports, or why it is not taken; nothing where it is blank."""
    for position, place in _places(lines, file):
        yield task_reported(partial(lines.cell, position), place)


def task_reported(cell: Callable[[str], str | None], place: Place) -> Reported:
    """What a line about a task reports, or why it is not taken; neither where it is blank.

    Args:
        cell: the text under a header of `TASKS_GIVEN` and `TASKS_ASKED`.
        place: where the line stands.
    """
    word, progress, evidence, note = (cell(h) for h in TASKS_ASKED)
    title = (cell("任务") or "").strip("　 ")
    if word is None:
        wrong = problem("monitor_words_without_state", place, label=title, known=list(_WORDS))
        return None, wrong if progress or evidence or note else None
    if word not in _WORDS:
        return None, problem("monitor_no_state", place, label=title, value=word, known=list(_WORDS))
    return {
        "kind": "task", "subject": cell(TASK_KEY), "state": _WORDS[word], "said": progress, "evidence": evidence,
        "note": note, "row": place.row,
    }, None  # fmt: skip


def _places(lines: Lines, file: str) -> Iterator[tuple[int, Place]]:
    for position in lines.kept:
        yield position, Place(file=file, sheet=lines.sheet.name, row=int(lines.sheet.rows[position]))


def _number(text: str, unit: str | None) -> tuple[Decimal | None, bool]:
    """A cell as a number; its own unit may stand behind it (`12%` where the unit is %, `3 家`)."""
    plain = text.strip()
    if unit and plain.endswith(unit):
        plain = plain.removesuffix(unit).strip()
    parsed = quantities(pl.Series([plain], dtype=pl.String))
    return parsed.values[0], parsed.trouble[0] is not None or parsed.values[0] is None
