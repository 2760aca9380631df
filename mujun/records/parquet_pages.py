"""What a Parquet file says of itself piece by piece, before a library reads it.

A footer may say a kilobyte where the pages unpack to gigabytes, and readers believe the pages. So footer and page
headers are read here (Thrift's compact protocol, https://parquet.apache.org/docs/file-format/), which is cheap: a page
has some thousand values. A page cannot unpack to more than its header says: readers give the unpacker that much room.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mujun.dataclass import dataclass
from mujun.errors import InputError, Place, problem
from mujun.records.limits import MAX_COLUMNS, MAX_ROWS, MAX_UNPACKED_BYTES
from mujun.records.sheets.sheet import check_size

LARGEST_PAGE = 2**27
"""Bytes that one page may unpack to: writers make pages of one megabyte, DuckDB's have up to a hundred."""
MOST_PAGES = 100_000
"""Pages of a file; the most cells that are read are in a hundredth of that."""
DEEPEST_SCHEMA = 20
"""Groups within one another; a table of ours has lists of rows at most. Readers go down by recursion."""

_WORDS = 2
_PREFIXED = 7
_SIZE, _PACKED = 2, 3
_HEADS = {0: (5, 2), 2: (7, 2), 3: (8, 4)}
"""By kind of page, the field of its own header, and in that the field of the encoding; values are field 1 of it."""


@dataclass(frozen=True)
class Pages:
    """What the pages of a column say, in one group of rows.

    Attributes:
        size: bytes that all of them unpack to.
        grows: whether texts are written as additions to the one before.
    """

    size: int
    grows: bool


def check_footer(data: bytes, place: Place) -> None:
    """Refuse a schema that no table has: a reader would go down in it until its stack ends.

    Raises:
        InputError: `file_broken`, `too_many_cells`.
    """
    length = int.from_bytes(data[-8:-4], "little")
    if data[-4:] != b"PAR1" or length > len(data) - 8:
        raise InputError(problem("file_broken", place))
    try:
        footer = _Compact(data, len(data) - 8 - length)
        for number, kind in footer.fields():
            if number != 2:
                footer.value(kind)
                continue
            count, of_kind = footer.list_head()
            if of_kind != _STRUCT:
                raise ValueError
            if count > 5 * MAX_COLUMNS:
                check_size(0, count, place)
            _check_depth((footer.value(_STRUCT) for _ in range(count)), place)
            return
    except (IndexError, ValueError, TypeError):
        pass
    raise InputError(problem("file_broken", place))


def _check_depth(elements: Iterable[Mapping[int, Any]], place: Place) -> None:
    """Elements come parents first, each with how many children follow."""
    open_groups: list[int] = []
    for element in elements:
        children = element.get(5, 0)
        while open_groups and not open_groups[-1]:
            open_groups.pop()
        if open_groups:
            open_groups[-1] -= 1
        if children:
            open_groups.append(children)
        if len(open_groups) > DEEPEST_SCHEMA or children < 0:
            raise InputError(problem("file_broken", place))


def pages_of(data: bytes, about: Any, place: Place) -> list[list[Pages]]:
    """The pages of every column, by group of rows and column.

    Args:
        data: the file.
        about: what its footer says, as pyarrow's metadata.
        place: the file, for messages.

    Raises:
        InputError: `file_broken`; `file_unpacks_too_large`, by what the pages say; `parquet_too_many_pages`.
    """
    walk = _Walk(data, place)
    groups = range(about.num_row_groups)
    return [[walk.column(about.row_group(g).column(j)) for j in range(about.num_columns)] for g in groups]


class _Walk:
    """A way through all pages, with what they have said so far."""

    def __init__(self, data: bytes, place: Place) -> None:
        self._data, self._place = data, place
        self._pages = self._size = 0

    def column(self, chunk: Any) -> Pages:
        words_at = (chunk.dictionary_page_offset or 0) if chunk.has_dictionary_page else 0
        at = words_at or chunk.data_page_offset
        values, before, grows = 0, self._size, False
        try:
            if words_at > chunk.data_page_offset:  # one reader begins at the words, another at the values
                raise ValueError
            while values < chunk.num_values:
                header = _Compact(self._data, at)
                page = header.value(_STRUCT)
                kind, size, packed = page.get(1, -1), page[_SIZE], page[_PACKED]
                at = header.at + packed
                if size < 0 or packed < 0 or at > len(self._data):
                    raise ValueError
                self._one_more(size)
                if kind not in _HEADS:
                    continue
                head, encoded = _HEADS[kind]
                count = page[head][1]
                if not 0 <= count <= (MAX_ROWS if kind == _WORDS else chunk.num_values - values):
                    raise ValueError
                values += 0 if kind == _WORDS else count
                grows |= page[head][encoded] == _PREFIXED
        except (IndexError, KeyError, ValueError, TypeError):
            raise InputError(problem("file_broken", self._place)) from None
        return Pages(self._size - before, grows)

    def _one_more(self, size: int) -> None:
        self._pages += 1
        self._size += size
        if size > LARGEST_PAGE or self._size > MAX_UNPACKED_BYTES:
            limit = (LARGEST_PAGE if size > LARGEST_PAGE else MAX_UNPACKED_BYTES) // 2**20
            shown = max(size, self._size) // 2**20
            raise InputError(problem("file_unpacks_too_large", self._place, size=shown, limit=limit))
        if self._pages > MOST_PAGES:
            raise InputError(problem("parquet_too_many_pages", self._place, limit=MOST_PAGES))


# ------------------------------------------------------------------------------------------- the compact protocol

_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
_WHOLE = (4, 5, 6)
_DEEPEST = 16


class _Compact:
    """Values of Thrift's compact protocol from a place on; texts are passed over, what is no value is an error."""

    def __init__(self, data: bytes, at: int) -> None:
        if at < 0:
            raise ValueError
        self._data, self.at = data, at

    def fields(self) -> Iterable[tuple[int, int]]:
        """The numbers and kinds of a structure's fields; whoever asks reads each value before the next."""
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._signed()
            yield number, head & 15

    def value(self, kind: int, depth: int = 0, *, in_list: bool = False) -> Any:
        """A value of a kind: numbers, and structures of them by field."""
        if depth > _DEEPEST:
            raise ValueError
        if kind in (_TRUE, _FALSE):
            return self._byte() == _TRUE if in_list else kind == _TRUE
        if kind == _BYTE:
            return self._byte()
        if kind in _WHOLE:
            return self._signed()
        if kind == _DOUBLE:
            return self._pass(8)
        if kind == _BINARY:
            return self._pass(self._unsigned())
        if kind in (_LIST, _SET):
            count, of_kind = self.list_head()
            for _ in range(count):
                self.value(of_kind, depth + 1, in_list=True)
            return None
        if kind == _STRUCT:
            return {number: self.value(k, depth + 1) for number, k in self.fields()}
        raise ValueError

    def list_head(self) -> tuple[int, int]:
        """How many values a list has, and of which kind; there cannot be more than bytes left."""
        head = self._byte()
        count = head >> 4 if head >> 4 != 15 else self._unsigned()
        if count > len(self._data) - self.at:
            raise ValueError
        return count, head & 15

    def _byte(self) -> int:
        self.at += 1
        return self._data[self.at - 1]

    def _pass(self, count: int) -> None:
        self.at += count
        if self.at > len(self._data):
            raise ValueError

    def _unsigned(self) -> int:
        number = shift = 0
        while True:
            byte = self._byte()
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
            shift += 7
            if shift > 63:
                raise ValueError

    def _signed(self) -> int:
        number = self._unsigned()
        return number >> 1 ^ -(number & 1)
