"""Of which year a table's figures are: what headers, titles and names say of it, and which of them say otherwise."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from mujun.dataclass import dataclass
from mujun.errors import Place, Problem, problem
from mujun.fields import Table
from mujun.records.readings.blocks import Area
from mujun.records.readings.names_say import said_year, years_said
from mujun.records.readings.senses import sense_of

_HANDED_IN = re.compile(r"20[0-9]{2}年?度?(?:报送|上报|填报|申报|报)")
"""2023年报送: the year in which a file was handed in."""


@dataclass(frozen=True)
class DataYear:
    """The data year of a table's rows that have none of their own.

    Attributes:
        year: the year; `None` where nobody says one.
        unknown: why it cannot be told.
        otherwise: where another year is said all the same (`header`, `title`, `sheet_name`, `file_name`), and which.
    """

    year: int | None
    unknown: Problem | None = None
    otherwise: tuple[tuple[str, int], ...] = ()


def data_year(
    area: Area, table: Table, titles: Sequence[str], above: Sequence[str], path: Path, place: Place, asked: int | None
) -> DataYear:
    """The year that the caller, headers, titles, sheet name, file name or else the folder speak of.

    Args:
        area: where the table lies.
        table: which table it is.
        titles, above: the table's own titles, and the sheet's.
        path: the file.
        place: file and sheet.
        asked: the year that the caller named; it goes before all others.
    """
    in_headers = _years_in_headers(area, table)
    name = _HANDED_IN.sub("", path.stem)
    sources = {
        "header": in_headers if len(in_headers) == 1 else [],
        "title": years_said(titles) or years_said(above),
        "sheet_name": years_said([place.sheet or ""]),
        "file_name": years_said([name]),
    }
    every = sorted({y for years in sources.values() for y in years})
    of_titles = years_said(titles)
    if asked is not None and len(of_titles) == 1 and of_titles[0] != asked and years_said(above) == [asked]:
        # 2021年度税收情况 over a second table, below one of the year asked for: last year's, for comparison.
        return DataYear(of_titles[0])
    if asked is not None:
        return _taken(asked, sources)
    if len(every) > 1:
        # 2022年度 before 2023年: the stronger word of all sources together.
        strong = years_said([*(titles or above), place.sheet or "", name])
        if len(strong) == 1 and sources["header"] in ([], strong):
            return _taken(strong[0], sources)
        return DataYear(None, problem("year_unclear", place, years=every))
    if every:
        return DataYear(every[0])
    folder = said_year(path.absolute().parent.name)
    return DataYear(folder) if folder is not None else DataYear(None, problem("year_unknown", place))


def _taken(year: int, sources: dict[str, list[int]]) -> DataYear:
    return DataYear(year, otherwise=tuple((s, years[0]) for s, years in sources.items() if years and year not in years))


def _years_in_headers(area: Area, table: Table) -> list[int]:
    years: set[int] = set()
    for path in area.header.paths[area.lo : area.hi]:
        sense = sense_of(path, table.name) if path else None
        if sense is not None and sense.header is not None:
            years |= {int(w.which) for w in sense.words if w.kind == "year"}
    return sorted(years)
