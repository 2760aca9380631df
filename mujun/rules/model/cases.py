"""tests.yaml: hand-computed cases of a rule set."""

from __future__ import annotations

from typing import Any, ClassVar

from mujun.dataclass import dataclass
from mujun.errors import Place
from mujun.rules.shape import Reading, key, standing
from mujun.rules.tree import Node


@dataclass(frozen=True)
class Row:
    """A row of a case: values by column name, as nodes with their places."""

    values: dict[str, Node]
    stands: Place

    schema: ClassVar[dict[str, Any]] = {"type": "object"}

    @classmethod
    def read(cls, node: Node, path: str, reading: Reading) -> Row:
        """A row from its node."""
        if not isinstance(node.value, dict):
            reading.wrong("rules_want_named", node, path, value=node.text)
            return cls({}, node.place(path))
        return cls(dict(node.value), node.place(path))


@dataclass(frozen=True)
class Case:
    """One case: given these enterprises, expect these results."""

    id: str = key("代号")
    enterprises: tuple[Row, ...] = key("给定的企业：字段名或中文名称与值；不写为缺失")
    note: str | None = key("说明", None)
    year: int | None = key("数据年度，默认规则集的第一个年度", None)
    previous: tuple[Row, ...] = key("上一年的企业", ())
    usage: tuple[Row, ...] = key("分月用量", ())
    expect: tuple[Row, ...] = key("应得的评价结果，按 credit_code", ())
    rectification: tuple[Row, ...] = key("应得的整治清单结果", ())
    allocation: tuple[Row, ...] = key("应得的差别化措施结果，按 credit_code 与 measure", ())
    error: str | None = key("应报的错误：消息代号", None)
    stands: Place = standing()


@dataclass(frozen=True)
class TheCases:
    """tests.yaml."""

    mujun: int = key("规则语言版本，现为 1")
    kind: str = key("文件种类：tests")
    cases: tuple[Case, ...] = key("算例")
