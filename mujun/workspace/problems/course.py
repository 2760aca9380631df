"""A problem's course: what was said of it when and by whom, and the last of it taken back where it was wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.messages import Word, key
from mujun.notebooks import InNotebooks
from mujun.records.problem_rows import problem_table
from mujun.rectification.problems import SAID
from mujun.store import Store
from mujun.store.sayings import Saying, standing_sayings
from mujun.workspace.county_file import CountyFile
from mujun.workspace.problems.problem_list import Said, one_problem, put_tables


@dataclass(frozen=True)
class ProblemStep(InNotebooks):
    """Something that was said of a problem.

    Attributes:
        batch: the batch that said it.
        actions: what it was: `found` where the problem came with it, then `order`, `mend`, `fine`, `close`, `withdraw`
            as far as they were said, `change` where it said something else.
        values: the fields that it said, as they were said.
        who, at: who, and when (UTC).
        reason, document: of the batch; that of a step taken back is its own.
        taken_back: the batch that takes it back, if one does.
        takes_back: the batch whose saying it takes back; its reason says why.
    """

    batch: int
    actions: tuple[str, ...]
    values: Mapping[str, Any]
    who: str
    at: datetime
    reason: str
    document: str
    taken_back: int | None = None
    takes_back: int | None = None


def course_of_problem(county: CountyFile, number: str) -> tuple[ProblemStep, ...]:
    """Everything that was said of a problem, oldest first; what was taken back stays among it.

    Raises:
        UsageError: there is no such problem; names the nearest.
    """
    one_problem(county, number)
    with Store.open(county.path) as store:
        sayings = store.sayings("problems", number)
    backs = {s.takes_back: s.batch for s in sayings if s.takes_back is not None}
    return tuple(_step(s, first=n == 0, taken_back=backs.get(s.batch)) for n, s in enumerate(sayings))


def _step(saying: Saying, *, first: bool, taken_back: int | None) -> ProblemStep:
    values = {n: v for n, v in saying.values.items() if v is not None}
    actions = [action for action, fields in SAID.items() if any(n in values for n in fields)]
    if saying.takes_back is not None:
        actions = ["take_back"]
    elif first:
        actions = ["found", *(a for a in actions if a != "order" or "order_deadline" in values)]
    return ProblemStep(
        saying.batch, tuple(actions) or ("change",), values, saying.who, saying.at, saying.reason or "",
        saying.document or "", taken_back, saying.takes_back,
    )  # fmt: skip


def take_back_step(county: CountyFile, number: str, *, reason: str, document: str = "", by: str | None = None) -> Said:
    """Take back the last thing that was said of a problem: it stands as it stood before; both stay on record.

    A problem that turned out to be none is not taken back but withdrawn (`say`).

    Args:
        county: the county.
        number: the problem's number.
        reason: why.
        document: what it rests on, if anything.
        by: the office that asks, where it may take back only what it said of problems that it handles itself.

    Raises:
        UsageError: no reason, no such problem, nothing was said of it since it was found, or it is not this office's,
            or somebody else said it.
        StoreError: it could not be written.
    """
    if not reason.strip():
        raise UsageError(problem("problem_back_no_reason", number=number))
    row = one_problem(county, number).row(0, named=True)
    with Store.open(county.path) as store:
        standing = standing_sayings(store.sayings("problems", number))
    if len(standing) < 2:
        raise UsageError(problem("problem_back_nothing", number=number))
    *before, last = standing
    if by is not None and by not in (row["handled_by"], last.values.get("handled_by")):
        raise UsageError(problem("problem_of_other_office", number=number, office=row["handled_by"] or "—"))
    if by is not None and last.who != county.who:
        raise UsageError(problem("problem_back_of_other", number=number, who=last.who))
    values = {name: _before(before, name) for name in last.values}
    told = {"problem": number, **values}
    tables = (problem_table([told], ("problem", *values)),)
    batch = put_tables(
        county, f"撤回问题处置（{number}）", [told], tables, reason.strip(), document.strip(), takes_back=last.batch
    )
    stands = one_problem(county, number)
    return Said(number, stands["state"][0], batch)


def _before(sayings: list[Saying], name: str) -> object:
    """What stood of a field after these sayings."""
    return next((s.values[name] for s in reversed(sayings) if name in s.values), None)


def action_word(action: str) -> Word:
    """A step's word in the language in force."""
    return Word(key(f"problem_step_{action}"))
