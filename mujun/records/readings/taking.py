"""From headers to the columns that are taken: which fields they feed, in which unit, and what has to be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from fractions import Fraction

from mujun.dataclass import dataclass
from mujun.errors import Place, Problem, problem
from mujun.fields import Field, Table
from mujun.numbers import NO_UNIT, Unit
from mujun.records.headers import NOT_TAKEN_QUIETLY, Header, as_unit, factor_for, meaning, squeezed
from mujun.records.readings.apart import apart_at
from mujun.records.readings.counting import Counted, counted
from mujun.records.readings.grounds import BY_ROW, grounds_of
from mujun.records.readings.header_rows import HeaderRows
from mujun.records.readings.questions import Asking, Choice
from mujun.records.readings.senses import Sense, clean, sense_of, unit_apart
from mujun.records.readings.sub_words import ELSEWHEN, Word, WordKind, word_of
from mujun.records.readings.units_said import Sayings, UnitSource
from mujun.writing.cell_names import column_letters


@dataclass(frozen=True)
class Taken:
    """A field and the columns that feed it.

    Attributes:
        field: the field.
        columns: positions of the columns; several are added up.
        text: the header as the file has it, groups before a slash.
        unit: the unit its figures are in; `None` where none is said, and for texts.
        unit_text: the unit as it is written.
        unit_from: where the unit comes from.
        unit_column: a column that says the unit row by row.
        kind: of several columns, what they are parts by.
        parts: columns whose sum is held against the figure.
        year: the year that the header names.
        borrowed: whether the column is named for another field (取得方式 beside 权属): of its words only those count
            that this field has, the others are left as any column that is not taken.
    """

    field: Field
    columns: tuple[int, ...]
    text: str
    unit: Unit | None = None
    unit_text: str = ""
    unit_from: UnitSource = "dictionary"
    unit_column: int | None = None
    kind: WordKind | None = None
    parts: tuple[int, ...] = ()
    year: int | None = None
    borrowed: bool = False

    @property
    def index(self) -> int:
        """The first of its columns."""
        return self.columns[0]

    @property
    def factor(self) -> Fraction | None:
        """What turns a figure of these columns into the dictionary's unit; `None` where the unit cannot be right."""
        if self.field.kind != "quantity" or self.unit is None:
            return Fraction(1)
        return factor_for(self.field, self.unit)


@dataclass(frozen=True)
class Feed:
    """What a table on a sheet gives to one table of the dictionary.

    Attributes:
        table: the table.
        taken: its fields and their columns, from the left.
        constants: fields whose value the headers say for all rows: 权属 of a column 租入.
        township: a column that says in which township each firm is, in a table that has no such field: it helps to
            tell whose a row without a code is.
        apart: columns that tell rows of one firm apart: 户号, 月份, 税种.
        only_filled: whether rows without any of its figures say nothing: one row gives several records.
        aside: columns that were understood beside a figure that counts, and are none of this year or a part of it.
    """

    table: Table
    taken: tuple[Taken, ...]
    constants: Mapping[str, str] = field(default_factory=dict)
    township: int | None = None
    apart: tuple[int, ...] = ()
    only_filled: bool = False
    aside: frozenset[int] = frozenset()

    @property
    def by_field(self) -> dict[str, Taken]:
        """The columns by the name of their field."""
        return {t.field.name: t for t in self.taken}


def plain_feed(table: Table, headers: Sequence[Header], township: int | None = None) -> Feed:
    """A feed of columns whose meaning is known beforehand: a workbook of mujun's own, rows kept out before."""
    taken = tuple(
        Taken(h.field, (h.index,), h.text, h.unit, h.unit_text, "header" if h.unit is not None else "dictionary")
        for h in headers
    )
    return Feed(table, taken, township=township)


@dataclass(frozen=True)
class Looked:
    """What there is to look at when the columns of a table are chosen."""

    header: HeaderRows
    lo: int
    hi: int
    year: int | None
    sayings: Sayings
    place: Place


@dataclass(frozen=True)
class Chosen:
    """The feeds of one table of the dictionary, and the columns that are no figure of this year or parts left aside."""

    feeds: tuple[Feed, ...]
    aside: frozenset[int] = frozenset()


