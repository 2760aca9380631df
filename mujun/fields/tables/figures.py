"""A year's figures: tax, energy, output, emissions, water, and what a rule set adds."""

from __future__ import annotations

from mujun.fields.field import Field, Table
from mujun.fields.plausible import BANDS
from mujun.fields.tables.shared import CREDIT_CODE, NAME, YEAR, owned_by

TAX = Table(
    "tax",
    "税收",
    "税务局",
    ("year", "credit_code"),
    owned_by(
        "税务局",
        YEAR,
        CREDIT_CODE,
        NAME,
        Field(
            "tax_paid",
            "实缴税金",
            unit="万元",
            negative=True,
            synonyms=(
                *("实际入库税收", "税收实缴额", "税收实际贡献", "入库税收", "实缴税收", "税收", "税金", "税收收入"),
                *(
                    "税收合计",
                    "税收总额",
                    "税金合计",
                    "税金总额",
                    "入库税额",
                    "入库税金",
                    "入库税款",
                    "实缴税额",
                    "实缴税款",
                ),
                *("实际缴纳税金", "实际入库税金", "已缴税金", "上缴税金", "纳税总额", "纳税额"),
                *("入库金额", "实缴金额", "税款", "实缴税费", "企业税收", "缴纳税收"),
            ),
            plausible=BANDS["tax_paid"],
        ),
        Field(
            "tax_refund",
            "退税",
            unit="万元",
            negative=True,
            synonyms=("出口退税", "退税额", "已退税额", "退库税款"),
            plausible=BANDS["tax_refund"],
        ),
        Field(
            "tax_credit",
            "减免抵税",
            unit="万元",
            negative=True,
            synonyms=("免抵税额", "减免税额", "税收减免", "免抵调库", "免抵退税额", "抵免税额"),
            plausible=BANDS["tax_credit"],
        ),
        Field(
            "land_use_tax",
            "城镇土地使用税",
            unit="万元",
            negative=True,
            synonyms=("土地使用税", "土地税", "应缴土地使用税", "城镇土地税"),
            plausible=BANDS["land_use_tax"],
        ),
    ),
    synonyms=("税收情况", "纳税", "税务", "税收数据"),
)

ENERGY = Table(
    "energy",
    "能源",
    "供电公司",
    ("year", "credit_code"),
    owned_by(
        "统计局",
        YEAR,
        CREDIT_CODE,
        NAME,
        Field(
            "electricity_kwh",
            "用电量",
            unit="千瓦时",
            owner="供电公司",
            synonyms=(
                *("电量", "用电", "年用电量", "售电量", "电力消费量", "全年用电量"),
                *("总用电量", "耗电量", "全社会用电量"),
            ),
            plausible=BANDS["electricity_kwh"],
        ),
        Field(
            "energy_tce",
            "综合能耗（等价值）",
            unit="吨标煤",
            synonyms=(
                *("综合能耗", "能耗等价值", "综合能源消费量", "总能耗", "综合能耗等价值", "能源消费量", "用能"),
                *("能源消费总量", "能源消耗", "综合能源消费量等价值", "综合能源消费量（等价）"),
            ),
            note="按电力等价值折算",
            plausible=BANDS["energy_tce"],
        ),
        Field(
            "energy_tce_calorific",
            "综合能耗（当量值）",
            unit="吨标煤(当量值)",
            synonyms=(
                *("能耗当量值", "综合能耗当量值", "综合能源消费量当量值", "综合能源消费量（当量值）"),
                *("综合能源消费量（当量）", "能源消费量（当量值）", "能源消费总量（当量值）"),
            ),
            note="按电力当量值折算，与等价值不可相加或比较",
            plausible=BANDS["energy_tce_calorific"],
        ),
        Field(
            "gas_m3",
            "天然气",
            unit="立方米",
            owner="燃气公司",
            synonyms=("用气量", "天然气用量", "天然气消费量", "燃气用量"),
            plausible=BANDS["gas_m3"],
        ),
        Field("coal_t", "煤炭", unit="吨", synonyms=("用煤量", "原煤", "煤炭消费量", "耗煤量")),
        Field("heat_gj", "热力", unit="吉焦", synonyms=("用热量", "蒸汽", "热力消费量", "外购热力")),
    ),
    synonyms=("能耗", "用能", "用电", "能源消费", "能耗情况"),
)

