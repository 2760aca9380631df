"""A file of scenarios: read whole, or every mistake at once."""

from __future__ import annotations

import pytest

from mujun.analysis.scenarios import read_scenarios
from mujun.errors import RuleError


def test_settings_and_other_rules() -> None:
    text = """
- id: tighter
  label: A档收紧
  set:
    tiers.cut.default.shares.A: 15
    tiers.after.veto.at_most: B
- {id: other, rules: zhejiang/huangyan-2022}
"""
    tighter, other = read_scenarios(text, "方案.yaml")
    assert (tighter.name, [(s.path, s.value.text) for s in tighter.settings]) == (
        "A档收紧",
        [("tiers.cut.default.shares.A", "15"), ("tiers.after.veto.at_most", "B")],
    )
    assert (other.name, other.rules, other.settings) == ("other", "zhejiang/huangyan-2022", ())


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("a: 1", ["scenarios_empty"]),
        ("[]", ["scenarios_empty"]),
        ("- {id: a, sett: {x: 1}}\n- {id: b, set: 5}", ["rules_unknown_key_near", "scenario_set_mapping"]),
        ("- {label: 无代号, set: {x: 1}}", ["rules_missing_key"]),
        ("- {id: a, set: {x: 1}}\n- {id: a, set: {x: 2}}", ["scenario_twice"]),
        ("- {id: a b, set: {x: 1}}\n- {id: c}", ["scenario_id", "scenario_says_nothing"]),
        ("- [1", ["rules_not_yaml"]),
    ],
)
def test_mistakes_in_a_file(text: str, codes: list[str]) -> None:
    with pytest.raises(RuleError) as refused:
        read_scenarios(text, "方案.yaml")
    assert [p.code for p in refused.value.problems] == codes
    assert all(p.place.file == "方案.yaml" for p in refused.value.problems)
