"""Hostile workbooks that were handed out and come back: taken, or returned with sentences; the store stays whole."""

from __future__ import annotations

import contextlib
import io
import shutil
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tests.faults.mutator import HOSTILE, Mutator

SET = "zhejiang/shengzhou-2022"
MONTH = "2022-10"


def said_by(store: Path, *words: object) -> tuple[int, str]:
    """A command on a store, as it is typed: its status and all that it says."""
    from mujun.cli import main

    said = io.TextIOWrapper(io.BytesIO(), "utf-8")
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            main(["--lang", "zh", "--db", str(store), *map(str, words)])
        except SystemExit as ended:
            said.seek(0)
            return int(ended.code or 0), said.read()
    raise AssertionError("a command ends with a status")


def handed_out(folder: Path) -> tuple[Path, Mapping[Path, tuple[object, ...]]]:
    """A small county in the middle of its round, and each workbook of it with the command that takes it back."""
    from tests.workspace.round_county import ALONE, NAMES, county, rules_at

    folder.mkdir()
    store, rules = folder / "mujun.duckdb", rules_at(folder / "rules")
    county(store).runs.rate(rules, 2022, final=True)
    asked = ("--rules", rules, "--year", 2022, "--township", "甲镇")
    books = {name: folder / f"{name}.xlsx" for name in ("核查", "地块", "进度", "问题", "规则", "处理")}
    tax = folder / "税务局.csv"
    bad = f"税收,{ALONE[:-1]}0,{NAMES[ALONE]},2022"
    tax.write_text(f"表,统一社会信用代码,企业名称,年度,实缴税金(万元)\n{bad},12\n", encoding="utf-8")
    found = folder / "问题.csv"
    found.write_text(f"问题编号,统一社会信用代码,问题类别,发现日期\nX1,{ALONE},消防隐患,2023-05-10\n", encoding="utf-8")
    for words in (
        ("screen", *asked, "-o", books["核查"]),
        ("screen", *asked, "--parcels", "-o", books["地块"]),
        ("rectify", "screen", "--rules", rules, "--year", 2022),
        ("rectify", "issue", "--title", "清单", "--document", "甲〔2023〕1号", "--unverified", "list"),
        ("rectify", "sheet", "-o", books["进度"]),
        ("load", found),
        ("problems", "sheet", "-o", books["问题"]),
        ("load", tax, "--findings", books["处理"]),
        ("rules", "sheet", rules, "-o", books["规则"]),
        ("monitor", "sheet", "--month", MONTH, "--rules", SET, "--only", "市科技局", "-o", folder / "填报"),
    ):
        status, said = said_by(store, *words)
        # A file with findings ends with 1, and its findings are what is wanted here.
        assert status == 0 or "--findings" in words, (words, said)
    (month,) = (folder / "填报").glob("*.xlsx")
    return store, {
        books["核查"]: ("verify",),
        books["地块"]: ("verify",),
        books["进度"]: ("rectify", "load"),
        books["问题"]: ("problems", "load"),
        books["处理"]: ("load",),
        books["规则"]: ("rules", "load", "--as", folder / "new"),
        month: ("monitor", "load"),
    }


@cache
def _base(folder: Path) -> tuple[Path, Mapping[Path, tuple[object, ...]]]:
    return handed_out(folder)


def _hostile_cells(by: Mutator, data: bytes) -> bytes:
    """Cells of any sheet, locked ones too, hidden ones too, hold something else; rows and columns go or come."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data))
    for _ in range(by.random.randint(1, 4)):
        sheet = by.random.choice(book.worksheets)
        row, column = (by.random.randint(1, max(n, 1)) for n in (sheet.max_row, sheet.max_column))
        match by.random.randrange(8):
            case 0:
                sheet.delete_rows(row)
            case 1:
                sheet.insert_cols(column)
            case 2 if len(book.worksheets) > 1:
                book.remove(sheet)
            case 3:
                sheet.title = by.random.choice(("Sheet1", "核查 (2)", "x" * 31))
            case _:
                cells = [c for line in sheet.iter_rows(min_row=row, max_row=row) for c in line if hasattr(c, "value")]
                chosen = by.random.choice(cells)
                if not isinstance(chosen, openpyxl.cell.cell.MergedCell):
                    text = "".join(c for c in by.random.choice(HOSTILE) if c.isprintable() or c == "\n")
                    chosen.value = by.random.choice((text, -1, 1e308, 0.1, True, 45000, None))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _bomb(by: Mutator, data: bytes) -> bytes:
    """A small file that unpacks into much: blanks in a part, a text of megabytes, a cell far away, many rows."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        sheets = [n for n in old.namelist() if n.startswith("xl/worksheets/") and n.endswith(".xml")]
        chosen, how = by.random.choice(sheets), by.random.randrange(4)
        for name in old.namelist():
            part = old.read(name)
            if how == 0 and name == by.random.choice(old.namelist()):
                part += b" " * 300_000_000
            elif how == 1 and name == chosen:
                text = b"<c t='inlineStr'><is><t>" + b"x" * 20_000_000 + b"</t></is></c>"
                part = part.replace(b"</row>", text + b"</row>", 3)
            elif how == 2 and name == chosen:
                part = part.replace(
                    b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                )
            elif how == 3 and name == chosen:
                part = part.replace(b"</sheetData>", b"<row><c><v>1</v></c></row>" * 2_000_000 + b"</sheetData>")
            new.writestr(name, part)
    return out.getvalue()


def hostile_workbook(by: Mutator, number: int, data: bytes) -> bytes:
    """The workbook as it comes back."""
    if number % 40 == 39:
        return _bomb(by, data)
    match number % 4:
        case 0:
            return by.bytes_of(data)
        case 1:
            return by.part_of(data)
        case _:
            return _hostile_cells(by, data)


def read_case(seed: int, number: int, folder: Path) -> str:
    """Take one hostile workbook back; says what became of it."""
    from mujun.store import Store

    store, books = _base(folder / "base")
    by = Mutator("workbooks", seed, number)
    book, command = by.random.choice(list(books.items()))
    mine = Path(shutil.copy(store, folder / "case.duckdb"))
    back = folder / f"回 {book.name}"
    back.write_bytes(hostile_workbook(by, number, book.read_bytes()))
    shutil.rmtree(folder / "base" / "new", ignore_errors=True)
    with Store.open(mine) as before:
        stood = before.newest_batch()
    status, said = said_by(mine, command[0], *([command[1], back, *command[2:]] if len(command) > 1 else [back]))
    if "Traceback" in said or "这是程序的问题" in said or status not in (0, 1):
        return f"FAULT {book.stem}: {status} {said[-300:]}"
    if status and not said.strip():
        return f"FAULT {book.stem}: ended with {status} without a word"
    if any(ord(c) < 32 and c not in "\n\t\r" for c in said):
        return f"FAULT {book.stem}: raw control characters in {said[-300:]!r}"
    with Store.open(mine) as after:
        taken = after.newest_batch() != stood
    return f"{book.stem}: {'all taken' if not status else 'part taken' if taken else 'returned'}"
