"""A reading for a screen: in short beside what was loaded, and whole as a table."""

from __future__ import annotations

from collections.abc import Iterator

from mujun import messages
from mujun.fields import TABLES
from mujun.messages import text
from mujun.records.readings.model import BlockRead, ColumnRead, Reading
from mujun.reports.drawing.terminal import text_table

WIDEST = 44
"""Columns of a terminal that a cell takes at most."""


def short_lines(reading: Reading) -> Iterator[str]:
    """A line per table: where it stands, whose, and what became of its columns; then what was understood how."""
    for block in reading.blocks:
        figures = [_in_short(c) for c in block.columns if c.use in ("field", "added") and c.unit_from is not None]
        line = text(
            "reading_block", where=where(block), year=block.year or "—", records=block.records, firms=block.firms,
            columns=messages.clauses(figures) or "—",
        )  # fmt: skip
        yield line
        for note in block.notes:
            yield text("reading_note", says=note.says)
        for question in block.questions:
            if question.answer is not None and question.chosen is not None:
                code = "reading_remembered" if question.remembered else "reading_answered"
                yield text(messages.key(code), asks=question.asks, says=question.chosen.says, id=question.id)


def whole_lines(reading: Reading) -> Iterator[str]:
    """Every table of a file with its columns, its other rows, its notes and its questions."""
    yield text("reading_file", file=reading.file, sha256=reading.sha256[:12])
    for block in reading.blocks:
        yield ""
        yield text(
            "reading_block_head", where=where(block), year=block.year or "—", records=block.records, firms=block.firms
        )
        yield text_table(column_titles(), [column_cells(c) for c in block.columns], widest=WIDEST)
        for role, rows in rows_by_role(block):
            yield text("reading_rows", role=text(messages.key(f"reading_role_{role}")), count=len(rows), rows=rows[:8])
        if block.hidden:
            yield text("reading_hidden", count=len(block.hidden), rows=[str(r) for r in block.hidden[:12]])
        if block.struck:
            yield text("reading_struck", count=len(block.struck), rows=[str(r) for r in block.struck[:12]])
        for note in block.notes:
            yield text("reading_note", says=note.says)
        for question in block.questions:
            if question.answer is None:
                yield text("reading_question", asks=question.asks, id=question.id)
                yield from (
                    text("reading_choice", number=n, says=c.says) for n, c in enumerate(question.choices, start=1)
                )
            elif question.chosen is not None:
                code = "reading_remembered" if question.remembered else "reading_answered"
                yield text(messages.key(code), asks=question.asks, says=question.chosen.says, id=question.id)
    for sheet, why in reading.passed_over:
        yield text(
            "reading_passed_over", sheet=sheet or "—", why=text(messages.key(why)) if why in PLAIN_REASONS else why
        )


PLAIN_REASONS = ("sheet_empty", "sheet_hidden", "no_header")
"""Reasons for passing a sheet over whose sentence needs no values."""


def where(block: BlockRead) -> str:
    """Where a table stands, and which of the dictionary's it feeds."""
    first, last = block.header_rows
    rows = str(first) if first == last else f"{first}–{last}"
    tables = [TABLES[t].label for t in block.tables]
    sheet = "" if block.sheet is None else text("place_sheet", sheet=block.sheet) + " "
    return text("reading_where", sheet=sheet, rows=rows, tables=tables)


def _in_short(c: ColumnRead) -> str:
    source = text(messages.key(f"unit_from_{c.unit_from}"))
    agreement = "" if c.agrees is None else text("total_agrees" if c.agrees else "total_agrees_not")
    return text("reading_column", label=c.label, header=c.header, unit=c.unit, source=source, total=agreement)


def column_titles() -> list[str]:
    """The titles of `column_cells`."""
    names = ("letters", "header", "use", "field", "unit", "unit_from", "first", "filled", "blank", "read", "own_total")
    return [text(messages.key(f"reading_title_{n}")) for n in names]


def column_cells(c: ColumnRead) -> list[object]:
    """A column in one line."""
    return [
        c.letters, c.header, text(messages.key(f"reading_use_{c.use}")), c.label, c.unit,
        text(messages.key(f"unit_from_{c.unit_from}")) if c.unit_from else "", "、".join(c.first[:2]), c.filled,
        c.blank, c.read, c.own_total,
    ]  # fmt: skip


def rows_by_role(block: BlockRead) -> list[tuple[str, list[str]]]:
    """The rows that are no records, by what they are, each with its number."""
    by_role: dict[str, list[str]] = {}
    for row in block.rows:
        by_role.setdefault(row.role, []).append(f"{row.row} {row.text[:30]}")
    return list(by_role.items())
