"""One table of a sheet, read: from its headers to typed rows, with its notes, findings and questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace
from pathlib import Path

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import Place, Problem, problem
from mujun.fields import TABLES, Field, Table
from mujun.messages import FindingCode
from mujun.records.cell_troubles import SOURCE, WRONG_WIDTH
from mujun.records.finding import Finding
from mujun.records.headers import NOT_TAKEN_QUIETLY, squeezed
from mujun.records.readings.apart import DAYS, PERIODS
from mujun.records.readings.blocks import Area
from mujun.records.readings.data_year import DataYear, data_year
from mujun.records.readings.feeding import by_basis, columns_of, feeds_of, used_columns, with_all
from mujun.records.readings.file_totals import against_parts, held_against
from mujun.records.readings.marks_found import merge_troubles, width_troubles
from mujun.records.readings.model import BlockRead, Note
from mujun.records.readings.names_say import months_named, period_said, scale_said
from mujun.records.readings.questions import Answers, Asking, Choice, fingerprint
from mujun.records.readings.reservations import without_reserved
from mujun.records.readings.row_parts import told_of
from mujun.records.readings.row_sums import Added, added_up, without
from mujun.records.readings.rows import Rows, rows_of
from mujun.records.readings.tables_fed import FIGURES, NoTable, TableHeaders, is_register, table_of
from mujun.records.readings.taking import Feed, Looked, chosen, not_taken, words_beside
from mujun.records.readings.understood import block_of, texts_at
from mujun.records.readings.units_in_cells import mixed_units
from mujun.records.readings.units_said import sayings
from mujun.records.readings.units_unsaid import MedianOf, no_medians, plausible, unlikely_unit
from mujun.records.sheets import Sheet
from mujun.records.typed import Part, Records, part_of


@dataclass(frozen=True)
class Asked:
    """What the caller said, where files do not say it themselves.

    Attributes:
        table, year: what the file holds, and of which year rows are that have none of their own.
        repair: whether documented repairs of credit codes are applied.
        answers: answers to questions.
        last: of a table and a field, the median of a year's figures, where it is known.
    """

    table: str | None = None
    year: int | None = None
    repair: bool = False
    answers: Answers = Answers()
    last: MedianOf = no_medians


@dataclass(frozen=True)
class AreaRead:
    """What one table of a sheet gave: typed rows by table, findings, and how it was understood.

    Attributes:
        parts, findings, block: as the names say.
        totals: how many of its rows are totals.
        months: the months that its title or its sheet names as its own, as bits; 0 where none does.
        period: the words that do.
        register: whether it is a list of firms by what its title or name says, or has nothing but what firms are.
    """

    parts: tuple[Part, ...]
    findings: tuple[Finding, ...]
    block: BlockRead
    totals: int
    months: int = 0
    period: str = ""
    register: bool = True


def read_area(
    sheet: Sheet, area: Area, sheet_titles: Sequence[int], path: Path, asked: Asked
) -> AreaRead | NoTable | Problem:
    """Read one table of a sheet.

    Args:
        sheet: the sheet.
        area: where the table lies.
        sheet_titles: positions of the rows above the first table.
        path: the file.
        asked: what the caller said.

    Returns:
        What it gave; or why it cannot be read.
    """
    place = Place(file=path.name, sheet=sheet.name)
    headers = TableHeaders(area.header, area.lo, area.hi)
    titles = texts_at(sheet, area.titles, area.lo, area.hi) if area.beside else texts_at(sheet, area.titles)
    above = texts_at(sheet, sheet_titles)
    if tuple(area.titles) == tuple(sheet_titles) and not area.beside:
        titles = []  # the first table of a sheet has the sheet's titles and none of its own
    tables = [TABLES[asked.table]] if asked.table else list(TABLES.values())
    table = table_of(headers, place, [*titles, *above], tables)
    if isinstance(table, NoTable):
        return table
    mark = fingerprint(table.name, area.header.paths[area.lo : area.hi], area.header.units[area.lo : area.hi])
    asking = Asking(asked.answers, table.name, sheet.name, int(sheet.rows[area.header.first]), mark)
    year = data_year(area, table, titles, above, path, place, asked.year)
    own_years = "year" in headers.fields(table)
    looked = Looked(area.header, area.lo, area.hi, year.year, sayings(titles, above, (), sheet.name, path.stem), place)
    first = chosen(looked, table, _silent(asking))
    if isinstance(first, Problem):
        return first
    if year.unknown is not None and table.yearly and not own_years:
        return year.unknown
    rows = rows_of(sheet, area, columns_of(looked, first.feeds[0]))
    notes_below = [o.text for o in rows.others if o.role == "note"]
    looked = replace(looked, sayings=sayings(titles, above, notes_below, sheet.name, path.stem))
    feeds = feeds_of(looked, headers, table, asking, alone=asked.table is not None)
    if isinstance(feeds, Problem):
        return feeds
    feeds = [by_basis(f, [*titles, *above]) for f in feeds]
    rows = with_all(rows, sheet, area, looked, feeds)
    reader = _Reader(sheet, area, rows, looked, path, asked, asking, [*titles, *above])
    if year.otherwise and table.yearly and not own_years:
        reader.year_said_otherwise(table, year, given=asked.year is not None)
    if table.name in FIGURES and year.year is not None and not first.feeds[0].apart:
        reader.period_said(table, first.feeds[0], year.year)
    outcome = reader.read(without_reserved(feeds, asking, texts_at(sheet, area.titles), above, sheet.name, path.stem))
    if isinstance(outcome, Problem):
        return outcome
    months, period = _months(texts_at(sheet, area.titles), sheet.name)
    register = is_register(headers, place, [*titles, *above])
    return replace(outcome, months=months, period=period, register=register)


def _months(titles: list[str], sheet_name: str | None) -> tuple[int, str]:
    """The months that a table's own titles or its sheet's name name; the narrower of the two."""
    named = [months_named(titles), months_named([sheet_name or ""])]
    known = [(bits, words) for bits, words in named if bits]
    return min(known, key=lambda m: m[0].bit_count()) if known else (0, "")


def _silent(asking: Asking) -> Asking:
    """Asks nobody: for a first look, before the rows are known."""
    return Asking(asking.answers, asking.table, asking.sheet, asking.row, asking.fingerprint)


# ------------------------------------------------------------------------------------------------------------- the rows


@dataclass
class _Reader:
    """Reads the rows of one table, once it is known which columns feed what."""

    sheet: Sheet
    area: Area
    rows: Rows
    looked: Looked
    path: Path
    asked: Asked
    asking: Asking
    titles: list[str]
    notes: list[Note] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def read(self, feeds: list[Feed]) -> AreaRead | Problem:
        parts: list[Part] = []
        measured: list[Feed] = []
        for feed in feeds:
            part = self._part(feed)
            wrong = part.troubles.filter(pl.col("code") == WRONG_WIDTH).height
            if part.typed.height > 2 and wrong * 2 > part.typed.height:
                columns = self.sheet.marks.counts[self.area.header.after - 1]
                return problem(
                    "header_of_wrong_width", self.looked.place, columns=columns, rows=part.typed.height, wrong=wrong
                )
            again = plausible(feed, part, self.asked.last, self.asking)
            if again is not feed:
                part = self._part(again)
            parts.append(self._summed(again, part))
            self._mixed_units(again)
            for t, median, likely in unlikely_unit(again, part):
                told = self._finding(
                    "unit_unlikely", again.table, t.field, header=t.text, label=t.field.label, median=median,
                    unit=t.field.unit, said=t.unit_text, likely=likely,
                )  # fmt: skip
                self.findings.append(told)
            measured.append(again)
            self._totals(again)
        if measured:
            beside = words_beside(self.looked, measured)
            measured[0] = replace(measured[0], aside=measured[0].aside | beside)
        lost = self._not_taken(measured)
        if lost:
            self.findings.append(self._columns_not_taken(lost, measured))
        block = block_of(self.sheet, self.area, self.rows, self.looked, self.asking, measured, lost, self.notes)
        totals = sum(o.role in ("total", "part_total") for o in self.rows.others)
        if block.waits:
            return AreaRead((), (), block, totals)
        return AreaRead(tuple(parts), tuple(self.findings), block, totals)

    def year_said_otherwise(self, table: Table, year: DataYear, *, given: bool) -> None:
        """A title or name that speaks of another year than the one the rows are taken to be of."""
        places = [messages.text(messages.key(f"year_said_{source}"), year=other) for source, other in year.otherwise]
        code: FindingCode = "year_given_otherwise" if given else "year_said_otherwise"
        self.findings.append(self._finding(code, table, taken=year.year, places=places))

    def period_said(self, table: Table, feed: Feed, year: int) -> None:
        """A title or name that speaks of some months of the year only."""
        labels = [t.field.label for t in feed.taken if t.field.kind == "quantity"]
        to_date = any("累计" in t.text or "全年" in t.text for t in feed.taken)
        period = period_said([*self.titles, self.sheet.name or "", self.path.stem], year, to_date=to_date)
        if period and labels:
            self.findings.append(self._finding("period_shorter", table, said=period, labels=labels))

    # ---- typed rows

    def _part(self, feed: Feed) -> Part:
        rows = _filled_only(self.rows, feed)
        of_cells = (merge_troubles(self.sheet, rows, feed), width_troubles(self.sheet, self.area, rows, feed))
        troubles = [t for t in of_cells if t is not None]
        leaves = {
            c: squeezed(self.looked.header.paths[c][-1]) if self.looked.header.paths[c] else "" for c in self._span
        }
        source = tuple(f"c{c}" for s in SOURCE for c, leaf in leaves.items() if leaf == squeezed(s))
        used = (
            used_columns([feed])
            | set(feed.apart)
            | {c for t in feed.taken if t.unit_column is not None for c in [t.unit_column]}
        )
        beside = tuple(f"c{c}" for c, leaf in leaves.items() if c not in used and leaf not in NOT_TAKEN_QUIETLY)
        records = Records(
            rows.body, rows.numeric, self.sheet, pl.concat(troubles) if troubles else None, source, beside
        )  # fmt: skip
        scale = None
        if "scale" in feed.table.by_name and "scale" not in feed.by_field:
            scale = scale_said([self.sheet.name or "", *self.titles, self.path.stem])
        return part_of(
            records, feed, year=self.looked.year if feed.table.yearly else None, scale=scale, repair=self.asked.repair,
            sheet_name=self.sheet.name,
        )  # fmt: skip

    @property
    def _span(self) -> range:
        return range(self.looked.lo, self.looked.hi)

    def _summed(self, feed: Feed, part: Part) -> Part:
        if not feed.apart:
            return part
        texts = self.rows.body.select(f"c{c}" for c in feed.apart)
        by = [self.looked.header.text(c) for c in feed.apart]
        over_time = any(squeezed(self.looked.header.paths[c][-1]) in PERIODS for c in feed.apart)
        if feed.table.name in FIGURES:
            leave = self._not_added(feed, part, texts, by)
            stay = pl.Series("_at", [i for i in range(part.typed.height) if i not in leave], dtype=pl.Int64)
            part, texts = (part, texts) if not leave else (without(part, stay), texts[stay])
        summed, added = added_up(part, texts, by, over_time=over_time)
        if added is not None:
            self._said_added(feed, added)
        return summed

    def _not_added(self, feed: Feed, part: Part, texts: pl.DataFrame, by: list[str]) -> set[int]:
        """The rows that are not added to the others of their firm, with what is said and asked about them."""
        leaves = [squeezed(self.looked.header.paths[c][-1]) for c in feed.apart]
        told = told_of(part, texts, by, [x in (*PERIODS, *DAYS) for x in leaves], [x in DAYS for x in leaves])
        leave = set(told.leave)
        if told.totals:
            self.notes.append(Note("totals_among_rows", {"firms": told.totals, "rows": len(leave) - told.of_which}))
        if told.of_which:
            self.notes.append(Note("of_which_rows", {"rows": told.of_which}))
        if told.uneven:
            first = told.uneven[0]
            self.findings.append(
                self._finding(
                    "parts_differ", feed.table, first.field, first.row, label=first.field.label, header=first.text,
                    said=first.stated, parts=first.parts, count=len(told.uneven),
                )
            )  # fmt: skip
        if told.short:
            self.findings.append(
                self._finding(
                    "months_missing", feed.table, row=told.short[0], firms=len(told.short), first=told.short[0], by=by
                )
            )
        if told.alike:
            first_row = min(told.alike)
            self.findings.append(
                self._finding("row_is_sum", feed.table, row=first_row, rows=len(told.alike), first=first_row, by=by)
            )
        for code, rows in (("months_outside", told.outside), ("not_a_tax", told.no_tax), ("rows_are_sums", told.sums)):
            if rows:
                texts_shown = [t or "—" for t in dict.fromkeys(rows.values())][:6]
                choices = [Choice("leave", "rows_left"), Choice("add", "rows_counted")]
                about = "|".join([feed.table.name, *by, *(texts_shown if code == "not_a_tax" else ())])
                if self.asking.ask(code, about, choices, rows=len(rows), said=texts_shown, by=by) != "add":
                    leave |= set(rows)
        return leave

    def _said_added(self, feed: Feed, added: Added) -> None:
        values = {"by": list(added.by), "rows": added.rows, "firms": added.firms, "table": feed.table.label}
        self.notes.append(Note("rows_added", values))
        if added.not_added:
            labels = [f.label for f in added.not_added]
            self.findings.append(self._finding("not_added_over_time", feed.table, labels=labels, by=list(added.by)))

    def _finding(
        self, code: FindingCode, table: Table, f: Field | None = None, row: int | None = None, **values: object
    ) -> Finding:
        return Finding(
            code, "warning", table.name, file=self.path.name, sheet=self.sheet.name, row=row,
            field=None if f is None else f.name, year=self.looked.year if table.yearly else None,
            owner=(f.owner if f is not None else "") or table.owner, values=values,
        )  # fmt: skip

    # ---- units in cells

    def _mixed_units(self, feed: Feed) -> None:
        for t in feed.taken:
            if units := mixed_units(self.rows.body, t):
                told = self._finding(
                    "units_in_cells", feed.table, t.field, header=t.text, label=t.field.label, units=units
                )
                self.findings.append(told)

    # ---- totals

    def _totals(self, feed: Feed) -> None:
        for held in held_against(self.rows, feed):
            f = held.taken.field
            self.findings.append(
                self._finding(
                    "total_differs", feed.table, f, held.row, label=f.label, header=held.taken.text, said=held.stated,
                    read=held.read, unit=held.taken.unit_text or f.unit,
                )
            )  # fmt: skip
        for p in against_parts(self.rows, feed):
            self.findings.append(
                self._finding(
                    "parts_differ", feed.table, p.field, p.row, label=p.field.label, header=p.header, said=p.stated,
                    parts=p.parts, count=p.count,
                )
            )  # fmt: skip

    # ---- what is not taken

    def _not_taken(self, feeds: Sequence[Feed]) -> tuple[str, ...]:
        used = (
            used_columns(feeds)
            | {c for f in feeds for c in f.apart}
            | {f.township for f in feeds if f.township is not None}
        )
        used |= {t.unit_column for f in feeds for t in f.taken if t.unit_column is not None}
        used |= {c for f in feeds for c in f.aside}
        body = self.rows.body
        filled = {c for c in self._span if body[f"c{c}"].null_count() < body.height}
        # Rows that are no records may hold something in a column that no record has.
        return not_taken(self.looked, used, filled)

    def _columns_not_taken(self, lost: tuple[str, ...], feeds: Sequence[Feed]) -> Finding:
        table = feeds[0].table if feeds else TABLES[self.asking.table]
        return Finding(
            "columns_not_taken", "warning", table.name, file=self.path.name, sheet=self.sheet.name,
            value="、".join(lost), owner=table.owner, values={"columns": list(lost), "table": table.label},
        )  # fmt: skip


def _filled_only(rows: Rows, feed: Feed) -> Rows:
    """The rows that say anything of a feed of which one row gives several records."""
    if not feed.only_filled:
        return rows
    figures = [f"c{c}" for t in feed.taken if t.field.kind == "quantity" for c in t.columns]
    filled = rows.body.select(f=~pl.all_horizontal(pl.col(figures).is_null()))["f"]
    numeric = None if rows.numeric is None else rows.numeric.filter(filled)
    return replace(rows, body=rows.body.filter(filled), numeric=numeric)
