"""One table of a sheet, read: from its headers to typed rows, with its notes, findings and questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import polars as pl

from mujun.errors import Place, Problem, problem
from mujun.fields import TABLES, Field, Table, median_of
from mujun.messages import FindingCode
from mujun.numbers import parse_unit
from mujun.records.cell_troubles import SOURCE, WRONG_WIDTH
from mujun.records.cells import blanks_as_null
from mujun.records.finding import Finding
from mujun.records.headers import NOT_TAKEN_QUIETLY, factor_for, squeezed
from mujun.records.readings.blocks import Area
from mujun.records.readings.file_totals import against_parts, held_against, own_total, raw
from mujun.records.readings.marks_found import merge_troubles, width_troubles
from mujun.records.readings.model import BlockRead, ColumnRead, Note, RowRead, Use
from mujun.records.readings.names_say import said_year, scale_said, years_said
from mujun.records.readings.questions import Answers, Asking, Choice, Question, fingerprint
from mujun.records.readings.row_sums import Added, added_up
from mujun.records.readings.rows import Columns, Rows, rows_of
from mujun.records.readings.senses import sense_of
from mujun.records.readings.tables_fed import NoTable, TableHeaders, also_fed, table_of
from mujun.records.readings.taking import (
    PERIODS,
    Chosen,
    Feed,
    Looked,
    Taken,
    chosen,
    column_letters,
    not_taken,
    township_at,
)
from mujun.records.readings.units_said import sayings
from mujun.records.sheets import Sheet
from mujun.records.typed import Part, Records, part_of

MedianOf = Callable[[str, str, int], Decimal | None]
"""The median of a table's field in a year, as it is on record."""


def no_medians(table: str, field: str, year: int) -> Decimal | None:
    """Nothing is on record."""
    return None


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
    """What one table of a sheet gave: typed rows by table, findings, and how it was understood."""

    parts: tuple[Part, ...]
    findings: tuple[Finding, ...]
    block: BlockRead
    totals: int


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
    titles = _texts(sheet, area.titles, area.lo, area.hi) if area.beside else _texts(sheet, area.titles)
    above = _texts(sheet, sheet_titles)
    if tuple(area.titles) == tuple(sheet_titles) and not area.beside:
        titles = []  # the first table of a sheet has the sheet's titles and none of its own
    tables = [TABLES[asked.table]] if asked.table else list(TABLES.values())
    table = table_of(headers, place, [*titles, *above], tables)
    if isinstance(table, NoTable):
        return table
    mark = fingerprint(table.name, area.header.paths[area.lo : area.hi], area.header.units[area.lo : area.hi])
    asking = Asking(asked.answers, table.name, sheet.name, int(sheet.rows[area.header.first]), mark)
    years = _years_in_headers(area, table)
    year = _year(sheet, [*titles], above, years, path, place, asked.year)
    has_year = "year" in headers.fields(table)
    unknown = year if isinstance(year, Problem) and table.yearly and not has_year else None
    year = None if isinstance(year, Problem) else year
    looked = Looked(area.header, area.lo, area.hi, year, sayings(titles, above, (), sheet.name, path.stem), place)
    first = chosen(looked, table, _silent(asking))
    if isinstance(first, Problem):
        return first
    if unknown is not None:
        return unknown
    rows = rows_of(sheet, area, _columns(looked, first.feeds[0]))
    notes_below = [o.text for o in rows.others if o.role == "note"]
    looked = replace(looked, sayings=sayings(titles, above, notes_below, sheet.name, path.stem))
    feeds = _feeds(looked, headers, table, asking, alone=asked.table is not None)
    if isinstance(feeds, Problem):
        return feeds
    rows = _with_all(rows, sheet, area, looked, feeds)
    return _Reader(sheet, area, rows, looked, path, asked, asking, [*titles, *above]).read(feeds)


