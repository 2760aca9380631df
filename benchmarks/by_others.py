"""The two rule sets of the benchmark by other hands and engines: pandas, plain Python, libraries that decide or rank.

`in_pandas` and `in_python` do all of `rules/six` and give `credit_code`, points and score in whole numbers of 10⁻⁴,
rank and tier. The others do what they can express of `rules/fixed`, whose benchmarks are numbers.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from benchmarks.by_hand import INDICATORS, KEYS

SHARES = ((20, "A"), (60, "B"), (95, "C"))
FIXED = {"tax": 33.0, "va": 135.0, "energy": 7.5, "emission": 1500.0, "head": 8.0, "rd": 0.02}
THRESHOLDS = ((90, "A"), (60, "B"), (40, "C"))
QUANTITIES = sorted({name for of, per, _ in INDICATORS.values() for name in (of, per)})
FIRM = ("credit_code", *KEYS, *QUANTITIES)


# ------------------------------------------------------------------------------------------------------- plain Python


def for_python(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """The firms as plain Python has them: a dictionary each, quantities as decimals."""
    return frame.select(FIRM).to_dicts()


def _quotient(above: Decimal | None, below: Decimal | None) -> float | None:
    if above is None or below is None or below <= 0:
        return None
    return round(float(above) / float(below) * 1e12) / 1e12


def _points(value: float | None, base: float | None, weight: float) -> int:
    if value is None or base is None:
        return 0
    raw = min(max(weight * (value / base), 0.0), 1.5 * weight)
    return (round(raw * 1e12) + 50_000_000) // 100_000_000


def in_python(firms: Sequence[dict[str, Any]]) -> list[tuple[str, list[int], int, int, str]]:
    """The whole of `rules/six`, firm by firm: code, points, score, rank, tier, in the order of the firms."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, firm in enumerate(firms):
        groups[firm["county"], firm["industry_division"]].append(number)
    rated: list[Any] = [None] * len(firms)
    for members in groups.values():
        bases = {}
        for name, (of, per, _) in INDICATORS.items():
            both = [f for f in (firms[n] for n in members) if f[of] is not None and f[per] is not None]
            bases[name] = _quotient(sum((f[of] for f in both), Decimal(0)), sum((f[per] for f in both), Decimal(0)))
        scored = []
        for number in members:
            firm = firms[number]
            points = [
                _points(_quotient(firm[of], firm[per]), bases[name], weight)
                for name, (of, per, weight) in INDICATORS.items()
            ]
            scored.append((sum(points), points, number))
        scored.sort(key=lambda one: -one[0])
        limits = [((len(members) * share + 50) // 100, tier) for share, tier in SHARES]
        rank, before = 0, None
        for place, (score, points, number) in enumerate(scored, start=1):
            if score != before:
                rank, before = place, score
            tier = next((tier for limit, tier in limits if rank <= limit), "D")
            rated[number] = (firms[number]["credit_code"], points, score, rank, tier)
    return rated


# ------------------------------------------------------------------------------------------------------------- pandas


def for_pandas(frame: pl.DataFrame) -> Any:
    """The firms as a pandas frame: quantities in whole numbers of 10⁻⁶ as floats, whose sums by group are exact."""
    import pandas as pd

    micro = {name: (frame[name].to_physical().cast(pl.Float64)).to_numpy() for name in QUANTITIES}
    return pd.DataFrame({name: frame[name].to_list() for name in ("credit_code", *KEYS)} | micro)


def in_pandas(firms: Any) -> Any:
    """The whole of `rules/six` column by column."""
    groups = firms.groupby(KEYS, sort=False, observed=True)
    by = groups.ngroup()
    result = firms[["credit_code"]].copy()
    score = np.zeros(len(firms), dtype=np.int64)
    for name, (of, per, weight) in INDICATORS.items():
        above, below = firms[of], firms[per]
        both = above.notna() & below.notna()
        sum_of, sum_per = above.where(both).groupby(by).sum() / 1e6, below.where(both).groupby(by).sum() / 1e6
        base = (np.rint(sum_of / sum_per * 1e12) / 1e12).reindex(by).to_numpy()
        value = np.rint((above / 1e6) / (below / 1e6) * 1e12) / 1e12
        raw = np.clip(weight * (value.where(below > 0).to_numpy() / base), 0.0, 1.5 * weight)
        points = (np.rint(np.nan_to_num(raw) * 1e12).astype(np.int64) + 50_000_000) // 100_000_000
        result[f"{name}_points"] = points
        score += points
    result["score"] = score
    result["rank"] = result["score"].groupby(by).rank(method="min", ascending=False).astype(int)
    size = by.map(by.value_counts())
    place = sum((result["rank"] > (size * share + 50) // 100).astype(int) for share, _ in SHARES)
    result["tier"] = np.array(["A", "B", "C", "D"])[place]
    return result


# --------------------------------------------------------------------------------- libraries of multi-criteria decision


def ratios(frame: pl.DataFrame) -> np.ndarray:
    """What `rules/fixed` weighs: each firm's indicators as multiples of their benchmarks, at most 1.5, missing as 0."""
    capped = [
        pl.when(pl.col(per) > 0)
        .then(pl.col(of).cast(pl.Float64) / pl.col(per).cast(pl.Float64) / FIXED[name])
        .clip(0, 1.5)
        .fill_null(0.0)
        .alias(name)
        for name, (of, per, _) in INDICATORS.items()
    ]
    return frame.select(capped).to_numpy()


WEIGHTS = np.array([weight for _, _, weight in INDICATORS.values()])


def in_scikit_criteria(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The weighted sum and the rank of a matrix of ratios."""
    from skcriteria import mkdm
    from skcriteria.agg.simple import WeightedSumModel

    done = WeightedSumModel().evaluate(mkdm(matrix, [max] * matrix.shape[1], weights=WEIGHTS))
    return np.asarray(done.e_.score), np.asarray(done.rank_)


def in_pymcdm(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The weighted sum and the rank of a matrix of ratios."""
    from pymcdm.methods import WSM

    method = WSM(normalization_function=lambda ratios, cost: ratios)
    # Its own checks warn of every firm that is best in all criteria, and capped ratios make many such.
    preference = method(matrix, WEIGHTS / 100, np.ones(matrix.shape[1]), validation=False)
    return preference * 100, np.asarray(method.rank(preference))


# ------------------------------------------------------------------------------------------------------ rules as tables


def for_zen(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """The firms as the records that Zen takes."""
    return frame.select("scale", *(pl.col(name).cast(pl.Float64) for name in QUANTITIES)).to_dicts()


def zen_decision() -> Callable[[Any], Any]:
    """`rules/fixed` as a decision of GoRules Zen: points and score as expressions, tiers and the rule as a table."""
    import zen

    def expression(name: str) -> str:
        of, per, weight = INDICATORS[name]
        known = f"{of} != null and {per} != null and {per} > 0"
        return f"{known} ? round(min([{of} / {per} / {FIXED[name]}, 1.5]) * {weight}, 4) : 0"

    points = [{"id": n, "key": f"{n}_points", "value": expression(n)} for n in INDICATORS]
    total = {"id": "score", "key": "score", "value": " + ".join(f"$.{n}_points" for n in INDICATORS)}
    low = {"id": "low", "key": "low", "value": "scale == '规上' and tax_paid != null and land_mu != null and "
           "land_mu > 0 and tax_paid / land_mu < 5"}  # fmt: skip
    kept = [{"id": name, "key": name, "value": name} for name in ("scale",)]
    lines = [("true", ">= 60", "C"), *(("", f">= {limit}", tier) for limit, tier in THRESHOLDS), ("", "", "D")]
    rules = [{"_id": f"r{n}", "low": a, "score": b, "tier": f'"{t}"'} for n, (a, b, t) in enumerate(lines)]
    table = {
        "hitPolicy": "first",
        "passThrough": True,
        "inputs": [{"id": "low", "name": "low", "field": "low"}, {"id": "score", "name": "score", "field": "score"}],
        "outputs": [{"id": "tier", "name": "tier", "field": "tier"}],
        "rules": rules,
    }
    nodes = [
        ("in", "inputNode", {}),
        ("points", "expressionNode", {"expressions": [*points, total, low, *kept]}),
        ("tiers", "decisionTableNode", table),
        ("out", "outputNode", {}),
    ]
    place = {"x": 0, "y": 0}
    graph = {
        "nodes": [{"id": i, "name": i, "type": kind, "position": place, "content": c} for i, kind, c in nodes],
        "edges": [
            {"id": f"{a[0]}-{b[0]}", "sourceId": a[0], "targetId": b[0], "type": "edge"} for a, b in pairwise(nodes)
        ],
    }
    evaluate: Callable[[Any], Any] = zen.ZenEngine().create_decision(json.dumps(graph)).evaluate
    return evaluate


def in_zen(evaluate: Callable[[Any], Any], records: Sequence[dict[str, Any]]) -> tuple[np.ndarray, list[str]]:
    """Score and tier of each record."""
    results = [evaluate(record)["result"] for record in records]
    return np.array([float(r["score"]) for r in results]), [r["tier"] for r in results]


# -------------------------------------------------------------------------------------------- a tax and benefit system


def openfisca_system() -> Any:
    """`rules/fixed` as a tax and benefit system of OpenFisca: firms are persons; points, score and tier are variables.

    OpenFisca keeps floats of 32 bits; tiers are whole numbers, 0 for A.
    """
    from openfisca_core.entities import build_entity
    from openfisca_core.periods import DateUnit
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable

    firm = build_entity(key="firm", plural="firms", label="firm", is_person=True)
    together = build_entity(
        key="area", plural="areas", label="area", roles=[{"key": "member", "plural": "members", "label": "member"}]
    )
    system = TaxBenefitSystem([firm, together])

    def add(name: str, kind: type, formula: Callable[..., Any] | None = None) -> None:
        body: dict[str, Any] = {"value_type": kind, "entity": firm, "definition_period": DateUnit.YEAR, "label": name}
        if formula is not None:
            body["formula"] = formula
        system.add_variable(type(name, (Variable,), body))

    for name in QUANTITIES:
        add(name, float)
    add("large", bool)

    def points(name: str) -> Callable[..., Any]:
        of, per, weight = INDICATORS[name]

        def formula(firm: Any, period: Any) -> Any:
            above, below = firm(of, period), firm(per, period)
            known = ~np.isnan(above) & ~np.isnan(below) & (below > 0)
            ratio = np.divide(above, below, out=np.zeros_like(above), where=known) / FIXED[name]
            return np.round(np.clip(ratio, 0, 1.5) * weight, 4)

        return formula

    for name in INDICATORS:
        add(f"{name}_points", float, points(name))
    add("score", float, lambda firm, period: sum(firm(f"{n}_points", period) for n in INDICATORS))

    def tier(firm: Any, period: Any) -> Any:
        score, land = firm("score", period), firm("land_mu", period)
        place = sum((score < limit).astype(int) for limit, _ in THRESHOLDS)
        low = firm("large", period) & (firm("tax_paid", period) / np.where(land > 0, land, np.nan) < 5)
        return np.where(low, np.maximum(place, 2), place)

    add("tier", int, tier)
    return system


def for_openfisca(frame: pl.DataFrame) -> dict[str, np.ndarray]:
    """The firms as arrays, missing as NaN."""
    arrays = {name: frame[name].cast(pl.Float64).to_numpy() for name in QUANTITIES}
    return arrays | {"large": (frame["scale"] == "规上").to_numpy()}


def in_openfisca(system: Any, arrays: dict[str, np.ndarray]) -> tuple[np.ndarray, list[str]]:
    """Score and tier of all firms in one simulation."""
    from openfisca_core.simulations import SimulationBuilder

    simulation = SimulationBuilder().build_default_simulation(system, len(arrays["large"]))
    for name, values in arrays.items():
        simulation.set_input(name, "2022", values)
    tiers = np.array(["A", "B", "C", "D"])[simulation.calculate("tier", "2022")]
    return np.asarray(simulation.calculate("score", "2022"), dtype=float), tiers.tolist()
