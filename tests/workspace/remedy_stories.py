"""Findings of files and what their remedies come to: the files as they are sent first, and mended as the finding says.

The corrections here are made in the sender's own file, or by a decision that the finding names; those made in the
findings workbook are in test_remedies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from mujun import County
from tests.records.files import code, workbook

YEAR = 2022
A, B, C = code(1), code(2), code(3)
HEAD = ["统一社会信用代码", "企业名称", "实缴税金（万元）"]
ONE, TWO = [A, "示例甲厂", 20], [B, "示例乙厂", 30]
Rows = Sequence[Sequence[object]]
Write = Callable[[Path], Path]
Format = Callable[[Any, dict[str, Any]], None]


@dataclass(frozen=True)
class Story:
    """A finding, the files that raise it, the same files mended, and what A's figure is then.

    Attributes:
        sent, mended: write the files; what is written again takes the place of what was sent.
        right: table, field and A's figure in the end.
        decide: what a person decides by a command between the two.
        options: of `load`, the first time.
        checked: whether it is `check` that finds it.
    """

    sent: tuple[Write, ...]
    mended: tuple[Write, ...]
    right: tuple[str, str, object] = ("tax", "tax_paid", Decimal(20))
    decide: Callable[[County, Path], object] = lambda county, folder: None
    options: dict[str, Any] = field(default_factory=dict)
    checked: bool = False


def book(name: str, rows: Rows, then: Format | None = None, **more: Rows) -> Write:
    """A workbook of one sheet named after its file, and perhaps others."""
    return lambda folder: workbook(folder / f"{name}.xlsx", {name: rows, **more}, then)


def tax(*rows: Sequence[object], head: Sequence[object] = HEAD, then: Format | None = None, **more: Rows) -> Write:
    return book("税收", [list(head), *rows], then, **more)


def raw(name: str, data: bytes) -> Write:
    def written(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return written


def csv(text: str) -> bytes:
    return (",".join(HEAD) + "\n" + text).encode()


def columns(name: str, frame: pl.DataFrame) -> Write:
    def written(folder: Path) -> Path:
        frame.write_parquet(folder / name)
        return folder / name

    return written


def on(do: Callable[[Any, Any], object]) -> Format:
    """Something done with the first sheet: given the workbook and the sheet."""
    return lambda made, sheets: (do(made, next(iter(sheets.values()))), None)[1]


def formula(kept: object) -> Format:
    """A's figure as a formula with this kept value."""
    return on(lambda made, sheet: sheet.write_formula("C2", "=5*4", None, kept))


def uncertain(kept: object) -> Format:
    """A's figure as a formula that the program which wrote the file left to whoever opens it."""
    return on(lambda made, sheet: (made.set_calc_mode("auto", 191029), sheet.write_formula("C2", "=5*4", None, kept)))


def merged(*ranges: tuple[str, object]) -> Format:
    return on(lambda made, sheet: [sheet.merge_range(at, value) for at, value in ranges])


PLAIN = tax(ONE, TWO)
LAND = ["统一社会信用代码", "企业名称", "权属", "用地面积（亩）"]
PARTS = ["统一社会信用代码", "企业名称", "实缴税金（万元）", "", ""]
PARTS_BELOW = ["", "", "增值税", "企业所得税", "合计"]
METERS = ["统一社会信用代码", "企业名称", "户号", "用电量（千瓦时）"]
ENERGY = ("energy", "electricity_kwh")


def meters(*rows: Sequence[object]) -> Write:
    return book("用电", [METERS, *rows])


ROLL = ["年度", "统一社会信用代码", "企业名称", "规模", "镇街"]
BIG = [YEAR, A, "示例甲厂", "规上", "甘霖镇"]


def roll(*rows: Sequence[object], name: str = "名录", scale: str = "规上") -> Write:
    return book(name, [ROLL, *([YEAR, c, n, scale, t] for c, n, t in rows)])


def clear(county: County, *codes: str) -> None:
    """Take a figure out of the store that a file brought and should not have."""
    for firm in codes:
        county.rounds.correct(firm, YEAR, {"tax_paid": None}, reason="已剔除", document="嵊经信〔2023〕8号")