def _silent(asking: Asking) -> Asking:
    """Asks nobody: for a first look, before the rows are known."""
    return Asking(asking.answers, asking.table, asking.sheet, asking.row, asking.fingerprint)


def _texts(sheet: Sheet, rows: Sequence[int], lo: int = 0, hi: int | None = None) -> list[str]:
    return [t for r in rows for t in dict.fromkeys(sheet.texts(r)[lo:hi]) if t]


# ------------------------------------------------------------------------------------------------------------- the year


def _years_in_headers(area: Area, table: Table) -> list[int]:
    years: set[int] = set()
    for path in area.header.paths[area.lo : area.hi]:
        sense = sense_of(path, table.name) if path else None
        if sense is not None and sense.header is not None:
            years |= {int(w.which) for w in sense.words if w.kind == "year"}
    return sorted(years)


def _year(
    sheet: Sheet,
    titles: list[str],
    above: list[str],
    in_headers: list[int],
    path: Path,
    place: Place,
    asked: int | None,
) -> int | Problem | None:
    """The data year that headers, titles, sheet name, file name or else the folder speak of."""
    if asked is not None:
        return asked
    own_years = in_headers if len(in_headers) == 1 else []
    sources = [
        own_years,
        years_said(titles) or years_said(above),
        years_said([sheet.name or ""]),
        years_said([path.stem]),
    ]
    every = sorted({y for years in sources for y in years})
    if len(every) > 1:
        # 2022年度 before 2023年报送: the stronger word of all sources together.
        strong = years_said([*(titles or above), sheet.name or "", path.stem])
        if len(strong) == 1 and own_years in ([], strong):
            return strong[0]
        return problem("year_unclear", place, years=every)
    if every:
        return every[0]
    folder = said_year(path.absolute().parent.name)
    return folder if folder is not None else problem("year_unknown", place)


# ------------------------------------------------------------------------------------------------------------ the feeds


def _columns(looked: Looked, feed: Feed) -> Columns:
    """Which columns are what, for telling records from other rows."""
    by_field = feed.by_field
    keys = [k for k in (*feed.table.key, "name") if k != "year" and k in by_field]
    key = by_field[keys[0]]
    name = by_field.get("name")
    return Columns(
        key.index,
        keys[0] == "credit_code",
        None if name is None else name.index,
        tuple(sorted({c for t in feed.taken for c in t.columns})),
        _figure_columns(looked),
        looked.header.paths[key.index][-1],
    )


def _figure_columns(looked: Looked) -> frozenset[int]:
    """The columns that hold figures of any table: a merged one is never copied."""
    columns = set()
    for c in range(looked.lo, looked.hi):
        path = looked.header.paths[c]
        senses = (sense_of(path, name) for name in TABLES) if path else ()
        if any(s.header is not None and s.header.field.kind == "quantity" for s in senses):
            columns.add(c)
    return frozenset(columns)


def _feeds(looked: Looked, headers: TableHeaders, table: Table, asking: Asking, *, alone: bool) -> list[Feed] | Problem:
    """What the columns give to the first table, and to others whose figures stand beside."""
    first = chosen(looked, table, asking)
    if isinstance(first, Problem):
        return first
    feeds = _of_ground(first, looked, asking)
    if alone:
        return [replace(f, township=township_at(looked, f)) for f in feeds]
    used = _used(feeds) | first.aside
    for other in also_fed(headers, table, frozenset(used)):
        more = chosen(looked, other, asking, without=frozenset(used))
        if isinstance(more, Problem):
            return more
        beside = [f for f in _of_ground(more, looked, asking) if any(t.field.kind == "quantity" for t in f.taken)]
        feeds += beside
        used |= {c for f in beside for t in f.taken if t.field.kind == "quantity" for c in (*t.columns, *t.parts)}
    return [replace(f, township=township_at(looked, f)) for f in feeds]


