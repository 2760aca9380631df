""".xlsb: workbooks in Excel's binary format, by fastexcel.

It cuts the text of a number to 9 decimals and turns error cells into blanks, so that each sheet is read as text and as
float. Marks are not read from this format but for hidden sheets.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from mujun.errors import InputError, Place, problem
from mujun.messages import MessageKey
from mujun.records.sheets.sheet import Sheet, check_size, fifteen_digits, trimmed

_ERRORS = {
    "Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!", "Num": "#NUM!", "Ref": "#REF!",
    "Value": "#VALUE!", "GettingData": "#GETTING_DATA",
}  # fmt: skip


def binary_workbook_sheets(data: bytes, place: Place) -> list[Sheet]:
    """All sheets of a workbook.

    Raises:
        InputError: what stops the whole file.
    """
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
