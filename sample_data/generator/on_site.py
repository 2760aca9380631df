"""What a round on site meets: 规上 firms on little land, firms struck off the register, the list of the year before.

Laid over the finished county, without a random number, so that nobody else's figures move.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from .figures import Figures
from .firms import ABOVE, BELOW, FIRST, SECOND, Firm
from .land import OWN, Land
from .parcels_and_problems import SILENT, Trouble
from .places import INDUSTRIES, UTILITIES
from .records import Label

LITTLE_M2 = (1900, 1480, 1120, 720)
"""What the 规上 firms on little land stand on: 1.08 to 2.85 亩, in buildings of several floors."""

CANCELLED = 3
"""Firms that the roll of the second year still has, though they are no longer on the register."""


def move_upstairs(firms: Iterable[Firm], land: Land, figures: dict[int, dict[int, Figures]]) -> list[Firm]:
    """Give 规上 firms with one small parcel of their own even less of it; who they are.

    Those who pay least are taken, the least on most land: it comes onto the list for its tax per mu all the same.
    """
    alone = [f for f in firms if _one_parcel(f, land) and set(f.scale.values()) == {ABOVE} and _plain(f)]
    small = sorted(alone, key=lambda f: (land.net_m2(f, SECOND), f.number))[:24]
    chosen = sorted(small, key=lambda f: (figures[SECOND][f.number].tax_paid, f.number))[: len(LITTLE_M2)]
    for firm, m2 in zip(chosen, LITTLE_M2, strict=True):
        (fact,) = land.by_firm[firm.number]
        assert fact.parcel is not None
        fact.m2 = fact.parcel.m2 = m2
        fact.floor_m2 = fact.parcel.floor_m2 = 4 * m2
    return chosen


def cancel(troubles: Sequence[Trouble], land: Land) -> list[Firm]:
    """Strike some firms at which a problem was found off the register in the second year; who they are."""
    found = [t.firm for t in troubles if t.firm is not None and t.closed_on is None]
    able = [f for f in found if set(f.scale.values()) == {BELOW} and _plain(f) and land.net_m2(f, SECOND) >= 2000]
    chosen = able[:CANCELLED]
    for firm in chosen:
        firm.status[SECOND] = "注销"
    return chosen


def _one_parcel(firm: Firm, land: Land) -> bool:
    facts = land.by_firm[firm.number]
    if len(facts) != 1 or facts[0].tenure != OWN or facts[0].parcel is None:
        return False
    return all(f is facts[0] for f in land.facts if f.parcel is facts[0].parcel)


def _plain(firm: Firm) -> bool:
    """Whether nothing else happens to a firm: it stays, under one name and code, a manufacturer of its own."""
    strange = firm.arranged or firm.renamed or firm.namesake or firm.before or firm.group or firm.idle
    return firm.stays and not strange and firm.industry not in (*UTILITIES, INDUSTRIES[-1])


# -------------------------------------------------------------------------------------------------- last year's list

PROGRESS_FILE = "清单/2021年高耗低效清单进度.csv"
"""What townships reported on the first year's list: events that `mujun rectify load` takes in."""

ISSUED_ON = date(2022, 6, 30)
"""The day of the first year's list."""

HEADERS: tuple[str, ...] = (
    "统一社会信用代码", "企业名称", "动作", "日期", "经办", "说明", "文号", "佐证材料", "改定整治方式", "改定具体方式",
    "改定完成时限", "核实腾出用能（吨标煤）",
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One line of the progress file."""

    firm: Firm
    action: str
    on: date
    note: str = ""
    document: str = ""
    evidence: str = ""
    path: str = ""
    way: str = ""
    deadline: date | None = None
    energy_tce: str = ""

    def cells(self) -> list[str]:
        """The line as texts, in the order of the headers."""
        return [
            self.firm.code_in(SECOND), self.firm.name[SECOND], self.action, str(self.on), f"{self.firm.township}经发办",
            self.note, self.document, self.evidence, self.path, self.way, str(self.deadline or ""), self.energy_tce,
        ]  # fmt: skip


_EVIDENCE = "企业整改报告、镇街核查表"
_PLANNED, _BEGUN, _REPORTED, _SEEN, _STRUCK = (
    date(2022, 8, 1), date(2022, 9, 1), date(2022, 12, 20), date(2023, 1, 10), date(2023, 1, 20),
)  # fmt: skip


def progress(
    firms: Iterable[Firm],
    land: Land,
    figures: dict[int, dict[int, Figures]],
    labels: Iterable[Label],
    touched: Iterable[int],
) -> list[Step]:
    """What became of twelve firms that are certainly on the first year's list.

    规上 manufacturers that pay less than 5 万元/亩 and nothing else is said of. Three are struck off; two are to close
    by a day that has passed; three are at work, in ways of their own; two were sent back; two are to be converted.
    """
    told, spoilt = {x.firm.number for x in labels}, set(touched)
    low = [
        f
        for f in firms
        if _plain(f) and f.scale[FIRST] == ABOVE and f.number not in told | spoilt and f.started_on < date(2019, 1, 1)
        and f.township not in SILENT and 0 < _tax_per_mu(f, land, figures) < 5
    ]  # fmt: skip
    chosen = sorted(low, key=lambda f: f.number)[:12]
    steps: list[Step] = []
    for firm in chosen[:3]:
        steps += [
            *_begun(firm, way="改造提升"), Step(firm, "申报完成", _REPORTED),
            Step(firm, "验收通过", _SEEN, evidence=_EVIDENCE, energy_tce="0"),
            Step(firm, "销号", _STRUCK, document="示例腾笼办〔2023〕2号"),
        ]  # fmt: skip
    for firm in chosen[3:5]:
        steps.append(
            Step(firm, "确定方案", _PLANNED, "厂房腾空后收回土地", path="关停退出", deadline=date(2022, 12, 31))
        )
    for firm, way in zip(chosen[5:8], ("搬迁入园", "兼并重组", "改造提升"), strict=True):
        steps += _begun(firm, way=way)
    for firm in chosen[8:10]:
        steps += [*_begun(firm), Step(firm, "申报完成", _REPORTED), Step(firm, "退回", _SEEN, "税收仍低于限值")]
    for firm in chosen[10:]:
        steps.append(Step(firm, "确定方案", _PLANNED, path="功能转型", deadline=date(2023, 12, 31)))
    return steps


def _begun(firm: Firm, way: str = "") -> list[Step]:
    return [Step(firm, "确定方案", _PLANNED, way=way), Step(firm, "开始整治", _BEGUN)]


def _tax_per_mu(firm: Firm, land: Land, figures: dict[int, dict[int, Figures]]) -> float:
    own = figures[FIRST][firm.number]
    return float(own.tax_paid + (own.tax_credit or 0)) / (land.net_m2(firm, FIRST) * 0.0015)
