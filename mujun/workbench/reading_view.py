"""A file's reading as the clerk's sheet: header, columns, units, roles coloured, totals compared, questions."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import TYPE_CHECKING

from nicegui import ui

from mujun import messages
from mujun.fields.here import field_here, table_here
from mujun.reports.departments.reading_text import PLAIN_REASONS, where
from mujun.workbench.frame import part
from mujun.workbench.view import View

if TYPE_CHECKING:
    from mujun.records.readings.model import BlockRead, ColumnRead, Reading
    from mujun.records.readings.questions import Question

FIRST = 4
"""Cells shown of a column."""


def show_reading(view: View, reading: Reading, answer: Callable[[str, str], object] | None = None) -> None:
    """Every table of a file as it was understood.

    Args:
        view: the page.
        reading: the reading.
        answer: is told the id of a question and the key of the choice; where it is missing, nothing can be answered.
    """
    for block in reading.blocks:
        part(
            messages.text(
                "reading_block_head",
                where=where(block),
                year=block.year or "—",
                records=block.records,
                firms=block.firms,
            )
        )
        for question in block.questions:
            _question(view, question, answer)
        ui.html(sheet_of(block), sanitize=False).classes("sheet-view").props("tabindex=0 role=region")
        for note in block.notes:
            ui.label(note.says).classes("quiet")
    for sheet, why in reading.passed_over:
        reason = messages.text(messages.key(why)) if why in PLAIN_REASONS else why
        ui.label(messages.text("reading_passed_over", sheet=sheet or "—", why=reason)).classes("quiet")


def _question(view: View, question: Question, answer: Callable[[str, str], object] | None) -> None:
    with ui.column().classes("question"):
        ui.label(question.asks).style("font-weight: 600")
        if question.chosen is not None:
            answered = "workbench_remembered" if question.remembered else "workbench_answered"
            ui.label(messages.text(messages.key(answered), says=question.chosen.says))
        if answer is None:
            return
        with ui.row().style("gap: 10px"):
            for choice in question.choices:
                look = "unelevated" if choice.key == question.answer else "outline"
                ui.button(choice.says, on_click=view.handler(lambda c=choice.key, q=question.id: answer(q, c))).props(
                    f"{look} no-caps"
                ).classes("text-left")


def sheet_of(block: BlockRead) -> str:
    """The sheet as HTML: a column per column of the file, everything escaped."""
    asked = {str(v) for q in block.questions if q.answer is None for v in q.values.values()}
    head = _cells("th", "letters", [c.letters for c in block.columns])
    rows = [
        (messages.text("reading_title_header"), [_cell(c.header, _role(c, asked)) for c in block.columns]),
        (messages.text("reading_title_use"), [_cell(use_of(c), _role(c, asked)) for c in block.columns]),
        (messages.text("reading_title_unit"), [_cell(_unit(c)) for c in block.columns]),
    ]
    for place in range(min(FIRST, max((len(c.first) for c in block.columns), default=0))):
        cells = [
            _cell(c.first[place] if place < len(c.first) else "", "figure" * (c.read is not None))
            for c in block.columns
        ]
        rows.append((messages.text("reading_title_first") if place == 0 else "", cells))
    rows.append((messages.text("reading_title_filled"), [_cell(str(c.filled), "figure") for c in block.columns]))
    rows.append(
        (
            messages.text("reading_title_read"),
            [_cell(messages.show(c.read) if c.read is not None else "", "figure") for c in block.columns],
        )
    )
    if any(c.own_total is not None for c in block.columns):
        rows.append((messages.text("reading_title_own_total"), [_total(c) for c in block.columns]))
    body = "".join(f"<tr><th scope='row'>{html.escape(label)}</th>{''.join(cells)}</tr>" for label, cells in rows)
    return f"<table><thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table>"


def use_of(column: ColumnRead) -> str:
    """What becomes of a column: its field, or why it is none."""
    use = messages.text(messages.key(f"reading_use_{column.use}"))
    if not column.field:
        return use
    table = table_here(column.table) if column.table else ""
    return f"{table} · {field_here(column.field, column.label)}" + ("" if column.use == "field" else f"（{use}）")


def _unit(column: ColumnRead) -> str:
    if not column.unit:
        return ""
    return column.unit + (
        f"（{messages.text(messages.key(f'unit_from_{column.unit_from}'))}）" if column.unit_from else ""
    )


def _total(column: ColumnRead) -> str:
    if column.own_total is None:
        return _cell("")
    sign = {True: " ✓", False: " ✗", None: ""}[column.agrees]
    return _cell(messages.show(column.own_total) + sign, "figure" if column.agrees is not False else "figure use-asked")


def _role(column: ColumnRead, asked: set[str]) -> str:
    return "use-asked" if {column.header, column.letters, column.field, column.label} & asked else f"use-{column.use}"


def _cell(text: str, look: str = "") -> str:
    return f'<td class="{look}">{html.escape(text)}</td>'


def _cells(tag: str, look: str, texts: list[str]) -> str:
    return "".join(f'<{tag} class="{look}">{html.escape(t)}</{tag}>' for t in texts)
