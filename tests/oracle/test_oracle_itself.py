"""Hand-computed cases: the oracle is only worth something if it is trusted itself."""

from datetime import date
from decimal import Decimal as D
from fractions import Fraction
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from .expressions import OracleError, at12, compile_expression, half_away, rational
from .rater import Result, rate
from .strategies import Case, cases, to_yaml

KINDS = {"tax": "exact", "land": "exact", "x": "float", "labels": "list", "name": "text", "day": "date", "ok": "bool"}


def value(expression: str, **names: Any) -> Any:
    return compile_expression(expression, lambda name: KINDS[name]).run(names.get)


def firm(code: str, tax: Any = None, land: Any = "1", **more: Any) -> dict[str, Any]:
    def exact(x: Any) -> D | None:
        return None if x is None else D(str(x))

    return {"credit_code": code, "tax_paid": exact(tax), "land_mu": exact(land), "scale": "规上", "labels": []} | more


def rules(cfg: dict[str, Any] | None = None, **parts: Any) -> dict[str, Any]:
    """Tax per mu, weight 10 against 10, one cohort, tiers by 20/60/95/100 unless told otherwise."""
    return {
        "cohorts": [{"id": "all", "label": "全部", "when": "true"}],
        "indicators": {"tax_per_mu": {"label": "亩均税收", "of": "tax_paid", "per": "land_mu"}},
        "scoring": {"all": {"tax_per_mu": cfg or {"weight": 10, "benchmark": 10}}},
        "tiers": {"classes": [{"id": c} for c in "ABCDT"], "cut": {"default": {"shares": shares()}}},
    } | parts


def shares(a: int = 20, b: int = 60, c: int = 95, d: int = 100) -> dict[str, int]:
    return {"A": a, "B": b, "C": c, "D": d}


def tiers(**parts: Any) -> dict[str, Any]:
    return dict(rules()["tiers"]) | parts


def by_code(result: Result, name: str) -> dict[str, Any]:
    return {row["credit_code"]: row[name] for row in result.enterprises}


def points(cfg: dict[str, Any], *taxes: Any, **parts: Any) -> list[Any]:
    firms = [firm(f"{i}", tax) for i, tax in enumerate(taxes)]
    return [str(p) for _, p in sorted(by_code(rate(firms, rules(cfg, **parts)), "tax_per_mu_points").items())]


# ---------------------------------------------------------------------------------------- numbers, expressions


def test_rounding_is_half_away_from_zero() -> None:
    assert [half_away(rational(x), 2) for x in (1.005, -1.005, 0.285)] == [D("1.01"), D("-1.01"), D("0.29")]
    assert half_away(Fraction(1, 2), 0) == 1
    assert at12(3 * 1.1 / 1.1) == 3.0  # 3.0000000000000004 as a double
    assert at12(float("inf")) is None


def test_kinds_decide_what_is_exact() -> None:
    assert value("tax + 2 * land - 0.1", tax=D("0.3"), land=D("1.1")) == D("2.4")  # exact: 0.3 + 2.2 - 0.1
    assert value("tax * land", tax=D("0.1"), land=D("3")) == 0.1 * 3  # a float: 0.30000000000000004
    assert value("tax / land", tax=D("1"), land=D("0")) is None
    assert value("coalesce(tax, x) * 3", tax=D("0.1"), x=None) == 0.1 * 3  # a float already by its kind
    assert value("x < 3", x=3 * 1.1 / 1.1) is False
    assert value("tax = x", tax=D("0.3"), x=0.1 + 0.2) is True


def test_missing_propagates_and_logic_is_three_valued() -> None:
    assert value("greatest(tax, 0)", tax=None) is None
    assert value("tax > 1 and false", tax=None) is False
    assert value("tax > 1 or 1 = 1", tax=None) is True
    assert value("not tax > 1", tax=None) is None
    assert value("tax in (1, 2)", tax=None) is None
    assert value("name not in ('a', 'b')", name="c") is True
    assert value("case when tax > 1 then 'big' else 'small' end", tax=None) == "small"
    assert value("tax is null and land is not null", tax=None, land=D(1)) is True
    assert value("tax between 1 and 2", tax=D(2)) is True


