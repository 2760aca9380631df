"""Every printed step comes out on a calculator: the printed figures, and nothing else, give the printed result."""

from __future__ import annotations

import ast
import random
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path
from typing import Any

import pytest

from mujun.allocation import allocate, explain_amount
from mujun.analysis import Explainer, Ways
from mujun.analysis.explanation import Explanation
from mujun.messages import speaking
from mujun.rating import rate
from mujun.reports.firms.explanation_text import document_of
from mujun.rules import load_rules
from mujun.rules.document import Paragraph, Part, Table
from mujun.workspace import County
from tests.allocation.given import enterprises, usage
from tests.allocation.given import rules_of as amount_rules
from tests.rating.against_oracle import frame_of as typed
from tests.rating.given import CLASSES, frame_of, rules_of
from tests.rating.test_shipped_against_oracle import RATINGS, firms, whole

RULES = f"""
cohorts: [{{id: above, label: 规上, when: "scale = '规上'"}}, {{id: below, label: 规下, when: "true"}}]
indicators:
  tax: {{label: 亩均税收, of: tax_paid, per: land_mu}}
  va: {{label: 亩均增加值, of: value_added, per: land_mu}}
  rd: {{label: 研发强度, of: rd_expense, per: revenue}}
  share: {{label: 研发占比, of: rd_expense, per: revenue}}
  energy: {{label: 单耗, of: energy_tce, per: revenue}}
  people: {{label: 劳动生产率, of: value_added, per: employees}}
statistics:
  industry_tax: {{label: 行业亩均税收, stat: ratio_of_sums, of: tax_paid, per: land_mu, over: [industry_division]}}
  mean_people: {{label: 平均劳产率, stat: mean, of: people, over: []}}
  middle_tax: {{label: 税收中位数, stat: median, of: tax, over: [scale]}}
  upper_rd: {{label: 研发上三分位, stat: quantile, q: 0.7, of: rd, over: []}}
scoring:
  above:
    tax: {{weight: 30, benchmark: "2 * industry_tax", cap: 1.5}}
    va: {{weight: 25, method: minmax, start: 0.2, missing: cohort_mean}}
    rd: {{weight: 15, method: linear, points: [[0, 0], [0.03, 0.6], [0.1, 1]], missing: cohort_mean}}
    energy: {{weight: 15, method: inverse, benchmark: 0.0317, zero_at: 2}}
    people: {{weight: 15, benchmark: mean_people, cap: 1.2}}
  below:
    tax: {{weight: 30, benchmark: middle_tax, cap: 2, missing: reweight}}
    va: {{weight: 15, benchmark: {{peers: median}}, cap: 2, missing: reweight}}
    share: {{weight: 15, benchmark: "2 * upper_rd", cap: 2, missing: reweight}}
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
        context.prec = 60
        return +value(ast.parse(plain.strip(), mode="eval").body)


UNITS = re.compile(r"(?<=[0-9%]) (?:万?元|%)/[^ ）=]+")
"""The unit behind a rate within a sum."""


def amounts_in(lines: Iterable[str]) -> Iterator[tuple[str, str, int | None]]:
    """All printed steps of amounts: the sum, its result, and the decimals it is rounded to; `None`: equal as it is."""
    for line in lines:
        _, _, sums = line.rpartition("：") if "合计" not in line else ("", "", line.partition("各段合计")[2] or line)
        left, equals, right = sums.rpartition(" = ")
        if not equals:
            continue
        sum_ = UNITS.sub("", left.partition("天，")[2] or left).replace("%", " ÷ 100")
        result = right.partition("，")[0].split(" ")
        yield sum_.strip(), result[0], 6 if result[1] == "万元" else 12


def wrong_steps(steps: Iterable[tuple[str, str, int | None]]) -> Iterator[tuple[str, str, Decimal]]:
    """The steps whose printed figures do not give the printed result."""
    for sum_, result, places in steps:
        exact = calculated(sum_)
        shown = exact.quantize(Decimal(1).scaleb(-(12 if places is None else places)), rounding=ROUND_HALF_UP)
        if shown != Decimal(result):
            yield sum_, result, shown


def steps_in(explanation: Explanation) -> list[tuple[str, str, int]]:
    """All printed steps: the sum, its result, and the decimals that the result is rounded to."""
    with speaking("zh"):
        parts = document_of(explanation).parts
    steps: list[tuple[str, str, int]] = []
    for part in parts:
        if isinstance(part, Table) and part.titles[:2] == ("指标", "指标值"):
            for _, value, _, points in part.rows:
                if " = " in value and "—" not in value:
                    left, _, right = value.partition(" = ")
                    steps.append((left, right, len(right.partition(".")[2])))
                if mean := re.search(r"（\d+ 家合计 ([\d.]+) 分 ÷ (\d+)）：([\d.]+)$", points):
                    steps.append((f"{mean[1]} / {mean[2]}", mean[3], 4))
                elif " = " in points:
                    left, _, right = points.removeprefix("改用替代指标：").partition(" = ")
                    steps.append((left, right, 4))
                elif capped := re.fullmatch(r"(.+)，超过封顶 (.+)，得 ([\d.]+)", points):
                    assert calculated(capped[1]) >= calculated(capped[2])
                    steps.append((capped[2], capped[3], 4))
                elif floored := re.fullmatch(r"(.+)，低于下限(?: (.+))?，得 (-?[\d.]+)", points):
                    assert calculated(floored[1]) <= calculated(floored[2] or "0")
                    steps.append((floored[2] or "0", floored[3], 4))
                else:
                    assert points.startswith(("缺数据，", "分母不大于零，", "值为负，")) or points == "—", points
        elif isinstance(part, Table) and part.titles[:2] == ("指标", "基准值"):
            instead = None
            for _, benchmark, told in part.rows:
                if FEW.search(told):
                    instead = re.search(r"改用：([\d.]+) × ", told)
                    continue
                words, rounded = without_rounding(told)
                if rounded is not None:
                    steps.append(rounded)
                if ratio := re.search(r"合计 ([\d.]+) ÷ .*合计 ([\d.]+) = ([\d.]+)$", words):
                    steps.append((f"{ratio[1]} / {ratio[2]}", ratio[3], len(ratio[3].partition(".")[2])))
                    times, instead = re.search(r"基准值 = (\d+) × ", words) or instead, None
                    number = f"{ratio[1]} / {ratio[2]}" if rounded is None else rounded[1]
                    value = f"{times[1]} * {number}" if times else number
                    steps.append((value, benchmark, len(benchmark.partition(".")[2])))
                elif mean := re.search(r"合计 ([\d.]+) ÷ (\d+) = ([\d.]+)$", words):
                    steps.append((f"{mean[1]} / {mean[2]}", mean[3], len(mean[3].partition(".")[2])))
                else:
                    steps += quantile_in(words)
        elif isinstance(part, Paragraph) and (total := SCORE.match(part.text)):
            steps.append((total[1], total[2], int(total[3])))
    return steps + sums_in(parts) + last_ranks_in(parts) + ways_in(parts)


FEW = re.compile(r"有值的 (\d+) 个，不足 (\d+) 个，不用本组的.+，改用：")


def without_rounding(words: str) -> tuple[str, tuple[str, str, int] | None]:
    """A statistic's words up to the number that the rules then round, and that step."""
    found = re.search(r"([\d.]+)，四舍五入到(?: (\d+) 位小数|整数| (1\d*) 的整倍数)，即 ([\d.]+)$", words)
    if found is None:
        return words, None
    exact, places, multiple, value = found.groups()
    if multiple is not None:
        return words[: found.end(1)], (f"{exact} / {multiple}", str(calculated(f"{value} / {multiple}")), 0)
    return words[: found.end(1)], (exact, value, int(places or 0))


