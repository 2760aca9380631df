"""Meters and bills: whose accounts there are, and what was used from when until when."""

from __future__ import annotations

from mujun.fields.field import Field, Table
from mujun.fields.tables.shared import CREDIT_CODE, NAME, owned_by

_UTILITIES = ("电", "水", "气", "热")

_UTILITY_SYNONYMS = (
    ("用电", "电"),
    ("电力", "电"),
    ("供电", "电"),
    ("用水", "水"),
    ("自来水", "水"),
    ("供水", "水"),
    ("天然气", "气"),
    ("燃气", "气"),
    ("用气", "气"),
    ("蒸汽", "热"),
    ("热力", "热"),
    ("power", "电"),
    ("electricity", "电"),
    ("water", "水"),
    ("gas", "气"),
    ("heat", "热"),
)

_UTILITY = Field(
    "utility",
    "能源资源",
    "text",
    pools="none",
    synonyms=("类别", "种类", "资源种类", "用能种类"),
    choices=_UTILITIES,
    choice_synonyms=_UTILITY_SYNONYMS,
)

ACCOUNTS = Table(
    "accounts",
    "户号",
    "供电公司",
    ("credit_code", "utility", "account"),
    owned_by(
        "供电公司",
        CREDIT_CODE,
        NAME,
        _UTILITY,
        Field(
            "account", "户号", "text", pools="none", synonyms=("用户编号", "客户编号", "表号", "用电户号", "缴费户号")
        ),
        Field(
            "account_use",
            "户号年用量",
            pools="none",
            synonyms=("户年用量", "本户年用量", "本户用量"),
            note="同一企业有几个户号时按它分摊；电为千瓦时，水和气为立方米，热为吉焦",
        ),
    ),
    synonyms=("用电户号", "水表户号", "客户清单"),
)

USAGE = Table(
    "usage",
    "分月用量",
    "供电公司",
    ("credit_code", "utility", "account", "from", "until"),
    owned_by(
        "供电公司",
        CREDIT_CODE,
        NAME,
        _UTILITY,
        Field(
            "account",
            "户号",
            "text",
            pools="none",
            synonyms=(
                *("用户编号", "客户编号", "用户号", "客户号", "用电户号", "用水户号", "用气户号", "缴费户号", "缴费号"),
                *("表号", "电表号", "水表号", "气表号", "电能表号", "电表编号", "水表编号", "表计号"),
            ),
            note="一家企业有几个户号或表号的，一户一行，自动相加；不分户号的不填",
        ),
        Field("from", "起始日", "date", pools="none", synonyms=("开始日期", "起始日期", "账期起", "抄表起始日")),
        Field("until", "截止日", "date", pools="none", synonyms=("结束日期", "截止日期", "账期止", "抄表截止日")),
        Field(
            "quantity",
            "用量",
            pools="none",
            synonyms=("数量", "使用量", "结算量", "抄见量"),
            note="电为千瓦时，水和气为立方米，热为吉焦",
        ),
    ),
    required=("quantity",),
    open_key=("account",),
    synonyms=("月用电量", "分月用电", "用量明细", "账单"),
)