def test_functions() -> None:
    assert value("day + interval '2 years' > date '2022-12-31'", day=date(2021, 1, 1)) is True
    assert value("day + interval '1 year'", day=date(2020, 2, 29)) == date(2021, 2, 28)
    assert value("months_between(date '2022-01-31', day)", day=date(2022, 3, 1)) == 1
    assert value("round(tax, 1)", tax=D("0.25")) == D("0.3")
    assert value("floor(x)", x=0.3 / 0.1) == 3.0  # 2.9999999999999996 as a double
    assert value("left(name, 2) || '-' || right(name, 1)", name="绍兴市") == "绍兴-市"
    assert value("array_contains(labels, 'h') and array_length(labels) = 1", labels=("h",)) is True
    assert value("ln(tax)", tax=D(-1)) is None
    assert value("name like '%兴_'", name="绍兴市") is True
    assert value("-5 * greatest(tax - 1, 0)", tax=D(3)) == D(-10)


@pytest.mark.parametrize("text", ["1 +", "name > 3", "tax ^ 2", "sum(tax)", "(select 1)", "tax % 2"])
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises((OracleError, KeyError)):
        value(text, tax=D(1), name="a")


# -------------------------------------------------------------------------------------------- points (7.4)


LINE = [[3, 0], [10, D("0.6")], [30, 1]]
STEPS = [{"at_least": 30, "share": 1}, {"at_least": 15, "share": D("0.6")}]


@pytest.mark.parametrize(
    ("cfg", "taxes", "expected"),
    [
        # 10 × 24.097 / 24.097 = 10; 10 × 30 / 24.097 = 12.44968… ; negative: floor 0
        ({"benchmark": D("24.097")}, ["24.097", 30, -1], ["10.0000", "12.4497", "0.0000"]),
        # at most 1.2 × 10; at least −0.5 × 10
        ({"benchmark": 10, "cap": D("1.2"), "floor": D("-0.5")}, [15, -9], ["12.0000", "-5.0000"]),
        # 10 × (0.2 + 0.8 × (v − 2) / 8): v = 2 → 2, v = 6 → 6, v = 10 → 10
        ({"method": "minmax", "start": D("0.2")}, [2, 6, 10], ["2.0000", "6.0000", "10.0000"]),
        ({"method": "minmax", "start": D("0.2"), "flat": "start"}, [5, 5], ["2.0000", "2.0000"]),
        ({"method": "minmax", "start": D("0.2")}, [5, None], ["10.0000", "0.0000"]),
        # 10 × (2 − v / 10) / 2: v = 5 → 7.5; v = 30 → −5, floor; v = −10 → 15, at most 10
        ({"method": "inverse", "benchmark": 10, "zero_at": 2}, [5, 30, -10], ["7.5000", "0.0000", "10.0000"]),
        # 3 → 0, 10 → 0.6, 30 → 1: v = 6.5 → 0.3; v = 20 → 0.8; beyond: clamped
        ({"method": "linear", "points": LINE}, ["6.5", 20, 1, 99], ["3.0000", "8.0000", "0.0000", "10.0000"]),
        ({"method": "steps", "steps": STEPS}, [30, 15, 14], ["10.0000", "6.0000", "0.0000"]),
        # at or below, of four with a value: 1, 3, 3, 4
        ({"method": "percentile"}, [1, 2, 2, 9, None], ["2.5000", "7.5000", "7.5000", "10.0000", "0.0000"]),
        # 10 × ln(1 + 10/10) = 6.931471…
        ({"method": "formula", "formula": "weight * ln(1 + value / benchmark)", "benchmark": 10}, [10], ["6.9315"]),
        # mean of 10.0000 and 0.3333 = 5.16665 → 5.1667 (half away)
        ({"benchmark": 3, "weight": 1, "missing": "cohort_mean"}, [30, 1, None], ["10.0000", "0.3333", "5.1667"]),
        ({"benchmark": 10, "negative": {"points": -3}}, [-1, 10], ["-3.0000", "10.0000"]),
        ({"benchmark": 10, "missing": "cap", "cap": D("1.5")}, [None], ["15.0000"]),
    ],
)  # fmt: skip
def test_methods_and_policies(cfg: dict[str, Any], taxes: list[Any], expected: list[str]) -> None:
    assert points({"weight": 10} | cfg, *taxes) == expected


