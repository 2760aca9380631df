"""rectification.yaml: who is listed, for which reasons, by which path, and how one gets off the list."""

from __future__ import annotations

from typing import Any, Literal

from mujun.dataclass import dataclass
from mujun.errors import Place
from mujun.rules.expressions.text import Expression
from mujun.rules.model.head import Head
from mujun.rules.model.names import CountedIn, LookupTable, RuleField, Statistic
from mujun.rules.shape import Reading, json_schema, key, read, standing
from mujun.rules.tree import Node

ListSubject = Literal["enterprise", "parcel"]
"""What a list lists: enterprises, or parcels with all firms on them."""


@dataclass(frozen=True)
class Reason:
    """A reason for being listed; any one lists an enterprise."""

    id: str = key("代号")
    when: Expression = key("条件")
    reason: str = key("列入理由")
    stands: Place = standing()


@dataclass(frozen=True)
class Exempt:
    """Who is not listed all the same."""

    id: str = key("代号")
    when: Expression = key("条件")
    reason: str = key("豁免理由")
    of: tuple[str, ...] = key("只豁免这些理由；不写为全部", (), single=True)
    stands: Place = standing()


@dataclass(frozen=True)
class Path:
    """How a listed enterprise is dealt with; the first that holds."""

    id: str = key("代号")
    when: Expression = key("条件")
    path: str = key("整治方式")
    months: int = key("完成时限（月）")
    stands: Place = standing()


@dataclass(frozen=True)
class Evidence:
    """A kind of evidence that acceptance asks for, of all or of some paths."""

    kind: str = key("佐证材料的名称")
    paths: tuple[str, ...] = key("只有这些整治方式才要；不写为全部", (), single=True)
    stands: Place = standing()


@dataclass(frozen=True)
class EvidenceEntry:
    """Evidence as written: its name, or its name with the paths that need it."""

    evidence: Evidence

    @classmethod
    def schema(cls, definitions: dict[str, Any]) -> dict[str, Any]:
        """Its JSON Schema: a name, or a name with paths."""
        return {"anyOf": [{"type": "string", "description": "佐证材料的名称"}, json_schema(Evidence, definitions)]}

    @classmethod
    def read(cls, node: Node, path: str, reading: Reading) -> EvidenceEntry:
        """Evidence from its node."""
        if isinstance(node.value, str):
            return cls(Evidence(node.text, stands=node.place(path)))
        evidence = read(Evidence, node, path, reading)
        return cls(evidence if evidence is not None else Evidence("", stands=node.place(path)))


@dataclass(frozen=True)
class Exit:
    """When an enterprise is struck off, by how much it has to be over that, and what has to be shown."""

    when: Expression = key("达标条件；销号后的跟踪期内不再满足即为回潮")
    evidence: tuple[EvidenceEntry, ...] = key("佐证材料：验收时逐项核对", ())
    margin: Expression | None = key("达标余量：建议验收还须同时满足的条件，免得刚销号又回潮", None)
    stands: Place = standing()

    def evidence_for(self, path: str | None) -> tuple[str, ...]:
        """The kinds of evidence that acceptance asks for on a path."""
        return tuple(e.evidence.kind for e in self.evidence if not e.evidence.paths or path in e.evidence.paths)


@dataclass(frozen=True)
class Watch:
    """How long an enterprise is watched after it was struck off."""

    months: int = key("跟踪月数", 12)


@dataclass(frozen=True)
class NamedList:
    """One of several lists of a file; what it does not state is as the file has it."""

    label: str | None = key("清单名称", None)
    subject: ListSubject | None = key("列什么：enterprise 企业；parcel 地块，同一地块上的企业合在一起", None)
    scope: Expression | None = key("只在这些企业中筛查", None)
    listing: tuple[Reason, ...] = key("列入条件，符合其一即列入", ())
    exempt: tuple[Exempt, ...] = key("豁免", ())
    paths: tuple[Path, ...] = key("整治方式，先符合者适用", ())
    effects: dict[str, Expression] = key("预计成效：land_mu 腾出用地（亩）、energy_tce 腾出用能（吨标煤）", {})
    exit: Exit | None = key("销号条件", None)
    watch: Watch | None = key("销号后跟踪", None)
    stands: Place = standing()


@dataclass(frozen=True)
class TheRectification(Head):
    """rectification.yaml."""

    fields: dict[str, RuleField] = key("新字段", {})
    tables: dict[str, LookupTable] = key("对照表", {})
    statistics: dict[str, Statistic] = key("统计值", {})
    population: CountedIn = key("本文件的统计值在谁当中算", CountedIn())
    subject: ListSubject = key("列什么：enterprise 企业；parcel 地块，同一地块上的企业合在一起", "enterprise")
    scope: Expression | None = key("只在这些企业中筛查", None)
    listing: tuple[Reason, ...] = key("列入条件，符合其一即列入", ())
    exempt: tuple[Exempt, ...] = key("豁免", ())
    paths: tuple[Path, ...] = key("整治方式，先符合者适用", ())
    effects: dict[str, Expression] = key("预计成效：land_mu 腾出用地（亩）、energy_tce 腾出用能（吨标煤）", {})
    exit: Exit | None = key("销号条件", None)
    watch: Watch | None = key("销号后跟踪", None)
    lists: dict[str, NamedList] = key("几张清单：每张有自己的列入条件、销号条件等，没有写的用本文件的", {})
