"""What a department has to know about a column: the note beside its header in the template."""

from __future__ import annotations

from mujun.fields.field import Field


def remark(f: Field, *, needed: bool) -> str:
    """What a department has to know about a column."""
    parts = ["必填" if needed else "", f.note]
    if f.choices:
        parts.append("只能填：" + "、".join(f.choices))
    if f.kind == "date":
        parts.append("日期，如 2022-03-05")
    if f.kind == "quantity" and f.unit:
        parts.append(f"单位：{f.unit}；没有数据留空，确实为零填 0")
    return "；".join(p for p in parts if p)
