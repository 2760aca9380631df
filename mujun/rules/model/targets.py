"""targets.yaml: what a plan promises."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from mujun.dataclass import dataclass
from mujun.errors import Place
from mujun.rules.expressions.text import Expression
from mujun.rules.model.head import Head
from mujun.rules.shape import key, standing

TargetKind = Literal["level", "rate", "campaign", "cumulative", "yearly"]
Counted = Literal["firms", "land", "energy"]


@dataclass(frozen=True)
class Computed:
    """How mujun computes an actual value from the records of enterprises."""

    of: Expression | None = key("合计什么：企业一年数据的算式，如 tax_paid", None)
    per: Expression | None = key("除以什么的合计，如 land_mu；两者都有数的企业才计入", None)
    members: Expression | None = key("只计这些企业，如 \"scale = '规上'\"", None)
    change: Literal["growth", "fall"] | None = key(
        "算出的数与上年比：growth 增长百分之几，fall 下降百分之几；单位须为 %", None
    )
    labels: tuple[str, ...] = key("改为按标签计数：月末有效的这些标签，写了就不写 of", (), single=True)
    records: Literal["projects", "land_supply", "special_fund"] | None = key(
        "改为由逐条记录算：projects 建设项目、land_supply 供地、special_fund 专项资金；算式用表中字段和 as_of（月末）",
        None,
    )
    on: str | None = key("用于 records：按哪个日期字段计入，如 signed_on", None)
    out_of: Expression | None = key(
        "用于 records：算 members 占这些记录的百分之几，写 true 为占全部；按 of 的合计，不写 of 按条数；单位须为 %",
        None,
    )
    span: Literal["year", "all"] = key("用于 records、口径为 level 的：year 当年1月起，all 有记录起", "year")
    each: Literal["firm", "record"] = key("标签怎样计：firm 每家一次，record 每条一次（如首台套）", "firm")
    stands: Place = standing()


@dataclass(frozen=True)
class Region:
    """What a higher level aims at by the same indicator, in the indicator's unit: a column beside the own targets."""

    targets: dict[str, Decimal] = key("该地区的目标值，按年，单位同本指标", {})
    yearly: dict[str, Decimal] = key("该地区当年新增的目标，按年，单位同本指标", {})
    note: str | None = key("说明：口径不同之处", None)
    stands: Place = standing()


@dataclass(frozen=True)
class Target:
    """One indicator or supplementary goal of a plan with its yearly targets."""

    id: str = key("代号")
    label: str = key("名称")
    kind: TargetKind = key(
        "口径：level 本年值；rate 年增幅；campaign 自行动开始累计；cumulative 含基期累计；yearly 当年累计，每年从零起"
    )
    unit: str = key("单位", "")
    base: dict[str, Decimal] = key("基期值，按年", {})
    targets: dict[str, Decimal] = key("目标值，按年", {})
    yearly: dict[str, Decimal] = key("当年新增目标，按年；targets 写累计目标", {})
    group: str | None = key("类别", None)
    counts: Counted | None = key(
        "由整治闭环计数：firms 完成整治的企业（家）、land 核实腾出用地（亩）、energy 核实腾出用能（吨标煤）", None
    )
    path: str | None = key("只计这种整治方式", None)
    computed: Computed | None = key("由企业数据算出实际值", None)
    reported_by: str | None = key(
        "由哪个单位按月填报：offices 中的简称；不写的，mujun 算不出的由列有本项的任务的第一个牵头单位（镇街除外）填报",
        None,
    )
    curve: dict[str, Decimal] = key("一年中的进度：月份: 到月末应完成全年的几成（0至1）；不写按月平均", {})
    townships: dict[str, dict[str, Decimal]] = key("分解到镇街的目标，按镇街、再按年", {})
    actual: dict[str, Decimal] = key("实际值，按年，由人填报；campaign、cumulative 填当年新增数", {})
    doubtful: tuple[str, ...] = key("印刷表中位置存疑的年份", ())
    regions: dict[str, Region] = key("省、市等上级同一指标的目标，按地区名称", {})
    note: str | None = key("说明：口径、存疑之处", None)
    stands: Place = standing()


@dataclass(frozen=True)
class Due:
    """Something a task has to bring about that is no figure."""

    what: str = key("要完成什么")
    by: date | None = key("最迟哪一天；不写为整个实施期", None)
    stands: Place = standing()


@dataclass(frozen=True)
class Task:
    """One task of a plan: who leads, who helps, what is due when, and by which figures it is told."""

    number: int = key("序号，与文件所列一致，不得重复")
    title: str = key("任务名称")
    lead: tuple[str, ...] = key("牵头单位：offices 中的简称", single=True)
    support: tuple[str, ...] = key("配合单位：offices 中的简称", (), single=True)
    due: tuple[Due, ...] = key("要完成的工作和时间", ())
    goals: tuple[str, ...] = key("可以计数的目标：targets、goals 中的代号", (), single=True)
    note: str | None = key("说明", None)
    stands: Place = standing()


