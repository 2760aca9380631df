"""What each office has to charge or relieve, as a workbook of its own: account by account, to the 分."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from mujun.allocation import Allocation, OfficeList
from mujun.numbers import half_up
from mujun.records import LandUseTax
from mujun.reports.drawing.columns import known
from mujun.reports.drawing.exporting import TRIAL, ladder_of
from mujun.reports.drawing.sheets import Column, Sheet, Table, Text, with_numbers, with_numerals
from mujun.reports.drawing.wording import KINDS
from mujun.reports.drawing.workbook import write_workbook
from mujun.rules.allocation_plan import UTILITY_OF_OFFICE
from mujun.rules.model.allocation import Office

NAMES: dict[Office, str] = {"power": "供电", "water": "供水", "gas": "供气", "heat": "供热", "tax": "税务"}
"""What the offices are called."""

_UNITS: dict[Office, str] = {"power": "千瓦时", "water": "立方米", "gas": "立方米", "heat": "吉焦", "tax": "万元"}

_SPLITS = {
    "by_use": "按各户号年用量分摊",
    "equal": "户号年用量不全，按户号数平均分摊",
    "none": "没有户号，请补报",
}
_BASES = {
    "year": "按全年数折算",
    "usage": "按分月用量",
    "usage_rest": "按分月用量，没有账单的日子按全年数扣除当年账单折算",
}


def office_file(allocation: Allocation, office: Office) -> str:
    """The name of an office's workbook, without its ending."""
    return f"{allocation.year or ''}年度差别化措施_{NAMES[office]}"


def write_office_list(
    path: str | Path, listed: OfficeList, allocation: Allocation, land: LandUseTax | None = None
) -> Path:
    """Write the workbook of one office.

    Args:
        path: where to; an existing file is replaced.
        listed: the office's list.
        allocation: the amounts it is from.
        land: for the tax office, the land by parcel and grade.

    Returns:
        The path.

    Raises:
        InputError: the file cannot be written.
        UsageError: there are more rows than an Excel sheet has.
    """
    return write_workbook(path, office_sheets(listed, allocation, land), title=f"差别化措施（{NAMES[listed.office]}）")


def office_sheets(listed: OfficeList, allocation: Allocation, land: LandUseTax | None = None) -> list[Sheet]:
    """The sheets of an office's workbook: totals first, then every line, then what is open."""
    sheets = [_totals(listed, allocation, land)]
    sheets.append(_tax_lines(listed, allocation) if listed.office == "tax" else _account_lines(listed, allocation))
    if listed.without_account.height:
        sheets.append(_without_account(listed))
    if listed.open.height:
        sheets.append(_open(listed))
    if land is not None and land.lines.height:
        sheets.append(_land(land, allocation))
    return sheets


def _origin(allocation: Allocation) -> str:
    return f"数据年度 {allocation.year or ''}　规则集 {allocation.plan.ruleset.address}　主管部门：经济和信息化局"


def _ladder(allocation: Allocation) -> tuple[str, ...]:
    rating = allocation.plan.ruleset.rating
    return ladder_of(rating) if rating is not None else ()


def _trial(listed: OfficeList, allocation: Allocation) -> str:
    """A list has binding measures only: one without any line may be all trial."""
    return TRIAL if listed.lines.is_empty() and not allocation.binding else ""


def _yuan(column: str) -> pl.Expr:
    """万元 with six decimals as 元 with 分, exactly."""
    return (pl.col(column).cast(pl.Decimal(38, 6)) * pl.lit(10_000, dtype=pl.Decimal(38, 6))).cast(pl.Decimal(38, 2))


def _with_total(rows: pl.DataFrame, name: str, *summed: str) -> pl.DataFrame:
    """The rows and a last one with sums."""
    total = rows.select(pl.lit("合计").alias(name), *(pl.col(c).sum() for c in summed)).with_columns(_total=True)
    return pl.concat([rows.with_columns(_total=False), total], how="diagonal_relaxed")


