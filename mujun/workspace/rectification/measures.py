"""What is to be done about a firm or parcel: the measures of its plan, and the problems that are to be mended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import polars as pl

from mujun.records.cells import dates
from mujun.rectification.states import Step
from mujun.reports.rectification.firm_papers import Measure

_DAY_FIRST = re.compile(r"^(\d{4}(?:年|[-./])\d{1,2}(?:月|[-./])\d{1,2}日?)前?[\s：:，,]*(.+)$")


def measures_of(steps: Sequence[Step], department: str, problems: pl.DataFrame) -> tuple[Measure, ...]:
    """The measures of the plan that was decided last and the open problems, by day; those without a day last.

    A plan's note has its measures parted by ；; one may begin with its day: `2023-06-30 拆除锅炉；2023-09-30 厂房腾空`.

    Args:
        steps: of this round.
        department: who answers for what the plan says.
        problems: rows of `problems` with `state`.
    """
    plan = next((s.event for s in reversed(steps) if s.event.action == "plan" and s.event.note), None)
    planned = [_measure(part, department) for part in re.split(r"[；;\n]", plan.note if plan else "") if part.strip()]
    waiting = problems.filter(~pl.col("state").is_in(("mended", "fined", "closed")))
    mending = [
        Measure(until, f"整改{kind}" + (f"：{text}" if text else ""), office or department)
        for kind, text, office, until in waiting.select(
            "problem_kind", "problem_text", "handled_by", "order_deadline"
        ).iter_rows()
    ]
    return tuple(sorted([*planned, *mending], key=lambda m: (m.by is None, m.by or date.max)))


def _measure(text: str, department: str) -> Measure:
    told = _DAY_FIRST.match(text.strip())
    if told is None:
        return Measure(None, text.strip(), department)
    parsed = dates(pl.Series([told[1]], dtype=pl.String))
    day = parsed.values[0]
    return Measure(day, told[2].strip(), department) if day is not None else Measure(None, text.strip(), department)
