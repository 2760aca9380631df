"""The township's workbook: what is on record about each firm, locked, and what is to be seen on site, to fill in.

Sheet protection is without a password: it keeps a hand from slipping, not a will from changing. What was given is
kept in the store under the workbook's mark, and that is what a returned workbook is held against.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import TABLES, Field
from mujun.messages import show
from mujun.numbers import at12, divided, round_decimal
from mujun.records.surveys import PROBLEMS
from mujun.reports.departments.template import GUIDE, heading
from mujun.reports.drawing.form_workbook import write_forms
from mujun.reports.drawing.forms import (
    DAY,
    QUANTITY,
    TEXT,
    Cell,
    Entry,
    Form,
    FormColumn,
    Look,
    Paper,
    Row,
    row_of,
)
from mujun.reports.drawing.labels import Heading, header_row, headings
from mujun.reports.drawing.terminal import width
from mujun.reports.rectification.problem_sheets import SHEET as PROBLEM_SHEET
from mujun.reports.rectification.problem_sheets import problem_forms
from mujun.rules import RuleSet

SHEET, WAITING = "现场核查", "名录待修复"
HEADER = 3
"""Position of the header row, counted from 0."""

KEY, NAME = "统一社会信用代码", "企业名称"
NET_LAND = "实际用地（亩）"
HITS = "符合的整治条件"
"""The last column that is looked at on site; those to fill in follow, then the other figures, which are not printed."""

ASKED: tuple[str, ...] = (
    "surveyed_mu", "operation", *PROBLEMS, "proposed_path", "remark", "verified_by", "verified_on",
)  # fmt: skip
"""The fields of `surveys` that are filled in on site, in the order of the sheet."""


@dataclass(frozen=True)
class Surveyed:
    """What a survey sheet is about.

    Attributes:
        table: the table that the visits become.
        sheet: the sheet's name.
        key, name: the headers of what tells lines apart, and of what it is called.
        asked: the fields that are filled in on site, in order.
        looked_at: the header of the last given column before them; the given ones behind are not printed.
        legend: the line that says what the colours mean.
    """

    table: str
    sheet: str
    key: str
    name: str
    asked: tuple[str, ...]
    looked_at: str
    legend: str

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that are filled in on site."""
        return tuple(TABLES[self.table].by_name[name] for name in self.asked)

    @property
    def asked_headers(self) -> tuple[str, ...]:
        """The headers of the columns to fill in."""
        return tuple(heading(f) for f in self.fields)

    def headers(self, given: tuple[str, ...]) -> tuple[str, ...]:
        """All headers in order: what is looked at, what is filled in, the other figures."""
        cut = given.index(self.looked_at) + 1
        return (*given[:cut], *self.asked_headers, *given[cut:])

    def given(self, gave: pl.DataFrame) -> pl.DataFrame:
        """What a workbook gave on this sheet, without its sheet of problems."""
        mine = [c for c in gave.columns if not c.startswith(f"{PROBLEM_SHEET}/")]
        return gave.select(mine).filter(pl.col(self.key).is_not_null())


COLOURS_SAID = "灰色为已有数据，不可改动；黄色由镇街现场填写，空着的{what}视为尚未核查。填法见“填表说明”。"
FIRMS = Surveyed("surveys", SHEET, KEY, NAME, ASKED, HITS, COLOURS_SAID.format(what="企业"))

PLACES = 4
"""Decimals of ratios; quantities are given with all they have."""

_FONT = "宋体"
_TEXTS = {
    "credit_code": 21.0, "name": 26.0, "township": 10.0, "hit_text": 40.0, "tier_history": 9.0, "scale": 5.5,
    "tier": 5.5, "parcels": 22.0, "address": 24.0, "park": 10.0, "mark": 9.0, "loop_state": 8.0, "untested": 26.0,
    "legal_person": 8.0, "contact": 8.0, "phone": 13.0,
}  # fmt: skip
_ASKED_WIDTHS = {
    "surveyed_mu": 9.0, "surveyed_area_mu": 9.0, "operation": 9.5, "use_state": 9.5, "proposed_path": 9.5,
    "remark": 24.0, "verified_by": 8.0, "verified_on": 11.0,
}  # fmt: skip