def _used(feeds: Sequence[Feed]) -> set[int]:
    return {c for f in feeds for t in f.taken for c in (*t.columns, *t.parts)}


def _of_ground(feeds_chosen: Chosen, looked: Looked, asking: Asking) -> list[Feed]:
    """Of land, what ground it is, where no column says so: asked, once for the layout."""
    feeds: list[Feed] = []
    for feed in feeds_chosen.feeds:
        by_field = feed.by_field
        if feed.table.name != "land" or "tenure" in by_field or "tenure" in feed.constants or "area_mu" not in by_field:
            feeds.append(feed)
            continue
        header = by_field["area_mu"].text
        choices = [Choice(t, "tenure", {"tenure": t}) for t in ("自有", "租入")] + [Choice("none", "not_this")]
        answer = asking.ask("tenure_unsaid", "tenure", choices, header=header)
        if answer in ("自有", "租入"):
            feeds.append(replace(feed, constants={**feed.constants, "tenure": answer}))
        elif answer is None:
            feeds.append(feed)
    return feeds


def _with_all(rows: Rows, sheet: Sheet, area: Area, looked: Looked, feeds: Sequence[Feed]) -> Rows:
    """The rows again, where a second look took more columns than the first."""
    if not feeds:
        return rows
    columns = _columns(looked, feeds[0])
    every = tuple(sorted(_used(feeds)))
    return rows if every == columns.used else rows_of(sheet, area, replace(columns, used=every))


# ------------------------------------------------------------------------------------------------------------- the rows

