"""Sheets of text: what every kind of file becomes before anything is understood.

A workbook's cells arrive as a rectangle of texts with the row numbers that Excel shows. A number in a workbook is a
double; Excel shows and keeps 15 significant digits of it, so its text here is the number at 15 significant digits:
12.340000000000002, the trace of someone's sum, is 12.34. Text files are taken digit by digit as they stand.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from mujun.errors import InputError, Place, problem
from mujun.messages import MessageKey
from mujun.records.sheets.archive import Archive
from mujun.records.sheets.open_xml import open_xml_sheets
from mujun.records.sheets.sheet import Sheet, check_size, fifteen_digits, trimmed


def read_sheets(data: bytes, container: str, path: Path) -> list[Sheet]:
    """All sheets of a file.

    Raises:
        InputError: what stops the whole file.
    """
    place = Place(file=path.name)
    if container == "xlsx":
        return open_xml_sheets(Archive(data, place), place)
    if container == "text":
        return [_text_sheet(data, place)]
    if container == "parquet":
        return [_parquet_sheet(data, place)]
    return _workbook_sheets(data, place)


# ----------------------------------------------------------------------------------------------------------- workbooks

_ERRORS = {
    "Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!", "Num": "#NUM!", "Ref": "#REF!",
    "Value": "#VALUE!", "GettingData": "#GETTING_DATA",
}  # fmt: skip


def _workbook_sheets(data: bytes, place: Place) -> list[Sheet]:
    import fastexcel

    try:
        book = fastexcel.read_excel(data)
        sheets = []
        for name in book.sheet_names:
            with_place = Place(file=place.file, sheet=name)
            # skip_rows=0: otherwise leading blank rows are dropped and row numbers are wrong.
            texts = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            check_size(texts.total_height, texts.width, with_place)
            hidden = texts.visible != "visible"
            if texts.width == 0:
                sheets.append(Sheet(name, pl.DataFrame(), pl.Series("row", [], dtype=pl.Int64), hidden=hidden))
                continue
            numbers = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="float").to_polars()
            batch, errors = texts.to_arrow_with_errors()
            shown = pl.DataFrame(pl.from_arrow(batch))
            shown.columns = numbers.columns = [f"c{i}" for i in range(shown.width)]
            certain = None
            if _long_numbers(shown, numbers).any():
                # Third reading, only where it matters: text cells never read as a boolean, numbers do.
                certain = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="boolean").to_polars()
                certain.columns = shown.columns
            found = [] if errors is None else errors.errors
            sheets.append(_sheet_of(name, shown, numbers, certain, found, hidden))
    except fastexcel.FastExcelError as e:
        reason = str(e).split("\n", 1)[0]
        code: MessageKey = "file_password" if "password" in reason.lower() else "file_broken"
        raise InputError(problem(code, place)) from e
    return sheets


# How the reader shows a number: at most 9 decimals, which is why the number itself is read too.
_SHOWN_NUMBER = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]{1,9})?$"


def _long_numbers(shown: pl.DataFrame, numbers: pl.DataFrame) -> pl.Series:
    """Whether a row has a cell of more than 15 digits of which one cannot tell if it is a number or a text."""
    long = [
        numbers[c].is_not_null() & (shown[c].str.len_chars() > 15) & (shown[c].str.count_matches("[0-9]") > 15)
        for c in shown.columns
    ]
    return pl.DataFrame({str(i): column for i, column in enumerate(long)}).max_horizontal().fill_null(False)


def _sheet_of(
    name: str,
    shown: pl.DataFrame,
    numbers: pl.DataFrame,
    certain: pl.DataFrame | None,
    errors: Sequence[object],
    hidden: bool,
) -> Sheet:
    """A sheet from its two or three readings.

    The reading as floats understands texts such as `0123` too, so that a cell counts as a number only where its text
    is one that a number would show; with more than 15 digits only where the third reading says so.
    """
    text, numeric = {}, {}
    for c in shown.columns:
        likely = numbers[c].is_not_null() & shown[c].str.contains(_SHOWN_NUMBER)
        if certain is not None:
            long = shown[c].str.count_matches("[0-9]") > 15
            sure = certain[c].is_not_null()
            likely = likely & (~long | sure)
            numeric[c] = (long & sure & likely).fill_null(False)
        number = pl.DataFrame({"n": numbers[c], "l": likely}).select(pl.when("l").then("n"))["n"]
        text[c] = _with_numbers(trimmed(shown[c]), number)
    cells = _with_errors(pl.DataFrame(text), errors)
    rows = pl.Series("row", range(1, cells.height + 1), dtype=pl.Int64)
    return Sheet(name, cells, rows, pl.DataFrame(numeric) if numeric else None, hidden)


def _with_numbers(shown: pl.Series, number: pl.Series) -> pl.Series:
    """The texts, with numeric cells as plain decimals of 15 significant digits."""
    plain = number.cast(pl.String).str.strip_suffix(".0")
    rare = plain.str.contains("e") | (plain.str.count_matches(r"\d") > 15) | plain.is_in(["inf", "-inf", "NaN"])
    if rare.any():
        at = rare.fill_null(False).arg_true()
        plain = plain.scatter(at, [fifteen_digits(x) for x in number.gather(at).to_list()])
    return plain.fill_null(shown)


def _with_errors(text: pl.DataFrame, errors: Sequence[object]) -> pl.DataFrame:
    """Error cells such as #DIV/0! are no blanks: they are shown as Excel shows them."""
    by_column: dict[int, list[tuple[int, str]]] = {}
    for error in errors:
        row, column = error.position  # type: ignore[attr-defined]
        detail: str = error.detail  # type: ignore[attr-defined]
        kind = detail.rsplit("Error(", 1)[-1].split(")", 1)[0] if "Error(" in detail else ""
        by_column.setdefault(column, []).append((row, _ERRORS.get(kind, "#ERROR")))
    for column, found in by_column.items():
        if column < text.width:
            at = [row for row, _ in found]
            text = text.with_columns(text[f"c{column}"].scatter(at, [shown for _, shown in found]))
    return text