def chosen(looked: Looked, table: Table, asking: Asking, without: frozenset[int] = frozenset()) -> Chosen | Problem:
    """Which columns feed which fields of a table.

    Args:
        looked: the header and what stands around it.
        table: the table.
        asking: takes the questions.
        without: columns that another table has already.

    Returns:
        The feeds; or what cannot be right about the headers.
    """
    senses = {
        c: sense_of(looked.header.paths[c], table.name) for c in range(looked.lo, looked.hi) if looked.header.paths[c]
    }
    grounds = grounds_of(table, senses, looked.header, asking)
    if not grounds:
        return _one_feed(table, senses, looked, asking, without)
    feeds: list[Feed] = []
    aside: set[int] = set()
    for tenure, mine in grounds.items():
        one = _one_feed(table, mine, looked, asking, without)
        if isinstance(one, Problem):
            return one
        constants = {} if tenure == BY_ROW else {"tenure": tenure}
        feeds += [replace(f, constants=constants, only_filled=True) for f in one.feeds]
        aside |= one.aside
    return Chosen(tuple(feeds), frozenset(aside))


def _one_feed(
    table: Table, senses: Mapping[int, Sense], looked: Looked, asking: Asking, without: frozenset[int]
) -> Chosen | Problem:
    """The columns of one feed."""
    taken: list[Taken] = []
    aside: set[int] = set()
    for f in table.fields:
        if f.kind != "quantity":
            columns = _text_column(f, senses, table, looked, (f.name not in _SHARED and without) or frozenset())
            if isinstance(columns, Problem):
                return columns
            taken += columns
            continue
        mine = _figure(f, senses, looked, asking, without)
        if isinstance(mine, Problem):
            return mine
        taken += mine[0]
        aside |= mine[1]
    measured = [_measured(t, taken, looked, asking, senses) for t in taken]
    wrong = next((t for t in measured if t.factor is None), None)
    if wrong is not None:
        return problem(
            "unit_does_not_fit", looked.place, header=wrong.text, label=wrong.field.label, unit=wrong.field.unit or "1"
        )
    ordered = tuple(sorted(measured, key=lambda t: t.index))
    counting = {t.field.name for t in ordered}
    known = frozenset(
        c for c in aside if (h := senses[c].header) is not None and h.field.name in counting and not senses[c].doubtful
    )
    apart = apart_at(looked.header.paths, looked.lo, looked.hi, {c for t in ordered for c in t.columns})
    return Chosen((Feed(table, ordered, apart=apart, aside=known),), frozenset(aside))


_SHARED = ("year", "credit_code", "name")
"""Fields of nearly every table: they do not tell tables apart, and feed each of them."""


def _text_column(
    f: Field, senses: Mapping[int, Sense], table: Table, looked: Looked, without: frozenset[int]
) -> list[Taken] | Problem:
    """The column of a field that is no figure."""
    same = {c: s.header for c, s in senses.items() if s.header is not None and s.header.field.name == f.name}
    same = {c: h for c, h in same.items() if c not in without}
    if len(same) > 1 and sum(h.exact for h in same.values()) == 1:
        same = {c: h for c, h in same.items() if h.exact}
    if not same and f.told_by:
        return _borrowed(f, senses, looked, without)
    if len(same) > 1:
        texts = [looked.header.text(c) for c in same]
        return problem("column_twice", looked.place, label=f.label, headers=texts)
    return [Taken(f, (c,), looked.header.text(c), year=h.year) for c, h in same.items()]


def _borrowed(f: Field, senses: Mapping[int, Sense], looked: Looked, without: frozenset[int]) -> list[Taken]:
    """The one column that reads as the field which tells this one, and is not it: 取得方式 beside 权属."""
    alike = {
        c: s.header.exact
        for c, s in senses.items()
        if s.header is not None and s.header.field.name == f.told_by and c not in without
    }
    if sorted(alike.values()) != [False, True]:
        return []
    return [Taken(f, (c,), looked.header.text(c), borrowed=True) for c, exact in alike.items() if not exact]


# ---------------------------------------------------------------------------------------------------------- the figures


