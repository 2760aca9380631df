"""Who there is: the roll, labels, earlier results, codes that changed, names decided."""

from __future__ import annotations

from dataclasses import replace

from mujun.fields.field import Field, Table
from mujun.fields.tables.shared import CREDIT_CODE, NAME, YEAR, owned_by

ENTERPRISES = Table(
    "enterprises",
    "企业名录",
    "经信局",
    ("year", "credit_code"),
    owned_by(
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
            synonyms=(
                "乡镇街道",
                "所属镇街",
                "所在镇街",
                "所在乡镇",
                "乡镇（街道）",
                "所属乡镇",
                "属地",
                "镇（街道）",
                "所在街道（园区）",
                "所在街道",
                "所属街道",
                "所在镇",
                "乡镇",
                "街道",
                "乡镇（园区）",
                "镇街（园区）",
            ),
        ),
        Field("park", "园区", "text", pools="most_land", synonyms=("所属园区", "产业平台", "开发区", "所在园区")),
        Field(
            "industry",
            "行业代码",
            "text",
            pools="most_land",
            synonyms=("国民经济行业代码", "行业", "行业分类", "行业小类代码", "所属行业代码"),
            owner="统计局",
            pattern=r"^[0-9]{2,4}$",
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
                ("规模以上工业", "规上"),
                ("规模以下工业", "规下"),
                ("规模以上企业", "规上"),
                ("规模以下企业", "规下"),
                ("规上工业企业", "规上"),
                ("规下工业企业", "规下"),
                ("规模以上工业企业", "规上"),
                ("规模以下工业企业", "规下"),
                ("非规上", "规下"),
            ),
            likely=tuple(
                (word, scale)
                for scale, words in (
                    ("规下", ("小微", "小微企业", "小型", "小型企业", "微型", "微型企业")),
                    ("规上", ("大型", "大型企业", "中型", "中型企业", "大中型")),
                )
                for word in words
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
        Field(
            "address",
            "地址",
            "text",
            pools="none",
            synonyms=("企业地址", "生产地址", "经营地址", "生产经营地址", "详细地址", "注册地址"),
        ),
        Field("legal_person", "法定代表人", "text", pools="none", synonyms=("法人代表", "法人", "负责人", "经营者")),
        Field("contact", "联系人", "text", pools="none", synonyms=("企业联系人",)),
        Field("phone", "联系电话", "text", pools="none", synonyms=("联系方式", "电话", "手机", "手机号码")),
    ),
    required=("name",),
    synonyms=("企业名单", "名录", "企业基本信息", "企业清单", "基本情况"),
)

LABELS = Table(
    "labels",
    "标签",
    "经信局",
    ("credit_code", "label", "since"),
    owned_by(
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
    owned_by(
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

ALIASES = Table(
    "aliases",
    "更名合并",
    "市场监管局",
    ("credit_code", "since"),
    owned_by(
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
        Field(
            "successor_licence",
            "现代码证照",
            "text",
            pools="none",
            synonyms=("现代码证照文号", "现代码依据"),
            note="现代码校验位不符、证照确实如此的，写明凭什么文件",
        ),
        Field("successor_name", "现企业名称", "text", pools="none", synonyms=("现名称", "变更后名称", "承继企业名称")),
        Field(
            "change",
            "变更类型",
            "text",
            pools="none",
            synonyms=("变更事项", "变更方式"),
            choices=("换码", "合并", "撤销"),
            choice_synonyms=(("更名换码", "换码"), ("吸收合并", "合并"), ("并入", "合并"), ("个转企", "换码")),
            note="换码：同一家企业换了代码；合并：并入另一家；撤销：这条变更不存在",
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
    owned_by(
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

LICENCES = Table(
    "licences",
    "代码认定",
    "市场监管局",
    ("credit_code",),
    owned_by(
        "市场监管局",
        replace(CREDIT_CODE, note="营业执照上的代码，校验位不符合 GB 32100-2015"),
        NAME,
        Field(
            "ruling",
            "执照认定",
            "text",
            pools="none",
            choices=("认定", "撤销"),
            note="认定：执照上就是这个代码；撤销：以后不再认",
        ),
        Field("document", "文号", "text", pools="none", synonyms=("依据",)),
        Field("note", "备注", "text", pools="none", synonyms=("说明",)),
    ),
    required=("name", "ruling", "document"),
    in_template=False,
)
