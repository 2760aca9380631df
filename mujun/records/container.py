"""What kind of file something is, by its first bytes, and whether it is safe to open.

The extension is only a hint: departments send tab-separated text named `.xls`, old workbooks named `.xlsx` and web
pages named `.xls`. What can be read is read; the rest is refused with one sentence, before any parser sees it.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from mujun.errors import InputError, Place, problem
from mujun.records.limits import MAX_CELLS, MAX_COLUMNS, MAX_FILE_BYTES, MAX_ROWS, MAX_UNPACKED_BYTES

Container = Literal["xlsx", "xls", "text", "parquet"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"SQLite format 3", "SQLite"),
    (b"{\\rtf", "RTF"),
)
# Deflate cannot do better than 1032 to 1, whatever the zip's directory claims.
_BEST_DEFLATE = 1032


def read_bytes(path: Path) -> bytes:
    """All bytes of a file that exists, is a file, and is not too large.

    Raises:
        InputError: `file_not_found`, `file_is_folder`, `file_too_large`, `file_empty`, `file_unreadable`.
    """
    place = Place(file=path.name)
    if path.is_dir():
        raise InputError(problem("file_is_folder", place))
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise InputError(problem("file_too_large", place, size=size // 2**20, limit=MAX_FILE_BYTES // 2**20))
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(problem("file_not_found", Place(file=str(path)))) from None
    except OSError as e:
        raise InputError(problem("file_unreadable", place, reason=e.strerror or str(e))) from e
    if not data:
        raise InputError(problem("file_empty", place))
    return data


def container_of(data: bytes, path: Path) -> Container:
    """What a file really is.

    Raises:
        InputError: it is nothing that holds a table we can read; the sentence says what it is and what to do.
    """
    place = Place(file=path.name)
    if data.startswith(_ZIP):
        _check_zip(data, place)
        return "xlsx"
    if data.startswith(_OLE):
        _check_ole(data, place)
        return "xls"
    if data[:4] == b"PAR1":
        return "parquet"
    for magic, kind in _OTHERS:
        if data.startswith(magic):
            raise InputError(problem("file_of_other_kind", place, kind=kind))
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<?xml", b"<meta", b"<head")):
        raise InputError(problem("file_is_web_page", place))
    if path.suffix.lower() == ".parquet":
        raise InputError(problem("file_of_other_kind", place, kind="Parquet?"))
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(problem("file_of_other_kind", place, kind=path.suffix or "?"))
    return "text"


# ------------------------------------------------------------------------------------------------------ old workbooks


def _check_ole(data: bytes, place: Place) -> None:
    # Names of streams stand in the file's directory as UTF-16.
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise InputError(problem("file_password", place))
    if _has_filepass(data):
        raise InputError(problem("file_password", place))
    if not any(name.encode("utf-16-le") in data for name in ("Workbook\0", "Book\0")):
        raise InputError(problem("file_of_other_kind", place, kind="Word/PowerPoint 97–2003"))


def _has_filepass(data: bytes) -> bool:
    """Whether the workbook's stream, which begins on a sector, says FILEPASS among its first records.

    The Excel reader only says that it does not know the format.
    """
    beginning = b"\x09\x08\x10\x00\x00\x06\x05\x00"
    start = data.find(beginning)
    while start >= 0:
        if start % 512 == 0:
            at, end = start, start + 512
            while at + 4 <= end:
                record, length = struct.unpack_from("<HH", data, at)
                if record == 0x2F:
                    return True
                at += 4 + length
        start = data.find(beginning, start + 1)
    return False


# ----------------------------------------------------------------------------------------------------- zipped workbooks


def _check_zip(data: bytes, place: Place) -> None:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise InputError(problem("file_broken", place)) from None
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise InputError(problem("file_password", place))
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED_BYTES:
        raise InputError(
            problem("file_unpacks_too_large", place, size=unpacked // 2**20, limit=MAX_UNPACKED_BYTES // 2**20)
        )
    if "xl/workbook.xml" not in names:
        raise InputError(problem("file_of_other_kind", place, kind=_kind_of_zip(names)))
    if len(data) * _BEST_DEFLATE > MAX_UNPACKED_BYTES:
        _check_directory_tells_the_truth(data, parts, place)
    # Every part, not only those named like sheets: the workbook's own directory decides which part is a sheet.
    for part in parts:
        _check_extent(archive, part, place)


def _kind_of_zip(names: set[str]) -> str:
    if "xl/workbook.bin" in names:
        return "xlsb"
    if any(name.startswith("word/") for name in names):
        return "Word"
    if any(name.startswith("ppt/") for name in names):
        return "PowerPoint"
    if "content.xml" in names:
        return "OpenDocument"
    return "zip"


def _check_directory_tells_the_truth(data: bytes, parts: list[zipfile.ZipInfo], place: Place) -> None:
    """Unpack every part once, keeping nothing, and stop where more comes out than the directory says."""
    for part in parts:
        if part.compress_type != zipfile.ZIP_DEFLATED:
            continue
        head = data[part.header_offset : part.header_offset + 30]
        if len(head) < 30:
            raise InputError(problem("file_broken", place))
        start = part.header_offset + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        inflater = zlib.decompressobj(-15)
        left = data[start : start + part.compress_size]
        came_out = 0
        try:
            while left and not inflater.eof:
                came_out += len(inflater.decompress(left, 2**20))
                left = inflater.unconsumed_tail
                if came_out > part.file_size:
                    raise InputError(
                        problem("file_unpacks_too_large", place, size="?", limit=MAX_UNPACKED_BYTES // 2**20)
                    )
        except zlib.error:
            raise InputError(problem("file_broken", place)) from None


# A cell beyond column Z, or any row of seven digits: only then is it worth looking closely.
_WIDE_OR_FAR = re.compile(rb"""r=["'](?:[A-Z]{2,3}[0-9]|[A-Z]{0,3}[0-9]{7,}["'])""")
# A styled cell without content does not enlarge what is read: departments format whole columns.
_FILLED_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*?r\s*=\s*["']([A-Z]{1,3})([0-9]+)["'](?:[^>]*[^/>])?>(?!</)""")


def _check_extent(archive: zipfile.ZipFile, part: zipfile.ZipInfo, place: Place) -> None:
    """Refuse a sheet whose filled cells span more than we hold."""
    try:
        if not any(_WIDE_OR_FAR.search(chunk) or b" r =" in chunk for chunk in _chunks(archive, part)):
            return
        rows = columns = 0
        for chunk in _chunks(archive, part):
            cells = _FILLED_CELL.findall(chunk)
            if cells:
                rows = max(rows, max(int(row) for _, row in cells))
                columns = max(columns, max(_column_number(letters) for letters in {c for c, _ in cells}))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError):
        raise InputError(problem("file_broken", place)) from None
    check_size(rows, columns, place)


def _chunks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part in pieces of 4 MB, each with the end of the one before, so that no cell's opening tag is cut."""
    with archive.open(part) as stream:
        tail = b""
        while piece := stream.read(4 * 2**20):
            yield tail + piece
            tail = piece[-200:]


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def check_size(rows: int, columns: int, place: Place) -> None:
    """Refuse a rectangle larger than `limits` allows.

    Raises:
        InputError: `too_many_cells`.
    """
    if rows > MAX_ROWS or columns > MAX_COLUMNS or rows * columns > MAX_CELLS:
        raise InputError(problem("too_many_cells", place, rows=rows, columns=columns, limit=MAX_CELLS))