@dataclass(frozen=True)
class Weighed:
    """One indicator of an assessment or a race, and what it is worth."""

    weight: Decimal = key("权重（分）")
    by: Literal["share", "value"] = key(
        "怎样得分：share 权重乘目标完成率（镇街没有分解目标的，为列入清单企业的完成率）；"
        "value 权重乘本镇街的值与最高者之比，只用于 race",
        "share",
    )
    floor: Decimal | None = key("最少得权重的几倍；不写用本节的 floor", None)
    cap: Decimal | None = key("最多得权重的几倍；不写用本节的 cap", None)
    stands: Place = standing()


@dataclass(frozen=True)
class Contest:
    """How those compared are weighed against each other: the annual assessment, or the race between townships."""

    label: str = key("名称")
    items: dict[str, Weighed] = key("计分的指标：targets、goals 中的代号")
    document: str | None = key("权重所依据的文件；不写的是示例，打印时说明", None)
    total: Decimal = key("各项权重之和应为", Decimal(100))
    floor: Decimal = key("每项最少得权重的几倍", Decimal(0))
    cap: Decimal = key("每项最多得权重的几倍", Decimal(1))
    missing: Literal["zero", "reweight"] = key("没有上报的：zero 该项零分；reweight 权重按比例分给其余各项", "zero")
    within: int | None = key("单位上报的数最多可以是几个月以前的，再早的按没有上报；不写不限，只用于 race", None)
    ties: Literal["skip", "dense"] = key(
        "同分的名次相同；其后：skip 空出名次（1、1、3），dense 接着排（1、1、2）", "skip"
    )
    stands: Place = standing()

    def limits(self, item: Weighed) -> tuple[Decimal, Decimal]:
        """The least and the most an item can bring, as multiples of its weight."""
        return (
            self.floor if item.floor is None else item.floor,
            self.cap if item.cap is None else item.cap,
        )


@dataclass(frozen=True)
class Watched:
    """What of projects and land is watched: from which size on somebody leads, and who is told of what is late."""

    office: str = key("谁负责项目推进：offices 中的简称，晚于计划的提醒给它")
    team_from: Decimal | None = key("计划总投资达到多少万元的，须有牵头领导和工作专班", None)
    late_after: int = key("晚于计划多少天以后提醒", 0)
    land_office: str | None = key("谁负责供地：offices 中的简称；写了的，工业用地不是标准地的提醒给它", None)
    stands: Place = standing()


@dataclass(frozen=True)
class TheTargets(Head):
    """targets.yaml."""

    targets: tuple[Target, ...] = key("目标", ())
    goals: tuple[Target, ...] = key("补充目标：任务中另有的可计数目标，写法同 targets，必须有单位", ())
    offices: dict[str, str] = key("单位：简称: 全称；tasks 用简称", {})
    also_called: dict[str, str] = key(
        "单位的其他叫法: 简称，如 供电公司: 供电；部门账号按数据字典里的叫法登录，据此认得自己的填报表", {}
    )
    curve: dict[str, Decimal] = key("各项一年中的进度，写法同 targets 的 curve；本项另写的以本项为准", {})
    townships_office: str | None = key("offices 中代表各镇街的简称：它的填报表每个镇街一份", None)
    tasks: tuple[Task, ...] = key("任务；继承时整体替换", ())
    assessment: Contest | None = key("年度考核", None)
    race: Contest | None = key("镇街赛马：按镇街计分排名", None)
    projects: Watched | None = key("项目全周期：谁负责，多大的项目须有领导和专班", None)

    def office_called(self, name: str) -> str | None:
        """The short word of the office that is called so; none where the plan does not say which that is.

        Its short word, its full name with or without 市, 县 or 区 before it, and what `also_called` says.
        """
        names = {name, *(f"{before}{name}" for before in "市县区")}
        return self.also_called.get(name) or next((o for o, full in self.offices.items() if {o, full} & names), None)

    def owed_by(self, figure: Target) -> str | None:
        """The office that reports a figure each month; none where mujun counts or computes it and no office is named.

        A figure that mujun cannot compute, and that names no office, is reported by whoever leads the first task that
        it stands in; the townships report only what names them.
        """
        if figure.reported_by is not None:
            return figure.reported_by
        if figure.counts is not None or figure.computed is not None:
            return None
        return next((o for o in self.led_by(figure) if o != self.townships_office), None)

    def led_by(self, figure: Target) -> tuple[str, ...]:
        """The offices that lead the tasks in whose goals a figure stands, each once."""
        return tuple(dict.fromkeys(o for t in self.tasks if figure.id in t.goals for o in t.lead))

    @property
    def figures(self) -> tuple[Target, ...]:
        """Indicators and supplementary goals together: whatever has an id, a unit and a value by year."""
        return (*self.targets, *self.goals)
