"""New names that a rule file introduces: fields, lookup tables, statistics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from typing import Literal

from mujun.dataclass import dataclass
from mujun.errors import Place
from mujun.rules.expressions.text import Expression
from mujun.rules.shape import key, standing

InputKind = Literal["quantity", "text", "date", "boolean"]
FieldPool = Literal["sum", "again", "max", "min", "any", "all", "earliest", "latest", "most_land", "union"]
StatisticKind = Literal["ratio_of_sums", "mean", "median", "quantile", "max", "min", "sum", "count"]
Interpolation = Literal["linear", "lower", "higher", "nearest", "midpoint"]
Among = Literal["rated", "all", "cohort"]
"""Whom a statistic counts: subjects with a rank, every subject whatever its treatment, or those of the own cohort."""

Relation = Literal["parcel", "landlord"]
"""Groups that may overlap: who stands on the same parcels, and who rents from somebody."""

RELATIONS: Mapping[Relation, str] = {"parcel": "parcels", "landlord": "tenants"}
"""By which column of the frame the members of a relation are found."""


@dataclass(frozen=True)
class CountedIn:
    """Among whom the statistics of a list or a measure are computed, where they do not say it themselves."""

    of: Literal["all", "rated"] | None = key(
        "all 全部企业，不论是否参评；rated 所依据的评价中参评的；不写时：有 rating.yaml 的为 rated，没有的为 all", None
    )
    scope: Expression | None = key("只算其中符合这个条件的", None)
    stands: Place = standing()


@dataclass(frozen=True)
class RuleField:
    """A new quantity per enterprise: computed by `value`, or read from the `extra` table by `input`."""

    label: str | None = key("中文名称", None)
    unit: str | None = key("单位；与算式推出的单位不合即报错", None)
    value: Expression | None = key("算式", None)
    input: InputKind | None = key("由“补充指标”表填报的类型：quantity、text、date、boolean", None)
    pool: FieldPool | None = key("合并评价时如何汇总：sum 相加；again 汇总后重算；其余见说明", None)
    stands: Place = standing()


@dataclass(frozen=True)
class LookupTable:
    """A csv file of the rule set's folder, joined by key; its columns become `<table>_<column>`."""

    file: str = key("csv 文件名，与本文件同一文件夹")
    keys: tuple[str, ...] = key("用来匹配的字段，与 csv 的列名相同；单元格写 * 表示任意", ())
    range: str | None = key("按数落在哪一段匹配的字段：csv 里写 from（含）、up_to（不含）两列，空白为不限", None)
    labels: dict[str, str] = key("各列的中文名称", {})
    units: dict[str, str] = key("各列的单位", {})
    required: bool = key("必须匹配：true 时每个评价对象都须有匹配的行，否则报错", False)
    stands: Place = standing()


@dataclass(frozen=True)
class Statistic:
    """One exact number per group, under a name."""

    stat: StatisticKind = key("统计方式：ratio_of_sums 总和之比、mean、median、quantile、max、min、sum、count")
    label: str | None = key("中文名称", None)
    of: Expression | None = key("统计什么；ratio_of_sums 的分子", None)
    per: Expression | None = key("分母：用于 ratio_of_sums", None)
    over: tuple[str, ...] = key(
        "按哪些字段分组；[] 为全部一组；parcel 为同一地块上的企业（含自己），landlord 为自己的承租企业", ()
    )
    among: Among | None = key(
        "在谁当中：rated 参评的（评价的默认）；all 全部，不论是否参评；cohort 本组参评的，即 over 再加 cohort", None
    )
    members: Expression | None = key("哪些评价对象计入", None)
    min_members: int = key("有值的成员少于这么多个时用 otherwise", 1)
    otherwise: Expression | None = key("没有成员或成员太少时的值：数或算式", None)
    q: Decimal | None = key("分位，0 到 1：用于 quantile", None)
    interpolation: Interpolation = key("落在两数之间时：用于 quantile", "linear")
    year: Literal["this", "previous"] = key("数据年：previous 用上一年数据计算", "this")
    round: int | None = key("四舍五入的位数", None)
    stands: Place = standing()
    relation: Relation | None = field(default=None, kw_only=True)
    """The relation among `over`, once it is known that the file does not mean a name of its own by it."""

    @property
    def keys(self) -> tuple[str, ...]:
        """By which names the subjects are grouped: those of `over`, and the cohort where it counts its own only.

        A relation is not among them: its groups overlap.
        """
        own_cohort = self.among == "cohort" and "cohort" not in self.over
        return (*self.over, "cohort") if own_cohort else self.over
