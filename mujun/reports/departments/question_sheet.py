"""The questions about files as a sheet of the findings workbook: one row each, answered by a drop-down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mujun import messages
from mujun.fields import TABLES
from mujun.records import FileRecords
from mujun.records.readings.questions import Question
from mujun.records.sent_back import DIGITS, QUESTION_COLUMNS, QUESTIONS
from mujun.reports.departments.template import NEEDED, OTHER, TITLE, WRAPPED
from mujun.reports.drawing.forms import Cell, Entry, Form, FormColumn, Look, Paper, Row, cells_of, one_of, row_of

_ANSWER = Look(fill="#FFF2CC", edged=True, wrapped=True, valign="top", numbers="@")
_GUIDE = "在“答案”一列选好，保存后交回装入；原来的文件要放在同一个文件夹里，或一起装入。没有回答的，那张表继续等。"
_LINE, _CHARACTERS = 15, 24
"""Points of a line, and characters of a question in one."""
_LONGEST = 255
"""Characters that Excel holds in a list of choices."""


def question_form(records: Iterable[FileRecords]) -> Form | None:
    """The sheet; `None` where nothing is asked."""
    rows = [row for r in records for row in _rows(r)]
    if not rows:
        return None
    above = (row_of((_GUIDE,), TITLE.but(size=11)),)
    head = Row(tuple(Cell(c, NEEDED if c == "答案" else OTHER) for c in QUESTION_COLUMNS))
    widths = (12, 26, 14, 10, 12, 10, 50, 50, 36, 20)
    return Form(
        QUESTIONS, [FormColumn(w) for w in widths], (*above, head, *rows), header=len(above), body=len(rows), fixed=0,
        filtered=len(QUESTION_COLUMNS), paper=Paper(),
    )  # fmt: skip


def _rows(records: FileRecords) -> Iterator[Row]:
    reading = records.reading
    for q in records.questions:
        assert reading is not None  # it asked
        waiting = sum(b.records for b in reading.blocks if any(q.id == asked.id for asked in b.questions))
        says = [f"{n}. {c.says}" for n, c in enumerate(q.choices, start=1)]
        shown = (q.id, records.file, q.sheet, q.row, TABLES[q.table].label, waiting, q.asks, "\n".join(says))
        digest = records.sha256[:DIGITS]
        cells = (*cells_of(shown, WRAPPED), Cell(None, _ANSWER, entry=_entry(q, says)), Cell(digest, WRAPPED))
        # Excel makes a row no higher by itself for what several lines of a cell say.
        yield Row(cells, height=_LINE * max(len(says), 1 + len(q.asks) // _CHARACTERS))


def _entry(q: Question, says: list[str]) -> Entry:
    """The choices in words; by their numbers where Excel's list cannot hold the words."""
    plain = [s.replace(",", "，") for s in says]
    if len(",".join(plain)) > _LONGEST:
        plain = [str(n) for n in range(1, len(q.choices) + 1)]
    return Entry(one_of(plain).choices, title="只能选", hint=messages.text("choose_listed"))