def land(*rows: Sequence[object]) -> Write:
    return book("用地", [[*LAND, "租赁对方"], *rows])


def roll_of(year: int, *rows: Sequence[object]) -> Write:
    return book(f"名录{year}", [ROLL[:4], *([year, *row, "规上"] for row in rows)])


def changed(*pairs: Sequence[object]) -> Write:
    """Codes that changed: the old and the new one, the day (1 June unless said) and the kind (换码 unless said)."""
    head = ["原信用代码", "现信用代码", "变更日期", "变更类型"]
    usual = ("2022-06-01", "换码")
    return book("代码变更", [head, *([old, new, *more, *usual[len(more) :]] for old, new, *more in pairs)])


OLD = code(9)
TAX_OF_OLD = tax([OLD, "示例甲厂", 20])
FROM_OLD = ("tax", "tax_paid", None)
"""Under the old code still: the frame takes it over."""
OWN_TEN = ("land", "area_mu", Decimal(10))
PARCEL = book("地块", [["地块编号", "权利人", "用地面积（亩）"], ["330683001001GB00001", "示例甲厂", 10]])

STORIES: dict[str, Story] = {
    # ---- the row is kept out
    "duplicate_key": Story((tax(ONE, [A, "示例甲厂", 25], TWO),), (PLAIN,)),
    "merged_figure": Story(
        (book("用地", [LAND, [A, "示例甲厂", "自有", None], [A, "示例甲厂", "租入", None]], merged(("D2:D3", 16))),),
        (book("用地", [LAND, [A, "示例甲厂", "自有", 10], [A, "示例甲厂", "租入", 6]]),),
        ("land", "area_mu", Decimal(16)),
    ),
    "merged_across": Story(
        (tax([A, "示例甲厂"], [*TWO, 1], head=[*HEAD, "退税（万元）"], then=merged(("C2:D2", 20))),),
        (tax([*ONE, 2], [*TWO, 1], head=[*HEAD, "退税（万元）"]),),
    ),
    "error_value": Story((tax([A, "=1/0", 20], TWO),), (PLAIN,)),
    "formula_not_computed": Story((tax(ONE, TWO, then=formula("")),), (PLAIN,)),
    "format_scales": Story(
        (tax(ONE, TWO, then=on(lambda made, s: s.write("C2", 200000, made.add_format({"num_format": "0!.0,"})))),),
        (PLAIN,),
    ),
    "thousands_unclear": Story((tax([A, "示例甲厂", "2,0"], TWO),), (PLAIN,)),
    "foreign_money": Story((tax([A, "示例甲厂", "$20"], TWO),), (PLAIN,)),
    "resident_number": Story((tax(["330683196602281719", "示例甲厂", 20], TWO),), (PLAIN,)),
    "row_of_wrong_width": Story(
        (raw("税收.csv", csv(f"{A},示例甲厂,2,0.0\n{B},示例乙厂,30\n{C},示例丙厂,40\n")),),
        (raw("税收.csv", csv(f'{A},示例甲厂,"20.0"\n{B},示例乙厂,30\n{C},示例丙厂,40\n')),),
    ),
    "name_of_another": Story((tax([A, "示例乙厂", 20], TWO),), (PLAIN,)),
    "sum_waits": Story(
        (
            book(
                "用电", [METERS, [A, "示例甲厂", "001", 15], [A, "示例甲厂", "002", "待核"], [B, "示例乙厂", "003", 30]]
            ),
        ),
        (book("用电", [METERS, [A, "示例甲厂", "001", 15], [A, "示例甲厂", "002", 5], [B, "示例乙厂", "003", 30]]),),
        (*ENERGY, Decimal(20)),
    ),
    "column_of_odd_type": Story(
        (columns("税收.parquet", pl.DataFrame({"统一社会信用代码": [A], "企业名称": ["甲"], "实缴税金": [[20]]})),),
        (columns("税收.parquet", pl.DataFrame({"统一社会信用代码": [A], "企业名称": ["甲"], "实缴税金": ["20"]})),),
    ),
    # ---- the row is in
    "formula_doubtful": Story((tax(ONE, TWO, then=uncertain(19)),), (PLAIN,)),
    "duplicate_row": Story((tax(ONE, ONE, TWO),), (PLAIN,)),
    "several_holders": Story((tax(ONE, [B, "示例乙厂、示例丙厂", 30]),), (tax(ONE, TWO, [C, "示例丙厂", 5]),)),
    "code_repaired": Story((tax([A.replace("0", "O", 1), "示例甲厂", 20], TWO),), (PLAIN,), options={"repair": True}),
    "columns_not_taken": Story(
        (tax([*ONE, 3], [*TWO, 4], head=[*HEAD, "出口退税数"]),),
        (tax([*ONE, 3], [*TWO, 4], head=[*HEAD, "退税（万元）"]),),
        ("tax", "tax_refund", Decimal(3)),
    ),
    "sheet_not_taken": Story(
        (tax(TWO, then=lambda made, s: s["另表"].hide(), 另表=[HEAD, ONE]),), (tax(TWO, 另表=[HEAD, ONE]),)
    ),
    "table_not_read": Story(
        (tax(TWO, [], ["统一社会信用代码", "企业名称", "经办人"], [A, "示例甲厂", "张三"]),), (tax(TWO, [], HEAD, ONE),)
    ),
    "total_blank": Story(
        (
            book(
                "税收",
                [[*PARTS[:3], "", ""], PARTS_BELOW, [A, "示例甲厂", 12, 8, None], [B, "示例乙厂", 20, 10, 30]],
                merged(("A1:A2", PARTS[0]), ("B1:B2", PARTS[1]), ("C1:E1", PARTS[2])),
            ),
        ),
        (PLAIN,),
    ),
    "units_in_cells": Story((tax([A, "示例甲厂", "20万元"], [B, "示例乙厂", "300000元"]),), (PLAIN,)),
    "year_said_otherwise": Story(
        (book("2021年税收", [["2022年度企业税收情况"], HEAD, ONE, TWO]),),
        (book("2022年税收", [["2022年度企业税收情况"], HEAD, ONE, TWO]),),
        options={"year": None},
    ),
    "row_is_sum": Story(
        (
            meters(
                [A, "示例甲厂", "3301", 6],
                [A, "示例甲厂", "3302", 4],
                [A, "示例甲厂", "3399", 10],
                [B, "示例乙厂", "3303", 7],
                [B, "示例乙厂", "3304", 2],
                [B, "示例乙厂", "3305", 1],
            ),
        ),
        (
            meters(
                [A, "示例甲厂", "3301", 6],
                [A, "示例甲厂", "3302", 4],
                [B, "示例乙厂", "3303", 7],
                [B, "示例乙厂", "3304", 2],
                [B, "示例乙厂", "3305", 1],
            ),
        ),
        ("energy", "electricity_kwh", Decimal(10)),
    ),
    "unit_unlikely": Story(
        (tax([A, "示例甲厂", 200000], [B, "示例乙厂", 3000000], [C, "示例丙厂", 1500000]),),
        (
            tax(
                [A, "示例甲厂", 200000],
                [B, "示例乙厂", 3000000],
                [C, "示例丙厂", 1500000],
                head=[*HEAD[:2], "实缴税金（元）"],
            ),
        ),
    ),
    "joins_the_roll": Story(
        (tax(ONE, TWO, 联系人=[["统一社会信用代码", "企业名称", "联系人"], [C, "示例丙厂", "某人"]]),),
        (tax(ONE, TWO),),
    ),
    "figure_among_extra": Story(
        (book("指标", [["统一社会信用代码", "企业名称", "指标名称", "数值"], [A, "示例甲厂", "实缴税金", 20]]),),
        (tax(ONE),),
    ),
    "year_given_otherwise": Story((book("税收", [["2021年企业税收情况"], HEAD, ONE, TWO]),), (PLAIN,)),
    "unit_in_format": Story(
        (tax(ONE, TWO, then=on(lambda made, s: s.write("C2", 20, made.add_format({"num_format": '0.00"千元"'})))),),
        (PLAIN,),
    ),
    "cell_comments": Story(
        (tax([A, "示例甲厂", 25], TWO, then=on(lambda made, s: s.write_comment("C2", "应剔除5万元"))),), (PLAIN,)
    ),
    "columns_hidden": Story(
        (
            tax(
                [*ONE, 3],
                [*TWO, 4],
                head=[*HEAD, "退税（万元）"],
                then=on(lambda m, s: s.set_column("D:D", 9, None, {"hidden": True})),
            ),
        ),
        (tax([*ONE, 3], [*TWO, 4], head=[*HEAD, "退税（万元）"]),),
        ("tax", "tax_refund", Decimal(3)),
    ),
    "rows_hidden": Story(
        (tax(TWO, ONE, then=on(lambda made, s: s.set_row(2, None, None, {"hidden": True}))),),
        (tax(TWO),),
        ("tax", "tax_paid", None),
        decide=lambda county, folder: clear(county, A),
    ),
    "rows_filtered": Story(
        (
            tax(
                TWO,
                ONE,
                then=on(
                    lambda made, s: (
                        s.autofilter("A1:C3"),
                        s.filter_column("C", "x == 30"),
                        s.set_row(2, None, None, {"hidden": True}),
                    )
                ),
            ),
        ),
        (PLAIN,),
    ),
    "rows_struck": Story(
        (tax(TWO, ONE, then=on(lambda made, s: s.write("A3", A, made.add_format({"font_strikeout": True})))),),
        (tax(TWO),),
        ("tax", "tax_paid", None),
        decide=lambda county, folder: clear(county, A),
    ),
    "parts_differ": Story(
        (book("税收", [PARTS, PARTS_BELOW, [A, "示例甲厂", 5, 10, 20], [B, "示例乙厂", 10, 20, 30]]),),
        (book("税收", [PARTS, PARTS_BELOW, [A, "示例甲厂", 10, 10, 20], [B, "示例乙厂", 10, 20, 30]]),),
    ),
    "total_differs": Story((tax(ONE, TWO, ["合计", None, 55]),), (tax(ONE, TWO, ["合计", None, 50]),)),
    "not_added_over_time": Story(
        (
            book(
                "产出",
                [
                    ["统一社会信用代码", "企业名称", "月份", "从业人员（人）"],
                    [A, "示例甲厂", "1月", 18],
                    [A, "示例甲厂", "2月", 22],
                ],
            ),
        ),
        (book("产出", [["统一社会信用代码", "企业名称", "从业人员（人）"], [A, "示例甲厂", 20]]),),
        ("output", "employees", Decimal(20)),
    ),
    "question_open": Story(
        (tax([A, "示例甲厂", 200000], [B, "示例乙厂", 300000], head=["统一社会信用代码", "企业名称", "实缴税金"]),),
        (),
        decide=lambda county, folder: county.data.load(
            [folder / "税收.xlsx"], answers={county.data.coverage(YEAR).waiting["question"][0]: "1"}, year=YEAR
        ),
    ),
    "both_scales": Story((book("名单", [ROLL, BIG, [*BIG[:3], "规下", BIG[4]]]), PLAIN), (book("名单", [ROLL, BIG]),)),
    "bad_bytes": Story(
        (raw("税收.csv", csv(f"{A},示例甲厂,20\n").replace("甲".encode(), "甲".encode()[:2])),),
        (raw("税收.csv", csv(f"{A},示例甲厂,20\n")),),
    ),
    "mixed_encodings": Story(
        (raw("税收.csv", csv("") + f"{A},示例甲厂,20\n".encode("gb18030")),),
        (raw("税收.csv", csv(f"{A},示例甲厂,20\n")),),
    ),
    "township_spelling": Story(
        (roll((A, "示例甲厂", "甘霖"), (B, "示例乙厂", "甘霖镇"), (C, "示例丙厂", "甘霖镇")), PLAIN),
        (roll((A, "示例甲厂", "甘霖镇"), (B, "示例乙厂", "甘霖镇"), (C, "示例丙厂", "甘霖镇")),),
    ),
    # ---- across tables, in check
    "no_enterprise": Story(
        (book("税收", [HEAD, ONE, [C, "示例丙厂", 40]]),),
        (roll((A, "示例甲厂", "甘霖镇"), (B, "示例乙厂", "甘霖镇"), (C, "示例丙厂", "甘霖镇")),),
        checked=True,
    ),
    "no_land": Story(
        (PLAIN, land([B, "示例乙厂", "自有", 6])),
        (land([A, "示例甲厂", "自有", 10], [B, "示例乙厂", "自有", 6]),),
        OWN_TEN,
        checked=True,
    ),
    "name_changed": Story((roll_of(2021, [A, "示例旧名厂"]), PLAIN), (roll_of(2021, [A, "示例甲厂"]),), checked=True),
    "unit_slip": Story(
        (
            roll_of(2021, [A, "示例甲厂"]),
            book("上年", [["年度", *HEAD], [2021, *ONE]]),
            tax([A, "示例甲厂", 200000], TWO),
        ),
        (PLAIN,),
        checked=True,
    ),
    "lease_differs": Story(
        (land([A, "示例甲厂", "自有", 15, ""], [A, "示例甲厂", "租出", 5, B], [B, "示例乙厂", "租入", 4, A]),),
        (land([A, "示例甲厂", "自有", 15, ""], [A, "示例甲厂", "租出", 5, B], [B, "示例乙厂", "租入", 5, A]),),
        ("land", "area_mu", Decimal(20)),
        checked=True,
    ),
    "lease_one_sided": Story(
        (land([A, "示例甲厂", "自有", 15, ""], [A, "示例甲厂", "租出", 5, B]),),
        (land([A, "示例甲厂", "自有", 15, ""], [A, "示例甲厂", "租出", 5, B], [B, "示例乙厂", "租入", 5, A]),),
        ("land", "area_mu", Decimal(20)),
        checked=True,
    ),
    "lets_without_holding": Story(
        (land([A, "示例甲厂", "租出", 5, B], [B, "示例乙厂", "租入", 5, A]),),
        (land([A, "示例甲厂", "自有", 15, ""], [A, "示例甲厂", "租出", 5, B], [B, "示例乙厂", "租入", 5, A]),),
        ("land", "area_mu", Decimal(20)),
        checked=True,
    ),
    "net_land_not_positive": Story(
        (land([A, "示例甲厂", "自有", 5, ""], [A, "示例甲厂", "租出", 5, B], [B, "示例乙厂", "租入", 5, A]),),
        (land([A, "示例甲厂", "自有", 15, ""], [A, "示例甲厂", "租出", 5, B], [B, "示例乙厂", "租入", 5, A]),),
        ("land", "area_mu", Decimal(20)),
        checked=True,
    ),
    "parcel_area_differs": Story(
        (PARCEL, book("用地", [[*LAND, "地块编号"], [A, "示例甲厂", "自有", 12, "330683001001GB00001"]])),
        (book("用地", [[*LAND, "地块编号"], [A, "示例甲厂", "自有", 10, "330683001001GB00001"]]),),
        OWN_TEN,
        checked=True,
    ),
    "name_of_another_in": Story(
        # Loaded before the roll, when nobody could tell.
        (book("税收", [HEAD, [C, "示例甲厂", 20]]), roll((C, "示例丙厂", "甘霖镇"), name="新增名录")),
        (PLAIN,),
        decide=lambda county, folder: clear(county, C),
        checked=True,
    ),
    # ---- codes that changed
    "alias_self": Story((changed([OLD, OLD]), TAX_OF_OLD), (changed([OLD, A]),), FROM_OLD, checked=True),
    "alias_no_code": Story((changed([OLD, A[:-1]]), TAX_OF_OLD), (changed([OLD, A]),), FROM_OLD, checked=True),
    "alias_circle": Story(
        (changed([OLD, A], [A, OLD, "2022-07-01"]), TAX_OF_OLD),
        (changed([OLD, A], [A, OLD, "2022-07-01", "撤销"]),),
        FROM_OLD,
        checked=True,
    ),
    "alias_two_successors": Story(
        (changed([OLD, A], [OLD, B, "2022-07-01"]), TAX_OF_OLD),
        (changed([OLD, A], [OLD, A, "2022-07-01"]),),
        FROM_OLD,
        checked=True,
    ),
}