# ---------------------------------------------------------------------------------------------------------- text files


def _text_sheet(data: bytes, place: Place) -> Sheet:
    text = _decoded(data, place)
    start = text[:65_536]
    lines = [line for line in start.splitlines()[:50] if line.strip()]
    if not lines:
        raise InputError(problem("file_empty", place))
    delimiter = _delimiter(lines)
    if '"' in text:
        return _quoted_sheet(text, delimiter, place)
    # Without quotes a line is a row: the fast way.
    every = pl.Series("line", text.split("\n")).str.strip_chars_end("\r").to_frame().with_row_index("row", offset=1)
    every = every.filter(pl.col("line") != "").with_columns(pl.col("line").str.split(delimiter))
    width = int(str(every["line"].list.len().max() or 0))
    check_size(every.height, width, place)
    columns = every.select(pl.col("line").list.get(i, null_on_oob=True).alias(f"c{i}") for i in range(width))
    cells = columns.select(trimmed(column) for column in columns.iter_columns())
    return Sheet(None, cells, every["row"].cast(pl.Int64))


def _quoted_sheet(text: str, delimiter: str, place: Place) -> Sheet:
    """Text with quoted cells, which may hold delimiters and line breaks."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    numbers: list[int] = []
    width, start = 0, 1
    try:
        for row in reader:
            if row:
                rows.append(row)
                numbers.append(start)
                width = max(width, len(row))
                if len(rows) % 100_000 == 0:
                    check_size(len(rows), width, place)
            start = reader.line_num + 1
    except csv.Error as e:
        wrong = Place(file=place.file, line=reader.line_num)
        raise InputError(problem("csv_broken", wrong, reason=str(e))) from e
    check_size(len(rows), width, place)
    # Rows shorter than the longest are filled up: title rows usually are.
    columns = ([row[i] if i < len(row) else None for row in rows] for i in range(width))
    cells = pl.DataFrame({f"c{i}": trimmed(pl.Series(column, dtype=pl.String)) for i, column in enumerate(columns)})
    return Sheet(None, cells, pl.Series("row", numbers, dtype=pl.Int64))


def _decoded(data: bytes, place: Place) -> str:
    """Text by its byte order mark, else strict UTF-8, else GB18030; UTF-8 would often pass as GB18030, as nonsense."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(problem("encoding_unknown", place))


def _delimiter(lines: list[str]) -> str:
    """Comma, tab or semicolon: what cuts most lines into most cells."""

    def cells(delimiter: str) -> int:
        return sum(len(next(csv.reader([line], delimiter=delimiter), [])) - 1 for line in lines)

    return max((",", "\t", ";"), key=cells)


# ------------------------------------------------------------------------------------------------------------- Parquet


def _parquet_sheet(data: bytes, place: Place) -> Sheet:
    """A Parquet file as a sheet whose header is the column names; rows count from 1 below it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        about = pq.ParquetFile(io.BytesIO(data)).metadata
        check_size(about.num_rows, about.num_columns, place)
        frame = pl.read_parquet(io.BytesIO(data))
    except (pa.ArrowException, pl.exceptions.PolarsError, OSError, ValueError):
        raise InputError(problem("file_broken", place)) from None
    columns = {}
    for i, column in enumerate(frame.iter_columns()):
        columns[f"c{i}"] = pl.concat([pl.Series([column.name], dtype=pl.String), _as_text(column, place)])
    cells = pl.DataFrame(columns)
    return Sheet(None, cells, pl.Series("row", range(cells.height), dtype=pl.Int64))


def _as_text(column: pl.Series, place: Place) -> pl.Series:
    if column.dtype.is_float():
        return _with_numbers(pl.Series([None] * len(column), dtype=pl.String), column.cast(pl.Float64))
    if column.dtype.is_nested() or column.dtype == pl.Binary or column.dtype == pl.Object:
        raise InputError(problem("parquet_column", place, column=column.name, dtype=str(column.dtype)))
    return trimmed(column.cast(pl.String).alias(""))