# ------------------------------------------------------------------------------------------------------------- totals


def _totals(listed: OfficeList, allocation: Allocation, land: LandUseTax | None) -> Sheet:
    rows = listed.totals.with_columns(
        pl.col("kind").replace(KINDS), _yuan("amount").alias("yuan"), _yuan("without").alias("without_yuan")
    )
    utility = UTILITY_OF_OFFICE.get(listed.office)
    columns = [
        Column("label", "措施", width=28),
        Column("kind", "类别"),
        known("enterprises"),
        *([Column("accounts", "户号（个）", "whole")] if utility else []),
        known("yuan", places=2, width=18),
        *([Column("without_yuan", "其中没有户号（元）", "number", 2, 18)] if utility else []),
    ]
    parts: list[Table | Text] = [Table(tuple(columns), rows, "合计")]
    parts.append(Table(_TIER_COLUMNS, _by_tier(listed), "按档次"))
    if land is not None and land.lines.height:
        parts.append(Table(_GRADE_COLUMNS, _by_grade(land), "用地权属和土地等级（按等级应缴，每家合计后四舍五入到分）"))
    documents = listed.lines.select("label", "document").unique(maintain_order=True)
    parts.append(Text(tuple(f"{label}：{document}" for label, document in documents.iter_rows()), "依据", "quiet"))
    parts.append(Text(tuple(_notes(listed)), "说明", "quiet"))
    title = f"{allocation.year or ''}年度评价结果的差别化措施（{NAMES[listed.office]}）"
    return Sheet(
        "合计",
        title,
        (_origin(allocation),),
        with_numerals(parts),
        tiers=_ladder(allocation),
        trial=_trial(listed, allocation),
    )


_TIER_COLUMNS = (
    Column("label", "措施", width=28),
    known("tier"),
    known("enterprises"),
    known("yuan", places=2, width=18),
)


_TENURES = {"自有": 0, "租出": 1, "租入": 2}
_GRADE_COLUMNS = (
    known("tenure", width=28),
    known("land_grade"),
    known("tax_rate", places=2, unit=True),
    known("firms"),
    Column("area_mu", "面积（亩）", "number", 2, 18),
    Column("due", "年应缴（元）", "number", 2, 18),
)


def _by_grade(land: LandUseTax) -> pl.DataFrame:
    """Land by tenure, grade and rate; only own land is taxed."""
    due = (pl.col("area_m2").cast(pl.Decimal(38, 6)) * pl.col("tax_rate").cast(pl.Decimal(38, 6))).sum()
    return (
        land.lines.group_by("tenure", "land_grade", "tax_rate")
        .agg(
            pl.col("credit_code").n_unique().cast(pl.Int64).alias("firms"),
            pl.col("area_mu").sum(),
            half_up(due.cast(pl.Decimal(38, 12)), 2).cast(pl.Decimal(38, 2)).alias("due"),
        )
        .with_columns(pl.when(pl.col("tenure") == "自有", pl.col("tax_rate").is_not_null()).then("due").alias("due"))
        .with_columns(pl.col("tenure").replace_strict(_TENURES, default=9, return_dtype=pl.Int8).alias("_tenure"))
        .sort("_tenure", "tax_rate", "land_grade", descending=[False, True, False], nulls_last=True)
    )


def _by_tier(listed: OfficeList) -> pl.DataFrame:
    return (
        listed.lines.group_by("measure", "label", "tier", maintain_order=True)
        .agg(pl.col("credit_code").n_unique().cast(pl.Int64).alias("enterprises"), pl.col("amount").sum())
        .sort("measure", "tier", nulls_last=True)
        .with_columns(_yuan("amount").alias("yuan"))
    )


