"""The sample county with every thirtieth of its firms: the same files in the same forms, with fewer rows.

What a test says of a command, a page or a paper holds for a hundred firms as for three thousand; loading and rating all
of them took most of its time.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from mujun.samples import sample_files

EVERY = 30
ALSO = frozenset({164, 1229})
"""Firms that tests name: one whose code they mistype, one whose tax of 2022 the tax office wrote as “约12”."""

FIRM = re.compile(r"示例(\d{4})|X{4}(\d{4})")
PARCEL = re.compile(r"\d{12}GB\d{5}")
ROW = re.compile(r"<row .*?</row>", re.DOTALL)
SHARED = re.compile(r' t="s"[^>]*><v>(\d+)</v>')
SUMS = "合计"
SMALL = 13_000
"""Bytes below which a file stays whole: of the projects, say, nothing might be left."""


def few_files(folder: Path) -> list[Path]:
    """The sample county's files with the rows of the few firms and their parcels, in their order."""
    files = sample_files()
    parcels: set[str] = set()
    for file in files:
        if "企业用地" in file.name:
            _rewritten(file, None, lambda said: _noted(said, parcels))
    written = []
    for file in files:
        to = folder / file.parent.name / file.name
        to.parent.mkdir(parents=True, exist_ok=True)
        if file.stat().st_size < SMALL:
            shutil.copyfile(file, to)
        else:
            _rewritten(file, to, lambda said: _stays(said, parcels))
        written.append(to)
    return written


_KEPT = frozenset(range(0, 10_000, EVERY)) | ALSO


def _numbers(said: str) -> set[int]:
    return {int(name or code) for name, code in FIRM.findall(said)}


def _noted(said: str, parcels: set[str]) -> bool:
    """Note the parcels of a row that is of one of them."""
    if _numbers(said) & _KEPT:
        parcels.update(PARCEL.findall(said))
    return True


def _stays(said: str, parcels: set[str]) -> bool:
    """Whether a row is of one of them, or of nobody: a heading, a rate of tax. A sum would be of others too."""
    if numbers := _numbers(said):
        return bool(numbers & _KEPT)
    if named := PARCEL.findall(said):
        return bool(parcels.intersection(named))
    return SUMS not in said


def _rewritten(file: Path, to: Path | None, stays: Callable[[str], object]) -> None:
    """A file with those of its rows that stay."""
    if file.suffix == ".xlsx":
        _workbook(file, to, stays)
        return
    raw = file.read_bytes()
    for encoding in ("utf-8", "gb18030"):
        try:
            lines = raw.decode(encoding).splitlines(keepends=True)
        except UnicodeDecodeError:
            continue
        left = [line for line in lines if stays(line)]
        if to is not None:
            text = "".join(left)
            if file.suffix == ".geojson":
                text = re.sub(r",(\s*\]\s*\})", r"\1", text)
            to.write_bytes(text.encode(encoding))
        return
    raise AssertionError(f"{file} is in no encoding known here")


def _workbook(file: Path, to: Path | None, stays: Callable[[str], object]) -> None:
    """Row by row in its XML: to read it with all its formats and to write it anew takes twenty times as long."""
    with zipfile.ZipFile(file) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    strings = re.findall(r"<si>(.*?)</si>", parts["xl/sharedStrings.xml"].decode(), re.DOTALL)
    for name in [n for n in parts if n.startswith("xl/worksheets/sheet")]:
        text = parts[name].decode()
        rows = ROW.findall(text)
        left = [row for row in rows if stays(_said(row, strings))]
        body = "".join(_numbered(left))
        first, last = text.index(rows[0]), text.rindex(rows[-1]) + len(rows[-1])
        parts[name] = (text[:first] + body + text[last:]).encode()
    if to is not None:
        with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as book:
            for name, content in parts.items():
                book.writestr(name, content)


def _said(row: str, strings: list[str]) -> str:
    return row + "\t".join(strings[int(n)] for n in SHARED.findall(row))


def _numbered(rows: Iterable[str]) -> Iterable[str]:
    """The rows one below the other, whatever stood between them."""
    for number, row in enumerate(rows, 1):
        yield re.sub(r'(<row r="|<c r="[A-Z]+)\d+"', rf'\g<1>{number}"', row)
