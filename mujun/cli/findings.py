"""A finding as one line on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mujun import messages
from mujun.fields.here import field_here

if TYPE_CHECKING:
    from mujun.records import Finding


def finding_line(finding: Finding) -> str:
    """Where, what was seen, what is wrong and what to do."""
    at = None if finding.row is None else messages.text("place_row", row=finding.row)
    sheet = messages.text("place_sheet", sheet=finding.sheet) if finding.sheet else None
    field = field_here(finding.field) if finding.field else None
    where = " ".join(part for part in (sheet, at, field) if part)
    words = {"where": where, "what": finding.what.rstrip("。."), "remedy": finding.remedy}
    if finding.value:
        return messages.text("finding_line", value=finding.value, **words)
    if finding.credit_code:
        return messages.text("finding_line_of", who=messages.Firm(finding.credit_code, finding.name), **words)
    return messages.text("finding_line_alone", **words)
