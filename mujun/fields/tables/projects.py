"""Projects over their whole life, land and money for them, what closed firms freed and what it was spent on."""

from __future__ import annotations

from dataclasses import replace

from mujun.fields.field import Field, Table
from mujun.fields.tables.shared import CREDIT_CODE, NAME, YEAR, owned_by

_YES_NO = ("是", "否")
_PARCEL = Field("parcel", "地块编号", "text", pools="none", synonyms=("宗地号", "宗地编号", "地块号"))
_TOWNSHIP = Field(
    "township", "镇街", "text", pools="none", synonyms=("乡镇街道", "所在镇街", "所属镇街", "落户镇街", "属地")
)

STAGES: tuple[tuple[str, str, str], ...] = (
    ("签约", "sign_due", "signed_on"),
    ("供地", "supply_due", "supplied_on"),
    ("开工", "start_due", "construction_on"),
    ("竣工", "finish_due", "finished_on"),
    ("投产", "production_due", "production_on"),
    ("达产", "target_due", "target_reached_on"),
)
"""What a project passes through in this order: the stage, the field of its planned day and that of its actual one."""


def _stage_fields() -> tuple[Field, ...]:
    days: list[Field] = []
    for stage, due, on in STAGES:
        planned = (f"计划{stage}时间", f"应{stage}日期", f"约定{stage}日期")
        actual = (f"实际{stage}日期", f"{stage}时间", f"实际{stage}时间")
        days.append(Field(due, f"计划{stage}日期", "date", pools="none", synonyms=planned))
        # 投产日期 alone is an enterprise's: since when it produces.
        label = f"{stage}日期" if stage != "投产" else "项目投产日期"
        days.append(Field(on, label, "date", pools="none", synonyms=(f"{stage}日期", *actual)[stage != "投产" :]))
    return tuple(days)


PROJECTS = Table(
    "projects",
    "建设项目",
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
        _TOWNSHIP,
        _PARCEL,
        Field(
            "industry",
            "行业代码",
            "text",
            pools="none",
            synonyms=("国民经济行业代码", "行业", "项目行业"),
            pattern=r"^[0-9]{2,4}$",
            note="GB/T 4754—2017，2 至 4 位数字",
        ),
        Field(
            "total_investment", "计划总投资", unit="万元", pools="none", synonyms=("总投资", "总投资额", "项目总投资")
        ),
        Field(
            "county_head",
            "县（市）长项目",
            "text",
            pools="none",
            choices=_YES_NO,
            synonyms=("是否县长项目", "市长项目", "是否市长项目", "县市长项目"),
        ),
        Field("leader", "牵头领导", "text", pools="none", synonyms=("挂联领导", "联系领导", "包干领导")),
        Field("team", "工作专班", "text", pools="none", synonyms=("专班", "服务专班", "责任专班")),
        Field(
            "promised_tax",
            "承诺达产年税收",
            unit="万元",
            pools="none",
            synonyms=("达产年税收", "预计税收", "承诺税收", "预计年税收"),
        ),
        *_stage_fields(),
        Field("ended_on", "终止日期", "date", pools="none", synonyms=("取消日期", "中止日期"), note="不再实施的项目"),
    ),
    required=("project_name",),
    synonyms=("用能项目", "新上项目", "拟建项目", "项目清单", "重大项目", "项目全周期", "项目推进"),
)

PROJECT_YEARS = Table(
    "project_years",
    "项目年度投资",
    "发改局",
    ("year", "project"),
    owned_by(
        "发改局",
        YEAR,
        Field("project", "项目代码", "text", pools="none", synonyms=("项目编号", "赋码")),
        Field("project_name", "项目名称", "text", pools="none"),
        Field(
            "year_investment_due", "年度计划投资", unit="万元", pools="none", synonyms=("计划年度投资", "当年计划投资")
        ),
        Field("year_investment", "年度完成投资", unit="万元", pools="none", synonyms=("完成投资", "当年完成投资")),
    ),
    required=("year_investment",),
    synonyms=("项目投资进度", "年度投资"),
)

LAND_SUPPLY = Table(
    "land_supply",
    "供地",
    "自然资源局",
    ("parcel", "supplied_on"),
    owned_by(
        "自然资源局",
        _PARCEL,
        Field("supplied_on", "供地日期", "date", pools="none", synonyms=("出让日期", "成交日期", "供应日期")),
        _TOWNSHIP,
        Field(
            "land_use",
            "供地用途",
            "text",
            pools="none",
            choices=("工业", "商业", "住宅", "其他"),
            choice_synonyms=(
                ("工业用地", "工业"),
                ("商服", "商业"),
                ("商服用地", "商业"),
                ("商业用地", "商业"),
                ("居住", "住宅"),
                ("住宅用地", "住宅"),
                ("公共用地", "其他"),
            ),
            synonyms=("土地用途", "用途"),
        ),
        Field("supply_mu", "供地面积", unit="亩", pools="none", synonyms=("出让面积", "成交面积", "供应面积")),
        Field("standard_land", "标准地", "text", pools="none", choices=_YES_NO, synonyms=("是否标准地",)),
        Field("supply_price", "成交价款", unit="万元", pools="none", synonyms=("出让价款", "成交总价", "出让金")),
        Field("buyer", "竞得人", "text", pools="none", synonyms=("受让人", "土地受让方", "竞得单位")),
        Field("project", "项目代码", "text", pools="none", synonyms=("项目编号", "赋码")),
        Field("document", "文号", "text", pools="none", synonyms=("出让合同号", "合同编号")),
    ),
    required=("land_use", "supply_mu"),
    synonyms=("土地供应", "供地台账", "土地出让"),
)

SPECIAL_FUND = Table(
    "special_fund",
    "专项资金",
    "财政局",
    ("entry",),
    owned_by(
        "财政局",
        Field("entry", "流水号", "text", pools="none", synonyms=("资金流水号", "台账编号")),
        Field("booked_on", "入账日期", "date", pools="none", synonyms=("记账日期", "拨付日期")),
        Field("transfer_income", "土地出让收入", unit="万元", pools="none", negative=True, synonyms=("出让收入",)),
        Field(
            "fund_paid_in",
            "专项资金提取",
            unit="万元",
            pools="none",
            negative=True,
            synonyms=("提取专项资金", "专项资金计提"),
        ),
        Field("fund_spent", "专项资金支出", unit="万元", pools="none", negative=True, synonyms=("专项资金拨付",)),
        Field("purpose", "资金用途", "text", pools="none", synonyms=("支出用途", "摘要")),
        Field("document", "文号", "text", pools="none", synonyms=("拨款文号", "依据")),
    ),
    required=("booked_on",),
    synonyms=("专项资金台账", "土地出让收入台账"),
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
