"""The list of problems: where each stands, what may be said of it next, and what is due. Nothing here reads a store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from mujun.errors import Problem, problem
from mujun.messages import Word, key
from mujun.rectification.due import DUE_SCHEMA

STATES: tuple[str, ...] = ("open", "ordered", "mended", "fined", "closed", "withdrawn")
"""Found; ordered to mend by a day; reported as mended; fined; closed; withdrawn, since it turned out to be none. A
later one hides an earlier one."""

OVER: tuple[str, ...] = ("closed", "withdrawn")
"""States in which nothing is left to do."""

DAYS: Mapping[str, str] = {
    "order": "order_deadline", "mend": "mended_on", "fine": "fined_on", "close": "closed_on",
    "withdraw": "withdrawn_on",
}  # fmt: skip
"""What may be done about a problem, and the field that holds its day."""

SAID: Mapping[str, tuple[str, ...]] = {
    "order": ("order_document", "order_deadline", "handled_by"),
    "mend": ("mended_on", "mend_result", "evidence", "evidence_sha256"),
    "fine": ("fined_on", "fine_amount"),
    "close": ("closed_on",),
    "withdraw": ("withdrawn_on", "withdrawn_why"),
}
"""The fields that say what was done."""


def allowed(state: str) -> tuple[str, ...]:
    """What may be said next of a problem that is in a state.

    >>> allowed("ordered"), allowed("mended"), allowed("closed")
    (('order', 'mend', 'fine', 'withdraw'), ('fine', 'close', 'withdraw'), ())
    """
    if state in OVER:
        return ()
    done = {"mended": ("fine", "close"), "fined": ("mend", "close")}
    return (*done.get(state, ("order", "mend", "fine")), "withdraw")


def problem_state(day: date | None = None) -> pl.Expr:
    """Where a row of `problems` stands, one of `STATES`; at the end of a day, where one is given.

    When it was ordered to be mended is not on record: an order counts from the day on which the problem was found.
    """
    happened = (("withdrawn_on", "withdrawn"), ("closed_on", "closed"), ("fined_on", "fined"), ("mended_on", "mended"))
    state = pl.when(pl.col("order_deadline").is_not_null()).then(pl.lit("ordered")).otherwise(pl.lit("open"))
    for name, word in reversed(happened):
        came = pl.col(name).is_not_null() if day is None else pl.col(name) <= pl.lit(day)
        state = pl.when(came).then(pl.lit(word)).otherwise(state)
    return state


def change_problems(row: Mapping[str, Any], change: Mapping[str, Any], today: date) -> list[Problem]:
    """What is wrong with saying something more of a problem; everything at once.

    Args:
        row: the problem as it stands; empty where it is new.
        change: the fields that are said, by name; those left out or none say nothing.
        today: days that have happened cannot lie after it.
    """
    told = {n: v for n, v in change.items() if v is not None}
    stands = {**row, **told}
    number = stands.get("problem") or "—"
    problems: list[Problem] = []
    if row.get("closed_on") is not None and told:
        problems.append(problem("problem_closed", number=number, day=row["closed_on"]))
    if row.get("withdrawn_on") is not None and told:
        problems.append(problem("problem_withdrawn", number=number, day=row["withdrawn_on"]))
    for name in ("found_on", "mended_on", "fined_on", "closed_on", "withdrawn_on"):
        day = told.get(name)
        if day is not None and day > today:
            problems.append(
                problem("problem_day_to_come", number=number, day=day, what=Word(key(f"problem_day_{name}")))
            )
        begun = stands.get("found_on")
        if day is not None and begun is not None and day < begun:
            problems.append(problem("problem_day_before", number=number, day=day, found=begun))
    deadline, begun = told.get("order_deadline"), stands.get("found_on")
    if deadline is not None and begun is not None and deadline < begun:
        problems.append(problem("problem_day_before", number=number, day=deadline, found=begun))
    if told.get("closed_on") is not None and stands.get("mended_on") is None and stands.get("fined_on") is None:
        problems.append(problem("problem_not_mended", number=number))
    amount = told.get("fine_amount")
    if amount is not None and amount < 0:
        problems.append(problem("problem_fine_negative", number=number, value=amount))
    return problems


def due_problems(rows: pl.DataFrame, day: date, within: int) -> pl.DataFrame:
    """The problems whose deadline is over on a day or comes within some days, and that are not mended, fined or closed.

    Args:
        rows: rows of `problems`.
        day: the day on which one looks.
        within: how many days ahead.

    Returns:
        Columns as in `DUE_SCHEMA`; `subject` is the problem's number, `path` its kind, `list` is missing.
    """
    waiting = rows.with_columns(problem_state(day).alias("state"), pl.lit(day).alias("_day")).filter(
        pl.col("state") == "ordered",
        pl.col("order_deadline") <= pl.col("_day") + pl.duration(days=within),
        pl.col("found_on").is_null() | (pl.col("found_on") <= pl.col("_day")),
    )
    late = pl.when(pl.col("order_deadline") < pl.col("_day")).then(pl.lit("overdue")).otherwise(pl.lit("due"))
    made = waiting.select(
        pl.lit("problem").alias("kind"),
        pl.col("problem").alias("subject"),
        pl.coalesce("name", "parcel").alias("name"),
        "township",
        pl.col("handled_by").alias("department"),
        pl.col("problem_kind").alias("path"),
        "state",
        late.alias("matter"),
        pl.col("order_deadline").alias("due_on"),
        (pl.col("order_deadline") - pl.col("_day")).dt.total_days().alias("days"),
        pl.lit(None).alias("list"),
    )
    return made.select(pl.col(n).cast(t) for n, t in DUE_SCHEMA.items()).sort("due_on", "subject")