def quantile_in(words: str) -> Iterator[tuple[str, str, int]]:
    """The place of a quantile, and what it is there or between two places."""
    found = re.search(r"第 \((\d+) − 1\) × ([\d.]+) \+ 1 = ([\d.]+) 位(.*)(?: = |，即 )([\d.]+)$", words)
    assert found is not None, words
    members, quantile, place, between, value = found.groups()
    yield f"({members} - 1) * {quantile} + 1", place, len(place.partition(".")[2])
    if between:
        low, high = re.findall(r"第 \d+ 位 ([\d.]+)", between)
        part = Decimal(place) % 1
        taken = {
            "：": f"{low} + ({high} - {low}) * {part}", "取中：": f"({low} + {high}) / 2", "取低": low, "取高": high,
            "取近": high if part >= Decimal("0.5") else low,
        }  # fmt: skip
        (way,) = [way for way in taken if re.search(f"之间，?{way}", between)]
        yield taken[way], value, len(value.partition(".")[2])


SCORE = re.compile(r"综合得分(?: =|：) ?(.+?) = (-?[\d.]+)（.*四舍五入到 (\d+) 位小数")


def sums_in(parts: Sequence[Part]) -> list[tuple[str, str, int]]:
    """Pooled figures as the sum of their members' parts."""
    cells = [
        c for part in parts if isinstance(part, Table) and part.titles[0] == "数据" for row in part.rows for c in row
    ]
    told = [cell.partition(" = ") for cell in cells if re.fullmatch(r"[-\d.]+(?: \+ [-\d.]+)+ = [-\d.]+", cell)]
    return [(sum_, result, 6) for sum_, _, result in told]


