"""A reading as JSON: what `mujun read --json` prints."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from mujun import messages
from mujun.records.readings.model import BlockRead, Reading
from mujun.records.readings.questions import Question


def reading_json(reading: Reading) -> dict[str, Any]:
    """A reading as plain values: numbers as texts, sentences in the language in force."""
    return {
        "file": reading.file,
        "sha256": reading.sha256,
        "blocks": [_block(b) for b in reading.blocks],
        "passed_over": [{"sheet": sheet, "why": why} for sheet, why in reading.passed_over],
    }


def dumped(readings: list[Reading]) -> str:
    """Several readings as one JSON text."""
    return json.dumps([reading_json(r) for r in readings], ensure_ascii=False, indent=2)


def _block(block: BlockRead) -> dict[str, Any]:
    return {
        "sheet": block.sheet,
        "tables": list(block.tables),
        "header_rows": list(block.header_rows),
        "year": block.year,
        "records": block.records,
        "firms": block.firms,
        "columns": [
            {
                "letters": c.letters, "header": c.header, "use": c.use, "table": c.table, "field": c.field,
                "unit": c.unit, "unit_from": c.unit_from, "first": list(c.first), "filled": c.filled, "blank": c.blank,
                "read": _number(c.read), "own_total": _number(c.own_total), "agrees": c.agrees,
            }
            for c in block.columns
        ],
        "rows": [{"row": r.row, "role": r.role, "text": r.text} for r in block.rows],
        "hidden": list(block.hidden),
        "struck": list(block.struck),
        "notes": [{"code": n.code, "says": n.says} for n in block.notes],
        "questions": [_question(q) for q in block.questions],
        "waits": block.waits,
    }  # fmt: skip


def _question(q: Question) -> dict[str, Any]:
    return {
        "id": q.id, "code": q.code, "asks": q.asks, "answer": q.answer, "remembered": q.remembered,
        "choices": [{"key": c.key, "says": c.says} for c in q.choices],
    }  # fmt: skip


def _number(value: Decimal | None) -> str | None:
    return None if value is None else messages.show(value)
