"""Who is meant: proposals for rows that bear a name and no code, a person's decisions, and codes that changed.

Nothing is matched by a name without a person's word. What a person has confirmed is a record like any other, with who,
when and by which document; from then on the rows that were waiting count, and later files with the name too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import InputError, Place, Problem, UsageError, problem
from mujun.fields import TABLES
from mujun.messages import FindingCode
from mujun.notebooks import InNotebooks
from mujun.records import FileRecords, Finding, LoadedTable, read_file
from mujun.records.confirming import CONFIRMED, REFUSED, match_finding
from mujun.records.identity import normal_code, normal_name, shown_code, valid
from mujun.records.matching import UNSAID, Proposal, Waiting, proposals, township_of
from mujun.records.succession import WITHDRAWN, succession_at
from mujun.store import AlreadyLoaded, Store
from mujun.workspace.county_file import CountyFile
from mujun.workspace.identity.licences import documents_of_licences
from mujun.workspace.identity.names_known import Names, names_known, rows_of_their_own, rows_waiting
from mujun.workspace.identity.reentering import Reentered, take_in


def open_proposals(county: CountyFile, *, township: str | None = None) -> list[Proposal]:
    """What a person is to decide: every name in quarantine that nothing has been decided about.

    Args:
        township: only rows that say they are of this township; `未写` for those that say nothing.

    Raises:
        UsageError: no such township on the roll.
    """
    with Store.open(county.path) as store:
        names = names_known(store)
        if township is not None and township not in (*names.firms.townships, UNSAID):
            known = [*names.firms.townships, UNSAID]
            raise UsageError(problem("identity_no_township", township=township, known=known))
        waiting = [
            row
            for row in rows_waiting(store, names)
            if township in (None, row.township) and (row.plain, row.township) not in names.confirmed.codes
        ]
        own_rows = rows_of_their_own(store, waiting)
    made = proposals(waiting, names.firms, {row: set(codes) for row, codes in own_rows.items()})
    return [p for p in (_without_replaced(p, own_rows) for p in made) if p is not None and not _refused(p, names)]


def _without_replaced(proposal: Proposal, own_rows: Mapping[Waiting, Mapping[str, int]]) -> Proposal | None:
    """The proposal without rows that a later file, or a row beside them, has replaced."""
    if proposal.proposed is None:
        return proposal
    code = proposal.proposed.code
    rows = tuple(row for row in proposal.rows if own_rows.get(row, {}).get(code, -1) < row.batch)
    return replace(proposal, rows=rows) if rows else None


def _refused(proposal: Proposal, names: Names) -> bool:
    at = (proposal.rows[0].plain, proposal.township)
    if at not in names.refused:
        return False
    refused, proposed = names.refused[at], proposal.proposed
    return proposed is None or refused is None or proposed.code == refused


# ----------------------------------------------------------------------------------------------------------- decisions


@dataclass(frozen=True)
class Accepted(InNotebooks):
    """What became of decisions.

    Attributes:
        batch: the batch of the decisions; `None` where there was nothing new.
        already: the batch that has them already.
        confirmed, refused, undecided: how many of each.
        left_out: decisions that could not be taken, with their row.
        findings: what is to be looked at again.
        reentered: the batches of rows that count now.
    """

    batch: int | None = None
    already: int | None = None
    confirmed: int = 0
    refused: int = 0
    undecided: int = 0
    left_out: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()
    reentered: tuple[Reentered, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows count now that did not before."""
        return sum(r.rows for r in self.reentered)


