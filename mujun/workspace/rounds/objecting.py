"""One objection put on record as it comes in, by letter or at the counter: accepted as the line of a returned sheet is.

What a firm may object to are the lines of its confirmation sheet as it would be handed out now; what the bureau agrees
to becomes a correction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import field

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import InputError, UsageError, problem
from mujun.fields import nearest
from mujun.messages import Guess
from mujun.notebooks import InNotebooks
from mujun.records.sheets.sheet import Sheet
from mujun.reports.rounds.confirmation_sheets import AGREED, ASKED, GIVEN, KEY, OTHER, REJECTED
from mujun.store import Issue
from mujun.workspace.county_file import CountyFile
from mujun.workspace.rounds.confirming import to_confirm
from mujun.workspace.rounds.register import objections
from mujun.workspace.rounds.returning import Returned, line_taken

VERDICTS: tuple[str, ...] = (AGREED, REJECTED)
"""What the bureau decides; blank as long as it has not."""

WORDS: Mapping[str, str] = {"agreed": AGREED, "rejected": REJECTED}
"""The same as the command line has them."""


@dataclass(frozen=True)
class Objectable(InNotebooks):
    """What a firm may object to: its figures of a year, and anything else.

    Attributes:
        credit_code, name: the firm.
        issue: its confirmation sheet as it would be handed out now.
    """

    credit_code: str
    name: str
    issue: Issue = field(repr=False)

    @property
    def items(self) -> tuple[Mapping[str, str | None], ...]:
        """The lines that can be objected to: their cells by header, and `table`, `field`."""
        lines = self.issue.given.filter((pl.col("table") != "") | (pl.col("field") == OTHER))
        return tuple(lines.iter_rows(named=True))

    def item(self, word: str) -> Mapping[str, str | None]:
        """The line that a word means: its number on the sheet, what it is called, or its field.

        Raises:
            UsageError: none, with the nearest; several, with their names; or one that follows from others.
        """
        plain = word.strip()
        for column in (KEY, "项目", "field"):
            meant = [i for i in self.items if i[column] == plain]
            if len(meant) == 1:
                return meant[0]
            if meant:
                raise UsageError(problem("objection_several_items", item=word, several=[i["项目"] for i in meant]))
        known = [str(i["项目"]) for i in self.items]
        if plain in self.issue.given["项目"]:
            raise UsageError(problem("objection_item_follows", item=word, known=known))
        raise UsageError(problem("objection_no_item", item=word, known=known, near=Guess(nearest(plain, known))))


def objectable(county: CountyFile, code: str, year: int) -> Objectable:
    """What a firm may object to in a year.

    Args:
        code: the firm, by code or name.
        year: the data year.

    Raises:
        UsageError: nobody is meant, or the firm is not on the year's roll.
    """
    confirmation, issue = to_confirm(county, year, codes=[code])
    firm = confirmation.firms[0]
    return Objectable(firm.credit_code, firm.name, issue)


def put_objection(
    county: CountyFile,
    code: str,
    year: int,
    item: str,
    *,
    asked: str = "",
    reason: str = "",
    verdict: str = "",
    document: str = "",
    dry_run: bool = False,
) -> Returned:
    """Put an objection on record, checked as the line of a returned confirmation sheet is.

    Args:
        code: the firm, by code or name.
        year: the data year.
        item: what it is about, as `Objectable.item` takes it: a figure, or 其他异议 for all that is no figure.
        asked: what the firm wants the figure to be, or what it says.
        reason: why.
        verdict: 同意 (`agreed`) or 不同意 (`rejected`); blank where nothing is decided yet. The last word on an item
            counts: who decides says the same once more with a verdict.
        document: the document by which it was agreed to, or by which it came in.
        dry_run: check only.

    Returns:
        What became of it; with an error among its findings nothing was written.

    Raises:
        UsageError: the firm or the item is not known, nothing is asked, there is no such verdict, or it is on record.
        InputError: the figure is what it is asked to be already.
    """
    decided = WORDS.get(verdict.strip(), verdict.strip())
    if decided not in ("", *VERDICTS):
        raise UsageError(problem("objection_no_verdict", value=verdict, known=list(VERDICTS)))
    known = objectable(county, code, year)
    line = known.item(item)
    said = tuple(t.strip() or None for t in (asked, reason, decided, document))
    if said[0] is None and (line["field"] != OTHER or said[1] is None):
        raise UsageError(problem("objection_nothing_asked", item=line["项目"]))
    _refuse_again(county, known, line, said)
    told = json.dumps([known.credit_code, year, line["项目"], said, known.issue.batch], ensure_ascii=False)
    sha256 = hashlib.sha256(told.encode()).hexdigest()
    file = messages.text("objection_file", name=known.name or known.credit_code)
    sheet = _sheet(line, said)

    def taken(*, dry_run: bool) -> Returned:
        document = said[3] or "—"
        return line_taken(county, sheet, file, sha256, known.issue, lambda: document, head=file, dry_run=dry_run)

    looked = taken(dry_run=True)
    if decided == AGREED and line["field"] != OTHER and not looked.errors and not looked.corrected:
        raise InputError(problem("correct_stands_already", fields=[line["项目"]]))
    return looked if dry_run or looked.errors else taken(dry_run=False)


def _refuse_again(
    county: CountyFile, known: Objectable, line: Mapping[str, str | None], said: tuple[str | None, ...]
) -> None:
    """Refuse what is on record word for word as the last on its item."""
    mine = objections(county, known.issue.year).filter(
        pl.col("credit_code") == known.credit_code, pl.col("item") == line["项目"], pl.col("state") == _state(said[2])
    )
    for row in mine.iter_rows(named=True):
        if (row["asked"], row["reason"]) == (said[0], said[1]):
            raise UsageError(problem("objection_already", item=line["项目"], on=row["taken_in_on"], batch=row["batch"]))


def _state(verdict: str | None) -> str:
    return {None: "open", REJECTED: "rejected"}.get(verdict, "granted")


def _sheet(line: Mapping[str, str | None], said: tuple[str | None, ...]) -> Sheet:
    """The line as a sheet of its own, under the confirmation's headers."""
    headers, cells = (*GIVEN, *ASKED), (*(line[h] for h in GIVEN), *said)
    columns = {f"c{i}": [h, t] for i, (h, t) in enumerate(zip(headers, cells, strict=True))}
    rows = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String()))
    return Sheet(None, rows, pl.Series([1, 2], dtype=pl.Int64))
