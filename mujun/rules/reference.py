"""The tables of rules/README.md, made from the language itself: keys, functions, operators, fields.

A part of the page between `<!-- begin: … -->` and `<!-- end: … -->` is written here; a test holds the page to it.
"""

from __future__ import annotations

import dataclasses
import re
import types
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin

from mujun.fields import FRAME_FIELDS, TABLES, lag_of
from mujun.messages import show
from mujun.rules import model
from mujun.rules.expressions import Expression
from mujun.rules.expressions.functions import FUNCTIONS, OPERATORS
from mujun.rules.model import Case, Head
from mujun.rules.model.allocation import IncludeEntry
from mujun.rules.model.cases import Row
from mujun.rules.model.rating import ScoreLimits
from mujun.rules.shape import REQUIRED, keys_of

_SECTIONS: dict[str, tuple[tuple[str, type], ...]] = {
    "head": (("每份文件的开头", Head), ("sources：出处", model.Source)),
    "rating": (
        ("rating.yaml", model.TheRating),
        ("fields：新字段", model.RuleField),
        ("tables：对照表", model.LookupTable),
        ("statistics：统计值", model.Statistic),
        ("population：评价对象与范围", model.Population),
        ("population.special：特殊情形", model.Special),
        ("cohorts：评价组别", model.Cohort),
        ("indicators：指标", model.Indicator),
        ("scoring.〈组别〉.〈指标〉：计分", model.Item),
        ("fallback：替代指标", model.Fallback),
        ("steps：分级", model.Step),
        ("decimals：小数位数", model.Decimals),
        ("adjustments：加减分", model.Adjustments),
        ("adjustments.items：加减分项", model.Adjustment),
        ("adjustments.families：类别", model.Family),
        ("adjustments.score：总分上下限", ScoreLimits),
        ("tiers：分档", model.Tiers),
        ("tiers.classes：档次", model.TierClass),
        ("tiers.before：分档前直接定档", model.Before),
        ("tiers.cut：一种分档", model.Cut),
        ("tiers.cut.picks：择取", model.Pick),
        ("tiers.after：分档后调整", model.After),
        ("tiers.verify：比例核对", model.Verify),
        ("require：底本对补全者的要求", model.Requirement),
        ("require.added：可增加的指标", model.AddedIndicators),
    ),
    "rectification": (
        ("rectification.yaml", model.TheRectification),
        ("listing：列入条件", model.Reason),
        ("exempt：豁免", model.Exempt),
        ("paths：整治方式", model.Path),
        ("exit：销号", model.Exit),
        ("watch：销号后跟踪", model.Watch),
    ),
    "allocation": (
        ("allocation.yaml", model.TheAllocation),
        ("include：引用", model.Include),
        ("include.measures：对所引用措施的改动", model.MeasureChange),
        ("measures：措施", model.Measure),
        ("measures.rate：标准", model.Rate),
        ("measures.exempt：豁免", model.Exemption),
        ("measures.period：执行期", model.Period),
    ),
    "targets": (("targets.yaml", model.TheTargets), ("targets：目标", model.Target)),
    "tests": (("tests.yaml", model.TheCases), ("cases：算例", Case)),
}

_SCALARS: dict[Any, str] = {
    str: "文本", Decimal: "数", int: "整数", bool: "true / false", date: "日期", Expression: "算式",
    Row: "一行：字段与值", IncludeEntry: "地址，或 include 的各键",
}  # fmt: skip


def reference_parts() -> dict[str, str]:
    """Every generated part of the page by its name."""
    parts = {f"keys {name}": _keys(models) for name, models in _SECTIONS.items()}
    makers: dict[str, Callable[[], str]] = {"functions": _functions, "operators": _operators, "fields": _fields}
    return parts | {name: make() for name, make in makers.items()}


def refreshed(page: str) -> str:
    """The page with its generated parts written anew.

    Raises:
        KeyError: a part of the page is none that can be generated.
    """
    parts = reference_parts()

    def written(found: re.Match[str]) -> str:
        return f"<!-- begin: {found[1]} -->\n{parts[found[1]]}<!-- end: {found[1]} -->"

    return re.sub(r"<!-- begin: (.*?) -->\n.*?<!-- end: \1 -->", written, page, flags=re.DOTALL)


def described_models() -> frozenset[type]:
    """The models whose keys the page explains."""
    return frozenset(m for models in _SECTIONS.values() for _, m in models)


# ----------------------------------------------------------------------------------------------------------------- keys


def _keys(models: Iterable[tuple[str, type]]) -> str:
    lines: list[str] = []
    shared = set(keys_of(Head))
    for title, described in models:
        rows = []
        for name, (field, hint) in keys_of(described).items():
            # The head is the same in every file and is explained once.
            if described is not Head and issubclass(described, Head) and name in shared:
                continue
            rows.append((f"`{name}`", _kind(hint, field), _default(field), str(field.metadata["doc"])))
        lines += [f"**{title}**", "", *_table(("键", "写法", "不写时", "含义"), rows), ""]
    return "\n".join(lines)


def _kind(hint: Any, field: dataclasses.Field[Any] | None = None) -> str:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _kind(next(a for a in arguments if a is not type(None)), field)
    single = bool(field is not None and field.metadata.get("single"))
    if origin is Literal:
        return " / ".join(f"`{a}`" for a in arguments)
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return f"{_kind(arguments[0])}的列表" + ("，只一项可不写括号" if single else "")
        return "[" + ", ".join(_kind(a) for a in arguments) + "]"
    if origin is dict:
        return f"名称: {_kind(arguments[1])}" + ("；直接写值即为 default" if single else "")
    if hint in _SCALARS:
        return _SCALARS[hint]
    if hint is model.Policy:
        return "`zero` / `full` / `cap` / `cohort_mean` / `reweight` / `{points: n}`"
    return "条目"


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default is REQUIRED and field.default_factory is REQUIRED:
        return "**必填**"
    if field.default is REQUIRED:
        return ""  # an empty mapping
    value = field.default
    if isinstance(value, model.Policy):
        return f"`{value.kind}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if value is None or value == () or dataclasses.is_dataclass(value):
        return ""
    if isinstance(value, tuple):
        return f"`[{', '.join(value)}]`"
    return f"`{show(value)}`"


# ------------------------------------------------------------------------------------------------------ lists of words


def _functions() -> str:
    return "\n".join(_table(("函数", "结果"), ((f"`{name}`", said) for name, said in FUNCTIONS.items()))) + "\n"


def _operators() -> str:
    rows = ((f"`{name}`", said) for name, said in OPERATORS.items())
    return "\n".join(_table(("运算", "含义"), rows)) + "\n"


def _fields() -> str:
    """The dictionary: what a rule may name without declaring it."""
    owners = {f.name: t.label for t in TABLES.values() for f in t.fields}
    kinds = {"quantity": "数", "text": "文本", "date": "日期", "boolean": "是非", "texts": "列表", "whole": "整数"}
    rows = []
    for name, f in FRAME_FIELDS.items():
        if lag_of(name) is not None:
            continue
        note = "；".join(t for t in ("、".join(f.choices), f.note) if t)
        rows.append((f"`{name}`", f.label, f.unit or kinds[f.kind], owners.get(name, "由其他表算出"), note))
    return "\n".join(_table(("字段", "中文名称", "单位或类型", "来自", "说明"), rows)) + "\n"


def _table(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    heads = list(titles)
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return lines + ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]


def _main() -> None:
    """Write the generated parts of the page anew."""
    from mujun.rules.folders import shipped_rules

    page = shipped_rules() / "README.md"
    page.write_text(refreshed(page.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    _main()
