"""From a seed to the finished folder."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from . import (
    changes,
    contradictions,
    departments,
    dirt,
    figures,
    files,
    firms,
    land,
    nameless,
    on_site,
    parcels_and_problems,
    places,
    projects,
    records,
    shapes,
    stages,
    sums,
)
from .departments import County
from .files import Book
from .manifest import Manifest

SEED = 20220510
"""The day the plan was issued."""


@dataclass(frozen=True)
class Sample:
    """The county's truth, the files made of it, and what is wrong with them.

    `touched` are the numbers of firms that a defect was planted at, the other sides of their leases included.
    """

    county: County
    books: list[Book]
    manifest: Manifest
    touched: frozenset[int]


def true_county(seed: int = SEED) -> County:
    """The county as it is, before any file."""
    listed = firms.lay_out(seed)
    changed = changes.change(seed, listed)
    ground = land.survey(seed, listed, changed)
    believed = figures.believe(seed, listed, ground)
    accounts = records.meter(seed, listed)
    sources = projects.freed(seed, listed, believed)
    labels = records.label(seed, listed)
    ratings = records.rate_earlier(seed, listed, believed[firms.FIRST], ground)
    usage = records.bill(seed, listed, believed[firms.SECOND], ground, accounts)
    outside = [f for f in listed if f.stays and f.industry in (*places.UTILITIES, places.INDUSTRIES[-1])][:5]
    troubles = parcels_and_problems.find(seed, listed, ground, outside)
    on_site.move_upstairs(listed, ground, believed)
    on_site.cancel(troubles, ground)
    return County(
        firms=listed,
        land=ground,
        figures=believed,
        labels=labels,
        ratings=ratings,
        accounts=accounts,
        usage=usage,
        changes=changed,
        sources=sources,
        projects=projects.planned(seed, listed, sources),
        titles=parcels_and_problems.entitle(seed, ground),
        troubles=troubles,
    )


def build(seed: int = SEED) -> Sample:
    """Everything, in memory."""
    county = true_county(seed)
    books = departments.report(seed, county)
    soiled = dirt.soil(seed, county, books)
    contradictions.contradict(soiled)
    nameless.leave_codes_out(soiled)
    sums.hold(soiled.manifest, [sheet for book in books for sheet in book.sheets])
    books += stages.books(seed, county)
    return Sample(county, books, soiled.manifest, frozenset(soiled.touched))


def write(sample: Sample, folder: Path) -> list[Path]:
    """Write all files and the manifest below a folder; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    for book in sample.books:
        files.write(book, folder)
    manifest = folder / "manifest.csv"
    sample.manifest.write(sample.books, manifest)
    told = [folder / book.path for book in sample.books]
    return [*told, *shapes.write(sample.county.land, folder), _write_progress(sample, folder), manifest]


def _write_progress(sample: Sample, folder: Path) -> Path:
    county, path = sample.county, folder / on_site.PROGRESS_FILE
    steps = on_site.progress(county.firms, county.land, county.figures, county.labels, sample.touched)
    made = io.StringIO()
    csv.writer(made, lineterminator="\r\n").writerows([on_site.HEADERS, *(s.cells() for s in steps)])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(made.getvalue().encode("utf-8-sig"))
    return path