ROUNDINGS = {"四舍五入取整": ROUND_HALF_UP, "舍去小数": ROUND_FLOOR, "有小数就进一": ROUND_CEILING}


def last_ranks_in(parts: Sequence[Part]) -> list[tuple[str, str, int]]:
    """The last rank of each tier: its share of the base, rounded as is said, less the places that rules took."""
    said = " ".join(part.text for part in parts if isinstance(part, Paragraph))
    rounding = re.search(r"累计百分比 × 名额基数，(.+?)，再减去", said)
    base = re.search(r"名额基数 (\d+)；", said)
    if rounding is None or base is None:
        return []
    rows = next(part.rows for part in parts if isinstance(part, Table) and part.titles[2] == "范围")
    taken, steps, highest = Decimal(0), [], Decimal(0)
    for tier, _, limit, _ in rows:
        share, rank = re.fullmatch(r"累计 ([\d.]+)%，至第 (-?\d+) 名", limit).groups()  # type: ignore[union-attr]
        taken += sum(int(n) for n in re.findall(rf"(?<![A-Za-z]){tier} 档名额中有 (\d+) 个", said))
        places = (Decimal(share) * Decimal(base[1]) / 100).quantize(Decimal(1), rounding=ROUNDINGS[rounding[1]])
        highest = max(highest, places - taken)
        steps.append((f"{highest}", rank, 0))
    return steps


def ways_in(parts: Sequence[Part]) -> list[tuple[str, str, int]]:
    """How far each way up, down or off the list is from where the firm stands, and each part of a joint one."""
    steps = []
    for part in parts:
        if isinstance(part, Table) and "变化" in part.titles:
            at = [
                part.titles.index(t) for t in ("现值", next(t for t in ("需达到", "降到") if t in part.titles), "变化")
            ]
            for now, then, change in ([row[i] for i in at] for row in part.rows):
                if re.fullmatch(r"[+-][\d.]+%", change):
                    printed = change.strip("+%")
                    places = max(2, len(printed.partition(".")[2]))
                    steps.append((f"({then} - {now}) / {now.lstrip('-')} * 100", printed, places))
        elif isinstance(part, Paragraph) and (joint := re.search(r"改善 ([\d.]+)%", part.text)):
            for now, then in re.findall(r" (-?[\d.]+) → (-?[\d.]+)", part.text):
                # A target is told to the better side: it lies less than one unit of its last decimal beyond.
                sign = "+" if Decimal(then) >= Decimal(now) else "-"
                exact = calculated(f"{now} * (1 {sign} {joint[1]} / 100)")
                unit_now, unit_then = (Decimal(1).scaleb(-len(n.partition(".")[2])) for n in (now, then))
                far = unit_then + unit_now * (1 + Decimal(joint[1]) / 100)
                steps.append((f"{then if abs(exact - Decimal(then)) <= far else exact}", then, 9))
    return steps


