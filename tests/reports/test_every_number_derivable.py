"""Every printed step comes out on a calculator: the printed figures, and nothing else, give the printed result."""

from __future__ import annotations

import ast
import random
import re
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import pytest

from mujun.analysis import Explainer
from mujun.analysis.explanation import Explanation
from mujun.messages import speaking
from mujun.rating import rate
from mujun.reports.firms.explanation_text import document_of
from mujun.rules.document import Paragraph, Table
from tests.rating.given import CLASSES, frame_of, rules_of

RULES = f"""
cohorts: [{{id: above, label: 规上, when: "scale = '规上'"}}, {{id: below, label: 规下, when: "true"}}]
indicators:
  tax: {{label: 亩均税收, of: tax_paid, per: land_mu}}
  va: {{label: 亩均增加值, of: value_added, per: land_mu}}
  rd: {{label: 研发强度, of: rd_expense, per: revenue}}
  energy: {{label: 单耗, of: energy_tce, per: revenue}}
  people: {{label: 劳动生产率, of: value_added, per: employees}}
statistics:
  industry_tax: {{label: 行业亩均税收, stat: ratio_of_sums, of: tax_paid, per: land_mu, over: [industry_division]}}
  mean_people: {{label: 平均劳产率, stat: mean, of: people, over: []}}
scoring:
  above:
    tax: {{weight: 30, benchmark: "2 * industry_tax", cap: 1.5}}
    va: {{weight: 25, method: minmax, start: 0.2, missing: cohort_mean}}
    rd: {{weight: 15, method: linear, points: [[0, 0], [0.03, 0.6], [0.1, 1]], missing: cohort_mean}}
    energy: {{weight: 15, method: inverse, benchmark: 0.0317, zero_at: 2}}
    people: {{weight: 15, benchmark: mean_people, cap: 1.2}}
  below:
    tax: {{weight: 60, benchmark: industry_tax, cap: 2, missing: reweight}}
    rd:
      {{weight: 20, method: steps, steps: [{{at_least: 0.05, share: 1}}, {{at_least: 0.01, share: 0.37}}],
       missing: reweight}}
    people: {{weight: 20, method: percentile, missing: reweight}}
adjustments: {{items: [{{id: bonus, label: 加分, when: "array_contains(labels, '奖')", points: 3}}]}}
decimals: {{points: 4, score: 2}}
tiers:
  classes: {CLASSES}
  cut: {{default: {{shares: {{A: 20, B: 60, C: 95, D: 100}}}}}}
"""


def county(seed: int, count: int = 40) -> list[dict[str, Any]]:
    draw = random.Random(seed)

    def maybe(value: float) -> float | None:
        return None if draw.random() < 0.15 else round(value, 4)

    return [
        {
            "credit_code": f"户{seed}{n:03d}", "scale": draw.choice(["规上", "规下"]),
            "industry": draw.choice(["1711", "3311", "3812"]), "land_mu": round(draw.lognormvariate(3, 0.8), 3),
            "tax_paid": maybe(draw.lognormvariate(6, 1)), "value_added": maybe(draw.lognormvariate(7, 1)),
            "revenue": round(draw.lognormvariate(8, 1), 4), "rd_expense": maybe(draw.lognormvariate(4.6, 1)),
            "energy_tce": round(draw.lognormvariate(5, 1), 4), "employees": draw.randint(3, 400),
            "labels": ["奖"] if draw.random() < 0.3 else [],
        }
        for n in range(count)
    ]  # fmt: skip


def calculated(sum_: str) -> Decimal:
    """A printed sum as a pocket calculator with many digits has it."""
    plain = sum_.replace("×", "*").replace("÷", "/").replace("−", "-").replace("（", "(").replace("）", ")")

    def value(node: ast.expr) -> Decimal:
        if isinstance(node, ast.Constant):
            return Decimal(ast.get_source_segment(plain, node) or "")
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -value(node.operand)
        assert isinstance(node, ast.BinOp), plain
        left, right = value(node.left), value(node.right)
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Sub):
            return left - right
        return left * right if isinstance(node.op, ast.Mult) else left / right

    with localcontext() as context:
        context.prec = 40
        return +value(ast.parse(plain.strip(), mode="eval").body)


def steps_in(said: Explanation) -> list[tuple[str, str, int]]:
    """All printed steps: the sum, its result, and the decimals that the result is rounded to."""
    with speaking("zh"):
        parts = document_of(said).parts
    found: list[tuple[str, str, int]] = []
    for part in parts:
        if isinstance(part, Table) and part.titles[:2] == ("指标", "指标值"):
            for _, value, _, points in part.rows:
                if " = " in value and "—" not in value:
                    left, _, right = value.partition(" = ")
                    found.append((left, right, len(right.partition(".")[2])))
                if mean := re.search(r"（\d+ 家合计 ([\d.]+) 分 ÷ (\d+)）：([\d.]+)$", points):
                    found.append((f"{mean[1]} / {mean[2]}", mean[3], 4))
                elif " = " in points:
                    left, _, right = points.partition(" = ")
                    found.append((left, right, 4))
                elif capped := re.fullmatch(r"(.+)，超过封顶 (.+)，得 ([\d.]+)", points):
                    assert calculated(capped[1]) >= calculated(capped[2])
                    found.append((capped[2], capped[3], 4))
                elif floored := re.fullmatch(r"(.+)，低于下限，得 ([\d.]+)", points):
                    assert calculated(floored[1]) <= Decimal(floored[2])
                else:
                    assert points.startswith("缺数据，") or points == "—", points
        elif isinstance(part, Table) and part.titles[0] == "指标":
            for _, benchmark, words in part.rows:
                if ratio := re.search(r"合计 ([\d.]+) ÷ .*合计 ([\d.]+) = ([\d.]+)$", words):
                    found.append((f"{ratio[1]} / {ratio[2]}", ratio[3], len(ratio[3].partition(".")[2])))
                    times = re.search(r"基准值 = (\d+) × ", words)
                    value = f"{times[1]} * {ratio[1]} / {ratio[2]}" if times else f"{ratio[1]} / {ratio[2]}"
                    found.append((value, benchmark, len(benchmark.partition(".")[2])))
        elif isinstance(part, Paragraph) and (total := re.match(r"综合得分 = (.+?) = ([\d.]+)（", part.text)):
            found.append((total[1], total[2], 2))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_every_printed_step_comes_out(seed: int) -> None:
    rows = county(seed)
    frame = frame_of(rows)
    rating = rate(frame, rules_of(RULES))
    told = Explainer(rating, frame).explain_all([r["credit_code"] for r in rows])
    count = 0
    for said in told:
        for sum_, result, places in steps_in(said):
            exact = calculated(sum_)
            shown = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
            assert shown == Decimal(result), (said.credit_code, sum_, result)
            count += 1
    assert count > 200