_UNITS: dict[str, tuple[str, ...]] = {
    "money": ("元", "千元", "万元", "百万元", "亿元"),
    "area": ("㎡", "亩", "公顷"),
    "power": ("千瓦时", "万千瓦时"),
    "volume": ("立方米", "万立方米"),
    "mass": ("千克", "吨", "万吨"),
    "energy": ("千克标煤", "吨标煤", "万吨标煤"),
    "energy_calorific": ("千克标煤", "吨标煤", "万吨标煤"),
    "heat": ("吉焦", "万吉焦"),
}
"""Units that offices write figures of a kind in: the choices where none is said."""


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
                columns = self.sheet.marks.counts[self.area.first - 1]
                return problem(
                    "header_of_wrong_width", self.looked.place, columns=columns, rows=part.typed.height, wrong=wrong
                )
            again = self._plausible(feed, part)
            if again is not feed:
                part = self._part(again)
            parts.append(self._summed(again, part))
            measured.append(again)
            self._totals(again)
        lost = self._not_taken(measured)
        if lost:
            self.findings.append(self._columns_not_taken(lost, measured))
        block = self._block(measured, lost)
        totals = sum(o.role in ("total", "part_total") for o in self.rows.others)
        if block.waits:
            return AreaRead((), (), block, totals)
        return AreaRead(tuple(parts), tuple(self.findings), block, totals)

    # ---- typed rows

    def _part(self, feed: Feed) -> Part:
        rows = _filled_only(self.rows, feed)
        results = (merge_troubles(self.sheet, rows, feed), width_troubles(self.sheet, self.area, rows, feed))
        troubles = [t for t in results if t is not None]
        leaves = {
            c: squeezed(self.looked.header.paths[c][-1]) if self.looked.header.paths[c] else "" for c in self._span
        }
        source = tuple(f"c{c}" for s in SOURCE for c, leaf in leaves.items() if leaf == squeezed(s))
        used = (
            _used([feed])
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
        summed, added = added_up(part, texts, by, over_time=over_time)
        if added is not None:
            self._said_added(feed, added)
        return summed

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

    # ---- units that nothing says

    def _plausible(self, feed: Feed, part: Part) -> Feed:
        """The feed with the unit that somebody named, where none is said and the figures do not look like the usual."""
        taken = []
        for t in feed.taken:
            if t.field.kind == "quantity" and t.unit_from == "dictionary" and t.field.unit:
                taken.append(self._unit_of(t, feed, part))
            else:
                taken.append(t)
        return (
            feed if all(a is b for a, b in zip(taken, feed.taken, strict=True)) else replace(feed, taken=tuple(taken))
        )

    def _unit_of(self, t: Taken, feed: Feed, part: Part) -> Taken:
        f = t.field
        if len(f.measured_in.dimensions) != 1 or f.measured_in.dimensions[0][0] not in _UNITS:
            return t
        values = _per_firm(feed, part, f)
        median = median_of(values)
        last = self._last_year(feed.table, f, part) if median is not None else None
        if median is None or _usual_median(f, median, last):
            return t
        choices: list[Choice] = []
        fitting: list[str] = []
        for text in _UNITS[f.measured_in.dimensions[0][0]]:
            factor = factor_for(f, parse_unit(text))
            if factor is not None:
                likely = Decimal((median * factor.numerator) / factor.denominator)
                choices.append(Choice(text, "unit_means", {"unit": text, "median": _short(likely), "own": f.unit}))
                fitting += [text] if _usual_median(f, likely, last) else []
        answer = self.asking.ask(
            "unit_unsaid", f.name, choices, fitting, header=t.text, label=f.label, median=_short(median), unit=f.unit,
            usual=_usual(f, last),
        )  # fmt: skip
        if answer is None:
            return t
        return replace(t, unit=parse_unit(answer), unit_text=answer, unit_from="answer")

    def _last_year(self, table: Table, f: Field, part: Part) -> Decimal | None:
        """The median of the year before, where all rows are of one year."""
        years = part.typed["year"].drop_nulls().unique().to_list() if table.yearly else []
        return self.asked.last(table.name, f.name, int(years[0]) - 1) if len(years) == 1 else None

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
            _used(feeds) | {c for f in feeds for c in f.apart} | {f.township for f in feeds if f.township is not None}
        )
        used |= {t.unit_column for f in feeds for t in f.taken if t.unit_column is not None}
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

    # ---- how it was understood

    def _block(self, feeds: Sequence[Feed], lost: tuple[str, ...]) -> BlockRead:
        rows, sheet = self.rows, self.sheet
        header = self.area.header
        keys = [f.by_field["credit_code"].index for f in feeds if "credit_code" in f.by_field]
        numbers = rows.body["_row"]
        positions = rows.body["_i"]
        hidden = (
            [int(n) for n, i in zip(numbers, positions, strict=True) if i in sheet.marks.hidden_rows]
            if sheet.marks.hidden_rows
            else []
        )
        struck_at = {i for i, _ in sheet.marks.struck}
        struck = [int(n) for n, i in zip(numbers, positions, strict=True) if i in struck_at] if struck_at else []
        others = [RowRead(int(sheet.rows[r]), "title", " ".join(_texts(sheet, [r]))[:120]) for r in self.area.titles]
        others += [RowRead(o.row, o.role, o.text) for o in rows.others]
        return BlockRead(
            sheet.name,
            tuple(dict.fromkeys(f.table.name for f in feeds)) or (self.asking.table,),
            (int(sheet.rows[header.first]), int(sheet.rows[header.first + header.depth - 1])),
            self.looked.year,
            tuple(self._column(c, feeds) for c in self._span if self.looked.header.paths[c] or f"c{c}" in lost),
            tuple(others),
            rows.body.height,
            rows.body[f"c{keys[0]}"].drop_nulls().n_unique() if keys else rows.body.height,
            tuple(self._notes(feeds)),
            tuple(self.asking.asked),
            tuple(hidden),
            tuple(struck),
        )

    def _notes(self, feeds: Sequence[Feed]) -> Iterator[Note]:
        yield from self.notes
        for f in feeds:
            for t in f.taken:
                if t.kind is not None and len(t.columns) > 1:
                    yield Note("columns_added", {"label": t.field.label, "header": t.text, "count": len(t.columns)})
        asked = {q.values.get("label") for q in self.asking.asked if q.code == "unit_unsaid" and q.answer is None}
        assumed = [
            t for f in feeds for t in f.taken
            if t.unit_from == "dictionary" and t.field.unit not in ("", "人") and t.field.label not in asked
        ]  # fmt: skip
        if assumed:
            assumed_units = [f"{t.field.label}（{t.field.unit}）" for t in assumed]
            yield Note("units_assumed", {"labels": assumed_units})

    def _column(self, c: int, feeds: Sequence[Feed]) -> ColumnRead:
        texts = self.rows.body.select(t=blanks_as_null(pl.col(f"c{c}")))["t"]
        filled = texts.drop_nulls()
        use, taken, feed = _use_of(c, feeds)
        figure = taken is not None and taken.field.kind == "quantity"
        values = raw(texts) if figure else None
        unit = ""
        if taken is not None and figure:
            unit = taken.unit_text or taken.field.unit
        return ColumnRead(
            column_letters(c + 1), self.looked.header.text(c), use,
            "" if feed is None else feed.table.name,
            "" if taken is None else taken.field.name,
            "" if taken is None else taken.field.label,
            unit, taken.unit_from if taken is not None and figure and taken.field.unit else None,
            tuple(str(t) for t in filled.head(3)),
            len(filled), texts.null_count(),
            Decimal(values.sum() or 0) if values is not None and values.null_count() < len(values) else None,
            own_total(self.rows, c) if figure else None,
        )  # fmt: skip


