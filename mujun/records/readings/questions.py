"""Doubts that change figures: a question has choices and no default; its table waits until somebody answers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import field

from mujun import messages
from mujun.dataclass import dataclass
from mujun.records.headers import squeezed


@dataclass(frozen=True)
class Choice:
    """One answer that a question may have: its key, and the message that says what it means."""

    key: str
    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def says(self) -> str:
        """What choosing it means, in the language in force."""
        return messages.text(messages.key(f"choice_{self.code}"), **self.values)


@dataclass(frozen=True)
class Question:
    """A doubt about a table of a file that changes its figures.

    Attributes:
        id: eight characters that tell it from others; the same for the same layout, file after file.
        code: names the message `question_<code>`.
        values: what goes into it.
        choices: the answers it may have.
        table, sheet, row: what it is about: the dictionary's table, the sheet, the row of the header.
        fingerprint: of the layout, under which an answer is remembered.
        answer: the key of the choice that was made; `None` while it waits.
        remembered: whether that answer was given to an earlier file of this layout.
    """

    id: str
    code: str
    values: Mapping[str, object]
    choices: tuple[Choice, ...]
    table: str = ""
    sheet: str | None = None
    row: int | None = None
    fingerprint: str = ""
    answer: str | None = None
    remembered: bool = False

    @property
    def asks(self) -> str:
        """The question, in the language in force."""
        return messages.text(messages.key(f"question_{self.code}"), **self.values)

    def __str__(self) -> str:
        return messages.text(
            "question_line", id=self.id, asks=self.asks,
            choices=messages.clauses(f"{n}. {c.says}" for n, c in enumerate(self.choices, start=1)),
        )  # fmt: skip

    @property
    def chosen(self) -> Choice | None:
        """The choice that was made."""
        return next((c for c in self.choices if c.key == self.answer), None)


def fingerprint(table: str, paths: Sequence[Sequence[str]], units: Sequence[str]) -> str:
    """What tells one layout from another: the table and its headers, without width, white space and case.

    Of years only how they lie to each other counts: next year's file of the same office has the same layout.
    """
    lines = [
        table,
        *("/".join(squeezed(p) for p in path) + "|" + squeezed(u) for path, u in zip(paths, units, strict=True)),
    ]
    newest = max((int(y) for text in lines for y in _YEAR.findall(text)), default=0)
    lines = [_YEAR.sub(lambda y: f"-{newest - int(y.group())}", text) for text in lines]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


_YEAR = re.compile(r"(?<![0-9])20[0-9]{2}(?![0-9])")


@dataclass(frozen=True)
class Answers:
    """What is known of the answers to questions: given now, and remembered from earlier files, by question."""

    given: Mapping[str, str] = field(default_factory=dict)
    remembered: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.given or self.remembered)


@dataclass
class Asking:
    """Collects the questions of one table while it is read, and answers those whose answer is known."""

    answers: Answers
    table: str
    sheet: str | None
    row: int | None
    fingerprint: str
    asked: list[Question] = field(default_factory=list)

    def ask(
        self, code: str, about: str, choices: Sequence[Choice], fitting: Collection[str] | None = None, **values: object
    ) -> str | None:
        """Ask, and return the key of the choice that was made, or `None` while nobody has answered.

        Args:
            code: the kind of question.
            about: tells it from others of its kind in the same layout: a field's name.
            choices: the answers it may have; they are numbered from 1 for those who type.
            fitting: the keys of those that an earlier file's answer may be; all of them if not said. Whoever answers
                now may choose any.
            values: what goes into its sentence.
        """
        identity = hashlib.sha256(f"{self.fingerprint}|{code}|{about}".encode()).hexdigest()[:8]
        known = next((q for q in self.asked if q.id == identity), None)
        if known is not None:
            return known.answer
        answer, remembered = _chosen(self.answers.given.get(identity), choices), False
        if answer is None:
            answer = _chosen(self.answers.remembered.get(identity), choices)
            if fitting is not None and answer not in fitting:
                answer = None
            remembered = answer is not None
        self.asked.append(
            Question(
                identity, code, values, tuple(choices), self.table, self.sheet, self.row, self.fingerprint, answer,
                remembered,
            )
        )  # fmt: skip
        return answer


def _chosen(answer: str | None, choices: Sequence[Choice]) -> str | None:
    """The key of the choice that is meant by its key, its number or what it says."""
    if answer is None:
        return None
    plain = answer.strip()
    for number, choice in enumerate(choices, start=1):
        if plain in (choice.key, str(number), choice.says):
            return choice.key
    return None