def accept_workbook(county: CountyFile, path: str | Path, *, document: str | None = None) -> Accepted:
    """Take the decisions of a workbook that `identity list` wrote, and take in the rows they are about.

    Args:
        path: the workbook; rows without a decision stay undecided.
        document: what the decisions rest on, where a row names nothing of its own.

    Raises:
        InputError: it cannot be read, or is no such workbook.
        StoreError: the store cannot be written.
    """
    records = _workbook(path)
    with Store.open(county.path) as store:
        names = names_known(store)
        waiting = rows_waiting(store, names)
    parts = [t for t in records.tables if t.table == "matches"]
    kept = pl.concat([t.quarantine for t in parts])
    blank = kept.filter(pl.col("decision").fill_null("").str.strip_chars() == "")
    undecided = set(blank.select("_sheet", "_row").iter_rows())
    findings = [f for f in records.findings if f.row is not None and (f.sheet, f.row) not in undecided]
    left_out = [
        problem("identity_row_left_out", Place(f.file, f.sheet, f.row), what=f.what, remedy=f.remedy)
        for f in findings
        if f.severity == "error"
    ]
    rows, wrong, doubtful = _checked(pl.concat([t.rows for t in parts]), names, waiting, records.file, document)
    made = Accepted(
        confirmed=rows.filter(pl.col("decision") == CONFIRMED).height,
        refused=rows.filter(pl.col("decision") == REFUSED).height,
        undecided=len(undecided),
        left_out=(*left_out, *wrong),
        findings=(*(f for f in findings if f.severity == "warning"), *doubtful),
    )
    return _decided(county, rows, records.file, records.sha256, made, document)


def _workbook(path: str | Path) -> FileRecords:
    """The decisions of a workbook.

    Raises:
        InputError: it cannot be read; one that holds something else is said to, whatever its headers are.
    """
    try:
        return read_file(path, table="matches")
    except InputError as error:
        if {p.code for p in error.problems} <= _OF_OTHER_FILES:
            raise InputError(problem("identity_no_workbook", Place(file=Path(path).name))) from None
        raise


_OF_OTHER_FILES = {"headers_unknown", "headers_unknown_near", "columns_missing", "no_header"}


def accept_one(
    county: CountyFile,
    name: str,
    *,
    code: str | None,
    township: str | None = None,
    refuse: bool = False,
    document: str | None = None,
    note: str | None = None,
) -> Accepted:
    """Decide on one name: that it is a firm's, or that it is not.

    Args:
        name: as the file writes it; width, brackets and spaces make no difference.
        code: the firm's code; `None` only where the proposal is refused.
        township: where the rows say the firm is; may be left out where all waiting rows of the name say the same.
        refuse: the name is not this firm's.
        document, note: what the decision rests on.

    Raises:
        UsageError: no firm has the code, or the township has to be said.
        StoreError: the store cannot be written.
    """
    plain = str(pl.select(normal_name(pl.lit(name)).alias("p"))["p"][0])
    with Store.open(county.path) as store:
        names = names_known(store)
        waiting = rows_waiting(store, names)
    townships = sorted({row.township for row in waiting if row.plain == plain})
    if township is None:
        if len(townships) > 1:
            raise UsageError(problem("identity_which_township", name=name, townships=townships))
        township = townships[0] if townships else UNSAID
    else:
        township = township_of(township, None, None, names.firms.townships)
    if code is None and not refuse:
        raise UsageError(problem("identity_no_code"))
    plain_code = None if code is None else str(pl.select(normal_code(pl.lit(code)).alias("c"))["c"][0])
    given = {
        "given_name": name, "township": township, "decision": REFUSED if refuse else CONFIRMED,
        "credit_code": plain_code, "document": document, "note": note, "_row": 1,
    }  # fmt: skip
    schema = {**TABLES["matches"].schema, "_sheet": pl.String(), "_row": pl.Int64()}
    frame = pl.DataFrame([{c: given.get(c) for c in schema}], schema=schema)
    rows, wrong, doubtful = _checked(frame, names, waiting, None, document)
    if wrong:
        raise UsageError(wrong)
    made = Accepted(confirmed=0 if refuse else 1, refused=1 if refuse else 0, findings=tuple(doubtful))
    with Store.open(county.path) as store:
        text = f"{store.newest_batch()} {frame.rows()}"
    return _decided(county, rows, "identity accept", hashlib.sha256(text.encode()).hexdigest(), made, document)


