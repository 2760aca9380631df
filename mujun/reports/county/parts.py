"""What a report's page is made of: sections of sentences, figures, tables, links and folded parts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import field
from functools import cached_property

from markupsafe import Markup

from mujun.dataclass import dataclass
from mujun.reports.charts import Chart, svg
from mujun.reports.drawing.page import page

_NUMBER = re.compile(r"((增长|下降) )?[+-]?[\d,]+(\.\d+)?%?|持平|—|")


@dataclass(frozen=True)
class Part:
    """Something on a page; the template tells parts by `kind`."""

    @property
    def kind(self) -> str:
        """Its class by name."""
        return type(self).__name__


@dataclass(frozen=True)
class Text(Part):
    """A paragraph."""

    text: str
    quiet: bool = False


@dataclass(frozen=True)
class Heading(Part):
    """A smaller heading."""

    text: str


@dataclass(frozen=True)
class Lines(Part):
    """A list of sentences, each with a few words that lead."""

    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Links(Part):
    """A list of links: where to, what it is, for whom."""

    links: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Grid(Part):
    """A table of texts; columns of nothing but numbers stand right."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = field(repr=False)
    caption: str = ""
    totals: frozenset[int] = frozenset()

    @cached_property
    def numbers(self) -> frozenset[int]:
        """The columns that hold numbers."""
        return frozenset(
            i for i in range(len(self.titles)) if self.rows and all(_NUMBER.fullmatch(r[i]) for r in self.rows)
        )

    @property
    def columns_right(self) -> str:
        """The classes that put the columns of numbers right, one for each: said once and not in every cell."""
        return " ".join(f"n{i + 1}" for i in sorted(self.numbers))

    @cached_property
    def body(self) -> Markup:
        """The rows, without the end tags that HTML does not ask for: of thousands of rows they are a third."""
        lines = [
            f"<tr{' class=total' if i in self.totals else ''}><td>" + "<td>".join(map(_text, row))
            for i, row in enumerate(self.rows)
        ]
        # Every text went through `_text`.
        return Markup("\n".join(lines))  # noqa: S704


def _text(text: str) -> str:
    """A text between tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@dataclass(frozen=True)
class Figure(Part):
    """A chart drawn."""

    title: str
    basis: str
    how: str
    svg: Markup = field(repr=False)


@dataclass(frozen=True)
class Map(Figure):
    """A map of parcels, whose colours the reader chooses; a page has one."""


@dataclass(frozen=True)
class Folded(Part):
    """Parts that open when asked for."""

    summary: str
    parts: tuple[Part, ...] = field(repr=False)


@dataclass(frozen=True)
class Section:
    """A part of a page with a heading and an address."""

    anchor: str
    title: str
    items: tuple[Part, ...] = field(repr=False)


def figure(chart: Chart | None) -> tuple[Part, ...]:
    """A chart as a figure; nothing where there is no chart.

    Raises:
        UsageError: the extra `papers` is not installed.
    """
    if chart is None:
        return ()
    # Drawn by vl-convert, which escapes every text, and written again by an XML writer.
    return (Figure(chart.title, chart.basis, chart.how, Markup(svg(chart))),)  # noqa: S704


def report_page(
    title: str, sections: Iterable[Section], *, lines: Sequence[str] = (), warnings: Sequence[str] = ()
) -> str:
    """A report as one page of HTML, without anything from elsewhere.

    Args:
        title: its title.
        sections: its parts; those without anything in them are left out.
        lines: small lines below the title.
        warnings: what a reader must know first.
    """
    kept = [s for s in sections if s.items]
    return page("county.html", title, sections=kept, lines=lines, warnings=warnings)
