"""A firm's survey filled in without its workbook: what is typed on a phone is accepted as the workbook's line is."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields import Field
from mujun.notebooks import InNotebooks
from mujun.records.container import read_bytes
from mujun.records.photographs import MAX_BYTES, plain_photograph
from mujun.records.sheets.sheet import Sheet
from mujun.records.surveys import PROBLEMS
from mujun.reports.rounds.survey_workbook import FIRMS
from mujun.store import Issue, Store
from mujun.store.issues import SURVEY
from mujun.workspace.county_file import CountyFile
from mujun.workspace.problems.evidence import evidence_file, evidence_folder, kept_bytes
from mujun.workspace.rounds.returning import Returned, line_taken

MOST_PHOTOGRAPHS = 6
"""Photographs of one hand-in."""

MOST_ON_RECORD = 24
"""Photographs of one firm in a year."""

VISITS_SCHEMA: dict[str, pl.DataType] = {
    "credit_code": pl.String(),
    "name": pl.String(),
    "township": pl.String(),
    "mark": pl.String(),
    "operation": pl.String(),
    "problems": pl.Int64(),
    "verified_by": pl.String(),
    "verified_on": pl.Date(),
}
"""A firm that a survey workbook was handed out for: whose workbook, and what its visit on record says."""


@dataclass(frozen=True)
class Visit(InNotebooks):
    """One firm's line of a survey.

    Attributes:
        issue: the workbook that was handed out, of that firm's line alone.
        name: what the firm is called there.
        given: what the workbook gave, by header.
        answers: the visit on record, by field; empty where there is none.
        photographs: the names of its photographs in the folder of evidence.
    """

    issue: Issue = field(repr=False)
    name: str
    given: dict[str, str | None]
    answers: dict[str, object]
    photographs: tuple[str, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """What is filled in, in the order of the workbook."""
        return FIRMS.fields

    @property
    def looked_at(self) -> dict[str, str]:
        """What the workbook shows before the columns to fill in, of what is there."""
        before = list(self.given)[: list(self.given).index(FIRMS.looked_at) + 1]
        return {h: t for h in before if (t := self.given[h])}

    @property
    def largest_photograph(self) -> int:
        """How many bytes one photograph may have."""
        return MAX_BYTES

    @property
    def most_photographs(self) -> int:
        """How many may be handed in at once."""
        return min(MOST_PHOTOGRAPHS, MOST_ON_RECORD - len(self.photographs))


def visits(county: CountyFile, year: int, township: str | None = None) -> pl.DataFrame:
    """The firms that are to be visited in a year, columns as in `VISITS_SCHEMA`: those without a visit first.

    Args:
        year: the data year.
        township: whose firms; all where none is named.
    """
    with Store.open(county.path) as store:
        issues = store.issues(SURVEY, year)
        surveys = store.table("surveys").filter(pl.col("year") == year)
    lines = [
        FIRMS.given(i.given).select(
            "credit_code", "name", pl.col("镇街").alias("township"), pl.lit(i.mark).alias("mark")
        )
        for i in issues
    ]
    if not lines:
        return pl.DataFrame(schema=VISITS_SCHEMA)
    rows = pl.concat(lines).unique("credit_code", keep="last", maintain_order=True)
    if township is not None:
        rows = rows.filter(pl.col("township") == township)
    count = pl.sum_horizontal((pl.col(p) == "是").fill_null(value=False) for p in PROBLEMS).cast(pl.Int64)
    seen = surveys.select("credit_code", "operation", "verified_by", "verified_on", count.alias("problems"))
    rows = rows.join(seen, on="credit_code", how="left", maintain_order="left")
    rows = rows.sort(pl.col("problems").is_not_null(), "township", maintain_order=True)
    return rows.select(pl.col(n).cast(t) for n, t in VISITS_SCHEMA.items())


def visit(county: CountyFile, code: str, year: int) -> Visit:
    """One firm's line of the newest survey that has it.

    Raises:
        UsageError: no survey of the year that was handed out has the firm.
    """
    with Store.open(county.path) as store:
        issues = store.issues(SURVEY, year)
        surveys = store.table("surveys").filter(pl.col("year") == year, pl.col("credit_code") == code)
        documents = store.batches()["document"].drop_nulls().to_list()
    for issue in reversed(issues):
        mine = FIRMS.given(issue.given).filter(pl.col(FIRMS.key) == code)
        if mine.height:
            line = mine.row(0, named=True)
            given = {h: t for h, t in line.items() if h not in ("credit_code", "name")}
            answers = surveys.select(FIRMS.asked).row(0, named=True) if surveys.height else {}
            alone = replace(issue, given=mine)
            return Visit(alone, str(line["name"] or code), given, answers, _photographs(county, documents, code, year))
    raise UsageError(problem("survey_not_handed_out", code=code, year=year))


def fill_in(
    county: CountyFile, code: str, year: int, answers: Mapping[str, str], photographs: Sequence[Path] = (), *,
    dry_run: bool = False,
) -> Returned:  # fmt: skip
    """Take in what was seen at one firm, checked as the line of a returned workbook is.

    Args:
        code: the firm.
        year: the data year.
        answers: what was filled in, by field of `surveys`, as it was typed; what is missing is blank.
        photographs: JPEG or PNG files, kept as evidence without what the camera wrote beside the picture.
        dry_run: check only.

    Returns:
        What became of it; with an error among its findings nothing was written.

    Raises:
        UsageError: no survey of the year has the firm, a field is none of a survey's, nothing is filled in, or there
            are too many photographs.
        InputError: a photograph is none, too large or damaged.
    """
    known = visit(county, code, year)
    unknown = [n for n in answers if n not in FIRMS.asked]
    if unknown:
        raise UsageError(problem("survey_no_such_field", field=unknown[0], known=list(FIRMS.asked)))
    said = {n: t.strip() for n in FIRMS.asked if (t := answers.get(n, "")).strip()}
    if not said:
        raise UsageError(problem("survey_nothing_said"))
    pictures = list(dict.fromkeys(plain_photograph(read_bytes(p), p.name) for p in photographs))
    if len(pictures) > MOST_PHOTOGRAPHS or len(pictures) + len(known.photographs) > MOST_ON_RECORD:
        raise UsageError(problem("survey_too_many_photographs", most=MOST_PHOTOGRAPHS, whole=MOST_ON_RECORD))
    digests = [hashlib.sha256(data).hexdigest() for data, _ in pictures]
    content = json.dumps([known.issue.mark, code, said, digests], ensure_ascii=False).encode()

    def document() -> str:
        names = [kept_bytes(county, data, f"{code}_{year}", ending)[0] for data, ending in pictures]
        return "、".join([known.issue.mark, *names])

    sheet = _sheet(known, said)
    file = f"现场填报_{known.name}"
    return line_taken(county, sheet, file, hashlib.sha256(content).hexdigest(), known.issue, document, dry_run=dry_run)


def photograph(county: CountyFile, code: str, year: int, name: str) -> bytes:
    """The bytes of a photograph of a firm's visit.

    Raises:
        UsageError: the visit has no such photograph.
        InputError: it cannot be read.
    """
    if name not in visit(county, code, year).photographs:
        raise UsageError(problem("survey_no_such_photograph", name=name))
    return read_bytes(evidence_file(county, name))


def _photographs(county: CountyFile, documents: Sequence[str], code: str, year: int) -> tuple[str, ...]:
    """The photographs that the hand-ins of a firm name and that are still there."""
    pattern = re.compile(rf"[0-9a-f]{{12}}_{re.escape(code)}_{year}\.(?:jpg|png)")
    names = dict.fromkeys(n for document in documents for n in pattern.findall(document))
    folder = evidence_folder(county)
    return tuple(n for n in names if (folder / n).is_file())


def _sheet(known: Visit, said: Mapping[str, str]) -> Sheet:
    """The firm's line as a sheet of its own, under the workbook's headers."""
    headers = FIRMS.headers(tuple(known.given))
    typed = {h: said.get(n) for n, h in zip(FIRMS.asked, FIRMS.asked_headers, strict=True)}
    line = [typed[h] if h in typed else known.given[h] for h in headers]
    cells = {f"c{i}": [h, t] for i, (h, t) in enumerate(zip(headers, line, strict=True))}
    schema = dict.fromkeys(cells, pl.String())
    return Sheet(FIRMS.sheet, pl.DataFrame(cells, schema=schema), pl.Series([1, 2], dtype=pl.Int64))
