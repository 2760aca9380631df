"""The tables that departments send, field by field."""

from __future__ import annotations

from dataclasses import replace

from mujun.fields.field import Field, Table

# ----------------------------------------------------------------------------------------------- what many tables share

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


def _owned(owner: str, *fields: Field) -> tuple[Field, ...]:
    return tuple(replace(f, owner=f.owner or owner) for f in fields)


# ----------------------------------------------------------------------------------------------------------- the tables

ENTERPRISES = Table(
    "enterprises",
    "企业名录",
    "经信局",
    ("year", "credit_code"),
    _owned(
        "经信局",
        YEAR,
        CREDIT_CODE,
        NAME,
        Field("county", "县（市、区）", "text", pools="most_land", synonyms=("县市区", "所属县市区", "区县", "县区")),
        Field(
            "township",
            "镇街",
            "text",
            pools="most_land",
            synonyms=("乡镇街道", "所属镇街", "所在镇街", "所在乡镇", "乡镇（街道）", "所属乡镇", "属地", "镇（街道）"),
        ),
        Field("park", "园区", "text", pools="most_land", synonyms=("所属园区", "产业平台", "开发区", "所在园区")),
        Field(
            "industry",
            "行业代码",
            "text",
            pools="most_land",
            synonyms=("国民经济行业代码", "行业", "行业分类", "行业小类代码", "所属行业代码"),
            owner="统计局",
            note="GB/T 4754—2017，2 至 4 位数字",
        ),
        Field(
            "scale",
            "规模",
            "text",
            pools="above",
            synonyms=("企业规模", "规上规下", "是否规上", "规模情况", "规模类型"),
            owner="统计局",
            choices=("规上", "规下"),
            choice_synonyms=(
                ("规模以上", "规上"),
                ("规模以下", "规下"),
                ("规上企业", "规上"),
                ("规下企业", "规下"),
                ("规上工业", "规上"),
                ("规下工业", "规下"),
                ("是", "规上"),
                ("否", "规下"),
                ("以上", "规上"),
                ("以下", "规下"),
            ),
            note="以统计年报名录为准",
        ),
        Field(
            "status", "经营状态", "text", pools="most_land", synonyms=("登记状态", "企业状态", "存续状态", "生产状态")
        ),
        Field(
            "kind",
            "主体类型",
            "text",
            pools="most_land",
            synonyms=("企业类型", "市场主体类型", "单位类型"),
            owner="市场监管局",
            choices=("法人", "个体", "自然人"),
            choice_synonyms=(
                ("企业法人", "法人"),
                ("法人企业", "法人"),
                ("个体户", "个体"),
                ("个体工商户", "个体"),
                ("个人", "自然人"),
                ("自然人作坊", "自然人"),
            ),
        ),
        Field(
            "group_code",
            "集团代码",
            "text",
            pools="most_land",
            synonyms=("合并评价代码", "所属集团", "合并组", "集团编号"),
        ),
        Field(
            "registered_on",
            "注册日期",
            "date",
            pools="earliest",
            synonyms=("成立日期", "注册时间", "登记日期", "成立时间"),
            owner="市场监管局",
        ),
        Field(
            "started_on",
            "投产日期",
            "date",
            pools="earliest",
            synonyms=("投产时间", "开业日期", "正式投产日期", "开工投产时间"),
        ),
    ),
    required=("name",),
    synonyms=("企业名单", "名录", "企业基本信息", "企业清单", "基本情况"),
)

