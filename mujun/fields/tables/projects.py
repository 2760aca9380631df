"""New projects, what closed firms freed, and what of it was spent on what."""

from __future__ import annotations

from dataclasses import replace

from mujun.fields.field import Field, Table
from mujun.fields.tables.shared import CREDIT_CODE, NAME, owned_by

PROJECTS = Table(
    "projects",
    "用能项目",
    "发改局",
    ("project",),
    owned_by(
        "发改局",
        Field("project", "项目代码", "text", pools="none", synonyms=("项目编号", "赋码")),
        Field("project_name", "项目名称", "text", pools="none", synonyms=("建设项目",)),
        replace(CREDIT_CODE, synonyms=("建设单位代码", "业主代码", *CREDIT_CODE.synonyms)),
        replace(NAME, synonyms=("建设单位", "业主单位", *NAME.synonyms)),
        Field(
            "project_kind",
            "项目类别",
            "text",
            pools="none",
            synonyms=("类别", "项目类型"),
            choices=("低碳新兴", "强链补链", "技改", "两高"),
            choice_synonyms=(("技术改造", "技改"), ("高耗能高排放", "两高")),
        ),
        Field("need_tce", "用能需求", unit="吨标煤", pools="none", synonyms=("新增用能", "能耗需求", "需能耗")),
        Field("added_value", "预计新增增加值", unit="万元", pools="none", synonyms=("预计增加值", "达产增加值")),
        Field("need_capacity_t", "需产能", unit="吨", pools="none", synonyms=("产能需求", "新增产能")),
        Field("need_coal_t", "需用煤", unit="吨", pools="none", synonyms=("煤炭需求", "新增用煤")),
        Field("need_pollutants_t", "需污染物排放", unit="吨", pools="none", synonyms=("新增排放", "排污需求")),
        Field("need_carbon_t", "需碳排放", unit="吨", pools="none", synonyms=("新增碳排放", "碳排放需求")),
        Field("document", "文号", "text", pools="none", synonyms=("备案文号", "批复文号")),
    ),
    required=("project_kind",),
    synonyms=("新上项目", "拟建项目", "项目清单"),
)

SOURCES = Table(
    "sources",
    "腾退来源",
    "发改局",
    ("source",),
    owned_by(
        "发改局",
        Field("source", "来源编号", "text", pools="none", synonyms=("替代源编号", "来源代码")),
        replace(CREDIT_CODE, synonyms=("腾退企业代码", *CREDIT_CODE.synonyms)),
        replace(NAME, synonyms=("腾退企业", "退出企业", *NAME.synonyms)),
        Field("freed_capacity_t", "腾出产能", unit="吨", pools="none", synonyms=("退出产能", "压减产能")),
        Field("freed_tce", "腾出用能", unit="吨标煤", pools="none", synonyms=("腾出能耗", "压减能耗")),
        Field("freed_coal_t", "腾出用煤", unit="吨", pools="none", synonyms=("压减用煤", "腾出煤炭")),
        Field("freed_pollutants_t", "腾出污染物", unit="吨", pools="none", synonyms=("腾出排放", "压减排放")),
        Field("freed_carbon_t", "腾出碳排放", unit="吨", pools="none", synonyms=("压减碳排放",)),
        Field("accepted_on", "认定日期", "date", pools="none", synonyms=("验收日期",)),
        Field("document", "文号", "text", pools="none", synonyms=("认定文号", "依据")),
    ),
    synonyms=("替代来源", "替代源", "腾退清单"),
)

SUBSTITUTED = ("产能", "能耗", "煤", "污染物", "碳")

SUBSTITUTIONS = Table(
    "substitutions",
    "替代方案",
    "发改局",
    ("project", "source", "substituted"),
    owned_by(
        "发改局",
        Field("project", "项目代码", "text", pools="none", synonyms=("项目编号", "赋码")),
        Field("source", "来源编号", "text", pools="none", synonyms=("替代源编号", "来源代码")),
        Field(
            "substituted",
            "替代账户",
            "text",
            pools="none",
            synonyms=("账户", "替代项"),
            choices=SUBSTITUTED,
            choice_synonyms=(("用能", "能耗"), ("煤炭", "煤"), ("用煤", "煤"), ("排放", "污染物"), ("碳排放", "碳")),
        ),
        Field(
            "spent",
            "使用数量",
            pools="none",
            synonyms=("使用量", "替代数量", "替代量"),
            note="能耗为吨标煤，其余为吨；填 0 为撤回",
        ),
        Field("document", "文号", "text", pools="none", synonyms=("批复文号", "依据")),
    ),
    required=("spent",),
    ledger=True,
    synonyms=("替代台账", "产能替代", "能耗替代"),
)
