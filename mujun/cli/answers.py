"""Answers to questions on the command line: `--answer 3fa9c0b1=2`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from mujun.errors import Problem, UsageError, problem

if TYPE_CHECKING:
    from mujun.records import FileRecords


def answers_given(ctx: click.Context, parameter: click.Parameter | None, value: tuple[str, ...]) -> dict[str, str]:
    """The answers by question.

    Raises:
        UsageError: one is not written as question and choice.
    """
    answers = {}
    for answer in value:
        question, sign, choice = answer.partition("=")
        if not sign or not question.strip() or not choice.strip():
            raise UsageError(problem("answer_form", value=answer))
        answers[question.strip()] = choice.strip()
    return answers


def not_asked(answers: Mapping[str, str], records: Iterable[FileRecords]) -> list[Problem]:
    """Answers to questions that no file asks, or with choices that there are not."""
    asked = {q.id: q for r in records if r.reading is not None for b in r.reading.blocks for q in b.questions}
    wrong = []
    for id_, choice in answers.items():
        question = asked.get(id_)
        if question is None:
            wrong.append(problem("answer_unknown", id=id_, known=sorted(asked) or "—"))
        elif question.answer is None:
            says = [f"{n} {c.says}" for n, c in enumerate(question.choices, start=1)]
            wrong.append(problem("answer_no_choice", id=id_, choice=choice, known=says))
    return wrong
