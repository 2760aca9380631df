"""The functions an expression may call, and the operators it may use: the documented list.

Each entry says what it takes and gives. The translator has a case for each; a test holds the two together.
"""

from __future__ import annotations

FUNCTIONS: dict[str, str] = {
    "coalesce(a, b, …)": "第一个不缺失的值",
    "nullif(a, b)": "a 等于 b 时为缺失，否则为 a",
    "greatest(a, b, …)": "最大者；任一缺失则缺失",
    "least(a, b, …)": "最小者；任一缺失则缺失",
    "if(条件, a, b)": "条件成立为 a，否则（含缺失）为 b",
    "case when … then … else … end": "第一个成立的条件的值",
    "abs(x)": "绝对值",
    "round(x, n)": "四舍五入到 n 位小数",
    "floor(x)": "向下取整",
    "ceil(x)": "向上取整",
    "sqrt(x)": "平方根，取 12 位小数",
    "power(x, y)": "乘方，取 12 位小数",
    "ln(x)": "自然对数，取 12 位小数",
    "exp(x)": "指数，取 12 位小数",
    "quantity(数, '单位')": "带单位的数，如 quantity(0.000123, '吨标煤/千瓦时')",
    "array_contains(labels, '…')": "标签中有此项",
    "array_length(labels)": "个数",
    "starts_with(文本, '…')": "文本以此开头",
    "length(文本)": "字数",
    "left(文本, n)": "左边 n 个字",
    "right(文本, n)": "右边 n 个字",
    "substring(文本, 起, 长)": "从第几个字起的若干字",
    "concat(a, b, …)": "文本相接，也可写 a || b",
    "year(日期)": "年份；另有 month、day",
    "extract(year from 日期)": "年份；另有 month、day",
    "days_between(甲, 乙)": "从甲到乙的天数",
    "months_between(甲, 乙)": "从甲到乙的足月数",
    "years_between(甲, 乙)": "从甲到乙的足年数",
    "date '2022-12-31'": "日期",
    "日期 + interval '2 years'": "日期加减年、月、日；月末不足取月末",
}

OPERATORS: dict[str, str] = {
    "+ - * /": "加减及乘以数保持精确；除法及两个数量相乘为浮点；除以零为缺失",
    "= <> != < <= > >=": "比较；浮点按 12 位小数比较",
    "between a and b": "含两端；代码取与两端同样多的前几位比较，如 industry between '06' and '46'",
    "in (…)": "为所列之一",
    "like '…'": "% 表示任意若干字，_ 表示一字",
    "is null, is not null": "缺失、不缺失",
    "and or not": "三值逻辑：条件缺失视为不成立",
}
