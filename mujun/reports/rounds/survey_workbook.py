"""The township's workbook: what is on record about each firm, locked, and what is to be seen on site, to fill in.

Sheet protection is without a password: it keeps a hand from slipping, not a will from changing. What was given is
kept in the store under the workbook's mark, and that is what a returned workbook is held against.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from mujun.fields import FIELDS, TABLES, Field
from mujun.messages import show
from mujun.numbers import at12, divided, round_decimal
from mujun.records.surveys import PROBLEMS
from mujun.reports.departments.template import GUIDE, heading
from mujun.reports.drawing.labels import Heading, header_row, headings
from mujun.reports.drawing.terminal import width
from mujun.reports.drawing.workbook_file import workbook_at
from mujun.rules import RuleSet

SHEET = "现场核查"
HEADER = 3
"""Position of the header row, counted from 0."""

KEY, NAME = "统一社会信用代码", "企业名称"
NET_LAND = "实际用地（亩）"
TOWNSHIP = "镇街"
HITS = "符合的整治条件"
"""The last column that is looked at on site; those to fill in follow, then the other figures, which are not printed."""

ASKED: tuple[str, ...] = (
    "surveyed_mu", "operation", *PROBLEMS, "proposed_path", "remark", "verified_by", "verified_on",
)  # fmt: skip
"""The fields of `surveys` that are filled in on site, in the order of the sheet."""

PLACES = 4
"""Decimals of ratios; quantities are given with all they have."""

_A3 = 8
_FONT = "宋体"
_TEXTS = {
    "credit_code": 21.0, "name": 26.0, "township": 10.0, "hit_text": 40.0, "tier_history": 9.0, "scale": 5.5,
    "tier": 5.5,
}  # fmt: skip
_ASKED_WIDTHS = {
    "surveyed_mu": 9.0, "operation": 9.5, "proposed_path": 9.5, "remark": 24.0, "verified_by": 8.0, "verified_on": 11.0,
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
        cells: their cells as they are written, a column per header: exact decimals or texts.
    """

    title: str
    origin: str
    columns: tuple[Given, ...]
    cells: pl.DataFrame

    @property
    def headers(self) -> tuple[str, ...]:
        """All headers in order."""
        return headers_of(tuple(c.header for c in self.columns))

    @property
    def look(self) -> int:
        """How many given columns come before those to fill in."""
        return [c.header for c in self.columns].index(HITS) + 1

    def given(self) -> pl.DataFrame:
        """The given cells as text, by header, with `credit_code, name` of each line: what an issue keeps."""
        texts = {c.header: [_text(v) for v in self.cells[c.name].to_list()] for c in self.columns}
        key = self.cells.select("credit_code", "name").to_dict(as_series=False)
        return pl.DataFrame({**texts, **key}, schema=dict.fromkeys((*texts, *key), pl.String()))


def headers_of(given: tuple[str, ...]) -> tuple[str, ...]:
    """All headers in order: what is looked at, what is filled in, the other figures."""
    cut = given.index(HITS) + 1
    return (*given[:cut], *asked_headers(), *given[cut:])


def asked_headers() -> tuple[str, ...]:
    """The headers of the columns to fill in."""
    return tuple(heading(TABLES["surveys"].by_name[name]) for name in ASKED)


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
    found = headings(rows.schema, what="screening", ruleset=ruleset)
    own = {n: found[n] for n in rows.columns if n not in PER_MU}
    look = [*LOOK, *(_per_mu(own, name) for name in PER_MU), "energy_tce", "tier_history", "tier", "hit_text"]
    names = [*look, *(n for n in own if n not in look)]
    labelled = {**found, **{n: replace(found[n], label=label, unit="万元/亩") for n, label in _LABELS.items()}}
    labelled["hit_text"] = replace(found["hit_text"], label=HITS)
    taken = asked_headers()
    headers = header_row(labelled[n] for n in names)
    # A rule's indicator may be called what a column to fill in is called.
    headers = [f"{h}（{n}）" if h in taken else h for h, n in zip(headers, names, strict=True)]
    columns = tuple(_column(labelled[n], rows.schema[n], h) for n, h in zip(names, headers, strict=True))
    cells = rows.select(
        pl.Series(
            n, [_value(v) for v in rows[n].to_list()], dtype=pl.Object if _is_number(rows.schema[n]) else pl.String
        )
        for n in names
    )
    return Survey(title, origin, columns, cells)


LOOK: tuple[str, ...] = ("credit_code", "name", "scale", "owned_mu", "rented_in_mu", "rented_out_mu", "land_mu")

