"""Hostile department files: read without a fault, and every accepted figure is what the cell shows."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from tests.faults.mutator import HOSTILE, Mutator
from tests.records.files import code

HEAD = ("统一社会信用代码", "企业名称", "实缴税金(万元)")
Shown = Mapping[int, object]


def _rows() -> list[list[str]]:
    return [[code(i), f"甲{i}有限公司", f"{i * 37}.{i}5"] for i in range(1, 9)]


def _csv(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([HEAD, *rows])
    return out.getvalue()


def _xlsx(rows: list[list[str]], *, numbers: bool) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet("税收")
    for i, row in enumerate([list(HEAD), *rows]):
        for j, cell in enumerate(row):
            if numbers and j == 2 and i and re.fullmatch(r"\d+\.\d+", cell):
                sheet.write_number(i, j, float(cell))
            else:
                sheet.write_string(i, j, cell[:32_000])
    book.close()
    return out.getvalue()


def _parquet(rows: list[list[str]]) -> bytes:
    import polars as pl

    out = io.BytesIO()
    pl.DataFrame(rows, schema=dict.fromkeys(HEAD, pl.String), orient="row").write_parquet(out)
    return out.getvalue()


def hostile_file(seed: int, number: int) -> tuple[str, bytes, Shown | None]:
    """A file's name, its bytes, and what its figures show by row, where that can be told without mujun."""
    by = Mutator("files", seed, number)
    rows = _rows()
    match number % 5:
        case 0:  # cells of a csv
            for _ in range(by.random.randint(1, 3)):
                by.random.choice(rows)[2] = by.random.choice(HOSTILE)
            text = _csv(rows)
            encoding = by.random.choice(("utf-8", "utf-8-sig", "gb18030", "utf-16"))
            return "税收.csv", text.encode(encoding), _shown_in(text)
        case 1:  # cells of a workbook
            for _ in range(by.random.randint(1, 3)):
                by.random.choice(rows)[2] = by.random.choice(HOSTILE).replace("\x00", "")
            return "税收.xlsx", (data := _xlsx(rows, numbers=True)), _shown_in_workbook(data)
        case 2:  # bytes of a csv
            data = by.bytes_of(_csv(rows).encode())
            try:
                return "税收.csv", data, _shown_in(data.decode())
            except UnicodeDecodeError:
                return "税收.csv", data, None
        case 3:  # a part of a workbook
            data = by.part_of(_xlsx(rows, numbers=by.random.random() < 0.5))
            return "税收.xlsx", data, _shown_in_workbook(data)
        case _:  # bytes of any kind
            made = by.random.choice((_xlsx(rows, numbers=True), _parquet(rows)))
            return f"税收{by.random.choice(('.xlsx', '.parquet', '.xls', '.csv', '.txt', ''))}", by.bytes_of(made), None


def hostile_binary_file(seed: int, number: int) -> bytes:
    """An .xlsb with a part of it, or the whole, spoilt."""
    from tests.records.binary_workbooks import Book, Cell, Formula, Shared

    by = Mutator("binary", seed, number)
    rows: dict[int, dict[int, object]] = {0: dict(enumerate(HEAD))}
    for i, (own, name, tax) in enumerate(_rows(), start=1):
        figure: object = by.random.choice((Cell(float(tax), by.random.randrange(5)), Formula(float(tax)), tax))
        rows[i] = {0: own, 1: Shared(i - 1) if i % 2 else name, 2: figure}
    data = Book(rows, shared=[r[1] for r in _rows()], hidden_rows=frozenset({3}), merges=((1, 1, 2, 1),)).content()
    return by.bytes_of(data) if number % 3 == 0 else by.part_of(data)


def read_binary_case(seed: int, number: int, folder: Path) -> str:
    """Read one hostile .xlsb; says what became of it."""
    from mujun.records import read_file

    file = folder / "税收.xlsb"
    file.write_bytes(hostile_binary_file(seed, number))
    read_file(file, table="tax", year=2022)
    return "accepted, figures not told otherwise"


def _shown_in(text: str) -> Shown | None:
    try:
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True))
    except csv.Error:
        return None
    # Where lines and rows differ, or the header is another, row numbers mean something else.
    lines = text.removesuffix("\r\n").count("\n") + 1
    if not rows or tuple(rows[0]) != HEAD or len(rows) != lines or any(len(r) != 3 for r in rows):
        return None
    return {n: row[2] for n, row in enumerate(rows[1:], start=2)}


def _shown_in_workbook(data: bytes) -> Shown | None:
    import openpyxl

    try:
        sheet = openpyxl.load_workbook(io.BytesIO(data), data_only=True).worksheets[0]
        rows = list(sheet.iter_rows(values_only=True, max_col=3))
    except Exception:
        return None
    if not rows or tuple(rows[0]) != HEAD:
        return None
    return {n: row[2] for n, row in enumerate(rows[1:], start=2)}


_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?([eE][+-]?\d{1,3})?")


def value_shown(cell: object) -> Decimal | None:
    """The figure that a person reads in a cell; `None` where it shows none."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, (int, float)):
        return Decimal(repr(cell))
    text = unicodedata.normalize("NFKC", str(cell)).replace("−", "-").strip().strip("\ufeff")
    text = text.removeprefix("'")  # how a spreadsheet marks a text
    scale = Decimal(1)
    if bracketed := re.fullmatch(r"\((\d[^()]*)\)", text):
        text = f"-{bracketed[1]}"  # as accountants write what is owed
    if re.fullmatch(r"[+-]?\d{1,3}( \d{3})+(\.\d*)?", text):
        text = text.replace(" ", "")
    for unit, factor in (("万元", Decimal(1)), ("元", Decimal("0.0001")), ("万", Decimal(1))):
        if text.endswith(unit):
            text, scale = text.removesuffix(unit).strip(), factor
            break
    if not re.search(r"\d", text) or not _NUMBER.fullmatch(text):
        return None
    if text.startswith(("0,", "-0,", "+0,")):
        return None
    return Decimal(text.replace(",", "")) * scale


def read_case(seed: int, number: int, folder: Path) -> str:
    """Read one hostile file; says what became of it, or what is wrong."""
    from mujun.records import read_file

    name, data, shown = hostile_file(seed, number)
    file = folder / name
    file.write_bytes(data)
    records = read_file(file, table="tax", year=2022)
    for table in records.tables:
        if shown is None or table.table != "tax":
            continue
        for row, value in table.rows.select("_row", "tax_paid").iter_rows():
            if value is None:
                continue
            said = value_shown(shown.get(row))
            if said is None or abs(said - value) > Decimal("0.0000005"):
                return f"FAULT row {row} shows {shown.get(row)!r} and counts as {value}"
    return "accepted" if shown is not None else "accepted, figures not told otherwise"
