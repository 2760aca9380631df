"""Fields that many tables share, and who owns a field that does not say."""

from __future__ import annotations

from dataclasses import replace

from mujun.fields.field import Field

YEAR = Field(
    "year",
    "年度",
    "whole",
    pools="none",
    synonyms=("数据年度", "所属年度", "评价年度", "年份", "统计年度"),
    note="数据所属年度，如 2022",
)

CREDIT_CODE = Field(
    "credit_code",
    "统一社会信用代码",
    "text",
    pools="none",
    synonyms=("信用代码", "社会信用代码", "统一信用代码", "企业代码", "纳税人识别号", "税号", "社会统一信用代码"),
    owner="市场监管局",
    note="18 位；自然人作坊填本地编码",
)

NAME = Field(
    "name",
    "企业名称",
    "text",
    pools="most_land",
    synonyms=("单位名称", "企业", "名称", "企业全称", "纳税人名称", "用户名称", "单位详细名称", "户名"),
    owner="市场监管局",
    note="营业执照上的全称",
)


def owned_by(owner: str, *fields: Field) -> tuple[Field, ...]:
    """The fields, owned by `owner` where they do not name somebody else."""
    return tuple(replace(f, owner=f.owner or owner) for f in fields)