PER_MU: dict[str, str] = {"_tax_per_mu": "tax_paid", "_value_added_per_mu": "value_added"}
"""What is shown per mu, and of what, where the rules have no such indicator of their own."""

_LABELS = {"_tax_per_mu": "亩均实缴税金", "_value_added_per_mu": "亩均工业增加值"}
_OWN_LABELS = {"_tax_per_mu": ("亩均税",), "_value_added_per_mu": ("亩均增加值", "亩均工业增加值")}


def _per_mu(found: dict[str, Heading], name: str) -> str:
    """The rules' own indicator of that kind, which the conditions look at; else ours."""
    return next((n for n, h in found.items() if h.label.startswith(_OWN_LABELS[name]) and h.unit), name)


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


def write_survey(path: str | Path, survey: Survey, mark: str) -> Path:
    """Write the workbook of an issue.

    Args:
        path: where to; an existing file is replaced.
        survey: its content.
        mark: the issue's mark.

    Returns:
        The path.

    Raises:
        InputError: the file cannot be written.
    """
    with workbook_at(path) as book:
        book.set_properties({"title": survey.title, "author": "mujun"})
        sheet = book.add_worksheet(SHEET)
        _draw(book, sheet, survey, mark)
        _guide(book)
        sheet.activate()
    return Path(path)


def _draw(book: Any, sheet: Any, survey: Survey, mark: str) -> None:
    base = {"font_name": _FONT, "font_size": 10, "border": 1, "border_color": "#A6A6A6", "valign": "vcenter"}
    locked = book.add_format({**base, "bg_color": "#F2F2F2", "text_wrap": True})
    number = book.add_format({**base, "bg_color": "#F2F2F2", "num_format": "#,##0.##"})
    open_text = book.add_format({**base, "bg_color": "#FFFBE6", "locked": False, "text_wrap": True, "num_format": "@"})
    open_number = book.add_format({**base, "bg_color": "#FFFBE6", "locked": False, "num_format": "#,##0.######"})
    open_date = book.add_format({**base, "bg_color": "#FFFBE6", "locked": False, "num_format": "yyyy-mm-dd"})
    head = {**base, "bold": True, "align": "center", "text_wrap": True}
    given_head = book.add_format({**head, "bg_color": "#DDEBF7"})
    asked_head = book.add_format({**head, "bg_color": "#FFE699"})
    quiet = book.add_format({"font_name": _FONT, "font_size": 10, "font_color": "#595959"})
    sheet.write_string(0, 0, survey.title, book.add_format({"font_name": "黑体", "font_size": 16}))
    sheet.write_string(1, 0, f"编号：{mark}　{survey.origin}", quiet)
    sheet.write_string(
        2, 0, "灰色为已有数据，不可改动；黄色由镇街现场填写，空着的企业视为尚未核查。填法见“填表说明”。", quiet
    )
    sheet.set_row(0, 26)
    sheet.set_row(HEADER, 46)
    last = HEADER + survey.cells.height
    cut = survey.look
    for at, column in enumerate(survey.columns):
        i = at if at < cut else at + len(ASKED)
        sheet.write_string(HEADER, i, column.header, given_head)
        sheet.set_column(i, i, column.width)
        for row, value in enumerate(survey.cells[column.name].to_list(), start=HEADER + 1):
            if value is None:
                sheet.write_blank(row, i, None, locked)
            elif column.number:
                sheet.write_number(row, i, float(value), number)
            else:
                sheet.write_string(row, i, str(value), locked)
    for row, hits in enumerate(survey.cells["hit_text"].to_list(), start=HEADER + 1):
        sheet.set_row(row, 13.5 * max(2, math.ceil(width(hits or "") / (_TEXTS["hit_text"] - 3))))
    texts = [i if i < cut else i + len(ASKED) for i, c in enumerate(survey.columns) if not c.number]
    for offset, name in enumerate(ASKED):
        i, f = cut + offset, TABLES["surveys"].by_name[name]
        sheet.write_string(HEADER, i, heading(f), asked_head)
        sheet.set_column(i, i, _ASKED_WIDTHS.get(name, 7.0))
        cell = {"quantity": open_number, "date": open_date}.get(f.kind, open_text)
        for row in range(HEADER + 1, last + 1):
            sheet.write_blank(row, i, None, cell)
        if survey.cells.height:
            sheet.data_validation(HEADER + 1, i, last, i, _allowed(f))
    if survey.cells.height:
        sheet.ignore_errors({"number_stored_as_text": " ".join(_range(i, last) for i in texts)})
    _set_up(sheet, survey, mark, last)