def _figure(
    f: Field, senses: Mapping[int, Sense], looked: Looked, asking: Asking, without: frozenset[int]
) -> tuple[list[Taken], set[int]] | Problem:
    """The columns of a figure, as far as they count, and those left aside."""
    candidates: dict[int, tuple[Header, tuple[Word, ...]]] = {}
    for c, s in senses.items():
        if c in without:
            continue
        if s.header is not None and s.header.field.name == f.name and not _doubted(s, f, c, looked, asking):
            candidates[c] = (s.header, s.words)
        elif s.own_field is not None and s.own_field.field.name == f.name:
            candidates[c] = (s.own_field, ())
    if not candidates:
        return [], set()
    plain = [c for c, (_, words) in candidates.items() if not words]
    exact = [c for c in plain if candidates[c][0].exact]
    left_out = [c for c in plain if c not in exact] if len(plain) > 1 and len(exact) == 1 else []
    columns = [(c, words) for c, (_, words) in candidates.items() if c not in left_out]
    result = counted(columns, looked.year)
    texts = [looked.header.text(c) for c in candidates]
    if result.doubt == "years" or (result.doubt == "several_totals" and len(plain) > 1):
        return problem("column_twice", looked.place, label=f.label, headers=texts)
    if result.doubt is not None:
        result = _asked(result, f, looked, asking)
    elif not result.count and _all_dated(columns):
        return problem("year_of_column", looked.place, headers=texts, year=looked.year)
    aside = {c for c in candidates if c not in (*result.count, *result.parts, *left_out)}
    if not result.count:
        return [], aside
    headers = [candidates[c][0] for c in result.count]
    units = {h.unit for h in headers}
    if len(units) > 1:
        return problem("unit_does_not_fit", looked.place, header=texts, label=f.label, unit=f.unit or "1")
    years = [int(w.which) for c in result.count for w in candidates[c][1] if w.kind == "year"]
    first = headers[0]
    alike = all(candidates[c][0].unit in (None, first.unit) for c in result.parts)
    text = (
        "、".join(looked.header.text(c) for c in result.count)
        if len(result.count) < 4
        else (f"{looked.header.text(result.count[0])} … {looked.header.text(result.count[-1])}")
    )
    return [
        Taken(
            f, result.count, text, first.unit, first.unit_text, "header" if first.unit is not None else "dictionary",
            kind=result.kind, parts=result.parts if alike else (), year=years[0] if years else first.year,
        )
    ], aside  # fmt: skip


def _all_dated(columns: Sequence[tuple[int, tuple[Word, ...]]]) -> bool:
    return all(any(w.kind == "year" for w in words) for _, words in columns)


def _doubted(sense: Sense, f: Field, column: int, looked: Looked, asking: Asking) -> bool:
    """Whether a column of which it is not sure that it means the field is left out, or nobody has said."""
    if not sense.doubtful:
        return False
    text = looked.header.text(column)
    choices = (Choice("take", "take_as", {"label": f.label}), Choice("none", "not_this"))
    return asking.ask("column_meaning", f"{f.name}|{squeezed(text)}", choices, header=text, label=f.label) != "take"


def _asked(result: Counted, f: Field, looked: Looked, asking: Asking) -> Counted:
    """A figure of which it is not clear which columns count, as somebody answered; nothing counts until then."""
    choices = []
    for key, columns in result.choices.items():
        texts = [looked.header.text(c) for c in columns]
        code = "no_column" if not columns else "this_column" if len(columns) == 1 else "sum_of"
        choices.append(Choice(key, code, {"headers": texts, "label": f.label}))
    texts = [looked.header.text(c) for c in result.aside]
    answer = asking.ask(str(result.doubt), f.name, choices, label=f.label, headers=texts)
    if answer is None:
        return Counted(aside=result.aside)
    return Counted(result.choices[answer], kind="other" if len(result.choices[answer]) > 1 else None)


# ------------------------------------------------------------------------------------------------------------ the units


def _measured(t: Taken, others: Sequence[Taken], looked: Looked, asking: Asking, senses: Mapping[int, Sense]) -> Taken:
    """A figure's columns with their unit, by the order in which sayings go: the nearest first."""
    f = t.field
    if f.kind != "quantity":
        return t
    in_path = _units_in_path(t, looked)
    if len(in_path) > 1:
        return _unit_asked(t, [(u, text, "header") for u, text in in_path.items()], asking)
    row_text = looked.header.units[t.index]
    row = as_unit(row_text) if row_text else None
    if t.unit is not None and row is not None and row != t.unit:
        return _unit_asked(t, [(t.unit, t.unit_text, "header"), (row, row_text, "unit_row")], asking)
    if row is not None:
        return replace(t, unit=row, unit_text=row_text, unit_from="unit_row")
    about = looked.sayings.about(f)
    if t.unit is not None:
        if about and not _borne_out(t, others, looked):
            options: list[tuple[Unit, str, UnitSource]] = [(t.unit, t.unit_text, "header")]
            return _unit_asked(t, [*options, *((s.unit, s.text, s.source) for s in about)], asking)
        return t
    column = _unit_column(t, others, looked)
    if column is not None:
        return replace(t, unit_column=column, unit_from="unit_column")
    if len(about) == 1:
        return replace(t, unit=about[0].unit, unit_text=about[0].text, unit_from=about[0].source)
    if about:
        return _unit_asked(t, [(s.unit, s.text, s.source) for s in about], asking)
    return t


