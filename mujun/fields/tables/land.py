"""The ground: land of firms, parcels, what a visit on site saw, rates of the land-use tax."""

from __future__ import annotations

from mujun.fields.field import Field, Table
from mujun.fields.plausible import BANDS
from mujun.fields.tables.shared import CREDIT_CODE, NAME, YEAR, owned_by

_TITLES = ("国有出让", "国有划拨", "国有租赁", "集体", "其他")
_TITLES_OTHERWISE = (
    ("出让", "国有出让"),
    ("出让土地", "国有出让"),
    ("出让用地", "国有出让"),
    ("划拨", "国有划拨"),
    ("划拨土地", "国有划拨"),
    ("划拨用地", "国有划拨"),
    ("集体土地", "集体"),
    ("集体建设用地", "集体"),
    ("集体经营性建设用地", "集体"),
)

LAND = Table(
    "land",
    "用地",
    "自然资源局",
    ("year", "credit_code"),
    owned_by(
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
            synonyms=(
                "用地性质",
                "取得方式",
                "用地类型",
                "用地方式",
                "权属类型",
                "权属性质",
                "土地权属",
                "用地权属",
                "权属情况",
            ),
            choices=("自有", "租入", "租出"),
            choice_synonyms=(
                ("自用", "自有"),
                ("自有用地", "自有"),
                ("自有土地", "自有"),
                ("出让", "自有"),
                ("国有出让", "自有"),
                ("出让土地", "自有"),
                ("出让用地", "自有"),
                ("划拨", "自有"),
                ("国有划拨", "自有"),
                ("划拨土地", "自有"),
                ("划拨用地", "自有"),
                ("租用", "租入"),
                ("承租", "租入"),
                ("租赁", "租入"),
                ("出租", "租出"),
                ("租入用地", "租入"),
                ("租出用地", "租出"),
                ("租赁土地", "租入"),
                ("租用土地", "租入"),
                ("租入土地", "租入"),
                ("出租土地", "租出"),
                ("租出土地", "租出"),
            ),
        ),
        Field(
            "area_mu",
            "用地面积",
            unit="亩",
            synonyms=(
                *("占地面积", "实际用地", "实际用地面积", "土地面积", "用地", "面积", "宗地面积", "土地使用面积"),
                *("实际占地", "实际占地面积", "用地总面积", "工业用地面积", "使用面积", "土地证面积"),
            ),
            plausible=BANDS["area_mu"],
        ),
        Field(
            "floor_area_m2",
            "建筑面积",
            unit="㎡",
            synonyms=("厂房面积", "房屋建筑面积", "总建筑面积", "厂房建筑面积"),
            plausible=BANDS["floor_area_m2"],
        ),
        Field(
            "counterparty",
            "租赁对方",
            "text",
            pools="none",
            synonyms=("出租方", "承租方", "对方单位", "房东", "出租人", "租赁方", "对方名称"),
            note="对方的信用代码或名称；村集体、个人写名称",
        ),
        Field(
            "title",
            "土地权属性质",
            "text",
            pools="none",
            synonyms=("使用权类型", "使用权性质", "土地取得方式", "使用权取得方式"),
            choices=_TITLES,
            choice_synonyms=_TITLES_OTHERWISE,
            told_by="tenure",
            note="“权属”填了出让、划拨的，自动记在这里",
        ),
    ),
    many=True,
    required=("tenure", "area_mu"),
    synonyms=("土地", "用地情况", "土地情况", "企业用地", "工业用地"),
)