def _filled_only(rows: Rows, feed: Feed) -> Rows:
    """The rows that say anything of a feed of which one row gives several records."""
    if not feed.only_filled:
        return rows
    figures = [f"c{c}" for t in feed.taken if t.field.kind == "quantity" for c in t.columns]
    filled = rows.body.select(f=~pl.all_horizontal(pl.col(figures).is_null()))["f"]
    numeric = None if rows.numeric is None else rows.numeric.filter(filled)
    return replace(rows, body=rows.body.filter(filled), numeric=numeric)


def _use_of(c: int, feeds: Sequence[Feed]) -> tuple[Use, Taken | None, Feed | None]:
    for f in feeds:
        for t in f.taken:
            if c in t.columns:
                return "field" if len(t.columns) == 1 else "added", t, f
        for t in f.taken:
            if c in t.parts:
                return "checked", t, f
            if c == t.unit_column:
                return "unit", None, f
        if c in f.apart:
            return "apart", None, f
        if c == f.township:
            return "township", None, f
    return "not_taken", None, None


def _per_firm(feed: Feed, part: Part, f: Field) -> pl.Series:
    """A figure's values, one for each firm where rows of a firm add up."""
    if not feed.apart or "credit_code" not in part.typed.columns:
        return part.typed[f.name]
    sums = part.typed.select("credit_code", f.name).drop_nulls().group_by("credit_code").agg(pl.col(f.name).sum())
    return sums[f.name]


def _short(value: Decimal) -> Decimal:
    """Four significant digits: a median is told, not computed with."""
    return Decimal(f"{value:.4g}") if value else Decimal(0)


def _usual_median(f: Field, median: Decimal, last: Decimal | None) -> bool:
    """Whether a median is what such figures have, and near last year's where that is known."""
    plausible = f.plausible is None or median in f.plausible
    return plausible and (last is None or last / 10 < median < last * 10)


def _usual(f: Field, last: Decimal | None) -> str:
    if last is not None:
        return f"≈{_short(last).normalize():f}"
    return "" if f.plausible is None else f"{f.plausible.low}–{f.plausible.high}"


def open_questions(blocks: Sequence[BlockRead]) -> tuple[Question, ...]:
    """The questions of several tables that wait, each once."""
    return tuple({q.id: q for b in blocks for q in b.questions if q.answer is None}.values())
