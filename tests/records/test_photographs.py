"""Photographs as evidence: pictures made here byte by byte, with what a phone writes beside them."""

from __future__ import annotations

import struct
import zlib

import pytest

from mujun.errors import InputError
from mujun.records import photographs
from mujun.records.photographs import plain_photograph

PLACE = b"GPS 29.5886 N 120.8214 E"


def segment(kind: int, body: bytes) -> bytes:
    return bytes((0xFF, kind)) + struct.pack(">H", len(body) + 2) + body


def exif(side: int, order: str = ">") -> bytes:
    head = b"MM\0*" if order == ">" else b"II*\0"
    entries = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, side, 0) + struct.pack(f"{order}HHII", 0x8825, 4, 1, 38)
    directory = struct.pack(f"{order}H", 2) + entries + struct.pack(f"{order}I", 0)
    return segment(0xE1, b"Exif\0\0" + head + struct.pack(f"{order}I", 8) + directory + PLACE)


JFIF = segment(0xE0, b"JFIF\0\1\2\0\0\1\0\1\0\0")
TABLES = segment(0xDB, bytes(65)) + segment(0xC0, b"\x08\0\1\0\1\1\1\x11\0") + segment(0xC4, bytes(20))
PICTURE = segment(0xDA, b"\1\1\0\0\x3f\0") + b"\x12\xff\0\x34\xff\xd0\x56"


def jpeg(*beside: bytes, after: bytes = b"") -> bytes:
    return b"\xff\xd8" + JFIF + b"".join(beside) + TABLES + PICTURE + b"\xff\xd9" + after


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


HEAD = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
REST = chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("order", [">", "<"])
def test_where_it_was_taken_is_left_out_and_the_side_up_is_kept(order: str) -> None:
    given = jpeg(exif(6, order), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + PLACE), segment(0xFE, PLACE))
    kept, ending = plain_photograph(given, "门口")
    assert ending == ".jpg"
    assert PLACE not in kept
    # One directory with one entry: tag 0x0112, a short, one of it, 6.
    assert b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0" in kept
    assert kept.replace(kept[2 + len(JFIF) :][: kept[2 + len(JFIF) :].index(TABLES)], b"") == jpeg()
    assert plain_photograph(kept, "门口") == (kept, ".jpg")


def test_what_hangs_behind_a_picture_is_cut_off() -> None:
    assert plain_photograph(jpeg(exif(1), after=b"PK\x03\x04 a workbook"), "x")[0] == jpeg()
    assert plain_photograph(HEAD + chunk(b"tEXt", PLACE) + chunk(b"eXIf", PLACE) + REST + b"MZ", "x") == (
        HEAD + REST,
        ".png",
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<svg onload='alert(1)'>", "photograph_no_picture"),
        (b"", "photograph_no_picture"),
        (b"PK\x03\x04", "photograph_no_picture"),
        (jpeg()[:-2], "photograph_damaged"),
        (b"\xff\xd8\xff\xd9", "photograph_damaged"),
        (jpeg()[:40], "photograph_damaged"),
        (b"\xff\xd8\xff\xe1\xff\xff short", "photograph_damaged"),
        (HEAD + REST[:-6], "photograph_damaged"),
        (HEAD + chunk(b"IDAT", b"x")[:-1] + b"\0" + chunk(b"IEND", b""), "photograph_damaged"),
    ],
)
def test_what_is_no_whole_picture_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(InputError) as refused:
        plain_photograph(data, "门口.jpg")
    assert [p.code for p in refused.value.problems] == [code]


def test_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photographs, "MAX_BYTES", 100)
    with pytest.raises(InputError, match="兆字节"):
        plain_photograph(jpeg(), "门口.jpg")