@dataclass(frozen=True)
class Given:
    """A given column: where it comes from, its header, whether its cells are numbers, how wide it is."""

    name: str
    header: str
    number: bool
    width: float


@dataclass(frozen=True)
class Survey:
    """What a survey workbook holds.

    Attributes:
        title: the first line.
        origin: the line that says from what it was made.
        columns: the given columns in order.
        cells: their cells as they are written, a column per header: exact decimals or texts; and `credit_code, name`.
        about: firms or parcels.
    """

    title: str
    origin: str
    columns: tuple[Given, ...]
    cells: pl.DataFrame
    about: Surveyed = FIRMS

    @property
    def headers(self) -> tuple[str, ...]:
        """All headers in order."""
        return self.about.headers(tuple(c.header for c in self.columns))

    @property
    def look(self) -> int:
        """How many given columns come before those to fill in."""
        return [c.header for c in self.columns].index(self.about.looked_at) + 1

    def given(self) -> pl.DataFrame:
        """The given cells as text, by header, with `credit_code, name` of each line: what an issue keeps."""
        texts = {c.header: [_text(v) for v in self.cells[c.name].to_list()] for c in self.columns}
        key = self.cells.select("credit_code", "name").to_dict(as_series=False)
        return pl.DataFrame({**texts, **key}, schema=dict.fromkeys((*texts, *key), pl.String()))


def survey_of(rows: pl.DataFrame, ruleset: RuleSet, *, title: str, origin: str) -> Survey:
    """A survey workbook's content from what `mujun.rectification.screening.screened` gives."""
    rows = rows.drop("hits").with_columns(
        at12(
            divided(
                pl.col(of).cast(pl.Float64), pl.when(pl.col("land_mu") > 0).then(pl.col("land_mu")).cast(pl.Float64)
            )
        ).alias(name)
        for name, of in PER_MU.items()
    )
    known = headings(rows.schema, what="screening", ruleset=ruleset)
    shown = {n: known[n] for n in rows.columns if n not in PER_MU}
    look = [
        *LOOK,
        *(_per_mu(shown, name) for name in PER_MU),
        "energy_tce",
        "tier_history",
        "tier",
        "untested",
        "hit_text",
    ]
    names = [*look, *(n for n in shown if n not in look)]
    labelled = {**known, **{n: replace(known[n], label=label, unit="万元/亩") for n, label in _LABELS.items()}}
    labelled["hit_text"] = replace(known["hit_text"], label=HITS)
    taken = FIRMS.asked_headers
    headers = header_row(labelled[n] for n in names)
    # A rule's indicator may be called what a column to fill in is called.
    headers = [f"{h}（{n}）" if h in taken else h for h, n in zip(headers, names, strict=True)]
    columns = tuple(_column(labelled[n], rows.schema[n], h) for n, h in zip(names, headers, strict=True))
    return Survey(title, origin, columns, cells_of(rows, names))


