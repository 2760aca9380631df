"""The parts of a zipped workbook, by whatever spelling of their names, never more of them than may be held.

Some programs write `xl\\worksheets\\sheet1.xml` or `xl/Workbook.xml`; Excel opens both, so names are compared without
regard to case and with either slash.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from xml.parsers import expat

from mujun.errors import InputError, Place, problem
from mujun.records.limits import MAX_UNPACKED_BYTES

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


class Archive:
    """A zip file's parts.

    Raises:
        InputError: `file_broken`, `file_password`, `file_unpacks_too_large`.
    """

    def __init__(self, data: bytes, place: Place):
        self.place = place
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            parts = self._zip.infolist()
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
            raise InputError(problem("file_broken", place)) from None
        if any(part.flag_bits & 1 for part in parts):
            raise InputError(problem("file_password", place))
        unpacked = sum(part.file_size for part in parts)
        if unpacked > MAX_UNPACKED_BYTES:
            limit = MAX_UNPACKED_BYTES // 2**20
            raise InputError(problem("file_unpacks_too_large", place, size=unpacked // 2**20, limit=limit))
        # A workbook's parts are stored or deflated; the others unpack to any size at one stroke.
        if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
            raise InputError(problem("file_broken", place))
        self._parts = {_plain(part.filename): part for part in parts if not part.is_dir()}

    @property
    def names(self) -> frozenset[str]:
        """The names of all parts, in lower case with forward slashes."""
        return frozenset(self._parts)

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._parts

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part's bytes, some at a time; the zip's own directory says how many there are, and no more come out.

        Raises:
            InputError: `file_broken`.
        """
        part = self._parts.get(_plain(name))
        if part is None:
            raise InputError(problem("file_broken", self.place))
        try:
            with self._zip.open(part) as stream:
                while piece := stream.read(2**20):
                    yield piece
        # ValueError: a directory that names a place before the file's beginning.
        except (
            zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError,
        ):  # fmt: skip
            raise InputError(problem("file_broken", self.place)) from None

    def read(self, name: str) -> bytes:
        """A part as a whole."""
        return b"".join(self.chunks(name))

    def parse(self, name: str, start: Start, end: End | None = None, text: Text | None = None) -> None:
        """Read a part as XML, element by element.

        Raises:
            InputError: `file_broken`: it is no XML, or declares entities, which no workbook does.
        """
        parser = xml_parser(self.place, start, end, text)
        parser.XmlDeclHandler = self._check_encoding
        try:
            for piece in self.chunks(name):
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except expat.ExpatError:
            raise InputError(problem("file_broken", self.place)) from None

    def _check_encoding(self, _version: str, encoding: str | None, _standalone: int) -> None:
        # For a name that it does not know the parser asks Python, whose errors are of any kind.
        if encoding is not None and not _ENCODINGS.fullmatch(encoding.lower()):
            raise InputError(problem("file_broken", self.place))


_ENCODINGS = re.compile(r"utf-?(?:8|16(?:le|be)?)|us-ascii|iso-8859-[0-9]{1,2}|windows-125[0-8]")
"""Encodings that a part may be written in. Excel writes UTF-8, and nobody writes characters of several bytes."""


def xml_parser(place: Place, start: Start, end: End | None, text: Text | None) -> expat.XMLParserType:
    """A parser that refuses document types: entities in them can unpack to any size or name other files."""

    def refuse(*_: object) -> None:
        raise InputError(problem("file_broken", place))

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    if end is not None:
        parser.EndElementHandler = end
    if text is not None:
        parser.CharacterDataHandler = text
    return parser


def local(tag: str) -> str:
    """A tag without its prefix."""
    return tag.rpartition(":")[2]


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
