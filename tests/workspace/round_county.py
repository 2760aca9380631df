"""A township of five firms, small enough to count by hand, with rules of one indicator."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from mujun.store import Store
from mujun.workspace import County

from ..store.given import file, rows

ALONE, SEVERAL, LANDLORD, TENANT, SMALL = (
    "91330683XXXX0305XJ", "91330683XXXX001154", "91330683XXXX25494X", "91330683XXXX14955A", "ZR330683000001",
)  # fmt: skip
NAMES = {ALONE: "甲纺织", SEVERAL: "乙机械", LANDLORD: "丙电机", TENANT: "丁服饰", SMALL: "戊作坊"}

_RATING = """\
mujun: 1
kind: rating
name: 示例评价
status: example
omits: [示例]
cohorts: [{id: all, label: 全部, when: "true"}]
indicators:
  tax_per_mu: {label: 亩均税收, unit: 万元/亩, of: tax_paid, per: land_mu}
scoring:
  all:
    tax_per_mu: {weight: 100, benchmark: 10}
tiers:
  classes: [{id: A}, {id: B}]
  rank_by: [score]
  cut: {default: {shares: {A: 40, B: 100}}}
"""

_LIST = """\
mujun: 1
kind: rectification
name: 示例整治
status: example
omits: [示例]
listing:
  - {id: low, when: "tax_per_mu < 5", reason: 亩均税收低于5万元}
  - {id: hazard, when: "array_contains(labels, '问题隐患')", reason: 有问题隐患}
  - {id: fire, when: "array_contains(survey_problems, '消防隐患')", reason: 消防隐患}
paths: [{id: all, when: "true", path: 整治提升, months: 12}]
"""


def rules_at(folder: Path) -> str:
    """The rule set, written down."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rating.yaml").write_text(_RATING, encoding="utf-8")
    (folder / "rectification.yaml").write_text(_LIST, encoding="utf-8")
    return str(folder)


def county(path: Path) -> County:
    """The store: land in 亩 10; 6 + 3 = 9; 8 − 2 = 6; 4 + 2 = 6; 2. Tax in 万元 120, 45, 18, 66, 1."""
    roll = [
        {
            "year": 2022,
            "credit_code": c,
            "name": n,
            "township": "甲镇",
            "scale": "规下" if c == SMALL else "规上",
            "industry": "1751",
        }
        for c, n in NAMES.items()
    ]

    def land(code: str, tenure: str, area: str, parcel: str, other: str | None = None) -> dict[str, object]:
        return {"year": 2022, "credit_code": code, "tenure": tenure, "area_mu": Decimal(area), "parcel": parcel,
                "counterparty": other}  # fmt: skip

    ground = [
        land(ALONE, "自有", "10", "P1"), land(SEVERAL, "自有", "6", "P2"), land(SEVERAL, "自有", "3", "P3"),
        land(LANDLORD, "自有", "8", "P4"), land(LANDLORD, "租出", "2", "P4", TENANT), land(TENANT, "自有", "4", "P5"),
        land(TENANT, "租入", "2", "P4", LANDLORD), land(SMALL, "自有", "2", "P6"),
    ]  # fmt: skip
    taxes = zip(NAMES, ("120", "45", "18", "66", "1"), strict=True)
    with Store.create(path) as store:
        store.add_batch(file("名录.xlsx", {"enterprises": rows("enterprises", *roll)}), who="甲")
        store.add_batch(file("用地.xlsx", {"land": rows("land", *ground)}), who="甲")
        paid = rows("tax", *({"year": 2022, "credit_code": c, "tax_paid": Decimal(t)} for c, t in taxes))
        store.add_batch(file("税收.csv", {"tax": paid}, columns={"tax": ["tax_paid"]}), who="甲")
    return County(path)
