"""A document in words, before anybody draws it: headings, sentences and tables of texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field

from mujun.dataclass import dataclass
from mujun.messages import show


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is a part of the document."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """A sentence or several."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table of texts below its titles."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    widths: tuple[float, ...] = ()
    """How wide the columns are against one another, where it matters."""
    small: bool = False
    """In smaller letters, where all of it has to fit on a page."""


Part = Heading | Paragraph | Table


@dataclass(frozen=True)
class Document:
    """A rule set in words."""

    title: str
    parts: tuple[Part, ...] = field(default=())


def cell_text(value: object) -> str:
    """A cell of a table: a dash for what is not stated."""
    return "—" if value is None or value == "" else show(value)


def table(titles: Iterable[str], rows: Iterable[Iterable[object]], caption: str = "") -> Table:
    """A table of any values, without the columns in which nothing is stated."""
    heads = tuple(titles)
    cells = [tuple(cell_text(v) for v in row) for row in rows]
    kept = [i for i in range(len(heads)) if i == 0 or any(row[i] != "—" for row in cells)]
    return Table(tuple(heads[i] for i in kept), tuple(tuple(row[i] for i in kept) for row in cells), caption)


def in_order(when: str, position: int) -> str:
    """The condition of a first-match list: the last `true` is everything else."""
    return "其余" if when == "全部" and position else when


_NUMBERS = "一二三四五六七八九十"


def chinese_number(number: int) -> str:
    """A small number as Chinese headings count: 一, 十二, 二十."""
    if number <= 10:
        return _NUMBERS[number - 1]
    tens, ones = divmod(number, 10)
    return ("" if tens == 1 else _NUMBERS[tens - 1]) + "十" + (_NUMBERS[ones - 1] if ones else "")


def numbered(parts: Iterable[Part]) -> Iterator[Part]:
    """The parts with their headings counted: 一、 and （一）."""
    first, second = 0, 0
    for part in parts:
        if not isinstance(part, Heading):
            yield part
        elif part.level == 1:
            first, second = first + 1, 0
            yield Heading(f"{chinese_number(first)}、{part.text}", 1)
        else:
            second += 1
            yield Heading(f"（{chinese_number(second)}）{part.text}", part.level)