LAND = Table(
    "land",
    "用地",
    "自然资源局",
    ("year", "credit_code"),
    _owned(
        "自然资源局",
        YEAR,
        CREDIT_CODE,
        NAME,
        Field(
            "parcel",
            "地块编号",
            "text",
            pools="none",
            synonyms=("宗地号", "宗地编号", "地块号", "不动产单元号", "宗地代码"),
        ),
        Field(
            "tenure",
            "权属",
            "text",
            pools="none",
            synonyms=("用地性质", "取得方式", "用地类型", "用地方式", "权属类型"),
            choices=("自有", "租入", "租出"),
            choice_synonyms=(
                ("自用", "自有"),
                ("自有用地", "自有"),
                ("租用", "租入"),
                ("承租", "租入"),
                ("租赁", "租入"),
                ("出租", "租出"),
                ("租入用地", "租入"),
                ("租出用地", "租出"),
            ),
        ),
        Field(
            "area_mu",
            "用地面积",
            unit="亩",
            synonyms=("占地面积", "实际用地", "实际用地面积", "土地面积", "用地", "面积", "宗地面积", "土地使用面积"),
        ),
        Field(
            "floor_area_m2", "建筑面积", unit="㎡", synonyms=("厂房面积", "房屋建筑面积", "总建筑面积", "厂房建筑面积")
        ),
        Field(
            "counterparty",
            "租赁对方",
            "text",
            pools="none",
            synonyms=("出租方", "承租方", "对方单位", "房东", "出租人", "租赁方", "对方名称"),
            note="对方的信用代码或名称；村集体、个人写名称",
        ),
    ),
    many=True,
    required=("tenure", "area_mu"),
    synonyms=("土地", "用地情况", "土地情况", "企业用地", "工业用地"),
)

TAX = Table(
    "tax",
    "税收",
    "税务局",
    ("year", "credit_code"),
    _owned(
        "税务局",
        YEAR,
        CREDIT_CODE,
        NAME,
        Field(
            "tax_paid",
            "实缴税金",
            unit="万元",
            negative=True,
            synonyms=("实际入库税收", "税收实缴额", "税收实际贡献", "入库税收", "实缴税收", "税收", "税金", "税收收入"),
        ),
        Field(
            "tax_refund", "退税", unit="万元", negative=True, synonyms=("出口退税", "退税额", "已退税额", "退库税款")
        ),
        Field(
            "tax_credit",
            "减免抵税",
            unit="万元",
            negative=True,
            synonyms=("免抵税额", "减免税额", "税收减免", "免抵调库", "免抵退税额", "抵免税额"),
        ),
        Field(
            "land_use_tax",
            "城镇土地使用税",
            unit="万元",
            negative=True,
            synonyms=("土地使用税", "土地税", "应缴土地使用税", "城镇土地税"),
        ),
    ),
    synonyms=("税收情况", "纳税", "税务", "税收数据"),
)

