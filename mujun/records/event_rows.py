"""Rows of a workbook or text file that tell what happened to listed enterprises and parcels.

The file is a progress sheet that mujun wrote and somebody filled in, or any table with the same headers. Rows in which
nobody filled in anything are passed over and counted; whatever cannot be read is told cell by cell.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import InputError, Place, Problem, problem
from mujun.fields import nearest
from mujun.messages import Guess, MessageKey
from mujun.numbers import parse_unit
from mujun.records.cells import dates, halfwidth, quantities, words
from mujun.records.container import container_of, read_bytes
from mujun.records.headers import squeezed
from mujun.records.identity import normal_code
from mujun.records.sheets import Sheet, read_sheets

HEADERS: Mapping[str, tuple[str, ...]] = {
    "subject": ("统一社会信用代码", "信用代码", "credit_code"),
    "parcel": ("地块编号", "宗地号", "宗地编号", "parcel"),
    "name": ("企业名称", "权利人", "名称", "name"),
    "action": ("动作", "登记动作", "action"),
    "on": ("日期", "发生日期", "on", "happened_on"),
    "actor": ("经办", "经办人", "经办单位", "actor"),
    "note": ("说明", "情况说明", "note"),
    "document": ("文号", "document"),
    "evidence": ("佐证材料", "佐证", "evidence"),
    "waiver": ("免交理由", "佐证免交理由", "waiver"),
    "path": ("改定整治方式", "path"),
    "way": ("改定具体方式", "way"),
    "deadline": ("改定完成时限", "deadline"),
    "department": ("改定责任单位", "department"),
    "land_mu": ("核实腾出用地（亩）", "核实腾出用地", "land_mu"),
    "energy_tce": ("核实腾出用能（吨标煤）", "核实腾出用能", "energy_tce"),
}
"""Headers of the columns by what they mean; all other columns are for the reader and passed over."""

_WHO = ("subject", "parcel", "name")
_NAMED = {squeezed(h): name for name, several in HEADERS.items() for h in several}
_LOOKED_AT = 12
"""Rows in which the header is looked for."""


@dataclass(frozen=True)
class EventRow:
    """One row in which somebody filled in something: its texts and typed values, and where it stands."""

    place: Place
    kind: str
    subject: str
    action: str
    on: date | None
    deadline: date | None
    land_mu: Decimal | None
    energy_tce: Decimal | None
    evidence: tuple[str, ...]
    texts: Mapping[str, str]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class EventFile:
    """A file's rows, its SHA-256, how many rows nobody filled in, and its sheets as they are."""

    file: str
    sha256: str
    rows: tuple[EventRow, ...]
    blank: int
    sheets: tuple[Sheet, ...] = field(default=(), repr=False)


def read_events(path: str | Path, actions: Mapping[str, str]) -> EventFile:
    """Read what a file tells.

    Args:
        path: `.xlsx`, `.xls`, `.csv` or `.parquet`.
        actions: the words for actions, in any language, and the actions they mean.

    Raises:
        InputError: the file cannot be read, or no sheet has the columns 信用代码 or 地块编号, and 动作.
    """
    path = Path(path)
    data = read_bytes(path)
    rows: list[EventRow] = []
    blank = 0
    understood = False
    sheets = tuple(read_sheets(data, container_of(data, path), path))
    for sheet in sheets:
        if sheet.empty or sheet.hidden:
            continue
        header = _header(sheet)
        if header is None:
            continue
        understood = True
        read, left = _rows(sheet, *header, path.name, actions)
        rows += read
        blank += left
    if not understood:
        raise InputError(problem("events_no_header", Place(file=path.name)))
    return EventFile(path.name, hashlib.sha256(data).hexdigest(), tuple(rows), blank, sheets)


def _header(sheet: Sheet) -> tuple[int, dict[str, str]] | None:
    """The position of the header row and the column of each meaning, where a row has a key and 动作."""
    for at in range(min(_LOOKED_AT, sheet.cells.height)):
        names = {_NAMED[squeezed(t)]: f"c{i}" for i, t in enumerate(sheet.texts(at)) if squeezed(t) in _NAMED}
        if "action" in names and ("subject" in names or "parcel" in names):
            return at, names
    return None


def _rows(
    sheet: Sheet, at: int, names: Mapping[str, str], file: str, actions: Mapping[str, str]
) -> tuple[list[EventRow], int]:
    body = sheet.cells.slice(at + 1).select(
        *(pl.col(column).alias(name) for name, column in names.items()),
        *(pl.lit(None, dtype=pl.String).alias(name) for name in HEADERS if name not in names),
    )
    numbers = sheet.rows.slice(at + 1)
    stated = body.select(words(body[name]).alias(name) for name in HEADERS)
    stated = stated.with_columns(normal_code(pl.col("subject")), halfwidth(pl.col("parcel")))
    on, deadline = dates(stated["on"]), dates(stated["deadline"])
    land = quantities(stated["land_mu"], Fraction(1), parse_unit("亩"))
    energy = quantities(stated["energy_tce"], Fraction(1), parse_unit("吨标煤"))
    filled = stated.select(pl.any_horizontal(pl.col(n).is_not_null() for n in HEADERS if n not in _WHO))
    rows: list[EventRow] = []
    blank = 0
    for n, (row, given) in enumerate(zip(stated.iter_rows(named=True), filled.to_series(), strict=True)):
        if not given:
            blank += any(row[k] for k in ("subject", "parcel"))
            continue
        place = Place(file=file, sheet=sheet.name, row=numbers[n])
        texts = {name: row[name] or "" for name in HEADERS}
        wrong: list[Problem] = []
        for name, parsed in (("on", on), ("deadline", deadline), ("land_mu", land), ("energy_tce", energy)):
            if parsed.trouble[n] is not None:
                key: MessageKey = "events_bad_date" if name in ("on", "deadline") else "events_bad_number"
                wrong.append(problem(key, place, field=HEADERS[name][0], value=row[name]))
        parcel = bool(row["parcel"]) and not row["subject"]
        if not (row["subject"] or row["parcel"]):
            wrong.append(problem("events_no_subject", place))
        action = actions.get(squeezed(texts["action"]), "")
        if not texts["action"]:
            wrong.append(problem("events_no_action", place))
        elif not action:
            near = Guess(nearest(texts["action"], list(actions)))
            wrong.append(problem("events_unknown_action", place, value=texts["action"], near=near))
        if row["on"] is None:
            wrong.append(problem("events_no_date", place))
        rows.append(
            EventRow(
                place=place,
                kind="parcel" if parcel else "enterprise",
                subject=row["parcel" if parcel else "subject"] or "",
                action=action,
                on=on.values[n],
                deadline=deadline.values[n],
                land_mu=land.values[n],
                energy_tce=energy.values[n],
                evidence=kinds_of(texts["evidence"]),
                texts=texts,
                problems=tuple(wrong),
            )
        )
    return rows, blank


def kinds_of(text: str) -> tuple[str, ...]:
    """The kinds of evidence that a cell names, parted by 、，；, ; or line breaks; sorted, each once.

    >>> kinds_of("镇街核查表、税单；镇街核查表")
    ('税单', '镇街核查表')
    """
    return tuple(sorted({t.strip() for t in re.split(r"[、，；,;\n]", text) if t.strip()}))
