"""Text files: what separates their cells, where quotes open and close, how many cells each row has.

A row with another number of cells than the header has lost or gained a separator somewhere, and every figure behind
it stands in another column: the counts are kept for each row (`Marks.counts`).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import polars as pl

from mujun.errors import InputError, Place, problem
from mujun.records.limits import MAX_COLUMNS, MAX_ROWS
from mujun.records.sheet_marks import Marks
from mujun.records.sheets.encodings import text_of
from mujun.records.sheets.sheet import Sheet, check_size, trimmed

_SEPARATORS = (",", "\t", ";", "|", "，")
_BLANKS = re.compile(r"[ \u3000]{2,}")
_LOOKED_AT = 50
_PIECE = 1 << 21
"""Characters that are cut into lines and cells at once."""


def text_sheet(data: bytes, place: Place) -> Sheet:
    """A text file as a sheet.

    Raises:
        InputError: what stops the whole file.
    """
    decoded = text_of(data, place)
    text, bad, encodings = decoded.text, decoded.bad, decoded.encodings
    del decoded
    if text.count("\r") != text.count("\r\n"):
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    breaks = text.count("\n")
    if breaks > MAX_ROWS:
        check_size(breaks, 1, place)
    start = [line for line in text[:65_536].split("\n")[:_LOOKED_AT] if line.strip()]
    if not start:
        # Blank lines may be many; then the rest is looked at.
        start = [line for line in text.split("\n") if line.strip()][:_LOOKED_AT]
    if not start:
        raise InputError(problem("file_empty", place))
    separator = _separator(start)
    if separator == "  ":
        text = _BLANKS.sub("\t", text)
        separator = "\t"
    if '"' in text:
        cells, numbers, counts = _quoted(text, separator, place)
    else:
        pieces = _pieces(text)
        # Nobody else holds the text, which is gone with its last piece.
        del text
        cells, numbers, counts = _unquoted(pieces, separator, place)
    return Sheet(None, cells, numbers, marks=Marks(counts=counts, bad_bytes=bad, encodings=encodings))


def _separator(lines: list[str]) -> str:
    """What cuts most lines into most cells; blanks only where nothing else cuts them (two blanks: columns aligned)."""

    def cuts(separator: str) -> int:
        if separator not in "".join(lines):
            return 0
        return sum(len(next(csv.reader([line], delimiter=separator), [])) - 1 for line in lines)

    best = max(_SEPARATORS, key=cuts)
    if cuts(best) >= len(lines) / 2:
        return best
    if sum(1 for line in lines if _BLANKS.search(line.strip())) >= len(lines) / 2:
        return "  "
    return " " if cuts(" ") > max(cuts(best), len(lines) / 2) else best


# ------------------------------------------------------------------------------------------------------ without quotes


Rows = tuple[pl.DataFrame, pl.Series, tuple[int, ...]]


def _unquoted(texts: Iterator[str], separator: str, place: Place) -> Rows:
    """Without quotes a line is a row: the fast way, some at a time, for lines in parts take four times their room."""
    parts: list[list[pl.Series]] = []
    numbers: list[pl.Series] = []
    counts: list[pl.Series] = []
    before = height = 0
    for piece in texts:
        lines = pl.Series("line", [piece]).str.split("\n").explode()
        if "\r" in piece:
            lines = lines.str.strip_chars_end("\r")
        every = lines.to_frame().with_row_index("row", offset=1 + before).filter(pl.col("line") != "")
        cells = every["line"].str.count_matches(separator, literal=True) + 1
        width = int(str(cells.max() or 0))
        before, height = before + lines.len(), height + every.height
        check_size(height, width, place)
        split = pl.col("line").str.split_exact(separator, width - 1) if width > 1 else pl.struct(field_0="line")
        columns = every.lazy().select(split.alias("s")).collect().unnest("s")
        parts.append([_text(column) for column in columns.iter_columns()])
        numbers.append(every["row"].cast(pl.Int64))
        counts.append(cells)
    # Column by column, each let go where it was: together they would stand there twice.
    width = max(len(columns) for columns in parts)
    heights = [rows.len() for rows in numbers]
    whole = {}
    for i in range(width):
        nothing = pl.Series([None], dtype=pl.String)
        pieces = [c.pop(0) if c else nothing.new_from_index(0, n) for c, n in zip(parts, heights, strict=True)]
        whole[f"c{i}"] = pl.concat(pieces, rechunk=True)
    return pl.DataFrame(whole), pl.concat(numbers, rechunk=True), tuple(pl.concat(counts).to_list())


def _pieces(text: str) -> Iterator[str]:
    """A text cut at line ends, which fall away like those between lines."""
    start = 0
    while len(text) - start > 2 * _PIECE:
        end = text.find("\n", start + _PIECE)
        if end < 0:
            break
        yield text[start:end]
        start = end + 1
    yield text[start:]


def _text(column: pl.Series) -> pl.Series:
    """Trimmed, and `="0012"`, by which a program tells Excel that a cell is text, as the text within."""
    plain = trimmed(column)
    if not plain.str.starts_with('="').any():
        return plain
    inner = plain.str.extract(r'^="(.*)"$').str.replace_all('""', '"', literal=True)
    return trimmed(inner.fill_null(plain))


# --------------------------------------------------------------------------------------------------------- with quotes


def _quoted(text: str, separator: str, place: Place) -> Rows:
    """Text with quoted cells, which may hold separators and line breaks."""
    _check_breadth(text, separator, place)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=separator != " "
    )
    rows: list[list[str]] = []
    numbers: list[int] = []
    usual = width = 0
    start = 1
    try:
        for row in reader:
            if row:
                if reader.line_num > start and _swallows_rows(row, separator, usual):
                    raise _unpaired(text, start, separator, place)
                rows.append(row)
                numbers.append(start)
                width = max(width, len(row))
                usual = usual or (len(row) if len(row) > 1 else 0)
                if len(rows) % 100_000 == 0:
                    check_size(len(rows), width, place)
            start = reader.line_num + 1
    except csv.Error:
        raise _unpaired(text, start, separator, place) from None
    check_size(len(rows), width, place)
    # Rows shorter than the longest are filled up: title rows usually are.
    columns = ([row[i] if i < len(row) else None for row in rows] for i in range(width))
    cells = pl.DataFrame({f"c{i}": _text(pl.Series(column, dtype=pl.String)) for i, column in enumerate(columns)})
    return cells, pl.Series("row", numbers, dtype=pl.Int64), tuple(len(row) for row in rows)


def _check_breadth(text: str, separator: str, place: Place) -> None:
    """Refuse lines of separators, of which each would become a cell; quoted cells may hold some of their own."""
    broadest = max(line.count(separator) for line in text.split("\n"))
    if broadest > 10 * MAX_COLUMNS:
        check_size(1, broadest, place)


def _swallows_rows(row: list[str], separator: str, usual: int) -> bool:
    """Whether a cell of several lines holds whole rows: its quote was never closed where it should have been."""
    most = max(1, (usual or len(row)) // 2)
    for cell in row:
        if "\n" in cell:
            lines = cell.split("\n")
            if len(lines) > 50 or any(line.count(separator) >= most for line in lines[1:]):
                return True
    return False


def _unpaired(text: str, start: int, separator: str, place: Place) -> InputError:
    """The refusal, at the line where the quote opened that does not close as it should."""
    line, opened = start, start
    inside, at_beginning = False, True
    offset = 0
    for _ in range(start - 1):
        offset = text.index("\n", offset) + 1
    i = offset
    while i < len(text):
        sign = text[i]
        if inside:
            if sign == '"':
                behind = text[i + 1 : i + 2]
                if behind == '"':
                    i += 1
                elif behind in (separator, "\n", "\r", ""):
                    if line > opened:
                        # It closes lines below, and by chance: here it opened.
                        break
                    inside = False
                else:
                    break
        elif sign == '"' and at_beginning:
            inside, opened = True, line
        at_beginning = sign in (separator, "\n") or (at_beginning and sign == " ")
        if sign == "\n":
            line += 1
            if not inside:
                # A row that ends as it should.
                break
        i += 1
    return InputError(problem("csv_broken", Place(file=place.file, line=opened)))