OUTPUT = Table(
    "output",
    "产出",
    "统计局",
    ("year", "credit_code"),
    owned_by(
        "统计局",
        YEAR,
        CREDIT_CODE,
        NAME,
        Field(
            "revenue",
            "营业收入",
            unit="万元",
            negative=True,
            synonyms=("主营业务收入", "销售收入", "营收", "开票销售", "营业总收入", "主营收入"),
            plausible=BANDS["revenue"],
        ),
        Field(
            "value_added",
            "工业增加值",
            unit="万元",
            negative=True,
            synonyms=(
                *("增加值", "工业增加额", "增加值总额", "规上工业增加值"),
                *("工业增加值（现价）", "工业增加值（当年价格）"),
            ),
            plausible=BANDS["value_added"],
        ),
        Field(
            "gross_output",
            "工业总产值",
            unit="万元",
            synonyms=(
                *("总产值", "产值", "工业产值", "年总产值"),
                *(
                    "工业总产值（现价）",
                    "工业总产值（当年价格）",
                    "工业总产值（当年价）",
                    "工业总产值（现价/当年价格）",
                ),
            ),
            plausible=BANDS["gross_output"],
        ),
        Field(
            "profit",
            "利润总额",
            unit="万元",
            negative=True,
            synonyms=("利润", "净利润总额", "盈利", "利润额"),
            plausible=BANDS["profit"],
        ),
        Field(
            "rd_expense",
            "研发费用",
            unit="万元",
            synonyms=(
                "R&D经费",
                "研发投入",
                "研究开发费用",
                "R&D经费支出",
                "研发经费",
                "研发经费支出",
                "研发支出",
                "研发费用支出",
            ),
            plausible=BANDS["rd_expense"],
        ),
        Field(
            "employees",
            "从业人员",
            unit="人",
            synonyms=(
                "职工人数",
                "平均用工人数",
                "从业人员平均人数",
                "年平均职工人数",
                "用工人数",
                "员工人数",
                "年职工人数",
                "职工平均人数",
                "年平均用工人数",
                "从业人数",
                "职工数",
                "年末从业人员数",
                "年末从业人员",
            ),
            plausible=BANDS["employees"],
        ),
        Field(
            "investment",
            "固定资产投资",
            unit="万元",
            synonyms=("投资额", "固投", "工业投资"),
            plausible=BANDS["investment"],
        ),
        Field(
            "tech_investment",
            "技术改造投资",
            unit="万元",
            synonyms=("技改投资", "技改投资额", "技术改造投资额"),
            plausible=BANDS["tech_investment"],
        ),
    ),
    synonyms=("产值", "经济指标", "生产经营", "主要经济指标", "统计数据"),
)

EMISSIONS = Table(
    "emissions",
    "排放",
    "生态环境局",
    ("year", "credit_code"),
    owned_by(
        "生态环境局",
        YEAR,
        CREDIT_CODE,
        NAME,
        Field("cod_t", "化学需氧量", unit="吨", synonyms=("COD", "COD排放量", "化学需氧量排放量", "化学需氧量COD")),
        Field("nh3n_t", "氨氮", unit="吨", synonyms=("氨氮排放量", "NH3-N", "NH3N", "氨氮NH3-N")),
        Field("so2_t", "二氧化硫", unit="吨", synonyms=("SO2", "SO₂", "二氧化硫排放量")),
        Field("nox_t", "氮氧化物", unit="吨", synonyms=("NOx", "NOX", "氮氧化物排放量")),
    ),
    synonyms=("污染物", "排污", "污染物排放", "主要污染物"),
)

WATER = Table(
    "water",
    "用水",
    "水务公司",
    ("year", "credit_code"),
    owned_by(
        "水务公司",
        YEAR,
        CREDIT_CODE,
        NAME,
        Field(
            "water_m3",
            "用水量",
            unit="立方米",
            synonyms=("水量", "年用水量", "取水量", "自来水用量", "用水", "总用水量"),
            plausible=BANDS["water_m3"],
        ),
        Field(
            "water_over_quota_m3", "超计划用水量", unit="立方米", synonyms=("超定额用水量", "超计划水量", "超额用水量")
        ),
    ),
    synonyms=("水", "用水情况", "水费"),
)

EXTRA = Table(
    "extra",
    "补充指标",
    "经信局",
    ("year", "credit_code", "field"),
    owned_by(
        "经信局",
        YEAR,
        CREDIT_CODE,
        NAME,
        Field("field", "指标", "text", pools="none", synonyms=("指标名称", "项目", "字段", "指标名")),
        Field("value", "数值", "text", pools="none", synonyms=("值", "指标值", "数据", "内容")),
    ),
    required=("value",),
    synonyms=("其他指标", "补充数据", "地方指标"),
)