def _range(column: int, last: int) -> str:
    from xlsxwriter.utility import xl_range

    return str(xl_range(HEADER + 1, column, last, column))


def _allowed(f: Field) -> dict[str, object]:
    """What Excel lets into a cell to fill in."""
    rule: dict[str, object] = {"ignore_blank": True, "error_title": f.label}
    if f.choices:
        return {**rule, "validate": "list", "source": list(f.choices), "error_message": "、".join(f.choices)}
    if f.kind == "quantity":
        return {**rule, "validate": "decimal", "criteria": ">=", "value": 0, "error_message": f"填数字，单位{f.unit}"}
    if f.kind == "date":
        first, last = date(2000, 1, 1), date(2100, 12, 31)
        return {**rule, "validate": "date", "criteria": "between", "minimum": first, "maximum": last,
                "error_message": "填日期，如 2023-05-18"}  # fmt: skip
    return {**rule, "validate": "length", "criteria": "<=", "value": 500, "error_message": "不超过500字"}


def _set_up(sheet: Any, survey: Survey, mark: str, last: int) -> None:
    sheet.freeze_panes(HEADER + 1, 2)
    sheet.autofilter(HEADER, 0, max(last, HEADER + 1), len(survey.headers) - 1)
    sheet.protect("", {
        "format_columns": True, "format_rows": True, "sort": True, "autofilter": True, "select_locked_cells": True,
    })  # fmt: skip
    sheet.set_landscape()
    sheet.set_paper(_A3)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER)
    sheet.repeat_columns(0, 1)
    sheet.print_area(0, 0, max(last, HEADER + 1), survey.look + len(ASKED) - 1)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer(f"&L{mark}&C第 &P 页，共 &N 页&R核查人签字：＿＿＿＿＿＿")


_LINES = (
    "一、逐家到现场核对。灰色各列是已有数据，不能改；认为有误的，把实际情况填在黄色各列，说明写在“核查说明”。",
    "二、填了任何一格的企业，“核查人”“核查日期”必须填，否则这一家退回。整行空着的视为尚未核查，可以分几次交回。",
    "三、“实测用地”填企业实际使用的土地（自有＋租入－租出），单位为亩；与“实际用地”相差 0.01 亩以上的，按更正处理：",
    "　　只有自有用地的，只有一宗时改为实测面积，有几宗时差额计入面积最大的一宗；",
    "　　有租入或租出的不自动更正，由经信局按各宗、各方核定（mujun correct）。与记录一致的，照填原数或空着都可以。",
    "四、八类问题逐项选“是”或“否”；没有查的空着。选“是”的移交有关部门，并按“问题隐患”进入整治条件。",
    "五、“建议整治方式”只对应当整治的企业填，四种方式选一种。",
    "六、不要增删行、改列名、拆分或合并工作簿；可以排序、筛选、调整列宽。用 Excel、WPS 或 LibreOffice 保存都可以。",
    "七、填好后把整个工作簿交回经信局，由经信局执行 mujun verify 装入；有问题的单元格会逐个指出。",
)


def _guide(book: Any) -> None:
    """The sheet that explains the other; `read_file` passes it over."""
    sheet = book.add_worksheet(GUIDE)
    wrap = book.add_format({"font_name": _FONT, "font_size": 11, "text_wrap": True, "valign": "top"})
    head = book.add_format({"font_name": _FONT, "font_size": 11, "bold": True, "border": 1, "bg_color": "#FFE699"})
    cell = book.add_format({"font_name": _FONT, "font_size": 11, "border": 1, "text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 62)
    sheet.set_column(2, 2, 18)
    sheet.write_string(0, 0, "现场核查填表说明", book.add_format({"font_name": "黑体", "font_size": 16}))
    at = 2
    for line in _LINES:
        sheet.merge_range(at, 0, at, 2, "", wrap)
        sheet.write_string(at, 0, line, wrap)
        sheet.set_row(at, 17 * math.ceil(width(line) / 108))
        at += 1
    at += 1
    for i, title in enumerate(("填写项目", "可填内容", "移交部门")):
        sheet.write_string(at, i, title, head)
    for name in ASKED:
        at += 1
        f = FIELDS[name] if name not in TABLES["surveys"].by_name else TABLES["surveys"].by_name[name]
        allowed = "、".join(f.choices) or {"quantity": f"数字，单位{f.unit}", "date": "日期"}.get(f.kind, "文字")
        for i, said in enumerate((f.label, allowed, PROBLEMS.get(name, ""))):
            sheet.write_string(at, i, said, cell)
    sheet.protect("", {"format_columns": True, "format_rows": True})
    sheet.set_portrait()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
