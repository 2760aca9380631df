"""A finding as one line on screen."""

from __future__ import annotations

from mujun import messages
from mujun.fields import label_of
from mujun.records import Finding


def finding_line(finding: Finding) -> str:
    """Where, what was seen, what is wrong and what to do."""
    place = "" if finding.row is None else messages.text("place_row", row=finding.row)
    if finding.sheet:
        place = f"{messages.text('place_sheet', sheet=finding.sheet)} {place}"
    return messages.text(
        "finding_line",
        place=place,
        field=label_of(finding.field) if finding.field else "",
        value=finding.value or finding.credit_code or "",
        what=finding.what,
        remedy=finding.remedy,
    )
