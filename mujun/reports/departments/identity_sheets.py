"""The workbook in which a person decides whose the rows are that name a firm and have no code.

What is known is locked; the decision, the code, the document and a remark are open. `identity accept` reads it back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from mujun import messages
from mujun.fields import TABLES
from mujun.records.matching import UNSAID, Candidate, Proposal
from mujun.reports.departments.template import GUIDE, NEEDED, OTHER, TITLE, WRAPPED, heading
from mujun.reports.drawing.form_workbook import LAST_ROW, write_forms
from mujun.reports.drawing.forms import (
    TEXT,
    YEAR,
    Cell,
    Form,
    FormColumn,
    Look,
    Paper,
    Row,
    Value,
    one_of,
    row_of,
    text_rows,
)

SHEET = "名称认定"

PLACES = 6
"""Places of rows that a cell lists; the count is complete."""

_OPEN = ("decision", "credit_code", "document", "note")
_BASIS, _OTHERS, _COUNT, _WHERE = "判断依据", "其他相近企业", "等待的行数", "出处"

_WIDTHS = {
    "given_name": 28, "township": 10, "decision": 8, "credit_code": 20, "name": 28, "likeness": 8, "document": 14,
    "note": 14, _BASIS: 22, _OTHERS: 24, _COUNT: 7, _WHERE: 30,
}  # fmt: skip

_GUIDANCE = (
    "每一行是来文里的一个名称：有名称，没有可用的信用代码。请逐行认定它是不是右边这家企业。",
    "“认定”一列选“认定”或“不认定”；没有把握的留空，以后再办。名称相似度 100% 是写法不同、名称相同，也要认定后才算数。",
    "建议的企业不对、而您知道是哪家的，把“认定信用代码”改成正确的代码，再选“认定”。",
    "“认定信用代码”空着的，是同名或相近的不止一家，或者找不到；知道是哪家的，填上代码再选“认定”。",
    "填好保存，用 mujun identity accept 装回。认定之后等待的行立即计入；以后再用这个名称的，也按认定计入，并有提示。",
)


def write_identity(path: str | Path, proposed: Iterable[Proposal]) -> Path:
    """Write what is to be decided.

    Args:
        path: where to; an existing file is replaced.
        proposed: what `workspace.identity.open_proposals` gives.

    Returns:
        The path.

    Raises:
        InputError: the file cannot be written.
    """
    with messages.speaking("zh"):
        return write_forms(path, [_decisions(list(proposed)), _guide()])


_LOCKED = Look(fill="#F2F2F2", edged=True, edge="#D9D9D9", valign="top", wrapped=True)
_LIKENESS, _WHOLE = _LOCKED.but(numbers="0.#"), _LOCKED.but(numbers=YEAR)
_FREE = _LOCKED.but(fill="#FFF2CC", open=True, numbers=TEXT)

_KEYS = ("given_name", "township", "decision", "credit_code", "name", "likeness")
_COLUMNS = (*_KEYS, _BASIS, _OTHERS, _COUNT, _WHERE, "document", "note")


def _decisions(proposed: Sequence[Proposal]) -> Form:
    assert len(proposed) < LAST_ROW
    fields = TABLES["matches"].by_name
    headers = tuple(
        Cell(heading(fields[c]) if c in fields else c, NEEDED if c in _OPEN[:2] else OTHER) for c in _COLUMNS
    )
    return Form(
        SHEET,
        [
            FormColumn(_WIDTHS[c], entry=one_of(fields["decision"].choices) if c == "decision" else None)
            for c in _COLUMNS
        ],
        (Row(headers, 32), *(_row(p) for p in proposed)),
        header=0,
        body=len(proposed),
        fixed=1,
        filtered=len(_COLUMNS),
        locked=("autofilter", "sort", "format_columns", "format_rows"),
        paper=Paper("A4"),
    )


def _row(proposal: Proposal) -> Row:
    values = {column: _value(proposal, column) for column in _COLUMNS}
    # Wrapped text does not raise its row by itself in every program.
    height = 17 * max(_lines(v, _WIDTHS[c]) for c, v in values.items())
    return Row(tuple(Cell(v, _look(c, v)) for c, v in values.items()), height)


def _look(column: str, value: Value) -> Look:
    if column in _OPEN:
        return _FREE
    return _LIKENESS if isinstance(value, Decimal) else _WHOLE if isinstance(value, int) else _LOCKED


def _guide() -> Form:
    return Form(GUIDE, [FormColumn(110)], (row_of(("名称认定表填表说明",), TITLE), *text_rows(_GUIDANCE, WRAPPED)))


def _lines(value: Value, width: float) -> int:
    """How many lines a text takes in a column of that width; a Chinese character is two wide."""
    if not isinstance(value, str):
        return 1
    wide = (sum(2 if ord(c) > 0x2E7F else 1 for c in line) for line in value.split("\n"))
    return sum(max(1, math.ceil(w / (width - 1))) for w in wide)


def _value(proposal: Proposal, column: str) -> Value:
    firm = proposal.proposed
    values: dict[str, Value] = {
        "given_name": proposal.name,
        "township": proposal.township,
        "credit_code": firm.code if firm else None,
        "name": firm.name if firm else None,
        "likeness": firm.likeness if firm else None,
        _BASIS: basis(proposal),
        _OTHERS: "\n".join(called(c) for c in (proposal.candidates[1:] if firm else proposal.candidates)),
        _COUNT: len(proposal.rows),
        _WHERE: "\n".join(places(proposal)),
    }
    return values.get(column)


def basis(proposal: Proposal) -> str:
    """Why this firm is proposed, or none, in a sentence."""
    county = "_in_county" if proposal.kind == "exact" and proposal.township == UNSAID else ""
    return messages.text(messages.key(f"identity_basis_{proposal.kind}{county}"), count=len(proposal.candidates))


def called(candidate: Candidate) -> str:
    """A candidate in a line."""
    return messages.text(
        "identity_candidate", name=candidate.name, code=candidate.code, township=candidate.township or "—",
        likeness=candidate.likeness,
    )  # fmt: skip


def places(proposal: Proposal) -> list[str]:
    """Where the rows are, at most a few."""
    lines = []
    for row in proposal.rows[:PLACES]:
        sheet = messages.text("place_sheet", sheet=row.sheet) + " " if row.sheet else ""
        lines.append(f"{row.file} {sheet}{messages.text('place_row', row=row.row)}")
    if len(proposal.rows) > PLACES:
        lines.append(messages.text("identity_more_places", count=len(proposal.rows) - PLACES))
    return lines
