"""What comes back: workbooks handed out, filled in, held against what was issued, and appended as one batch each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import InputError, MujunError, Place, Problem, problem
from mujun.fields import TABLES
from mujun.messages import FindingCode
from mujun.notebooks import InNotebooks
from mujun.records import FileRecords, Finding, finding_about, with_successors
from mujun.records.checks import checked
from mujun.records.container import container_of, read_bytes
from mujun.records.headers import meaning
from mujun.records.land import land_per_firm
from mujun.records.land_findings import TOLERANCE
from mujun.records.leases import leases_of
from mujun.records.loaded import LoadedTable
from mujun.records.problem_rows import found_on_site, problem_table
from mujun.records.readings.taking import plain_feed
from mujun.records.resized import resized
from mujun.records.returned import MARK, Filled, Lines, lines_of, mark_in
from mujun.records.sheets import Sheet, read_sheets
from mujun.records.surveys import about_surveys
from mujun.records.typed import part_of, records_below
from mujun.reports.rectification.problem_sheets import problems_given
from mujun.reports.rounds.parcel_survey import PARCELS
from mujun.reports.rounds.survey_workbook import FIRMS, KEY, NET_LAND, Surveyed
from mujun.steps import part, step
from mujun.store import AlreadyLoaded, Issue, Store
from mujun.store.issues import CONFIRMATION, PARCEL_SURVEY, SURVEY
from mujun.workspace.county_file import CountyFile
from mujun.workspace.problems.problem_books import SaidOnSheets, problems_said
from mujun.workspace.problems.problem_list import tables_of
from mujun.workspace.rounds.correcting import CORRECTED
from mujun.workspace.rounds.figures_by_code import Held
from mujun.workspace.rounds.objections import objected
from mujun.writing import note_asked, note_taken


@dataclass(frozen=True)
class Returned(InNotebooks):
    """What became of one returned workbook.

    Attributes:
        file: its name.
        issue: what was issued under its mark; `None` where it could not be told.
        records: what is taken in, or would be.
        batch: the batch it became; `None` where nothing was written.
        already: the batch that its very bytes are already.
        refused: what stopped the whole workbook.
        lines, filled: firms, parcels (or figures) in it, and how many of them were filled in.
        problems: what its sheets of problems say.
    """

    file: str
    issue: Issue | None = None
    records: FileRecords | None = field(default=None, repr=False)
    batch: int | None = None
    already: int | None = None
    refused: tuple[Problem, ...] = ()
    lines: int = 0
    filled: int = 0
    problems: SaidOnSheets = SaidOnSheets()

    def count(self, table: str) -> int:
        """Rows of a table that are taken in."""
        return sum(t.rows.height for t in self.records.tables if t.table == table) if self.records else 0

    @property
    def corrected(self) -> bool:
        """Whether it makes a figure that counts another one: tables of visits and problems are no figures."""
        taken = not self.refused and self.already is None
        return taken and any(self.count(table) for table in CORRECTED)

    @property
    def corrected_years(self) -> tuple[int, ...]:
        """The data year whose figures it corrects; none where it corrects nothing."""
        return (self.issue.year,) if self.issue is not None and self.corrected else ()

    @property
    def errors(self) -> int:
        """Lines kept out, and lines that are gone."""
        wrong = sum(f.severity == "error" for f in self.records.findings) if self.records else 0
        return wrong + self.problems.rows_refused


_READ = tuple(dict.fromkeys((*CORRECTED, "aliases", "problems", "parcels", "land")))
"""The tables that what comes back is held against."""


def take_back(
    county: CountyFile,
    files: Iterable[str | Path],
    *,
    strict: bool = False,
    dry_run: bool = False,
    document: str | None = None,
) -> tuple[Returned, ...]:
    """Read returned workbooks and append each as one batch.

    Args:
        files: survey workbooks and confirmation workbooks.
        strict: a workbook with any line that is kept out is not taken in at all.
        dry_run: read and check only.
        document: the document that corrections rest on; by default the workbook's own mark.

    Returns:
        What became of each. A line whose given cells were changed is kept out with its cell named, the others count.

    Raises:
        StoreError: the store cannot be read or written.
    """
    paths = [Path(f) for f in files]
    if not dry_run:
        note_asked([path.name for path in paths])
    outcomes: list[Returned] = []
    for number, path in enumerate(paths):
        with part(number, len(paths), file=path.name):
            step("step_opening")
            outcome = _one(county, path, strict=strict, dry_run=dry_run, document=document)
        if (batch := outcome.batch or outcome.already) is not None:
            note_taken(path.name, batch)
        outcomes.append(outcome)
    return tuple(outcomes)


def _one(county: CountyFile, path: Path, *, strict: bool, dry_run: bool, document: str | None) -> Returned:
    try:
        data = read_bytes(path)
        sheets = read_sheets(data, container_of(data, path), path)
    except MujunError as error:
        return Returned(path.name, refused=error.problems)
    sha256 = hashlib.sha256(data).hexdigest()
    with Store.open(county.path) as store:
        issue = _issue_of(store, sheets)
        tables = store.tables(_READ)
        before = store.loaded_as(sha256)
    if isinstance(issue, Problem):
        return Returned(path.name, refused=(replace(issue, place=Place(file=path.name)),))
    if before is not None:
        return Returned(path.name, issue, already=before)
    if issue.kind not in _READERS:
        wrong = problem("returned_to_another", Place(file=path.name), mark=issue.mark)
        return Returned(path.name, issue, refused=(wrong,))
    problems = SaidOnSheets()
    try:
        gave = problems_given(issue.given)
        if gave is not None:
            problems = problems_said(county, sheets, path, issue, gave, tables, dry_run=dry_run)
        reading = _READERS[issue.kind](sheets, path.name, issue, _with_added(tables, problems))
    except InputError as error:
        return Returned(path.name, issue, refused=error.problems)
    taken = (*reading.tables, *tables_of([*problems.changed, *problems.added]))
    filled = reading.filled + len(problems.changed) + len(problems.added)
    records = FileRecords(path.name, sha256, taken, reading.findings, 0, filled)
    result = Returned(path.name, issue, records, lines=reading.lines, filled=reading.filled, problems=problems)
    if strict and result.errors:
        return replace(result, refused=(problem("load_strict", file=path.name, count=result.errors),))
    if dry_run or not (filled or reading.findings):
        return result
    return _kept(county, result, issue, reading, document or "、".join(reading.documents) or issue.mark)


def line_taken(
    county: CountyFile, sheet: Sheet, file: str, sha256: str, issue: Issue, document: Callable[[], str], *,
    head: str = "", dry_run: bool = False,
) -> Returned:  # fmt: skip
    """Take in the one line of a workbook that was filled in without it.

    Args:
        sheet: its headers and the line.
        file: what it is called in findings and batches.
        sha256: of what was filled in.
        issue: what was issued, of that line alone.
        document: gives the document that it rests on; asked for once it is clear that the line is taken.
        head: with what the batch's reason begins; with whose workbook it is where nothing is said.
        dry_run: check only.

    Returns:
        What became of it; with an error among its findings nothing is written.

    Raises:
        InputError: the sheet is not as it was issued.
    """
    with Store.open(county.path) as store:
        tables = store.tables(_READ)
        before = store.loaded_as(sha256)
    if before is not None:
        return Returned(file, issue, already=before)
    reading = _READERS[issue.kind]([sheet], file, issue, tables)
    records = FileRecords(file, sha256, reading.tables, reading.findings, 0, reading.filled)
    result = Returned(file, issue, records, lines=reading.lines, filled=reading.filled)
    if dry_run or result.errors:
        return result
    return _kept(county, result, issue, reading, document(), head)


def _kept(
    county: CountyFile, result: Returned, issue: Issue, reading: Filled, document: str, head: str = ""
) -> Returned:
    """What was returned, appended as one batch."""
    assert result.records is not None
    what = {SURVEY: "现场核查", PARCEL_SURVEY: "地块核查"}.get(issue.kind, "数据确认")
    head = head or f"{issue.township or '全部镇街'}{what}（{issue.mark}）"
    reason = f"{head}：{'；'.join(reading.reasons)}" if reading.reasons else head
    with Store.open(county.path, write=True) as store:
        batch = store.add_batch(result.records, who=county.who, reason=reason, document=document)
    if isinstance(batch, AlreadyLoaded):
        return replace(result, already=batch.batch)
    return replace(result, batch=batch)


def _issue_of(store: Store, sheets: Sequence[Sheet]) -> Issue | Problem:
    mark = mark_in(sheets, MARK)
    if mark is None:
        return problem("returned_no_mark")
    issue = next(iter(store.issues(mark=mark)), None)
    return issue if issue is not None else problem("returned_foreign", mark=mark)


# -------------------------------------------------------------------------------------------------------------- surveys


def _with_added(tables: Mapping[str, pl.DataFrame], problems: SaidOnSheets) -> dict[str, pl.DataFrame]:
    """The tables with the problems that the workbook adds: what a visit ticks besides is not put down twice."""
    if not problems.added:
        return dict(tables)
    added = problem_table(problems.added).rows.drop("_sheet", "_row")
    return {**tables, "problems": pl.concat([tables["problems"], added], how="diagonal")}


def _surveys(sheets: Sequence[Sheet], file: str, issue: Issue, tables: Mapping[str, pl.DataFrame]) -> Filled:
    """Visits of firms: what they say of land corrects the register."""

    def about(surveys: pl.DataFrame) -> tuple[list[LoadedTable], list[Finding]]:
        land, findings = _land(surveys, file, issue, tables)
        return land, [*findings, *about_surveys(surveys, issue.year)]

    return _visits(FIRMS, sheets, file, issue, tables, about)


def _parcels(sheets: Sequence[Sheet], file: str, issue: Issue, tables: Mapping[str, pl.DataFrame]) -> Filled:
    """Visits of parcels: an area that differs is told to who keeps the register."""

    def about(surveys: pl.DataFrame) -> tuple[list[LoadedTable], list[Finding]]:
        areas = dict(tables["parcels"].select("parcel", "area_mu").iter_rows())
        return [], list(_areas_that_differ(surveys, areas, issue.year))

    return _visits(PARCELS, sheets, file, issue, tables, about)


def _areas_that_differ(surveys: pl.DataFrame, areas: Mapping[str, Decimal | None], year: int) -> Iterator[Finding]:
    for row in surveys.iter_rows(named=True):
        measured, known = row["surveyed_area_mu"], areas.get(row["parcel"])
        if measured is not None and known is not None and abs(measured - known) >= TOLERANCE:
            values = {"parcel": row["parcel"], "known": known}
            finding = _about(row, "survey_parcel_area", year, "surveyed_area_mu", measured, values, PARCELS)
            yield replace(finding, owner=TABLES["parcels"].owner)


About = Callable[[pl.DataFrame], tuple[list[LoadedTable], list[Finding]]]
"""What visits say beside themselves: rows of other tables, and findings."""


def _visits(
    of: Surveyed, sheets: Sequence[Sheet], file: str, issue: Issue, tables: Mapping[str, pl.DataFrame], about: About
) -> Filled:
    """The lines of a survey workbook that were filled in, held against what was issued."""
    sheet = next((s for s in sheets if s.name == of.sheet), None)
    if sheet is None:
        raise InputError(problem("returned_no_sheet", Place(file=file), sheet=of.sheet))
    gave = of.given(issue.given)
    headers = of.headers(tuple(c for c in gave.columns if c not in ("credit_code", "name")))
    lines = lines_of(sheet, file, headers, of.key, gave, table=of.table)
    if isinstance(lines, Problem):
        raise InputError(lines)
    asked = of.asked_headers
    filled = [p for p in lines.kept if any(lines.cell(p, h) is not None for h in asked)]
    kept_out = [p for p in lines.refused if any(lines.cell(p, h) is not None for h in asked)]
    findings = list(_with_year(lines.findings, issue.year, of))
    taken: list[LoadedTable] = []
    wrong_days = _wrong_days(_read(lines, filled, headers, issue, of)[0].rows, file, issue.year, of) if filled else []
    if wrong_days:
        findings += wrong_days
        out = {f.row for f in wrong_days}
        kept_out += [p for p in filled if int(lines.sheet.rows[p]) in out]
        filled = [p for p in filled if int(lines.sheet.rows[p]) not in out]
    quarantined = _read(lines, kept_out, headers, issue, of)[0] if kept_out else None
    if filled:
        loaded, troubles = _read(lines, filled, headers, issue, of, file)
        taken.append(loaded)
        placed = loaded.rows.with_columns(pl.lit(file).alias("_file"))
        more, told = about(placed)
        taken += more
        findings += [*troubles, *_incomplete(placed, issue.year, of), *told]
        townships = dict(zip(gave[of.key], gave["镇街"], strict=True))
        problems = found_on_site(loaded.rows, issue.year, tables["problems"], townships)
        if problems:
            taken.append(problem_table(problems))
    if quarantined is not None:
        # What was written on a line that is kept out is not lost.
        whole = _as_quarantine(quarantined)
        if taken and taken[0].table == of.table:
            taken[0] = replace(taken[0], quarantine=pl.concat([taken[0].quarantine, whole], how="diagonal"))
        else:
            taken.insert(0, LoadedTable(of.table, quarantined.rows.clear(), whole, quarantined.columns))
    return Filled(tuple(taken), tuple(findings), gave.height, len(filled))


def _with_year(findings: Iterable[Finding], year: int, of: Surveyed) -> Iterable[Finding]:
    return (replace(f, year=year, owner=TABLES[of.table].owner) for f in findings)


def _wrong_days(surveys: pl.DataFrame, file: str, year: int, of: Surveyed) -> list[Finding]:
    """A finding for every visit that is to come, or lies before the data year."""
    today, findings = date.today(), []
    for row in surveys.with_columns(pl.lit(file).alias("_file")).iter_rows(named=True):
        day = row["verified_on"]
        if day is not None and not date(year, 1, 1) <= day <= today:
            code: FindingCode = "survey_day_to_come" if day > today else "survey_day_before"
            findings.append(replace(_about(row, code, year, "verified_on", day, {"year": year}, of), severity="error"))
    return findings


def _read(
    lines: Lines, positions: Sequence[int], headers: Sequence[str], issue: Issue, of: Surveyed, file: str = ""
) -> tuple[LoadedTable, list[Finding]]:
    """The chosen lines as records of visits, by the same reading that department files get."""
    wanted = {}
    for header in (of.key, of.name, *of.asked_headers):
        meant = meaning(header, of.table)
        if meant is not None:
            wanted[meant.field.name] = replace(meant, index=headers.index(header))
    feed = plain_feed(TABLES[of.table], list(wanted.values()))
    rows = records_below(lines.only(positions), 1, feed)
    part = part_of(rows, feed, year=issue.year, scale=None, repair=False, sheet_name=lines.sheet.name)
    loaded, findings = checked(part, file)
    return loaded[0], findings


def _as_quarantine(loaded: LoadedTable) -> pl.DataFrame:
    names = TABLES[loaded.table].by_name
    rows = loaded.rows.select("_sheet", "_row", *(pl.col(f).cast(pl.String) for f in names))
    return pl.concat([loaded.quarantine.select(rows.columns), rows])


def _incomplete(surveys: pl.DataFrame, year: int, of: Surveyed) -> Iterable[Finding]:
    """Visits that leave something open; they count as far as they go. Land left blank is as recorded."""
    asked = [f for f in of.fields if f.choices]
    for row in surveys.iter_rows(named=True):
        blank = [f.label for f in asked if row[f.name] is None and f.name != "proposed_path"]
        if blank:
            yield _about(row, "survey_incomplete", year, asked[0].name, None, {"blank": blank}, of)


def _about(
    row: Mapping[str, object], code: FindingCode, year: int, field: str, value: object, values: Mapping[str, object],
    of: Surveyed = FIRMS,
) -> Finding:  # fmt: skip
    shown = None if value is None else messages.show(value)
    owner = TABLES[of.table].owner
    named = row if of is FIRMS else {**row, "name": row["holder"]}
    return finding_about(code, of.table, {**named, "year": year}, field, shown, owner=owner, values=values)


_READERS = {SURVEY: _surveys, PARCEL_SURVEY: _parcels, CONFIRMATION: objected}
"""Who reads a workbook of which kind."""


# ----------------------------------------------------------------------------------------------------------------- land


def _land(
    surveys: pl.DataFrame, file: str, issue: Issue, tables: Mapping[str, pl.DataFrame]
) -> tuple[list[LoadedTable], list[Finding]]:
    """The land rows that a measured area corrects, and what a person has to decide.

    Only a figure that differs from the one issued says anything; and only where the record still is what was issued.
    """
    issued = {c: _decimal(a) for c, a in FIRMS.given(issue.given).select(KEY, NET_LAND).iter_rows()}
    counted, _ = with_successors(tables, issue.year)
    leases = leases_of(counted["land"], counted["enterprises"], issue.year)
    nets = dict(land_per_firm(leases).select("credit_code", "land_mu").iter_rows())
    leased = {*leases.agreed["landlord"].to_list(), *leases.agreed["tenant"].to_list()}
    schema = TABLES["land"].schema
    of_year = tables["land"].filter(pl.col("year") == issue.year).select(list(schema))
    changed: list[dict[str, object]] = []
    findings: list[Finding] = []
    for row in surveys.iter_rows(named=True):
        code, measured = row["credit_code"], row["surveyed_mu"]
        was, net = issued.get(code), nets.get(code)
        if measured is None or (was is not None and abs(measured - was) < TOLERANCE):
            continue
        if net is not None and abs(measured - net) < TOLERANCE:
            continue
        if was is not None and net is not None and abs(net - was) >= TOLERANCE:
            findings.append(
                _about(row, "survey_land_moved", issue.year, "surveyed_mu", measured, {"issued": was, "now": net})
            )
            continue
        mine = of_year.filter(pl.col("credit_code") == code)
        if mine.is_empty():
            # It may stand under a code that the firm had before, and is corrected where it stands.
            holder = Held(tables, code, issue.year).code_for("land", "area_mu")
            mine = of_year.filter(pl.col("credit_code") == holder)
        made = resized(mine.to_dicts(), leased=code in leased, net=net or Decimal(0), measured=measured)
        if isinstance(made, str):
            stands: object = net if net is not None else "—"
            about = {"record": stands, "firm": code, "year": issue.year}
            findings.append(_about(row, made, issue.year, "surveyed_mu", measured, about))
            continue
        changed += [{**r, "_sheet": row["_sheet"], "_row": row["_row"]} for r in made]
        findings.append(_about(row, "survey_land_corrected", issue.year, "surveyed_mu", measured, {"record": net}))
    if not changed:
        return [], findings
    rows = pl.DataFrame(changed, schema={**schema, "_sheet": pl.String(), "_row": pl.Int64()})
    nothing = pl.DataFrame(schema={"_sheet": pl.String(), "_row": pl.Int64(), **dict.fromkeys(schema, pl.String())})
    return [LoadedTable("land", rows, nothing, tuple(schema))], findings


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
