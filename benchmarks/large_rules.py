"""A large rule set, generated: forty indicators and two hundred rules."""

from __future__ import annotations

from pathlib import Path

from mujun.rules import load_kept
from mujun.rules.ruleset import RuleSet

SMALL = Path(__file__).parent / "rules" / "six" / "rating.yaml"
SIDES = ("tax_paid", "value_added", "revenue", "rd_expense")
PER = ("land_mu", "energy_tce", "cod_t", "employees")


def large_rules(indicators: int = 40, rules: int = 200) -> RuleSet:
    """A quarter each of special cases, adjustments, rules before and rules after the cut."""
    head = SMALL.read_text(encoding="utf-8").split("statistics:")[0]
    lines = [head, "population:", "  special:"]
    part = rules // 4
    for i in range(part):
        treatment = "collected" if i % 2 else "ungraded"
        condition = f"employees = {400 + i} and scale = '规上'"
        lines.append(f'    - {{id: s{i}, when: "{condition}", treatment: {treatment}, reason: 情形{i}}}')
    lines += ['cohorts: [{id: all, when: "true"}]', "statistics:"]
    for i in range(indicators):
        of, per = SIDES[i % 4], PER[i // 4 % 4]
        lines.append(f"  g{i}: {{stat: ratio_of_sums, of: {of}, per: {per}, over: [county, industry_division]}}")
    lines.append("indicators:")
    lines += [f"  i{i}: {{of: {SIDES[i % 4]}, per: {PER[i // 4 % 4]}}}" for i in range(indicators)]
    lines += ["scoring:", "  all:"]
    lines += [f"    i{i}: {{weight: 2.5, benchmark: g{i}, cap: 1.5}}" for i in range(indicators)]
    lines += ["adjustments:", "  items:"]
    lines += [f'    - {{id: a{i}, when: "employees >= {i * 8}", points: 0.{i % 10}}}' for i in range(part)]
    lines += ["tiers:", "  classes: [{id: A}, {id: B}, {id: C}, {id: D}]", "  cells: [county, industry_division]"]
    lines += ["  cut: {default: {shares: {A: 20, B: 60, C: 95, D: 100}}}", "  before:"]
    lines += [f'    - {{id: b{i}, when: "tax_paid > {9000 + i * 100}", set: A, reason: 先定{i}}}' for i in range(part)]
    lines.append("  after:")
    for i in range(part):
        action = ("at_most: C", "at_least: C", "move: 1", "set: B")[i % 4]
        lines.append(f'    - {{id: r{i}, when: "employees = {i * 7 + 1}", {action}, reason: 后定{i}}}')
    return load_kept("benchmarks/large", {"benchmarks/large/rating.yaml": "\n".join(lines)})