def test_zero_denominator_comes_before_fallback_and_missing() -> None:
    cfg = {"weight": 10, "benchmark": 10, "zero_denominator": "full", "missing": {"points": 1}}
    cfg["fallback"] = {"indicator": "per_kwh", "benchmark": 2}
    indicators = rules()["indicators"] | {"per_kwh": {"of": "tax_paid", "per": "electricity_kwh"}}
    firms = [firm("1", 5, 0), firm("2", 5, None, electricity_kwh=D(5)), firm("3", 5, None), firm("4", 5)]
    result = rate(firms, rules(cfg, indicators=indicators))
    # 1: land 0 → full; 2: no land → per_kwh 5 / 5 = 1, 10 × 1 / 2 = 5; 3: neither → 1 point; 4: 10 × 5 / 10
    assert by_code(result, "tax_per_mu_points") == {"1": D(10), "2": D(5), "3": D(1), "4": D(5)}
    notes = {"1": "zero_denominator", "2": "fallback:per_kwh", "3": "missing", "4": None}
    assert by_code(result, "tax_per_mu_note") == notes
    assert by_code(result, "tax_per_mu") == {"1": None, "2": None, "3": None, "4": 5.0}


def test_reweight_shares_the_weight_in_proportion() -> None:
    scoring = {
        "all": {
            n: {"weight": w, "benchmark": 10, "missing": "reweight", "cap": 1}
            for n, w in (("a", 60), ("b", 30), ("c", 10))
        }
    }
    of = {"a": "profit", "b": "revenue", "c": "tax_paid"}
    indicators = {name: {"of": field, "per": "land_mu"} for name, field in of.items()}
    firms = [firm("1", 20, revenue=D(5)), firm("2")]
    result = rate(firms, rules(indicators=indicators, scoring=scoring))
    # a missing: 100 shared by 30 : 10 → b 75 × 0.5 = 37.5; c 25, capped at 25; all missing: zero
    assert by_code(result, "b_points") == {"1": D("37.5"), "2": D(0)}
    assert by_code(result, "c_points") == {"1": D(25), "2": D(0)}
    assert by_code(result, "score") == {"1": D("62.5"), "2": D(0)}


def test_a_missing_benchmark_stops_the_run_only_where_it_is_needed() -> None:
    cfg = {"weight": 10, "benchmark": "tax_credit"}
    assert points(cfg, None) == ["0.0000"]
    with pytest.raises(OracleError, match="missing_benchmark"):
        points(cfg, 5)


def test_families_adjustments_and_score_limits() -> None:
    items = [
        {"id": "a", "when": "tax_paid > 5", "points": 6, "family": "honours"},
        {"id": "b", "when": "tax_paid > 5", "points": "tax_paid / 3", "family": "honours"},
        {"id": "c", "when": "tax_credit > 0", "points": -3},
    ]
    adjustments = {"items": items, "families": {"honours": {"max": 8}}, "score": {"max": 17}}
    firms = [firm("1", 10), firm("2", 5), firm("3", 8, tax_credit=D(1))]
    result = rate(firms, rules(adjustments=adjustments))
    # 1: 10 + min(6 + 3.3333, 8) = 18, at most 17; 2: 5; 3: 8 + min(6 + 2.6667, 8) − 3 = 13
    assert by_code(result, "score") == {"1": D(17), "2": D(5), "3": D(13)}
    assert by_code(result, "adj_b") == {"1": D("3.3333"), "2": D(0), "3": D("2.6667")}