def _checked(
    rows: pl.DataFrame, names: Names, waiting: Iterable[Waiting], file: str | None, document: str | None
) -> tuple[pl.DataFrame, list[Problem], list[Finding]]:
    """Decisions that can be taken, with names and likeness of their own; what is wrong, what is doubtful."""
    known, places = names.firms.codes, _townships(names)
    open_names = {(row.plain, row.township) for row in waiting}
    rows = rows.with_columns(normal_name(pl.col("given_name")).alias("_plain"))
    good: list[dict[str, object]] = []
    wrong: list[Problem] = []
    doubtful: list[Finding] = []
    for row in rows.iter_rows(named=True):
        at = Place(file, row["_sheet"], row["_row"]) if file else None
        code = row["credit_code"]
        if row["decision"] == CONFIRMED and code is None:
            wrong.append(problem("identity_row_without_code", at, name=row["given_name"]))
            continue
        if code is not None and code not in known and code not in names.confirmed.former:
            wrong.append(problem("identity_code_unknown", at, name=row["given_name"], code=shown_code(code)))
            continue
        if row["decision"] == CONFIRMED and row["township"] not in (UNSAID, *places.get(code, ())):
            doubtful.append(_doubt("match_other_township", "township", row, names, file, places.get(code, ())))
        at_name = (row.pop("_plain"), row["township"])
        before = names.confirmed.codes.get(at_name)
        if before is not None and (row["decision"] == REFUSED or code != before):
            doubtful.append(_doubt("match_changed", "credit_code", {**row, "credit_code": before}, names, file))
        if at_name not in open_names:
            doubtful.append(_doubt("match_no_rows", "given_name", row, names, file))
        good.append({**row, "name": names.confirmed.names.get(code), "document": row["document"] or document})
    return pl.DataFrame(good, schema=rows.drop("_plain").schema, orient="row"), wrong, doubtful


def _townships(names: Names) -> dict[str, tuple[str, ...]]:
    grouped = names.firms.names.drop_nulls("township").group_by("credit_code").agg(pl.col("township").unique().sort())
    return {code: tuple(townships) for code, townships in grouped.iter_rows()}


def _doubt(
    code: FindingCode,
    field: str,
    row: Mapping[str, object],
    names: Names,
    file: str | None,
    townships: Iterable[str] = (),
) -> Finding:
    """What is to be looked at again about a decision that was taken."""
    whose, at = row["credit_code"], row["_row"]
    return Finding(
        code, "warning", "matches", file=file, row=at if file and isinstance(at, int) else None,
        credit_code=None if whose is None else str(whose), name=names.confirmed.names.get(str(whose)), field=field,
        value=str(row[field]), owner=TABLES["matches"].owner,
        values={"given": str(row["given_name"]), "township": str(row["township"]), "townships": list(townships) or "—"},
    )  # fmt: skip


def _decided(
    county: CountyFile, rows: pl.DataFrame, file: str, sha256: str, made: Accepted, document: str | None
) -> Accepted:
    """The decisions in the store, then the rows they let in."""
    with Store.open(county.path, write=True) as store:
        if rows.height:
            key = list(TABLES["matches"].key)
            rows = rows.unique(key, keep="last", maintain_order=True)
            part = LoadedTable("matches", rows, pl.DataFrame(schema={"_sheet": pl.String(), "_row": pl.Int64()}))
            records = FileRecords(file, sha256, (part,), made.findings, 0, rows.height)
            reason = messages.text("identity_reason_decided")
            batch = store.add_batch(records, who=county.who, reason=reason, document=document)
            if isinstance(batch, AlreadyLoaded):
                made = replace(made, already=batch.batch)
            else:
                made = replace(made, batch=batch)
        return replace(made, reentered=tuple(_settle(store, county.who, document)))


def _settle(store: Store, who: str, document: str | None) -> list[Reentered]:
    """Take in every waiting row whose name is confirmed."""
    names = names_known(store)
    confirmed = names.confirmed
    chosen = {row: code for row in rows_waiting(store, names) if (code := confirmed.code_for(row)) is not None}
    reason = messages.text("identity_reason_reentered")

    def say(row: Waiting, code: str) -> Finding:
        return match_finding("name_matched", row, code, confirmed)

    return take_in(store, chosen, say, who=who, reason=reason, document=document)


# -------------------------------------------------------------------------------------------------- codes that changed


