"""The list of problems (问题隐患治理清单) of the county: seen, said, summed up."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields import TABLES, nearest
from mujun.messages import Guess, Word, key
from mujun.notebooks import InNotebooks
from mujun.records import FileRecords
from mujun.records.loaded import LoadedTable
from mujun.records.problem_rows import problem_table
from mujun.rectification.problems import OVER, SAID, change_problems, problem_state
from mujun.reports.rectification.problem_sheets import write_problem_book
from mujun.reports.rounds.survey_workbook import FIRMS, KEY
from mujun.store import Store
from mujun.store.issues import SURVEY
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.on_record import current_table
from mujun.workspace.problems.evidence import keep_evidence

_FIELDS = TABLES["problems"].by_name


@dataclass(frozen=True)
class ProblemList(InNotebooks):
    """Problems on record: rows of `problems` with `state`, sorted by township and number."""

    rows: pl.DataFrame = field(repr=False)

    @property
    def counts(self) -> dict[str, int]:
        """How many are in each state."""
        return dict(self.rows.group_by("state").len().sort("state").iter_rows())


def problem_rows(county: CountyFile, day: date | None = None) -> pl.DataFrame:
    """Every problem as it stands, with `state`; as it stood at the end of a day those found until then."""
    with Store.open(county.path) as store:
        tables = store.tables(
            ("problems", "enterprises", "parcels"),
            fields={"enterprises": ("name", "township"), "parcels": ("township",)},
        )
    rows = _placed(tables).with_columns(problem_state(day).alias("state"))
    return rows if day is None else rows.filter(pl.col("found_on").is_null() | (pl.col("found_on") <= day))


def _placed(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Problems with the firm's name, and the township of the firm or parcel, where they say none of their own."""
    roll = tables["enterprises"].sort("year").unique("credit_code", keep="last", maintain_order=True)
    firms = roll.select("credit_code", pl.col("township").alias("_firm"), pl.col("name").alias("_name"))
    grounds = tables["parcels"].select("parcel", pl.col("township").alias("_ground"))
    known = tables["problems"].join(firms, on="credit_code", how="left", maintain_order="left")
    known = known.join(grounds, on="parcel", how="left", maintain_order="left")
    return known.with_columns(
        pl.coalesce("township", "_firm", "_ground").alias("township"), pl.coalesce("name", "_name").alias("name")
    ).drop("_firm", "_ground", "_name")