# ------------------------------------------------------------------------------ statistics, fields, tables (7.2)


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        ({"stat": "mean", "of": "tax_per_mu"}, 5.333333333333),  # (2 + 4 + 10) / 3
        ({"stat": "ratio_of_sums", "of": "tax_paid", "per": "land_mu"}, 6.5),  # (2 + 4 + 20) / (1 + 1 + 2)
        ({"stat": "median", "of": "tax_paid"}, 4.0),
        ({"stat": "quantile", "of": "tax_paid", "q": D("0.75")}, 12.0),  # h = 1.5: half way from 4 to 20
        ({"stat": "quantile", "of": "tax_paid", "q": D("0.75"), "interpolation": "nearest"}, 20.0),
        ({"stat": "max", "of": "tax_paid"}, D(20)),
        ({"stat": "sum", "of": "tax_paid"}, D(26)),
        ({"stat": "count"}, D(4)),
        ({"stat": "count", "of": "tax_paid"}, D(3)),
        ({"stat": "mean", "of": "tax_paid", "round": 1}, 8.7),  # 26 / 3 = 8.666…
        ({"stat": "mean", "of": "tax_paid", "min_members": 4, "otherwise": 7}, 7.0),
        ({"stat": "mean", "of": "tax_paid", "members": "tax_paid > 99"}, None),
    ],
)
def test_statistics(statistic: dict[str, Any], expected: Any) -> None:
    firms = [firm("1", 2), firm("2", 4), firm("3", 20, 2), firm("4", None), firm("5", 1000, 1, scale="规下")]
    population = {"special": [{"id": "s", "when": "scale = '规下'", "treatment": "measured", "reason": "r"}]}
    result = rate(firms, rules(statistics={"s": {"over": []} | statistic}, population=population))
    assert by_code(result, "s") == dict.fromkeys("12345", expected)


def test_statistics_by_group_of_last_year_as_benchmark() -> None:
    statistics = {
        "last": {
            "stat": "mean",
            "of": "tax_per_mu",
            "over": ["industry_division"],
            "year": "previous",
            "otherwise": "county",
        },
        "county": {"stat": "sum", "of": "tax_paid", "over": []},
    }
    firms = [firm("1", 6, industry="1761"), firm("2", 9, industry="34"), firm("3", 5)]
    previous = [firm("1", 2, industry="17"), firm("7", 4, industry="1711")]
    given = rules({"weight": 10, "benchmark": "2 * last"}, statistics=statistics)
    result = rate(firms, given, previous)
    # 17: (2 + 4) / 2 = 3; 34 has none last year and firm 3 no industry: the sum 20 of this year
    assert by_code(result, "last") == {"1": 3.0, "2": 20.0, "3": 20.0}
    assert by_code(result, "tax_per_mu_points") == {"1": D(10), "2": D("2.25"), "3": D("1.25")}
    with pytest.raises(OracleError, match="previous_missing"):
        rate(firms, given)


def test_fields_by_dependency_and_tables_with_wildcards() -> None:
    fields = {"b": {"value": "a * 2"}, "a": {"value": "tax_paid + coalesce(tax_credit, 0) + guide_plus"}}
    tables = {"guide": {"file": "guide.csv", "keys": ["industry_division", "scale"]}}
    indicators = {"tax_per_mu": {"of": "b", "per": "land_mu"}}
    rows = [
        {"industry_division": i, "scale": s, "plus": p}
        for i, s, p in (("*", "*", "1"), ("17", "*", "2"), ("17", "规上", "3"))
    ]
    firms = [firm("1", 1, industry="17"), firm("2", 1, industry="17", scale="规下"), firm("3", 1)]
    result = rate(firms, rules(fields=fields, tables=tables, indicators=indicators), tables={"guide": rows})
    assert by_code(result, "tax_per_mu") == {"1": 8.0, "2": 6.0, "3": 4.0}
    with pytest.raises(OracleError, match="cycle"):
        rate(
            firms,
            rules(fields={"a": {"value": "b + 1"}, "b": {"value": "a"}}, indicators={"tax_per_mu": {"value": "a"}}),
        )


# --------------------------------------------------------------------------------------------- who is rated (7.3)


