"""Problems found on firms and parcels (问题隐患治理清单): each a record with a life of its own."""

from __future__ import annotations

from mujun.fields.field import Field, Table
from mujun.fields.tables.shared import CREDIT_CODE, NAME, owned_by

KINDS: tuple[str, ...] = (
    "违法用地", "安全隐患", "无照经营", "产品质量", "违法建设", "环境污染", "偷税漏税", "消防隐患",
)  # fmt: skip
"""The eight kinds that a survey asks for; a county may add others."""

PROBLEM_LIST = Table(
    "problems",
    "问题隐患",
    "镇街",
    ("problem",),
    owned_by(
        "镇街",
        Field("problem", "问题编号", "text", pools="none", synonyms=("隐患编号",)),
        CREDIT_CODE,
        NAME,
        Field("parcel", "地块编号", "text", pools="none", synonyms=("宗地号", "宗地编号", "地块号")),
        Field("township", "镇街", "text", pools="none", synonyms=("乡镇街道", "所在镇街", "所属镇街")),
        Field("problem_kind", "问题类别", "text", pools="none", synonyms=("隐患类别", "问题类型")),
        Field("problem_text", "问题描述", "text", pools="none", synonyms=("隐患描述", "问题情况")),
        Field("found_by", "发现人", "text", pools="none", synonyms=("检查人", "排查人")),
        Field("found_on", "发现日期", "date", pools="none", synonyms=("检查日期", "排查日期")),
        Field("handled_by", "处置部门", "text", pools="none", synonyms=("牵头部门", "整改督办部门")),
        Field("order_document", "责令整改文号", "text", pools="none", synonyms=("整改通知书文号",)),
        Field("order_deadline", "整改期限", "date", pools="none", synonyms=("限期整改日期", "整改截止日期")),
        Field("mended_on", "整改完成日期", "date", pools="none", synonyms=("整改日期",)),
        Field("mend_result", "整改结果", "text", pools="none", synonyms=("整改情况",)),
        Field("fined_on", "处罚日期", "date", pools="none"),
        Field("fine_amount", "处罚金额", unit="万元", pools="none", synonyms=("罚款金额", "罚款")),
        Field("closed_on", "问题销号日期", "date", pools="none", synonyms=("销号日期",)),
        Field("withdrawn_on", "问题撤销日期", "date", pools="none"),
        Field("withdrawn_why", "撤销原因", "text", pools="none", note="查明不是问题的，撤销时写明为什么"),
        Field("evidence", "佐证文件", "text", pools="none", note="存入佐证夹的文件名"),
        Field("evidence_sha256", "佐证摘要", "text", pools="none", note="文件的SHA-256"),
    ),
    required=("problem_kind",),
    synonyms=("问题清单", "隐患清单", "问题隐患治理清单"),
    in_template=False,
)