BUREAU = TABLES["enterprises"].owner
"""Who sees to problems that no department was given: 经信局, or 市经信局 as it calls itself."""


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
        township, department, kind, code, parcel: only theirs; those that no department was given are the bureau's.
        only_open: only those that are neither closed nor withdrawn.

    Raises:
        UsageError: no problem is of that township, department, kind, firm or parcel; names the nearest.
    """
    rows = problem_rows(county)
    asked = {"township": township, "handled_by": department, "problem_kind": kind, "credit_code": code,
             "parcel": parcel}  # fmt: skip
    for name, wanted in asked.items():
        if wanted is None:
            continue
        mine = pl.col(name) == wanted
        if name == "handled_by" and wanted.endswith(BUREAU):
            mine |= pl.col(name).is_null()
        theirs = rows.filter(mine)
        if theirs.is_empty():
            near = Guess(nearest(wanted, rows[name].drop_nulls().unique().sort().to_list()))
            raise UsageError(problem("problem_nobody", field=_FIELDS[name].label, value=wanted, near=near))
        rows = theirs
    if only_open:
        rows = rows.filter(~pl.col("state").is_in(OVER))
    return ProblemList(rows.sort("township", "problem", nulls_last=True))


def one_problem(county: CountyFile, number: str) -> pl.DataFrame:
    """The row of a problem.

    Raises:
        UsageError: there is no such problem; names the nearest.
    """
    rows = problem_rows(county)
    mine = rows.filter(pl.col("problem") == number)
    if mine.is_empty():
        near = Guess(nearest(number, rows["problem"].to_list()))
        raise UsageError(problem("problem_unknown", number=number, near=near))
    return mine


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
    reason: str = "",
    evidence: Path | Iterable[Path] | None = None,
    by: str | None = None,
) -> Said:
    """Say what was done about a problem.

    Args:
        county: the county.
        number: the problem's number.
        action: `order` (ordered to mend), `mend`, `fine`, `close`, or `withdraw` where it turned out to be none.
        on: the day; today where none is given. Of an order it is its `deadline` that counts.
        document, department, deadline: of an order.
        result: how it was mended.
        amount: of a fine, in 万元.
        reason: why it is withdrawn.
        evidence: a file that shows it, or several, copied into the store's folder of evidence.
        by: the office that says it, where it may speak of the problems only that it handles.

    Raises:
        UsageError: there is no such problem or action, it cannot be said, or the office does not handle the problem.
        InputError: the evidence cannot be read or copied.
    """
    if action not in SAID:
        raise UsageError(problem("problem_action", action=action, known=list(SAID), near=Guess(nearest(action, SAID))))
    mine = one_problem(county, number)
    day = on or date.today()
    every: dict[str, dict[str, Any]] = {
        "order": {"order_document": document or None, "order_deadline": deadline, "handled_by": department or None},
        "mend": {"mended_on": day, "mend_result": result or None},
        "fine": {"fined_on": day, "fine_amount": amount},
        "close": {"closed_on": day},
        "withdraw": {"withdrawn_on": day, "withdrawn_why": reason.strip() or None},
    }
    values = every[action]
    row = mine.row(0, named=True)
    if by is not None and row["handled_by"] != by:
        raise UsageError(problem("problem_of_other_office", number=number, office=row["handled_by"] or "—"))
    wrong = change_problems(row, values, date.today())
    if action == "order" and deadline is None:
        wrong.append(problem("problem_needs_deadline", number=number))
    if action == "withdraw" and not reason.strip():
        wrong.append(problem("problem_withdraw_no_reason", number=number))
    if action == "withdraw" and by is not None:
        wrong.append(problem("problem_withdraw_not_office", number=number))
    if wrong:
        raise UsageError(wrong)
    files = (evidence,) if isinstance(evidence, Path) else evidence or ()
    kept = [keep_evidence(county, file) for file in files]
    if kept:
        earlier = str(row["evidence"] or "").split("、")
        values["evidence"] = "、".join(dict.fromkeys(n for n in (*earlier, *(name for name, _ in kept)) if n))
        values["evidence_sha256"] = kept[-1][1]
    batch = put(county, f"问题处置（{number}）", [{"problem": number, **values}], f"{action} {number}", document)
    stands = problem_rows(county).filter(pl.col("problem") == number)
    return Said(number, stands["state"][0], batch)


def tables_of(rows: Sequence[Mapping[str, Any]]) -> tuple[LoadedTable, ...]:
    """Rows that say something of problems as the store takes them: each says only the fields that it has."""
    by_columns: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        told = tuple(n for n in TABLES["problems"].schema if row.get(n) is not None)
        by_columns.setdefault(told, []).append(row)
    return tuple(problem_table(several, columns) for columns, several in by_columns.items())


def put(
    county: CountyFile, file: str, rows: Sequence[Mapping[str, Any]], reason: str, document: str, sha256: str = ""
) -> int:
    """Rows that say something of problems, as one batch; says its number."""
    return put_tables(county, file, rows, tables_of(rows), reason, document, sha256)


def put_tables(
    county: CountyFile,
    file: str,
    rows: Sequence[Mapping[str, Any]],
    tables: Sequence[LoadedTable],
    reason: str,
    document: str,
    sha256: str = "",
    takes_back: int | None = None,
) -> int:
    """The same of tables that are made already; `takes_back` is the batch whose saying they take back."""
    with Store.open(county.path, write=True) as store:
        said = [[{k: str(v) for k, v in r.items()} for r in rows], store.newest_batch()]
        digest = sha256 or hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
        records = FileRecords(file, digest, tuple(tables), (), 0, len(rows))
        batch = store.add_batch(
            records, who=county.who, reason=reason, document=document or None, takes_back=takes_back
        )
    assert isinstance(batch, int)
    return batch


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
    rows = problem_rows(county, when).filter(pl.col("state") != "withdrawn")
    visited = set(current_table(county, "surveys").filter(pl.col("year") == year)["credit_code"])
    with Store.open(county.path) as store:
        issues = store.issues(SURVEY, int(str(year))) if year is not None else ()
    out = {c for issue in issues for c in FIRMS.given(issue.given)[KEY]}
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
    rows = problem_rows(county, day).filter(pl.col("state") != "withdrawn")
    return write_problem_book(file, rows, problem_status(county, day), day or date.today())


def state_word(state: str) -> Word:
    """A state's word in the language in force."""
    return Word(key(f"problem_state_{state}"))