def test_six_treatments() -> None:
    special = [
        {"id": t, "when": f"name = '{t}'", "treatment": t, "reason": f"因{t}"}
        for t in ("ungraded", "own_tier", "measured", "collected", "out")
    ]
    special[0] |= {"tier": "B", "managed_as": "B"}
    special[1] |= {"tier": "T"}
    names = ["ungraded", "own_tier", "measured", "collected", "out", "rated", "small"]
    firms = [firm(str(i), 9 - i, name=name) for i, name in enumerate(names)]
    firms[6]["land_mu"] = None
    population = {"scope": "land_mu > 0", "special": special}
    result = rate(firms, rules(population=population, statistics={"n": {"stat": "count", "over": []}}))
    assert by_code(result, "treatment") == {str(i): n for i, n in enumerate([*names[:6], "out"])}
    assert list(by_code(result, "rank").values()) == [1, 2, None, None, None, None, None]  # sorted by rank: 0 and 5
    assert by_code(result, "tier") == {"0": "B", "5": "C", "1": "T", "2": None, "3": None, "4": None, "6": None}
    assert by_code(result, "score")["2"] is None
    assert by_code(result, "tax_per_mu")["4"] == 5.0
    assert by_code(result, "n")["6"] == 2
    assert by_code(result, "cohort") == {
        "0": "all",
        "5": "all",
        "1": "all",
        "2": "all",
        "3": "all",
        "4": None,
        "6": None,
    }
    with pytest.raises(OracleError, match="no_cohort"):
        rate(firms, rules(cohorts=[{"id": "all", "when": "name = 'x'"}]))


def test_groups_pool_before_anything_is_divided() -> None:
    fields = {
        "margin": {"value": "profit / revenue", "pool": "again"},
        "best": {"value": "profit / revenue", "pool": "max"},
        "twice": {"value": "2 * tax_paid"},
    }
    indicators = {
        "tax_per_mu": {"of": "twice", "per": "land_mu"},
        "margin_": {"value": "margin"},
        "best_": {"value": "best"},
        "age": {"value": "extract(year from started_on)"},
    }
    firms = [
        firm(
            "1",
            1,
            1,
            group_code="G",
            profit=D(1),
            revenue=D(2),
            scale="规下",
            township="乙",
            started_on=date(2020, 1, 1),
        ),
        firm(
            "2",
            5,
            2,
            group_code="G",
            profit=D(1),
            revenue=D(8),
            township="甲",
            labels=["h"],
            started_on=date(2021, 1, 1),
        ),
        firm("3", None, 3, group_code="G", scale="规下", township="丙"),
        firm("4", 7, 1),
    ]
    special = [
        {
            "id": "s",
            "when": "township = '丙' and scale = '规上' and array_contains(labels, 'h')",
            "treatment": "ungraded",
            "reason": "r",
        }
    ]
    given = rules(population={"subject": "group", "special": special}, fields=fields, indicators=indicators)
    result = rate(firms, given)
    group = next(row for row in result.subjects if row["subject"] == "G")
    # 2 × (1 + 5) / 6 mu; 2 / 10 again; the larger of 0.5 and 0.125; the earliest year; text from the firm on 3 mu
    assert [group[n] for n in ("tax_per_mu", "margin_", "best_", "age", "treatment")] == [
        2.0,
        0.2,
        0.5,
        2020.0,
        "ungraded",
    ]
    assert by_code(result, "score") == {"4": D(14), "1": D(2), "2": D(2), "3": D(2)}
    assert by_code(result, "tax_per_mu")["2"] == 5.0  # an enterprise's own
    assert by_code(result, "subject") == {"1": "G", "2": "G", "3": "G", "4": "4"}


def test_parcels_that_share_a_firm_are_one_subject() -> None:
    parcels = {"1": ["p3"], "2": ["p3", "p2"], "3": ["p2"], "4": ["p3"], "5": [], "6": ["p9"]}
    firms = [firm(code, 1, 1, parcels=p, name="out" if code == "4" else None) for code, p in parcels.items()]
    result = rate(firms, rules(population={"subject": "parcel", "apart": "name = 'out'"}))
    assert by_code(result, "subject") == {"1": "p2", "2": "p2", "3": "p2", "4": "4", "5": "5", "6": "p9"}