@pytest.mark.parametrize("seed", range(5))
def test_every_printed_step_comes_out(seed: int) -> None:
    rows = county(seed)
    frame = frame_of(rows)
    between = ("linear", "nearest", "midpoint", "lower", "higher")[seed]
    rating = rate(frame, rules_of(RULES.replace("q: 0.7,", f"q: 0.7, interpolation: {between},")))
    told = Explainer(rating, frame).explain_all([r["credit_code"] for r in rows])
    count = 0
    for explanation in told:
        for sum_, result, places in steps_in(explanation):
            exact = calculated(sum_)
            shown = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
            assert shown == Decimal(result), (explanation.credit_code, sum_, result)
            count += 1
    assert count > 200


ROUNDED = {
    "industry_tax": {"round": 1, "members": "tax_paid > 0"},
    "mean_people": {"round": -1},
    "middle_tax": {"round": 0, "min_members": 25, "otherwise": "0.5 * industry_tax"},
    "upper_rd": {"round": 2, "members": "employees > 20"},
}


@pytest.mark.parametrize("seed", range(4))
def test_what_the_rules_round_is_printed_before_and_after(seed: int) -> None:
    """And who counts in a group, and what stands in for a group with too few: the groups are counted again here."""
    rows, text = county(seed), RULES
    for name, more in ROUNDED.items():
        line = next(line for line in text.splitlines() if line.startswith(f"  {name}: "))
        text = text.replace(line, f"{line.removesuffix('}')}, {str(more)[1:-1]}}}")
    frame = frame_of(rows)
    rating = rate(frame, rules_of(text))
    by_code = {r["credit_code"]: r for r in rows}
    rounded = few = counted = 0
    for explanation in Explainer(rating, frame).explain_all(list(by_code)):
        several = steps_in(explanation)
        assert list(wrong_steps(several)) == [], explanation.credit_code
        with speaking("zh"):
            parts = document_of(explanation).parts
        told = [w for p in parts if isinstance(p, Table) and p.titles[:2] == ("指标", "基准值") for _, _, w in p.rows]
        rounded += sum(without_rounding(words)[1] is not None for words in told)
        few += sum(found is not None and int(found[1]) < int(found[2]) for found in map(FEW.search, told))
        for words in told:
            if (found := re.search(r"行业大类 (\d\d)（只计.*大于0.*），(\d+) 家", words)) is not None:
                mine = [r for r in rows if r["industry"][:2] == found[1] and (r["tax_paid"] or 0) > 0]
                assert len(mine) == int(found[2])
                counted += 1
    assert rounded > 30
    assert few > 5
    assert counted > 10


MEASURES = """measures:
  - id: power
    label: 差别化电价
    kind: surcharge
    of: electricity_kwh
    per: 元/千瓦时
    exclusive: price
    max_amount: 50
    period: {from: 2023-12-01, until: 2024-06-30}
    rate:
      - {id: early, when: "tier = 'D'", value: 0.1, until: 2024-01-31}
      - {id: late, when: "tier = 'D'", value: 0.37}
      - {id: small, when: "tier = 'C'", value: 0.03}
  - id: gas
    label: 差别化气价
    kind: surcharge
    of: gas_m3
    per: 元/立方米
    exclusive: price
    period: {from: 2023-12-16, until: 2024-01-15}
    rate: [{id: all, when: "tier in ('C', 'D')", value: 0.7}]
  - id: again
    label: 惩罚性电价
    kind: surcharge
    of: electricity_kwh
    per: 元/千瓦时
    exclusive: price
    max_amount: 50
    period: {from: 2023-12-01, until: 2024-06-30}
    rate: [{id: x, when: "tier = 'D'", value: 0.37}]
  - id: tax
    label: 减征
    kind: relief
    of: land_use_tax
    per: share
    rate: [{id: a, when: "tier = 'A'", value: 0.8}, {id: b, when: "tier = 'B'", value: 0.333}]
"""


