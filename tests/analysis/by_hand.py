"""An evaluator of its own: from the numbers of an explanation's JSON to points, score and tier, as a reader would."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Said = Mapping[str, Any]


def rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def twelve(value: float) -> Decimal:
    return rounded(Decimal(repr(value)), 12)


def agrees(value: str | float, of: str, per: str) -> bool:
    """Whether a ratio is the quotient of its sides, as far as a double can tell at twelve decimals."""
    quotient = Decimal(of) / Decimal(per)
    return abs(Decimal(str(value)) - quotient) <= Decimal("1e-12") + abs(quotient) * Decimal("1e-15")


def points_of(step: Said, places: int) -> Decimal:
    """The points of an indicator by its own numbers."""
    weight = Decimal(repr(step["weight_used"]))
    if step["policy"] is not None:
        parameters = dict(step["parameters"])
        given = {
            "zero": Decimal(0),
            "reweight": Decimal(0),
            "full": weight,
            "cohort_mean": min(
                Decimal(repr(parameters.get("cohort_points", 0.0)))
                / Decimal(repr(parameters.get("cohort_members", 1.0))),
                Decimal(repr(parameters.get("cohort_most", 1e9))),
            ),
        }
        return rounded(given[step["policy"]], places)
    raw = weight * Decimal(repr(step["value_used"])) / Decimal(repr(step["benchmark"]))
    low, cap = Decimal(step["floor"]) * weight, step["cap"]
    held = max(raw, low) if cap is None else min(max(raw, low), Decimal(cap) * weight)
    return rounded(rounded(held, 12), places)


def score_of(said: Said, points: list[Decimal]) -> Decimal:
    """The score: points, loose adjustments and families, within the limits."""
    score = said["score"]
    total = sum(points, Decimal(0))
    by_family: dict[str, list[Decimal]] = {}
    for a in score["adjustments"]:
        if a["family"] is None:
            total += Decimal(a["points"])
        else:
            by_family.setdefault(a["family"], []).append(Decimal(a["points"]))
    for family in score["families"]:
        several = by_family.get(family["name"], [])
        found = sum(several, Decimal(0)) if family["take"] == "sum" else max(several, default=Decimal(0))
        found = found if family["most"] is None else min(found, Decimal(family["most"]))
        total += found if family["least"] is None else max(found, Decimal(family["least"]))
    total = rounded(total, score["places"])
    total = total if score["least"] is None else max(total, Decimal(score["least"]))
    return total if score["most"] is None else min(total, Decimal(score["most"]))


def tier_of(said: Said) -> str:
    """The tier: the cut by rank, or what a rule fixed, then the rules that changed it."""
    ladder: list[str] = [p["tier"] for p in said["cut"]["places"]]
    fixed = [r for r in said["rules"] if r["phase"] == "before" and r["matched"]]
    if fixed:
        tier = str(fixed[0]["action"]).removeprefix("改为")
    else:
        rank = said["cut"]["rank_counted"]
        tier = next((p["tier"] for p in said["cut"]["places"] if rank <= p["last_rank"]), ladder[-1])
    for rule in said["rules"]:
        if rule["phase"] == "after" and rule["matched"]:
            tier = moved(tier, rule["action"], ladder)
    return tier


def moved(tier: str, action: str, ladder: list[str]) -> str:
    place = ladder.index(tier)
    if action.startswith("改为"):
        return action.removeprefix("改为")
    if action.startswith("不得好于"):
        return ladder[max(place, ladder.index(action.removeprefix("不得好于")))]
    if action.startswith("不得差于"):
        return ladder[min(place, ladder.index(action.removeprefix("不得差于")))]
    steps = int(action[1:].removesuffix("档")) * (1 if action[0] == "升" else -1)
    return ladder[min(max(place - steps, 0), len(ladder) - 1)]
