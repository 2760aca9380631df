"""Licences whose code does not check: confirmed by a document, after which the code counts everywhere.

Such codes are real: one city's licences of before 2016 bear a check character that does not fit. Nobody can tell one
from a slip by looking at it; a person who has seen the licence can, and says on which paper it rests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields import TABLES
from mujun.records import FileRecords, Finding, LoadedTable
from mujun.records.confirming import CONFIRMED
from mujun.records.identity import is_resident_number, normal_code, normal_name, shaped, shown_code, valid
from mujun.records.matching import UNSAID, Waiting
from mujun.records.roll import Roll
from mujun.store import AlreadyLoaded, Store
from mujun.workspace.county_file import CountyFile
from mujun.workspace.identity.names_known import roll_known
from mujun.workspace.identity.reentering import Reentered, take_in

WITHDRAWN = "撤销"


@dataclass(frozen=True)
class Licensed:
    """What became of a decision on a licence's code.

    Attributes:
        code, name: the code and the firm.
        batch: the batch of the decision.
        near: codes of the roll that differ from this one in one place, with their firms: look again.
        reentered: the batches of rows that count now.
    """

    code: str
    name: str
    batch: int
    near: Mapping[str, str]
    reentered: tuple[Reentered, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows count now that did not before."""
        return sum(f.code == "code_confirmed" for r in self.reentered for f in r.records.findings)


def confirm_licence(
    county: CountyFile, code: str, name: str, *, document: str, note: str | None = None, withdraw: bool = False
) -> Licensed:
    """Put down that a licence bears this code although it does not check, and take in the rows that have it.

    Args:
        code: as the licence has it: 18 characters.
        name: the firm.
        document: the paper that shows it.
        note: anything else.
        withdraw: the decision no longer holds: later files with the code are refused again; what is in stays.

    Raises:
        UsageError: the code checks already, cannot be one, or the firm is on the roll under a code that checks.
        StoreError: the store cannot be written.
    """
    plain = str(pl.select(normal_code(pl.lit(code)).alias("c"))["c"][0])
    if not document.strip():
        raise UsageError(problem("licence_no_document"))
    with Store.open(county.path, write=True) as store:
        known = roll_known(store)
        _fits(plain, name, known, withdraw=withdraw)
        called = name.strip()
        given = {
            "credit_code": plain, "name": called, "ruling": WITHDRAWN if withdraw else CONFIRMED,
            "document": document.strip(), "note": note, "_row": 1,
        }  # fmt: skip
        schema = {**TABLES["licences"].schema, "_sheet": pl.String(), "_row": pl.Int64()}
        row = pl.DataFrame([{c: given.get(c) for c in schema}], schema=schema)
        sha256 = hashlib.sha256(f"{store.newest_batch()} {row.rows()}".encode()).hexdigest()
        part = LoadedTable("licences", row, pl.DataFrame(schema={"_sheet": pl.String(), "_row": pl.Int64()}))
        records = FileRecords("identity licence", sha256, (part,), (), 0, 1)
        reason = messages.text("licence_reason_withdrawn" if withdraw else "licence_reason_confirmed")
        batch = store.add_batch(records, who=county.who, reason=reason, document=document, force=True)
        assert not isinstance(batch, AlreadyLoaded)  # the newest batch is part of what is hashed
        near = {} if withdraw else _near(plain, known)
        reentered = () if withdraw else _let_in(store, plain, county.who, document)
        return Licensed(plain, called, batch, near, tuple(reentered))


def licences(county: CountyFile) -> pl.DataFrame:
    """The decisions as they stand: `credit_code, name, ruling, document, note`, `_batch`, by code."""
    with Store.open(county.path) as store:
        return store.table("licences").sort("credit_code")


def documents_of_licences(store: Store) -> dict[str, str]:
    """By code that was confirmed and does not check, the document that shows the licence."""
    confirmed = store.table("licences").filter(pl.col("ruling") == CONFIRMED)
    return dict(confirmed.select("credit_code", "document").iter_rows())


def _fits(code: str, name: str, known: Roll, *, withdraw: bool) -> None:
    """Refuse what cannot be a licence's code, or contradicts the roll."""
    if withdraw:
        if code not in known.confirmed:
            raise UsageError(problem("licence_not_confirmed", code=shown_code(code)))
        return
    if pl.select(is_resident_number(pl.lit(code)).alias("r"))["r"][0]:
        raise UsageError(problem("licence_of_a_resident", code=shown_code(code)))
    if valid(code):
        raise UsageError(problem("licence_checks", code=code))
    if not shaped(code):
        raise UsageError(problem("licence_no_code", code=code))
    plain = str(pl.select(normal_name(pl.lit(name)).alias("p"))["p"][0])
    others = sorted(known.owners.get(plain, frozenset()) - {code})
    if others:
        raise UsageError(problem("licence_firm_has_code", name=name, known=others))


def _near(code: str, known: Roll) -> dict[str, str]:
    """The codes of the roll that differ in one place: this one may be a slip of theirs."""
    return {
        other: name
        for other, name in sorted(known.called.items())
        if len(other) == len(code) and sum(a != b for a, b in zip(code, other, strict=True)) == 1
    }


def _let_in(store: Store, code: str, who: str, document: str) -> Sequence[Reentered]:
    """Take in every row of the quarantine that has the code."""
    chosen: dict[Waiting, str] = {}
    for name, table in TABLES.items():
        if "credit_code" not in table.by_name:
            continue
        kept = store.quarantine(name)
        mine = kept.filter(normal_code(pl.col("credit_code")) == code)
        for row in mine.iter_rows(named=True):
            where = (row["_batch"], row["_file"], row["_sheet"], row["_row"])
            called = row.get("name") or ""
            chosen[Waiting(name, *where, None, called, called, UNSAID)] = code
    reason = messages.text("licence_reason_reentered")
    return take_in(store, chosen, _said, who=who, reason=reason, document=document)


def _said(row: Waiting, code: str) -> Finding:
    """The finding of a row whose code was confirmed."""
    f = TABLES[row.table].by_name["credit_code"]
    return Finding(
        "code_confirmed", "warning", row.table, file=row.file, sheet=row.sheet, row=row.row, credit_code=code,
        name=row.name or None, field="credit_code", value=code, owner=f.owner or TABLES[row.table].owner,
    )  # fmt: skip
