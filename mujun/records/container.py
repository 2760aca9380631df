"""What kind of file something is, by its first bytes, and whether it is safe to open.

The extension is only a hint: departments send tab-separated text named `.xls`, old workbooks named `.xlsx` and web
pages named `.xls`. What can be read is read; the rest is refused with one sentence, before any parser sees it.
"""

from __future__ import annotations

import re
import stat
from pathlib import Path

from mujun.errors import InputError, Place, problem
from mujun.records.limits import MAX_FILE_BYTES
from mujun.records.sheets.archive import Archive
from mujun.records.sheets.encodings import unmarked_utf16
from mujun.records.sheets.opening import Container
from mujun.records.sheets.package import workbook_part
from mujun.writing import note_read

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


def read_bytes(path: Path) -> bytes:
    """All bytes of a file that exists, is a file, and is not too large.

    Raises:
        InputError: `file_not_found`, `file_is_folder`, `file_not_regular`, `file_too_large`, `file_empty`,
            `file_unreadable`.
    """
    place = Place(file=path.name)
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            raise InputError(problem("file_is_folder", place))
        # A pipe, a device or a socket may give bytes for ever, or none and wait.
        if not stat.S_ISREG(about.st_mode):
            raise InputError(problem("file_not_regular", place))
        if about.st_size > MAX_FILE_BYTES:
            size, limit = about.st_size // 2**20, MAX_FILE_BYTES // 2**20
            raise InputError(problem("file_too_large", place, size=size, limit=limit))
        data = path.read_bytes()
        note_read(path)
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
        return _zipped(data, place)
    if data.startswith(_OLE):
        _check_ole(data, place)
        return "xls"
    if data[:4] == b"PAR1":
        return "parquet"
    for magic, kind in _OTHERS:
        if data.startswith(magic):
            raise InputError(problem("file_of_other_kind", place, kind=kind))
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"mime-version:") or (start[:5] in (b"from:", b"conte") and b"multipart/" in start):
        return "web archive"
    if start.startswith(_XML) and b"schemas-microsoft-com:office:spreadsheet" in start:
        return "xml table"
    if start.startswith(_PAGE) or (start.startswith(_XML) and b"<html" in start):
        return "web page"
    if start.startswith(_XML):
        raise InputError(problem("file_of_other_kind", place, kind="XML"))
    if _JSON.match(start):
        if _LAYER.search(start):
            return "map layer"
        raise InputError(problem("file_is_json", place))
    if path.suffix.lower() == ".parquet":
        raise InputError(problem("file_of_other_kind", place, kind="Parquet?"))
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\x00" in data[:4096] and not marked and unmarked_utf16(data) is None:
        raise InputError(problem("file_of_other_kind", place, kind=path.suffix or "?"))
    return "text"


_XML = b"<?xml"
_PAGE = (b"<!doctype html", b"<html", b"<table", b"<meta", b"<head", b"<body", b"<style", b"<div", b"<!--", b"<center")
_LAYER = re.compile(rb'"type"\s*:\s*"feature|"features"\s*:')
"""What a map layer has near its start, in small letters: its kind, or the list of what is on it."""
_JSON = re.compile(rb"""\{\s*(?:"[^"]*"\s*:|\})|\[\s*(?:\{\s*"|\[|\]|"[^"]*"\s*[,\]]|-?[0-9.]+\s*,)""")


# ------------------------------------------------------------------------------------------------------ old workbooks


def _check_ole(data: bytes, place: Place) -> None:
    # Names of streams stand in the file's directory as UTF-16.
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise InputError(problem("file_password", place))
    if not any(name.encode("utf-16-le") in data for name in ("Workbook\0", "Book\0")):
        raise InputError(problem("file_of_other_kind", place, kind="Word/PowerPoint 97–2003"))


# ----------------------------------------------------------------------------------------------------- zipped workbooks


def _zipped(data: bytes, place: Place) -> Container:
    archive = Archive(data, place)
    main = workbook_part(archive)
    if main.lower().endswith(".bin"):
        return "xlsb"
    if main:
        return "xlsx"
    if "content.xml" in archive and _is_spreadsheet(archive):
        return "ods"
    raise InputError(problem("file_of_other_kind", place, kind=_kind_of_zip(archive.names)))


def _kind_of_zip(names: frozenset[str]) -> str:
    if any(name.startswith("word/") for name in names):
        return "Word"
    if any(name.startswith("ppt/") for name in names):
        return "PowerPoint"
    if "content.xml" in names:
        return "OpenDocument"
    return "zip"


def _is_spreadsheet(archive: Archive) -> bool:
    return "mimetype" not in archive or b"spreadsheet" in archive.read("mimetype")[:200]
