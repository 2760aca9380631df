"""Official papers as pages: the same parts as the Word document, one file, nothing fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mujun.reports.drawing.page import page
from mujun.reports.official.document import OfficialPaper
from mujun.rules.document import Heading, Paragraph, Part, numbered
from mujun.writing import write_text


def paper_page(paper: OfficialPaper) -> str:
    """A paper as HTML."""
    return page("official.html", paper.title, paper=paper, parts=list(_parts(paper)))


def write_paper_page(file: Path, paper: OfficialPaper) -> Path:
    """Write a paper as a page.

    Raises:
        InputError: the file cannot be written.
    """
    return write_text(file, paper_page(paper))


def _parts(paper: OfficialPaper) -> Iterator[tuple[str, object]]:
    for part in numbered(_of(paper)):
        if isinstance(part, Heading):
            yield f"heading{part.level}", part.text
        elif isinstance(part, Paragraph):
            yield "paragraph", part.text
        else:
            yield "table", part


def _of(paper: OfficialPaper) -> Iterator[Part]:
    yield from paper.parts
