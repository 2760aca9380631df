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
    found = {}
    for said in value:
        question, sign, choice = said.partition("=")
        if not sign or not question.strip() or not choice.strip():
            raise UsageError(problem("answer_form", value=said))
        found[question.strip()] = choice.strip()
    return found


def not_asked(answers: Mapping[str, str], records: Iterable[FileRecords]) -> list[Problem]:
    """Answers to questions that no file asks, or with choices that there are not."""
    asked = {q.id: q for r in records if r.reading is not None for b in r.reading.blocks for q in b.questions}
    unknown = [q for q in answers if q not in asked or asked[q].answer is None]
    return [problem("answer_unknown", id=q, known=sorted(asked) or "—") for q in unknown]
