"""Answered layouts: which answers an office's files with certain headers were given, used for, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.notebooks import InNotebooks
from mujun.store import Store
from mujun.workspace.county_file import CountyFile


@dataclass(frozen=True)
class LayoutAnswer:
    """One question of a layout.

    Attributes:
        question: its id, the same for every file of the layout.
        asks: the question, in the language in force.
        says: what was answered last; `None` where it was revoked.
        given_in: the file and batch for which a person answered last.
        used_for: the files and batches that were read by a remembered answer.
    """

    question: str
    asks: str
    says: str | None
    given_in: tuple[str, int] | None
    used_for: tuple[tuple[str, int], ...]

    @property
    def counts(self) -> bool:
        """Whether it is applied to the next file of the layout."""
        return self.says is not None


@dataclass(frozen=True)
class Layout(InNotebooks):
    """An office's file with certain headers, and the answers to what was asked about it.

    Attributes:
        number: what it is called by.
        office: the name that all files of the office have in common, without year and version.
        table: the dictionary's table.
        answers: one for each question.
        log: every answer ever given, applied or revoked, oldest first: columns `mujun.store.ANSWERS`.
    """

    number: int
    office: str
    table: str
    answers: tuple[LayoutAnswer, ...]
    log: pl.DataFrame = field(repr=False)

    @property
    def file(self) -> str:
        """The newest file that it was used for."""
        return str(self.log["file"].drop_nulls()[-1])


def layouts_on_record(county: CountyFile) -> tuple[Layout, ...]:
    """All answered layouts, oldest first; those of which every answer was revoked too."""
    with Store.open(county.path) as store:
        log = store.answers()
    return tuple(_layout(answers) for answers in log.partition_by("layout", maintain_order=True))


def layout_on_record(county: CountyFile, number: int) -> Layout:
    """One answered layout.

    Raises:
        UsageError: there is none of that number.
    """
    known = layouts_on_record(county)
    layout = next((x for x in known if x.number == number), None)
    if layout is None:
        raise UsageError(problem("layout_unknown", number=number, known=[str(x.number) for x in known] or "—"))
    return layout


def revoke_layout(county: CountyFile, number: int, *, question: str | None = None) -> Layout:
    """Answers of a layout count no longer: the next file of it is asked about again. Files that are in stay as read.

    Args:
        county: the county.
        number: the layout.
        question: of one question only; of all of them if not said.

    Returns:
        The layout as it is now.

    Raises:
        UsageError: there is no such layout or question, or nothing of it counts any more.
    """
    layout = layout_on_record(county, number)
    known = [a.question for a in layout.answers]
    if question is not None and question not in known:
        raise UsageError(problem("layout_question_unknown", number=number, question=question, known=known))
    counting = [a.question for a in layout.answers if a.counts and question in (None, a.question)]
    if not counting:
        raise UsageError(problem("layout_revoked_already", number=number))
    newest = layout.log.filter(pl.col("question").is_in(counting)).unique("question", keep="last", maintain_order=True)
    with Store.open(county.path, write=True) as store:
        store.revoke_answers(newest, who=county.who)
    return layout_on_record(county, number)


def _layout(log: pl.DataFrame) -> Layout:
    first = log.row(0, named=True)
    return Layout(first["layout"], first["office"], first["table"], tuple(_answers(log)), log)


def _answers(log: pl.DataFrame) -> Iterator[LayoutAnswer]:
    for answers in log.partition_by("question", maintain_order=True):
        given = answers.filter(pl.col("answer").is_not_null(), ~pl.col("remembered"))
        used = answers.filter(pl.col("answer").is_not_null(), pl.col("remembered"))
        yield LayoutAnswer(
            str(answers["question"][0]),
            str(answers["asks"].drop_nulls()[-1]),
            answers["says"][-1],
            given.select("file", "batch").row(-1) if given.height else None,
            tuple(used.select("file", "batch").iter_rows()),
        )
