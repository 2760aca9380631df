"""Parquet files forged by hand: a footer and page headers may say anything, true or not, and no library checks it."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

MAGIC = b"PAR1"
INT64, BYTE_ARRAY, FIXED = 2, 6, 7
PLAIN, DELTA_NUMBERS, DELTA_LENGTHS, DELTA_TEXTS, DICTIONARY = 0, 5, 6, 7, 8
NONE, GZIP, ZSTD = 0, 2, 6
DATA, WORDS = 0, 2
"""Kinds of pages: values, and a dictionary."""


# ------------------------------------------------------------------------------------------- the compact protocol
# Thrift's, in which footers and page headers are written.


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def whole(number: int) -> bytes:
    return varint(number << 1 if number >= 0 else (-number << 1) - 1)


def text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return varint(len(raw)) + raw


I32, I64, TEXT, LIST, STRUCT = 5, 6, 8, 9, 12


def structure(*parts: tuple[int, int, bytes]) -> bytes:
    """Fields of rising numbers, each with its kind and its bytes."""
    out, last = bytearray(), 0
    for number, kind, value in parts:
        out.append((number - last) << 4 | kind)
        out += value
        last = number
    return bytes(out) + b"\0"


def items(kind: int, values: Sequence[bytes]) -> bytes:
    head = bytes([len(values) << 4 | kind]) if len(values) < 15 else bytes([0xF0 | kind]) + varint(len(values))
    return head + b"".join(values)


# ------------------------------------------------------------------------------------------------------- gigabytes

ZSTD_BLOCK = 2**17
ZERO_BLOCK = (ZSTD_BLOCK << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
"""A whole block of one byte over and over, and not the last; the byte is 0."""
SIZE_AT = 6
"""Where a frame of more than a block says how long its content is, in four bytes."""


def packed_by_zstd(content: bytes, zeros: int = 0) -> bytes:
    """What zstd makes of a content with zeros behind it: gigabytes of them are never in memory.

    Of so many it makes the same block over and over: fewer are packed, and the block is put in as often as it lacks.
    """
    fewer = min(zeros, zeros % ZSTD_BLOCK + 64 * ZSTD_BLOCK)
    packed: bytes = pa.compress(content + bytes(fewer), codec="zstd", asbytes=True)
    if fewer == zeros:
        return packed
    assert int.from_bytes(packed[SIZE_AT : SIZE_AT + 4], "little") == len(content) + fewer
    at = packed.rindex(ZERO_BLOCK * 32)
    blocks = ZERO_BLOCK * ((zeros - fewer) // ZSTD_BLOCK)
    size = (len(content) + zeros).to_bytes(4, "little")
    return packed[:SIZE_AT] + size + packed[SIZE_AT + 4 : at] + blocks + packed[at:]


# ---------------------------------------------------------------------------------------------------------- parts


@dataclass(frozen=True)
class Page:
    """A page: its content, zeros behind it, and what its header says of it (the truth where nothing else is given)."""

    content: bytes
    values: int
    kind: int = DATA
    encoding: int = PLAIN
    said_size: int | None = None
    said_packed: int | None = None
    zeros: int = 0

    def bytes_of(self, codec: int) -> bytes:
        if codec == ZSTD:
            packed = packed_by_zstd(self.content, self.zeros)
        else:
            packed = self.content + bytes(self.zeros)
            if codec == GZIP:
                packed = gzip.compress(packed)
        size = len(self.content) + self.zeros if self.said_size is None else self.said_size
        there = len(packed) if self.said_packed is None else self.said_packed
        if self.kind == WORDS:
            head = (7, STRUCT, structure((1, I32, whole(self.values)), (2, I32, whole(self.encoding))))
        else:
            head = (
                5,
                STRUCT,
                structure(
                    (1, I32, whole(self.values)), (2, I32, whole(self.encoding)), (3, I32, whole(3)), (4, I32, whole(3))
                ),
            )
        return structure((1, I32, whole(self.kind)), (2, I32, whole(size)), (3, I32, whole(there)), head) + packed


@dataclass(frozen=True)
class Column:
    """A column without blanks: its pages, and what the footer says of it (little where nothing else is given)."""

    name: str
    pages: Sequence[Page]
    kind: int = BYTE_ARRAY
    codec: int = ZSTD
    length: int | None = None
    said_values: int | None = None
    said_size: int = 1000
    encodings: Sequence[int] = field(default=(PLAIN, DICTIONARY))


def forged(columns: Sequence[Column], rows: int, schema: Sequence[bytes] | None = None) -> bytes:
    """A file of one group of rows.

    Args:
        columns: its columns.
        rows: how many rows the footer says.
        schema: elements of the schema in the place of the true ones.
    """
    out, chunks = bytearray(MAGIC), []
    for column in columns:
        words_at, data_at, begin = None, None, len(out)
        for page in column.pages:
            if page.kind == WORDS:
                words_at = len(out)
            elif data_at is None:
                data_at = len(out)
            out += page.bytes_of(column.codec)
        about = [
            (1, I32, whole(column.kind)),
            (2, LIST, items(I32, [whole(e) for e in column.encodings])),
            (3, LIST, items(TEXT, [text(column.name)])),
            (4, I32, whole(column.codec)),
            (5, I64, whole(rows if column.said_values is None else column.said_values)),
            (6, I64, whole(column.said_size)),
            (7, I64, whole(len(out) - begin)),
            (9, I64, whole(begin if data_at is None else data_at)),
        ]
        if words_at is not None:
            about.append((11, I64, whole(words_at)))
        chunks.append(structure((2, I64, whole(begin)), (3, STRUCT, structure(*about))))
    elements = [structure((4, TEXT, text("schema")), (5, I32, whole(len(columns))))]
    for column in columns:
        length = [(2, I32, whole(column.length))] if column.length is not None else []
        as_text = [(6, I32, whole(0))] if column.kind == BYTE_ARRAY else []
        elements.append(
            structure((1, I32, whole(column.kind)), *length, (3, I32, whole(0)), (4, TEXT, text(column.name)), *as_text)
        )
    size = sum(column.said_size for column in columns)
    group = structure((1, LIST, items(STRUCT, chunks)), (2, I64, whole(size)), (3, I64, whole(rows)))
    footer = structure(
        (1, I32, whole(2)),
        (2, LIST, items(STRUCT, elements if schema is None else schema)),
        (3, I64, whole(rows)),
        (4, LIST, items(STRUCT, [group])),
        (6, TEXT, text("forged")),
    )
    return bytes(out + footer) + struct.pack("<I", len(footer)) + MAGIC


# ---------------------------------------------------------------------------------------------------------- values


def texts(*values: bytes) -> bytes:
    """Texts as plain values."""
    return b"".join(struct.pack("<I", len(v)) + v for v in values)


def used(index: int, times: int) -> bytes:
    """A dictionary's word, used so often: one run, whose numbers have one bit or eight."""
    return b"\x08" + varint(times << 1) + bytes([index])


def deltas(first: int, blocks: int, size: int, count: int) -> bytes:
    """Numbers that do not change: no block of them takes more than some bytes, whatever it stands for."""
    block = whole(0) + b"\0" * 4
    return varint(size) + varint(4) + varint(count) + whole(first) + block * blocks
