"""Lists and prices agree with an independent one in plain Python, on random enterprises and rules."""

from __future__ import annotations

import os
from typing import Any

import polars as pl
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mujun.allocation import allocate
from mujun.rectification import list_enterprises
from mujun.rules import load_kept
from mujun.rules.named_lists import with_list
from tests.oracle import policies, strategies
from tests.oracle.strategies import Row, Rules, often, one_of, several
from tests.rating.against_oracle import frame_of

SETTINGS = settings(
    max_examples=int(os.environ.get("MUJUN_EXAMPLES", "100")),
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
OF = ["tax_paid / land_mu", "tax_per_mu", "tax_due / land_mu"]
FIELDS: Rules = {
    "tax_due": {"label": "应税", "unit": "万元", "value": "tax_paid + coalesce(revenue, 0) * 0.01"},
    "tax_per_mu": {"label": "亩均税收", "unit": "万元/亩", "value": "tax_paid / land_mu"},
}


def statistic(draw: st.DrawFn, relations: bool, past: bool) -> Rules:
    """A statistic among all or those with a tier, of this year or last."""
    ratio = often(draw)
    one: Rules = {"stat": "ratio_of_sums", "of": "tax_paid", "per": "land_mu"} if ratio else {
        "stat": one_of(draw, ["mean", "median", "max", "min"]), "of": one_of(draw, OF),
    }  # fmt: skip
    over = several(draw, ["scale", "township"], 0, 1)
    if relations and often(draw):
        over = [one_of(draw, ["parcel", "landlord"]), *over]
    one["over"] = over
    if often(draw):
        one["among"] = one_of(draw, ["all", "rated"])
    if past and often(draw):
        one["year"] = "previous"
    if often(draw, 3):
        one["members"] = one_of(draw, ["tier = 'C'", "land_mu >= 3", "tax_per_mu > 1"])
    if often(draw, 3):
        one |= {"min_members": 2, "otherwise": one_of(draw, ["1", "3.5"])}
    return one


def tiered(draw: st.DrawFn, rows: list[Row]) -> list[Row]:
    """The rows with a tier each, or none."""
    return [{**row, "tier": draw(st.sampled_from(["A", "B", "C", "D", None]))} for row in rows]


def engine_frame(rows: list[Row], year: int) -> pl.DataFrame:
    """The rows as the engine takes them."""
    frame = frame_of(rows, {}, year)
    given = pl.Series("tier", [r["tier"] for r in rows], dtype=pl.String)
    due = pl.Series("due", [r["due"] for r in rows], dtype=pl.Date)
    return frame.with_columns(given, due)


def texts(rules: Rules, kind: str) -> dict[str, str]:
    """A rule set of one file."""
    head = {"mujun": 1, "kind": kind, "name": "试算", "sources": [{"document": "x"}]}
    body = "".join(f"{key}: {strategies.block(value)}\n" for key, value in (head | rules).items() if value)
    return {f"tests/case/{kind}.yaml": body}


@st.composite
def lists(draw: st.DrawFn) -> tuple[Rules, list[Row], list[Row]]:
    by_parcel = often(draw, 3)
    rules: Rules = {"fields": dict(FIELDS), "statistics": {"usual": statistic(draw, not by_parcel, True)}}
    if by_parcel:
        rules["subject"] = "parcel"
    conditions = [
        "tax_per_mu < usual", "tax_per_mu < 0.5 * usual", "scale = '规下' and land_mu >= 3", "tier = 'D'",
        "tier in ('C', 'D')",
        *(["firms >= 2"] if by_parcel else ["array_length(tenants) > 0"]),
    ]  # fmt: skip
    rules["listing"] = [
        {"id": f"r{n}", "when": when, "reason": f"理由{n}"} for n, when in enumerate(several(draw, conditions, 1, 3))
    ]
    if "usual" not in str(rules["listing"]):
        rules["listing"].append({"id": "u", "when": "tax_per_mu < 0.8 * usual", "reason": "低于平均"})
    if often(draw):
        rules["exempt"] = [{"id": "e", "when": one_of(draw, ["scale = '规上'", "land_mu < 10"]), "reason": "豁免"}]
        if often(draw):
            rules["exempt"][0]["of"] = [rules["listing"][0]["id"]]
    rules["paths"] = [{"id": "a", "when": "tier = 'D'", "path": "关停退出", "months": 6},
                      {"id": "b", "when": "true", "path": "整治提升", "months": 12}]  # fmt: skip
    if often(draw):
        rules["scope"] = "land_mu >= 3"
    if often(draw):
        one = {k: rules.pop(k) for k in ("listing", "exempt") if k in rules}
        other = {"listing": [{"id": "x", "when": "land_mu > 5", "reason": "用地"}], "scope": "true"}
        rules["lists"] = {"one": one, "two": other}
    return rules, tiered(draw, draw(strategies.frames())), tiered(draw, draw(strategies.frames()))


@given(lists())
@SETTINGS
def test_lists_agree(case: tuple[Rules, list[Row], list[Row]]) -> None:
    rules, rows, before = case
    loaded = load_kept("tests/case", texts(rules, "rectification"))
    for name in rules.get("lists") or (None,):
        chosen = with_list(loaded, name)
        got = list_enterprises(chosen, engine_frame(rows, 2022), previous=engine_frame(before, 2021)).rectification
        key = "parcel" if "parcel" in got.columns else "credit_code"
        listed: dict[str, Any] = {r[key]: (tuple(r["reasons"]), r["path"]) for r in got.iter_rows(named=True)}
        assert listed == policies.listed(rows, rules, before, name)


@st.composite
def prices(draw: st.DrawFn) -> tuple[Rules, list[Row], list[Row]]:
    period: Rules = {"year": one_of(draw, [0, 1])}
    if often(draw):
        period |= {"begins": one_of(draw, ["due", "coalesce(started_on, due)"])}
        if often(draw):
            period["grace"] = one_of(draw, [1, 6, 12, 24])
    if often(draw):
        period["ends"] = one_of(draw, ["due", "started_on + interval '2 years'", "coalesce(due, date '2023-06-30')"])
    rules: Rules = {
        "fields": {**FIELDS, "due": {"label": "到期", "input": "date"}},
        "statistics": {"usual": statistic(draw, True, True)},
        "measures": [
            {
                "id": "power", "label": "电价", "kind": "surcharge", "of": "electricity_kwh", "per": "元/千瓦时",
                "period": period,
                "rate": [
                    {"id": "low", "when": "tax_per_mu < usual", "value": one_of(draw, ["0.3", "0.1 + 0.05"])},
                    {"id": "d", "when": "tier = 'D'", "value": "0.1"},
                ],
            }
        ],
    }  # fmt: skip
    return rules, tiered(draw, draw(strategies.frames())), tiered(draw, draw(strategies.frames()))


@given(prices())
@SETTINGS
def test_prices_agree(case: tuple[Rules, list[Row], list[Row]]) -> None:
    rules, rows, before = case
    loaded = load_kept("tests/case", texts(rules, "allocation"))
    got = allocate(loaded, engine_frame(rows, 2022), previous=engine_frame(before, 2021)).allocation
    amounts = {
        (r["credit_code"], r["measure"]): r["amount"] for r in got.iter_rows(named=True) if r["amount"] is not None
    }
    assert amounts == policies.charged(rows, rules, before)
