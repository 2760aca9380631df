"""Plans, strike-off notices and orders to mend as files: pages (.html) or Word (.docx)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

from mujun.reports.official.document import OfficialPaper
from mujun.reports.official.rectification import firm_notice, firm_plan, mend_order, parcel_notice, parcel_plan
from mujun.reports.rectification.firm_papers import notices_html, plans_html, write_page
from mujun.reports.rectification.orders import orders_html
from mujun.reports.rectification.parcel_papers import parcel_notices_html, parcel_plans_html
from mujun.rules.model.papers import ThePapers
from mujun.rules.paper_texts import FILE, papers_texts
from mujun.workspace.book import read_book
from mujun.workspace.county_file import CountyFile
from mujun.workspace.rectification.firm_papers import notice_papers, plan_papers
from mujun.workspace.rectification.orders import order_papers
from mujun.workspace.rectification.parcel_papers import parcel_papers, speaks_of_parcels
from mujun.writing import write_bytes

WORD = ".docx"


def plan_pages(
    county: CountyFile, file: Path, *, code: str | None = None, township: str | None = None, day: date | None = None,
    parcels: bool = False,
) -> int:  # fmt: skip
    """Plans as one file, each on a page of its own; says how many.

    Args:
        county: the county.
        file: where to, .html or .docx.
        code, township: of one enterprise or parcel, or of a township only.
        day: as of which day; today where none is given.
        parcels: of parcels (一地一策), not of enterprises; a parcel's number says so itself, and so do lists of parcels
            alone.

    Raises:
        UsageError: nobody of those asked for is on a list; the extra `papers` is missing.
        InputError: the file cannot be written.
    """
    if parcels or speaks_of_parcels(county, code, day):
        of_parcels = parcel_papers(county, code, township=township, day=day)
        return _write(county, file, of_parcels, parcel_plans_html, parcel_plan)
    papers = plan_papers(county, code=code, township=township, day=day)
    return _write(county, file, papers, plans_html, firm_plan)


def notice_pages(
    county: CountyFile, file: Path, *, code: str | None = None, township: str | None = None, day: date | None = None,
    parcels: bool = False,
) -> int:  # fmt: skip
    """Strike-off notices as one file, each on a page of its own; arguments as in `plans`.

    Raises:
        UsageError: nobody of those asked for is struck off; the extra `papers` is missing.
        InputError: the file cannot be written.
    """
    if parcels or speaks_of_parcels(county, code, day):
        of_parcels = parcel_papers(county, code, township=township, day=day, struck=True)
        return _write(county, file, of_parcels, parcel_notices_html, parcel_notice)
    papers = notice_papers(county, code=code, township=township, day=day)
    return _write(county, file, papers, notices_html, firm_notice)


def order_pages(
    county: CountyFile, file: Path, numbers: Sequence[str] = (), *, township: str | None = None,
    department: str | None = None,
) -> int:  # fmt: skip
    """Orders to mend a problem by a day as one file, each on a page of its own; says how many.

    Args:
        county: the county.
        file: where to, .html or .docx.
        numbers: of these problems; of all that are ordered to be mended where none are given.
        township, department: only theirs, where no numbers are given.

    Raises:
        UsageError: a problem was never ordered to be mended, or none is; the extra `papers` is missing.
        InputError: the file cannot be written.
    """
    orders = order_papers(county, numbers, township=township, department=department)
    return _write(county, file, orders, orders_html, mend_order)


Paper = TypeVar("Paper")


def _write(
    county: CountyFile, file: Path, papers: Sequence[Paper], as_page: Callable[[Sequence[Paper]], str],
    as_official: Callable[[Paper, ThePapers], OfficialPaper],
) -> int:  # fmt: skip
    if file.suffix.lower() != WORD:
        write_page(file, as_page(papers))
        return len(papers)
    from mujun.reports.official.word import word_bytes

    texts = texts_of(county)
    write_bytes(file, word_bytes([as_official(p, texts) for p in papers]))
    return len(papers)


def texts_of(county: CountyFile) -> ThePapers:
    """The county's own words: of the newest list's rule set, then of papers.yaml beside the store.

    Raises:
        RuleError: something in a papers.yaml is wrong.
    """
    lists = [d for d in read_book(county).documents if d.kind == "list"]
    beside = county.path.parent / FILE
    return papers_texts(lists[-1].rules if lists else None, *([beside] if beside.is_file() else []))
