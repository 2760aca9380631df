"""A findings workbook that comes back: of each corrected row where it was first, and the questions answered in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from mujun.dataclass import dataclass
from mujun.records.cell_troubles import SOURCE

if TYPE_CHECKING:
    from mujun.records.sheets import Sheet

ROW = "原行号"
QUESTIONS = "待答问题"
"""The sheet of questions."""

ID, FILE, DIGEST, ANSWER = "编号", "来源文件", "文件校验", "答案"
QUESTION_COLUMNS = (ID, FILE, "原工作表", "表头行号", "数据表", "等待行数", "问题", "可选答案", ANSWER, DIGEST)
"""Its columns: one row for each question about a file."""

DIGITS = 16
"""How much of a file's SHA-256 tells it from another version."""

Origin = tuple[str, str | None, int]
"""File, sheet and row."""


@dataclass(frozen=True)
class Answered:
    """A question answered in a workbook: its id, the choice (key, number or words), the file, its SHA-256's start."""

    question: str
    choice: str
    file: str
    sha256: str


@dataclass(frozen=True)
class SentBack:
    """What a findings workbook says besides its rows.

    Attributes:
        origins: by sheet and row of the workbook, where each row was first.
        answers: the questions that are answered.
    """

    origins: Mapping[tuple[str | None, int], Origin] = field(default_factory=dict)
    answers: tuple[Answered, ...] = ()


def sent_back(sheets: Sequence[Sheet]) -> SentBack:
    """What a file says as a findings workbook; nothing, of every other file."""
    origins: dict[tuple[str | None, int], Origin] = {}
    answers: list[Answered] = []
    for sheet in sheets:
        if sheet.name == QUESTIONS:
            answers += _answers(sheet)
        elif not sheet.empty:
            origins |= _origins(sheet)
    return SentBack(origins, tuple(answers))


def _origins(sheet: Sheet) -> dict[tuple[str | None, int], Origin]:
    headers = sheet.texts(0)
    if not {*SOURCE, ROW} <= set(headers):
        return {}
    file, of_sheet, row = (headers.index(name) for name in (*SOURCE, ROW))
    origins: dict[tuple[str | None, int], Origin] = {}
    for i in range(1, sheet.cells.height):
        texts = sheet.texts(i)
        if texts[file] and texts[row].isdecimal():
            origins[sheet.name, int(sheet.rows[i])] = (texts[file], texts[of_sheet] or None, int(texts[row]))
    return origins


def _answers(sheet: Sheet) -> Iterator[Answered]:
    rows = [sheet.texts(i) for i in range(sheet.cells.height)]
    header = next((i for i, texts in enumerate(rows) if {ID, FILE, ANSWER, DIGEST} <= set(texts)), None)
    if header is None:
        return
    question, file, answer, digest = (rows[header].index(name) for name in (ID, FILE, ANSWER, DIGEST))
    for texts in rows[header + 1 :]:
        if texts[question] and texts[answer]:
            # The drop-down gives `2. 万元（…）`: the number is enough.
            number = re.match(r"([0-9]+)\s*[.．、]", texts[answer])
            yield Answered(texts[question], number.group(1) if number else texts[answer], texts[file], texts[digest])