# ---------------------------------------------------------------------------------------------------- tiers (7.5)


def tier_of(taxes: list[Any], **parts: Any) -> str:
    result = rate([firm(f"{i:02}", tax) for i, tax in enumerate(taxes)], rules(tiers=tiers(**parts)))
    return "".join(str(tier) for _, tier in sorted(by_code(result, "tier").items()))


@pytest.mark.parametrize(
    ("extra", "taxes", "expected"),
    [
        ({}, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], "AABBBBCCCC"),  # last ranks 2, 6, 9.5 → 10, 10
        ({"rounding": "floor"}, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], "AABBBBCCCD"),  # 9.5 → 9
        ({}, [9, 8, 8, 6, 5], "ABBCC"),  # last ranks 1, 3, 4.75 → 5
        ({}, [9, 9, 9, 6, 5], "AAACC"),  # three share rank 1
        ({"ties": "worse"}, [9, 9, 9, 6, 5], "BBBCC"),  # three share position 3
        ({"rounding": "ceil"}, [9], "A"),
        ({"rounding": "floor"}, [9], "D"),
    ],
)
def test_cut_by_shares(extra: dict[str, Any], taxes: list[Any], expected: str) -> None:
    assert tier_of(taxes, cut={"default": {"shares": shares()} | extra}) == expected


def test_cut_by_thresholds_and_later_keys() -> None:
    cut = {"default": {"thresholds": {"A": 9, "B": 7}, "rest": "D"}}
    assert tier_of([9, "8.9999", 7, 1], cut=cut) == "ABBD"
    cut["default"]["by"] = "tax_per_mu"
    assert tier_of([9, None], cut=cut) == "AD"
    half = {"default": {"shares": shares(50, 100, 100)}}
    assert tier_of([30, 40], cut=half) == "BA"
    limits = {"score": {"max": 10}}
    firms = [firm("1", 30), firm("2", 40), firm("3", 50)]
    result = rate(firms, rules(adjustments=limits, tiers=tiers(cut=half, rank_by=["score", "-tax_per_mu"])))
    assert by_code(result, "rank") == {"1": 1, "2": 2, "3": 3}  # all score 10: the smaller value goes first


def test_picks_take_equals_up_and_never_down() -> None:
    picks = [
        {"id": "best", "tier": "A", "by": ["score"], "take": 20},
        {"id": "worst", "tier": "D", "among": "score < 6", "by": ["-score"], "take": 20},
    ]
    cut = {"default": {"picks": picks, "rest": "B"}}
    # base 10, two each: 9 and two 8s share the limit and rise; worst: 0, then 1 and 1 share the limit and stay
    assert tier_of([9, 8, 8, 7, 6, 5, 4, 1, 1, 0], cut=cut) == "AAABBBBBBD"


def test_before_with_in_base_lessens_the_last_rank() -> None:
    top = {"id": "top", "when": "tax_paid = 1", "set": "A", "reason": "r", "in_base": True}
    taxes = [9, 8, 7, 6, 5, 4, 3, 2, 0, 1]
    # base 9 + 1 = 10; one fixed into A: last ranks 2 − 1, 6 − 1, 10 − 1, 10 − 1 among the nine ranked
    assert tier_of(taxes, before=[top]) == "ABBBBCCCCA"
    # without: base 9; 1.8 → 2, 5.4 → 5, 8.55 → 9
    assert tier_of(taxes, before=[top | {"in_base": False}]) == "AABBBCCCCA"


def test_special_in_base_leaves_the_shortfall_to_the_last_tier() -> None:
    special = [{"id": "s", "when": "tax_paid < 5", "treatment": "collected", "reason": "r", "in_base": True}]
    firms = [firm(f"{i}", i) for i in range(10)]
    result = rate(firms, rules(population={"special": special}))
    # base 10: ranks 1–2 A, 3–6 B hold all five ranked
    assert [row["tier"] for row in result.enterprises[:5]] == ["A", "A", "B", "B", "B"]
    assert result.enterprises[0]["size"] == 5


