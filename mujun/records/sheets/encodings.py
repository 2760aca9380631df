"""Bytes as text, whatever a department's programs made of it.

Strict UTF-8 comes first: most UTF-8 would pass as GB18030 too, as nonsense. What is neither throughout is looked at
line by line: a Chinese sign takes three bytes in UTF-8, of a kind that GB18030 text hardly ever has in a row.
"""

from __future__ import annotations

import codecs
import re

from mujun.dataclass import dataclass
from mujun.errors import InputError, Place, problem

_THREE_BYTES = re.compile(rb"[\xe2-\xef][\x80-\xbf]{2}")
_HIGH = bytes(range(0x80, 0x100))
_HARDLY, _MOSTLY = 0.05, 0.5
"""Which share of the bytes beyond ASCII stands in such threes: below the one in GB18030, above the other in UTF-8."""


@dataclass(frozen=True)
class Decoded:
    """A text, with what was not right about it.

    Attributes:
        text: the text; U+FFFD in place of bytes that are none.
        encodings: what it is written in; several where lines differ.
        bad: the lines, from 1, with bytes that are no text.
    """

    text: str
    encodings: tuple[str, ...]
    bad: tuple[int, ...] = ()


def text_of(data: bytes, place: Place, likely: str | None = None) -> Decoded:
    """The text of a file.

    Args:
        data: its bytes.
        place: the file, for refusals.
        likely: the encoding it names itself, which is believed after strict UTF-8.

    Raises:
        InputError: `encoding_unknown`.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            if encoding == "utf-8":
                return _mixed_or_plain(data[len(mark) :], place, None)
            return _strict(data[len(mark) :], encoding, place)
    if (wide := unmarked_utf16(data)) is not None:
        return _strict(data, wide, place)
    return _mixed_or_plain(data, place, likely)


def named_encoding(name: str | None) -> str | None:
    """The encoding that a page or part names; the Chinese ones are all GB18030, which holds them."""
    if not name:
        return None
    plain = name.lower().replace("_", "-")
    if plain in ("gb2312", "gbk", "gb18030", "x-gbk", "cp936", "gb-2312"):
        return "gb18030"
    try:
        return codecs.lookup(plain).name
    except LookupError:
        return None


def unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without a mark: the ASCII signs in it have a zero byte each, always on the same side."""
    start = data[:4096]
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if len(data) % 2 or max(even, odd) == 0 or min(even, odd) > max(even, odd) // 20:
        return None
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    try:
        text = start[: len(start) // 2 * 2].decode(encoding, "ignore")
    except UnicodeDecodeError:
        return None
    printable = sum(sign.isprintable() or sign in "\t\r\n" for sign in text)
    return encoding if printable > 0.95 * len(text) else None


def _strict(data: bytes, encoding: str, place: Place) -> Decoded:
    try:
        return Decoded(data.decode(encoding), (encoding,))
    except UnicodeDecodeError:
        raise InputError(problem("encoding_unknown", place)) from None


def _mixed_or_plain(data: bytes, place: Place, likely: str | None) -> Decoded:
    try:
        return Decoded(data.decode("utf-8"), ("utf-8",))
    except UnicodeDecodeError:
        pass
    share = _share_in_threes(data)
    if share < _HARDLY:
        for encoding in dict.fromkeys((likely or "gb18030", "gb18030")):
            try:
                return Decoded(data.decode(encoding), (encoding,))
            except UnicodeDecodeError:
                continue
    return _by_line(data, place)


def _share_in_threes(data: bytes) -> float:
    high = len(data) - len(data.translate(None, _HIGH))
    return 3 * len(_THREE_BYTES.findall(data)) / high if high else 0.0


def _by_line(data: bytes, place: Place) -> Decoded:
    """Each line by what it is written in; a line of UTF-8 with a broken sign keeps the rest of it."""
    separator = b"\n" if b"\n" in data else b"\r"
    lines: list[str] = []
    bad: list[int] = []
    seen: set[str] = set()
    signs = broken = 0
    for number, line in enumerate(data.split(separator), 1):
        text, encoding, wrong = _line(line)
        lines.append(text)
        if encoding:
            seen.add(encoding)
        signs += sum(1 for sign in text if sign > "\x7f")
        if wrong:
            bad.append(number)
            broken += wrong
    if broken * 2 > signs:
        raise InputError(problem("encoding_unknown", place))
    return Decoded(separator.decode().join(lines), tuple(sorted(seen, reverse=True)), tuple(bad))


def _line(line: bytes) -> tuple[str, str, int]:
    """A line's text, its encoding (none for plain ASCII), and how many signs of it are broken."""
    if line.isascii():
        return line.decode("ascii"), "", 0
    in_threes = _share_in_threes(line)
    strict = {}
    for encoding in ("utf-8", "gb18030"):
        try:
            strict[encoding] = line.decode(encoding)
        except UnicodeDecodeError:
            continue
    # Two Chinese signs in GB18030 may by chance be signs of two bytes in UTF-8, which no department writes.
    order = ("utf-8", "gb18030") if in_threes >= _MOSTLY else ("gb18030", "utf-8")
    likeliest = order[0]
    if likeliest in strict:
        return strict[likeliest], likeliest, 0
    if likeliest == "gb18030" and "utf-8" in strict:
        return strict["utf-8"], "utf-8", 0
    text = line.decode(likeliest, "replace")
    return text, likeliest, text.count("\ufffd")