def _notes(listed: OfficeList) -> list[str]:
    notes = ["只列实际执行且金额不为零的企业；每家企业的金额四舍五入到分，各行相加等于合计，一分不差。"]
    if listed.office in UTILITY_OF_OFFICE:
        notes.append(
            "一家企业有几个户号的，按各户号年用量的比例分摊，尾差按最大余数补足；年用量不全的，按户号数平均分摊。"
        )
    if listed.partly.height:
        firms = listed.partly["credit_code"].n_unique()
        notes.append(f"有 {firms} 家企业的分月用量没有覆盖全部执行期，没有记录的天数没有计入，补齐后重新出表。")
    if listed.without_account.height:
        names = listed.without_account["credit_code"].n_unique()
        notes.append(f"有 {names} 家企业没有户号，金额已计入合计，列在“没有户号”表，请补报户号后重新出表。")
    if listed.open.height:
        notes.append(f"有 {listed.open.height} 项因缺少用量等数据没有算出，列在“缺数据”表，没有计入合计。")
    return notes


# -------------------------------------------------------------------------------------------------------------- lines


def _account_lines(listed: OfficeList, allocation: Allocation) -> Sheet:
    unit = _UNITS[listed.office]
    rows = listed.lines.with_columns(_yuan("amount").alias("yuan"), _remark().alias("remark"))
    rows = _with_total(rows, "name", "yuan")
    columns = (
        known("name"),
        known("credit_code"),
        known("township"),
        known("tier"),
        known("account"),
        Column("label", "措施"),
        Column("quantity", f"计量数量（{unit}）", "number", 2),
        known("rate", places=4),
        known("per"),
        known("yuan", places=2),
        Column("from", "执行起", "date"),
        Column("until", "执行止", "date"),
        Column("remark", "说明", wrapped=True, width=40),
        Column("document", "依据", wrapped=True, width=30),
    )
    title = f"{allocation.year or ''}年度差别化措施清单（{NAMES[listed.office]}）"
    table = with_numbers(Table(columns, rows, totals="_total"))
    return Sheet(
        "清单", title, (_origin(allocation),), (table,), 2, tiers=_ladder(allocation), trial=_trial(listed, allocation)
    )


def _remark() -> pl.Expr:
    parts = [
        pl.col("basis").replace_strict(_BASES, default=None, return_dtype=pl.String),
        pl.when(pl.col("basis") == "usage", pl.col("covered_days") < pl.col("days")).then(
            pl.format("{}天中只有{}天有记录，其余天数没有计入", "days", "covered_days")
        ),
        pl.when(pl.col("rates").list.len() > 0).then("分段标准 " + pl.col("rates").list.join("；")),
        pl.when(pl.col("capped")).then(pl.lit("按每家上限封顶")),
        pl.col("split").replace_strict(_SPLITS, default=None, return_dtype=pl.String),
    ]
    return pl.concat_str(parts, separator="；", ignore_nulls=True)


def _without_account(listed: OfficeList) -> Sheet:
    rows = listed.without_account.with_columns(_yuan("amount").alias("yuan"))
    columns = (
        known("name"),
        known("credit_code"),
        known("township"),
        Column("label", "措施"),
        known("yuan", places=2),
        Column("account", "户号（请补报）", width=24),
    )
    lines = ("这些企业有应执行的金额，但没有户号；补报“户号”表后重新出表",)
    return Sheet("没有户号", "没有户号的企业", lines, (with_numbers(Table(columns, rows)),), 2)


def _open(listed: OfficeList) -> Sheet:
    columns = (
        known("name"),
        known("credit_code"),
        known("township"),
        known("tier"),
        Column("label", "措施"),
        known("rate", places=4),
        known("per"),
    )
    lines = ("这些企业适用该项措施，但缺少用量、税额等数据，没有算出金额",)
    return Sheet("缺数据", "没有算出金额的企业", lines, (with_numbers(Table(columns, listed.open)),), 2)


# ---------------------------------------------------------------------------------------------------------- land tax


