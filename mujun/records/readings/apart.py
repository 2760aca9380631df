"""Columns that tell rows of one firm apart (户号, 税票号码, 月份, 税种), so that their figures add up."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from mujun.records.headers import squeezed

_APART = frozenset(
    squeezed(t)
    for t in (
        "户号", "表号", "用户编号", "客户编号", "电表号", "水表号", "气表号", "表计号", "表计", "电能表号", "计量点",
        "计量点编号", "计量点号", "缴费户号", "用电户号", "用水户号", "用气户号", "用户号", "客户号", "户号编码",
        "电表编号", "水表编号", "月份", "月", "所属月份", "统计月份", "所属月", "账期", "账期月份", "用电月份",
        "电费年月", "年月", "抄表月份", "税款所属期", "税款所属期起", "税款所属期止", "所属期", "所属期起",
        "所属期止", "所属时期", "季度", "所属季度", "期间", "统计期间", "税种", "税目", "征收项目", "征收品目",
        "税种名称", "批次", "批号", "批次号", "用电类别", "用水类别", "用气类别", "电价类别", "用水性质", "时段",
        "分厂", "厂区", "账户", "缴费号", "税票号码", "税票号", "电子税票号码", "电子税票号", "完税凭证号",
        "完税凭证号码", "缴款书号", "缴款书号码", "缴款凭证号", "凭证号", "凭证号码", "凭证编号", "凭证字号", "票据号",
        "票据号码", "发票号", "发票号码", "单据号", "单据编号", "流水号", "交易流水号", "入库日期", "缴款日期",
        "缴税日期", "扣款日期", "入库时间", "缴款时间", "缴费日期", "缴费时间", "抄表日期", "抄表时间", "结算日期",
        "记账日期", "开票日期", "税款属期", "属期", "账单月份", "计费月份", "结算月份", "费用月份", "电费月份",
    )
)  # fmt: skip
"""Headers of columns that tell rows of one firm apart, so that their figures add up."""

PERIODS = frozenset(
    squeezed(t)
    for t in (
        "月份", "月", "所属月份", "统计月份", "所属月", "账期", "账期月份", "用电月份", "电费年月", "年月",
        "抄表月份", "税款所属期", "税款所属期起", "税款所属期止", "所属期", "所属期起", "所属期止", "所属时期",
        "季度", "所属季度", "期间", "统计期间", "税款属期", "属期", "账单月份", "计费月份", "结算月份", "费用月份",
        "电费月份",
    )
)  # fmt: skip
"""Those of them that are times: people and areas do not add up over these."""

DAYS = frozenset(
    squeezed(t)
    for t in (
        "入库日期", "缴款日期", "缴税日期", "扣款日期", "入库时间", "缴款时间", "缴费日期", "缴费时间", "抄表日期",
        "抄表时间", "结算日期", "记账日期", "开票日期",
    )
)  # fmt: skip
"""Those that are days on which something was paid or read: they say the year, and need not fill it."""


def apart_at(paths: Sequence[Sequence[str]], lo: int, hi: int, used: Collection[int]) -> tuple[int, ...]:
    """The columns between `lo` and `hi` that tell rows apart and feed no field.

    Args:
        paths: per column the texts above it.
        lo, hi: the columns looked at, `hi` not among them.
        used: the columns that feed fields.
    """
    return tuple(c for c in range(lo, hi) if c not in used and paths[c] and squeezed(paths[c][-1]) in _APART)