def test_after_rules_in_order_and_unless() -> None:
    after = [
        {"id": "veto", "when": "tax_paid = 9", "at_most": "C", "reason": "r"},
        {"id": "young", "when": "tax_paid >= 8", "at_least": "B", "unless": ["veto"], "reason": "r"},
        {"id": "up", "when": "tier = 'B'", "move": 2, "reason": "r"},
        {"id": "t", "when": "tax_paid = 1", "set": "T", "reason": "r"},
        {"id": "off", "when": "tier = 'T'", "move": 1, "reason": "r"},
    ]
    firms = [firm(str(tax), tax) for tax in (9, 8, 4, 1)]
    result = rate(firms, rules(tiers=tiers(cut={"default": {"shares": shares(25, 50, 75)}}, after=after)))
    assert by_code(result, "tier_cut") == {"9": "A", "8": "B", "4": "C", "1": "D"}
    assert by_code(result, "tier") == {"9": "C", "8": "A", "4": "C", "1": "T"}
    matched = {"9": ["veto"], "8": ["young", "up"], "4": [], "1": ["t", "off"]}
    assert by_code(result, "rules_matched") == matched
    assert by_code(result, "rules_changed") == {"9": ["veto"], "8": ["up"], "4": [], "1": ["t"]}


def test_cells_mix_or_split_cohorts_and_verify_counts() -> None:
    cohorts = [{"id": "above", "when": "scale = '规上'"}, {"id": "below", "when": "true"}]
    firms = [firm(f"{i}", 9 - i, scale="规下" if i % 2 else "规上", township="甲") for i in range(4)]
    scoring = {name: {"tax_per_mu": {"weight": 10, "benchmark": 10}} for name in ("above", "below")}
    cut = {"default": {"shares": shares(50, 100, 100)}, "below": {"shares": shares(100, 100, 100)}}
    given = tiers(cut=cut, verify={"A": {"max": 50}})
    result = rate(firms, rules(cohorts=cohorts, scoring=scoring, tiers=given))
    assert by_code(result, "tier") == {"0": "A", "2": "B", "1": "A", "3": "A"}
    assert [row["credit_code"] for row in result.enterprises] == ["0", "2", "1", "3"]
    assert {row["cell"]: (row["count"], row["max"], row["holds"]) for row in result.verify} == {
        ("above",): (1, 1, True),
        ("below",): (2, 1, False),
    }
    mixed = rate(firms, rules(cohorts=cohorts, scoring=scoring, tiers=given | {"cells": ["township"]}))
    assert by_code(mixed, "tier") == {"0": "A", "2": "B", "1": "A", "3": "B"}
    assert by_code(mixed, "rank") == {"0": 1, "2": 3, "1": 2, "3": 4}


# --------------------------------------------------------------------------------------------------- strategies


def plain(read: Any) -> Any:
    """What PyYAML read, as the rules are written: numbers as decimals."""
    if isinstance(read, dict):
        return {key: plain(one) for key, one in read.items()}
    if isinstance(read, list):
        return [plain(one) for one in read]
    return D(str(read)) if isinstance(read, float | int) and not isinstance(read, bool) else read


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(cases())
def test_generated_rules_are_rated_and_survive_yaml(case: Case) -> None:
    read = yaml.safe_load(to_yaml(case.rules, case.tables)["rating.yaml"])
    assert {key: plain(read[key]) for key in case.rules} == plain(case.rules)
    try:
        result = rate(case.rows, case.rules, case.previous, case.tables)
    except OracleError as error:
        assert error.kind == "missing_benchmark"  # noqa: PT017
        return
    rated = sorted(row["credit_code"] for row in result.enterprises)
    if case.rules.get("population", {}).get("subject") in ("township", "industry"):
        areas = {row.get("township") for row in case.rows} | {str(row.get("industry"))[:2] for row in case.rows}
        assert set(rated) <= areas
    else:
        assert rated == sorted(row["credit_code"] for row in case.rows)
    shuffled = rate(case.rows[::-1], case.rules, case.previous, case.tables)
    assert shuffled == result
