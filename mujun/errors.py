"""Every kind of error: what is wrong, where, and what to do about it.

An error carries `Problem`s, not sentences: a problem names a message of the catalogue and the values that go
into it, so that the same error reads well in Chinese and in English and can be listed in a workbook. Errors
gather: whoever checks something collects all problems first and raises once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from mujun import messages
from mujun.dataclass import dataclass
from mujun.messages import MessageKey


@dataclass(frozen=True)
class Place:
    """Where something is wrong, as a reader would look it up.

    `row` is the row number that Excel shows; `line` and `column` count from 1 in a text file; `key` is the
    dotted path of a key in a rule file.
    """

    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    line: int | None = None
    column: int | None = None
    key: str | None = None

    def __str__(self) -> str:
        parts: list[str] = []
        if self.file:
            parts.append(self.file if self.line is None else f"{self.file}:{self.line}")
        if self.sheet:
            parts.append(messages.text("place_sheet", sheet=self.sheet))
        if self.row is not None:
            parts.append(messages.text("place_row", row=self.row))
        if self.key:
            parts.append(self.key)
        return " ".join(parts)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: a message of the catalogue, its values and its place."""

    code: MessageKey
    place: Place = Place()
    values: Mapping[str, object] = field(default_factory=dict)
    warning: bool = False

    def __str__(self) -> str:
        sentence = messages.text(self.code, **self.values)
        place = str(self.place)
        return messages.text("problem_at_place", place=place, sentence=sentence) if place else sentence


def problem(code: MessageKey, place: Place | None = None, /, **values: object) -> Problem:
    """A `Problem` in one call."""
    return Problem(code, place or Place(), values)


class MujunError(Exception):
    """What could not be done, as one or more problems.

    `str()` of it is what a user reads, in the language in force: one line for a problem.
    """

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__()

    def __str__(self) -> str:
        return "\n".join(str(p) for p in self.problems)


class InputError(MujunError):
    """A file that cannot be read or taken in."""


class RuleError(MujunError):
    """A rule set that is not well-formed or does not fit together."""


class RatingError(MujunError):
    """A rating, list or allocation that cannot be computed from these data with these rules."""


class StoreError(MujunError):
    """A store that cannot be opened, read or written."""


class UsageError(MujunError):
    """A call that asks for something that does not exist or does not go together."""
