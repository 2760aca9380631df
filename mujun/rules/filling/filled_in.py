"""What was filled in, cell by cell, held against what was given: changes, or a sentence for each wrong cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from mujun.errors import Place, Problem, problem
from mujun.messages import MessageKey
from mujun.rules.filling.cells import FormCell, FormPage, Kind, Spot
from mujun.rules.filling.editing import Change, number_written
from mujun.rules.shape import LARGEST_INT
from mujun.rules.showing_rating import POLICIES
from mujun.writing.cell_names import cell_name

Cells = Mapping[tuple[int, int], str]
"""The texts of a sheet that are not blank, by row and column counted from 0."""

FARTHEST_PLACE = 12
"""Digits of a number before the point, and behind it, that a rule may have."""


class _Wrong(Exception):
    def __init__(self, code: MessageKey, **values: object) -> None:
        self.code, self.values = code, values
        super().__init__(code)


def answers(page: FormPage, cells: Cells, file: str, problems: list[Problem]) -> list[tuple[Change, str]]:
    """The changes that a filled-in sheet makes, each with its cell's name.

    Args:
        page: the sheet as it was given.
        cells: what it holds now.
        file: the workbook, as messages name it.
        problems: gathers a problem for each wrong cell. Where a locked cell is not as it was given only that is said,
            since one row moved moves all below.
    """
    wrong: list[Problem] = []
    changes: list[tuple[Change, str]] = []
    given = {(row, column): cell for row, column, cell in page.cells()}
    for at in sorted({*given, *cells}):
        cell, now = given.get(at, FormCell()), cells.get(at, "")
        name, place = cell_name(*at), Place(file=file, sheet=page.name)
        if cell.spot is None:
            if now != shown(cell):
                values = {"cell": name, "value": now or "—", "given": shown(cell) or "—"}
                problems.append(problem("sheet_cell_locked", place, **values))
                return []
            continue
        try:
            change = _answer(cell, cell.spot, now)
        except _Wrong as told:
            wrong.append(problem(told.code, place, cell=name, value=now or "—", **told.values))
            continue
        if change is not None:
            changes.append((change, name))
    problems += wrong
    return changes


def shown(cell: FormCell) -> str:
    """The text that an untouched cell comes back as."""
    if isinstance(cell.value, Decimal):
        return number_written(cell.value)
    return (cell.value or "").strip(" \t\r\n\u3000\u00a0\u200b\ufeff")


def _answer(cell: FormCell, spot: Spot, now: str) -> Change | None:
    if now == shown(cell):
        return None
    if now == "":
        if spot.required or spot.node is None:
            raise _Wrong("sheet_cell_empty")
        return Change(spot, "" if spot.kind == "table" else None)
    written = _READ["within" if spot.kind == "within" else spot.kind](spot, cell, now)
    if isinstance(cell.value, Decimal) and _decimal(written) == cell.value:
        return None
    return None if written == cell.value else Change(spot, written)


def _decimal(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except ArithmeticError:
        return None
    return value if value.is_finite() else None


def _number(spot: Spot, cell: FormCell, now: str) -> str:
    value = _decimal(unicodedata.normalize("NFKC", now).replace("，", "").strip())
    if value is None:
        raise _Wrong("sheet_cell_number")
    exponent = value.as_tuple().exponent
    if value.adjusted() >= FARTHEST_PLACE or not isinstance(exponent, int) or exponent < -FARTHEST_PLACE:
        raise _Wrong("sheet_cell_digits", most=FARTHEST_PLACE)
    return number_written(value)


def _whole(spot: Spot, cell: FormCell, now: str) -> str:
    number = _number(spot, cell, now)
    if "." in number or abs(int(number)) >= LARGEST_INT:
        raise _Wrong("sheet_cell_whole")
    return number


def _date(spot: Spot, cell: FormCell, now: str) -> str:
    parts = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", unicodedata.normalize("NFKC", now))
    try:
        return date(*(int(p) for p in parts.groups())).isoformat() if parts else _no_day()
    except ValueError:
        return _no_day()


def _no_day() -> str:
    raise _Wrong("sheet_cell_day")


def _policy(spot: Spot, cell: FormCell, now: str) -> str:
    words = {phrase: kind for kind, phrase in POLICIES.items()}
    if now in words:
        return words[now]
    points = re.fullmatch(r"得(-?\d+(?:\.\d+)?)分", unicodedata.normalize("NFKC", now))
    if points is None:
        raise _Wrong("sheet_cell_policy", known=list(words))
    return f"{{points: {points[1]}}}"


def _years(spot: Spot, cell: FormCell, now: str) -> str:
    years = re.split(r"[、,，;；\s]+", unicodedata.normalize("NFKC", now).strip())
    if not all(re.fullmatch(r"(19|20)\d\d", y) for y in years):
        raise _Wrong("sheet_cell_years")
    return ", ".join(years)


def _within(spot: Spot, cell: FormCell, now: str) -> str:
    if isinstance(cell.value, str):
        return _date(spot, cell, now)
    number = _number(spot, cell, now)
    if number.startswith("-"):
        raise _Wrong("sheet_cell_negative")
    return number


def _table(spot: Spot, cell: FormCell, now: str) -> str:
    return _number(spot, cell, now) if isinstance(cell.value, Decimal) else now


_READ: Mapping[Kind, Callable[[Spot, FormCell, str], str]] = {
    "number": _number, "whole": _whole, "text": lambda _s, _c, now: now, "date": _date, "policy": _policy,
    "years": _years, "within": _within, "table": _table,
}  # fmt: skip
