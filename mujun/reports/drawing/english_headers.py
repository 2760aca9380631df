"""What exported columns are called on pages that are read in English; workbooks keep their Chinese headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import polars as pl

from mujun.fields import FRAME_FIELDS
from mujun.fields.english import english_label, english_unit
from mujun.messages import language
from mujun.rating.members import SUBJECTS
from mujun.reports.drawing.labels import Heading, headings

_RATED: dict[str, str] = {
    "run": "Run", "subject": "Subject", "cohort": "Group", "treatment": "Treatment", "reason": "Reason of the tier",
    "score": "Score", "rank": "Rank", "size": "Ranked", "tier": "Tier", "tier_cut": "Tier by the cut",
    "rules_matched": "Rules met", "rules_changed": "Rules that changed the tier", "members": "Rated together",
    "counted_as": "Rating that counts", "other_as": "Other rating", "other_subject": "Other rating: subject",
    "other_members": "Other rating: members", "other_cohort": "Other rating: group",
    "other_score": "Other rating: score", "other_rank": "Other rating: rank", "other_size": "Other rating: ranked",
    "other_tier": "Other rating: tier",
}  # fmt: skip
ENGLISH_RESULTS: dict[str, dict[str, str]] = {
    "ratings": _RATED,
    "subjects": _RATED,
    "rectification": {
        "tier": "Tier", "score": "Score", "reasons": "Conditions met", "reason_text": "Why listed", "path": "Path",
        "deadline": "Deadline", "expected_land_mu": "Land to be freed", "expected_energy_tce": "Energy to be freed",
        "state": "State", "entry": "How listed",
    },
    "allocation": {
        "tier": "Tier", "measure": "Measure", "label": "Name of the measure", "kind": "Kind", "quantity": "Quantity",
        "yearly": "Quantity a year", "basis": "Source of the quantity", "rate": "Rate", "per": "Unit of the rate",
        "computed": "Amount computed", "amount": "Amount", "unit": "Unit", "exempt": "Exempt",
        "exempt_reason": "Why exempt", "notes": "Notes", "capped": "Capped", "max_amount": "At most per firm",
        "excluded_by": "Replaced by", "days": "Days", "covered_days": "Days with use on record", "from": "From",
        "until": "Until", "document": "Document", "binding": "In force",
    },
    "findings": {
        "batch": "Load", "severity": "Severity", "code": "Code", "table": "Table", "file": "File", "sheet": "Sheet",
        "row": "Row", "field": "Column", "value": "As written", "what": "Problem", "remedy": "Remedy",
        "owner": "Office",
    },
    "problems": {"state": "State"},
    "parcels": {
        "floor_ratio": "Floor ratio", "firms": "Firms on it", "names": "Names of the firms",
        "firms_land_mu": "Land of the firms", "tax_per_mu": "Tax per mu of the parcel",
        "value_added_per_mu": "Value added per mu of the parcel", "tiers": "Tiers of the firms",
        "problems": "Open problems", "problem_kinds": "Kinds of problems", "path": "Path", "loop_state": "State",
    },
    "screening": {
        "tier": "Tier", "mark": "Mark", "loop_state": "State", "untested": "Conditions without data",
        "hits": "Conditions met", "hit_text": "Conditions met, in words",
    },
}  # fmt: skip
"""By table and column: what a result calls its own columns."""

_OF_RULES: Mapping[str, tuple[str, str]] = {
    "_points": ("·得分", "points"), "_benchmark": ("·基准值", "benchmark"), "_note": ("·计分说明", "note"),
    SUBJECTS: ("·合并", "together"),
}  # fmt: skip
"""Columns beside an indicator, by the end of their names: what their Chinese labels end in, and the English word."""


def header_here(heading: Heading, what: str = "ratings") -> str:
    """The header of a column in the language of whoever reads the page.

    Indicators and measures are called as the rules call them: no English name of theirs is on record.

    Args:
        heading: the column as a workbook has it.
        what: which table it is.
    """
    if language() == "zh":
        return heading.header
    label = ENGLISH_RESULTS.get(what, {}).get(heading.name)
    if label is None:
        label = _of_rules(heading) or english_label(heading.name) or heading.label
    unit = english_unit(heading.unit) if heading.unit else ""
    return f"{label} ({unit})" if unit else label


def words_here(header: str) -> str:
    """A header that a workbook has written already, in the language of whoever reads the page.

    >>> from mujun.messages import speaking
    >>> with speaking("en"):
    ...     words_here("实际用地（亩）"), words_here("亩均税收（万元/亩）"), words_here("符合的整治条件")
    ('Land used (mu)', '亩均税收 (10k yuan/mu)', 'Conditions met, in words')
    """
    if language() == "zh":
        return header
    known = _by_words().get(header)
    if known is not None:
        return known
    unit = re.fullmatch(r"(.+)（([^（）]+)）", header)
    return f"{unit[1]} ({english_unit(unit[2])})" if unit is not None else header


@cache
def _by_words() -> dict[str, str]:
    known: dict[str, str] = {}
    for what, columns in (("ratings", FRAME_FIELDS), ("screening", ENGLISH_RESULTS["screening"])):
        schema = {name: FRAME_FIELDS[name].dtype if name in FRAME_FIELDS else pl.String() for name in columns}
        known |= {h.header: header_here(h, what) for h in headings(schema, what=what).values()}
    return known


def _of_rules(heading: Heading) -> str | None:
    """A column beside an indicator of the rules."""
    if heading.name.startswith("adj_"):
        return f"{heading.label.removesuffix('·加减分')} · points"
    for end, (chinese, word) in _OF_RULES.items():
        if heading.name.endswith(end) and heading.label.endswith(chinese):
            return f"{heading.label.removesuffix(chinese)} · {word}"
    return None