ENERGY = Table(
    "energy",
    "能源",
    "供电公司",
    ("year", "credit_code"),
    _owned(
        "统计局",
        YEAR,
        CREDIT_CODE,
        NAME,
        Field(
            "electricity_kwh",
            "用电量",
            unit="千瓦时",
            owner="供电公司",
            synonyms=("电量", "用电", "年用电量", "售电量", "电力消费量", "全年用电量"),
        ),
        Field(
            "energy_tce",
            "综合能耗（等价值）",
            unit="吨标煤",
            synonyms=("综合能耗", "能耗等价值", "综合能源消费量", "总能耗", "综合能耗等价值", "能源消费量", "用能"),
            note="按电力等价值折算",
        ),
        Field(
            "energy_tce_calorific",
            "综合能耗（当量值）",
            unit="吨标煤(当量值)",
            synonyms=("能耗当量值", "综合能耗当量值", "综合能源消费量当量值", "综合能源消费量（当量值）"),
            note="按电力当量值折算，与等价值不可相加或比较",
        ),
        Field(
            "gas_m3",
            "天然气",
            unit="立方米",
            owner="燃气公司",
            synonyms=("用气量", "天然气用量", "天然气消费量", "燃气用量"),
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
    _owned(
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
        ),
        Field(
            "value_added",
            "工业增加值",
            unit="万元",
            negative=True,
            synonyms=("增加值", "工业增加额", "增加值总额", "规上工业增加值"),
        ),
        Field("gross_output", "工业总产值", unit="万元", synonyms=("总产值", "产值", "工业产值")),
        Field("profit", "利润总额", unit="万元", negative=True, synonyms=("利润", "净利润总额", "盈利")),
        Field(
            "rd_expense",
            "研发费用",
            unit="万元",
            synonyms=("R&D经费", "研发投入", "研究开发费用", "R&D经费支出", "研发经费"),
        ),
        Field(
            "employees",
            "从业人员",
            unit="人",
            synonyms=("职工人数", "平均用工人数", "从业人员平均人数", "年平均职工人数", "用工人数", "员工人数"),
        ),
        Field("investment", "固定资产投资", unit="万元", synonyms=("投资额", "固投", "工业投资")),
        Field("tech_investment", "技术改造投资", unit="万元", synonyms=("技改投资", "技改投资额", "技术改造投资额")),
    ),
    synonyms=("产值", "经济指标", "生产经营", "主要经济指标", "统计数据"),
)

EMISSIONS = Table(
    "emissions",
    "排放",
    "生态环境局",
    ("year", "credit_code"),
    _owned(
        "生态环境局",
        YEAR,
        CREDIT_CODE,
        NAME,
        Field("cod_t", "化学需氧量", unit="吨", synonyms=("COD", "COD排放量", "化学需氧量排放量")),
        Field("nh3n_t", "氨氮", unit="吨", synonyms=("氨氮排放量", "NH3-N", "NH3N")),
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
    _owned(
        "水务公司",
        YEAR,
        CREDIT_CODE,
        NAME,
        Field("water_m3", "用水量", unit="立方米", synonyms=("水量", "年用水量", "取水量", "自来水用量")),
        Field(
            "water_over_quota_m3", "超计划用水量", unit="立方米", synonyms=("超定额用水量", "超计划水量", "超额用水量")
        ),
    ),
    synonyms=("水", "用水情况", "水费"),
)

LABELS = Table(
    "labels",
    "标签",
    "经信局",
    ("credit_code", "label", "since"),
    _owned(
        "经信局",
        CREDIT_CODE,
        NAME,
        Field("label", "标签", "text", pools="none", synonyms=("荣誉", "称号", "类别", "事项", "标签名称")),
        Field(
            "since",
            "起始日期",
            "date",
            pools="none",
            synonyms=("认定日期", "生效日期", "开始日期", "发生日期", "认定时间"),
        ),
        Field("until", "截止日期", "date", pools="none", synonyms=("失效日期", "有效期至", "结束日期", "有效期止")),
        Field("document", "文号", "text", pools="none", synonyms=("文件", "依据", "依据文号", "证书编号")),
        Field("note", "备注", "text", pools="none", synonyms=("说明", "备注说明", "情况说明")),
    ),
    required=("label",),
    synonyms=("荣誉", "负面清单", "企业标签", "资质荣誉"),
)

RATINGS = Table(
    "ratings",
    "历年评价",
    "经信局",
    ("year", "credit_code"),
    _owned(
        "经信局",
        YEAR,
        CREDIT_CODE,
        NAME,
        Field("tier", "档次", "text", pools="none", synonyms=("评价等级", "评价结果", "等级", "类别", "评价档次")),
        Field("score", "综合得分", pools="none", negative=True, synonyms=("得分", "总分", "评价得分", "综合评价得分")),
        Field("cohort", "评价组别", "text", pools="none", synonyms=("组别", "评价分组", "分组")),
    ),
    required=("tier",),
    synonyms=("评价结果", "往年评价", "历史评价"),
)

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
    _owned(
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
    ("credit_code", "utility", "from", "until"),
    _owned(
        "供电公司",
        CREDIT_CODE,
        NAME,
        _UTILITY,
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
    synonyms=("月用电量", "分月用电", "用量明细", "账单"),
)

PARCELS = Table(
    "parcels",
    "地块",
    "自然资源局",
    ("parcel",),
    _owned(
        "自然资源局",
        Field(
            "parcel",
            "地块编号",
            "text",
            pools="none",
            synonyms=("宗地号", "宗地编号", "地块号", "不动产单元号", "宗地代码"),
        ),
        Field("holder", "权利人", "text", pools="none", synonyms=("土地使用权人", "使用权人", "权属人", "持有人")),
        Field("area_mu", "用地面积", unit="亩", synonyms=("宗地面积", "地块面积", "土地面积", "占地面积", "面积")),
        Field("floor_area_m2", "建筑面积", unit="㎡", synonyms=("总建筑面积", "房屋建筑面积", "厂房面积")),
        Field("land_grade", "土地等级", "text", pools="none", synonyms=("等级", "税额等级", "土地级别")),
        Field("planned_use", "规划用途", "text", pools="none", synonyms=("用途", "规划性质", "土地用途")),
        Field("geometry", "图形", "text", pools="none", synonyms=("坐标", "空间范围", "WKT")),
    ),
    synonyms=("宗地", "地块清单", "工业地块"),
)

EXTRA = Table(
    "extra",
    "补充指标",
    "经信局",
    ("year", "credit_code", "field"),
    _owned(
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

ALIASES = Table(
    "aliases",
    "更名合并",
    "市场监管局",
    ("credit_code", "since"),
    _owned(
        "市场监管局",
        replace(
            CREDIT_CODE,
            label="原信用代码",
            synonyms=("原统一社会信用代码", "旧代码", "变更前代码", "原代码"),
            note="变更前的代码；本地编码也可",
        ),
        replace(NAME, label="原企业名称", synonyms=("原名称", "变更前名称", "原名"), note=""),
        Field(
            "since",
            "变更日期",
            "date",
            pools="none",
            synonyms=("合并日期", "更名日期", "换码日期", "生效日期"),
            note="自这一天起归现代码",
        ),
        Field(
            "successor",
            "现信用代码",
            "text",
            pools="none",
            synonyms=("现统一社会信用代码", "新代码", "变更后代码", "承继企业代码"),
        ),
        Field("successor_name", "现企业名称", "text", pools="none", synonyms=("现名称", "变更后名称", "承继企业名称")),
        Field(
            "change",
            "变更类型",
            "text",
            pools="none",
            synonyms=("变更事项", "变更方式"),
            choices=("换码", "合并"),
            choice_synonyms=(("更名换码", "换码"), ("吸收合并", "合并"), ("并入", "合并"), ("个转企", "换码")),
            note="换码：同一家企业换了代码；合并：并入另一家",
        ),
        Field("document", "文号", "text", pools="none", synonyms=("文件", "依据", "依据文号")),
        Field("note", "备注", "text", pools="none", synonyms=("说明", "备注说明")),
    ),
    required=("successor", "change"),
    synonyms=("企业变更", "代码变更", "更名", "合并"),
)

MATCHES = Table(
    "matches",
    "名称认定",
    "经信局",
    ("given_name", "township"),
    _owned(
        "经信局",
        Field("given_name", "材料中的名称", "text", pools="none", synonyms=("来文名称", "待认定名称")),
        Field(
            "township", "材料中的镇街", "text", pools="none", synonyms=("来文镇街",), note="来文没有写镇街的填“未写”"
        ),
        Field(
            "decision",
            "认定",
            "text",
            pools="none",
            synonyms=("认定意见", "是否认定"),
            choices=("认定", "不认定"),
            choice_synonyms=(("是", "认定"), ("同意", "认定"), ("否", "不认定"), ("不同意", "不认定")),
            note="认定：这个名称就是这家企业；不认定：不是",
        ),
        replace(CREDIT_CODE, label="认定信用代码", synonyms=("认定代码", "对应代码"), note="18 位；本地编码也可"),
        replace(NAME, label="认定企业名称", synonyms=("对应企业",)),
        Field("likeness", "名称相似度", pools="none", unit="%", synonyms=("相似度",)),
        Field("document", "文号", "text", pools="none", synonyms=("依据",)),
        Field("note", "备注", "text", pools="none", synonyms=("说明",)),
    ),
    required=("decision",),
    synonyms=("名称匹配认定",),
    in_template=False,
)

_YES_NO = ("是", "否")

SURVEYS = Table(
    "surveys",
    "现场核查",
    "镇街",
    ("year", "credit_code"),
    _owned(
        "镇街",
        YEAR,
        CREDIT_CODE,
        NAME,
        Field("surveyed_mu", "实测用地", unit="亩", synonyms=("核实用地", "现场核实用地")),
        Field(
            "operation",
            "生产状态",
            "text",
            pools="most_land",
            synonyms=("现场生产状态", "经营情况"),
            choices=("正常生产", "间歇生产", "停产", "空置", "在建", "整体出租", "已注销"),
        ),
        *(
            Field(name, label, "text", pools="none", choices=_YES_NO, synonyms=synonyms)
            for name, label, synonyms in (
                ("illegal_land", "违法用地", ("违法占地",)),
                ("safety_hazard", "安全隐患", ("安全生产隐患",)),
                ("unlicensed", "无照经营", ("无证无照",)),
                ("poor_quality", "产品质量", ("产品质量问题",)),
                ("illegal_building", "违法建设", ("违法建筑", "违章建筑")),
                ("pollution", "环境污染", ("环保问题",)),
                ("tax_evasion", "偷税漏税", ("偷漏税",)),
                ("fire_hazard", "消防隐患", ("消防问题",)),
            )
        ),
        Field(
            "proposed_path",
            "建议整治方式",
            "text",
            pools="none",
            synonyms=("整治路径", "整治方式"),
            choices=("拆除重建", "整治提升", "功能转型", "关停退出"),
        ),
        Field("remark", "核查说明", "text", pools="none", synonyms=("情况说明", "现场情况")),
        Field("verified_by", "核查人", "text", pools="none", synonyms=("核实人", "核查人员")),
        Field("verified_on", "核查日期", "date", pools="none", synonyms=("核实日期", "现场日期")),
    ),
    required=("verified_by", "verified_on"),
    synonyms=("现场核实", "核查表"),
    in_template=False,
)

LAND_GRADES = Table(
    "land_grades",
    "土地等级税额",
    "税务局",
    ("township", "land_grade"),
    _owned(
        "税务局",
        Field(
            "township",
            "镇街",
            "text",
            pools="none",
            synonyms=("乡镇街道", "所在乡镇", "适用镇街"),
            note="填“*”为不限镇街",
        ),
        Field(
            "land_grade",
            "土地等级",
            "text",
            pools="none",
            synonyms=("等级", "税额等级", "土地级别"),
            note="填“*”为不限",
        ),
        Field(
            "tax_rate",
            "年税额标准",
            unit="元/㎡",
            pools="none",
            synonyms=("税额标准", "单位税额", "适用税额", "每平方米税额"),
        ),
        Field("document", "文号", "text", pools="none", synonyms=("文件", "依据")),
    ),
    required=("tax_rate",),
    synonyms=("土地使用税税额", "税额标准表", "土地等级"),
)

PROJECTS = Table(
    "projects",
    "用能项目",
    "发改局",
    ("project",),
    _owned(
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
    _owned(
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
    _owned(
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
    synonyms=("替代台账", "产能替代", "能耗替代"),
)

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        ENTERPRISES,
        LAND,
        TAX,
        ENERGY,
        OUTPUT,
        EMISSIONS,
        WATER,
        LABELS,
        RATINGS,
        ACCOUNTS,
        USAGE,
        PARCELS,
        EXTRA,
        ALIASES,
        MATCHES,
        SURVEYS,
        LAND_GRADES,
        PROJECTS,
        SOURCES,
        SUBSTITUTIONS,
    )
}
