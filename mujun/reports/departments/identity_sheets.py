"""The workbook in which a person decides whose the rows are that name a firm and have no code.

What is known is locked; the decision, the code, the document and a remark are open. `identity accept` reads it back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from mujun import messages
from mujun.fields import TABLES
from mujun.records.matching import UNSAID, Candidate, Proposal
from mujun.reports.departments.template import GUIDE, LAST_ROW, header_styles, heading
from mujun.reports.drawing.workbook_file import CELL_LIMIT, workbook_at

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
    with workbook_at(path) as book, messages.speaking("zh"):
        styles = _styles(book)
        _decisions(book, list(proposed), styles)
        guide = book.add_worksheet(GUIDE)
        guide.write_string(0, 0, "名称认定表填表说明", styles["title"])
        guide.set_column(0, 0, 110)
        for i, line in enumerate(_GUIDANCE, start=1):
            guide.write_string(i, 0, line, styles["wrap"])
    return Path(path)


def _styles(book: Any) -> dict[str, Any]:
    locked = {"bg_color": "#F2F2F2", "border": 1, "border_color": "#D9D9D9", "valign": "top", "text_wrap": True}
    free = {**locked, "bg_color": "#FFF2CC", "locked": False, "num_format": "@"}
    return {
        **header_styles(book),
        "locked": book.add_format(locked),
        "likeness": book.add_format({**locked, "num_format": "0.#"}),
        "count": book.add_format({**locked, "num_format": "0"}),
        "free": book.add_format(free),
    }


def _decisions(book: Any, proposed: list[Proposal], styles: dict[str, Any]) -> None:
    sheet = book.add_worksheet(SHEET)
    fields = TABLES["matches"].by_name
    keys = ("given_name", "township", "decision", "credit_code", "name", "likeness")
    columns = (*keys, _BASIS, _OTHERS, _COUNT, _WHERE, "document", "note")
    sheet.set_row(0, 32)
    for i, column in enumerate(columns):
        title = heading(fields[column]) if column in fields else column
        sheet.write_string(0, i, title, styles["needed" if column in _OPEN[:2] else "other"])
        sheet.set_column(i, i, _WIDTHS[column])
    for y, proposal in enumerate(proposed, start=1):
        values = [_value(proposal, column) for column in columns]
        # Wrapped text does not raise its row by itself in every program.
        sheet.set_row(y, 17 * max(_lines(v, _WIDTHS[c]) for c, v in zip(columns, values, strict=True)))
        for x, (column, value) in enumerate(zip(columns, values, strict=True)):
            _cell(sheet, y, x, column, value, styles)
    decision = columns.index("decision")
    sheet.data_validation(1, decision, max(len(proposed), 1), decision, {
        "validate": "list", "source": list(fields["decision"].choices), "ignore_blank": True,
        "error_title": "只能选", "error_message": "、".join(fields["decision"].choices),
    })  # fmt: skip
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(proposed), 1), len(columns) - 1)
    sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    assert len(proposed) < LAST_ROW


def _lines(value: object, width: float) -> int:
    """How many lines a text takes in a column of that width; a Chinese character is two wide."""
    if not isinstance(value, str):
        return 1
    wide = (sum(2 if ord(c) > 0x2E7F else 1 for c in line) for line in value.split("\n"))
    return sum(max(1, math.ceil(w / (width - 1))) for w in wide)


def _cell(sheet: Any, y: int, x: int, column: str, value: object, styles: dict[str, Any]) -> None:
    if column in _OPEN and not value:
        sheet.write_blank(y, x, None, styles["free"])
    elif column in _OPEN:
        sheet.write_string(y, x, str(value)[:CELL_LIMIT], styles["free"])
    elif isinstance(value, Decimal):
        sheet.write_number(y, x, value, styles["likeness"])
    elif isinstance(value, int):
        sheet.write_number(y, x, value, styles["count"])
    else:
        sheet.write_string(y, x, str(value or "")[:CELL_LIMIT], styles["locked"])


def _value(proposal: Proposal, column: str) -> object:
    firm = proposal.proposed
    values: dict[str, object] = {
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
