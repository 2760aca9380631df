"""The list of problems (问题隐患治理清单) of the county: seen, said, handed over, taken back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from mujun.errors import InputError, MujunError, Place, Problem, UsageError, problem
from mujun.fields import TABLES, nearest
from mujun.messages import Guess, Word, key
from mujun.notebooks import InNotebooks
from mujun.numbers import parse_unit
from mujun.records import FileRecords
from mujun.records.cells import dates, quantities
from mujun.records.container import container_of, read_bytes
from mujun.records.identity import normal_code
from mujun.records.problem_rows import DEPARTMENTS, first_free, problem_table
from mujun.records.returned import MARK, lines_of, mark_in
from mujun.records.sheets import Sheet, read_sheets
from mujun.rectification.problems import SAID, change_problems, problem_state
from mujun.reports.departments.template import heading
from mujun.reports.rectification.problem_sheets import (
    ADDED,
    ASKED,
    NEW,
    SHEET,
    given,
    headers_of,
    write_problem_book,
    write_problem_sheet,
)
from mujun.store import Issue, Store
from mujun.store.issues import PROBLEMS, SURVEY
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.standing import current_table
from mujun.writing import file_name, write_bytes

_FIELDS = TABLES["problems"].by_name


@dataclass(frozen=True)
class ProblemList(InNotebooks):
    """Problems on record: rows of `problems` with `state`, sorted by township and number."""

    rows: pl.DataFrame = field(repr=False)

    @property
    def counts(self) -> dict[str, int]:
        """How many are in each state."""
        return dict(self.rows.group_by("state").len().sort("state").iter_rows())


def problem_rows(county: CountyFile) -> pl.DataFrame:
    """Every problem as it stands, with `state`."""
    return current_table(county, "problems").with_columns(problem_state().alias("state"))


def list_problems(
    county: CountyFile,
    *,
    township: str | None = None,
    department: str | None = None,
    kind: str | None = None,
    code: str | None = None,
    parcel: str | None = None,
    only_open: bool = False,
) -> ProblemList:
    """The problems on record, of a township, department, kind, firm or parcel.

    Args:
        township, department, kind, code, parcel: only theirs.
        only_open: only those that are not closed.

    Raises:
        UsageError: no problem is of that township, department, kind, firm or parcel; names the nearest.
    """
    rows = problem_rows(county)
    asked = {"township": township, "handled_by": department, "problem_kind": kind, "credit_code": code,
             "parcel": parcel}  # fmt: skip
    for name, wanted in asked.items():
        if wanted is None:
            continue
        known = rows[name].drop_nulls().unique().sort().to_list()
        if wanted not in known:
            near = Guess(nearest(wanted, known))
            raise UsageError(problem("problem_nobody", field=_FIELDS[name].label, value=wanted, near=near))
        rows = rows.filter(pl.col(name) == wanted)
    if only_open:
        rows = rows.filter(pl.col("state") != "closed")
    return ProblemList(rows.sort("township", "problem", nulls_last=True))


# --------------------------------------------------------------------------------------------------------------- saying


@dataclass(frozen=True)
class Said:
    """What was said of a problem: its number, the state it is in now, the batch it became."""

    number: str
    state: str
    batch: int


def say_of_problem(
    county: CountyFile,
    number: str,
    action: str,
    *,
    on: date | None = None,
    document: str = "",
    department: str = "",
    deadline: date | None = None,
    result: str = "",
    amount: Decimal | None = None,
    evidence: Path | None = None,
) -> Said:
    """Say what was done about a problem.

    Args:
        county: the county.
        number: the problem's number.
        action: `order` (ordered to mend), `mend`, `fine` or `close`.
        on: the day; today where none is given. Of an order it is its `deadline` that counts.
        document, department, deadline: of an order.
        result: how it was mended.
        amount: of a fine, in 万元.
        evidence: a file that shows it, copied into the store's folder of evidence.

    Raises:
        UsageError: there is no such problem or action, or it cannot be said.
        InputError: the evidence cannot be read or copied.
    """
    if action not in SAID:
        raise UsageError(problem("problem_action", action=action, known=list(SAID), near=Guess(nearest(action, SAID))))
    rows = current_table(county, "problems")
    mine = rows.filter(pl.col("problem") == number)
    if mine.is_empty():
        near = Guess(nearest(number, rows["problem"].to_list()))
        raise UsageError(problem("problem_unknown", number=number, near=near))
    day = on or date.today()
    every: dict[str, dict[str, Any]] = {
        "order": {"order_document": document or None, "order_deadline": deadline, "handled_by": department or None},
        "mend": {"mended_on": day, "mend_result": result or None},
        "fine": {"fined_on": day, "fine_amount": amount},
        "close": {"closed_on": day},
    }
    said = every[action]
    row = mine.row(0, named=True)
    wrong = change_problems(row, said, date.today())
    if action == "order" and deadline is None:
        wrong.append(problem("problem_needs_deadline", number=number))
    if wrong:
        raise UsageError(wrong)
    if evidence is not None:
        name, digest = keep_evidence(county, evidence)
        earlier = row["evidence"]
        said["evidence"] = name if not earlier or name in earlier.split("、") else f"{earlier}、{name}"
        said["evidence_sha256"] = digest
    batch = _put(county, f"问题处置（{number}）", [{"problem": number, **said}], f"{action} {number}", document)
    stands = problem_rows(county).filter(pl.col("problem") == number)
    return Said(number, stands["state"][0], batch)


def evidence_folder(county: CountyFile) -> Path:
    """The folder beside the store in which evidence is kept."""
    return county.path.with_name(f"{county.path.stem}.evidence")


def keep_evidence(county: CountyFile, file: Path) -> tuple[str, str]:
    """Copy a file into the store's folder of evidence, under a name that begins with its digest.

    Returns:
        The name that it has there, and its SHA-256.

    Raises:
        InputError: it cannot be read or copied.
    """
    data = read_bytes(file)
    digest = hashlib.sha256(data).hexdigest()
    folder = evidence_folder(county)
    folder.mkdir(exist_ok=True)
    name = file_name(f"{digest[:12]}_{file.stem}", file.suffix)
    target = folder / name
    if not target.exists():
        write_bytes(target, data)
    return name, digest


def _put(
    county: CountyFile, file: str, rows: Sequence[Mapping[str, Any]], reason: str, document: str, sha256: str = ""
) -> int:
    """Rows that say something of problems, as one batch: each says only the fields that it has."""
    by_columns: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        told = tuple(n for n in TABLES["problems"].schema if row.get(n) is not None)
        by_columns.setdefault(told, []).append(row)
    tables = tuple(problem_table(several, columns) for columns, several in by_columns.items())
    with Store.open(county.path) as store:
        newest = store.newest_batch()
    content = json.dumps([[{k: str(v) for k, v in r.items()} for r in rows], newest], ensure_ascii=False)
    digest = sha256 or hashlib.sha256(content.encode()).hexdigest()
    records = FileRecords(file, digest, tables, (), 0, len(rows))
    with Store.open(county.path, write=True) as store:
        batch = store.add_batch(records, who=county.who, reason=reason, document=document or None)
    assert isinstance(batch, int)
    return batch


# --------------------------------------------------------------------------------------------------- out and back again


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
    draft = Issue(PROBLEMS, date.today().year, township, 0, "", given(rows), county.who)
    with Store.open(county.path, write=True) as store:
        issue = store.save_issue(draft, lambda made: write_problem_sheet(file, rows, title, made.mark))
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
        tables = store.tables(("problems", "enterprises"))
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
        changed, wrong = _changes(sheets, path.name, issue, tables["problems"])
        added, wrong_added = _added(sheets, path.name, issue, tables)
    except InputError as error:
        return ProblemsTaken(path.name, refused=error.problems)
    refused = {**wrong, **wrong_added}
    batch = None
    if (changed or added) and not dry_run:
        reason = f"问题隐患治理清单（{issue.mark}）"
        batch = _put(county, path.name, [*changed, *added], reason, issue.mark, sha256)
    return ProblemsTaken(
        path.name, len(changed), len(added), tuple(p for several in refused.values() for p in several), len(refused),
        batch,
    )  # fmt: skip


_Refused = dict[tuple[str | None, int | None], tuple[Problem, ...]]


def _changes(
    sheets: Sequence[Sheet], file: str, issue: Issue, known: pl.DataFrame
) -> tuple[list[dict[str, Any]], _Refused]:
    sheet = next((s for s in sheets if s.name == SHEET), None)
    if sheet is None:
        raise InputError(problem("returned_no_sheet", Place(file=file), sheet=SHEET))
    lines = lines_of(sheet, file, headers_of(), heading(_FIELDS["problem"]), issue.given, table="problems")
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
        said, wrong = _typed(texts, place)
        row = stands.get(number, {})
        said = {n: v for n, v in said.items() if v is not None and v != row.get(n)}
        wrong += [replace(p, place=place) for p in change_problems(row, said, date.today())]
        if wrong:
            refused[sheet.name, place.row] = tuple(wrong)
        elif said:
            rows.append({"problem": number, **said, "_sheet": sheet.name, "_row": place.row})
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
    taken = set(tables["problems"]["problem"])
    rows: list[dict[str, Any]] = []
    refused: _Refused = {}
    for position in range(at + 1, sheet.cells.height):
        cells = sheet.texts(position)
        texts = {n: (cells[i].strip() or None) if i < len(cells) else None for i, n in enumerate(ADDED)}
        if not any(texts.values()):
            continue
        place = Place(file=file, sheet=NEW, row=int(sheet.rows[position]))
        said, wrong = _typed(texts, place)
        code = said["credit_code"] = _code(texts["credit_code"])
        if code is None and said["parcel"] is None:
            wrong.append(problem("problem_of_nobody", place))
        if code is not None and code not in firms:
            wrong.append(problem("event_firm_unknown", place, code=code, near=Guess(nearest(code, list(firms)))))
        elif code is not None and said["name"] not in (None, firms[code]["name"]):
            wrong.append(problem("event_name_differs", place, code=code, name=said["name"], known=firms[code]["name"]))
        for name in ("problem_kind", "found_by", "found_on"):
            if said[name] is None:
                wrong.append(problem("problem_lacks", place, field=_FIELDS[name].label))
        wrong += [replace(p, place=place) for p in change_problems({}, said, date.today())]
        if wrong:
            refused[NEW, place.row] = tuple(wrong)
            continue
        firm = firms.get(code or "", {})
        number = first_free(f"{said['found_on']:%Y%m%d}-{code or said['parcel']}", taken)
        taken.add(number)
        rows.append(
            {
                **said, "problem": number, "name": said["name"] or firm.get("name"),
                "township": firm.get("township") or issue.township,
                "handled_by": said["handled_by"] or DEPARTMENTS.get(said["problem_kind"]),
                "_sheet": NEW, "_row": place.row,
            }
        )  # fmt: skip
    return rows, refused


def _code(text: str | None) -> str | None:
    return None if text is None else str(pl.DataFrame({"c": [text]}).select(normal_code(pl.col("c"))).item())


def _typed(texts: Mapping[str, str | None], place: Place) -> tuple[dict[str, Any], list[Problem]]:
    """The texts of a row as values, and what cannot be read."""
    said: dict[str, Any] = {}
    wrong: list[Problem] = []
    for name, text in texts.items():
        kind, cell = _FIELDS[name].kind, pl.Series([text], dtype=pl.String)
        if kind == "date":
            parsed = dates(cell)
        elif kind == "quantity":
            parsed = quantities(cell, Fraction(1), parse_unit(_FIELDS[name].unit))
        else:
            said[name] = text
            continue
        if parsed.trouble[0] is not None:
            code = "events_bad_date" if kind == "date" else "events_bad_number"
            wrong.append(problem(key(code), place, field=_FIELDS[name].label, value=text))
        said[name] = parsed.values[0]
    return said, wrong


# --------------------------------------------------------------------------------------------------------------- status

STATUS_SCHEMA: dict[str, pl.DataType] = {
    "township": pl.String(), "sent": pl.String(), "firms": pl.Int64(), "visited": pl.Int64(), "found": pl.Int64(),
    "open": pl.Int64(), "ordered": pl.Int64(), "overdue": pl.Int64(), "mended": pl.Int64(), "fined": pl.Int64(),
    "closed": pl.Int64(),
}  # fmt: skip
"""A township's list: `sent` is 已报, 部分 (not all firms handed out were visited) or 未报; `found` of them are in each
state, `overdue` are those ordered whose deadline is over."""


def problem_status(county: CountyFile, day: date | None = None) -> pl.DataFrame:
    """How each township's list stands on a day; columns as in `STATUS_SCHEMA`.

    Every township of the newest roll is there, and so is who has not sent anything: firms handed out for a visit, and
    those visited, are of the newest data year.
    """
    when = day or date.today()
    roll = current_table(county, "enterprises")
    year = roll["year"].max()
    of_year = roll.filter(pl.col("year") == year)
    townships = dict(of_year.select("credit_code", "township").iter_rows())
    rows = problem_rows(county)
    visited = set(current_table(county, "surveys").filter(pl.col("year") == year)["credit_code"])
    with Store.open(county.path) as store:
        issues = store.issues(SURVEY, int(str(year))) if year is not None else ()
    out = {c for issue in issues for c in issue.given["credit_code"]}
    names = sorted({t for t in (*townships.values(), *rows["township"].to_list()) if t})
    told = []
    for name in names:
        mine = rows.filter(pl.col("township") == name)
        asked = [c for c in out if townships.get(c) == name]
        seen = sum(c in visited for c in asked) if asked else sum(townships.get(c) == name for c in visited)
        late = mine.filter((pl.col("state") == "ordered") & (pl.col("order_deadline") < when)).height
        sent = "未报" if not seen and mine.is_empty() else "部分" if seen < len(asked) else "已报"
        states = {s: mine.filter(pl.col("state") == s).height for s in ("open", "ordered", "mended", "fined", "closed")}
        told.append({"township": name, "sent": sent, "firms": len(asked), "visited": seen, "found": mine.height,
                     "overdue": late, **states})  # fmt: skip
    return pl.DataFrame([{n: r[n] for n in STATUS_SCHEMA} for r in told], schema=STATUS_SCHEMA)


def problem_book(county: CountyFile, file: Path, day: date | None = None) -> Path:
    """All townships' lists in one book, with who has not sent theirs.

    Raises:
        InputError: the file cannot be written.
    """
    rows = problem_rows(county)
    return write_problem_book(file, rows, problem_status(county, day), day or date.today())


def state_word(state: str) -> Word:
    """A state's word in the language in force."""
    return Word(key(f"problem_state_{state}"))