@pytest.mark.parametrize("seed", range(3))
def test_every_step_of_amounts_comes_out(seed: int, tmp_path: Path) -> None:
    """Over two rates and a leap year, by the year's figure and by bills that straddle the ends of stretches."""
    draw = random.Random(seed)
    firms = [
        {
            "credit_code": f"户{n:03d}", "tier": draw.choice("ABCD"), "electricity_kwh": draw.randint(1, 9_000_000),
            "gas_m3": draw.randint(1, 90_000), "land_use_tax": round(draw.lognormvariate(2, 1), 4),
        }
        for n in range(60)
    ]  # fmt: skip
    bills = [
        (f"户{n:03d}", utility, first, last, draw.randint(1, 400_000))
        for n in range(0, 60, 2)
        for utility in ("电", "气")
        for first, last in (("2023-11-20", "2023-12-19"), ("2023-12-20", "2024-02-07"), ("2024-02-08", "2024-07-11"))
    ]
    allocation = allocate(amount_rules(tmp_path, MEASURES), enterprises(firms, 2023), usage=usage(*bills))
    count, ties = 0, 0
    for firm in firms:
        with speaking("zh"):
            lines = explain_amount(allocation, str(firm["credit_code"]))
        steps = list(amounts_in(lines))
        assert list(wrong_steps(steps)) == []
        count += len(steps)
        ties += sum("两项都是 50 万元，只执行规则中写在前面的“差别化电价”" in line for line in lines)
    assert count > 120
    assert ties > 0


def test_a_stretch_over_two_years_says_its_days_and_the_length_of_each_year(tmp_path: Path) -> None:
    firm = {"credit_code": "T", "name": "大户", "tier": "D", "electricity_kwh": 730_000, "gas_m3": 1}
    allocation = allocate(amount_rules(tmp_path, MEASURES), enterprises([firm], 2023))
    with speaking("zh"):
        lines = explain_amount(allocation, "T")
    # 730,000 × (31/365 + 31/366) kWh at 0.1, 730,000 × 151/366 at 0.37: 12,383.060… and 111,434.699… 元.
    assert "  计量 用电量：没有用量记录，按全年数 730000 千瓦时 分段折算" in lines
    assert (
        "    2023-12-01 至 2024-01-31（62 天）：730000 × （31 ÷ 365 + 31 ÷ 366） = 123830.601092896175 千瓦时，"
        "标准 0.1 元/千瓦时"
    ) in lines
    assert (
        "  各段合计 （730000 × （31 ÷ 365 + 31 ÷ 366） × 0.1 + 730000 × 151 ÷ 366 × 0.37） ÷ 10000 = 12.381776 万元"
    ) in lines


def shipped(address: str, size: int, most: int | None = None) -> int:
    """The printed steps of drawn firms by a rule set that ships; each has to come out."""
    ruleset = load_rules(address)
    assert ruleset.rating is not None
    resolved, year = whole(ruleset.resolved["rating"]), ruleset.rating.years[0]
    inputs = {n: f.input for n, f in ruleset.rating.fields.items() if f.input}
    frame, before = (typed(firms(size, y, s, inputs), resolved, y) for y, s in ((year, 3), (year - 1, 4)))
    rating = rate(frame, ruleset, before)
    codes = frame["credit_code"].to_list()[:most]
    steps = 0
    for told in Explainer(rating, frame).explain_all(codes, ways=Ways(rating, frame, before)):
        several = steps_in(told)
        assert list(wrong_steps(several)) == [], told.credit_code
        steps += len(several)
    return steps


@pytest.mark.parametrize("address", RATINGS)
def test_firms_of_every_shipped_rule_set(address: str) -> None:
    assert shipped(address, 150, 12) > 80


def sampled(store: Path, count: int | None) -> int:
    """The printed steps of firms of a store, points and amounts, all or some; each has to come out."""
    county = County(store)
    explaining = county.firms.explaining(amounts=True)
    rows = explaining.result.rating.enterprises.filter(treatment="rated")
    codes = sorted(rows["credit_code"].to_list())
    if count is not None:
        codes = sorted(random.Random(17).sample(codes, count))
    steps = 0
    for explanation in explaining.of(codes, ways=False):
        several = [*steps_in(explanation), *amounts_in(explanation.amounts or ())]
        assert list(wrong_steps(several)) == [], explanation.credit_code
        steps += len(several)
    return steps


def test_firms_of_the_sample_county(loaded_county: Path) -> None:
    """A seeded sample; all: `python -m tests.reports.test_every_number_derivable STORE`."""
    assert sampled(loaded_county, 60) > 400


if __name__ == "__main__":
    print(sampled(Path(sys.argv[1]), None), "steps of the store, all come out")
    for shipped_set in RATINGS:
        print(shipped(shipped_set, 300), "steps by", shipped_set)