def _tax_lines(listed: OfficeList, allocation: Allocation) -> Sheet:
    """The tax due, what is relieved of it, and what remains."""
    share = pl.col("per") == "share"
    rows = listed.lines.with_columns(
        pl.when(share).then(_yuan("quantity")).alias("due"),
        pl.when(share).then(pl.col("rate")).alias("part"),
        pl.when(~share).then(pl.col("rate")).alias("rate"),
        pl.when(~share).then(pl.col("quantity")).alias("base"),
        pl.when(pl.col("kind") == "relief").then(_yuan("amount")).alias("relief"),
        pl.when(pl.col("kind") == "surcharge").then(_yuan("amount")).alias("surcharge"),
        pl.when(pl.col("capped")).then(pl.lit("按每家上限封顶")).alias("remark"),
    ).with_columns((pl.col("due") - pl.col("relief")).alias("rest"))
    rows = _with_total(rows, "name", "due", "relief", "surcharge", "rest")
    used: Sequence[Column] = (
        known("name"),
        known("credit_code"),
        known("township"),
        known("tier"),
        Column("label", "措施"),
        Column("due", "应缴税额（元）", "number", 2),
        Column("part", "减免比例", "percent", 2),
        Column("base", "计税数量", "number", 2),
        known("rate", places=4),
        Column("relief", "减免额（元）", "number", 2),
        Column("surcharge", "加征额（元）", "number", 2),
        Column("rest", "减免后应缴（元）", "number", 2),
        Column("from", "所属期起", "date"),
        Column("until", "所属期止", "date"),
        Column("remark", "说明"),
        Column("document", "依据", wrapped=True, width=30),
    )
    empty = {c.name for c in used if rows[c.name].null_count() == rows.height}
    zero = {"surcharge", "relief", "due", "rest"}
    empty |= {n for n in zero if not (rows[n].fill_null(0) != 0).any()}
    columns = tuple(c for c in used if c.name not in empty)
    title = f"{allocation.year or ''}年度评价结果的城镇土地使用税差别化清单"
    table = with_numbers(Table(columns, rows, totals="_total"))
    return Sheet(
        "清单", title, (_origin(allocation),), (table,), 2, tiers=_ladder(allocation), trial=_trial(listed, allocation)
    )


def _land(land: LandUseTax, allocation: Allocation) -> Sheet:
    """Land by tenure and grade, with the rate of each parcel."""
    names = allocation.rows.select("credit_code", "name").unique("credit_code", keep="first", maintain_order=True)
    frame = allocation.frames[0].select("credit_code", pl.col("name").alias("_name"), "tier")
    rows = (
        land.lines.join(names, on="credit_code", how="left")
        .join(frame, on="credit_code", how="left")
        .with_columns(
            pl.coalesce("name", "_name").alias("name"),
            pl.when(pl.col("tenure") != "自有")
            .then(pl.lit("不计：由权利人缴纳"))
            .when(pl.col("tax_rate").is_null())
            .then(pl.lit("查不到税额标准"))
            .alias("remark"),
        )
        .sort("township", "credit_code", "tenure", "parcel", nulls_last=True)
    )
    columns = (
        known("name"),
        known("credit_code"),
        known("township"),
        known("tier"),
        known("tenure"),
        known("parcel"),
        known("land_grade"),
        Column("area_mu", "面积（亩）", "number", 4),
        Column("area_m2", "面积（㎡）", "number", 2),
        known("tax_rate", places=2, unit=True),
        Column("remark", "说明"),
        Column("document", "税额标准依据", wrapped=True, width=28),
    )
    lines = (_origin(allocation), "按等级应缴 = 各块自有用地面积（㎡）× 年税额标准之和，每家四舍五入到分一次")
    return Sheet(
        "用地等级", "用地权属和土地等级", lines, (with_numbers(Table(columns, rows)),), 2, tiers=_ladder(allocation)
    )
