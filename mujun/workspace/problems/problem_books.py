"""Books of problems that go out and come back: hand-over books, and the same sheets within survey workbooks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import InputError, MujunError, Place, Problem, UsageError, problem
from mujun.fields import TABLES, nearest
from mujun.messages import Guess, key
from mujun.numbers import parse_unit
from mujun.records.cells import dates, quantities
from mujun.records.container import container_of, read_bytes
from mujun.records.identity import normal_code
from mujun.records.problem_rows import DEPARTMENTS, first_free
from mujun.records.returned import MARK, lines_of, mark_in
from mujun.records.sheets import Sheet, read_sheets
from mujun.rectification.problems import change_problems
from mujun.reports.departments.template import heading
from mujun.reports.rectification.problem_sheets import (
    ADDED,
    ASKED,
    NEW,
    SHEET,
    given,
    headers_of,
    write_problem_sheet,
)
from mujun.store import Issue, Store
from mujun.store.issues import PROBLEMS
from mujun.workspace.county_file import CountyFile
from mujun.workspace.problems.evidence import keep_evidence
from mujun.workspace.problems.problem_list import list_problems, put

_FIELDS = TABLES["problems"].by_name


def problem_sheet(
    county: CountyFile, file: Path, *, township: str | None = None, department: str | None = None
) -> tuple[Issue, int]:
    """Write the hand-over book of a township or department, of what is not closed, and keep what it gives.

    Returns:
        The issue, and how many problems it has.

    Raises:
        UsageError: nothing is open there.
        InputError: the file cannot be written.
    """
    rows = list_problems(county, township=township, department=department, only_open=True).rows
    if rows.is_empty() and township is None:
        raise UsageError(problem("problem_none_open"))
    title = f"{township or ''}{department or ''}问题隐患治理清单"
    # In a department's book they can only be the bureau's: nobody else was given them.
    nobody = rows["handled_by"].null_count() if department is not None else 0
    draft = Issue(PROBLEMS, date.today().year, township, 0, "", given(rows), county.who)
    with Store.open(county.path, write=True) as store:
        issue = store.save_issue(draft, lambda made: write_problem_sheet(file, rows, title, made.mark, nobody))
    return issue, rows.height


@dataclass(frozen=True)
class ProblemsTaken:
    """What became of a book that came back.

    Attributes:
        file: its name.
        changed, added: how many problems it says something of, and how many new ones it has.
        refused: why rows are not in, a problem per sentence with its place.
        rows_refused: how many rows that are.
        batch: the batch it became, if any.
        already: whether it was in before.
    """

    file: str
    changed: int = 0
    added: int = 0
    refused: tuple[Problem, ...] = ()
    rows_refused: int = 0
    batch: int | None = None
    already: bool = False


def load_problems(county: CountyFile, files: Iterable[Path], *, dry_run: bool = False) -> tuple[ProblemsTaken, ...]:
    """Take hand-over books back: what was done about each problem, and new ones. Every locked cell is checked."""
    return tuple(_load_one(county, Path(f), dry_run=dry_run) for f in files)


def _load_one(county: CountyFile, path: Path, *, dry_run: bool) -> ProblemsTaken:
    try:
        data = read_bytes(path)
        sheets = read_sheets(data, container_of(data, path), path)
    except MujunError as error:
        return ProblemsTaken(path.name, refused=error.problems)
    sha256 = hashlib.sha256(data).hexdigest()
    mark = mark_in(sheets, MARK)
    with Store.open(county.path) as store:
        issue = next(iter(store.issues(mark=mark)), None) if mark else None
        tables = store.tables(("problems", "enterprises", "parcels", "land"))
        before = store.loaded_as(sha256)
    place = Place(file=path.name)
    if before is not None:
        return ProblemsTaken(path.name, already=True)
    if issue is None:
        code = problem("returned_foreign", place, mark=mark) if mark else problem("returned_no_mark", place)
        return ProblemsTaken(path.name, refused=(code,))
    if issue.kind != PROBLEMS:
        return ProblemsTaken(path.name, refused=(problem("file_was_handed_out", place, mark=issue.mark),))
    try:
        sheets_said = problems_said(county, sheets, path, issue, issue.given, tables, dry_run=dry_run)
    except InputError as error:
        return ProblemsTaken(path.name, refused=error.problems)
    batch = None
    if (sheets_said.changed or sheets_said.added) and not dry_run:
        reason = f"问题隐患治理清单（{issue.mark}）"
        batch = put(county, path.name, [*sheets_said.changed, *sheets_said.added], reason, issue.mark, sha256)
    return ProblemsTaken(
        path.name,
        len(sheets_said.changed),
        len(sheets_said.added),
        sheets_said.refused,
        sheets_said.rows_refused,
        batch,
    )


@dataclass(frozen=True)
class SaidOnSheets:
    """What the two sheets of problems of a workbook say: rows of `problems`, each with the fields it says.

    `refused` are the problems of `rows_refused` rows that are not taken in.
    """

    changed: tuple[dict[str, Any], ...] = ()
    added: tuple[dict[str, Any], ...] = ()
    refused: tuple[Problem, ...] = ()
    rows_refused: int = 0


def problems_said(
    county: CountyFile,
    sheets: Sequence[Sheet],
    path: Path,
    issue: Issue,
    gave: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    *,
    dry_run: bool,
) -> SaidOnSheets:
    """Read the two sheets of problems of a workbook, held against what was given.

    Args:
        county: the county.
        sheets: the workbook's.
        path: the workbook; files of evidence that it names lie beside it.
        issue: what was handed out.
        gave: the given cells of the sheet of problems.
        tables: `problems, enterprises` and, where parcels are known, `parcels`, as they stand.
        dry_run: no evidence is copied.

    Raises:
        InputError: a sheet or a header is gone.
    """
    changed, wrong = _changes(sheets, path.name, gave, tables["problems"])
    added, wrong_added = _added(sheets, path.name, issue, tables)
    refused = {**wrong, **wrong_added}
    kept: dict[str, list[dict[str, Any]]] = {"changed": [], "added": []}
    for where, rows in (("changed", changed), ("added", added)):
        for row in rows:
            lacking = _with_evidence(county, row, path, tables["problems"], dry_run=dry_run)
            if lacking is None:
                kept[where].append(row)
            else:
                refused[row["_sheet"], row["_row"]] = (lacking,)
    why = tuple(p for at in sorted(refused, key=lambda at: (at[0] or "", at[1] or 0)) for p in refused[at])
    return SaidOnSheets(tuple(kept["changed"]), tuple(kept["added"]), why, len(refused))


def _with_evidence(
    county: CountyFile, row: dict[str, Any], path: Path, known: pl.DataFrame, *, dry_run: bool
) -> Problem | None:
    """Keep the files that a row names as evidence, which lie beside the workbook; or say which is not there."""
    named = row.get("evidence")
    if named is None:
        return None
    names = [n.strip() for n in named.replace(",", "、").replace("，", "、").split("、") if n.strip()]
    files = [path.parent / Path(n).name for n in names]
    for file in files:
        if not file.is_file():
            place = Place(file=path.name, sheet=row["_sheet"], row=row["_row"])
            return problem("problem_evidence_gone", place, name=file.name, folder=path.parent.resolve().name)
    if dry_run:
        return None
    kept = [keep_evidence(county, f) for f in files]
    earlier = known.filter(pl.col("problem") == row["problem"])["evidence"].drop_nulls().to_list()
    row["evidence"] = "、".join(dict.fromkeys([*earlier, *(name for name, _ in kept)]))
    row["evidence_sha256"] = kept[-1][1]
    return None


_Refused = dict[tuple[str | None, int | None], tuple[Problem, ...]]


def _changes(
    sheets: Sequence[Sheet], file: str, gave: pl.DataFrame, known: pl.DataFrame
) -> tuple[list[dict[str, Any]], _Refused]:
    sheet = next((s for s in sheets if s.name == SHEET), None)
    if sheet is None:
        raise InputError(problem("returned_no_sheet", Place(file=file), sheet=SHEET))
    lines = lines_of(sheet, file, headers_of(), heading(_FIELDS["problem"]), gave, table="problems")
    if isinstance(lines, Problem):
        raise InputError(lines)
    refused: _Refused = {}
    for finding in lines.findings:
        at = (finding.sheet, finding.row)
        place = Place(file=file, sheet=finding.sheet, row=finding.row)
        why = problem("event_row_changed", place, what=finding.what, remedy=finding.remedy)
        refused[at] = (*refused.get(at, ()), why)
    stands = {r["problem"]: r for r in known.iter_rows(named=True)}
    rows = []
    for position in lines.kept:
        place = Place(file=file, sheet=sheet.name, row=int(sheet.rows[position]))
        texts = {n: lines.cell(position, heading(_FIELDS[n])) for n in ASKED}
        if not any(texts.values()):
            continue
        number = str(lines.cell(position, heading(_FIELDS["problem"])))
        values, wrong = _typed(texts, place)
        row = stands.get(number, {})
        values = {n: v for n, v in values.items() if v is not None and v != row.get(n)}
        wrong += [replace(p, place=place) for p in change_problems(row, values, date.today())]
        if wrong:
            refused[sheet.name, place.row] = tuple(wrong)
        elif values:
            rows.append({"problem": number, **values, "_sheet": sheet.name, "_row": place.row})
    return rows, refused


def _added(
    sheets: Sequence[Sheet], file: str, issue: Issue, tables: Mapping[str, pl.DataFrame]
) -> tuple[list[dict[str, Any]], _Refused]:
    sheet = next((s for s in sheets if s.name == NEW), None)
    if sheet is None:
        return [], {}
    heads = [heading(_FIELDS[n]) for n in ADDED]
    at = next(
        (i for i in range(sheet.cells.height) if [t.strip() for t in sheet.texts(i)[: len(heads)]] == heads), None
    )
    if at is None:
        raise InputError(problem("returned_no_header", Place(file=file, sheet=NEW), header=heads[0]))
    roll = tables["enterprises"].sort("year").unique("credit_code", keep="last")
    firms = {r["credit_code"]: r for r in roll.iter_rows(named=True)}
    grounds = dict(tables["parcels"].select("parcel", "township").iter_rows())
    grounds |= dict.fromkeys(set(tables["land"]["parcel"].drop_nulls()) - set(grounds))
    taken = set(tables["problems"]["problem"])
    rows: list[dict[str, Any]] = []
    refused: _Refused = {}
    for position in range(at + 1, sheet.cells.height):
        cells = sheet.texts(position)
        texts = {n: (cells[i].strip() or None) if i < len(cells) else None for i, n in enumerate(ADDED)}
        if not any(texts.values()):
            continue
        place = Place(file=file, sheet=NEW, row=int(sheet.rows[position]))
        values, wrong = _typed(texts, place)
        code = values["credit_code"] = _code(texts["credit_code"])
        if code is None and values["parcel"] is None:
            wrong.append(problem("problem_of_nobody", place))
        if code is not None and code not in firms:
            wrong.append(problem("event_firm_unknown", place, code=code, near=Guess(nearest(code, list(firms)))))
        elif code is not None and values["name"] not in (None, firms[code]["name"]):
            wrong.append(
                problem("event_name_differs", place, code=code, name=values["name"], known=firms[code]["name"])
            )
        if values["parcel"] is not None and values["parcel"] not in grounds:
            near = Guess(nearest(values["parcel"], list(grounds)))
            wrong.append(problem("event_parcel_unknown", place, code=values["parcel"], near=near))
        for name in ("problem_kind", "found_by", "found_on"):
            if values[name] is None:
                wrong.append(problem("problem_lacks", place, field=_FIELDS[name].label))
        wrong += [replace(p, place=place) for p in change_problems({}, values, date.today())]
        if wrong:
            refused[NEW, place.row] = tuple(wrong)
            continue
        firm = firms.get(code or "", {})
        number = first_free(f"{values['found_on']:%Y%m%d}-{code or values['parcel']}", taken)
        taken.add(number)
        rows.append(
            {
                **values, "problem": number, "name": values["name"] or firm.get("name"),
                "township": firm.get("township") or grounds.get(values["parcel"]) or issue.township,
                "handled_by": values["handled_by"] or DEPARTMENTS.get(values["problem_kind"]),
                "_sheet": NEW, "_row": place.row,
            }
        )  # fmt: skip
    return rows, refused


def _code(text: str | None) -> str | None:
    return None if text is None else str(pl.DataFrame({"c": [text]}).select(normal_code(pl.col("c"))).item())


def _typed(texts: Mapping[str, str | None], place: Place) -> tuple[dict[str, Any], list[Problem]]:
    """The texts of a row as values, and what cannot be read."""
    values: dict[str, Any] = {}
    wrong: list[Problem] = []
    for name, text in texts.items():
        kind, cell = _FIELDS[name].kind, pl.Series([text], dtype=pl.String)
        if kind == "date":
            parsed = dates(cell)
        elif kind == "quantity":
            parsed = quantities(cell, Fraction(1), parse_unit(_FIELDS[name].unit))
        else:
            values[name] = text
            continue
        if parsed.trouble[0] is not None:
            code = "events_bad_date" if kind == "date" else "events_bad_number"
            wrong.append(problem(key(code), place, field=_FIELDS[name].label, value=text))
        values[name] = parsed.values[0]
    return values, wrong