def _units_in_path(t: Taken, looked: Looked) -> dict[Unit, str]:
    """The units that a figure's groups and headers say: 万元 over 元 contradict each other."""
    units: dict[Unit, str] = {}
    for piece in (p for c in t.columns for p in looked.header.paths[c]):
        unit = unit_apart(clean(piece))[1]
        if unit is not None and unit[0] != NO_UNIT and factor_for(t.field, unit[0]) is not None:
            units.setdefault(*unit)
    return units


def _borne_out(t: Taken, others: Sequence[Taken], looked: Looked) -> bool:
    """Whether what titles and notes say of units holds for some column of the kind: a header may differ from them."""
    stated = {s.unit for s in looked.sayings.about(t.field)}
    kindred = [o for o in others if o.field.kind == "quantity" and t.unit is not None and _kindred(o, t)]
    return any(o.unit is None or o.unit in stated for o in kindred)


def _kindred(o: Taken, t: Taken) -> bool:
    return o.field.measured_in.dimensions == t.field.measured_in.dimensions


def _unit_asked(t: Taken, options: Sequence[tuple[Unit, str, UnitSource]], asking: Asking) -> Taken:
    """A contradiction about a unit, as somebody answered; the dictionary's stands in until then, and nothing counts."""
    distinct = {unit: (text, source) for unit, text, source in reversed(options)}
    ordered = [(u, *distinct[u]) for u in dict.fromkeys(u for u, _, _ in options)]
    choices = [Choice(text, "unit", {"unit": text, "source": source}) for _, text, source in ordered]
    unit_texts = [text for _, text, _ in ordered]
    answer = asking.ask("unit_differs", t.field.name, choices, header=t.text, label=t.field.label, units=unit_texts)
    for unit, text, _ in ordered:
        if text == answer:
            return replace(t, unit=unit, unit_text=text, unit_from="answer")
    return t


_UNIT_COLUMNS = frozenset(("计量单位", "单位", "金额单位", "数量单位", "面积单位"))


def _unit_column(t: Taken, others: Sequence[Taken], looked: Looked) -> int | None:
    """The column that says the figure's unit row by row: the nearest one headed 计量单位."""
    used = {c for o in others for c in o.columns}
    at = [
        c for c in range(looked.lo, looked.hi)
        if c not in used and looked.header.paths[c] and squeezed(looked.header.paths[c][-1]) in _UNIT_COLUMNS
    ]  # fmt: skip
    return min(at, key=lambda c: (abs(c - t.index), c)) if at else None


def township_at(looked: Looked, feed: Feed) -> int | None:
    """The only column whose header means the township, where the table itself has no such field."""
    if "township" in feed.table.by_name:
        return None
    used = {c for t in feed.taken for c in t.columns}
    at = [
        c for c in range(looked.lo, looked.hi)
        if c not in used and looked.header.paths[c] and _means_township(looked.header.paths[c][-1])
    ]  # fmt: skip
    return at[0] if len(at) == 1 else None


def _means_township(name: str) -> bool:
    header = meaning(name, "enterprises")
    return header is not None and header.field.name == "township"


def words_beside(looked: Looked, feeds: Sequence[Feed]) -> frozenset[int]:
    """Columns named by nothing but a word, beside a figure that counts: 上年同期, 增幅; 增值税 beside 税收合计."""
    fields = {t.field.name for f in feeds for t in f.taken if t.field.kind == "quantity"}
    used = {c for f in feeds for t in f.taken for c in (*t.columns, *t.parts)}
    kinds = (*(ELSEWHEN if fields else ()), *(("tax", "office") if "tax_paid" in fields else ()))
    beside = []
    for c in range(looked.lo, looked.hi):
        words = [word_of(unit_apart(clean(p))[0]) for p in looked.header.paths[c]]
        if words and c not in used and all(w is not None and w.kind in kinds for w in words):
            beside.append(c)
    return frozenset(beside)


def not_taken(looked: Looked, used: set[int], filled: set[int]) -> tuple[str, ...]:
    """The headers of columns that hold something and are not taken."""
    lost = []
    for c in range(looked.lo, looked.hi):
        path = looked.header.paths[c]
        if c in used or c not in filled or (path and squeezed(path[-1]) in (*NOT_TAKEN_QUIETLY, *_UNIT_COLUMNS)):
            continue
        lost.append(" / ".join(path) or f"{column_letters(c)}?")
    return tuple(lost)
