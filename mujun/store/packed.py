"""Frames kept in parts, each as Parquet: no frame has to be whole in memory to be written, and some of it can be read.

A packed frame is a zip archive whose members lie in it as they are: `0.parquet`, `1.parquet`, … with the columns of a
part each, all of the same rows, and `columns.json`, which says in which order the columns stand. Frames that earlier
versions kept are one Parquet file.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Collection, Iterable
from dataclasses import field
from hashlib import sha256

import polars as pl

from mujun.dataclass import dataclass
from mujun.store.blobs import as_blob

_ORDER = "columns.json"

_ZIP = b"PK\x03\x04"


class Packer:
    """A frame on its way into the store, part by part."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO()
        self._archive = zipfile.ZipFile(self._bytes, "w", zipfile.ZIP_STORED)
        self._parts = self._rows = 0
        self.columns: list[str] = []
        """The columns so far."""

    def add(self, part: pl.DataFrame) -> None:
        """Further columns of the same rows."""
        # A fixed day: equal frames give equal bytes.
        self._archive.writestr(zipfile.ZipInfo(f"{self._parts}.parquet"), as_blob(part))
        self._parts, self._rows = self._parts + 1, part.height
        self.columns += part.columns

    def packed(self, order: Iterable[str]) -> PackedFrame:
        """The frame, once all parts are in.

        Args:
            order: its columns in order.
        """
        self._archive.writestr(zipfile.ZipInfo(_ORDER), json.dumps(list(order), ensure_ascii=False))
        self._archive.close()
        return PackedFrame(self._bytes.getvalue(), self._rows)


@dataclass(frozen=True)
class PackedFrame:
    """A frame as its bytes.

    Attributes:
        blob: the archive, or the one Parquet file.
        height: its rows.
    """

    blob: bytes = field(repr=False)
    height: int

    @property
    def digest(self) -> str:
        """The SHA-256 of the bytes."""
        return sha256(self.blob).hexdigest()

    @property
    def columns(self) -> list[str]:
        """The frame's columns, in order."""
        if self.blob.startswith(_ZIP):
            with zipfile.ZipFile(io.BytesIO(self.blob)) as archive:
                return list(json.loads(archive.read(_ORDER)))
        return list(pl.read_parquet_schema(io.BytesIO(self.blob)))

    def read(self, columns: Collection[str] | None = None) -> pl.DataFrame:
        """The frame, or some of its columns, in their order.

        Args:
            columns: those that are wanted, as far as the frame has them; all unless told.
        """
        wanted = [name for name in self.columns if columns is None or name in columns]
        if not self.blob.startswith(_ZIP):
            return pl.read_parquet(io.BytesIO(self.blob), columns=wanted)
        parts = []
        with zipfile.ZipFile(io.BytesIO(self.blob)) as archive:
            for member in archive.namelist():
                if member != _ORDER:
                    part = io.BytesIO(archive.read(member))
                    there = [name for name in pl.read_parquet_schema(part) if name in set(wanted)]
                    if there:
                        parts.append(pl.read_parquet(part, columns=there))
        return pl.concat(parts, how="horizontal").select(wanted)


def packed(frame: pl.DataFrame) -> PackedFrame:
    """A frame that is whole in memory, as one part."""
    packer = Packer()
    packer.add(frame)
    return packer.packed(frame.columns)


def kept_as_written(blob: bytes, digest: str, rows: int) -> PackedFrame | None:
    """A kept frame whose bytes still have the SHA-256 they were written with; nothing where they have not."""
    return PackedFrame(blob, rows) if sha256(blob).hexdigest() == digest else None