PARCELS = Table(
    "parcels",
    "地块",
    "自然资源局",
    ("parcel",),
    owned_by(
        "自然资源局",
        Field(
            "parcel",
            "地块编号",
            "text",
            pools="none",
            synonyms=("宗地号", "宗地编号", "地块号", "不动产单元号", "宗地代码"),
        ),
        Field("holder", "权利人", "text", pools="none", synonyms=("土地使用权人", "使用权人", "权属人", "持有人")),
        Field(
            "area_mu",
            "用地面积",
            unit="亩",
            synonyms=("宗地面积", "地块面积", "土地面积", "占地面积", "面积"),
            plausible=BANDS["area_mu"],
        ),
        Field(
            "floor_area_m2",
            "建筑面积",
            unit="㎡",
            synonyms=("总建筑面积", "房屋建筑面积", "厂房面积"),
            plausible=BANDS["floor_area_m2"],
        ),
        Field("land_grade", "土地等级", "text", pools="none", synonyms=("等级", "税额等级", "土地级别")),
        Field("planned_use", "规划用途", "text", pools="none", synonyms=("用途", "规划性质", "土地用途")),
        Field("geometry", "图形", "text", pools="none", synonyms=("坐标", "空间范围", "WKT")),
        Field(
            "title",
            "权属性质",
            "text",
            pools="none",
            synonyms=("土地权属性质", "使用权类型", "使用权性质"),
            choices=("国有出让", "国有划拨", "国有租赁", "集体", "其他"),
            choice_synonyms=(
                ("出让", "国有出让"),
                ("划拨", "国有划拨"),
                ("集体土地", "集体"),
                ("集体建设用地", "集体"),
                ("集体经营性建设用地", "集体"),
            ),
        ),
        Field(
            "title_number", "不动产权证号", "text", pools="none", synonyms=("土地证号", "权证号", "产权证号", "证号")
        ),
        Field("title_on", "发证日期", "date", pools="none", synonyms=("登记发证日期", "权证日期")),
        Field("address", "地址", "text", pools="none", synonyms=("坐落", "土地坐落", "宗地坐落", "地块位置")),
        Field("township", "镇街", "text", pools="none", synonyms=("乡镇街道", "所在镇街", "所属镇街", "所在乡镇")),
        Field("park", "园区", "text", pools="none", synonyms=("所属园区", "产业平台", "开发区", "所在园区")),
        Field("planned_floor_ratio", "规划容积率", unit="", pools="none", synonyms=("容积率", "规划条件容积率")),
        Field("standard_land", "标准地", "text", pools="none", choices=("是", "否"), synonyms=("是否标准地",)),
        Field("promised_tax_per_mu", "承诺亩均税收", unit="万元/亩", pools="none", synonyms=("标准地亩均税收",)),
        Field(
            "promised_investment_per_mu", "承诺亩均投资", unit="万元/亩", pools="none", synonyms=("固定资产投资强度",)
        ),
        Field("promised_floor_ratio", "承诺容积率", unit="", pools="none", synonyms=("标准地容积率",)),
        Field("contract_start_on", "约定开工日期", "date", pools="none", synonyms=("合同开工日期",)),
        Field("contract_finish_on", "约定竣工日期", "date", pools="none", synonyms=("合同竣工日期",)),
        Field("contract_production_on", "约定投产日期", "date", pools="none", synonyms=("合同投产日期",)),
        Field("transferred_from", "转让方", "text", pools="none", synonyms=("二级市场转让方", "原权利人")),
        Field("transferred_on", "转让日期", "date", pools="none", synonyms=("二级市场转让日期", "过户日期")),
        Field("transfer_price", "转让价款", unit="万元", pools="none", synonyms=("二级市场转让价款", "成交价")),
    ),
    synonyms=("宗地", "地块清单", "工业地块"),
)

_YES_NO = ("是", "否")
_PROBLEMS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("illegal_land", "违法用地", ("违法占地",)),
    ("safety_hazard", "安全隐患", ("安全生产隐患",)),
    ("unlicensed", "无照经营", ("无证无照",)),
    ("poor_quality", "产品质量", ("产品质量问题",)),
    ("illegal_building", "违法建设", ("违法建筑", "违章建筑")),
    ("pollution", "环境污染", ("环保问题",)),
    ("tax_evasion", "偷税漏税", ("偷漏税",)),
    ("fire_hazard", "消防隐患", ("消防问题",)),
)

SURVEYS = Table(
    "surveys",
    "现场核查",
    "镇街",
    ("year", "credit_code"),
    owned_by(
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
            for name, label, synonyms in _PROBLEMS
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

PARCEL_SURVEYS = Table(
    "parcel_surveys",
    "地块核查",
    "镇街",
    ("year", "parcel"),
    owned_by(
        "镇街",
        YEAR,
        Field("parcel", "地块编号", "text", pools="none", synonyms=("宗地号", "宗地编号", "地块号")),
        Field("holder", "权利人", "text", pools="none", synonyms=("土地使用权人", "使用权人")),
        Field("surveyed_area_mu", "实测面积", unit="亩", pools="none", synonyms=("核实面积", "现场核实面积")),
        Field(
            "use_state",
            "利用状态",
            "text",
            pools="none",
            synonyms=("地块利用状态", "土地利用状态"),
            choices=("正常使用", "部分闲置", "闲置", "在建", "待拆除", "已拆除"),
        ),
        *(
            Field(name, label, "text", pools="none", choices=_YES_NO, synonyms=synonyms)
            for name, label, synonyms in _PROBLEMS
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
    synonyms=("地块核查表", "地块现场核查"),
    in_template=False,
)

LAND_GRADES = Table(
    "land_grades",
    "土地等级税额",
    "税务局",
    ("township", "land_grade"),
    owned_by(
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