def add_alias(
    county: CountyFile,
    old: str,
    new: str,
    *,
    since: date,
    change: str = "换码",
    document: str | None = None,
    note: str | None = None,
) -> int:
    """Put down that a code became another's.

    Args:
        old, new: the codes; local codes too, and those that do not check and were confirmed by a document.
        since: the day from which it is so.
        change: `换码`, the same firm with another code; `合并`, taken over by another firm; `撤销`, there was no
            such change: the one on record from this day no longer counts.
        document, note: what it rests on.

    Returns:
        The batch.

    Raises:
        UsageError: a code that is none, or a change that contradicts what is on record.
        StoreError: the store cannot be written.
    """
    codes = pl.select(normal_code(pl.lit(old)).alias("old"), normal_code(pl.lit(new)).alias("new"))
    before, after = str(codes["old"][0]), str(codes["new"][0])
    if before == after:
        raise UsageError(problem("identity_same_code", code=before))
    with Store.open(county.path, write=True) as store:
        licensed = documents_of_licences(store)
        unknown = [c for c in (before, after) if not valid(c) and c not in licensed]
        if wrong := [problem("identity_not_a_code", code=shown_code(c)) for c in unknown]:
            raise UsageError(wrong)
        aliases, names = store.table("aliases"), names_known(store)
        called = dict(names.firms.names.select("credit_code", "name").iter_rows())
        known = store.table("enterprises").sort("year").select("credit_code", "name")
        called |= {c: n for c, n in known.iter_rows() if n}
        given = {
            "credit_code": before, "name": called.get(before), "since": since, "successor": after,
            "successor_licence": licensed.get(after), "successor_name": called.get(after), "change": change,
            "document": document, "note": note, "_row": 1,
        }  # fmt: skip
        schema = {**TABLES["aliases"].schema, "_sheet": pl.String(), "_row": pl.Int64()}
        row = pl.DataFrame([{c: given.get(c) for c in schema}], schema=schema)
        _fits(aliases, row, before)
        records = FileRecords(
            "identity alias", hashlib.sha256(f"{store.newest_batch()} {row.rows()}".encode()).hexdigest(),
            (LoadedTable("aliases", row, pl.DataFrame(schema={"_sheet": pl.String(), "_row": pl.Int64()})),), (), 0, 1,
        )  # fmt: skip
        reason = messages.text("identity_reason_alias")
        batch = store.add_batch(records, who=county.who, reason=reason, document=document)
    assert isinstance(batch, int)
    return batch


def _fits(aliases: pl.DataFrame, row: pl.DataFrame, old: str) -> None:
    """Refuse a change that together with what is on record has no end, and to withdraw one that is not on record."""
    if row["change"][0] == WITHDRAWN:
        if aliases.join(row, on=["credit_code", "since", "successor"], how="semi").is_empty():
            raise UsageError(
                problem("identity_no_such_change", old=old, new=row["successor"][0], since=row["since"][0])
            )
        return
    columns = list(TABLES["aliases"].schema)
    key = list(TABLES["aliases"].key)
    others = aliases.join(row.select(key), on=key, how="anti").select(columns)
    succession = succession_at(pl.concat([others, row.select(columns)]), date.max.year)
    wrong = [f for f in succession.findings if f.credit_code == old]
    if any(f.code == "alias_two_successors" for f in wrong):
        several = others.filter(pl.col("credit_code") == old).select("successor", "since").rows()
        known = [f"{code}（{messages.show(day)}）" for code, day in several]
        raise UsageError(problem("identity_second_successor", old=old, known=known))
    if wrong:
        raise UsageError(problem("identity_in_a_circle", old=old, new=row["successor"][0]))


def changes_of_codes(county: CountyFile) -> pl.DataFrame:
    """The register of changes as it stands, with `counts`: whether the change is followed, and `_batch`, `_file`."""
    with Store.open(county.path) as store:
        aliases = store.table("aliases")
    heirs = succession_at(aliases, date.max.year).heirs
    return aliases.with_columns(pl.col("credit_code").is_in(list(heirs)).alias("counts")).sort("since", "credit_code")