def cells_of(rows: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
    """The cells of some columns as they are written: exact decimals or texts."""
    return rows.select(
        pl.Series(
            n, [_value(v) for v in rows[n].to_list()], dtype=pl.Object if _is_number(rows.schema[n]) else pl.String
        )
        for n in names
    )


LOOK: tuple[str, ...] = (
    "credit_code", "name", "scale", "mark", "loop_state", "parcels", "address", "park", "legal_person", "contact",
    "phone", "owned_mu", "rented_in_mu", "rented_out_mu", "land_mu",
)  # fmt: skip

PER_MU: dict[str, str] = {"_tax_per_mu": "tax_paid", "_value_added_per_mu": "value_added"}
"""What is shown per mu, and of what, where the rules have no such indicator of their own."""

_LABELS = {"_tax_per_mu": "亩均实缴税金", "_value_added_per_mu": "亩均工业增加值"}
_OWN_LABELS = {"_tax_per_mu": ("亩均税",), "_value_added_per_mu": ("亩均增加值", "亩均工业增加值")}


def _per_mu(known: dict[str, Heading], name: str) -> str:
    """The rules' own indicator of that kind, which the conditions look at; else ours."""
    return next((n for n, h in known.items() if h.label.startswith(_OWN_LABELS[name]) and h.unit), name)


def _is_number(dtype: pl.DataType) -> bool:
    return dtype.is_numeric() or dtype.is_decimal()


def _column(h: Heading, dtype: pl.DataType, header: str) -> Given:
    number = _is_number(dtype)
    unit_below = max(width(part) for part in (h.label, h.unit))
    return Given(
        h.name, header, number, _TEXTS.get(h.name, max(8.0, min(13.0, unit_below * 0.6 + 2)) if number else 9.0)
    )


def _value(value: object) -> object:
    """A cell: quantities exact, ratios at four decimals, lists joined."""
    if isinstance(value, float):
        return round_decimal(Decimal(repr(value)), PLACES)
    if isinstance(value, (list, pl.Series)):
        return "、".join("—" if v is None else str(v) for v in value) or None
    return value


def _text(value: object) -> str | None:
    return None if value is None else show(value)


# -------------------------------------------------------------------------------------------------------------- drawing


def write_survey(
    path: str | Path,
    survey: Survey,
    mark: str,
    waiting: pl.DataFrame | None = None,
    problems: pl.DataFrame | None = None,
) -> Path:
    """Write the workbook of an issue.

    Args:
        path: where to; an existing file is replaced.
        survey: its content.
        mark: the issue's mark.
        waiting: rows of the roll that wait for a repair, see `mujun.workspace.rounds.township_round.WAITING_SCHEMA`;
            they stand on a sheet at the end.
        problems: rows of `problems` with `state` that are open there: their sheets are left out where none are given.

    Returns:
        The path.

    Raises:
        InputError: the file cannot be written.
    """
    more = [_of_the_roll(waiting)] if waiting is not None and waiting.height else []
    of_problems = problem_forms(problems, PROBLEM_SHEET, "") if problems is not None else ()
    return write_forms(path, [_form(survey, mark), *of_problems, *more, _guide(survey.about)], title=survey.title)


def _of_the_roll(waiting: pl.DataFrame) -> Form:
    """Who is to be looked at as well, once the roll is repaired: not filled in here."""
    heads = ("企业名称", "名录上的代码", "镇街", "规模", "待修复的问题", "文件", "工作表", "行")
    waiting_told = (
        f"下列 {waiting.height} 行名录有问题，尚未列入核查表。请先修复名录（mujun identity list），再补发核查表。"
    )
    rows = [Row(tuple(Cell(v, _LOCKED) for v in row)) for row in waiting.iter_rows()]
    top = (row_of((WAITING,), _TITLE, 26), row_of((waiting_told,), _QUIET), row_of(heads, _GIVEN_HEAD))
    return Form(
        WAITING, [FormColumn(w) for w in (28, 22, 10, 6, 60, 24, 12, 6)], (*top, *rows), header=2, body=len(rows),
        fixed=1, locked=("format_columns", "format_rows", "sort", "autofilter"), paper=Paper("A4"),
    )  # fmt: skip


_CELL = Look(font=_FONT, size=10, edged=True, edge="#A6A6A6", valign="vcenter")
_LOCKED = _CELL.but(fill="#F2F2F2", wrapped=True)
_NUMBER = _CELL.but(fill="#F2F2F2", numbers="#,##0.##")
_OPEN = _CELL.but(fill="#FFFBE6", open=True)
_OPEN_TEXT = _OPEN.but(wrapped=True, numbers=TEXT)
_OPEN_LOOKS = {"quantity": _OPEN.but(numbers=QUANTITY), "date": _OPEN.but(numbers=DAY)}
_GIVEN_HEAD = _CELL.but(bold=True, align="center", wrapped=True, fill="#DDEBF7")
_ASKED_HEAD = _GIVEN_HEAD.but(fill="#FFE699")
_TITLE, _QUIET = Look(font="黑体", size=16), Look(font=_FONT, size=10, colour="#595959")


def _form(survey: Survey, mark: str) -> Form:
    cut, lines = survey.look, survey.cells.height
    asked = survey.about.fields
    given = [FormColumn(c.width, codes=not c.number and bool(lines)) for c in survey.columns]
    open_ = [FormColumn(_ASKED_WIDTHS.get(f.name, 7.0), entry=_allowed(f) if lines else None) for f in asked]
    given_heads = [Cell(c.header, _GIVEN_HEAD) for c in survey.columns]
    headers = Row((*given_heads[:cut], *(Cell(heading(f), _ASKED_HEAD) for f in asked), *given_heads[cut:]), 46)
    top = (
        row_of((survey.title,), _TITLE, 26),
        row_of((f"编号：{mark}　{survey.origin}",), _QUIET),
        row_of((survey.about.legend,), _QUIET),
        headers,
    )
    return Form(
        survey.about.sheet,
        [*given[:cut], *open_, *given[cut:]],
        (*top, *_rows(survey)),
        header=HEADER,
        body=lines,
        fixed=2,
        filtered=len(survey.headers),
        locked=("format_columns", "format_rows", "sort", "autofilter"),
        paper=Paper(
            "A3", columns=cut + len(asked), repeated=(True, 2), margins=(0.4, 0.4, 0.5, 0.6),
            footer=f"&L{mark}&C第 &P 页，共 &N 页&R核查人签字：＿＿＿＿＿＿",
        ),
        active=True,
    )  # fmt: skip


def _rows(survey: Survey) -> Iterator[Row]:
    cut = survey.look
    asked = [Cell(None, _OPEN_LOOKS.get(f.kind, _OPEN_TEXT)) for f in survey.about.fields]
    columns = [survey.cells[c.name].to_list() for c in survey.columns]
    long = next(c for c in survey.columns if c.name in ("hit_text", "names"))
    for values, text in zip(zip(*columns, strict=True), survey.cells[long.name].to_list(), strict=True):
        given = [_given(c, value) for c, value in zip(survey.columns, values, strict=True)]
        height = 13.5 * max(2, math.ceil(width(text or "") / (long.width - 3)))
        yield Row((*given[:cut], *asked, *given[cut:]), height)


def _given(column: Given, value: object) -> Cell:
    if value is None:
        return Cell(None, _LOCKED)
    return Cell(float(str(value)), _NUMBER) if column.number else Cell(str(value), _LOCKED)


def _allowed(f: Field) -> Entry:
    """What Excel lets into a cell to fill in."""
    if f.choices:
        return Entry(f.choices, title=f.label, hint="、".join(f.choices))
    if f.kind == "quantity":
        return Entry(least=0, title=f.label, hint=f"填数字，单位{f.unit}")
    if f.kind == "date":
        return Entry(days=(date(2000, 1, 1), date(2100, 12, 31)), title=f.label, hint="填日期，如 2023-05-18")
    return Entry(longest=500, title=f.label, hint="不超过500字")


_LINES = (
    "一、逐家到现场核对。灰色各列是已有数据，不能改；认为有误的，把实际情况填在黄色各列，说明写在“核查说明”。",
    "二、填了任何一格的企业，“核查人”“核查日期”必须填，否则这一家退回。整行空着的视为尚未核查，可以分几次交回。",
    "三、“实测用地”填企业实际使用的土地（自有＋租入－租出），单位为亩；与“实际用地”相差 0.01 亩以上的，按更正处理：",
    "　　只有自有用地的，只有一宗时改为实测面积，有几宗时差额计入面积最大的一宗；",
    "　　有租入或租出的不自动更正，由经信局按各宗、各方核定（mujun correct）。与记录一致的，照填原数或空着都可以。",
    "四、八类问题逐项选“是”或“否”；没有查的空着。选“是”的记入问题隐患治理清单，移交有关部门；是否列入高耗低效清单由规则集另定。",
    "　　“标记”一列写明不属制造业、已注销等情形的，照样核查，但不预填列入意见。",
    "五、“建议整治方式”只对应当整治的企业填，四种方式选一种。",
    "六、已在册的问题列在“问题治理”表，逐行填这次看到的进展；新发现的填“新增问题”表，一个问题一行，写明描述、发现人和日期，",
    "　　佐证文件写文件名、与工作簿放在一起。上面选“是”而没有另外填行的，自动立一个问题。",
    "七、不要增删行、改列名、拆分或合并工作簿；可以排序、筛选、调整列宽。用 Excel、WPS 或 LibreOffice 保存都可以。",
    "八、填好后把整个工作簿交回经信局，由经信局执行 mujun verify 装入；有问题的单元格会逐个指出。",
)


_PARCEL_LINES = (
    "一、逐宗到现场核对。灰色各列是登记和统计的已有数据，不能改；认为有误的，把实际情况写在“核查说明”。",
    "二、填了任何一格的地块，“核查人”“核查日期”必须填，否则这一宗退回。整行空着的视为尚未核查，可以分几次交回。",
    "三、“实测面积”单位为亩；与登记面积相差 0.01 亩以上的，转自然资源局核对权证，登记面积不自动改。",
    "四、八类问题逐项选“是”或“否”；没有查的空着。选“是”的记入问题隐患治理清单，移交有关部门。",
    "五、已在册的问题列在“问题治理”表，逐行填这次看到的进展；新发现的填“新增问题”表，一个问题一行；",
    "　　佐证文件写文件名、与工作簿放在一起。上面选“是”而没有另外填行的，自动立一个问题。",
    "六、“建议整治方式”只对应当整治的地块填，四种方式选一种。",
    "七、不要增删行、改列名、拆分或合并工作簿；可以排序、筛选、调整列宽。用 Excel、WPS 或 LibreOffice 保存都可以。",
    "八、填好后把整个工作簿交回经信局，由经信局执行 mujun verify 装入；有问题的单元格会逐个指出。",
)


_GUIDE_LINE = Look(font=_FONT, size=11, wrapped=True, valign="top")
_GUIDE_HEAD = Look(font=_FONT, size=11, bold=True, edged=True, fill="#FFE699")


def _guide(about: Surveyed) -> Form:
    """The sheet that explains the others; `read_file` passes it over."""
    lines = _LINES if about is FIRMS else _PARCEL_LINES
    rows = [row_of((f"{about.sheet}填表说明",), _TITLE), Row()]
    rows += [Row((Cell(line, _GUIDE_LINE, span=3),), 17 * math.ceil(width(line) / 108)) for line in lines]
    rows += [Row(), row_of(("填写项目", "可填内容", "移交部门"), _GUIDE_HEAD)]
    for f in about.fields:
        allowed = "、".join(f.choices) or {"quantity": f"数字，单位{f.unit}", "date": "日期"}.get(f.kind, "文字")
        rows.append(row_of((f.label, allowed, PROBLEMS.get(f.name, "")), _GUIDE_LINE.but(edged=True)))
    return Form(
        GUIDE, [FormColumn(16), FormColumn(62), FormColumn(18)], rows, locked=("format_columns", "format_rows"),
        paper=Paper("A4", upright=True),
    )  # fmt: skip
