"""Photographs as evidence: known by their content, and kept without what the camera wrote beside the picture.

A phone writes into a photograph where and when it was taken, and its serial number. None of it is asked for: only the
picture is kept, and which side of it is up.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from mujun.errors import InputError, Place, problem

MAX_BYTES = 12 * 2**20
"""Bytes of one photograph."""

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_ORIENTATION = 0x0112
_KEPT_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs", b"IDAT", b"IEND")


def plain_photograph(data: bytes, name: str) -> tuple[bytes, str]:
    """A photograph without what was written beside the picture.

    Args:
        data: its bytes.
        name: its name, for what is said of it.

    Returns:
        The bytes to keep, and `.jpg` or `.png`, as the content says and not the name.

    Raises:
        InputError: it is too large, of another kind, or damaged.
    """
    place = Place(file=name)
    if len(data) > MAX_BYTES:
        raise InputError(problem("photograph_too_large", place, most=MAX_BYTES // 2**20))
    try:
        if data.startswith(_JPEG):
            return b"".join(_jpeg_parts(data)), ".jpg"
        if data.startswith(_PNG):
            return b"".join(_png_parts(data)), ".png"
    except (struct.error, ValueError, IndexError) as error:
        raise InputError(problem("photograph_damaged", place)) from error
    raise InputError(problem("photograph_no_picture", place))


def _jpeg_parts(data: bytes) -> Iterator[bytes]:
    """The segments that make the picture: no application's but those of colours, no remark, nothing after the end.

    ITU-T T.81, annex B: a segment is FF, its kind, its length with the two bytes of the length; after SOS comes the
    picture, in which FF is followed by 00 or a restart, up to the next marker.
    """
    yield data[:2]
    at, pictures = 2, 0
    while True:
        if data[at] != 0xFF:
            raise ValueError
        kind = data[at + 1]
        if kind == 0xFF:
            at += 1
            continue
        if kind == 0xD9:
            if not pictures:
                raise ValueError
            yield data[at : at + 2]
            return
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        end = at + 2 + length
        if length < 2 or end > len(data):
            raise ValueError
        body = data[at + 4 : end]
        if kind == 0xE1 and body.startswith(b"Exif\0\0"):
            side = _side_up(body[6:])
            if side != 1:
                yield _only_side_up(side)
        elif kind in (0xE0, 0xEE) or not (0xE0 <= kind <= 0xEF or kind == 0xFE):
            yield data[at:end]
        at = end
        if kind == 0xDA:
            pictures += 1
            start = at
            while True:
                at = data.index(b"\xff", at)
                if data[at + 1] == 0 or 0xD0 <= data[at + 1] <= 0xD7:
                    at += 2
                    continue
                break
            yield data[start:at]


def _side_up(tiff: bytes) -> int:
    """Which side is up, 1 to 8, as TIFF's first directory says it; 1 where it says nothing that can be read."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for entry in range(min(count, 200)):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * entry)
            if tag == _ORIENTATION:
                return value if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1


def _only_side_up(side: int) -> bytes:
    """A segment of Exif that says which side is up and nothing else."""
    directory = struct.pack(">HHHIHHI", 1, _ORIENTATION, 3, 1, side, 0, 0)
    body = b"Exif\0\0" + b"MM\0*" + struct.pack(">I", 8) + directory
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _png_parts(data: bytes) -> Iterator[bytes]:
    """The chunks that make the picture (ISO/IEC 15948): no text, time or Exif, nothing after the end."""
    yield _PNG
    at = len(_PNG)
    while True:
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        end = at + 12 + length
        if end > len(data) or zlib.crc32(data[at + 4 : end - 4]) != struct.unpack(">I", data[end - 4 : end])[0]:
            raise ValueError
        if kind in _KEPT_CHUNKS:
            yield data[at:end]
        at = end
        if kind == b"IEND":
            return
