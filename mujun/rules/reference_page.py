"""The tables of `docs/rules/` that are written from the models themselves: `python -m mujun.rules.reference_page`.

A table stands between `<!-- keys:Head -->` (or `<!-- functions -->`, `<!-- operators -->`, `<!-- fields -->`) and
`<!-- end -->`; everything else on the pages is written by hand.
"""

from __future__ import annotations

import dataclasses
import re
import types
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from mujun.fields import FRAME_FIELDS, TABLES, Field, lag_of
from mujun.rules import model
from mujun.rules.expressions.functions import FUNCTIONS, OPERATORS
from mujun.rules.expressions.text import Expression
from mujun.rules.folders import shipped_rules
from mujun.rules.methods import ScoringMethod
from mujun.rules.model.allocation import IncludeEntry
from mujun.rules.model.benchmark import Benchmark
from mujun.rules.model.cases import Row
from mujun.rules.model.head import Head
from mujun.rules.model.rating import ScoreLimits, Scoring
from mujun.rules.model.rectification import EvidenceEntry
from mujun.rules.model.scoring import Policy
from mujun.rules.shape import REQUIRED, keys_of

MODELS: Mapping[str, type] = {
    m.__name__: m
    for m in (*(getattr(model, name) for name in model.__all__), ScoreLimits)
    if isinstance(m, type) and dataclasses.is_dataclass(m) and keys_of(m)
}
"""Every model that has keys, by name."""

_WORDS: Mapping[Any, str] = {
    Expression: "算式",
    Benchmark: "数、算式，或 Peers",
    Decimal: "数",
    int: "整数",
    bool: "true / false",
    date: "日期",
    str: "文本",
    Policy: "处理办法",
    Scoring: "指标: 计分",
    IncludeEntry: "地址，或 Include",
    EvidenceEntry: "名称，或 Evidence",
    Row: "字段: 值",
}

_POOLS: Mapping[str, str] = {
    "sum": "相加",
    "max": "取最大",
    "min": "取最小",
    "any": "有一即是",
    "all": "全是才是",
    "earliest": "取最早",
    "latest": "取最晚",
    "most_land": "用地最多者",
    "union": "并集",
    "above": "有一规上即规上",
    "again": "汇总后重算",
    "none": "没有",
}
_KINDS: Mapping[str, str] = {
    "quantity": "数",
    "whole": "整数",
    "text": "文本",
    "date": "日期",
    "boolean": "是非",
    "texts": "文本列表",
}


PAGES = ("tutorial", "files", "expressions", "mistakes")
"""The pages of the reference, in the order in which one reads them."""


def page(name: str) -> Path:
    """A page of the reference, in the checkout or inside the wheel."""
    return shipped_rules().parent / "docs" / "rules" / f"{name}.md"


def written(text: str) -> str:
    """A page with every table written anew.

    Raises:
        KeyError: a marker names no model and no list.
    """
    return _MARKED.sub(lambda match: f"{match[1]}\n\n{_table(match[2])}\n\n<!-- end -->", text)


_MARKED = re.compile(r"(<!-- (keys:\w+|functions|operators|fields) -->)\n.*?<!-- end -->", re.DOTALL)


def marked(text: str) -> list[str]:
    """What the markers of a page name."""
    return [match[2] for match in _MARKED.finditer(text)]


def _table(name: str) -> str:
    makers: Mapping[str, Callable[[], Iterator[str]]] = {
        "functions": lambda: _pairs("函数", FUNCTIONS),
        "operators": lambda: _pairs("运算符", OPERATORS),
        "fields": _fields,
    }
    rows = _keys(MODELS[name.removeprefix("keys:")]) if name.startswith("keys:") else makers[name]()
    return "\n".join(rows)


def _cells(*cells: str) -> str:
    return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"


def _pairs(head: str, entries: Mapping[str, str]) -> Iterator[str]:
    yield _cells(head, "含义")
    yield "|---|---|"
    for word, doc in entries.items():
        yield _cells(f"`{word}`", doc)


# ---------------------------------------------------------------------------------------------------------- keys


def _keys(described: type) -> Iterator[str]:
    inherited = keys_of(Head) if described is not Head and issubclass(described, Head) else {}
    yield _cells("键", "写什么", "不写时", "说明")
    yield "|---|---|---|---|"
    for name, (field, hint) in keys_of(described).items():
        if name not in inherited:
            yield _cells(
                f"`{name}`", _kind(hint, bool(field.metadata.get("single"))), _default(field), field.metadata["doc"]
            )


def _kind(hint: Any, single: bool = False) -> str:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _kind(next(a for a in arguments if a is not type(None)), single)
    if origin is Literal:
        return "、".join(f"`{a}`" for a in arguments)
    if origin is tuple and arguments[-1] is Ellipsis:
        inner = _kind(arguments[0])
        return f"{inner}，或其列表" if single else f"列表：{inner}"
    if origin is tuple:
        return "[" + "，".join(_kind(a) for a in arguments) + "]"
    if origin is dict:
        inner = _kind(arguments[1])
        keyed = "名称" if arguments[1] is Decimal else "组别"
        return f"{inner}，或 {keyed}: {inner}" if single else f"名称: {inner}"
    if hint is ScoringMethod:
        return "、".join(f"`{word}`" for word in ScoringMethod.choices())
    word = _WORDS.get(hint, hint.__name__)
    return f"true，或 {word}" if single else word


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default is REQUIRED and field.default_factory is REQUIRED:
        return "**必填**"
    value = field.default_factory() if field.default_factory is not REQUIRED else field.default
    if value is None or value in ((), {}, ""):
        return "—"
    if isinstance(value, Policy):
        return f"`{value.kind}`"
    if isinstance(value, ScoringMethod):
        return f"`{value.name}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return "`[" + ", ".join(str(v) for v in value) + "]`"
    if isinstance(value, dict):
        parts = {k: f"[{', '.join(v)}]" if isinstance(v, tuple) else str(v) for k, v in value.items()}
        return "`" + (parts["default"] if set(parts) == {"default"} else ", ".join(map(": ".join, parts.items()))) + "`"
    if dataclasses.is_dataclass(value):
        return "—"
    return f"`{value}`"


# --------------------------------------------------------------------------------------------------------- fields


def _fields() -> Iterator[str]:
    yield _cells("名称", "中文名", "类型与单位", "合并评价时", "数据表", "说明")
    yield "|---|---|---|---|---|---|"
    for f in FRAME_FIELDS.values():
        if lag_of(f.name) is None:
            yield _cells(f"`{f.name}`", f.label, _measured(f), _POOLS[f.pools], _table_of(f), _note(f))


def _measured(f: Field) -> str:
    return f"{_KINDS[f.kind]}，{f.unit}" if f.unit else _KINDS[f.kind]


def _table_of(f: Field) -> str:
    return next((t.label for t in TABLES.values() if t.yearly and f.name in t.by_name), "由系统得出")


def _note(f: Field) -> str:
    notes = [f.note] if f.note else []
    if f.choices:
        notes.append("取值：" + "、".join(f.choices))
    return "；".join(notes)


def write(path: Path) -> None:
    """Write the tables of a page anew."""
    path.write_text(written(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    for one in PAGES:
        write(page(one))
